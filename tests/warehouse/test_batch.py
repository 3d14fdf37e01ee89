"""Whole tables are checked where they stand, with the rules written beside them."""

from dataclasses import replace
from datetime import date
from itertools import pairwise

import pytest
from edit_samples import SHIPPED, history, line, policy, subject

from cocm.basics.errors import UnknownPayer, UnusableInput
from cocm.basics.months import day_number
from cocm.edits.check import check_claim
from cocm.edits.edit import Verdict
from cocm.warehouse.batch import GIVEN_TABLES, OPTIONAL_TABLES, check_tables
from cocm.warehouse.policy_rows import policy_rows
from cocm.warehouse.rows import subjects_to_rows
from cocm.warehouse.tables import CLAIM_LINE

pytestmark = pytest.mark.once

CHECKED = [
    subject(line(), line("99494", 5, 2), claim_id="C-1", patient_id="P-1"),
    subject(line(), claim_id="C-2", patient_id="P-2", past=[history(day=date(2026, 3, 31))]),
    subject(line("G0503", day=date(2017, 12, 31)), claim_id="C-3", patient_id="P-3"),
    subject(line("99213"), claim_id="C-4", patient_id="P-4"),
]


def test_the_rules_of_each_day_are_written_beside_the_claims(engine):
    engine.load((*GIVEN_TABLES, *OPTIONAL_TABLES), subjects_to_rows(CHECKED))
    result = check_tables(engine.connection, SHIPPED)
    expected = {
        (item.claim_id, item.edit_id, item.verdict.value, int(item.severity))
        for checked in CHECKED
        for item in check_claim(checked).findings
    }
    found = engine.rows("select * from finding")
    assert {(row["claim_id"], row["edit_id"], row["verdict"], row["severity"]) for row in found} == expected
    assert result.cocm_line_count == 4
    assert result.finding_counts["addon.over_limit", Verdict.FAIL] == 1
    assert result.rulebook_hash == SHIPPED.content_hash


def test_without_the_practices_record_what_it_would_tell_is_no_data(engine):
    engine.load(GIVEN_TABLES, subjects_to_rows(CHECKED))
    result = check_tables(
        engine.connection, SHIPPED, into="audit", absent=[table.name for table in OPTIONAL_TABLES]
    )
    assert result.finding_counts["consent.missing", Verdict.NO_DATA] == 3
    assert result.finding_counts["duplicate.already_billed", Verdict.FAIL] == 1
    assert engine.rows("select count(*) as number from audit")[0]["number"] == sum(
        result.finding_counts.values()
    )


def test_a_missing_table_is_named(engine):
    with pytest.raises(UnusableInput, match="table claim_line cannot be read"):
        check_tables(engine.connection, SHIPPED)


def test_a_missing_column_is_named(engine):
    engine.connection.execute("create table claim_line (claim_id text)")
    with pytest.raises(UnusableInput, match="claim_line lacks claim_line_number, person_id"):
        check_tables(engine.connection, SHIPPED)


def test_a_line_that_stands_twice_is_refused(engine):
    rows = subjects_to_rows(CHECKED)
    engine.load((*GIVEN_TABLES, *OPTIONAL_TABLES), rows)
    engine.insert(CLAIM_LINE, rows[CLAIM_LINE.name][:1])
    with pytest.raises(UnusableInput, match="table claim_line: of 1 CoCM line there are several rows"):
        check_tables(engine.connection, SHIPPED)


def test_an_unknown_pack_is_named(engine):
    rows = subjects_to_rows(CHECKED[:1])
    rows["claim_line"] = [
        tuple("nobody" if value == "medicare" else value for value in row) for row in rows["claim_line"]
    ]
    engine.load((*GIVEN_TABLES, *OPTIONAL_TABLES), rows)
    with pytest.raises(UnknownPayer, match="nobody"):
        check_tables(engine.connection, SHIPPED)


def test_the_table_of_findings_must_have_a_plain_name(engine):
    with pytest.raises(UnusableInput, match="cannot be the name"):
        check_tables(engine.connection, SHIPPED, into="finding; drop table claim_line")


def test_a_payers_rules_have_one_row_for_each_span_without_a_change():
    rows = policy_rows(SHIPPED, ["medicare"], date(2017, 6, 1), date(2026, 3, 31))["policy"]
    spans = [(row[2], row[3]) for row in rows]
    assert spans[0][0] == day_number(date(2017, 6, 1)) and spans[-1][1] == day_number(date(2026, 3, 31)) + 1
    assert all(earlier[1] == later[0] for earlier, later in pairwise(spans))
    assert day_number(date(2018, 1, 1)) in {start for start, _ in spans}
    for day in (date(2017, 6, 1), date(2017, 12, 31), date(2018, 1, 1), date(2021, 1, 1), date(2026, 3, 31)):
        held = next(row for row in rows if row[2] <= day_number(day) < row[3])
        assert policy("medicare", day).text("codes.first_month") in held


def test_two_claims_of_one_patient_cannot_be_written_at_once():
    with pytest.raises(UnusableInput, match="another claim"):
        subjects_to_rows([CHECKED[0], replace(CHECKED[1], claim=replace(CHECKED[1].claim, patient_id="P-1"))])


def test_one_payer_id_stands_for_one_contract():
    other = replace(CHECKED[1], payer=replace(CHECKED[1].payer, filing_limit_days=90))
    with pytest.raises(UnusableInput, match="two contracts"):
        subjects_to_rows([CHECKED[0], other])
