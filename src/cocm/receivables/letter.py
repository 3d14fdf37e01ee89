"""Drafts a letter from facts on file and cited policy. What is not on file is marked in the text, never invented."""

from __future__ import annotations

from collections.abc import Mapping

from cocm.basics.errors import UnusableInput
from cocm.letters.sheet import LetterDraft, cited_policy, missing_in, pieces
from cocm.receivables.letter_facts import address_lines, ledger_rows, letter_facts
from cocm.receivables.month_case import month_cases
from cocm.receivables.practice_books import OpenBooks
from cocm.receivables.timelines import standings
from cocm.rules.letters import ADDRESSEES, letter_templates


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
    policy, unknown = cited_policy(month_case.policy if month_case is not None else None, template.cites)
    written = tuple(pieces(text, facts) for text in paragraphs)
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
        paragraphs=written,
        ledger=tuple(ledger_rows(month_case.proposal))
        if template.has_ledger and month_case is not None
        else (),
        policy=policy,
        enclosures=template.enclosures,
        signer=practice.contact_name,
        missing=(*missing_in(written), *unknown),
        event=template.event,
        language=language,
    )
