"""The caseload review: list, agenda, session, recommendations and what becomes of them, the consultant's hours."""

from datetime import date, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction
from django.utils import timezone
from review_rows import (
    RECOMMENDED,
    discussed_ariana,
    episode_of_ariana,
    recommendation_of_ariana,
    session_of_ariana,
)

from cocm.basics.months import Month
from cocm.care.minutes import count_minutes
from cocm.care.recommendations import AdviceState
from cocm.rules.care_flags import FlagKind
from cocm.server.access.permissions import MemberRole
from cocm.server.audit.models import AuditEvent
from cocm.server.contacts.entries import NeedsConfirmation
from cocm.server.contacts.models import Contact
from cocm.server.contacts.services import MonthFrozen, month_freeze
from cocm.server.practice_port import PracticePort
from cocm.server.registry.caseload import Caseload
from cocm.server.registry.models import Alert, CaseloadReview, TreatmentChange
from cocm.server.registry.services.entries import alert_raise
from cocm.server.review import services
from cocm.server.review.hours import hours_of
from cocm.server.review.models import Recommendation, ReviewSession
from cocm.server.review.selectors import review_list
from cocm.server.rules_in_force import policy_for

TODAY = date(2026, 3, 20)
NOON = "2026-03-20T19:00:00Z"


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(NOON, tick=True):
        yield


def test_the_list_is_the_caseload_in_the_order_of_need_with_its_reasons(world, client_of) -> None:
    actor = world.actor(MemberRole.BHCM)
    with world.inside(actor):
        found = review_list(actor=actor, today=TODAY)
        rows = {row.values["episode_id"]: row for row in found.load.rows}
    assert found.places and len(found.places) + len(found.others) <= len(rows)
    for place in found.places:
        assert place.flags == tuple(flag for flag in place.key.flags if flag.rule.is_for_review)
    page = client_of(MemberRole.BHCM).get("/review/").content.decode()
    places = [page.index(place.key.listed_name) for place in found.places]
    assert places == sorted(places)
    assert found.places[0].flags[0].reason.split(",")[0] in page


def test_an_agenda_is_made_from_the_list_and_keeps_why(world, client_of) -> None:
    client = client_of(MemberRole.BHCM)
    actor = world.actor(MemberRole.BHCM)
    with world.inside(actor):
        found = review_list(actor=actor, today=TODAY)
    first, last = found.places[0].key, found.places[-1].key
    key = str(first.values["key"]).replace("-", "")
    picked = [key, str(last.values["key"]).replace("-", "")]
    answer = client.post(
        "/review/",
        {
            "held_on": "2026-03-20",
            "starts": "12:00",
            "pick": picked[::-1],
            f"question-{key}": "Is <b>lithium</b> due?",
        },
    )
    assert answer.status_code == 302
    with world.inside(actor):
        session = ReviewSession.objects.of(actor).get()
        items = list(session.items.order_by("place"))
    assert [item.patient_id for item in items] == [first.values["patient_pk"], last.values["patient_pk"]]
    assert [reason[1] for reason in items[0].reasons] == [flag.reason for flag in found.places[0].flags]
    agenda = client.get(f"/review/sessions/{session.pk}/agenda/").content.decode()
    assert "Is &lt;b&gt;lithium&lt;/b&gt; due?" in agenda and first.values["last_name"] in agenda
    # Ariana's consultant sees it too, a colleague who takes no part does not
    assert (
        client_of(MemberRole.PSYCHIATRIC_CONSULTANT).get(f"/review/sessions/{session.pk}/").status_code == 200
    )
    assert client_of(MemberRole.PCP).get(f"/review/sessions/{session.pk}/").status_code == 403


@pytest.mark.parametrize(
    "typed",
    [{}, {"held_on": "2026-03-20", "starts": "12:00"}, {"held_on": "soon", "starts": "25:00", "pick": "x"}],
)
def test_an_agenda_of_nobody_or_at_no_time_is_refused(typed, client_of, world) -> None:
    assert client_of(MemberRole.BHCM).post("/review/", typed).status_code == 422


def test_a_patient_is_discussed_with_recommendations_and_both_peoples_minutes(world, client_of) -> None:
    session = session_of_ariana(world)
    client = client_of(MemberRole.PSYCHIATRIC_CONSULTANT)
    address = f"/review/sessions/{session.pk}/{world.ariana.pk}/"
    page = client.get(address).content.decode()
    assert "Is it time to change?" in page and "PHQ-9" in page
    typed = {
        "what": "discussed", "summary": "Little change.", "bhcm_minutes": "5", "consultant_minutes": "4",
        "r-TOTAL_FORMS": "3", "r-INITIAL_FORMS": "0", "r-0-kind": "medication", "r-0-change": "increase",
        "r-0-subject": "sertraline", "r-0-dose": "100 mg", "r-1-kind": "referral", "r-1-text": "Sleep clinic",
    }  # fmt: skip
    assert "the review is on record" in client.post(address, typed, follow=True).content.decode()
    practice = world.practice
    with world.inside(practice):
        review = CaseloadReview.objects.of(practice).get(patient=world.ariana, reviewed_on=TODAY)
        told = list(Recommendation.objects.of(practice).filter(review=review).order_by("recorded_at"))
        entries = list(
            Contact.objects.of(practice).filter(patient=world.ariana, recorded_on=TODAY).order_by("number")
        )
        event = AuditEvent.objects.of(practice).filter(
            object_type="recommendation", object_id=str(told[0].pk)
        )
        assert event.get().patient_id == world.ariana.pk
    assert [row.headline for row in told] == ["Increase sertraline (100 mg)", "Referral"]
    assert [(entry.service_seconds, entry.activity) for entry in entries] == [
        (300, "caseload_review"),
        (240, "caseload_review"),
    ]
    assert entries[0].started_at == entries[1].started_at
    assert client.post(address, typed).status_code == 422  # the same form once more changes nothing


def test_the_consultants_minutes_are_in_the_ledger_and_count_by_the_payers_rule(world) -> None:
    """The ledger of the core decides; with the general rule the consultant's minutes do not count."""
    practice = world.practice
    with world.inside(practice):
        [before] = list(PracticePort(practice).case_files([world.ariana.pk], Month.of(TODAY)))
    discussed_ariana(world, minutes=6)
    with world.inside(practice):
        [after] = list(PracticePort(practice).case_files([world.ariana.pk], Month.of(TODAY)))
    new = {contact.contact_id for contact in after.contacts} - {
        contact.contact_id for contact in before.contacts
    }
    ledger = count_minutes(
        after.contacts,
        month=after.month,
        policy=policy_for(after),
        consent=after.episode.consent,
        episode_start=after.episode.start_date,
    )
    by_role = {
        contact.role.value: next(entry for entry in ledger.entries if entry.contact_id == contact.contact_id)
        for contact in after.contacts
        if contact.contact_id in new
    }
    assert by_role["psychiatric_consultant"].counted_seconds == 0
    assert by_role["psychiatric_consultant"].exclusions
    assert by_role["bhcm"].logged_seconds == 360


def test_entries_of_a_session_follow_one_another(world) -> None:
    actor = world.actor(MemberRole.BHCM)
    with world.inside(actor):
        episodes = [row.key.values["key"] for row in review_list(actor=actor, today=TODAY).places[:2]]
        rows = list(
            episode_of_ariana(world)
            .__class__.objects.of(actor)
            .filter(pk__in=episodes)
            .select_related("patient", "bhcm", "psychiatric_consultant")
        )
        session = services.session_prepare(
            actor=actor, bhcm=rows[0].bhcm, psychiatric_consultant=rows[0].psychiatric_consultant,
            started_at=timezone.now() - timedelta(hours=1), picked=[services.Picked(row) for row in rows],
        )  # fmt: skip
        doubts = ("overlap_person", "overlap_patient", "day_total")
        for item in session.items.order_by("place"):
            services.discussed(
                actor=actor, patient=item.patient, item=item, summary="Talked.", bhcm_minutes=4,
                consultant_minutes=5, confirmed=doubts,
            )  # fmt: skip
        first, second = [item.review.note for item in session.items.order_by("place")]
    assert second.bhcm_entry.started_at == first.consultant_entry.started_at + timedelta(minutes=5)


def test_doubtful_minutes_are_shown_before_they_are_recorded(world, client_of) -> None:
    session = session_of_ariana(world)
    address = f"/review/sessions/{session.pk}/{world.ariana.pk}/"
    typed = {
        "what": "discussed",
        "summary": "Long.",
        "bhcm_minutes": "119",
        "r-TOTAL_FORMS": "0",
        "r-INITIAL_FORMS": "0",
    }
    client = client_of(MemberRole.BHCM)
    shown = client.post(address, typed)
    assert shown.status_code == 422 and 'name="confirmed"' in shown.content.decode()
    with world.inside(world.practice):
        assert not CaseloadReview.objects.of(world.practice).filter(reviewed_on=TODAY).exists()
    found = [doubt.doubt.value for doubt in shown.context["doubts"]]
    assert client.post(address, typed | {"confirmed": found}).status_code == 302


def test_a_frozen_month_takes_no_minutes_and_nothing_is_half_written(world, client_of) -> None:
    session = session_of_ariana(world)
    with world.inside(world.practice):
        month_freeze(actor=world.practice, patient=world.ariana, month=Month.of(TODAY))
    actor = world.actor(MemberRole.BHCM)
    with world.inside(actor), pytest.raises((MonthFrozen, NeedsConfirmation)):
        services.discussed(
            actor=actor, patient=world.ariana, item=session.items.get(), summary="x", bhcm_minutes=5
        )
    with world.inside(actor):
        assert not CaseloadReview.objects.of(actor).filter(patient=world.ariana, reviewed_on=TODAY).exists()
        services.discussed(
            actor=actor, patient=world.ariana, item=session.items.get(), summary="Without minutes."
        )


def test_a_review_clears_the_wish_to_discuss_and_the_flags_that_asked_for_it(world) -> None:
    actor = world.actor(MemberRole.BHCM)
    with world.inside(actor):
        alert_raise(
            actor=actor, patient=world.ariana, kind=Alert.Kind.DISCUSS, reason="Asks", raised_on=TODAY
        )
    discussed_ariana(world)
    with world.inside(actor):
        row = Caseload.of_episodes(actor, TODAY, [episode_of_ariana(world).pk]).rows[0]
    assert not {FlagKind.DISCUSS, FlagKind.REVIEW_DUE, FlagKind.NEW} & {flag.kind for flag in row.flags}


def test_a_session_to_come_records_nothing_yet(world) -> None:
    with pytest.raises(ValidationError, match="recorded then"):
        discussed_ariana(world, days_ago=-2)


def test_who_is_put_off_says_why_and_a_closed_session_takes_nothing_more(world, client_of) -> None:
    session = session_of_ariana(world)
    client = client_of(MemberRole.BHCM)
    address = f"/review/sessions/{session.pk}/{world.ariana.pk}/"
    assert client.post(address, {"what": "put_off", "put_off_reason": ""}).status_code == 422
    assert client.post(address, {"what": "put_off", "put_off_reason": "On holiday"}).status_code == 302
    own = f"/review/sessions/{session.pk}/"
    assert client.post(own, {"what": "close", "other_minutes": "20"}).status_code == 422
    assert (
        client.post(own, {"what": "close", "other_minutes": "20", "other_note": "Teaching"}).status_code
        == 302
    )
    assert client.post(own, {"what": "close"}).status_code == 422
    actor = world.actor(MemberRole.BHCM)
    with world.inside(actor), pytest.raises(ValidationError, match="closed"):
        services.question_set(actor=actor, patient=world.ariana, item=session.items.get(), question="Late?")


# Recommendations ------------------------------------------------------------------------------------------------


def answered(world, recommendation, answer, **values):
    actor = world.actor(MemberRole.PCP)
    with world.inside(actor):
        services.recommendation_answer(
            actor=actor,
            patient=world.ariana,
            recommendation=recommendation,
            answer=answer,
            answered_by=episode_of_ariana(world).billing_practitioner,
            answered_on=TODAY,
            **values,
        )
        return Recommendation.objects.of(actor).get(pk=recommendation.pk)


def test_the_practitioner_accepts_with_one_click(world, client_of) -> None:
    made = recommendation_of_ariana(world)
    pcp = client_of(MemberRole.PCP)
    page = pcp.get("/review/", follow=True).content.decode()
    assert "Increase sertraline (100 mg)" in page and ">Accept<" in page
    staff = world.actor(MemberRole.PCP).staff_member_id
    typed = {"answer": "accepted", "answered_by": str(staff), "answered_on": "2026-03-20"}
    address = f"/review/patients/{world.ariana.pk}/recommendations/{made.pk}/answer/"
    assert pcp.post(address, typed).status_code == 302
    with world.inside(world.practice):
        row = Recommendation.objects.of(world.practice).get(pk=made.pk)
        assert row.state is AdviceState.TO_DO and row.last_answer.answered_by_id == staff
    assert (
        "Increase sertraline" in client_of(MemberRole.BHCM).get("/review/recommendations/").content.decode()
    )


@pytest.mark.parametrize(("answer", "field"), [("modified", "instead"), ("declined", "reason")])
def test_to_modify_or_decline_says_what_or_why(answer, field, world, client_of) -> None:
    made = recommendation_of_ariana(world)
    with pytest.raises(ValidationError, match="say"):
        answered(world, made, answer)
    row = answered(world, made, answer, **{field: "75 mg; the patient is tired"})
    assert row.state is (AdviceState.TO_DO if answer == "modified" else AdviceState.DECLINED)
    page = (
        client_of(MemberRole.PSYCHIATRIC_CONSULTANT)
        .get("/review/recommendations/?state=over")
        .content.decode()
    )
    assert ("the patient is tired" in page) is (answer == "declined")


def test_the_consultant_does_not_answer_and_a_stranger_sees_nothing(world, client_of) -> None:
    made = recommendation_of_ariana(world)
    actor = world.actor(MemberRole.PSYCHIATRIC_CONSULTANT)
    with world.inside(actor), pytest.raises(PermissionDenied):
        services.recommendation_answer(
            actor=actor, patient=world.ariana, recommendation=made, answer="accepted",
            answered_by=made.given_by, answered_on=TODAY,
        )  # fmt: skip
    assert (
        "sertraline"
        not in client_of(MemberRole.BHCM, "far-creek")
        .get("/review/recommendations/?state=waiting")
        .content.decode()
    )


def test_what_is_carried_out_stands_in_the_treatment_and_ends_it(world, client_of) -> None:
    made = recommendation_of_ariana(world, is_accepted=True)
    client = client_of(MemberRole.BHCM)
    address = f"/review/patients/{world.ariana.pk}/recommendations/{made.pk}/carried-out/"
    typed = {
        "is_carried_out": "yes", "carried_out_on": "2026-03-20", "in_the_trend": "on",
        "carried_out_by": str(world.actor(MemberRole.BHCM).staff_member_id),
    }  # fmt: skip
    assert client.post(address, {**typed, "is_carried_out": "no"}).status_code == 422  # and why not?
    assert client.post(address, {**typed, "carried_out_on": "2026-03-01"}).status_code == 422
    assert client.post(address, typed).status_code == 302
    with world.inside(world.practice):
        assert Recommendation.objects.of(world.practice).get(pk=made.pk).state is AdviceState.DONE
        change = TreatmentChange.objects.of(world.practice).get(patient=world.ariana, changed_on=TODAY)
        assert (change.text, change.change) == ("sertraline 100 mg", "changed")
    with pytest.raises(ValidationError, match="already"):
        answered(world, made, "declined", reason="Too late")


def test_advice_without_an_answer_is_flagged_after_its_days(world) -> None:
    made = recommendation_of_ariana(world)
    actor = world.actor(MemberRole.BHCM)
    for days, is_told in ((14, False), (15, True)):
        with world.inside(actor):
            load = Caseload.of_episodes(actor, made.given_on + timedelta(days=days), [made.episode_id])
            kinds = {flag.kind for flag in load.rows[0].flags}
            assert (FlagKind.RECOMMENDATION_OPEN in kinds) is is_told
    answered(world, made, "declined", reason="No")
    with world.inside(actor):
        load = Caseload.of_episodes(actor, made.given_on + timedelta(days=20), [made.episode_id])
        assert FlagKind.RECOMMENDATION_OPEN not in {flag.kind for flag in load.rows[0].flags}


def test_what_was_said_cannot_be_changed_by_anybody(world) -> None:
    made = recommendation_of_ariana(world)
    with world.inside(world.practice), pytest.raises(DatabaseError), transaction.atomic():
        Recommendation.objects.filter(pk=made.pk).update(text="Something else")


@pytest.mark.parametrize(
    "values",
    [{"kind": "medication", "text": "more"}, {"kind": "therapy"}, {"kind": "referral", "text": "x" * 1_001}],
)
def test_a_recommendation_that_says_nothing_is_refused(values, world) -> None:
    with pytest.raises(ValidationError):
        discussed_ariana(world, recommendations=[values])


# Hours ----------------------------------------------------------------------------------------------------------


def test_the_hours_are_the_ledgers_and_the_sessions_other_work(world, client_of) -> None:
    consultant = world.actor(MemberRole.PSYCHIATRIC_CONSULTANT)
    with world.inside(consultant):
        before = sum(line.seconds for line in hours_of(actor=consultant, month=Month.of(TODAY)))
    note = discussed_ariana(world, minutes=7)
    actor = world.actor(MemberRole.BHCM)
    with world.inside(actor):
        session = ReviewSession.objects.of(actor).get(items__review=note.review)
        services.session_close(actor=actor, session=session, other_minutes=13, other_note="Teaching")
    with world.inside(consultant):
        lines = hours_of(actor=consultant, month=Month.of(TODAY))
        [today] = [line for line in lines if line.day == TODAY]
        # 7 minutes about Ariana and 13 about nobody are 20
        assert sum(line.seconds for line in lines) - before == 20 * 60
        assert (today.general_minutes, world.ariana.pk in today.patients) == (13, True)
    page = client_of(MemberRole.PSYCHIATRIC_CONSULTANT).get("/review/hours/?month=2026-03").content.decode()
    assert "Teaching" not in page and today.consultant in page
    assert client_of(MemberRole.BHCM).get("/review/hours/").status_code == 403


def test_the_statement_names_no_patient_and_is_guarded(world, client_of) -> None:
    discussed_ariana(world, minutes=7)
    manager = client_of(MemberRole.MANAGER)
    asked = manager.get("/review/hours/2026-03/csv/")
    assert asked.status_code == 302 and "reauthenticate" in asked["Location"]
    with world.inside(world.practice):
        cells = [line.cells for line in hours_of(actor=world.practice, month=Month.of(TODAY))]
    assert cells and not any(world.ariana.last_name in str(cell) for row in cells for cell in row)
    assert RECOMMENDED["subject"] not in str(cells)
