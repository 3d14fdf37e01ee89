"""The data request as a page: what was asked, the figures with charts beside tables, and what each one means."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Final

from cocm import __version__
from cocm.basics.money import dollars
from cocm.publish.charts import bars, can_draw, lines, stacked_bars
from cocm.publish.data_request import ALL, HIDDEN, NOT_TOLD, DataRequest, Published
from cocm.publish.measures import (
    AMOUNTS,
    COST,
    DIVISIONS,
    MEDIAN_DAYS,
    OTHER_DEFINITIONS,
    PERSONS,
    SHARES,
    UNITS,
    definitions,
)
from cocm.publish.page import Block, Cell, Chart, Heading, Page, Paragraph, Section, Table
from cocm.rules import Rulebook
from cocm.rules.denial_evidence import denial_evidence

_RATES: Final = ("line_denial_rate", "routed_rate", "duplicate_rate", "records_request_rate")
_DAYS: Final = (MEDIAN_DAYS, "days_to_pay_90th_percentile")
_OF_REGIONS: Final = (
    "members_with_behavioral_diagnosis", "members_with_model", "billing_providers", "lines", "claim_denial_rate",
    "line_denial_rate", "routed_rate", MEDIAN_DAYS, COST,
)  # fmt: skip


def request_page(request: DataRequest, rulebook: Rulebook, *, made_of: str, is_internal: bool) -> Page:
    """The page. `made_of` says in words what history it is of."""
    sections = [_about(request, is_internal=is_internal)]
    for payer_id in request.payer_ids:
        sections += _payer_sections(request, payer_id)
    sections += [evidence_section(rulebook), _definitions()]
    return Page(
        title="Collaborative Care in the network: data request",
        subtitle=f"{', '.join(request.payer_ids)}, services from {request.first_month} to {request.last_month}",
        sections=tuple(sections),
        footer=(
            f"cocm {__version__}, rulebook {rulebook.content_hash}.",
            made_of,
        ),
    )


def _about(request: DataRequest, *, is_internal: bool) -> Section:
    if is_internal:
        text = "For internal use: nothing is hidden here. Do not publish."
    else:
        text = (
            f"{HIDDEN} stands for a figure of fewer than eleven persons, or one from which such a figure could be "
            f"worked out; {request.hidden_count} figures are hidden. An empty cell has nothing to tell."
        )
    blocks: list[Block] = [Paragraph(text)]
    if not can_draw():
        blocks.append(Paragraph("Charts are left out here (extra `charts`); the tables say the same."))
    return Section("about", "About this request", tuple(blocks))


def _payer_sections(request: DataRequest, payer_id: str) -> Iterator[Section]:
    months = [
        one.month
        for one in request.figures
        if one.payer_id == payer_id and one.measure == "lines" and one.product == ALL and one.month != ALL
    ]
    yield Section(f"{payer_id}-all", f"{payer_id}: the whole time", (_summary(request, payer_id),))
    parts: tuple[tuple[str, str, Callable[[], tuple[Block, ...]]], ...] = (
        (
            "answers",
            "answers by month",
            lambda: _by_class(request, payer_id, "lines_by_first_answer", months),
        ),
        ("rates", "rates by month", lambda: _rates(request, payer_id, months, _RATES, "percent of lines")),
        ("days", "days to pay by month", lambda: _rates(request, payer_id, months, _DAYS, "days")),
        ("tiers", "tiers by month", lambda: _by_class(request, payer_id, "member_months_by_tier", months)),
        ("episodes", "how long episodes last", lambda: _episodes(request, payer_id)),
        ("regions", "products and regions", lambda: (_regions(request, payer_id),)),
        ("reasons", "codes that refused lines", lambda: (_reasons(request, payer_id),)),
    )
    for anchor, title, blocks in parts:
        yield Section(f"{payer_id}-{anchor}", f"{payer_id}: {title}", blocks())


def _summary(request: DataRequest, payer_id: str) -> Table:
    explained = definitions()
    lists = (
        UNITS,
        (one.name for one in PERSONS),
        (one.name for one in SHARES),
        (one.name for one in AMOUNTS),
    )
    rows = []
    for name in (*(name for names in lists for name in names), *OTHER_DEFINITIONS):
        found = request.find(payer_id, name)
        if found is not None or name in request.untold:
            told = NOT_TOLD if found is None else shown(found)
            rows.append((Cell(explained[name][0]), Cell(told), Cell(explained[name][1])))
    headings = (Heading("Measure"), Heading("Figure", is_number=True), Heading("What it is"))
    return Table("", headings, tuple(rows))


def _by_class(request: DataRequest, payer_id: str, measure: str, months: list[str]) -> tuple[Block, ...]:
    classes = sorted(
        {one.class_name for one in request.figures if one.payer_id == payer_id and one.measure == measure}
    )
    found = {
        (month, name): request.find(payer_id, measure, name, month=month)
        for month in months
        for name in classes
    }
    caption = f"{definitions()[measure][0]} and month, {payer_id}"
    points = [(month, name, _number(found[month, name])) for month in months for name in classes]
    table = _grid(caption, "Month", months, classes, lambda month, name: found[month, name])
    return (*_chart(lambda: stacked_bars(caption, "month", "", points)), table)


def _rates(
    request: DataRequest, payer_id: str, months: list[str], measures: tuple[str, ...], amount: str
) -> tuple[Block, ...]:
    titles = {definitions()[name][0]: name for name in measures}
    found = {
        (month, title): request.find(payer_id, name, month=month)
        for month in months
        for title, name in titles.items()
    }
    points = [(month, title, _number(found[month, title])) for title in titles for month in months]
    caption = f"{', '.join(titles)}, {payer_id}"
    table = _grid(caption, "Month", months, list(titles), lambda month, title: found[month, title])
    return (*_chart(lambda: lines(caption, "month", amount, points)), table)


def _episodes(request: DataRequest, payer_id: str) -> tuple[Block, ...]:
    measure = "episodes_by_months"
    of = [
        one for one in request.figures
        if one.payer_id == payer_id and one.measure == measure and one.product == ALL and one.month == ALL
    ]  # fmt: skip
    caption = f"{definitions()[measure][0]}, {payer_id}"
    rows = tuple((Cell(one.class_name), Cell(shown(one))) for one in of)
    points = [(one.class_name, "episodes", _number(one)) for one in of]
    headings = (Heading("Months served"), Heading("Episodes", is_number=True))
    return (*_chart(lambda: bars(caption, "", "episodes", points)), Table(caption, headings, rows))


def _regions(request: DataRequest, payer_id: str) -> Table:
    places = sorted(
        {(one.product, one.region) for one in request.figures if one.payer_id == payer_id},
        key=lambda place: (place[0] != ALL, place[0], place[1] != ALL, place[1]),
    )
    explained = definitions()
    rows = tuple(
        (
            Cell(product),
            Cell(region),
            *(
                Cell(shown(request.find(payer_id, name, product=product, region=region)))
                for name in _OF_REGIONS
            ),
        )
        for product, region in places
    )
    headings = (
        Heading("Product"),
        Heading("Region"),
        *(Heading(explained[name][0], is_number=True) for name in _OF_REGIONS),
    )
    return Table("The whole time; every month stands in the workbook and the Parquet file.", headings, rows)


def _reasons(request: DataRequest, payer_id: str) -> Table:
    rows = tuple(
        (
            Cell(one.code, one.kind),
            Cell(one.label),
            Cell(HIDDEN if one.is_hidden else str(one.lines)),
            Cell(HIDDEN if one.is_hidden else "" if one.amount_cents is None else dollars(one.amount_cents)),
        )
        for one in request.reasons
        if one.payer_id == payer_id
    )
    headings = (
        Heading("Code"), Heading("In short"), Heading("Refusals", is_number=True), Heading("Refused", is_number=True),
    )  # fmt: skip
    return Table("Our own wording; the official texts are X12's.", headings, rows)


def evidence_section(rulebook: Rulebook) -> Section:
    """What is known elsewhere of denials of the model, each figure with what it counts: they are not of one unit."""
    rows = tuple(
        (
            Cell(f"{one.percent} %"),
            Cell(one.counted),
            Cell(one.population, one.note),
            Cell(one.year or "not said"),
            Cell(one.source_title, one.source_url, one.source_url),
        )
        for one in denial_evidence(rulebook)
    )
    headings = (Heading("Denied", is_number=True), *map(Heading, ("Counted", "Of what", "Year", "Source")))
    text = (
        "Figures that are often quoted. They count different things (claims here, services there), of different "
        "programmes and years: compare a rate only with one of its own unit."
    )
    return Section(
        "elsewhere", "What is known elsewhere", (Paragraph(text), Table("Denials elsewhere", headings, rows))
    )


def _definitions() -> Section:
    headings = (Heading("Measure"), Heading("Name in the files"), Heading("What it is"))
    named = [*UNITS, *(one.name for one in PERSONS), *(one.name for one in DIVISIONS)]
    rest = [name for name in definitions() if name not in named]
    rows = tuple(
        (Cell(definitions()[name][0]), Cell(name), Cell(definitions()[name][1])) for name in (*named, *rest)
    )
    return Section("definitions", "Definitions", (Table("Every measure", headings, rows),))


def _grid(
    caption: str,
    corner: str,
    names: list[str],
    columns: list[str],
    find: Callable[[str, str], Published | None],
) -> Table:
    headings = (Heading(corner), *(Heading(column, is_number=True) for column in columns))
    rows = tuple((Cell(name), *(Cell(shown(find(name, column))) for column in columns)) for name in names)
    return Table(caption, headings, rows)


def _chart(draw: Callable[[], Chart]) -> tuple[Chart, ...]:
    return (draw(),) if can_draw() else ()


def _number(found: Published | None) -> int | Decimal | None:
    return None if found is None else found.value


def shown(found: Published | None) -> str:
    """A figure for people: dollars, percent, days, or a plain count; empty where there is none."""
    if found is None:
        return ""
    if found.is_hidden:
        return HIDDEN
    if found.value is None:
        return ""
    if found.unit == "cents":
        return dollars(int(found.value))
    if found.unit == "percent":
        return f"{found.value} %"
    return f"{found.value:,f}".removesuffix(".0") if isinstance(found.value, Decimal) else f"{found.value:,}"
