"""The small world in every test database: the demonstration with few patients, and a neighbour practice.

Nobody in it exists. The clinical members of the practice are the team of Ariana, its first patient.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from zoneinfo import ZoneInfo

from cocm.basics.months import Month

MONTH = Month(2026, 3)
PATIENTS, MONTHS = 12, 3
NEIGHBOUR = "far-creek"
PLAN = "sierra-crest"
BOOKS_UNTIL = date(2026, 5, 20)
"""The day of the world with books: everything that payers answered by then is posted."""


def make_world() -> None:
    """Fill an empty database."""
    from cocm.care.people import Role
    from cocm.server.access.actor import acting_for
    from cocm.server.access.permissions import MemberRole
    from cocm.server.accounts.models import StaffMember, User
    from cocm.server.accounts.services import member_add, organization_add
    from cocm.server.registry.models import Patient
    from cocm.server.setup.demo import load_demo

    practice = load_demo(patients=PATIENTS, months=MONTHS, until=MONTH)
    with acting_for(practice):
        stranger = StaffMember(
            organization_id=practice.organization_id,
            staff_id="BHCM-9999",
            last_name="Elsewhere",
            first_name="Ida",
            role=Role.BHCM,
        )
        stranger.save()
        user = User.objects.create_user("not-on-the-team@demo.example", full_name="Ida Elsewhere")
        member_add(actor=practice, user=user, role=MemberRole.BHCM, staff_member=stranger)
    neighbour = organization_add(
        key=NEIGHBOUR, kind="practice", name="Far Creek Family Medicine", time_zone="America/New_York"
    )
    with acting_for(neighbour):
        Patient.objects.create(
            organization_id=neighbour.organization_id,
            patient_id="P000001",
            last_name="Neighbour",
            first_name="Nell",
            birth_date=date(1980, 1, 1),
            sex="F",
        )
        for role in MemberRole:
            user = User.objects.create_user(
                f"{role.value}@{NEIGHBOUR}.example", full_name=f"Far {role.value}"
            )
            member_add(actor=neighbour, user=user, role=role)


def add_books() -> None:
    """Close the practice's three months, post what its payers answered by `BOOKS_UNTIL`, and fill its plan's desk."""
    from cocm.server.access.actor import acting_for
    from cocm.server.access.permissions import MemberRole
    from cocm.server.setup.demo_books import load_books, months_over
    from cocm.server.setup.demo_plan import load_plan

    practice = World().practice
    with acting_for(practice):
        months = months_over(MONTH.plus(1 - MONTHS), MONTH, BOOKS_UNTIL)
        load_books(actor=practice, months=months, until=BOOKS_UNTIL)
    plan, liaison = World().plan, World().actor(MemberRole.PROVIDER_LIAISON, PLAN)
    load_plan(practice=practice, plan=plan, liaison=liaison, months=months, until=BOOKS_UNTIL)


@dataclass
class World:
    """The practice and its neighbour, as tests speak of them."""

    @cached_property
    def practice(self):
        """The system, acting for the practice."""
        return self._system("north-valley")

    @cached_property
    def neighbour(self):
        """The system, acting for the other practice."""
        return self._system(NEIGHBOUR)

    @cached_property
    def plan(self):
        """The system, acting for the health plan."""
        return self._system(PLAN)

    @cached_property
    def ariana(self):
        """The first patient; the practice's clinical members are her team."""
        return self.patient("P000001")

    def patient(self, patient_id: str):
        """A patient of the practice by the practice's own id."""
        from cocm.server.registry.models import Patient

        with self.inside(self.practice):
            return Patient.objects.of(self.practice).get(patient_id=patient_id)

    def user(self, role, organization: str = "north-valley"):
        """The person of a role at the practice (or `far-creek`)."""
        from cocm.server.accounts.models import User
        from cocm.server.setup.demo import DEMO_DOMAIN

        if organization in ("north-valley", PLAN):
            return User.objects.get(email=f"{role.value.replace('_', '-')}@{DEMO_DOMAIN}")
        return User.objects.get(email=f"{role.value}@{organization}.example")

    def actor(self, role, organization: str = "north-valley"):
        """The acting person of a role."""
        from cocm.server.accounts.models import Membership

        system = self._system(organization)
        with self.inside(system):
            user = self.user(role, organization)
            return Membership.objects.of(system).get(user=user).as_actor()

    @property
    def today(self):
        """The day it is at the practice, whatever day it is in UTC."""
        from django.utils import timezone

        from cocm.server.accounts.models import Organization

        zone = Organization.objects.get(pk=self.practice.organization_id).time_zone
        return timezone.localdate(timezone=ZoneInfo(zone))

    def inside(self, actor):
        """`with world.inside(actor): ...`: what an organization's rows need on PostgreSQL."""
        from cocm.server.access.actor import acting_for

        return acting_for(actor)

    def _system(self, key: str):
        from cocm.server.access.actor import Actor
        from cocm.server.accounts.models import Organization

        return Actor.system(Organization.objects.get(key=key).pk)
