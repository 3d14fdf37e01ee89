"""The tables of 837P and 835 files are a history: what a plan decided on the wire is audited line by line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner
from plan_samples import Desk, Mistake, claim, line, therapy

from cocm.audit.files import choose_layout, open_history
from cocm.audit.plan_rows import AuditPlan
from cocm.audit.run import audit_history
from cocm.audit.x12_view import TABLE_NAMES, make_x12_view
from cocm.basics.errors import UnusableInput
from cocm.cli import cli
from cocm.publish.history import open_marts
from cocm.publish.told import Topic
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
    for folder, ending in (("tables", "parquet"), ("csv", "csv")):
        command = ["x12", "table", *map(str, files), "--to", str(root / folder), "--format", ending]
        result = CliRunner().invoke(cli, command)
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


def test_tables_in_csv_are_the_same_history(tables: tuple[Path, AuditPlan]) -> None:
    folder, plan = tables
    found = []
    for one in (folder, folder.parent / "csv"):
        with open_history([one], SHIPPED, members=plan.members) as (connection, _):
            kinds = connection.execute("describe history").fetchall()
            found.append((kinds, connection.execute("select * from history order by all").fetchall()))
    assert found[0] == found[1]


def test_a_text_that_would_begin_a_formula_comes_back_from_csv(tmp_path: Path) -> None:
    for name in TABLE_NAMES:
        (tmp_path / f"{name}.csv").write_text("file,claim_id\n'=in.837,'=C1\n,'C2\n")
    with open_history_tables(tmp_path) as connection:
        rows = connection.execute("select file, claim_id from professional_claims").fetchall()
    assert rows == [("=in.837", "=C1"), (None, "'C2")]


@contextmanager
def open_history_tables(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The tables alone: these are too narrow for a history."""
    with duckdb.connect() as connection:
        with pytest.raises(UnusableInput, match="not as `cocm x12 table` writes it"):
            make_x12_view(connection, folder, SHIPPED, ())
        yield connection


def test_the_plans_members_tell_the_product_of_a_line(
    tables: tuple[Path, AuditPlan], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, plan = tables
    monkeypatch.setattr(
        "cocm.publish.history.build_marts", lambda *_, **__: None
    )  # seconds, and not asked here
    with open_marts([folder.parent / "csv"], SHIPPED, plan) as marts:
        assert Topic.PRODUCTS not in marts.untold and Topic.REGIONS in marts.untold
        products = marts.engine.query("select distinct product from member_span")
    assert [product for (product,) in products] == ["HMO"]
    with open_history([folder], SHIPPED) as (_, engine):
        assert "product" not in engine.columns("history")


def test_a_plans_own_mistake_is_found_in_its_remittance(tables: tuple[Path, AuditPlan]) -> None:
    folder, plan = tables
    with open_history([folder], SHIPPED) as (_, engine):
        result = audit_history(engine, SHIPPED, claims_layouts(SHIPPED)["x12-tables"], plan)
    found = {total.cause.cause_id: (total.line_count, total.amount_cents) for total in result.causes}
    assert found["routing.to_administrator"] == (4, 54_000)
    assert found["overbilling.units_above_limit"] == (1, 2_400)
    assert result.shares == {"right": 4}
    assert result.denials == {"improper": 4}
