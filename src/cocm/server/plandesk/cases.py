"""Providers' cases: opened, written on, closed. The log only grows; what is shared can be had as a letter's text."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils import timezone

from cocm.server.access.actor import Actor
from cocm.server.access.permissions import Permission
from cocm.server.audit.trail import record
from cocm.server.audit.verbs import Verb
from cocm.server.plandesk.models import CaseEntry, CaseState, EntryKind, ProviderCase


@transaction.atomic
def case_open(
    *,
    actor: Actor,
    provider_name: str,
    subject: str,
    text: str,
    billing_npi: str = "",
    claim_number: str = "",
    due_on: date | None = None,
) -> ProviderCase:
    """A provider's case, with what the provider says as its first entry."""
    actor.require(Permission.PLAN_CASES)
    last = ProviderCase.objects.of(actor).aggregate(last=Max("number"))["last"] or 0
    case = ProviderCase(
        organization_id=actor.organization_id,
        number=last + 1,
        provider_name=provider_name,
        billing_npi=billing_npi,
        subject=subject,
        claim_number=claim_number,
        due_on=due_on,
        opened_by_id=actor.user_id,
        opened_at=timezone.now(),
    )
    case.full_clean(exclude=("opened_by",))
    case.save(force_insert=True)
    record(actor, Verb.ADDED, object_type="provider_case", object_id=case.pk)
    _write(actor, case, EntryKind.RECEIVED, text, "", CaseState.OPEN, is_shared=True)
    return case


@transaction.atomic
def entry_add(
    *,
    actor: Actor,
    case: ProviderCase,
    kind: str,
    text: str,
    state: str,
    reason: str = "",
    is_shared: bool = False,
) -> CaseEntry:
    """One more entry; the case is then as it says."""
    actor.require(Permission.PLAN_CASES)
    case = ProviderCase.objects.of(actor).select_for_update().get(pk=case.pk)
    shared = is_shared or kind in (EntryKind.RECEIVED, EntryKind.SENT)
    entry = _write(actor, case, kind, text, reason, state, is_shared=shared)
    if case.state != state:
        case.state = state
        case.save(update_fields=("state",))
    return entry


def _write(
    actor: Actor, case: ProviderCase, kind: str, text: str, reason: str, state: str, *, is_shared: bool
) -> CaseEntry:
    entry = CaseEntry(
        organization_id=actor.organization_id,
        case=case,
        kind=kind,
        text=text,
        reason=reason,
        is_shared=is_shared,
        state_after=state,
        written_by_id=actor.user_id,
        written_at=timezone.now(),
    )
    entry.full_clean(exclude=("written_by",))
    entry.save(force_insert=True)
    details = {"kind": str(kind), "state": str(state)}
    record(actor, Verb.ADDED, object_type="case_entry", object_id=entry.pk, details=details)
    return entry


def cases(*, actor: Actor, state: str = "", query: str = "") -> QuerySet[Any]:
    """The cases, those that wait and are due first."""
    found = ProviderCase.objects.of(actor).select_related("opened_by")
    if state:
        found = found.filter(state=state)
    if query:
        from django.db.models import Q

        found = found.filter(
            Q(provider_name__icontains=query)
            | Q(subject__icontains=query)
            | Q(claim_number__icontains=query)
            | Q(billing_npi__icontains=query)
        )
    return found.order_by("state", "due_on", "-number")


def cases_about(*, actor: Actor, root: str) -> QuerySet[Any]:
    """The cases about a claim."""
    return ProviderCase.objects.of(actor).filter(claim_number__startswith=root).order_by("-number")


def case_or_none(*, actor: Actor, case_id: Any) -> ProviderCase | None:
    """A case of the plan."""
    return ProviderCase.objects.of(actor).filter(pk=case_id).first()


def log_of(*, actor: Actor, case: ProviderCase, shared_only: bool = False) -> list[CaseEntry]:
    """The entries of a case in their order."""
    found = (
        CaseEntry.objects.of(actor)
        .filter(case=case)
        .select_related("written_by")
        .order_by("written_at", "pk")
    )
    return list(found.filter(is_shared=True) if shared_only else found)
