"""By staff and by link: what is saved, what is refused, and that answers come with their alert or not at all."""

import re
from datetime import date, timedelta

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.utils import timezone
from measures_rows import PHQ_9, a_guardian, a_response, link_and_token, saved_phq_9

from cocm.server.access.permissions import MemberRole
from cocm.server.audit.models import AuditEvent
from cocm.server.guardians.models import ConfidentialMark
from cocm.server.measures import links
from cocm.server.measures.answers import response_add, total_add
from cocm.server.measures.links import MISSES_MAX, link_make, link_withdraw
from cocm.server.measures.models import FilledBy, LinkMiss, MeasureLink, QuestionnaireResponse
from cocm.server.measures.tokens import new_token, organization_of, token_hash
from cocm.server.registry.models import Alert, FormerValues, MeasureResult
from cocm.server.registry.services.entries import measure_add

NOW = "2026-03-20T19:00:00Z"
TODAY = date(2026, 3, 20)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as found:
        yield found


@pytest.fixture
def bhcm(world):
    return world.actor(MemberRole.BHCM)


def rows(world, model, **wanted):
    with world.inside(world.practice):
        return list(model.objects.of(world.practice).filter(**wanted))


def posted(**changed) -> dict[str, str]:
    """A PHQ-9 as the staff's page sends it."""
    return {name: str(value) for name, value in (PHQ_9 | changed).items()} | {"taken_on": "2026-03-20"}


def by_patient(**changed) -> dict[str, str]:
    """The same as the patient's page sends it."""
    return {f"phq-9-{name}": str(value) for name, value in (PHQ_9 | changed).items() if value is not None}


def make_minor(world, patient_id="P000002", years=15):
    patient = world.patient(patient_id)
    with world.inside(world.practice):
        patient.birth_date = date(TODAY.year - years, 1, 15)
        patient.save(update_fields=("birth_date",))
    return patient


# -- staff ---------------------------------------------------------------------------------------------------------


def test_staff_enter_a_measure_item_by_item(client_of, world) -> None:
    answer = client_of(MemberRole.BHCM).post(f"/patients/{world.ariana.pk}/measures/new/phq-9/", posted())
    assert answer.status_code == 302
    [response] = rows(world, QuestionnaireResponse, patient=world.ariana)
    assert (response.score, response.band, response.version) == (9, "mild", "PHQ-9, English (US)")
    assert response.answers == {**PHQ_9, "difficulty": None} and len(response.rulebook_hash) == 64
    assert rows(world, MeasureResult, pk=response.measure_id)[0].self_harm_score == 1
    [alert] = rows(world, Alert, patient=world.ariana, kind="safety", closed_at=None)
    assert alert.reason == "PHQ-9: self-harm item above 0"
    assert answer["Location"] == f"/patients/{world.ariana.pk}/measures/alerts/{alert.pk}/"


def test_items_without_an_answer_are_asked_for_once_more(client_of, world) -> None:
    client, address = client_of(MemberRole.BHCM), f"/patients/{world.ariana.pk}/measures/new/gad-7/"
    given = {str(number): "1" for number in range(1, 7)} | {"taken_on": "2026-03-20"}
    answer = client.post(address, given)
    assert answer.status_code == 422 and "No answer yet" in answer.content.decode()
    assert rows(world, QuestionnaireResponse, patient=world.ariana) == []
    assert client.post(address, given | {"send_anyway": "on"}).status_code == 302
    [response] = rows(world, QuestionnaireResponse, patient=world.ariana)
    assert (response.score, response.measure_id, response.missing) == (None, None, ["7"])


@pytest.mark.parametrize(
    ("instrument", "said"),
    [("phq-a", "PHQ-A is for ages 11 to 17; the patient is 2"), ("nothing", "there is no instrument")],
)
def test_an_instrument_that_is_not_for_the_patient_is_refused(bhcm, world, instrument, said) -> None:
    with world.inside(bhcm), pytest.raises(ValidationError, match=said):
        response_add(
            actor=bhcm,
            patient=world.ariana,
            instrument_id=instrument,
            answers={},
            taken_on=TODAY,
            language="en",
            filled_by=FilledBy.STAFF,
        )


def test_the_registrys_own_form_keeps_to_the_ages_too(bhcm, world) -> None:
    minor = make_minor(world, years=10)
    with world.inside(bhcm), pytest.raises(ValidationError, match="For this age there is PHQ-A"):
        measure_add(actor=bhcm, patient=minor, instrument="phq-9", taken_on=TODAY, score=9)


@pytest.mark.parametrize(("total", "item"), [(28, 0), (2, 3)])
def test_a_total_that_cannot_be_is_refused(bhcm, world, total, item) -> None:
    with world.inside(bhcm), pytest.raises(ValidationError):
        total_add(
            actor=bhcm,
            patient=world.ariana,
            instrument_id="phq-9",
            total=total,
            self_harm_value=item,
            taken_on=TODAY,
            filled_by=FilledBy.STAFF,
        )


def test_a_total_with_item_9_raises_the_alert(client_of, world) -> None:
    address = f"/patients/{world.ariana.pk}/measures/total/phq-9/"
    client_of(MemberRole.PCP).post(address, {"taken_on": "2026-03-20", "total": "12", "self_harm_value": "1"})
    assert len(rows(world, Alert, patient=world.ariana, kind="safety", closed_at=None)) == 1


def test_without_its_alert_no_answer_is_saved(bhcm, world, monkeypatch) -> None:
    def breaks(**_):
        raise RuntimeError("no alert")

    monkeypatch.setattr("cocm.server.measures.alerts.alert_raise", breaks)
    with pytest.raises(RuntimeError):
        saved_phq_9(world, item_9=1)
    assert rows(world, QuestionnaireResponse, patient=world.ariana) == []


def test_a_correction_keeps_what_stood_there_and_may_raise_an_alert(client_of, world) -> None:
    response = a_response(world)
    address = f"/patients/{world.ariana.pk}/measures/{response.pk}/correct/"
    client = client_of(MemberRole.BHCM)
    assert client.post(address, posted(**{"9": 2})).status_code == 422  # no reason
    client.post(address, posted(**{"9": 2}) | {"reason": "read wrongly"})
    [changed] = rows(world, QuestionnaireResponse, pk=response.pk)
    assert changed.score == 10 and rows(world, MeasureResult, pk=changed.measure_id)[0].score == 10
    assert {kept.reason for kept in rows(world, FormerValues, object_id=response.pk)} == {"read wrongly"}
    assert len(rows(world, Alert, patient=world.ariana, kind="safety", closed_at=None)) == 1


def test_the_consultant_reads_measures_and_writes_none(client_of, world) -> None:
    client = client_of(MemberRole.PSYCHIATRIC_CONSULTANT)
    assert client.get(f"/patients/{world.ariana.pk}/measures/").status_code == 200
    assert client.get(f"/patients/{world.ariana.pk}/measures/new/phq-9/").status_code == 403
    actor = world.actor(MemberRole.PSYCHIATRIC_CONSULTANT)
    with world.inside(actor), pytest.raises(PermissionDenied):
        link_make(
            actor=actor, patient=world.ariana, instrument_ids=["phq-9"], language="en", way="link", minutes=9
        )


# -- links ---------------------------------------------------------------------------------------------------------


def test_a_link_is_kept_as_a_hash_and_names_nobody(world) -> None:
    link, token = link_and_token(world)
    assert link.token_hash == token_hash(token) and token not in str(vars(link))
    assert organization_of(token) == world.practice.organization_id
    page = Client().get(f"/measures/q/{token}/").content.decode()
    title = page[page.index("<title>") : page.index("</title>")]
    assert title == "<title>Questions from your clinic"
    for word in (world.ariana.last_name, world.ariana.first_name, "PHQ", "epression", str(world.ariana.pk)):
        assert word not in page


def test_a_patient_answers_once(world) -> None:
    _, token = link_and_token(world)
    client = Client()
    page = client.post(f"/measures/q/{token}/", by_patient(**{"9": 0}))
    assert page.status_code == 200 and "988" in page.content.decode()
    assert "Somebody from your care team" not in page.content.decode()
    [response] = rows(world, QuestionnaireResponse, patient=world.ariana)
    assert (response.filled_by, response.score, response.recorded_by_id) == ("link", 8, None)
    with world.inside(world.practice):
        events = AuditEvent.objects.of(world.practice).filter(patient_id=world.ariana.pk, role="system")
        assert events.filter(object_type="questionnaireresponse", user_id=None).count() == 1
    again = client.post(f"/measures/q/{token}/", by_patient())
    assert again.status_code == 404 and "no longer open" in again.content.decode()
    assert len(rows(world, QuestionnaireResponse, patient=world.ariana)) == 1


def test_an_answer_of_risk_raises_the_alert_and_the_patient_reads_where_help_is(world) -> None:
    _, token = link_and_token(world, language="es")
    page = Client().post(f"/measures/q/{token}/", by_patient(**{"9": 3})).content.decode()
    assert "Llame al 988" in page and "Alguien de su equipo" in page and "PHQ" not in page
    [alert] = rows(world, Alert, patient=world.ariana, kind="safety", closed_at=None)
    assert alert.raised_by_id is None


def test_answers_are_sent_incomplete_only_where_the_patient_says_so(world) -> None:
    _, token = link_and_token(world)
    client, given = Client(), by_patient(**{"4": None, "9": 0})
    first = client.post(f"/measures/q/{token}/", given)
    assert first.status_code == 422 and "No answer yet" in first.content.decode()
    assert 'value="1" checked' in first.content.decode()  # what was chosen stays chosen
    assert client.post(f"/measures/q/{token}/", given | {"send_anyway": "1"}).status_code == 200
    [response] = rows(world, QuestionnaireResponse, patient=world.ariana)
    assert (response.missing, response.is_estimated, response.score) == (["4"], True, 8)


def test_a_link_runs_out(world, clock) -> None:
    _, token = link_and_token(world, minutes=60)
    clock.shift(timedelta(minutes=59))
    assert Client().get(f"/measures/q/{token}/").status_code == 200
    clock.shift(timedelta(minutes=1))
    assert Client().get(f"/measures/q/{token}/").status_code == 404
    assert Client().post(f"/measures/q/{token}/", by_patient()).status_code == 404
    assert rows(world, QuestionnaireResponse, patient=world.ariana) == []


def test_a_link_that_is_withdrawn_opens_nothing(bhcm, world) -> None:
    link, token = link_and_token(world)
    with world.inside(bhcm):
        link_withdraw(actor=bhcm, patient=world.ariana, link=link)
    assert Client().get(f"/measures/q/{token}/").status_code == 404


@pytest.mark.parametrize("kind", ["guessed", "of the neighbour", "of nobody", "short", "odd"])
def test_another_token_opens_the_same_closed_page(world, kind) -> None:
    _, token = link_and_token(world)
    given = {
        "guessed": new_token(world.practice.organization_id),
        "of the neighbour": new_token(world.neighbour.organization_id),
        "of nobody": new_token(world.ariana.pk),
        "short": token[:-1],
        "odd": "!" * 64,
    }[kind]
    answer = Client().get(f"/measures/q/{given}/")
    assert answer.status_code == 404 and "no longer open" in answer.content.decode()
    assert "Cache-Control" in answer and answer["Cache-Control"] == "no-store"


def test_whoever_guesses_is_stopped(world) -> None:
    _, token = link_and_token(world)
    guesser = Client(REMOTE_ADDR="203.0.113.9")
    for _ in range(MISSES_MAX):
        answer = guesser.get(f"/measures/q/{new_token(world.practice.organization_id)}/")
        assert answer.status_code == 404
    assert guesser.get(f"/measures/q/{token}/").status_code == 429
    assert Client(REMOTE_ADDR="203.0.113.10").get(f"/measures/q/{token}/").status_code == 200
    [miss] = rows(world, LinkMiss)
    assert miss.count == MISSES_MAX and "203" not in miss.address_hash[:3]


def test_one_link_is_not_asked_for_without_end(world, monkeypatch) -> None:
    monkeypatch.setattr(links, "OPENINGS_MAX", 2)
    _, token = link_and_token(world)
    answers = [Client().get(f"/measures/q/{token}/").status_code for _ in range(3)]
    assert answers == [200, 200, 429]


def test_what_has_no_wording_in_a_language_is_not_offered_in_it(bhcm, world) -> None:
    for name, language in (("gad-7", "es"), ("asq", "en"), ("pcl-5", "es")):
        with world.inside(bhcm), pytest.raises(ValidationError, match="enter its items instead"):
            link_make(
                actor=bhcm,
                patient=world.ariana,
                instrument_ids=[name],
                language=language,
                way="link",
                minutes=60,
            )


def test_a_link_by_mail_names_nobody(client_of, world, django_capture_on_commit_callbacks) -> None:
    form = {"instruments": ["phq-9"], "language": "en", "days": "3", "email": "somebody@private.example"}
    with django_capture_on_commit_callbacks(execute=True):
        page = client_of(MemberRole.BHCM).post(f"/patients/{world.ariana.pk}/measures/link/", form)
    assert page.status_code == 200 and "/measures/q/" in page.content.decode()
    [letter] = mail.outbox
    for word in (world.ariana.last_name, world.ariana.first_name, "PHQ", "epression"):
        assert word not in letter.subject + letter.body
    assert "/measures/q/" in letter.body and "988" in letter.body
    assert "somebody@private.example" not in str([vars(event) for event in rows(world, AuditEvent)])


# -- one question at a time ----------------------------------------------------------------------------------------


def step_of(answer) -> dict[str, str]:
    """What the step's page would send: its hidden fields."""
    page = answer.content.decode()
    return dict(re.findall(r'<input type="hidden" name="(?!csrf)([^"]+)" value="([^"]*)"', page))


def test_a_phone_gets_one_question_at_a_time_and_nothing_is_kept_before_the_end(world) -> None:
    _, token = link_and_token(world)
    client, address = Client(headers={"User-Agent": "Somebody's phone Mobile"}), f"/measures/q/{token}/"
    page = client.get(address)
    assert "Question 1 of 10" in page.content.decode() and page.content.decode().count("data-question") == 1
    for number in range(1, 10):
        page = client.post(address, {**step_of(page), f"phq-9-{number}": "1", "go": "next"})
        assert page.status_code == 200
    page = client.post(address, {**step_of(page), "go": "back"})  # from the difficulty to the ninth
    assert 'value="1" checked' in page.content.decode() and "Question 9 of 10" in page.content.decode()
    page = client.post(address, {**step_of(page), "phq-9-9": "0", "go": "next"})
    page = client.post(address, {**step_of(page), "go": "skip"})
    assert "That was the last question" in page.content.decode()
    assert rows(world, QuestionnaireResponse, patient=world.ariana) == []
    page = client.post(address, step_of(page))
    assert "Thank you" in page.content.decode()
    [response] = rows(world, QuestionnaireResponse, patient=world.ariana)
    assert (response.score, response.answers["9"], response.answers["8"]) == (8, 0, 1)
    assert client.get(address).status_code == 404


def test_a_step_without_an_answer_is_asked_again_and_may_be_skipped(world) -> None:
    _, token = link_and_token(world)
    client, address = Client(), f"/measures/q/{token}/"
    assert (
        client.get(address).content.decode().count("data-question ") == 0
    )  # a desk gets them all on one page
    page = client.get(f"{address}?one=1")
    again = client.post(address, {**step_of(page), "go": "next"})
    assert again.status_code == 422 and "Skip this question" in again.content.decode()
    after = client.post(address, {**step_of(again), "go": "skip"})
    assert after.status_code == 200 and "Question 2 of 10" in after.content.decode()
    for odd in ("x", "999", "-1", ""):
        assert client.post(address, {"one": odd, "go": "next"}).status_code == 200
    assert client.post(address, {**step_of(after), "phq-9-1": "77", "go": "next"}).status_code == 422
    lacking = client.post(address, {"phq-9-1": "1"})
    assert lacking.status_code == 422 and "send_anyway" in lacking.content.decode()


def test_letters_with_links_are_limited(bhcm, world) -> None:
    def letter() -> object:
        return link_make(actor=bhcm, patient=world.ariana, instrument_ids=["phq-9"], language="en", way="link",
                         minutes=60, email="somebody@private.example")  # fmt: skip

    with world.inside(bhcm):
        for _ in range(links.LETTERS_TO_ONE_MAX):
            letter()
        with pytest.raises(ValidationError, match="letters went out for this patient"):
            letter()


# -- the tablet ----------------------------------------------------------------------------------------------------


def test_the_tablet_is_signed_out_before_it_is_handed_over(client_of, world) -> None:
    client = client_of(MemberRole.BHCM)
    form = {"instruments": ["phq-9"], "language": "es"}
    answer = client.post(f"/patients/{world.ariana.pk}/measures/tablet/", form)
    assert answer.status_code == 302 and answer["Location"].startswith("/measures/q/")
    assert client.get(f"/caseload/{world.ariana.pk}/").status_code == 302  # to the sign-in
    done = client.post(answer["Location"], by_patient(**{"9": 1})).content.decode()
    assert "/measures/locked/" in done and "Por favor quédese" in done
    assert rows(world, QuestionnaireResponse, patient=world.ariana)[0].filled_by == "kiosk"
    assert client.get("/measures/locked/").status_code == 200
    assert client.get(answer["Location"]).status_code == 404


# -- minors --------------------------------------------------------------------------------------------------------


def test_a_minors_own_instrument_is_confidential_from_the_start(bhcm, world) -> None:
    minor = make_minor(world)
    with world.inside(bhcm):
        saved = response_add(
            actor=bhcm,
            patient=minor,
            instrument_id="phq-a",
            answers=dict.fromkeys("123456789", 0) | {"past_month": 1, "attempt_ever": 0},
            taken_on=TODAY,
            language="en",
            filled_by=FilledBy.STAFF,
        )
    assert saved.alert.reason == "PHQ-A: serious thoughts of suicide in the past month"
    assert len(rows(world, ConfidentialMark, object_id=saved.response.measure_id)) == 1


@pytest.mark.parametrize(
    ("instrument", "email", "is_to_guardian", "said"),
    [
        ("gad-7", "Rosa@Private.example", False, "say below that it goes to them"),
        ("gad-7", "rosa@private.example", True, ""),
        ("phq-a", "rosa@private.example", True, "never goes to a guardian"),
        ("phq-9", "", True, "never goes to a guardian"),
        ("phq-a", "teen@private.example", False, ""),
    ],
)
def test_a_minors_link_goes_to_no_parent_by_default(world, instrument, email, is_to_guardian, said) -> None:
    minor = make_minor(world)
    a_guardian(world, patient=minor)
    options = {
        "patient": minor,
        "instrument_ids": [instrument],
        "email": email,
        "is_to_guardian": is_to_guardian,
    }
    if not said:
        assert link_and_token(world, **options)[0].is_to_guardian is is_to_guardian
        return
    with pytest.raises(ValidationError, match=said):
        link_and_token(world, **options)
    assert rows(world, MeasureLink, patient=minor) == []


def test_the_page_offers_what_is_for_the_age(client_of, world) -> None:
    minor = make_minor(world)
    page = client_of(MemberRole.BHCM).get(f"/patients/{minor.pk}/measures/").content.decode()
    if "You are not on this care team" in page:
        pytest.skip("the second patient has another team")
    assert page.index("PHQ-A</b>") < page.index("PHQ-9</b>") and "ages 18 and over" in page


def test_links_end_with_their_time_and_not_with_the_day(world) -> None:
    link, _ = link_and_token(world, minutes=90)
    assert link.expires_at - timezone.now() == timedelta(minutes=90)


@pytest.mark.live
@pytest.mark.once
def test_a_link_that_is_sent_twice_at_once_is_taken_once(world) -> None:
    from threading import Barrier, Thread

    from django.db import connection

    _, token = link_and_token(world)
    together, codes = Barrier(3), []

    def send() -> None:
        together.wait()
        try:
            codes.append(Client().post(f"/measures/q/{token}/", by_patient(**{"9": 1})).status_code)
        finally:
            connection.close()

    threads = [Thread(target=send) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(codes) == [200, 404, 404]
    assert len(rows(world, QuestionnaireResponse, patient=world.ariana)) == 1
    assert len(rows(world, Alert, patient=world.ariana, kind="safety", closed_at=None)) == 1
