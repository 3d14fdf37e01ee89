"""A weekly review in a real browser, from the agenda to the accepted recommendation; a graduation with its plan."""

from __future__ import annotations

from accessibility import assert_accessible
from databases import ONE_ENGINE
from playwright.sync_api import expect
from review_rows import episode_of_ariana

from cocm.server.access.permissions import MemberRole


def confirmed(page) -> None:
    """Save, and confirm what the clock of this very hour makes doubtful (a session at midnight)."""
    page.get_by_role("button", name="Save the review").click()
    expect(page.get_by_text("the review is on record").or_(page.locator("#doubts")).first).to_be_visible()
    if page.locator("#doubts").count():
        page.get_by_role("button", name="Confirm and save").click()


@ONE_ENGINE
def test_a_weekly_review_from_the_agenda_to_the_accepted_recommendation(open_page, world):
    ariana = f"{world.ariana.last_name}, {world.ariana.first_name}"
    page = open_page("/review/", sign_in=world.user(MemberRole.BHCM))
    assert_accessible(page)
    # everybody is left out but Ariana, whatever brought her here
    for box in page.locator("#candidates input[name=pick]").all():
        box.set_checked(False)
    if page.locator("details.others").count():
        page.locator("details.others > summary").click()
    with world.inside(world.practice):
        key = str(episode_of_ariana(world).pk)
    hers = page.locator(f"input[name=pick][value='{key.replace('-', '')}'], input[name=pick][value='{key}']")
    hers.check()
    page.get_by_role("button", name="Make the agenda").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Review of")
    assert_accessible(page)
    page.get_by_role("link", name="Agenda to print").click()
    expect(page.locator(".agenda-item")).to_have_count(1)
    expect(page.locator(".agenda-item")).to_contain_text(ariana)
    assert_accessible(page)
    page.go_back()
    page.get_by_role("link", name="Next patient").click()
    assert_accessible(page)
    page.get_by_label("What was discussed").fill("No change in eight weeks; sleeps four hours.")
    first = page.locator(".advice-form").first
    first.get_by_label("Kind").select_option("medication")
    first.get_by_label("What to do").select_option("increase")
    first.get_by_label("Medicine, therapy or service").fill("sertraline")
    first.get_by_label("Dose or amount").fill("100 mg daily")
    page.get_by_label("Care manager, minutes").fill("4")
    page.get_by_label("Consultant, minutes").fill("4")
    confirmed(page)
    expect(page.get_by_text("the review is on record")).to_be_visible()
    expect(page.get_by_text("1 of 1 done")).to_be_visible()
    page.get_by_role("button", name="Close the session").click()
    expect(page.get_by_text("The session is closed.")).to_be_visible()

    practitioner = open_page("/review/", sign_in=world.user(MemberRole.PCP), width=390, theme="dark")
    card = practitioner.locator("article.advice", has_text=ariana)
    expect(card).to_contain_text("Increase sertraline (100 mg daily)")
    assert_accessible(practitioner)
    card.get_by_role("button", name="Accept").click()
    expect(practitioner.get_by_text("Recommendation accepted.")).to_be_visible()

    page.goto("/review/recommendations/")
    page.locator("article.advice", has_text=ariana).get_by_role("link", name="Carried out?").click()
    assert_accessible(page)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Carried out.", exact=True)).to_be_visible()
    page.goto(f"/caseload/{world.ariana.pk}/")
    expect(page.locator("#advice")).to_contain_text("Increase sertraline (100 mg daily) Carried out")
    expect(page.locator("#treatment")).to_contain_text("sertraline 100 mg daily")


@ONE_ENGINE
def test_a_patient_graduates_with_a_plan_in_spanish_without_a_script(open_page, world):
    page = open_page(
        f"/patients/{world.ariana.pk}/care-plan/graduation/",
        sign_in=world.user(MemberRole.BHCM),
        javascript=False,
    )
    page.get_by_role("link", name="Write it").click()
    page.get_by_label("Language of the printed plan").select_option("es")
    page.get_by_label("The patient's own warning signs").fill("Duermo poco\nNo contesto a mis amigas")
    page.get_by_label("What helps against stress").fill("Caminar")
    page.get_by_label("What to do if signs return").fill("Llamar a mi coordinador")
    page.get_by_label("Whom to call").fill("555-0100")
    page.get_by_role("button", name="Save the plan").click()
    page.get_by_role("link", name="For the patient").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Mi plan para seguir bien")
    expect(page.locator(".handout")).to_contain_text("marque 2 para español")
    page.goto(f"/patients/{world.ariana.pk}/care-plan/graduation/end/")
    page.get_by_label("Outcome").select_option("goals_met")
    page.get_by_label("Note").fill("Back at work")
    page.get_by_role("button", name="End the episode").click()
    expect(page.get_by_text("Graduated on")).to_be_visible()
    expect(page.get_by_role("link", name="Begin a new episode")).to_be_visible()
    expect(page.locator(".facts")).to_contain_text("Back at work")
