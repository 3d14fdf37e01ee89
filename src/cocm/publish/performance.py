"""How payers perform on Collaborative Care claims, over many practices, to be published: rates with their definitions.

Every rate stands with its numerator, denominator and unit. Figures of fewer than eleven persons are hidden; no sum over
payers is published, so that none follows from the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Final

from cocm import __version__
from cocm.basics.months import Month
from cocm.publish.charts import bars, can_draw
from cocm.publish.data_request import HIDDEN
from cocm.publish.measures import MEDIAN_DAYS, SHARES, definitions
from cocm.publish.page import Cell, Chart, Heading, Page, Paragraph, Section, Table
from cocm.publish.request_page import evidence_section
from cocm.publish.rows import ALL_ROWS, RowFigure, Rows, row_figures
from cocm.rules import Rulebook
from cocm.warehouse.engine import Engine
from cocm.warehouse.values import sql_literal

RATES: Final = (
    "claim_approval_rate",
    "claim_denial_rate",
    "claim_rejection_rate",
    "line_denial_rate",
    "line_final_denial_rate",
)
_DAYS: Final = (MEDIAN_DAYS, "days_to_pay_90th_percentile")
PRACTICES: Final = "practices"
CSV_COLUMNS: Final = ("payer_id", "measure", "unit", "value", "numerator", "denominator", "is_hidden")


def payer_performance(
    engine: Engine, payer_ids: tuple[str, ...], first: Month, last: Month
) -> tuple[RowFigure, ...]:
    """Each payer's figures, with how many practices (tax ids, else billing NPIs) they come from."""
    quoted = ", ".join(map(sql_literal, payer_ids))
    condition = f"payer_id in ({quoted}) and month_index between {first.index} and {last.index}"
    rows = Rows("payer_id", condition, shows_total=False)
    found = [one for one in row_figures(engine, rows, RATES) if one.row != ALL_ROWS]
    hidden = {one.row for one in found if one.measure == "lines" and one.is_hidden}
    text = f"""
        select payer_id, count(distinct case when billing_tin <> '' then billing_tin else billing_npi end)
        from cocm_service_line where is_cocm and {condition} group by payer_id order by payer_id"""
    for payer_id, count in engine.query(text):
        is_hidden = payer_id in hidden
        value = None if is_hidden else int(count)
        found.append(RowFigure(payer_id, PRACTICES, "practices", value, None, None, is_hidden))
    return tuple(found)


def csv_rows(figures: Iterable[RowFigure]) -> Iterator[tuple[str, ...]]:
    """The figures as rows of `CSV_COLUMNS`."""
    for one in figures:
        values = (one.row, one.measure, one.unit, one.value, one.numerator, one.denominator)
        yield (*("" if value is None else str(value) for value in values), "yes" if one.is_hidden else "no")


def performance_page(
    figures: tuple[RowFigure, ...], rulebook: Rulebook, *, months: str, made_of: str
) -> Page:
    """The page: the rates with their counts, charts beside them, definitions, and what is known elsewhere."""
    by_row: dict[str, dict[str, RowFigure]] = {}
    for one in figures:
        by_row.setdefault(one.row, {})[one.measure] = one
    about = Paragraph(
        "How claims of Collaborative Care were answered, by payer. Each rate names its unit: a claim, or a service "
        f"line of one. {HIDDEN} stands where fewer than eleven persons are behind a figure or a part of it."
    )
    return Page(
        title="Collaborative Care: how payers answer claims",
        subtitle=f"Services from {months}; payers: {len(by_row)}",
        sections=(
            Section("about", "About these figures", (about,)),
            Section(
                "rates",
                "Approval, denial and rejection",
                (*_charts(by_row, RATES[:3], "percent of claims"), _rates(by_row)),
            ),
            Section("days", "Days to pay", (*_charts(by_row, _DAYS, "days"), _days(by_row))),
            Section("definitions", "Definitions", (_definitions(),)),
            evidence_section(rulebook),
        ),
        footer=(f"cocm {__version__}, rulebook {rulebook.content_hash}.", made_of),
    )


def _rates(by_row: Mapping[str, Mapping[str, RowFigure]]) -> Table:
    explained = definitions()
    headings = (
        Heading("Payer"),
        Heading("Practices", is_number=True),
        *(Heading(explained[name][0], is_number=True) for name in RATES),
    )
    rows = tuple(
        (Cell(row), Cell(_text(found.get(PRACTICES))), *(_rate(found.get(name)) for name in RATES))
        for row, found in by_row.items()
    )
    return Table("Each rate with its counts", headings, rows)


def _days(by_row: Mapping[str, Mapping[str, RowFigure]]) -> Table:
    explained = definitions()
    headings = (Heading("Payer"), *(Heading(explained[name][0], is_number=True) for name in _DAYS))
    rows = tuple(
        (Cell(row), *(Cell(_text(found.get(name))) for name in _DAYS)) for row, found in by_row.items()
    )
    return Table("From receipt to the first payment of a line", headings, rows)


def _definitions() -> Table:
    shares = {share.name: share for share in SHARES}
    rows = []
    for name in RATES:
        share = shares[name]
        unit = "claim" if share.division.startswith("claims") else "service line"
        answers = (", ".join(share.numerator), ", ".join(share.denominator))
        rows.append(
            (Cell(share.title, name), Cell(unit), Cell(answers[0]), Cell(answers[1]), Cell(share.definition))
        )
    for name in _DAYS:
        title, text = definitions()[name]
        rows.append((Cell(title, name), Cell("service line"), Cell("days"), Cell("paid lines"), Cell(text)))
    headings = ("Figure", "Unit", "Numerator", "Denominator", "In words")
    return Table("What each figure is", tuple(map(Heading, headings)), tuple(rows))


def _charts(
    by_row: Mapping[str, Mapping[str, RowFigure]], measures: tuple[str, ...], amount: str
) -> Iterator[Chart]:
    if can_draw():
        explained = definitions()
        points = [
            (row, explained[name][0], found[name].value if name in found else None)
            for row, found in by_row.items()
            for name in measures
        ]
        yield bars(", ".join(explained[name][0] for name in measures), "", amount, points)


def _rate(found: RowFigure | None) -> Cell:
    if found is None:
        return Cell("")
    if found.is_hidden:
        return Cell(HIDDEN)
    if found.value is None:
        return Cell("", "of none")
    return Cell(f"{found.value} %", f"{found.numerator:,} of {found.denominator:,}")


def _text(found: RowFigure | None) -> str:
    if found is None:
        return ""
    if found.is_hidden:
        return HIDDEN
    if isinstance(found.value, Decimal):
        return f"{found.value.normalize():f}"
    return "" if found.value is None else f"{found.value:,}"
