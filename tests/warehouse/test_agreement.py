"""Python and SQL agree: every fact and every verdict, on each engine, for generated claims."""

import pytest
from edit_samples import line, subject

from cocm.edits.check import check_claim, verdict_of
from cocm.edits.derive import FACTS, derive_facts
from cocm.edits.discovery import catalogue
from cocm.edits.edit import Grain, Verdict
from cocm.edits.kleene import UNKNOWN
from cocm.warehouse.compile import facts_sql, findings_sql
from cocm.warehouse.rows import subjects_to_rows
from cocm.warehouse.tables import INPUT_TABLES, fact_columns
from cocm.warehouse.values import stored

pytestmark = pytest.mark.once


def python_facts(subjects):
    return {
        (subject.claim.claim_id, line.claim_line_number): values
        for subject in subjects
        for line, values in derive_facts(subject)
    }


@pytest.fixture(scope="module")
def expected(subjects):
    """The facts of every CoCM line as Python derives them."""
    return python_facts(subjects)


def test_every_fact_agrees(loaded, expected):
    rows = {
        (row["claim_id"], row["claim_line_number"]): row for row in loaded.rows("select * from line_facts")
    }
    assert rows.keys() == expected.keys()
    for key, values in expected.items():
        for name, fact in FACTS.items():
            columns = [column.name for column in fact_columns(fact)]
            got = tuple(rows[key][column] for column in columns)
            assert got == stored(fact, values[name]), (
                f"{name} of {key}: SQL says {got}, Python {values[name]}"
            )


def test_every_verdict_and_severity_agrees(loaded, subjects):
    rows = loaded.rows(findings_sql())
    found = {
        (row["claim_id"], row["claim_line_number"], row["edit_id"], row["verdict"], row["severity"])
        for row in rows
    }
    expected = {
        (item.claim_id, item.claim_line_number, item.edit_id, item.verdict.value, int(item.severity))
        for subject in subjects
        for item in check_claim(subject).findings
    }
    assert len(found) == len(rows)
    assert found == expected


ONE_VALUED = {"billing_entity_required", "has_payer_filing_limit", "is_cocm"}
"""Facts whose rule allows no other value yet, and the one that says why a line is looked at."""
NEVER_REACHED = {
    ("billing.behavioral_staff", Verdict.NOT_APPLICABLE),
    ("billing.not_medical_group", Verdict.NOT_APPLICABLE),
    ("place.not_credentialed", Verdict.NOT_APPLICABLE),
    ("date.after_death", Verdict.NO_DATA),
}
"""No rule allows the value yet; and whoever records a death records its day."""


def test_the_generated_claims_reach_every_verdict_of_every_edit(expected):
    reached = set()
    for values in expected.values():
        reached |= {(edit.id, verdict_of(edit, values)) for edit in catalogue()}
    possible = {(edit.id, case.verdict) for edit in catalogue() for case in edit.cases}
    assert possible - reached == NEVER_REACHED


def test_the_generated_claims_reach_several_values_of_every_fact(expected):
    seen = {name: set() for name in FACTS}
    for values in expected.values():
        for name, value in values.items():
            seen[name].add(value)
    assert {name for name in FACTS if len(seen[name] - {UNKNOWN}) < 2} == ONE_VALUED
    assert {name for name in FACTS if UNKNOWN in seen[name]} == {
        name for name, fact in FACTS.items() if fact.may_be_unknown
    }


def test_counts_of_all_verdicts_agree(loaded, subjects):
    text = f"select verdict, count(*) as number from ({findings_sql(tuple(Verdict))}) v group by verdict"
    in_sql = {row["verdict"]: row["number"] for row in loaded.rows(text)}
    in_python = {verdict.value: 0 for verdict in Verdict}
    for checked in subjects:
        for verdict, count in check_claim(checked).counts.items():
            in_python[verdict.value] += count
    assert in_sql == in_python


def test_a_line_of_another_code_is_left_alone(engine):
    checked = subject(line(), line("90834", 1, 2))
    engine.load(INPUT_TABLES, subjects_to_rows([checked]))
    assert [row["claim_line_number"] for row in engine.rows(facts_sql())] == [1]
    assert check_claim(checked).lines_left_alone == (2,)


def test_the_claims_edits_speak_once_a_claim():
    edits = [edit for edit in catalogue() if edit.edit.grain is Grain.CLAIM]
    result = check_claim(subject(line(), line("99494", 1, 2)))
    assert sum(result.counts.values()) == 2 * len(catalogue()) - len(edits)
