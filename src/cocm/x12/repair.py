"""Mends the formatting of a file of professional claims, and nothing else.

Taken out or brought into form are blanks around values, dots of diagnosis codes, dashes of NPIs, tax numbers and zip
codes, the shape of dates, letter case of codes and identifiers, elements left empty at the end of a segment, and counts
and control numbers of trailers where there is one right answer. Codes, units, amounts, days and parties stay what they
are. A file without such faults comes out byte for byte, and mending twice changes nothing more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import BinaryIO, Final, cast

from cocm.basics.errors import X12Error
from cocm.x12.claim_reader import PROFESSIONAL_GUIDE
from cocm.x12.guide import guide_versions, load_envelope, load_guide
from cocm.x12.guide_parts import ElementUse, SegmentUse
from cocm.x12.repair_envelope import TrailerFix, trailer_fixes
from cocm.x12.repair_values import mend
from cocm.x12.tokens import Segment, read_segments
from cocm.x12.walker import Walker

REPAIRS_MAX: Final = 100_000
# So many sound segments are remembered by their text, since most stand in a file again and again.
SOUND_SEGMENTS_MAX: Final = 20_000

_PERSONAL_LOOPS: Final = frozenset(["2010BA", "2010CA", "2330A"])
_ENVELOPE_USES: Final = {
    "GS": ("group", "group_header"),
    "GE": ("group", "group_trailer"),
    "IEA": ("interchange", "interchange_trailer"),
}
_COPY_BYTES: Final = 1 << 18


@dataclass(frozen=True, slots=True)
class Repair:
    """One element that was mended. Of a person's own data `old` and `new` show the shape only (letters A, digits 9)."""

    byte_offset: int
    segment_number: int
    element: str
    what: str
    old: str
    new: str

    def __str__(self) -> str:
        return f"byte {self.byte_offset}, {self.element}: {self.old!r} is now {self.new!r} ({self.what})"


@dataclass(frozen=True, slots=True)
class LeftAsIs:
    """One place that looks malformed and could not be mended with certainty."""

    byte_offset: int
    segment_number: int
    element: str
    why: str

    def __str__(self) -> str:
        return f"byte {self.byte_offset}, {self.element}: {self.why}"


@dataclass(slots=True)
class RepairReport:
    """What was mended, and what was left."""

    repairs: list[Repair] = field(default_factory=list)
    left: list[LeftAsIs] = field(default_factory=list)


def repair_837p(source: BinaryIO, out: BinaryIO) -> RepairReport:
    """Write the file with its formatting mended. `source` is read twice and must be seekable.

    Raises `X12Error` for a file that is no interchange, or has more than `REPAIRS_MAX` faults of this kind. Where a
    file breaks off, the rest is copied as it is.
    """
    fixes = trailer_fixes(read_segments(source))
    source.seek(0)
    tee = _Tee(source)
    mending = _Mending(fixes)
    copied = 0
    last: Segment | None = None
    try:
        for segment in read_segments(cast(BinaryIO, tee)):
            last = segment
            out.write(tee.take(segment.start))
            raw = tee.take(segment.end)
            copied = segment.end
            out.write(mending.segment(segment, raw))
            if len(mending.report.repairs) > REPAIRS_MAX:
                raise X12Error(
                    f"byte {segment.start}: more than {REPAIRS_MAX} faults of formatting; "
                    "mend the software that made the file"
                )
    except X12Error as problem:
        if last is None or len(mending.report.repairs) > REPAIRS_MAX:
            raise
        mending.report.left.append(
            LeftAsIs(copied, last.number + 1, "file", f"the rest was copied ({problem})")
        )
    for rest in tee.rest():
        out.write(rest)
    return mending.report


class _Tee:
    """A stream that keeps what was read until it is taken."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self._kept = bytearray()
        self._at = 0

    def read(self, count: int = -1) -> bytes:
        data = self._source.read(count)
        self._kept += data
        return data

    def take(self, end: int) -> bytes:
        """The bytes from where the last taking ended up to this byte of the file."""
        count = end - self._at
        data = bytes(self._kept[:count])
        del self._kept[:count]
        self._at = end
        return data

    def rest(self) -> Iterator[bytes]:
        """All that was not taken."""
        yield bytes(self._kept)
        self._kept.clear()
        while data := self._source.read(_COPY_BYTES):
            yield data


class _Mending:
    """Mends segment after segment."""

    def __init__(self, fixes: dict[int, tuple[TrailerFix, ...]]) -> None:
        self.report = RepairReport()
        self._fixes = fixes
        self._walker = Walker(load_guide(PROFESSIONAL_GUIDE))
        self._is_inside = False
        self._group_version = ""
        self._sound: set[tuple[SegmentUse, str]] = set()

    def segment(self, segment: Segment, raw: bytes) -> bytes:
        """The segment's bytes, mended."""
        use = self._use(segment)
        if use is None or (segment.number not in self._fixes and (use, segment.text) in self._sound):
            return raw
        terminator = raw[-1:]
        encoding = _encoding(segment.text, raw[: len(raw) - 1])
        if encoding is None:
            return raw
        told = len(self.report.left)
        elements = self._elements(segment, use, encoding)
        text = segment.delimiters.element.join(elements)
        if text != segment.text:
            return text.encode(encoding) + terminator
        if told == len(self.report.left) and len(self._sound) < SOUND_SEGMENTS_MAX:
            self._sound.add((use, text))
        return raw

    def _use(self, segment: Segment) -> SegmentUse | None:
        """The segment's place in the guide, whatever the blanks and letter case of its qualifiers."""
        tag = segment.tag
        if tag in _ENVELOPE_USES:
            self._is_inside = False
            if tag == "GS":
                self._group_version = segment.value(8).strip()
            return load_envelope().use(*_ENVELOPE_USES[tag])
        if tag == "ST":
            version = segment.value(3).strip() or self._group_version
            self._is_inside = guide_versions().get(version) == PROFESSIONAL_GUIDE
            self._walker.start()
        if tag == "ISA" or not self._is_inside:
            return None
        if tag == "SE":
            self._is_inside = False
        return self._walker.step(_plain(segment)).use

    def _elements(self, segment: Segment, use: SegmentUse, encoding: str) -> list[str]:
        uses = _uses(use)
        elements = list(segment.elements)
        separator = segment.delimiters.component
        if elements[0] != segment.tag:
            self._note(segment, encoding, 0, segment.tag, "the segment's tag", elements[0], segment.tag, use)
            elements[0] = segment.tag
        for position in range(1, len(elements)):
            text = elements[position]
            repetition = segment.delimiters.repetition
            if not text or (repetition and repetition in text):
                continue
            if position in use.composite_positions:
                parts = text.split(separator)
                for component, part in enumerate(parts, start=1):
                    element = uses.get((position, component))
                    if element is not None and part:
                        parts[component - 1] = self._value(
                            segment, encoding, position, component, part, element, use
                        )
                joined = separator.join(parts)
                bare = joined.rstrip(separator)
                if bare != joined:
                    label = f"{segment.tag}{position:02d}"
                    self._note(
                        segment, encoding, position, label, "empty components at its end", joined, bare, use
                    )
                elements[position] = bare
            else:
                element = uses.get((position, 0))
                if element is not None:
                    elements[position] = self._value(segment, encoding, position, 0, text, element, use)
        for fix in self._fixes.get(segment.number, ()):
            self._trailer(segment, encoding, elements, fix, use)
        while len(elements) > 1 and not elements[-1]:
            elements.pop()
        if len(elements) < len(segment.elements) and not segment.elements[-1]:
            empty = len(segment.elements) - len(elements)
            label = f"{segment.tag}{len(elements):02d}"
            what = f"{empty} empty element{'s' if empty > 1 else ''} at the segment's end"
            self._note(
                segment, encoding, len(elements), label, what, segment.delimiters.element * empty, "", use
            )
        return elements

    def _value(
        self,
        segment: Segment,
        encoding: str,
        position: int,
        component: int,
        text: str,
        element: ElementUse,
        use: SegmentUse,
    ) -> str:
        mended = mend(text, element, use, segment)
        label = element.label(segment.tag)
        if mended.text != text:
            self._note(segment, encoding, position, label, ", ".join(mended.done), text, mended.text, use)
        if mended.left:
            offset = _offset(segment, encoding, position)
            self.report.left.append(LeftAsIs(offset, segment.number, label, mended.left))
        return mended.text

    def _trailer(
        self, segment: Segment, encoding: str, elements: list[str], fix: TrailerFix, use: SegmentUse
    ) -> None:
        label = f"{segment.tag}{fix.position:02d}"
        if fix.left:
            offset = _offset(segment, encoding, fix.position)
            self.report.left.append(
                LeftAsIs(offset, segment.number, label, f"should be {fix.new}, {fix.why}, but {fix.left}")
            )
            return
        elements.extend([""] * (fix.position + 1 - len(elements)))
        old, elements[fix.position] = elements[fix.position], fix.new
        self._note(segment, encoding, fix.position, label, fix.why, old, fix.new, use)

    def _note(
        self,
        segment: Segment,
        encoding: str,
        position: int,
        label: str,
        what: str,
        old: str,
        new: str,
        use: SegmentUse,
    ) -> None:
        if use.loop_id in _PERSONAL_LOOPS:
            old, new = _shape(old), _shape(new)
        offset = _offset(segment, encoding, position)
        self.report.repairs.append(Repair(offset, segment.number, label, what, old, new))


def _offset(segment: Segment, encoding: str, position: int) -> int:
    """The byte at which an element begins."""
    if position == 0:
        return segment.start
    before = segment.delimiters.element.join(segment.elements[:position])
    return segment.start + len(before.encode(encoding)) + 1


def _encoding(text: str, raw: bytes) -> str | None:
    """How the segment was read, so that it can be written again; None where it would not come out the same."""
    for encoding in ("utf-8", "latin-1"):
        try:
            if text.encode(encoding) == raw:
                return encoding
        except UnicodeEncodeError:
            continue
    return None


def _plain(segment: Segment) -> Segment:
    """The segment as the walk knows it: values in upper case without blanks, so that a mended file walks alike."""
    text = segment.text
    if " " not in text and "\t" not in text and text.isascii() and text == text.upper():
        return segment
    separator = segment.delimiters.component
    elements = [
        separator.join([part.strip().upper() for part in element.split(separator)])
        for element in segment.elements
    ]
    return segment._replace(elements=elements)


def _shape(text: str) -> str:
    return "".join(
        "9" if one.isdigit() else "A" if one.isupper() else "a" if one.isalpha() else one for one in text
    )


@lru_cache(maxsize=1024)
def _uses(use: SegmentUse) -> dict[tuple[int, int], ElementUse]:
    return {(element.position, element.component): element for element in use.elements}
