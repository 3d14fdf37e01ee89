"""The audit of a claims history on Spark, run by the Python that has pyspark: `tools/cluster.py` starts it.

Each step's name is written to standard output before it begins; the findings go as JSON lines into a file, in their
own order. Before that, Spark's parser reads the snapshots of the texts for Databricks.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession  # type: ignore[import-not-found]  # in an environment of its own

from cocm.audit.plan_rows import AuditPlan
from cocm.audit.run import FINDINGS, audit_history
from cocm.rules.claims_layouts import claims_layouts
from cocm.rules.rulebook import shipped_rulebook
from cocm.warehouse.spark import SparkEngine

SNAPSHOTS = Path(__file__).resolve().parent.parent / "docs" / "sql" / "databricks"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("history", nargs="+")
    parser.add_argument("--master", required=True)
    parser.add_argument("--shared", type=Path, required=True, help="a folder that driver and workers share")
    parser.add_argument("--findings", type=Path, required=True)
    parser.add_argument("--pack", required=True)
    parser.add_argument("--layout", default="opencocm")
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
        session.read.parquet(*options.history).createOrReplaceTempView("history")
        rulebook = shipped_rulebook()
        engine = SparkEngine(session, options.shared)
        audit_history(
            engine,
            rulebook,
            claims_layouts(rulebook)[options.layout],
            AuditPlan(options.pack),
            step=lambda name: print(name, flush=True),
        )
        rows = engine.query(f"select * from {FINDINGS} order by cause_id, claim_id, claim_line_number")
        with options.findings.open("w", encoding="utf-8") as out:
            for row in rows:
                out.write(json.dumps(row) + "\n")
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
