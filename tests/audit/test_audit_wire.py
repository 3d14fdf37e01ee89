"""The tables of 837P and 835 files are a history: what a plan decided on the wire is audited line by line."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from plan_samples import Desk, Mistake, claim, line, therapy

from cocm.audit.files import choose_layout, open_history
from cocm.audit.plan_rows import AuditPlan
from cocm.audit.run import audit_history
from cocm.cli import cli
from cocm.rules.claims_layouts import claims_layouts
from cocm.rules.rulebook import shipped_rulebook

pytestmark = pytest.mark.once

SHIPPED = shipped_rulebook()


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, AuditPlan]:
    """What a plan decided well, and what the same plan decided with a mistake, as tables; and the plan."""
    root = tmp_path_factory.mktemp("wire")
    files = []
    desks = {"right": (), "wrong": (Mistake.ROUTE_BY_DIAGNOSIS,)}
    for name, mistakes in desks.items():
        (root / name).mkdir()
        desk = Desk(root / name, mistakes)
        claims = (
            (claim(1, lines=(line("99492"), line("99494", 2, 5))), claim(2), therapy(1))
            if name == "right"
            else (claim(3), claim(4))
        )
        answers = desk.take(*claims)
        for number, content in enumerate(
            ((root / name / "in-1.837").read_bytes(), answers.bytes_of("remittance.835"))
        ):
            path = root / f"{name}-{number}.{('837', '835')[number]}"
            path.write_bytes(content)
            files.append(path)
    result = CliRunner().invoke(cli, ["x12", "table", *map(str, files), "--to", str(root / "tables")])
    assert result.exit_code == 0, result.output
    book = Desk(root / "right").reading.book
    return root / "tables", AuditPlan(book.profile.pack_id, book)


def test_decisions_meet_their_lines(tables: tuple[Path, AuditPlan]) -> None:
    folder, _ = tables
    with open_history([folder], SHIPPED) as (_, engine):
        layout = choose_layout([folder], claims_layouts(SHIPPED), engine.columns("history"))
        assert layout.layout_id == "x12-tables"
        lines = engine.query(
            "select claim_id, claim_line_number, person_id, status, paid_amount, deductible_amount, coinsurance_amount,"
            " adjustment_reason_code_1, remark_code_1, diagnosis_code_1, billing_tin from history order by 1, 2"
        )
    assert [row[3] for row in lines] == [
        "paid",
        "paid",
        "paid",
        "paid",
        "denied",
        "denied",
        "denied",
        "denied",
        "sent",
    ]
    first = lines[0]
    assert (first[2], float(first[4]), float(first[5]), float(first[6])) == (
        "GHP000000001",
        40.0,
        100.0,
        10.0,
    )
    assert {row[7:9] for row in lines if row[3] == "denied"} == {("109", "N418")}
    assert {row[9] for row in lines if row[3] != "sent"} == {"F321"} and lines[0][10] == "941234567"


def test_a_plans_own_mistake_is_found_in_its_remittance(tables: tuple[Path, AuditPlan]) -> None:
    folder, plan = tables
    with open_history([folder], SHIPPED) as (_, engine):
        result = audit_history(engine, SHIPPED, claims_layouts(SHIPPED)["x12-tables"], plan)
    found = {total.cause.cause_id: (total.line_count, total.amount_cents) for total in result.causes}
    assert found["routing.to_administrator"] == (4, 54_000)
    assert found["overbilling.units_above_limit"] == (1, 2_400)
    assert result.shares == {"right": 4}
    assert result.denials == {"improper": 4}
