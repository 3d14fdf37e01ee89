"""An implementation guide as a value: loops, segments and elements, read from `rulebook/x12` and nothing
else.

The reader, the writer and the validator all work from these records, so that what is written is what is
checked. The form of the files is explained at their head.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from itertools import chain
from pathlib import Path
from typing import Any, Final

from cocm.basics.errors import RulebookError
from cocm.rules.yaml_reader import read_yaml

REQUIRED: Final = "R"
SITUATIONAL: Final = "S"
REQUIRED_IN_COMPOSITE: Final = "C"

_INDEX: Final = "index"
_ELEMENT_LINE: Final = re.compile(
    r"(?P<position>\d\d)(?:-(?P<component>\d))? (?P<usage>[RSC]) (?P<name>[a-z][a-z0-9_]*)"
    r"(?: = (?P<codes>[^@]+?))?(?: @ (?P<code_set>[a-z_]+))?(?: x(?P<repeat>\d+))?"
)
_SEGMENT_LINE: Final = re.compile(
    r"(?P<tag>[A-Z][A-Z0-9]{1,2}) (?P<usage>[RS]) (?P<repeat>\d+|>) (?P<name>[a-z][a-z0-9_]*)"
)
_SYNTAX: Final = re.compile(r"([PRECL])((?:\d\d)+)")


@dataclass(frozen=True, slots=True)
class ElementUse:
    """One element (`component` 0) or one component of a composite, as a guide uses it.

    `usage` is R required, S situational, C required where its composite stands. Lengths count characters, for
    numbers digits. `codes` empty means any value; `code_set` names a list kept outside the guide.
    `format_offset` is not 0 where the value is written in the format that an earlier sibling (so
    many places before) names.
    """

    position: int
    component: int
    usage: str
    name: str
    data_type: str
    length_min: int
    length_max: int
    codes: frozenset[str]
    code_set: str
    repeat_max: int
    format_offset: int

    def label(self, tag: str) -> str:
        """The name by which the field speaks of it: `CLM02`, `CLM05-3`."""
        return f"{tag}{self.position:02d}" + (f"-{self.component}" if self.component else "")


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition between elements: P, R, E, C or L over positions (see the dictionary's head)."""

    kind: str
    positions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SegmentUse:
    """One segment at one place in a guide. `repeat_max` None: no limit. `order`: its place in the loop."""

    loop_id: str
    tag: str
    name: str
    usage: str
    repeat_max: int | None
    order: int
    elements: tuple[ElementUse, ...]
    element_count: int
    composite_positions: frozenset[int]
    selectors: tuple[ElementUse, ...]
    conditions: tuple[Condition, ...]
    by_name: Mapping[str, ElementUse] = field(repr=False)

    @property
    def is_required(self) -> bool:
        return self.usage == REQUIRED

    def element(self, name: str) -> ElementUse:
        """The element of this name. Raises `RulebookError` where the guide's map has none."""
        try:
            return self.by_name[name]
        except KeyError:
            raise RulebookError(
                f"loop {self.loop_id}, {self.tag} {self.name}: the map has no element {name!r}"
            ) from None


@dataclass(frozen=True, slots=True)
class Loop:
    """A loop: its own segments (the first starts it), the loops inside it, and segments that close it."""

    loop_id: str
    label: str
    usage: str
    repeat_max: int | None
    segments: tuple[SegmentUse, ...]
    loop_ids: tuple[str, ...]
    closing: tuple[SegmentUse, ...]

    @property
    def first(self) -> SegmentUse:
        return self.segments[0]

    @property
    def is_required(self) -> bool:
        return self.usage == REQUIRED


@dataclass(frozen=True, slots=True)
class Guide:
    """A whole guide. `root` is the loop that everything else lies in; `loop_orders` gives a loop's place in a
    parent.
    """

    version: str
    transaction: str
    label: str
    functional_identifier: str
    loops: Mapping[str, Loop]
    root: Loop
    loop_orders: Mapping[tuple[str, str], int]

    def use(self, loop_id: str, name: str) -> SegmentUse:
        """The segment of this name in a loop. Raises `RulebookError` where the guide's map has none."""
        for candidate in self.segment_uses(loop_id):
            if candidate.name == name:
                return candidate
        raise RulebookError(f"guide {self.version}: loop {loop_id} has no segment {name!r}")

    def segment_uses(self, loop_id: str) -> Iterator[SegmentUse]:
        """All segments a loop may hold, not those of the loops inside it."""
        loop = self.loops[loop_id]
        return chain(loop.segments, loop.closing)

    def children(self, loop: Loop) -> Iterator[Loop]:
        """The loops directly inside a loop, in their order."""
        return (self.loops[loop_id] for loop_id in loop.loop_ids)


def guide_versions() -> Mapping[str, str]:
    """Every version that can be read, with the version of the guide it is read by."""
    return _versions(_folder())


def load_guide(version: str) -> Guide:
    """The guide of a version in GS08 (an older or newer header that the index lists is read by the same map).

    Raises `RulebookError` for a version the index does not list, or a map that breaks its own form.
    """
    folder = _folder()
    readable = _versions(folder)
    if version not in readable:
        raise RulebookError(f"no map for guide {version!r}; there are maps for {', '.join(sorted(readable))}")
    return _load(folder, _index(folder)[readable[version]]["map"])


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
        readable.update(dict.fromkeys(entry.get("also_read", ()), version))
    return readable


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
        segments = []
        for line, elements in _single_items(entry["segments"]):
            order, last_tag = _next_order(order, last_tag, line.split(" ", 1)[0])
            segments.append(self._segment(loop_id, line, elements, order))
        for child_id in entry.get("loops", ()):
            first_line, _ = next(_single_items(given[child_id]["segments"]))
            order, last_tag = _next_order(order, last_tag, first_line.split(" ", 1)[0])
            self._orders[loop_id, child_id] = order
        closing = []
        for line, elements in _single_items(entry.get("closing", [])):
            order, last_tag = _next_order(order, last_tag, line.split(" ", 1)[0])
            closing.append(self._segment(loop_id, line, elements, order))
        return Loop(
            loop_id=loop_id,
            label=entry["label"],
            usage=entry.get("usage", REQUIRED),
            repeat_max=_repeat(entry.get("repeat", 1)),
            segments=_distinguished(segments),
            loop_ids=tuple(entry.get("loops", ())),
            closing=_distinguished(closing),
        )

    def _segment(self, loop_id: str, line: str, element_lines: list[str], order: int) -> SegmentUse:
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


def _distinguished(uses: list[SegmentUse]) -> tuple[SegmentUse, ...]:
    """Keep as many selectors as are needed to tell a use from its namesakes: the first, rarely a second."""
    result = []
    for use in uses:
        first = use.selectors[:1]
        namesakes = [other for other in uses if other.tag == use.tag and other is not use]
        shared = any(
            other.selectors and first and first[0].codes & other.selectors[0].codes for other in namesakes
        )
        result.append(_with_selectors(use, use.selectors[: 2 if shared else 1]))
    return tuple(result)


def _with_selectors(use: SegmentUse, selectors: tuple[ElementUse, ...]) -> SegmentUse:
    return SegmentUse(
        loop_id=use.loop_id,
        tag=use.tag,
        name=use.name,
        usage=use.usage,
        repeat_max=use.repeat_max,
        order=use.order,
        elements=use.elements,
        element_count=use.element_count,
        composite_positions=use.composite_positions,
        selectors=selectors,
        conditions=use.conditions,
        by_name=use.by_name,
    )
