"""The BHI data request: every measure by product, region and month for a payer, with small counts kept out.

Rows are counted by the persons behind them: twelve lines of four persons are a small count.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import Final, TypeAlias

from cocm.basics.percentile import median, percent_of, percentile
from cocm.publish.counts import (
    Classes,
    Scope,
    count_classes,
    figures_with_few,
    finest,
    sums,
    totals,
)
from cocm.publish.measures import (
    AMOUNTS,
    COST,
    DIVISIONS,
    LINES,
    MEDIAN_DAYS,
    MEMBER_MONTHS,
    PERCENTILES,
    PERSONS,
    SHARES,
    TOLD_BY_AMOUNTS,
    UNITS,
    Division,
    Persons,
)
from cocm.publish.suppression import SHOWN_MIN, Figure, closed_figures, hidden_figures
from cocm.rules import Rulebook
from cocm.rules.adjustment_codes import CodeList, adjustment_codes
from cocm.warehouse.engine import Engine

ALL: Final = "all"
HIDDEN: Final = "<11"
NOT_TOLD: Final = "not told"
_PROVIDERS: Final = {
    "billing_providers": "count(distinct billing_npi)",
    "billing_groups": "count(distinct case when billing_tin <> '' then billing_tin end)",
    "rendering_providers": "count(distinct rendering_npi)",
}
REASONS_MAX: Final = 20


@dataclass(frozen=True, slots=True)
class Published:
    """One figure. `value` None: hidden where `is_hidden`, else there is nothing to tell (no denominator)."""

    payer_id: str
    product: str
    region: str
    month: str
    measure: str
    class_name: str
    unit: str
    value: int | Decimal | None
    is_hidden: bool

    @property
    def shown(self) -> str:
        """As a cell shows it."""
        if self.is_hidden:
            return HIDDEN
        return "" if self.value is None else str(self.value)


@dataclass(frozen=True, slots=True)
class ReasonRow:
    """A code that refused lines: an adjustment reason (with its group), or a remark."""

    payer_id: str
    kind: str
    code: str
    label: str
    lines: int | None
    amount_cents: int | None
    is_hidden: bool


Place: TypeAlias = tuple[str, str, str, str, str, str]
"""Payer, product, region, month, measure and class of a figure."""


@dataclass(frozen=True)
class DataRequest:
    """What a request publishes. `payer_ids` in order; months as `YYYY-MM`, both ends included.

    `untold` are measures of which the history tells nothing: they have no figures, not even nought.
    """

    payer_ids: tuple[str, ...]
    first_month: str
    last_month: str
    figures: tuple[Published, ...]
    reasons: tuple[ReasonRow, ...]
    untold: frozenset[str] = frozenset()

    @property
    def hidden_count(self) -> int:
        """How many figures are hidden."""
        return sum(one.is_hidden for one in self.figures) + sum(one.is_hidden for one in self.reasons)

    @cached_property
    def by_place(self) -> Mapping[Place, Published]:
        """Every figure by its place."""
        return {
            (one.payer_id, one.product, one.region, one.month, one.measure, one.class_name): one
            for one in self.figures
        }

    def find(
        self,
        payer_id: str,
        measure: str,
        class_name: str = "",
        *,
        product: str = ALL,
        region: str = ALL,
        month: str = ALL,
    ) -> Published | None:
        """A figure by its place; None where there is none."""
        return self.by_place.get((payer_id, product, region, month, measure, class_name))


def data_request(
    engine: Engine,
    rulebook: Rulebook,
    scopes: tuple[Scope, ...],
    *,
    hides_small: bool = True,
    untold: frozenset[str] = frozenset(),
) -> DataRequest:
    """The request for the payers of the scopes, over marts that were built on the engine.

    `untold` are measures that the history cannot tell. Without `hides_small` everything is told: for the payer's own
    eyes only.
    """
    figures: list[Published] = []
    reasons: list[ReasonRow] = []
    for scope in scopes:
        of_payer = _PayerRequest(engine, scope, hides_small=hides_small)
        figures += (one for one in of_payer.figures() if one.measure not in untold)
        hides_all = hides_small and of_payer.hides_answers
        reasons += _reasons(engine, rulebook, scope, hides_small=hides_small, hides_all=hides_all)
    return DataRequest(
        payer_ids=tuple(scope.payer_id for scope in scopes),
        first_month=min((str(scope.first_month) for scope in scopes), default=""),
        last_month=max((str(scope.last_month) for scope in scopes), default=""),
        figures=tuple(figures),
        reasons=tuple(reasons),
        untold=untold,
    )


class _PayerRequest:
    """One payer's figures."""

    def __init__(self, engine: Engine, scope: Scope, *, hides_small: bool) -> None:
        self._engine, self._scope, self._hides_small = engine, scope, hides_small
        self._totals: dict[str, dict[Figure, int]] = {}
        self._hidden: dict[str, frozenset[Figure]] = {}
        self._told_by_amounts: set[Figure] = set()
        for name, unit in UNITS.items():
            counted = count_classes(engine, scope, unit.mart, "'all'", unit.where, unit.month_column)
            self._totals[name] = totals(counted)
            self._hidden[name] = hidden_figures(finest(self._totals[name]), figures_with_few(counted))

    @property
    def hides_answers(self) -> bool:
        """Whether the whole payer's lines by answer are hidden. Known once the figures are made."""
        return ((), ()) in self._told_by_amounts

    def figures(self) -> Iterator[Published]:
        """All of them; amounts come after the counts that they would tell."""
        for name, unit in UNITS.items():
            for figure, count in self._totals[name].items():
                yield self._figure(figure, name, "", unit.unit, count, figure in self._hidden[name])
        for persons in PERSONS:
            yield from self._persons(persons)
        for division in DIVISIONS:
            yield from self._division(division)
        yield from self._amounts()
        yield from self._days_to_pay()
        yield from self._providers()

    def _figure(
        self, figure: Figure, measure: str, name: str, unit: str, value: int | Decimal | None, is_hidden: bool
    ) -> Published:
        is_hidden = is_hidden and self._hides_small
        (row, month) = figure
        product, region = (*row, *(ALL,) * (2 - len(row)))
        return Published(
            payer_id=self._scope.payer_id,
            product=product,
            region=region,
            month=month[0] if month else ALL,
            measure=measure,
            class_name=name,
            unit=unit,
            value=None if is_hidden else value,
            is_hidden=is_hidden,
        )

    def _division(self, division: Division) -> Iterator[Published]:
        unit = UNITS[division.unit]
        where = " and ".join(one for one in (unit.where, division.where) if one)
        classes = count_classes(
            self._engine, self._scope, unit.mart, division.expression, where, unit.month_column
        )
        closed = closed_figures(
            finest(self._totals[division.unit]), figures_with_few(classes), self._hidden[division.unit]
        )
        if division.name in TOLD_BY_AMOUNTS:
            self._told_by_amounts |= closed
        names = sorted({name for found in classes.values() for name in found})
        for figure, found in classes.items():
            for name in names:
                count = found[name].count if name in found else 0
                yield self._figure(figure, division.name, name, unit.unit, count, figure in closed)
        yield from self._shares(division, classes, closed)

    def _shares(self, division: Division, classes: Classes, closed: frozenset[Figure]) -> Iterator[Published]:
        for share in SHARES:
            if share.division == division.name:
                for figure, found in classes.items():
                    parts = [found[name].count for name in share.numerator if name in found]
                    whole = [found[name].count for name in share.denominator if name in found]
                    value = percent_of(sum(parts), sum(whole))
                    yield self._figure(figure, share.name, "", "percent", value, figure in closed)

    def _persons(self, persons: Persons) -> Iterator[Published]:
        counted = count_classes(self._engine, self._scope, persons.mart, "'all'", persons.where)
        found = {figure: classes["all"].persons for figure, classes in counted.items()}
        hidden: set[Figure] = set(self._hidden[LINES]) if persons.is_of_model else set()
        for month in sorted({figure[1] for figure in found}):
            rows: dict[Figure, int] = {(row,): count for (row, of), count in found.items() if of == month}
            finest_rows = {figure: count for figure, count in rows.items() if len(figure[0]) == 2}
            few = [figure for figure, count in rows.items() if count < SHOWN_MIN]
            also = [figure for figure in rows if (figure[0], month) in hidden]
            hidden |= {(figure[0], month) for figure in hidden_figures(finest_rows, {*few, *also})}
        for figure, count in found.items():
            yield self._figure(figure, persons.name, "", "persons", count, figure in hidden)

    def _amounts(self) -> Iterator[Published]:
        unit = UNITS[LINES]
        wanted = {amount.name: f"sum({amount.expression})" for amount in AMOUNTS}
        for figure, found in sums(self._engine, self._scope, unit.mart, wanted, unit.where).items():
            if figure not in self._totals[LINES]:
                continue  # a history without lines has one empty sum
            is_hidden = figure in self._hidden[LINES] or figure in self._told_by_amounts
            for amount in AMOUNTS:
                yield self._figure(figure, amount.name, "", "cents", found[amount.name], is_hidden)
            months = self._totals[MEMBER_MONTHS].get(figure, 0)
            cost = None if not months else _rounded(found["paid_amount"], months)
            is_hidden = is_hidden or figure in self._hidden[MEMBER_MONTHS]
            yield self._figure(figure, COST, "", "cents", cost, is_hidden)

    def _days_to_pay(self) -> Iterator[Published]:
        where = "is_cocm and paid_day_number is not null and received_day_number is not null"
        days = "cast(paid_day_number - received_day_number as varchar)"
        mart = UNITS[LINES].mart
        behind = count_classes(self._engine, self._scope, mart, "'all'", where)
        for figure, found in count_classes(self._engine, self._scope, mart, days, where).items():
            histogram = {int(name): one.count for name, one in found.items()}
            is_few = behind[figure]["all"].persons < SHOWN_MIN
            is_hidden = is_few or figure in self._hidden[LINES]
            middle = median(histogram)
            value = Decimal(middle.numerator) / Decimal(middle.denominator)
            yield self._figure(figure, MEDIAN_DAYS, "", "days", value, is_hidden)
            for percent in PERCENTILES:
                name = f"days_to_pay_{percent}th_percentile"
                yield self._figure(figure, name, "", "days", percentile(histogram, percent), is_hidden)

    def _providers(self) -> Iterator[Published]:
        unit = UNITS[LINES]
        for figure, found in sums(self._engine, self._scope, unit.mart, _PROVIDERS, unit.where).items():
            if figure in self._totals[LINES]:
                for name, count in found.items():
                    yield self._figure(figure, name, "", "providers", count, figure in self._hidden[LINES])


def _rounded(cents: int, count: int) -> int:
    return int((Decimal(cents) / Decimal(count)).quantize(Decimal(1), ROUND_HALF_UP))


def _reasons(
    engine: Engine, rulebook: Rulebook, scope: Scope, *, hides_small: bool, hides_all: bool
) -> Iterator[ReasonRow]:
    """The reason and remark codes that refused lines of the model in the whole time, the commonest first.

    A line may name several. What is small is hidden, and with it another code where one could be worked out; all of
    them where the lines by answer are hidden, as they are lines that were denied.
    """
    condition = f"is_cocm and {scope.condition('month_index')}"
    texts = {
        CodeList.CARC: f"""
            select group_code, reason_code, count(*), count(distinct person_id), cast(sum(amount_cents) as bigint)
            from cocm_denial_reason where {condition} and reason_code <> '' group by group_code, reason_code""",
        CodeList.RARC: f"""
            select '', r.remark_code, count(*), count(distinct s.person_id), cast(0 as bigint)
            from cocm_service_line s
            join line_remark r on r.claim_id = s.claim_id and r.claim_line_number = s.claim_line_number
            where {condition} group by r.remark_code""",
    }
    labels = adjustment_codes(rulebook)
    for code_list, text in texts.items():
        rows = sorted(engine.query(text), key=lambda row: (-int(row[2]), row[0], row[1]))
        atoms: dict[Figure, int] = {((f"{group}-{code}",),): int(count) for group, code, count, *_ in rows}
        few = [((f"{group}-{code}",),) for group, code, _, persons, _ in rows if int(persons) < SHOWN_MIN]
        hidden = hidden_figures(atoms, few) if hides_small else frozenset()
        for group, code, count, _, cents in rows[:REASONS_MAX]:
            is_hidden = hides_all or ((f"{group}-{code}",),) in hidden
            known = labels.get((code_list, code))
            yield ReasonRow(
                payer_id=scope.payer_id,
                kind=code_list.value,
                code=f"{group}-{code}" if group else code,
                label="" if known is None else known.label,
                lines=None if is_hidden else int(count),
                amount_cents=None if is_hidden or code_list is CodeList.RARC else int(cents),
                is_hidden=is_hidden,
            )
