"""How far a suicide-risk alert has escalated, and whether what somebody wrote closes it. The clock is an argument."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from cocm.rules.suicide_safety import EscalationStep, SafetyProtocol


@dataclass(frozen=True, slots=True)
class AlertLevel:
    """The step that an open alert has reached, since when, and the next one with its moment (None: there is none)."""

    step: EscalationStep
    since: datetime
    following: EscalationStep | None
    following_at: datetime | None


def alert_level(
    protocol: SafetyProtocol,
    *,
    raised_at: datetime,
    now: datetime,
    is_acute: bool,
    taken_at: datetime | None = None,
    level_told: int = 0,
) -> AlertLevel:
    """The level of an open alert now.

    Whoever takes it on first (`taken_at`) sets the timer to its start once: from then the further steps count anew. A
    level of which people were told already (`level_told`) is never gone back on.
    """
    began = raised_at if taken_at is None or taken_at < raised_at else taken_at
    before_take = [step for step in protocol.steps if _due(step, raised_at, is_acute) <= began]
    floor = max([1, level_told, *(step.level for step in before_take)])
    reached = [step for step in protocol.steps if step.level <= floor or _due(step, began, is_acute) <= now]
    step = reached[-1]
    following = next((later for later in protocol.steps if later.level > step.level), None)
    return AlertLevel(
        step=step,
        since=min(max(_due(step, began, is_acute), raised_at), now),
        following=following,
        following_at=_due(following, began, is_acute) if following is not None else None,
    )


def _due(step: EscalationStep, began: datetime, is_acute: bool) -> datetime:
    return began + timedelta(minutes=step.minutes(is_acute))


def closing_faults(
    protocol: SafetyProtocol, *, action: str, reached: str, plan: str, note: str
) -> dict[str, str]:
    """What is missing before an alert may be closed, by field; empty: it may."""
    faults: dict[str, str] = {}
    chosen = protocol.actions.get(action)
    if chosen is None:
        faults["action"] = "say what was done; an alert is not closed without it"
    elif chosen.needs_reached and reached not in protocol.reached:
        faults["reached"] = "say who was reached; an attempt is a step and closes nothing"
    if reached and reached not in protocol.reached:
        faults["reached"] = "choose one of the list"
    if chosen is not None and chosen.needs_plan and plan not in protocol.plan:
        faults["plan"] = "say how the safety plan stands"
    elif plan and plan not in protocol.plan:
        faults["plan"] = "choose one of the list"
    if len(note.strip()) < protocol.note_characters_min:
        faults["note"] = (
            f"write at least {protocol.note_characters_min} characters: what was said, what comes next"
        )
    return faults
