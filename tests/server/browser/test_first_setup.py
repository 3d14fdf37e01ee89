"""First set-up: from a database without anybody to the first patient on the caseload."""

from __future__ import annotations

from io import StringIO

import pytest
from accessibility import assert_accessible
from databases import pointed_at
from django.core.management import call_command
from playwright.sync_api import expect

from cocm.server.access.actor import Actor, acting_for
from cocm.server.access.permissions import MemberRole
from cocm.server.accounts.models import Organization, StaffMember, User
from cocm.server.accounts.services import member_add
from cocm.server.database_url import database_settings
from cocm.server.setup.first_tables import make_tables

PASSWORD = "orchard-lantern-7-quiet"
PRACTICE = {
    "Billing NPI": "1000258693",
    "Billing tax id": "99-0000142",
    "Taxonomy code": "261QP2300X",
    "Address line": "1 First Street",
    "City": "Alder Creek",
    "ZIP code": "960990142",
    "Phone": "530-555-0142",
    "Contact name": "Billing office",
    "Submitter id": "FIRST1",
}


def fill(page, values: dict[str, str]) -> None:
    for label, value in values.items():
        page.get_by_label(label, exact=True).fill(value)


def save(page, section: str) -> None:
    page.wait_for_timeout(50)
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#messages")).to_contain_text("saved")
    if section:
        page.goto("/setup/")


@pytest.fixture
def database(django_db_blocker, tmp_path):
    """A database with its tables and not one row of ours."""
    settings = database_settings(
        f"sqlite:///{tmp_path / 'empty.sqlite'}", busy_timeout_seconds=20, pool=0, is_local=True
    )
    with django_db_blocker.unblock(), pointed_at(settings):
        make_tables()
        assert not Organization.objects.exists() and not User.objects.exists()
        yield "sqlite"


def test_from_an_empty_database_to_the_first_patient(open_page, live_site):
    out = StringIO()
    names = ["--organization", "First Practice", "--key", "first", "--time-zone", "America/Los_Angeles"]
    call_command(
        "first_administrator",
        "--email",
        "ida@first.example",
        "--name",
        "Ida First",
        *names,
        stdout=out,
    )
    link = "/account/" + out.getvalue().strip().partition("/account/")[2]
    page = open_page(link, expected=("422",))
    for field in page.locator("input[type=password]").all():
        field.fill(PASSWORD)
    page.locator("main").get_by_role("button").first.click()
    page.wait_for_load_state()
    user = User.objects.get(email="ida@first.example")
    assert user.check_password(PASSWORD)

    page = open_page("/setup/", sign_in=user, expected=("422",))
    expect(page.get_by_text("parts lack something")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("link", name="Practice", exact=True).click()
    fill(page, PRACTICE | {"Billing NPI": "1000258690"})
    page.get_by_label("State").fill("CA")
    page.wait_for_timeout(50)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("check digit").first).to_be_visible()
    page.wait_for_timeout(4100)
    fill(page, {"Billing NPI": PRACTICE["Billing NPI"]})
    save(page, "practice")

    page.goto("/setup/sites/new/")
    fill(page, {"Site id": "S1", "Name": "Main Street Clinic", "Address line": "1 First Street"})
    fill(page, {"City": "Alder Creek", "ZIP code": "960990142", "State": "CA"})
    page.get_by_label("Place of service code").select_option("11")
    assert_accessible(page)
    save(page, "sites")
    for number, role in enumerate(("billing_practitioner", "bhcm", "psychiatric_consultant"), 1):
        page.goto("/setup/staff/new/")
        fill(page, {"Staff id": f"P{number}", "Last name": f"Person{number}", "First name": "Pat"})
        page.get_by_label("Role").select_option(role)
        if number == 1:
            page.locator("[name=npi]").fill("1000258719")
            page.get_by_label("Main Street Clinic").check()
        save(page, "staff")
    page.goto("/setup/payers/new/")
    fill(page, {"Payer id": "PLAN", "Name": "Plan of All", "Payer identifier": "PLAN1"})
    page.get_by_label("Rulebook pack").select_option("cpt")
    assert_accessible(page)
    save(page, "payers")
    page.goto("/setup/charges/new/")
    fill(page, {"Service code": "99492", "Charge amount": "250.00", "Effective from": "2026-01-01"})
    save(page, "charges")
    expect(page.get_by_text("1 of 6 parts lack something")).to_be_visible()

    actor = Actor.system(Organization.objects.get(key="first").pk)
    with acting_for(actor):
        manager = StaffMember.objects.of(actor).get(staff_id="P2")
        bhcm = User.objects.create_user("pat@first.example", full_name="Pat Person2")
        member_add(actor=actor, user=bhcm, role=MemberRole.BHCM, staff_member=manager)
    page = open_page("/caseload/new/", sign_in=bhcm)
    person = {"patient_id": "A1", "last_name": "Able", "first_name": "Ann", "birth_date": "1980-02-03"}
    for name, value in person.items():
        page.locator(f"[name={name}]").fill(value)
    page.locator("[name=sex]").select_option("F")
    page.get_by_role("button", name="Add to the caseload").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Able")
