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
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import F, Q
from django.utils.functional import cached_property

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
from cocm.server.records import plain_key
from cocm.server.reference_kept import kept_reference
from cocm.server.registry.models import (
    CaseloadReview,
    ClaimHistoryLine,
    Consent,
    Coverage,
    Diagnosis,
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
        """Practice, sites, staff, payers, charges, contract rates, and all months with a caseload review."""
        return self._with_reviews(*self.small_table("reviews"))

    @cached_property
    def small_reference(self) -> Reference:
        """The same without any review, from memory until one of its rows changes (`reference_kept`)."""
        from cocm.server.contacts.models import (
            MinutesInputs,  # it stands above: minutes are read through this port
        )

        inputs = MinutesInputs.objects.of(self.actor).filter(patient__isnull=True)
        version = inputs.values_list("version", flat=True).order_by().first()
        return kept_reference(self.actor.organization_id, version, self._read_reference)

    def reference_for(self, month: Month) -> Reference:
        """The same with the reviews of one month, which is all that a patient's month asks of them."""
        held = CaseloadReview.objects.of(self.actor).filter(
            reviewed_on__range=(month.first_day, month.last_day)
        )
        pairs = held.order_by().values_list("bhcm__staff_id", "psychiatric_consultant__staff_id").distinct()
        names = ("patient_id", "reviewed_on", "bhcm_id", "psychiatric_consultant_id")
        rows = [dict(zip(names, (None, month.first_day, *pair), strict=True)) for pair in pairs]
        return self._with_reviews(*_table("reviews", rows))

    def _with_reviews(self, layout: Layout, rows: list[RawRow]) -> Reference:
        small = self.small_reference
        loader = ReferenceLoader([], [], set(small.rejected_ids))
        held = loader.reviews_held(layout, rows, small.staff)
        return replace(
            small,
            caseload_reviews_held=held,
            problems=(*small.problems, *loader.problems),
            notes=(*small.notes, *loader.notes),
        )

    def _read_reference(self) -> Reference:
        loader = ReferenceLoader([], [], set())
        practice = loader.practice(*self.small_table("practice"))
        sites = loader.sites(*self.small_table("sites"), practice)
        staff = loader.staff(*self.small_table("staff"), sites)
        payers, digits = loader.payers(*self.small_table("payers"))
        charges = loader.charges(*self.small_table("charges"))
        rates = loader.contract_rates(*self.small_table("contract_rates"), payers)
        return Reference(
            practice,
            sites,
            staff,
            payers,
            charges,
            frozenset(),
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
        ids = sorted(patients.values_list("patient_id", "pk", plain_key("pk")))
        seen(pk for _, pk, _ in ids)
        for start in range(0, len(ids), PATIENTS_AT_ONCE):
            block = ids[start : start + PATIENTS_AT_ONCE]
            code_of = {key: patient_id for patient_id, _, key in block}
            yield from self._groups(code_of, [pk for _, pk, _ in block], minutes_of)

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
        parser = PatientParser(self.reference_for(month), month)
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
        self, code_of: dict[str, str], pks: list[UUID], minutes_of: Month | None
    ) -> Iterator[PatientRows]:
        """The patients of a block; `code_of` gives the practice's id by the database's own text of the key."""
        actor = self.actor

        def of_patients(model: Any, table_name: str, *order: str, also: Sequence[str] = ()) -> list[Cells]:
            rows = model.objects.of(actor).filter(patient_id__in=pks).order_by(*order)
            found = rows.values(*_of_a_patient(model, table_name), *also, patient_key=_PATIENT_KEY)
            return [row | {"patient_id": code_of[row["patient_key"]]} for row in found]

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
        for patient_id in code_of.values():
            yield PatientRows(
                patient_id, *(grouped[name].get(patient_id, ()) for name in PatientRows._fields[1:])
            )

    def _coverages(self, pks: list[UUID], code_of: dict[str, str]) -> list[Cells]:
        payer_ids = dict(PayerProduct.objects.of(self.actor).values_list(plain_key("pk"), "payer_id"))
        rows = (
            Coverage.objects.of(self.actor).filter(patient_id__in=pks).order_by("rank", "coverage_from", "pk")
        )
        return [
            row | {"patient_id": code_of[row["patient_key"]], "payer_id": payer_ids[row["payer_key"]]}
            for row in rows.values(
                *_of_a_patient(Coverage, "coverages", but=("payer_id",)),
                patient_key=_PATIENT_KEY,
                payer_key=plain_key("payer_id"),
            )
        ]

    def _episodes(self, pks: list[UUID], code_of: dict[str, str]) -> list[Cells]:
        """One row an episode, with the consent that holds, the initiating visit and the diagnoses in order."""
        found = Episode.objects.of(self.actor).filter(patient_id__in=pks).order_by("start_date", "episode_id")
        consents: dict[str, Cells] = {}
        answers = Consent.objects.of(self.actor).filter(episode__patient_id__in=pks)
        for answer in answers.order_by("recorded_at", plain_key("pk")).values(
            *_OF_A_CONSENT, episode_key=plain_key("episode_id")
        ):
            consents[answer["episode_key"]] = answer  # the last one holds
        codes: dict[str, list[str]] = defaultdict(list)
        diagnoses = Diagnosis.objects.of(self.actor).filter(episode__patient_id__in=pks, to_date__isnull=True)
        for key, code in diagnoses.order_by("position").values_list(
            plain_key("episode_id"), "diagnosis_code"
        ):
            codes[key].append(code)
        return [
            _episode_cells(
                row, code_of[row["patient_key"]], consents.get(row["key"], {}), codes.get(row["key"], ())
            )
            for row in found.values(*_OF_AN_EPISODE, key=plain_key("pk"), patient_key=_PATIENT_KEY)
        ]

    def _contacts(
        self, pks: list[UUID], code_of: dict[str, str], episodes: list[Cells], minutes_of: Month | None
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
            *_of_a_patient(Contact, "contacts"),
            "service_seconds",
            staff_id=F("staff_member__staff_id"),
            patient_key=_PATIENT_KEY,
        )
        made = []
        for row in rows:
            patient_id = code_of[row["patient_key"]]
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


_PATIENT_KEY: Final = plain_key("patient_id")
_TEAM: Final = ("billing_practitioner", "bhcm", "psychiatric_consultant", "referring_practitioner")
_VISIT: Final = {
    "initiating_visit_date": "initiating_visit__visit_date",
    "initiating_visit_code": "initiating_visit__hcpcs_code",
    "is_new_patient": "initiating_visit__is_new_patient",
    "last_seen_date": "initiating_visit__last_seen_date",
}
_OF_AN_EPISODE: Final = (
    "episode_id", "start_date", "end_date", "end_reason", "first_service_date", "site__site_id",
    *(f"{part}__staff_id" for part in _TEAM), *_VISIT.values(),
)  # fmt: skip
_OF_A_CONSENT: Final = (
    "given", "consent_date", "form", "recorded_by", "cost_share_explained", "revoked_on",
)  # fmt: skip


def _episode_cells(row: Cells, patient_id: str, consent: Cells, codes: Sequence[str]) -> Cells:
    return {
        "episode_id": row["episode_id"],
        "patient_id": patient_id,
        "start_date": row["start_date"],
        "end_date": _ended_by_revocation(row["start_date"], row["end_date"], consent.get("revoked_on")),
        "end_reason": row["end_reason"],
        "site_id": row["site__site_id"],
        **{f"{part}_id": row[f"{part}__staff_id"] for part in _TEAM},
        "diagnosis_codes": ";".join(codes),
        "consent_given": consent.get("given"),
        "consent_date": consent.get("consent_date"),
        "consent_form": consent.get("form"),
        "consent_recorded_by": consent.get("recorded_by"),
        "cost_share_explained": consent.get("cost_share_explained"),
        **{column: row[name] for column, name in _VISIT.items()},
        "first_service_date": row["first_service_date"],
    }


_OF_A_RATE: Final = (
    "payer__payer_id", "hcpcs_code", "effective_from", "effective_to", "rate_amount_cents",
    "percent_of_medicare_hundredths",
)  # fmt: skip


def _dollars(hundredths: int | None) -> str:
    """Cents, or hundredths of a percent, as the contract writes them."""
    return "" if hundredths is None else plain_dollars(hundredths)


def _ended_by_revocation(start: date, end: date | None, revoked: date | None) -> date | None:
    """The episode's last day for the core: a consent that was taken back ends it with that day."""
    if revoked is None or (end is not None and end <= revoked):
        return end
    return max(revoked, start)


def _shared(model: Any, table_name: str, but: Sequence[str] = ()) -> list[str]:
    """The columns of a table that stand in its model under the same name (reading ids takes longest: no others)."""
    names = {field.attname for field in model._meta.concrete_fields} - set(but)
    return [column.name for column in TABLES[table_name].columns if column.name in names]


def _of_a_patient(model: Any, table_name: str, but: Sequence[str] = ()) -> list[str]:
    """The same of a table whose rows name their patient by key, which is read as text."""
    return _shared(model, table_name, ("patient_id", *but))


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
