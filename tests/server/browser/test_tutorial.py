"""docs/tutorial.md, step by step in a real browser: from an empty installation to the first closed month."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from databases import pointed_at
from django.core.management import call_command
from playwright.sync_api import Page, expect
from test_months_journey import one_worker

from cocm.server.accounts.models import Organization, StaffMember, User
from cocm.server.database_url import database_settings
from cocm.server.setup.first_tables import make_tables

TUTORIAL = (Path(__file__).parents[3] / "docs" / "tutorial.md").read_text(encoding="utf-8")
TITLES = re.findall(r"^## \d+\. (.+)$", TUTORIAL, re.MULTILINE)
PASSWORD = "orchard-lantern-7-quiet"
PEOPLE = {
    "Care manager": ("cora@north.example", "bhcm"),
    "Psychiatric consultant": ("paul@north.example", "psychiatric_consultant"),
    "Billing": ("bill@north.example", ""),
}


def command(name: str) -> list[str]:
    """The arguments of a command as the tutorial prints it."""
    line = re.search(rf"^    cocm ((?:manage )?{name}(?:.*\\\n)*.*)$", TUTORIAL, re.MULTILINE)
    assert line is not None, f"the tutorial has no command {name}"
    return shlex.split(line[1].replace("\\\n", " "))


@pytest.fixture
def database(django_db_blocker, tmp_path):
    """A database with its tables and nobody in it."""
    settings = database_settings(
        f"sqlite:///{tmp_path / 'tutorial.sqlite'}", busy_timeout_seconds=20, pool=0, is_local=True
    )
    with django_db_blocker.unblock(), pointed_at(settings):
        make_tables()
        assert not Organization.objects.exists()
        yield "sqlite"


class Tutorial:
    """The steps, by their titles in the document."""

    def __init__(self, open_page: Callable[..., Page], folder: Path) -> None:
        self.open_page, self.folder = open_page, folder
        self.link = ""
        self.administrator: Page | None = None

    def an_empty_site(self) -> None:
        out = StringIO()
        _, *arguments = command("first_administrator")[1:]
        call_command("first_administrator", *arguments, stdout=out)
        self.link = "/account/" + out.getvalue().strip().partition("/account/")[2]

    def your_password(self) -> None:
        self.choose_password(self.link)
        self.administrator = self.signed_in("ida@north.example")
        expect(self.administrator.get_by_role("link", name="Set-up").first).to_be_visible()

    def the_practices_tables(self) -> None:
        from click.testing import CliRunner

        from cocm.cli import cli

        tables = self.folder / "tables"
        _, folder, *options = command("synth")
        assert folder == "tables/"
        made = CliRunner().invoke(cli, ["synth", str(tables), *options])
        assert made.exit_code == 0, made.output
        page = self.administrator
        assert page is not None
        page.goto("/setup/")
        page.get_by_role("link", name="Bring in tables").first.click()
        page.get_by_label("Files").set_input_files(sorted(tables.glob("*.csv")))
        page.get_by_role("button", name="Look at the rows").click()
        page.get_by_role("button", name=re.compile("^Bring in ")).click()
        expect(page.locator("#messages")).to_contain_text("Brought in")

    def the_people(self) -> None:
        page = self.administrator
        assert page is not None
        for role, (email, staff_role) in PEOPLE.items():
            page.goto("/people/")
            page.get_by_role("link", name="Invite", exact=True).click()
            page.get_by_label("E-mail address").fill(email)
            page.get_by_label("Name", exact=True).fill(email.partition("@")[0].title())
            page.get_by_label("Role").select_option(label=role)
            if staff_role:
                staff = self.staff_of(staff_role)
                page.locator("[name=staff_member]").select_option(str(staff.pk))
            page.get_by_role("button", name="Invite").click()
            told = page.locator("#messages").inner_text()
            self.choose_password(re.search(r"(/account/\S+)", told)[1])
            page.wait_for_timeout(4_100)  # the same form is sent once in four seconds

    def the_forecast(self) -> None:
        page = self.signed_in("bill@north.example")
        page.get_by_role("link", name="Months").first.click()
        page.get_by_role("link", name="March 2026").first.click()
        page.get_by_role("button", name="Forecast").first.click()
        one_worker()
        expect(page.get_by_text("Forecast of").first).to_be_visible()  # the page loads itself anew
        page.get_by_role("link", name=re.compile("Exceptions|exception")).first.click()
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert page.locator("table tbody tr").count() > 0

    def freeze_and_sign_off(self) -> None:
        page = self.signed_in("bill@north.example")
        page.goto("/months/2026-03/")
        page.get_by_role("link", name="Freeze").or_(page.get_by_role("button", name="Freeze")).first.click()
        page.locator("main").get_by_role("button", name="Freeze").first.click()
        for email in ("cora@north.example", "paul@north.example"):
            page = self.signed_in(email)
            page.goto("/months/2026-03/sign/")
            page.get_by_role("button", name="Sign").first.click()
            expect(page.get_by_text("Everything is signed.")).to_be_visible()

    def the_close(self) -> None:
        page = self.signed_in("bill@north.example")
        for _ in range(2):
            page.goto("/months/2026-03/close/")
            if page.locator("[name=reason]").count():
                page.locator("[name=reason]").fill("the other care managers are on leave")
            page.locator("main").get_by_role("button", name="Close").click()
            one_worker()
            expect(page.get_by_role("heading", name="Files of claims")).to_be_visible()

    def the_claims(self) -> None:
        page = self.signed_in("bill@north.example")
        page.get_by_role("link", name="Claims").first.click()
        rows = page.locator("table tbody tr")
        assert rows.count() > 3
        rows.first.get_by_role("link").first.click()
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        page.goto("/claims/batches/")
        assert page.locator("table tbody tr").count() >= 2

    # -- what several steps do --------------------------------------------------------------------------------------

    def choose_password(self, link: str) -> None:
        page = self.open_page(link)
        for field in page.locator("input[type=password]").all():
            field.fill(PASSWORD)
        page.locator("main").get_by_role("button").first.click()
        page.wait_for_load_state()

    def signed_in(self, email: str) -> Page:
        return self.open_page("/", sign_in=User.objects.get(email=email))

    def staff_of(self, role: str) -> StaffMember:
        """The care manager with the most patients, or the consultant."""
        from cocm.server.access.actor import Actor, acting_for
        from cocm.server.registry.models import Episode

        actor = Actor.system(Organization.objects.get().pk)
        with acting_for(actor):
            people = StaffMember.objects.of(actor).filter(role=role)
            return max(people, key=lambda one: Episode.objects.of(actor).filter(bhcm=one).count())


def test_every_step_of_the_tutorial_leads_to_the_first_closed_month(open_page, live_site, tmp_path) -> None:
    assert len(TITLES) == 8
    tutorial = Tutorial(open_page, tmp_path)
    for title in TITLES:
        getattr(tutorial, re.sub(r"\W+", "_", title.lower().replace("'", "")))()
