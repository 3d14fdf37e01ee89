"""Recording a contact by its pages: form, timer, draft, doubts, split, consent, hand-off, templates, frozen months."""

import uuid
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from cocm.basics.months import Month
from cocm.server.access.permissions import MemberRole
from cocm.server.accounts.models import StaffMember
from cocm.server.contacts.drafts import draft_save, drafts_of
from cocm.server.contacts.entry_templates import template_save
from cocm.server.contacts.models import Contact, ContactDraft, WorkTimer
from cocm.server.contacts.services import month_freeze
from cocm.server.contacts.timers import (
    NotStaff,
    reading,
    timer_discard,
    timer_for,
    timer_sign,
    timer_start,
    timer_stop,
    timers_of,
)
from cocm.server.registry.models import CareTeamMember, Consent, Episode, WorkNote

NOON = datetime(2026, 4, 15, 19, 0, tzinfo=UTC)  # 12:00 in California


@pytest.fixture
def bhcm(world):
    return world.actor(MemberRole.BHCM)


def typed(**changed):
    """What a care manager sends."""
    fields = {
        "do": "save", "entry_id": str(uuid.uuid4()), "activity": "follow_up", "modality": "phone",
        "with_whom": "patient", "outcome": "done", "day": "2026-04-15", "at": "12:00", "service_minutes": "25",
        "programme": "cocm", "note_text": "Sleeps better.",
    }  # fmt: skip
    return fields | {name: str(value) for name, value in changed.items()}


def address(name, world, **more):
    return reverse(f"contacts:{name}", kwargs={"patient_id": world.ariana.pk, **more})


def entries(world, actor):
    with world.inside(actor):
        return list(
            Contact.objects.of(actor)
            .filter(patient=world.ariana, started_at__gte=NOON - timedelta(days=9))
            .order_by("number")
        )


# -- the form ----------------------------------------------------------------------------------------------------------


def test_an_entry_is_recorded_as_it_was_typed(world, bhcm, client_of) -> None:
    sent = typed(note_minutes=6)
    answer = client_of(MemberRole.BHCM).post(address("entry", world), sent)
    assert answer.status_code == 302 and "/2026-04/#entry-" in answer["Location"]
    [contact] = entries(world, bhcm)
    assert contact.started_at == NOON and contact.service_seconds == 1500
    assert (contact.note_minutes, contact.note_text, contact.with_whom) == (6, "Sleeps better.", "patient")
    assert str(contact.pk) == sent["entry_id"] and contact.staff_member_id == bhcm.staff_member_id


def test_a_form_sent_twice_is_one_entry(world, bhcm, client_of) -> None:
    client, sent = client_of(MemberRole.BHCM), typed()
    for _ in range(2):
        assert client.post(address("entry", world), sent).status_code == 302
    assert len(entries(world, bhcm)) == 1


def test_forty_minutes_of_psychotherapy_leave_ten(world, bhcm, client_of) -> None:
    client = client_of(MemberRole.BHCM)
    sent = typed(service_minutes=50, split_minutes=40, split_code="90834", modality="in_person")
    answer = client.post(address("entry", world), sent, follow=True)
    page = answer.content.decode()
    assert "40 of them psychotherapy, 10 for Collaborative Care" in page
    assert "40 min: reported with another code 90834" in page
    [contact] = entries(world, bhcm)
    assert (contact.service_seconds, contact.billed_elsewhere_minutes) == (3000, 40)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"split_minutes": 30, "split_code": "90834"}, "More than the 25 service minutes"),
        ({"split_minutes": 10}, "Which code are these minutes reported with?"),
        ({"split_code": "90834"}, "How many of the service minutes"),
        ({"split_minutes": 10, "split_code": "9-834"}, "five letters or digits"),
        ({"day": "2026-03-08", "at": "02:30"}, "this time did not exist"),
        ({"day": "2036-01-01"}, "has not happened yet"),
        ({"day": "0026-04-01"}, "four digits"),
        ({"day": "yesterday"}, "Enter a valid date"),
        ({"service_minutes": "-1"}, "greater than or equal to 0"),
        ({"service_minutes": "1441"}, "less than or equal to 1440"),
        ({"service_minutes": ""}, "This field is required"),
        ({"activity": "gardening"}, "not one of the available choices"),
        ({"entry_id": "none"}, "valid UUID"),
    ],
)
def test_a_fault_is_said_beside_the_field_and_nothing_is_lost(world, bhcm, client_of, changed, said) -> None:
    page = client_of(MemberRole.BHCM).post(address("entry", world), typed(**changed)).content.decode()
    assert said in page and "Sleeps better." in page
    assert entries(world, bhcm) == []
    with world.inside(bhcm):
        assert drafts_of(actor=bhcm).get().typed["note_text"] == "Sleeps better."


def test_overlapping_time_is_recorded_only_when_confirmed(world, bhcm, client_of) -> None:
    client = client_of(MemberRole.BHCM)
    client.post(address("entry", world), typed())
    again = typed(at="12:10")
    page = client.post(address("entry", world), again).content.decode()
    assert "15 minutes at the same time as another entry of yours" in page
    assert 'name="confirmed" value="overlap_person"' in page
    assert len(entries(world, bhcm)) == 1
    client.post(address("entry", world), again | {"confirmed": "overlap_person"})
    assert [contact.confirmed_doubts for contact in entries(world, bhcm)] == ["", "overlap_person"]
    month = client.get(address("month", world, month="2026-04")).content.decode()
    assert "Confirmed: overlaps your own time" in month and "15 min: at the same time" in month


def test_confirming_one_doubt_does_not_confirm_another(world, bhcm, client_of) -> None:
    client = client_of(MemberRole.BHCM)
    sent = typed(at="23:30", service_minutes=150, confirmed="long")
    page = client.post(address("entry", world), sent).content.decode()
    assert "runs past midnight" in page and entries(world, bhcm) == []


def test_a_consultants_and_a_practitioners_time_is_theirs(world, client_of) -> None:
    for role, at in ((MemberRole.PSYCHIATRIC_CONSULTANT, "09:00"), (MemberRole.PCP, "10:00")):
        actor = world.actor(role)
        sent = typed(activity="care_coordination", acting_as_bhcm="on", at=at)
        assert client_of(role).post(address("entry", world), sent).status_code == 302
        contact = next(item for item in entries(world, actor) if str(item.pk) == sent["entry_id"])
        assert contact.staff_member_id == actor.staff_member_id
        assert contact.acting_as_bhcm == (
            role is MemberRole.PCP
        )  # a consultant's time is never a care manager's


# -- consent, hand-off, templates --------------------------------------------------------------------------------------


def no_consent(world, actor):
    with world.inside(actor):
        episode = Episode.objects.of(actor).filter(patient=world.ariana).latest("start_date")
        Consent.objects.of(actor).filter(episode=episode).delete()
        return episode


def test_verbal_consent_is_one_tap(world, bhcm, client_of) -> None:
    episode = no_consent(world, bhcm)
    client = client_of(MemberRole.BHCM)
    assert "Verbal consent today" in client.get(address("entry", world)).content.decode()
    for _ in range(2):
        client.post(address("consent", world))
    with world.inside(bhcm):
        [consent] = Consent.objects.of(bhcm).filter(episode=episode)
        assert (consent.given, consent.form, consent.cost_share_explained) == ("yes", "verbal", "yes")
        assert consent.consent_date == world.today
    assert "Verbal consent today" not in client.get(address("entry", world)).content.decode()


def test_consent_with_the_entry_has_the_entrys_day(world, bhcm, client_of) -> None:
    episode = no_consent(world, bhcm)
    client_of(MemberRole.BHCM).post(address("entry", world), typed(with_consent="on"))
    with world.inside(bhcm):
        assert str(Consent.objects.of(bhcm).get(episode=episode).consent_date) == "2026-04-15"


def test_a_covering_colleague_finds_chart_and_task_on_their_start_page(world, bhcm, client_of) -> None:
    with world.inside(bhcm):
        colleague = StaffMember.objects.of(bhcm).get(staff_id="BHCM-9999")
    today = world.today
    sent = {
        "colleague": colleague.pk,
        "from_date": today,
        "to_date": today + timedelta(days=3),
        "text": "Call about the dose",
    }
    answer = client_of(MemberRole.BHCM).post(address("hand_off", world), sent)
    assert answer.status_code == 302
    from django.test import Client

    from cocm.server.accounts.models import User

    client = Client()
    client.force_login(
        User.objects.get(full_name="Ida Elsewhere"), "allauth.account.auth_backends.AuthenticationBackend"
    )
    home = client.get("/").content.decode()
    assert world.ariana.full_name in home and "Call about the dose" in home
    assert client.get(address("entry", world)).status_code == 200
    with world.inside(bhcm):
        assert WorkNote.objects.of(bhcm).get(owner=colleague).due_on == today
        member = CareTeamMember.objects.of(bhcm).get(staff_member=colleague)
        assert member.part == CareTeamMember.Part.COVERING


@pytest.mark.parametrize(("first", "last"), [(-1, 3), (2, 1)])
def test_days_that_nobody_can_cover_are_refused(world, bhcm, client_of, first, last) -> None:
    with world.inside(bhcm):
        colleague = StaffMember.objects.of(bhcm).get(staff_id="BHCM-9999")
    today = world.today
    sent = {
        "colleague": colleague.pk,
        "from_date": today + timedelta(first),
        "to_date": today + timedelta(last),
    }
    assert client_of(MemberRole.BHCM).post(address("hand_off", world), sent).status_code == 200
    with world.inside(bhcm):
        assert not CareTeamMember.objects.of(bhcm).filter(staff_member=colleague).exists()


def test_templates_are_ones_own_or_everybodys(world, bhcm, client_of) -> None:
    with world.inside(bhcm):
        template_save(actor=bhcm, name="Mine", is_shared=False, typed={"activity": "registry"})
        shared = template_save(
            actor=bhcm,
            name="Ours",
            is_shared=True,
            typed={"activity": "measure", "note_text": "PHQ-9:", "service_minutes": "30"},
        )
        assert "service_minutes" not in shared.typed  # time is never a template's
    page = client_of(MemberRole.PSYCHIATRIC_CONSULTANT).get(f"{address('entry', world)}?template={shared.pk}")
    text = page.content.decode()
    assert "Ours" in text and "Mine" not in text
    assert '<option value="measure" selected>' in text and "PHQ-9:" in text
    removing = reverse("contacts:template_remove", kwargs={"template_id": shared.pk})
    client_of(MemberRole.PSYCHIATRIC_CONSULTANT).post(removing)
    with world.inside(bhcm):
        assert type(shared).objects.of(bhcm).filter(pk=shared.pk).exists()
    client_of(MemberRole.BHCM).post(removing)
    with world.inside(bhcm):
        assert not type(shared).objects.of(bhcm).filter(pk=shared.pk).exists()


# -- timers ------------------------------------------------------------------------------------------------------------


def test_a_timer_stands_still_when_another_runs(world, bhcm) -> None:
    other = world.patient("P000002")
    with world.inside(bhcm):
        timer_start(actor=bhcm, patient=world.ariana, now=NOON)
        timer_start(actor=bhcm, patient=other, now=NOON + timedelta(minutes=10))
        later = NOON + timedelta(hours=1)
        assert reading(timer_for(actor=bhcm, patient=world.ariana), later).seconds == 600
        assert reading(timer_for(actor=bhcm, patient=other), later).seconds == 3000
        assert timers_of(actor=bhcm).filter(running_since__isnull=False).count() == 1
        timer_start(actor=bhcm, patient=world.ariana, now=later)
        timer_stop(actor=bhcm, patient=world.ariana, now=later + timedelta(minutes=5))
        timer_stop(
            actor=bhcm, patient=world.ariana, now=later + timedelta(minutes=50)
        )  # it stands still already
        assert timer_for(actor=bhcm, patient=world.ariana).seconds_before == 900
        assert not timers_of(actor=bhcm).filter(running_since__isnull=False).exists()


def test_signs_of_work_keep_a_timer_from_being_quiet(world, bhcm) -> None:
    with world.inside(bhcm):
        timer_start(actor=bhcm, patient=world.ariana, now=NOON)
        for minutes in (10, 20, 45, 50):  # 25 minutes without a sign
            timer_sign(actor=bhcm, now=NOON + timedelta(minutes=minutes))
        said = reading(timer_for(actor=bhcm, patient=world.ariana), NOON + timedelta(minutes=55))
        assert (said.seconds, said.quiet_seconds) == (55 * 60, 25 * 60)
        overnight = reading(timer_for(actor=bhcm, patient=world.ariana), NOON + timedelta(hours=20))
        assert overnight.quiet_seconds == 25 * 60 + (20 * 60 - 50) * 60
        timer_discard(actor=bhcm, patient=world.ariana)
        assert timer_sign(actor=bhcm) is None


def test_a_clock_that_went_back_gives_no_negative_time(world, bhcm) -> None:
    with world.inside(bhcm):
        timer = timer_start(actor=bhcm, patient=world.ariana, now=NOON)
        assert reading(timer, NOON - timedelta(minutes=5)).seconds == 0


def test_a_timer_proposes_and_the_author_takes_less(world, bhcm, client_of) -> None:
    client = client_of(MemberRole.BHCM)
    with world.inside(bhcm):
        timer_start(actor=bhcm, patient=world.ariana, now=timezone.now() - timedelta(minutes=14, seconds=50))
    sent = typed(do="timer_stop", service_minutes="")
    client.post(address("entry", world), sent)
    page = client.get(address("entry", world)).content.decode()
    assert "Proposes 14 minutes" in page and 'name="service_minutes" value="14"' in page
    assert "Sleeps better." in page  # the button of the timer kept what was typed
    now = timezone.now() - timedelta(minutes=16)
    local = now.astimezone(ZoneInfo("America/Los_Angeles"))
    sent = typed(service_minutes=9, uses_timer="yes", day=f"{local:%Y-%m-%d}", at=f"{local:%H:%M}")
    assert client.post(address("entry", world), sent).status_code == 302
    with world.inside(bhcm):
        contact = Contact.objects.of(bhcm).get(pk=sent["entry_id"])
        assert contact.service_seconds == 540 and 880 <= contact.timer_seconds <= 960
        assert not WorkTimer.objects.of(bhcm).exists()


def test_an_entry_begins_with_its_timer_unless_its_author_says_when(world, bhcm, client_of) -> None:
    client = client_of(MemberRole.BHCM)
    with world.inside(bhcm):
        timer_start(actor=bhcm, patient=world.ariana, now=NOON)
    shown = {"day": "2026-04-15", "at": "11:40", "begun_shown": "2026-04-15 11:40"}
    client.post(address("entry", world), typed(do="draft", **shown))
    assert 'value="12:00"' in client.get(address("entry", world)).content.decode()
    with world.inside(bhcm):
        ContactDraft.objects.of(bhcm).delete()
    client.post(address("entry", world), typed(do="draft", **(shown | {"at": "11:55"})))
    assert 'value="11:55"' in client.get(address("entry", world)).content.decode()


def test_more_than_the_timer_ran_is_doubted(world, bhcm, client_of) -> None:
    with world.inside(bhcm):
        timer_start(actor=bhcm, patient=world.ariana, now=timezone.now() - timedelta(minutes=5))
        timer_stop(actor=bhcm, patient=world.ariana)
    page = client_of(MemberRole.BHCM).post(address("entry", world), typed(uses_timer="yes")).content.decode()
    assert "25 minutes are more than the 5 that the timer ran" in page


def test_who_is_not_of_the_staff_has_no_timer(world) -> None:
    with world.inside(world.practice), pytest.raises(NotStaff):
        timer_start(actor=world.practice, patient=world.ariana)


# -- drafts ------------------------------------------------------------------------------------------------------------


def test_a_draft_is_kept_while_somebody_types_and_gone_once_recorded(world, bhcm, client_of) -> None:
    client = client_of(MemberRole.BHCM)
    first = client.post(address("draft", world), typed(service_minutes=""))
    assert "Draft kept" in first.content.decode()
    with world.inside(bhcm):
        [draft] = drafts_of(actor=bhcm)
    second = typed(service_minutes="25", draft_id=draft.pk, revision=draft.revision)
    client.post(address("draft", world), second)
    with world.inside(bhcm):
        [draft] = drafts_of(actor=bhcm)
        assert draft.revision == 2 and draft.typed["service_minutes"] == "25"
    assert "Sleeps better." in client.get(address("entry", world)).content.decode()
    assert world.ariana.full_name in client.get("/").content.decode()
    client.post(address("entry", world), second | {"revision": "2"})
    with world.inside(bhcm):
        assert not ContactDraft.objects.of(bhcm).exists()


def test_an_empty_form_makes_no_draft(world, bhcm, client_of) -> None:
    client_of(MemberRole.BHCM).post(address("draft", world), typed(service_minutes="", note_text=" "))
    with world.inside(bhcm):
        assert not ContactDraft.objects.of(bhcm).exists()


def test_a_window_that_is_behind_overwrites_nothing(world, bhcm) -> None:
    with world.inside(bhcm):
        draft = draft_save(actor=bhcm, patient=world.ariana, typed={"note_text": "one"})
        both = {"actor": bhcm, "patient": world.ariana, "draft_id": draft.pk, "revision": 1}
        kept = draft_save(typed={"note_text": "one, longer"}, **both)
        other = draft_save(typed={"note_text": "from the second window"}, **both)
        assert kept.pk == draft.pk and other.pk != draft.pk
        texts = {item.typed["note_text"] for item in drafts_of(actor=bhcm)}
        assert texts == {"one, longer", "from the second window"}


def test_drafts_are_their_authors_and_lock_nobody_out(world, bhcm, client_of) -> None:
    pcp = world.actor(MemberRole.PCP)
    with world.inside(pcp):
        draft = draft_save(actor=pcp, patient=world.ariana, typed={"note_text": "confidential thought"})
        name = StaffMember.objects.get(pk=pcp.staff_member_id).full_name
    client = client_of(MemberRole.BHCM)
    page = client.get(f"{address('entry', world)}?draft={draft.pk}").content.decode()
    assert f"{name} is writing an entry too" in page and "confidential thought" not in page
    client.post(address("draft_discard", world, draft_id=draft.pk))
    client.post(address("draft", world), typed(draft_id=draft.pk, revision=1))
    with world.inside(pcp):
        assert ContactDraft.objects.of(pcp).get(pk=draft.pk).typed["note_text"] == "confidential thought"
    assert client.post(address("entry", world), typed()).status_code == 302


def test_old_drafts_give_way(world, bhcm) -> None:
    from cocm.server.contacts.drafts import DRAFTS_MAX

    with world.inside(bhcm):
        for number in range(DRAFTS_MAX + 3):
            draft_save(actor=bhcm, patient=world.ariana, typed={"note_text": str(number)})
        texts = [draft.typed["note_text"] for draft in drafts_of(actor=bhcm)]
        assert len(texts) == DRAFTS_MAX and "0" not in texts and str(DRAFTS_MAX + 2) in texts


# -- the month ---------------------------------------------------------------------------------------------------------


def test_a_frozen_month_refuses_an_entry_and_keeps_it_as_a_draft(world, bhcm, client_of) -> None:
    with world.inside(bhcm):
        month_freeze(actor=world.actor(MemberRole.BILLING), patient=world.ariana, month=Month(2026, 4))
    page = client_of(MemberRole.BHCM).post(address("entry", world), typed()).content.decode()
    assert "Ask billing to open the month again" in page
    assert entries(world, bhcm) == []
    with world.inside(bhcm):
        assert drafts_of(actor=bhcm).get().typed["note_text"] == "Sleeps better."


def test_billing_freezes_and_opens_again_with_a_reason(world, bhcm, client_of) -> None:
    billing = client_of(MemberRole.BILLING)
    billing.post(address("freeze", world, month="2026-04"))
    assert "Frozen for billing on" in billing.get(address("month", world, month="2026-04")).content.decode()
    page = billing.post(
        address("reopen", world, month="2026-04"), {"reason": " "}, follow=True
    ).content.decode()
    assert "needs its reason" in page
    billing.post(address("reopen", world, month="2026-04"), {"reason": "A call came in late"})
    page = client_of(MemberRole.BHCM).get(address("month", world, month="2026-04")).content.decode()
    assert "A call came in late" in page and "Opened again" in page
    assert client_of(MemberRole.BHCM).post(address("entry", world), typed()).status_code == 302


def test_a_correction_stands_beside_its_original_with_the_reason(world, bhcm, client_of) -> None:
    client = client_of(MemberRole.BHCM)
    client.post(address("entry", world), typed())
    [contact] = entries(world, bhcm)
    correcting = address("correct", world, entry_id=contact.pk)
    sent = typed(service_minutes=20, reason="It was twenty")
    assert "This field is required" in client.post(correcting, sent | {"reason": " "}).content.decode()
    page = client.post(correcting, sent, follow=True).content.decode()
    assert page.count("It was twenty") == 2 and "Replaced by" in page and "Replaces" in page
    again = client.post(correcting, sent).content.decode()
    assert "corrected already" in again
    assert [item.service_seconds for item in entries(world, bhcm)] == [1500, 1200]


def test_another_persons_entry_is_not_mine_to_correct(world, bhcm, client_of) -> None:
    client_of(MemberRole.PCP).post(address("entry", world), typed())
    [contact] = entries(world, bhcm)
    page = client_of(MemberRole.BHCM).get(address("correct", world, entry_id=contact.pk)).content.decode()
    assert "whose time it is, can correct" in page
    client_of(MemberRole.BHCM).post(address("correct", world, entry_id=contact.pk), typed(reason="mine now"))
    assert len(entries(world, bhcm)) == 1


def test_an_entry_of_another_patient_is_not_found_here(world, bhcm, client_of) -> None:
    client_of(MemberRole.BHCM).post(address("entry", world), typed())
    [contact] = entries(world, bhcm)
    other = reverse(
        "contacts:correct", kwargs={"patient_id": world.patient("P000002").pk, "entry_id": contact.pk}
    )
    assert client_of(MemberRole.BHCM).get(other).status_code in (403, 404)


def test_every_uncounted_minute_has_its_reason(world, client_of) -> None:
    page = client_of(MemberRole.BHCM).get(address("month", world, month="2026-03")).content.decode()
    assert "min not counted" in page and "time does not count for this payer" in page
    assert "unbroken" in page


def test_a_note_is_escaped_wherever_it_is_shown(world, bhcm, client_of) -> None:
    client = client_of(MemberRole.BHCM)
    page = client.post(
        address("entry", world), typed(note_text="<script>alert(1)</script>"), follow=True
    ).content.decode()
    assert "<script>alert" not in page and "&lt;script&gt;alert" in page
