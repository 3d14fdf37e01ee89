"""The page of the guides: every transaction's loops, segments and elements as the maps have them, in our own words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cocm.x12.guide import guide_versions, load_envelope, load_guide
from cocm.x12.guide_parts import ElementUse, Guide, Loop, SegmentUse
from cocm.x12.tree import words_of

_USAGES: Final = {"R": "required", "S": "situational", "C": "required in its composite"}
_CODES_SHOWN_MAX: Final = 24

_HEAD: Final = """\
# X12 guides

Generated from the maps in `src/cocm/rulebook/x12` (`make docs`). The reader, the writer, the validator and this page go
by the same maps. Names are our own short words; the standard's text is X12's and not repeated here.

An element reads: place, name, usage (R required, S situational, C required where its composite stands), type with
shortest and longest length (AN text, ID code, DT date, TM time, R decimal number, N0 whole number), then the codes the
guide allows or the code set it refers to. A position that is not listed stays empty. `>` means without limit.

| guide | transaction | read by the same map |
| --- | --- | --- |"""


def x12_page() -> str:
    """The page, in Markdown."""
    names = sorted(set(guide_versions().values()), key=lambda name: (load_guide(name).transaction, name))
    lines = [_HEAD]
    for name in names:
        guide = load_guide(name)
        others = sorted(version for version, by in guide_versions().items() if by == name and version != name)
        link = f"[{guide.version}](#{_anchor(_title(guide))})"
        lines.append(f"| {link} | {guide.transaction} {guide.label} | {', '.join(others) or '-'} |")
    lines.append("")
    for guide in (load_envelope(), *map(load_guide, names)):
        lines += _guide(guide)
    return "\n".join(lines)


def _title(guide: Guide) -> str:
    return f"{guide.transaction} {guide.label}, {guide.version}".strip()


def _anchor(title: str) -> str:
    """The anchor that GitHub gives to a heading."""
    return "".join(one for one in title.lower() if one.isalnum() or one in " -").replace(" ", "-")


def _guide(guide: Guide) -> Iterator[str]:
    yield from (f"## {_title(guide)}", "")
    if guide.functional_identifier:
        yield from (f"Functional identifier (GS01): {guide.functional_identifier}.", "")
    yield from _loop(guide, guide.root, "")


def _loop(guide: Guide, loop: Loop, around: str) -> Iterator[str]:
    """A loop's table, and those of the loops inside it."""
    inside = f", in {around}" if around else ""
    yield f"### {loop.loop_id}: {loop.label}" if loop.loop_id != loop.label else f"### {loop.label}"
    yield from ("", f"{_USAGES[loop.usage].capitalize()}, {_times(loop.repeat_max)}{inside}.", "")
    yield from ("| segment | name | usage | times | elements |", "| --- | --- | --- | --- | --- |")
    for use in loop.segments:
        yield _segment(use)
    if loop.loop_ids:
        yield f"| | loops {', '.join(loop.loop_ids)} | | | |"
    for use in loop.closing:
        yield _segment(use)
    yield ""
    for child in guide.children(loop):
        yield from _loop(guide, child, loop.loop_id)


def _segment(use: SegmentUse) -> str:
    elements = "<br>".join(_element(element) for element in use.elements)
    times = ">" if use.repeat_max is None else str(use.repeat_max)
    return f"| {use.tag} | {words_of(use.name)} | {use.usage} | {times} | {elements} |"


def _element(element: ElementUse) -> str:
    place = f"{element.position:02d}" + (f"-{element.component}" if element.component else "")
    length = f"{element.length_min}-{element.length_max}"
    if element.length_min == element.length_max:
        length = str(element.length_min)
    text = f"{place} {words_of(element.name)} {element.usage} {element.data_type} {length}"
    if element.codes:
        text += f": {_codes(element)}"
    if element.code_set:
        text += f", code set {words_of(element.code_set)}"
    return f"{text}, up to {element.repeat_max} times" if element.repeat_max > 1 else text


def _codes(element: ElementUse) -> str:
    codes = sorted(element.codes)
    if len(codes) <= _CODES_SHOWN_MAX:
        return " ".join(codes)
    return f"{' '.join(codes[:_CODES_SHOWN_MAX])} and {len(codes) - _CODES_SHOWN_MAX} more"


def _times(repeat_max: int | None) -> str:
    if repeat_max is None:
        return "any number of times"
    return "at most once" if repeat_max == 1 else f"at most {repeat_max} times"
