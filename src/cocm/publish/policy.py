"""The policy pages of a plan, made of the very rule values that its adjudication reads: what is published is what runs.

Nothing of the policy is typed here. A value comes from the resolved pack, a tier from the proposal that the minutes
get, a combination from the comparison that the plan makes, an answer to a failed check from the catalogue and the
table of denials.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from cocm import __version__
from cocm.coding.explain import lines_in_words
from cocm.coding.records import MonthKind
from cocm.coding.time import propose_for_minutes
from cocm.edits.codes import cocm_codes
from cocm.edits.discovery import catalogue, catalogue_hash
from cocm.edits.edit import CatalogueEdit
from cocm.plan.duplicates import ALLOWED_CODES, EXCLUDED_CODES, SEPARATE_CONSENT_CODES, combination_of
from cocm.plan.edit_answers import GOES_ON, PERSON_LOOKS, answer_in_words
from cocm.plan.route import PSYCHOTHERAPY_CODES
from cocm.publish.page import Block, Cell, Heading, Page, Paragraph, Section, Table
from cocm.publish.policy_parts import NEVER, PARTS, Part, checks_of, rules_of
from cocm.publish.policy_words import code_in_words, value_in_words
from cocm.rules import PackOn, RuleValue, Severity
from cocm.rules.plan_decisions import EditDenial, edit_denials

MINUTES_SHOWN_MAX: Final = 360
BANDS_SHOWN_MAX: Final = 8
_REVIEW_CODES: Final = "concurrency.review_codes"


class Audience(StrEnum):
    """For whom a page is."""

    PROVIDERS = "providers"
    REVIEWERS = "reviewers"


@dataclass(frozen=True, slots=True)
class Statement:
    """A rule as the page states it."""

    value: RuleValue
    words: str


@dataclass(frozen=True, slots=True)
class Band:
    """A span of a month's minutes that earns the same lines. `minutes_to` None: and more."""

    minutes_from: int
    minutes_to: int | None
    lines: str
    remark: str


@dataclass(frozen=True, slots=True)
class Check:
    """A check of the catalogue under a payer's rules, and what the plan does when it fails."""

    edit: CatalogueEdit
    severity: Severity
    answer: str


def statements(policy: PackOn) -> Iterator[tuple[Part, tuple[Statement, ...]]]:
    """Every rule of the rulebook under its heading, with the payer's value on the date."""
    rulebook = policy.pack.rulebook
    for part in PARTS:
        found = (policy.value(rule_id) for rule_id in rules_of(part, rulebook.rule_ids))
        yield part, tuple(Statement(value, value_in_words(value, rulebook)) for value in found)


def minute_bands(policy: PackOn, month_kind: MonthKind) -> tuple[Band, ...]:
    """What each number of minutes earns in a kind of month, as the proposal of codes has it."""
    bands: list[Band] = []
    for minutes in range(MINUTES_SHOWN_MAX + 1):
        answer = propose_for_minutes(minutes, month_kind, policy)
        lines = "no data: a rule is not established" if answer.has_no_data else lines_in_words(answer.lines)
        remark = "a person looks at it" if answer.reviews else ""
        if bands and (bands[-1].lines, bands[-1].remark) == (lines, remark):
            bands[-1] = replace(bands[-1], minutes_to=minutes)
        else:
            bands.append(Band(minutes, minutes, lines, remark))
    bands[-1] = replace(bands[-1], minutes_to=None)
    return tuple(bands)


def checks(policy: PackOn) -> tuple[Check, ...]:
    """Every check with what failing it does on the plan's side."""
    denials = edit_denials(policy.pack.rulebook)
    return tuple(_check(entry, policy, denials[entry.id]) for entry in catalogue())


def _check(entry: CatalogueEdit, policy: PackOn, denial: EditDenial) -> Check:
    severity = entry.severity_for(policy)
    answer = answer_in_words(severity, denial)
    if answer == PERSON_LOOKS and any(_is_assumed(policy.value(rule_id)) for rule_id in entry.rests_on):
        answer = "a person looks; noted only, where the failure rests on a value that is merely assumed"
    return Check(entry, severity, answer)


def _is_assumed(value: RuleValue) -> bool:
    return value.is_known and not value.may_block


def policy_page(policy: PackOn, audience: Audience, more: tuple[Section, ...] = ()) -> Page:
    """A payer's policy on a date as a page for one audience. `more` are sections of the plan's own tables.

    The same rules give the same page.
    """
    pack = policy.pack
    sections = [_section(part, found, policy, audience) for part, found in statements(policy)]
    if audience is Audience.REVIEWERS:
        sections.append(_never(policy))
    who = "providers" if audience is Audience.PROVIDERS else "claims reviewers"
    return Page(
        title=f"Collaborative Care: policy for {who}",
        subtitle=f"{pack.profile.label} ({pack.payer_id}), services on {policy.day}",
        sections=(_introduction(audience), *sections, *more),
        footer=(
            f"Generated from the rulebook by cocm {__version__}; rulebook {pack.rulebook.content_hash}, checks "
            f"{catalogue_hash()}. Rules of {' > '.join(pack.chain)}.",
            "Codes carry our own short labels. Confidence: stated (the payer's own or a primary source), secondary "
            "(another source), assumed (domain knowledge; never denies by itself), unknown (not established).",
        ),
    )


def _introduction(audience: Audience) -> Section:
    texts = {
        Audience.PROVIDERS: (
            "What the plan takes, what it asks for, and where a claim belongs. Each value names the rule it comes "
            "from, since when it holds, its source and how sure it is; these are the values that decide claims."
        ),
        Audience.REVIEWERS: (
            "The values that decide claims, and what follows when a check fails. What a claim does not tell (minutes, "
            "consent, visits) is no data: it neither denies nor pends. A value that is merely assumed never denies."
        ),
    }
    return Section("about", "About this page", (Paragraph(texts[audience]),))


def _section(part: Part, found: tuple[Statement, ...], policy: PackOn, audience: Audience) -> Section:
    blocks: list[Block] = [Paragraph(part.intro)]
    if part.anchor == "minutes":
        blocks += [_bands(policy, kind) for kind in (MonthKind.FIRST, MonthKind.LATER)]
    if part.anchor == "same-month":
        blocks.append(_combinations(policy))
    blocks.append(_rules(found, policy))
    of_part = checks_of(part, (entry.id for entry in catalogue()))
    shown = [one for one in checks(policy) if one.edit.id in of_part]
    if shown:
        blocks.append(_for_reviewers(shown) if audience is Audience.REVIEWERS else _for_providers(shown))
    return Section(part.anchor, part.title, tuple(blocks))


def _rules(found: tuple[Statement, ...], policy: PackOn) -> Table:
    headings = ("Rule", "The plan's value", "Since", "Source", "How sure")
    rows = tuple(
        (
            Cell(one.value.label, one.value.rule_id),
            Cell(one.words, _meaning(one.value, policy)),
            Cell(str(one.value.effective_from or "")),
            _source(one.value),
            Cell(one.value.confidence.value),
        )
        for one in found
    )
    return Table("Rules", tuple(Heading(text) for text in headings), rows)


def _meaning(value: RuleValue, policy: PackOn) -> str:
    return " ".join(policy.pack.rulebook.rule(value.rule_id).meaning.split())


def _source(value: RuleValue) -> Cell:
    if value.source is None:
        return Cell("")
    return Cell(value.locator or value.source.title, value.source.title, value.source.url)


def _bands(policy: PackOn, kind: MonthKind) -> Table:
    bands = minute_bands(policy, kind)
    rows = [(Cell(_span(band)), Cell(band.lines), Cell(band.remark)) for band in bands[:BANDS_SHOWN_MAX]]
    if len(bands) > BANDS_SHOWN_MAX:
        rows.append((Cell(f"{bands[BANDS_SHOWN_MAX].minutes_from} and more"), Cell("and so on"), Cell("")))
    headings = (Heading("Minutes in the month"), Heading("Earned"), Heading("Remark"))
    return Table(f"{kind.value.capitalize()} month of an episode", headings, tuple(rows))


def _span(band: Band) -> str:
    if band.minutes_to is None:
        return f"{band.minutes_from} and more"
    return (
        str(band.minutes_from)
        if band.minutes_from == band.minutes_to
        else f"{band.minutes_from} to {band.minutes_to}"
    )


def _combinations(policy: PackOn) -> Table:
    """The month's base code beside every other code of which the payer's rules speak, as the plan compares them."""
    base = next((code for code in _base_codes(policy)), None)
    spoken_of = (ALLOWED_CODES, EXCLUDED_CODES, SEPARATE_CONSENT_CODES, _REVIEW_CODES, PSYCHOTHERAPY_CODES)
    named = {code for rule_id in spoken_of for code in policy.members(rule_id)}
    groups: dict[tuple[str, str, str], list[str]] = {}
    sources: dict[str, Cell] = {"": Cell("")}
    for code in sorted(named - set(_base_codes(policy)) - {policy.text("codes.addon")}):
        if base is None:
            break
        combination, rule, why = combination_of(base, code, policy)
        if code in policy.members(_REVIEW_CODES) and rule is None:
            rule, why = policy.value(_REVIEW_CODES), "no source settles it; a person looks"
        rule_id = "" if rule is None else rule.rule_id
        if rule is not None:
            sources[rule_id] = Cell(rule_id, _word_of(rule), "" if rule.source is None else rule.source.url)
        key = (str(combination), why, rule_id)
        groups.setdefault(key, []).append(code)
    rulebook = policy.pack.rulebook
    rows = tuple(
        (
            Cell(", ".join(code_in_words(code, rulebook) for code in codes)),
            Cell(combination, why),
            sources[rule_id],
        )
        for (combination, why, rule_id), codes in groups.items()
    )
    of = "a month of Collaborative Care" if base is None else base
    return Table(
        f"Beside {of}, from any practice",
        (Heading("Other service in the month"), Heading("What it is"), Heading("By which rule")),
        rows,
    )


def _word_of(value: RuleValue) -> str:
    """Whose word a rule is, since when and how sure; its value stands elsewhere on the page."""
    title = "no source" if value.source is None else value.source.title
    return f"{value.payer_id}, from {value.effective_from}, {value.confidence.value}: {title}"


def _base_codes(policy: PackOn) -> Iterator[str]:
    roles = cocm_codes(policy.pack.rulebook)
    for rule_id in ("codes.later_month", "codes.first_month", "codes.short_month"):
        code = policy.text(rule_id)
        if code is not None and roles[code].is_base:
            yield code


def _for_providers(shown: list[Check]) -> Table:
    rows = tuple(
        (Cell(one.edit.edit.title, one.edit.id), Cell(one.answer), Cell(one.edit.edit.fix))
        for one in shown
        if one.answer != GOES_ON
    )
    headings = (Heading("What is refused or held"), Heading("What the plan does"), Heading("What to do"))
    return Table("Checks", headings, rows)


def _for_reviewers(shown: list[Check]) -> Table:
    rows = tuple(
        (
            Cell(one.edit.edit.title, one.edit.id),
            Cell(one.answer, f"at most: {one.severity.word}"),
            Cell(one.edit.doc, "rests on " + ", ".join(one.edit.rests_on) if one.edit.rests_on else ""),
        )
        for one in shown
    )
    headings = (Heading("Check"), Heading("What the plan does when it fails"), Heading("Why"))
    return Table("Checks", headings, rows)


def _never(policy: PackOn) -> Section:
    """The denials that plans are known to make wrongly, each beside the value that forbids it."""
    rows = tuple(
        (Cell(never.what), Cell(never.instead), Cell(_cited(never.rules, policy))) for never in NEVER.values()
    )
    headings = (Heading("Never"), Heading("Instead"), Heading("By which rule"))
    return Section("never", "Improper denials", (Table("Mistakes that plans make", headings, rows),))


def _cited(rules: tuple[str, ...], policy: PackOn) -> str:
    return "; ".join(policy.value(rule_id).cite for rule_id in rules)
