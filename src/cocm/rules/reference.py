"""The catalogue of reference tables: what each holds, its columns, its publisher, and which codes we follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from cocm.basics.errors import RulebookError
from cocm.rules.parse import refuse_other_fields, required_text
from cocm.rules.rulebook import Rulebook
from cocm.rules.yaml_reader import read_yaml

_CATALOGUE: Final = "tables.yaml"
_TABLE_FIELDS: Final = frozenset(
    ["path", "label", "grain", "key", "editions", "follows", "loaded_by", "publisher", "url", "columns"]
)


class Editions(StrEnum):
    """How the editions of a table follow each other in time."""

    YEARLY = "yearly"
    """A release holds until the next one, within its calendar year."""
    CURRENT = "current"
    """An edition holds until the next one."""
    HISTORY = "history"
    """Each row carries its own dates; the newest edition tells the whole history."""
    NONE = "none"
    """Our own table, which no publisher's file replaces."""


@dataclass(frozen=True, slots=True)
class CodeRange:
    """Codes that begin with something from `first` to `last`, both included."""

    first: str
    last: str
    what: str

    def holds(self, code: str) -> bool:
        """Whether a code belongs to the range."""
        return self.first <= code[: len(self.first)] <= self.last


@dataclass(frozen=True, slots=True)
class ReferenceTable:
    """A table of the rulebook.

    `grain` says what one row is; `key` the columns that name a row apart from its dates; `columns` each
    column's meaning, in the file's order. `follows` are the codes kept from a publisher's file (none: all).
    """

    name: str
    path: str
    label: str
    grain: str
    key: tuple[str, ...]
    editions: Editions
    columns: Mapping[str, str]
    follows: tuple[CodeRange, ...]
    loaded_by: str
    publisher: str
    url: str

    def follows_code(self, code: str) -> bool:
        """Whether rows of a code are kept."""
        return not self.follows or any(codes.holds(code) for codes in self.follows)


@lru_cache(maxsize=8)
def reference_tables(rulebook: Rulebook) -> Mapping[str, ReferenceTable]:
    """Every reference table by its name. The catalogue is the shipped one; an overlay brings rows only."""
    path = rulebook.roots[0] / _CATALOGUE
    if not path.is_file():
        return {}
    content = read_yaml(path)
    refuse_other_fields(path, content, frozenset(["follows", "tables"]))
    follows = {name: _ranges(path, name, given) for name, given in content.get("follows", {}).items()}
    return {name: _table(path, name, given, follows) for name, given in content.get("tables", {}).items()}


def _ranges(path: Path, name: str, given: Any) -> tuple[CodeRange, ...]:
    where = f"{path}: follows {name}"
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise RulebookError(f"{where}: expected a list of {{from, to, what}}")
    ranges = []
    for one in given:
        refuse_other_fields(where, one, frozenset(["from", "to", "what"]))
        first, last = required_text(where, one, "from"), required_text(where, one, "to")
        if len(first) != len(last) or first > last:
            raise RulebookError(f"{where}: from {first!r} to {last!r} is no range of codes of one length")
        ranges.append(CodeRange(first, last, required_text(where, one, "what")))
    return tuple(ranges)


def _table(path: Path, name: str, given: Any, follows: Mapping[str, tuple[CodeRange, ...]]) -> ReferenceTable:
    where = f"{path}: table {name}"
    if not isinstance(given, dict):
        raise RulebookError(f"{where}: expected named fields")
    refuse_other_fields(where, given, _TABLE_FIELDS)
    columns, key = given.get("columns"), given.get("key")
    if not isinstance(columns, dict) or not all(isinstance(meaning, str) for meaning in columns.values()):
        raise RulebookError(f"{where}: columns gives each column its meaning")
    if not isinstance(key, list) or not set(key) <= set(columns):
        raise RulebookError(f"{where}: key lists columns of the table")
    followed = given.get("follows")
    if followed is not None and followed not in follows:
        raise RulebookError(f"{where}: follows {followed!r}, which is none of {', '.join(follows)}")
    try:
        editions = Editions(required_text(where, given, "editions"))
    except ValueError as problem:
        raise RulebookError(f"{where}: {problem}; editions is one of {', '.join(Editions)}") from None
    return ReferenceTable(
        name=name,
        path=required_text(where, given, "path"),
        label=required_text(where, given, "label"),
        grain=required_text(where, given, "grain"),
        key=tuple(key),
        editions=editions,
        columns=columns,
        follows=follows[followed] if followed is not None else (),
        loaded_by=str(given.get("loaded_by", "")),
        publisher=str(given.get("publisher", "")),
        url=str(given.get("url", "")),
    )
