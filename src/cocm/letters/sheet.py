"""A letter as a sheet: pieces of text with what is missing marked, ready to be read by a person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from string import Formatter
from typing import Final

from cocm.letters.words import day_words
from cocm.rules import PackOn
from cocm.rules.values import HUNDREDTHS_OF_PERCENT, Confidence, PlainValue, percent_text, show_value

MISSING_MARK: Final = "[NOT ON FILE: {}]"
_CITABLE: Final = (Confidence.STATED, Confidence.SECONDARY)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a paragraph; `is_missing` marks a fact that somebody must fill in."""

    text: str
    is_missing: bool = False


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One contact of the month in the ledger, in words."""

    service_date: date
    minutes: str
    counted: str
    why_excluded: str


@dataclass(frozen=True, slots=True)
class LetterDraft:
    """A letter ready to be read by a person, with what is missing and the rules it rests on."""

    letter_id: str
    title: str
    day: date
    sender: tuple[str, ...]
    addressee: tuple[str, ...]
    paragraphs: tuple[tuple[Piece, ...], ...]
    ledger: tuple[LedgerRow, ...]
    policy: tuple[str, ...]
    enclosures: tuple[str, ...]
    signer: str
    missing: tuple[str, ...]
    event: str
    language: str = "en"


def pieces(text: str, facts: Mapping[str, str]) -> tuple[Piece, ...]:
    """A template's text with the facts in their places; one that is not there (or empty) is marked as missing."""
    found: list[Piece] = []
    for literal, name, _, _ in Formatter().parse(" ".join(text.split())):
        if literal:
            found.append(Piece(literal))
        if name:
            fact = facts.get(name, "")
            found.append(Piece(fact) if fact else Piece(MISSING_MARK.format(name.replace("_", " ")), True))
    return tuple(found)


def missing_in(paragraphs: Iterable[Iterable[Piece]]) -> tuple[str, ...]:
    """What is marked as missing, each once."""
    return tuple(dict.fromkeys(piece.text for pieces in paragraphs for piece in pieces if piece.is_missing))


def cited_policy(policy: PackOn | None, rule_ids: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The rules as the payer's pack has them, cited; and those without a source that a letter may cite."""
    if policy is None:
        return (), tuple(f"the payer's {rule_id}" for rule_id in rule_ids)
    known: list[str] = []
    missing: list[str] = []
    for rule_id in rule_ids:
        value = policy.value(rule_id)
        label = policy.pack.rulebook.rule(rule_id).label
        if value.is_known and value.confidence in _CITABLE and value.source is not None:
            since = f"since {day_words(value.effective_from)}" if value.effective_from else ""
            where = f"{value.source.title}, {value.source.url}"
            shown = _shown(value.value, policy.pack.rulebook.rule(rule_id).unit)
            known.append(f"{label}: {shown} ({'; '.join(filter(None, (since, where)))})")
        else:
            missing.append(f"{label} ({rule_id}): no source that a letter may cite")
    return tuple(known), tuple(missing)


def _shown(value: PlainValue, unit: str) -> str:
    """A value of a rule in a letter: as the rule files write it, a percentage as people do."""
    if isinstance(value, int) and unit.startswith(HUNDREDTHS_OF_PERCENT):
        return percent_text(value, unit)
    return show_value(value)


def plain_text(draft: LetterDraft) -> Sequence[str]:
    """The letter's lines as plain text, for a preview."""
    body = ["".join(piece.text for piece in paragraph) for paragraph in draft.paragraphs]
    day = day_words(draft.day, draft.language)
    return [*draft.sender, "", day, "", *draft.addressee, "", draft.title, "", *body]
