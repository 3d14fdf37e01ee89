"""What the demonstration shows of measures: answers by item, one open alert, a link that is out, and a minor."""

from __future__ import annotations

from datetime import date, timedelta

from cocm.server.access.actor import Actor
from cocm.server.guardians.services import guardian_add
from cocm.server.measures.answers import response_add
from cocm.server.measures.links import link_make
from cocm.server.measures.models import FilledBy, MeasureLink
from cocm.server.registry.models import CareTeamMember, Patient

PHQ = dict(zip("123456789", (2, 2, 1, 2, 1, 1, 1, 0, 0), strict=True))
GAD = dict(zip("1234567", (2, 1, 2, 1, 1, 1, 0), strict=True))
MINOR_YEARS = 15


def add_measures(*, actor: Actor, today: date) -> None:
    """Give four patients of the first care manager what their pages show. Fewer patients get less."""
    team = CareTeamMember.objects.of(actor).filter(episode__end_date__isnull=True)
    first = team.filter(part=CareTeamMember.Part.BHCM).order_by("episode__patient__patient_id").first()
    if first is None:
        return
    mine = team.filter(part=CareTeamMember.Part.BHCM, staff_member_id=first.staff_member_id)
    keys = mine.order_by("episode__patient__patient_id").values_list("episode__patient", flat=True)
    patients = [Patient.objects.of(actor).get(pk=key) for key in list(keys)[1:5]]
    for patient, add in zip(patients, (_with_alert, _minor, _with_both, _with_link), strict=False):
        add(actor, patient, today)


def _answer(actor: Actor, patient: Patient, name: str, answers: dict[str, int], day: date, way: str) -> None:
    response_add(
        actor=actor,
        patient=patient,
        instrument_id=name,
        answers=answers,
        taken_on=day,
        language="en",
        filled_by=way,
    )


def _with_alert(actor: Actor, patient: Patient, today: date) -> None:
    _answer(actor, patient, "phq-9", {**PHQ, "9": 1, "difficulty": 2}, today, FilledBy.LINK)


def _with_both(actor: Actor, patient: Patient, today: date) -> None:
    day = today - timedelta(days=2)
    _answer(actor, patient, "phq-9", {**PHQ, "difficulty": 1}, day, FilledBy.KIOSK)
    _answer(actor, patient, "gad-7", {**GAD, "difficulty": 1}, day, FilledBy.KIOSK)


def _with_link(actor: Actor, patient: Patient, today: date) -> None:
    link_make(
        actor=actor,
        patient=patient,
        instrument_ids=["phq-9"],
        language="es",
        way=MeasureLink.Way.LINK,
        minutes=3 * 24 * 60,
    )


def _minor(actor: Actor, patient: Patient, today: date) -> None:
    patient.birth_date = date(today.year - MINOR_YEARS, 1, 15)
    patient.save(update_fields=("birth_date",))
    _answer(
        actor,
        patient,
        "phq-a",
        {**PHQ, "past_year": 1, "difficulty": 1, "past_month": 0, "attempt_ever": 0},
        today - timedelta(days=1),
        FilledBy.KIOSK,
    )
    guardian_add(
        actor=actor,
        patient=patient,
        full_name=f"Maria {patient.last_name}",
        relationship="parent",
        phone="555-0142",
        email="maria@demo.example",
        is_legal_guardian=True,
        may_be_told=True,
    )
