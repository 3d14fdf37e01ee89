"""The denial playbook's page names every cause with its fix, every letter, effect and kind of document."""

from __future__ import annotations

import re

import pytest

from cocm.rules.denial_causes import DenialCause, denial_causes
from cocm.rules.denial_document import denials_page
from cocm.rules.document_kinds import document_kinds
from cocm.rules.letters import letter_templates
from cocm.rules.rulebook import shipped_rulebook

RULEBOOK = shipped_rulebook()
PAGE = denials_page(RULEBOOK)


@pytest.mark.parametrize("cause", denial_causes(RULEBOOK).values(), ids=lambda cause: cause.cause_id)
def test_a_cause_stands_with_its_fix_and_source(cause: DenialCause) -> None:
    section = PAGE.split(f"\n### {cause.cause_id}\n", 1)[1].split("\n### ", 1)[0]
    assert all(step in section for step in cause.fix.steps)
    assert f"chance {cause.fix.chance_percent} %" in section
    assert cause.source.title in section
    for code in {code for signal in cause.signals for code in signal.reasons}:
        assert re.search(rf"\n- codes: .*CARC (\w+ or )*{code}\b", section)


def test_every_letter_and_kind_of_document_stands_on_the_page() -> None:
    for template in letter_templates(RULEBOOK).values():
        section = PAGE.split(f"\n### {template.letter_id}\n", 1)[1].split("\n### ", 1)[0]
        assert all(f"`{fact}`" in section for fact in template.facts)
    for kind in document_kinds(RULEBOOK).values():
        (row,) = re.findall(rf"\n\| `{kind.kind}` \|.*", PAGE)
        assert ("never leaves" in row) == kind.is_excluded


def test_every_link_within_the_page_leads_to_a_heading() -> None:
    headings = set(re.findall(r"\n##+ (.+)", PAGE))
    assert set(re.findall(r"\]\(#([^)]+)\)", PAGE)) <= headings
