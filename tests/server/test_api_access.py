"""Every operation of the API, tried without a token, with the wrong scope, by the wrong role, and by the neighbour."""

from __future__ import annotations

import inspect
import json
from functools import wraps
from typing import Any

import pytest
from api_rows import ApiClient, Operation, colleague_off_the_team, operations, token_of
from django.test import Client

from cocm.server.access.permissions import ROLE_PERMISSIONS, MemberRole
from cocm.server.api.scopes import SCOPES, Scope
from cocm.server.audit.models import AuditEvent

OPERATIONS = operations()
SCOPED = [one for one in OPERATIONS if one.scope]
OTHER_SCOPE = dict(zip(Scope, [*list(Scope)[1:], Scope.CASELOAD_READ], strict=True))


def every(chosen: list[Operation]) -> Any:
    """Run a test for each operation in one world, and say for which one it failed."""

    def spread(test: Any) -> Any:
        @wraps(test)
        def all_of_them(*args: Any, **kwargs: Any) -> None:
            for operation in chosen:
                try:
                    test(*args, operation=operation, **kwargs)
                except AssertionError as failed:
                    failed.add_note(f"operation {operation.name}")
                    raise

        signature = inspect.signature(test)
        kept = [one for one in signature.parameters.values() if one.name != "operation"]
        all_of_them.__signature__ = signature.replace(parameters=kept)
        return all_of_them

    return spread


def problem(answer: Any, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["status"] == status and body["type"].startswith("urn:cocm:problem:") and body["detail"]
    return body


@every(OPERATIONS)
def test_a_stranger_is_asked_for_a_token(operation, world) -> None:
    problem(operation.ask(ApiClient(), world), 401)
    problem(operation.ask(ApiClient("cocm_" + "0" * 32 + "_" + "x" * 43), world), 401)
    answer = operation.ask(ApiClient("no token at all"), world)
    assert answer["WWW-Authenticate"].startswith("Bearer")
    problem(answer, 401)


@every(OPERATIONS)
def test_a_session_opens_nothing(operation, world, client_of) -> None:
    api = ApiClient()
    api.client = client_of(MemberRole.BHCM)
    problem(operation.ask(api, world), 401)


@every(SCOPED)
def test_a_token_opens_its_scope_and_no_other(operation, world) -> None:
    right = operation.ask(ApiClient(token_of(world, MemberRole.BHCM, operation.scope)), world)
    assert right.status_code in (200, 201), right.content
    wrong = OTHER_SCOPE[Scope(operation.scope)]
    assert problem(operation.ask(ApiClient(token_of(world, MemberRole.BHCM, wrong)), world), 403)[
        "scope"
    ] == str(operation.scope)


@every([one for one in SCOPED if one.is_of_patient])
def test_the_neighbours_token_finds_nothing_of_the_practices(operation, world) -> None:
    api = ApiClient(token_of(world, MemberRole.BHCM, operation.scope, organization="far-creek"))
    answer = operation.ask(api, world)
    assert answer.status_code in (200, 403, 404), answer.content
    if answer.status_code == 200:
        assert answer.json()["items"] == []
    assert world.ariana.last_name not in answer.content.decode()


@every([one for one in SCOPED if one.names_patient])
def test_a_colleague_off_the_care_team_is_refused_with_an_event(operation, world) -> None:
    actor = colleague_off_the_team(world)
    api = ApiClient(token_of(world, actor, operation.scope))
    assert problem(operation.ask(api, world), 403)["type"].endswith("chart-closed")
    with world.inside(world.practice):
        event = AuditEvent.objects.of(world.practice).filter(verb="refused").latest("number")
        assert event.patient_id == world.ariana.pk and event.user_id == actor.user_id
        assert "token" in event.details


@every([one for one in SCOPED if one.names_patient])
def test_each_opened_chart_leaves_an_event_that_names_the_token(operation, world) -> None:
    answer = operation.ask(ApiClient(token_of(world, MemberRole.BHCM, operation.scope)), world)
    with world.inside(world.practice):
        events = AuditEvent.objects.of(world.practice).filter(
            patient_id=world.ariana.pk, request_id=answer["X-Request-ID"]
        )
        assert events.order_by("number")[0].verb == "chart_opened"
        assert all(event.details["token"] for event in events)


def test_a_list_names_whom_it_showed(world) -> None:
    answer = ApiClient(token_of(world, MemberRole.BHCM)).get("contacts")
    shown = {item["patient"] for item in answer.json()["items"]}
    with world.inside(world.practice):
        [event] = AuditEvent.objects.of(world.practice).filter(request_id=answer["X-Request-ID"])
        assert set(event.details["patients"]) == shown


@pytest.mark.parametrize("role", [MemberRole.BILLING, MemberRole.ADMINISTRATOR], ids=str)
def test_a_token_is_worth_what_its_members_role_is_worth_today(role, world) -> None:
    from cocm.server.accounts.models import Membership

    text = token_of(world, MemberRole.BHCM)
    with world.inside(world.practice):
        Membership.objects.of(world.practice).filter(pk=world.actor(MemberRole.BHCM).membership_id).update(
            role=role
        )
    api = ApiClient(text)
    for operation in SCOPED:
        permission = SCOPES[Scope(operation.scope)].permission
        answer = operation.ask(api, world)
        if permission is not None and permission not in ROLE_PERMISSIONS[role]:
            problem(answer, 403)
        else:
            assert answer.status_code != 401


def test_what_is_nowhere_and_what_is_not_answered_is_told_in_json(world) -> None:
    api = ApiClient(token_of(world, MemberRole.BHCM))
    problem(api.get("nothing/here"), 404)
    answer = api.get("codes")
    assert problem(answer, 405) and answer["Allow"] == "POST"
    answer = api.client.post(
        "/api/v1/codes", "{not json", content_type="application/json", headers=api.headers
    )
    problem(answer, 400)
    answer = api.client.post(
        "/api/v1/check",
        json.dumps({"x12": "x" * 6_000_000}),
        content_type="application/json",
        headers=api.headers,
    )
    problem(answer, 413)


def test_an_error_tells_nothing_and_stores_nothing(world, monkeypatch, caplog) -> None:
    def breaks(**kwargs: Any) -> None:
        raise ValueError("Quillfeather, born 1961-02-03")

    monkeypatch.setattr("cocm.server.api.routes.contacts.entry_record", breaks)
    api = ApiClient(token_of(world, MemberRole.BHCM))
    operation = next(one for one in OPERATIONS if one.name == "contact_add")
    with world.inside(world.practice):
        before = AuditEvent.objects.of(world.practice).count()
    answer = operation.ask(api, world)
    assert "Quillfeather" not in json.dumps(problem(answer, 500))
    with world.inside(world.practice):
        assert AuditEvent.objects.of(world.practice).count() == before


def test_the_description_is_open_and_complete(world) -> None:
    answer = Client().get("/api/v1/openapi.json")
    assert answer.status_code == 200
    described = {(method, path) for path, methods in answer.json()["paths"].items() for method in methods}
    assert len(described) == len(OPERATIONS)
    page = Client().get("/api/v1/docs/")
    text = page.content.decode()
    for method, path in described:
        assert path in text and method.upper() in text
