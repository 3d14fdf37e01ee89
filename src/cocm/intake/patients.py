"""From one patient's rows to the month's case files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from functools import lru_cache
from itertools import combinations
from operator import attrgetter
from typing import Any, NamedTuple

from cocm.basics.months import Month
from cocm.basics.records import maker
from cocm.care.casefile import CaseFile
from cocm.care.people import Coverage, Patient
from cocm.care.records import (
    CaseloadReview,
    Contact,
    Decision,
    Episode,
    HistoryLine,
    MeasureScore,
    OtherService,
)
from cocm.intake.corrections import with_sound_corrections
from cocm.intake.groups import PatientRows
from cocm.intake.moments import LocalClock
from cocm.intake.patient_reading import PatientReading, Record, records_of_all
from cocm.intake.patient_records import (
    PlacedContact,
    contact_from,
    coverage_from,
    decision_from,
    episode_from,
    history_from,
    measure_from,
    other_service_from,
    patient_from,
    review_from,
)
from cocm.intake.problems import RowNote, RowProblem
from cocm.intake.reference import Reference, why_unknown
from cocm.intake.rows import RawRow, RowReader, RowRefused


class ParsedPatient(NamedTuple):
    """One patient's case files of a month, one for each active episode, and what reading found."""

    case_files: tuple[CaseFile, ...]
    problems: list[RowProblem]
    notes: list[RowNote]


class Evidence(NamedTuple):
    """What the practice gave about a patient beside episodes and contacts, in a fixed order."""

    coverages: tuple[Coverage, ...]
    has_coverage_tie: bool
    measures: tuple[MeasureScore, ...]
    reviews: tuple[CaseloadReview, ...]
    other_services: tuple[OtherService, ...]
    history: tuple[HistoryLine, ...]
    decisions: tuple[Decision, ...]


def parse_patient(rows: PatientRows, reference: Reference, month: Month) -> ParsedPatient:
    """The case files of one patient for a month. Every row is read, also those of other months.

    Rows are rejected one by one; the order of rows never changes the case files. A worker that reads many
    patients may keep a `PatientParser` instead.
    """
    return _parser_for(reference, month).parse(rows)


class PatientParser:
    """Reads patients against one practice's reference tables, for one month."""

    def __init__(self, reference: Reference, month: Month) -> None:
        self._reference = reference
        self._month = month
        self._month_index = month.index
        self._first_day, self._last_day = month.first_day, month.last_day
        self._readers = {name: RowReader(layout) for name, layout in reference.layouts.items()}
        zones = {reference.practice.time_zone, *(site.time_zone for site in reference.sites.values())}
        clocks = {zone: LocalClock(zone) for zone in zones}
        self._practice_clock = clocks[reference.practice.time_zone]
        self._site_clocks = {site_id: clocks[site.time_zone] for site_id, site in reference.sites.items()}

    def parse(self, rows: PatientRows) -> ParsedPatient:
        """The patient's case files of the month."""
        return self.parse_all([rows])[0]

    def parse_all(self, patients: Sequence[PatientRows]) -> list[ParsedPatient]:
        """Each patient's case files of the month.

        They are read table after table, not patient after patient: a table's reader then stays near the processor.
        """
        readers = self._readers
        readings = [
            PatientReading(self._reference, readers["patients"], self._practice_clock) for _ in patients
        ]
        found = records_of_all(
            readers["patients"], readings, [rows.patients for rows in patients], self._born_patient_from
        )
        people = list(map(self._patient, readings, patients, found))
        known = [
            (reading, rows)
            for reading, rows, person in zip(readings, patients, people, strict=True)
            if person is not None
        ]
        cases = iter(self._case_files(known, [person for person in people if person is not None]))
        return [
            ParsedPatient(next(cases) if person is not None else (), reading.problems, reading.notes)
            for reading, person in zip(readings, people, strict=True)
        ]

    def _case_files(
        self, patients: Sequence[tuple[PatientReading, PatientRows]], people: Sequence[Patient]
    ) -> list[tuple[CaseFile, ...]]:
        """Each patient's case files."""
        readers = self._readers
        readings = [reading for reading, _ in patients]
        found = records_of_all(
            readers["episodes"], readings, [rows.episodes for _, rows in patients], episode_from
        )
        episodes = list(map(self._episodes, readings, found))
        active = [self._active(of_patient) for of_patient in episodes]
        for reading, of_patient in zip(readings, episodes, strict=True):
            reading.clocks = self._clocks_of(of_patient)
        placed = records_of_all(
            readers["contacts"], readings, [rows.contacts for _, rows in patients], contact_from
        )
        contacts = [
            self._contacts(reading, rows, of_patient, is_active=bool(now))
            for (reading, rows), of_patient, now in zip(patients, placed, active, strict=True)
        ]
        evidence = self._evidence_of_all(patients)
        return [
            tuple(
                [
                    self._case_file(person, episode, self._contacts_of(episode, now, of_patient), given)
                    for episode in now
                ]
            )
            for person, now, of_patient, given in zip(people, active, contacts, evidence, strict=True)
        ]

    def _active(self, episodes: list[Episode]) -> list[Episode]:
        """Those that reach into the month."""
        return [
            episode
            for episode in episodes
            if episode.start_date <= self._last_day
            and (episode.end_date is None or episode.end_date >= self._first_day)
        ]

    def _patient(
        self, reading: PatientReading, rows: PatientRows, found: list[tuple[RawRow, Patient]]
    ) -> Patient | None:
        unique = reading.unique(found, _PATIENT_ID, "patient_id")
        if unique:
            return unique[0][1]
        refused = RowRefused("patient_id", "the patient's id; the cell must not be empty")
        if rows.patient_id:
            why = why_unknown(rows.patient_id, [rows.patient_id] if rows.patients else [])
            refused = RowRefused("patient_id", f"an id of the patients table ({why})")
        for table_name, table_rows in zip(PatientRows._fields[2:], rows[2:], strict=True):
            reading.reader = self._readers[table_name]
            for row in table_rows:
                reading.refuse(row, refused)
        return None

    def _born_patient_from(self, reading: PatientReading, values: Sequence[Any]) -> Patient:
        patient = patient_from(reading, values)
        if patient.birth_date > self._last_day:
            raise RowRefused("birth_date", f"a day not after {self._last_day}, the month's last")
        return patient

    def _episodes(self, reading: PatientReading, found: list[tuple[RawRow, Episode]]) -> list[Episode]:
        unique = reading.unique(found, _EPISODE_ID, "episode_id")
        episodes = [episode for _, episode in unique]
        if len(episodes) > 1:
            episodes.sort(key=_EPISODE_ORDER)
        return episodes

    def _clocks_of(self, episodes: list[Episode]) -> list[tuple[date, LocalClock]]:
        if not episodes:
            return [(date.min, self._practice_clock)]
        clocks = [
            (episode.start_date, self._site_clocks.get(episode.site_id, self._practice_clock))
            for episode in episodes
        ]
        is_one = len(clocks) == 1 or all(clock is clocks[0][1] for _, clock in clocks)
        return clocks[:1] if is_one else clocks

    def _contacts(
        self,
        reading: PatientReading,
        rows: PatientRows,
        found: list[tuple[RawRow, PlacedContact]],
        *,
        is_active: bool,
    ) -> list[PlacedContact]:
        found = reading.unique(found, _CONTACT_ID, "contact_id")
        if reading.corrections:
            found = with_sound_corrections(reading, found, rows.contacts)
        if not is_active:
            self._refuse_stray(reading, found)
        return sorted([placed for _, placed in found])

    def _refuse_stray(self, reading: PatientReading, found: list[tuple[RawRow, PlacedContact]]) -> None:
        """Contacts of the month that no episode of the patient can take are said, not lost in silence."""
        for row, placed in found:
            if placed.month_index == self._month_index:
                expectation = (
                    f"a day in an episode of the patient; none of its episodes is active in {self._month}"
                )
                reading.refuse(row, RowRefused("started_at", expectation))

    def _evidence_of_all(self, patients: Sequence[tuple[PatientReading, PatientRows]]) -> list[Evidence]:
        readings = [reading for reading, _ in patients]

        def found(
            table_name: str, build: Callable[[PatientReading, Sequence[Any]], Record]
        ) -> list[list[tuple[RawRow, Record]]]:
            of_each = [getattr(rows, table_name) for _, rows in patients]
            return records_of_all(self._readers[table_name], readings, of_each, build)

        coverages = list(map(self._coverages, found("coverages", coverage_from)))
        history = list(map(self._history, readings, found("claim_history", history_from)))
        measures = [_in_order(pairs, _MEASURE_ORDER) for pairs in found("measures", measure_from)]
        reviews = [_in_order(pairs, _REVIEW_ORDER) for pairs in found("reviews", review_from)]
        services = [_in_order(pairs, _service_order) for pairs in found("other_services", other_service_from)]
        decisions = list(map(self._decisions, readings, found("decisions", decision_from)))
        return list(
            map(
                Evidence,
                coverages,
                [len(found) > 1 and _has_tie(found) for found in coverages],
                measures,
                reviews,
                services,
                history,
                decisions,
            )
        )

    def _coverages(self, read: list[tuple[RawRow, Coverage]]) -> tuple[Coverage, ...]:
        """Those in force in the month, the first in rank before the others."""
        found = [
            coverage
            for _, coverage in read
            if coverage.coverage_from <= self._last_day
            and (coverage.coverage_to is None or coverage.coverage_to >= self._first_day)
        ]
        if len(found) > 1:
            found.sort(key=_COVERAGE_ORDER)
        return tuple(found)

    def _history(
        self, reading: PatientReading, found: list[tuple[RawRow, HistoryLine]]
    ) -> tuple[HistoryLine, ...]:
        return _in_order(reading.unique(found, _LINE_ID, "claim_id"), _LINE_ORDER)

    def _decisions(
        self, reading: PatientReading, found: list[tuple[RawRow, Decision]]
    ) -> tuple[Decision, ...]:
        """The decisions about this month; of two about one item that differ, none is taken."""
        if not found:
            return ()
        unique = reading.unique(found, attrgetter("month", "kind", "item"), "item")
        return _in_order(
            [(row, decision) for row, decision in unique if decision.month == self._month],
            attrgetter("kind", "item"),
        )

    def _contacts_of(
        self, episode: Episode, active: list[Episode], contacts: list[PlacedContact]
    ) -> tuple[Contact, ...]:
        """All contacts, but of the month's own only the episode's: no contact counts in two episodes."""
        if len(active) == 1:
            return tuple([placed.contact for placed in contacts])
        return tuple(
            [
                placed.contact
                for placed in contacts
                if placed.month_index != self._month_index
                or _episode_of(placed.contact.service_date, active) is episode
            ]
        )

    def _case_file(
        self, patient: Patient, episode: Episode, contacts: tuple[Contact, ...], evidence: Evidence
    ) -> CaseFile:
        reference = self._reference
        staff = reference.staff
        coverages = evidence.coverages
        return _assembled_case_file(
            reference.practice,
            self._month,
            patient,
            episode,
            coverages,
            reference.payers[coverages[0].payer_id] if coverages else None,
            reference.sites.get(episode.site_id),
            staff.get(episode.billing_practitioner_id),
            staff.get(episode.bhcm_id),
            staff.get(episode.referring_practitioner_id),
            contacts,
            evidence.measures,
            evidence.reviews,
            (episode.bhcm_id, self._month_index) in reference.caseload_reviews_held,
            evidence.other_services,
            evidence.history,
            evidence.decisions,
            staff.get(episode.psychiatric_consultant_id),
            evidence.has_coverage_tie,
        )


_assembled_case_file = maker(CaseFile)
_PATIENT_ID, _EPISODE_ID, _CONTACT_ID = map(attrgetter, ("patient_id", "episode_id", "contact_id"))
_LINE_ID = attrgetter("claim_id", "claim_line_number")
_EPISODE_ORDER = attrgetter("start_date", "episode_id")
_parser_for = lru_cache(maxsize=4)(PatientParser)
_MEASURE_ORDER = attrgetter("taken_on", "instrument", "score")
_REVIEW_ORDER = attrgetter("reviewed_on", "bhcm_id", "psychiatric_consultant_id")
_LINE_ORDER = attrgetter("service_date", "claim_id", "claim_line_number")
_COVERAGE_ORDER = attrgetter("rank", "coverage_from", "payer_id", "member_id", "group_number")


def _in_order(pairs: list[tuple[RawRow, Record]], order: Callable[[Record], Any]) -> tuple[Record, ...]:
    """The records without their rows, in the order given."""
    if not pairs:
        return ()
    records = [record for _, record in pairs]
    if len(records) > 1:
        records.sort(key=order)
    return tuple(records)


def _has_tie(coverages: Sequence[Coverage]) -> bool:
    """Whether two different coverages of the lowest rank are in force on one day. A row given twice is one."""
    rank = min(coverage.rank for coverage in coverages)
    first = [coverage for coverage in coverages if coverage.rank == rank]
    return any(
        one != other
        and one.coverage_from <= (other.coverage_to or date.max)
        and other.coverage_from <= (one.coverage_to or date.max)
        for one, other in combinations(first, 2)
    )


def _service_order(service: OtherService) -> tuple[object, ...]:
    return (
        service.service_date,
        service.hcpcs_code,
        service.stay_to or date.min,
        -1 if service.minutes is None else service.minutes,
        service.rendering_npi,
        service.billing_npi,
    )


def _episode_of(day: date, active: list[Episode]) -> Episode:
    """The episode of a day: the latest that covers it, else the latest begun by then, else the first."""
    begun = [episode for episode in active if episode.start_date <= day]
    covering = [episode for episode in begun if episode.end_date is None or day <= episode.end_date]
    return (covering or begun or active[:1])[-1]
