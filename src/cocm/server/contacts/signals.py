"""A row that minutes depend on was saved or deleted: the patient's month is worked out anew when it is next asked for.

`QuerySet.update` and `bulk_create` send no signal; who uses them calls `contacts.minutes.inputs_changed`.
"""

from __future__ import annotations

from typing import Any

from django.db.models.signals import m2m_changed, post_delete, post_save

from cocm.server.records import OrganizationRow


def connect() -> None:
    """Listen; called when the apps are ready."""
    from cocm.server.accounts.models import Charge, Organization, PayerProduct, Site, StaffMember
    from cocm.server.registry.models import (
        CaseloadReview,
        ClaimHistoryLine,
        Consent,
        Coverage,
        Diagnosis,
        Episode,
        InitiatingVisit,
        MeasureResult,
        MonthDecision,
        OtherService,
        Patient,
    )
    from cocm.server.setup.models import ContractRate

    for model in (Coverage, Episode, Consent, OtherService, ClaimHistoryLine):
        post_save.connect(_patients_row_changed, sender=model, dispatch_uid=f"minutes {model.__name__}")
        post_delete.connect(_patients_row_changed, sender=model, dispatch_uid=f"minutes {model.__name__}")
    for file_model in (MeasureResult, CaseloadReview, Diagnosis, InitiatingVisit, MonthDecision):
        post_save.connect(_file_changed, sender=file_model, dispatch_uid=f"file {file_model.__name__}")
        post_delete.connect(_file_changed, sender=file_model, dispatch_uid=f"file {file_model.__name__}")
    through = StaffMember.sites.through
    for small_model in (Organization, Site, StaffMember, through, PayerProduct, Charge, ContractRate):
        post_save.connect(_reference_changed, sender=small_model, dispatch_uid=f"kept {small_model.__name__}")
        post_delete.connect(
            _reference_changed, sender=small_model, dispatch_uid=f"kept {small_model.__name__}"
        )
    m2m_changed.connect(_reference_changed, sender=through, dispatch_uid="kept sites")
    for clock_model in (Episode, Site, Organization):
        post_save.connect(_clock_changed, sender=clock_model, dispatch_uid=f"clock {clock_model.__name__}")
        post_delete.connect(_clock_changed, sender=clock_model, dispatch_uid=f"clock {clock_model.__name__}")
    post_save.connect(_patient_changed, sender=Patient, dispatch_uid="minutes Patient")
    for practice_model in (Organization, PayerProduct, Site, StaffMember):
        post_save.connect(
            _practice_changed, sender=practice_model, dispatch_uid=f"minutes {practice_model.__name__}"
        )


def _clock_changed(**_: Any) -> None:
    from cocm.server.contacts.clocks import clocks_changed

    clocks_changed()


def _patients_row_changed(instance: OrganizationRow, **_: Any) -> None:
    from cocm.server.contacts.minutes import note_change

    # a consent is an episode's, the others are a patient's
    holder: Any = getattr(instance, "episode", instance)
    note_change(instance.organization_id, holder.patient_id)


def _file_changed(instance: OrganizationRow, **_: Any) -> None:
    from cocm.server.contacts.minutes import note_file_change

    holder: Any = getattr(instance, "episode", instance)
    if holder.patient_id is not None:  # a review of the whole caseload is nobody's: `month_lacks` asks for it
        note_file_change(instance.organization_id, holder.patient_id)


def _reference_changed(instance: Any, created: bool = False, **_: Any) -> None:
    from cocm.server.accounts.models import Organization
    from cocm.server.contacts.minutes import reference_changed

    if created and isinstance(instance, Organization):
        return  # nobody has read anything of it yet, and its rows are behind its own wall
    reference_changed(getattr(instance, "organization_id", instance.pk))


def _patient_changed(instance: Any, created: bool, **_: Any) -> None:
    from cocm.server.contacts.minutes import note_change

    if not created:
        note_change(instance.organization_id, instance.pk)


def _practice_changed(instance: Any, created: bool, **_: Any) -> None:
    """A new site, payer or person changes nothing before a patient's row names it."""
    from cocm.server.contacts.minutes import note_change

    if not created:
        note_change(getattr(instance, "organization_id", instance.pk), None)
