"""`cocm sandbox score`: a reviewer's answers against the rulebook."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from cocm.cli.options import json_option, rules_option
from cocm.rules import rulebook_of
from cocm.sandbox.case_sheet import read_answers
from cocm.sandbox.cases import CaseSet, make_cases, provenance_of
from cocm.sandbox.score import score, score_json, score_text


@click.command("score")
@click.argument("file", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@rules_option
@json_option
def command(file: Path, rules: tuple[Path, ...], as_json: bool) -> None:
    """Score the answers in FILE (cases.csv or cases.xlsx, filled in): each case explained by rule, date and source.

    The key is what the plan of the rulebook at hand decides of the same cases, made again: nothing is stored. A point
    for what to do, another for the reason code, the entity or the member's share.

    Exit status: 0 every case right, 1 something is wrong or missing, 2 unusable input.

    \b
    Example:
      cocm sandbox score reviewers/cases.csv
      cocm sandbox score reviewers/cases.xlsx --json
    """
    sheet = read_answers(file)
    cases = make_cases(CaseSet.parse(sheet.set_name), rulebook_of(rules))
    scored = score(cases, sheet)
    if as_json:
        click.echo(json.dumps({**provenance_of(cases).as_json(), **score_json(scored)}, indent=2))
    else:
        for line in score_text(scored):
            click.echo(line)
    sys.exit(0 if scored.points == scored.points_possible and not scored.problems else 1)
