"""The desk's words: answers, days left, decisions of a trace as pages show them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

from django.utils.safestring import SafeString
from django.utils.text import capfirst

from cocm.basics.money import dollars
from cocm.plan.checklist import Checked
from cocm.plan.decision import Answer
from cocm.server.look.badges import badge

ANSWER_TONES: Final = {
    Answer.PAID: "success",
    Answer.DENIED: "danger",
    Answer.PENDED: "attention",
    Answer.FORWARDED: "info",
    Answer.REVERSED: "neutral",
}
CHECKED_TONES: Final = {Checked.YES: "success", Checked.NO: "danger", Checked.UNKNOWN: "neutral"}
_SOON_DAYS: Final = 7


def answer_badge(answer: Answer | str) -> SafeString:
    """A claim's answer."""
    return badge(str(answer), ANSWER_TONES.get(Answer(answer), "neutral"))


def checked_badge(state: Checked) -> SafeString:
    """How a point of the checklist stands."""
    return badge(str(state), CHECKED_TONES[state])


def days_left(due: date | None, today: date) -> SafeString | str:
    """A clock: days until its last day, marked when few are left or none."""
    if due is None:
        return ""
    left = (due - today).days
    if left < 0:
        return badge(f"{-left} day{'s' if left != -1 else ''} late", "danger", "exclamation-octagon")
    words = f"{left} day{'s' if left != 1 else ''} left"
    return badge(words, "attention", "clock") if left <= _SOON_DAYS else badge(words)


def step_words(step: str) -> str:
    """A step of a trace in words: `wait: mistake_records_request` is a wait, and its text says for what.

    The id of an edit stays, to be linked.
    """
    if "." in step:
        return step if " " not in step else capfirst(step)
    return step.partition(": ")[0].replace("_", " ").capitalize()


def waits_text(waits_for: Iterable[str]) -> str:
    """What a claim waits for: lines that wait for the same are told together."""
    lines: dict[str, list[str]] = {}
    for one in waits_for:
        head, _, rest = one.partition(": ")
        number = head.removeprefix("line ")
        is_line = head.startswith("line ") and number.isdecimal()
        lines.setdefault(rest if is_line else one, []).extend([number] if is_line else [])
    told = [
        f"{text} (line{'s' if len(numbers) > 1 else ''} {', '.join(numbers)})" if numbers else text
        for text, numbers in lines.items()
    ]
    return capfirst("; ".join(told))


def facts_text(facts: Mapping[str, Any]) -> str:
    """Facts in one line."""
    return "; ".join(f"{name.replace('_', ' ')}: {_fact(value)}" for name, value in facts.items())


def _fact(value: Any) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "none"
    return str(value)


def adjustment_text(line: Mapping[str, Any]) -> str:
    """A line's adjustments and remarks, as they stand on the remittance."""
    codes = [
        f"{one['group_code']}-{one['reason_code']} {dollars(one['amount_cents'])}"
        for one in line["adjustments"]
    ]
    return ", ".join([*codes, *line["remark_codes"]])
