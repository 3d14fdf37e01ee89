"""The API's description as a page shows it: areas, operations, fields."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

METHODS: Final = ("get", "post", "put", "patch", "delete")
DEPTH_MAX: Final = 6


@dataclass(frozen=True, slots=True)
class FieldShown:
    """A field of a body, an answer or an address; `name` tells the way to it (`items[].minutes`)."""

    name: str
    kind: str
    is_required: bool
    about: str


@dataclass(frozen=True, slots=True)
class OperationShown:
    """One operation."""

    key: str
    method: str
    path: str
    summary: str
    about: list[str]
    scope: str
    asked: list[FieldShown]
    taken: list[FieldShown]
    given: list[FieldShown]
    statuses: list[str]


@dataclass(frozen=True, slots=True)
class Section:
    """The operations of an area."""

    title: str
    operations: list[OperationShown] = field(default_factory=list)


def sections(schema: dict[str, Any]) -> list[Section]:
    """The areas in their order."""
    found: dict[str, Section] = {}
    for path, operations in schema["paths"].items():
        for method in METHODS:
            if method in operations:
                operation = operations[method]
                title = operation.get("tags", ["Other"])[0]
                section = found.setdefault(title, Section(title))
                section.operations.append(_operation(schema, method, path, operation))
    return list(found.values())


def _operation(schema: dict[str, Any], method: str, path: str, operation: dict[str, Any]) -> OperationShown:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    answers = operation["responses"]
    good = next(status for status in map(str, answers) if status.startswith("2"))
    answer = answers[next(status for status in answers if str(status) == good)]
    given = answer.get("content", {}).get("application/json", {}).get("schema")
    return OperationShown(
        key=operation["operationId"].replace("_", "-"),
        method=method.upper(),
        path=path,
        summary=operation.get("summary", ""),
        about=[part.replace("\n", " ") for part in operation.get("description", "").split("\n\n") if part],
        scope=operation.get("x-scope", ""),
        asked=[
            FieldShown(
                one["name"],
                _kind(schema, one.get("schema", {})),
                one.get("required", False),
                one.get("description", "") or one.get("schema", {}).get("description", ""),
            )
            for one in operation.get("parameters", ())
        ],
        taken=list(_fields(schema, body, "", 0)) if body else [],
        given=list(_fields(schema, given, "", 0)) if given else [],
        statuses=sorted(str(status) for status in answers),
    )


def _fields(schema: dict[str, Any], shape: dict[str, Any], before: str, depth: int) -> Iterator[FieldShown]:
    shape = _resolved(schema, shape)
    if depth > DEPTH_MAX:
        return
    required = set(shape.get("required", ()))
    for name, inner in shape.get("properties", {}).items():
        place = f"{before}{name}"
        about = inner.get("description", "") or _resolved(schema, inner).get("description", "")
        yield FieldShown(place, _kind(schema, inner), name in required, about.split("\n\n")[0])
        yield from _inside(schema, inner, place, depth + 1)


def _inside(schema: dict[str, Any], shape: dict[str, Any], place: str, depth: int) -> Iterator[FieldShown]:
    for one in _choices(schema, shape):
        if one.get("type") == "array":
            yield from _inside(schema, one.get("items", {}), f"{place}[]", depth)
        elif "properties" in one:
            yield from _fields(schema, one, f"{place}.", depth)
        elif isinstance(one.get("additionalProperties"), dict):
            yield from _inside(schema, one["additionalProperties"], f"{place}.*", depth)


def _choices(schema: dict[str, Any], shape: dict[str, Any]) -> list[dict[str, Any]]:
    shape = _resolved(schema, shape)
    if "anyOf" in shape:
        return [_resolved(schema, one) for one in shape["anyOf"] if one.get("type") != "null"]
    return [shape]


def _kind(schema: dict[str, Any], shape: dict[str, Any]) -> str:
    words = [_word(schema, one) for one in _choices(schema, shape)]
    if any(one.get("type") == "null" for one in _resolved(schema, shape).get("anyOf", ())):
        words.append("null")
    return " or ".join(words)


def _word(schema: dict[str, Any], shape: dict[str, Any]) -> str:
    if "enum" in shape:
        return " | ".join(str(one) for one in shape["enum"])
    if "const" in shape:
        return str(shape["const"])
    kind = shape.get("type", "any")
    if kind == "array":
        return f"list of {_kind(schema, shape.get('items', {}))}"
    return str(shape.get("format") or kind)


def _resolved(schema: dict[str, Any], shape: dict[str, Any]) -> dict[str, Any]:
    while True:
        if "$ref" in shape:
            found: Any = schema
            for part in shape["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            shape = found
        elif len(shape.get("allOf", ())) == 1:
            shape = shape["allOf"][0]
        else:
            return shape
