"""The plan's own tables: brought in as files, kept in versions, read by the core.

`reading_of` gives the core's records. Tables with a row that would route or price every claim wrongly are not taken.
"""

from __future__ import annotations

import hashlib
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from django.db import transaction
from django.utils import timezone

from cocm.basics.errors import CocmError, UnusableInput
from cocm.intake.problems import RowProblem
from cocm.plan.records import PlanBook
from cocm.plandesk.folder import PlanReading, check_plan, read_plan
from cocm.plandesk.tables import OPTIONAL, PLAN_TABLES
from cocm.plandesk.template import write_template
from cocm.rules import Rulebook
from cocm.server.access.actor import Actor
from cocm.server.access.permissions import Permission
from cocm.server.audit.trail import record
from cocm.server.audit.verbs import Verb
from cocm.server.plandesk.models import PlanTable
from cocm.server.rules_in_force import rulebook

TABLE_BYTES_MAX: Final = 50 << 20
PLANS_AT_ONCE: Final = 8


class PlanNotSetUp(CocmError):
    """The plan's tables are not complete; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class TablesLooked:
    """What an upload would make of the plan: its rows that cannot be read, and why it cannot be taken at all."""

    problems: tuple[RowProblem, ...]
    refusal: str
    book: PlanBook | None

    @property
    def may_be_taken(self) -> bool:
        return self.book is not None


def current_tables(*, actor: Actor) -> dict[str, PlanTable]:
    """The tables in force by name, without their content."""
    found = PlanTable.objects.of(actor).filter(is_current=True).defer("content").select_related("uploaded_by")
    return {table.name: table for table in found}


def reading_of(*, actor: Actor) -> PlanReading:
    """The plan's records. Raises `PlanNotSetUp` where a table is missing."""
    key = tuple(
        PlanTable.objects.of(actor).filter(is_current=True).order_by("name").values_list("name", "sha256")
    )
    missing = sorted(set(PLAN_TABLES) - OPTIONAL - {name for name, _ in key})
    if missing:
        raise PlanNotSetUp(f"the plan's tables are not complete: {', '.join(missing)} missing")
    return _read((str(actor.organization_id), key), rulebook(), _Contents(actor))


class _Contents:
    """Gets the files when the reading is not remembered. All are alike, so that they do not decide what is."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Contents)

    def __hash__(self) -> int:
        return 0

    def __call__(self) -> dict[str, bytes]:
        return contents(actor=self.actor)


@lru_cache(maxsize=PLANS_AT_ONCE)
def _read(key: object, book: Rulebook, content: _Contents) -> PlanReading:
    with folder_of(content()) as folder:
        return read_plan(folder, book)


def contents(*, actor: Actor) -> dict[str, bytes]:
    """The tables in force as they were uploaded."""
    rows = PlanTable.objects.of(actor).filter(is_current=True).values_list("name", "content")
    return {name: zlib.decompress(content) for name, content in rows}


@contextmanager
def folder_of(files: Mapping[str, bytes]) -> Iterator[Path]:
    """Tables as a plan's folder, for as long as the `with` lasts."""
    with tempfile.TemporaryDirectory(prefix="cocm-plan-") as name:
        folder = Path(name)
        for table, content in files.items():
            (folder / f"{table}.csv").write_bytes(content)
        yield folder


@contextmanager
def plan_folder(*, actor: Actor) -> Iterator[Path]:
    """The plan's tables in force as a folder."""
    with folder_of(contents(actor=actor)) as folder:
        yield folder


def look_at(*, actor: Actor, uploaded: Mapping[str, bytes]) -> TablesLooked:
    """What the plan would be with these tables over its own."""
    actor.require(Permission.PLAN_TABLES)
    strangers = sorted(set(uploaded) - set(PLAN_TABLES))
    if strangers:
        return TablesLooked(
            (), f"{', '.join(strangers)}: no table of a plan; there are {', '.join(PLAN_TABLES)}", None
        )
    try:
        with folder_of({**contents(actor=actor), **uploaded}) as folder:
            book, problems = check_plan(folder, rulebook())
    except CocmError as problem:
        return TablesLooked((), _plain(str(problem)), None)
    refusal = "" if book is not None or problems else "plan.csv holds no plan"
    return TablesLooked(problems, refusal, book)


def _plain(text: str) -> str:
    """A message without the path of the folder that was made for a moment."""
    words = [word.rpartition("/")[2] if "/cocm-plan-" in word else word for word in text.split(" ")]
    return " ".join(words)


@transaction.atomic
def tables_save(*, actor: Actor, uploaded: Mapping[str, bytes]) -> TablesLooked:
    """Put tables in force. Raises `UnusableInput` where they would route or price claims wrongly.

    The plan's id stays what it was: the books are kept under it.
    """
    actor.require(Permission.PLAN_TABLES)
    looked = look_at(actor=actor, uploaded=uploaded)
    if looked.book is None:
        raise UnusableInput(looked.refusal or "; ".join(map(str, looked.problems[:5])))
    before = _plan_id(actor)
    if before and looked.book.profile.plan_id != before:
        raise UnusableInput(f"plan.csv, plan_id: stays {before}; the books are kept under it")
    for name, content in sorted(uploaded.items()):
        digest = hashlib.sha256(content).hexdigest()
        standing = PlanTable.objects.of(actor).filter(name=name, is_current=True)
        if standing.filter(sha256=digest).exists():
            continue
        standing.update(is_current=False)
        table = PlanTable(
            organization_id=actor.organization_id,
            name=name,
            content=zlib.compress(content),
            sha256=digest,
            rows_total=max(0, content.count(b"\n") - 1),
            uploaded_by_id=actor.user_id,
            uploaded_at=timezone.now(),
        )
        table.save(force_insert=True)
        record(actor, Verb.IMPORTED, object_type="plan_table", object_id=table.pk, details={"table": name})
    return looked


def _plan_id(actor: Actor) -> str:
    try:
        return reading_of(actor=actor).book.profile.plan_id
    except CocmError:
        return ""


def template_files() -> dict[str, bytes]:
    """The empty tables with the README that says what goes where."""
    with tempfile.TemporaryDirectory(prefix="cocm-plan-") as name:
        folder = Path(name) / "plan"
        return {one: (folder / one).read_bytes() for one in write_template(folder)}
