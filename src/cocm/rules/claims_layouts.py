"""How a claims history is laid out, one file a layout: whose columns are which of ours, what codes mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from cocm.basics.errors import RulebookError
from cocm.rules.parse import refuse_other_fields, required_text
from cocm.rules.rulebook import Rulebook
from cocm.rules.yaml_reader import read_yaml

FOLDER: Final = "layouts"
OWN: Final = "own"
FROM_AMOUNTS: Final = "from_amounts"
_FIELDS: Final = frozenset(["id", "label", "described_by", "note", "columns"])
_COLUMN_FIELDS: Final = frozenset(
    ["from", "first_of", "all_of", "translate", "otherwise", "value", "without"]
)


@dataclass(frozen=True, slots=True)
class ColumnSource:
    """Where a column of ours comes from: the first of these columns that the history has, or a value for all rows.

    `translate` turns the history's codes into ours; a code that it does not have becomes `otherwise`, or stays as it
    is where that is empty and nothing is translated. `steps` are asked one after the other until one has an answer.
    `from_amounts`: without any of the columns, the amounts tell.
    """

    names: tuple[str, ...] = ()
    translate: tuple[tuple[str, str], ...] = ()
    otherwise: str = ""
    value: str | None = None
    steps: tuple[ColumnSource, ...] = ()
    from_amounts: bool = False


@dataclass(frozen=True, slots=True)
class ClaimsLayout:
    """A layout. `columns` None: it has our own columns under their own names."""

    layout_id: str
    label: str
    described_by: str
    note: str
    columns: Mapping[str, ColumnSource] | None


@lru_cache(maxsize=8)
def claims_layouts(rulebook: Rulebook) -> Mapping[str, ClaimsLayout]:
    """Every layout by its id; an overlay's file wins. Raises `RulebookError` naming the file and the field."""
    paths: dict[str, Path] = {}
    for root in rulebook.roots:
        paths |= {path.stem: path for path in sorted((root / FOLDER).glob("*.yaml"))}
    return {name: read_layout(path) for name, path in sorted(paths.items())}


def read_layout(path: Path) -> ClaimsLayout:
    """The layout of one file. Raises `RulebookError` naming the file and the field."""
    given = read_yaml(path)
    refuse_other_fields(path, given, _FIELDS)
    columns = given.get("columns")
    if columns != OWN and not isinstance(columns, Mapping):
        raise RulebookError(f"{path}: columns must be a mapping of our columns, or the word {OWN}")
    return ClaimsLayout(
        layout_id=required_text(path, given, "id"),
        label=required_text(path, given, "label"),
        described_by=required_text(path, given, "described_by"),
        note=" ".join(str(given.get("note", "")).split()),
        columns=None
        if columns == OWN
        else {name: _source(f"{path}: column {name}", entry) for name, entry in columns.items()},
    )


def _source(where: str, entry: Any) -> ColumnSource:
    if isinstance(entry, str):
        return ColumnSource((entry,))
    if not isinstance(entry, Mapping):
        raise RulebookError(
            f"{where}: must be a column's name or a mapping with from, first_of, all_of or value"
        )
    refuse_other_fields(where, entry, _COLUMN_FIELDS)
    translate = entry.get("translate", {})
    names = entry.get("first_of", [entry["from"]] if "from" in entry else [])
    value = entry.get("value")
    texts = [*names, *translate, *translate.values(), *([] if value is None else [value])]
    if not all(isinstance(text, str) for text in texts):
        raise RulebookError(f'{where}: names, codes and values must be text (quote codes such as "1")')
    return ColumnSource(
        names=tuple(names),
        translate=tuple(translate.items()),
        otherwise=str(entry.get("otherwise", "")),
        value=value,
        steps=tuple(_source(where, step) for step in entry.get("all_of", ())),
        from_amounts=entry.get("without") == FROM_AMOUNTS,
    )
