"""Sending a claim again, and taking one back: the core's close for one patient's month, and its void, in the books.

What goes out is what the month's records support now; whether it goes as an original or as a replacement, or not at
all, the core decides from what came back. Both wait for the books' lock, so that nothing goes out twice.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from django.db import transaction

from cocm.basics.errors import UnusableInput
from cocm.basics.months import Month
from cocm.claims.submission import CORRECTION_RULE, SubmissionKind
from cocm.close.decide import MonthDecision, built_payer_id
from cocm.close.one_patient import decide_patient
from cocm.close.request import CloseRequest, PayerTotal
from cocm.close.run import close_month
from cocm.close.void import VoidRequest, void_claim
from cocm.close.worklist import Status
from cocm.intake.groups import PatientRows
from cocm.intake.problems import RowProblem, TalliedNote
from cocm.intake.reference import Reference
from cocm.rules import RuleValue
from cocm.server.access.actor import Actor
from cocm.server.access.permissions import Permission
from cocm.server.audit.trail import record
from cocm.server.audit.verbs import Verb
from cocm.server.books.port import practice_books
from cocm.server.practice_port import PracticePort
from cocm.server.registry.models import Patient
from cocm.server.rules_in_force import folders, rulebook
from cocm.server.work.services import work_recorded
from cocm.store.state import PracticeState, RecordedClaim

CORRECTION_TASK: Final = "correct_and_resend"
CHANGED_MEANWHILE: Final = (
    "the month's records changed since the page was opened: look again before it goes out"
)


@dataclass(frozen=True, slots=True)
class Again:
    """What the month supports now, and how it would go out. `decision` None: the month earns nothing any more."""

    decision: MonthDecision | None

    @property
    def digest(self) -> str:
        """The content that would go out; empty where nothing would."""
        return self.decision.claim_content_hash if self.may_go else ""  # type: ignore[union-attr]  # may_go says so

    @property
    def may_go(self) -> bool:
        return self.decision is not None and self.decision.status is Status.CLAIM

    @property
    def is_unchanged(self) -> bool:
        submission = self.decision.submission if self.decision is not None else None
        return submission is not None and submission.kind is SubmissionKind.UNCHANGED

    @property
    def is_replacement(self) -> bool:
        submission = self.decision.submission if self.decision is not None else None
        return submission is not None and submission.kind is SubmissionKind.REPLACEMENT


def look_again(*, actor: Actor, patient: Patient, claim: RecordedClaim, today: date) -> Again:
    """The claim's month decided as a close made now would, for the payer it went to."""
    with practice_books(actor) as books:
        return _decided(PracticePort(actor), books, patient, claim, today)


@transaction.atomic
def send_again(
    *, actor: Actor, patient: Patient, claim_id: str, digest: str, today: date
) -> PayerTotal | None:
    """Write the month's claim anew, as the core allows; None where there is nothing to send (any more).

    `digest` is the content that the person has seen. Raises `UnusableInput` where another would go out now.
    """
    actor.require(Permission.BILLING_EDIT)
    with practice_books(actor, to_write=True) as books, tempfile.TemporaryDirectory(prefix="cocm-") as folder:
        claim = claim_of(books, patient, claim_id)
        month = Month.from_index(claim.month_index)
        port = PracticePort(actor)
        again = _decided(port, books, patient, claim, today)
        if not again.may_go:
            return None
        if again.digest != digest:
            raise UnusableInput(CHANGED_MEANWHILE)
        request = CloseRequest(
            Path(folder) / "tables",
            month,
            Path(folder) / "out",
            today,
            None,
            payer_id=claim.payer_id,
            overlays=folders(),
            workers=1,
        )
        result = close_month(request, tables=_OnePatient(port, patient), state=books)
        written = [payer for payer in result.payers if payer.is_new]
        if not written:
            return None
        books.commit()
        _told(actor, patient, claim, written[0])
        _worked(actor, claim_id, written[0])
        return written[0]


@transaction.atomic
def take_back(
    *, actor: Actor, patient: Patient, claim_id: str, payer_number: str, reason: str, today: date
) -> PayerTotal:
    """Void a claim under the payer's number of it. Raises `UnusableInput` where that cannot be, or was done."""
    actor.require(Permission.BILLING_EDIT)
    if not payer_number.strip():
        raise UnusableInput("a void names the payer's own number of the claim")
    with practice_books(actor, to_write=True) as books, tempfile.TemporaryDirectory(prefix="cocm-") as folder:
        claim = claim_of(books, patient, claim_id)
        place = Path(folder)
        request = VoidRequest(place, claim_id, payer_number.strip(), place / "out", today, overlays=folders())
        written = void_claim(request, tables=PracticePort(actor), state=books)
        books.commit()
        _told(actor, patient, claim, written, reason)
        _worked(actor, claim_id, written)
        return written


def _worked(actor: Actor, claim_id: str, written: PayerTotal) -> None:
    """The staff minutes of a correction, until the person says how many it were."""
    work_recorded(
        actor=actor,
        task=CORRECTION_TASK,
        claim_id=claim_id,
        payer_id=written.payer_id,
        once_key=f"sent again:{written.control_number}",
    )


def correction_rule(*, actor: Actor, claim: RecordedClaim) -> RuleValue | None:
    """How the claim's payer takes corrections; None where the payer is no longer among ours."""
    payer = PracticePort(actor).reference.payers.get(claim.payer_id)
    if payer is None:
        return None
    day = Month.from_index(claim.month_index).last_day
    return rulebook().pack(payer.pack_id).on(day).value(CORRECTION_RULE)


def claim_of(books: PracticeState, patient: Patient, claim_id: str) -> RecordedClaim:
    """The patient's claim. Raises `UnusableInput` for another's, or one that was never sent."""
    claim = books.find_claim(claim_id)
    if claim is None or claim.patient_id != patient.patient_id:
        raise UnusableInput("the books have no such claim of this patient")
    return claim


def _decided(
    port: PracticePort, books: PracticeState, patient: Patient, claim: RecordedClaim, today: date
) -> Again:
    for rows in port.patient_groups([patient.pk]):
        decisions = decide_patient(
            rows,
            port.reference,
            rulebook(),
            books,
            month=Month.from_index(claim.month_index),
            as_of_date=today,
        )
        for decision in decisions:
            if built_payer_id(decision.case) == claim.payer_id:
                return Again(decision)
    return Again(None)


def _told(
    actor: Actor, patient: Patient, claim: RecordedClaim, written: PayerTotal, reason: str = ""
) -> None:
    record(
        actor,
        Verb.CORRECTED,
        object_type="claim",
        object_id=claim.claim_id,
        patient_id=patient.pk,
        reason=reason,
        details={"control_number": written.control_number},
    )


class _OnePatient:
    """The practice's tables with one patient in them."""

    def __init__(self, port: PracticePort, patient: Patient) -> None:
        self._port, self._patient = port, patient

    @property
    def reference(self) -> Reference:
        return self._port.reference

    @property
    def notes(self) -> tuple[TalliedNote, ...]:
        return self._port.notes

    @property
    def damaged_rows(self) -> tuple[RowProblem, ...]:
        return self._port.damaged_rows

    def patient_groups(self) -> Iterator[PatientRows]:
        return self._port.patient_groups([self._patient.pk])
