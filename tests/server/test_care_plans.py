"""Care plans in versions, the flag of a plan not revised, relapse prevention plans, graduation, coming back."""

from datetime import date, timedelta

import pytest
import time_machine
from databases import ONE_ENGINE
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from review_rows import PROBLEM, episode_of_ariana, plan_of_ariana, relapse_plan_of_ariana

from cocm.basics.months import Month
from cocm.care.score_trend import Course
from cocm.coding.proposal import propose
from cocm.rules.care_flags import FlagKind
from cocm.server.access.permissions import MemberRole
from cocm.server.careplans.models import CarePlanVersion, Graduation
from cocm.server.careplans.selectors import plan_of, plans_due, trends
from cocm.server.careplans.services import changes_of, graduate, plan_write
from cocm.server.practice_port import PracticePort
from cocm.server.registry.caseload import Caseload
from cocm.server.registry.models import Episode, MeasureResult, Patient
from cocm.server.registry.services.episodes import episode_open
from cocm.server.rules_in_force import policy_for

TODAY = date(2026, 3, 20)


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel("2026-03-20T19:00:00Z", tick=True):
        yield


def row_of_ariana(world, day=TODAY):
    actor = world.actor(MemberRole.BHCM)
    with world.inside(actor):
        return Caseload.of_episodes(actor, day, [episode_of_ariana(world).pk]).rows[0]


def typed_plan(**changed):
    return {
        "based_on": "0", "written_on": "2026-03-20", "review_on": "2026-04-17", "reason": "First plan",
        "p-TOTAL_FORMS": "2", "p-INITIAL_FORMS": "0", "p-0-problem": "Depression", "p-0-goal": "Back to work",
        "p-0-instrument": "phq-9", "p-0-target_at_most": "4", "p-0-target_by": "2026-06-01",
        "p-0-interventions": "A walk a day", "p-0-state": "open",
    } | changed  # fmt: skip


def test_a_plan_is_written_revised_and_compared(world, client_of) -> None:
    client = client_of(MemberRole.BHCM)
    address = f"/patients/{world.ariana.pk}/care-plan/"
    owner = str(world.actor(MemberRole.BHCM).staff_member_id)
    assert client.post(f"{address}write/", typed_plan(owner=owner)).status_code == 302
    again = typed_plan(
        owner=owner,
        based_on="1",
        reason="No response",
        **{"p-0-number": "1", "p-0-interventions": "Sertraline 50 mg", "p-1-problem": "Sleep"},
    )
    assert client.post(f"{address}write/", again).status_code == 302
    page = client.get(address).content.decode()
    assert "Sertraline 50 mg" in page and "PHQ-9 4 or less by 2026-06-01" in page and "No response" in page
    assert "A walk a day" in client.get(f"{address}?version=1").content.decode()
    compared = client.get(f"{address}compare/").content.decode()
    assert (
        "<del>A walk a day</del>" in compared
        and "<ins>Sertraline 50 mg</ins>" in compared
        and "Sleep" in compared
    )
    with world.inside(world.practice):
        first, second = (
            CarePlanVersion.objects.of(world.practice).filter(patient=world.ariana).order_by("number")
        )
        assert [change.problem_number for change in changes_of(first, second)] == [1, 2, 2]


@ONE_ENGINE
@pytest.mark.parametrize(
    "changed",
    [
        {"p-0-problem": ""},  # a goal without a problem
        {"p-0-instrument": ""},  # a target score without a scale
        {"review_on": "2026-03-20"},  # to be looked at again on the day itself
        {"written_on": "2020-01-01"},  # before the episode
        {"written_on": "2026-03-21"},  # not yet
        {"p-TOTAL_FORMS": "0"},  # without a problem
        {"reason": ""},
        {"p-0-target_at_most": "-1"},
    ],
)
def test_a_plan_that_makes_no_sense_is_not_written(changed, world, client_of) -> None:
    owner = str(world.actor(MemberRole.BHCM).staff_member_id)
    answer = client_of(MemberRole.BHCM).post(
        f"/patients/{world.ariana.pk}/care-plan/write/", typed_plan(owner=owner) | changed
    )
    assert answer.status_code == 422
    with world.inside(world.practice):
        assert not CarePlanVersion.objects.of(world.practice).exists()


def test_two_people_at_once_do_not_overwrite_one_another(world) -> None:
    plan_of_ariana(world)
    with pytest.raises(ValidationError, match="in the meantime"):
        plan_of_ariana(world, goal="Something else")
    with pytest.raises(ValidationError, match="nothing differs"):
        plan_of_ariana(world, based_on=1, number=1)
    assert plan_of_ariana(world, based_on=1, number=1, goal="Something else").number == 2


def test_a_version_stays_as_it_was_written(world) -> None:
    plan = plan_of_ariana(world)
    with world.inside(world.practice), pytest.raises(DatabaseError), transaction.atomic():
        CarePlanVersion.objects.filter(pk=plan.pk).update(reason="Never")
    with world.inside(world.practice), pytest.raises(DatabaseError), transaction.atomic():
        CarePlanVersion.objects.filter(pk=plan.pk).delete()


def test_a_plan_that_was_not_revised_is_flagged_on_the_caseload_with_its_reason(world, client_of) -> None:
    """A patient in care for 70 days, from 16 to 15: not improved."""
    practice = world.practice
    start = TODAY - timedelta(days=70)
    with world.inside(practice):
        team = episode_of_ariana(world)
        patient = Patient.objects.create(
            organization_id=practice.organization_id, patient_id="SLOW", last_name="Slow", first_name="Sam",
            birth_date=date(1980, 1, 1), sex="M",
        )  # fmt: skip
        episode = episode_open(
            actor=practice, patient=patient, start_date=start, status="active", bhcm=team.bhcm,
            psychiatric_consultant=team.psychiatric_consultant,
        )  # fmt: skip
        for day, score in ((start, 16), (TODAY - timedelta(days=5), 15)):
            MeasureResult.objects.create(
                organization_id=practice.organization_id,
                patient=patient,
                instrument="phq-9",
                taken_on=day,
                score=score,
            )

    def flag(day):
        with world.inside(practice):
            flags = Caseload.of_episodes(practice, day, [episode.pk]).rows[0].flags
        return next((flag for flag in flags if flag.kind is FlagKind.PLAN_NOT_REVISED), None)

    assert flag(TODAY).reason == "not improved, and no care plan on record"
    assert "no care plan on record" in client_of(MemberRole.BHCM).get("/caseload/").content.decode()
    with world.inside(practice):
        plan_write(
            actor=practice, patient=patient, episode=episode, based_on=0, owner=team.bhcm, written_on=TODAY,
            reason="First plan", problems=[PROBLEM], review_on=TODAY + timedelta(days=28),
        )  # fmt: skip
    assert flag(TODAY) is None and flag(TODAY + timedelta(days=28)) is None
    assert flag(TODAY + timedelta(days=29)).reason.startswith(
        "not improved, and the care plan was last revised on 2026-03-20"
    )
    with world.inside(practice):
        open_ones = Episode.objects.of(practice).filter(end_date__isnull=True)
        assert not plans_due(actor=practice, episodes=open_ones, until=TODAY)
        assert [
            plan.patient_id
            for plan in plans_due(actor=practice, episodes=open_ones, until=TODAY + timedelta(28))
        ] == [patient.pk]


# Relapse prevention and graduation ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "title", "day"),
    [
        ("en", "My plan for staying well", "March 20, 2026"),
        ("es", "Mi plan para seguir bien", "20 de marzo de 2026"),
    ],
)
def test_the_plan_is_printed_in_its_language_and_stands_in_the_registry(
    language, title, day, world, client_of
) -> None:
    plan = relapse_plan_of_ariana(world, language)
    page = (
        client_of(MemberRole.BHCM)
        .get(f"/patients/{world.ariana.pk}/care-plan/relapse/{plan.pk}/print/")
        .content.decode()
    )
    assert (
        title in page
        and day in page
        and f'lang="{language}"' in page
        and "988" in page
        and "Waking early" in page
    )
    assert row_of_ariana(world).relapse_plan_date == TODAY
    elsewhere = client_of(MemberRole.BHCM, "far-creek").get(
        f"/patients/{world.ariana.pk}/care-plan/relapse/{plan.pk}/print/"
    )
    assert elsewhere.status_code == 404


def test_a_patient_graduates_with_the_outcome_and_the_plan_and_may_come_back(world, client_of) -> None:
    client = client_of(MemberRole.BHCM)
    address = f"/patients/{world.ariana.pk}/care-plan/graduation/"
    typed = {"graduated_on": "2026-03-20", "outcome": "remission", "note": "Back at work"}
    assert client.post(f"{address}end/", typed).status_code == 422  # no plan, and no word why
    plan = relapse_plan_of_ariana(world)
    before = row_of_ariana(world)
    assert client.post(f"{address}end/", typed).status_code == 302
    with world.inside(world.practice):
        graduation = Graduation.objects.of(world.practice).get(patient=world.ariana)
        episode = Episode.objects.of(world.practice).get(pk=graduation.episode_id)
        assert (graduation.relapse_plan_id, episode.end_date, episode.end_reason) == (
            plan.pk,
            TODAY,
            "Remission",
        )
        assert graduation.scores[0][0] == "PHQ-9"
        assert graduation.scores[0][3] == before.scores("phq-9")[-1].score
    assert "Begin a new episode" in client.get(address).content.decode()
    assert client.post(f"{address}end/", typed).status_code == 302  # over already: nothing more happens
    assert client.get(f"/patients/{world.ariana.pk}/care-plan/write/").status_code == 302
    again = {"start_date": "2026-03-21", "status": "active"}
    with time_machine.travel("2026-03-25T19:00:00Z"):
        client = client_of(MemberRole.BHCM)
        assert client.post(f"/caseload/{world.ariana.pk}/write/reentry/", again).status_code == 302
        page = client.get(f"/patients/{world.ariana.pk}/care-plan/").content.decode()
        assert "No care plan on record" in page  # the new episode's own
        assert (
            "Waking early" in client.get(f"/patients/{world.ariana.pk}/care-plan/relapse/").content.decode()
        )


def test_coming_back_leaves_the_months_to_the_core(world) -> None:
    """The new episode's month is what the core says of the same case file; nothing here decides on a first month."""
    practice = world.practice
    relapse_plan_of_ariana(world)
    with world.inside(practice):
        episode = episode_of_ariana(world)
        graduate(
            actor=practice,
            patient=world.ariana,
            episode=episode,
            graduated_on=TODAY,
            outcome="goals_met",
            scores=(),
        )
        episode_open(actor=practice, patient=world.ariana, start_date=date(2026, 3, 25), status="active")
        case = next(
            case
            for case in PracticePort(practice).case_files([world.ariana.pk], Month(2026, 4))
            if case.episode.start_date == date(2026, 3, 25)
        )
        assert case.history == tuple(case.history) and propose(case, policy_for(case)).month_kind


def test_without_a_plan_the_reason_stands_beside_the_end(world) -> None:
    actor = world.actor(MemberRole.BHCM)
    with world.inside(actor):
        episode = episode_of_ariana(world)
        load = Caseload.of_episodes(actor, TODAY, [episode.pk])
        found = trends(load.rows[0].course, load.watched)
        made = graduate(
            actor=actor, patient=world.ariana, episode=episode, graduated_on=TODAY, outcome="goals_met",
            scores=found, without_plan_reason="Moved away",
        )  # fmt: skip
        assert made.relapse_plan is None and made.without_plan_reason == "Moved away"
        assert all(trend.course in Course for trend in found)
        assert plan_of(actor=actor, episode=episode) is None


def test_a_reader_reads_and_does_not_write(world, client_of) -> None:
    plan_of_ariana(world)
    consultant = client_of(MemberRole.PSYCHIATRIC_CONSULTANT)
    address = f"/patients/{world.ariana.pk}/care-plan/"
    page = consultant.get(address).content.decode()
    assert "Back to work" in page and "write/" not in page
    assert consultant.get(f"{address}write/").status_code == 403
    assert consultant.post(f"{address}graduation/end/", {}).status_code == 403
