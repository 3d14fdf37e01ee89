"""The scrub: every claim of the files that has a CoCM line, against the whole catalogue of edits.

The files are read twice, once to learn what belongs to the same person and once to check; nothing but the lines of the
persons in question is held, so memory grows with them and not with the files.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Final

from cocm.basics.errors import UnusableInput, X12Error
from cocm.basics.identity import Provenance
from cocm.basics.months import Month
from cocm.edits.check import check_claim
from cocm.edits.codes import cocm_codes
from cocm.intake.wire_files import WireFile
from cocm.rules import Rulebook
from cocm.scrub.files import (
    digest_of,
    history_paths,
    read_claims,
    read_history_table,
    refuse_other_guides,
    wire_files,
)
from cocm.scrub.history import ClaimKey, HistoryBook
from cocm.scrub.payers import PackResolver
from cocm.scrub.report import ClaimReport, FileReport, HistoryReport, ScrubTotals, UnusableFile
from cocm.scrub.subject import cocm_lines, service_day, subject_of
from cocm.x12 import ClaimRecord, Problem, UnreadableClaim, validate_837p

PROBLEMS_PER_FILE_MAX: Final = 2_000
NOTES_MAX: Final = 100
HISTORY_NUMBERS_FROM: Final = 1_000_000
NO_PATIENT_KNOWN: Final = (
    "none of its patients stands on the claims checked; name a folder that also holds the 837P files of the earlier "
    "claims, whose claim ids lead to the patients"
)
HISTORY_REPEATS: Final = "not used as history: its bytes are those of"


@dataclass(frozen=True, slots=True)
class ScrubRequest:
    """What to check. `pack_id` None: found for each claim. `history` is a file or folder of what was sent before.

    `texts` are files that are at hand as bytes, each with a name for messages; nothing of them is written to disk.
    """

    files: tuple[Path, ...]
    as_of_date: date
    pack_id: str | None = None
    history: Path | None = None
    texts: tuple[tuple[str, bytes], ...] = ()


class Scrub:
    """One run: `prepare`, then iterate over `reports` once; then `totals` is complete.

    Raises `UnknownPayer` for a pack that does not exist.
    """

    def __init__(self, request: ScrubRequest, rulebook: Rulebook) -> None:
        self.request = request
        self.rulebook = rulebook
        self.totals = ScrubTotals()
        self.history = HistoryReport()
        self._codes = cocm_codes(rulebook)
        self._packs = PackResolver(rulebook, request.pack_id)
        self._book = HistoryBook(self._codes)
        self._provenance = Provenance("", request.as_of_date, rulebook.content_hash)
        self._unusable: dict[int, str] = {}
        self._repeats: list[tuple[str, str]] = []
        self._problems: dict[int, tuple[Problem, ...]] = {}
        self._digests: dict[str, str] = {}
        self._unopened: dict[Path, str] = {}
        self._paths = self._without_repeats()

    def prepare(self) -> None:
        """Find the faults of form, and gather what belongs to the same persons; afterwards `history` is complete.

        Raises `UnusableInput` when none of the files can be checked, or the history cannot be used at all.
        """
        self._look_into_files()
        self._gather_history()

    def reports(self) -> Iterator[ClaimReport | FileReport | UnusableFile]:
        """Each claim with a CoCM line, and after its claims each file."""
        for number, wire in self._wires():
            if number in self._unusable:
                self.totals.files_unusable += 1
                yield UnusableFile(wire.name, self._unusable[number])
            else:
                yield from self._check_file(number, wire)
        for name, first in self._repeats:
            yield FileReport(name, 0, 0, (), (), repeats=first)
        for path, why in self._unopened.items():
            self.totals.files_unusable += 1
            yield UnusableFile(path.name, why)

    # -- what the files are ----------------------------------------------------------------------------------------

    def _without_repeats(self) -> tuple[Path, ...]:
        """The paths, each content once: a file named twice would be its own duplicate."""
        kept: list[Path] = []
        for path in self.request.files:
            digest = digest_of(path) if path.is_file() else str(path)
            if digest in self._digests:
                self._repeats.append((path.name, self._digests[digest]))
            else:
                self._digests[digest] = path.name
                kept.append(path)
        return tuple(kept)

    def _wires(self) -> Iterator[tuple[int, WireFile]]:
        """Every file to check with its number. A path that cannot be opened is noted, and has none."""
        number = 0
        for path in self._paths:
            try:
                for wire in wire_files(path):
                    yield number, wire
                    number += 1
            except (UnusableInput, OSError) as problem:
                self._unopened[path] = _named(path.name, str(problem))
        for name, content in self.request.texts:
            yield number, WireFile(name, BytesIO(content))
            number += 1

    def _look_into_files(self) -> None:
        """Refuse what is no professional claim file, and find the structural faults of the others."""
        for number, wire in self._wires():
            try:
                refuse_other_guides(wire.name, wire.stream)
            except UnusableInput as problem:
                self._unusable[number] = _named(wire.name, str(problem))
        for number, wire in self._wires():
            if number not in self._unusable:
                try:
                    self._problems[number] = validate_837p(wire.stream, problems_max=PROBLEMS_PER_FILE_MAX)
                except UnusableInput as problem:
                    self._unusable[number] = _named(wire.name, str(problem))
        if not self._problems:
            raise UnusableInput("; ".join([*self._unopened.values(), *self._unusable.values()]))

    # -- what belongs together -------------------------------------------------------------------------------------

    def _gather_history(self) -> None:
        for number, wire in self._wires():
            if number not in self._unusable:
                for record in read_claims(wire.stream, _pass_over, _pass_over):
                    self._book.note(record, (number, record.start), is_checked=True)
        self._book.narrow()
        if self.request.history is not None:
            self.history = self._read_history(self.request.history)
        self._book.settle()

    def _read_history(self, path: Path) -> HistoryReport:
        claim_paths, table_paths = history_paths(path)
        notes: list[str] = []
        files = claims = rows = rows_of_others = 0
        number = HISTORY_NUMBERS_FROM
        for claim_path in claim_paths:
            if (same := self._digests.get(digest_of(claim_path))) is not None:
                notes.append(f"{claim_path.name}: {HISTORY_REPEATS} {same}, which is being checked")
                continue
            usable = _professional(claim_path, notes)
            files += len(usable)
            for place, wire in enumerate(wire_files(claim_path) if usable else ()):
                if place in usable:
                    number += 1
                    claims += self._note_history(wire, number, notes)
        for table_path in table_paths:
            read = read_history_table(table_path)
            files += 1
            notes += [str(problem) for problem in read.problems]
            found, lost = self._book.note_table(read.rows)
            rows, rows_of_others = rows + found, rows_of_others + lost
            if lost and not found:
                notes.append(f"{table_path.name}: {NO_PATIENT_KNOWN}")
        if files == 0 and not any(HISTORY_REPEATS in note for note in notes):
            raise UnusableInput(f"--history {path}: no professional claims in it. {'; '.join(notes[:3])}")
        return HistoryReport(files, claims, rows, rows_of_others, _some(notes))

    def _note_history(self, wire: WireFile, number: int, notes: list[str]) -> int:
        count = 0
        unreadable: list[UnreadableClaim] = []
        ends: list[UnusableInput] = []
        for record in read_claims(wire.stream, unreadable.append, ends.append):
            count += self._book.note(record, (number, record.start), is_checked=False)
        notes += [
            f"{wire.name}: claim {one.claim_id} was not used as history: {one.why}" for one in unreadable
        ]
        notes += [f"{wire.name}: read as history up to where it breaks off: {one}" for one in ends]
        return count

    # -- checking --------------------------------------------------------------------------------------------------

    def _check_file(self, number: int, wire: WireFile) -> Iterator[ClaimReport | FileReport]:
        problems = sorted(self._problems.pop(number), key=lambda problem: problem.byte_offset)
        offsets = [problem.byte_offset for problem in problems]
        told: set[int] = set()
        unreadable: list[UnreadableClaim] = []
        ends: list[UnusableInput] = []
        claims = left_alone = lines_left_alone = 0
        for record in read_claims(wire.stream, unreadable.append, ends.append):
            claims += 1
            if not cocm_lines(record, self._codes):
                left_alone += 1
                lines_left_alone += len(record.lines)
                continue
            first, last = bisect_left(offsets, record.start), bisect_left(offsets, record.end)
            try:
                report = self._check(wire.name, number, record, tuple(problems[first:last]))
            except X12Error as problem:
                unreadable.append(UnreadableClaim(record.claim_id, record.start, 0, str(problem)))
                continue
            told.update(range(first, last))
            self.totals.add_claim(report)
            yield report
        rest = tuple(problem for place, problem in enumerate(problems) if place not in told)
        broke_off = str(ends[0]) if ends else ""
        file = FileReport(wire.name, claims + len(unreadable), left_alone, tuple(unreadable), rest, broke_off)
        self.totals.add_file(file, lines_left_alone)
        yield file

    def _check(
        self, file: str, number: int, record: ClaimRecord, problems: tuple[Problem, ...]
    ) -> ClaimReport:
        key: ClaimKey = (number, record.start)
        lines = cocm_lines(record, self._codes)
        day = service_day(lines)
        pack = self._packs.choice(record, (line.hcpcs_code for line in lines), day)
        history = self._book.history(record, key)
        policy = self.rulebook.pack(pack.pack_id).on(day)
        result = check_claim(subject_of(record, lines, policy, history, self._provenance))
        return ClaimReport(
            file=file,
            claim_id=record.claim_id,
            start=record.start,
            service_month=str(Month.of(day)),
            payer_identifier=record.payer.identifier,
            pack=pack,
            line_numbers=tuple(line.claim_line_number for line in lines),
            lines_left_alone=len(record.lines) - len(lines),
            result=result,
            siblings=self._book.siblings(record, key),
            history_lines=len(history),
            problems=problems,
        )


def _pass_over(_problem: object) -> None:
    """What cannot be read is reported when the file is checked."""


def _professional(path: Path, notes: list[str]) -> frozenset[int]:
    """Which of the files at a path begin as professional claims; the others are noted."""
    usable: set[int] = set()
    try:
        for place, wire in enumerate(wire_files(path)):
            try:
                refuse_other_guides(wire.name, wire.stream)
                usable.add(place)
            except UnusableInput as problem:
                notes.append(f"not used as history: {_named(wire.name, str(problem))}")
    except (UnusableInput, OSError) as problem:
        notes.append(f"not used as history: {_named(path.name, str(problem))}")
    return frozenset(usable)


def _named(name: str, text: str) -> str:
    return text if text.startswith(name) else f"{name}: {text}"


def _some(notes: list[str]) -> tuple[str, ...]:
    if len(notes) <= NOTES_MAX:
        return tuple(notes)
    return (*notes[:NOTES_MAX], f"{len(notes) - NOTES_MAX} more notes of this kind")
