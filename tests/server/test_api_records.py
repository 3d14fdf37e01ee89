"""Writing and reading records by the API: once only, on pages, with the page's own rules."""

from __future__ import annotations

import threading
from typing import Any

import pytest
import time_machine
from api_rows import CONTACT, ApiClient, token_of
from databases import ONE_ENGINE
from django.db import connections
from django.test import Client

from cocm.basics.months import Month
from cocm.rules.instruments import instruments
from cocm.server.access.permissions import MemberRole
from cocm.server.api.models import ApiToken, KeptAnswer
from cocm.server.contacts.models import Contact
from cocm.server.contacts.services import contact_add, month_freeze
from cocm.server.registry.models import CaseloadReview, Episode
from cocm.server.review.models import Recommendation
from cocm.server.rules_in_force import rulebook

NOW = "2026-03-20T12:00:00-07:00"


@pytest.fixture
def api(world) -> ApiClient:
    return ApiClient(token_of(world, MemberRole.BHCM))


def contact(world: Any, **changes: Any) -> dict[str, Any]:
    return CONTACT | {"patient": str(world.ariana.pk)} | changes


def entries(world: Any) -> int:
    with world.inside(world.practice):
        return Contact.objects.of(world.practice).filter(patient=world.ariana).count()


def test_a_contact_is_recorded_as_the_page_records_it(api, world) -> None:
    before = entries(world)
    answer = api.post("contacts", contact(world, note_minutes=2, note="Called, doing better."))
    assert answer.status_code == 201, answer.content
    made = answer.json()
    assert made["number"] == before + 1 and made["service_seconds"] == 1200 and made["note_minutes"] == 2
    assert made["started_at"] == "2026-03-09T14:05:00Z" and made["with_whom"] == "patient"
    again = api.get(f"contacts/{made['id']}").json()
    assert again == made
    with world.inside(world.practice):
        row = Contact.objects.of(world.practice).get(pk=made["id"])
        assert row.recorded_by_id == world.actor(MemberRole.BHCM).user_id


def test_an_id_that_an_import_took_is_not_taken_again(api, world) -> None:
    before = entries(world)
    with world.inside(world.practice):
        first = Contact.objects.of(world.practice).filter(patient=world.ariana).order_by("number")[0]
        contact_add(
            actor=world.practice,
            patient=world.ariana,
            staff_member=first.staff_member,
            started_at=first.started_at,
            service_seconds=60,
            activity="follow_up",
            contact_id=f"P000001-{before + 2:04d}",
        )
    made = api.post("contacts", contact(world))
    assert made.status_code == 201, made.content
    assert made.json()["contact_id"].startswith(f"P000001-{before + 2:04d}-")


def test_the_same_key_gives_the_same_answer_and_one_entry(api, world) -> None:
    before = entries(world)
    first = api.post("contacts", contact(world), key="a-1")
    second = api.post("contacts", contact(world), key="a-1")
    assert first.status_code == second.status_code == 201 and first.json() == second.json()
    assert "Idempotency-Replayed" not in first and second["Idempotency-Replayed"] == "true"
    other = api.post("contacts", contact(world, service_minutes=21), key="a-1")
    assert other.status_code == 422 and other.json()["type"].endswith("key-used")
    assert entries(world) == before + 1
    assert api.post("contacts", contact(world), key="bad\tkey").status_code == 422


def test_a_key_is_free_again_after_a_refusal_and_after_a_day(api, world) -> None:
    refused = api.post("contacts", contact(world, service_minutes=900, confirmed=[]), key="a-2")
    assert refused.status_code == 409
    assert [item["doubt"] for item in refused.json()["doubts"]] and all(
        item["text"] for item in refused.json()["doubts"]
    )
    assert api.post("contacts", contact(world), key="a-2").status_code == 201
    with world.inside(world.practice):
        kept = KeptAnswer.objects.of(world.practice)
        assert kept.count() == 1
        kept.update(made_at="2026-01-01T00:00:00Z")
    other = api.post("contacts", contact(world, started_at="2026-03-09T09:00:00-07:00"), key="a-2")
    assert other.status_code == 201


@pytest.mark.live
def test_a_key_that_comes_many_times_at_once_is_one_entry(world) -> None:
    token, before, answers = token_of(world, MemberRole.BHCM), entries(world), []

    def send(number: int) -> None:
        answers.append(ApiClient(token).post("contacts", contact(world), key="one"))
        connections["default"].close()

    threads = [threading.Thread(target=send, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.status_code for answer in answers] == [201] * 6
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert entries(world) == before + 1


def test_a_frozen_month_takes_nothing(api, world) -> None:
    billing = world.actor(MemberRole.BILLING)
    with world.inside(billing):
        month_freeze(actor=billing, patient=world.ariana, month=Month(2026, 3))
    answer = api.post("contacts", contact(world), key="a-3")
    assert answer.status_code == 409 and answer.json()["month"] == "2026-03"
    with world.inside(world.practice):
        assert not KeptAnswer.objects.of(world.practice).exists()


@ONE_ENGINE
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"started_at": "2026-03-09T07:05:00"}, "started_at"),
        ({"started_at": "1990-03-09T07:05:00Z"}, "started_at"),
        ({"started_at": "9999-12-31T23:59:00-12:00"}, "started_at"),
        ({"service_minutes": 20.5}, "service_minutes"),
        ({"service_minutes": 100_000}, "service_minutes"),
        ({"activity": "napping"}, "activity"),
        ({"billed_elsewhere_minutes": 10}, "billed_elsewhere_code"),
        ({"billed_elsewhere_minutes": 30, "billed_elsewhere_code": "90832"}, "billed_elsewhere_minutes"),
        ({"acting_as_bhcm": True}, "acting_as_bhcm"),
        ({"patient": "P000001"}, "patient"),
        ({"confirmed": ["whatever"]}, "confirmed.0"),
        ({"note": "a\x00b"}, "note"),
    ],
)
def test_a_wrong_entry_names_its_field(api, world, changes: dict[str, Any], field: str) -> None:
    answer = api.post("contacts", contact(world, **changes))
    assert answer.status_code == 422, answer.content
    assert field in [error["field"] for error in answer.json()["errors"]], answer.json()


@ONE_ENGINE
def test_the_hour_that_comes_twice_is_the_one_that_was_sent(api, world) -> None:
    with time_machine.travel("2026-11-02T00:00:00Z"):
        answer = api.post("contacts", contact(world, started_at="2026-11-01T01:30:00-08:00"))
    assert answer.status_code == 201, answer.content
    assert answer.json()["started_at"] == "2026-11-01T09:30:00Z"


def test_pages_neither_repeat_nor_miss(api) -> None:
    for path in ("caseload", "contacts", "measures", "reviews"):
        whole = api.get(path, limit=200).json()
        key = "episode" if path == "caseload" else "id"
        found: list[str] = []
        cursor = ""
        while cursor is not None:
            page = api.get(path, limit=7, **({"cursor": cursor} if cursor else {})).json()
            found += [item[key] for item in page["items"]]
            cursor = page["next_cursor"]
            if len(found) >= 200:
                break
        assert found[: len(whole["items"])] == [item[key] for item in whole["items"]][: len(found)]
        assert len(set(found)) == len(found) > 7


def test_lists_are_narrowed_to_a_patient_and_to_what_is_new(api, world) -> None:
    made = api.post("contacts", contact(world)).json()
    own = api.get("contacts", patient=str(world.ariana.pk), limit=200).json()["items"]
    assert {item["patient"] for item in own} == {str(world.ariana.pk)}
    new = api.get("contacts", recorded_after="2026-03-16T00:00:00Z").json()["items"]
    assert [item["id"] for item in new] == [made["id"]]
    assert api.get("measures", instrument="gad-7").json()["items"][0]["instrument"] == "gad-7"
    assert api.get("contacts", cursor="not-a-cursor").status_code == 422


@ONE_ENGINE
def test_a_self_harm_item_raises_the_alert_of_the_page(api, world) -> None:
    with time_machine.travel(NOW):
        body = {"patient": str(world.ariana.pk), "instrument": "phq-9", "taken_on": "2026-03-18", "score": 14}
        made = api.post("measures", body | {"self_harm_score": 1}, key="m-1")
        assert made.status_code == 201, made.content
        assert api.post("measures", body | {"score": 99}).status_code == 422
        assert api.post("measures", body | {"taken_on": "2027-03-18"}).status_code == 422
        rows = api.get("caseload", limit=200).json()["items"]
    [row] = [one for one in rows if one["patient"] == str(world.ariana.pk)]
    assert row["flags"][0]["kind"] == "safety" and row["scores"]["phq-9"]["last"]["score"] == 14


@ONE_ENGINE
def test_answers_by_item_are_scored_kept_and_watched(api, world) -> None:
    body = {"patient": str(world.ariana.pk), "instrument": "phq-9", "taken_on": "2026-03-18"}
    with time_machine.travel(NOW):
        names = [item.item_id for item in instruments(rulebook())["phq-9"].items]
        made = api.post("measures", body | {"answers": dict.fromkeys(names[:9], 2)})
        assert made.status_code == 201, made.content
        assert made.json()["score"] == 18 and made.json()["band"] and made.json()["alert"]
        assert api.get(f"measures/{made.json()['id']}").json()["response"] == made.json()["response"]
        few = api.post("measures", body | {"answers": {names[8]: 1}}, key="few").json()
        assert few["score"] is None and few["id"] is None and few["response"] and few["alert"]
        assert len(few["missing"]) >= 8
        for wrong in (
            {"answers": {"no-such-item": 1}},
            {"answers": {names[0]: 9}},
            {"answers": {}, "score": 3},
            {},
        ):
            refused = api.post("measures", body | wrong)
            assert refused.status_code == 422 and refused.json()["errors"], wrong
        other = api.post("measures", body | {"instrument": "no-such-scale", "score": 3})
        assert [error["field"] for error in other.json()["errors"]] == ["instrument"]


@ONE_ENGINE
def test_a_review_comes_with_its_recommendations(api, world) -> None:
    rows = api.get("reviews", patient=str(world.ariana.pk)).json()["items"]
    assert all(set(row) >= {"summary", "needs_direct_evaluation", "recommendations"} for row in rows)
    actor = world.actor(MemberRole.PSYCHIATRIC_CONSULTANT)
    with world.inside(actor):
        review = CaseloadReview.objects.of(actor).get(pk=rows[0]["id"])
        episode = Episode.objects.of(actor).filter(patient=world.ariana)[0]
        Recommendation(
            organization_id=actor.organization_id,
            patient=world.ariana,
            episode=episode,
            review=review,
            kind="medication",
            change="increase",
            subject="sertraline",
            dose="to 100 mg",
            given_on=review.reviewed_on,
            given_by_id=actor.staff_member_id,
            recorded_by_id=actor.user_id,
        ).save()
    [advice] = api.get(f"reviews/{rows[0]['id']}").json()["recommendations"]
    assert "sertraline" in advice["headline"] and advice["state"]


# -- tokens ------------------------------------------------------------------------------------------------------------


def test_a_tokens_text_is_nowhere_in_the_database(api, world) -> None:
    _, _, secret = (
        api.headers["Authorization"].removeprefix("Bearer ").split("_", 2)
    )  # it may hold "_" itself
    assert len(secret) == 43
    with world.inside(world.practice):
        [token] = ApiToken.objects.of(world.practice)
        assert all(secret not in str(value) for value in vars(token).values())
    me = api.get("me").json()
    assert me["role"] == "bhcm" and me["token"] == str(token.pk) and "contacts:write" in me["scopes"]


def test_a_token_ends_by_its_day_by_revoking_and_with_its_member(world) -> None:
    from cocm.server.accounts.services import membership_end
    from cocm.server.api.tokens import token_revoke

    short = ApiClient(token_of(world, MemberRole.BHCM, days=1))
    assert short.get("me").status_code == 200
    with time_machine.travel("2030-01-01T00:00:00Z"):
        answer = short.get("me")
    assert answer.status_code == 401 and "expired" in answer.json()["detail"]
    administrator = world.actor(MemberRole.ADMINISTRATOR)
    with world.inside(administrator):
        [token] = ApiToken.objects.of(administrator)
        token_revoke(actor=administrator, token=token)
    assert "revoked" in short.get("me").json()["detail"]
    other = ApiClient(token_of(world, MemberRole.BHCM))
    with world.inside(administrator):
        membership = token.membership
        membership_end(actor=administrator, membership=membership)
    assert other.get("me").status_code == 401


def test_a_token_cannot_do_more_than_its_maker(world) -> None:
    from django.core.exceptions import ValidationError

    with pytest.raises(ValidationError):
        token_of(world, MemberRole.ADMINISTRATOR, "contacts:read")


def test_too_many_requests_wait(api, world, monkeypatch) -> None:
    from cocm.server.access.throttle_limits import Allowance

    monkeypatch.setattr("cocm.server.api.tokens.RECORDS_ALLOWANCE", Allowance(3, 3600))
    answers = [api.get("measures", limit=1) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert 0 < int(answers[-1]["Retry-After"]) <= 3600
    assert api.get("rules").status_code == 200  # the rulebook has an allowance of its own


def test_a_token_is_made_shown_once_and_revoked_on_its_page(client_of, world) -> None:
    from people_rows import recently_proven

    client: Client = recently_proven(client_of(MemberRole.BHCM))
    assert client.get("/tokens/new/").status_code == 200
    wrong = client.post("/tokens/new/", {"name": "EHR", "days": "30"})
    assert wrong.status_code == 422 and "choose what the token is for" in wrong.content.decode()
    form = {"name": "EHR", "days": "30", "records": ["contacts:read"], "rules": ["rules:codes"]}
    made = client.post("/tokens/new/", form)
    text = made.content.decode().partition("<code>")[2].partition("</code>")[0]
    assert text.startswith("cocm_") and made["Cache-Control"] == "no-store"
    api = ApiClient(text)
    assert api.get("contacts").status_code == 200 and api.get("measures").status_code == 403
    listed = client.get("/tokens/").content.decode()
    assert text not in listed and "EHR" in listed and f"…{text[-4:]}" in listed
    with world.inside(world.practice):
        [token] = ApiToken.objects.of(world.practice)
    for other in (client_of(MemberRole.BILLING), client_of(MemberRole.ADMINISTRATOR, "far-creek")):
        assert "EHR" not in other.get(f"/tokens/{token.pk}/revoke/", follow=True).content.decode()
        other.post(f"/tokens/{token.pk}/revoke/")
    assert api.get("contacts").status_code == 200
    assert client.post(f"/tokens/{token.pk}/revoke/").status_code == 302
    assert api.get("contacts").status_code == 401
