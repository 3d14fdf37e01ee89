"""Other services in the month: what excludes, what is allowed, what needs a base, a modifier or time of its own."""

from dataclasses import replace
from datetime import date

import pytest
from edit_samples import (
    BHCM_NPI,
    EVIDENCE,
    OTHER_NPI,
    OTHER_TIN,
    PRACTITIONER_NPI,
    SHIPPED,
    history,
    line,
    overlay,
    policy,
    subject,
)

from cocm.care.people import Role
from cocm.care.records import ClaimStatus
from cocm.edits.check import check_claim
from cocm.edits.edit import Verdict
from cocm.edits.national import code_terms, pair_terms
from cocm.rules import Severity

LAST_DAY = date(2026, 3, 31)


def found(checked):
    """The findings of a claim by edit id."""
    return {finding.edit_id: finding for finding in check_claim(checked).findings}


def service(code, day=LAST_DAY, **changes):
    """A paid line of the practice in March 2026."""
    return history(code, day, claim_id=f"S-{code}", **changes)


@pytest.mark.parametrize(
    ("code", "edit"),
    [
        ("99484", "concurrency.general_bhi"),
        ("G0568", "concurrency.apcm_addon"),
        ("G0570", "concurrency.apcm_addon"),
        ("G0511", "concurrency.excluded_code"),
    ],
)
def test_what_excludes_the_service_is_told_once_and_by_its_kind(code, edit):
    findings = found(subject(past=[service(code)]))
    told = {name for name in findings if name.startswith("concurrency.")}
    assert told == {edit} and findings[edit].severity is Severity.BLOCK


def test_a_base_of_advanced_primary_care_beside_the_time_based_code_is_for_a_person():
    finding = found(subject(past=[service("G0557")]))["concurrency.unsettled_code"]
    assert finding.severity is Severity.REVIEW and finding.verdict is Verdict.FAIL
    elsewhere = subject(past=[service("G0557", billing_tin=OTHER_TIN)])
    assert "concurrency.unsettled_code" not in found(elsewhere)


@pytest.mark.parametrize(
    ("past", "recorded", "is_missing"),
    [
        ([], frozenset(), True),
        ([service("G0557")], frozenset(), False),
        ([service("G0557", billing_tin=OTHER_TIN)], frozenset(), True),
        ([service("G0557", status=ClaimStatus.REJECTED)], frozenset(), True),
        ([service("G0557", date(2026, 2, 28))], frozenset(), True),
        ([], frozenset({"G0556"}), False),
    ],
    ids=[
        "nothing",
        "billed",
        "another practice's",
        "rejected",
        "another month's",
        "on the practice's record",
    ],
)
def test_an_add_on_to_advanced_primary_care_needs_its_base(past, recorded, is_missing):
    evidence = replace(EVIDENCE, recorded_codes=recorded)
    checked = subject(line("G0569"), pack_id="medicare-apcm", past=past, evidence=evidence)
    finding = found(checked).get("base.required_code_missing")
    assert (finding is not None) is is_missing
    assert finding is None or finding.severity is Severity.BLOCK


def test_an_add_on_and_its_base_belong_on_one_claim():
    apart = subject(line("99494"), past=[service("99493")], evidence=replace(EVIDENCE, minutes_counted=100))
    assert {"addon.base_on_other_claim"} == set(found(apart))
    together = subject(line(), line("99494", 1, 2), evidence=replace(EVIDENCE, minutes_counted=100))
    assert not found(together)


@pytest.mark.parametrize(
    "by", [{"billing_tin": OTHER_TIN, "billing_npi": OTHER_NPI}, {"rendering_npi": OTHER_NPI}]
)
@pytest.mark.parametrize("code", ["90834", "90792", "99214"])
def test_anothers_psychotherapy_or_visit_on_the_same_day_is_allowed(by, code):
    assert not found(subject(past=[service(code, **by)]))


def test_forty_minutes_of_psychotherapy_and_ten_of_case_management():
    both = [service("90834", rendering_npi=BHCM_NPI)]
    edit = "minutes.care_manager_service_not_apart"
    finding = found(subject(past=both))[edit]
    assert finding.severity is Severity.INFORM
    assert edit not in found(subject(past=both, evidence=replace(EVIDENCE, minutes_set_apart=40)))
    unknown = found(subject(past=both, evidence=replace(EVIDENCE, minutes_set_apart=None)))[edit]
    assert unknown.is_no_data
    others = [service("90834", rendering_npi=PRACTITIONER_NPI)]
    assert edit not in found(subject(past=others))


def test_the_consultants_own_visit_matters_only_where_the_consultants_minutes_count(tmp_path):
    roles = {**EVIDENCE.roles_by_npi, OTHER_NPI: Role.PSYCHIATRIC_CONSULTANT}
    seen = subject(
        past=[service("90792", rendering_npi=OTHER_NPI)], evidence=replace(EVIDENCE, roles_by_npi=roles)
    )
    edit = "minutes.consultant_visit_not_apart"
    assert edit not in found(seen)
    rulebook = overlay(tmp_path, {"team": {"minutes.roles_counted": "[bhcm, psychiatric_consultant]"}})
    assert edit in found(replace(seen, policy=policy("team", rulebook=rulebook)))


def test_chronic_care_management_needs_consent_and_minutes_of_its_own():
    finding = found(subject(past=[service("99490")]))["concurrency.separate_consent"]
    assert finding.severity is Severity.INFORM
    assert not found(subject(past=[service("99490", billing_tin=OTHER_TIN)]))


def test_a_pair_that_is_never_paid_together_blocks_on_the_same_day_only():
    finding = found(subject(past=[service("99358")]))["ncci.pair"]
    assert finding.severity is Severity.BLOCK
    assert "ncci.pair" not in found(subject(past=[service("99358", date(2026, 3, 30))]))
    assert "ncci.pair" not in found(subject(past=[service("99358", billing_tin=OTHER_TIN)]))
    assumed = found(subject(past=[service("99358")], pack_id="cpt"))["ncci.pair"]
    assert assumed.severity is Severity.REVIEW, "that a payer takes the tables over is assumed"


def test_a_pair_before_the_edition_at_hand_is_not_known():
    day = date(2023, 3, 31)
    checked = subject(line(day=day), past=[service("99358", day)])
    assert found(checked)["ncci.pair"].verdict is Verdict.NO_DATA


def test_a_pair_that_is_paid_with_a_modifier():
    def beside(*modifiers, of_other=()):
        own = replace(line(), modifiers=modifiers)
        return found(subject(own, replace(line("97151", 1, 2), modifiers=of_other)))

    assert beside()["ncci.pair_needs_modifier"].severity is Severity.REVIEW
    assert "ncci.pair_needs_modifier" not in beside("59")
    assert "modifier.separate_service_needless" not in beside("59")
    assert "ncci.pair_needs_modifier" not in beside(of_other=("XU",))
    unseen = found(subject(past=[service("97151")]))["ncci.pair_needs_modifier"]
    assert unseen.is_no_data, "what modifiers an earlier claim had is not known"
    needless = found(subject(replace(line(), modifiers=("25",))))
    assert needless["modifier.separate_service_needless"].severity is Severity.REVIEW


def test_units_of_the_day_above_the_national_limit():
    twice = subject(line(), line(number=2), pack_id="medicare")
    assert found(twice)["ncci.units"].severity is Severity.BLOCK
    add_ons = subject(line(), line("99494", 5, 2), pack_id="wi-medicaid")
    assert found(add_ons)["ncci.units"].verdict is Verdict.FAIL, "the payer's own limit is not established"
    assert "ncci.units" not in found(subject(line(), line("99494", 5, 2)))


def test_national_tables_are_read_by_date():
    assert code_terms(SHIPPED, "99494", LAST_DAY).units_max == 4
    assert not code_terms(SHIPPED, "99494", date(2024, 6, 30)).units_are_known
    assert code_terms(SHIPPED, "99493", LAST_DAY).amount_nonfacility_cents == 14496
    assert code_terms(SHIPPED, "G0512", date(2026, 1, 1)).is_ended
    assert not code_terms(SHIPPED, "G0512", date(2025, 12, 31)).is_ended
    assert pair_terms(SHIPPED, LAST_DAY)["99493"]["99358"].is_established
    assert "99493" not in pair_terms(SHIPPED, LAST_DAY)["99492"], "two CoCM codes are the base edits' matter"
