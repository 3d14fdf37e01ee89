"""The manager's figures: out of the books, beside a plan that is kept, with what each counts."""

from __future__ import annotations

import io
from datetime import date

import pytest
from openpyxl import load_workbook
from people_rows import recently_proven

from cocm.basics.errors import UnusableInput
from cocm.basics.months import Month
from cocm.server.access.permissions import MemberRole
from cocm.server.dashboard.demo import save_demo_plan
from cocm.server.dashboard.forms import INPUT_PREFIX
from cocm.server.dashboard.models import FinancialPlan
from cocm.server.dashboard.selectors import actuals, plan_in_force, served
from cocm.server.dashboard.services import plan_save

TODAY = date(2026, 3, 15)
PAGES = ("", "payers/", "plan/", "plan/inputs/", "plan/check/", "what-if/", "return/")


@pytest.fixture
def manager(client_of):
    return client_of(MemberRole.MANAGER)


@pytest.mark.parametrize("page", PAGES)
def test_every_page_stands_before_anything_was_billed(manager, page) -> None:
    answer = manager.get(f"/figures/{page}")
    assert answer.status_code == 200
    assert "figures" in answer.content.decode().lower()


def test_patients_in_care_are_counted_by_month(world) -> None:
    actor = world.actor(MemberRole.MANAGER)
    with world.inside(actor):
        found = served(actor=actor, months=[Month(2020, 1), Month(2026, 2)])
        shown = actuals(actor=actor, months=[Month(2026, 2)], today=TODAY)
    assert found[Month(2020, 1)] == 0
    assert found[Month(2026, 2)] == shown[0].served > 5
    assert shown[0].billed == 0 and shown[0].performance is None


def test_a_plan_keeps_what_differs_from_the_defaults_and_the_plans_before_it(world) -> None:
    actor = world.actor(MemberRole.MANAGER)
    with world.inside(actor):
        default = plan_in_force(actor=actor, today=TODAY)
        values = {one.name: one.value for one in default.given.inputs}
        first = plan_save(
            actor=actor, first_month=Month(2026, 1), values={**values, "bhcm.fte": "2"}, today=TODAY
        )
        again = plan_save(
            actor=actor, first_month=Month(2026, 1), values={**values, "bhcm.fte": "2"}, today=TODAY
        )
        plan = plan_in_force(actor=actor, today=TODAY)
        assert first.inputs == {"bhcm.fte": "2"} and again.pk == first.pk
        assert plan.first_month == Month(2026, 1)
        assert plan.year.volume.caseload == 2 * default.year.volume.caseload
        plan_save(actor=actor, first_month=Month(2026, 2), values={"bhcm.fte": "3"}, today=TODAY)
        assert FinancialPlan.objects.of(actor).count() == 2
        assert plan.of([Month(2025, 12)]) == {}
        assert plan.of([Month(2025, 12), Month(2026, 3)])[Month(2026, 3)].number == 3


def test_a_plan_that_cannot_be_is_refused_by_its_input(world) -> None:
    actor = world.actor(MemberRole.MANAGER)
    with world.inside(actor), pytest.raises(UnusableInput, match=r"bhcm\.fte is 'many'; expected a number"):
        plan_save(actor=actor, first_month=Month(2026, 1), values={"bhcm.fte": "many"}, today=TODAY)


def test_inputs_are_saved_by_the_page_and_faults_keep_what_was_typed(manager) -> None:
    page = "/figures/plan/inputs/"
    refused = manager.post(page, {"first_month": "2026-01", f"{INPUT_PREFIX}bhcm.salary": "a lot"})
    assert refused.status_code == 422
    assert "Salary of a full-time care manager is &#x27;a lot&#x27;" in refused.content.decode()
    assert 'value="a lot"' in refused.content.decode()
    for month in ("", "soon", "2026-13"):
        assert manager.post(page, {"first_month": month}).status_code == 422
    unknown = manager.post(page, {"first_month": "2026-01", f"{INPUT_PREFIX}bhcm.sallary": "1"})
    assert "did you mean bhcm.salary" in unknown.content.decode()
    saved = manager.post(page, {"first_month": "2026-01", f"{INPUT_PREFIX}bhcm.salary": "90000"}, follow=True)
    assert "The plan is saved." in saved.content.decode() and "1 your own" in saved.content.decode()
    assert 'value="90000"' in manager.get(page).content.decode()


def test_what_if_changes_what_is_asked_and_refuses_what_cannot_be(manager) -> None:
    asked = manager.get("/figures/what-if/", {"denial_percent": "32", "is_licensed": "no"})
    text = asked.content.decode()
    assert asked.status_code == 200
    assert "32 % of cocm claims denied; care managers not licensed" in text.lower()
    licence = manager.get(
        "/figures/what-if/", {"is_licensed": "no", "needs_licence.medicare": "yes"}
    ).content.decode()
    assert "licensed only" in licence and licence.count("<tr") == text.count("<tr")
    assert manager.get("/figures/what-if/", {"denial_percent": "132"}).status_code == 422


def test_the_worked_check_is_reproduced_to_the_cent(manager) -> None:
    text = manager.get("/figures/plan/check/").content.decode()
    assert "147,859.22" in text and "not reproduced" not in text.lower()


def test_the_workbook_holds_every_table(manager) -> None:
    answer = recently_proven(manager).get("/figures/file/?last=2026-02&count=3")
    book = load_workbook(io.BytesIO(answer.content))
    assert book.sheetnames == ["Figures", "Months", "Payers", "Plan, a year", "Plan by month"]
    assert [row[0].value for row in book["Months"].iter_rows(min_row=2)] == ["2026-02", "2026-01", "2025-12"]


@pytest.mark.parametrize("query", ["last=never", "count=0", "count=999", "last=0001-01"])
def test_months_that_cannot_be_shown_are_refused_beside_the_field(manager, query) -> None:
    answer = manager.get(f"/figures/?{query}")
    assert answer.status_code == 422
    assert "error" in answer.content.decode()


def test_the_demonstrations_plan_stands(world) -> None:
    with world.inside(world.practice):
        save_demo_plan(actor=world.practice, first_month=Month(2026, 1), today=TODAY)
        plan = plan_in_force(actor=world.practice, today=TODAY)
    assert plan.year.volume.caseload == 110 and plan.saved.saved_by is None
