"""Checks a file of X12 transactions by the maps of their guides, and reports every fault it finds.

`X12Error` is raised only for a file that is no interchange at all; one that breaks off in the middle is
reported up to there. Memory stays flat: what is kept is the open loops, texts that were found right (up to a
limit), and the problems, and those up to a limit.

Subscribers' levels (HL 22 with all below) that must be faultless, because what their check depends on was found
faultless before, are passed over as a whole (`proven_levels`); `followed` is the same check without that, and finds the
same. How a segment is checked, and so what must be shown before a level may be passed:

1. The envelope counts and names itself rightly (`envelope_check`), GS01 fits the guide, and levels are numbered
   from 1 within their transaction, each naming the one around it (`structure_check`).
2. Its sequence of segments is one that this check has passed: the same uses in the same states, known by tag and
   selecting codes (`walker`), so that order, repeats and required parts are right.
3. Each segment's text meets the pattern of its use (`segment_pattern.segment_matcher`), which holds usage, type,
   length, codes, characters, conditions and dates. `RD8` ranges run forwards and NPIs have their check digit.
4. Each code with a set (`@` in the map) is in it; of a dated set (`dated_codes`) on one of the claim's first and
   last day of service, adjustment and remark codes also on a day of adjudication or the file's own.
5. What the text of a segment says alone (`texts` of each part: nine digits of a billing ZIP code, no post office box,
   state and ZIP code of every N4, SBR09 and SBR05, PWK06) is right.
6. The rules of the parts in `professional_check` (`segments` and `closes` of each: who the patient is, CLM02 is
   the sum of SV102, pointers, LX, REF*F8 with 7 and 8 and only then, one REF*6R a line), `claim_dates_check`
   (nothing after BHT04 or the day of the check, nothing before birth or after death) and `coverage_check`. A claim
   with loop 2320 or 2430, with CLM11, PAT06, or an admission is rare: leave it to this check.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date
from typing import Final

from cocm.basics.errors import X12Error
from cocm.x12.code_sets import shipped_code_sets
from cocm.x12.dated_codes import CodeDating, CodeSets
from cocm.x12.envelope_check import EnvelopeCheck
from cocm.x12.guide import find_guide, guide_versions, load_guide
from cocm.x12.guide_parts import Guide
from cocm.x12.meaning import CheckContext, MeaningChecks
from cocm.x12.problem import Problem, ProblemKind, Report
from cocm.x12.professional_check import professional_check
from cocm.x12.proven_levels import PROVIDER_LOOP, SUBSCRIBER_LOOP, LevelText, ProvenLevels, level_texts
from cocm.x12.remittance_check import remittance_check
from cocm.x12.structure_check import StructureCheck
from cocm.x12.tokens import (
    LEVELS_TAG,
    Delimiters,
    Segment,
    Source,
    read_pieces,
    read_segments,
    segments_within,
)

PROBLEMS_MAX: Final = 10_000

PROFESSIONAL_GUIDE: Final = "005010X222A1"
REMITTANCE_GUIDE: Final = "005010X221A1"

# What a guide asks beyond its structure; a guide without an entry is checked by its map alone.
_MEANING_CHECKS: Final[Mapping[str, Callable[[Guide, CheckContext], MeaningChecks]]] = {
    PROFESSIONAL_GUIDE: professional_check,
    REMITTANCE_GUIDE: remittance_check,
}


def validate_837p(
    source: Source,
    *,
    code_sets: CodeSets | None = None,
    as_of: date | None = None,
    file: str = "",
    problems_max: int = PROBLEMS_MAX,
) -> tuple[Problem, ...]:
    """Every fault of a file of professional claims, in the file's order as it was noticed; empty: none was
    found.

    `code_sets` maps a set's name in the guide (`diagnosis`, `procedure`, `taxonomy` …) to its codes, or to
    something that knows them by date, in place of those the rulebook has. `as_of` is the day of the check:
    what lies after it is a fault. `file` is the name to give in each problem. After `problems_max` problems a
    last one says that there may be more.
    """
    return validate(
        source,
        guides=(PROFESSIONAL_GUIDE,),
        code_sets=code_sets,
        as_of=as_of,
        file=file,
        problems_max=problems_max,
    )


def validate_835(
    source: Source,
    *,
    code_sets: CodeSets | None = None,
    as_of: date | None = None,
    file: str = "",
    problems_max: int = PROBLEMS_MAX,
) -> tuple[Problem, ...]:
    """Every fault of a file of remittances, its balances among them; as `validate_837p`.

    The code sets here are `adjustment_reason`, `remark` and `provider_adjustment_reason`.
    """
    return validate(
        source,
        guides=(REMITTANCE_GUIDE,),
        code_sets=code_sets,
        as_of=as_of,
        file=file,
        problems_max=problems_max,
    )


def validate(
    source: Source,
    *,
    guides: Collection[str] | None = None,
    code_sets: CodeSets | None = None,
    as_of: date | None = None,
    file: str = "",
    problems_max: int = PROBLEMS_MAX,
) -> tuple[Problem, ...]:
    """As `validate_837p`, for any guide that has a map, or for those named.

    Raises `X12Error` for a file that is no interchange at all, and `ValueError` for `problems_max` below 1.
    """
    return _checked(read_pieces(source), guides, code_sets, as_of, file, problems_max)


def followed(
    source: Source,
    *,
    guides: Collection[str] | None = None,
    code_sets: CodeSets | None = None,
    as_of: date | None = None,
    file: str = "",
    problems_max: int = PROBLEMS_MAX,
) -> tuple[Problem, ...]:
    """As `validate`, but every segment is followed, whatever is known of its like: the same result, later."""
    return _checked(read_segments(source), guides, code_sets, as_of, file, problems_max)


def _checked(
    pieces: Iterator[Segment],
    guides: Collection[str] | None,
    code_sets: CodeSets | None,
    as_of: date | None,
    file: str,
    problems_max: int,
) -> tuple[Problem, ...]:
    if problems_max < 1:
        raise ValueError("problems_max must be at least 1")
    report = Report(problems_max, [], file=file)
    context = CheckContext(report, CodeDating(report), f"{as_of:%Y%m%d}" if as_of is not None else "")
    _Validation(context, guides, {**shipped_code_sets(), **(code_sets or {})}).run(pieces)
    if report.is_full:
        report.add_limit()
    return tuple(report.problems)


class _Validation:
    """One file's check."""

    def __init__(self, context: CheckContext, guides: Collection[str] | None, code_sets: CodeSets) -> None:
        self._context = context
        self._report = report = context.report
        self._guides = guides
        self._code_sets = code_sets
        self._envelope = EnvelopeCheck(report, context.as_of)
        self._structures: dict[str, StructureCheck] = {}
        self._structure: StructureCheck | None = None
        self._meanings: dict[str, MeaningChecks] = {}
        self._guide = ""
        self._proven: dict[tuple[str, Delimiters], ProvenLevels] = {}
        self._transaction: Segment | None = None
        self._last: Segment | None = None
        self._on_envelope: dict[str, Callable[[Segment], None]] = {
            "ISA": self._interchange,
            "IEA": self._interchange_end,
            "TA1": self._envelope.acknowledgment,
            "GS": self._group,
            "GE": self._group_end,
            "ST": self._start_transaction,
            "SE": self._finish_transaction,
            LEVELS_TAG: self._levels,
        }

    def run(self, pieces: Iterator[Segment]) -> None:
        try:
            self._follow(pieces)
        except X12Error as problem:
            last = self._reached()
            if last is None:
                raise
            what = f"the rest cannot be read ({problem})"
            self._report.add(ProblemKind.UNREADABLE, last, what, "a whole file")
        last = self._reached()
        if last is not None and not self._report.is_full:
            self._end_transaction(last)
            self._envelope.unfinished(last, down_to="ISA")

    def _follow(self, pieces: Iterator[Segment]) -> None:
        piece = self._next(pieces)
        while piece is not None and not self._report.is_full:
            if piece.tag != LEVELS_TAG:
                self._last = piece
            self._on_envelope.get(piece.tag, self._outside)(piece)
            piece = self._next(pieces)

    def _levels(self, piece: Segment) -> None:
        """Pass whole levels that are proven right; follow the others segment by segment."""
        levels = level_texts(piece)
        level = next(levels, None)
        while level is not None and not self._report.is_full:
            if level.is_level:
                level = self._pass(level, levels, piece.delimiters)
            if level is not None:
                self._follow_level(level, piece.delimiters)
                level = next(levels, None)

    def _pass(
        self, level: LevelText | None, levels: Iterator[LevelText], delimiters: Delimiters
    ) -> LevelText | None:
        """Go past levels that are proven right; the first that is not, if there is one."""
        proven, structure = self._proven_levels(delimiters), self._structure
        if proven is None or structure is None or structure.rest_in(PROVIDER_LOOP) is None:
            return level
        if self._context.dating.is_waiting or self._report.is_full:
            return level  # codes above the level are judged with its first claim
        standing = self._meanings[self._guide].standing()
        parent, first = structure.next_level()
        number, children = first, 0
        while level is not None and level.is_level:
            level_count = proven.passes(level, parent, number, standing)
            if level_count == 0:
                break
            number += level_count
            children += 1
            level = next(levels, None)
        structure.pass_levels(SUBSCRIBER_LOOP, children, number - first)
        return level

    def _follow_level(self, level: LevelText, delimiters: Delimiters) -> None:
        """Follow a level segment by segment, and remember it where nothing is found."""
        structure, proven, report = self._structure, self._proven_levels(delimiters), self._report
        segments = segments_within(level.text, level.start, level.number, delimiters)
        before = None
        if level.is_level and structure is not None and proven is not None:
            before = structure.rest_in(PROVIDER_LOOP)
        is_alone = not self._context.dating.is_waiting and not report.is_full
        if before is None or structure is None or proven is None or not is_alone:
            self._follow(segments)
            return
        standing = self._meanings[self._guide].standing()
        told, kept = len(report.problems), list[Segment]()
        self._follow(_kept(segments, kept))
        if self._structure is structure and not report.is_full:
            after = structure.rest_in(PROVIDER_LOOP)
            is_right = len(report.problems) == told and not self._context.dating.is_waiting
            if after is not None and is_right:
                proven.learn(level, kept, before, standing)

    def _proven_levels(self, delimiters: Delimiters) -> ProvenLevels | None:
        """What is known of the levels of the transaction's guide; None where it has no such levels or rules."""
        make_meaning = _MEANING_CHECKS.get(self._guide)
        if self._structure is None or self._guide != PROFESSIONAL_GUIDE or make_meaning is None:
            return None
        key = (self._guide, delimiters)
        proven = self._proven.get(key)
        if proven is None:
            guide, report = load_guide(self._guide), Report(2, [])
            rules = make_meaning(guide, CheckContext(report, CodeDating(report), self._context.as_of))
            proven = self._proven[key] = ProvenLevels(guide, delimiters, self._code_sets, rules, report)
        return proven

    def _next(self, segments: Iterator[Segment]) -> Segment | None:
        """The next segment of the envelope; those of a transaction are followed through its guide until then."""
        if self._structure is None or self._report.is_full:
            return next(segments, None)
        return self._structure.follow(segments, self._on_envelope)

    def _reached(self) -> Segment | None:
        """The last segment that was looked at."""
        inside = self._structure.last if self._structure is not None else None
        return (
            inside
            if inside is not None and self._last is not None and inside.number > self._last.number
            else self._last
        )

    def _interchange(self, segment: Segment) -> None:
        self._end_transaction(segment)
        self._envelope.unfinished(segment, down_to="ISA")
        self._envelope.header(segment)

    def _interchange_end(self, segment: Segment) -> None:
        self._end_transaction(segment)
        self._envelope.unfinished(segment, down_to="GS")
        self._envelope.trailer(segment)

    def _group(self, segment: Segment) -> None:
        self._end_transaction(segment)
        self._envelope.unfinished(segment, down_to="GS")
        self._envelope.header(segment)

    def _group_end(self, segment: Segment) -> None:
        self._end_transaction(segment)
        self._envelope.unfinished(segment, down_to="ST")
        self._envelope.trailer(segment)

    def _outside(self, segment: Segment) -> None:
        if self._transaction is None:
            what, expected = "a segment outside a transaction", "ST before it"
            self._report.add(ProblemKind.UNEXPECTED_SEGMENT, segment, what, expected)

    def _start_transaction(self, segment: Segment) -> None:
        self._end_transaction(segment)
        self._envelope.unfinished(segment, down_to="ST")
        self._transaction = segment
        self._report.transaction_control_number = segment.value(2)
        self._report.transaction_first_segment = segment.number
        self._envelope.header(segment)
        version = segment.value(3).strip() or self._envelope.guide_version
        name = find_guide(segment.value(1), version)
        if name is None or (self._guides is not None and name not in self._guides):
            wanted = sorted(self._guides if self._guides is not None else set(guide_versions().values()))
            self._report.add(
                ProblemKind.UNKNOWN_GUIDE,
                segment,
                "a guide that is not looked for here",
                " or ".join(wanted),
                element="ST03",
            )
            return
        if self._envelope.guide_version not in ("", version):
            self._report.add(
                ProblemKind.ENVELOPE,
                segment,
                "ST03 and GS08 name different guides",
                "the same guide",
                element="ST03",
            )
        self._envelope.belongs_to(load_guide(name).functional_identifier)
        self._guide = name
        self._structure = self._structure_check(name)
        self._structure.start(segment)

    def _structure_check(self, version: str) -> StructureCheck:
        check = self._structures.get(version)
        if check is None:
            guide, make_meaning = load_guide(version), _MEANING_CHECKS.get(version)
            meaning: MeaningChecks | None = (
                make_meaning(guide, self._context) if make_meaning is not None else None
            )
            check = StructureCheck(guide, self._context, self._code_sets, meaning)
            if meaning is not None:
                self._meanings[version] = meaning
            self._structures[version] = check
        return check

    def _finish_transaction(self, segment: Segment) -> None:
        if self._structure is not None:
            self._structure.segment(segment)
            self._end_structure(self._structure)
        started, self._transaction = self._transaction, None
        self._report.claim_id = ""
        self._envelope.trailer(segment, segment.number - started.number + 1 if started is not None else None)
        self._leave()

    def _end_transaction(self, segment: Segment) -> None:
        """Where a transaction has no SE, check what it had; the envelope reports the missing end."""
        if self._structure is not None:
            self._end_structure(self._structure)
        self._transaction = None
        self._leave()

    def _end_structure(self, structure: StructureCheck) -> None:
        """End the transaction's check; codes that no claim took with it are judged by the group's own day."""
        structure.end()
        self._structure = None
        self._context.dating.settle((self._envelope.group_date,), {})

    def _leave(self) -> None:
        self._report.transaction_control_number = ""
        self._report.transaction_first_segment = 0
        self._report.claim_id = ""


def _kept(segments: Iterator[Segment], kept: list[Segment]) -> Iterator[Segment]:
    """The segments as they come, and in the list."""
    for segment in segments:
        kept.append(segment)
        yield segment
