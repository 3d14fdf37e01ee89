"""From the answers to an instrument to its score: bands, missing items, positive screens, alarms; what a change means.

Plain functions. The instrument is the rulebook's (`rules.instruments`); nothing here knows one by its name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from cocm.basics.errors import UnusableInput
from cocm.rules.instruments import Alarm, Band, Instrument, Item

Answers = Mapping[str, int | None]


@dataclass(frozen=True, slots=True)
class RaisedAlarm:
    """An alarm with the item that raised it; `value` None: it was left without an answer."""

    item_id: str
    alarm: Alarm
    value: int | None


@dataclass(frozen=True, slots=True)
class Scored:
    """What answers come to.

    `score` None: too many items are missing. `is_estimated`: missing items stand in as the average of the others.
    `missing`: scored items that were asked and not answered; `alarm_items_missing`: items with an alarm, likewise.
    """

    score: int | None
    band: Band | None
    is_positive: bool | None
    is_estimated: bool
    missing: tuple[str, ...]
    alarm_items_missing: tuple[str, ...]
    alarms: tuple[RaisedAlarm, ...]
    self_harm_value: int | None

    @property
    def is_acute(self) -> bool:
        """Whether one of the alarms tells of danger right now."""
        return any(raised.alarm.is_acute for raised in self.alarms)


def items_asked(instrument: Instrument, answers: Answers) -> tuple[Item, ...]:
    """The items that these answers lead to: one with a condition is asked unless all it looks at speak against it."""
    asked: list[Item] = []
    for item in instrument.items:
        before = [answers.get(name) for name in item.asked_if_any]
        if not before or any(value is None or value >= item.asked_from for value in before):
            asked.append(item)
    return tuple(asked)


def score_answers(instrument: Instrument, answers: Answers, *, sex: str = "U") -> Scored:
    """Score the answers by item. Raises `UnusableInput` for an item or a number that the instrument does not have.

    Items that are not asked count 0. Up to `missing_items_max` missing items count the average of those answered, the
    total rounded half up; with more there is no score. Alarms are raised in either case.
    """
    _check(instrument, answers)
    asked = items_asked(instrument, answers)
    scored = [item for item in asked if item.is_scored]
    given = [value for item in scored if (value := answers.get(item.item_id)) is not None]
    missing = tuple(item.item_id for item in scored if answers.get(item.item_id) is None)
    score: int | None = None
    if len(missing) <= instrument.missing_items_max and (given or not scored):
        score = (2 * sum(given) * len(scored) + len(given)) // (2 * len(given)) if missing else sum(given)
    # an answer that tells of risk is never passed over, also where the question need not have been asked
    heard = [item for item in instrument.items if item in asked or answers.get(item.item_id) is not None]
    alarms = [raised for item in heard if (raised := _alarm(item, answers.get(item.item_id))) is not None]
    return Scored(
        score=score,
        band=instrument.band(score) if score is not None else None,
        is_positive=_is_positive(instrument, score, sex),
        is_estimated=bool(missing) and score is not None,
        missing=missing,
        alarm_items_missing=tuple(
            item.item_id for item in asked if item.alarm is not None and answers.get(item.item_id) is None
        ),
        alarms=tuple(alarms),
        self_harm_value=next(
            (answers.get(item.item_id) for item in instrument.items if item.is_self_harm), None
        ),
    )


def score_total(
    instrument: Instrument, total: int, *, self_harm_value: int | None = None, sex: str = "U"
) -> Scored:
    """A total that was worked out elsewhere, with the item about self-harm where it is known.

    Raises `UnusableInput` where the instrument has no such total, or where the item alone is more than the total.
    """
    if not 0 <= total <= instrument.score_max:
        raise UnusableInput(f"{instrument.label} goes from 0 to {instrument.score_max}")
    item = next((item for item in instrument.items if item.is_self_harm), None)
    alarms: tuple[RaisedAlarm, ...] = ()
    if item is not None and self_harm_value is not None:
        _check(instrument, {item.item_id: self_harm_value})
        if item.is_scored and self_harm_value > total:
            raise UnusableInput(f"the item about self-harm alone is more than the total of {total}")
        raised = _alarm(item, self_harm_value)
        alarms = (raised,) if raised is not None else ()
    return Scored(
        score=total,
        band=instrument.band(total),
        is_positive=_is_positive(instrument, total, sex),
        is_estimated=False,
        missing=(),
        alarm_items_missing=(item.item_id,) if item is not None and self_harm_value is None else (),
        alarms=alarms,
        self_harm_value=self_harm_value if item is not None else None,
    )


def _check(instrument: Instrument, answers: Answers) -> None:
    known = {item.item_id: item for item in instrument.items}
    for item_id, value in answers.items():
        if item_id not in known:
            raise UnusableInput(f"{instrument.label} has no item {item_id!r}")
        if value is not None and value not in known[item_id].values:
            values = known[item_id].values
            raise UnusableInput(
                f"{instrument.label}, item {item_id}: {value} is no answer; expected {values[0]} to {values[-1]}"
            )


def _alarm(item: Item, value: int | None) -> RaisedAlarm | None:
    if item.alarm is None:
        return None
    if value is None:
        return RaisedAlarm(item.item_id, item.alarm, None) if item.alarm.when_unanswered else None
    return RaisedAlarm(item.item_id, item.alarm, value) if value >= item.alarm.from_value else None


def _is_positive(instrument: Instrument, score: int | None, sex: str) -> bool | None:
    from_score = instrument.positive_at(sex)
    return None if score is None or from_score is None else score >= from_score


class Change(StrEnum):
    """What a score means beside the first one of the episode."""

    REMISSION = "remission"
    RESPONSE = "response"
    IMPROVED = "improved"
    NOT_IMPROVED = "not improved"
    WORSE = "worse"


def change_since(instrument: Instrument, first: int, latest: int) -> Change | None:
    """What the latest score means beside the first; None where the instrument tells no change.

    Remission is a score below the scale's limit that was not below it at first; response a drop by the scale's
    percentage, or by its points.
    """
    if instrument.response_points:
        if first - latest >= instrument.response_points:
            return Change.RESPONSE
        return Change.WORSE if latest - first >= instrument.response_points else Change.NOT_IMPROVED
    scale = instrument.scale
    if scale is None:
        return None
    if scale.is_in_remission(latest) and not scale.is_in_remission(first):
        return Change.REMISSION
    if scale.has_responded(first, latest):
        return Change.RESPONSE
    if latest - first >= scale.worse_points:
        return Change.WORSE
    return Change.IMPROVED if scale.has_improved(first, latest) else Change.NOT_IMPROVED


def years_on(birth_date: date, day: date) -> int:
    """Whole years of age on a day. Who was born on 29 February is a year older on 1 March of a common year."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def age_objection(instrument: Instrument, years: int, labels: Mapping[str, str]) -> str:
    """Why an instrument is not for somebody of an age, in words; empty where it is. `labels` are the instruments'."""
    if instrument.ages.hold(years):
        return ""
    said = f"{instrument.label} is for ages {instrument.ages.words}; the patient is {years}"
    other = instrument.ages.rather
    if other and years <= instrument.ages.rather_to_years:
        said += f". For this age there is {labels.get(other, other.upper())}"
    return said
