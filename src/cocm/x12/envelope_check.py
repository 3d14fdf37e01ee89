"""Checks the envelope: interchange, groups and transactions begin and end, count and name each other rightly."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from cocm.x12.element_check import SegmentCheck
from cocm.x12.guide import load_envelope
from cocm.x12.problem import ProblemKind, Report
from cocm.x12.tokens import Delimiters, Segment

# So many control numbers of one level are remembered; beyond that, repeats are not looked for.
CONTROL_NUMBERS_MAX: Final = 100_000

_COUNT_DIGITS_MAX: Final = 18

_USES: Final = {
    "ISA": ("interchange", "interchange_header"),
    "TA1": ("interchange", "interchange_acknowledgment"),
    "IEA": ("interchange", "interchange_trailer"),
    "GS": ("group", "group_header"),
    "GE": ("group", "group_trailer"),
}
_A_LEVEL: Final = {"ISA": "an interchange", "GS": "a group", "ST": "a transaction"}
_TRAILERS: Final = {"ISA": "IEA", "GS": "GE", "ST": "SE"}
# The element of each header that holds its control number; of each trailer it is the second.
_CONTROL_NUMBER_AT: Final = {"ISA": 13, "GS": 6, "ST": 2}


@dataclass(slots=True)
class _Open:
    """An envelope level that has begun. `has_acknowledgment`: a TA1 stood in it; `is_misnamed`: told already."""

    header: Segment
    count: int = 0
    has_acknowledgment: bool = False
    is_misnamed: bool = False
    inner_control_numbers: set[str] = field(default_factory=set)

    @property
    def control_number(self) -> str:
        return self.header.value(_CONTROL_NUMBER_AT[self.header.tag]).strip()


class EnvelopeCheck:
    """Follows the headers and trailers of a file."""

    def __init__(self, report: Report, as_of: str = "") -> None:
        self._report = report
        self._as_of = as_of
        self._map = load_envelope()
        self._checks: dict[tuple[str, Delimiters], SegmentCheck] = {}
        self._open: dict[str, _Open] = {}
        self._file_control_numbers: set[str] = set()

    @property
    def guide_version(self) -> str:
        """The guide that the open group names; empty where no group is open."""
        group = self._open.get("GS")
        return group.header.value(8).strip() if group else ""

    @property
    def group_date(self) -> str:
        """The day (CCYYMMDD) that the open group names; empty where no group is open."""
        group = self._open.get("GS")
        return group.header.value(4).strip() if group else ""

    def belongs_to(self, functional_identifier: str) -> None:
        """A transaction of such a kind stands in the open group: GS01 must say so. Told once a group."""
        group = self._open.get("GS")
        if group is None or group.is_misnamed or group.header.value(1).strip() == functional_identifier:
            return
        group.is_misnamed = True
        self._add(
            ProblemKind.WRONG_CODE,
            group.header,
            "the group is not said to hold what stands in it",
            functional_identifier,
            "GS01",
        )

    def header(self, segment: Segment) -> None:
        """An ISA, GS or ST."""
        tag = segment.tag
        around = {"GS": "ISA", "ST": "GS"}.get(tag)
        numbers = self._file_control_numbers
        if around is not None:
            outer = self._open.get(around)
            if outer is None:
                self._add(
                    ProblemKind.ENVELOPE,
                    segment,
                    f"{_A_LEVEL[tag]} outside {_A_LEVEL[around]}",
                    f"{around} before it",
                )
            else:
                outer.count += 1
                numbers = outer.inner_control_numbers
        self._open[tag] = opened = _Open(segment)
        if opened.control_number in numbers:
            element = f"{tag}{_CONTROL_NUMBER_AT[tag]:02d}"
            self._add(
                ProblemKind.CONTROL_NUMBER,
                segment,
                "a control number that was used before",
                "another one",
                element,
            )
        elif len(numbers) < CONTROL_NUMBERS_MAX:
            numbers.add(opened.control_number)
        self._check_elements(segment)
        made_on = segment.value(4)
        if tag == "GS" and self._as_of and len(made_on) == 8 and made_on > self._as_of:
            what, expected = "a group made after the day of this check", "a day that is not in the future"
            self._add(ProblemKind.SITUATION, segment, what, expected, "GS04")

    def trailer(self, segment: Segment, count: int | None = None) -> None:
        """An IEA, GE or SE. `count` is what it must count, where that is not the levels inside."""
        header_tag = next(tag for tag, trailer in _TRAILERS.items() if trailer == segment.tag)
        opened = self._open.pop(header_tag, None)
        self._check_elements(segment)
        if opened is None:
            self._add(
                ProblemKind.ENVELOPE,
                segment,
                f"a trailer without its {header_tag}",
                f"{header_tag} before it",
            )
            return
        expected = opened.count if count is None else count
        if opened.count == 0 and count is None and not opened.has_acknowledgment:
            what = f"{_A_LEVEL[header_tag]} with nothing in it"
            inner = "ST" if header_tag == "GS" else "GS or TA1"
            self._add(
                ProblemKind.ENVELOPE, opened.header, what, f"{inner} between {header_tag} and {segment.tag}"
            )
        given = segment.value(1).strip()
        if given.isdecimal() and len(given) <= _COUNT_DIGITS_MAX and int(given) != expected:
            self._add(
                ProblemKind.COUNT, segment, f"the count says {int(given)}", str(expected), f"{segment.tag}01"
            )
        if segment.value(2).strip() != opened.control_number:
            label = f"{header_tag}{_CONTROL_NUMBER_AT[header_tag]:02d}"
            self._add(
                ProblemKind.CONTROL_NUMBER,
                segment,
                "not the control number of its header",
                f"that of {label}",
                f"{segment.tag}02",
            )

    def acknowledgment(self, segment: Segment) -> None:
        """A TA1."""
        interchange = self._open.get("ISA")
        if interchange is not None:
            interchange.has_acknowledgment = True
        self._check_elements(segment)

    def unfinished(self, at: Segment, *, down_to: str) -> None:
        """Report every level that is still open, from the transaction out to `down_to`, and close it."""
        for tag in ("ST", "GS", "ISA"):
            opened = self._open.pop(tag, None)
            if opened is not None:
                self._add(
                    ProblemKind.ENVELOPE,
                    opened.header,
                    f"{_A_LEVEL[tag]} without an end",
                    f"{_TRAILERS[tag]} before byte {at.end}",
                )
            if tag == down_to:
                return

    def _check_elements(self, segment: Segment) -> None:
        if segment.tag not in _USES:
            return  # ST and SE are in the guide's own map
        key = (segment.tag, segment.delimiters)
        check = self._checks.get(key)
        if check is None:
            check = self._checks[key] = SegmentCheck(
                self._map.use(*_USES[segment.tag]), segment.delimiters, {}
            )
        for fault in check.examine(segment)[0]:
            if not fault.element.endswith(("ISA11", "ISA16")):  # the delimiters themselves
                self._add(fault.kind, segment, fault.what, fault.expected, fault.element)

    def _add(self, kind: ProblemKind, segment: Segment, what: str, expected: str, element: str = "") -> None:
        self._report.add(kind, segment, what, expected, element=element)
