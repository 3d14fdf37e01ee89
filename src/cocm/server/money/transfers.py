"""A month's transfer statement: worked out by the core, approved by a named person, and kept as it was approved."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from cocm.basics.errors import CocmError
from cocm.basics.months import Month
from cocm.receivables.transfers import TransferStatement, transfer_statement
from cocm.remits.transfers import TransferLine, TransferModel
from cocm.server.access.actor import Actor
from cocm.server.access.permissions import Permission
from cocm.server.accounts.models import Organization, StaffMember, User
from cocm.server.audit.trail import record
from cocm.server.audit.verbs import Verb
from cocm.server.books.port import practice_books
from cocm.server.money.models import ConsultantAgreement, TransferApproval
from cocm.server.open_books import books_request
from cocm.server.records import OrganizationRows


@dataclass(frozen=True, slots=True)
class MonthTransfers:
    """A month's statement as it is today, with what was approved of it. `problem` says why there is none."""

    month: Month
    statement: TransferStatement | None
    approvals: tuple[TransferApproval, ...]
    names: Mapping[str, str]
    problem: str = ""

    @property
    def approval(self) -> TransferApproval | None:
        """The last approval."""
        return self.approvals[-1] if self.approvals else None

    @property
    def is_approved(self) -> bool:
        """Whether what stands today is what was approved last."""
        return (
            self.statement is not None
            and self.approval is not None
            and self.approval.digest == digest_of(self.month, self.statement.lines)
        )

    @property
    def difference_cents(self) -> int:
        """What came to be owed after the approval: the true-up."""
        if self.statement is None or self.approval is None:
            return 0
        return self.statement.total_cents - self.approval.total_cents

    @property
    def waits(self) -> bool:
        """Whether somebody is to approve it."""
        return self.statement is not None and bool(self.statement.lines) and not self.is_approved


def agreements(*, actor: Actor) -> OrganizationRows:
    """The agreements by id."""
    return ConsultantAgreement.objects.of(actor).select_related("consultant").order_by("agreement_id")


def month_transfers(*, actor: Actor, month: Month, today: date) -> MonthTransfers:
    """The month's statement under the agreements that hold on its last day."""
    approvals = tuple(TransferApproval.objects.of(actor).filter(month_index=month.index).order_by("version"))
    rows = list(agreements(actor=actor))
    names = {row.consultant.staff_id: row.consultant.full_name for row in rows}
    terms = [row.term for row in rows]
    if not any(term.holds_in(month) for term in terms):
        return MonthTransfers(month, None, approvals, names)
    try:
        with practice_books(actor) as state:
            made = transfer_statement(books_request(actor, state, today=today), month, terms)
    except CocmError as problem:
        return MonthTransfers(month, None, approvals, names, str(problem))
    return MonthTransfers(month, made, approvals, names)


def digest_of(month: Month, lines: Sequence[TransferLine]) -> str:
    """What an approval is of: SHA-256 of the month and its lines."""
    told = json.dumps([str(month), *[_told(line, {}) for line in lines]], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()


def _told(line: TransferLine, names: Mapping[str, str]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "agreement_id": line.agreement_id,
        "consultant_id": line.psychiatric_consultant_id,
        "model": str(line.model),
        "quantity": line.quantity,
        "rate": line.rate,
        "amount_cents": line.amount_cents,
    }
    if line.psychiatric_consultant_id in names:
        told["consultant"] = names[line.psychiatric_consultant_id]
    return told


def approved_statement(approval: TransferApproval) -> TransferStatement:
    """The statement as it was approved, for its journal."""
    lines = tuple(
        TransferLine(
            told["agreement_id"],
            told["consultant_id"],
            TransferModel(told["model"]),
            told["quantity"],
            told["rate"],
            told["amount_cents"],
        )
        for told in approval.lines
    )
    return TransferStatement(Month.from_index(approval.month_index), lines, {})


@transaction.atomic
def transfer_approve(
    *, actor: Actor, month: Month, today: date, digest: str, note: str = ""
) -> tuple[TransferApproval, bool]:
    """Approve the month's statement as it was shown (`digest`); the approval, and whether it is new.

    Approving what is approved changes nothing. Raises `ValidationError` where it is another statement
    by now, the month is not over, or the person is one of the consultants it pays.
    """
    actor.require(Permission.TRANSFERS_APPROVE)
    # two approvals at once wait for each other here
    Organization.objects.select_for_update(no_key=True).get(pk=actor.organization_id)
    stands = month_transfers(actor=actor, month=month, today=today)
    if stands.is_approved and stands.approval is not None and stands.approval.digest == digest:
        return stands.approval, False
    if stands.statement is None or digest != digest_of(month, stands.statement.lines):
        raise ValidationError("the statement is another one by now: look at it again")
    if today <= month.last_day:
        raise ValidationError(f"{month} is not over: approve it from {month.plus(1).first_day} on")
    paid = {line.psychiatric_consultant_id for line in stands.statement.lines}
    if StaffMember.objects.of(actor).filter(pk=actor.staff_member_id, staff_id__in=paid).exists():
        raise ValidationError("somebody else approves a statement that pays you")
    approval = TransferApproval(
        organization_id=actor.organization_id,
        month_index=month.index,
        version=len(stands.approvals) + 1,
        digest=digest,
        lines=[_told(line, stands.names) for line in stands.statement.lines],
        total_cents=stands.statement.total_cents,
        note=note.strip(),
        approver_name=User.objects.get(pk=actor.user_id).full_name,
        approved_by_id=actor.user_id,
        approved_at=timezone.now(),
    )
    approval.save(force_insert=True)
    record(
        actor,
        Verb.ADDED,
        object_type="transfer approval",
        object_id=approval.pk,
        details={"month": str(month), "version": approval.version},
    )
    return approval, True


@transaction.atomic
def agreement_save(*, actor: Actor, agreement: ConsultantAgreement) -> ConsultantAgreement:
    """Keep an agreement, new or changed. What was approved under it stays as it was approved."""
    actor.require(Permission.TRANSFERS_APPROVE)
    is_new = agreement._state.adding
    agreement.organization_id = actor.organization_id
    agreement.full_clean(exclude=("organization",))
    agreement.save()
    verb = Verb.ADDED if is_new else Verb.CHANGED
    record(actor, verb, object_type="agreement", object_id=agreement.pk)
    return agreement


def months_waiting(*, actor: Actor, today: date, months: int = 3) -> list[MonthTransfers]:
    """The last months that are over and whose statement nobody approved as it stands."""
    if not agreements(actor=actor).exists():
        return []
    last = Month.of(today).plus(-1)
    found = (month_transfers(actor=actor, month=last.plus(-back), today=today) for back in range(months))
    return [one for one in found if one.waits]
