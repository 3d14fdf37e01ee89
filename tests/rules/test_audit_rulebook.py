"""The causes and layouts of an audit are rulebook data: checked like it, and laid over like it."""

from __future__ import annotations

from pathlib import Path

import pytest

from cocm.basics.errors import RulebookError
from cocm.rules import Rulebook
from cocm.rules.audit_causes import CauseSide, LooksAt, audit_causes
from cocm.rules.check import check_rulebook
from cocm.rules.claims_layouts import claims_layouts
from cocm.rules.denial_causes import denial_causes

SHIPPED = Rulebook()
CAUSE = """id: overbilling.mine
side: practice
kind: overbilling
rank: 1
label: Mine
source: k-practice
confidence: assumed
meaning: Ours.
looks_at: paid
proven_by: [units.none]
"""


def overlay(tmp_path: Path, text: str) -> Rulebook:
    folder = tmp_path / "audit" / "causes"
    folder.mkdir(parents=True)
    (folder / "overbilling.mine.yaml").write_text(text)
    return Rulebook((tmp_path,))


def test_every_cause_leads_to_the_playbook_and_has_what_its_side_needs() -> None:
    playbook = denial_causes(SHIPPED)
    for cause in audit_causes(SHIPPED).values():
        assert not cause.playbook or cause.playbook in playbook
        assert bool(cause.signals) + bool(cause.proven_by) + (cause.share is not None) == 1, cause.cause_id
        if cause.side is CauseSide.PRACTICE:
            assert cause.looks_at is LooksAt.PAID and cause.proven_by


def test_edits_that_no_cause_names_fall_to_the_last_one() -> None:
    causes = audit_causes(SHIPPED)
    named = [edit for cause in causes.values() for edit in cause.proven_by]
    assert len(named) == len(set(named))
    assert "diagnosis.none_behavioral" in causes["overbilling.other"].proven_by


def test_an_overlay_may_add_a_cause(tmp_path: Path) -> None:
    rulebook = overlay(tmp_path, CAUSE)
    assert next(iter(audit_causes(rulebook))) == "overbilling.mine"
    assert "units.none" not in audit_causes(rulebook)["overbilling.other"].proven_by
    assert not [problem for problem in check_rulebook(rulebook) if problem.is_finding]


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("side: practice", "side: nobody", "'nobody' is not a valid CauseSide"),
        ("[units.none]", "[units.nine]", "'units.nine' is no edit"),
        ("source: k-practice", "source: hearsay", "source 'hearsay' is not among sources.yaml"),
        ("id: overbilling.mine", "id: mine", "id is 'mine', but the file is named"),
        ("rank: 1", "rung: 1", "unknown field rung"),
    ],
)
def test_a_broken_cause_is_named_by_file_and_field(
    before: str, after: str, message: str, tmp_path: Path
) -> None:
    rulebook = overlay(tmp_path, CAUSE.replace(before, after))
    with pytest.raises(RulebookError, match=message):
        audit_causes(rulebook)
    assert any(message in problem.text for problem in check_rulebook(rulebook))


def test_every_layout_says_what_it_is() -> None:
    for name, layout in claims_layouts(SHIPPED).items():
        assert layout.layout_id == name and layout.label and layout.described_by
