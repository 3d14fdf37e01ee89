"""The reviewer's tables of the rulebook fit the catalogue and the code lists."""

from __future__ import annotations

from datetime import date

import pytest

from cocm.edits.discovery import catalogue
from cocm.rules import Rulebook
from cocm.rules.document_kinds import document_kinds
from cocm.rules.letters import plan_letter_templates
from cocm.rules.plan_decisions import edit_denials, plan_decisions
from cocm.rules.plan_statuses import plan_statuses
from cocm.rules.review_checklist import checklist_items
from cocm.rules.review_reasons import ReasonNeeds, review_reasons

RULEBOOK = Rulebook()


@pytest.mark.parametrize("edit_id", [edit.id for edit in catalogue()])
def test_every_edit_belongs_to_one_item_of_the_checklist(edit_id: str) -> None:
    assert sum(edit_id.startswith(item.edit_prefixes) for item in checklist_items(RULEBOOK)) == 1


def test_every_permitted_reason_has_codes_and_every_other_says_why_not() -> None:
    for reason in review_reasons(RULEBOOK).values():
        assert reason.note
        assert reason.is_permitted is (reason.needs is not ReasonNeeds.NOTHING)
        if reason.decision:
            assert plan_decisions(RULEBOOK)[reason.decision].codes.reason_code
        assert reason.name not in edit_denials(RULEBOOK)


def test_what_a_request_asks_for_is_never_a_psychotherapy_note() -> None:
    policy = RULEBOOK.pack("ca-commercial-carveout").on(date(2026, 3, 31))
    asked = policy.members("records.documents_asked")
    assert asked
    assert not any(document_kinds(RULEBOOK)[kind].is_excluded for kind in asked)


def test_no_shipped_pack_asks_for_records() -> None:
    for payer_id in RULEBOOK.payer_ids:
        assert not RULEBOOK.pack(payer_id).on(date(2026, 3, 31)).members("records.trigger_edits")


def test_every_outcome_has_a_status() -> None:
    assert set(plan_statuses(RULEBOOK)) == {"paid", "denied", "corrected", "pended", "forwarded"}


def test_letters_of_the_plan_speak_both_languages_to_members() -> None:
    template = plan_letter_templates(RULEBOOK)["member_correction"]
    assert len(template.paragraphs) == len(template.paragraphs_es)
    assert template.title_es
    assert all(one.text_es for one in template.wordings.values())
