"""Versions of an organization's own rules: the draft that is written, what it would turn, and putting it in force.

What was in force once is never changed; a new version takes its place, and the former ones stay with who and when.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from cocm.basics.errors import UnusableInput
from cocm.basics.months import Month
from cocm.impact.practice import months_of_tables
from cocm.impact.revision import Revision
from cocm.impact.turned import Comparison
from cocm.rules import Rulebook
from cocm.server.access.actor import Actor, entered
from cocm.server.access.permissions import Permission
from cocm.server.accounts.models import PayerProduct
from cocm.server.audit.trail import record
from cocm.server.audit.verbs import Verb
from cocm.server.practice_port import PracticePort
from cocm.server.rulebook.models import OwnRules, VersionState
from cocm.server.rulebook.terms import Contract, Fault, OwnCase, Term, Terms, own_pack_id
from cocm.server.rules_in_force import site_folders, site_rulebook
from cocm.server.runs.background import background_start
from cocm.server.runs.kinds import Steps
from cocm.server.runs.models import BackgroundRun

MONTHS_MAX: Final = 6
TURNED_KEPT_MAX: Final = 200
RUN_KIND: Final = "rules_preview"
MAY_BE_EMPTY: Final = ("content", "made_by", "put_in_force_by", "put_in_force_at", "ended_at")


@dataclass(frozen=True, slots=True)
class PayerChoice:
    """A payer product that a term can be of: `parent` is the pack of the rulebook that it is over."""

    payer_id: str
    name: str
    parent: str
    pack_id: str


def content_in_force(organization_id: UUID | str) -> str | None:
    """The rules in force of an organization as JSON; None where it has none."""
    found = OwnRules.objects.filter(organization_id=organization_id, state=VersionState.IN_FORCE)
    for content in found.values_list("content", flat=True)[:1]:  # one at most; asked at each request
        return json.dumps(content, sort_keys=True, ensure_ascii=False)
    return None


def in_force(*, actor: Actor) -> OwnRules | None:
    """The version in force."""
    return OwnRules.objects.of(actor).filter(state=VersionState.IN_FORCE).first()


def draft_of(*, actor: Actor) -> OwnRules | None:
    """The draft."""
    return OwnRules.objects.of(actor).filter(state=VersionState.DRAFT).first()


def versions(*, actor: Actor) -> list[OwnRules]:
    """Every version, newest first."""
    found = OwnRules.objects.of(actor).select_related("made_by", "put_in_force_by").order_by("-number")
    return list(found)


def terms_of(version: OwnRules | None) -> Terms:
    """A version's terms; none of none."""
    return Terms() if version is None else Terms.from_plain(version.content)


def payer_choices(*, actor: Actor) -> list[PayerChoice]:
    """The organization's payer products with the packs that their contracts are over."""
    parents = {contract.payer_id: contract.parent for contract in terms_of(in_force(actor=actor)).contracts}
    return [
        PayerChoice(
            payer.payer_id,
            payer.name,
            parents.get(payer.payer_id, payer.pack_id),
            own_pack_id(payer.payer_id),
        )
        for payer in PayerProduct.objects.of(actor).order_by("name")
    ]


@transaction.atomic
def draft_change(*, actor: Actor, terms: Terms) -> OwnRules:
    """Keep terms as the draft, a new one where there is none."""
    actor.require(Permission.RULES_EDIT)
    draft = OwnRules.objects.of(actor).select_for_update().filter(state=VersionState.DRAFT).first()
    verb = Verb.CHANGED
    if draft is None:
        last = OwnRules.objects.of(actor).aggregate(last=Max("number"))["last"] or 0
        draft = OwnRules(organization_id=actor.organization_id, number=last + 1, made_at=timezone.now())
        verb = Verb.ADDED
    draft.made_by_id = actor.user_id
    draft.made_at = timezone.now()
    draft.content = terms.as_plain()
    draft.full_clean(exclude=MAY_BE_EMPTY)
    draft.save()
    record(actor, verb, object_type="own_rules", object_id=draft.pk, details={"terms": len(terms.terms)})
    return draft


def draft_terms(*, actor: Actor) -> Terms:
    """What is written on: the draft, or a copy of what is in force."""
    return terms_of(draft_of(actor=actor) or in_force(actor=actor))


@transaction.atomic
def term_save(*, actor: Actor, payer: PayerChoice, term: Term, instead_of: str = "") -> OwnRules:
    """Write a term into the draft. Raises `ValidationError` with what the rulebook's checker says of it."""
    actor.require(Permission.RULES_EDIT)
    contract = Contract(payer.payer_id, payer.pack_id, payer.parent, f"Contract with {payer.name}")
    terms = draft_terms(actor=actor).with_term(contract, term, instead_of)
    wrong = [
        fault.text
        for fault in faults_of(terms)
        if fault.is_blocking
        and (fault.pack_id, fault.rule_id) == (term.pack_id, term.rule_id)
        and not fault.text.startswith("case ")
    ]
    if wrong:
        raise ValidationError(wrong)
    return draft_change(actor=actor, terms=terms)


@lru_cache(maxsize=64)
def faults_of(terms: Terms) -> tuple[Fault, ...]:
    """What the rulebook's checker says of terms; the same terms are checked once a process."""
    with tempfile.TemporaryDirectory(prefix="cocm-own-rules-") as name:
        return terms.faults(site_folders(), Path(name) / "own")


@transaction.atomic
def draft_discard(*, actor: Actor) -> None:
    """Throw the draft away."""
    actor.require(Permission.RULES_EDIT)
    draft = OwnRules.objects.of(actor).select_for_update().filter(state=VersionState.DRAFT).first()
    if draft is not None:
        record(actor, Verb.REMOVED, object_type="own_rules", object_id=draft.pk)
        draft.delete()


def preview_start(*, actor: Actor, first: Month, last: Month) -> BackgroundRun:
    """Ask what the draft would turn in months of the organization's own history; it is worked out in the background.

    Raises `ValidationError` where there is no draft, the months are too many, or the draft is not sound.
    """
    actor.require(Permission.RULES_EDIT)
    draft = draft_of(actor=actor)
    if draft is None:
        raise ValidationError("there is no draft")
    if not 0 <= last.index - first.index < MONTHS_MAX:
        raise ValidationError(f"from one month up to {MONTHS_MAX}, the first before the last")
    wrong = [fault.text for fault in faults_of(terms_of(draft)) if fault.is_blocking]
    if wrong:
        raise ValidationError(wrong)
    return background_start(actor=actor, kind=RUN_KIND, asked={"first": str(first), "last": str(last)})


def preview_decide(actor: Actor, run: BackgroundRun, steps: Steps) -> tuple[str, dict[str, Any]]:
    """Decide the months by what is in force and by the draft: the draft's hash, and what turns."""
    draft = draft_of(actor=actor)
    if draft is None:
        raise UnusableInput("the draft is gone; there is nothing to look at")
    first, last = Month.parse(run.asked["first"]), Month.parse(run.asked["last"])
    months = [Month.from_index(index) for index in range(first.index, last.index + 1)]
    terms = terms_of(draft)
    return terms.content_hash, _impact(actor, terms_of(in_force(actor=actor)), terms, months, steps)


def preview_kept(actor: Actor, run: BackgroundRun, decided: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    """Keep a preview with its draft. Raises `UnusableInput` where the draft is another one by now."""
    content_hash, preview = decided
    draft = OwnRules.objects.of(actor).select_for_update().filter(state=VersionState.DRAFT).first()
    if draft is None or terms_of(draft).content_hash != content_hash:
        raise UnusableInput("the draft was changed meanwhile; look again")
    draft.preview, draft.previewed_hash = preview, content_hash
    draft.save(update_fields=("preview", "previewed_hash"))
    months = len(preview["months"])
    record(actor, Verb.REVIEWED, object_type="own_rules", object_id=draft.pk, details={"months": months})
    return {"months": months, "turned_decisions": preview["turned_decisions"]}


def _impact(
    actor: Actor, before: Terms, after: Terms, months: Sequence[Month], steps: Steps
) -> dict[str, Any]:
    """Both sides have every contract's pack, so that months can be decided by either."""
    packs = {one.payer_id: one.pack_id for one in (*before.contracts, *after.contracts)}
    every = Terms(
        contracts=tuple({one.pack_id: one for one in (*before.contracts, *after.contracts)}.values())
    )
    with tempfile.TemporaryDirectory(prefix="cocm-own-rules-") as name:
        books = []
        for place, terms in (("before", before), ("after", after)):
            folder = Path(name) / place
            every.write(folder, without_values=True)
            terms.write(folder)
            books.append(Rulebook([*site_folders(), folder]))
        comparison = Comparison(Revision("in force", books[0], ()), Revision("the draft", books[1], ()))
        port, today = PracticePort(actor), timezone.localdate()
        turned: list[dict[str, Any]] = []
        notes: list[str] = []
        for place_in_row, month in enumerate(months):
            steps.at(f"Deciding {month} both ways", place_in_row, len(months))
            subjects = months_of_tables(
                port, month, as_of_date=max(today, month.last_day), on_note=notes.append, pack_ids=packs
            )
            for subject in subjects:
                if subject.case.payer is None or subject.case.payer.payer_id not in packs:
                    continue
                turned += [_turned(one) for one in comparison.turned(subject)]
    totals = comparison.totals
    return {
        "months": [str(month) for month in months],
        "decided": totals.subjects,
        "turned_months": totals.turned_subjects,
        "turned_decisions": totals.turned_decisions,
        "amount_before_cents": totals.amount_before_cents,
        "amount_after_cents": totals.amount_after_cents,
        "by_change": [
            [decision, was, is_now, count]
            for (decision, was, is_now), count in totals.by_change.most_common(50)
        ],
        "by_cause": [[cause, count] for cause, count in totals.by_cause.most_common(50)],
        "turned": turned[:TURNED_KEPT_MAX],
        "not_decided": len(totals.not_decided) + len(notes),
    }


def _turned(one: Any) -> dict[str, Any]:
    return {
        "subject": one.subject_id,
        "decision": one.decision,
        "before": one.before,
        "after": one.after,
        "causes": [cause.rule_id for cause in one.causes],
        "is_joint": one.is_joint,
        "amount_before_cents": one.amount_before_cents,
        "amount_after_cents": one.amount_after_cents,
    }


def may_be_put_in_force(draft: OwnRules) -> bool:
    """Whether what the draft says now was previewed."""
    return bool(draft.previewed_hash) and draft.previewed_hash == terms_of(draft).content_hash


@transaction.atomic
def draft_put_in_force(*, actor: Actor, note: str) -> OwnRules:
    """The draft is in force from now on; its contracts' payer products are bound to it. The former version ends.

    Raises `ValidationError` where there is none, it is not sound, or it was changed since its preview.
    """
    actor.require(Permission.RULES_EDIT)
    draft = OwnRules.objects.of(actor).select_for_update().filter(state=VersionState.DRAFT).first()
    if draft is None:
        raise ValidationError("there is no draft")
    terms = terms_of(draft)
    if not may_be_put_in_force(draft):
        raise ValidationError("look first at what it would change in your own months")
    wrong = [fault.text for fault in faults_of(terms) if fault.is_blocking]
    if wrong:
        raise ValidationError(wrong)
    now = timezone.now()
    former = OwnRules.objects.of(actor).select_for_update().filter(state=VersionState.IN_FORCE).first()
    if former is not None:
        former.state, former.ended_at = VersionState.FORMER, now
        former.save(update_fields=("state", "ended_at"))
    draft.state, draft.note = VersionState.IN_FORCE, note
    draft.put_in_force_by_id, draft.put_in_force_at = actor.user_id, now
    draft.full_clean(exclude=MAY_BE_EMPTY)
    draft.save()
    _bind(actor, terms_of(former), terms)
    here = entered()
    if here is not None:
        here.kept.pop("own_rules", None)
    record(
        actor, Verb.CHANGED, object_type="own_rules", object_id=draft.pk, details={"terms": len(terms.terms)}
    )
    return draft


def _bind(actor: Actor, before: Terms, after: Terms) -> None:
    """Payer products go to the packs of their contracts; without terms, back to what these were over."""
    now = {contract.payer_id: contract.pack_id for contract in after.contracts}
    parents = {contract.payer_id: contract.parent for contract in before.contracts}
    for payer_id in {**parents, **now}:
        pack_id = now.get(payer_id) or parents[payer_id]
        for payer in PayerProduct.objects.of(actor).filter(payer_id=payer_id).exclude(pack_id=pack_id):
            payer.pack_id = pack_id
            payer.save(update_fields=("pack_id",))
            record(actor, Verb.CHANGED, object_type="payer", object_id=payer.pk, details={"pack": pack_id})


def standing_value(payer: PayerChoice, rule_id: str, day: Any) -> str:
    """What the rulebook says without the contract, as a term is typed."""
    from cocm.rules.values import show_value

    value = site_rulebook().pack(payer.parent).on(day).value(rule_id)
    return show_value(value.value) if value.is_known else value.state


def case_add(*, actor: Actor, case: OwnCase) -> OwnRules:
    """Add a case to the draft."""
    return draft_change(actor=actor, terms=draft_terms(actor=actor).with_case(case))
