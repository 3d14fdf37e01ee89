"""`cocm x12 check`: every fault of X12 files, with its place and what to do."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Final

import click

from cocm import __version__
from cocm.basics.errors import CocmError
from cocm.basics.identity import SCHEMA_VERSION
from cocm.cli.options import Day, json_option, rules_option, today
from cocm.intake.wire_files import open_x12_files
from cocm.rules import rulebook_of
from cocm.x12.code_sets import rulebook_code_sets
from cocm.x12.dated_codes import CodeSets
from cocm.x12.problem import Problem
from cocm.x12.validate import PROBLEMS_MAX, validate

_FINDINGS: Final = 1
_UNUSABLE: Final = 2


@click.command("check")
@click.argument(
    "files",
    metavar="FILE...",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option(
    "--limit",
    "problems_max",
    type=click.IntRange(1, 1_000_000),
    default=PROBLEMS_MAX,
    show_default=True,
    help="Stop checking a file after so many faults.",
)
@click.option("--as-of", type=Day(), metavar="DATE", help="Later dates are faults.  [default: today]")
@rules_option
@json_option
def command(
    files: tuple[Path, ...], problems_max: int, as_of: date | None, rules: tuple[Path, ...], as_json: bool
) -> None:
    """Check files by the guides they name: envelope, counts, loops, elements, codes, balances and situations.

    Every fault is reported with file, byte, segment, loop and element, what was expected and what to do. No value of
    the file is printed but codes, counts and amounts. Each file may hold any transaction that has a map.

    Exit status: 0 valid, 1 faults were found, 2 a file cannot be read at all.

    \b
    Example:
      cocm x12 check claims.837
      cocm x12 check answers.zip remittance.835.gz --json
    """
    status = 0
    reports = []
    code_sets = rulebook_code_sets(rulebook_of(rules))
    day = today() if as_of is None else as_of
    for path in files:
        problems, error = _checked(path, problems_max, code_sets, day)
        status = max(status, _UNUSABLE if error else _FINDINGS if problems else 0)
        reports.append(
            {
                "file": str(path),
                "is_valid": not (error or problems),
                "error": error,
                "problems": [asdict(one) for one in problems],
            }
        )
        if not as_json:
            _print(path, problems, error)
    if as_json:
        head = {"schema_version": SCHEMA_VERSION, "engine_version": __version__}
        click.echo(json.dumps({**head, "files": reports}, indent=2))
    sys.exit(status)


def _checked(
    path: Path, problems_max: int, code_sets: CodeSets, as_of: date
) -> tuple[list[Problem], str | None]:
    """The faults of a file or of an archive's members, and why it cannot be read (further), if so."""
    problems: list[Problem] = []
    try:
        for name, stream in open_x12_files(path):
            problems += validate(
                stream, code_sets=code_sets, as_of=as_of, file=name, problems_max=problems_max
            )
    except CocmError as problem:
        return problems, str(problem)
    except OSError as problem:
        return problems, f"{path.name}: {problem.strerror or type(problem).__name__}"
    return problems, None


def _print(path: Path, problems: list[Problem], error: str | None) -> None:
    for problem in problems:
        click.echo(str(problem))
    if error is not None:
        click.echo(f"{path}: cannot be used: {error}", err=True)
    elif problems:
        click.echo(f"{path}: {len(problems)} {'fault' if len(problems) == 1 else 'faults'}")
    else:
        click.echo(f"{path}: valid")
