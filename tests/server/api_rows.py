"""Tokens and clients of the API for tests."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.test import Client

from cocm.server.access.permissions import MemberRole


def token_of(world: Any, whose: Any, *scopes: str, organization: str = "north-valley", days: int = 30) -> str:
    """The text of a new token of a role's person, or of an actor; without scopes, with all that the role may give."""
    from cocm.server.api.scopes import Scope, scopes_open_to
    from cocm.server.api.tokens import token_make

    actor = world.actor(whose, organization) if isinstance(whose, MemberRole) else whose
    with world.inside(actor):
        chosen = [Scope(name) for name in scopes] or list(scopes_open_to(actor))
        _, text = token_make(actor=actor, name="Test", scopes=chosen, days=days)
    return text


def colleague_off_the_team(world: Any) -> Any:
    """A care manager of the practice who is not on Ariana's team."""
    from cocm.server.accounts.models import Membership

    with world.inside(world.practice):
        members = Membership.objects.of(world.practice)
        return members.get(user__email="not-on-the-team@demo.example").as_actor()


class ApiClient:
    """Asks as a programme does: with a token, in JSON."""

    def __init__(self, token: str = "") -> None:
        self.client = Client()
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(f"/api/v1/{path}", query, headers=self.headers)

    def post(self, path: str, body: Any, key: str = "") -> Any:
        headers = self.headers | ({"Idempotency-Key": key} if key else {})
        return self.client.post(
            f"/api/v1/{path}", json.dumps(body), content_type="application/json", headers=headers
        )


CONTACT: dict[str, Any] = {
    "started_at": "2026-03-09T07:05:00-07:00",
    "service_minutes": 20,
    "activity": "follow_up",
    "confirmed": ["overlap_person", "overlap_patient", "day_total", "long"],
}
"""An entry of Ariana's, which overlaps nothing or is confirmed; the patient's id is to be added."""
CLAIM: dict[str, Any] = {
    "claim_id": "C-1",
    "payer": "medicare",
    "patient_birth_date": "1980-01-01",
    "billing": {"npi": "1234567893", "tin": "999000001"},
    "rendering": {"npi": "1245319599"},
    "place_of_service_code": "11",
    "diagnosis_codes": ["F32.1"],
    "lines": [
        {"hcpcs_code": "99493", "units": 1, "charge_amount": "200.00", "service_date": "2026-03-31"},
        {"hcpcs_code": "99494", "units": 1, "charge_amount": "100.00", "service_date": "2026-03-31"},
    ],
}


@dataclass(frozen=True)
class Operation:
    """One operation of the API, with an example that an editor of Ariana's chart may ask for."""

    name: str
    scope: str
    method: str
    path: Callable[[Any], str]
    body: Callable[[Any], Any] = lambda world: {}
    is_of_patient: bool = False
    names_patient: bool = False

    def ask(self, api: ApiClient, world: Any) -> Any:
        if self.method == "POST":
            return api.post(self.path(world), self.body(world))
        return api.get(self.path(world))


def _first(world: Any, model: str) -> str:
    from django.apps import apps

    with world.inside(world.practice):
        rows = apps.get_model(model).objects.of(world.practice).filter(patient=world.ariana)
        return str(rows.order_by("pk").values_list("pk", flat=True)[0])


def operations() -> list[Operation]:
    """Every operation; the test of the description counts them."""
    patient = {"is_of_patient": True}
    named = {"is_of_patient": True, "names_patient": True}

    def fixed(path: str) -> Callable[[Any], str]:
        return lambda world: path

    return [
        Operation("me", "", "GET", fixed("me")),
        Operation("caseload", "caseload:read", "GET", fixed("caseload"), **patient),
        Operation(
            "episode", "caseload:read", "GET", lambda w: f"caseload/{_first(w, 'registry.Episode')}", **named
        ),
        Operation("contacts", "contacts:read", "GET", fixed("contacts"), **patient),
        Operation(
            "contact", "contacts:read", "GET", lambda w: f"contacts/{_first(w, 'contacts.Contact')}", **named
        ),
        Operation(
            "contact_add",
            "contacts:write",
            "POST",
            fixed("contacts"),
            lambda w: CONTACT | {"patient": str(w.ariana.pk)},
            **named,
        ),
        Operation("measures", "measures:read", "GET", fixed("measures"), **patient),
        Operation(
            "measure", "measures:read", "GET", lambda w: f"measures/{_first(w, 'registry.MeasureResult')}", **named
        ),
        Operation(
            "measure_add",
            "measures:write",
            "POST",
            fixed("measures"),
            lambda w: {
                "patient": str(w.ariana.pk), "instrument": "phq-9", "taken_on": "2026-03-10", "score": 9,
                "self_harm_score": 0,
            },
            **named,
        ),
        Operation("reviews", "reviews:read", "GET", fixed("reviews"), **patient),
        Operation(
            "review", "reviews:read", "GET", lambda w: f"reviews/{_first(w, 'registry.CaseloadReview')}", **named
        ),
        Operation(
            "codes",
            "rules:codes",
            "POST",
            fixed("codes"),
            lambda w: {
                "items": [{"payer": "medicare", "month": "2026-03", "month_kind": "first", "minutes": 92}]
            },
        ),
        Operation("check", "rules:check", "POST", fixed("check"), lambda w: {"claims": [CLAIM]}),
        Operation(
            "route",
            "rules:route",
            "POST",
            fixed("route"),
            lambda w: {
                "items": [{"payer": "medicare", "hcpcs_code": "99493", "service_date": "2026-03-31"}]
            },
        ),
        Operation(
            "explain",
            "rules:explain",
            "POST",
            fixed("explain"),
            lambda w: {"items": [{"rule": "limit.addon_units", "payer": "medicare"}]},
        ),
        Operation("rules", "rules:explain", "GET", fixed("rules")),
    ]  # fmt: skip
