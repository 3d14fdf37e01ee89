"""Files stand as tables: Parquet and CSV give the findings that tables give."""

import csv

import duckdb
import pytest
from edit_samples import SHIPPED, history, line, subject

from cocm.basics.errors import UnusableInput
from cocm.edits.edit import Verdict
from cocm.warehouse.batch import GIVEN_TABLES, OPTIONAL_TABLES, check_tables
from cocm.warehouse.files import open_files
from cocm.warehouse.rows import subjects_to_rows
from cocm.warehouse.values import insert_statements

pytestmark = pytest.mark.once

TABLES = (*GIVEN_TABLES, *OPTIONAL_TABLES)
CHECKED = [
    subject(line(), line("99494", 5, 2), claim_id="C-1", patient_id="P-1", place_of_service_code="02"),
    subject(line(), claim_id="C-2", patient_id="P-2", past=[history(day=line().service_date)]),
]


@pytest.fixture
def findings():
    """What the tables themselves give."""
    with duckdb.connect() as connection:
        load(connection)
        return counted(connection)


def load(connection):
    rows = subjects_to_rows(CHECKED)
    for table in TABLES:
        connection.execute(table.create_statement)
        for statement in insert_statements(table, rows[table.name]):
            connection.execute(statement)


def counted(connection, absent=()):
    return check_tables(connection, SHIPPED, absent=absent).finding_counts


@pytest.mark.parametrize("target", ["{name}.parquet", "{name}/part-1.parquet"])
def test_parquet_files_give_the_same_findings(tmp_path, findings, target):
    with duckdb.connect() as connection:
        load(connection)
        for table in TABLES:
            path = tmp_path / target.format(name=table.name)
            path.parent.mkdir(exist_ok=True)
            connection.execute(f"copy {table.name} to '{path}' (format parquet)")
    connection, absent = open_files(tmp_path, memory_limit="1GB")
    with connection:
        assert absent == () and counted(connection) == findings


def test_csv_files_give_the_same_findings(tmp_path, findings):
    rows = subjects_to_rows(CHECKED)
    for table in TABLES:
        with (tmp_path / f"{table.name}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow([column.name for column in table.columns])
            writer.writerows(rows[table.name])
    connection, absent = open_files(tmp_path)
    with connection:
        assert absent == () and counted(connection) == findings
        assert connection.execute("select place_of_service_code from claim_line").fetchall()[0] == ("02",)


def test_a_history_is_checked_against_itself(tmp_path):
    with duckdb.connect() as connection:
        load(connection)
        connection.execute(
            f"copy (select *, 'paid' as status from claim_line"
            " union all by name select * replace ('C-9' as claim_id, 5 as submission_order), 'paid' as status"
            f" from claim_line where claim_id = 'C-2') to '{tmp_path}/claim_line.parquet' (format parquet)"
        )
        connection.execute(f"copy claim_diagnosis to '{tmp_path}/claim_diagnosis.parquet' (format parquet)")
    connection, absent = open_files(tmp_path)
    with connection:
        assert set(absent) == {table.name for table in OPTIONAL_TABLES}
        counts = counted(connection, absent)
        duplicates = connection.execute(
            "select claim_id from finding where edit_id = 'duplicate.already_billed'"
        ).fetchall()
    assert counts["duplicate.already_billed", Verdict.FAIL] == 1
    assert duplicates == [("C-9",)], "the second claim is the duplicate, not the first"


def test_missing_and_unreadable_files_are_named(tmp_path):
    with pytest.raises(
        UnusableInput, match=r"no claim_line.parquet or claim_line.csv; it must hold one row a service"
    ):
        open_files(tmp_path)
    (tmp_path / "claim_line.parquet").write_text("not a Parquet file")
    with pytest.raises(UnusableInput, match=str(tmp_path)):
        open_files(tmp_path)
