"""Letters about a claim: drafted by the core from what is on file, completed by a person, kept as they went out."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db import transaction
from django.utils import timezone

from cocm.basics.errors import UnusableInput
from cocm.claims.lifecycle import ClaimEventKind
from cocm.letters.sheet import MISSING_MARK, LetterDraft
from cocm.receivables.letter import draft_letter
from cocm.receivables.record import record_event
from cocm.rules.letters import letter_templates
from cocm.server.access.actor import Actor
from cocm.server.access.permissions import Permission
from cocm.server.audit.trail import record
from cocm.server.audit.verbs import Verb
from cocm.server.denials.models import Sending, SendingDraft
from cocm.server.money.services import claim_of_patient, name_of
from cocm.server.open_books import open_books_of
from cocm.server.registry.models import Patient
from cocm.server.rules_in_force import rulebook
from cocm.server.work.services import work_recorded

APPEAL_TASK: Final = "write_appeal"
OTHER_TASKS: Final = {"escalated": "escalate_misroute", "appealed": APPEAL_TASK}
"""The task of the table of work by what a letter is on the timeline; any other letter is a correction."""
CORRECTION_TASK: Final = "correct_and_resend"
DOCX, PDF = "docx", "pdf"


@dataclass(frozen=True, slots=True)
class DraftedLetter:
    """A letter as it stands, the facts that a person has to give, and those given so far."""

    draft: LetterDraft
    to_fill_in: tuple[str, ...]
    given: Mapping[str, str]
    has_spanish: bool
    appeals: int


def letter_task(letter_id: str) -> str:
    """What the table of work calls writing this letter."""
    template = letter_templates(rulebook()).get(letter_id)
    return OTHER_TASKS.get(template.event if template is not None else "", CORRECTION_TASK)


def given_facts(*, actor: Actor, claim_id: str, letter_id: str) -> tuple[dict[str, str], str]:
    """What somebody typed into a letter so far, and its language."""
    draft = SendingDraft.objects.of(actor).filter(claim_id=claim_id, name=letter_id).first()
    if draft is None:
        return {}, "en"
    return dict(draft.typed.get("given", {})), str(draft.typed.get("language", "en"))


def drafted_letter(
    *, actor: Actor, today: date, patient: Patient, claim_id: str, letter_id: str
) -> DraftedLetter:
    """The letter from what is on file and what was typed. Raises `UnusableInput` for an unknown letter or claim."""
    given, language = given_facts(actor=actor, claim_id=claim_id, letter_id=letter_id)
    template = letter_templates(rulebook()).get(letter_id)
    if template is None:
        raise UnusableInput(f"no letter {letter_id}")
    if not template.paragraphs_es:
        language = "en"
    with open_books_of(actor, today=today) as books:
        standing = claim_of_patient(books, claim_id, patient)
        bare = draft_letter(books, claim_id, letter_id, language=language)
        draft = draft_letter(books, claim_id, letter_id, language=language, given=given) if given else bare
        appeals = sum(entry.event.kind is ClaimEventKind.APPEALED for entry in standing.timeline.entries)
    names = tuple(
        name for name in sorted(template.facts) if MISSING_MARK.format(name.replace("_", " ")) in bare.missing
    )
    return DraftedLetter(draft, names, given, bool(template.paragraphs_es), appeals)


@transaction.atomic
def letter_keep(
    *, actor: Actor, patient: Patient, claim_id: str, letter_id: str, given: Mapping[str, str], language: str
) -> None:
    """Keep what was typed into a letter."""
    actor.require(Permission.BILLING_EDIT)
    if letter_id not in letter_templates(rulebook()):
        raise UnusableInput(f"no letter {letter_id}")
    SendingDraft.objects.update_or_create(
        organization_id=actor.organization_id,
        claim_id=claim_id,
        name=letter_id,
        defaults={
            "patient": patient,
            "typed": {"given": {name: text for name, text in given.items() if text}, "language": language},
            "saved_at": timezone.now(),
            "saved_by_id": actor.user_id,
        },
    )
    record(
        actor,
        Verb.CHANGED,
        object_type="letter draft",
        object_id=f"{claim_id}:{letter_id}"[:60],
        patient_id=patient.pk,
    )


def letter_bytes(
    *, actor: Actor, today: date, patient: Patient, claim_id: str, letter_id: str, kind: str
) -> bytes:
    """The letter as a file."""
    actor.require(Permission.BILLING_VIEW)
    drafted = drafted_letter(
        actor=actor, today=today, patient=patient, claim_id=claim_id, letter_id=letter_id
    )
    record(
        actor,
        Verb.EXPORTED,
        object_type="letter",
        object_id=claim_id,
        patient_id=patient.pk,
        details={"letter": letter_id, "format": kind},
    )
    return _file(drafted.draft, kind)


def _file(draft: LetterDraft, kind: str) -> bytes:
    from cocm.letters.files import letter_docx, letter_pdf  # they load the writers of documents

    return letter_docx(draft) if kind == DOCX else letter_pdf(draft)


@transaction.atomic
def letter_send(
    *,
    actor: Actor,
    patient: Patient,
    claim_id: str,
    letter_id: str,
    way: str,
    sent_on: date,
    reference: str,
    confirmation: str,
    once_key: str,
    work_minutes: int | None = None,
) -> tuple[Sending, bool]:
    """Record that the letter went out as it stands: on the claim's timeline, with its bytes; whether it is new.

    An appeal has the level that it is of. The same form again sends nothing.
    """
    actor.require(Permission.BILLING_EDIT)
    given, language = given_facts(actor=actor, claim_id=claim_id, letter_id=letter_id)
    with open_books_of(actor, today=sent_on, to_write=True) as books:
        known = (
            Sending.objects.of(actor).filter(once_key=once_key).first()
        )  # the books' lock keeps others waiting
        if known is not None:
            return known, False
        standing = claim_of_patient(books, claim_id, patient)
        if sent_on < standing.rows.charges[0].day:
            raise UnusableInput(f"--on {sent_on}: is before the claim went out; look at the year")
        draft = draft_letter(books, claim_id, letter_id, language=language, given=given)
        level = 0
        if draft.event:
            kind = ClaimEventKind(draft.event)
            before = sum(entry.event.kind is ClaimEventKind.APPEALED for entry in standing.timeline.entries)
            level = before + 1 if kind is ClaimEventKind.APPEALED else 0
            record_event(books, claim_id, kind, sent_on, name_of(actor), letter_id)
    content = _file(draft, PDF)
    assert actor.user_id is not None
    sending = Sending(
        organization_id=actor.organization_id,
        claim_id=claim_id,
        patient=patient,
        kind=Sending.Kind.LETTER,
        name=letter_id,
        title=draft.title[:120],
        way=way,
        reference=reference,
        confirmation=confirmation,
        level=level,
        sent_on=sent_on,
        content=zlib.compress(content),
        ending=PDF,
        sha256=hashlib.sha256(content).hexdigest(),
        sent_by_id=actor.user_id,
        recorded_at=timezone.now(),
        once_key=once_key,
    )
    sending.full_clean(exclude=("organization", "patient", "sent_by"))
    sending.save(force_insert=True)
    SendingDraft.objects.of(actor).filter(claim_id=claim_id, name=letter_id).delete()
    record(
        actor,
        Verb.EXPORTED,
        object_type="letter sent",
        object_id=sending.pk,
        patient_id=patient.pk,
        details={"letter": letter_id, "way": way},
    )
    work_recorded(
        actor=actor,
        task=letter_task(letter_id),
        minutes=work_minutes,
        claim_id=claim_id,
        once_key=f"letter:{once_key}",
    )
    return sending, True
