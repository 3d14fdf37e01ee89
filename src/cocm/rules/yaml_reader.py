"""A YAML 1.2 core-schema reader: `NO`, `on`, `02` and `10:30` stay text, dates stay text for us to check.

PyYAML implements YAML 1.1; its C parser is kept (ten times faster than a pure one) and only the resolvers,
which turn plain scalars into values, are replaced by the core schema's
(https://yaml.org/spec/1.2.2/#103-core-schema). A repeated key is refused: the second would silently win.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

import yaml

from cocm.basics.errors import RulebookError

FILE_BYTES_MAX: Final = 256 * 1024
"""No rule file is nearly as large."""
NESTING_MAX: Final = 50
_PARSER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _CoreSchemaLoader(_PARSER):  # type: ignore[misc]  # the C or the Python parser, whichever is installed
    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012  # PyYAML's


def _unique_mapping(loader: Any, node: yaml.MappingNode) -> dict[Any, Any]:
    loader.flatten_mapping(node)
    mapping: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if not isinstance(key, str):
            raise RulebookError(f"line {key_node.start_mark.line + 1}: the key {key!r} is not text; quote it")
        if key in mapping:
            raise RulebookError(f"line {key_node.start_mark.line + 1}: the key {key!r} stands twice")
        mapping[key] = loader.construct_object(value_node, deep=True)
    return mapping


_CoreSchemaLoader.add_constructor("tag:yaml.org,2002:map", _unique_mapping)
_CoreSchemaLoader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)
_CoreSchemaLoader.add_implicit_resolver(
    "tag:yaml.org,2002:null", re.compile(r"^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""]
)
_CoreSchemaLoader.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile(r"^[-+]?(?:0|[1-9][0-9]*)$"), list("-+0123456789")
)


def _refuse_deep_nesting(text: str) -> None:
    """The C composer calls itself for each level, until the process dies; going through events does not."""
    depth = 0
    for event in yaml.parse(text, Loader=_CoreSchemaLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > NESTING_MAX:
                line = event.start_mark.line + 1 if event.start_mark is not None else 1
                raise RulebookError(f"line {line}: lists and fields stand more than {NESTING_MAX} deep")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def read_yaml(path: Path) -> dict[str, Any]:
    """The mapping in a file. Raises `RulebookError` naming the file (and line) when it holds none."""
    try:
        with path.open("rb") as stream:
            given = stream.read(FILE_BYTES_MAX + 1)
        if len(given) > FILE_BYTES_MAX:
            raise RulebookError(f"larger than {FILE_BYTES_MAX} bytes; no rule file is")
        text = given.decode("utf-8")
        _refuse_deep_nesting(text)
        content = yaml.load(text, Loader=_CoreSchemaLoader)  # safe subclass
    except (yaml.YAMLError, RulebookError, UnicodeDecodeError, OSError) as problem:
        raise RulebookError(f"{path}: not readable as YAML 1.2: {problem}") from problem
    if not isinstance(content, dict):
        raise RulebookError(f"{path}: expected named fields at the top level")
    return content
