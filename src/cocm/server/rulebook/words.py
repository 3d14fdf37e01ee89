"""The rulebook's words for people."""

from __future__ import annotations

from datetime import date
from typing import Final

from django.utils.html import escape
from django.utils.safestring import SafeString

from cocm.basics.money import dollars
from cocm.rules import RuleValue, Source
from cocm.rules.values import Confidence, DatedValue, Rule, show_value
from cocm.server.look.badges import badge
from cocm.server.look.html import joined, safe
from cocm.server.rulebook.links import edit_url, rule_url

CONFIDENCE_TONES: Final = {
    Confidence.STATED: "success",
    Confidence.SECONDARY: "info",
    Confidence.ASSUMED: "attention",
    Confidence.UNKNOWN: "neutral",
}
SEVERITY_TONES: Final = {"block": "danger", "review": "attention", "inform": "neutral"}
AREAS: Final = {
    "appeal": "Appeals",
    "authorization": "Authorization",
    "claim": "The claim",
    "clock": "Clocks",
    "codes": "Codes",
    "concurrency": "Same month, same day",
    "consent": "Consent",
    "coverage": "Coverage",
    "diagnosis": "Diagnoses",
    "enrollment": "Enrollment",
    "evidence": "Evidence",
    "overpayment": "Overpayments",
    "episode": "Episode",
    "filing": "Filing",
    "initiating_visit": "Initiating visit",
    "limit": "Limits",
    "minutes": "Minutes",
    "patient": "Patient",
    "payment": "Payment",
    "records": "Records",
    "routing": "Routing",
    "team": "Team",
    "time": "Time thresholds",
}


def area_of(rule_id: str) -> str:
    """The heading under which a rule stands."""
    first = rule_id.partition(".")[0]
    return AREAS.get(first, first.replace("_", " ").capitalize())


def shown_value(value: RuleValue, rule: Rule) -> str:
    """A resolved value; of a stated none what none means."""
    if not value.is_known:
        return "not known" if value.state == "unknown" else "not defined"
    return _plain(value.value, rule)


def shown_row(row: DatedValue, rule: Rule) -> str:
    """One dated row of a rule."""
    return "not known" if row.is_unknown else _plain(row.value, rule)


def _plain(value: object, rule: Rule) -> str:
    if value is None or value == frozenset():
        return rule.none_means or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = show_value(value)  # type: ignore[arg-type]  # a rule's plain value
    if isinstance(value, int) and rule.unit:
        return _measured(value, rule.unit)
    return text.replace("_", " ")


def _measured(value: int, unit: str) -> str:
    """A whole number in its unit; of hundredths and cents the whole with two places."""
    if unit == "cent":
        return dollars(value)
    if unit.startswith("hundredth of a "):
        return f"{value // 100}.{value % 100:02d} {unit.removeprefix('hundredth of a ')}"
    return f"{value} {unit}{'s' if value != 1 and unit != 'percent' else ''}"


def confidence_badge(confidence: Confidence) -> SafeString:
    """How sure a value is."""
    return badge(confidence.value, CONFIDENCE_TONES[confidence])


def severity_badge(word: str) -> SafeString:
    """What breaking a rule does."""
    return badge(word, SEVERITY_TONES[word])


def source_cell(source: Source | None, locator: str = "") -> SafeString:
    """A document with the place in it; a link where its address is one."""
    if source is None:
        return joined("")
    title = escape(source.title)
    if source.url.startswith(("http://", "https://")):
        title = f'<a href="{escape(source.url)}" rel="noreferrer external">{title}</a>'
    place = f' <span class="quiet">{escape(locator)}</span>' if locator else ""
    return joined(f'{title} <abbr title="{GRADES[source.grade]}">({escape(source.grade)})</abbr>{place}')


GRADES: Final = {
    "A": "law, government, CMS data",
    "B": "payer or association",
    "C": "other",
    "K": "domain knowledge; the primary source was not read",
}


def rule_cell(rule: Rule, *, pack_id: str = "", on: date | None = None, is_linked: bool = True) -> SafeString:
    """A rule's label over its id."""
    label = safe(rule.label)
    if is_linked:
        label = f'<a href="{escape(rule_url(rule.rule_id, pack_id=pack_id, on=on))}">{label}</a>'
    return joined(f'{label}<br><code class="quiet">{escape(rule.rule_id)}</code>')


def edit_link(edit_id: str, title: str, *, pack_id: str = "", on: date | None = None) -> SafeString:
    """A link to an edit's page."""
    return joined(f'<a href="{escape(edit_url(edit_id, pack_id=pack_id, on=on))}">{safe(title)}</a>')


def one_line(text: str) -> str:
    """A text of several lines in one."""
    return " ".join(text.split())
