"""An organization's own rules: its contracts' terms, their cases, what they would turn, and putting them in force."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.html import escape
from django.utils.safestring import SafeString

from cocm.basics.errors import CocmError
from cocm.basics.money import dollars
from cocm.rules.check import case_holds
from cocm.server.access.actor import Actor
from cocm.server.access.needs import needs
from cocm.server.access.permissions import Permission
from cocm.server.look.badges import badge
from cocm.server.look.html import joined
from cocm.server.look.tables import Column, Row, Table
from cocm.server.rulebook import versions as own
from cocm.server.rulebook.links import why_url
from cocm.server.rulebook.models import OwnRules, VersionState
from cocm.server.rulebook.own_forms import (
    CaseForm,
    PreviewForm,
    PutInForceForm,
    TermForm,
    errors_in_words,
    last_months,
)
from cocm.server.rulebook.terms import OwnCase, Term, Terms
from cocm.server.rulebook.views import tabs_of
from cocm.server.rulebook.words import rule_cell
from cocm.server.rules_in_force import rulebook
from cocm.server.runs.progress import runs_shown

STATE_TONES = {
    VersionState.DRAFT: "attention",
    VersionState.IN_FORCE: "success",
    VersionState.FORMER: "neutral",
}


def _back() -> HttpResponse:
    return HttpResponseRedirect(reverse("rulebook:own"))


@needs(Permission.RULES_EDIT)
def own_page(request: HttpRequest) -> HttpResponse:
    """The draft, or what is in force, with its cases and its preview; every version."""
    actor = request.actor  # type: ignore[attr-defined]  # the guard has set it
    draft, standing = own.draft_of(actor=actor), own.in_force(actor=actor)
    shown = draft or standing
    terms = own.terms_of(shown)
    faults = own.faults_of(terms) if draft is not None else ()
    first, last = last_months(timezone.localdate())
    rules = list(dict.fromkeys((one.pack_id, one.rule_id) for one in terms.terms))
    context = {
        "tabs": tabs_of(request),
        "draft": draft,
        "standing": standing,
        "terms": _terms_rows(actor, terms),
        "cases": _case_rows(terms),
        "faults": [fault for fault in faults if fault.is_blocking],
        "case_form": CaseForm(
            choices=[(f"{pack}~{rule}", _rule_label(rule, pack, terms)) for pack, rule in rules]
        ),
        "preview_form": PreviewForm(initial={"first": first, "last": last}),
        "force_form": PutInForceForm(),
        "may_be_put_in_force": draft is not None and own.may_be_put_in_force(draft),
        "preview": _preview(draft) if draft is not None and draft.preview else None,
        "is_stale": draft is not None and bool(draft.preview) and not own.may_be_put_in_force(draft),
        "runs": runs_shown(actor=actor, kind=own.RUN_KIND),
        "versions": _versions_table(own.versions(actor=actor)),
    }
    return TemplateResponse(request, "rulebook/own.html", context)


def _rule_label(rule_id: str, pack_id: str, terms: Terms) -> str:
    book = rulebook()
    label = book.rule(rule_id).label if rule_id in book.rule_ids else rule_id
    contract = next((one.label for one in terms.contracts if one.pack_id == pack_id), pack_id)
    return f"{label} ({contract})"


def _terms_rows(actor: Actor, terms: Terms) -> list[dict[str, Any]]:
    book = rulebook()
    payers = {one.pack_id: one for one in own.payer_choices(actor=actor)}
    names = {one.pack_id: one for one in terms.contracts}
    rows = []
    for one in terms.terms:
        known = one.rule_id in book.rule_ids
        payer, day = payers.get(one.pack_id), parse_date(one.effective_from)
        rows.append(
            {
                "term": one,
                "contract": names[one.pack_id].label if one.pack_id in names else one.pack_id,
                "rule": rule_cell(book.rule(one.rule_id), pack_id=one.pack_id, on=day)
                if known
                else one.rule_id,
                "otherwise": own.standing_value(payer, one.rule_id, day) if payer and known and day else "",
            }
        )
    return rows


def _case_rows(terms: Terms) -> list[dict[str, Any]]:
    """Each case with whether it holds, by the rulebook that the terms make."""
    if not terms.cases:
        return []
    import tempfile
    from pathlib import Path

    from cocm.rules import Rulebook
    from cocm.server.rules_in_force import site_folders

    with tempfile.TemporaryDirectory(prefix="cocm-own-rules-") as name:
        folder = Path(name) / "own"
        terms.write(folder)
        book = Rulebook([*site_folders(), folder])
        rows = []
        for one in terms.cases:
            rows.append(
                {
                    "case": one,
                    "label": _rule_label(one.rule_id, one.pack_id, terms),
                    "holds": _holds(book, one),
                }
            )
    return rows


def _holds(book: Any, one: OwnCase) -> bool:
    """Whether a case comes out as expected; one that cannot be read does not."""
    try:
        override = book.override(one.pack_id, one.rule_id)
        day = parse_date(one.at)
        cases = [case for case in override.cases if case.at == day] if override is not None else []
        return bool(cases) and all(
            case_holds(case, book.pack(one.pack_id).on(case.at).value(one.rule_id)) for case in cases
        )
    except CocmError:
        return False


def _preview(draft: OwnRules) -> dict[str, Any]:
    kept = draft.preview
    changes = Table(
        "What turns",
        (Column("Decision"), Column("In force"), Column("Draft"), Column("Months", "number")),
        [Row(tuple(one)) for one in kept["by_change"]],
        key="changes",
        layout="cards",
        empty="No decision comes out otherwise.",
    )
    turned = Table(
        "Patient-months",
        (
            Column("Patient, month, payer"),
            Column("Decision"),
            Column("In force"),
            Column("Draft"),
            Column("Turned by"),
            Column("Worth now", "number"),
            Column("then", "number"),
        ),
        [
            Row(
                (
                    one["subject"],
                    one["decision"],
                    one["before"],
                    one["after"],
                    _causes(one["causes"], is_joint=one["is_joint"]),
                    dollars(one["amount_before_cents"]),
                    dollars(one["amount_after_cents"]),
                )
            )
            for one in kept["turned"]
        ],
        key="turned",
        layout="cards",
        empty="None.",
    )
    return {
        **kept,
        "changes": changes,
        "turned_table": turned,
        "before": dollars(kept["amount_before_cents"]),
        "after": dollars(kept["amount_after_cents"]),
        "span": f"{kept['months'][0]} to {kept['months'][-1]}",
    }


def _causes(rule_ids: list[str], *, is_joint: bool) -> SafeString:
    """The rules whose values turned a decision, each with its page."""
    links = [
        f'<a href="{escape(why_url(one))}">{escape(one)}</a>' if why_url(one) else escape(one)
        for one in rule_ids
    ]
    return joined(", ".join(links), " together" if is_joint else "")


def _versions_table(found: list[OwnRules]) -> Table:
    rows = [
        Row(
            (
                f"No. {one.number}",
                badge(VersionState(one.state).label, STATE_TONES[VersionState(one.state)]),
                len(one.content.get("terms", ())),
                timezone.localdate(one.put_in_force_at) if one.put_in_force_at else "",
                timezone.localdate(one.ended_at) if one.ended_at else "",
                _by(one),
                one.note,
            ),
            href=reverse("rulebook:own_version", args=[one.number]),
        )
        for one in found
    ]
    return Table(
        "Versions",
        (
            Column("Version"),
            Column("State"),
            Column("Terms", "number"),
            Column("In force from", "date"),
            Column("To", "date"),
            Column("By"),
            Column("Why"),
        ),
        rows,
        key="versions",
        layout="cards",
        empty="None yet.",
    )


def _by(one: OwnRules) -> str:
    person = one.put_in_force_by or one.made_by
    return person.full_name if person else ""


@needs(Permission.RULES_EDIT, methods=("GET", "POST"))
def own_term(request: HttpRequest) -> HttpResponse:
    """A term: a new one, or the one of the key, as the draft has it."""
    actor = request.actor  # type: ignore[attr-defined]  # as above
    key = request.GET.get("key", "")
    payers = own.payer_choices(actor=actor)
    former = next((one for one in own.draft_terms(actor=actor).terms if one.key == key), None)
    if key and former is None:
        raise Http404
    given = request.POST if request.method == "POST" else None
    form = TermForm(given, payers=payers, book=rulebook(), initial=_initial(request, former, payers))
    if given is not None and form.is_valid():
        payer, term = form.term(timezone.localdate())
        try:
            own.term_save(actor=actor, payer=payer, term=term, instead_of=key)
            messages.success(request, "Written into the draft.")
            return _back()
        except ValidationError as problem:
            for message in errors_in_words(problem):
                form.add_error("value", message)
    context = {"form": form, "is_new": former is None, "key": key}
    return TemplateResponse(
        request, "rulebook/own_term.html", context, status=422 if given is not None else 200
    )


def _initial(request: HttpRequest, former: Term | None, payers: list[own.PayerChoice]) -> dict[str, Any]:
    if former is None:
        return {"rule": request.GET.get("rule", ""), "payer": payers[0].payer_id if len(payers) == 1 else ""}
    by_pack = {payer.pack_id: payer.payer_id for payer in payers}
    return {
        "payer": by_pack.get(former.pack_id, ""),
        "rule": former.rule_id,
        "value": former.value,
        "effective_from": former.effective_from,
        "effective_to": former.effective_to or None,
        "source": former.source,
        "confidence": former.confidence,
        "severity": former.severity,
        "note": former.note,
    }


@needs(Permission.RULES_EDIT, methods=("POST",))
def own_term_remove(request: HttpRequest) -> HttpResponse:
    """Take a term out of the draft."""
    actor = request.actor  # type: ignore[attr-defined]  # as above
    terms = own.draft_terms(actor=actor)
    left = terms.without_term(request.POST.get("key", ""))
    if left.terms != terms.terms:
        own.draft_change(actor=actor, terms=left)
        messages.success(request, "Taken out of the draft.")
    return _back()


@needs(Permission.RULES_EDIT, methods=("POST",))
def own_case(request: HttpRequest) -> HttpResponse:
    """Add a case to the draft, or take one out."""
    actor = request.actor  # type: ignore[attr-defined]  # as above
    terms = own.draft_terms(actor=actor)
    pack_id, _, rule_id = request.POST.get("rule", "").partition("~")
    if "remove" in request.POST:
        own.draft_change(actor=actor, terms=terms.without_case(pack_id, rule_id, request.POST.get("at", "")))
        return _back()
    choices = [(f"{one.pack_id}~{one.rule_id}", "") for one in terms.terms]
    form = CaseForm(request.POST, choices=choices)
    if form.is_valid():
        at = form.cleaned_data["at"].isoformat()
        own.case_add(actor=actor, case=OwnCase(pack_id, rule_id, at, form.cleaned_data["expect"].strip()))
        messages.success(request, "Case added.")
    else:
        messages.error(request, "A case needs a rule of the draft, a day and what is expected.")
    return _back()


@needs(Permission.RULES_EDIT, methods=("POST",))
def own_preview(request: HttpRequest) -> HttpResponse:
    """Ask for months of one's own history to be decided both ways."""
    form = PreviewForm(request.POST)
    if not form.is_valid():
        messages.error(request, "; ".join(error for errors in form.errors.values() for error in errors))
        return _back()
    try:
        own.preview_start(
            actor=request.actor,  # type: ignore[attr-defined]  # as above
            first=form.cleaned_data["first"],
            last=form.cleaned_data["last"],
        )
    except (ValidationError, CocmError) as problem:
        said = errors_in_words(problem) if isinstance(problem, ValidationError) else [str(problem)]
        messages.error(request, "; ".join(said))
    return HttpResponseRedirect(f"{reverse('rulebook:own')}#preview")


@needs(Permission.RULES_EDIT, methods=("POST",))
def own_put_in_force(request: HttpRequest) -> HttpResponse:
    """The draft is in force from now on."""
    form = PutInForceForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Say why.")
        return _back()
    try:
        made = own.draft_put_in_force(actor=request.actor, note=form.cleaned_data["note"])  # type: ignore[attr-defined]  # as above
    except ValidationError as problem:
        messages.error(request, "; ".join(errors_in_words(problem)))
    else:
        messages.success(request, f"Version {made.number} is in force.")
    return _back()


@needs(Permission.RULES_EDIT, methods=("POST",))
def own_discard(request: HttpRequest) -> HttpResponse:
    """Throw the draft away."""
    own.draft_discard(actor=request.actor)  # type: ignore[attr-defined]  # as above
    messages.success(request, "The draft was thrown away.")
    return _back()


@needs(Permission.RULES_EDIT)
def own_version(request: HttpRequest, number: int) -> HttpResponse:
    """One version as it was."""
    actor = request.actor  # type: ignore[attr-defined]  # as above
    found = next((one for one in own.versions(actor=actor) if one.number == number), None)
    if found is None:
        raise Http404
    terms = own.terms_of(found)
    context = {
        "version": found,
        "title": f"Version {found.number}",
        "state": badge(VersionState(found.state).label, STATE_TONES[VersionState(found.state)]),
        "by": _by(found),
        "terms": Table(
            f"{len(terms.terms)} terms",
            (
                Column("Rule"),
                Column("Contract"),
                Column("Value"),
                Column("From", "date"),
                Column("Where it stands"),
            ),
            [
                Row(
                    (one.rule_id, one.pack_id, one.value, one.effective_from, one.source),
                    href=why_url(
                        one.rule_id, pack_id=one.pack_id if one.pack_id in rulebook().payer_ids else ""
                    ),
                )
                for one in terms.terms
            ],
            key="terms",
            layout="cards",
            empty="None.",
        ),
        "preview": _preview(found) if found.preview else None,
    }
    return TemplateResponse(request, "rulebook/own_version.html", context)
