"""`cocm sandbox`: rehearse with a plan that makes the known mistakes."""

from __future__ import annotations

from typing import Final

import click

from cocm.cli.lazy import LazyGroup

COMMANDS: Final = {
    "plan": "Make an invented plan whose members are those of your claims.",
    "run": "Decide an 837P as a plan that errs, at the rates you give.",
    "cases": "Write a practice set for claims reviewers, without its answers.",
    "score": "Score a reviewer's answers, each explained by its rule.",
    "report": "Rehearse a month: sent raw, sent after the check, decided by the rules.",
}


@click.group(cls=LazyGroup, help_by_name=COMMANDS, module_prefix="cocm.cli.sandbox_")
def command() -> None:
    """Rehearse with an invented plan that makes the mistakes real plans are known to make. Nothing it says is real.

    For practices and vendors (what does a misrouted claim look like?), and for plans (what would our reviewers, or our
    rules, make of this month?). The same seed gives the same answers.

    \b
    Example:
      cocm sandbox plan rehearsal/plan march.837
      cocm sandbox run march.837 --plan rehearsal/plan --mistake route_by_diagnosis=40 --out rehearsal/answers
      cocm sandbox report --out rehearsal/
      cocm sandbox cases --out reviewers/
    """
