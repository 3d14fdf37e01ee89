"""The case file: each small form writes, is audited and keeps what was there; refusals say what to do."""

from datetime import date

import pytest
import time_machine
from django.core.exceptions import ValidationError
from registry_rows import row_of_ariana

from cocm.server.access.charts import is_on_care_team
from cocm.server.access.permissions import MemberRole
from cocm.server.accounts.models import StaffMember
from cocm.server.audit.models import AuditEvent
from cocm.server.contacts.minutes import minutes_of_month
from cocm.server.measures.alerts import alert_finish
from cocm.server.registry.models import (
    Alert,
    Consent,
    Coverage,
    Episode,
    EpisodeStatus,
    FormerValues,
    MeasureResult,
    Patient,
    SocialNeed,
)
from cocm.server.registry.parts import PARTS
from cocm.server.registry.services.entries import alert_close, measure_add
from cocm.server.registry.services.episodes import episode_open, status_change, team_change

TODAY = "2026-03-20"
PERSON = {"last_name": "Davis", "first_name": "Ariana", "birth_date": "2000-07-14", "sex": "F"}


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel("2026-03-20T19:00:00Z", tick=False):
        yield


def address(world, part, row=None) -> str:
    found = PARTS[part]
    tail = f"{row.pk}/" if row is not None else ""
    return f"/caseload/{world.ariana.pk}/{found.url_name.removesuffix('_row')}/{part}/{tail}"


def bodies(world) -> dict[str, dict]:
    """A form of each part as a care manager would send it."""
    with world.inside(world.practice):
        staff = {
            member.role: member for member in StaffMember.objects.of(world.practice).order_by("-staff_id")
        }
        cover = Coverage.objects.of(world.practice).filter(patient=world.ariana).first()
    consultant = staff["psychiatric_consultant"].pk
    policy = {
        "payer": cover.payer_id,
        "member_id": "W-2",
        "relationship": "self",
        "coverage_from": "2026-01-01",
        "rank": "2",
    }
    return {
        "status": {"status": "maintenance", "from_date": TODAY, "reason": "at target"},
        "consent": {"given": "yes", "consent_date": TODAY, "form": "written", "cost_share_explained": "yes"},
        "visit": {"visit_date": "2026-01-05", "hcpcs_code": "99214", "is_new_patient": "no", "last_seen_date": ""},
        "team": {"bhcm": staff["bhcm"].pk, "from_date": TODAY},
        "cover": {"staff_member": staff["bhcm"].pk, "from_date": TODAY, "to_date": "2026-03-27"},
        "diagnoses": {"codes": "F33.1; f411", "from_date": TODAY},
        "plan": {"relapse_plan_on": TODAY},
        "measure": {"instrument": "phq-9", "taken_on": TODAY, "score": "9", "self_harm_score": "0"},
        "measure_correct": {"instrument": "phq-9", "taken_on": TODAY, "score": "8", "reason": "added up wrongly"},
        "treatment": {"kind": "medication", "change": "started", "changed_on": TODAY, "text": "sertraline 50 mg"},
        "review": {"reviewed_on": TODAY, "bhcm": staff["bhcm"].pk, "psychiatric_consultant": consultant},
        "service": {"service_date": TODAY, "hcpcs_code": "99490"},
        "need": {"diagnosis_code": "z5941", "noted_on": TODAY},
        "need_resolved": {"resolved_on": TODAY},
        "action": {"text": "Call the pharmacy", "due_on": "2026-03-25"},
        "action_done": {},
        "alert": {"kind": "discuss", "reason": "asks for a change", "raised_on": TODAY},
        "alert_close": {"action": "talked it through"},
        "coverage": policy,
        "coverage_change": {**policy, "verified_on": TODAY},
        "person": {**PERSON, "phone": "555-0100"},
    }  # fmt: skip


def test_each_form_writes_and_leaves_an_event(client_of, world) -> None:
    client = client_of(MemberRole.BHCM)
    given = bodies(world)
    others = {
        "revoke",
        "reentry",
        "cover_end",
    }  # these end and begin an episode, or need a cover: tests of their own
    assert set(PARTS) - set(given) == others
    for part, body in given.items():
        row = row_of_ariana(world, PARTS[part].row_model) if PARTS[part].row_model else None
        assert client.get(address(world, part, row)).status_code == 200, part
        answer = client.post(address(world, part, row), body)
        assert answer.status_code == 302, (part, answer.content.decode()[-2500:])
        with world.inside(world.practice):
            events = AuditEvent.objects.of(world.practice).filter(request_id=answer["X-Request-ID"])
            verbs = set(events.values_list("verb", flat=True))
        assert verbs & {"added", "changed", "corrected"}, part
    page = client.get(f"/caseload/{world.ariana.pk}/").content.decode()
    for told in ("Relapse prevention", "sertraline 50 mg", "F41.1", "Z59.41", "written", "99490", "555-0100"):
        assert told in page, told


@pytest.mark.parametrize(
    ("part", "body", "told"),
    [
        ("measure", {"instrument": "phq-9", "taken_on": TODAY, "score": "28"}, "goes from 0 to 27"),
        ("measure", {"instrument": "phq-9", "taken_on": "2026-03-21", "score": "8"}, "has not come yet"),
        ("diagnoses", {"codes": "F33.1; depression", "from_date": TODAY}, "no ICD-10-CM code"),
        ("diagnoses", {"codes": "F33", "from_date": TODAY}, "needs further digits"),
        ("diagnoses", {"codes": "F33.1, F33.1", "from_date": TODAY}, "stands there twice"),
        ("status", {"status": "graduated", "from_date": TODAY, "reason": ""}, "say why the episode ends"),
        ("status", {"status": "active", "from_date": "2020-01-01", "reason": ""}, "the episode began on"),
        ("consent", {"given": "yes", "cost_share_explained": "yes"}, "has a day and a form"),
        ("service", {"service_date": TODAY}, "a service has a code"),
        ("cover", {"staff_member": "", "from_date": TODAY}, "This field is required"),
    ],
)
def test_a_refusal_says_what_to_change_and_keeps_what_was_typed(client_of, world, part, body, told) -> None:
    answer = client_of(MemberRole.BHCM).post(address(world, part), body)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert told in page
    assert all(str(value) in page for value in body.values() if value)


def test_item_nine_raises_an_alert_at_once_that_only_a_named_action_closes(client_of, world) -> None:
    client = client_of(MemberRole.BHCM)
    body = {"instrument": "phq-9", "taken_on": TODAY, "score": "14", "self_harm_score": "1"}
    client.post(address(world, "measure"), body)
    assert "self-harm item above 0" in client.get(f"/caseload/{world.ariana.pk}/").content.decode()
    actor = world.actor(MemberRole.BHCM)
    with world.inside(actor):
        [alert] = Alert.objects.of(actor).filter(patient=world.ariana)
        with pytest.raises(ValidationError):
            alert_close(actor=actor, patient=world.ariana, alert=alert, action="  ")
    client.post(address(world, "review"), bodies(world)["review"])
    with world.inside(actor):
        alert.refresh_from_db()
        assert alert.closed_at is None  # a caseload review does not close it
        with pytest.raises(ValidationError):
            alert_close(actor=actor, patient=world.ariana, alert=alert, action="talked it through")
        done = {
            "action": "safety_plan",
            "reached": "patient",
            "plan": "made",
            "note": "C-SSRS screener, plan made",
        }
        alert_finish(actor=actor, patient=world.ariana, alert=alert, **done)
        alert.refresh_from_db()
        assert alert.closed_by_id == actor.user_id
        with pytest.raises(ValidationError):
            alert_finish(actor=actor, patient=world.ariana, alert=alert, **done)


def test_a_corrected_score_keeps_what_stood_there_and_why(world) -> None:
    actor = world.actor(MemberRole.BHCM)
    with world.inside(actor):
        measure = measure_add(
            actor=actor, patient=world.ariana, instrument="phq-9", taken_on=date(2026, 3, 2), score=12
        )
        from cocm.server.registry.services.entries import measure_correct

        measure_correct(
            actor=actor, patient=world.ariana, measure=measure, score=21, reason="digits turned round"
        )
        [former] = FormerValues.objects.of(actor).filter(object_id=measure.pk)
        assert (former.values, former.reason) == ({"score": 12}, "digits turned round")
        assert MeasureResult.objects.of(actor).get(pk=measure.pk).score == 21
        event = AuditEvent.objects.of(actor).filter(object_id=str(measure.pk)).latest("number")
        assert event.verb == "corrected" and "12" not in str(event.details)


def test_a_revoked_consent_ends_the_episode_and_later_minutes_do_not_count(client_of, world) -> None:
    actor = world.practice
    with world.inside(actor):
        before = minutes_of_month(actor=actor, patients=[world.ariana.pk], month=_march())
    client = client_of(MemberRole.BHCM)
    answer = client.post(address(world, "revoke"), {"revoked_on": "2026-03-05", "reason": "cost"})
    assert answer.status_code == 302
    with world.inside(actor):
        after = minutes_of_month(actor=actor, patients=[world.ariana.pk], month=_march())
        episode = Episode.objects.of(actor).filter(patient=world.ariana).latest("start_date")
        held = Consent.objects.of(actor).filter(episode=episode).latest("recorded_at")
        assert (held.given, held.revoked_on) == ("yes", date(2026, 3, 5))
        assert episode.end_date == date(2026, 3, 5)
        assert sum(row.seconds_counted for row in after.values()) < sum(
            row.seconds_counted for row in before.values()
        )
    assert client.post(address(world, "revoke"), {"revoked_on": "2026-03-06"}).status_code == 422


def _march():
    from cocm.basics.months import Month

    return Month(2026, 3)


def test_who_graduated_begins_again_with_the_team_and_without_consent(client_of, world) -> None:
    client = client_of(MemberRole.BHCM)
    assert (
        client.post(address(world, "reentry"), {"start_date": TODAY, "status": "enrolled"}).status_code == 422
    )
    client.post(
        address(world, "status"), {"status": "graduated", "from_date": "2026-03-10", "reason": "remission"}
    )
    assert (
        client.post(address(world, "reentry"), {"start_date": TODAY, "status": "enrolled"}).status_code == 302
    )
    with world.inside(world.practice):
        first, second = (
            Episode.objects.of(world.practice).filter(patient=world.ariana).order_by("-start_date")[:2][::-1]
        )
        assert (first.end_reason, second.end_date) == ("remission", None)
        assert second.bhcm == first.bhcm and second.diagnoses.count() == first.diagnoses.count()
        assert not second.consents.exists()


def test_whoever_leaves_the_team_loses_the_chart_and_who_joins_opens_it(world) -> None:
    actor = world.actor(MemberRole.BHCM)
    with world.inside(actor):
        episode = Episode.objects.of(actor).get(patient=world.ariana, end_date=None)
        other = StaffMember.objects.of(actor).get(staff_id="BHCM-9999")
        members = {
            name: getattr(episode, name)
            for name in ("billing_practitioner", "psychiatric_consultant", "referring_practitioner")
        }
        team_change(
            actor=actor,
            patient=world.ariana,
            episode=episode,
            from_date=date(2026, 3, 20),
            site=episode.site,
            members={**members, "bhcm": other},
        )
        assert not is_on_care_team(actor, world.ariana.pk)
    with world.inside(world.practice):
        history = [
            (member.staff_member.staff_id, member.to_date) for member in episode.team.filter(part="bhcm")
        ]
        assert ("BHCM-9999", None) in history
        assert any(to_date == date(2026, 3, 19) for _, to_date in history)


def test_another_persons_row_is_not_to_be_reached_through_ones_own_patient(client_of, world) -> None:
    other = world.patient("P000002")
    with world.inside(world.practice):
        need = SocialNeed(
            organization_id=world.practice.organization_id,
            patient=other,
            diagnosis_code="Z59.0",
            noted_on=date(2026, 3, 1),
        )
        need.save()
    assert client_of(MemberRole.BHCM).get(address(world, "need_resolved", need)).status_code == 404


def test_a_reader_sees_no_form_and_cannot_post_one(client_of, world) -> None:
    billing = client_of(MemberRole.BILLING)
    page = billing.get(f"/caseload/{world.ariana.pk}/").content.decode()
    assert "/write/" not in page and "/cover/coverage/" in page
    for part in ("status", "measure", "alert"):
        assert billing.post(address(world, part), bodies(world)[part]).status_code == 403
    with world.inside(world.practice):
        assert not Alert.objects.of(world.practice).exists()


def test_a_part_is_served_by_its_own_permission_only(client_of, world) -> None:
    client = client_of(MemberRole.BILLING)
    assert client.get(f"/caseload/{world.ariana.pk}/cover/status/").status_code == 404
    assert client_of(MemberRole.BHCM).get(f"/caseload/{world.ariana.pk}/write/nonsense/").status_code == 404


def test_a_new_patient_comes_onto_the_caseload_of_who_added_them(client_of, world) -> None:
    client = client_of(MemberRole.BHCM)
    body = {
        "patient_id": "N-1", "last_name": "Newcomer", "first_name": "Nora", "birth_date": "1990-02-03", "sex": "F",
        "start_date": TODAY, "status": "referred", "codes": "F32.1",
    }  # fmt: skip
    answer = client.post("/caseload/new/", body)
    assert answer.status_code == 302, answer.content.decode()[-1500:]
    assert client.get(answer["Location"]).status_code == 200
    again = client.post("/caseload/new/", body)
    assert again.status_code == 422 and "another patient has this id" in again.content.decode()
    with world.inside(world.practice):
        patient = Patient.objects.of(world.practice).get(patient_id="N-1")
        episode = Episode.objects.of(world.practice).get(patient=patient)
        assert [status.status for status in episode.statuses.all()] == [EpisodeStatus.Status.REFERRED]
        assert [row.diagnosis_code for row in episode.diagnoses.all()] == ["F32.1"]


def test_one_episode_is_open_at_a_time_and_an_ended_one_stays_ended(world) -> None:
    with world.inside(world.practice):
        practice, ariana = world.practice, world.ariana
        with pytest.raises(ValidationError):
            episode_open(actor=practice, patient=ariana, start_date=date(2026, 3, 1), status="enrolled")
        episode = Episode.objects.of(practice).get(patient=ariana, end_date=None)
        values = {"actor": practice, "patient": ariana, "episode": episode, "reason": "moved away"}
        status_change(**values, status="lost", from_date=date(2026, 3, 10))
        with pytest.raises(ValidationError):
            status_change(**values, status="active", from_date=date(2026, 3, 11))
        with pytest.raises(ValidationError):
            episode_open(actor=practice, patient=ariana, start_date=date(2026, 3, 9), status="enrolled")
