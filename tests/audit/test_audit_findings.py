"""Each finding of an audit is found, and what only looks like it is not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from audit_cases import ALL_ROWS, CASES, AuditCase
from audit_samples import PLAN_PACK, create_statement, denied, insert_statement, line, plan

from cocm.audit.parts import Parts
from cocm.audit.plan_rows import AuditPlan
from cocm.audit.run import AuditResult, audit_history
from cocm.basics.errors import UnusableInput
from cocm.rules import Rulebook
from cocm.rules.audit_causes import CauseSide, audit_causes
from cocm.rules.claims_layouts import claims_layouts
from cocm.rules.rulebook import shipped_rulebook
from cocm.warehouse.engine import SqlEngine

pytestmark = pytest.mark.once

SHIPPED = shipped_rulebook()
NOT_SHOWN = {
    "denial.place_accepted": "the places at which a practitioner is enrolled are not in a claims history",
    "denial.filed_in_time": "shown by Medicare's rules below",
    "overbilling.other": "shown by Medicare's rules below",
}


@pytest.fixture(scope="module")
def audited() -> Iterator[tuple[AuditResult, list[dict[str, Any]]]]:
    with duckdb.connect() as connection:
        connection.execute(create_statement())
        connection.execute(insert_statement(ALL_ROWS))
        result = audit_history(SqlEngine(connection), SHIPPED, claims_layouts(SHIPPED)["opencocm"], plan())
        cursor = connection.execute("select * from audit_finding")
        names = [column[0] for column in cursor.description or ()]
        yield result, [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@pytest.mark.parametrize("one", CASES, ids=lambda one: one.name)
def test_what_happened_comes_to_just_these_findings(one: AuditCase, audited: Any) -> None:
    _, findings = audited
    found = {
        (row["cause_id"], row["claim_id"], row["claim_line_number"])
        for row in findings
        if row["person_id"] == one.name
    }
    assert found == set(one.findings)


def test_every_cause_is_shown() -> None:
    shown = {cause for one in CASES for cause, _, _ in one.findings}
    assert set(audit_causes(SHIPPED)) - shown == NOT_SHOWN.keys()


def test_totals_add_up_to_the_findings(audited: Any) -> None:
    result, findings = audited
    for total in result.causes:
        own = [row for row in findings if row["cause_id"] == total.cause.cause_id]
        assert total.line_count == len(own)
        assert total.member_count == len({row["person_id"] for row in own})
        assert total.amount_cents == sum(row["amount_cents"] for row in own)
    assert sum(result.denials.values()) == result.statuses["denied"]
    improper = sum(
        total.line_count
        for total in result.causes
        if total.cause.side is CauseSide.PLAN
        and total.cause.looks_at == "denied"
        and total.cause.share is None
    )
    assert result.denials["improper"] == improper


def find(findings: list[dict[str, Any]], claim_id: str, cause_id: str) -> dict[str, Any]:
    return next(row for row in findings if row["claim_id"] == claim_id and row["cause_id"] == cause_id)


def test_a_service_refused_twice_counts_its_money_once_and_says_when_it_was_paid(audited: Any) -> None:
    _, findings = audited
    first, again = (
        find(findings, f"sent_round_in_a_loop/{claim}", "routing.to_administrator") for claim in "XY"
    )
    assert (first["attempt_number"], first["amount_cents"], first["open_amount_cents"]) == (1, 15_000, 0)
    assert (again["attempt_number"], again["amount_cents"]) == (2, 0)
    assert first["is_paid_later"] and first["amount_basis"] == "fee table"


def test_evidence_names_rule_date_source_facts_and_the_other_line(audited: Any) -> None:
    _, findings = audited
    row = find(findings, "psychotherapy_called_a_duplicate/X", "denial.false_duplicate")
    assert (row["other_claim_id"], row["other_hcpcs_code"], row["other_service_date"]) == (
        "psychotherapy_called_a_duplicate/T", "90834", "2026-05-11",
    )  # fmt: skip
    assert "concurrency.allowed_codes = " in row["rules"] and "from 2017-01-01" in row["rules"]
    assert "same_code_originals_month=0" in row["facts"]
    assert "has_allowed_service_month=true" in row["facts"]
    assert row["source"] and "duplicate.already_billed" in row["edits"]
    twice = find(findings, "month_paid_twice/X", "overbilling.duplicate")
    assert twice["other_claim_id"] == "month_paid_twice/E0"
    assert "same_code_originals_month=1" in twice["facts"]


def test_units_above_the_limit_cost_only_what_is_above(audited: Any) -> None:
    _, findings = audited
    row = find(findings, "addon_units_paid_above_the_national_limit/X", "overbilling.units_above_limit")
    assert row["amount_cents"] == 5_000
    assert "ncci_unit_limit=4" in row["facts"]


def test_a_wrong_share_costs_the_difference(audited: Any) -> None:
    _, findings = audited
    row = find(findings, "behavioral_copayment_charged/X", "cost_share.behavioral_benefit")
    assert row["amount_cents"] == 3_000
    assert "benefit_copayment_cents=2000" in row["facts"]


def test_what_cannot_be_told_is_counted(audited: Any) -> None:
    result, _ = audited
    assert result.undecided["denial.false_duplicate"] == 1
    assert result.undecided["denial.records_not_asked"] == 1
    assert result.undecided["denial.place_accepted"] == 1
    assert result.unjudged_reasons == {"16": 1}
    assert result.shares["no_data"] == 1
    assert result.edits["consent.missing"][1] == result.claim_count


def causes_of(
    rows: list[dict[str, Any]], pack_id: str, rulebook: Rulebook = SHIPPED
) -> tuple[set[tuple[str, str]], AuditResult]:
    """The causes found by the rules of a pack alone."""
    with duckdb.connect() as connection:
        connection.execute(create_statement())
        connection.execute(insert_statement(rows))
        engine = SqlEngine(connection)
        result = audit_history(engine, rulebook, claims_layouts(rulebook)["opencocm"], AuditPlan(pack_id))
        return set(engine.query("select cause_id, claim_id from audit_finding")), result


def test_filing_limits_and_other_edits_by_medicares_rules() -> None:
    late, soon = {"received_date": "2026-06-15"}, {"received_date": "2026-02-15"}
    found, result = causes_of(
        [
            denied("in-time", "2026-01-31", "29", person_id="P1", **soon),
            denied("late", "2025-01-31", "29", person_id="P2", **late),
            line("no-place", "2026-01-31", person_id="P3", place_of_service_code="97"),
            line("fine", "2026-01-31", person_id="P4"),
        ],
        "medicare",
    )
    assert found == {("denial.filed_in_time", "in-time"), ("overbilling.other", "no-place")}
    assert result.denials == {"improper": 1, "no_data": 1}  # a contract may set a longer limit
    assert result.shares == {"no_data": 2}  # no benefits are at hand


def test_a_history_that_begins_within_the_gap_cannot_tell_a_first_month() -> None:
    rows = [denied("X", "2026-05-31", "119", hcpcs_code="99492", person_id="P1")]
    assert causes_of(rows, PLAN_PACK)[1].undecided == {"frequency.within_rules": 1}


def test_nothing_of_collaborative_care_comes_to_nothing() -> None:
    found, result = causes_of([line("V", "2026-05-31", hcpcs_code="99213")], PLAN_PACK)
    assert found == set() and (result.line_count, result.cocm_line_count) == (1, 0)
    assert result.first_month_index is None and result.causes == ()


@pytest.mark.parametrize(
    ("value", "confidence", "expected"),
    [("behavioral", "stated", {"justified": 1}), ("unknown", "unknown", {"no_data": 1})],
)
def test_routing_goes_by_the_payers_own_rule(
    value: str, confidence: str, expected: dict[str, int], tmp_path: Path
) -> None:
    folder = tmp_path / "payers" / "other"
    (folder / "rules").mkdir(parents=True)
    (folder / "profile.yaml").write_text(
        "id: other\nlabel: Other\nparent: cpt\nline_of_business: commercial\nclaim_filing_code: CI\n"
    )
    (folder / "rules" / "claim.benefit_side.yaml").write_text(
        "id: claim.benefit_side\nvalues:\n  - effective_from: 2018-01-01\n    observed: 2026-11-22\n"
        f"    value: {value}\n    confidence: {confidence}\n    source: {{ref: ca-design-studio, at: contract}}\n"
    )
    rows = [denied("X", "2026-05-31", "109", remark_code_1="N418", person_id="P1")]
    assert causes_of(rows, "other", Rulebook((tmp_path,)))[1].denials == expected


def test_parts_of_the_members_come_to_the_same(audited: Any) -> None:
    result, findings = audited
    steps: list[str] = []
    with duckdb.connect() as connection:
        connection.execute(create_statement())
        connection.execute(insert_statement(ALL_ROWS))
        in_parts = audit_history(
            SqlEngine(connection),
            SHIPPED,
            claims_layouts(SHIPPED)["opencocm"],
            plan(),
            members_per_part=result.person_count // 2 + 1,
            step=steps.append,
        )
        rows = connection.execute("select * from audit_finding").fetchall()
    assert in_parts == result and steps.count("audit_judged") == 2
    assert sorted(map(repr, rows)) == sorted(repr(tuple(row.values())) for row in findings)


def test_a_claim_of_two_members_is_not_taken_apart() -> None:
    rows = [line("S1", "2026-03-31", person_id="P1"), line("S1", "2026-03-31", person_id="P2")]
    with duckdb.connect() as connection:
        connection.execute(create_statement())
        connection.execute(insert_statement(rows))
        connection.execute("create table audit_line as select claim_id, person_id from history")
        assert Parts(SqlEngine(connection), 1).count == 1
        connection.execute("update audit_line set claim_id = claim_id || person_id")
        assert Parts(SqlEngine(connection), 1).count == 2


def test_every_member_stands_in_one_part_and_all_stand_there_again_at_the_end() -> None:
    names = ["O'Neil", "P2", "p2", "ä1", "Z", "10", "9", ""]
    with duckdb.connect() as connection:
        connection.execute("create table audit_line (claim_id varchar, person_id varchar)")
        for number, name in enumerate(names * 3):
            connection.execute("insert into audit_line values (?, ?)", [f"C{number}", name])
        parts = Parts(SqlEngine(connection), 3)
        seen = [
            Counter(name for (name,) in connection.execute("select person_id from audit_line").fetchall())
            for _ in parts.each()
        ]
        after = connection.execute("select count(*) from audit_line").fetchone()
    assert parts.count == len(seen) == 3 and after == (24,)
    assert sum(seen, Counter()) == Counter(dict.fromkeys(names, 3))
    assert sorted(len(part) for part in seen) == [2, 3, 3]


@pytest.mark.parametrize(
    ("rows", "statuses", "left_out"),
    [
        ([line("S1", "2026-03-31")] * 3, {"paid": 1}, 2),
        ([line("S1", "2026-03-31"), denied("S1", "2026-03-31", "109")], {"paid": 1}, 1),
        (
            [
                line("S1", "2026-03-31", decided_date="2026-04-20"),
                denied("S1", "2026-03-31", "109", decided_date="2026-05-20"),
            ],
            {"denied": 1},
            1,
        ),
        (
            [
                line("S1", "2026-03-31", version_date="2026-06-01", status="voided"),
                line("S1", "2026-03-31", version_date="2026-05-01"),
                line("S2", "2026-04-30"),
            ],
            {"paid": 1, "voided": 1},
            1,
        ),
        ([line("S1", "2026-03-31"), line("S1", "2026-03-31", claim_line_number=2)], {"paid": 2}, 0),
    ],
    ids=["the same row", "undated: what was paid counts", "decided last", "newest version", "two lines"],
)
def test_of_several_rows_of_a_line_the_newest_counts(
    rows: list[dict[str, Any]], statuses: dict[str, int], left_out: int
) -> None:
    for given in (rows, rows[::-1]):
        result = causes_of(given, "medicare")[1]
        assert (result.statuses, result.repeated_row_count) == (statuses, left_out)
        assert result.cocm_line_count == len(rows) - left_out


@pytest.mark.parametrize(
    ("other", "told"),
    [
        (
            {"person_id": "P2"},
            "claim_id: 1 line of one claim_id and claim_line_number belong to several persons",
        ),
        (
            {"hcpcs_code": "99494"},
            "claim_line_number: 1 line of one claim_id and claim_line_number have several",
        ),
    ],
)
def test_keys_that_do_not_tell_lines_apart_are_refused(other: dict[str, Any], told: str) -> None:
    with pytest.raises(UnusableInput, match=told):
        causes_of([line("S1", "2026-03-31"), line("S1", "2026-03-31", **other)], "medicare")
    later = line("S1", "2026-03-31", hcpcs_code="99494", decided_date="2026-05-31")
    assert causes_of([line("S1", "2026-03-31"), later], "medicare")[1].repeated_row_count == 1
