"""The minutes that lists show are the core's, whatever was added, corrected, frozen or changed beside."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.management import call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cocm.basics.months import Month
from cocm.care.records import Activity, Outcome
from cocm.coding.proposal import propose
from cocm.server.access.permissions import MemberRole
from cocm.server.accounts.models import PayerProduct, StaffMember
from cocm.server.contacts.minutes import inputs_changed, minutes_bar, minutes_of_month
from cocm.server.contacts.models import Contact, MonthMinutes
from cocm.server.contacts.services import MonthFrozen, contact_add, contact_correct, month_freeze
from cocm.server.practice_port import PracticePort
from cocm.server.registry.models import Consent, Episode, OtherService, Patient
from cocm.server.rules_in_force import policy_for

MARCH, APRIL = Month(2026, 3), Month(2026, 4)


def by_the_core(actor, pks, month):
    """What the core answers now, from all the rows."""
    keys = dict(Patient.objects.of(actor).filter(pk__in=pks).values_list("patient_id", "pk"))
    found = {}
    for case in PracticePort(actor).case_files(pks, month):
        proposal = propose(case, policy_for(case))
        found[(keys[case.patient.patient_id], case.episode.episode_id)] = (
            proposal.ledger.counted_seconds,
            proposal.ledger.excluded_seconds,
            proposal.ledger.note_seconds,
            proposal.month_kind.value,
            [[line.hcpcs_code, line.units] for line in proposal.lines],
            None
            if proposal.next_tier is None
            else (proposal.next_tier.minutes_short, proposal.next_tier.hcpcs_code, proposal.next_tier.units),
        )
    return found


def by_the_list(actor, pks, month):
    return {
        key: (row.seconds_counted, row.seconds_excluded, row.seconds_note, row.month_kind, row.earned, row.next_tier)
        for key, row in minutes_of_month(actor=actor, patients=pks, month=month).items()
    }  # fmt: skip


def everybody(actor):
    return list(Patient.objects.of(actor).values_list("pk", flat=True))


def add(world, actor, *, month=APRIL, day=3, hour=17, seconds=1200, **fields):
    return contact_add(
        actor=actor,
        patient=world.ariana,
        staff_member=StaffMember.objects.get(pk=actor.staff_member_id),
        started_at=datetime(month.year, month.number, day, hour, tzinfo=UTC),
        service_seconds=seconds,
        activity=fields.pop("activity", Activity.FOLLOW_UP),
        **fields,
    )


def test_a_list_answers_as_the_core_does(world) -> None:
    with world.inside(world.practice):
        pks = everybody(world.practice)
        expected = by_the_core(world.practice, pks, MARCH)
        assert len(expected) > 5
        assert by_the_list(world.practice, pks, MARCH) == expected
        assert by_the_list(world.practice, pks, MARCH) == expected  # now from the rows that were kept


def test_the_second_look_asks_the_core_nothing(world, monkeypatch) -> None:
    with world.inside(world.practice):
        pks = everybody(world.practice)
        first = by_the_list(world.practice, pks, MARCH)

        def refuse(*args, **kwargs):
            raise AssertionError("the port was asked")

        monkeypatch.setattr(PracticePort, "case_files", refuse)
        assert by_the_list(world.practice, pks, MARCH) == first


step = st.one_of(
    st.tuples(st.just("add"), st.integers(1, 28), st.integers(0, 23), st.integers(0, 3 * 3600), st.sampled_from(
        [{}, {"outcome": Outcome.ATTEMPT}, {"activity": Activity.TRAVEL}, {"note_minutes": 7},
         {"billed_elsewhere_code": "90834", "billed_elsewhere_minutes": 40}]
    )),
    st.tuples(st.just("correct"), st.integers(0, 50), st.integers(0, 4000)),
    st.tuples(st.just("freeze"), st.booleans()),
    st.tuples(st.just("consent"), st.integers(1, 28)),
    st.tuples(st.just("stay"), st.integers(1, 28)),
    st.tuples(st.just("look"), st.booleans()),
)  # fmt: skip


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(step, min_size=1, max_size=6))
def test_after_any_sequence_of_changes_the_list_is_the_cores_answer(world, steps) -> None:
    actor, billing = world.actor(MemberRole.BHCM), world.actor(MemberRole.BILLING)
    with world.inside(actor):
        from django.db import transaction

        pks = [world.ariana.pk]
        point = transaction.savepoint()
        for what, *values in steps:
            take_step(world, actor, billing, what, values)
            if what == "look":
                month = MARCH if values[0] else APRIL
                assert by_the_list(actor, pks, month) == by_the_core(actor, pks, month)
        for month in (MARCH, APRIL):
            assert by_the_list(actor, pks, month) == by_the_core(actor, pks, month)
        transaction.savepoint_rollback(point)


def take_step(world, actor, billing, what, values) -> None:
    episode = Episode.objects.of(actor).filter(patient=world.ariana).latest("start_date")
    try:
        if what == "add":
            day, hour, seconds, fields = values
            add(world, actor, day=day, hour=hour, seconds=seconds, **fields)
        elif what == "correct":
            entries = list(Contact.objects.of(actor).filter(patient=world.ariana).order_by("number"))
            contact = entries[-1 - values[0] % len(entries)]
            contact_correct(actor=actor, contact=contact, reason="as it was", service_seconds=values[1])
        elif what == "freeze":
            month_freeze(actor=billing, patient=world.ariana, month=MARCH if values[0] else APRIL)
        elif what == "consent":
            Consent.objects.create(
                organization_id=actor.organization_id,
                episode=episode,
                given="yes",
                form="verbal",
                consent_date=date(2026, 4, values[0]),
            )
        elif what == "stay":
            day = date(2026, 4, values[0])
            OtherService.objects.create(
                organization_id=actor.organization_id,
                patient=world.ariana,
                service_date=day,
                stay_to=day + timedelta(days=2),
            )
    except (MonthFrozen, ValueError):
        pass  # refused: a frozen month, an entry that is corrected already


def test_a_payers_other_rules_change_every_patient(world) -> None:
    with world.inside(world.practice):
        pks = everybody(world.practice)
        by_the_list(world.practice, pks, MARCH)
        for payer in PayerProduct.objects.of(world.practice):
            payer.pack_id = "cpt"
            payer.save()
        assert by_the_list(world.practice, pks, MARCH) == by_the_core(world.practice, pks, MARCH)


def test_what_sends_no_signal_is_told(world) -> None:
    with world.inside(world.practice):
        pks = everybody(world.practice)
        before = by_the_list(world.practice, pks, MARCH)
        Episode.objects.of(world.practice).update(end_date=date(2026, 2, 1))
        assert by_the_list(world.practice, pks, MARCH) == before  # it cannot know
        inputs_changed(world.practice, pks)
        assert by_the_list(world.practice, pks, MARCH) == by_the_core(world.practice, pks, MARCH) == {}
        assert by_the_list(world.practice, pks, MARCH) == {}


def test_the_command_rebuilds_what_was_tampered_with(world) -> None:
    with world.inside(world.practice):
        pks = everybody(world.practice)
        expected = by_the_list(world.practice, pks, MARCH)
        MonthMinutes.objects.of(world.practice).update(seconds_counted=99_999)
        assert by_the_list(world.practice, pks, MARCH) != expected
        call_command("rebuild_minutes", month="2026-03", organization="north-valley", verbosity=0)
    with world.inside(world.practice):
        assert by_the_list(world.practice, pks, MARCH) == expected


@pytest.mark.parametrize(
    ("today", "days"), [(date(2026, 3, 31), 1), (date(2026, 3, 1), 31), (date(2026, 4, 1), None)]
)
def test_the_bar_tells_days_left_and_the_next_tier(world, today, days) -> None:
    with world.inside(world.practice):
        rows = minutes_of_month(actor=world.practice, patients=[world.ariana.pk], month=MARCH)
        [row] = rows.values()
        bar = minutes_bar(row, today=today)
        assert bar.days_left == days
        assert bar.minutes_counted == row.minutes_counted
        if row.next_tier:
            assert bar.following.minutes - bar.minutes_counted == row.next_tier[0]


def test_the_neighbour_sees_nothing(world) -> None:
    with world.inside(world.practice):
        minutes_of_month(actor=world.practice, patients=everybody(world.practice), month=MARCH)
    with world.inside(world.neighbour):
        assert not MonthMinutes.objects.of(world.neighbour).exists()
        assert minutes_of_month(actor=world.neighbour, patients=[world.ariana.pk], month=MARCH) == {}
