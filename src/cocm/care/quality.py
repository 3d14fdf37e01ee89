"""The quality metrics of a period, worked out over episodes: who counts, who meets it, who is left out and why.

Definitions in words, numbers and sources are the rulebook's (`rules.care_quality`). Nothing looks at the clock: a
period that is under way ends with the day that the caller names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final

from cocm.basics.months import Month
from cocm.care.course import ScoreOn
from cocm.care.quality_records import CareEpisode, Counted, MetricResult
from cocm.care.recommendations import AdviceAnswer
from cocm.rules.care_flags import FollowedScale, Threshold
from cocm.rules.care_quality import CareQuality, Metric, MetricRule, QualityLimit

NO_FIRST_SCORE: Final = "no first score"
NOT_ELEVATED: Final = "first score not elevated"
ENDED_BEFORE: Final = "ended before that day"
NO_CARE_MANAGER: Final = "no care manager"
PHQ_9: Final = ("phq-9", "phq-a")
"""The scale that the HEDIS measures are defined by, and its form for adolescents."""


def quality_of(
    episodes: Iterable[CareEpisode],
    *,
    first_day: date,
    last_day: date,
    quality: CareQuality,
    only: Metric | None = None,
) -> tuple[MetricResult, ...]:
    """Every metric (or one only) over the days from the first to the last, both included, in the rulebook's order.

    Raises `ValueError` for a period that ends before it begins.
    """
    if last_day < first_day:
        raise ValueError(f"the period ends on {last_day}, before its first day {first_day}")
    span = _Span(first_day, last_day, quality)
    known = [episode for episode in episodes if episode.start <= last_day]
    return tuple(_result(rule, known, span) for rule in quality.rules.values() if only in (None, rule.metric))


def _result(rule: MetricRule, episodes: Sequence[CareEpisode], span: _Span) -> MetricResult:
    judge = _JUDGES.get(rule.metric)
    counted = tuple(item for episode in episodes for item in judge(episode, span)) if judge else ()
    units = None
    if rule.metric is Metric.ENROLLED_PER_MANAGER:
        units = len({episode.care_manager for episode in episodes if span.ends_with(episode)} - {""})
    return MetricResult(rule, counted, units)


@dataclass(frozen=True, slots=True)
class _Span:
    """The period and the rulebook's numbers."""

    first: date
    last: date
    quality: CareQuality

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def overlaps(self, episode: CareEpisode) -> bool:
        return episode.start <= self.last and (episode.end_date is None or episode.end_date >= self.first)

    def ends_with(self, episode: CareEpisode) -> bool:
        """Whether it is in care on the last day."""
        return episode.is_in_care(self.last)

    def limit(self, name: QualityLimit) -> int:
        return self.quality.limits[name]

    def watched(self, name: Threshold) -> int:
        return self.quality.watched.thresholds[name]

    @property
    def months(self) -> Iterator[Month]:
        """The whole months within the period."""
        month = Month.of(self.first)
        while month.last_day <= self.last:
            if month.first_day >= self.first:
                yield month
            month = month.plus(1)


_Judge = Callable[[CareEpisode, _Span], Iterable[Counted]]


# Reach ----------------------------------------------------------------------------------------------------------


def _enrolled(episode: CareEpisode, span: _Span) -> Iterator[Counted]:
    if span.ends_with(episode):
        yield Counted(episode.key, is_met=True)


def _enrolled_per_manager(episode: CareEpisode, span: _Span) -> Iterator[Counted]:
    if span.ends_with(episode):
        yield Counted(episode.key, is_met=True, excluded="" if episode.care_manager else NO_CARE_MANAGER)


def _newly_enrolled(episode: CareEpisode, span: _Span) -> Iterator[Counted]:
    if episode.start in span:
        yield Counted(episode.key, is_met=True)


# Contacts and reviews -------------------------------------------------------------------------------------------


def _share_with(days: Callable[[CareEpisode], Sequence[date]]) -> _Judge:
    """Of those in care at any time in the period: something happened in it."""

    def judge(episode: CareEpisode, span: _Span) -> Iterator[Counted]:
        if span.overlaps(episode):
            yield Counted(episode.key, any(day in span for day in days(episode)))

    return judge


def _whole_months(episode: CareEpisode, span: _Span) -> Iterator[Month]:
    """The months that it was in active treatment from the first to the last day."""
    until = episode.maintenance_from or date.max
    for month in span.months:
        is_in_care = episode.is_in_care(month.first_day) and episode.is_in_care(month.last_day)
        if is_in_care and until > month.last_day:
            yield month


def _contact_and_scale(episode: CareEpisode, span: _Span) -> Iterator[Counted]:
    for month in _whole_months(episode, span):
        has_contact = any(day in month for day in episode.course.reached_on)
        has_score = any(
            score.taken_on in month for scores in episode.course.scores.values() for score in scores
        )
        yield Counted(episode.key, has_contact and has_score, about=str(month))


def _active_contacts(episode: CareEpisode, span: _Span) -> Iterator[Counted]:
    needed = span.limit(QualityLimit.ACTIVE_CONTACTS_A_MONTH)
    for month in _whole_months(episode, span):
        days = sum(1 for day in episode.course.reached_on if day in month)
        yield Counted(episode.key, days >= needed, about=str(month))


def _three_contacts(episode: CareEpisode, span: _Span) -> Iterator[Counted]:
    if span.overlaps(episode):
        days = sum(1 for day in episode.course.reached_on if day <= span.last)
        yield Counted(episode.key, days >= span.limit(QualityLimit.CONTACTS_NEEDED))


def _early_contact(episode: CareEpisode, span: _Span) -> Iterator[Counted]:
    until = episode.start + timedelta(days=span.watched(Threshold.EARLY_FOLLOW_UP_DAYS))
    if until in span:
        is_met = any(episode.start < day <= until for day in episode.course.reached_on)
        yield Counted(episode.key, is_met, "" if episode.is_in_care(until) else ENDED_BEFORE)


def _consult_in_window(episode: CareEpisode, span: _Span) -> Iterator[Counted]:
    from_day = episode.start + timedelta(weeks=span.watched(Threshold.NOT_IMPROVED_WEEKS))
    to_day = episode.start + timedelta(weeks=span.watched(Threshold.CONSULT_BY_WEEK))
    if to_day not in span:
        return
    if not episode.is_in_care(to_day):
        yield Counted(episode.key, excluded=ENDED_BEFORE)
        return
    outcome = _outcome(episode, from_day, span)
    if isinstance(outcome, str):
        yield Counted(episode.key, excluded=outcome)
    elif not outcome.scale.has_improved(outcome.first, outcome.latest):
        yield Counted(episode.key, any(from_day <= day <= to_day for day in episode.course.reviewed_on))


# Outcomes -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Outcome:
    """The first and the latest score of the scale that an episode is judged by."""

    scale: FollowedScale
    first: int
    latest: int


def _outcome(episode: CareEpisode, last_day: date, span: _Span) -> _Outcome | str:
    """By the first of the followed scales whose first score was elevated; else why the episode is left out."""
    has_score = False
    for name, scale in span.quality.watched.scales.items():
        scores = [score for score in episode.course.scores.get(name, ()) if score.taken_on <= last_day]
        if not scores:
            continue
        has_score = True
        if scores[0].score >= scale.improved_below:
            return _Outcome(scale, scores[0].score, scores[-1].score)
    return NOT_ELEVATED if has_score else NO_FIRST_SCORE


def _is_long_enough(episode: CareEpisode, span: _Span) -> bool:
    until = min(episode.end_date or span.last, span.last)
    return (until - episode.start).days >= span.limit(QualityLimit.OUTCOME_DAYS)


def _share_of_outcomes(is_met: Callable[[_Outcome], bool]) -> _Judge:
    def judge(episode: CareEpisode, span: _Span) -> Iterator[Counted]:
        if not span.overlaps(episode) or not _is_long_enough(episode, span):
            return
        outcome = _outcome(episode, span.last, span)
        if isinstance(outcome, str):
            yield Counted(episode.key, excluded=outcome)
        else:
            yield Counted(episode.key, is_met(outcome))

    return judge


def _done_for_slow(days: Callable[[CareEpisode], Sequence[date]], back: Callable[[_Span], int]) -> _Judge:
    """Of those on the last day who have not improved: something was done in so many days back from it."""

    def judge(episode: CareEpisode, span: _Span) -> Iterator[Counted]:
        if not span.ends_with(episode) or not _is_long_enough(episode, span):
            return
        outcome = _outcome(episode, span.last, span)
        if isinstance(outcome, str):
            yield Counted(episode.key, excluded=outcome)
        elif not outcome.scale.has_improved(outcome.first, outcome.latest):
            since = span.last - timedelta(days=back(span))
            yield Counted(episode.key, any(since <= day <= span.last for day in days(episode)))

    return judge


def _weeks_at_end(episode: CareEpisode, span: _Span) -> Iterator[Counted]:
    if episode.end_date is not None and episode.end_date in span:
        yield Counted(episode.key, is_met=True, amount=(episode.end_date - episode.start).days // 7)


def _relapse_plan(episode: CareEpisode, span: _Span) -> Iterator[Counted]:
    end = episode.end_date
    if end is not None and end in span and episode.is_graduated:
        yield Counted(episode.key, episode.relapse_plan_on is not None and episode.relapse_plan_on <= end)


# Recommendations ------------------------------------------------------------------------------------------------


def _advice_answered(episode: CareEpisode, span: _Span) -> Iterator[Counted]:
    for advice in episode.advice:
        until = advice.given_on + timedelta(days=span.watched(Threshold.RECOMMENDATION_DAYS))
        if until in span:
            is_met = advice.answered_on is not None and advice.answered_on <= until
            yield Counted(episode.key, is_met, about=f"recommendation of {advice.given_on}")


def _advice_carried_out(episode: CareEpisode, span: _Span) -> Iterator[Counted]:
    for advice in episode.advice:
        if advice.answered_on is None or advice.answer is AdviceAnswer.DECLINED:
            continue
        until = advice.answered_on + timedelta(days=span.limit(QualityLimit.FOLLOW_THROUGH_DAYS))
        if until in span:
            done_on = advice.carried_out_on
            is_met = bool(advice.is_carried_out) and done_on is not None and done_on <= until
            yield Counted(episode.key, is_met, about=f"recommendation of {advice.given_on}")


# HEDIS ----------------------------------------------------------------------------------------------------------


def _age(birth_date: date, day: date) -> int:
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def _has_depression(episode: CareEpisode, day: date, span: _Span) -> bool:
    return _age(episode.birth_date, day) >= span.limit(QualityLimit.ADULT_AGE) and any(
        code.startswith(span.quality.depression_prefixes) for code in episode.diagnosis_codes
    )


def _phq_9(episode: CareEpisode) -> tuple[ScoreOn, ...]:
    return next((episode.course.scores[name] for name in PHQ_9 if name in episode.course.scores), ())


def _dms_e(episode: CareEpisode, span: _Span) -> Iterator[Counted]:
    """The year's assessment periods are equal parts from January on; the one at hand is told up to the last day."""
    months = span.limit(QualityLimit.MONITORING_MONTHS)
    first = Month(span.last.year, (span.last.month - 1) // months * months + 1).first_day
    has_contact = any(first <= day <= span.last for day in episode.course.reached_on)
    if has_contact and _has_depression(episode, span.last, span):
        yield Counted(episode.key, any(first <= score.taken_on <= span.last for score in _phq_9(episode)))


def _after_index(is_met: Callable[[FollowedScale, ScoreOn, ScoreOn | None], bool]) -> _Judge:
    """DRR-E: what the latest PHQ-9 of the follow-up says beside the elevated one."""

    def judge(episode: CareEpisode, span: _Span) -> Iterator[Counted]:
        scores = _phq_9(episode)
        if not scores or scores[0].score <= span.limit(QualityLimit.INDEX_ABOVE):
            return
        index = scores[0]
        from_day = index.taken_on + timedelta(days=span.limit(QualityLimit.FOLLOW_UP_FROM_DAYS))
        to_day = index.taken_on + timedelta(days=span.limit(QualityLimit.FOLLOW_UP_TO_DAYS))
        if to_day in span and _has_depression(episode, index.taken_on, span):
            later = [score for score in scores if from_day <= score.taken_on <= to_day]
            scale = span.quality.watched.scales[PHQ_9[0]]
            yield Counted(episode.key, is_met(scale, index, later[-1] if later else None))

    return judge


def _has_responded(scale: FollowedScale, index: ScoreOn, latest: ScoreOn | None) -> bool:
    return latest is not None and scale.has_responded(index.score, latest.score)


def _has_remitted(scale: FollowedScale, index: ScoreOn, latest: ScoreOn | None) -> bool:
    return latest is not None and scale.is_in_remission(latest.score)


_JUDGES: Final[Mapping[Metric, _Judge]] = MappingProxyType(
    {
        Metric.ENROLLED: _enrolled,
        Metric.ENROLLED_PER_MANAGER: _enrolled_per_manager,
        Metric.NEWLY_ENROLLED: _newly_enrolled,
        Metric.IN_CONTACT: _share_with(lambda episode: episode.course.reached_on),
        Metric.CONTACT_AND_SCALE: _contact_and_scale,
        Metric.ACTIVE_CONTACTS: _active_contacts,
        Metric.THREE_CONTACTS: _three_contacts,
        Metric.EARLY_CONTACT: _early_contact,
        Metric.REVIEWED: _share_with(lambda episode: episode.course.reviewed_on),
        Metric.CONSULT_IN_WINDOW: _consult_in_window,
        Metric.CONSULT_NOT_IMPROVED: _done_for_slow(
            lambda episode: episode.course.reviewed_on, lambda span: span.limit(QualityLimit.CONSULT_DAYS)
        ),
        Metric.TREATMENT_CHANGED: _done_for_slow(
            lambda episode: episode.treatment_changed_on,
            lambda span: span.limit(QualityLimit.TREATMENT_CHANGE_DAYS),
        ),
        Metric.PLAN_REVISED: _done_for_slow(
            lambda episode: episode.plan_revised_on, lambda span: span.watched(Threshold.PLAN_REVISION_DAYS)
        ),
        Metric.ADVICE_ANSWERED: _advice_answered,
        Metric.ADVICE_CARRIED_OUT: _advice_carried_out,
        Metric.IMPROVED: _share_of_outcomes(
            lambda found: found.scale.has_improved(found.first, found.latest)
        ),
        Metric.RESPONDED: _share_of_outcomes(
            lambda found: found.scale.has_responded(found.first, found.latest)
        ),
        Metric.REMITTED: _share_of_outcomes(lambda found: found.scale.is_in_remission(found.latest)),
        Metric.WEEKS_AT_END: _weeks_at_end,
        Metric.RELAPSE_PLAN: _relapse_plan,
        Metric.DMS_E: _dms_e,
        Metric.DRR_FOLLOW_UP: _after_index(lambda scale, index, latest: latest is not None),
        Metric.DRR_REMISSION: _after_index(_has_remitted),
        Metric.DRR_RESPONSE: _after_index(_has_responded),
    }
)
"""How each metric judges an episode. One that has no line here is not worked out, and says so in its definition."""
