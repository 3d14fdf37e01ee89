"""Bringing tables in: looked at first, then all of it or nothing, in one transaction with its event.

What a table says of a row that is there already changes that row; what stood in it is kept (`FormerValues`). A new
answer about consent, another member of the team, another diagnosis are new rows beside the old ones, as in a chart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from cocm.basics.errors import CocmError
from cocm.basics.months import Month
from cocm.intake.groups import PatientRows
from cocm.intake.reference import Reference
from cocm.intake.tables import TABLES
from cocm.server.access.actor import Actor
from cocm.server.access.permissions import Permission
from cocm.server.accounts.models import (
    Charge,
    Organization,
    PayerProduct,
    PractitionerSite,
    Site,
    StaffMember,
)
from cocm.server.audit.trail import record
from cocm.server.audit.verbs import Verb
from cocm.server.contacts.minutes import inputs_changed
from cocm.server.contacts.services import locked_head
from cocm.server.practice_port import PracticePort
from cocm.server.records import OrganizationRow
from cocm.server.registry.models import (
    CareTeamMember,
    CaseloadReview,
    ClaimHistoryLine,
    Consent,
    Coverage,
    Diagnosis,
    Episode,
    EpisodeStatus,
    InitiatingVisit,
    MeasureResult,
    MonthDecision,
    OtherService,
    Patient,
)
from cocm.server.registry.services.changes import add, change
from cocm.server.setup.aims_reading import AimsReading
from cocm.server.setup.aims_saving import save_sheet
from cocm.server.setup.end_statuses import end_status
from cocm.server.setup.loading import Keys, Loaded, PatientBatch
from cocm.server.setup.models import ContractRate, StagedImport
from cocm.server.setup.overlay import SMALL_TABLES, Overlay, UploadedRow
from cocm.server.setup.staging import is_sheet, opened, opened_sheet

Cells = dict[str, Any]
REASON: Final = "brought in with tables"
_SMALL_MODELS: Final[Mapping[str, type[OrganizationRow]]] = {
    "sites": Site,
    "staff": StaffMember,
    "payers": PayerProduct,
    "charges": Charge,
    "contract_rates": ContractRate,
}
_PLAIN_MODELS: Final[Mapping[str, type[OrganizationRow]]] = {
    "coverages": Coverage,
    "measures": MeasureResult,
    "reviews": CaseloadReview,
    "other_services": OtherService,
    "claim_history": ClaimHistoryLine,
    "decisions": MonthDecision,
}
_TEAM: Final = ("billing_practitioner", "bhcm", "psychiatric_consultant", "referring_practitioner")
_EPISODE: Final = ("start_date", "end_date", "end_reason", "first_service_date")
_CONSENT: Final = {
    "consent_given": "given",
    "consent_date": "consent_date",
    "consent_form": "form",
    "consent_recorded_by": "recorded_by",
    "cost_share_explained": "cost_share_explained",
}
_VISIT: Final = {
    "initiating_visit_date": "visit_date",
    "initiating_visit_code": "hcpcs_code",
    "is_new_patient": "is_new_patient",
    "last_seen_date": "last_seen_date",
}


class ImportRefused(CocmError):
    """The upload has rows that cannot be taken; nothing was saved."""

    def __init__(self, rows: int) -> None:
        super().__init__(
            f"{rows} rows cannot be taken, so nothing was saved; mend the files and upload them again"
        )


def read_import(*, actor: Actor, staged: StagedImport, today: date) -> Overlay | AimsReading:
    """What the upload would do, and every row of it that cannot be taken. Saves nothing.

    Raises `TableError` for files that cannot be read as tables.
    """
    actor.require(Permission.DATA_IMPORT)
    if is_sheet(staged):
        return AimsReading(actor, opened_sheet(staged), today)
    with opened(staged) as source:
        return Overlay(PracticePort(actor), source, Month.of(today))


@transaction.atomic
def import_confirm(*, actor: Actor, staged: StagedImport, today: date) -> dict[str, dict[str, int]]:
    """Save the upload as it reads now, and throw the staged files away; new and changed rows by table.

    Raises `ImportRefused` where a row cannot be taken, also where that was not so when it was looked at.
    """
    overlay = read_import(actor=actor, staged=staged, today=today)
    if overlay.problems:
        raise ImportRefused(len(overlay.problems))
    if isinstance(overlay, AimsReading):
        save_sheet(actor, overlay, today)
    else:
        _save_tables(actor, overlay, today)
    counts = {
        table.name: {"new": table.new, "changed": table.changed}
        for table in overlay.tables.values()
        if table.new or table.changed
    }
    record(actor, Verb.IMPORTED, object_type="tables", object_id=staged.pk, details={"rows": counts})
    staged.delete()
    if any(name in counts for name in SMALL_TABLES):
        inputs_changed(actor)
    return counts


def _save_tables(actor: Actor, overlay: Overlay, today: date) -> None:
    if overlay.reference is None:
        raise ImportRefused(len(overlay.problems))
    for name in SMALL_TABLES:
        if name in overlay.tables:
            save_small(
                actor, name, [row for row in overlay.tables[name].taken if row.is_new or row.is_changed]
            )
    _Patients(actor, overlay, _keys(actor), overlay.reference, today).save()


def _cells(name: str, values: tuple[Any, ...]) -> Cells:
    return dict(zip((column.name for column in TABLES[name].columns), values, strict=True))


def _keys(actor: Actor) -> Keys:
    def by(model: type[OrganizationRow], column: str) -> dict[str, UUID]:
        return dict(model.objects.of(actor).values_list(column, "pk"))

    return Keys(by(Site, "site_id"), by(StaffMember, "staff_id"), by(PayerProduct, "payer_id"))


# -- the small tables ---------------------------------------------------------------------------------------------


def save_small(actor: Actor, name: str, rows: list[UploadedRow]) -> None:
    """Save rows of a small table, over those of the same key."""
    for row in rows:
        cells = _cells(name, row.values)
        if name == "practice":
            del cells["organization_id"]
            Organization.objects.filter(pk=actor.organization_id).update(**cells)
            continue
        sites = cells.pop("site_ids", None)
        if "charge_amount" in cells:
            cells["charge_amount_cents"] = cells.pop("charge_amount")
        if name == "contract_rates":
            cells["rate_amount_cents"] = cells.pop("rate_amount")
            cells["percent_of_medicare_hundredths"] = cells.pop("percent_of_medicare")
            cells["payer_id"] = PayerProduct.objects.of(actor).get(payer_id=cells["payer_id"]).pk
        model = _SMALL_MODELS[name]
        key = {column: cells[column] for column in TABLES[name].key}
        made = model.objects.of(actor).filter(**key).first() or model(organization_id=actor.organization_id)
        for field, value in cells.items():
            setattr(made, field, value)
        made.full_clean(exclude=("organization",))
        made.save()
        if sites is not None:
            credential_at(actor, made, sites)


def credential_at(actor: Actor, member: Any, site_ids: Any) -> None:
    """Say at which sites, in which order, a practitioner is credentialed."""
    PractitionerSite.objects.of(actor).filter(staff_member=member).delete()
    keys = dict(Site.objects.of(actor).values_list("site_id", "pk"))
    PractitionerSite.objects.bulk_create(
        PractitionerSite(
            organization_id=actor.organization_id,
            staff_member=member,
            site_id=keys[site_id],
            position=position,
        )
        for position, site_id in enumerate(site_ids)
    )


# -- patients -----------------------------------------------------------------------------------------------------


class _Patients:
    """The upload's patients on their way into the database."""

    def __init__(self, actor: Actor, overlay: Overlay, keys: Keys, reference: Reference, today: date) -> None:
        self.actor, self.overlay, self.keys, self.reference, self.today = (
            actor,
            overlay,
            keys,
            reference,
            today,
        )
        self.batch = PatientBatch(actor, reference, keys)
        self.own: dict[str, Patient] = {}
        self.patients_changed: list[UUID] = []

    def save(self) -> None:
        known = sorted(self.overlay.own_patients)
        for start in range(0, len(known), 400):
            found = Patient.objects.of(self.actor).filter(patient_id__in=known[start : start + 400])
            self.own |= {patient.patient_id: patient for patient in found}
        for rows, made in self.overlay.patients:
            if rows.patient_id in self.own:
                if any(row.is_new or row.is_changed for table in made.values() for row in table):
                    self._merge(self.own[rows.patient_id], rows, made)
            else:
                self.batch.take(rows, set(), Loaded())
        if "reviews" in self.overlay.tables:
            self._caseload_reviews()
        self.batch.write()
        if self.patients_changed:
            inputs_changed(self.actor, self.patients_changed)

    def _caseload_reviews(self) -> None:
        for row in self.overlay.tables["reviews"].taken:
            cells = self._fields("reviews", _cells("reviews", row.values))
            if row.values[0]:
                continue  # a patient's own
            if row.is_new:
                self.batch.add(CaseloadReview, **cells)
            elif row.is_changed and row.before is not None:
                before = self._fields("reviews", _cells("reviews", row.before))
                found = CaseloadReview.objects.of(self.actor).filter(patient=None, **before).first()
                if found is not None:
                    CaseloadReview.objects.of(self.actor).filter(pk=found.pk).update(**cells)

    def _merge(self, patient: Patient, rows: PatientRows, made: Mapping[str, list[UploadedRow]]) -> None:
        self.patients_changed.append(patient.pk)
        for row in made["patients"]:
            if row.is_changed:
                values = _cells("patients", row.values)
                del values["patient_id"]
                change(self.actor, patient, patient, values)
        for name, table in made.items():
            new = [row.raw for row in table if row.is_new]
            if name == "episodes":
                for cells in self.batch.values(name, new, set()):
                    self.batch.episode(patient, cells)
                for row in table:
                    if row.is_changed and row.before is not None:
                        self._episode_change(patient, _cells(name, row.before), _cells(name, row.values))
            elif name == "contacts":
                if new:
                    head = locked_head(self.actor, patient)
                    clocks = self.overlay.clocks_of(rows, self.reference)
                    self.batch.contacts(patient, list(self.batch.values(name, new, set())), clocks, head)
            elif name in _PLAIN_MODELS:
                self._plain(patient, name, table)

    def _plain(self, patient: Patient, name: str, table: list[UploadedRow]) -> None:
        model = _PLAIN_MODELS[name]
        for row in table:
            fields = self._fields(name, _cells(name, row.values))
            if row.is_new:
                self.batch.add(model, patient=patient, **fields)
            elif row.is_changed and row.before is not None:
                before = self._fields(name, _cells(name, row.before))
                held = model.objects.of(self.actor).filter(patient=patient, **before).first()
                if held is None:
                    raise ImportRefused(1)  # somebody changed it since it was read, in this very moment
                change(self.actor, held, patient, fields, REASON)

    def _fields(self, name: str, cells: Cells) -> Cells:
        """A row's values by the model's fields."""
        cells.pop("patient_id", None)
        if name == "coverages":
            cells["payer_id"] = self.keys.payers[cells["payer_id"]]
        elif name == "reviews":
            consultant = cells["psychiatric_consultant_id"]
            cells["bhcm_id"] = self.keys.staff[cells["bhcm_id"]]
            cells["psychiatric_consultant_id"] = self.keys.staff.get(consultant)
        elif name == "decisions":
            cells["month_index"] = cells.pop("month").index
        return cells

    # -- an episode that is there already --------------------------------------------------------------------------

    def _episode_change(self, patient: Patient, before: Cells, after: Cells) -> None:
        actor, staff = self.actor, self.keys.staff
        changed = {name for name, value in after.items() if before[name] != value}
        episode = Episode.objects.of(actor).get(patient=patient, episode_id=after["episode_id"])
        values: Cells = {name: after[name] for name in _EPISODE if name in changed}
        if "site_id" in changed:
            values["site_id"] = self.keys.sites.get(after["site_id"])
        parts = [part for part in _TEAM if f"{part}_id" in changed]
        values |= {f"{part}_id": staff.get(after[f"{part}_id"]) for part in parts}
        change(actor, episode, patient, values, REASON)
        for part in parts:
            self._other_member(patient, episode, part, staff.get(after[f"{part}_id"]))
        if "end_date" in changed:
            self._ended(patient, episode, after["end_date"], after["end_reason"])
        if changed & set(_CONSENT):
            fields = {field: after[column] for column, field in _CONSENT.items()}
            add(actor, Consent(episode=episode, **fields), patient)
        if changed & set(_VISIT):
            fields = {field: after[column] for column, field in _VISIT.items()}
            visit = InitiatingVisit.objects.of(actor).filter(episode=episode).first()
            if visit is None:
                add(actor, InitiatingVisit(episode=episode, **fields), patient)
            else:
                change(actor, visit, patient, fields, REASON)
        if "diagnosis_codes" in changed:
            self._diagnoses(patient, episode, after["diagnosis_codes"])

    def _other_member(self, patient: Patient, episode: Episode, part: str, member: UUID | None) -> None:
        for held in CareTeamMember.objects.of(self.actor).filter(episode=episode, part=part, to_date=None):
            change(self.actor, held, patient, {"to_date": max(self.today, held.from_date)}, REASON)
        if member is not None:
            joined = CareTeamMember(
                episode=episode,
                staff_member_id=member,
                part=part,
                from_date=self.today,
                to_date=episode.end_date,
            )
            add(self.actor, joined, patient)

    def _ended(self, patient: Patient, episode: Episode, end: date | None, reason: str) -> None:
        status: Callable[..., EpisodeStatus] = EpisodeStatus
        if end is None:
            row = status(
                episode=episode, status=EpisodeStatus.Status.ACTIVE, from_date=self.today, reason=REASON
            )
        else:
            row = status(episode=episode, status=end_status(reason), from_date=end, reason=reason)
        row.recorded_by_id = self.actor.user_id
        add(self.actor, row, patient)
        team = CareTeamMember.objects.of(self.actor).filter(episode=episode)
        if end is not None:
            for member in team.filter(to_date=None):
                change(self.actor, member, patient, {"to_date": max(end, member.from_date)}, REASON)

    def _diagnoses(self, patient: Patient, episode: Episode, codes: Any) -> None:
        held = Diagnosis.objects.of(self.actor).filter(episode=episode, to_date=None)
        known = {row.diagnosis_code: row for row in held}
        for code, row in known.items():
            if code not in codes:
                change(self.actor, row, patient, {"to_date": self.today}, REASON)
        for position, code in enumerate(codes, 1):
            if code in known:
                change(self.actor, known[code], patient, {"position": position}, REASON)
            else:
                row = Diagnosis(episode=episode, diagnosis_code=code, position=position, from_date=self.today)
                add(self.actor, row, patient)
