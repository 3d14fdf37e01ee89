"""Minors: whose consent it takes, who gave it, contacts with family by name, and what no proxy sees."""

from datetime import date

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from measures_rows import a_family_contact, a_guardian

from cocm.server.access.permissions import MemberRole
from cocm.server.audit.models import AuditEvent
from cocm.server.guardians.models import (
    ConfidentialMark,
    ConsentSource,
    Guardian,
    GuardianContact,
    StateConsentRule,
)
from cocm.server.guardians.selectors import confidential_ids, minority_of, proxy_lines, state_rule
from cocm.server.guardians.services import (
    confidential_set,
    consent_given,
    contact_name,
    state_rule_add,
)
from cocm.server.registry.models import Consent, FormerValues
from cocm.server.registry.services.entries import measure_add, treatment_add
from cocm.server.registry.services.patients import open_episode_of

TODAY = date(2026, 3, 20)
CONSENT = {
    "consent_date": TODAY,
    "form": "written",
    "recorded_by": "Rosalind Kamara",
    "cost_share_explained": "yes",
}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-03-20T19:00:00Z", tick=False):
        yield


@pytest.fixture
def bhcm(world):
    return world.actor(MemberRole.BHCM)


@pytest.fixture
def minor(world):
    """Ariana, 15 years old and in a state that no rule is known of."""
    patient = world.ariana
    with world.inside(world.practice):
        patient.birth_date, patient.state = date(2011, 1, 15), "ZZ"
        patient.save(update_fields=("birth_date", "state"))
    return patient


def rows(world, model, **wanted):
    with world.inside(world.practice):
        return list(model.objects.of(world.practice).filter(**wanted))


def counsel_says(world, **values) -> None:
    manager = world.actor(MemberRole.MANAGER)
    given = {
        "state": "zz",
        "effective_from": date(2026, 1, 1),
        "majority_years": 18,
        "minor_years_from": 14,
        "consent_by": "either",
        "advised_by": "Counsel",
        "advised_on": date(2026, 1, 2),
    }
    with world.inside(manager):
        state_rule_add(actor=manager, **given | values)


def consent(world, actor, patient, **values):
    with world.inside(actor):
        episode = open_episode_of(actor=actor, patient=patient)
        given = {"given_by": "patient", "guardian": None} | CONSENT | values
        return consent_given(actor=actor, patient=patient, episode=episode, **given)


def test_without_a_rule_the_consent_is_kept_with_its_doubt(bhcm, world, minor) -> None:
    with world.inside(bhcm):
        found = minority_of(actor=bhcm, patient=minor, day=TODAY)
    assert found.is_minor and found.is_unknown and "ask counsel" in found.words
    source = consent(world, bhcm, minor, given_by="guardian", guardian=a_guardian(world))
    assert "ask counsel" in source.objection and source.years == 15
    assert rows(world, Consent, pk=source.consent_id)[0].given == "yes"


@pytest.mark.parametrize(
    ("rule", "given_by", "is_enough"),
    [
        ({}, "patient", True),
        ({}, "guardian", True),
        ({"consent_by": "both"}, "patient", False),
        ({"consent_by": "both"}, "both", True),
        ({"consent_by": "guardian", "minor_years_from": None}, "patient", False),
        ({"minor_years_from": 16}, "patient", False),
        ({"majority_years": 15, "minor_years_from": None, "consent_by": "guardian"}, "patient", True),
    ],
)
def test_what_counsel_says_is_followed(bhcm, world, minor, rule, given_by, is_enough) -> None:
    counsel_says(world, **rule)
    guardian = a_guardian(world) if given_by != "patient" else None
    before = len(rows(world, Consent, episode__patient=minor))
    if is_enough:
        source = consent(world, bhcm, minor, given_by=given_by, guardian=guardian)
        assert source.objection == "" and "Counsel" in source.rule_words
        return
    with pytest.raises(ValidationError, match="care takes"):
        consent(world, bhcm, minor, given_by=given_by, guardian=guardian)
    assert len(rows(world, Consent, episode__patient=minor)) == before


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"is_legal_guardian": False}, "not on record as a legal guardian"),
        ({"ended_on": date(2026, 3, 1)}, "was the guardian until"),
    ],
)
def test_somebody_who_may_not_consent_does_not(bhcm, world, minor, options, said) -> None:
    with pytest.raises(ValidationError, match=said):
        consent(world, bhcm, minor, given_by="guardian", guardian=a_guardian(world, **options))


def test_the_practices_rule_is_the_practices_own(world, minor) -> None:
    counsel_says(world)
    with world.inside(world.neighbour):
        assert state_rule(actor=world.neighbour, state="ZZ", day=TODAY).confidence == "unknown"
        assert StateConsentRule.objects.of(world.neighbour).count() == 0
    with world.inside(world.practice):
        early = state_rule(actor=world.practice, state="ZZ", day=date(2025, 12, 31))
    assert early.confidence == "unknown"


def test_only_who_sets_the_practice_up_writes_down_counsels_answer(bhcm, client_of, world) -> None:
    with world.inside(bhcm), pytest.raises(PermissionDenied):
        state_rule_add(actor=bhcm, state="ZZ")
    form = {
        "state": "zz",
        "effective_from": "2026-01-01",
        "majority_years": "18",
        "consent_by": "minor",
        "advised_by": "Counsel",
        "advised_on": "2026-01-02",
    }
    client = client_of(MemberRole.MANAGER)
    assert client.post("/guardians/states/", form).status_code == 422  # from which age?
    assert client.post("/guardians/states/", form | {"minor_years_from": "12"}).status_code == 302
    assert rows(world, StateConsentRule)[0].state == "ZZ"
    assert (
        client.post("/guardians/states/", form | {"minor_years_from": "12"}).status_code == 422
    )  # once a day


def test_a_contact_with_a_guardian_is_recorded_as_such(bhcm, client_of, world, minor) -> None:
    contact, guardian = a_family_contact(world), a_guardian(world)
    address = f"/patients/{minor.pk}/guardians/contacts/{contact.pk}/"
    assert client_of(MemberRole.BHCM).post(address, {"guardian": guardian.pk}).status_code == 302
    [named] = rows(world, GuardianContact)
    assert (named.contact_id, named.guardian_id) == (contact.pk, guardian.pk)
    page = client_of(MemberRole.BHCM).get(f"/patients/{minor.pk}/guardians/").content.decode()
    assert "Rosa Vega (parent)" in page
    contact.with_whom = "patient"
    with world.inside(bhcm), pytest.raises(ValidationError, match="not with family"):
        contact_name(actor=bhcm, patient=minor, contact=contact, guardian=guardian)


def test_what_is_confidential_is_in_no_summary(bhcm, client_of, world, minor) -> None:
    guardian = a_guardian(world)
    with world.inside(bhcm):
        hidden = measure_add(actor=bhcm, patient=minor, instrument="phq-a", taken_on=TODAY, score=17)
        measure_add(actor=bhcm, patient=minor, instrument="gad-7", taken_on=TODAY, score=6)
        drug = treatment_add(
            actor=bhcm,
            patient=minor,
            kind="medication",
            change="started",
            changed_on=TODAY,
            text="fluoxetine",
        )
        assert "PHQ-A" not in str(proxy_lines(actor=bhcm, patient=minor))  # without anybody's doing
        first = confidential_ids(actor=bhcm, patient=minor, kind="measureresult")
        assert hidden.pk in first
        marked = {("measureresult", key) for key in first} | {("treatmentchange", drug.pk)}
        assert confidential_set(actor=bhcm, patient=minor, marked=marked) == 1
        assert confidential_set(actor=bhcm, patient=minor, marked=marked) == 0
        said = [(line.what, line.value) for line in proxy_lines(actor=bhcm, patient=minor)]
    assert ("GAD-7", "6") in said and "fluoxetine" not in str(said) and ("PHQ-A", "17") not in said
    client, address = client_of(MemberRole.BHCM), f"/patients/{minor.pk}/guardians/{guardian.pk}/summary"
    page = client.get(f"{address}/").content.decode()
    assert "GAD-7" in page and "PHQ-A" not in page and "fluoxetine" not in page
    with world.inside(world.practice):
        event = AuditEvent.objects.of(world.practice).get(verb="exported", object_type="proxy_summary")
        assert event.patient_id == minor.pk and event.object_id == str(guardian.pk)
    assert client.get(f"{address}.csv").status_code == 302  # asks who one is first


def test_a_mark_is_taken_off_by_a_person_and_kept_in_the_record(bhcm, world, minor) -> None:
    with world.inside(bhcm):
        row = measure_add(actor=bhcm, patient=minor, instrument="phq-a", taken_on=TODAY, score=3)
        assert "PHQ-A 3" not in str(proxy_lines(actor=bhcm, patient=minor))
        shown = confidential_ids(actor=bhcm, patient=minor, kind="measureresult") - {row.pk}
        kept = {("measureresult", key) for key in shown}
        assert confidential_set(actor=bhcm, patient=minor, marked=kept) == 1
        assert "PHQ-A" in str(proxy_lines(actor=bhcm, patient=minor))
    [mark] = rows(world, ConfidentialMark, object_id=row.pk)
    assert mark.lifted_at is not None and len(rows(world, FormerValues, object_id=mark.pk)) == 1


def test_another_patients_record_cannot_be_marked(bhcm, world, minor) -> None:
    other = world.patient("P000002")
    with world.inside(world.practice):
        row = measure_add(actor=world.practice, patient=other, instrument="phq-9", taken_on=TODAY, score=3)
    with world.inside(bhcm):
        own = confidential_ids(actor=bhcm, patient=minor, kind="measureresult")
        marked = {("measureresult", key) for key in (*own, row.pk)}
        assert confidential_set(actor=bhcm, patient=minor, marked=marked) == 0
    assert rows(world, ConfidentialMark, object_id=row.pk) == []


@pytest.mark.parametrize("options", [{"may_be_told": False}, {"ended_on": date(2026, 3, 20)}])
def test_nothing_is_made_for_somebody_who_may_not_be_told(client_of, world, minor, options) -> None:
    guardian = a_guardian(world, **options)
    answer = client_of(MemberRole.BHCM).get(f"/patients/{minor.pk}/guardians/{guardian.pk}/summary/")
    assert answer.status_code == 302 and answer["Location"].endswith("/guardians/")
    assert rows(world, AuditEvent, object_type="proxy_summary") == []


def test_a_guardian_is_ended_and_never_deleted(client_of, world, minor) -> None:
    guardian = a_guardian(world)
    form = {"full_name": "Rosa Vega", "relationship": "parent", "ended_on": "2026-03-19"}
    client = client_of(MemberRole.BHCM)
    assert client.post(f"/patients/{minor.pk}/guardians/{guardian.pk}/", form).status_code == 302
    [kept] = rows(world, Guardian, pk=guardian.pk)
    assert kept.ended_on == date(2026, 3, 19) and not kept.is_legal_guardian
    assert rows(world, ConsentSource) == [] and len(rows(world, FormerValues, object_id=guardian.pk)) == 1
