import io
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from claim_samples import (
    ADD_ON_LINE,
    CARE_MANAGER,
    FIRST_LINE,
    PAYER_WITH_ADDRESS,
    PRACTITIONER,
    REFERRER,
    SECOND_SITE,
    make_claim,
    make_dependent,
)
from pypdf import PdfReader

from cocm.basics.errors import FormError, RulebookError, X12Error
from cocm.care.people import Address, Subscriber
from cocm.claims.records import Claim
from cocm.close.cms1500 import (
    COLUMN_POINTS,
    LEFT_MARGIN_POINTS,
    LINE_POINTS,
    TOP_MARGIN_POINTS,
    account_number,
    form_texts,
    write_cms1500_pdf,
)
from cocm.close.form_layout import load_layout, placed_texts

PAGE_HEIGHT_POINTS = 792


def pdf_of(claims: list[Claim]) -> bytes:
    out = io.BytesIO()
    write_cms1500_pdf(claims, out)
    return out.getvalue()


def texts_by_place(content: bytes, page: int = 0) -> dict[tuple[int, int], str]:
    """What a PDF reader finds on a page, by the form's line and column."""
    found: dict[tuple[int, int], str] = {}

    def visit(text: str, cm: Any, tm: list[float], font: Any, size: float) -> None:
        if text.strip():
            column = (tm[4] - LEFT_MARGIN_POINTS) / COLUMN_POINTS + 1
            line = (PAGE_HEIGHT_POINTS - TOP_MARGIN_POINTS - tm[5]) / LINE_POINTS
            assert abs(column - round(column)) < 0.01 and abs(line - round(line)) < 0.01
            found[round(line), round(column)] = text.strip()

    PdfReader(io.BytesIO(content)).pages[page].extract_text(visitor_text=visit)
    return found


def test_an_authorization_stands_in_box_23() -> None:
    assert texts_by_place(pdf_of([make_claim(1, prior_authorization_number="PA-1")]))[40, 50] == "PA-1"


def test_each_value_stands_in_its_box() -> None:
    claim = make_claim(
        1,
        rendering=CARE_MANAGER,
        supervising=PRACTITIONER,
        referring=REFERRER,
        service_facility=SECOND_SITE,
        payer=PAYER_WITH_ADDRESS,
    )

    found = texts_by_place(pdf_of([claim]))

    assert found == {
        (2, 41): "SILVER HEALTH PLAN",
        (3, 41): "1 PLAN PLAZA",
        (4, 41): "FRESNO CA 93701",
        (8, 45): "X",  # box 1: other
        (8, 50): "GHP000000001",
        (10, 1): "DAVIS, ARIANA",
        (10, 31): "02 29 1988",
        (10, 47): "X",  # F
        (10, 50): "DAVIS, ARIANA",
        (12, 1): "12 ELM STREET",
        (12, 33): "X",  # self
        (12, 50): "12 ELM STREET",
        (14, 1): "OAKLAND",
        (14, 26): "CA",
        (14, 50): "OAKLAND",
        (14, 74): "CA",
        (16, 1): "94610",
        (16, 50): "94610",
        (18, 50): "G100",
        (20, 41): "X",
        (20, 53): "02 29 1988",
        (20, 75): "X",
        (22, 41): "X",
        (24, 41): "X",
        (24, 50): "SILVER HEALTH PLAN",
        (26, 57): "X",
        (29, 7): "SIGNATURE ON FILE",
        (29, 55): "SIGNATURE ON FILE",
        (34, 1): "DN",
        (34, 4): "AN NGUYEN",
        (34, 33): REFERRER.npi,
        (36, 57): "X",
        (37, 42): "0",
        (38, 3): "F321",
        (38, 16): "F411",
        (44, 1): "03 31 26",
        (44, 10): "03 31 26",
        (44, 19): "11",
        (44, 25): "99492",
        (44, 45): "AB",
        (44, 52): "160 32",
        (44, 59): "1",
        (44, 68): CARE_MANAGER.npi,
        (46, 1): "03 31 26",
        (46, 10): "03 31 26",
        (46, 19): "11",
        (46, 25): "99494",
        (46, 45): "A",
        (46, 52): "124 00",
        (46, 59): "2",
        (46, 68): CARE_MANAGER.npi,
        (56, 1): "941234567",
        (56, 19): "X",
        (56, 23): "00000000000001",
        (56, 38): "X",
        (56, 55): "284 32",
        (56, 66): "0 00",
        (57, 66): "510",
        (57, 70): "5550100",
        (58, 23): "LAKESIDE WEST CLINIC",
        (58, 50): "LAKESIDE FAMILY MEDICINE",
        (59, 23): "5 WEST STREET",
        (59, 50): "100 MAIN STREET",
        (60, 1): "SIGNATURE ON FILE",
        (60, 23): "BERKELEY CA 947040002",
        (60, 50): "OAKLAND CA 946120001",
        (61, 6): "04 02 26",
        (61, 24): SECOND_SITE.identifier,
        (61, 51): "1234567893",
    }


def test_what_is_the_same_in_every_claim_of_a_kind() -> None:
    places = texts_by_place(
        pdf_of(
            [
                make_dependent(
                    1,
                    claim_filing_code="MC",
                    frequency_code="7",
                    payer_claim_control_number="ICN12345",
                    group_number="",
                    rendering=None,
                    supervising=PRACTITIONER,
                    subscriber=Subscriber(
                        "Davis", "Morgan", date(1960, 1, 2), "M", Address("9 Oak St.", "Napa", "CA", "94558")
                    ),
                )
            ]
        )
    )

    assert places[8, 8] == "X" and (8, 45) not in places  # Medicaid
    assert places[12, 42] == "X"  # child
    assert (places[10, 50], places[12, 50], places[20, 53]) == ("DAVIS, MORGAN", "9 OAK ST", "01 02 1960")
    assert places[20, 68] == "X"
    assert places[18, 50] == "NONE"
    assert (places[38, 50], places[38, 62]) == ("7", "ICN12345")
    assert (places[34, 1], places[34, 33]) == ("DQ", PRACTITIONER.npi)
    assert places[44, 68] == "1234567893"
    assert places[58, 23] == "LAKESIDE FAMILY MEDICINE"


def test_twelve_diagnoses_stand_in_three_rows_and_pointers_are_letters() -> None:
    codes = tuple(f"F{number}.0" for number in range(20, 32))
    claim = make_claim(
        1,
        diagnosis_codes=codes,
        lines=(replace(FIRST_LINE, diagnosis_pointers=(12, 1, 5), modifiers=("25", "59")),),
    )

    places = texts_by_place(pdf_of([claim]))

    rows = [[places[line, column] for column in (3, 16, 29, 42)] for line in (38, 39, 40)]
    assert [code for row in rows for code in row] == [code.replace(".", "") for code in codes]
    assert (places[44, 45], places[44, 33], places[44, 36]) == ("LAE", "25", "59")


def test_six_lines_fit_and_a_seventh_is_refused() -> None:
    lines = tuple(replace(ADD_ON_LINE, claim_line_number=number) for number in range(1, 8))

    places = texts_by_place(pdf_of([make_claim(1, lines=lines[:6])]))
    with pytest.raises(FormError, match="claim C-00000000000001: 7 service lines"):
        pdf_of([make_claim(1, lines=lines)])

    assert [places[line, 25] for line in (44, 46, 48, 50, 52, 54)] == ["99494"] * 6


def test_one_page_a_claim_and_the_same_bytes_again() -> None:
    claims = [make_claim(number) for number in range(1, 4)]

    content = pdf_of(claims)

    assert len(PdfReader(io.BytesIO(content)).pages) == 3
    assert texts_by_place(content, page=2)[8, 50] == "GHP000000003"
    assert content == pdf_of(claims)


def test_the_grid_may_be_moved_to_suit_a_printer() -> None:
    out = io.BytesIO()

    write_cms1500_pdf([make_claim()], out, left_margin_points=27.2, top_margin_points=36)

    assert texts_by_place(out.getvalue())[9, 51] == "GHP000000001"


def test_names_are_cut_to_their_boxes_and_lose_their_points() -> None:
    claim = make_claim(1, patient_last_name="O'Brien-Smith Jr. " + "X" * 30)

    assert texts_by_place(pdf_of([claim]))[10, 1] == "OBRIEN-SMITH JR XXXXXXXXXXXX"


@pytest.mark.parametrize(
    ("changes", "error", "expected"),
    [
        ({"member_id": "M" * 30}, FormError, "box 1a"),
        ({"frequency_code": "7", "payer_claim_control_number": "N" * 19}, FormError, "box 22"),
        ({"lines": (replace(FIRST_LINE, charge_amount_cents=10_000_000),)}, FormError, "box 24F"),
        ({"diagnosis_codes": ()}, X12Error, "diagnosis_codes"),
        ({"billing_phone": "12"}, X12Error, "billing_phone"),
    ],
)
def test_what_the_form_cannot_hold_is_refused_naming_the_claim(
    changes: dict[str, Any], error: type[Exception], expected: str
) -> None:
    out = io.BytesIO()

    with pytest.raises(error, match=f"claim C-00000000000001: .*{expected}"):
        write_cms1500_pdf([make_claim(1, **changes)], out)

    assert out.getvalue() == b""


def test_no_claims_make_no_file() -> None:
    with pytest.raises(FormError, match="no claim"):
        write_cms1500_pdf([], io.BytesIO())


def test_a_long_id_keeps_its_last_fourteen_characters() -> None:
    assert account_number("C-0123456789ABCDEF") == "23456789ABCDEF"
    assert account_number("C-12") == "C12"


def test_no_two_values_overlap_on_a_full_page() -> None:
    claim = make_claim(
        1,
        patient_last_name="X" * 60,
        member_id="M" * 29,
        group_number="G" * 29,
        diagnosis_codes=("F32.1234",) * 12,
        referring=REFERRER,
        service_facility=replace(SECOND_SITE, name="Y" * 60),
        lines=tuple(
            replace(
                FIRST_LINE,
                claim_line_number=number,
                modifiers=("25", "59", "95", "HO"),
                diagnosis_pointers=(1, 2, 3, 4),
                charge_amount_cents=9_999_999,
                service_unit_quantity=999,
            )
            for number in range(1, 7)
        ),
    )
    taken: set[tuple[int, int]] = set()

    for placed in form_texts(claim):
        cells = {(placed.line, placed.column + at) for at in range(len(placed.text))}
        assert not cells & taken, placed
        assert all(1 <= column <= 79 for _, column in cells), placed
        taken |= cells


def test_a_value_the_table_has_no_place_for_is_a_fault_of_the_table() -> None:
    with pytest.raises(RulebookError, match="shoe_size"):
        list(placed_texts(load_layout("cms1500-02-12"), {"shoe_size": "9"}, may_cut=frozenset()))
