"""Formatting is mended where there is one right way; nothing a claim says is changed."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from claim_samples import ENVELOPE, make_claim, make_dependent, written
from hypothesis import given, settings
from hypothesis import strategies as st

from cocm.basics.errors import X12Error
from cocm.x12 import Delimiters, read_837p, validate_837p
from cocm.x12.repair import RepairReport, repair_837p

CLEAN = written([make_claim(1), make_dependent(2), make_claim(3)], claims_per_transaction=2)


def mended(content: bytes) -> tuple[bytes, RepairReport]:
    out = io.BytesIO()
    report = repair_837p(io.BytesIO(content), out)
    return out.getvalue(), report


@pytest.mark.parametrize(
    "delimiters", [Delimiters(), Delimiters("|", ">", "!", "\n"), Delimiters("+", "<", "=", "'")]
)
@pytest.mark.parametrize("line_end", [b"", b"\n", b"\r\n"])
def test_a_clean_file_stays_byte_for_byte(delimiters: Delimiters, line_end: bytes) -> None:
    content = written([make_claim(1), make_dependent(2)], replace(ENVELOPE, delimiters=delimiters))
    if delimiters.terminator != "\n":
        terminator = delimiters.terminator.encode()
        content = b"\xef\xbb\xbf" + content.replace(terminator, terminator + line_end)

    assert mended(content) == (content, RepairReport())


FAULTS = [
    ("HI*ABK:F321", "HI*ABK:F32.1", "HI01-2"),
    ("HI*ABK:F321", "HI*abk:f32.1", "HI01-2"),
    ("*XX*1679576722~", "*XX*167-957-6722~", "NM109"),
    ("*XX*1679576722~", "*XX* 1679576722 ~", "NM109"),
    ("REF*EI*941234567", "REF*EI*94-1234567", "REF02"),
    ("*CA*946120001~", "*CA*94612-0001~", "N403"),
    ("*OAKLAND*CA*946120001~", "*OAKLAND*ca*946120001~", "N402"),
    ("DTP*472*D8*20260331", "DTP*472*D8*03/31/2026", "DTP03"),
    ("DTP*472*D8*20260331", "DTP*472*D8*2026-03-31", "DTP03"),
    ("DMG*D8*19880229", "DMG*D8*2/29/1988", "DMG02"),
    ("SV1*HC:99492*", "SV1*HC:99492:::*", "SV101"),
    ("REF*EI*941234567~", "REF*EI*941234567***~", "REF03"),
    ("NM1*IL*1*DAVIS*", "NM1*IL*1* DAVIS *", "NM103"),
    ("*MI*GHP000000001~", "*MI*ghp000000001~", "NM109"),
    ("CLM*C-00000000000001*", "clm*C-00000000000001*", "CLM"),
    ("PRV*PE*PXC*207Q00000X", "PRV*PE*PXC*207q00000x", "PRV03"),
    ("IEA*1*000000001", "IEA*1*1", "IEA02"),
    ("IEA*1*000000001", "IEA*7*000000001", "IEA01"),
    ("GE*2*1~", "GE*3*1~", "GE01"),
]


@pytest.mark.parametrize(("sound", "faulty", "element"), FAULTS)
def test_a_fault_of_form_is_mended_and_told(sound: str, faulty: str, element: str) -> None:
    assert sound.encode() in CLEAN
    content = CLEAN.replace(sound.encode(), faulty.encode(), 1)

    result, report = mended(content)

    assert result == CLEAN
    assert element in {repair.element for repair in report.repairs}
    assert not report.left
    for repair in report.repairs:
        old, new = repair.old.encode(), repair.new.encode()
        at = content[repair.byte_offset : repair.byte_offset + 80]
        assert old in at or b"9" in old or b"A" in old
        assert new == b"" or old != new


def test_counts_are_mended_where_nothing_seems_lost() -> None:
    transaction_end = CLEAN.index(b"~SE*") + 1
    content = CLEAN[:transaction_end] + b"SE*1" + CLEAN[CLEAN.index(b"*", transaction_end + 3) :]

    assert mended(content)[0] == CLEAN

    start = content.index(b"HL*3*")
    lost = content[:start] + content[content.index(b"HL*4*") :]
    result, report = mended(lost)
    assert result == lost
    assert [left.element for left in report.left] == ["SE01"]
    assert "lost" in report.left[0].why


def test_a_trailer_that_is_sound_in_one_interchange_is_mended_in_the_next() -> None:
    one = written([make_claim(1)])
    two = written(
        [make_claim(2), make_claim(3)],
        replace(ENVELOPE, interchange_control_number=2),
        claims_per_transaction=1,
    )
    wrong = two.replace(b"GE*2*1~", b"GE*1*1~")
    assert b"GE*1*1~" in one and wrong != two

    assert mended(one + wrong)[0] == one + two


def test_a_trailers_number_is_the_headers_unless_another_header_has_it() -> None:
    wrong = CLEAN.replace(b"*0001~", b"*0009~", 2).replace(b"ST*837*0009", b"ST*837*0001")
    swapped = CLEAN.replace(b"*0001~", b"*0002~", 1)
    assert wrong != CLEAN and swapped != CLEAN

    assert mended(wrong)[0] == CLEAN
    result, report = mended(swapped)
    assert result == swapped
    assert "another header" in report.left[0].why


@pytest.mark.parametrize(
    ("sound", "faulty", "element"),
    [
        ("DTP*472*D8*20260331", "DTP*472*D8*31/03/2026", "DTP03"),
        ("DTP*472*D8*20260331", "DTP*472*D8*3/31/26", "DTP03"),
        ("*XX*1679576722~", "*XX*167957672~", "NM109"),
        ("HI*ABK:F321", "HI*ABK:F3.21", "HI01-2"),
    ],
)
def test_what_could_be_read_in_two_ways_is_left_and_told(sound: str, faulty: str, element: str) -> None:
    content = CLEAN.replace(sound.encode(), faulty.encode(), 1)

    result, report = mended(content)

    assert result == content and not report.repairs
    assert [left.element for left in report.left] == [element]


@pytest.mark.parametrize(
    ("sound", "odd"),
    [
        ("*284.32*", "*284.320*"),
        ("*UN*2*", "*UN*02*"),
        ("CLM*C-00000000000001*", "CLM*c-1.a-b*"),
        ("SV1*HC:99492*", "SV1*HC:99-492*"),
        ("NM1*IL*1*DAVIS*", "NM1*IL*1*Davis-Smith*"),
        ("N3*12 ELM STREET", "N3*12  Elm Street"),
    ],
)
def test_money_units_codes_and_names_stay_as_they_are(sound: str, odd: str) -> None:
    assert sound.encode() in CLEAN
    content = CLEAN.replace(sound.encode(), odd.encode())

    assert mended(content)[0] == content


def test_a_persons_own_data_are_shown_as_shapes_only() -> None:
    content = CLEAN.replace(b"DMG*D8*19880229", b"DMG*D8*1988-02-29").replace(b"*MI*GHP", b"*MI*ghp")

    shown = "".join(str(repair) for repair in mended(content)[1].repairs)

    assert "1988" not in shown and "ghp0" not in shown.lower()
    assert "9999-99-99" in shown


def test_what_is_beyond_the_cut_is_copied() -> None:
    content = CLEAN.replace(b"F321", b"F32.1", 1)[:-40]

    result, report = mended(content)

    assert result == CLEAN[:-40]
    assert [left.element for left in report.left] == ["file"]


def test_no_interchange_is_refused() -> None:
    for content in (b"", b"hello", b"ISA*00*"):
        with pytest.raises(X12Error):
            mended(content)


def _says(content: bytes) -> list[tuple[object, ...]]:
    """What the claims say, apart from their form."""
    return [
        (
            record.claim_id.strip(),
            record.charge_amount_cents,
            record.member_id.upper(),
            record.patient.last_or_organization_name,
            record.patient.birth_date,
            record.diagnosis_codes,
            [
                (line.hcpcs_code, line.service_unit_quantity, line.charge_amount_cents, line.service_to_date)
                for line in record.lines
            ],
        )
        for record in read_837p(content)
    ]


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_mending_twice_changes_nothing_more_and_nothing_that_is_said(data: st.DataObject) -> None:
    content = CLEAN
    for sound, faulty, _ in data.draw(st.lists(st.sampled_from(FAULTS), max_size=8)):
        content = content.replace(sound.encode(), faulty.encode(), data.draw(st.integers(1, 3)))

    once, _ = mended(content)
    twice, again = mended(once)

    assert twice == once and not again.repairs
    assert _says(once) == _says(CLEAN)
    assert validate_837p(once) == ()


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_mending_any_damaged_file_is_idempotent(data: st.DataObject) -> None:
    content = bytearray(CLEAN)
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(106, len(content) - 1))
        put = data.draw(
            st.sampled_from([b" ", b"*", b"~", b":", b"-", b".", b"a", b"\xe9", b"", b"~~", b"*~", b"^"])
        )
        content[at : at + data.draw(st.integers(0, 2))] = put

    once, first = mended(bytes(content))
    twice, second = mended(once)

    assert twice == once
    assert not second.repairs
    assert len(second.left) <= len(first.left)
