"""Drafts a letter from facts on file and cited policy. What is not on file is marked in the text, never invented."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from string import Formatter
from typing import Final

from cocm.basics.errors import UnusableInput
from cocm.receivables.letter_facts import LedgerRow, address_lines, ledger_rows, letter_facts
from cocm.receivables.month_case import month_cases
from cocm.receivables.practice_books import OpenBooks
from cocm.receivables.timelines import standings
from cocm.receivables.words import day_words
from cocm.rules import PackOn
from cocm.rules.letters import ADDRESSEES, LetterTemplate, letter_templates
from cocm.rules.values import Confidence, show_value

MISSING_MARK: Final = "[NOT ON FILE: {}]"
_CITABLE: Final = (Confidence.STATED, Confidence.SECONDARY)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a paragraph; `is_missing` marks a fact that somebody must fill in."""

    text: str
    is_missing: bool = False


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


def draft_letter(
    books: OpenBooks,
    claim_id: str,
    letter_id: str,
    *,
    language: str = "en",
    given: Mapping[str, str] | None = None,
) -> LetterDraft:
    """The letter of a template about a claim. `given` are facts that the writer adds (`correction=…`).

    A rule that the payer's pack does not know is left out of the cited policy and named among what is missing.
    Raises `UnusableInput` for a claim or letter that does not exist.
    """
    templates = letter_templates(books.rulebook)
    if letter_id not in templates:
        raise UnusableInput(f"--letter {letter_id}: no such letter; there are {', '.join(templates)}")
    template = templates[letter_id]
    standing = next(standings(books, claim_id), None)
    if standing is None:
        raise UnusableInput(f"--claim {claim_id}: the state has no such claim")
    paragraphs = template.paragraphs
    if language != "en":
        if not template.paragraphs_es:
            raise UnusableInput(f"--language {language}: the letter {letter_id} is in English only")
        paragraphs = template.paragraphs_es
    claim = standing.rows.claim
    month_case = month_cases(books, [claim]).get(claim.claim_id)
    facts = {**letter_facts(books, standing, month_case, language), **(given or {})}
    policy, unknown = _policy(month_case.policy if month_case is not None else None, template)
    pieces = tuple(_pieces(text, facts) for text in paragraphs)
    payer = books.reference.payers.get(claim.payer_id)
    practice = books.reference.practice
    to_patient = template.to == "patient"
    return LetterDraft(
        letter_id=letter_id,
        title=template.title,
        day=books.request.as_of_date,
        sender=address_lines(practice),
        addressee=(
            (facts.get("patient_name", ""),)
            if to_patient
            else (payer.name if payer is not None else claim.payer_id, ADDRESSEES[template.to])
        ),
        paragraphs=pieces,
        ledger=tuple(ledger_rows(month_case.proposal))
        if template.has_ledger and month_case is not None
        else (),
        policy=policy,
        enclosures=template.enclosures,
        signer=practice.contact_name,
        missing=tuple(
            dict.fromkeys([piece.text for paragraph in pieces for piece in paragraph if piece.is_missing])
        )
        + unknown,
        event=template.event,
    )


def _pieces(text: str, facts: Mapping[str, str]) -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    for literal, name, _, _ in Formatter().parse(" ".join(text.split())):
        if literal:
            pieces.append(Piece(literal))
        if name:
            fact = facts.get(name, "")
            pieces.append(Piece(fact) if fact else Piece(MISSING_MARK.format(name.replace("_", " ")), True))
    return tuple(pieces)


def _policy(policy: PackOn | None, template: LetterTemplate) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The rules as the payer's pack has them, cited; those nobody has established."""
    if policy is None:
        return (), tuple(f"the payer's {rule_id}" for rule_id in template.cites)
    known: list[str] = []
    missing: list[str] = []
    for rule_id in template.cites:
        value = policy.value(rule_id)
        label = policy.pack.rulebook.rule(rule_id).label
        if value.is_known and value.confidence in _CITABLE and value.source is not None:
            since = f"since {day_words(value.effective_from)}" if value.effective_from else ""
            where = f"{value.source.title}, {value.source.url}"
            known.append(f"{label}: {show_value(value.value)} ({'; '.join(filter(None, (since, where)))})")
        else:
            missing.append(f"{label} ({rule_id}): no source that a letter may cite")
    return tuple(known), tuple(missing)


def plain_text(draft: LetterDraft) -> Sequence[str]:
    """The letter's lines as plain text, for a preview."""
    body = ["".join(piece.text for piece in paragraph) for paragraph in draft.paragraphs]
    return [*draft.sender, "", day_words(draft.day), "", *draft.addressee, "", draft.title, "", *body]
