import io
from contextlib import suppress
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from claim_samples import (
    ADD_ON_LINE,
    BILLING,
    CARE_MANAGER,
    ENVELOPE,
    FIRST_LINE,
    HOLDER,
    OTHER_BILLING,
    PAYER,
    PAYER_WITH_ADDRESS,
    PRACTITIONER,
    PROVENANCE,
    REFERRER,
    SECOND_SITE,
    make_claim,
    make_dependent,
    written,
)
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from cocm.basics.errors import X12Error
from cocm.basics.npi import npi_check_digit
from cocm.care.people import Address, Subscriber
from cocm.claims.records import (
    Claim,
    LineAdjudication,
    Organization,
    OtherPayer,
    Paperwork,
    PayerAdjustment,
    Person,
    ServiceLine,
)
from cocm.x12 import (
    ClaimRecord,
    claim_from_record,
    envelope_from_transmission,
    read_837p,
    read_segments,
    validate_837p,
)


def read_back(content: bytes, claims: list[Claim]) -> list[Claim]:
    """The claims of a file, with what a file cannot know taken from the claims that went in."""
    return [
        claim_from_record(
            record,
            organization_id=claim.organization_id,
            pack_id=claim.pack_id,
            patient_id=claim.patient_id,
            provenance=claim.provenance,
        )
        for record, claim in zip(read_837p(content), claims, strict=True)
    ]


def as_the_file_has_it(claim: Claim) -> Claim:
    """The claim without what the guide keeps out of the file: taxonomies of providers beyond billing and rendering."""
    return replace(
        claim,
        supervising=claim.supervising and replace(claim.supervising, taxonomy_code=""),
        referring=claim.referring and replace(claim.referring, taxonomy_code=""),
    )


def test_what_was_written_is_read_back() -> None:
    claims = [
        make_claim(1, referring=REFERRER, supervising=PRACTITIONER, rendering=CARE_MANAGER),
        make_dependent(
            2, frequency_code="7", payer_claim_control_number="ICN7", service_facility=SECOND_SITE
        ),
        make_claim(3, billing=OTHER_BILLING, billing_phone="", payer=PAYER_WITH_ADDRESS),
        make_dependent(4, billing=OTHER_BILLING, billing_phone="", relationship="spouse", rendering=None),
    ]

    assert read_back(written(claims), claims) == [as_the_file_has_it(claim) for claim in claims]


def test_each_part_of_a_record_is_where_the_field_has_it() -> None:
    content = written([make_dependent(9, frequency_code="8", payer_claim_control_number="ICN9")])

    (record,) = read_837p(content)

    assert (record.claim_id, record.charge_amount_cents, record.frequency_code) == (
        "C-00000000000009",
        28432,
        "8",
    )
    assert (record.payer_claim_control_number, record.place_of_service_code) == ("ICN9", "11")
    assert (record.payer_sequence, record.relationship_code, record.patient_is_subscriber) == (
        "P",
        "19",
        False,
    )
    assert (record.group_number, record.claim_filing_code, record.member_id) == ("G100", "CI", "GHP000000009")
    assert record.billing.identifier == BILLING.identifier
    assert (record.billing.tin, record.billing.taxonomy_code) == (BILLING.tin, BILLING.taxonomy_code)
    assert (record.billing.address, record.billing.phone) == (BILLING.address, "5105550100")
    assert record.subscriber.first_name == "MORGAN"
    assert (record.patient.first_name, record.patient.birth_date, record.patient.sex) == (
        "ARIANA",
        date(1988, 2, 29),
        "F",
    )
    assert (record.payer.last_or_organization_name, record.payer.identifier) == (PAYER.name, PAYER.identifier)
    assert record.diagnosis_codes == ("F321", "F411")
    first, second = record.lines
    assert (first.hcpcs_code, first.charge_amount_cents, first.diagnosis_pointers) == ("99492", 16032, (1, 2))
    assert (second.service_unit_quantity, second.unit) == (Decimal(2), "UN")
    assert second.service_from_date == second.service_to_date == date(2026, 3, 31)
    assert second.line_control_number == "C-00000000000009-2"
    assert record.transmission.transaction_control_number == "0001"
    assert (record.transmission.sender_id, record.transmission.is_test) == ("LAKESIDE01", False)


def test_claims_and_lines_carry_their_bytes() -> None:
    content = written([make_claim(1), make_claim(2)])

    first, second = read_837p(content)

    assert content[first.start : first.end].startswith(b"CLM*C-00000000000001*")
    assert content[first.start : first.end].endswith(b"REF*6R*C-00000000000001-2~")
    assert content[second.start : second.end].startswith(b"CLM*C-00000000000002*")
    line = second.lines[1]
    assert content[line.start : line.end] == (
        b"LX*2~SV1*HC:99494*124*UN*2***1~DTP*472*D8*20260331~REF*6R*C-00000000000002-2~"
    )


def with_insertion(content: bytes, before: bytes, inserted: bytes) -> bytes:
    assert b"~" + before in content
    return content.replace(b"~" + before, b"~" + inserted + before, 1)


def test_segments_the_records_have_no_field_for_are_kept() -> None:
    content = written([make_claim(1)])
    content = with_insertion(content, b"HI*ABK", b"REF*EA*CHART77~NTE*DCP*A NOTE~")
    content = with_insertion(content, b"LX*1~", b"ZZ9*WHAT IS THIS~")
    content = with_insertion(content, b"HL*2*", b"REF*ZZ*UNKNOWN~")

    (record,) = read_837p(content)

    others = [(placed.loop_id, placed.name, placed.segment.text) for placed in record.other_segments]
    assert others == [
        ("2300", "medical_record_number", "REF*EA*CHART77"),
        ("2300", "claim_note", "NTE*DCP*A NOTE"),
        ("2310B", "", "ZZ9*WHAT IS THIS"),
    ]
    assert record.other_segments[0].value("number") == "CHART77"
    assert record.note == ""
    assert "REF*ZZ*UNKNOWN" in [placed.segment.text for placed in record.level_segments]
    kept = {placed.segment.number for placed in (*record.level_segments, *record.segments)}
    all_numbers = {one.number for one in read_segments(content)}
    assert len(all_numbers - kept) == len(
        ("ISA", "GS", "ST", "BHT", "NM1*41", "PER", "NM1*40", "SE", "GE", "IEA")
    )


def test_line_level_providers_ranges_and_places_are_read() -> None:
    content = written([make_claim(1, lines=(FIRST_LINE,))])
    content = content.replace(
        b"UN*1***1:2~DTP*472*D8*20260331~", b"UN*1.5*10**1:2~DTP*472*RD8*20260301-20260331~"
    )
    content = with_insertion(content, b"SE*", b"NM1*82*1*LOPEZ*MARIA****XX*1245319599~PRV*PE*PXC*1041C0700X~")

    (record,) = read_837p(content)

    (line,) = record.lines
    assert line.rendering is not None
    assert (line.rendering.identifier, line.rendering.taxonomy_code) == (
        CARE_MANAGER.npi,
        CARE_MANAGER.taxonomy_code,
    )
    assert (line.service_from_date, line.service_to_date) == (date(2026, 3, 1), date(2026, 3, 31))
    assert (line.place_of_service_code, line.service_unit_quantity) == ("10", Decimal("1.5"))
    assert record.rendering is not None and record.rendering.identifier == PRACTITIONER.npi
    with pytest.raises(X12Error, match="units are not a whole number"):
        read_back(content, [make_claim(1)])


def test_two_claims_of_one_subscriber_share_its_level() -> None:
    one = written([make_claim(1)])
    claim = one[one.index(b"CLM*") : one.index(b"~SE*") + 1]
    content = with_insertion(one, b"SE*", claim.replace(b"C-00000000000001", b"SECOND"))

    records = list(read_837p(content))

    assert [record.claim_id for record in records] == ["C-00000000000001", "SECOND"]
    assert records[0].patient == records[1].patient
    assert all(
        placed.loop_id == "2300" or placed.loop_id.startswith("23") for placed in records[0].segments[:4]
    )


def test_reading_and_writing_again_gives_the_same_bytes() -> None:
    claims = [
        make_claim(1, service_facility=SECOND_SITE),
        make_dependent(2),
        make_claim(3, billing=OTHER_BILLING),
    ]
    content = written(
        claims, replace(ENVELOPE, is_test=True, acknowledgment_requested=True, sender_type="30")
    )

    first = next(read_837p(content))

    assert written(read_back(content, claims), envelope_from_transmission(first.transmission)) == content


def test_several_interchanges_with_their_own_delimiters_are_read_in_one_go() -> None:
    one = written([make_claim(1)])
    other = written([make_claim(2)], replace(ENVELOPE, interchange_control_number=2)).replace(b"*", b"|")
    other = other.replace(b"~", b"~\r\n")

    records = list(read_837p(io.BytesIO(one + b"\r\n" + other)))

    assert [(record.claim_id, record.transmission.interchange_control_number) for record in records] == [
        ("C-00000000000001", 1),
        ("C-00000000000002", 2),
    ]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (b"*284.32*", b"*ten*", "CLM02"),
        (b"*284.32*", b"*284.321*", "whole cents"),
        (b"*284.32*", b"*1E9999999*", "CLM02"),
        (b"*284.32*", b"*NaN*", "CLM02"),
        (b"*160.32*UN*1*", b"*160.32*UN*one*", "SV104"),
        (b"***1:2~", b"***1:x~", "SV107"),
        (b"*20260331~", b"*20260231~", "DTP03"),
        (b"*19880229*", b"*19890229*", "DMG02"),
        (b"LX*1~", b"LX*A~", "LX01"),
        (b"SV1*HC:99492*160.32*UN*1***1:2~", b"", "SV1"),
        (b"005010X222A1~BHT", b"005010X221A1~BHT", "professional claims"),
        (b"GS*HC*LAKESIDE01*CLEARHOUSE*20260402", b"GS*HC*LAKESIDE01*CLEARHOUSE*20269902", "GS04"),
        (b"NM1*PR*2*GOLDEN HEALTH PLAN*****PI*GHP01~", b"", "2010BB"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(old: bytes, new: bytes, expected: str) -> None:
    content = written([make_claim(1)])
    assert old in content

    with pytest.raises(X12Error, match=expected) as refused:
        list(read_837p(content.replace(old, new, 1)))

    assert str(refused.value).startswith("byte ")


name = st.from_regex(r"[A-Z]{1,12}(?:[ '\-][A-Z]{1,10})?", fullmatch=True)
long_name = st.from_regex(r"[A-Z]{1,12}(?: [A-Z0-9&.]{1,12}){0,3}", fullmatch=True)
postal_code = st.from_regex(r"[0-9]{5}", fullmatch=True)
long_postal_code = st.from_regex(r"[0-9]{9}", fullmatch=True)
npi = st.from_regex(r"[12][0-9]{8}", fullmatch=True).map(lambda nine: nine + npi_check_digit(nine))
identifier = st.from_regex(r"[A-Z0-9][A-Za-z0-9.\-]{1,14}", fullmatch=True)
states = st.sampled_from(["CA", "NY", "TX"])
taxonomy = st.sampled_from(["", "207Q00000X", "1041C0700X"])
addresses = st.builds(
    Address,
    line=st.from_regex(r"[1-9][0-9]{0,4}(?: [A-Z]{1,14}){1,6}", fullmatch=True),
    city=st.from_regex(r"[A-Z]{2,12}(?: [A-Z]{2,12})?", fullmatch=True),
    state=states,
    postal_code=st.one_of(postal_code, long_postal_code),
)
full_addresses = st.builds(replace, addresses, postal_code=long_postal_code)
people = st.builds(Person, last_name=name, first_name=name, npi=npi, taxonomy_code=taxonomy)
billings = st.builds(
    Organization,
    name=long_name,
    identifier=npi,
    tin=st.from_regex(r"[0-9]{9}", fullmatch=True),
    taxonomy_code=taxonomy,
    address=full_addresses,
)
payers = st.builds(
    Organization,
    name=long_name,
    identifier=identifier,
    tin=st.just(""),
    taxonomy_code=st.just(""),
    address=st.one_of(st.none(), addresses),
)
diagnosis = st.from_regex(r"F[1-9][0-9](?:\.[0-9]{1,3})?", fullmatch=True)


documents = st.lists(
    st.builds(Paperwork, st.sampled_from(["OZ", "M1"]), st.sampled_from(["EL", "BM"]), identifier)
    | st.just(Paperwork("OZ", "AA")),
    max_size=3,
).map(tuple)
notes = st.just("") | st.from_regex(r"[A-Z][A-Z ]{0,60}[A-Z]", fullmatch=True).map(
    lambda one: " ".join(one.split())
)
numbers = st.just("") | identifier


@st.composite
def with_parts_of_its_own(draw: st.DrawFn, line: ServiceLine) -> ServiceLine:
    """A line that differs from its claim."""
    return replace(
        line,
        place_of_service_code=draw(st.sampled_from(["", "12"])),
        service_from_date=draw(st.none() | st.just(line.service_date.replace(day=1)))
        if line.service_date.day > 1
        else None,
        supervising=draw(st.none() | st.builds(replace, people, taxonomy_code=st.just(""))),
        prior_authorization_number=draw(numbers),
        referral_number=draw(numbers),
        note=draw(notes),
        paperwork=draw(documents),
    )


@st.composite
def adjustments(draw: st.DrawFn, total_cents: int) -> tuple[PayerAdjustment, ...]:
    """Adjustments that come to a total, group by group."""
    parts = []
    for group, count in zip(
        ("CO", "OA", "PR"), draw(st.tuples(*(st.integers(0, most) for most in (7, 6, 6)))), strict=True
    ):
        for number in range(1, count + 1):
            cents = draw(st.integers(-500, 5000))
            quantity = draw(st.none() | st.integers(1, 9).map(Decimal))
            parts.append(PayerAdjustment(group, str(number), cents, quantity))
    rest = total_cents - sum(part.amount_cents for part in parts)
    return (*parts, PayerAdjustment("PI", "94", rest)) if rest or not parts else tuple(parts)


@st.composite
def to_a_later_payer(draw: st.DrawFn, claim: Claim) -> Claim:
    """The claim after another payer's decision, by line or as a whole."""
    payer = replace(draw(payers), identifier="OTHER1")
    if claim.claim_filing_code == "MB":
        claim = replace(claim, insurance_type_code="12")
    decided_on = claim.lines[0].service_date
    relationship = draw(st.sampled_from(["self", "spouse", "child", "other"]))
    holder = Subscriber(draw(name), draw(name), None, "", draw(st.just(HOLDER.address) | addresses))
    policy = OtherPayer(
        payer,
        "P",
        draw(st.sampled_from(["CI", "BL"])),
        draw(identifier),
        relationship,
        None if relationship == "self" else holder,
        group_number=draw(numbers),
        payer_claim_control_number=draw(numbers),
    )
    if draw(st.booleans()):
        paid = draw(st.integers(0, claim.charge_amount_cents))
        other = replace(
            policy,
            paid_amount_cents=paid,
            adjustments=draw(adjustments(claim.charge_amount_cents - paid)),
            adjudication_date=decided_on,
            remaining_liability_cents=draw(st.none() | st.integers(0, claim.charge_amount_cents - paid)),
        )
        return replace(claim, payer_sequence="S", other_payers=(other,))
    lines = tuple(draw(decided_line(line)) for line in claim.lines)
    paid = sum(line.adjudications[0].paid_amount_cents for line in lines)
    return replace(
        claim, payer_sequence="S", lines=lines, other_payers=(replace(policy, paid_amount_cents=paid),)
    )


@st.composite
def decided_line(draw: st.DrawFn, line: ServiceLine) -> ServiceLine:
    paid = draw(st.integers(0, line.charge_amount_cents))
    decided = LineAdjudication(
        "OTHER1",
        paid,
        line.hcpcs_code,
        line.modifiers,
        Decimal(line.service_unit_quantity),
        line.service_date,
        draw(adjustments(line.charge_amount_cents - paid)),
        draw(st.none() | st.integers(0, line.charge_amount_cents - paid)),
    )
    return replace(line, adjudications=(decided,))


@st.composite
def claims(draw: st.DrawFn) -> Claim:
    """Any claim that can be written, in the file's own spelling."""
    diagnoses = tuple(draw(st.lists(diagnosis, min_size=1, max_size=12, unique=True)))
    pointer_lists = st.lists(st.integers(1, len(diagnoses)), min_size=1, max_size=4, unique=True)
    service_date = draw(st.dates(date(2018, 1, 1), date(2026, 3, 31)))
    lines = tuple(
        ServiceLine(
            claim_line_number=number,
            hcpcs_code=draw(st.sampled_from(["99492", "99493", "99494", "G2214"])),
            modifiers=tuple(draw(st.lists(st.sampled_from(["25", "59", "HO"]), max_size=4))),
            service_unit_quantity=draw(st.integers(1, 99)),
            charge_amount_cents=draw(st.integers(0, 10_000_000)),
            service_date=service_date,
            diagnosis_pointers=tuple(draw(pointer_lists)),
        )
        for number in range(1, draw(st.integers(1, 5)) + 1)
    )
    if draw(st.booleans()):
        lines = (draw(with_parts_of_its_own(lines[0])), *lines[1:])
    relationship = draw(st.sampled_from(["self", "spouse", "child", "other"]))
    holder = Subscriber(draw(name), draw(name), None, "", HOLDER.address)
    frequency_code = draw(st.sampled_from(["1", "7", "8"]))
    billing = draw(billings)
    rendering = draw(st.one_of(st.none(), people))
    facility = draw(
        st.one_of(st.none(), st.builds(replace, billings, tin=st.just(""), taxonomy_code=st.just("")))
    )
    claim = make_claim(
        1,
        claim_id=draw(st.from_regex(r"[A-Z][A-Z0-9\-]{0,19}", fullmatch=True)),
        month=type(make_claim().month).of(service_date),
        patient_last_name=draw(name),
        patient_first_name=draw(name),
        patient_birth_date=draw(st.dates(date(1920, 1, 1), date(2017, 12, 31))),
        patient_sex=draw(st.sampled_from("FMU")),
        patient_address=draw(addresses),
        relationship=relationship,
        subscriber=None if relationship == "self" else holder,
        member_id=draw(identifier),
        group_number=draw(st.one_of(st.just(""), identifier)),
        claim_filing_code=draw(
            st.sampled_from(["CI", "MB", "MC", "BL"] if relationship == "self" else ["CI", "MC"])
        ),
        payer=draw(payers),
        billing=billing,
        billing_phone=draw(st.one_of(st.just(""), st.from_regex(r"[2-9][0-9]{9}", fullmatch=True))),
        rendering=None if rendering and rendering.npi == billing.identifier else rendering,
        supervising=draw(st.one_of(st.none(), st.builds(replace, people, taxonomy_code=st.just("")))),
        referring=draw(st.one_of(st.none(), st.builds(replace, people, taxonomy_code=st.just("")))),
        service_facility=facility,
        place_of_service_code=draw(st.sampled_from(["11", "19", "22", "50", "72"])),
        frequency_code=frequency_code,
        payer_claim_control_number="" if frequency_code == "1" else draw(identifier),
        diagnosis_codes=diagnoses,
        lines=lines,
        prior_authorization_number=draw(numbers),
        referral_number=draw(numbers),
        note=draw(notes),
        paperwork=draw(documents),
    )
    return draw(to_a_later_payer(claim)) if draw(st.booleans()) else claim


@settings(max_examples=12, deadline=None, phases=[Phase.generate])  # to shrink such a claim takes minutes
@given(st.lists(claims(), min_size=1, max_size=2, unique_by=lambda claim: claim.claim_id), st.integers(1, 2))
def test_any_claim_comes_back_as_it_went_in_and_is_clean(
    given_claims: list[Claim], per_transaction: int
) -> None:
    content = written(given_claims, claims_per_transaction=per_transaction)

    read = read_back(content, given_claims)
    first = next(read_837p(content))

    assert validate_837p(content) == ()
    assert read == given_claims
    again = written(
        read, envelope_from_transmission(first.transmission), claims_per_transaction=per_transaction
    )
    assert again == content


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_damaged_file_ends_in_problems_or_a_named_error(data: st.DataObject) -> None:
    content = bytearray(written([make_claim(1), make_dependent(2, lines=(FIRST_LINE, ADD_ON_LINE))]))
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(content) - 1))
        kind = data.draw(st.sampled_from(["change", "cut", "double", "drop segment"]))
        if kind == "change":
            content[at] = data.draw(st.integers(0, 255))
        elif kind == "cut":
            del content[at : at + data.draw(st.integers(1, 40))]
        elif kind == "double":
            content[at:at] = content[at : at + data.draw(st.integers(1, 80))]
        else:
            end = content.find(b"~", at)
            del content[end + 1 : content.find(b"~", end + 1) + 1]
        if not content:
            return
    damaged = bytes(content)

    with suppress(X12Error):
        validate_837p(damaged)
    records: list[ClaimRecord] = []
    with suppress(X12Error):
        records.extend(read_837p(damaged))
    assert all(record.start < record.end <= len(damaged) for record in records)


def test_provenance_is_ours_to_give() -> None:
    assert read_back(written([make_claim(1)]), [make_claim(1)])[0].provenance == PROVENANCE
