"""The playbook's data: every failure of the policy, real codes, edits that exist."""

from __future__ import annotations

from pathlib import Path

import pytest

from cocm.basics.errors import RulebookError
from cocm.edits.discovery import catalogue
from cocm.remits.denial import DenialSignals, OwnKnowledge, diagnose
from cocm.rules import Rulebook
from cocm.rules.adjustment_codes import CodeList, adjustment_codes
from cocm.rules.denial_causes import DenialFact, denial_causes

RULEBOOK = Rulebook()
CAUSES = denial_causes(RULEBOOK)
MISROUTED = DenialSignals(frozenset({("CO", "109")}), frozenset({"N418"}))


def test_every_failure_of_the_policy_has_a_cause() -> None:
    assert {cause.failure for cause in CAUSES.values()} == {f"F{number}" for number in range(1, 26)}


@pytest.mark.parametrize("cause_id", CAUSES)
def test_a_cause_names_codes_and_edits_that_exist(cause_id: str) -> None:
    cause = CAUSES[cause_id]
    codes = adjustment_codes(RULEBOOK)
    for signal in cause.signals:
        assert all((CodeList.CARC, reason) in codes for reason in signal.reasons)
        assert all((CodeList.RARC, remark) in codes for remark in signal.remarks)
    edits = {edit.id for edit in catalogue()}
    assert edits.issuperset(cause.prevented_by)
    assert all(edits.issuperset(weight.edit_ids) for weight in cause.edits)
    assert cause.fix.steps and cause.fix.who in ("billing", "bhcm", "pcp", "manager")


def test_our_own_knowledge_turns_the_order() -> None:
    termed = OwnKnowledge({DenialFact.COVERAGE_ENDED: True})
    assert diagnose(CAUSES, MISROUTED)[0].cause.cause_id == "misrouted_to_administrator"
    assert diagnose(CAUSES, MISROUTED, termed)[0].cause.cause_id == "coverage_not_in_force"


def test_an_edit_that_fails_tells_a_true_duplicate_from_an_alleged_one() -> None:
    signals = DenialSignals(frozenset({("OA", "18")}))
    edits = frozenset({"duplicate.already_billed", "duplicate.repeated_line"})
    alleged = diagnose(CAUSES, signals, OwnKnowledge(passed_edits=edits))
    real = diagnose(CAUSES, signals, OwnKnowledge(failed_edits=frozenset({"duplicate.already_billed"})))
    assert (alleged[0].cause.cause_id, real[0].cause.cause_id) == ("called_duplicate", "true_duplicate")


def test_shares_add_up_to_at_most_a_hundred_and_what_speaks_is_told() -> None:
    ranked = diagnose(CAUSES, MISROUTED)
    assert 90 < sum(entry.share_percent for entry in ranked) <= 100
    assert ranked[0].because == ("CO-109 (+40)", "N418 (+15)", "CO-109 N418 (+15)")


def test_a_status_of_a_category_is_heard() -> None:
    ranked = diagnose(CAUSES, DenialSignals(statuses=frozenset({"A7:999"})))
    assert [entry.cause.cause_id for entry in ranked] == ["information_missing"]


def test_an_overlays_cause_with_an_unknown_field_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "denials" / "causes"
    folder.mkdir(parents=True)
    (folder / "mine.yaml").write_text("id: mine\nlable: x\n")
    with pytest.raises(RulebookError, match=r"mine\.yaml: unknown field lable"):
        denial_causes(Rulebook([tmp_path]))
