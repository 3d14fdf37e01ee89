"""What people do about money: shares, payments, refunds, matches. The core keeps it in the books."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from cocm.basics.errors import UnusableInput
from cocm.claims.lifecycle import ClaimEventKind
from cocm.receivables.post import match_by_person, match_certain
from cocm.receivables.practice_books import OpenBooks
from cocm.receivables.record import record_event
from cocm.receivables.self_audit import SelfAudit, self_audit
from cocm.receivables.settle import Settlement, settle
from cocm.receivables.timelines import ClaimStanding, standings
from cocm.remits.account import ActionKind, Balance
from cocm.server.access.actor import Actor
from cocm.server.access.permissions import Permission
from cocm.server.accounts.models import User
from cocm.server.audit.trail import record
from cocm.server.audit.verbs import Verb
from cocm.server.money.models import PatientStatement
from cocm.server.money.selectors import account_of_patient
from cocm.server.open_books import open_books_of
from cocm.server.registry.models import Patient
from cocm.server.work.services import work_recorded

_OPTION: Final = re.compile(r"^--[a-z-]+(?: and --[a-z-]+)?(?: [^:]{1,40})?: ")
RECONCILE_TASK: Final = "post_by_hand"
"""What the table of work calls reconciling a payment or an account."""


def plain_words(problem: Exception) -> str:
    """A refusal of the core without the name of the command's option that it begins with."""
    text = _OPTION.sub("", str(problem))
    return text[:1].upper() + text[1:]


def name_of(actor: Actor) -> str:
    """The acting person by name, as the books keep it."""
    return "the site" if actor.user_id is None else User.objects.get(pk=actor.user_id).full_name


def claim_of_patient(books: OpenBooks, claim_id: str, patient: Patient) -> ClaimStanding:
    """Where a patient's claim stands. Raises `UnusableInput` for a claim that is not this patient's."""
    found = next(standings(books, claim_id), None)
    if found is None or found.rows.claim.patient_id != patient.patient_id:
        raise UnusableInput(f"{claim_id} is no claim of this patient")
    return found


@transaction.atomic
def money_settle(
    *,
    actor: Actor,
    patient: Patient,
    claim_id: str,
    kind: ActionKind,
    amount_cents: int,
    day: date,
    reason: str,
    work_minutes: int | None = None,
) -> Balance:
    """Record what a person decided about an account, or what a patient paid or got back; the balance afterwards.

    The same action again (same day, amount, person and reason) changes nothing. Raises `UnusableInput` for more than
    there is to settle.
    """
    actor.require(Permission.BILLING_EDIT)
    with open_books_of(actor, today=timezone.localdate(), to_write=True) as books:
        claim_of_patient(books, claim_id, patient)
        settlement = Settlement(claim_id, kind, amount_cents, day, name_of(actor), reason.strip())
        balance = settle(books.request, settlement)
    record(
        actor,
        Verb.ADDED,
        object_type="settlement",
        object_id=claim_id,
        patient_id=patient.pk,
        details={"kind": str(kind), "cents": amount_cents},
    )
    work_recorded(
        actor=actor,
        task=RECONCILE_TASK,
        minutes=work_minutes,
        claim_id=claim_id,
        once_key=f"settle:{claim_id}:{kind}:{day}:{amount_cents}:{actor.user_id}"[:120],
    )
    return balance


@transaction.atomic
def decision_matched(
    *, actor: Actor, decision_id: str, claim_id: str, work_minutes: int | None = None
) -> int:
    """Say which claim an unmatched decision belongs to; how many decisions still wait.

    Raises `UnusableInput` for a claim that is not on file, or a decision that waits no longer.
    """
    actor.require(Permission.BILLING_EDIT)
    with open_books_of(actor, today=timezone.localdate(), to_write=True) as books:
        if decision_id not in {row[0] for row in books.remittances.unmatched()}:
            raise UnusableInput("this decision is matched already")
        if not books.remittances.claims_known([claim_id]):
            raise UnusableInput(f"{claim_id} is no claim of these books")
        match_by_person(books, decision_id, claim_id, name_of(actor))
        match_certain(books)
        left = sum(1 for _ in books.remittances.unmatched())
        books.state.commit()
    record(
        actor,
        Verb.ADDED,
        object_type="match",
        object_id=claim_id,
        details={"decision": decision_id},
    )
    work_recorded(
        actor=actor,
        task=RECONCILE_TASK,
        minutes=work_minutes,
        claim_id=claim_id,
        once_key=f"match:{decision_id}",
    )
    return left


@transaction.atomic
def overpayment_returned(
    *,
    actor: Actor,
    patient: Patient,
    claim_id: str,
    day: date,
    note: str,
    work_minutes: int | None = None,
) -> None:
    """Record that an overpayment went back; its clock stops. Raises `UnusableInput` where none is open."""
    actor.require(Permission.BILLING_EDIT)
    with open_books_of(actor, today=timezone.localdate(), to_write=True) as books:
        standing = claim_of_patient(books, claim_id, patient)
        if standing.timeline.open_overpayment is None:
            raise UnusableInput(f"no overpayment of {claim_id} is open")
        record_event(books, claim_id, ClaimEventKind.OVERPAYMENT_RETURNED, day, name_of(actor), note)
    record(actor, Verb.ADDED, object_type="overpayment returned", object_id=claim_id, patient_id=patient.pk)
    work_recorded(
        actor=actor,
        task=RECONCILE_TASK,
        minutes=work_minutes,
        claim_id=claim_id,
        once_key=f"returned:{claim_id}:{day}",
    )


@transaction.atomic
def paid_months_scored(*, actor: Actor, today: date) -> SelfAudit:
    """Score a sample of paid months again against their records; what was paid above them opens refund cases.

    The sample is drawn by the day: the same day draws the same months.
    """
    actor.require(Permission.BILLING_EDIT)
    with open_books_of(actor, today=today, to_write=True) as books:
        audit = self_audit(books, today.toordinal())
        books.state.commit()
    opened = sum(one.refund is not None and not one.refund.is_known for one in audit.audited)
    record(
        actor,
        Verb.ADDED,
        object_type="self audit",
        object_id=audit.seed,
        details={"months": len(audit.audited), "refund_cases": opened},
    )
    return audit


@transaction.atomic
def statement_given(
    *, actor: Actor, patient: Patient, given_on: date, way: str
) -> tuple[PatientStatement, bool]:
    """Record that the patient was given the statement as it stands; whether it is new.

    Raises `ValidationError` while a share is in dispute, or where nothing is owed.
    """
    actor.require(Permission.BILLING_EDIT)
    account = account_of_patient(actor=actor, today=timezone.localdate(), patient=patient)
    if not account.is_ready:
        raise ValidationError(
            "held while a share is in dispute" if account.is_held else "the patient owes nothing"
        )
    known = PatientStatement.objects.of(actor).filter(
        patient=patient, given_on=given_on, amount_cents=account.owes_cents, way=way
    )
    if (found := known.first()) is not None:
        return found, False
    statement = PatientStatement(
        organization_id=actor.organization_id,
        patient=patient,
        amount_cents=account.owes_cents,
        lines=[
            {
                "claim_id": one.rows.claim.claim_id,
                "owes_cents": one.account.balance.patient_owes_cents,
            }
            for one in account.standings
            if one.account.balance.patient_owes_cents
        ],
        given_on=given_on,
        way=way,
        given_by_id=actor.user_id,
        recorded_at=timezone.now(),
    )
    statement.full_clean(exclude=("organization", "patient", "given_by"))
    try:
        with transaction.atomic():
            statement.save(force_insert=True)
    except IntegrityError:  # somebody else's click came first
        return known.get(), False
    record(actor, Verb.ADDED, object_type="statement", object_id=statement.pk, patient_id=patient.pk)
    return statement, True
