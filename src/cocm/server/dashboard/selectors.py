"""What the pages show: the months' claims out of the books, who was in care, and the plan in force."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from threading import Lock
from typing import Final
from uuid import UUID

from django.db.models import Q

from cocm.basics.months import Month
from cocm.care.quality import quality_of
from cocm.care.quality_records import MetricResult
from cocm.insight.actuals import ActualMonth, MonthClaim, actual_months
from cocm.insight.forecast import ForecastMonth, forecast
from cocm.insight.given import Given, UserInput, given
from cocm.insight.model import ModelYear, model_year
from cocm.insight.model_inputs import read_model_inputs
from cocm.insight.overhead import cost_of_one_denial, minutes_of_one_denial
from cocm.insight.payers import PayerClaim
from cocm.insight.valuation import consultant_valuation
from cocm.receivables.timelines import standings
from cocm.rules.care_quality import Metric, care_quality
from cocm.rules.insight_tables import model_defaults, overhead_defaults
from cocm.server.access.actor import Actor
from cocm.server.books.models import Books, BooksKind
from cocm.server.dashboard.models import FinancialPlan
from cocm.server.open_books import open_books_of
from cocm.server.quality.reading import EVER_IN_CARE, read_episodes
from cocm.server.registry.models import Episode, EpisodeStatus
from cocm.server.rules_in_force import rulebook

MONTHS_SHOWN: Final = 12
CARE_METRICS: Final = (
    Metric.ENROLLED_PER_MANAGER,
    Metric.CONTACT_AND_SCALE,
    Metric.CONSULT_NOT_IMPROVED,
    Metric.IMPROVED,
    Metric.REMITTED,
)
_BOOKS_KEPT: Final = 16


@dataclass(frozen=True, slots=True)
class Plan:
    """The plan in force: its inputs, its year at full caseload, and its months from the start."""

    saved: FinancialPlan | None
    first_month: Month
    given: Given
    year: ModelYear

    def months(self, count: int) -> tuple[ForecastMonth, ...]:
        """Its first months."""
        return forecast(self.year, count)

    def of(self, months: Sequence[Month]) -> dict[Month, ForecastMonth]:
        """The plan's months among calendar months; those before its first are left out."""
        places = {month: month.index - self.first_month.index for month in months}
        made = self.months(max((*places.values(), -1)) + 1)
        return {month: made[place] for month, place in places.items() if place >= 0}


class _Kept:
    """The claims of the books last read, by the books' stamp: a change of the books is another stamp."""

    def __init__(self) -> None:
        self._kept: OrderedDict[UUID, tuple[MonthClaim, ...]] = OrderedDict()
        self._lock = Lock()

    def find(self, stamp: UUID) -> tuple[MonthClaim, ...] | None:
        with self._lock:
            return self._kept.get(stamp)

    def keep(self, stamp: UUID, claims: tuple[MonthClaim, ...]) -> None:
        with self._lock:
            self._kept[stamp] = claims
            while len(self._kept) > _BOOKS_KEPT:
                self._kept.popitem(last=False)


_kept = _Kept()


def month_claims(*, actor: Actor, today: date) -> tuple[MonthClaim, ...]:
    """Every patient-month billed, with its events and where its money stands; none before the first close."""
    books = Books.objects.of(actor).filter(kind=BooksKind.PRACTICE).first()
    if books is None or not books.page_count:
        return ()
    found = _kept.find(books.stamp)
    if found is None:
        with open_books_of(actor, today=today) as opened:
            found = tuple(
                MonthClaim(
                    Month.from_index(standing.rows.claim.month_index),
                    PayerClaim(
                        standing.rows.claim.payer_id,
                        tuple(
                            entry.event
                            for timeline in (*standing.earlier, standing.timeline)
                            for entry in timeline.entries
                        ),
                        standing.account.balance,
                    ),
                )
                for standing in standings(opened)
            )
        _kept.keep(books.stamp, found)
    return found


def served(*, actor: Actor, months: Sequence[Month]) -> dict[Month, int]:
    """Patients in care at any time in each month: an episode that had come as far as care, and was not over."""
    statuses = EpisodeStatus.objects.of(actor)
    came_to_care = statuses.filter(status__in=EVER_IN_CARE).values("episode_id")
    episodes = Episode.objects.of(actor).filter(
        Q(pk__in=came_to_care) | ~Q(pk__in=statuses.values("episode_id"))
    )
    rows = list(episodes.values_list("patient_id", "start_date", "end_date"))
    found = {}
    for month in months:
        found[month] = len(
            {
                patient
                for patient, start, end in rows
                if start <= month.last_day and (end is None or end >= month.first_day)
            }
        )
    return found


def care_results(*, actor: Actor, first_day: date, last_day: date) -> list[MetricResult]:
    """The care metrics that a manager sees beside the money; the page of quality has all of them."""
    quality = care_quality(rulebook())
    episodes = read_episodes(actor=actor, watched=quality.watched).episodes
    return [
        result
        for metric in CARE_METRICS
        for result in quality_of(
            episodes, first_day=first_day, last_day=last_day, quality=quality, only=metric
        )
    ]


def months_until(last: Month, count: int = MONTHS_SHOWN) -> list[Month]:
    """So many months, the last one last."""
    return [last.plus(-back) for back in range(count - 1, -1, -1)]


def actuals(*, actor: Actor, months: Sequence[Month], today: date) -> tuple[ActualMonth, ...]:
    """The months as they were."""
    claims = month_claims(actor=actor, today=today)
    return actual_months(claims, served(actor=actor, months=months), denial_cost()[0])


def denial_cost() -> tuple[Fraction, Fraction]:
    """Cents and staff minutes of working one denial, by the rulebook's assumptions."""
    inputs = given(overhead_defaults(rulebook()))
    return cost_of_one_denial(inputs), minutes_of_one_denial(inputs)


def plan_in_force(*, actor: Actor, today: date) -> Plan:
    """The plan last saved; without one the rulebook's defaults from this month on."""
    saved = FinancialPlan.objects.of(actor).order_by("-saved_at").first()
    first = Month.of(today) if saved is None else Month.from_index(saved.first_month_index)
    return plan_of(saved.inputs if saved is not None else {}, first, saved)


def plan_of(inputs: dict[str, str], first_month: Month, saved: FinancialPlan | None = None) -> Plan:
    """A plan from the values that differ from the defaults. Raises `UnusableInput` for what cannot be planned with."""
    changes = [UserInput("the plan", name, value) for name, value in inputs.items()]
    asked = given(model_defaults(rulebook()), changes)
    year = model_year(read_model_inputs(asked), first_month, consultant_valuation(rulebook(), first_month))
    return Plan(saved, first_month, asked, year)
