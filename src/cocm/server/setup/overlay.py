"""An upload laid over the organization's own tables: what the readers see, and what each row would do.

A row is known by its table's key; where the contract has none, by what no second row of its kind would share. Rows that
are alike are unchanged, a known row that differs is a change, any other is new; nothing is ever removed. A column that
the file has not keeps what the organization has. All of it is judged by the contract's own readers: first each row by
itself, then the overlaid tables together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from cocm.basics.errors import TableError
from cocm.basics.months import Month
from cocm.intake.contract import Table
from cocm.intake.groups import PatientRows
from cocm.intake.moments import LocalClock
from cocm.intake.patient_reading import PatientReading
from cocm.intake.patients import PatientParser
from cocm.intake.practice import PracticeSource
from cocm.intake.problems import RowNote, RowProblem
from cocm.intake.reference import Reference, ReferenceLoader
from cocm.intake.rows import ABSENT, Layout, RawRow, RowReader, RowRefused, joined_cells
from cocm.intake.tables import TABLES
from cocm.server.contacts.models import FrozenMonth
from cocm.server.practice_port import PATIENTS_AT_ONCE, PracticePort, zone_on
from cocm.server.registry.models import Patient
from cocm.server.rules_in_force import rulebook

ROWS_MAX: Final = 200_000
SMALL_TABLES: Final = ("practice", "sites", "staff", "payers", "charges", "contract_rates")
PATIENT_TABLES: Final = PatientRows._fields[1:]
_KNOWN_BY: Final = {
    "practice": ("organization_id",),
    "coverages": ("payer_id", "member_id", "coverage_from"),
    "measures": ("instrument", "taken_on"),
    "reviews": ("reviewed_on", "bhcm_id"),
    "other_services": ("service_date", "hcpcs_code", "rendering_npi"),
}
OWN_ROW: Final = 0
"""The row number of what the organization has already."""

Values = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class UploadedRow:
    """A row of the upload, in the contract's columns. `before` is what the organization has of it."""

    raw: RawRow
    values: Values
    before: Values | None = None

    @property
    def is_new(self) -> bool:
        return self.before is None

    @property
    def is_changed(self) -> bool:
        return self.before is not None and self.before != self.values


@dataclass(slots=True)
class TableReading:
    """What became of one table of the upload."""

    name: str
    file: str
    rows: int = 0
    rejected: int = 0
    taken: list[UploadedRow] = field(default_factory=list)

    @property
    def new(self) -> int:
        return sum(row.is_new for row in self.taken)

    @property
    def changed(self) -> int:
        return sum(row.is_changed for row in self.taken)

    @property
    def unchanged(self) -> int:
        return len(self.taken) - self.new - self.changed


def known_by(table: Table) -> tuple[str, ...]:
    """The columns by which a row is found again, besides the patient's id."""
    return tuple(name for name in _KNOWN_BY.get(table.name, table.key) if name != "patient_id")


def contract_layout(table_name: str, file: str) -> Layout:
    """A table as the contract orders it."""
    width = len(TABLES[table_name].columns)
    return Layout(file, table_name, tuple(range(width)), width)


class Overlay:
    """Reads an upload against the organization's own rows. Make one for each look; nothing is saved here.

    `problems` are all rows that cannot be taken, `tables` what became of each table, `patients` the patients of the
    upload with their overlaid rows and what the upload says of each, `reference` the overlaid small tables (None
    where they cannot be read; a problem says why).
    """

    def __init__(self, port: PracticePort, source: PracticeSource, month: Month) -> None:
        self.port, self.source, self.month = port, source, month
        self.problems: list[RowProblem] = []
        self.notes: list[RowNote] = []
        self.tables: dict[str, TableReading] = {}
        self.own: dict[str, list[RawRow]] = {}
        self.reference: Reference | None = None
        self.rejected_ids: set[str] = set()
        self.files = {
            name: contract_layout(name, source.rows_of(TABLES[name])[0].file) for name in source.table_names
        }
        self.readers = {name: RowReader(self.layout(name)) for name in TABLES}
        self.patients: list[tuple[PatientRows, dict[str, list[UploadedRow]]]] = []
        self.own_patients: dict[str, PatientRows] = {}
        self._clocks: PatientReading | None = None
        self._rows_left = ROWS_MAX
        self._read()

    def layout(self, table_name: str) -> Layout:
        """How the overlaid table lies."""
        return self.files.get(table_name) or contract_layout(table_name, f"the site's {table_name}")

    # -- each row by itself ----------------------------------------------------------------------------------------

    def _read(self) -> None:
        uploaded = {name: self._sound_rows(name) for name in TABLES if name in self.source.table_names}
        self.problems += self.source.damaged_rows
        for name in SMALL_TABLES:
            self._lay_small(name, uploaded.get(name, []))
        reviews = uploaded.get("reviews", [])
        self.reference = self._read_reference(reviews)
        if self.reference is not None:
            self._lay_patients({name: uploaded.get(name, []) for name in PATIENT_TABLES}, self.reference)
        faulty = {(problem.table, problem.row_number) for problem in self.problems}
        for table in self.tables.values():
            table.rejected = sum(name == table.name for name, _ in faulty)
            table.taken = [row for row in table.taken if (table.name, row.raw[0]) not in faulty]
        self.problems = sorted(set(self.problems), key=lambda problem: (problem.file, problem.row_number))

    def _sound_rows(self, name: str) -> list[tuple[RawRow, frozenset[int]]]:
        """The rows that can be read, in the contract's columns, with the positions of columns the file has not."""
        layout, rows = self.source.rows_of(TABLES[name])
        reader = RowReader(layout)
        reading = self.tables[name] = TableReading(name, layout.file)
        absent = frozenset(at for at, place in enumerate(layout.places) if place == ABSENT)
        found = []
        for row in rows:
            reading.rows += 1
            self._rows_left -= 1
            if self._rows_left < 0:
                raise TableError(
                    f"{layout.file}: more than {ROWS_MAX} rows at once; bring the tables in parts"
                )
            try:
                reader.read_plain(row[1])
            except ValueError:
                if reader.read_carefully(row, self.problems, self.notes) is None:
                    if name in SMALL_TABLES and TABLES[name].key:
                        self.rejected_ids.add(layout.cell(row, TABLES[name].key[0]).strip())
                    continue
            cells = layout.cells(row)
            ordered = [cells[place] if 0 <= place < len(cells) else "" for place in layout.places]
            found.append(((row[0], joined_cells(ordered)), absent))
        return found

    def values(self, name: str, raw: RawRow) -> Values:
        """A sound row's values; of a contact with the instant in place of the local time that tells it."""
        try:
            values = tuple(self.readers[name].read_plain(raw[1]))
        except ValueError:
            values = tuple(self.readers[name].read_carefully(raw, [], []) or ())
        if name != "contacts" or self._clocks is None:
            return values
        place = TABLES[name].positions["started_at"]
        self._clocks.row = raw
        try:
            instant = self._clocks.moment("started_at", values[place]).at.astimezone(UTC)
        except RowRefused:
            return values  # the parser refuses the row
        return (*values[:place], instant, *values[place + 1 :])

    def clocks_of(self, rows: PatientRows, reference: Reference) -> list[tuple[date, str]]:
        """Start and time zone of the patient's overlaid episodes, in order."""
        positions = TABLES["episodes"].positions
        found = []
        for raw in rows.episodes:
            values = self.values("episodes", raw)
            site = reference.sites.get(values[positions["site_id"]])
            zone = site.time_zone if site is not None else reference.practice.time_zone
            found.append((values[positions["start_date"]], zone))
        return sorted(found)

    def _on_the_clocks_of(self, episodes: Sequence[RawRow], reference: Reference) -> PatientReading:
        reading = PatientReading(
            reference, self.readers["contacts"], LocalClock(reference.practice.time_zone)
        )
        clocks = self.clocks_of(PatientRows("", episodes=episodes), reference)
        if clocks:
            reading.clocks = [(start, LocalClock(zone)) for start, zone in clocks]
        return reading

    def _laid(
        self, name: str, own: Sequence[RawRow], uploaded: Sequence[tuple[RawRow, frozenset[int]]]
    ) -> tuple[list[RawRow], list[UploadedRow]]:
        """The overlaid rows, and what the upload says of each of its own."""
        table = TABLES[name]
        places = [table.positions[column] for column in known_by(table)]
        waiting: dict[Values, list[tuple[RawRow, Values]]] = defaultdict(list)
        for raw in own:
            values = self.values(name, raw)
            waiting[tuple(values[place] for place in places) if values else ()].append(
                ((OWN_ROW, raw[1]), values)
            )
        made: list[UploadedRow] = []
        later = []
        for raw, absent in uploaded:
            values = self.values(name, raw)
            candidates = waiting[tuple(values[place] for place in places)]
            same = next((pair for pair in candidates if _alike(name, values, pair[1], absent)), None)
            if same is None:
                later.append((raw, absent, values, candidates))
            else:
                candidates.remove(same)
                made.append(UploadedRow((raw[0], same[0][1]), same[1], same[1]))
        for raw, absent, values, candidates in later:
            before = candidates.pop(0) if candidates else None
            if before is not None and absent:
                raw = self._completed(name, raw, before[0], absent)
                values = self.values(name, raw)
            made.append(UploadedRow(raw, values, before[1] if before is not None else None))
        left = [raw for pairs in waiting.values() for raw, _ in pairs]
        made.sort(key=lambda row: row.raw[0])
        return left + [row.raw for row in made], made

    def _completed(self, name: str, raw: RawRow, before: RawRow, absent: frozenset[int]) -> RawRow:
        layout = self.layout(name)
        cells, held = layout.cells(raw), layout.cells(before)
        return raw[0], joined_cells([held[at] if at in absent else cell for at, cell in enumerate(cells)])

    # -- the overlaid tables together ------------------------------------------------------------------------------

    def _lay_small(self, name: str, uploaded: Sequence[tuple[RawRow, frozenset[int]]]) -> None:
        _, own = self.port.small_table(name)
        self.own[name], made = self._laid(name, own, uploaded)
        if name in self.tables:
            self.tables[name].taken = made

    def _read_reference(self, reviews: Sequence[tuple[RawRow, frozenset[int]]]) -> Reference | None:
        loader = ReferenceLoader([], [], self.rejected_ids)

        def table(name: str) -> tuple[Layout, list[RawRow]]:
            return self.layout(name), self.own[name]

        try:
            practice = loader.practice(*self._practice())
        except TableError as problem:
            self._refuse_practice(str(problem))
            return None
        sites = loader.sites(*table("sites"), practice)
        staff = loader.staff(*table("staff"), sites)
        payers, digits = loader.payers(*table("payers"))
        charges = loader.charges(*table("charges"))
        rates = loader.contract_rates(*table("contract_rates"), payers)
        place = TABLES["reviews"].positions["patient_id"]
        _, own_reviews = self.port.small_table("reviews")
        of_caseload = [row for row in own_reviews if not self.layout("reviews").cells(row)[place]]
        given = [pair for pair in reviews if not self.layout("reviews").cells(pair[0])[place].strip()]
        _, made = self._laid("reviews", of_caseload, given)
        if "reviews" in self.tables:
            self.tables["reviews"].taken += made
        every = [(OWN_ROW, row[1]) for row in own_reviews] + [pair[0] for pair in reviews]
        held = loader.reviews_held(self.layout("reviews"), every, staff)
        self._keep(loader.problems)
        self.notes += loader.notes
        pack = TABLES["payers"].positions["pack_id"]
        for row in self.tables["payers"].taken if "payers" in self.tables else ():
            if row.values[pack] not in rulebook().payer_ids:
                self._refuse("payers", row.raw, "pack_id", "the id of a pack in the rulebook (see Payers)")
        return Reference(
            practice,
            sites,
            staff,
            payers,
            charges,
            held,
            digits,
            {name: self.layout(name) for name in PATIENT_TABLES},
            frozenset(loader.rejected_ids),
            (),
            (),
            rates,
        )

    def _practice(self) -> tuple[Layout, list[RawRow]]:
        given = self.tables.get("practice")
        layout, own = self.port.small_table("practice")
        if given is None:
            return layout, own
        key = layout.cells(own[0])[0]
        for row in given.taken:
            if row.values[0] != key:
                self._refuse("practice", row.raw, "organization_id", f"{key}, the id of this organization")
        return self.layout("practice"), [row.raw for row in given.taken][:2] or own

    def _refuse_practice(self, text: str) -> None:
        if any(problem.table == "practice" for problem in self.problems):
            return
        file = self.tables["practice"].file if "practice" in self.tables else "practice"
        expectation = "a practice that is set up: bring its practice table too, or fill it in under Set-up"
        self.problems.append(
            RowProblem(file, "practice", OWN_ROW, "", expectation, "what is missing stands there")
        )

    def _lay_patients(
        self, uploaded: Mapping[str, Sequence[tuple[RawRow, frozenset[int]]]], reference: Reference
    ) -> None:
        grouped: dict[str, dict[str, list[tuple[RawRow, frozenset[int]]]]] = defaultdict(
            lambda: defaultdict(list)
        )
        for name, rows in uploaded.items():
            place = TABLES[name].positions["patient_id"]
            layout = self.layout(name)
            for pair in rows:
                patient_id = layout.cells(pair[0])[place].strip()
                if patient_id or name != "reviews":
                    grouped[patient_id][name].append(pair)
        parser = PatientParser(reference, self.month)
        self._frozen: dict[str, set[int]] = defaultdict(set)
        frozen = FrozenMonth.objects.of(self.port.actor).values_list("patient__patient_id", "month_index")
        for patient_id, index in frozen:
            self._frozen[patient_id].add(index)
        own = self._own_groups(grouped)
        for patient_id in sorted(grouped):
            given, rows, made = grouped[patient_id], {}, {}
            held = own.get(patient_id) or PatientRows(patient_id)
            for name in PATIENT_TABLES:
                if name == "contacts":
                    self._clocks = self._on_the_clocks_of(rows["episodes"], reference)
                rows[name], made[name] = self._laid(name, getattr(held, name), given.get(name, ()))
                if name in self.tables:
                    self.tables[name].taken += made[name]
            overlaid = PatientRows(patient_id, **rows)
            parsed = parser.parse(overlaid)
            self._keep(parsed.problems)
            self.notes += parsed.notes
            self._check_ledger(patient_id, made["contacts"], clocks=overlaid, reference=reference)
            self.patients.append((overlaid, made))

    def _check_ledger(
        self, patient_id: str, contacts: Sequence[UploadedRow], *, clocks: PatientRows, reference: Reference
    ) -> None:
        """Entries are only ever added, and none to a month that is frozen."""
        positions = TABLES["contacts"].positions
        zones = self.clocks_of(clocks, reference) or [(date.min, reference.practice.time_zone)]
        frozen = self._frozen.get(patient_id, set())
        for row in contacts:
            started_at = row.values[positions["started_at"]]
            if row.is_changed:
                self._refuse(
                    "contacts",
                    row.raw,
                    "contact_id",
                    "the entry as it stands in the ledger, or a new contact_id that names it in corrects_contact_id",
                )
            elif row.is_new and frozen and isinstance(started_at, datetime):
                day = started_at.astimezone(ZoneInfo(zone_on(started_at, zones))).date()
                if Month.of(day).index in frozen:
                    self._refuse(
                        "contacts",
                        row.raw,
                        "started_at",
                        "a day of a month that is not frozen; open it again first",
                    )

    def _own_groups(self, wanted: Mapping[str, object]) -> dict[str, PatientRows]:
        ids = sorted(wanted)
        for start in range(0, len(ids), PATIENTS_AT_ONCE):
            block = ids[start : start + PATIENTS_AT_ONCE]
            found = Patient.objects.of(self.port.actor).filter(patient_id__in=block)
            pks = list(found.values_list("pk", flat=True))
            self.own_patients |= {rows.patient_id: rows for rows in self.port.patient_groups(pks)}
        return self.own_patients

    def _keep(self, problems: Sequence[RowProblem]) -> None:
        """Problems of uploaded rows; what the organization has already is told elsewhere."""
        self.problems += [problem for problem in problems if problem.row_number != OWN_ROW]

    def _refuse(self, table_name: str, raw: RawRow, column: str, expectation: str) -> None:
        self.problems.append(self.readers[table_name].refusal(raw, RowRefused(column, expectation)))


def _alike(name: str, values: Values, before: Values, absent: frozenset[int]) -> bool:
    if not absent:
        return values == before
    return all(at in absent or value == before[at] for at, value in enumerate(values))
