"""The pages that show the rulebook: rules, edits, instruments, payers side by side, what is to be read again."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from cocm.edits.derive import FACTS
from cocm.edits.discovery import catalogue, find_edit
from cocm.edits.edit import Verdict
from cocm.edits.words import condition_words
from cocm.rules.care_flags import care_flags
from cocm.rules.instruments import LANGUAGES, Instrument, instruments
from cocm.rules.values import Case, Rule
from cocm.server.access.needs import needs
from cocm.server.access.permissions import Permission
from cocm.server.look.badges import badge
from cocm.server.look.html import joined, safe
from cocm.server.look.parts import Tab
from cocm.server.look.tables import Column, Row, Table
from cocm.server.rulebook import reading
from cocm.server.rulebook.asked import Asked, KnownForm, asked_of
from cocm.server.rulebook.forms import DueForm, PayersForm, SearchForm
from cocm.server.rulebook.links import edit_url, linked, rule_url
from cocm.server.rulebook.readings import reading_add
from cocm.server.rulebook.words import (
    area_of,
    confidence_badge,
    edit_link,
    one_line,
    rule_cell,
    severity_badge,
    shown_row,
    shown_value,
    source_cell,
)
from cocm.server.rules_in_force import rulebook

VERDICT_TONES = {
    Verdict.PASS: "success",
    Verdict.FAIL: "danger",
    Verdict.NOT_APPLICABLE: "neutral",
    Verdict.NO_DATA: "attention",
}


def tabs_of(request: HttpRequest) -> list[Tab]:
    """The places of the rulebook; which one the page is."""
    here = request.resolver_match.url_name if request.resolver_match else ""
    book = rulebook()
    places = [
        ("Rules", "rules", ("rule",), len(book.rule_ids)),
        ("Edits", "edits", ("edit",), len(catalogue())),
        ("Payers side by side", "payers", (), len(book.payer_ids)),
        ("Instruments", "instruments", (), None),
        ("To read again", "due", (), None),
    ]
    if request.actor.may(Permission.RULES_EDIT):  # type: ignore[attr-defined]  # the guard has set it
        places.append(("Your contracts", "own", ("own_term", "own_version"), None))
    return [
        Tab(label, reverse(f"rulebook:{name}"), here in (name, *others), count)
        for label, name, others, count in places
    ]


@needs(Permission.RULES_VIEW)
def rules_page(request: HttpRequest) -> HttpResponse:
    """Every rule with a payer's value on a date; searched by words."""
    form = SearchForm(request, rulebook())
    asked = asked_of(form)
    given = form.cleaned_data
    found = reading.rules_found(
        asked.book,
        given.get("q", ""),
        area=given.get("area", ""),
        contradicted=given.get("contradicted", False),
    )
    table = Table(
        f"{len(found)} rules",
        (
            Column("Rule"),
            Column("Value"),
            Column("Confidence"),
            Column("Breaking it"),
            Column("From", "date"),
            Column("Stated by"),
        ),
        [_rule_row(rule, asked) for rule in found],
        key="rules",
        layout="cards",
        empty="No rule has these words.",
    )
    return TemplateResponse(
        request,
        "rulebook/rules.html",
        {"tabs": tabs_of(request), "form": form, "table": table, "reset": reverse("rulebook:rules")},
    )


def _rule_row(rule: Rule, asked: Asked) -> Row:
    value = asked.policy.value(rule.rule_id)
    label = rule_cell(rule, is_linked=False)
    if rule.contradiction:
        label = joined(label, " ", badge(f"contradicted {rule.contradiction}", "attention"))
    return Row(
        (
            label,
            shown_value(value, rule),
            confidence_badge(value.confidence) if value.source else "",
            severity_badge(value.severity.word) if value.is_known else "",
            value.effective_from,
            asked.book.profile(value.payer_id).label if value.source else "",
        ),
        href=rule_url(rule.rule_id, pack_id=asked.pack_id, on=asked.on),
    )


@needs(Permission.RULES_VIEW)
def rule_page(request: HttpRequest, rule_id: str) -> HttpResponse:
    """One rule: its value for a payer on a date and its citation, every payer's, its history, edits that use it."""
    book = rulebook()
    if rule_id not in book.rule_ids:
        raise Http404
    form = KnownForm(request, book)
    asked = asked_of(form)
    rule, value = book.rule(rule_id), asked.policy.value(rule_id)
    pack = book.pack(asked.pack_id, known_on=asked.known_on)
    answers = reading.answers_of_packs(book, rule_id, asked.on, asked.known_on)
    context = {
        "tabs": tabs_of(request),
        "form": form,
        "asked": asked,
        "rule": rule,
        "meaning": one_line(rule.meaning),
        "area": area_of(rule_id),
        "value": value,
        "shown": shown_value(value, rule),
        "confidence": confidence_badge(value.confidence),
        "severity": severity_badge(value.severity.word),
        "source": source_cell(value.source, value.locator),
        "note": one_line(value.note),
        "profile": book.profile(asked.pack_id),
        "stated_by": book.profile(value.payer_id),
        "steps": [(book.profile(step.payer_id), _said(step)) for step in pack.steps(rule_id, asked.on)],
        "groups": _groups(asked, rule, answers),
        "history": _history_table(asked, rule),
        "edits": reading.edits_resting_on(rule_id),
        "edit_links": [
            edit_link(entry.id, entry.edit.title, pack_id=asked.pack_id, on=asked.on)
            for entry in reading.edits_resting_on(rule_id)
        ],
        "cases": _cases_table(asked, rule),
    }
    return TemplateResponse(request, "rulebook/rule.html", context)


def _said(step: Any) -> str:
    if step.answer is not None:
        return "answers"
    return "is silent on this date" if step.has_file else "says nothing of its own"


def _groups(asked: Asked, rule: Rule, answers: list[Any]) -> list[dict[str, Any]]:
    """The payers grouped by what they say on the day, the asked payer's answer first."""
    grouped: dict[tuple[object, ...], list[Any]] = {}
    for pack_id, value in answers:
        grouped.setdefault(reading.decides(value), []).append((pack_id, value))
    own = reading.decides(asked.policy.value(rule.rule_id))
    ordered = sorted(grouped.items(), key=lambda item: (item[0] != own, -len(item[1])))
    return [
        {
            "shown": shown_value(members[0][1], rule),
            "is_own": key == own,
            "packs": [
                {
                    "label": asked.book.profile(pack_id).label,
                    "href": rule_url(rule.rule_id, pack_id=pack_id, on=asked.on, known_on=asked.known_on),
                    "states_it": value.payer_id == pack_id,
                    "confidence": value.confidence.value if value.source else "",
                }
                for pack_id, value in members
            ],
        }
        for key, members in ordered
    ]


def _history_table(asked: Asked, rule: Rule) -> Table:
    rows = []
    for one in reading.history(asked.book, rule.rule_id, asked.book.chain(asked.pack_id)):
        value: object = shown_row(one.row, rule)
        if one.is_corrected:
            value = joined(f"<s>{safe(value)}</s> ", badge("corrected later"))
        source = source_cell(one.row.source, one.row.locator)
        if one.row.note:
            source = joined(source, f'<br><span class="quiet">{safe(one_line(one.row.note))}</span>')
        rows.append(
            Row(
                (
                    value,
                    one.row.effective_from,
                    one.effective_to or "",
                    asked.book.profile(one.pack_id).label,
                    confidence_badge(one.row.confidence),
                    source,
                    one.row.observed,
                )
            )
        )
    return Table(
        "History, as this payer and those it rests on state it",
        (
            Column("Value"),
            Column("From", "date"),
            Column("To, not included", "date"),
            Column("Stated by"),
            Column("Confidence"),
            Column("Source"),
            Column("Read", "date", help="The day on which the source was read"),
        ),
        rows,
        key="history",
        layout="cards",
    )


def _cases_table(asked: Asked, rule: Rule) -> Table:
    found: list[tuple[str, Case]] = []
    for pack_id, holder in reading.holders(asked.book, rule.rule_id):
        found += [(case.payer_id or pack_id, case) for case in holder.cases]
    found.sort(key=lambda pair: (pair[1].at, pair[0]))
    rows = [
        Row((case.at, asked.book.profile(pack_id).label, _expected(case, rule), case.known or ""))
        for pack_id, case in found
        if pack_id in asked.book.payer_ids
    ]
    return Table(
        "Cases that are tried at every change",
        (Column("On", "date"), Column("Payer"), Column("Expected"), Column("As known on", "date")),
        rows,
        key="cases",
        layout="cards",
        empty="None.",
    )


def _expected(case: Case, rule: Rule) -> str:
    from cocm.rules.values import show_value

    if case.expect_state != "known":
        return case.expect_state.replace("-", " ")
    return rule.none_means if case.expect is None and rule.none_means else show_value(case.expect)


@needs(Permission.RULES_VIEW)
def edits_page(request: HttpRequest) -> HttpResponse:
    """The edit catalogue: what each asks, and what it does under a payer's rules."""
    form = SearchForm(request, rulebook(), without=("area", "contradicted"))
    asked = asked_of(form)
    found = reading.edits_found(form.cleaned_data.get("q", ""))
    rows = [
        Row(
            (
                joined(safe(entry.edit.title), f'<br><code class="quiet">{safe(entry.id)}</code>'),
                severity_badge(entry.severity_for(asked.policy).word),
                entry.edit.grain.value,
                one_line(entry.edit.fix),
            ),
            href=edit_url(entry.id, pack_id=asked.pack_id, on=asked.on),
        )
        for entry in found
    ]
    table = Table(
        f"{len(found)} edits",
        (
            Column("Edit"),
            Column("Does", help="At most, under this payer's rules"),
            Column("About"),
            Column("Fix"),
        ),
        rows,
        key="edits",
        layout="cards",
        empty="No edit has these words.",
    )
    return TemplateResponse(
        request,
        "rulebook/edits.html",
        {"tabs": tabs_of(request), "form": form, "table": table, "reset": reverse("rulebook:edits")},
    )


@needs(Permission.RULES_VIEW)
def edit_page(request: HttpRequest, edit_id: str) -> HttpResponse:
    """One edit: what it looks at, when it trips, the values it enforces for a payer on a date, its cases."""
    entry = find_edit(edit_id)
    if entry is None:
        raise Http404
    form = KnownForm(request, rulebook())
    asked = asked_of(form)
    values = [(rule_id, asked.policy.value(rule_id)) for rule_id in entry.rests_on]
    rules = Table(
        "Values behind it",
        (Column("Rule"), Column("Value"), Column("Confidence"), Column("From", "date"), Column("Source")),
        [
            Row(
                (
                    joined(
                        rule_cell(asked.book.rule(rule_id), is_linked=False),
                        " ",
                        badge("enforced", "info") if rule_id in entry.edit.rules else "",
                    ),
                    shown_value(value, asked.book.rule(rule_id)),
                    confidence_badge(value.confidence) if value.source else "",
                    value.effective_from,
                    source_cell(value.source, value.locator),
                ),
                href=rule_url(rule_id, pack_id=asked.pack_id, on=asked.on, known_on=asked.known_on),
            )
            for rule_id, value in values
        ],
        key="values",
        layout="cards",
        empty="It rests on no value of the rulebook.",
    )
    cases = Table(
        "Cases",
        (Column("Case"), Column("Facts"), Column("Verdict")),
        [
            Row(
                (
                    case.name,
                    "; ".join(
                        f"{name.replace('_', ' ')}: {FACTS[name].show(fact)}"
                        for name, fact in case.facts.items()
                    ),
                    badge(case.verdict.words, VERDICT_TONES[case.verdict]),
                )
            )
            for case in entry.cases
        ],
        key="cases",
        layout="cards",
    )
    facts = Table(
        "Facts it reads",
        (Column("Fact"), Column("Of the"), Column("Meaning"), Column("May be unknown")),
        [
            Row(
                (
                    name.replace("_", " "),
                    FACTS[name].scope.value,
                    linked(FACTS[name].meaning),
                    "yes" if FACTS[name].may_be_unknown else "",
                )
            )
            for name in entry.facts
        ],
        key="facts",
        layout="cards",
    )
    context = {
        "tabs": tabs_of(request),
        "form": form,
        "asked": asked,
        "entry": entry,
        "edit": entry.edit,
        "severity": severity_badge(entry.severity_for(asked.policy).word),
        "most": severity_badge(entry.edit.severity.word),
        "looks_at": condition_words(entry.applies, FACTS),
        "trips": condition_words(entry.trips, FACTS),
        "rules": rules,
        "cases": cases,
        "facts": facts,
        "profile": asked.book.profile(asked.pack_id),
    }
    return TemplateResponse(request, "rulebook/edit.html", context)


@needs(Permission.RULES_VIEW)
def instruments_page(request: HttpRequest) -> HttpResponse:
    """The scales that are followed, the levels that flags turn on, and the flags, with their sources."""
    book = rulebook()
    watched = care_flags(book)
    scales = Table(
        "Instruments",
        (
            Column("Instrument"),
            Column("Ages"),
            Column("Items", "number"),
            Column("Score"),
            Column("Bands"),
            Column("Response and remission"),
            Column("Wording"),
            Column("LOINC"),
            Column("Source"),
        ),
        [_instrument_row(one) for one in instruments(book).values()],
        key="scales",
        layout="cards",
    )
    flags = Table(
        "Flags of the caseload, in the order of need",
        (Column("Flag"), Column("Stands there when"), Column("Source")),
        [
            Row((badge(rule.label, rule.tone.value), rule.rule, source_cell(rule.source, rule.locator)))
            for rule in watched.rules.values()
        ],
        key="flags",
        layout="cards",
    )
    return TemplateResponse(
        request,
        "rulebook/instruments.html",
        {"tabs": tabs_of(request), "scales": scales, "flags": flags},
    )


def _instrument_row(one: Instrument) -> Row:
    bands = "; ".join(f"{band.label} from {band.from_score}" for band in one.bands)
    if one.positive_from is not None:
        bands = "; ".join(filter(None, [bands, f"positive from {one.positive_from}"]))
    for sex, score in sorted(one.positive_from_by_sex.items()):
        bands = "; ".join(filter(None, [bands, f"positive from {score} ({sex})"]))
    scale = one.scale
    course = ""
    if scale is not None:
        course = (
            f"response {scale.response_percent} % down, improved below {scale.improved_below}, remission below "
            f"{scale.remission_below}, worse {scale.worse_points} up"
        )
    languages = ", ".join(LANGUAGES[code] for code in one.texts) or "not reproduced"
    return Row(
        (
            joined(
                f"<b>{safe(one.label)}</b><br>", f'<span class="quiet">{safe(one_line(one.meaning))}</span>'
            ),
            one.ages.words,
            len(one.items),
            f"0 to {one.score_max}",
            bands,
            course,
            f"{languages}; {one.licence_words or one.licence.value.replace('_', ' ')}",
            one.loinc_total or one.loinc_panel,
            source_cell(one.source, one.locator),
        )
    )


@needs(Permission.RULES_VIEW)
def payers_page(request: HttpRequest) -> HttpResponse:
    """Several payers' values beside each other on a date, with what differs marked."""
    book = rulebook()
    form = PayersForm(request, book)
    form.is_valid()
    given = form.cleaned_data
    packs = [pack for pack in given.get("packs") or [] if pack in book.payer_ids] or form.packs_first
    on: date = given.get("on") or timezone.localdate()
    policies = [book.pack(pack_id).on(on) for pack_id in packs]
    rows, differing, total = [], 0, 0
    for rule in reading.rules_found(book, given.get("q", "")):
        total += 1
        values = [policy.value(rule.rule_id) for policy in policies]
        is_different = len({reading.decides(value) for value in values}) > 1
        differing += is_different
        if given.get("show") != "all" and not is_different:
            continue
        label = rule_cell(rule, on=on, is_linked=False)
        if is_different:
            label = joined(label, " ", badge(f"differs {rule.contradiction}".strip(), "attention"))
        cells = [
            joined(
                safe(shown_value(value, rule)),
                " ",
                confidence_badge(value.confidence) if value.source else "",
            )
            for value in values
        ]
        rows.append(
            Row(
                (label, *cells),
                href=rule_url(rule.rule_id, pack_id=packs[0], on=on),
                tone="attention" if is_different else "",
            )
        )
    table = Table(
        f"{differing} of {total} rules differ on {on}",
        (Column("Rule"), *(Column(book.profile(pack_id).label) for pack_id in packs)),
        rows,
        key="payers",
        layout="pane",
        empty="These payers say the same.",
    )
    return TemplateResponse(
        request,
        "rulebook/payers.html",
        {"tabs": tabs_of(request), "form": form, "table": table, "reset": reverse("rulebook:payers")},
    )


@needs(Permission.RULES_VIEW, methods=("GET", "POST"))
def due_page(request: HttpRequest) -> HttpResponse:
    """Values that are due to be read again in their source; who may edit rules marks them as read."""
    actor, book, today = request.actor, rulebook(), timezone.localdate()  # type: ignore[attr-defined]  # as above
    if request.method == "POST":
        return _mark_read(request)
    form = DueForm(request, book)
    form.is_valid()
    given = form.cleaned_data
    found = reading.due_values(
        actor=actor,
        book=book,
        as_of=today,
        pack_id=given.get("payer", ""),
        after_days=int(given.get("after") or reading.READ_AGAIN_DAYS),
    )
    if not given.get("payer") and given.get("which") != "all":
        used = reading.packs_in_use(actor=actor, book=book)
        found = [one for one in found if one.pack_id in used] if used else found
    context = {
        "tabs": tabs_of(request),
        "form": form,
        "found": found[: reading.DUE_SHOWN_MAX],
        "total": len(found),
        "hidden": max(0, len(found) - reading.DUE_SHOWN_MAX),
        "rows": [
            {
                "label": rule_cell(one.rule, pack_id=one.pack_id, on=today),
                "value": shown_row(one.value, one.rule),
                "pack": book.profile(one.pack_id).label,
                "source": source_cell(one.value.source, one.value.locator),
                "confidence": confidence_badge(one.value.confidence),
                "one": one,
            }
            for one in found[: reading.DUE_SHOWN_MAX]
        ],
        "today": today,
        "reset": reverse("rulebook:due"),
    }
    return TemplateResponse(request, "rulebook/due.html", context)


def _mark_read(request: HttpRequest) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]  # as above
    marked = 0
    for key in request.POST.getlist("read"):
        pack_id, _, rest = key.partition("~")
        rule_id, _, effective_from = rest.partition("~")
        marked += reading_add(
            actor=actor,
            pack_id=pack_id,
            rule_id=rule_id,
            effective_from=effective_from,
            note=request.POST.get("note", ""),
        )
    if marked:
        messages.success(request, f"{marked} value{'s' if marked != 1 else ''} marked as read today.")
    else:
        messages.warning(request, "Tick the values that you have read again.")
    return HttpResponseRedirect(request.get_full_path())
