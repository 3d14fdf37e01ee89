"""Reads a plan's folder. A wrong row is told with file, row, column and what was expected.

Only rows of members and accumulators may be wrong: the claims of the members whom they name then wait, or of all whom
they may be about where they name nobody. A wrong row of any other table could route or price every claim wrongly, so
that nothing is decided until it is mended. So does a column that is none of the table's.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from cocm.basics.errors import TableError, UnusableInput
from cocm.basics.months import Period
from cocm.care.people import Address
from cocm.intake.cells import CellRefused, careful_reader
from cocm.intake.contract import PATIENT_ROWS_MAX, TABLE_ROWS_MAX, Table
from cocm.intake.headers import HeaderReading, read_header
from cocm.intake.problems import RowProblem, describe_cell
from cocm.intake.rows import ABSENT
from cocm.plan.records import (
    Accumulator,
    Benefit,
    BillerType,
    CoverageSpan,
    Delegation,
    Entity,
    EntityKind,
    Fee,
    FeeBasis,
    Member,
    MemberKey,
    PlanBook,
    PlanProfile,
    PlanProvider,
    ServiceClass,
    Side,
)
from cocm.plandesk.row_doubts import RowDoubts, one_after_another
from cocm.plandesk.tables import ALL, OPTIONAL, OWN_COLUMN, PLAN_TABLES
from cocm.rules import Rulebook
from cocm.rules.codes import places_of_service

_SOFT: Final = frozenset({"members", "accumulators"})
_PROBLEMS_SHOWN_MAX: Final = 20
_CELLS_KEPT_MAX: Final = 65_536
_ONE_DAY: Final = timedelta(days=1)
_COVERAGE: Final = ("product", "coverage_from", "coverage_to", "delegated_group_id")


@dataclass(frozen=True, slots=True)
class PlanReading:
    """A plan's tables as records, with the rows that could not be read."""

    book: PlanBook
    problems: tuple[RowProblem, ...]


class _Row:
    """One row's values by column, with its place for what the whole of it says wrongly."""

    __slots__ = ("_file", "_number", "_table", "values")

    def __init__(self, file: str, table: Table, number: int, values: dict[str, Any]) -> None:
        self.values = values
        self._file, self._table, self._number = file, table, number

    def __getitem__(self, column: str) -> Any:
        return self.values[column]

    def problem(self, column: str, expectation: str, found: str) -> RowProblem:
        return RowProblem(self._file, self._table.name, self._number, column, expectation, found)

    def period(self, first: str, last: str, problems: list[RowProblem]) -> Period | None:
        """Both days included; a row whose last day comes before its first is a problem."""
        end = self.values[last]
        if end is not None and end < self.values[first]:
            problems.append(self.problem(last, f"a day not before {first}", "an earlier one"))
            return None
        return Period(self.values[first], None if end is None else end + _ONE_DAY)


class _Values(dict[str, Any]):
    """What the cells of a column hold; most texts of a large table come again."""

    def __init__(self, read: Callable[[str], Any]) -> None:
        super().__init__()
        self._read_cell = read

    def __missing__(self, cell: str) -> Any:
        value = self._read_cell(cell).value
        if len(self) >= _CELLS_KEPT_MAX:
            self.clear()
        self[cell] = value
        return value


def read_plan(folder: Path, rulebook: Rulebook) -> PlanReading:
    """The plan of a folder. Raises `UnusableInput` naming rows where a table other than members is wrong.

    Raises `TableError` where a table is missing or is none, `UnknownPayer` where the rulebook has no such pack.
    """
    book, problems = check_plan(folder, rulebook)
    if book is None:
        hard = [problem for problem in problems if problem.table not in _SOFT]
        shown = "; ".join(map(str, hard[:_PROBLEMS_SHOWN_MAX])) or f"{folder}: plan.csv holds no plan"
        raise UnusableInput(f"{shown}. Mend these rows: they would route or price every claim wrongly")
    return PlanReading(book, problems)


def check_plan(folder: Path, rulebook: Rulebook) -> tuple[PlanBook | None, tuple[RowProblem, ...]]:
    """A folder's plan with every row that cannot be read; None where one of them lets nothing be decided.

    Raises as `read_plan` does for tables that are missing or none, and for a pack that does not exist.
    """
    if not folder.is_dir():
        raise UnusableInput(f"--plan {folder}: not a folder; `cocm plan template DIR` writes an empty one")
    problems: list[RowProblem] = []
    doubts = RowDoubts()
    rows = {table.name: list(_rows(folder, table, problems, doubts)) for table in PLAN_TABLES.values()}
    entities = _once(rows["entities"], ("entity_id",), _entity, problems)
    delegations = [one for row in rows["delegations"] if (one := _delegation(row, problems)) is not None]
    benefits = one_after_another(
        [(row, held) for row in rows["benefits"] if (held := _benefit(row, problems)) is not None],
        lambda one: (one.product, one.side, one.service),
        problems,
    )
    fees: dict[str, tuple[Fee, ...]] = {}
    for fee in one_after_another(
        [(row, priced) for row in rows["fees"] if (priced := _fee(row, problems)) is not None],
        lambda one: (one.hcpcs_code, one.is_facility),
        problems,
    ):
        fees[fee.hcpcs_code] = (*fees.get(fee.hcpcs_code, ()), fee)
    profile = _profile(rows["plan"], problems)
    members = _members(rows["members"], problems, doubts)
    accumulators = _accumulators(rows["accumulators"], problems, doubts)
    known_places = places_of_service(rulebook)
    providers = _once(
        rows["providers"], ("npi",), lambda row: _provider(row, known_places, problems), problems
    )
    for row in rows["delegations"]:
        _check_entity(row, entities, problems)
    if profile is not None:
        _check_entity(rows["plan"][0], entities, problems)
        rulebook.pack(profile.pack_id)
    if profile is None or any(problem.table not in _SOFT for problem in problems):
        return None, tuple(sorted(problems))
    book = PlanBook(
        profile=profile,
        entities={key[0]: entity for key, entity in entities.items()},
        delegations=tuple(delegations),
        members=members,
        benefits=tuple(benefits),
        accumulators=accumulators,
        fees=fees,
        providers={key[0]: one for key, one in providers.items()},
        has_all_members=not any(problem.table == "members" for problem in problems),
        has_all_accumulators="accumulators" not in doubts.nameless_tables,
        members_in_doubt=frozenset(doubts.members),
    )
    return book, tuple(sorted(problems))


def _rows(folder: Path, table: Table, problems: list[RowProblem], doubts: RowDoubts) -> Iterator[_Row]:
    path = folder / f"{table.name}.csv"
    if not path.is_file():
        if table.name in OPTIONAL:
            return
        raise TableError(f"{path}: is missing; `cocm plan template DIR` writes every table")
    try:
        with path.open(encoding="utf-8-sig", newline="") as text:
            lines = csv.reader(text)
            header = read_header(path.name, table, next(lines, []))
            if faults := (*header.faults, *_strange_columns(path.name, table, header)):
                raise TableError("; ".join(faults))
            readers = [(column, _Values(careful_reader(column))) for column in table.columns]
            for number, cells in enumerate(lines, start=2):
                if number > TABLE_ROWS_MAX:
                    raise TableError(f"{path.name}: more than {TABLE_ROWS_MAX} rows")
                if not "".join(cells).strip():
                    continue
                if len(cells) != header.layout.width:
                    expected = f"{header.layout.width} cells as in the header"
                    found = f"{len(cells)} cells"
                    problems.append(RowProblem(path.name, table.name, number, "", expected, found))
                    doubts.note(table.name, {})
                    continue
                row = _read(path.name, table, number, cells, header.layout.places, readers, problems, doubts)
                if row is not None:
                    yield row
    except (UnicodeDecodeError, csv.Error) as problem:
        if isinstance(problem, csv.Error) and "field" in str(problem):
            raise TableError(
                f"{path.name}: the cell that reaches line {lines.line_num} is longer than {csv.field_size_limit():,} "
                "characters; a quotation mark may stand open"
            ) from None
        raise TableError(f"{path.name}: not a CSV file in UTF-8 ({type(problem).__name__})") from None


def _strange_columns(file: str, table: Table, header: HeaderReading) -> Iterator[str]:
    """The fault of columns that are none of the table's.

    A misspelt one that may be left out (a deductible, the end of a coverage) would otherwise pass for one that is not
    there, and money be paid by its absence.
    """
    strange = [name for name in header.unknown if not name.startswith(OWN_COLUMN)]
    if strange:
        places = zip(table.columns, header.layout.places, strict=True)
        absent = ", ".join(column.name for column, place in places if place == ABSENT)
        missing = f"the table's columns that it does not name: {absent}; " if absent else ""
        yield (
            f"{file}: the first row names {', '.join(strange)}, which the table does not have; {missing}"
            f"a column of your own is passed over where its name begins with {OWN_COLUMN}"
        )


def _read(
    file: str,
    table: Table,
    number: int,
    cells: Sequence[str],
    places: Sequence[int],
    readers: Sequence[tuple[Any, _Values]],
    problems: list[RowProblem],
    doubts: RowDoubts,
) -> _Row | None:
    at_end = (*cells, "")  # a column that the file does not have has the place -1
    try:
        return _Row(
            file,
            table,
            number,
            {column.name: read[at_end[place]] for (column, read), place in zip(readers, places, strict=True)},
        )
    except CellRefused:
        pass  # all that is wrong with the row is told
    values: dict[str, Any] = {}
    for (column, read), place in zip(readers, places, strict=True):
        cell = at_end[place]
        try:
            values[column.name] = read[cell]
        except CellRefused as refused:
            found = describe_cell(column, cell)
            problems.append(RowProblem(file, table.name, number, column.name, str(refused), found))
    doubts.note(table.name, values)
    return None


def _once(
    rows: Sequence[_Row], key: tuple[str, ...], make: Callable[[_Row], Any], problems: list[RowProblem]
) -> dict[tuple[Any, ...], Any]:
    """The rows' records by key; a key that stands twice is a problem of the later row."""
    found: dict[tuple[Any, ...], Any] = {}
    for row in rows:
        named = tuple(row[column] for column in key)
        if named in found:
            problems.append(row.problem(key[0], "each once", "a row with this key before"))
        else:
            found[named] = make(row)
    return found


def _profile(rows: Sequence[_Row], problems: list[RowProblem]) -> PlanProfile | None:
    if not rows:
        return None
    if len(rows) > 1:
        problems.append(rows[1].problem("plan_id", "one row: the plan that decides here", "a second one"))
    row = rows[0]
    return PlanProfile(
        plan_id=row["plan_id"],
        name=row["plan_name"],
        pack_id=row["pack_id"],
        entity_id=row["entity_id"],
        payer_identifier=row["payer_identifier"],
        tin=row["tin"],
        address=Address(row["address_line"], row["city"], row["state"], row["postal_code"]),
        phone=row["phone"],
        fee_basis=FeeBasis(row["fee_basis"]),
        other_payer_identifiers=frozenset(row["other_payer_identifiers"]),
    )


def _entity(row: _Row) -> Entity:
    return Entity(row["entity_id"], row["entity_name"], EntityKind(row["kind"]), row["payer_identifier"])


def _check_entity(row: _Row, entities: dict[tuple[Any, ...], Any], problems: list[RowProblem]) -> None:
    if (row["entity_id"],) not in entities:
        problems.append(row.problem("entity_id", "one of the ids in entities.csv", "another one"))


def _delegation(row: _Row, problems: list[RowProblem]) -> Delegation | None:
    period = row.period("effective_from", "effective_to", problems)
    if period is None:
        return None
    return Delegation(
        side=Side(row["side"]),
        entity_id=row["entity_id"],
        period=period,
        product=row["product"] or None,
        delegated_group_id=row["delegated_group_id"] or None,
        service=_service(row),
        biller=None if row["biller"] == ALL else BillerType(row["biller"]),
        source=row["source"],
    )


def _benefit(row: _Row, problems: list[RowProblem]) -> Benefit | None:
    period = row.period("effective_from", "effective_to", problems)
    if period is None:
        return None
    return Benefit(
        product=row["product"],
        side=Side(row["side"]),
        service=_service(row),
        period=period,
        is_covered=row["is_covered"] == "yes",
        is_waived=row["is_waived"],
        deductible_cents=row["deductible"] or 0,
        copayment_cents=row["copayment"] or 0,
        coinsurance_percent=row["coinsurance_percent"],
        out_of_pocket_max_cents=row["out_of_pocket_max"],
    )


def _fee(row: _Row, problems: list[RowProblem]) -> Fee | None:
    period = row.period("effective_from", "effective_to", problems)
    if period is None:
        return None
    is_facility = None if row["place"] == ALL else row["place"] == "facility"
    return Fee(row["hcpcs_code"], period, is_facility, row["amount"])


def _provider(row: _Row, known: Collection[str], problems: list[RowProblem]) -> PlanProvider:
    biller = BillerType(row["biller"]) if row["biller"] else None
    places = [place.zfill(2) for place in row["places"]]  # a spreadsheet made 2 of 02
    if any(place not in known for place in places):
        problems.append(
            row.problem("places", "places of service of two digits with ; between them", "another")
        )
    return PlanProvider(row["npi"], row["taxonomy_code"], biller, frozenset(places))


def _accumulators(
    rows: Sequence[_Row], problems: list[RowProblem], doubts: RowDoubts
) -> dict[tuple[MemberKey, int], Accumulator]:
    """What was met, by member and year; a year that stands twice leaves the member in doubt."""
    found: dict[tuple[MemberKey, int], Accumulator] = {}
    for row in rows:
        key = (row["member_id"], row["birth_date"]), row["year"]
        if key in found:
            problems.append(row.problem("member_id", "each once", "a row with this key before"))
            doubts.note("accumulators", row.values)
        else:
            found[key] = Accumulator(row["deductible_met"] or 0, row["out_of_pocket_met"] or 0)
    return found


def _members(rows: Sequence[_Row], problems: list[RowProblem], doubts: RowDoubts) -> dict[MemberKey, Member]:
    spans: dict[MemberKey, list[CoverageSpan]] = {}
    deaths: dict[MemberKey, date] = {}
    alike: dict[tuple[Any, ...], CoverageSpan] = {}
    for row in rows:
        values = row.values
        terms = tuple([values[name] for name in _COVERAGE])
        span = alike.get(terms)
        if span is None:
            period = row.period("coverage_from", "coverage_to", problems)
            if period is None:
                doubts.note("members", values)
                continue
            span = alike[terms] = CoverageSpan(values["product"], period, values["delegated_group_id"])
        key = (values["member_id"], values["birth_date"])
        held = spans.setdefault(key, [])
        if held and (len(held) >= PATIENT_ROWS_MAX or any(one.period.overlaps(span.period) for one in held)):
            problems.append(
                row.problem("coverage_from", "days outside the member's other rows", "days within")
            )
            doubts.note("members", values)
            continue
        held.append(span)
        if values["death_date"] is not None:
            deaths[key] = values["death_date"]
    return {
        key: Member(*key, deaths.get(key), tuple(sorted(held, key=_coverage_from) if held[1:] else held))
        for key, held in spans.items()
        if held
    }


def _coverage_from(span: CoverageSpan) -> date:
    return span.period.effective_from


def _service(row: _Row) -> ServiceClass | None:
    return None if row["service"] == ALL else ServiceClass(row["service"])
