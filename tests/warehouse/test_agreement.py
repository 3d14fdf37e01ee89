"""Python and SQL agree: every fact and every verdict, on each engine, for generated claims."""

import pytest
from edit_samples import line, subject
from generated_subjects import generated_subjects, rulebook

from cocm.edits.check import check_claim, verdict_of
from cocm.edits.derive import FACTS, derive_facts
from cocm.edits.discovery import catalogue
from cocm.edits.edit import Grain, Verdict
from cocm.edits.kleene import UNKNOWN
from cocm.warehouse.compile import facts_sql, verdicts_sql
from cocm.warehouse.rows import stored, subjects_to_rows
from cocm.warehouse.tables import INPUT_TABLES, fact_columns

COUNT = 1500
SEED = 20260331


@pytest.fixture(scope="module")
def subjects(tmp_path_factory):
    return generated_subjects(COUNT, SEED, rulebook(tmp_path_factory.mktemp("rules")))


def python_facts(subjects):
    return {
        (subject.claim.claim_id, line.claim_line_number): values
        for subject in subjects
        for line, values in derive_facts(subject)
    }


def test_every_fact_agrees(engine, subjects):
    engine.load_inputs(subjects_to_rows(subjects))
    expected = python_facts(subjects)
    rows = {(row["claim_id"], row["claim_line_number"]): row for row in engine.rows(facts_sql())}
    assert rows.keys() == expected.keys()
    for key, values in expected.items():
        for name, fact in FACTS.items():
            columns = [column.name for column in fact_columns(fact)]
            got = tuple(rows[key][column] for column in columns)
            assert got == stored(fact, values[name]), (
                f"{name} of {key}: SQL says {got}, Python {values[name]}"
            )


def test_every_verdict_and_severity_agrees(engine, subjects):
    engine.load_inputs(subjects_to_rows(subjects))
    rows = engine.rows(verdicts_sql())
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


def test_the_generated_claims_reach_every_verdict_of_every_edit(subjects):
    reached = {edit.id: set() for edit in catalogue()}
    for values in python_facts(subjects).values():
        for edit in catalogue():
            reached[edit.id].add(verdict_of(edit, values))
    for edit in catalogue():
        possible = {case.verdict for case in edit.cases}
        assert possible <= reached[edit.id], edit.id


def test_the_generated_claims_reach_both_truths_of_every_fact(subjects):
    seen = {name: set() for name in FACTS}
    for values in python_facts(subjects).values():
        for name, value in values.items():
            seen[name].add(value)
    for name, fact in FACTS.items():
        assert len(seen[name] - {UNKNOWN}) >= 2, name
        assert (UNKNOWN in seen[name]) == fact.may_be_unknown, name


def test_counts_of_all_verdicts_agree(engine, subjects):
    engine.load_inputs(subjects_to_rows(subjects))
    text = f"select verdict, count(*) as number from ({verdicts_sql(tuple(Verdict))}) v group by verdict"
    in_sql = {row["verdict"]: row["number"] for row in engine.rows(text)}
    in_python = {verdict.value: 0 for verdict in Verdict}
    for checked in subjects:
        for verdict, count in check_claim(checked).counts.items():
            in_python[verdict.value] += count
    assert in_sql == in_python


def test_a_line_of_another_code_is_left_alone(engine):
    checked = subject(line(), line("90834", 1, 2))
    engine.load_inputs(subjects_to_rows([checked]))
    assert [row["claim_line_number"] for row in engine.rows(facts_sql())] == [1]
    assert check_claim(checked).lines_left_alone == (2,)


def test_the_claims_edits_speak_once_a_claim():
    edits = [edit for edit in catalogue() if edit.edit.grain is Grain.CLAIM]
    result = check_claim(subject(line(), line("99494", 1, 2)))
    assert sum(result.counts.values()) == 2 * len(catalogue()) - len(edits)


def test_tables_are_documented():
    for table in INPUT_TABLES:
        assert table.grain.startswith("one row a")
        assert all(column.meaning for column in table.columns)
