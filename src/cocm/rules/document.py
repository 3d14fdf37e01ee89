"""The rulebook as a page to read: every rule with its values, dates, confidence and sources."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from cocm.rules.profile import ROOT_PAYER
from cocm.rules.rulebook import Rulebook
from cocm.rules.values import Confidence, DatedValue, Rule, Source, show_value

_INTRODUCTION = """\
# The rules

Generated from `src/cocm/rulebook`; `make docs` writes it anew. Change the rule files, not this page.

Each rule is one concept. A pack (a payer's rules) states its own values; where it is silent on a date, its
parent answers, down to `cpt`. A value holds from its date until the next one's. *Seen* is the day we read it.

| confidence | means | may block a claim |
| --- | --- | --- |
| stated | the payer's own text or a primary source | yes |
| secondary | another source | yes |
| assumed | domain knowledge; the primary source is named but was not read | no, it warns |
| unknown | nobody has established it: no data, never a guess | no |

A number such as C7 marks a contradiction between sources that is settled per payer, by data.
`cocm rules show ID --payer PACK --on DATE` prints one value with its citation.
"""


def rules_page(rulebook: Rulebook) -> str:
    """The page as Markdown. The same rulebook gives the same text."""
    parts = [_INTRODUCTION, _packs(rulebook), _contents(rulebook)]
    parts += [_rule(rulebook, rulebook.rule(rule_id)) for rule_id in rulebook.rule_ids]
    parts.append(_sources(rulebook))
    return "\n".join(parts)


def _packs(rulebook: Rulebook) -> str:
    lines = [
        "## Packs",
        "",
        "| pack | speaks for | parent | line of business | own values |",
        "| --- | --- | --- | --- | --- |",
    ]
    for payer_id in rulebook.payer_ids:
        profile = rulebook.profile(payer_id)
        count = len(rulebook.rule_ids if payer_id == ROOT_PAYER else rulebook.override_ids(payer_id))
        parent = f"`{profile.parent}`" if profile.parent else ""
        speaks_for = f"{profile.label}. {_line(profile.note)}".strip()
        lines.append(
            f"| `{payer_id}` | {_cell(speaks_for)} | {parent} | {profile.line_of_business} | {count} |"
        )
    return "\n".join([*lines, ""])


def _contents(rulebook: Rulebook) -> str:
    lines = ["## All rules", ""]
    for group, rule_ids in groupby(rulebook.rule_ids, key=lambda rule_id: rule_id.split(".")[0]):
        links = ", ".join(f"[{rule_id}](#{_anchor(rule_id)})" for rule_id in rule_ids)
        lines.append(f"- **{group}**: {links}")
    return "\n".join([*lines, ""])


def _rule(rulebook: Rulebook, rule: Rule) -> str:
    facts = [f"{rule.kind}{f', in {rule.unit}s' if rule.unit else ''}", f"breaking it: {rule.severity.word}"]
    if rule.none_means:
        facts.append(f"`none`: {rule.none_means}")
    if rule.contradiction:
        facts.append(f"contradiction {rule.contradiction}")
    lines = [
        f"### {rule.rule_id}",
        "",
        f"**{rule.label}.** {_line(rule.meaning)}",
        "",
        f"{'; '.join(facts)}.",
        "",
    ]
    lines += ["| pack | from | value | confidence | source | seen |", "| --- | --- | --- | --- | --- | --- |"]
    lines += [_value(payer_id, value, rule) for payer_id, value in _all_values(rulebook, rule)]
    return "\n".join([*lines, ""])


def _all_values(rulebook: Rulebook, rule: Rule) -> Iterator[tuple[str, DatedValue]]:
    yield from ((ROOT_PAYER, value) for value in rule.values)
    for payer_id in rulebook.payer_ids:
        override = rulebook.override(payer_id, rule.rule_id)
        if override is not None:
            yield from ((payer_id, value) for value in override.values)


def _value(payer_id: str, value: DatedValue, rule: Rule) -> str:
    shown = "unknown" if value.is_unknown else show_value(value.value)
    confidence = value.confidence.value
    if value.severity not in (None, rule.severity) and value.confidence is not Confidence.UNKNOWN:
        confidence += f", {value.severity.word}" if value.severity else ""
    source = _link(value.source) + (f", {value.locator}" if value.locator else "")
    if value.note:
        source += f". {_line(value.note)}"
    cells = (f"`{payer_id}`", str(value.effective_from), shown, confidence, source, str(value.observed))
    return f"| {' | '.join(_cell(cell) for cell in cells)} |"


def _sources(rulebook: Rulebook) -> str:
    lines = [
        "## Sources",
        "",
        "Grades: A law, government, CMS data; B payer, association; C other; K not read.",
        "",
    ]
    lines += ["| source | title | grade |", "| --- | --- | --- |"]
    for ref, source in sorted(rulebook.sources.items()):
        lines.append(f"| `{ref}` | {_cell(_link(source))} | {source.grade} |")
    return "\n".join([*lines, ""])


def _link(source: Source) -> str:
    if " " in source.url:
        return f"{source.title} ({source.url})"
    return f"[{source.title}]({source.url.removeprefix('docs/')})"


def _anchor(rule_id: str) -> str:
    """The anchor that GitHub gives to a heading: dots fall away."""
    return rule_id.replace(".", "")


def _line(text: str) -> str:
    return " ".join(text.split())


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
