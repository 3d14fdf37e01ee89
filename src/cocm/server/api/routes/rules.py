"""The rulebook as a service: codes, check, route, explain. Nothing of a question is stored or logged."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router

from cocm.server.api import rules_answers
from cocm.server.api.guard import needs_scope
from cocm.server.api.rules_shapes import (
    Asked,
    CheckIn,
    CheckOut,
    CodesIn,
    CodesOut,
    ExplainIn,
    ExplainOut,
    RouteIn,
    RouteOut,
    RulesOut,
)
from cocm.server.api.scopes import Scope
from cocm.server.api.shapes import PROBLEMS

router = Router(tags=["Rules"])


@router.post(
    "/codes",
    **needs_scope(Scope.RULES_CODES),
    response={200: CodesOut, **PROBLEMS},
    url_name="codes",
    summary="Which codes do a month's minutes earn?",
)
def codes(request: HttpRequest, data: CodesIn) -> Any:
    """For each patient-month: the lawful lines, what was not chosen, and the rule behind each."""
    rulebook = request.caller.rulebook
    as_of = data.known_on or _day(data)
    return rules_answers.answer_head(rulebook, as_of) | {"items": rules_answers.codes(rulebook, data)}


@router.post(
    "/check",
    **needs_scope(Scope.RULES_CHECK),
    response={200: CheckOut, **PROBLEMS},
    url_name="check",
    summary="Check claims before they go out, or before they are decided",
)
def check(request: HttpRequest, data: CheckIn) -> Any:
    """Every edit on each claim's lines of the service: what fails or is not known, with facts, citation and fix.

    Claims come as objects (with what the practice knows besides), or as the text of an 837P file.
    """
    rulebook = request.caller.rulebook
    as_of = _day(data)
    found: dict[str, Any] = (
        rules_answers.check_x12(rulebook, data.x12, data.payer, as_of)
        if data.x12
        else {"claims": rules_answers.check(rulebook, data, as_of)}
    )
    return rules_answers.answer_head(rulebook, as_of) | found


@router.post(
    "/route",
    **needs_scope(Scope.RULES_ROUTE),
    response={200: RouteOut, **PROBLEMS},
    url_name="route",
    summary="Who answers for a claim line?",
)
def route(request: HttpRequest, data: RouteIn) -> Any:
    """The side of the benefit by the payer's rule, and the entity by the plan's table where one is given."""
    rulebook = request.caller.rulebook
    return rules_answers.answer_head(rulebook, _day(data)) | {"items": rules_answers.route(rulebook, data)}


@router.post(
    "/explain",
    **needs_scope(Scope.RULES_EXPLAIN),
    response={200: ExplainOut, **PROBLEMS},
    url_name="explain",
    summary="What does a rule or an edit say, since when, and who says so?",
)
def explain(request: HttpRequest, data: ExplainIn) -> Any:
    """Rules and edits with their values on a day, dates, sources and history."""
    rulebook = request.caller.rulebook
    as_of = _day(data)
    return rules_answers.answer_head(rulebook, as_of) | {
        "items": rules_answers.explain(rulebook, data, as_of)
    }


@router.get(
    "/rules",
    **needs_scope(Scope.RULES_EXPLAIN),
    response={200: RulesOut, **PROBLEMS},
    url_name="rules",
    summary="List payers, rules and edits",
)
def rules(request: HttpRequest) -> Any:
    """The ids that questions may name."""
    rulebook = request.caller.rulebook
    return rules_answers.answer_head(rulebook, timezone.localdate()) | rules_answers.listed(rulebook)


def _day(asked: Asked) -> date:
    return asked.as_of_date or timezone.localdate()
