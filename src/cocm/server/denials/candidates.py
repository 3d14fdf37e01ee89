"""Candidate rules that denials speak for: tried by the core on all that was sent, accepted by a manager.

An accepted candidate becomes a term of the draft of the organization's own rules, where its effect is looked at once
more before it is put in force. Nothing changes by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from cocm.receivables.learn import TriedCandidate
from cocm.receivables.learn import candidates as tried_candidates
from cocm.receivables.practice_books import OpenBooks
from cocm.rules.values import Confidence, PlainValue, show_value
from cocm.server.access.actor import Actor
from cocm.server.access.permissions import Permission
from cocm.server.audit.trail import record
from cocm.server.audit.verbs import Verb
from cocm.server.books.port import stamp_of
from cocm.server.denials.models import CandidateDecision
from cocm.server.open_books import open_books_of
from cocm.server.records import OrganizationRows
from cocm.server.rulebook.terms import Term
from cocm.server.rulebook.versions import payer_choices, term_save
from cocm.server.rules_in_force import rulebook
from cocm.server.runs.background import background_start, last_done
from cocm.server.runs.kinds import Steps
from cocm.server.runs.models import BackgroundRun

SOURCE: str = "This practice's own remittances"


RUN_KIND: Final = "rule_candidates"
NAMED_MAX: Final = 200
"""Claims named by their ids in a candidate's back-test; how many there are is always told."""


@dataclass(frozen=True, slots=True)
class Offered:
    """A candidate with its back-test, what the rule says now and would say, and what was decided about it.

    `typed` is the value as somebody would type it among the organization's own terms.
    """

    candidate_id: str
    rule_id: str
    pack_id: str
    label: str
    was: str
    value: str
    typed: str
    effective_from: date
    claim_ids: tuple[str, ...]
    claims: int
    held: int
    held_denied: int
    held_paid: int
    freed: int
    held_paid_ids: tuple[str, ...]
    decision: CandidateDecision | None = None


@dataclass(frozen=True, slots=True)
class Tried:
    """What was tried last: the candidates, when, and whether books or rules have changed since. `on` None: never."""

    offered: tuple[Offered, ...] = ()
    on: datetime | None = None
    is_behind: bool = False


def try_start(*, actor: Actor) -> BackgroundRun:
    """Ask for candidates to be tried on everything sent, in the background."""
    actor.require(Permission.BILLING_VIEW)
    return background_start(actor=actor, kind=RUN_KIND)


def try_decide(actor: Actor, run: BackgroundRun, steps: Steps) -> dict[str, Any]:
    """Every candidate, the most denials first, tried on everything sent."""
    steps.at("Reading the claims and what was said of them", 0, 2)
    basis = _basis(actor)
    with open_books_of(actor, today=timezone.localdate()) as books:
        steps.at("Trying the candidates on everything sent", 1, 2)
        found = tried_candidates(books)
        return {"basis": basis, "candidates": [_as_plain(books, one) for one in found]}


def try_kept(actor: Actor, run: BackgroundRun, decided: dict[str, Any]) -> dict[str, Any]:
    """What is kept of a try, with its run."""
    return decided


def _basis(actor: Actor) -> list[str]:
    """What a try rests on: the books as they stand, and the rules."""
    return [stamp_of(actor) or "", rulebook().content_hash]


def _as_plain(books: OpenBooks, one: TriedCandidate) -> dict[str, Any]:
    rule, test = one.rule, one.back_test
    return {
        "candidate_id": rule.candidate_id,
        "rule_id": rule.rule_id,
        "pack_id": rule.pack_id,
        "label": books.rulebook.rule(rule.rule_id).label,
        "was": show_value(rule.was) if rule.was is not None else "not told",
        "value": show_value(rule.value),
        "typed": typed_text(rule.value),
        "effective_from": str(rule.effective_from),
        "claim_ids": list(rule.claim_ids),
        "claims": test.claims,
        "held": len(test.held),
        "held_denied": len(test.held_denied),
        "held_paid": len(test.held_paid),
        "freed": len(test.freed),
        "held_paid_ids": list(test.held_paid[:NAMED_MAX]),
    }


def tried(*, actor: Actor) -> Tried:
    """What the last try came to, with what was decided since."""
    run = last_done(actor=actor, kind=RUN_KIND)
    if run is None:
        return Tried()
    decided = {
        (one.candidate_id, one.value, one.effective_from): one
        for one in CandidateDecision.objects.of(actor).select_related("decided_by")
    }
    offered = []
    for plain in run.result["candidates"]:
        day = date.fromisoformat(plain["effective_from"])
        decision = decided.get((plain["candidate_id"], plain["value"][:300], day))
        given = {name: tuple(value) if isinstance(value, list) else value for name, value in plain.items()}
        offered.append(Offered(**given | {"effective_from": day, "decision": decision}))
    return Tried(tuple(offered), run.finished_at, run.result["basis"] != _basis(actor))


def decisions(*, actor: Actor) -> OrganizationRows:
    """What was decided about candidates, the last first."""
    return CandidateDecision.objects.of(actor).select_related("decided_by").order_by("-decided_at")


@transaction.atomic
def candidate_decide(
    *, actor: Actor, today: date, candidate_id: str, value: str, is_accepted: bool, reason: str = ""
) -> tuple[CandidateDecision, bool]:
    """Accept or decline a candidate as it was tried and shown (`value`); whether the decision is new.

    Accepted, it stands in the draft of the organization's own rules. Raises `ValidationError` where the candidate is
    another one by now, or no contract of the practice has its pack.
    """
    actor.require(Permission.RULES_EDIT)
    one = next((found for found in tried(actor=actor).offered if found.candidate_id == candidate_id), None)
    if one is None or one.value != value:
        raise ValidationError("the candidate is another one by now: look at it again")
    if one.decision is not None:
        return one.decision, False
    assert actor.user_id is not None
    decision, is_new = CandidateDecision.objects.get_or_create(
        organization_id=actor.organization_id,
        candidate_id=candidate_id,
        value=one.value[:300],
        effective_from=one.effective_from,
        defaults={
            "verdict": CandidateDecision.Verdict.ACCEPTED
            if is_accepted
            else CandidateDecision.Verdict.DECLINED,
            "reason": reason.strip(),
            "claims": one.claims,
            "held": one.held,
            "held_denied": one.held_denied,
            "held_paid": one.held_paid,
            "freed": one.freed,
            "decided_at": timezone.now(),
            "decided_by_id": actor.user_id,
        },
    )
    if not is_new:
        return decision, False
    if is_accepted:
        _into_draft(actor, one, today)
    record(
        actor,
        Verb.ADDED,
        object_type="rule candidate",
        object_id=decision.pk,
        details={
            "candidate": candidate_id,
            "verdict": str(decision.verdict),
            "held": one.held,
            "held_paid": one.held_paid,
        },
    )
    return decision, True


def _into_draft(actor: Actor, one: Offered, today: date) -> None:
    """Add the candidate's value to the draft, for every contract that is decided by its pack."""
    payers = [payer for payer in payer_choices(actor=actor) if one.pack_id in (payer.parent, payer.pack_id)]
    if not payers:
        raise ValidationError(f"no contract of the practice is decided by {one.pack_id}")
    for payer in payers:
        term = Term(
            payer.pack_id,
            one.rule_id,
            str(one.effective_from),
            one.typed,
            SOURCE,
            str(today),
            confidence=Confidence.SECONDARY.value,
            note=f"{len(one.claim_ids)} denied claims, accepted on {today}",
        )
        term_save(actor=actor, payer=payer, term=term)


def typed_text(value: PlainValue) -> str:
    """A value as somebody would type it among the organization's own terms."""
    if value is None:
        return "none"
    if isinstance(value, frozenset):
        return ", ".join(sorted(value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def back_test_words(one: Offered) -> Sequence[tuple[str, int, str]]:
    """The back-test in words: label, count, tone."""
    return (
        ("Claims tried", one.claims, ""),
        ("Would be held", one.held, ""),
        ("of them denied by the payer", one.held_denied, "success"),
        ("of them paid", one.held_paid, "danger" if one.held_paid else ""),
        ("Would no longer be held", one.freed, ""),
    )
