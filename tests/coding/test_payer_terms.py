"""What a payer asks for beside the month's own evidence: a base code, age, authorization, attestation, the team."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from case_samples import (
    COVERAGE,
    EPISODE,
    MARCH,
    PRACTITIONER,
    case_file,
    contact,
    history,
    lines_of,
    overlay,
    policy,
)

from cocm.basics.months import Month
from cocm.care.people import Patient, Payer, Role, StaffMember
from cocm.care.records import ClaimStatus, Decision, DecisionKind, OtherService
from cocm.coding.choice import with_choice
from cocm.coding.proposal import propose
from cocm.coding.records import Missing, Proposal
from cocm.rules import PackOn, Severity

BEFORE = contact("BEFORE", "2026-02-10 09:00")
ENOUGH = contact("ENOUGH", "2026-03-20 09:00", 40)
APCM = policy("medicare-apcm")


def proposed(rules: PackOn, **changes: Any) -> Proposal:
    return propose(case_file(BEFORE, ENOUGH, **changes), rules)


def gaps(proposal: Proposal) -> dict[str, str]:
    return {item.gap.value: "no data" if item.is_no_data else item.severity.word for item in proposal.missing}


def only(proposal: Proposal) -> Missing:
    (item,) = proposal.missing
    return item


def base(code: str = "G0557", day: date = date(2026, 3, 2), rendering_npi: str = "") -> OtherService:
    return OtherService("P1", day, None, code, None, rendering_npi, "")


# A base code beside the month's -------------------------------------------------------------------------------


def test_an_add_on_of_advanced_primary_care_names_the_base_that_is_not_on_record() -> None:
    proposal = proposed(APCM)
    assert lines_of(proposal) == {"G0569": 1}
    missing = only(proposal)
    assert (missing.gap.value, missing.is_no_data) == ("required_base", True)
    assert missing.reason.text.startswith("G0556 or G0557 or G0558 is not on record")
    assert [rule.rule_id for rule in missing.reason.rules] == ["codes.required_base"]
    assert proposal.needs_person
    assert not proposal.is_blocked


@pytest.mark.parametrize(
    "changes",
    [
        {"other_services": (base(),)},
        {"other_services": (base("G0556", rendering_npi=PRACTITIONER.npi),)},
        {"other_services": (base("G0558", rendering_npi="1234567893"),)},
        {"history": (history("G0557", MARCH),)},
        {"other_services": (base(rendering_npi="1679576722"), base())},
    ],
    ids=["without renderer", "the practitioner's", "the group's", "on a claim", "two, one of them ours"],
)
def test_the_base_of_the_month_is_found_among_other_services_and_claims(changes: dict[str, Any]) -> None:
    assert gaps(proposed(APCM, **changes)) == {}


@pytest.mark.parametrize(
    "changes",
    [
        {"other_services": (base(day=date(2026, 2, 27)), base("99490"))},
        {"history": (history("G0557", Month(2026, 2)),)},
        {"history": (history("G0557", MARCH, status=ClaimStatus.DENIED),)},
        {"history": (history("G0557", MARCH, frequency_code="8"),)},
    ],
    ids=["of another month", "claim of another month", "denied", "voided"],
)
def test_what_is_no_base_of_the_month(changes: dict[str, Any]) -> None:
    assert gaps(proposed(APCM, **changes)) == {"required_base": "no data"}


def test_another_practitioners_base_stops_the_add_on() -> None:
    elsewhere = (base(rendering_npi="1679576722"),)
    assert gaps(proposed(APCM, other_services=elsewhere)) == {"required_base": "block"}


def test_before_the_add_ons_no_base_is_asked_for() -> None:
    december = policy("medicare-apcm", date(2025, 12, 31))
    contacts = (contact("A", "2025-11-10 09:00"), contact("B", "2025-12-10 09:00", 40))
    assert gaps(propose(case_file(*contacts, month=Month(2025, 12)), december)) == {}


def test_a_base_of_advanced_primary_care_beside_the_timed_codes_is_looked_at() -> None:
    proposal = proposed(policy(), other_services=(base(),))
    assert lines_of(proposal) == {"99493": 1}
    missing = only(proposal)
    assert (missing.gap.value, missing.severity) == ("conflicting_service", Severity.REVIEW)
    assert [rule.rule_id for rule in missing.reason.rules] == ["concurrency.review_codes"]
    both = proposed(policy(), other_services=(base(), base("99484"))).missing
    assert sorted(item.severity.word for item in both) == ["block", "review"]


# Authorization ------------------------------------------------------------------------------------------------


def begun(month: Month) -> dict[str, Any]:
    return {"episode": replace(EPISODE, start_date=month.first_day, first_service_date=month.first_day)}


def authorized(number: str = "PA1", to: date | None = None) -> dict[str, Any]:
    coverage = replace(COVERAGE, prior_authorization_number=number, prior_authorization_to=to)
    return {"coverages": (coverage,)}


MICHIGAN = policy("mi-medicaid")


def test_after_twelve_months_michigan_wants_an_authorization() -> None:
    assert gaps(proposed(MICHIGAN, **begun(Month(2025, 4)))) == {}
    proposal = proposed(MICHIGAN, **begun(Month(2025, 3)))
    assert gaps(proposal) == {"authorization": "review"}
    assert only(proposal).reason.text.startswith("12 months of the episode went before")


@pytest.mark.parametrize(
    ("changes", "is_enough"),
    [
        (authorized(), True),
        (authorized(to=date(2026, 3, 31)), True),
        (authorized(to=date(2026, 3, 30)), False),
        (authorized(number="", to=date(2026, 12, 31)), False),
        ({"coverages": ()}, False),
    ],
    ids=["open", "to the month's end", "ends within", "without a number", "without coverage"],
)
def test_an_authorization_must_reach_to_the_months_end(changes: dict[str, Any], is_enough: bool) -> None:
    proposal = proposed(MICHIGAN, **begun(Month(2025, 3)), **changes)
    assert ("authorization" not in gaps(proposal)) == is_enough


def test_an_authorization_nobody_has_established_is_no_data_from_the_second_month_on() -> None:
    texas = policy("tx-medicaid")
    attested = {"payer": Payer("PAY1", "Payer", "tx-medicaid", "1", "", "R1", None, date(2024, 2, 1))}
    assert gaps(proposed(texas, **attested)) == {"authorization": "no data"}
    first = case_file(ENOUGH, contacts_complete_from=date(2025, 1, 1), **begun(MARCH), **attested)
    assert gaps(propose(first, texas)) == {}
    assert gaps(proposed(texas, **attested, **authorized())) == {}


# Age ----------------------------------------------------------------------------------------------------------


def aged(birth_date: date) -> dict[str, Any]:
    return {"patient": Patient("P1", "Test", "Pat", birth_date, "F", EPISODE_ADDRESS)}


EPISODE_ADDRESS = case_file().patient.address


def test_the_youngest_age_is_counted_on_the_months_last_day(tmp_path: Path) -> None:
    rules = policy("contract", rulebook=overlay(tmp_path, {"patient.age_years_min": 12}))
    assert gaps(proposed(rules, **aged(date(2014, 3, 31)))) == {}
    young = proposed(rules, **aged(date(2014, 4, 1)))
    assert gaps(young) == {"patient_age": "review"}
    assert not any(character.isdigit() for character in only(young).reason.text), "no patient data in words"
    assert gaps(proposed(rules, **aged(date(2012, 2, 29)))) == {}


def test_an_unknown_age_is_no_data(tmp_path: Path) -> None:
    rules = policy("contract", rulebook=overlay(tmp_path, {"patient.age_years_min": "unknown"}))
    assert gaps(proposed(rules)) == {"patient_age": "no data"}


def test_new_york_took_adults_only_until_april_2026() -> None:
    for day, expected in ((date(2026, 3, 31), {"patient_age": "review"}), (date(2026, 4, 30), {})):
        case = case_file(month=Month.of(day), payer=NEW_YORK_APPROVED, **aged(date(2011, 1, 1)))
        assert gaps(propose(case, policy("ny-ccmp", day))) == expected


NEW_YORK_APPROVED = Payer("PAY1", "Payer", "ny-ccmp", "1", "", "R1", None, date(2020, 1, 1))


# Attestation --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("attested_from", "expected"),
    [(None, "no data"), (date(2026, 4, 1), "review"), (date(2026, 3, 31), None), (date(2024, 2, 1), None)],
)
def test_a_payer_that_asks_for_an_attestation(attested_from: date | None, expected: str | None) -> None:
    payer = Payer("PAY1", "Payer", "tx-medicaid", "1", "", "R1", None, attested_from)
    found = gaps(proposed(policy("tx-medicaid"), payer=payer, **authorized()))
    assert found == ({} if expected is None else {"attestation": expected})


def test_a_payer_that_asks_for_none_gets_none(tmp_path: Path) -> None:
    assert gaps(proposed(policy("tx-medicaid", date(2022, 7, 31)), **authorized())) == {}
    rules = policy("contract", rulebook=overlay(tmp_path, {"enrollment.attestation": "unknown"}))
    assert gaps(proposed(rules)) == {"attestation": "no data"}


# The team -----------------------------------------------------------------------------------------------------


def consultant(taxonomy_code: str) -> dict[str, Any]:
    member = StaffMember("PC1", "Park", "Min", Role.PSYCHIATRIC_CONSULTANT, "", taxonomy_code, "", ())
    return {"psychiatric_consultant": member}


@pytest.mark.parametrize(
    ("taxonomy_code", "expected"),
    [
        ("2084P0800X", {}),
        ("363LP0808X", {}),
        ("1041C0700X", {"consultant_type": "review"}),
        ("207Q00000X", {"consultant_type": "review"}),
        ("", {}),
        ("171M00000X", {}),
    ],
    ids=[
        "psychiatrist",
        "psychiatric NP",
        "social worker",
        "family physician",
        "not said",
        "not in the table",
    ],
)
def test_the_consultants_taxonomy_tells_whether_the_payer_takes_them(
    taxonomy_code: str, expected: dict[str, str]
) -> None:
    assert gaps(proposed(policy(), **consultant(taxonomy_code))) == expected


def test_who_bills_is_one_of_the_payers_kinds() -> None:
    midwife = {"billing_practitioner": replace(PRACTITIONER, taxonomy_code="367A00000X")}
    assert gaps(proposed(policy(), **midwife)) == {}
    assert gaps(proposed(policy("va-medicaid"), **midwife)) == {"practitioner_type": "review"}
    assistant = {"billing_practitioner": replace(PRACTITIONER, taxonomy_code="363A00000X")}
    assert gaps(proposed(policy("va-medicaid"), **assistant)) == {"practitioner_type": "review"}
    physician = {"billing_practitioner": replace(PRACTITIONER, taxonomy_code="2084P0800X")}
    assert gaps(proposed(policy("va-medicaid"), **physician)) == {}


def test_general_bhi_asks_for_no_consultant() -> None:
    case = case_file(BEFORE, ENOUGH, **consultant("1041C0700X"))
    decision = Decision("P1", MARCH, DecisionKind.CHOOSE, "99484", "CM1", date(2026, 4, 2), "as agreed")
    chosen = with_choice(propose(case, policy()), decision, case, policy())
    assert chosen is not None
    assert (lines_of(chosen), chosen.missing) == ({"99484": 1}, ())
