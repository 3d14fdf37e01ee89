"""`cocm x12`: the commands around X12 files."""

from __future__ import annotations

from typing import Final

import click

from cocm.cli.lazy import LazyGroup

COMMANDS: Final = {
    "show": "Show a file as a tree, in words.",
    "check": "Check files by their guides and report every fault.",
    "table": "Write remittances and claims as tables: Parquet, CSV or DuckDB.",
    "split": "Split a file into whole smaller ones.",
    "ack": "Answer a file as its receiver: TA1, 999, 277CA.",
    "anonymize": "Replace everything that tells who somebody is.",
}


@click.group(cls=LazyGroup, help_by_name=COMMANDS, module_prefix="cocm.cli.x12_")
def command() -> None:
    """Show, check, split, anonymize and answer X12 files of every kind a month needs.

    Every file may also be compressed (.gz) or lie in a .zip archive; what it is decides its content.

    \b
    Example:
      cocm x12 show remittance.835
      cocm x12 check claims.837 more-claims.zip
    """
