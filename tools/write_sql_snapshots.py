"""Writes docs/sql: every text of the audit in the words of Snowflake, BigQuery and Databricks. Review the diff."""

from __future__ import annotations

from pathlib import Path

from cocm.audit.statements import audit_statements
from cocm.rules.rulebook import shipped_rulebook
from cocm.warehouse.dialects import DIALECTS

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "sql"


def snapshots() -> dict[str, str]:
    """Every snapshot by its path below the folder."""
    return {
        f"{dialect.name}/{number:02d}-{one.name}.sql": dialect.statement(one.name, one.text) + "\n"
        for dialect in DIALECTS.values()
        for number, one in enumerate(audit_statements(shipped_rulebook()), 1)
    }


def main() -> None:
    wanted = snapshots()
    for path in FOLDER.glob("*/*.sql"):
        if path.relative_to(FOLDER).as_posix() not in wanted:
            path.unlink()
    for name, text in wanted.items():
        path = FOLDER / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    print(f"{len(wanted)} snapshots in {FOLDER}")


if __name__ == "__main__":
    main()
