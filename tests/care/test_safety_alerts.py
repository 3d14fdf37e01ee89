"""An open alert escalates by its timer, whoever takes it sets the timer back once, and only a full answer closes it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocm.care.alerts import alert_level, closing_faults
from cocm.rules import Rulebook
from cocm.rules.suicide_safety import safety_protocol

PROTOCOL = safety_protocol(Rulebook())
RAISED = datetime(2026, 3, 20, 15, 0, tzinfo=UTC)


def level(minutes: int, *, is_acute: bool = False, taken: int | None = None, told: int = 0) -> int:
    found = alert_level(
        PROTOCOL,
        raised_at=RAISED,
        now=RAISED + timedelta(minutes=minutes),
        is_acute=is_acute,
        taken_at=None if taken is None else RAISED + timedelta(minutes=taken),
        level_told=told,
    )
    return found.step.level


@pytest.mark.parametrize(
    ("minutes", "is_acute", "expected"),
    [
        *(
            (0, False, 1),
            (59, False, 1),
            (60, False, 2),
            (239, False, 2),
            (240, False, 3),
            (99_999, False, 3),
        ),
        *((0, True, 1), (14, True, 1), (15, True, 2), (29, True, 2), (30, True, 3)),
    ],
)
def test_a_level_is_reached_on_its_minute(minutes, is_acute, expected) -> None:
    assert level(minutes, is_acute=is_acute) == expected


@pytest.mark.parametrize(
    ("minutes", "taken", "expected"),
    [
        (70, 10, 2),
        (69, 10, 1),
        (61, 10, 1),
        (80, 70, 2),
        (129, 70, 2),
        (130, 70, 2),
        (310, 70, 3),
        (309, 70, 2),
    ],
)
def test_whoever_takes_it_on_sets_the_timer_back_and_no_level_is_gone_back_on(
    minutes, taken, expected
) -> None:
    assert level(minutes, taken=taken) == expected


def test_of_whom_was_told_nothing_is_taken_back() -> None:
    assert level(5, told=3) == 3


def test_the_next_step_has_its_moment() -> None:
    found = alert_level(PROTOCOL, raised_at=RAISED, now=RAISED, is_acute=False)
    assert (found.following.level, found.following_at) == (2, RAISED + timedelta(minutes=60))
    last = alert_level(PROTOCOL, raised_at=RAISED, now=RAISED + timedelta(days=1), is_acute=False)
    assert last.following is None and last.following_at is None
    assert last.since == RAISED + timedelta(minutes=240)


@given(
    st.integers(0, 5_000), st.integers(0, 5_000), st.booleans(), st.one_of(st.none(), st.integers(0, 5_000))
)
def test_levels_only_rise_with_time(first, later, is_acute, taken) -> None:
    first, later = sorted((first, later))
    if taken is not None and taken > first:
        taken = None  # nobody takes it on in what is to come
    assert level(first, is_acute=is_acute, taken=taken) <= level(later, is_acute=is_acute, taken=taken)
    assert level(later, is_acute=True) >= level(later)


FULL = {
    "action": "safety_plan",
    "reached": "patient",
    "plan": "made",
    "note": "Spoke for 20 minutes; call tomorrow.",
}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"action": ""}, "action"),
        ({"action": "dismissed"}, "action"),
        ({"reached": ""}, "reached"),
        ({"reached": "nobody"}, "reached"),
        ({"plan": ""}, "plan"),
        ({"plan": "perhaps"}, "plan"),
        ({"note": ""}, "note"),
        ({"note": "ok" + " " * 20}, "note"),
    ],
)
def test_an_alert_is_not_closed_without_all_that_its_action_asks(change, field) -> None:
    assert closing_faults(PROTOCOL, **FULL) == {}
    assert set(closing_faults(PROTOCOL, **FULL | change)) == {field}


def test_emergency_asks_for_no_safety_plan() -> None:
    assert closing_faults(PROTOCOL, **FULL | {"action": "emergency", "plan": ""}) == {}


def test_no_action_closes_an_alert_with_nobody_reached() -> None:
    assert all(action.needs_reached for action in PROTOCOL.actions.values())
