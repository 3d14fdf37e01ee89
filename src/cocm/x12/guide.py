"""Reads the maps in `rulebook/x12` into `Guide` values, once each; nothing else reads those files.

The form of the files is explained at their head. What contradicts the dictionary or the form is a `RulebookError`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

from cocm.basics.errors import RulebookError
from cocm.rules.yaml_reader import read_yaml
from cocm.x12.guide_parts import REQUIRED, Condition, ElementUse, Guide, Loop, SegmentUse

_INDEX: Final = "index"
_ELEMENT_LINE: Final = re.compile(
    r"(?P<position>\d\d)(?:-(?P<component>\d))? (?P<usage>[RSC]) (?P<name>[a-z][a-z0-9_]*)"
    r"(?: = (?P<codes>[^@]+?))?(?: @ (?P<code_set>[a-z_]+))?(?: x(?P<repeat>\d+))?"
)
_SEGMENT_LINE: Final = re.compile(
    r"(?P<tag>[A-Z][A-Z0-9]{1,2}) (?P<usage>[RS]) (?P<repeat>\d+|>) (?P<name>[a-z][a-z0-9_]*)"
)
_SYNTAX: Final = re.compile(r"([PRECL])((?:\d\d)+)")


def guide_versions() -> Mapping[str, str]:
    """Every version that can be read, with the name of the guide it is read by.

    A guide's name is its version; where two transactions share one version (270 and 271), `270-005010X279A1`.
    """
    return _versions(_folder())


def find_guide(transaction: str, version: str) -> str | None:
    """The name of the guide for a transaction (ST01) of a version (ST03 or GS08); None where there is no map."""
    return _names(_folder()).get((transaction.strip(), version.strip().upper()))


def load_guide(name: str) -> Guide:
    """The guide of this name (an older or newer version that the index lists is read by the same map).

    Raises `RulebookError` for a name the index does not list, or a map that breaks its own form.
    """
    folder = _folder()
    readable = _versions(folder)
    if name not in readable:
        raise RulebookError(f"no map for guide {name!r}; there are maps for {', '.join(sorted(readable))}")
    return _load(folder, _index(folder)[readable[name]]["map"])


def load_envelope() -> Guide:
    """The map of interchange and functional group."""
    return _load(_folder(), "envelope-00501")


@lru_cache(maxsize=1)
def _folder() -> Path:
    return Path(str(resources.files("cocm.rulebook"))) / "x12"


@lru_cache(maxsize=4)
def _index(folder: Path) -> Mapping[str, Any]:
    guides: Mapping[str, Any] = read_yaml(folder / f"{_INDEX}.yaml")["guides"]
    return guides


@lru_cache(maxsize=4)
def _versions(folder: Path) -> Mapping[str, str]:
    readable = {}
    for version, entry in _index(folder).items():
        readable[version] = version
        if "version" not in entry:  # where two transactions share versions, only a name tells them apart
            readable.update(dict.fromkeys(entry.get("also_read", ()), version))
    return readable


@lru_cache(maxsize=4)
def _names(folder: Path) -> Mapping[tuple[str, str], str]:
    """The guide's name by transaction and version."""
    names = {}
    for name, entry in _index(folder).items():
        for version in (entry.get("version", name), *entry.get("also_read", ())):
            names[entry["transaction"], version] = name
    return names


@lru_cache(maxsize=64)
def _load(folder: Path, name: str) -> Guide:
    path = folder / f"{name}.yaml"
    content = read_yaml(path)
    try:
        dictionary = _dictionary(folder / f"{content['dictionary']}.yaml")
        return _GuideBuilder(path, content, dictionary).build()
    except KeyError as missing:
        raise RulebookError(
            f"{path}: the map lacks {missing} or names something that is nowhere defined"
        ) from missing


@dataclass(frozen=True, slots=True)
class _Dictionary:
    elements: Mapping[str, str]
    composites: Mapping[str, tuple[str, ...]]
    segments: Mapping[str, tuple[str, ...]]
    syntax: Mapping[str, tuple[Condition, ...]]


@lru_cache(maxsize=8)
def _dictionary(path: Path) -> _Dictionary:
    content = read_yaml(path)
    syntax = {
        tag: tuple(
            Condition(kind, tuple(int(digits[at : at + 2]) for at in range(0, len(digits), 2)))
            for kind, digits in _SYNTAX.findall(text)
        )
        for tag, text in content["syntax"].items()
    }
    return _Dictionary(
        elements=content["elements"],
        composites={name: tuple(text.split()) for name, text in content["composites"].items()},
        segments={tag: tuple(text.split()) for tag, text in content["segments"].items()},
        syntax=syntax,
    )


class _GuideBuilder:
    """Turns one map file into a `Guide`, refusing what contradicts the dictionary."""

    def __init__(self, path: Path, content: Mapping[str, Any], dictionary: _Dictionary) -> None:
        self._path = path
        self._content = content
        self._dictionary = dictionary
        self._shapes: Mapping[str, list[str]] = content.get("shapes", {})
        self._orders: dict[tuple[str, str], int] = {}

    def build(self) -> Guide:
        given: Mapping[str, Any] = self._content["loops"]
        loops = {loop_id: self._loop(loop_id, entry, given) for loop_id, entry in given.items()}
        return Guide(
            version=self._content["guide"],
            transaction=self._content["transaction"],
            label=self._content["label"],
            functional_identifier=self._content["functional_identifier"],
            loops=loops,
            root=next(iter(loops.values())),
            loop_orders=self._orders,
        )

    def _loop(self, loop_id: str, entry: Mapping[str, Any], given: Mapping[str, Any]) -> Loop:
        order, last_tag = 0, ""
        segments: list[SegmentUse] = []
        for line, elements in _single_items(entry["segments"]):
            order, last_tag = _next_order(order, last_tag, line.split(" ", 1)[0])
            segments.append(self._segment(loop_id, line, elements, order, starts_loop=not segments))
        child_ids = tuple(entry.get("loops", ()))
        for child_id in child_ids:
            first_line, _ = next(_single_items(given[child_id]["segments"]))
            order, last_tag = _next_order(order, last_tag, first_line.split(" ", 1)[0])
            self._orders[loop_id, child_id] = order
        closing: list[SegmentUse] = []
        for line, elements in _single_items(entry.get("closing", [])):
            order, last_tag = _next_order(order, last_tag, line.split(" ", 1)[0])
            closing.append(self._segment(loop_id, line, elements, order))
        segments, closing = _distinguished(segments), _distinguished(closing)
        return Loop(
            loop_id=loop_id,
            label=entry["label"],
            usage=entry.get("usage", REQUIRED),
            repeat_max=_repeat(entry.get("repeat", 1)),
            segments=tuple(segments),
            loop_ids=child_ids,
            closing=tuple(closing),
            required_segments=tuple(use for use in segments + closing if use.is_required),
            required_loop_ids=tuple(
                one for one in child_ids if given[one].get("usage", REQUIRED) == REQUIRED
            ),
        )

    def _segment(
        self, loop_id: str, line: str, element_lines: list[str], order: int, *, starts_loop: bool = False
    ) -> SegmentUse:
        matched = _SEGMENT_LINE.fullmatch(line)
        if matched is None:
            raise RulebookError(
                f"{self._path}: loop {loop_id}: {line!r} is not of the form TAG USAGE REPEAT name"
            )
        tag = matched["tag"]
        base = self._dictionary.segments[tag]
        elements = tuple(self._element(loop_id, tag, base, text) for text in self._expanded(element_lines))
        names = {element.name: element for element in elements}
        if len(names) != len(elements):
            raise RulebookError(f"{self._path}: loop {loop_id}: {line!r}: two elements have one name")
        return SegmentUse(
            loop_id=loop_id,
            tag=tag,
            name=matched["name"],
            usage=matched["usage"],
            repeat_max=_repeat(matched["repeat"]),
            order=order,
            starts_loop=starts_loop,
            elements=tuple(sorted(elements, key=lambda element: (element.position, element.component))),
            element_count=len(base),
            composite_positions=frozenset(
                place for place, number in enumerate(base, 1) if number in self._dictionary.composites
            ),
            selectors=tuple(element for element in elements if element.usage == REQUIRED and element.codes),
            conditions=self._dictionary.syntax.get(tag, ()),
            by_name=names,
        )

    def _expanded(self, lines: list[str]) -> Iterator[str]:
        for line in lines:
            if line.startswith("+ "):
                yield from self._shapes[line[2:]]
            else:
                yield line

    def _element(self, loop_id: str, tag: str, base: tuple[str, ...], line: str) -> ElementUse:
        matched = _ELEMENT_LINE.fullmatch(line)
        if matched is None:
            raise RulebookError(f"{self._path}: loop {loop_id}, {tag}: {line!r} is not an element line")
        position, component = int(matched["position"]), int(matched["component"] or 0)
        number = base[position - 1] if position <= len(base) else ""
        siblings = base
        if component:
            siblings = self._dictionary.composites[number]
            number = siblings[component - 1]
        described = self._dictionary.elements[number].split()
        return ElementUse(
            position=position,
            component=component,
            usage=matched["usage"],
            name=matched["name"],
            data_type=described[0],
            length_min=int(described[1]),
            length_max=int(described[2]),
            codes=frozenset((matched["codes"] or "").split()),
            code_set=matched["code_set"] or "",
            repeat_max=int(matched["repeat"] or 1),
            format_offset=_format_offset(described, siblings, (component or position) - 1),
        )


def _single_items(entries: list[Mapping[str, list[str]]]) -> Iterator[tuple[str, list[str]]]:
    for entry in entries:
        yield from entry.items()


def _next_order(order: int, last_tag: str, tag: str) -> tuple[int, str]:
    """Neighbours with one tag share one place; the next tag takes the next."""
    return (order, tag) if tag == last_tag else (order + 1, tag)


def _repeat(given: str | int) -> int | None:
    return None if given == ">" else int(given)


def _format_offset(described: list[str], siblings: tuple[str, ...], place: int) -> int:
    if len(described) <= 3:
        return 0
    return next(back for back in range(1, place + 1) if siblings[place - back] == described[4])


def _distinguished(uses: list[SegmentUse]) -> list[SegmentUse]:
    """Keep as many selectors as are needed to tell a use from its namesakes: the first, rarely a second."""
    result = []
    for use in uses:
        first = use.selectors[:1]
        namesakes = [other for other in uses if other.tag == use.tag and other is not use]
        shared = any(
            other.selectors and first and first[0].codes & other.selectors[0].codes for other in namesakes
        )
        result.append(replace(use, selectors=use.selectors[: 2 if shared else 1]))
    return result
