"""An organization's own rules: judged by the rulebook, previewed on its months, put in force, kept in versions."""

import pytest
from databases import ONE_ENGINE
from runs_rows import worked_all

from cocm.basics.months import Month
from cocm.server.access.permissions import MemberRole
from cocm.server.accounts.models import PayerProduct
from cocm.server.rulebook.models import OwnRules, VersionState
from cocm.server.rulebook.terms import Terms, own_pack_id, typed
from cocm.server.rules_in_force import folders, rulebook, site_rulebook

RULE = "time.later_month_min"
TERM = {
    "rule": RULE,
    "value": "60",
    "effective_from": "2026-01-01",
    "source": "Agreement of 2026, section 4",
    "confidence": "stated",
}


@pytest.fixture
def manager(client_of):
    return client_of(MemberRole.MANAGER)


@pytest.fixture
def ariana_payer(world) -> str:
    """The payer product of the first patient."""
    from cocm.server.registry.models import Coverage

    with world.inside(world.practice):
        return Coverage.objects.of(world.practice).filter(patient=world.ariana).first().payer.payer_id


def value_of(world, payer_id: str):
    with world.inside(world.practice):
        pack = PayerProduct.objects.of(world.practice).get(payer_id=payer_id).pack_id
        return pack, rulebook().pack(pack).on(Month(2026, 3).last_day).value(RULE)


def test_a_contracts_term_is_previewed_and_then_decides(manager, world, ariana_payer) -> None:
    _, before = value_of(world, ariana_payer)
    assert manager.post("/rules/own/term/", TERM | {"payer": ariana_payer}).status_code == 302
    page = manager.get("/rules/own/").content.decode()
    assert "Draft, version 1" in page and "Agreement of 2026" in page and "Put in force" not in page
    assert value_of(world, ariana_payer)[1] == before  # a draft decides nothing
    refused = manager.post("/rules/own/put-in-force/", {"note": "New agreement"}, follow=True)
    assert b"look first at what it would change" in refused.content
    case = {"rule": f"{own_pack_id(ariana_payer)}~{RULE}", "at": "2026-01-01", "expect": "60"}
    manager.post("/rules/own/case/", case)
    manager.post("/rules/own/case/", case | {"at": "2025-12-31", "expect": "not-defined"})
    page = manager.get("/rules/own/").content.decode()
    assert "Does not hold" in page and "case 1" in page  # the parent answers on the day before
    manager.post("/rules/own/case/", case | {"at": "2025-12-31", "remove": "1"})
    manager.post("/rules/own/preview/", {"first": "2026-01", "last": "2026-03"})
    assert worked_all(world.practice) == ["done"]
    page = manager.get("/rules/own/").content.decode()
    assert "decisions of" in page and "Put in force" in page and RULE in page
    with world.inside(world.practice):
        draft = OwnRules.objects.of(world.practice).get()
        assert draft.preview["turned_decisions"] > 0 and draft.preview["decided"] > 0
        assert draft.preview["by_cause"][0][0].startswith(RULE)
    answer = manager.post("/rules/own/put-in-force/", {"note": "New agreement"}, follow=True)
    assert b"Version 1 is in force" in answer.content
    now, value = value_of(world, ariana_payer)
    assert now == own_pack_id(ariana_payer) and value.integer == 60
    assert value.source.title == "Agreement of 2026, section 4"
    with world.inside(world.practice):
        assert len(folders()) == 1 and rulebook().content_hash != site_rulebook().content_hash
    with world.inside(world.neighbour):
        assert folders() == ()
    assert folders() == ()  # nobody acts
    page = manager.get(f"/rules/rule/{RULE}/?payer={now}&on=2026-03-31").content.decode()
    assert "Agreement of 2026" in page


def test_a_changed_draft_wants_another_look_and_a_version_without_terms_unbinds(
    manager, world, ariana_payer
) -> None:
    parent, before = value_of(world, ariana_payer)
    manager.post("/rules/own/term/", TERM | {"payer": ariana_payer})
    manager.post("/rules/own/preview/", {"first": "2026-03", "last": "2026-03"})
    assert worked_all(world.practice) == ["done"]
    key = f"{own_pack_id(ariana_payer)}~{RULE}~2026-01-01"
    edited = manager.post(f"/rules/own/term/?key={key}", TERM | {"payer": ariana_payer, "value": "45"})
    assert edited.status_code == 302
    page = manager.get("/rules/own/").content.decode()
    assert "look again" in page and "Put in force" not in page
    manager.post("/rules/own/preview/", {"first": "2026-03", "last": "2026-03"})
    assert worked_all(world.practice) == ["done"]
    manager.post("/rules/own/put-in-force/", {"note": "Agreement"})
    assert value_of(world, ariana_payer)[1].integer == 45
    manager.post("/rules/own/term/remove/", {"key": key})
    manager.post("/rules/own/preview/", {"first": "2026-03", "last": "2026-03"})
    assert worked_all(world.practice) == ["done"]
    manager.post("/rules/own/put-in-force/", {"note": "Agreement ended"})
    pack, value = value_of(world, ariana_payer)
    assert (pack, value) == (parent, before)
    with world.inside(world.practice):
        states = OwnRules.objects.of(world.practice).order_by("number").values_list("number", "state", "note")
        assert list(states) == [(1, "former", "Agreement"), (2, "in_force", "Agreement ended")]
    page = manager.get("/rules/own/version/1/").content.decode()
    assert "Agreement" in page and "45" in page


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"value": "many"}, "whole number"),
        ({"value": "50000"}, "from 1 to 44640"),
        ({"rule": "appeal.first_level_days", "value": "none"}, "none"),
        ({"rule": "claim.rendering_role", "value": "chef"}, "is none of"),
        ({"effective_to": "2025-01-01"}, "is not after"),
        ({"source": ""}, "required"),
        ({"payer": "P-NONE"}, "valid choice"),
        ({"confidence": "assumed", "severity": "block"}, "would block"),
    ],
)
@ONE_ENGINE
def test_what_the_rulebook_refuses_is_refused_beside_the_field(given, told, manager, ariana_payer) -> None:
    page = manager.post("/rules/own/term/", TERM | {"payer": ariana_payer} | given)
    assert page.status_code == 422 and told in page.content.decode(), page.content.decode()


def test_a_draft_is_thrown_away(manager, world, ariana_payer) -> None:
    manager.post("/rules/own/term/", TERM | {"payer": ariana_payer})
    manager.post("/rules/own/discard/")
    with world.inside(world.practice):
        assert not OwnRules.objects.of(world.practice).exists()
    assert b"No terms of your own" in manager.get("/rules/own/").content
    page = manager.post("/rules/own/preview/", {"first": "2026-01", "last": "2026-03"}, follow=True)
    assert b"there is no draft" in page.content
    page = manager.post("/rules/own/preview/", {"first": "2026-13", "last": "2026-03"}, follow=True)
    assert b"Expected a month" in page.content


def test_terms_are_the_same_after_json_and_one_draft_stands_at_a_time(world) -> None:
    terms = Terms.from_plain(
        {"terms": [{"pack_id": "own-a", "rule_id": RULE, "effective_from": "2026-01-01", "value": "60",
                    "source": "s", "observed": "2026-01-01"}]}
    )  # fmt: skip
    assert Terms.from_json(terms.as_json()) == terms and own_pack_id("P 0/1") == "own-p-0-1"
    assert typed("93, 95", "set") == ["93", "95"] and typed("yes", "boolean") is True
    assert VersionState.values == ["draft", "in_force", "former"]
