"""Ariana Davis's two months: the project's own story, in any month one likes.

She is 26, works in a shop in rural Northern California, and has depression, anxiety and type 2 diabetes. Her commercial
plan has carved behavioral health out. Month 1 was billed, went to the behavioral administrator because of its
diagnosis, was denied there, and was paid by the plan when it was sent again. In month 2 nothing has changed and the
dose goes up.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta

from cocm.basics.months import Month
from cocm.synth.contacts import ContactBook
from cocm.synth.course import Window
from cocm.synth.history import ClaimBook
from cocm.synth.mix import Mix
from cocm.synth.patient import review_days
from cocm.synth.sink import Sink
from cocm.synth.team import Team
from cocm.synth.world import FixedContact, World


def write_ariana(
    sink: Sink,
    world: World,
    team: Team,
    window: Window,
    patient_id: str,
    mix: Mix,
    second_month: Month | None = None,
) -> None:
    """Write her rows. Month 1 is the one before month 2, whose contacts need a window of two.

    Month 2 is the last month unless said otherwise; in the months after it she has the same contacts again.
    """
    persona = world.ariana
    payer = world.payer(persona.payer_id)
    month_2 = second_month if second_month is not None else window.until
    month_1 = month_2.plus(-1)
    practitioner, bhcm = team.practitioners[0], team.bhcms[0]
    consultant = team.consultant_of(bhcm)
    start = _day(month_1, persona.first_month[0].day)
    sink.add(
        "patients",
        patient_id=patient_id,
        last_name=persona.last_name,
        first_name=persona.first_name,
        birth_date=_birth_date(persona.birth_month_and_day, persona.age, month_2),
        sex=persona.sex,
        address_line=persona.address_line,
        city=persona.city,
        state=world.text("state"),
        postal_code=persona.postal_code,
    )
    sink.add(
        "coverages",
        patient_id=patient_id,
        payer_id=payer.payer_id,
        member_id=persona.member_id,
        group_number=persona.group_number,
        relationship="self",
        coverage_from=date(month_1.year, 1, 1),
        rank=1,
    )
    sink.add(
        "episodes",
        episode_id=f"{patient_id}-E1",
        patient_id=patient_id,
        start_date=start,
        site_id=practitioner.site_id,
        billing_practitioner_id=practitioner.staff_id,
        bhcm_id=bhcm.staff_id,
        psychiatric_consultant_id=consultant.staff_id,
        referring_practitioner_id=practitioner.staff_id,
        diagnosis_codes=";".join(persona.diagnoses),
        consent_given="yes",
        consent_date=start,
        consent_form="verbal",
        consent_recorded_by=bhcm.staff_id,
        cost_share_explained="yes",
        is_new_patient="no",
        last_seen_date=start - timedelta(days=6),
        first_service_date=start,
    )
    book = ContactBook(
        world, random.Random(patient_id), patient_id, team.billing_npi, bhcm, practitioner, consultant
    )
    for index in range(month_1.index, window.until.index + 1):
        month = Month.from_index(index)
        if month in window:
            contacts = persona.first_month if month == month_1 else persona.later_month
            _write_month(sink, book, month, contacts, persona.scores)
    for row in book.rows:
        sink.add_row("contacts", row)
    claims = ClaimBook(world, book.rng, team, patient_id, payer, bhcm)
    addon_units = persona.first_month_line_units["addon"]
    claims.claim(month_1, True, addon_units, "denied", suffix="-1")
    claims.claim(month_1, True, addon_units, "paid", suffix="-2")
    for line in claims.rows:
        sink.add_row("claim_history", line)
    mix.patients += 1
    mix.episodes += 1
    mix.active += 1
    mix.payers[payer.payer_id] += 1
    mix.scenarios["ariana_davis"] += 1


def _write_month(
    sink: Sink, book: ContactBook, month: Month, contacts: Sequence[FixedContact], scores: dict[str, int]
) -> None:
    for contact in contacts:
        day = _day(month, contact.day)
        book.add(day, contact.starts, contact.minutes, activity=contact.activity, modality=contact.modality)
    reviewed_on = review_days(month)[1]
    book.add(
        reviewed_on,
        "12:10",
        10,
        staff_id=book.consultant.staff_id,
        activity="caseload_review",
        modality="none",
    )
    for instrument, score in scores.items():
        taken_on = _day(month, contacts[0].day)
        sink.add(
            "measures", patient_id=book.patient_id, instrument=instrument, taken_on=taken_on, score=score
        )
    sink.add(
        "reviews",
        patient_id=book.patient_id,
        reviewed_on=reviewed_on,
        bhcm_id=book.bhcm.staff_id,
        psychiatric_consultant_id=book.consultant.staff_id,
    )


def _day(month: Month, day: int) -> date:
    return date(month.year, month.number, day)


def _birth_date(month_and_day: str, age: int, month: Month) -> date:
    """The birthday that makes her so old throughout the month."""
    this_year = date.fromisoformat(f"{month.year}-{month_and_day}")
    return this_year.replace(year=this_year.year - age - (1 if this_year > month.first_day else 0))
