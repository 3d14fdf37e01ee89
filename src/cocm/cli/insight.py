"""`cocm insight`: what a programme costs and brings, and how payers treat it."""

from __future__ import annotations

from typing import Final

import click

from cocm.cli.lazy import LazyGroup

COMMANDS: Final = {
    "model": "The financial model: revenue, cost, margin, break-even, what-if.",
    "roi": "Return on investment: each study with its counter-evidence, and your own numbers.",
    "overhead": "Administrative cost by cause, and what would remove each.",
    "payers": "Payers' approval, denial, rejection, days to pay, from your own books.",
}


@click.group(cls=LazyGroup, help_by_name=COMMANDS, module_prefix="cocm.cli.insight_")
def command() -> None:
    """What Collaborative Care costs and brings: every figure with its numerator, denominator and source.

    \b
    Example:
      cocm insight model --template plan.csv
      cocm insight model --inputs plan.csv
      cocm insight payers my-practice/
    """
