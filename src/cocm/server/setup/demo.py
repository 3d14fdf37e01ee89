"""The demonstration: a synthetic practice with one sign-in a role. Only where COCM_DEMO or COCM_DEBUG is set."""

from __future__ import annotations

import csv
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import transaction

from cocm.basics.errors import UnusableInput
from cocm.basics.months import Month
from cocm.intake.practice import open_practice
from cocm.server.access.actor import Actor, enter_organization
from cocm.server.access.permissions import PLAN_ROLES, ROLE_WORDS, MemberRole
from cocm.server.accounts.models import StaffMember, User
from cocm.server.accounts.models.organizations import OrganizationKind
from cocm.server.accounts.services import member_add, organization_add
from cocm.server.dashboard.demo import save_demo_plan
from cocm.server.measures.demo import add_measures
from cocm.server.registry.models import Episode
from cocm.server.setup.demo_books import load_books, months_over
from cocm.server.setup.demo_care import add_care
from cocm.server.setup.demo_desk import add_desk
from cocm.server.setup.demo_plan import load_plan
from cocm.server.setup.loading import load_practice
from cocm.synth.practice import SynthRequest, write_practice

DEMO_PASSWORD: Final = "cocm-demo-password"
DEMO_DOMAIN: Final = "demo.example"
MONTHS_OF_STORY: Final = 2
PLAN_KEY: Final = "sierra-crest"
PLAN_ADMINISTRATOR: Final = f"plan-administrator@{DEMO_DOMAIN}"
DAY_OF_ROW: Final = {
    "contacts": "started_at",
    "measures": "taken_on",
    "reviews": "reviewed_on",
    "other_services": "service_date",
    "episodes": "start_date",
}


@dataclass(frozen=True, slots=True)
class DemoSignIn:
    """One way in."""

    email: str
    password: str
    role: str


def demo_sign_ins() -> list[DemoSignIn]:
    """The demonstration's sign-ins, one a role."""
    people = [DemoSignIn(_email(role), DEMO_PASSWORD, ROLE_WORDS[role]) for role in MemberRole]
    return [*people, DemoSignIn(PLAN_ADMINISTRATOR, DEMO_PASSWORD, "Plan administrator")]


def _email(role: MemberRole) -> str:
    return f"{role.value.replace('_', '-')}@{DEMO_DOMAIN}"


@transaction.atomic
def load_demo(
    *,
    patients: int,
    months: int,
    until: Month,
    seed: int = 1,
    today: date | None = None,
    books_until: date | None = None,
) -> Actor:
    """Make the demonstration's practice, its plan and their people; the practice's system actor.

    With `today`, nothing that is written down lies after that day: a month that is under way looks like one.
    With `books_until`, the months that were over by then were closed and sent, and payers have answered until that day.

    Raises `UnusableInput` outside the demonstration, or where there is an organization already.
    """
    if not (settings.IS_DEMO or settings.DEBUG):
        raise UnusableInput(
            "the demonstration has known passwords: set COCM_DEMO=1, and never where real data are"
        )
    if User.objects.exists():
        raise UnusableInput("there are people in this database already; the demonstration wants an empty one")
    with tempfile.TemporaryDirectory(prefix="cocm-") as folder:
        path = Path(folder) / "practice"
        write_practice(
            SynthRequest(path, patients, months, seed, until, story_until=_story_until(until, months, today))
        )
        if today is not None:
            _leave_out_what_is_to_come(path, today)
        with open_practice(path) as source:
            practice = source.reference.practice
            actor = organization_add(
                key=practice.organization_id,
                kind=OrganizationKind.PRACTICE,
                name=practice.name,
                time_zone=practice.time_zone,
            )
            load_practice(actor=actor, source=source, month=until)
    plan, liaison = _make_members(actor, practice.time_zone)
    if today is not None:
        add_care(actor=actor, today=today, time_zone=practice.time_zone)
        add_measures(actor=actor, today=today)
    if books_until is not None:
        first = until.plus(1 - months)
        over = months_over(first, until, books_until)
        load_books(actor=actor, months=over, until=books_until)
        save_demo_plan(actor=actor, first_month=first, today=books_until)
        load_plan(practice=actor, plan=plan, liaison=liaison, months=over, until=books_until)
        enter_organization(actor.organization_id, None)
        add_desk(actor=actor, today=books_until)
    return actor


def _story_until(until: Month, months: int, today: date | None) -> Month | None:
    """Ariana's story ends with the last month that is over, where there are months enough for both of hers."""
    is_under_way = today is not None and today <= until.last_day
    return until.plus(-1) if is_under_way and months > MONTHS_OF_STORY else None


def _leave_out_what_is_to_come(folder: Path, today: date) -> None:
    """Take the rows after a day out of the tables; what was to end later goes on, what was noted later is noted now."""
    for table, column in DAY_OF_ROW.items():
        path = folder / f"{table}.csv"
        with path.open(encoding="utf-8", newline="") as stream:
            reader = csv.DictReader(stream)
            names = reader.fieldnames or []
            rows = [row for row in reader if row[column][:10] <= today.isoformat()]
        for row in rows:
            if row.get("end_date", "") > today.isoformat():
                row["end_date"] = row["end_reason"] = ""
            if row.get("recorded_on", "") > today.isoformat():
                row["recorded_on"] = today.isoformat()
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, names)
            writer.writeheader()
            writer.writerows(rows)


def _make_members(actor: Actor, time_zone: str) -> tuple[Actor, Actor]:
    """One person a role; the clinical ones are the team of Ariana, the first patient. The plan and its liaison."""
    ariana = Episode.objects.of(actor).order_by("patient__patient_id").select_related("bhcm")[0]
    of_ariana = {
        MemberRole.BHCM: ariana.bhcm_id,
        MemberRole.PSYCHIATRIC_CONSULTANT: ariana.psychiatric_consultant_id,
        MemberRole.PCP: ariana.billing_practitioner_id,
    }
    of_plan = []
    for role in MemberRole:
        member = StaffMember.objects.of(actor).filter(pk=of_ariana.get(role)).first()
        name = member.full_name if member is not None else f"Demo {ROLE_WORDS[role]}"
        user = User.objects.create_user(_email(role), DEMO_PASSWORD, full_name=name)
        if role in PLAN_ROLES:
            of_plan.append((user, role))
        else:
            member_add(actor=actor, user=user, role=role, staff_member=member)
    plan = organization_add(
        key=PLAN_KEY, kind=OrganizationKind.HEALTH_PLAN, name="Sierra Crest Health Plan", time_zone=time_zone
    )
    members = {role: member_add(actor=plan, user=user, role=role) for user, role in of_plan}
    keeper = User.objects.create_user(PLAN_ADMINISTRATOR, DEMO_PASSWORD, full_name="Demo Plan administrator")
    member_add(actor=plan, user=keeper, role=MemberRole.ADMINISTRATOR)
    enter_organization(actor.organization_id, None)
    return plan, members[MemberRole.PROVIDER_LIAISON].as_actor()
