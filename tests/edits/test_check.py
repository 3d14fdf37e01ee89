"""From a claim to explained findings."""

from dataclasses import replace

from edit_samples import line, overlay, policy, subject

from cocm.edits.check import check_claim
from cocm.edits.edit import Verdict
from cocm.rules import Severity


def found(result):
    return {finding.edit_id: finding for finding in result.findings}


def test_add_on_units_above_medicares_limit_block_with_computed_reasons():
    finding = found(check_claim(subject(line(), line("99494", 5, 2))))["addon.over_limit"]
    assert finding.severity is Severity.BLOCK and finding.verdict is Verdict.FAIL
    assert finding.claim_line_number == 2
    assert finding.explanation.startswith(
        "The number of add-on units in the month (5) is more than"
        " the payer's limit of add-on units in a month (4)."
        " Checked because the line has the payer's add-on code"
    )
    assert {(reading.fact.name, reading.value) for reading in finding.readings} >= {
        ("addon_units_month", 5),
        ("addon_unit_limit", 4),
    }
    assert finding.rules[0].rule_id == "limit.addon_units"
    assert any(cite.startswith("limit.addon_units = 4 [medicare") for cite in finding.citations)


def test_add_on_units_at_the_limit_pass():
    result = check_claim(subject(line(), line("99494", 4, 2)))
    assert "addon.over_limit" not in found(result)


def test_an_unknown_limit_is_no_data_never_clean(tmp_path):
    rulebook = overlay(tmp_path, {"silent": {"limit.addon_units": "unknown"}})
    checked = replace(subject(line(), line("99494", 5, 2)), policy=policy("silent", rulebook=rulebook))
    finding = found(check_claim(checked))["addon.over_limit"]
    assert finding.is_no_data and finding.severity is Severity.REVIEW
    assert finding.explanation.startswith("Not known: whether the payer limits the add-on units of a month")


def test_an_assumed_limit_never_blocks(tmp_path):
    rulebook = overlay(tmp_path, {"guessed": {"limit.addon_units": "3"}}, {"guessed": "assumed"})
    checked = replace(subject(line(), line("99494", 4, 2)), policy=policy("guessed", rulebook=rulebook))
    finding = found(check_claim(checked))["addon.over_limit"]
    assert finding.verdict is Verdict.FAIL and finding.severity is Severity.REVIEW
