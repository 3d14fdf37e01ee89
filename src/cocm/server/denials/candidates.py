"""Candidate rules that denials speak for: tried by the core on all that was sent, accepted by a manager.

An accepted candidate becomes a term of the draft of the organization's own rules, where its effect is looked at once
more before it is put in force. Nothing changes by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from cocm.receivables.learn import TriedCandidate
from cocm.receivables.learn import candidates as tried_candidates
from cocm.rules.values import Confidence, PlainValue, show_value
from cocm.server.access.actor import Actor
from cocm.server.access.permissions import Permission
from cocm.server.audit.trail import record
from cocm.server.audit.verbs import Verb
from cocm.server.denials.models import CandidateDecision
from cocm.server.open_books import open_books_of
from cocm.server.records import OrganizationRows
from cocm.server.rulebook.terms import Term
from cocm.server.rulebook.versions import payer_choices, term_save

SOURCE: str = "This practice's own remittances"


@dataclass(frozen=True, slots=True)
class Offered:
    """A candidate with its back-test, what the rule says now and would say, and what was decided about it."""

    tried: TriedCandidate
    label: str
    was: str
    value: str
    decision: CandidateDecision | None

    @property
    def candidate_id(self) -> str:
        return self.tried.rule.candidate_id


def offered(*, actor: Actor, today: date) -> list[Offered]:
    """Every candidate, the most denials first."""
    with open_books_of(actor, today=today) as books:
        found = tried_candidates(books)
        labels = {one.rule.rule_id: books.rulebook.rule(one.rule.rule_id).label for one in found}
    decided = {
        (one.candidate_id, one.value, one.effective_from): one
        for one in CandidateDecision.objects.of(actor).select_related("decided_by")
    }
    return [
        Offered(
            one,
            labels[one.rule.rule_id],
            show_value(one.rule.was) if one.rule.was is not None else "not told",
            show_value(one.rule.value),
            decided.get((one.rule.candidate_id, show_value(one.rule.value)[:300], one.rule.effective_from)),
        )
        for one in found
    ]


def decisions(*, actor: Actor) -> OrganizationRows:
    """What was decided about candidates, the last first."""
    return CandidateDecision.objects.of(actor).select_related("decided_by").order_by("-decided_at")


@transaction.atomic
def candidate_decide(
    *, actor: Actor, today: date, candidate_id: str, value: str, is_accepted: bool, reason: str = ""
) -> tuple[CandidateDecision, bool]:
    """Accept or decline a candidate as it was shown (`value`); whether the decision is new.

    Accepted, it stands in the draft of the organization's own rules. Raises `ValidationError` where the candidate is
    another one by now, or no contract of the practice has its pack.
    """
    actor.require(Permission.RULES_EDIT)
    one = next(
        (found for found in offered(actor=actor, today=today) if found.candidate_id == candidate_id), None
    )
    if one is None or one.value != value:
        raise ValidationError("the candidate is another one by now: look at it again")
    if one.decision is not None:
        return one.decision, False
    test = one.tried.back_test
    assert actor.user_id is not None
    decision, is_new = CandidateDecision.objects.get_or_create(
        organization_id=actor.organization_id,
        candidate_id=candidate_id,
        value=one.value[:300],
        effective_from=one.tried.rule.effective_from,
        defaults={
            "verdict": CandidateDecision.Verdict.ACCEPTED
            if is_accepted
            else CandidateDecision.Verdict.DECLINED,
            "reason": reason.strip(),
            "claims": test.claims,
            "held": len(test.held),
            "held_denied": len(test.held_denied),
            "held_paid": len(test.held_paid),
            "freed": len(test.freed),
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
            "held": len(test.held),
            "held_paid": len(test.held_paid),
        },
    )
    return decision, True


def _into_draft(actor: Actor, one: Offered, today: date) -> None:
    """Add the candidate's value to the draft, for every contract that is decided by its pack."""
    rule = one.tried.rule
    payers = [payer for payer in payer_choices(actor=actor) if rule.pack_id in (payer.parent, payer.pack_id)]
    if not payers:
        raise ValidationError(f"no contract of the practice is decided by {rule.pack_id}")
    for payer in payers:
        term = Term(
            payer.pack_id,
            rule.rule_id,
            str(rule.effective_from),
            typed_text(rule.value),
            SOURCE,
            str(today),
            confidence=Confidence.SECONDARY.value,
            note=f"{len(rule.claim_ids)} denied claims, accepted on {today}",
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
    test = one.tried.back_test
    labels: Mapping[str, tuple[int, str]] = {
        "Claims tried": (test.claims, ""),
        "Would be held": (len(test.held), ""),
        "of them denied by the payer": (len(test.held_denied), "success"),
        "of them paid": (len(test.held_paid), "danger" if test.held_paid else ""),
        "Would no longer be held": (len(test.freed), ""),
    }
    return [(label, count, tone) for label, (count, tone) in labels.items()]
