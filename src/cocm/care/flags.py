"""The flags of an episode on a day, each with its reason, and the order of need that they give.

Thresholds, labels and the order come from the rulebook (`rules.care_flags`). Nothing here looks at the clock: the day
is an argument.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import takewhile

from cocm.care.course import CareCourse, ScoreOn
from cocm.rules.care_flags import CareFlags, FlagKind, FlagRule, FollowedScale, Threshold


@dataclass(frozen=True, slots=True)
class CareState:
    """What people said of an episode, beside its course.

    `is_maintenance`: in relapse prevention. `safety_since`, `discuss_since`: since when such an alert or wish is open;
    `recommendation_since`: since when the oldest recommendation waits for the practitioner's answer. `relapse_plan_on`:
    the day of the relapse prevention plan. `plan_revised_on`: the day of the care plan's last version, where care plans
    are kept at all (`has_plans`). `minutes_short` and `tier_code`: what the month lacks to its next code
    (None: nothing further), `has_earned` whether it earns one already; `days_left`: of the month, with today.
    """

    is_maintenance: bool = False
    safety_since: date | None = None
    safety_reason: str = ""
    discuss_since: date | None = None
    discuss_reason: str = ""
    recommendation_since: date | None = None
    relapse_plan_on: date | None = None
    has_plans: bool = False
    plan_revised_on: date | None = None
    minutes_short: int | None = None
    has_earned: bool = False
    tier_code: str = ""
    days_left: int | None = None


@dataclass(frozen=True, slots=True)
class CareFlag:
    """A flag with its reason. `urgency` orders flags of one kind: days late, points, minutes; the greater first."""

    rule: FlagRule
    reason: str
    urgency: int

    @property
    def kind(self) -> FlagKind:
        return self.rule.kind


def flags_on(
    course: CareCourse, state: CareState, watched: CareFlags, as_of_date: date
) -> tuple[CareFlag, ...]:
    """Every flag of an open episode on a day, the most pressing first. What happens after the day is not seen."""
    looked_at = _Look(course, state, watched, as_of_date)
    found = {kind: told for kind, told in looked_at.all() if told is not None}
    return tuple(CareFlag(rule, *found[kind]) for kind, rule in watched.rules.items() if kind in found)


def need_order(flags: Sequence[CareFlag]) -> tuple[int, ...]:
    """A sort key: first the flag with the first place, then its urgency, then the flags that follow; stable last."""
    if not flags:
        return (_LAST,)
    return (*(number for flag in flags for number in (flag.rule.place, -flag.urgency)), _LAST)


_LAST = 1_000_000
_Told = tuple[str, int]


class _Look:
    """One episode on one day."""

    def __init__(self, course: CareCourse, state: CareState, watched: CareFlags, today: date) -> None:
        self.state, self.today = state, today
        self.limit = watched.thresholds
        self.start = course.start_date
        self.days_in_care = (today - course.start_date).days
        self.weeks_in_care = self.days_in_care // 7
        self.reached = _until(course.reached_on, today)
        self.attempts = _until(course.attempts_on, today)
        self.reviewed = _until(course.reviewed_on, today)
        self.scores: list[tuple[FollowedScale, tuple[ScoreOn, ...]]] = []
        for name, scores in course.scores.items():
            known = tuple(takewhile(lambda score: score.taken_on <= today, scores))
            if known:
                self.scores.append((watched.scales[name], known))

    def all(self) -> list[tuple[FlagKind, _Told | None]]:
        slow = self._not_improved()
        has_consult = bool(self.reviewed) and self._days_since(self.reviewed[-1]) < 7 * self._weeks_expected
        return [
            (FlagKind.SAFETY, self._safety()),
            (FlagKind.WORSE, self._worse()),
            (FlagKind.CONSULT_MISSED, self._consult_missed()),
            (FlagKind.NOT_IMPROVED_NO_CONSULT, None if has_consult else slow),
            (FlagKind.DISCUSS, self._discuss()),
            (FlagKind.RECOMMENDATION_OPEN, self._recommendation()),
            (FlagKind.REVIEW_DUE, self._review_due()),
            (FlagKind.NEW, self._new()),
            (FlagKind.NOT_IMPROVED, slow if has_consult else None),
            (FlagKind.PLAN_NOT_REVISED, self._plan_not_revised(slow)),
            (FlagKind.OUTREACH_FAILING, self._outreach_failing()),
            (FlagKind.NO_CONTACT, self._no_contact()),
            (FlagKind.NO_SCORE, self._no_score()),
            (FlagKind.MONTH_AT_RISK, self._month_at_risk()),
            (FlagKind.STEP_DOWN, self._step_down()),
            (FlagKind.LONG_STAY, self._long_stay()),
        ]

    @property
    def _weeks_expected(self) -> int:
        return self.limit[Threshold.NOT_IMPROVED_WEEKS]

    def _days_since(self, day: date) -> int:
        return (self.today - day).days

    # What people said ---------------------------------------------------------------------------------------

    def _safety(self) -> _Told | None:
        since = self.state.safety_since
        if since is None or since > self.today:
            return None
        why = self.state.safety_reason or "safety alert"
        return f"{why}, open since {since}", self._days_since(since)

    def _discuss(self) -> _Told | None:
        since = self.state.discuss_since
        if since is None or since > self.today:
            return None
        why = f": {self.state.discuss_reason}" if self.state.discuss_reason else ""
        return f"to discuss since {since}{why}", self._days_since(since)

    def _recommendation(self) -> _Told | None:
        since = self.state.recommendation_since
        if since is None or (days := self._days_since(since)) <= self.limit[Threshold.RECOMMENDATION_DAYS]:
            return None
        return f"a recommendation of {since} has had no answer for {days} days", days

    # Scores -------------------------------------------------------------------------------------------------

    def _worse(self) -> _Told | None:
        found: list[_Told] = []
        for scale, scores in self.scores:
            latest, first = scores[-1], scores[0]
            if len(scores) < 2:
                continue
            before = scores[-2]
            rise, than = max(
                (latest.score - before.score, before), (latest.score - first.score, first), key=_rise
            )
            if rise >= scale.worse_points:
                said = f"{scale.label} rose from {than.score} ({than.taken_on}) to {latest.score} ({latest.taken_on})"
                found.append((said, rise))
        return _greatest(found)

    def _not_improved(self) -> _Told | None:
        if self.weeks_in_care < self._weeks_expected:
            return None
        found: list[_Told] = []
        for scale, scores in self.scores:
            first, latest = scores[0], scores[-1]
            if len(scores) < 2 or scale.has_improved(first.score, latest.score):
                continue
            said = f"{self.weeks_in_care} weeks in care, {scale.label} from {first.score} to {latest.score}"
            found.append((said, latest.score))
        return _greatest(found)

    def _consult_missed(self) -> _Told | None:
        """No response by week 8 and no review from then, or at all, by week 12: the window is over."""
        week_8 = self.start + timedelta(weeks=self._weeks_expected)
        week_12 = self.start + timedelta(weeks=self.limit[Threshold.CONSULT_BY_WEEK])
        if self.today < week_12 or any(day >= week_8 for day in self.reviewed):
            return None
        found: list[_Told] = []
        for scale, scores in self.scores:
            by_week_8 = [score for score in scores if score.taken_on <= week_8] or [scores[0]]
            first, then, latest = scores[0], by_week_8[-1], scores[-1]
            if scale.has_improved(first.score, then.score) or scale.has_improved(first.score, latest.score):
                continue
            said = (
                f"{scale.label} {then.score} at week {self._weeks_expected} after {first.score} at the start, "
                f"and no caseload review since ({self.weeks_in_care} weeks in care)"
            )
            found.append((said, self.weeks_in_care))
        return _greatest(found)

    def _plan_not_revised(self, slow: _Told | None) -> _Told | None:
        """The plan of a patient who has not improved is older than it may be, or there is none."""
        if slow is None or not self.state.has_plans:
            return None
        revised = self.state.plan_revised_on
        if revised is None or revised > self.today:
            return "not improved, and no care plan on record", self.days_in_care
        days = self._days_since(revised)
        if days <= self.limit[Threshold.PLAN_REVISION_DAYS]:
            return None
        return f"not improved, and the care plan was last revised on {revised}, {days} days ago", days

    def _no_score(self) -> _Told | None:
        days = self.limit[Threshold.SCORE_DAYS]
        last = max((scores[-1].taken_on for _, scores in self.scores), default=None)
        if last is None:
            return (
                (f"no score in {self.days_in_care} days of care", self.days_in_care)
                if self._is_past(days)
                else None
            )
        late = self._days_since(last) - days
        return (f"last score on {last}, {self._days_since(last)} days ago", late) if late > 0 else None

    def _step_down(self) -> _Told | None:
        if not self.scores or self.state.is_maintenance or self._has_relapse_plan():
            return None
        readings = self.limit[Threshold.STEP_DOWN_READINGS]
        said: list[str] = []
        for scale, scores in self.scores:
            first, latest = scores[0], scores[-1]
            last_ones = scores[1:][-readings:]
            if scale.is_in_remission(latest.score):
                if scale.has_improved(first.score, latest.score) and first.score >= scale.improved_below:
                    said.append(f"{scale.label} {latest.score}: remission")
            elif len(last_ones) == readings and all(
                scale.has_responded(first.score, score.score) for score in last_ones
            ):
                said.append(
                    f"{scale.label} from {first.score} to {latest.score}: response in {readings} readings"
                )
            elif not scale.has_improved(first.score, latest.score):
                return None  # the other scale is not where it should be
        return ("; ".join(said) + "; no relapse prevention plan yet", len(said)) if said else None

    def _has_relapse_plan(self) -> bool:
        planned = self.state.relapse_plan_on
        return planned is not None and planned <= self.today

    # Contacts and reviews -----------------------------------------------------------------------------------

    def _is_past(self, days: int) -> bool:
        return self.days_in_care > days

    def _no_contact(self) -> _Told | None:
        early = self.limit[Threshold.EARLY_FOLLOW_UP_DAYS]
        follow_ups = [day for day in self.reached if day > self.start]
        if not follow_ups:
            if not self._is_past(early):
                return None
            return f"no follow-up in {self.days_in_care} days since the start", self.days_in_care
        days = self._days_since(follow_ups[-1])
        limit = self.limit[
            Threshold.CONTACT_DAYS_MAINTENANCE if self.state.is_maintenance else Threshold.CONTACT_DAYS_ACTIVE
        ]
        return (f"last reached on {follow_ups[-1]}, {days} days ago", days) if days > limit else None

    def _outreach_failing(self) -> _Told | None:
        last = self.reached[-1] if self.reached else date.min
        in_vain = [day for day in self.attempts if day > last]
        if len(in_vain) < self.limit[Threshold.ATTEMPTS]:
            return None
        return f"{len(in_vain)} attempts since {in_vain[0]} without reaching the patient", len(in_vain)

    def _new(self) -> _Told | None:
        if self.reviewed:
            return None
        return f"in care since {self.start}, not yet in a caseload review", self.days_in_care

    def _review_due(self) -> _Told | None:
        if not self.reviewed:
            return None
        days = self._days_since(self.reviewed[-1])
        limit = self.limit[
            Threshold.REVIEW_DAYS_MAINTENANCE if self.state.is_maintenance else Threshold.REVIEW_DAYS_ACTIVE
        ]
        if days <= limit:
            return None
        return f"last caseload review on {self.reviewed[-1]}, {days - limit} days overdue", days - limit

    def _month_at_risk(self) -> _Told | None:
        """Minutes that may be missing for want of care: never a reason to add any."""
        short, left = self.state.minutes_short, self.state.days_left
        if not short or left is None or left > self.limit[Threshold.MONTH_DAYS_LEFT]:
            return None
        if self.state.has_earned and short > self.limit[Threshold.MONTH_MINUTES_SHORT]:
            return None
        days = "1 day" if left == 1 else f"{left} days"
        return f"{short} minutes short of {self.state.tier_code}, {days} left: is care due?", -left

    def _long_stay(self) -> _Told | None:
        months = (self.today.year - self.start.year) * 12 + self.today.month - self.start.month
        months -= self.today.day < self.start.day
        if months < self.limit[Threshold.LONG_STAY_MONTHS]:
            return None
        return f"{months} months in care", months


def _until(days: tuple[date, ...], today: date) -> tuple[date, ...]:
    return days if not days or days[-1] <= today else days[: bisect_right(days, today)]


def _rise(pair: tuple[int, ScoreOn]) -> int:
    return pair[0]


def _greatest(found: list[_Told]) -> _Told | None:
    if not found:
        return None
    return "; ".join(text for text, _ in found), max(urgency for _, urgency in found)
