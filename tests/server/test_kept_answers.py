"""What is kept of the small tables and of a month's lacks is never older than its rows, whatever changed."""

from datetime import UTC, date, datetime

import pytest
from django.db import transaction

from cocm.basics.months import Month
from cocm.coding.proposal import propose
from cocm.server.accounts.models import Charge, PayerProduct, Site, StaffMember
from cocm.server.contacts.ahead import minutes_ahead_at
from cocm.server.contacts.lacks import month_lacks
from cocm.server.contacts.minutes import minutes_of_month
from cocm.server.practice_port import PracticePort
from cocm.server.registry.models import (
    CaseloadReview,
    Consent,
    Coverage,
    Diagnosis,
    Episode,
    InitiatingVisit,
    MeasureResult,
)
from cocm.server.rules_in_force import policy_for
from cocm.server.setup.models import ContractRate

MARCH, APRIL = Month(2026, 3), Month(2026, 4)


def small(world):
    found = PracticePort(world.practice).small_reference
    return found.practice, found.sites, found.staff, found.payers, found.charges, found.contract_rates


def read_anew(world):
    found = PracticePort(world.practice)._read_reference()
    return found.practice, found.sites, found.staff, found.payers, found.charges, found.contract_rates


def test_kept_tables_follow_every_change_and_no_change_that_was_taken_back(world) -> None:
    own = {"organization_id": world.practice.organization_id}
    with world.inside(world.practice):
        assert small(world) == read_anew(world)
        assert PracticePort(world.practice).small_reference is PracticePort(world.practice).small_reference
        site, member = Site.objects.of(world.practice).first(), StaffMember.objects.of(world.practice).first()
        payer = PayerProduct.objects.of(world.practice).first()

        def rename_site():
            site.name += " II"
            site.save()

        def rename_payer():
            payer.name += " II"
            payer.save()

        changes = (
            rename_site,
            rename_payer,
            lambda: Site(**own, site_id="NEW", name="New", npi=site.npi, place_of_service_code="11").save(),
            lambda: member.sites.through.objects.of(world.practice).filter(staff_member=member).delete(),
            lambda: Charge(**own, hcpcs_code="G9999", charge_amount_cents=1, effective_from=date(2026, 1, 1)).save(),
            lambda: ContractRate(**own, payer=payer, hcpcs_code="G9999", effective_from=date(2026, 1, 1),
                                 rate_amount_cents=1).save(),
            lambda: Charge.objects.of(world.practice).filter(hcpcs_code="G9999").delete(),
        )  # fmt: skip
        for change in changes:
            before = small(world)
            with transaction.atomic():
                change()
                assert small(world) == read_anew(world)
                transaction.set_rollback(True)
            assert small(world) == read_anew(world) == before
            change()
            assert small(world) == read_anew(world)
        whole, of_march = (
            PracticePort(world.practice).reference,
            PracticePort(world.practice).reference_for(MARCH),
        )
        assert of_march.caseload_reviews_held == {
            held for held in whole.caseload_reviews_held if held[1] == MARCH.index
        }


def lacks(world, patient):
    """By what is kept, and by the core now."""
    rows = minutes_of_month(actor=world.practice, patients=[patient.pk], month=MARCH)
    [case] = PracticePort(world.practice).case_files([patient.pk], MARCH)
    row = rows[patient.pk, case.episode.episode_id]
    bhcm = Episode.objects.of(world.practice).get(patient=patient, episode_id=row.episode_id).bhcm_id
    kept = month_lacks(actor=world.practice, row=row, bhcm_pk=bhcm)
    missing = sorted(
        propose(case, policy_for(case)).missing, key=lambda item: (item.is_no_data, -item.severity)
    )
    return [(one.severity, one.is_no_data, one.text, one.action) for one in kept], [
        (int(one.severity), one.is_no_data, one.reason.text, one.action) for one in missing
    ]


@pytest.mark.parametrize(
    "model", [MeasureResult, CaseloadReview, Diagnosis, InitiatingVisit, Consent, Coverage]
)
def test_what_a_month_lacks_follows_the_case_file(world, model) -> None:
    patient = world.ariana
    with world.inside(world.practice):
        kept, now = lacks(world, patient)
        assert kept == now
        rows = model.objects.of(world.practice)
        of_patient = {"episode__patient": patient} if hasattr(model, "episode") else {"patient": patient}
        for row in rows.filter(**of_patient):
            row.delete()
        kept, after = lacks(world, patient)
        assert kept == after and (after != now or model is InitiatingVisit)
        if model is CaseloadReview:  # of the whole caseload: nobody's row
            rows.all().delete()
            kept, after = lacks(world, patient)
            assert kept == after


def test_the_first_look_of_a_month_finds_its_work_done(world, monkeypatch) -> None:
    assert minutes_ahead_at(datetime(2026, 3, 31, 23, tzinfo=UTC)) > 5
    with world.inside(world.practice):
        open_ones = Episode.objects.of(world.practice).filter(end_date__isnull=True)
        pks = sorted(set(open_ones.values_list("patient_id", flat=True)))
        monkeypatch.setattr(
            PracticePort, "case_files", lambda *_, **__: pytest.fail("the core was asked again")
        )
        for month in (MARCH, APRIL):
            assert minutes_of_month(actor=world.practice, patients=pks, month=month)
