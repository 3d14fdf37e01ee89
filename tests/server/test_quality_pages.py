"""The quality figures: read from the rows, the same as the core works out from whole case files; who sees whom."""

from datetime import date

import pytest
import time_machine
from databases import ONE_ENGINE
from django.http import QueryDict
from review_rows import discussed_ariana, plan_of_ariana

from cocm.basics.months import Month
from cocm.care.course import care_course
from cocm.care.quality import quality_of
from cocm.rules.care_quality import Metric, care_quality
from cocm.server.access.permissions import MemberRole
from cocm.server.audit.models import AuditEvent
from cocm.server.practice_port import PracticePort
from cocm.server.quality.periods import asked_of
from cocm.server.quality.reading import read_episodes
from cocm.server.registry.models import Episode
from cocm.server.rules_in_force import rulebook
from cocm.server.setup.demo_care import add_care

TODAY = date(2026, 3, 20)


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel("2026-03-20T19:00:00Z", tick=True):
        yield


def test_an_episode_is_read_as_its_case_file_says(world) -> None:
    practice = world.practice
    quality = care_quality(rulebook())
    discussed_ariana(world)
    plan_of_ariana(world)
    with world.inside(practice):
        read = read_episodes(actor=practice, watched=quality.watched)
        keys = {str(row.pk): row.episode_id for row in Episode.objects.of(practice)}
        cases = {
            case.episode.episode_id: case
            for case in PracticePort(practice).case_files(set(read.patient_of.values()), Month.of(TODAY))
        }
    compared = 0
    for episode in read.episodes:
        case = cases.get(keys[episode.key])
        if case is None:
            continue  # not active in the month
        course = care_course(case, quality.watched)
        assert (episode.course.start_date, dict(episode.course.scores)) == (
            course.start_date,
            dict(course.scores),
        )
        assert (episode.course.reached_on, episode.course.reviewed_on) == (
            course.reached_on,
            course.reviewed_on,
        )
        assert (episode.birth_date, episode.diagnosis_codes) == (
            case.patient.birth_date,
            case.episode.diagnosis_codes,
        )
        compared += 1
    assert compared > 5
    own = next(item for item in read.episodes if read.patient_of[item.key] == world.ariana.pk and item.advice)
    assert own.advice[0].given_on == TODAY and own.plan_revised_on == (TODAY,)


def test_the_page_shows_the_cores_figures(world, client_of) -> None:
    quality = care_quality(rulebook())
    with world.inside(world.practice):
        read = read_episodes(actor=world.practice, watched=quality.watched)
    results = {
        result.rule.metric: result
        for result in quality_of(read.episodes, first_day=date(2026, 1, 1), last_day=TODAY, quality=quality)
    }
    page = client_of(MemberRole.MANAGER).get("/quality/?from=2026-01&to=2026-03").content.decode()
    assert "2026-01-01 to 2026-03-20" in page and "the whole practice" in page
    enrolled, contacts = results[Metric.ENROLLED], results[Metric.CONTACT_AND_SCALE]
    assert f">{enrolled.numerator}<" in page and f"{contacts.numerator} / {contacts.denominator}" in page
    assert "not worked out" in page


def test_whose_charts_are_not_open_are_counted_and_not_named(world, client_of) -> None:
    address = "/quality/in_contact/?from=2026-01&to=2026-03"
    own = client_of(MemberRole.BHCM).get(address).content.decode()
    assert world.ariana.last_name in own and "not yours to open" not in own
    manager = client_of(MemberRole.MANAGER).get(address).content.decode()
    assert world.ariana.last_name not in manager and "counted and not named" in manager
    with world.inside(world.practice):
        seen = AuditEvent.objects.of(world.practice).filter(verb="patients_seen").order_by("-number").first()
    assert seen is not None
    assert client_of(MemberRole.BHCM).get("/quality/nonsense/").status_code == 404
    assert client_of(MemberRole.PCP).get("/quality/").status_code == 403


@pytest.mark.parametrize(
    ("query", "first", "last"),
    [
        ("", "2025-12", "2026-02"),
        ("from=2026-01&to=2026-03", "2026-01", "2026-03"),
        ("from=2026-03&to=2026-01", "2026-01", "2026-01"),
        ("from=x&to=2031-01", "2026-01", "2026-03"),
        ("from=1901-01&to=2026-02", "2025-12", "2026-02"),
        ("from=2001-01&to=2026-02", "2023-03", "2026-02"),
    ],
)
def test_a_period_is_read_from_the_address_and_kept_within_bounds(query, first, last) -> None:
    asked = asked_of(QueryDict(query), TODAY)
    assert (str(asked.first), str(asked.last)) == (first, last)


def test_the_figures_as_a_file_are_guarded(world, client_of) -> None:
    answer = client_of(MemberRole.MANAGER).get("/quality/file/xlsx/?from=2026-01&to=2026-03")
    assert answer.status_code == 302 and "reauthenticate" in answer["Location"]


@ONE_ENGINE
def test_the_demonstration_has_a_recommendation_in_each_state(world, client_of) -> None:
    from cocm.server.review.models import Recommendation, ReviewSession

    practice = world.practice
    with world.inside(practice):
        add_care(actor=practice, today=TODAY, time_zone="America/Los_Angeles")
        session = ReviewSession.objects.of(practice).get()
        told = Recommendation.objects.of(practice).order_by("review__agenda_item__place")
        states = [row.state.value for row in told]
    assert session.closed_at is not None and session.held_on == date(2026, 3, 14)
    assert states and states == ["done", "to_do", "declined", "to_do", "waiting"][: len(states)]
    assert client_of(MemberRole.BHCM).get(f"/review/sessions/{session.pk}/").status_code == 200
