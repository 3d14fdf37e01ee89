"""Rules, edits and instruments to read: searched, by payer and date, beside each other, with histories and links."""

from datetime import date

import pytest
from databases import ONE_ENGINE

from cocm.edits.discovery import catalogue
from cocm.server.access.permissions import MemberRole
from cocm.server.rulebook.links import edit_url, rule_url, why_url
from cocm.server.rulebook.models import Reading
from cocm.server.rulebook.reading import READ_AGAIN_DAYS, due_values, rules_found
from cocm.server.rulebook.today import day_items
from cocm.server.rules_in_force import site_rulebook


@pytest.fixture
def reader(client_of):
    return client_of(MemberRole.BILLING)


@ONE_ENGINE
def test_every_rule_and_edit_has_a_page_that_its_link_opens(reader, world) -> None:
    book = site_rulebook()
    for rule_id in book.rule_ids[::9]:
        page = reader.get(rule_url(rule_id, pack_id="medicare", on=date(2026, 3, 31)))
        assert page.status_code == 200 and book.rule(rule_id).label in page.content.decode().replace(
            "&#x27;", "'"
        )
    for entry in catalogue()[::9]:
        page = reader.get(edit_url(entry.id, pack_id="medicare", on=date(2026, 3, 31)))
        assert page.status_code == 200 and entry.id in page.content.decode()


def test_a_link_keeps_payer_day_of_service_and_day_of_knowledge() -> None:
    address = rule_url(
        "limit.addon_units", pack_id="medicare", on=date(2024, 8, 31), known_on=date(2024, 9, 1)
    )
    assert address == "/rules/rule/limit.addon_units/?payer=medicare&on=2024-08-31&known=2024-09-01"
    assert why_url("addon.over_limit") == "/rules/edit/addon.over_limit/"
    assert why_url("limit.addon_units") == "/rules/rule/limit.addon_units/"
    assert why_url("no.such") == ""


def test_a_rules_page_cites_its_value_and_shows_where_payers_contradict_each_other(reader) -> None:
    page = reader.get("/rules/rule/limit.addon_units/?payer=medicare&on=2026-03-31").content.decode()
    assert "4 units" in page and "CMS NCCI" in page and "contradict each other here (C7)" in page
    assert "no limit" in page and "Add-on units above the payer" in page
    before = reader.get("/rules/rule/limit.addon_units/?payer=medicare&on=2016-12-31").content.decode()
    assert "not defined" in before
    unread = reader.get("/rules/rule/limit.addon_units/?payer=medicare&on=2026-03-31&known=2020-01-01")
    assert "not defined" in unread.content.decode()
    assert reader.get("/rules/rule/no.such/").status_code == 404
    assert reader.get("/rules/edit/no.such/").status_code == 404
    assert reader.get("/rules/rule/limit.addon_units/?payer=nobody&on=yesterday").status_code == 200


def test_rules_are_found_by_words_area_and_contradiction(reader) -> None:
    book = site_rulebook()
    assert [rule.rule_id for rule in rules_found(book, "add-on NCCI unit")] == ["limit.addon_units"]
    assert all(rule.contradiction for rule in rules_found(book, "", contradicted=True))
    page = reader.get("/rules/?q=NCCI&area=Limits&contradicted=on").content.decode()
    assert "limit.addon_units" in page and "appeal." not in page
    assert b"No rule has these words" in reader.get("/rules/?q=zebra").content
    assert b"addon.over_limit" in reader.get("/rules/edits/?q=monthly limit").content
    assert b"PHQ-9" in reader.get("/rules/instruments/").content


def test_payers_stand_side_by_side_with_what_differs(reader) -> None:
    asked = {"packs": ["medicare", "ca-commercial-carveout"], "on": "2026-03-31"}
    page = reader.get("/rules/payers/", asked).content.decode()
    assert "limit.addon_units" in page and "Differs C7" in page
    same = reader.get("/rules/payers/", {"packs": ["medicare"], "on": "2026-03-31"}).content.decode()
    assert "0 of " in same
    every = reader.get("/rules/payers/", asked | {"show": "all"}).content.decode()
    assert every.count("row-link") == len(site_rulebook().rule_ids)


def test_a_value_that_was_read_again_is_due_later(client_of, world) -> None:
    manager, actor = client_of(MemberRole.MANAGER), world.actor(MemberRole.MANAGER)
    book = site_rulebook()
    with world.inside(actor):
        due = due_values(actor=actor, book=book, as_of=date(2027, 12, 1), pack_id="medicare")
        assert due and all(
            (date(2027, 12, 1) - one.read_on).days >= READ_AGAIN_DAYS or one.ends_on for one in due
        )
    one = due[0]
    key = f"{one.pack_id}~{one.rule.rule_id}~{one.value.effective_from}"
    answer = manager.post("/rules/due/", {"read": [key, "medicare~no.such~2020-01-01", "x"]}, follow=True)
    assert b"1 value marked as read today" in answer.content
    with world.inside(actor):
        assert Reading.objects.of(actor).get().rule_id == one.rule.rule_id
    assert client_of(MemberRole.BHCM).get("/rules/due/?after=30").status_code == 200
    refused = client_of(MemberRole.BHCM).post("/rules/due/", {"read": [key]})
    assert refused.status_code == 403
    with world.inside(actor):
        items = list(day_items(actor, date(2027, 12, 1)))
        assert len(items) == 1 and "to read again" in items[0].title
        assert list(day_items(world.actor(MemberRole.BHCM), date(2027, 12, 1))) == []
