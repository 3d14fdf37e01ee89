"""The patient's pages, for whoever holds a link: questions, thanks, and the locked tablet. They name nobody."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from allauth.account.adapter import get_adapter
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from cocm.rules.instruments import LANGUAGES, instruments
from cocm.server.access.actor import Actor
from cocm.server.access.needs import public
from cocm.server.accounts.models import Organization
from cocm.server.audit.trail import gathered
from cocm.server.measures import links, one_by_one
from cocm.server.measures.alerts import protocol
from cocm.server.measures.forms import AnswersForm
from cocm.server.measures.models import MeasureLink
from cocm.server.measures.words import PATIENT_WORDS
from cocm.server.rules_in_force import rulebook


@public
@require_http_methods(["GET", "HEAD", "POST"])
@transaction.atomic
def questions_page(request: HttpRequest, token: str) -> HttpResponse:
    """A link's questions, on one page or one at a time, sent once. Whatever is not open gives the same closed page."""
    address = get_adapter(request).get_client_ip(request) or ""
    try:
        found = links.link_found(token, address=address)
    except links.TooOften:
        return _plain(request, "too_often", status=429)
    if found is None:
        return _plain(request, "closed", status=404)
    actor, link = found
    zone = Organization.objects.values_list("time_zone", flat=True).get(pk=actor.organization_id)
    with gathered(actor), timezone.override(zone):
        return _questions(request, actor, link)


def _questions(request: HttpRequest, actor: Actor, link: MeasureLink) -> HttpResponse:
    words, known = PATIENT_WORDS[link.language], instruments(rulebook())
    given = request.POST if request.method == "POST" else None
    forms = {
        name: AnswersForm(given, instrument=known[name], language=link.language, prefix=name)
        for name in link.instruments
        if name in known and link.language in known[name].texts
    }
    if len(forms) != len(link.instruments):
        return _plain(request, "closed", status=404)  # an instrument was taken out of use in the meantime
    is_lacking = False
    is_valid = given is not None and all(form.is_valid() for form in forms.values())
    if given is None and one_by_one.is_wanted(request):
        return _one_question(request, link, one_by_one.first_step(forms.values()))
    if (
        given is not None
        and is_valid
        and given.get("go") in (one_by_one.NEXT, one_by_one.BACK, one_by_one.SKIP)
    ):
        step = one_by_one.step_after(forms.values(), given.get(one_by_one.FIELD, ""), given["go"])
        return _one_question(request, link, step)
    if is_valid:
        is_lacking = any(form.lacking() for form in forms.values())
        if not is_lacking or request.POST.get("send_anyway"):
            answers = {name: form.answers() for name, form in forms.items()}
            try:
                saved = links.link_answer(actor=actor, link=link, answers=answers)
            except ValidationError:
                return _plain(request, "closed", status=404)
            return _thanks(request, link, is_concern=any(item.alert is not None for item in saved))
    context: dict[str, Any] = {
        "words": words,
        "language": link.language,
        "parts": [(form.text, form.questions()) for form in forms.values()],
        "total": sum(len(form.instrument.items) for form in forms.values()),
        "is_lacking": is_lacking,
        "crisis": _crisis(link.language),
    }
    status = 422 if given is not None else 200
    return TemplateResponse(request, "measures/questions.html", context, status=status)


def _one_question(request: HttpRequest, link: MeasureLink, step: one_by_one.Step) -> HttpResponse:
    """A step of one question with what was answered before; at the end, the answers to be sent."""
    shown = step.question
    context = {
        "words": PATIENT_WORDS[link.language],
        "language": link.language,
        "step": step,
        # a step that was not answered says so itself
        "questions": [replace(shown, is_lacking=False)] if shown is not None else [],
        "crisis": _crisis(link.language),
    }
    status = 422 if step.is_lacking else 200
    return TemplateResponse(request, "measures/one_question.html", context, status=status)


def _crisis(language: str) -> list[dict[str, str]]:
    return [
        {"href": line.href, "label": line.labels[language], "words": line.words[language]}
        for line in protocol().crisis_on(timezone.localdate())
    ]


def _thanks(request: HttpRequest, link: MeasureLink, *, is_concern: bool) -> HttpResponse:
    """What the patient reads at the end: help in a crisis always, and first where an answer tells of risk."""
    context = {
        "words": PATIENT_WORDS[link.language],
        "language": link.language,
        "is_kiosk": link.way == MeasureLink.Way.KIOSK,
        "is_concern": is_concern,
        "crisis": _crisis(link.language),
    }
    return TemplateResponse(request, "measures/thanks.html", context)


def _plain(request: HttpRequest, key: str, *, status: int) -> HttpResponse:
    """A page without anything of a link's, in both languages: whose it was is not told."""
    context = {
        "spoken": [
            (PATIENT_WORDS[language], PATIENT_WORDS[language][key], _crisis(language))
            for language in LANGUAGES
        ],
        "words": PATIENT_WORDS["en"],
        "language": "en",
        "languages": list(LANGUAGES),
    }
    return TemplateResponse(request, "measures/closed.html", context, status=status)


@public
@require_safe
def locked_page(request: HttpRequest) -> HttpResponse:
    """What the tablet shows until somebody of the staff signs in again."""
    return TemplateResponse(
        request, "measures/locked.html", {"spoken": list(PATIENT_WORDS.items()), "words": PATIENT_WORDS["en"]}
    )
