"""The storage port: an organization's rows as the practice tables that the core reads.

It stands where `cocm.intake.practice.PracticeSource` stands for files: `reference` and `patient_groups` give the rows
of the table contract, in the contract's own words, and the contract's own readers make the records. So a month is
proposed and closed by the same code from the database as from a folder of CSV files, and no rule stands here.

    port = PracticePort(actor)
    close_month(request, tables=port)
    for case in port.case_files([patient.pk], month): propose(case, policy, as_of_date=today)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import F, Q

from cocm.basics.money import plain_dollars
from cocm.basics.months import Month
from cocm.care.casefile import CaseFile
from cocm.intake.groups import PatientRows
from cocm.intake.patient_tables import PATIENT_TABLES
from cocm.intake.patients import PatientParser
from cocm.intake.problems import RowProblem, TalliedNote
from cocm.intake.reference import Reference, ReferenceLoader
from cocm.intake.rows import Layout, RawRow, joined_cells
from cocm.intake.tables import TABLES
from cocm.server.access.actor import Actor
from cocm.server.accounts.models import Charge, Organization, PayerProduct, Site, StaffMember
from cocm.server.audit.trail import seen
from cocm.server.contacts.models import Contact
from cocm.server.registry.models import (
    CaseloadReview,
    ClaimHistoryLine,
    Consent,
    Coverage,
    Episode,
    MeasureResult,
    MonthDecision,
    OtherService,
    Patient,
)

PATIENTS_AT_ONCE: Final = 400
"""Patients whose rows are fetched together: SQLite takes a limited number of values in one statement."""

Cells = dict[str, Any]


class PracticePort:
    """One organization's tables, as the acting person may see them. Not shared between requests."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self.notes: tuple[TalliedNote, ...] = ()
        self.damaged_rows: tuple[RowProblem, ...] = ()

    @cached_property
    def reference(self) -> Reference:
        """Practice, sites, staff, payers, charges, and the months with a caseload review."""
        loader = ReferenceLoader([], [], set())
        practice = loader.practice(*self.small_table("practice"))
        sites = loader.sites(*self.small_table("sites"), practice)
        staff = loader.staff(*self.small_table("staff"), sites)
        payers, digits = loader.payers(*self.small_table("payers"))
        charges = loader.charges(*self.small_table("charges"))
        rates = loader.contract_rates(*self.small_table("contract_rates"), payers)
        reviews = loader.reviews_held(*self.small_table("reviews"), staff)
        return Reference(
            practice,
            sites,
            staff,
            payers,
            charges,
            reviews,
            digits,
            {table.name: _layout(table.name) for table in PATIENT_TABLES},
            frozenset(loader.rejected_ids),
            tuple(loader.problems),
            tuple(loader.notes),
            rates,
        )

    def small_table(self, table_name: str) -> tuple[Layout, list[RawRow]]:
        """One of the tables without patients (of reviews: all of them), in the contract's columns and words."""
        rows: Any
        match table_name:
            case "practice":
                rows = [self._practice()]
            case "sites":
                rows = Site.objects.of(self.actor).order_by("site_id").values()
            case "staff":
                rows = self._staff()
            case "payers":
                rows = PayerProduct.objects.of(self.actor).order_by("payer_id").values()
            case "charges":
                rows = self._charges()
            case "contract_rates":
                rows = self._contract_rates()
            case _:
                rows = self._reviews()
        return _table(table_name, rows)

    @property
    def patient_rows_total(self) -> int:
        """How many patients there are."""
        return Patient.objects.of(self.actor).count()

    def patient_groups(
        self, patient_pks: Collection[UUID] | None = None, *, minutes_of: Month | None = None
    ) -> Iterator[PatientRows]:
        """Each patient's rows (of all, or of some), in plain string order of patient_id.

        `minutes_of` leaves out the contacts that cannot matter to the minutes of that month.
        """
        patients = Patient.objects.of(self.actor)
        if patient_pks is not None:
            patients = patients.filter(pk__in=patient_pks)
        ids = sorted((patient_id, pk) for pk, patient_id in patients.values_list("pk", "patient_id"))
        seen(pk for _, pk in ids)
        for start in range(0, len(ids), PATIENTS_AT_ONCE):
            block = ids[start : start + PATIENTS_AT_ONCE]
            yield from self._groups(
                [patient_id for patient_id, _ in block], [pk for _, pk in block], minutes_of
            )

    def groups_named(self, patient_ids: Collection[str]) -> Iterator[PatientRows]:
        """The rows of the patients of these ids, as the books ask for them."""
        ids = sorted(patient_ids)
        for start in range(0, len(ids), PATIENTS_AT_ONCE):
            named = Patient.objects.of(self.actor).filter(
                patient_id__in=ids[start : start + PATIENTS_AT_ONCE]
            )
            yield from self.patient_groups(list(named.values_list("pk", flat=True)))

    def case_files(
        self, patient_pks: Collection[UUID], month: Month, *, for_minutes: bool = False
    ) -> list[CaseFile]:
        """The case files of some patients' months, one for each active episode, by patient_id.

        `for_minutes` reads no more contacts than the month's minutes take (a caseload's column); what is proposed or
        claimed needs all of them.
        """
        parser = PatientParser(self.reference, month)
        groups = self.patient_groups(patient_pks, minutes_of=month if for_minutes else None)
        return [case for rows in groups for case in parser.parse(rows).case_files]

    # -- one table after the other ---------------------------------------------------------------------------------

    def _practice(self) -> Cells:
        found = Organization.objects.filter(pk=self.actor.organization_id).values().get()
        return found | {"organization_id": found["key"]}

    def _staff(self) -> list[Cells]:
        sites: dict[UUID, list[str]] = defaultdict(list)
        of_sites = StaffMember.sites.through.objects.of(self.actor).order_by("position", "site__site_id")
        for staff_pk, site_id in of_sites.values_list("staff_member_id", "site__site_id"):
            sites[staff_pk].append(site_id)
        rows = StaffMember.objects.of(self.actor).order_by("staff_id").values()
        return [row | {"site_ids": ";".join(sites[row["id"]])} for row in rows]

    def _charges(self) -> list[Cells]:
        rows = Charge.objects.of(self.actor).order_by("hcpcs_code", "effective_from").values()
        return [row | {"charge_amount": plain_dollars(row["charge_amount_cents"])} for row in rows]

    def _contract_rates(self) -> list[Cells]:
        from cocm.server.setup.models import ContractRate  # what stands above reads through this port

        rows = ContractRate.objects.of(self.actor).order_by("payer__payer_id", "hcpcs_code", "effective_from")
        return [
            row
            | {
                "payer_id": row["payer__payer_id"],
                "rate_amount": _dollars(row["rate_amount_cents"]),
                "percent_of_medicare": _dollars(row["percent_of_medicare_hundredths"]),
            }
            for row in rows.values(*_OF_A_RATE)
        ]

    def _reviews(self, patient_pks: Sequence[UUID] | None = None) -> list[Cells]:
        reviews = CaseloadReview.objects.of(self.actor).order_by("reviewed_on", "pk")
        if patient_pks is not None:
            reviews = reviews.filter(patient_id__in=patient_pks)
        names = ("patient_id", "reviewed_on", "bhcm_id", "psychiatric_consultant_id")
        return [
            dict(zip(names, values, strict=True))
            for values in reviews.values_list(
                "patient__patient_id", "reviewed_on", "bhcm__staff_id", "psychiatric_consultant__staff_id"
            )
        ]

    def _groups(
        self, patient_ids: list[str], pks: list[UUID], minutes_of: Month | None
    ) -> Iterator[PatientRows]:
        actor = self.actor
        code_of = dict(zip(pks, patient_ids, strict=True))

        def of_patients(model: Any, table_name: str, *order: str, also: Sequence[str] = ()) -> list[Cells]:
            rows = model.objects.of(actor).filter(patient_id__in=pks).order_by(*order)
            found = rows.values(*_shared(model, table_name), *also)
            return [row | {"patient_id": code_of[row["patient_id"]]} for row in found]

        episodes = self._episodes(pks, code_of)
        tables = {
            "patients": Patient.objects.of(actor).filter(pk__in=pks).values(*_shared(Patient, "patients")),
            "coverages": self._coverages(pks, code_of),
            "episodes": episodes,
            "contacts": self._contacts(pks, code_of, episodes, minutes_of),
            "measures": of_patients(MeasureResult, "measures", "taken_on", "instrument", "pk"),
            "reviews": self._reviews(pks),
            "other_services": of_patients(OtherService, "other_services", "service_date", "pk"),
            "claim_history": of_patients(ClaimHistoryLine, "claim_history", "claim_id", "claim_line_number"),
            "decisions": [
                row | {"month": Month.from_index(row["month_index"])}
                for row in of_patients(
                    MonthDecision, "decisions", "month_index", "item", also=("month_index",)
                )
            ],
        }
        grouped: dict[str, dict[str, list[RawRow]]] = {}
        for name, rows in tables.items():
            _, raw = _table(name, rows)
            by_patient = grouped.setdefault(name, defaultdict(list))
            for cells, row in zip(rows, raw, strict=True):
                by_patient[cells["patient_id"]].append(row)
        for patient_id in patient_ids:
            yield PatientRows(
                patient_id, *(grouped[name].get(patient_id, ()) for name in PatientRows._fields[1:])
            )

    def _coverages(self, pks: list[UUID], code_of: dict[UUID, str]) -> list[Cells]:
        payer_ids = dict(PayerProduct.objects.of(self.actor).values_list("pk", "payer_id"))
        rows = (
            Coverage.objects.of(self.actor).filter(patient_id__in=pks).order_by("rank", "coverage_from", "pk")
        )
        return [
            row | {"patient_id": code_of[row["patient_id"]], "payer_id": payer_ids[row["payer_id"]]}
            for row in rows.values(*_shared(Coverage, "coverages"))
        ]

    def _episodes(self, pks: list[UUID], code_of: dict[UUID, str]) -> list[Cells]:
        """One row an episode, with the consent that holds, the initiating visit and the diagnoses in order."""
        found = (
            Episode.objects.of(self.actor)
            .filter(patient_id__in=pks)
            .order_by("start_date", "episode_id")
            .select_related(
                "site",
                "billing_practitioner",
                "bhcm",
                "psychiatric_consultant",
                "referring_practitioner",
                "initiating_visit",
            )
            .prefetch_related("consents", "diagnoses")
        )
        return [_episode_cells(episode, code_of[episode.patient_id]) for episode in found]

    def _contacts(
        self, pks: list[UUID], code_of: dict[UUID, str], episodes: list[Cells], minutes_of: Month | None
    ) -> list[Cells]:
        clocks: dict[str, list[tuple[date, str]]] = defaultdict(list)
        # not from `reference`: a practice that is still being set up has no reference tables that can be read
        own_zone = Organization.objects.get(pk=self.actor.organization_id).time_zone
        zones = dict(Site.objects.of(self.actor).values_list("site_id", "time_zone"))
        for episode in episodes:
            zone = zones.get(episode["site_id"]) or own_zone
            clocks[episode["patient_id"]].append((episode["start_date"], zone))
        contacts = Contact.objects.of(self.actor).filter(patient_id__in=pks)
        if minutes_of is not None:
            # its own entries, what ran over from its eve (in any time zone), and corrections, whenever they were made
            first = datetime.combine(minutes_of.first_day, time(), UTC) - timedelta(days=3)
            last = datetime.combine(minutes_of.last_day, time(), UTC) + timedelta(days=3)
            contacts = contacts.filter(Q(started_at__range=(first, last)) | ~Q(corrects_contact_id=""))
        rows = contacts.order_by("number").values(
            *_shared(Contact, "contacts"), "service_seconds", staff_id=F("staff_member__staff_id")
        )
        made = []
        for row in rows:
            patient_id = code_of[row["patient_id"]]
            zone = zone_on(row["started_at"], clocks.get(patient_id) or [(date.min, own_zone)])
            minutes, seconds = divmod(row["service_seconds"], 60)
            made.append(
                row
                | {
                    "patient_id": patient_id,
                    "started_at": row["started_at"].astimezone(ZoneInfo(zone)).isoformat(" ", "seconds"),
                    "minutes": minutes,
                    "seconds": seconds,
                }
            )
        return made


def zone_on(instant: datetime, clocks: Sequence[tuple[date, str]]) -> str:
    """The time zone an entry is told in: of the site of the latest episode begun by its day, else of the first.

    `clocks` are (start date, zone) of the patient's episodes in order of start.
    """
    day = instant.astimezone(ZoneInfo(clocks[0][1])).date()
    return next((zone for start, zone in reversed(clocks) if start <= day), clocks[0][1])


def _episode_cells(episode: Episode, patient_id: str) -> Cells:
    consents = sorted(episode.consents.all(), key=lambda consent: (consent.recorded_at, str(consent.pk)))
    consent = consents[-1] if consents else None
    visit = getattr(episode, "initiating_visit", None)
    diagnoses = sorted(
        (item for item in episode.diagnoses.all() if item.to_date is None), key=lambda item: item.position
    )

    def staff_id(member: StaffMember | None) -> str:
        return member.staff_id if member is not None else ""

    return {
        "episode_id": episode.episode_id,
        "patient_id": patient_id,
        "start_date": episode.start_date,
        "end_date": _ended_by_revocation(episode, consent),
        "end_reason": episode.end_reason,
        "site_id": episode.site.site_id if episode.site is not None else "",
        "billing_practitioner_id": staff_id(episode.billing_practitioner),
        "bhcm_id": staff_id(episode.bhcm),
        "psychiatric_consultant_id": staff_id(episode.psychiatric_consultant),
        "referring_practitioner_id": staff_id(episode.referring_practitioner),
        "diagnosis_codes": ";".join(item.diagnosis_code for item in diagnoses),
        "consent_given": consent.given if consent else None,
        "consent_date": consent.consent_date if consent else None,
        "consent_form": consent.form if consent else None,
        "consent_recorded_by": consent.recorded_by if consent else None,
        "cost_share_explained": consent.cost_share_explained if consent else None,
        "initiating_visit_date": visit.visit_date if visit else None,
        "initiating_visit_code": visit.hcpcs_code if visit else None,
        "is_new_patient": visit.is_new_patient if visit else None,
        "last_seen_date": visit.last_seen_date if visit else None,
        "first_service_date": episode.first_service_date,
    }


_OF_A_RATE: Final = (
    "payer__payer_id", "hcpcs_code", "effective_from", "effective_to", "rate_amount_cents",
    "percent_of_medicare_hundredths",
)  # fmt: skip


def _dollars(hundredths: int | None) -> str:
    """Cents, or hundredths of a percent, as the contract writes them."""
    return "" if hundredths is None else plain_dollars(hundredths)


def _ended_by_revocation(episode: Episode, consent: Consent | None) -> date | None:
    """The episode's last day for the core: a consent that was taken back ends it with that day."""
    revoked = consent.revoked_on if consent is not None else None
    if revoked is None or (episode.end_date is not None and episode.end_date <= revoked):
        return episode.end_date
    return max(revoked, episode.start_date)


def _shared(model: Any, table_name: str) -> list[str]:
    """The columns of a table that stand in its model under the same name (reading ids takes longest: no others)."""
    names = {field.attname for field in model._meta.concrete_fields}
    return [column.name for column in TABLES[table_name].columns if column.name in names]


def _layout(table_name: str) -> Layout:
    columns = TABLES[table_name].columns
    return Layout(f"the site's {table_name}", table_name, tuple(range(len(columns))), len(columns))


def _table(table_name: str, rows: Any) -> tuple[Layout, list[RawRow]]:
    """A table of the contract from cells by column name; what is no column is left out; none may lack."""
    names = [column.name for column in TABLES[table_name].columns]
    return _layout(table_name), [
        (number, joined_cells([_cell(cells[name]) for name in names])) for number, cells in enumerate(rows, 1)
    ]


def _cell(value: Any) -> str:
    """A value as the contract writes it."""
    if value is None:
        return ""
    if value is True or value is False:
        return "yes" if value else "no"
    return str(value)
