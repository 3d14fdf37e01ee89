import io
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from peers import sdk_finds
from wire_mangling import DELIMITERS, DRESSES, Dress

from cocm.basics.errors import X12Error
from cocm.care.people import Address
from cocm.x12.claim_record import PartyRecord
from cocm.x12.eligibility_reader import read_270, read_271
from cocm.x12.eligibility_record import (
    Benefit,
    BenefitDelivery,
    BenefitEntity,
    BenefitInquiry,
    BenefitPlace,
    EligibilityMember,
    EligibilityReceiver,
    EligibilityRecord,
    EligibilitySource,
    MemberRelationship,
    Rejection,
    TraceRecord,
)
from cocm.x12.eligibility_writer import write_270, write_271
from cocm.x12.envelope import Envelope
from cocm.x12.tokens import Delimiters
from cocm.x12.validate import validate
from cocm.x12.wire_parts import ContactRecord, DateSpan, Reference

ENVELOPE = Envelope("LAKESIDE01", "", "", "", "GHP01", "", datetime(2026, 3, 2, 9, 30), 7, 8)
PAYER = PartyRecord(False, "GOLDEN HEALTH PLAN", "", "", "", "PI", "GHP01")
CLINIC = PartyRecord(False, "LAKESIDE FAMILY MEDICINE", "", "", "", "XX", "1234567893")
MEMBER = PartyRecord(
    True, "DAVIS", "ARIANA", "", "", "MI", "GHP000000001", birth_date=date(1988, 4, 9), sex="F"
)
CHILD = PartyRecord(True, "DAVIS", "BO", "", "", "", "", birth_date=date(2015, 1, 2), sex="M")
ADMINISTRATOR = BenefitEntity(
    "2B",
    PartyRecord(
        False,
        "CALM MIND BEHAVIORAL",
        "",
        "",
        "",
        "PI",
        "CMB",
        address=Address("1 A ST", "FRESNO", "CA", "93701"),
    ),
    (ContactRecord("IC", "", (("TE", "8005550199"), ("UR", "CALMMIND.EXAMPLE"))),),
)
INQUIRY = EligibilityRecord(
    "13",
    "BATCH-1",
    (
        EligibilitySource(
            "PR",
            PAYER,
            receivers=(
                EligibilityReceiver(
                    "1P",
                    CLINIC,
                    subscribers=(
                        EligibilityMember(
                            MEMBER,
                            (TraceRecord("1", "P-1", "9LAKESIDE1"),),
                            dates=(DateSpan("291", date(2026, 3, 1), date(2026, 3, 31)),),
                            inquiries=(
                                BenefitInquiry(("30", "98")),
                                BenefitInquiry(code_type="HC", hcpcs_code="99492"),
                            ),
                        ),
                    ),
                ),
            ),
        ),
    ),
)
BENEFITS = (
    Benefit(
        "1",
        "IND",
        ("30", "98"),
        "HM",
        "GOLD PLAN",
        dates=(DateSpan("291", date(2026, 1, 1), date(2026, 12, 31)),),
    ),
    Benefit("A", "IND", ("98",), percent=Decimal("0.2"), in_network="Y", messages=("AFTER DEDUCTIBLE",)),
    Benefit("B", service_type_codes=("98",), time_period_code="27", amount_cents=2550, in_network="W"),
    Benefit("C", "IND", ("30",), time_period_code="23", amount_cents=150_000, in_network="Y"),
    Benefit("1", code_type="HC", hcpcs_code="99492", modifiers=("95",), is_authorization_required="N"),
    Benefit("U", service_type_codes=("MH",), entities=(ADMINISTRATOR,)),
)


def answer(*benefits: Benefit, **changes: object) -> EligibilityRecord:
    """An answer about the subscriber."""
    member = EligibilityMember(MEMBER, (TraceRecord("2", "P-1", "9LAKESIDE1"),), benefits=benefits)
    receiver = EligibilityReceiver("1P", CLINIC, subscribers=(replace(member, **changes),))
    return EligibilityRecord("11", "BATCH-1", (EligibilitySource("PR", PAYER, receivers=(receiver,)),))


def written(
    write: object, *records: EligibilityRecord, delimiters: Delimiters = ENVELOPE.delimiters
) -> bytes:
    out = io.BytesIO()
    assert callable(write)
    write(records, replace(ENVELOPE, delimiters=delimiters), out)
    return out.getvalue()


def test_the_judge_and_our_own_check_accept_a_request() -> None:
    content = written(write_270, INQUIRY)

    # x12sdk takes an empty service type for a wrong one; the guide asks for EQ01 or EQ02, and EQ02 names a procedure
    assert sdk_finds(content) == ["ValidationError"]
    assert sdk_finds(content.replace(b"EQ**HC:99492~", b"EQ*98~")) == []
    assert validate(content) == ()
    assert b"GS*HS*" in content and b"BHT*0022*13*BATCH-1*20260302*0930~" in content
    assert b"HL*3*2*22*0~TRN*1*P-1*9LAKESIDE1~NM1*IL*1*DAVIS*ARIANA****MI*GHP000000001~" in content
    assert b"DTP*291*RD8*20260301-20260331~EQ*30^98~EQ**HC:99492~SE*" in content


def test_the_judge_and_our_own_check_accept_an_answer() -> None:
    content = written(write_271, answer(*BENEFITS))

    # as above: the benefit of a procedure has no service type
    assert sdk_finds(written(write_271, answer(*(one for one in BENEFITS if one.service_type_codes)))) == []
    assert validate(content) == ()
    assert b"EB*A*IND*98****" in content
    assert b"EB*1**********N**HC:99492:95~" in content
    assert b"LS*2120~NM1*2B*2*CALM MIND BEHAVIORAL*****PI*CMB~" in content


def test_a_patient_is_read_with_benefits_and_bytes() -> None:
    content = written(write_271, answer(*BENEFITS))

    (read,) = read_271(content)

    (asked,) = read.patients()
    assert asked.source.party.last_or_organization_name == "GOLDEN HEALTH PLAN"
    assert asked.patient.benefits == BENEFITS
    assert asked.patient.benefits[1].percent == Decimal("0.2")
    assert asked.patient.benefits[5].entities[0].contacts[0].phone == "8005550199"
    last = asked.patient.benefits[5]
    assert content[last.start : last.end].startswith(b"EB*U**MH~LS*2120~NM1*2B*")
    assert content[last.start : last.end].endswith(b"LE*2120~")
    assert read.origin is not None and read.origin.interchange_control_number == "000000007"
    assert read.created_at == datetime(2026, 3, 2, 9, 30)


def test_rejections_are_read_where_they_stand() -> None:
    record = answer(rejections=(Rejection(False, "75", "C"),))
    source = replace(record.sources[0], rejections=(Rejection(True, "42", "R"),))

    (read,) = read_271(written(write_271, replace(record, sources=(source,))))

    (asked,) = read.patients()
    assert asked.patient.rejections == (Rejection(False, "75", "C"),)
    assert asked.source.rejections == (Rejection(True, "42", "R"),)


def test_a_dependent_is_the_patient_under_its_subscriber() -> None:
    child = EligibilityMember(
        CHILD,
        relationship=MemberRelationship("19", birth_sequence=2),
        benefits=(Benefit("6", service_type_codes=("30",)),),
    )
    content = written(write_271, answer(dependents=(child,), traces=()))

    (read,) = read_271(content)

    assert validate(content) == ()
    assert sdk_finds(content) == []
    (asked,) = read.patients()
    assert (asked.patient, asked.subscriber.party.identifier) == (child, "GHP000000001")
    assert b"HL*4*3*23*0~NM1*03*1*DAVIS*BO~DMG*D8*20150102*M~INS*N*19" in content


def test_segments_that_the_guide_does_not_know_are_kept() -> None:
    content = written(write_271, answer(*BENEFITS)).replace(
        b"MSG*AFTER DEDUCTIBLE~", b"MSG*AFTER DEDUCTIBLE~ZZ9*NEW~"
    )

    (asked,) = next(read_271(content)).patients()

    assert "ZZ9*NEW" in [one.segment.text for one in asked.patient.benefits[1].segments]


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (answer(Benefit("ZZ")), r"eligibility BATCH-1, trace P-1, loop 2110C, EB01"),
        (answer(Benefit("1", service_type_codes=("98", "QQ"))), "EB03"),
        (answer(Benefit("1", quantity=Decimal(3))), "EB09|EB10"),
        (answer(Benefit("1", code_type="HC", hcpcs_code="9", modifiers=("A",) * 5)), "at most 4"),
        (
            answer(dependents=(EligibilityMember(CHILD, dependents=(EligibilityMember(CHILD),)),)),
            "no dependents",
        ),
        (answer(Benefit("1"), numbers=(Reference("QQ", "1"),)), "REF01"),
        (replace(answer(), purpose_code="13"), "BHT02"),
        (replace(answer(), sources=()), "2000A"),
    ],
)
def test_what_the_guide_forbids_is_refused_by_name(record: EligibilityRecord, expected: str) -> None:
    with pytest.raises(X12Error, match=expected):
        written(write_271, record)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (b"EB*B**98***27*25.5*", b"EB*B**98***27*LOTS*", "EB07"),
        (b"*RD8*20260101-20261231~", b"*RD8*20260101~", None),
        (b"*RD8*20260101-20261231~", b"*D8*20260101-20261231~", "DTP03: expected one date"),
        (b"*D8*19880409*", b"*D8*19881309*", "DMG02"),
        (b"NM1*IL*1*DAVIS*ARIANA****MI*GHP000000001~DMG*D8*19880409*F~", b"", "names nobody"),
        (b"SE*", b"SX*", "no end"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(old: bytes, new: bytes, expected: str | None) -> None:
    content = written(write_271, answer(*BENEFITS))
    assert old in content

    if expected is None:
        assert len(list(read_271(content.replace(old, new)))) == 1
    else:
        with pytest.raises(X12Error, match=expected):
            list(read_271(content.replace(old, new)))


def test_requests_and_answers_are_not_taken_for_each_other() -> None:
    with pytest.raises(X12Error, match=r"270 of guide 005010X279A1.*271-005010X279A1"):
        list(read_271(written(write_270, INQUIRY)))


spans = st.builds(
    lambda kind, first, days: DateSpan(kind, first, max(first, days)),
    st.sampled_from(["291", "307"]),
    st.dates(date(2026, 1, 1), date(2026, 6, 30)),
    st.dates(date(2026, 1, 1), date(2026, 12, 31)),
)
amounts = st.one_of(st.none(), st.integers(0, 10**7))
benefits = st.builds(
    Benefit,
    information_code=st.sampled_from(list("16ABCFGIU")),
    coverage_level_code=st.sampled_from(["", "IND", "FAM"]),
    service_type_codes=st.lists(st.sampled_from(["30", "98", "MH", "A4"]), max_size=4).map(tuple),
    insurance_type_code=st.sampled_from(["", "HM", "MB"]),
    plan_description=st.sampled_from(["", "GOLD PLAN"]),
    time_period_code=st.sampled_from(["", "23", "27"]),
    amount_cents=amounts,
    percent=st.sampled_from([None, Decimal("0.2"), Decimal("1"), Decimal("0")]),
    quantity_type=st.just("VS"),
    quantity=st.sampled_from([Decimal(6), Decimal("1.5")]),
    is_authorization_required=st.sampled_from(["", "Y", "N", "U"]),
    in_network=st.sampled_from(["", "Y", "N", "W"]),
    code_type=st.just("HC"),
    hcpcs_code=st.sampled_from(["99492", "G2214"]),
    modifiers=st.sampled_from([(), ("95",)]),
    diagnosis_pointers=st.sampled_from([(), (1, 2)]),
    deliveries=st.lists(st.just(BenefitDelivery("VS", Decimal(3), "MO", None, "34", 1)), max_size=2).map(
        tuple
    ),
    numbers=st.sampled_from([(), (Reference("18", "PLAN7", "GOLD"),)]),
    dates=st.lists(spans, max_size=3).map(tuple),
    rejections=st.sampled_from([(), (Rejection(True, "62", "N"),)]),
    messages=st.sampled_from([(), ("ASK US",), ("ASK US", "TWICE")]),
    places=st.sampled_from([(), (BenefitPlace("ZZ", "11"),)]),
    entities=st.sampled_from(
        [(), (ADMINISTRATOR,), (ADMINISTRATOR, replace(ADMINISTRATOR, entity_code="PRP"))]
    ),
)
children = st.builds(
    EligibilityMember,
    party=st.just(CHILD),
    relationship=st.sampled_from([None, MemberRelationship("19")]),
    benefits=st.lists(benefits, max_size=2).map(tuple),
)
subscribers = st.builds(
    EligibilityMember,
    party=st.sampled_from([MEMBER, replace(MEMBER, address=Address("2 B ST", "FRESNO", "CA", "93701"))]),
    traces=st.sampled_from([(), (TraceRecord("2", "P-1", "9LAKESIDE1"),)]),
    numbers=st.sampled_from([(), (Reference("SY", "123456789"), Reference("6P", "G1", "GROUP"))]),
    diagnoses=st.sampled_from([(), (("ABK", "F321"), ("ABF", "F411"))]),
    benefits=st.lists(benefits, max_size=3).map(tuple),
    dependents=st.lists(children, max_size=2).map(tuple),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(subscribers, max_size=2), min_size=1, max_size=2), DELIMITERS, DRESSES)
def test_answers_come_back_the_same_in_any_dress(
    members: list[list[EligibilityMember]], delimiters: Delimiters, dress: Dress
) -> None:
    receivers = [EligibilityReceiver("1P", CLINIC, subscribers=tuple(one)) for one in members]
    given_records = [
        EligibilityRecord("11", f"B-{at}", (EligibilitySource("PR", PAYER, receivers=(receiver,)),))
        for at, receiver in enumerate(receivers)
    ]
    content = written(write_271, *given_records, delimiters=delimiters)

    assert list(read_271(dress.put_on(content))) == given_records


@settings(max_examples=20, deadline=None)
@given(DELIMITERS, DRESSES)
def test_requests_come_back_the_same_in_any_dress(delimiters: Delimiters, dress: Dress) -> None:
    content = written(write_270, INQUIRY, replace(INQUIRY, reference="BATCH-2"), delimiters=delimiters)

    assert list(read_270(dress.put_on(content))) == [INQUIRY, replace(INQUIRY, reference="BATCH-2")]
