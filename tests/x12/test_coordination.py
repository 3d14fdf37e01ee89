"""Claims with other payers, documents, numbers and notes: what is written, what is refused, what the judge says."""

import io
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from claim_samples import (
    ADD_ON_LINE_PAID,
    CARE_MANAGER,
    DECIDED_AS_A_WHOLE,
    DECIDED_BY_LINE,
    DOCUMENTS,
    ENVELOPE,
    FIRST_LINE,
    FIRST_LINE_PAID,
    FIRST_PAYER,
    HOLDER,
    LINES_PAID,
    PAYER_WITH_ADDRESS,
    PRACTITIONER,
    REFERRER,
    make_claim,
    make_dependent,
    make_secondary,
    segments_of,
    written,
)
from judge import judged

from cocm.basics.errors import X12Error
from cocm.care.people import Address
from cocm.claims.records import Claim, OtherPayer, Paperwork, PayerAdjustment
from cocm.x12 import professional_transaction, validate_837p, write_transactions

LATER_PAYER = OtherPayer(
    replace(FIRST_PAYER, identifier="LATER1"), "S", "MB", "LATER777", insurance_type_code="12"
)
THIRD = replace(
    DECIDED_AS_A_WHOLE,
    payer=replace(FIRST_PAYER, identifier="SEC01"),
    payer_sequence="S",
    claim_filing_code="MC",
)
LINE_WITH_EVERYTHING = replace(
    FIRST_LINE,
    place_of_service_code="10",
    service_from_date=date(2026, 3, 1),
    rendering=CARE_MANAGER,
    supervising=PRACTITIONER,
    referring=REFERRER,
    prior_authorization_number="LAUTH1",
    referral_number="LREF1",
    note="FIRST MONTH",
    paperwork=DOCUMENTS,
)
CASES: dict[str, list[Claim]] = {
    "decided line by line": [make_secondary()],
    "decided as a whole": [make_claim(payer_sequence="S", other_payers=(DECIDED_AS_A_WHOLE,))],
    "claim and line adjustments together": [
        make_secondary(
            other_payers=(
                replace(
                    DECIDED_BY_LINE, paid_amount_cents=11500, adjustments=(PayerAdjustment("OA", "23", 500),)
                ),
            )
        )
    ],
    "the patient as dependent of both": [
        replace(
            make_dependent(),
            payer_sequence="S",
            other_payers=(
                replace(
                    DECIDED_AS_A_WHOLE, relationship="child", subscriber=replace(HOLDER, first_name="ALEX")
                ),
            ),
        )
    ],
    "the holder's address is known": [
        make_secondary(
            other_payers=(
                replace(
                    DECIDED_BY_LINE,
                    relationship="spouse",
                    subscriber=replace(HOLDER, address=Address("9 OAK", "ALBANY", "CA", "94706")),
                    payer=replace(PAYER_WITH_ADDRESS, identifier="FCM01"),
                ),
            )
        )
    ],
    "a third payer": [
        make_claim(
            payer_sequence="T",
            other_payers=(replace(DECIDED_AS_A_WHOLE, group_number=""), THIRD),
        )
    ],
    "Medicare second": [make_secondary(claim_filing_code="MB", insurance_type_code="12", group_number="")],
    "the first payer's claim names the second": [make_claim(other_payers=(LATER_PAYER,))],
    "the first payer does not cover it": [
        make_claim(
            payer_sequence="S",
            other_payers=(
                replace(
                    LATER_PAYER, payer_sequence="P", insurance_type_code="", noncovered_amount_cents=28432
                ),
            ),
        )
    ],
    "a replacement of a second payer's claim": [
        make_secondary(frequency_code="7", payer_claim_control_number="ICN2")
    ],
    "many adjustments": [
        make_claim(
            payer_sequence="S",
            lines=(replace(FIRST_LINE, charge_amount_cents=3000),),
            other_payers=(
                replace(
                    DECIDED_AS_A_WHOLE,
                    paid_amount_cents=0,
                    remaining_liability_cents=None,
                    adjustments=(
                        *(
                            PayerAdjustment(group, str(number), 100)
                            for group, count in (("CO", 13), ("PR", 6), ("OA", 6))
                            for number in range(1, count + 1)
                        ),
                        PayerAdjustment("CO", "94", -700),
                        PayerAdjustment("CO", "95", 1200),
                    ),
                ),
            ),
        )
    ],
    "paid under another code and bundled": [
        make_secondary(
            lines=(
                replace(
                    FIRST_LINE,
                    adjudications=(
                        replace(
                            FIRST_LINE_PAID, hcpcs_code="G2214", modifiers=("25", "59"), bundled_line_number=2
                        ),
                    ),
                ),
                LINES_PAID[1],
            )
        )
    ],
    "documents, numbers and a note": [
        make_claim(
            paperwork=DOCUMENTS,
            prior_authorization_number="AUTH1",
            referral_number="REF1",
            note="Month closed late; see attached",
        )
    ],
    "a line of its own": [make_claim(lines=(LINE_WITH_EVERYTHING,))],
    "a line of its own under a second payer": [
        make_secondary(lines=(replace(LINE_WITH_EVERYTHING, adjudications=(FIRST_LINE_PAID,)), LINES_PAID[1]))
    ],
}


def test_the_judge_accepts_every_case(tmp_path: Path) -> None:
    """One file with a transaction a case."""
    out = io.BytesIO()
    transactions = [
        professional_transaction(claims, replace(ENVELOPE), number)
        for number, claims in enumerate(CASES.values(), start=1)
    ]

    write_transactions(transactions, ENVELOPE, out)

    assert judged(out.getvalue(), tmp_path) == []


@pytest.mark.parametrize("claims", CASES.values(), ids=CASES.keys())
def test_our_own_check_accepts(claims: list[Claim]) -> None:
    made_later = replace(ENVELOPE, created_at=ENVELOPE.created_at.replace(month=5))

    assert validate_837p(written(claims, made_later)) == ()


def test_a_second_payer_s_claim_reads_as_the_guide_has_it() -> None:
    segments = segments_of(written([make_secondary()]))

    at = segments.index("SBR*P*18*G7******CI")
    assert "SBR*S*18*G100******CI" in segments
    assert segments[at : segments.index("SE*48*0001")] == [
        "SBR*P*18*G7******CI",
        "AMT*D*120",
        "OI***Y***Y",
        "NM1*IL*1*DAVIS*ARIANA****MI*FCM777",
        "N3*12 ELM STREET",
        "N4*OAKLAND*CA*94610",
        "NM1*PR*2*FIRST COVERAGE MUTUAL*****PI*FCM01",
        "REF*F8*ICN77",
        "LX*1",
        "SV1*HC:99492*160.32*UN*1***1:2",
        "DTP*472*D8*20260331",
        "REF*6R*C-00000000000001-1",
        "SVD*FCM01*120*HC:99492**1",
        "CAS*CO*45*10.32",
        "CAS*PR*1*20**2*10",
        "DTP*573*D8*20260420",
        "AMT*EAF*30",
        "LX*2",
        "SV1*HC:99494*124*UN*2***1",
        "DTP*472*D8*20260331",
        "REF*6R*C-00000000000001-2",
        "SVD*FCM01*0*HC:99494**2",
        "CAS*PR*3*124*2",
        "DTP*573*D8*20260420",
    ]


def test_a_line_s_own_parts_stand_in_the_guide_s_order() -> None:
    segments = segments_of(written([make_claim(lines=(LINE_WITH_EVERYTHING,))]))

    assert segments[segments.index("LX*1") : -3] == [
        "LX*1",
        "SV1*HC:99492*160.32*UN*1*10**1:2",
        "PWK*OZ*EL***AC*ACN001",
        "PWK*M1*AA",
        "DTP*472*RD8*20260301-20260331",
        "REF*G1*LAUTH1",
        "REF*6R*C-00000000000001-1",
        "REF*9F*LREF1",
        "NTE*ADD*FIRST MONTH",
        "NM1*82*1*LOPEZ*MARIA****XX*1245319599",
        "PRV*PE*PXC*1041C0700X",
        "NM1*DQ*1*OKAFOR*GRACE****XX*1679576722",
        "NM1*DN*1*NGUYEN*AN****XX*1497758544",
    ]


def test_a_line_s_provider_stands_only_where_it_is_another_than_the_claim_s() -> None:
    line = replace(FIRST_LINE, rendering=PRACTITIONER, supervising=CARE_MANAGER, referring=REFERRER)

    content = written([make_claim(lines=(line,), supervising=CARE_MANAGER, referring=REFERRER)])

    assert [content.count(tag) for tag in (b"NM1*82*", b"NM1*DQ*", b"NM1*DN*")] == [1, 1, 1]


LINES_UNBALANCED = (replace(LINES_PAID[0], charge_amount_cents=16033), LINES_PAID[1])
LATE = replace(FIRST_LINE_PAID, adjudication_date=date(2026, 3, 30))
REFUSED: dict[str, tuple[Claim, str]] = {
    "a second payer without the first": (make_claim(payer_sequence="S"), "needs the earlier ones"),
    "the first has not decided": (
        make_claim(payer_sequence="S", other_payers=(replace(LATER_PAYER, payer_sequence="P"),)),
        "payer P comes before payer S and has not decided",
    ),
    "a line out of balance": (make_secondary(lines=LINES_UNBALANCED), r"line 1: its charge is \$160\.33"),
    "the claim out of balance": (
        make_secondary(other_payers=(replace(DECIDED_BY_LINE, paid_amount_cents=12001),)),
        r"the claim's charge is \$284\.32, but the other payer's \$120\.01 paid",
    ),
    "a whole decision out of balance": (
        make_claim(payer_sequence="S", other_payers=(replace(DECIDED_AS_A_WHOLE, adjustments=()),)),
        "place 1: the claim's charge",
    ),
    "one line without decision": (
        make_secondary(lines=(LINES_PAID[0], replace(LINES_PAID[1], adjudications=()))),
        "line 2: the payer decided other lines",
    ),
    "a decision of nobody": (
        make_secondary(
            lines=(replace(FIRST_LINE, adjudications=(replace(FIRST_LINE_PAID, payer_identifier="WHO"),)),)
        ),
        "line 1: an adjudication names a payer that is none",
    ),
    "two first payers": (
        make_secondary(other_payers=(DECIDED_BY_LINE, replace(DECIDED_AS_A_WHOLE, payer=PAYER_WITH_ADDRESS))),
        "same payer_sequence",
    ),
    "two payers of one identifier": (
        make_secondary(
            other_payers=(DECIDED_BY_LINE, replace(LATER_PAYER, payer_sequence="T", payer=FIRST_PAYER))
        ),
        "same payer.identifier",
    ),
    "no date of the decision": (
        make_claim(payer_sequence="S", other_payers=(replace(DECIDED_AS_A_WHOLE, adjudication_date=None),)),
        "adjudication_date is missing",
    ),
    "a date at both levels": (
        make_secondary(other_payers=(replace(DECIDED_BY_LINE, adjudication_date=date(2026, 4, 20)),)),
        "belong to them",
    ),
    "adjustments without a payment": (
        make_claim(payer_sequence="S", other_payers=(replace(DECIDED_AS_A_WHOLE, paid_amount_cents=None),)),
        "a payer that paid nothing has paid 0",
    ),
    "a negative payment": (
        make_claim(payer_sequence="S", other_payers=(replace(DECIDED_AS_A_WHOLE, paid_amount_cents=-1),)),
        "must not be negative",
    ),
    "more owed than was left": (
        make_claim(
            payer_sequence="S", other_payers=(replace(DECIDED_AS_A_WHOLE, remaining_liability_cents=8433),)
        ),
        r"remaining_liability_cents must be from 0 to what was not paid, \$84\.32",
    ),
    "decided before the service": (
        make_secondary(lines=(replace(LINES_PAID[0], adjudications=(LATE,)), LINES_PAID[1])),
        "adjudication_date lies before the service",
    ),
    "bundled into no line": (
        make_secondary(
            lines=(
                LINES_PAID[0],
                replace(LINES_PAID[1], adjudications=(replace(ADD_ON_LINE_PAID, bundled_line_number=3),)),
            )
        ),
        "bundled_line_number 3",
    ),
    "not covered, but not wholly": (
        make_claim(
            payer_sequence="S",
            other_payers=(replace(LATER_PAYER, payer_sequence="P", noncovered_amount_cents=1),),
        ),
        "noncovered_amount_cents must be the claim's charge",
    ),
    "a group code that is none": (
        make_claim(
            payer_sequence="S",
            other_payers=(replace(DECIDED_AS_A_WHOLE, adjustments=(PayerAdjustment("XX", "45", 8432),)),),
        ),
        "CAS01",
    ),
    "too many adjustments": (
        make_claim(
            payer_sequence="S",
            other_payers=(
                replace(
                    DECIDED_AS_A_WHOLE,
                    adjustments=tuple(PayerAdjustment("CO", str(number), 272) for number in range(1, 32)),
                ),
            ),
        ),
        "need 6 segments",
    ),
    "no filing code": (
        make_secondary(other_payers=(replace(DECIDED_BY_LINE, claim_filing_code=""),)),
        "claim_filing_code",
    ),
    "no member id": (make_secondary(other_payers=(replace(DECIDED_BY_LINE, member_id=""),)), "NM109"),
    "a dependent without holder": (
        make_secondary(other_payers=(replace(DECIDED_BY_LINE, relationship="child"),)),
        "subscriber is missing",
    ),
    "eleven other payers": (
        make_secondary(other_payers=(DECIDED_BY_LINE,) * 11),
        "other_payers: 11",
    ),
    "a document by mail without number": (
        make_claim(paperwork=(Paperwork("OZ", "BM"),)),
        "control_number is missing",
    ),
    "a document of no kind": (make_claim(paperwork=(Paperwork("ZZ", "AA"),)), "PWK01"),
    "eleven documents": (make_claim(paperwork=(Paperwork("OZ", "AA"),) * 11), "paperwork: 11"),
    "a note too long": (make_claim(note="A" * 81), "note: 81 characters"),
    "a note of nothing": (make_claim(note="~~"), "note: 0 characters"),
    "a delimiter in an authorization": (make_claim(prior_authorization_number="A*1"), "REF02"),
    "a line's NPI that is none": (
        make_claim(lines=(replace(FIRST_LINE, rendering=replace(CARE_MANAGER, npi="1234567890")),)),
        "line 1: rendering",
    ),
    "units that are not whole": (
        make_claim(lines=(replace(FIRST_LINE, is_whole_quantity=False),)),
        "line 1: service_unit_quantity",
    ),
    "units of no kind": (make_claim(lines=(replace(FIRST_LINE, unit_basis_code="XX"),)), "line 1: .*SV103"),
    "a line that ends before it begins": (
        make_claim(lines=(replace(FIRST_LINE, service_from_date=date(2026, 4, 1)),)),
        "line 1: service_from_date",
    ),
}


@pytest.mark.parametrize(("claim", "expected"), REFUSED.values(), ids=REFUSED.keys())
def test_what_does_not_agree_is_refused_naming_the_claim(claim: Claim, expected: str) -> None:
    with pytest.raises(X12Error, match=expected) as refused:
        written([claim])

    assert str(refused.value).startswith("claim C-00000000000001: ")


@pytest.mark.parametrize("changes", [{"note": "SECRET" * 20}, {"prior_authorization_number": "SECRET~"}])
def test_no_patient_data_stands_in_these_refusals(changes: dict[str, Any]) -> None:
    with pytest.raises(X12Error) as refused:
        written([make_claim(**changes)])

    assert "SECRET" not in str(refused.value)
