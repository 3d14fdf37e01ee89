"""The close's report for people: one HTML file that needs nothing else and prints well."""

from __future__ import annotations

import calendar
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from cocm.basics.identity import Provenance
from cocm.basics.money import dollars
from cocm.close.rendering import RenderedMonths
from cocm.close.request import CloseRequest, PayerTotal, Tally
from cocm.close.without_month import LooseItem
from cocm.intake.problems import RowProblem

WORKLIST_SHOWN_MAX: Final = 500
CARE_DUE_SHOWN_MAX: Final = 200
EXPLAINED_SHOWN_MAX: Final = 200
PROBLEMS_SHOWN_MAX: Final = 200
DECIDED_SHOWN_MAX: Final = 500


@dataclass(slots=True)
class ReportRows:
    """The rows the report shows: the largest of the worklist, the nearest of the care due, the first explained."""

    worklist: list[dict[str, str | int]] = field(default_factory=list)
    care_due: list[dict[str, str | int]] = field(default_factory=list)
    explained: list[dict[str, object]] = field(default_factory=list)
    decided: list[tuple[str, str, str, str, str, str]] = field(default_factory=list)
    worklist_total: int = 0

    def add(self, months: RenderedMonths) -> None:
        """Take a chunk's rows, keeping no more than the report shows."""
        self.worklist_total += sum(months.tally.by_item.values()) - months.tally.by_item["care_due"]
        self.worklist = sorted(self.worklist + months.worklist_rows, key=_by_money)[:WORKLIST_SHOWN_MAX]
        self.care_due = sorted(self.care_due + months.care_due_rows, key=_by_nearness)[:CARE_DUE_SHOWN_MAX]
        self.decided = (self.decided + months.decided_rows)[:DECIDED_SHOWN_MAX]
        self.explained = (self.explained + months.explained)[:EXPLAINED_SHOWN_MAX]

    def add_loose(self, item: LooseItem) -> None:
        """A row that no patient-month stands behind."""
        self.worklist_total += 1
        self.worklist = sorted([*self.worklist, item.report_row()], key=_by_money)[:WORKLIST_SHOWN_MAX]


def _by_money(row: dict[str, str | int]) -> tuple[int, str]:
    return (-int(row["cents"]), str(row["patient_id"]))


def _by_nearness(row: dict[str, str | int]) -> tuple[int, str]:
    short = row["minutes_short"]
    return (short if isinstance(short, int) else 1_000_000, str(row["patient_id"]))


def render_report(
    request: CloseRequest,
    practice_name: str,
    tally: Tally,
    payers: tuple[PayerTotal, ...],
    rows: ReportRows,
    problems: list[RowProblem],
    notices: tuple[str, ...],
    provenance: Provenance,
) -> str:
    """The report as HTML text."""
    new = [payer for payer in payers if payer.is_new]
    explained_total = tally.patient_months - tally.by_status["no_service"]
    return _template().render(
        month=str(request.month),
        month_name=f"{calendar.month_name[request.month.number]} {request.month.year}",
        practice_name=practice_name,
        as_of_date=request.as_of_date.isoformat(),
        is_dry_run=request.is_dry_run,
        is_test=request.is_test,
        claims_total=f"{tally.by_status['claim']:,}",
        already_sent=tally.by_status["already_sent"],
        charges_total=dollars(sum(payer.charge_amount_cents for payer in new)),
        held_total=f"{tally.by_status['held']:,}",
        held_money=dollars(tally.held_cents),
        care_due_total=f"{tally.by_status['care_due']:,}",
        patient_months=f"{tally.patient_months:,}",
        minutes_counted=f"{tally.minutes_counted:,}",
        rows_rejected=f"{tally.rows_rejected:,}",
        payers=[
            {
                "payer_id": payer.payer_id,
                "file_name": payer.file_name,
                "control_number": payer.control_number,
                "claim_count": f"{payer.claim_count:,}",
                "charges": dollars(payer.charge_amount_cents),
                "is_new": payer.is_new,
            }
            for payer in payers
        ],
        worklist=rows.worklist,
        worklist_more=rows.worklist_total if rows.worklist_total > len(rows.worklist) else 0,
        care_due=rows.care_due,
        care_due_more=_more(tally.by_status["care_due"], rows.care_due),
        decided=rows.decided,
        explained=rows.explained,
        explained_more=_more(explained_total, rows.explained),
        by_item=_by_item(tally),
        by_code=[{"name": code, "count": f"{count:,}"} for code, count in sorted(tally.by_code.items())],
        row_problems=[
            (p.file, p.row_number, p.column, p.expectation, p.found) for p in problems[:PROBLEMS_SHOWN_MAX]
        ],
        row_problems_more=len(problems) if len(problems) > PROBLEMS_SHOWN_MAX else 0,
        notices=notices,
        provenance=provenance.as_json(),
    )


def _more(total: int, shown: list[Any]) -> int:
    return total if total > len(shown) else 0


def _by_item(tally: Tally) -> list[dict[str, str]]:
    counts = Counter({item: count for item, count in tally.by_item.items() if item != "care_due"})
    return [
        {"name": item, "count": f"{count:,}", "money": dollars(tally.cents_by_item[item])}
        for item, count in counts.most_common()
    ]


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("cocm.close"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.j2")
