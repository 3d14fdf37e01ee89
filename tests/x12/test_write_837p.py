import io
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from claim_samples import (
    ADD_ON_LINE,
    BILLING,
    CARE_MANAGER,
    ENVELOPE,
    FIRST_LINE,
    OTHER_BILLING,
    PAYER_WITH_ADDRESS,
    PRACTITIONER,
    REFERRER,
    SECOND_SITE,
    make_claim,
    make_dependent,
    segments_of,
    written,
)
from judge import judged

from cocm.basics.errors import X12Error
from cocm.care.people import Address, Subscriber
from cocm.claims.records import Claim
from cocm.x12 import Delimiters, professional_transaction, validate_837p, write_837p, write_transactions

CASES: dict[str, list[Claim]] = {
    "the subscriber is the patient": [make_claim()],
    "a child of the subscriber": [make_dependent()],
    "a spouse": [make_dependent(relationship="spouse")],
    "another dependent": [make_dependent(relationship="other")],
    "referring and supervising provider": [make_claim(referring=REFERRER, supervising=PRACTITIONER)],
    "the care manager renders": [make_claim(rendering=CARE_MANAGER, supervising=PRACTITIONER)],
    "the billing entity renders": [make_claim(rendering=None)],
    "a replacement": [make_claim(frequency_code="7", payer_claim_control_number="ICN0012345")],
    "a void": [make_claim(frequency_code="8", payer_claim_control_number="ICN0012345")],
    "another service facility": [make_claim(service_facility=SECOND_SITE)],
    "a facility without its own NPI": [make_claim(service_facility=replace(SECOND_SITE, identifier=""))],
    "a payer with an address": [make_claim(payer=PAYER_WITH_ADDRESS)],
    "no group number": [make_claim(group_number="")],
    "no telephone": [make_claim(billing_phone="")],
    "no first name": [make_claim(patient_first_name="")],
    "twelve diagnoses, four pointers and modifiers": [
        make_claim(
            diagnosis_codes=tuple(f"F3{number}.0" if number < 5 else f"F4{number}" for number in range(12))[
                :12
            ],
            lines=(
                replace(FIRST_LINE, diagnosis_pointers=(12, 1, 2, 3), modifiers=("25", "59", "95", "HO")),
            ),
        )
    ],
    "fifty lines": [
        make_claim(lines=tuple(replace(ADD_ON_LINE, claim_line_number=number) for number in range(1, 51)))
    ],
    "several claims under one billing provider": [
        make_claim(1),
        make_dependent(2),
        make_claim(3),
        make_dependent(4),
    ],
    "two billing providers": [
        make_claim(1),
        make_claim(2, billing=OTHER_BILLING, billing_phone=""),
        make_claim(3, billing=OTHER_BILLING),
    ],
    "whole dollars and single cents": [
        make_claim(
            lines=(replace(FIRST_LINE, charge_amount_cents=100), replace(ADD_ON_LINE, charge_amount_cents=1))
        )
    ],
    "no charge": [make_claim(lines=(replace(FIRST_LINE, charge_amount_cents=0),))],
}


@pytest.mark.parametrize("claims", CASES.values(), ids=CASES.keys())
def test_our_own_check_accepts(claims: list[Claim]) -> None:
    assert validate_837p(written(claims)) == ()


def test_the_judge_accepts_every_case(tmp_path: Path) -> None:
    """One file with a transaction a case: the judge takes half a second to begin."""
    out = io.BytesIO()
    transactions = [
        professional_transaction(claims, ENVELOPE, number)
        for number, claims in enumerate(CASES.values(), start=1)
    ]

    write_transactions(transactions, ENVELOPE, out)

    assert judged(out.getvalue(), tmp_path) == []


def test_several_transactions_are_accepted_and_each_starts_anew(tmp_path: Path) -> None:
    content = written([make_claim(number) for number in range(7)], claims_per_transaction=3)

    segments = segments_of(content)
    assert [one for one in segments if one.startswith("ST*")] == [
        f"ST*837*000{number}*005010X222A1" for number in (1, 2, 3)
    ]
    assert segments.count("HL*1**20*1") == 3
    assert "GE*3*1" in segments
    assert judged(content, tmp_path) == []
    assert validate_837p(content) == ()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"HI*ABK:F321*ABF:F411~", b""),
        (b"NM1*85*2*LAKESIDE FAMILY MEDICINE*****XX*1234567893~", b""),
        (b"DTP*472*D8*20260331~", b"DTP*472*D8*20261331~"),
        (b"HL*2*1*22*0~", b"HL*2*7*22*0~"),
        (b"LX*2~", b"LX*3~"),
        (b"SE*32*", b"SE*33*"),
    ],
)
def test_the_judge_and_our_own_check_refuse_what_is_broken(old: bytes, new: bytes, tmp_path: Path) -> None:
    content = written([make_claim()])
    assert old in content
    broken = content.replace(old, new)

    assert judged(broken, tmp_path) != []
    assert validate_837p(broken) != ()


def test_one_claim_reads_as_the_guide_has_it() -> None:
    segments = segments_of(written([make_claim(referring=REFERRER, supervising=PRACTITIONER)]))

    assert segments == [
        "ISA*00*          *00*          *ZZ*LAKESIDE01     *ZZ*CLEARHOUSE     *260402*0930*^*00501*000000001*0*P*:",
        "GS*HC*LAKESIDE01*CLEARHOUSE*20260402*0930*1*X*005010X222A1",
        "ST*837*0001*005010X222A1",
        "BHT*0019*00*0000000010001*20260402*0930*CH",
        "NM1*41*2*LAKESIDE FAMILY MEDICINE*****46*LAKESIDE01",
        "PER*IC*BILLING OFFICE*TE*5105550100",
        "NM1*40*2*CLEARING HOUSE*****46*CLEARHOUSE",
        "HL*1**20*1",
        "PRV*BI*PXC*207Q00000X",
        "NM1*85*2*LAKESIDE FAMILY MEDICINE*****XX*1234567893",
        "N3*100 MAIN STREET",
        "N4*OAKLAND*CA*946120001",
        "REF*EI*941234567",
        "PER*IC*LAKESIDE FAMILY MEDICINE*TE*5105550100",
        "HL*2*1*22*0",
        "SBR*P*18*G100******CI",
        "NM1*IL*1*DAVIS*ARIANA****MI*GHP000000001",
        "N3*12 ELM STREET",
        "N4*OAKLAND*CA*94610",
        "DMG*D8*19880229*F",
        "NM1*PR*2*GOLDEN HEALTH PLAN*****PI*GHP01",
        "CLM*C-00000000000001*284.32***11:B:1*Y*A*Y*Y",
        "HI*ABK:F321*ABF:F411",
        "NM1*DN*1*NGUYEN*AN****XX*1497758544",
        "NM1*82*1*OKAFOR*GRACE****XX*1679576722",
        "PRV*PE*PXC*207Q00000X",
        "NM1*DQ*1*OKAFOR*GRACE****XX*1679576722",
        "LX*1",
        "SV1*HC:99492*160.32*UN*1***1:2",
        "DTP*472*D8*20260331",
        "REF*6R*C-00000000000001-1",
        "LX*2",
        "SV1*HC:99494*124*UN*2***1",
        "DTP*472*D8*20260331",
        "REF*6R*C-00000000000001-2",
        "SE*34*0001",
        "GE*1*1",
        "IEA*1*000000001",
    ]


def test_a_rendering_provider_stands_only_where_it_is_not_the_billing_provider() -> None:
    same = replace(PRACTITIONER, npi=BILLING.identifier)

    assert b"NM1*82*" not in written([make_claim(rendering=same)])


@pytest.mark.parametrize(
    ("facility", "stands"),
    [
        (replace(SECOND_SITE, address=BILLING.address, identifier=BILLING.identifier), False),
        (replace(SECOND_SITE, address=BILLING.address, identifier=""), False),
        (replace(SECOND_SITE, address=BILLING.address), True),
        (replace(SECOND_SITE, identifier=BILLING.identifier), True),
    ],
)
def test_a_service_facility_stands_only_where_it_is_elsewhere(facility: Any, stands: bool) -> None:
    assert (b"NM1*77*" in written([make_claim(service_facility=facility)])) is stands


def test_a_facility_of_the_billing_provider_is_named_without_its_number() -> None:
    facility = replace(SECOND_SITE, identifier=BILLING.identifier)

    assert b"NM1*77*2*LAKESIDE WEST CLINIC~" in written([make_claim(service_facility=facility)])


def test_names_are_brought_into_the_basic_set_and_cut_to_their_elements() -> None:
    claim = make_claim(
        patient_last_name="Peña-Łukasz ~ O’Brien",
        patient_first_name="  José*María: Ångström ",
        patient_address=Address(
            "12 Elm Street, " + "Building Number Seven " * 3, "São Paulo-on-the-Lake", "CA", "94610"
        ),
    )

    segments = segments_of(written([claim]))

    assert "NM1*IL*1*PENA-LUKASZ O'BRIEN*JOSE MARIA ANGSTROM****MI*GHP000000001" in segments
    assert "N3*12 ELM STREET, BUILDING NUMBER SEVEN BUILDING NUMBER*SEVEN BUILDING NUMBER SEVEN" in segments
    assert "N4*SAO PAULO-ON-THE-LAKE*CA*94610" in segments


def test_a_name_too_long_is_cut_and_the_file_stays_valid() -> None:
    claim = make_claim(patient_last_name="Van " * 30, patient_first_name="Anna" * 20)

    content = written([claim])

    assert validate_837p(content) == ()
    assert b"*" + b"ANNA" * 8 + b"ANN**" in content


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "no lines": ({"lines": ()}, "lines: 0"),
    "51 lines": (
        {"lines": tuple(replace(FIRST_LINE, claim_line_number=n) for n in range(1, 52))},
        "lines: 51",
    ),
    "no diagnoses": ({"diagnosis_codes": ()}, "diagnosis_codes: 0"),
    "13 diagnoses": ({"diagnosis_codes": ("F32.1",) * 13}, "diagnosis_codes: 13"),
    "a diagnosis of another form": ({"diagnosis_codes": ("F32.1", "depression")}, "place 2"),
    "a pointer past the diagnoses": ({"diagnosis_codes": ("F32.1",)}, "pointer goes past"),
    "five pointers": (
        {
            "diagnosis_codes": ("F32.1",) * 12,
            "lines": (replace(FIRST_LINE, diagnosis_pointers=(1, 2, 3, 4, 5)),),
        },
        "1 to 4 different diagnoses",
    ),
    "the same pointer twice": (
        {"lines": (replace(FIRST_LINE, diagnosis_pointers=(1, 1)),)},
        "different diagnoses",
    ),
    "no pointer": ({"lines": (replace(FIRST_LINE, diagnosis_pointers=()),)}, "1 to 4"),
    "five modifiers": ({"lines": (replace(FIRST_LINE, modifiers=("25",) * 5),)}, "5 modifiers"),
    "a modifier of one character": ({"lines": (replace(FIRST_LINE, modifiers=("2",)),)}, "SV101-3"),
    "no units": ({"lines": (replace(FIRST_LINE, service_unit_quantity=0),)}, "service_unit_quantity"),
    "a negative charge": ({"lines": (replace(FIRST_LINE, charge_amount_cents=-1),)}, "charge_amount_cents"),
    "lines out of order": ({"lines": (ADD_ON_LINE, FIRST_LINE)}, "number lines from 1"),
    "no code": ({"lines": (replace(FIRST_LINE, hcpcs_code=""),)}, "SV101-2"),
    "no claim id": ({"claim_id": ""}, "claim_id"),
    "a claim id too long to come back": ({"claim_id": "C" * 21}, "claim_id"),
    "a delimiter in the claim id": ({"claim_id": "C*1"}, "CLM01"),
    "an unknown frequency": ({"frequency_code": "5"}, "frequency_code"),
    "a replacement without the payer's number": ({"frequency_code": "7"}, "payer_claim_control_number"),
    "an original with the payer's number": ({"payer_claim_control_number": "X"}, "original"),
    "a second payer": ({"payer_sequence": "S"}, "payer_sequence"),
    "an unknown relationship": ({"relationship": "cousin"}, "relationship"),
    "a dependent without subscriber": ({"relationship": "child"}, "subscriber"),
    "no filing code": ({"claim_filing_code": ""}, "claim_filing_code"),
    "an unknown filing code": ({"claim_filing_code": "99"}, "SBR09"),
    "no member id": ({"member_id": ""}, "NM109"),
    "a delimiter in the member id": ({"member_id": "AB~12"}, "NM109"),
    "an unknown sex": ({"patient_sex": "X"}, "DMG03"),
    "a name without any plain letter": ({"patient_last_name": "李"}, "NM103"),
    "no place of service": ({"place_of_service_code": ""}, "CLM05-1"),
    "no patient's state": ({"patient_address": Address("1 A", "B", "", "94610")}, "state"),
    "a short postal code": ({"patient_address": Address("1 A", "BE", "CA", "9461")}, "postal_code"),
    "no street": ({"patient_address": Address("", "BE", "CA", "94610")}, "N301"),
    "a rendering NPI that is none": ({"rendering": replace(PRACTITIONER, npi="1679576723")}, "rendering"),
    "a referring provider without NPI": ({"referring": replace(REFERRER, npi="")}, "referring"),
    "a supervising NPI too short": ({"supervising": replace(REFERRER, npi="123456789")}, "supervising"),
    "a billing NPI that is none": ({"billing": replace(BILLING, identifier="1234567890")}, "billing"),
    "no tax number": ({"billing": replace(BILLING, tin="")}, "billing.tin"),
    "no billing address": ({"billing": replace(BILLING, address=None)}, "address is missing"),
    "a box as billing address": (
        {"billing": replace(BILLING, address=Address("P.O. Box 12", "OAKLAND", "CA", "946120001"))},
        "post office box",
    ),
    "a billing postal code of five digits": (
        {"billing": replace(BILLING, address=Address("1 A STREET", "OAKLAND", "CA", "94612"))},
        "ZIP",
    ),
    "a facility without address": (
        {"service_facility": replace(SECOND_SITE, address=None)},
        "service_facility",
    ),
    "a telephone of seven digits": ({"billing_phone": "555-0100"}, "billing_phone"),
}


@pytest.mark.parametrize(("changes", "expected"), REFUSED.values(), ids=REFUSED.keys())
def test_what_would_be_wrong_is_refused_naming_claim_and_field(
    changes: dict[str, Any], expected: str
) -> None:
    out = io.BytesIO()

    with pytest.raises(X12Error, match=expected.replace(".", r"\.")) as refused:
        write_837p([make_claim(7, **changes)], ENVELOPE, out)

    assert f"claim {changes.get('claim_id', 'C-00000000000007')}:" in str(refused.value)
    assert out.getvalue() == b""


def test_no_patient_data_stands_in_a_refusal() -> None:
    changes = {"member_id": "SECRET~1", "patient_last_name": "SECRETNAME"}

    with pytest.raises(X12Error) as refused:
        written([make_claim(1, **changes)])

    assert "SECRET" not in str(refused.value)


def test_refused_claims_are_handed_over_and_the_others_written(tmp_path: Path) -> None:
    refused: list[tuple[str, str]] = []
    claims = [
        make_claim(1, billing=replace(BILLING, tin="")),
        make_claim(2),
        make_claim(3, member_id=""),
        make_dependent(4),
        make_claim(2, lines=(FIRST_LINE,)),
    ]
    out = io.BytesIO()

    result = write_837p(
        claims,
        ENVELOPE,
        out,
        on_refused=lambda claim, problem: refused.append((claim.claim_id, str(problem))),
    )

    assert [claim_id for claim_id, _ in refused] == [
        "C-00000000000001",
        "C-00000000000003",
        "C-00000000000002",
    ]
    assert "stands twice" in refused[2][1]
    assert (result.claim_count, result.service_line_count, result.charge_amount_cents) == (2, 4, 56864)
    assert judged(out.getvalue(), tmp_path) == []
    assert validate_837p(out.getvalue()) == ()


def test_where_no_claim_can_go_out_nothing_is_written() -> None:
    out = io.BytesIO()

    result = write_837p([make_claim(1, member_id="")], ENVELOPE, out, on_refused=lambda claim, problem: None)

    assert (result.claim_count, result.byte_count, out.getvalue()) == (0, 0, b"")


def test_the_result_counts_what_was_written() -> None:
    out = io.BytesIO()

    result = write_837p([make_claim(number) for number in range(4)], ENVELOPE, out, claims_per_transaction=2)

    assert result.byte_count == len(out.getvalue())
    assert result.segment_count == len(segments_of(out.getvalue()))
    assert (result.transaction_count, result.claim_count, result.service_line_count) == (2, 4, 8)
    assert result.charge_amount_cents == 4 * 28432


def test_the_same_claims_and_envelope_give_the_same_bytes() -> None:
    claims = [make_claim(1), make_dependent(2)]

    assert written(claims) == written(claims)
    assert written(claims) != written(claims, replace(ENVELOPE, interchange_control_number=2))


def test_transactions_made_apart_join_to_the_same_file() -> None:
    claims = [make_claim(number) for number in range(6)]
    parts = [professional_transaction(claims[at : at + 2], ENVELOPE, at // 2 + 1) for at in (0, 2, 4)]
    out = io.BytesIO()

    result = write_transactions(parts, ENVELOPE, out)

    assert out.getvalue() == written(claims, claims_per_transaction=2)
    assert result.byte_count == len(out.getvalue())


def test_two_transactions_of_one_number_are_refused() -> None:
    part = professional_transaction([make_claim()], ENVELOPE, 1)

    with pytest.raises(X12Error, match="control number 0001"):
        write_transactions([part, part], ENVELOPE, io.BytesIO())


def test_other_delimiters_may_be_asked_for(tmp_path: Path) -> None:
    envelope = replace(ENVELOPE, delimiters=Delimiters("|", ">", "!", "\n"))

    content = written([make_claim(patient_first_name="A|B>C~D*E")], envelope)

    assert b"NM1|IL|1|DAVIS|A B C D*E||||MI|GHP000000001\n" in content
    assert validate_837p(content) == ()
    assert judged(content, tmp_path) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"interchange_control_number": 0}, "interchange_control_number"),
        ({"group_control_number": 1_000_000_000}, "group_control_number"),
        ({"sender_id": "S" * 16}, "sender"),
        ({"sender_id": "A*B"}, "NM109"),
        ({"receiver_id": ""}, "NM109"),
        ({"contact_phone": ""}, "PER04"),
        ({"sender_name": "~"}, "NM103"),
        ({"sender_type": "XX"}, "ISA05"),
        ({"delimiters": Delimiters(repetition="")}, "repetition"),
    ],
)
def test_an_envelope_that_does_not_fit_is_refused(changes: dict[str, Any], expected: str) -> None:
    with pytest.raises(X12Error, match=expected):
        written([make_claim()], replace(ENVELOPE, **changes))


def test_a_test_file_says_so() -> None:
    assert segments_of(written([make_claim()], replace(ENVELOPE, is_test=True)))[0].split("*")[15] == "T"


def test_memory_stays_flat_however_many_claims() -> None:
    class Nowhere(io.RawIOBase):
        """Takes everything and keeps nothing."""

        def write(self, data: Any) -> int:
            return len(data)

    def claims(count: int) -> Iterator[Claim]:
        for number in range(count):
            yield make_claim(number, patient_last_name=f"DAVIS{chr(65 + number % 26)}")

    def peak_bytes(count: int) -> int:
        tracemalloc.start()
        write_837p(claims(count), ENVELOPE, Nowhere(), claims_per_transaction=200)  # type: ignore[arg-type]  # only write
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    peak_bytes(1_600)  # fills caches and free lists
    assert peak_bytes(1_600) < 1.5 * peak_bytes(400)


def test_a_service_date_is_the_line_s_own() -> None:
    lines = (FIRST_LINE, replace(ADD_ON_LINE, service_date=date(2028, 2, 29)))

    segments = segments_of(written([make_claim(lines=lines)]))

    assert [one for one in segments if one.startswith("DTP")] == [
        "DTP*472*D8*20260331",
        "DTP*472*D8*20280229",
    ]


def test_a_dependent_s_holder_is_named_and_nothing_more() -> None:
    holder = Subscriber(
        "Davis", "Morgan", date(1960, 1, 1), "M", Address("1 A STREET", "OAKLAND", "CA", "94610")
    )

    segments = segments_of(written([make_dependent(subscriber=holder)]))

    at = segments.index("NM1*IL*1*DAVIS*MORGAN****MI*GHP000000001")
    assert segments[at + 1 : at + 4] == ["NM1*PR*2*GOLDEN HEALTH PLAN*****PI*GHP01", "HL*3*2*23*0", "PAT*19"]
