"""The cases as a reviewer sees them, in CSV and XLSX, and the answers as they come back. No answer of ours is in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from cocm.basics.errors import TableError, UnusableInput
from cocm.basics.files import safe_cell
from cocm.basics.money import cents_from_text, dollars
from cocm.close.outputs import csv_text
from cocm.intake.contract import Column, Kind, Table
from cocm.intake.csv_file import CsvFile
from cocm.intake.rows import ABSENT
from cocm.intake.workbook import SheetFile
from cocm.intake.workbook import Workbook as OpenWorkbook
from cocm.intake.workbook_out import workbook_bytes
from cocm.plan.records import Accumulator, Benefit, CoverageSpan
from cocm.rules.codes import hcpcs_codes, places_of_service, taxonomies
from cocm.sandbox.cases import CASES_MAX, Case, Cases
from cocm.sandbox.label import LABEL
from cocm.sandbox.training_plan import training_fees
from cocm.x12.claim_record import ClaimRecord, LineRecord

PAY, DENY, FORWARD, WAIT = ANSWERS = ("pay", "deny", "forward", "wait")
SHEET: Final = "cases"
ANSWER_COLUMNS: Final = ("answer", "reason_code", "entity", "member_owes")
FACT_COLUMNS: Final = (
    "set", "case_id", "member", "benefit", "contracts", "biller", "claim", "diagnoses", "place", "lines", "fees",
    "earlier_claims", "records",
)  # fmt: skip
HOW_TO: Final = (
    LABEL,
    "Decide each claim as the plan's reviewer, by the payer's rules on the date of service. Fill in the last columns:",
    "answer: pay, deny, forward (to another entity), or wait (a person must settle something first).",
    "reason_code: for deny, the adjustment reason code (CARC). entity: for forward, the id of the entity.",
    "member_owes: for pay, what the member owes in dollars, for example 20.00 or 0.",
    "Then: cocm sandbox score FILE",
)
_WIDTHS: Final = {"case_id": 8, "set": 12, "answer": 10, "reason_code": 12, "entity": 16, "member_owes": 13}
_WIDTH: Final = 34

ANSWERS_TABLE: Final = Table(
    SHEET,
    "One row per case.",
    (
        Column(
            "set", Kind.TEXT, "The set, as written.", "ca-commercial-carveout:2026-03:1:24", required=True
        ),
        Column("case_id", Kind.IDENTIFIER, "The case, as written.", "K001", required=True),
        Column("answer", Kind.TEXT, "pay, deny, forward or wait; empty: not answered.", "pay"),
        Column("reason_code", Kind.TEXT, "For deny: the reason code.", "107"),
        Column("entity", Kind.TEXT, "For forward: the entity.", "VALLEY-IPA"),
        Column("member_owes", Kind.TEXT, "For pay: dollars.", "20.00"),
    ),
    key=("case_id",),
)


@dataclass(frozen=True, slots=True)
class CaseAnswer:
    """A reviewer's answer; what was left empty is empty, `member_owes_cents` None."""

    case_id: str
    answer: str
    reason_code: str
    entity: str
    member_owes_cents: int | None


@dataclass(frozen=True, slots=True)
class AnswerSheet:
    """The answers of one file, and the rows that could not be read as one."""

    set_name: str
    answers: Mapping[str, CaseAnswer]
    problems: tuple[str, ...]


def sheet_rows(cases: Cases) -> Iterator[tuple[str, ...]]:
    """The header and a row for each case, its answer columns empty."""
    yield (*FACT_COLUMNS, *ANSWER_COLUMNS)
    for case in cases.cases:
        facts = _facts(cases, case)
        yield (*(facts[column] for column in FACT_COLUMNS), *("" for _ in ANSWER_COLUMNS))


def as_csv(cases: Cases) -> bytes:
    """The cases as CSV, with a byte order mark so that spreadsheets read it as UTF-8."""
    return csv_text([safe_cell(cell) for cell in row] for row in sheet_rows(cases)).encode("utf-8-sig")


def as_workbook(cases: Cases) -> bytes:
    """The cases as a workbook with a list of the answers, and a sheet that says what to do."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = SHEET
    for row in sheet_rows(cases):
        sheet.append([safe_cell(cell) for cell in row])
    columns = (*FACT_COLUMNS, *ANSWER_COLUMNS)
    for place, name in enumerate(columns, 1):
        sheet.cell(1, place).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(place)].width = _WIDTHS.get(name, _WIDTH)
    for cells in sheet.iter_rows(min_row=2):
        for cell in cells:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.number_format = "@"
    sheet.freeze_panes = "C2"
    choices = DataValidation(type="list", formula1=f'"{",".join(ANSWERS)}"', allow_blank=True)
    letter = get_column_letter(columns.index("answer") + 1)
    choices.add(f"{letter}2:{letter}{len(cases.cases) + 1}")
    sheet.add_data_validation(choices)
    readme = book.create_sheet("README")
    for number, line in enumerate(HOW_TO, 1):
        readme.cell(number, 1, line)
    return workbook_bytes(book)


def read_answers(path: Path) -> AnswerSheet:
    """The answers of a CSV file or workbook. Raises `UnusableInput` where it is none, or mixes several sets."""
    if path.suffix.lower() == ".xlsx":
        book = OpenWorkbook(path)
        try:
            if SHEET not in book.sheet_names:
                raise TableError(f"{path.name}: has no sheet named {SHEET}")
            return _answers(path, SheetFile(book, book.sheet_names[SHEET], ANSWERS_TABLE))
        finally:
            book.close()
    return _answers(path, CsvFile(path, ANSWERS_TABLE))


def _answers(path: Path, file: CsvFile | SheetFile) -> AnswerSheet:
    if file.header.faults:
        raise TableError("; ".join(file.header.faults) + ". `cocm sandbox cases` writes the table to fill in")
    layout = file.header.layout
    faults: list[str] = []
    found: dict[str, CaseAnswer] = {}
    sets: set[str] = set()
    for row in file.rows():
        cells = layout.cells(row)
        set_name, case_id, answer, reason_code, entity, owes = (
            _plain(cells[place]) if ABSENT < place < len(cells) else "" for place in layout.places
        )
        sets.add(set_name)
        where = f"{path.name}, row {row[0]}"
        if len(found) >= CASES_MAX:
            raise TableError(f"{path.name}: more than {CASES_MAX} rows")
        if case_id in found:
            faults.append(f"{where}, column case_id: each case once; this one has a row before")
            continue
        if answer.lower() not in (*ANSWERS, ""):
            faults.append(
                f"{where}, column answer: expected one of {', '.join(ANSWERS)}; it counts as no answer"
            )
            answer = ""
        cents = _cents(owes, where, faults)
        found[case_id] = CaseAnswer(case_id, answer.lower(), _code(reason_code), entity.upper(), cents)
    if len(sets) != 1:
        raise UnusableInput(
            f"{path.name}: holds {len(sets)} sets of cases; score the rows of one set, as `cocm sandbox cases` wrote it"
        )
    return AnswerSheet(sets.pop(), found, tuple(faults))


def _plain(cell: str) -> str:
    """A cell without blanks around it, and without the apostrophe that kept it from being a formula."""
    return cell.strip().removeprefix("'")


def _cents(text: str, where: str, faults: list[str]) -> int | None:
    if not text:
        return None
    try:
        return cents_from_text(text)
    except ValueError:
        faults.append(f"{where}, column member_owes: expected dollars such as 20.00; it counts as no answer")
        return None


def _code(text: str) -> str:
    """`CO-107`, `co 107` and `107` are the code 107."""
    return text.upper().replace(" ", "-").rpartition("-")[2].removesuffix(".0")


def _facts(cases: Cases, case: Case) -> dict[str, str]:
    record, book = case.record, cases.book
    rulebook = cases.policy.pack.rulebook
    member = book.members[(record.member_id, record.patient.birth_date or cases.of.month.first_day)]
    span = member.spans[0]
    met = book.accumulators[((member.member_id, member.birth_date), cases.of.month.year)]
    place = places_of_service(rulebook).get(record.place_of_service_code)
    lines = [line for claim in (record, *case.earlier) for line in claim.lines]
    fees = {line.hcpcs_code: training_fees(cases.policy)[line.hcpcs_code] for line in lines}
    enrolled = book.providers.get(record.billing.identifier)
    places = ", ".join(sorted(enrolled.places)) if enrolled is not None else ""
    return {
        "set": cases.of.name,
        "case_id": case.case_id,
        "member": _member_words(span),
        "benefit": "; ".join(
            _benefit_words(one, met) for one in book.benefits if one.product == span.product
        ),
        "contracts": _contract_words(cases, span),
        "biller": _biller_words(cases, record),
        "claim": _claim_words(record),
        "diagnoses": " ".join(f"{place}:{code}" for place, code in enumerate(_codes(record), 1)),
        "place": f"{record.place_of_service_code} {place.label if place is not None else ''}"
        + (f"; enrolled at {places}" if places else "; enrolled places not at hand"),
        "lines": "; ".join(_line_words(line, cases) for line in record.lines),
        "fees": "; ".join(f"{code} {dollars(cents)} a unit" for code, cents in fees.items()),
        "earlier_claims": "; ".join(
            f"{_biller_words(cases, earlier)}: {', '.join(_line_words(line, cases) for line in earlier.lines)}: "
            f"{decided['answer']}, claim {decided['claim_number']}"
            for earlier, decided in zip(case.earlier, case.decided_earlier, strict=True)
        )
        or "none",
        "records": "none came with the claim",
    }


def _member_words(span: CoverageSpan) -> str:
    end = span.period.effective_to
    until = "goes on" if end is None else f"ended before {end}"
    group = f"; assigned to the group {span.delegated_group_id}" if span.delegated_group_id else ""
    return f"{span.product} from {span.period.effective_from}, {until}{group}"


def _benefit_words(benefit: Benefit, met: Accumulator) -> str:
    if benefit.is_waived:
        return f"{benefit.side}: the member pays nothing"
    parts = []
    if benefit.deductible_cents:
        parts.append(
            f"deductible {dollars(benefit.deductible_cents)}, of which {dollars(met.deductible_met_cents)} is met"
        )
    if benefit.copayment_cents:
        parts.append(f"copayment {dollars(benefit.copayment_cents)} a claim")
    if benefit.coinsurance_percent:
        parts.append(f"coinsurance {benefit.coinsurance_percent} % of the rest")
    if benefit.out_of_pocket_max_cents is not None:
        limit, reached = dollars(benefit.out_of_pocket_max_cents), dollars(met.out_of_pocket_met_cents)
        parts.append(f"out-of-pocket limit {limit}, of which {reached} is met")
    return f"{benefit.side}: {', '.join(parts)}"


def _contract_words(cases: Cases, span: CoverageSpan) -> str:
    found = [
        f"{one.side} side: {one.entity_id} ({one.source})"
        for one in cases.book.delegations
        if one.product in (None, span.product) and one.delegated_group_id in (None, span.delegated_group_id)
    ]
    return "; ".join((*found, f"everything else: {cases.book.profile.entity_id}"))


def _biller_words(cases: Cases, record: ClaimRecord) -> str:
    taxonomy = taxonomies(cases.policy.pack.rulebook).get(record.billing.taxonomy_code)
    kind = "taxonomy not known" if taxonomy is None else taxonomy.label.lower()
    return f"{record.billing.last_or_organization_name} (NPI {record.billing.identifier}, {kind})"


def _claim_words(record: ClaimRecord) -> str:
    if record.payer_claim_control_number:
        return f"replaces claim {record.payer_claim_control_number} (frequency {record.frequency_code})"
    return f"original (frequency {record.frequency_code})"


def _codes(record: ClaimRecord) -> Sequence[str]:
    return record.diagnosis_codes


def _line_words(line: LineRecord, cases: Cases) -> str:
    known = hcpcs_codes(cases.policy.pack.rulebook).get(line.hcpcs_code)
    label = f" ({known.label})" if known is not None else ""
    pointers = ",".join(map(str, line.diagnosis_pointers))
    return (
        f"{line.hcpcs_code}{label} x {line.service_unit_quantity.normalize():f} on {line.service_to_date}, "
        f"{dollars(line.charge_amount_cents)}, diagnoses {pointers}"
    )
