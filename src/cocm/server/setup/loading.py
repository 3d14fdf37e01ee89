"""A practice's tables, read by the contract's own readers, into an organization's rows.

What the readers reject is not saved and is told as they tell it; what they accept is saved as they read it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from cocm.basics.errors import UnusableInput
from cocm.basics.months import Month
from cocm.intake.groups import PatientRows
from cocm.intake.moments import LocalClock
from cocm.intake.patient_reading import PatientReading
from cocm.intake.patient_tables import REVIEWS
from cocm.intake.patients import PatientParser
from cocm.intake.practice import PracticeSource
from cocm.intake.problems import RowNote, RowProblem
from cocm.intake.reference import Reference
from cocm.intake.rows import RawRow, RowReader
from cocm.intake.tables import TABLES
from cocm.server.access.actor import Actor
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
from cocm.server.chains import START_OF_CHAIN, chained_hash
from cocm.server.contacts.minutes import reference_changed
from cocm.server.contacts.models import Contact, ContactHead
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
from cocm.server.setup.end_statuses import end_status
from cocm.server.setup.models import ContractRate

PATIENTS_AT_ONCE: Final = 200
_TEAM: Final = ("billing_practitioner", "bhcm", "psychiatric_consultant", "referring_practitioner")


@dataclass(slots=True)
class Loaded:
    """What came in: rows saved by table, rows rejected, and what was read in its own way."""

    rows: dict[str, int] = field(default_factory=dict)
    problems: list[RowProblem] = field(default_factory=list)
    notes: list[RowNote] = field(default_factory=list)

    def count(self, table_name: str, rows: int) -> None:
        self.rows[table_name] = self.rows.get(table_name, 0) + rows


@transaction.atomic
def load_practice(*, actor: Actor, source: PracticeSource, month: Month) -> Loaded:
    """Save a practice's tables into an organization that has none yet. `month` is the current one.

    Raises `UnusableInput` where the organization has patients already.
    """
    if Patient.objects.of(actor).exists():
        raise UnusableInput("the organization has patients already; bring tables into an empty one")
    loaded = Loaded()
    reference = source.reference
    loaded.problems += reference.problems
    loaded.notes += reference.notes
    keys = save_reference(actor, reference, loaded)
    _save_caseload_reviews(actor, source, keys, loaded)
    parser = PatientParser(reference, month)
    batch: list[tuple[PatientRows, set[tuple[str, int]]]] = []
    for rows in source.patient_groups():
        parsed = parser.parse(rows)
        loaded.problems += parsed.problems
        loaded.notes += parsed.notes
        batch.append((rows, {(problem.table, problem.row_number) for problem in parsed.problems}))
        if len(batch) == PATIENTS_AT_ONCE:
            PatientBatch(actor, reference, keys).save(batch, loaded)
            batch = []
    PatientBatch(actor, reference, keys).save(batch, loaded)
    loaded.problems += source.damaged_rows
    record(
        actor,
        Verb.IMPORTED,
        object_type="practice",
        object_id=reference.practice.organization_id,
        details={"rows": loaded.rows, "rejected": len(loaded.problems)},
    )
    return loaded


@dataclass(frozen=True, slots=True)
class Keys:
    """Rows of the small tables by the contract's ids."""

    sites: Mapping[str, UUID]
    staff: Mapping[str, UUID]
    payers: Mapping[str, UUID]


def save_reference(actor: Actor, reference: Reference, loaded: Loaded) -> Keys:
    """Save practice, sites, staff, payers and charges."""
    own = {"organization_id": actor.organization_id}
    practice = reference.practice
    Organization.objects.filter(pk=actor.organization_id).update(
        name=practice.name,
        billing_npi=practice.billing_npi,
        billing_tin=practice.billing_tin,
        taxonomy_code=practice.taxonomy_code,
        phone=practice.phone,
        contact_name=practice.contact_name,
        time_zone=practice.time_zone,
        submitter_id=practice.submitter_id,
        contacts_complete_from=practice.contacts_complete_from,
        **_address(practice.address),
    )
    sites = [
        Site(
            **own,
            site_id=site.site_id,
            name=site.name,
            npi=site.npi,
            place_of_service_code=site.place_of_service_code,
            time_zone=site.time_zone,
            fee_locality=site.fee_locality,
            **_address(site.address),
        )
        for site in reference.sites.values()
    ]
    Site.objects.bulk_create(sites)
    site_keys = {site.site_id: site.pk for site in sites}
    staff = [
        StaffMember(
            **own,
            staff_id=member.staff_id,
            last_name=member.last_name,
            first_name=member.first_name,
            role=member.role,
            npi=member.npi,
            taxonomy_code=member.taxonomy_code,
            credential=member.credential,
        )
        for member in reference.staff.values()
    ]
    StaffMember.objects.bulk_create(staff)
    staff_keys = {member.staff_id: member.pk for member in staff}
    PractitionerSite.objects.bulk_create(
        PractitionerSite(
            **own, staff_member_id=staff_keys[member.staff_id], site_id=site_keys[site_id], position=position
        )
        for member in reference.staff.values()
        for position, site_id in enumerate(member.site_ids)
    )
    payers = [
        PayerProduct(
            **own,
            payer_id=payer.payer_id,
            name=payer.name,
            pack_id=payer.pack_id,
            payer_identifier=payer.payer_identifier,
            behavioral_payer_identifier=payer.behavioral_payer_identifier,
            receiver_id="" if payer.receiver_id == payer.payer_identifier else payer.receiver_id,
            filing_limit_days=payer.filing_limit_days,
            attested_from=payer.attested_from,
            member_id_digits=reference.member_id_digits.get(payer.payer_id),
        )
        for payer in reference.payers.values()
    ]
    PayerProduct.objects.bulk_create(payers)
    Charge.objects.bulk_create(
        Charge(
            **own,
            hcpcs_code=charge.hcpcs_code,
            charge_amount_cents=charge.charge_amount_cents,
            effective_from=charge.effective_from,
        )
        for charge in reference.charges
    )
    payer_keys = {payer.payer_id: payer.pk for payer in payers}
    ContractRate.objects.bulk_create(
        ContractRate(
            **own,
            payer_id=payer_keys[rate.payer_id],
            hcpcs_code=rate.hcpcs_code,
            effective_from=rate.effective_from,
            effective_to=rate.effective_to,
            rate_amount_cents=rate.rate_amount_cents,
            percent_of_medicare_hundredths=rate.percent_of_medicare_hundredths,
        )
        for rate in reference.contract_rates
    )
    for name, rows in (
        ("sites", sites),
        ("staff", staff),
        ("payers", payers),
        ("charges", reference.charges),
        ("contract_rates", reference.contract_rates),
    ):
        loaded.count(name, len(rows))
    reference_changed(actor.organization_id)
    return Keys(site_keys, staff_keys, payer_keys)


def _address(address: Any) -> dict[str, str]:
    return {
        "address_line": address.line,
        "city": address.city,
        "state": address.state,
        "postal_code": address.postal_code,
    }


def _save_caseload_reviews(actor: Actor, source: PracticeSource, keys: Keys, loaded: Loaded) -> None:
    """Reviews of the whole caseload, which name no patient."""
    reviews = []
    layout, rows = source.rows_of(REVIEWS)
    reader = RowReader(layout)
    for row in rows:
        values = reader.read_carefully(row, [], [])
        if values is None:
            continue
        patient_id, reviewed_on, bhcm_id, consultant_id = values
        if not patient_id and bhcm_id in keys.staff and (not consultant_id or consultant_id in keys.staff):
            reviews.append(
                CaseloadReview(
                    organization_id=actor.organization_id,
                    reviewed_on=reviewed_on,
                    bhcm_id=keys.staff[bhcm_id],
                    psychiatric_consultant_id=keys.staff.get(consultant_id),
                )
            )
    CaseloadReview.objects.bulk_create(reviews)
    loaded.count("reviews", len(reviews))


class PatientBatch:
    """Some patients' rows on their way into the database: rows are gathered by model and saved together."""

    ORDER: Final = (
        Patient, Coverage, Episode, EpisodeStatus, Consent, InitiatingVisit, Diagnosis, CareTeamMember, Contact,
        ContactHead, MeasureResult, CaseloadReview, OtherService, ClaimHistoryLine, MonthDecision,
    )  # fmt: skip

    def __init__(self, actor: Actor, reference: Reference, keys: Keys) -> None:
        self.actor, self.reference, self.keys = actor, reference, keys
        self.now = timezone.now()
        self.readers = {name: RowReader(layout) for name, layout in reference.layouts.items()}
        self.rows: dict[type[OrganizationRow], list[OrganizationRow]] = {model: [] for model in self.ORDER}

    def save(self, batch: Iterable[tuple[PatientRows, set[tuple[str, int]]]], loaded: Loaded) -> None:
        for rows, rejected in batch:
            self.take(rows, rejected, loaded)
        self.write()

    def write(self) -> None:
        """Save what was taken."""
        for model, made in self.rows.items():
            model.objects.bulk_create(made, batch_size=500)

    def add(self, model: type[OrganizationRow], **fields: Any) -> Any:
        row = model(organization_id=self.actor.organization_id, **fields)
        self.rows[model].append(row)
        return row

    def take(self, rows: PatientRows, rejected: set[tuple[str, int]], loaded: Loaded) -> None:
        found = {
            name: list(self.values(name, getattr(rows, name), rejected)) for name in PatientRows._fields[1:]
        }
        if not found["patients"]:
            return
        for name, values in found.items():
            loaded.count(name, len(values))
        patient = self.add(Patient, **found["patients"][0])
        for cells in found["coverages"]:
            payer = self.keys.payers[cells.pop("payer_id")]
            self.add(Coverage, **cells, patient=patient, payer_id=payer)
        clocks = [self.episode(patient, cells) for cells in found["episodes"]]
        self.contacts(patient, found["contacts"], sorted(clocks, key=lambda clock: clock[0]))
        for cells in found["measures"]:
            self.add(MeasureResult, **cells, patient=patient)
        for cells in found["reviews"]:
            bhcm, consultant = cells["bhcm_id"], cells["psychiatric_consultant_id"]
            self.add(
                CaseloadReview,
                patient=patient,
                reviewed_on=cells["reviewed_on"],
                bhcm_id=self.keys.staff[bhcm],
                psychiatric_consultant_id=self.keys.staff.get(consultant),
            )
        for cells in found["other_services"]:
            self.add(OtherService, **cells, patient=patient)
        for cells in found["claim_history"]:
            self.add(ClaimHistoryLine, **cells, patient=patient)
        for cells in found["decisions"]:
            month = cells.pop("month")
            self.add(MonthDecision, **cells, patient=patient, month_index=month.index)

    def values(
        self, table_name: str, rows: Iterable[RawRow], rejected: set[tuple[str, int]]
    ) -> Iterator[dict[str, Any]]:
        """The accepted rows' values by column name; rows that say the same as an earlier one are left out."""
        reader = self.readers[table_name]
        names = [column.name for column in TABLES[table_name].columns]
        keys = TABLES[table_name].key
        known: set[tuple[Any, ...]] = set()
        for row in rows:
            if (table_name, row[0]) in rejected:
                continue
            try:
                values = reader.read_plain(row[1])
            except ValueError:
                careful = reader.read_carefully(row, [], [])
                if careful is None:
                    continue
                values = careful
            cells = dict(zip(names, values, strict=True))
            key = tuple(cells[name] for name in keys)
            if not keys or key not in known:
                known.add(key)
                if table_name != "patients":
                    del cells["patient_id"]  # these rows are saved by relation
                yield cells

    def episode(self, patient: Patient, cells: dict[str, Any]) -> tuple[date, str]:
        staff = self.keys.staff
        start, end = cells["start_date"], cells["end_date"]
        members = {part: staff.get(cells[f"{part}_id"]) for part in _TEAM}
        episode = self.add(
            Episode,
            episode_id=cells["episode_id"],
            patient=patient,
            start_date=start,
            end_date=end,
            end_reason=cells["end_reason"],
            site_id=self.keys.sites.get(cells["site_id"]),
            first_service_date=cells["first_service_date"],
            **{f"{part}_id": member for part, member in members.items()},
        )
        for part, member in members.items():
            if member is not None:
                self.add(
                    CareTeamMember,
                    episode=episode,
                    staff_member_id=member,
                    part=part,
                    from_date=start,
                    to_date=end,
                )
        self.add(
            EpisodeStatus,
            episode=episode,
            status=EpisodeStatus.Status.ACTIVE,
            from_date=start,
            recorded_at=self.now,
        )
        if end is not None:
            self.add(
                EpisodeStatus,
                episode=episode,
                status=end_status(cells["end_reason"]),
                from_date=end,
                reason=cells["end_reason"],
                recorded_at=self.now,
            )
        self.add(
            Consent,
            episode=episode,
            given=cells["consent_given"],
            consent_date=cells["consent_date"],
            form=cells["consent_form"],
            recorded_by=cells["consent_recorded_by"],
            cost_share_explained=cells["cost_share_explained"],
            recorded_at=self.now,
        )
        self.add(
            InitiatingVisit,
            episode=episode,
            visit_date=cells["initiating_visit_date"],
            hcpcs_code=cells["initiating_visit_code"],
            is_new_patient=cells["is_new_patient"],
            last_seen_date=cells["last_seen_date"],
        )
        for position, code in enumerate(cells["diagnosis_codes"], 1):
            self.add(Diagnosis, episode=episode, diagnosis_code=code, position=position, from_date=start)
        site = self.reference.sites.get(cells["site_id"])
        return start, site.time_zone if site is not None else self.reference.practice.time_zone

    def contacts(
        self,
        patient: Patient,
        found: list[dict[str, Any]],
        clocks: list[tuple[date, str]],
        head: ContactHead | None = None,
    ) -> None:
        """Entries in order of time, chained; behind those there are already where `head` says so."""
        own_clock = LocalClock(self.reference.practice.time_zone)
        reading = PatientReading(self.reference, self.readers["contacts"], own_clock)
        if clocks:
            reading.clocks = [(start, LocalClock(zone)) for start, zone in clocks]
        placed: list[tuple[datetime, dict[str, Any]]] = [
            (reading.moment("started_at", cells["started_at"]).at.astimezone(UTC), cells) for cells in found
        ]
        placed.sort(key=lambda pair: (pair[0], pair[1]["contact_id"]))
        last_number = head.last_number if head is not None else 0
        last_hash = head.last_hash if head is not None else START_OF_CHAIN
        for number, (started_at, cells) in enumerate(placed, last_number + 1):
            contact = self.add(
                Contact,
                number=number,
                contact_id=cells["contact_id"],
                patient=patient,
                staff_member_id=self.keys.staff[cells["staff_id"]],
                started_at=started_at,
                service_seconds=cells["minutes"] * 60 + cells["seconds"],
                note_minutes=cells["note_minutes"],
                activity=cells["activity"],
                modality=cells["modality"],
                outcome=cells["outcome"],
                programme=cells["programme"],
                acting_as_bhcm=cells["acting_as_bhcm"],
                billed_elsewhere_code=cells["billed_elsewhere_code"],
                billed_elsewhere_minutes=cells["billed_elsewhere_minutes"],
                recorded_on=cells["recorded_on"],
                corrects_contact_id=cells["corrects_contact_id"],
                correction_reason=cells["correction_reason"],
                recorded_at=self.now,
                recorded_by_id=self.actor.user_id,
                previous_hash=last_hash,
            )
            contact.row_hash = last_hash = chained_hash(last_hash, contact.content())
        if head is not None:
            head.last_number, head.last_hash = last_number + len(placed), last_hash
            head.save(update_fields=("last_number", "last_hash"))
        elif placed:
            self.add(ContactHead, patient=patient, last_number=len(placed), last_hash=last_hash)
