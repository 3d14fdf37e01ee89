"""The liaison's log: a case per matter with a plan, entries only ever added, contacts, promised days, outcome."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from cocm.server.access.actor import Actor
from cocm.server.access.permissions import Permission
from cocm.server.accounts.models import PayerProduct
from cocm.server.audit.trail import record
from cocm.server.audit.verbs import Verb
from cocm.server.chains import START_OF_CHAIN, Break, Link, chained_hash, first_break
from cocm.server.denials.models import EntryKind, LiaisonCase, LiaisonEntry, PlanContact
from cocm.server.records import OrganizationRows
from cocm.server.work.services import work_recorded

CALL_TASK = "call_about_route"
ESCALATE_TASK = "escalate_misroute"


@dataclass(frozen=True, slots=True)
class CaseLog:
    """A case with its entries in order."""

    case: LiaisonCase
    entries: tuple[LiaisonEntry, ...]

    @property
    def is_closed(self) -> bool:
        """Whether an outcome is the last word."""
        last = [one for one in self.entries if one.kind in (EntryKind.OUTCOME, EntryKind.REOPENED)]
        return bool(last) and last[-1].kind == EntryKind.OUTCOME

    @property
    def promise(self) -> LiaisonEntry | None:
        """The promise that is open: the last one that nothing was said of since."""
        open_one: LiaisonEntry | None = None
        for one in self.entries:
            if one.kind in (EntryKind.PROMISE_KEPT, EntryKind.PROMISE_BROKEN, EntryKind.OUTCOME):
                open_one = None
            if one.promised_on is not None:
                open_one = one
        return open_one

    @property
    def outcome(self) -> str:
        """How it ended; empty while it is open."""
        return self.entries[-1].said if self.is_closed else ""

    @property
    def claim_ids(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one.claim_id for one in self.entries if one.claim_id))


def cases(*, actor: Actor) -> list[CaseLog]:
    """Every case, open ones first: those with a promised day by it, then the others, the last opened first."""
    entries: dict[UUID, list[LiaisonEntry]] = {}
    rows = LiaisonEntry.objects.of(actor).select_related("contact", "recorded_by").order_by("number")
    for one in rows:
        entries.setdefault(one.case_id, []).append(one)
    found = [
        CaseLog(case, tuple(entries.get(case.pk, ())))
        for case in LiaisonCase.objects.of(actor).select_related("payer", "opened_by").order_by("-opened_on")
    ]
    return sorted(found, key=_order)


def _order(one: CaseLog) -> tuple[bool, date]:
    promise = one.promise
    day = promise.promised_on if promise is not None and promise.promised_on is not None else date.max
    return (one.is_closed, day)


def case_log(*, actor: Actor, case_id: UUID) -> CaseLog | None:
    """One case; None where there is none of that id."""
    case = LiaisonCase.objects.of(actor).select_related("payer", "opened_by").filter(pk=case_id).first()
    if case is None:
        return None
    rows = LiaisonEntry.objects.of(actor).filter(case=case).select_related("contact", "recorded_by")
    return CaseLog(case, tuple(rows.order_by("number")))


def broken_entry(log: CaseLog) -> Break | None:
    """Where a case's log was tampered with first; None for a sound one."""
    found = first_break(
        Link(one.number, one.content(), one.previous_hash, one.row_hash) for one in log.entries
    )
    if found is None and len(log.entries) != log.case.last_number:
        return Break(len(log.entries) + 1, f"row {len(log.entries) + 1} is missing")
    return found


def contacts(*, actor: Actor) -> OrganizationRows:
    """Who helps at which plan, by plan and name."""
    found = PlanContact.objects.of(actor).select_related("payer")
    return found.order_by("payer__name", "-is_active", "name")


@transaction.atomic
def case_open(
    *,
    actor: Actor,
    payer: PayerProduct,
    title: str,
    happened_on: date,
    once_key: str,
    **entry: object,
) -> LiaisonCase:
    """Open a case with its first entry; the same form again gives the case there is."""
    actor.require(Permission.BILLING_EDIT)
    known = LiaisonCase.objects.of(actor).filter(once_key=once_key).first()
    if known is not None:
        return known
    assert actor.user_id is not None
    case = LiaisonCase(
        organization_id=actor.organization_id,
        payer=payer,
        title=title.strip(),
        opened_on=happened_on,
        opened_by_id=actor.user_id,
        last_hash=START_OF_CHAIN,
        once_key=once_key,
    )
    case.full_clean(exclude=("organization", "payer", "opened_by"))
    case.save(force_insert=True)
    record(actor, Verb.ADDED, object_type="liaison case", object_id=case.pk)
    entry_add(actor=actor, case_id=case.pk, happened_on=happened_on, once_key=once_key, **entry)
    return case


@transaction.atomic
def entry_add(
    *,
    actor: Actor,
    case_id: UUID,
    happened_on: date,
    kind: str,
    said: str,
    once_key: str,
    contact: PlanContact | None = None,
    promised_on: date | None = None,
    claim_id: str = "",
    reference: str = "",
    work_minutes: int | None = None,
) -> tuple[LiaisonEntry, bool]:
    """Add an entry to a case, never to be changed; the same form again gives the entry there is.

    Raises `ValidationError` for an entry after the outcome (open the case again first), or a promise before its day.
    """
    actor.require(Permission.BILLING_EDIT)
    case = LiaisonCase.objects.of(actor).select_for_update().get(pk=case_id)
    known = LiaisonEntry.objects.of(actor).filter(case=case, once_key=once_key).first()
    if known is not None:
        return known, False
    log = case_log(actor=actor, case_id=case_id)
    if log is not None and log.is_closed and kind != EntryKind.REOPENED:
        raise ValidationError("the case is closed: open it again first")
    if promised_on is not None and promised_on < happened_on:
        raise ValidationError({"promised_on": "the day promised lies before the promise"})
    if contact is not None and contact.payer_id != case.payer_id:
        raise ValidationError({"contact": "this person is another plan's"})
    assert actor.user_id is not None
    entry = LiaisonEntry(
        organization_id=actor.organization_id,
        case=case,
        number=case.last_number + 1,
        happened_on=happened_on,
        kind=kind,
        contact=contact,
        said=said.strip(),
        promised_on=promised_on,
        claim_id=claim_id,
        reference=reference.strip(),
        once_key=once_key,
        recorded_at=timezone.now(),
        recorded_by_id=actor.user_id,
        previous_hash=case.last_hash,
    )
    entry.full_clean(exclude=("organization", "case", "contact", "recorded_by", "row_hash"))
    entry.row_hash = chained_hash(case.last_hash, entry.content())
    entry.save(force_insert=True)
    case.last_number, case.last_hash = entry.number, entry.row_hash
    case.save(update_fields=("last_number", "last_hash"))
    record(
        actor, Verb.ADDED, object_type="liaison entry", object_id=entry.pk, details={"number": entry.number}
    )
    task = CALL_TASK if kind in (EntryKind.CALL, EntryKind.MEETING, EntryKind.MESSAGE) else ESCALATE_TASK
    if kind in (EntryKind.CALL, EntryKind.MEETING, EntryKind.MESSAGE, EntryKind.LETTER) or work_minutes:
        work_recorded(
            actor=actor,
            task=task,
            minutes=work_minutes,
            claim_id=claim_id,
            subject="liaison case",
            subject_id=str(case.pk),
            payer_id=case.payer.payer_id,
            once_key=f"liaison:{entry.pk}",
        )
    return entry, True


@transaction.atomic
def contact_save(*, actor: Actor, contact: PlanContact) -> PlanContact:
    """Keep a contact at a plan, new or changed."""
    actor.require(Permission.BILLING_EDIT)
    is_new = contact._state.adding
    contact.organization_id = actor.organization_id
    contact.full_clean(exclude=("organization",))
    contact.save()
    record(actor, Verb.ADDED if is_new else Verb.CHANGED, object_type="plan contact", object_id=contact.pk)
    return contact
