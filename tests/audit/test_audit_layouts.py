"""The same claims in the layouts of others: what they can tell is told alike, what they cannot is no data."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import duckdb
import pytest
from audit_samples import PLAN_PACK, create_statement, denied, insert_statement, line, plan

from cocm.audit.contract import HISTORY
from cocm.audit.files import choose_layout
from cocm.audit.knowledge import columns_behind, unknown_facts
from cocm.audit.layout import fits, map_history
from cocm.audit.narrow import narrow_history
from cocm.audit.plan_rows import AuditPlan
from cocm.audit.run import AuditResult, audit_history
from cocm.audit.texts import judged_sql
from cocm.basics.errors import RulebookError, UnusableInput
from cocm.edits.derive import FACTS
from cocm.rules.audit_causes import audit_causes
from cocm.rules.claims_layouts import claims_layouts, read_layout
from cocm.rules.rulebook import shipped_rulebook
from cocm.warehouse.engine import SqlEngine

pytestmark = pytest.mark.once

SHIPPED = shipped_rulebook()
LAYOUTS = claims_layouts(SHIPPED)
ROWS = [
    line("A1", "2026-03-31", hcpcs_code="99492"),
    line("A2", "2026-04-30"),
    line("A3", "2026-04-30", received_date="2026-06-15"),  # the month again
    line("B1", "2026-04-30", person_id="P2", hcpcs_code="99494"),  # an add-on alone
    denied("C1", "2026-04-30", "109", person_id="P3", remark_code_1="N418"),
    line("O1", "2026-04-30", person_id="P4", hcpcs_code="99213"),
]


@contextmanager
def history_of(columns: str, rows: list[dict[str, Any]] = ROWS) -> Iterator[SqlEngine]:
    """The rows as a table with other columns."""
    with duckdb.connect() as connection:
        connection.execute(create_statement("own"))
        connection.execute(insert_statement(rows, "own"))
        connection.execute(f"create view history as select {columns} from own")
        yield SqlEngine(connection)


@lru_cache
def audited(columns: str, layout: str, *, with_benefits: bool = False) -> AuditResult:
    """The audit of the usual rows as a table with other columns."""
    with history_of(columns) as engine:
        who = plan() if with_benefits else AuditPlan(PLAN_PACK)
        return audit_history(engine, SHIPPED, LAYOUTS[layout], who)


def narrowed(
    columns: str, layout: str, rows: list[dict[str, Any]] = ROWS
) -> tuple[dict[str, str], dict[str, int]]:
    """What becomes of each claim as an audit reads it, and the lines that cannot be read."""
    with history_of(columns, rows) as engine:
        mapped = map_history(LAYOUTS[layout], engine.columns("history"))
        unreadable = narrow_history(engine, SHIPPED, mapped, AuditPlan(PLAN_PACK)).unreadable
        lines = engine.query("select claim_id, status from audit_line where hcpcs_code like '9949%'")
        return dict(lines), unreadable


def found(result: AuditResult) -> dict[str, int]:
    return {total.cause.cause_id: total.line_count for total in result.causes}


TUVA = """claim_id, claim_line_number, person_id, payer_identifier as payer, product as plan,
    service_date as claim_line_end_date, service_from_date as claim_line_start_date, place_of_service_code,
    service_unit_quantity, hcpcs_code, hcpcs_modifier_1, rendering_npi, billing_npi, billing_tin,
    decided_date as paid_date, paid_amount, allowed_amount, charge_amount, coinsurance_amount, copayment_amount,
    deductible_amount, diagnosis_code_1, diagnosis_code_2, 'x' as data_source"""
CCLF = """claim_id as CUR_CLM_UNIQ_ID, claim_line_number as CLM_LINE_NUM, person_id as BENE_MBI_ID,
    service_from_date as CLM_LINE_FROM_DT, service_date as CLM_LINE_THRU_DT, hcpcs_code as CLM_LINE_HCPCS_CD,
    cast(service_unit_quantity as decimal(24, 4)) as CLM_LINE_SRVC_UNIT_QTY, place_of_service_code as CLM_POS_CD,
    billing_tin as CLM_RNDRG_PRVDR_TAX_NUM, rendering_npi as RNDRG_PRVDR_NPI_NUM,
    case status when 'denied' then '0 ' else '1 ' end as CLM_CARR_PMT_DNL_CD,
    case status when 'denied' then 'D' else 'A' end as CLM_PRCSG_IND_CD, '0' as CLM_ADJSMT_TYPE_CD,
    decided_date as CLM_EFCTV_DT, claim_id as CLM_CNTL_NUM, replace(diagnosis_code_1, '.', '') as CLM_DGNS_1_CD,
    replace(diagnosis_code_1, '.', '') as CLM_LINE_DGNS_CD, allowed_amount as CLM_LINE_ALOWD_CHRG_AMT,
    paid_amount as CLM_LINE_CVRD_PD_AMT"""
RIF = """claim_id as CLM_ID, cast(claim_line_number as varchar) as LINE_NUM, person_id as BENE_ID,
    hcpcs_code as HCPCS_CD, cast(service_unit_quantity as varchar) as LINE_SRVC_CNT,
    upper(strftime(service_date, '%d-%b-%Y')) as LINE_LAST_EXPNS_DT,
    strftime(service_from_date, '%Y%m%d') as LINE_1ST_EXPNS_DT, place_of_service_code as LINE_PLACE_OF_SRVC_CD,
    billing_npi as CARR_CLM_BLG_NPI_NUM, billing_tin as TAX_NUM, rendering_npi as PRF_PHYSN_NPI,
    case status when 'denied' then '0' else '1' end as CARR_CLM_PMT_DNL_CD,
    case status when 'denied' then 'C' else 'A' end as LINE_PRCSG_IND_CD, diagnosis_code_1 as ICD_DGNS_CD1,
    diagnosis_code_1 as LINE_ICD_DGNS_CD, cast(charge_amount as varchar) as LINE_SBMTD_CHRG_AMT,
    cast(allowed_amount as varchar) as LINE_ALOWD_CHRG_AMT, cast(paid_amount as varchar) as LINE_NCH_PMT_AMT"""


@pytest.mark.parametrize(
    ("columns", "layout"), [("*", "opencocm"), (TUVA, "tuva"), (CCLF, "cclf-part-b"), (RIF, "rif-carrier")]
)
def test_over_billing_is_found_in_every_layout(columns: str, layout: str) -> None:
    result = audited(columns, layout)
    assert found(result).keys() >= {"overbilling.duplicate", "overbilling.addon_without_base"}
    assert result.statuses == {"denied": 1, "paid": 4}
    assert (result.line_count, result.cocm_line_count, result.person_count) == (6, 5, 3)


@pytest.mark.parametrize(("columns", "layout"), [(TUVA, "tuva"), (CCLF, "cclf-part-b"), (RIF, "rif-carrier")])
def test_a_denial_without_reason_codes_is_not_judged_and_the_column_is_named(
    columns: str, layout: str
) -> None:
    result = audited(columns, layout)
    assert result.denials == {"not_judged": 1}
    missing = {one.name: one for one in result.missing}
    assert "routing.to_administrator" in missing["adjustment_reason_code_1"].causes
    assert "billing.behavioral_taxonomy" in missing["billing_taxonomy_code"].edits
    assert result.edits["billing.behavioral_taxonomy"] == (0, result.claim_count)


def test_columns_that_nobody_reads_are_named() -> None:
    assert audited(TUVA, "tuva").history.unread == ("data_source", "payer")


def test_a_members_share_without_its_columns_is_no_data() -> None:
    assert audited(CCLF, "cclf-part-b").shares == {"no_data": 4}
    assert audited("*", "opencocm", with_benefits=True).shares == {"right": 4}


def test_a_share_of_which_a_part_is_missing_is_no_data() -> None:
    without = "* exclude (copayment_amount)"
    with history_of(without) as engine:
        mapped = map_history(LAYOUTS["opencocm"], engine.columns("history"))
    text = judged_sql(tuple(audit_causes(SHIPPED).values()), frozenset(), mapped.known)
    assert "not (false)" in text
    with history_of(RIF) as engine:
        assert "copayment_amount" in map_history(LAYOUTS["rif-carrier"], engine.columns("history")).known


def test_versions_of_a_claim_in_the_feed_count_once() -> None:
    versions = CCLF.replace("claim_id as CLM_CNTL_NUM", "'SAME' || person_id as CLM_CNTL_NUM")
    rows = [
        line("V1", "2026-04-30", decided_date="2026-05-05"),
        line("V2", "2026-04-30", decided_date="2026-06-05"),
        line("V3", "2026-04-30", decided_date="2026-07-05"),
    ]
    statuses, _ = narrowed(versions, "cclf-part-b", rows)
    assert statuses == {"V1": "voided", "V2": "voided", "V3": "paid"}


def test_a_cancelled_claim_is_not_paid() -> None:
    cancelled = CCLF.replace(
        "'0' as CLM_ADJSMT_TYPE_CD", "case claim_id when 'V2' then '1' else '0' end as CLM_ADJSMT_TYPE_CD"
    )
    cancelled = cancelled.replace("claim_id as CLM_CNTL_NUM", "'SAME' as CLM_CNTL_NUM")
    rows = [line("V1", "2026-04-30"), line("V2", "2026-04-30", decided_date="2026-06-05")]
    assert narrowed(cancelled, "cclf-part-b", rows)[0] == {"V1": "voided", "V2": "voided"}


def test_a_tuva_table_with_the_payers_decision_is_judged() -> None:
    columns = f"{TUVA}, adjustment_reason_code_1 as claim_adjustment_reason_code, remark_code_1, status as claim_status"
    assert found(audited(columns, "tuva"))["routing.to_administrator"] == 1


@pytest.mark.parametrize(
    ("columns", "layout"), [("*", "opencocm"), (TUVA, "tuva"), (CCLF, "cclf-part-b"), (RIF, "rif-carrier")]
)
def test_a_layout_is_told_by_its_columns(columns: str, layout: str) -> None:
    with duckdb.connect() as connection:
        connection.execute(create_statement("own"))
        connection.execute(f"create view history as select {columns} from own")
        have = SqlEngine(connection).columns("history")
    assert choose_layout([Path("x.parquet")], LAYOUTS, have).layout_id == layout


def test_columns_that_fit_no_layout_are_refused_by_name() -> None:
    with pytest.raises(UnusableInput, match=r"x\.parquet: its columns fit no layout .*tuva lacks claim_id"):
        choose_layout([Path("x.parquet")], LAYOUTS, {"visit": "text"})


def test_a_missing_required_column_is_named_with_what_the_layout_calls_it() -> None:
    with pytest.raises(UnusableInput, match=r"lacks hcpcs_code of layout rif-carrier .*HCPCS_CD"):
        audited(RIF.replace("hcpcs_code as HCPCS_CD", "'x' as OTHER"), "rif-carrier")


def test_a_column_of_the_wrong_type_is_named_with_what_it_must_hold() -> None:
    with pytest.raises(
        UnusableInput, match=r"column service_unit_quantity holds boolean, but .* must be quantity"
    ):
        audited("* replace (true as service_unit_quantity)", "opencocm")


def test_lines_that_cannot_be_read_are_counted_by_column() -> None:
    changed = "* replace (case when claim_id = 'A1' then null else service_date end as service_date)"
    statuses, unreadable = narrowed(changed, "opencocm")
    assert unreadable == {"service_date": 1}
    assert "A1" not in statuses


def test_an_unheard_status_is_neither_paid_nor_denied() -> None:
    changed = "* replace (case when claim_id = 'A1' then 'lost' else status end as status)"
    assert narrowed(changed, "opencocm")[0]["A1"] == "unknown"


def test_every_fact_knows_the_columns_behind_it() -> None:
    names = {name for wanted in columns_behind().values() for one in wanted for name in one.split("|")}
    assert names <= HISTORY.keys()
    assert unknown_facts(HISTORY) == frozenset()
    assert {"birth_date"} == columns_behind()["age_years"]
    without = unknown_facts(set(HISTORY) - {"billing_npi", "billing_tin"})
    assert without >= {"base_units_month", "same_code_originals_month"}
    assert "base_units_month" not in unknown_facts(set(HISTORY) - {"billing_npi"})
    assert columns_behind().keys() <= FACTS.keys()


BROKEN: Mapping[str, tuple[str, str]] = {
    "a column that is no name": ("columns: {claim_id: 5}", "column claim_id: must be a column's name"),
    "a code that is no text": (
        "columns: {status: {from: S, translate: {a: 1}}}",
        "must be text .quote codes",
    ),
    "an unknown field": ("columns: {status: {form: S}}", "unknown field form"),
    "no columns": ("columns: 3", "columns must be a mapping"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_layout_file_is_refused_by_file_and_field(name: str, tmp_path: Path) -> None:
    text, message = BROKEN[name]
    path = tmp_path / "mine.yaml"
    path.write_text(f"id: mine\nlabel: Mine\ndescribed_by: us\n{text}\n")
    with pytest.raises(RulebookError, match=message):
        read_layout(path)


def test_a_layout_cannot_name_columns_that_an_audit_does_not_have(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    columns = "\n".join(f"  {name}: {name}" for name, column in HISTORY.items() if column.is_required)
    path.write_text(f"id: mine\nlabel: Mine\ndescribed_by: us\ncolumns:\n{columns}\n  shoe_size: S\n")
    layout = read_layout(path)
    assert fits(layout, dict.fromkeys(HISTORY, "text")) == ()
    with duckdb.connect() as connection:
        connection.execute(create_statement())
        with pytest.raises(UnusableInput, match="shoe_size is no column of an audit"):
            audit_history(SqlEngine(connection), SHIPPED, layout, AuditPlan(PLAN_PACK))


def test_the_page_names_every_column_and_layout() -> None:
    page = (Path(__file__).resolve().parent.parent.parent / "docs" / "audit.md").read_text(encoding="utf-8")
    for name, column in HISTORY.items():
        row = f"`{re.sub(r'_[0-9]+$', '_N', name)}`"
        assert row in page and (not column.is_required or f"**{row}**" in page), name
    assert all(f"| `{layout}` |" in page for layout in LAYOUTS)


@pytest.mark.parametrize(
    ("column", "message"),
    [
        ("charge_amount: {value: lots}", "charge_amount: 'lots' is not an amount in dollars"),
        ("birth_date: {value: '2000-01-01'}", "birth_date holds date; only a text or an amount"),
    ],
)
def test_a_value_for_all_rows_must_be_what_the_column_holds(
    column: str, message: str, tmp_path: Path
) -> None:
    path = tmp_path / "mine.yaml"
    columns = "\n".join(f"  {name}: {name}" for name, one in HISTORY.items() if one.is_required)
    path.write_text(f"id: mine\nlabel: Mine\ndescribed_by: us\ncolumns:\n{columns}\n  {column}\n")
    with history_of("*") as engine, pytest.raises(UnusableInput, match=message):
        map_history(read_layout(path), engine.columns("history"))


def test_a_cause_that_needs_a_fact_there_is_not_is_refused() -> None:
    first, *others = audit_causes(SHIPPED).values()
    broken = replace(first, needs=(replace(first.needs[0], fact="moon_phase"),))
    with pytest.raises(RulebookError, match="needs the fact 'moon_phase'"):
        judged_sql((broken, *others), frozenset(), frozenset())
