"""What stands on the claim itself: codes, modifiers, places, taxonomies, charges, units, dates, numbers, records."""

from dataclasses import replace
from datetime import date

import pytest
from edit_samples import EVIDENCE, OTHER_NPI, PAYER, history, line, overlay, policy, subject

from cocm.care.people import Role
from cocm.claims.records import Paperwork, Person
from cocm.edits.check import check_claim
from cocm.edits.edit import Verdict
from cocm.edits.subject import Evidence
from cocm.rules import Severity

DECEMBER = date(2025, 12, 31)
JANUARY = date(2026, 1, 31)


def found(checked):
    """The findings of a claim by edit id."""
    return {finding.edit_id: finding for finding in check_claim(checked).findings}


def with_line(**changes):
    """The clean claim with a changed line."""
    return subject(replace(line(), **changes))


def by(taxonomy_code):
    return {"rendering": Person("DOC", "ANN", "1245319599", taxonomy_code)}


@pytest.mark.parametrize(
    ("changes", "edit", "severity"),
    [
        ({"modifiers": ("95",)}, "modifier.refused", Severity.REVIEW),
        ({"charge_amount_cents": 0}, "charge.none", Severity.REVIEW),
        ({"charge_amount_cents": 14_495}, "charge.below_reference", Severity.INFORM),
        ({"charge_amount_cents": 144_961}, "charge.far_above", Severity.REVIEW),
        ({"service_unit_quantity": 0}, "units.none", Severity.BLOCK),
        ({"is_whole_quantity": False}, "units.not_whole", Severity.BLOCK),
        ({"unit_basis_code": "MJ"}, "units.wrong_basis", Severity.BLOCK),
        ({"service_from_date": date(2026, 2, 15)}, "date.range_across_months", Severity.BLOCK),
        ({"service_from_date": date(2026, 4, 1)}, "date.range_reversed", Severity.BLOCK),
        ({"service_date": date(2026, 3, 15)}, "date.not_payers_basis", Severity.INFORM),
        ({"service_date": date(2026, 1, 4)}, "date.before_episode", Severity.REVIEW),
        ({"diagnosis_pointers": ()}, "diagnosis.pointer_without_target", Severity.BLOCK),
        ({"diagnosis_pointers": (1, 2)}, "diagnosis.pointer_without_target", Severity.BLOCK),
    ],
)
def test_a_line(changes, edit, severity):
    finding = found(with_line(**changes))[edit]
    assert finding.verdict is Verdict.FAIL and finding.severity is severity


@pytest.mark.parametrize(
    "changes",
    [
        {"charge_amount_cents": 14_496},
        {"charge_amount_cents": 144_960},
        {"service_from_date": date(2026, 3, 1)},
        {"modifiers": ("U1",)},
    ],
)
def test_a_line_at_the_edge_is_clean(changes):
    assert not found(with_line(**changes))


@pytest.mark.parametrize(
    ("changes", "edit", "severity"),
    [
        ({"place_of_service_code": "99X"}, "place.not_a_code", Severity.BLOCK),
        ({"place_of_service_code": "10"}, "place.refused", Severity.REVIEW),
        ({"patient_birth_date": date(2026, 4, 1)}, "date.before_birth", Severity.BLOCK),
        (by("1041C0700X"), "rendering.taxonomy_role", Severity.REVIEW),
        (by("163W00000X"), "rendering.type_not_accepted", Severity.REVIEW),
        ({"diagnosis_codes": ("F32.A",)}, "diagnosis.unspecified", Severity.INFORM),
        ({"paperwork": (Paperwork("OZ", "EL", "P1"),)}, "paperwork.not_asked", Severity.INFORM),
    ],
)
def test_a_claim(changes, edit, severity):
    finding = found(subject(**changes))[edit]
    assert finding.verdict is Verdict.FAIL and finding.severity is severity


def test_a_behavioral_billing_taxonomy_leads_the_claim_astray():
    clean = subject()
    billing = replace(clean.claim.billing, taxonomy_code="261QM0801X")
    checked = replace(clean, claim=replace(clean.claim, billing=billing))
    assert found(checked)["billing.behavioral_taxonomy"].severity is Severity.REVIEW


def test_the_psychiatric_consultant_does_not_render():
    roles = {**EVIDENCE.roles_by_npi, OTHER_NPI: Role.PSYCHIATRIC_CONSULTANT}
    checked = subject(
        rendering=Person("PSY", "PAT", OTHER_NPI, "2084P0800X"),
        evidence=replace(EVIDENCE, roles_by_npi=roles),
    )
    assert found(checked)["rendering.psychiatric_consultant"].severity is Severity.BLOCK
    assert "rendering.wrong_role" not in found(checked), "told once"


def test_a_claim_of_two_months():
    checked = subject(line(day=date(2026, 2, 28)), line(number=2))
    assert found(checked)["date.several_months"].severity is Severity.BLOCK


def test_a_date_to_come():
    assert "date.in_future" in found(replace(subject(), as_of_date=date(2026, 3, 30)))
    assert "date.in_future" not in found(replace(subject(), as_of_date=date(2026, 3, 31)))


@pytest.mark.parametrize(
    ("changes", "edit"),
    [
        ({"death_date": date(2026, 3, 30)}, "date.after_death"),
        ({"coverage_to_date": date(2026, 3, 30)}, "coverage.not_in_force"),
        ({"coverage_from_date": date(2026, 4, 1)}, "coverage.not_in_force"),
    ],
)
def test_a_service_after_death_or_without_coverage(changes, edit):
    assert found(subject(evidence=replace(EVIDENCE, **changes)))[edit].severity is Severity.BLOCK


def test_a_date_that_is_the_policys_last_is_the_payers():
    ended = replace(EVIDENCE, coverage_to_date=date(2026, 3, 15))
    assert not found(subject(line(day=date(2026, 3, 15)), evidence=ended))


def test_the_month_that_needs_an_authorization():
    def in_month(number, **changes):
        evidence = replace(EVIDENCE, first_service_date=date(2025, number, 1), **changes)
        return found(subject(pack_id="mi-medicaid", evidence=evidence))

    assert in_month(3)["authorization.missing"].severity is Severity.REVIEW
    assert "authorization.missing" not in in_month(4)
    approved = in_month(3, is_authorized=True)
    assert "authorization.missing" not in approved
    assert approved["authorization.number_missing"].severity is Severity.INFORM


def test_where_nobody_knows_when_an_authorization_is_wanted_the_first_month_needs_none():
    texas = {"pack_id": "tx-medicaid"}
    later = found(subject(**texas))["authorization.missing"]
    assert later.is_no_data
    first = replace(EVIDENCE, first_service_date=date(2026, 3, 2))
    assert "authorization.missing" not in found(subject(evidence=first, **texas))


def test_an_attestation_must_reach_back_to_the_service():
    checked = subject(pack_id="tx-medicaid")
    assert found(checked)["enrollment.not_attested"].severity is Severity.REVIEW
    attested = replace(PAYER, attested_from=date(2026, 3, 31))
    assert "enrollment.not_attested" not in found(replace(checked, payer=attested))


def test_a_patient_below_the_payers_age():
    checked = subject(line(day=date(2026, 4, 30)), pack_id="ny-ccmp")
    child = replace(checked, claim=replace(checked.claim, patient_birth_date=date(2014, 5, 1)))
    assert found(child)["patient.below_age"].verdict is Verdict.FAIL
    twelve = replace(checked, claim=replace(checked.claim, patient_birth_date=date(2014, 4, 30)))
    assert "patient.below_age" not in found(twelve)


def test_records_that_go_with_the_claim(tmp_path):
    rulebook = overlay(tmp_path, {"records": {"claim.paperwork": "with_claim"}})
    checked = replace(subject(), policy=policy("records", rulebook=rulebook))
    assert found(checked)["paperwork.missing"].severity is Severity.REVIEW
    announced = replace(checked.claim, paperwork=(Paperwork("OZ", "EL", "P1"),))
    assert "paperwork.missing" not in found(replace(checked, claim=announced))


@pytest.mark.parametrize(
    ("pack_id", "day", "not_payers", "ended"),
    [
        ("medicare", DECEMBER, None, False),
        ("medicare", JANUARY, Verdict.FAIL, False),
        ("tx-medicaid-rhc-fqhc", JANUARY, None, True),
        ("cpt", DECEMBER, Verdict.FAIL, False),
    ],
)
def test_the_clinic_code_lives_on_where_a_programme_keeps_it(pack_id, day, not_payers, ended):
    findings = found(subject(line("G0512", day=day), pack_id=pack_id))
    finding = findings.get("code.not_payers")
    assert (finding.verdict if finding else None) is not_payers
    assert ("code.ended" in findings) is ended


def test_a_clinics_code_and_a_clinic_belong_together():
    group = found(subject(line("G0512", day=DECEMBER)))
    assert group["code.clinic_code_of_other_biller"].severity is Severity.REVIEW
    assert "code.clinic_code_of_other_biller" not in found(
        subject(line("G0512", day=DECEMBER), place_of_service_code="50")
    )
    individual = found(subject(line(day=DECEMBER), place_of_service_code="72"))
    assert individual["code.individual_of_clinic"].verdict is Verdict.FAIL
    assert "code.individual_of_clinic" not in found(subject(place_of_service_code="72")), (
        "from 2026 all are individual"
    )


def test_a_clinics_code_needs_its_own_minutes():
    sixty = subject(line("G0512", day=DECEMBER), evidence=replace(EVIDENCE, minutes_counted=59))
    assert found(sixty)["minutes.below_clinic_code"].verdict is Verdict.FAIL


def test_a_payer_that_takes_an_institutional_claim():
    assert found(subject(pack_id="medicare-rhc-fqhc"))["claim.wrong_form"].severity is Severity.BLOCK


def test_psychotherapy_that_belongs_to_another_side_of_the_benefit():
    lines = (line(), line("90834", 1, 2))
    finding = found(subject(*lines, pack_id="co-medicaid"))["payer.psychotherapy_on_claim"]
    assert finding.verdict is Verdict.FAIL
    assert "payer.psychotherapy_on_claim" not in found(subject(*lines))
    assert found(subject(*lines, pack_id="cpt"))["payer.psychotherapy_on_claim"].is_no_data


@pytest.mark.parametrize(
    ("minutes", "edit"),
    [(31, "minutes.at_threshold"), (76, "minutes.unbilled_addon"), (32, None), (75, None)],
)
def test_minutes_at_the_threshold_and_minutes_that_are_not_billed(minutes, edit):
    findings = found(subject(evidence=replace(EVIDENCE, minutes_counted=minutes)))
    assert set(findings) == ({edit} if edit else set())


def test_without_evidence_nothing_that_rests_on_it_is_clean():
    no_data = {item.edit_id for item in check_claim(subject(evidence=Evidence.unknown())).no_data}
    assert {"coverage.not_in_force", "date.before_episode", "rendering.psychiatric_consultant"} <= no_data


def test_a_replacement_of_the_month_is_neither_duplicate_nor_too_many_units():
    changes = {
        "frequency_code": "7",
        "payer_claim_control_number": "ICN1",
        "pack_id": "ca-commercial-carveout",
    }
    past = [history(day=date(2026, 3, 31), claim_id="H-3")]
    assert {"duplicate.already_billed", "ncci.units"}.isdisjoint(found(subject(past=past, **changes)))
