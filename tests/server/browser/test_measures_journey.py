"""A patient's PHQ-9 on a phone, item 9 above 0; the alert that stands there at once, and the action that closes it."""

from __future__ import annotations

from accessibility import assert_accessible
from databases import ONE_ENGINE
from measures_rows import link_and_token
from playwright.sync_api import expect

from cocm.server.access.permissions import MemberRole

pytestmark = ONE_ENGINE
PHONE = {"width": 390, "height": 844}


def test_a_patient_answers_on_a_phone_and_the_alert_is_closed_by_a_named_action(open_page, world):
    _, token = link_and_token(world, language="es")
    patient = open_page(f"/measures/q/{token}/", **PHONE, expected=("404", "422"))
    expect(patient).to_have_title("Preguntas de su clínica")
    assert_accessible(patient)
    questions = patient.get_by_role("radiogroup")
    expect(questions).to_have_count(10)
    box = questions.first.locator("label").first.bounding_box()
    assert box["height"] >= 44 and box["width"] > 250  # a thumb finds it
    for number in range(8):
        questions.nth(number).get_by_label("Varios días", exact=True).check()
    patient.get_by_role("button", name="Enviar mis respuestas").click()
    expect(patient.get_by_role("alert")).to_contain_text("no tienen respuesta")
    expect(questions.nth(0).get_by_label("Varios días", exact=True)).to_be_checked()
    assert_accessible(patient)
    questions.nth(8).get_by_label("Varios días", exact=True).check()
    patient.wait_for_timeout(100)
    patient.get_by_role("button", name="Enviar mis respuestas").click()
    expect(patient.get_by_role("heading", level=1)).to_have_text("Gracias")
    expect(patient.get_by_role("link", name="Llame al 988 y oprima 2")).to_be_visible()
    expect(patient.get_by_text("Alguien de su equipo de atención le contactará")).to_be_visible()
    assert_accessible(patient)
    patient.goto(f"/measures/q/{token}/")
    expect(patient.get_by_role("heading", level=1)).to_have_text("This page is no longer open")

    page = open_page("/caseload/", sign_in=world.user(MemberRole.BHCM), expected=("422",))
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Alerts 1 open").click()
    row = page.get_by_role("listitem").filter(has_text=world.ariana.last_name)
    expect(row).to_contain_text("PHQ-9: self-harm item above 0")
    assert_accessible(page)
    row.get_by_role("link", name="Act on the alert").click()
    page.get_by_role("button", name="I am on it").click()
    expect(page.get_by_text("Noted; the alert stays open.")).to_be_visible()
    page.get_by_role("button", name="Close in my name").click()
    expect(page.get_by_role("alert")).to_contain_text("an alert is not closed without it")
    assert_accessible(page)
    page.get_by_label("Safety plan made or gone through").check()
    page.get_by_label("Who was reached").select_option("patient")
    page.get_by_label("Safety plan", exact=False).locator("visible=true").last.select_option("made")
    page.get_by_label("Note", exact=True).first.fill(
        "Spoke for 20 minutes; plan made; call tomorrow at nine."
    )
    page.wait_for_timeout(100)
    page.get_by_role("button", name="Close in my name").click()
    expect(page.locator("#messages")).to_contain_text("Closed with your name and the action.")
    expect(
        page.get_by_role("navigation", name="Main").get_by_role("link", name="Alerts")
    ).not_to_contain_text("1")
    page.get_by_role("link", name="PHQ-9").first.click()
    expect(page.get_by_role("list").filter(has_text="Pensamientos").first).to_be_visible()


def test_staff_answer_with_the_keys_and_the_questions_work_without_a_script(open_page, world):
    page = open_page(
        f"/patients/{world.ariana.pk}/measures/new/gad-7/", sign_in=world.user(MemberRole.BHCM), theme="dark"
    )
    for key in "1203210":
        page.keyboard.press(key)
    page.keyboard.press("1")  # how difficult
    expect(page.get_by_text("8 of 8")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#messages")).to_contain_text("GAD-7 9, mild.")

    _, token = link_and_token(world, instrument_ids=["phq-2"])
    plain = open_page(f"/measures/q/{token}/", **PHONE, javascript=False, theme="dark")
    for number in range(2):
        plain.get_by_role("radiogroup").nth(number).get_by_label("Several days").check()
    plain.get_by_role("button", name="Send my answers").click()
    expect(plain.get_by_role("heading", level=1)).to_have_text("Thank you")


def test_one_question_at_a_time_without_a_script(open_page, world):
    _, token = link_and_token(world)
    page = open_page(f"/measures/q/{token}/", **PHONE, javascript=False, expected=("422",))
    page.get_by_role("link", name="One question at a time").click()
    expect(page.get_by_text("Question 1 of 10")).to_be_visible()
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("alert")).to_contain_text("or skip this question")
    page.get_by_label("Several days", exact=True).check()
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("Question 2 of 10")).to_be_visible()
    page.get_by_role("button", name="Back").click()
    expect(page.get_by_label("Several days", exact=True)).to_be_checked()
