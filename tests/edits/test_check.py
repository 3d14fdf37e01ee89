"""From a claim to explained findings: what trips, what does not, and how sure it is."""

import json
from dataclasses import replace
from datetime import date

import pytest
from edit_samples import (
    BHCM_NPI,
    CONSENT,
    EVIDENCE,
    MARCH,
    OTHER_NPI,
    OTHER_TIN,
    PAYER,
    PRACTITIONER_NPI,
    VISIT,
    history,
    line,
    overlay,
    policy,
    subject,
)

from cocm.care.people import Role
from cocm.care.records import Answer, ClaimStatus
from cocm.claims.records import Person
from cocm.coding.records import MonthKind
from cocm.edits.check import check_claim
from cocm.edits.edit import Verdict
from cocm.edits.subject import Evidence
from cocm.rules import Severity


def found(checked):
    """The findings of a claim by edit id."""
    return {finding.edit_id: finding for finding in check_claim(checked).findings}


def failing(checked):
    return {finding.edit_id for finding in check_claim(checked).failures}


def month(number, **changes):
    """A line of history in the last day of a month of 2026 (0 and below: of 2025)."""
    return history(day=MARCH.plus(number - 3).last_day, claim_id=f"H-{number}", **changes)


def evidence(**changes):
    return replace(EVIDENCE, **changes)


def test_a_clean_month_has_no_finding():
    checked = subject(
        line(), line("99494", 1, 2), past=[month(2), month(1)], evidence=evidence(minutes_counted=100)
    )
    result = check_claim(checked)
    assert result.is_clean and not result.is_blocked
    assert result.counts[Verdict.FAIL] == result.counts[Verdict.NO_DATA] == 0


def test_add_on_units_above_medicares_limit_block_with_computed_reasons():
    finding = found(subject(line(), line("99494", 5, 2), evidence=evidence(minutes_counted=300)))[
        "addon.over_limit"
    ]
    assert finding.severity is Severity.BLOCK and finding.verdict is Verdict.FAIL
    assert finding.claim_line_number == 2
    assert finding.explanation == (
        "The number of add-on units in the month (5) is more than"
        " the payer's limit of add-on units in a month (4)."
        " Checked because the line has the payer's add-on code,"
        " and the payer limits the add-on units of a month."
    )
    assert {(reading.fact.name, reading.value) for reading in finding.readings} >= {
        ("addon_units_month", 5),
        ("addon_unit_limit", 4),
    }
    assert [rule.rule_id for rule in finding.rules] == ["limit.addon_units"]
    assert finding.citations[0].startswith("limit.addon_units = 4 [medicare")
    assert any(cite.startswith("codes.addon = 99494") for cite in finding.citations)


def test_add_on_units_count_across_the_practices_claims_of_the_month():
    earlier = [month(3, hcpcs_code="99493"), replace(month(3, hcpcs_code="99494"), service_unit_quantity=2)]
    assert "addon.over_limit" in failing(subject(line("99494", 3, 1), past=earlier))
    assert "addon.over_limit" not in failing(subject(line("99494", 2, 1), past=earlier))


def test_an_unknown_limit_is_no_data_never_clean(tmp_path):
    rulebook = overlay(tmp_path, {"silent": {"limit.addon_units": "unknown"}})
    checked = replace(subject(line(), line("99494", 5, 2)), policy=policy("silent", rulebook=rulebook))
    finding = found(checked)["addon.over_limit"]
    assert finding.is_no_data and finding.severity is Severity.REVIEW
    assert finding.explanation.startswith("Not known: whether the payer limits the add-on units of a month")


def test_an_assumed_limit_never_blocks(tmp_path):
    rulebook = overlay(tmp_path, {"guessed": {"limit.addon_units": "3"}}, {"guessed": "assumed"})
    checked = replace(subject(line(), line("99494", 4, 2)), policy=policy("guessed", rulebook=rulebook))
    finding = found(checked)["addon.over_limit"]
    assert finding.verdict is Verdict.FAIL and finding.severity is Severity.REVIEW


@pytest.mark.parametrize(
    ("status", "trips"),
    [
        (ClaimStatus.PAID, False),
        (ClaimStatus.SENT, False),
        (ClaimStatus.REJECTED, True),
        (ClaimStatus.VOIDED, True),
    ],
)
def test_an_add_on_stands_beside_a_base_that_was_billed_before_and_stands(status, trips):
    checked = subject(line("99494"), past=[month(3, status=status)])
    assert ("addon.without_base" in failing(checked)) is trips


def test_another_practices_base_code_is_no_parent():
    checked = subject(line("99494"), past=[month(3, billing_tin=OTHER_TIN)])
    assert "addon.without_base" in failing(checked)


def test_a_short_month_is_no_parent_of_an_add_on():
    assert "addon.without_base" in failing(subject(line("G2214"), line("99494", 1, 2)))


@pytest.mark.parametrize("other", ["99492", "G2214"])
def test_two_codes_that_report_the_month(other):
    finding = found(subject(line("99493"), line(other, 1, 2)))["base.both_codes"]
    assert finding.severity is Severity.BLOCK


def test_psychotherapy_by_another_clinician_is_no_conflict():
    therapy = month(3, hcpcs_code="90834", billing_tin=OTHER_TIN, billing_npi=OTHER_NPI)
    assert check_claim(subject(line(), line("90834", 1, 2), past=[therapy])).is_clean


def test_another_practice_billed_the_month():
    assert "base.other_practice" in failing(subject(line(), past=[month(3, billing_tin=OTHER_TIN)]))
    by_npi = month(3, billing_tin="", billing_npi=OTHER_NPI)
    assert "base.other_practice" in failing(subject(line(), past=[by_npi]))
    assert "base.other_practice" not in failing(subject(line(), past=[month(3, billing_tin="")]))


@pytest.mark.parametrize(
    ("last_month", "verdict"), [(-3, Verdict.FAIL), (-4, Verdict.NO_DATA), (2, Verdict.FAIL)]
)
def test_the_first_month_code_needs_six_empty_months(last_month, verdict):
    checked = subject(
        line("99492"), past=[month(last_month)], evidence=evidence(month_kind=MonthKind.UNKNOWN)
    )
    assert found(checked)["base.first_code_in_later_month"].verdict is verdict


def test_the_record_settles_the_month_where_the_history_is_silent():
    edit = "base.first_code_in_later_month"
    assert edit not in found(subject(line("99492"), evidence=evidence(month_kind=MonthKind.FIRST)))
    assert edit in failing(subject(line("99492"), evidence=evidence(month_kind=MonthKind.LATER)))


def test_a_first_month_code_after_another_practice_is_for_a_person():
    past = [month(2, billing_tin=OTHER_TIN)]
    checked = subject(line("99492"), past=past, evidence=evidence(month_kind=MonthKind.FIRST))
    assert found(checked)["base.first_code_after_other_practice"].severity is Severity.REVIEW
    assert "base.first_code_in_later_month" not in found(checked)


def test_a_later_month_code_in_the_first_month():
    checked = subject(line("99493"), evidence=evidence(month_kind=MonthKind.FIRST))
    assert found(checked)["base.later_code_in_first_month"].severity is Severity.REVIEW


def test_a_first_month_code_once_in_a_calendar_year(tmp_path):
    rulebook = overlay(tmp_path, {"yearly": {"episode.first_month_per_calendar_year_max": "1"}})
    november = date(2026, 11, 30)
    again = subject(
        line("99492", day=november),
        past=[month(1, hcpcs_code="99492")],
        evidence=evidence(month_kind=MonthKind.FIRST),
    )
    again = replace(again, policy=policy("yearly", november, rulebook))
    assert "base.first_code_repeated_in_year" in failing(again)
    assert "base.first_code_repeated_in_year" not in failing(
        replace(again, history=(month(0, hcpcs_code="99492"),))
    )


def test_the_same_code_billed_before_is_a_duplicate():
    finding = found(subject(line(), past=[month(3)]))["duplicate.already_billed"]
    assert finding.severity is Severity.BLOCK
    assert "earlier originals with the same code for the month (1)" in finding.explanation


@pytest.mark.parametrize(
    "earlier",
    [
        [month(3, status=ClaimStatus.REJECTED)],
        [month(3, status=ClaimStatus.VOIDED)],
        [month(3), month(3, frequency_code="8", status=ClaimStatus.ACCEPTED)],
        [month(3, payer_id="OTHER")],
        [replace(month(3), claim_id="C-1")],
        [month(3, billing_tin=OTHER_TIN)],
    ],
    ids=[
        "rejected",
        "voided",
        "voided by a claim",
        "another payer's",
        "this very claim",
        "another practice's",
    ],
)
def test_what_is_no_duplicate(earlier):
    assert "duplicate.already_billed" not in found(subject(line(), past=earlier))


def test_a_replacement_of_the_earlier_claim_is_no_duplicate():
    replacement = {
        "frequency_code": "7",
        "payer_claim_control_number": "ICN1",
        "pack_id": "ca-commercial-carveout",
    }
    assert "duplicate.already_billed" not in found(subject(line(), past=[month(3)], **replacement))
    of_another = {**replacement, "payer_claim_control_number": "ICN2"}
    assert "duplicate.already_billed" in failing(subject(line(), past=[month(3)], **of_another))


def test_an_original_after_a_denial_where_the_payer_wants_it_corrected():
    checked = subject(line(), past=[month(3, status=ClaimStatus.DENIED)])
    assert found(checked)["correction.original_after_denial"].severity is Severity.REVIEW
    assert "duplicate.already_billed" not in found(checked)


def test_a_code_split_over_two_lines_looks_like_a_duplicate():
    checked = subject(line(), line("99494", 1, 2), line("99494", 1, 3))
    lines = [
        item.claim_line_number
        for item in check_claim(checked).findings
        if item.edit_id == "duplicate.repeated_line"
    ]
    assert lines == [2, 3]


@pytest.mark.parametrize("past", [[month(3, hcpcs_code="99484", billing_tin=OTHER_TIN)], []])
def test_general_behavioral_health_in_the_same_month_excludes(past):
    lines = [line()] if past else [line(), line("99484", 1, 2)]
    assert "concurrency.general_bhi" in failing(subject(*lines, past=past))


def test_general_behavioral_health_in_another_month_does_not():
    assert "concurrency.general_bhi" not in found(subject(line(), past=[month(2, hcpcs_code="99484")]))


def test_consent():
    assert "consent.missing" in failing(subject(evidence=evidence(consent=replace(CONSENT, given=Answer.NO))))
    unknown = found(subject(evidence=evidence(consent=replace(CONSENT, given=Answer.UNKNOWN))))[
        "consent.missing"
    ]
    assert unknown.is_no_data and unknown.severity is Severity.REVIEW
    late = found(subject(evidence=evidence(consent=replace(CONSENT, consent_date=date(2026, 4, 1)))))
    assert late["consent.after_service"].explanation.startswith(
        "The date of consent (2026-04-01) is after the date of service (2026-03-31)."
    )


@pytest.mark.parametrize(
    ("visit", "verdict"),
    [
        (VISIT, None),
        (replace(VISIT, is_new_patient=Answer.YES), Verdict.FAIL),
        (replace(VISIT, last_seen_date=date(2024, 12, 1)), Verdict.FAIL),
        (replace(VISIT, last_seen_date=None), Verdict.NO_DATA),
        (replace(VISIT, is_new_patient=Answer.YES, visit_date=date(2026, 1, 2), hcpcs_code="99214"), None),
        (
            replace(VISIT, is_new_patient=Answer.YES, visit_date=date(2026, 1, 2), hcpcs_code="90834"),
            Verdict.FAIL,
        ),
        (
            replace(VISIT, is_new_patient=Answer.YES, visit_date=date(2026, 1, 2), hcpcs_code=""),
            Verdict.NO_DATA,
        ),
        (
            replace(VISIT, is_new_patient=Answer.YES, visit_date=date(2026, 4, 1), hcpcs_code="99214"),
            Verdict.FAIL,
        ),
        (None, Verdict.NO_DATA),
    ],
)
def test_the_initiating_visit(visit, verdict):
    finding = found(subject(evidence=evidence(initiating_visit=visit))).get("initiating_visit.missing")
    assert (finding.verdict if finding else None) is verdict


def test_diagnoses():
    assert "diagnosis.none_behavioral" in failing(subject(diagnosis_codes=("Z1331",)))
    assert "diagnosis.pointer" in failing(subject(line(pointers=(1,)), diagnosis_codes=("E119", "F321")))
    assert "diagnosis.pointer" not in failing(
        subject(line(pointers=(1, 2)), diagnosis_codes=("E119", "F321"))
    )


def test_the_same_facts_make_two_lawful_claims_by_payer():
    by_bhcm = {"rendering": Person("CARE", "MAY", BHCM_NPI, "")}
    california = {"pack_id": "ca-commercial-carveout"}
    assert "rendering.wrong_role" in failing(subject(**by_bhcm))
    assert "rendering.wrong_role" not in failing(subject(**by_bhcm, **california))
    assert "rendering.wrong_role" in failing(subject(**california))
    assert "rendering.wrong_role" not in failing(subject())


def test_who_bills():
    consultant = evidence(
        roles_by_npi={OTHER_NPI: Role.PSYCHIATRIC_CONSULTANT, PRACTITIONER_NPI: Role.BILLING_PRACTITIONER}
    )
    by_consultant = subject(evidence=consultant)
    billing = replace(by_consultant.claim.billing, identifier=OTHER_NPI)
    checked = replace(by_consultant, claim=replace(by_consultant.claim, billing=billing))
    assert failing(checked) >= {"billing.behavioral_staff", "billing.not_medical_group"}
    in_person = replace(billing, identifier=PRACTITIONER_NPI)
    assert not failing(replace(by_consultant, claim=replace(by_consultant.claim, billing=in_person)))


def test_an_npi_with_a_wrong_digit():
    checked = subject(rendering=Person("DOC", "ANN", "1245319590", ""))
    assert found(checked)["rendering.npi_check_digit"].severity is Severity.BLOCK
    assert "billing.npi_check_digit" not in found(checked)


def test_the_place_of_service_blocks_only_where_the_payer_says_so():
    assert found(subject(place_of_service_code="02"))["place.not_credentialed"].severity is Severity.REVIEW
    in_california = found(subject(place_of_service_code="02", pack_id="ca-commercial-carveout"))
    assert in_california["place.not_credentialed"].severity is Severity.BLOCK


def test_the_behavioral_administrators_identifier():
    misrouted = subject()
    claim = replace(misrouted.claim, payer=replace(misrouted.claim.payer, identifier="BH999"))
    assert found(replace(misrouted, claim=claim))["payer.behavioral_administrator"].severity is Severity.BLOCK


def test_timely_filing_by_contract_and_by_payer():
    late = replace(subject(), as_of_date=date(2027, 4, 1))
    assert "filing.payer_limit" in failing(late)
    assert "filing.payer_limit" not in failing(replace(late, as_of_date=date(2027, 3, 31)))
    contract = replace(PAYER, filing_limit_days=90)
    assert failing(replace(late, payer=contract)) == {"filing.contract_limit"}
    assert not failing(replace(late, payer=contract, as_of_date=date(2026, 6, 29)))


def test_a_replacement_where_the_payer_takes_only_originals_and_the_number_is_missing():
    checked = subject(frequency_code="7")
    assert found(checked)["correction.originals_only"].severity is Severity.REVIEW, (
        "Medicare's way is assumed"
    )
    assert found(checked)["correction.control_number_missing"].severity is Severity.BLOCK


def test_a_void_is_checked_only_for_what_makes_a_void():
    void = subject(
        frequency_code="8",
        evidence=Evidence.unknown(),
        past=[month(3, payer_claim_control_number="ICN1")],
        diagnosis_codes=(),
    )
    assert failing(void) == {"correction.control_number_missing", "correction.originals_only"}
    assert not check_claim(void).no_data


@pytest.mark.parametrize(
    ("code", "units", "minutes", "trips"),
    [
        ("99493", 1, 30, True),
        ("99493", 1, 31, False),
        ("99494", 2, 105, True),
        ("99494", 2, 106, False),
        ("G2214", 1, 15, True),
    ],
)
def test_minutes_must_support_the_code(code, units, minutes, trips):
    lines = [line(), line(code, units, 2)] if code == "99494" else [line(code, units)]
    assert (
        "minutes.below_code" in failing(subject(*lines, evidence=evidence(minutes_counted=minutes)))
    ) is trips


@pytest.mark.parametrize(
    ("code", "pack_id", "day", "trips"),
    [
        ("G2214", "cpt", date(2026, 3, 31), True),
        ("G2214", "medicare", date(2026, 3, 31), False),
        ("99493", "medicare", date(2017, 12, 31), True),
        ("G0503", "medicare", date(2017, 12, 31), False),
        ("G0503", "medicare", date(2018, 1, 31), True),
    ],
)
def test_a_code_must_be_the_payers_on_the_date(code, pack_id, day, trips):
    assert ("code.not_payers" in failing(subject(line(code, day=day), pack_id=pack_id))) is trips


def test_a_claim_without_a_code_of_the_service_is_left_alone():
    result = check_claim(subject(line("99213"), line("90834", 1, 2)))
    assert result.is_clean and result.lines_left_alone == (1, 2)
    assert set(result.counts.values()) == {0}


def test_without_evidence_what_is_not_known_is_asked_and_what_is_known_still_trips():
    result = check_claim(subject(line(), line("99494", 5, 2), evidence=Evidence.unknown()))
    assert {item.edit_id for item in result.failures} == {"addon.over_limit", "addon.above_usual"}
    assert {"consent.missing", "rendering.wrong_role", "minutes.below_code"} <= {
        item.edit_id for item in result.no_data
    }
    assert all(item.severity <= Severity.REVIEW for item in result.no_data)
    assert result.is_blocked


def test_findings_stand_worst_first_and_as_json():
    result = check_claim(subject(line(), line("99494", 5, 2), evidence=Evidence.unknown()))
    severities = [item.severity for item in result.findings]
    assert severities == sorted(severities, reverse=True)
    shown = json.loads(json.dumps(result.as_json()))
    assert {
        "schema_version",
        "engine_version",
        "rulebook_hash",
        "as_of_date",
        "catalogue_hash",
    } <= shown.keys()
    first = shown["findings"][0]
    assert first["edit_id"] == "addon.over_limit" and first["facts"]["addon_units_month"] == 5
    assert shown["counts"]["fail"] == 2
