"""The audit of a claims history on Spark, run by the Python that has pyspark: `tools/cluster.py` starts it.

Each step's name is written to standard output before it begins; the rows of each table that is compared
(`tests/audit/audit_compared.py`) go into one JSON file. Before that, Spark's parser reads the snapshots of the texts
for Databricks.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from audit_compared import audited
from pyspark.sql import SparkSession  # type: ignore[import-not-found]  # in an environment of its own

from cocm.rules.rulebook import shipped_rulebook
from cocm.warehouse.spark import SparkEngine

SNAPSHOTS = Path(__file__).resolve().parent.parent / "docs" / "sql" / "databricks"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("history", help="a Parquet file in our own columns")
    parser.add_argument("--master", required=True)
    parser.add_argument("--shared", type=Path, required=True, help="a folder that driver and workers share")
    parser.add_argument("--tables", type=Path, required=True, help="the JSON file to write")
    options = parser.parse_args()
    session = (
        SparkSession.builder.master(options.master)
        .appName("cocm audit")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.memory", "1g")
        .config("spark.executor.memory", "1g")
        .config("spark.executor.cores", "1")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.sql.files.maxPartitionBytes", "16m")
        .config("spark.sql.adaptive.enabled", "false")
        .config("spark.sql.codegen.wholeStage", "false")
        .config("spark.sql.codegen.factoryMode", "NO_CODEGEN")
        .config("spark.task.maxFailures", "8")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    try:
        parse_snapshots(session)
        session.read.parquet(options.history).createOrReplaceTempView("history")
        engine = SparkEngine(session, options.shared)
        _, tables = audited(engine, shipped_rulebook(), step=lambda name: print(name, flush=True))
        options.tables.write_text(json.dumps(tables), encoding="utf-8")
    finally:
        session.stop()


def parse_snapshots(session: Any) -> None:
    """Stop at a snapshot for Databricks that Spark cannot read as one statement."""
    parser = session._jsparkSession.sessionState().sqlParser()
    for path in sorted(SNAPSHOTS.glob("*.sql")):
        parser.parsePlan(path.read_text(encoding="utf-8"))
        print(f"parsed {path.name}", flush=True)


if __name__ == "__main__":
    main()
