"""Writing many claims at once: the same bytes as one by one, whatever the claims, right and wrong."""

import io
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import date
from typing import Any

import pytest
from claim_samples import (
    ADD_ON_LINE,
    BILLING,
    CARE_MANAGER,
    DECIDED_AS_A_WHOLE,
    DOCUMENTS,
    ENVELOPE,
    FIRST_LINE,
    OTHER_BILLING,
    PAYER_WITH_ADDRESS,
    PRACTITIONER,
    REFERRER,
    SECOND_SITE,
    make_claim,
    make_dependent,
    make_secondary,
    written,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from cocm.basics.errors import X12Error
from cocm.care.people import Address, Subscriber
from cocm.claims.records import Claim
from cocm.x12 import Delimiters, write_837p
from cocm.x12.charset import plain_text, plain_texts
from cocm.x12.claim_batch import BatchWriter
from cocm.x12.claim_columns import columns_of
from cocm.x12.claim_writer import ClaimWriter
from cocm.x12.guide import load_guide
from cocm.x12.professional import CLAIMS_PER_BATCH_MAX, PROFESSIONAL_GUIDE
from cocm.x12.remembered import ByIdentity, ByValue

WRITER = ClaimWriter(load_guide(PROFESSIONAL_GUIDE), Delimiters())
BATCHES = BatchWriter(WRITER)


def one_by_one(claims: list[Claim]) -> tuple[str, int]:
    """The claims as the exact way writes them, below a billing level 1, and how many levels they take."""
    texts, level = [], 1
    for claim in claims:
        text, levels = WRITER.claim(claim, claim.charge_amount_cents, level + 1, 1)
        texts.append(text)
        level += levels
    return "".join(texts), level - 1


def at_once(claims: list[Claim]) -> tuple[str, int] | None:
    """The same by the batch writer; None where it leaves them to the exact way."""
    columns = columns_of(claims)
    batch = BATCHES.batch(claims, columns, 2, 1) if columns is not None else None
    return None if batch is None else (batch.text, batch.level_count)


RIGHT: dict[str, list[Claim]] = {
    "subscribers": [make_claim(number) for number in range(9)],
    "dependents": [make_dependent(number) for number in range(9)],
    "both, in turns": [make_dependent(n) if n % 3 else make_claim(n) for n in range(9)],
    "one line and many": [
        make_claim(1, lines=(FIRST_LINE,)),
        make_claim(2),
        make_claim(3, lines=tuple(replace(ADD_ON_LINE, claim_line_number=n) for n in range(1, 51))),
    ],
    "corrections among originals": [
        make_claim(1),
        make_claim(2, frequency_code="7", payer_claim_control_number="ICN2"),
        make_claim(3, frequency_code="8", payer_claim_control_number="ICN3"),
    ],
    "second payers among first ones": [
        make_claim(1),
        make_secondary(2, insurance_type_code="12"),
        make_claim(3, payer_sequence="S", other_payers=(DECIDED_AS_A_WHOLE,)),
    ],
    "all that a claim may carry": [
        make_claim(
            1, paperwork=DOCUMENTS, prior_authorization_number="A1", referral_number="R1", note="a note"
        ),
        make_claim(
            2, lines=(replace(FIRST_LINE, rendering=CARE_MANAGER, paperwork=DOCUMENTS, note="on the line"),)
        ),
    ],
    "providers now and then": [
        make_claim(1, rendering=None, referring=REFERRER),
        make_claim(2, supervising=PRACTITIONER, service_facility=SECOND_SITE),
        make_claim(3, rendering=replace(PRACTITIONER, npi=BILLING.identifier), payer=PAYER_WITH_ADDRESS),
        make_claim(4, service_facility=replace(SECOND_SITE, address=BILLING.address, identifier="")),
    ],
    "names in every spelling": [
        make_claim(1, patient_last_name="Peña–Łukasz", patient_first_name="  José* Ångström "),
        make_dependent(2, subscriber=Subscriber("O’Brien  ~", "Zoë", None, "", Address("", "", "", ""))),
        make_claim(3, patient_address=Address("5 Straße #12", "São Paulo", "CA", "94610")),
    ],
    "no group, no first name": [make_claim(1, group_number="", patient_first_name=""), make_claim(2)],
}


@pytest.mark.parametrize("claims", RIGHT.values(), ids=RIGHT.keys())
def test_right_claims_are_written_at_once_as_they_are_one_by_one(claims: list[Claim]) -> None:
    assert at_once(claims) == one_by_one(claims)


@pytest.mark.parametrize("marks", [("%", ">", "!", "\n"), ("|", "\\", "^", "\x1c"), ("'", "-", ".", "+")])
def test_the_delimiters_do_not_matter(marks: tuple[str, str, str, str]) -> None:
    writer = ClaimWriter(load_guide(PROFESSIONAL_GUIDE), Delimiters(*marks))
    claims = [make_claim(1, claim_id="C1", patient_last_name="A'B-C%D|E"), make_claim(2, claim_id="C2")]
    columns = columns_of(claims)
    assert columns is not None

    batch = BatchWriter(writer).batch(claims, columns, 2, 1)

    assert batch is not None
    alone = [writer.claim(claim, 28432, level, 1)[0] for level, claim in enumerate(claims, start=2)]
    assert batch.text == "".join(alone)


LEFT: dict[str, dict[str, Any]] = {
    "a delimiter in an id": {"member_id": "AB~12"},
    "no member id": {"member_id": ""},
    "a group number too long": {"group_number": "G" * 51},
    "a claim id too long": {"claim_id": "C" * 21},
    "no plain letter": {"patient_last_name": "李"},
    "no state": {"patient_address": Address("1 A", "BE", "C1", "94610")},
    "a short postal code": {"patient_address": Address("1 A", "BE", "CA", "9461")},
    "a postal code of other digits": {"patient_address": Address("1 A", "BE", "CA", "٩٤٦١٠")},
    "no address": {"patient_address": None},
    "an unknown sex": {"patient_sex": "X"},
    "no filing code": {"claim_filing_code": ""},
    "no lines": {"lines": ()},
    "lines out of order": {"lines": (ADD_ON_LINE, FIRST_LINE)},
    "a pointer past the diagnoses": {"diagnosis_codes": ("F32.1",)},
    "no diagnosis": {"diagnosis_codes": ()},
    "a replacement of nothing": {"frequency_code": "7"},
    "an original with a number": {"payer_claim_control_number": "X"},
    "an unknown frequency": {"frequency_code": "2"},
    "a second payer alone": {"payer_sequence": "S"},
    "an unknown relationship": {"relationship": "cousin"},
    "a dependent without subscriber": {"relationship": "child"},
    "a rendering NPI that is none": {"rendering": replace(PRACTITIONER, npi="1679576723")},
    "a facility without address": {"service_facility": replace(SECOND_SITE, address=None)},
    "no place of service": {"place_of_service_code": ""},
    "a note too long": {"note": "A" * 81},
    "a line with another sign": {"lines": (replace(FIRST_LINE, hcpcs_code="9949~"),)},
}


@pytest.mark.parametrize("changes", LEFT.values(), ids=LEFT.keys())
@pytest.mark.parametrize("place", [0, 8])
def test_one_wrong_claim_leaves_the_batch_to_the_exact_way(changes: dict[str, Any], place: int) -> None:
    claims = [make_claim(number) for number in range(9)]
    claims[place] = replace(claims[place], **changes)

    assert at_once(claims) is None
    with pytest.raises(X12Error):
        one_by_one(claims)


def test_a_right_claim_that_needs_a_second_address_line_goes_the_exact_way() -> None:
    claims = [make_claim(1, patient_address=Address("12 ELM STREET " * 6, "OAKLAND", "CA", "94610"))]

    assert at_once(claims) is None
    assert "*12 ELM STREET 12 ELM STREET~" in one_by_one(claims)[0]


def test_claims_of_a_file_are_the_same_whatever_the_batches() -> None:
    """Refused claims, other billing providers and a claim that stands twice, spread over two batches."""
    claims = [
        make_claim(
            number if number % 97 else 1,
            billing=OTHER_BILLING if 200 <= number < 320 else BILLING,
            member_id="" if number % 41 == 0 else f"M{number}",
        )
        for number in range(CLAIMS_PER_BATCH_MAX + 100)
    ]
    refused: list[tuple[str, str]] = []
    out = io.BytesIO()
    result = write_837p(
        claims, ENVELOPE, out, on_refused=lambda claim, why: refused.append((claim.claim_id, str(why)))
    )

    alone: list[tuple[str, str]] = []
    pieces = iter_alone(claims, lambda claim, why: alone.append((claim.claim_id, str(why))))

    assert (
        out.getvalue().split(b"HL*1**20*1~", 1)[1].split(b"SE*")[0]
        == pieces.split("HL*1**20*1~", 1)[1].encode()
    )
    assert refused == alone
    assert result.claim_count == len(claims) - len(refused)
    assert result.charge_amount_cents == result.claim_count * 28432
    assert result.segment_count == out.getvalue().count(b"~")


def iter_alone(claims: list[Claim], refuse: Callable[[Claim, X12Error], None]) -> str:
    """The levels and claims of a transaction, each claim by the exact way."""
    texts: list[str] = []
    seen: set[str] = set()
    level, billing_level, billing = 0, 0, None
    for claim in claims:
        head, next_level, next_billing_level = "", level, billing_level
        try:
            if claim.claim_id in seen:
                raise X12Error(
                    f"claim {claim.claim_id}: stands twice in one transaction; the payer would deny it"
                )
            if claim.billing != billing:
                next_level = next_billing_level = level + 1
                head = WRITER.billing(next_billing_level, claim.billing, claim.billing_phone)
            text, levels = WRITER.claim(claim, claim.charge_amount_cents, next_level + 1, next_billing_level)
        except X12Error as problem:
            refuse(claim, problem)
            continue
        texts += (head, text)
        seen.add(claim.claim_id)
        level, billing_level, billing = next_level + levels, next_billing_level, claim.billing
    return "".join(texts)


values = st.text(st.characters(codec="utf-8"), max_size=12) | st.sampled_from(
    [
        "",
        " ",
        "A",
        "Ünal",
        "12 ELM~ST",
        "X" * 36,
        "X" * 61,
        "9" * 5,
        "9" * 9,
        "CA",
        "F",
        "1",
        "7",
        "P",
        "S",
        "11",
        "CI",
    ]
)
changes = st.dictionaries(
    st.sampled_from(
        [
            "claim_id", "member_id", "group_number", "claim_filing_code", "patient_last_name", "patient_first_name",
            "patient_sex", "place_of_service_code", "frequency_code", "payer_claim_control_number", "payer_sequence",
            "insurance_type_code", "prior_authorization_number", "referral_number", "note", "relationship",
        ]
    ),
    values,
    max_size=2,
)  # fmt: skip
addresses = st.builds(Address, values, values, st.sampled_from(["CA", "C1", "", "NY"]), values)
whose = st.sampled_from([make_claim, make_dependent, make_secondary])


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(whose, changes, st.none() | addresses), min_size=1, max_size=6))
def test_whatever_the_claims_the_batch_is_right_or_leaves_them(
    given_parts: list[tuple[Callable[..., Claim], dict[str, Any], Address | None]],
) -> None:
    claims = [
        replace(make(number), **{**given_changes, **({"patient_address": address} if address else {})})
        for number, (make, given_changes, address) in enumerate(given_parts)
    ]

    together = at_once(claims)

    if together is not None:
        assert together == one_by_one(claims)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text(max_size=20)), st.sampled_from(["*:^~", "|>!\n", "'-. "]))
def test_texts_are_spelled_together_as_they_are_alone(texts: list[str], delimiters: str) -> None:
    assert plain_texts(texts, delimiters) == [plain_text(text, delimiters) for text in texts]


def test_what_is_remembered_is_bounded_and_right() -> None:
    by_value = ByValue(lambda values: map(str, values), 3)
    by_identity = ByIdentity(lambda days: days[0].isoformat(), 2)
    days = [[date(2026, 1, number)] for number in range(1, 9)]

    for at in range(6):
        assert by_value(range(at, at + 2)) == [str(at), str(at + 1)]
        assert by_identity(days[at : at + 2]) == [one[0].isoformat() for one in days[at : at + 2]]
        assert by_identity(days[at : at + 2]) == [one[0].isoformat() for one in days[at : at + 2]]


def test_nothing_is_only_taken_where_it_is_foreseen() -> None:
    day = [date(2026, 1, 1)]
    written_or_not = ByIdentity(lambda days: days[0].isoformat(), 2, nothing="")
    assert written_or_not([None, day, None]) == ["", "2026-01-01", ""]
    with pytest.raises(TypeError):
        ByIdentity(lambda days: days[0].isoformat(), 2)([day, None])


OTHERWISE: dict[str, Any] = {
    "hcpcs_code": "99493",
    "modifiers": ("95",),
    "service_unit_quantity": 2,
    "charge_amount_cents": 9900,
    "service_date": date(2026, 3, 30),
    "diagnosis_pointers": (2,),
    "place_of_service_code": "02",
    "service_from_date": date(2026, 3, 1),
    "rendering": CARE_MANAGER,
    "supervising": PRACTITIONER,
    "referring": REFERRER,
    "prior_authorization_number": "A1",
    "referral_number": "R1",
    "note": "on the line",
    "paperwork": DOCUMENTS,
    "unit_basis_code": "MJ",
}


@pytest.mark.parametrize("part", OTHERWISE)
def test_a_line_that_differs_in_one_part_is_not_taken_for_one_seen_before(part: str) -> None:
    other = replace(FIRST_LINE, **{part: OTHERWISE[part]})
    claims = [
        make_claim(number, lines=(FIRST_LINE,) if number % 2 else (other, ADD_ON_LINE)) for number in range(9)
    ]
    assert at_once(claims) == one_by_one(claims)


def test_no_part_of_a_line_is_left_out() -> None:
    elsewhere = {"claim_line_number", "adjudications", "is_whole_quantity"}
    assert {one.name for one in fields(FIRST_LINE)} == {*OTHERWISE, *elsewhere}


def test_a_file_of_many_claims_is_that_of_its_claims() -> None:
    claims = [make_claim(number) for number in range(40)]
    body = written(claims).split(b"HL*2*1*22*0~", 1)[1].split(b"SE*")[0]

    assert (b"HL*2*1*22*0~" + body).decode() == one_by_one(claims)[0]
