"""Provider scorecards: how a provider's claims of the model fare with a payer, beside all providers together.

For the payer's provider relations and the provider. What is small is hidden unless the payer looks itself; the figures
of all providers stand beside, so that further rows are hidden where a small one would follow.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from cocm import __version__
from cocm.publish.counts import Scope
from cocm.publish.data_request import HIDDEN, NOT_TOLD
from cocm.publish.measures import MEDIAN_DAYS, definitions
from cocm.publish.page import Cell, Heading, Page, Paragraph, Section, Table
from cocm.publish.rows import ALL_ROWS, MEMBERS, RowFigure, Rows, row_figures
from cocm.publish.suppression import SHOWN_MIN
from cocm.rules import Rulebook
from cocm.rules.adjustment_codes import CodeList, adjustment_codes
from cocm.warehouse.engine import Engine

RATES: Final = (
    "claim_approval_rate",
    "claim_denial_rate",
    "claim_rejection_rate",
    "line_denial_rate",
    "routed_rate",
    "duplicate_rate",
    "records_request_rate",
)
MEASURES: Final = ("claims", "lines", MEMBERS, *RATES, MEDIAN_DAYS, "days_to_pay_90th_percentile")
REASONS_MAX: Final = 10


@dataclass(frozen=True, slots=True)
class Reason:
    """A code that refused a provider's lines. `lines` None: hidden."""

    code: str
    label: str
    lines: int | None


@dataclass(frozen=True, slots=True)
class Scorecard:
    """One billing provider with a payer, beside all of the payer's providers."""

    payer_id: str
    billing_npi: str
    own: dict[str, RowFigure]
    of_all: dict[str, RowFigure]
    reasons: tuple[Reason, ...]


def scorecards(
    engine: Engine,
    rulebook: Rulebook,
    scope: Scope,
    *,
    hides_small: bool = True,
    untold: frozenset[str] = frozenset(),
) -> tuple[Scorecard, ...]:
    """A card for each billing provider with a line of the model, by NPI. `untold` measures have no figures."""
    rows = Rows("billing_npi", scope.condition("month_index"), shows_total=True)
    by_row: dict[str, dict[str, RowFigure]] = {}
    asked = tuple(name for name in RATES if name not in untold)
    for one in row_figures(engine, rows, asked, hides_small=hides_small):
        by_row.setdefault(one.row, {})[one.measure] = one
    of_all = by_row.pop(ALL_ROWS, {})
    reasons = _reasons(engine, rulebook, scope, hides_small=hides_small)
    return tuple(
        Scorecard(scope.payer_id, npi, found, of_all, tuple(reasons.get(npi, ())))
        for npi, found in sorted(by_row.items())
    )


def _reasons(
    engine: Engine, rulebook: Rulebook, scope: Scope, *, hides_small: bool
) -> dict[str, list[Reason]]:
    """The commonest codes of each provider. They are no parts of a published sum: a line may name several or none."""
    text = f"""
        select s.billing_npi, r.group_code, r.reason_code, count(*), count(distinct s.person_id)
        from cocm_denial_reason r
        join cocm_service_line s on s.claim_id = r.claim_id and s.claim_line_number = r.claim_line_number
        where r.is_cocm and r.reason_code <> '' and r.{scope.condition("r.month_index")}
        group by s.billing_npi, r.group_code, r.reason_code"""
    labels = adjustment_codes(rulebook)
    found: dict[str, list[Reason]] = {}
    for npi, group, code, count, persons in sorted(
        engine.query(text), key=lambda row: (row[0], -int(row[3]), row[1], row[2])
    ):
        of_provider = found.setdefault(npi, [])
        if len(of_provider) < REASONS_MAX:
            known = labels.get((CodeList.CARC, code))
            is_hidden = hides_small and int(persons) < SHOWN_MIN
            label = "" if known is None else known.label
            of_provider.append(Reason(f"{group}-{code}", label, None if is_hidden else int(count)))
    return found


def scorecard_page(card: Scorecard, rulebook: Rulebook, *, months: str, made_of: str) -> Page:
    """A provider's card as a page."""
    explained = definitions()
    rows = tuple(
        (
            Cell(explained[name][0]),
            _cell(card.own.get(name)),
            _cell(card.of_all.get(name)),
            Cell(explained[name][1]),
        )
        for name in MEASURES
    )
    headings = (
        Heading("Measure"),
        Heading("This provider", is_number=True),
        Heading("All providers", is_number=True),
        Heading("What it is"),
    )
    reasons = tuple(
        (Cell(one.code), Cell(one.label), Cell(HIDDEN if one.lines is None else str(one.lines)))
        for one in card.reasons
    )
    of_reasons = (Heading("Code"), Heading("In short"), Heading("Refusals", is_number=True))
    text = (
        f"{HIDDEN} stands for figures of fewer than eleven persons, and for those from which one could be worked out. "
        "A rate that differs says where to look together, not who is at fault."
    )
    return Page(
        title=f"Scorecard: provider {card.billing_npi} with {card.payer_id}",
        subtitle=f"Services from {months}",
        sections=(
            Section("figures", "Figures", (Paragraph(text), Table("", headings, rows))),
            Section("reasons", "Codes that refused lines", (Table("", of_reasons, reasons),)),
        ),
        footer=(f"cocm {__version__}, rulebook {rulebook.content_hash}.", made_of),
    )


def _cell(found: RowFigure | None) -> Cell:
    if found is None:
        return Cell(NOT_TOLD)
    if found.is_hidden:
        return Cell(HIDDEN)
    if found.value is None:
        return Cell("", "of none")
    if found.numerator is not None:
        return Cell(f"{found.value} %", f"{found.numerator:,} of {found.denominator:,}")
    if isinstance(found.value, Decimal):
        return Cell(f"{found.value.normalize():f}")
    return Cell(f"{found.value:,}")
