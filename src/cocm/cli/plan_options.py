"""Options that the commands of the plan's review desk share, and the plan they open."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from cocm.basics.errors import UnusableInput
from cocm.intake.problems import RowProblem
from cocm.plan.balances import balance_words
from cocm.plandesk.shares import share_words

STATE: Final = "state.sqlite"
PROBLEMS_SHOWN_MAX: Final = 20
_Command = TypeVar("_Command", bound=Callable[..., Any])


def plan_option(command: _Command) -> _Command:
    """`--plan`: the plan's tables."""
    return click.option(
        "--plan",
        "folder",
        metavar="DIR",
        required=True,
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        help="The plan's tables (`cocm plan template` writes empty ones).",
    )(command)


def state_option(command: _Command) -> _Command:
    """`--state`: what was decided before."""
    return click.option(
        "--state",
        type=click.Path(dir_okay=False, path_type=Path),
        help=f"What was decided before.  [default: {STATE} in the plan's folder]",
    )(command)


def out_option(command: _Command) -> _Command:
    """`--out`: where the answers go."""
    return click.option(
        "--out",
        required=True,
        type=click.Path(file_okay=False, path_type=Path),
        help="Folder for the answers; one that holds those of another run is refused.",
    )(command)


def reviewer_option(command: _Command) -> _Command:
    """`--reviewer`: who decides."""
    return click.option(
        "--reviewer", required=True, help="Whoever decides, as the decision's trace will name them."
    )(command)


def letters_option(command: _Command) -> _Command:
    """`--letters`: as what letters are written."""
    return click.option(
        "--letters",
        type=click.Choice(["pdf", "docx", "none"]),
        default="pdf",
        show_default=True,
        help="Letters to members and providers as this.",
    )(command)


def state_of(folder: Path, state: Path | None) -> Path:
    """The state's file. Raises `UnusableInput` where nothing was decided yet."""
    path = state or folder / STATE
    if not path.is_file():
        raise UnusableInput(f"{path}: no such file; `cocm plan adjudicate` makes it when it decides claims")
    return path


def desk_words(summary: Mapping[str, Any]) -> Iterator[str]:
    """What a payment carries forward or recovers, and what the desk's summary leaves to people."""
    yield from balance_words(summary)
    yield from share_words(summary)
    for one in summary["claims_left_to_a_person"]:
        yield f"  left to a person: {one} would be decided otherwise by today's rules"
    refused = summary.get("refusals_without_notice")
    if refused:
        yield (
            f"Denied what was decided otherwise before: {', '.join(refused)}. The notice with the member's rights is "
            "for the plan's own office to write"
        )


def tell_problems(problems: tuple[RowProblem, ...]) -> None:
    """The plan's rows that could not be read, on the error stream."""
    for problem in problems[:PROBLEMS_SHOWN_MAX]:
        click.echo(f"  {problem}", err=True)
