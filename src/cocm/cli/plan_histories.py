"""Arguments that the commands over a plan's claims history share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import click

from cocm import __version__
from cocm.audit.plan_rows import AuditPlan
from cocm.basics.errors import UnusableInput
from cocm.basics.files import atomic_write
from cocm.basics.identity import SCHEMA_VERSION
from cocm.basics.months import Month
from cocm.cli.options import MONTH, Day, rules_option, today
from cocm.plandesk.folder import read_plan
from cocm.publish.counts import Scope
from cocm.publish.history import Marts, open_marts
from cocm.publish.told import Topic
from cocm.rules import Rulebook, rulebook_of
from cocm.rules.claims_layouts import ClaimsLayout, claims_layouts, read_layout

_Command = TypeVar("_Command", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class HistoryRequest:
    """What was asked on the command line."""

    paths: tuple[Path, ...]
    plan_name: str | None
    payer_ids: tuple[str, ...]
    first: Month | None
    last: Month | None
    layout_name: str | None
    memory: str
    as_of: date | None
    rules: tuple[Path, ...]

    @contextmanager
    def open(self) -> Iterator[tuple[Marts, tuple[Scope, ...], Rulebook]]:
        """The marts of the history, the payers and months asked for, and the rulebook."""
        if self.first is not None and self.last is not None and self.last < self.first:
            raise UnusableInput(f"--to {self.last}: comes before --from {self.first}")
        rulebook = rulebook_of(self.rules)
        plan = None if self.plan_name is None else _plan(self.plan_name, rulebook)
        layout = None if self.layout_name is None else _layout(self.layout_name, rulebook)
        with open_marts(self.paths, rulebook, plan, layout, memory_limit=self.memory) as marts:
            for text in marts.left_out:
                click.echo(f"NOT READ: {text}", err=True)
            yield marts, marts.scopes(self.payer_ids, self.first, self.last), rulebook

    def provenance(self, rulebook: Rulebook, marts: Marts) -> dict[str, str]:
        """What every file carries."""
        return {
            "schema_version": SCHEMA_VERSION,
            "engine_version": __version__,
            "rulebook_hash": rulebook.content_hash,
            "as_of_date": str(self.as_of or today()),
            "made_of": marts.made_of,
            "not_told": ", ".join(sorted(marts.untold)) or "nothing",
        }


def made_of(provenance: dict[str, str]) -> str:
    """What a page is made of, in a sentence for its foot."""
    text = f"Made of {provenance['made_of']}; not told: {provenance['not_told']}."
    if Topic.FIRST_ANSWERS.value in provenance["not_told"]:
        text += " Without first answers, an answer at first is the last one."
    return text


def write_texts(folder: Path, texts: Mapping[str, str]) -> None:
    """Texts as files of a folder, which is made where it is missing; each file is whole or as it was."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        with atomic_write(folder / name) as stream:
            stream.write(text.encode())


def history_arguments(command: _Command) -> _Command:
    """HISTORY..., --plan, --payer, --from, --to, --layout, --memory, --as-of, --rules."""
    for decorate in reversed(
        (
            click.argument(
                "paths",
                metavar="HISTORY...",
                nargs=-1,
                required=True,
                type=click.Path(exists=True, path_type=Path),
            ),
            click.option(
                "--plan",
                "plan_name",
                metavar="PLAN",
                help="The plan's folder, or its rules in the rulebook; not needed for a folder of tables.",
            ),
            click.option(
                "--payer", "payer_ids", metavar="ID", multiple=True, help="Only this payer (again for more)."
            ),
            click.option("--from", "first", type=MONTH, help="The first month of service.  [default: all]"),
            click.option("--to", "last", type=MONTH, help="The last month of service.  [default: all]"),
            click.option("--layout", "layout_name", metavar="NAME", help="As for `cocm plan audit`."),
            click.option(
                "--memory", default="3GB", show_default=True, help="Memory allowed; beyond it, to disk."
            ),
            click.option("--as-of", type=Day(), help="The day of the answer.  [default: today]"),
            rules_option,
        )
    ):
        command = decorate(command)
    return command


def _plan(name: str, rulebook: Rulebook) -> AuditPlan:
    folder = Path(name)
    if folder.is_dir():
        book = read_plan(folder, rulebook).book
        return AuditPlan(book.profile.pack_id, book)
    if name not in rulebook.payer_ids:
        raise UnusableInput(
            f"--plan {name}: is neither a folder nor rules of the rulebook; `cocm plan template` writes a folder, "
            "`cocm rules packs` lists the rules"
        )
    return AuditPlan(name)


def _layout(name: str, rulebook: Rulebook) -> ClaimsLayout:
    layouts = claims_layouts(rulebook)
    if name in layouts:
        return layouts[name]
    path = Path(name)
    if not path.is_file():
        raise UnusableInput(f"--layout {name}: is neither a file nor one of {', '.join(layouts)}")
    return read_layout(path)
