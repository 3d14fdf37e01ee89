"""What a scrub finds, as data: claim by claim, file by file, and in sum."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from cocm.edits.edit import Verdict
from cocm.edits.fact import Fact, Kind, Scope
from cocm.edits.finding import CheckResult
from cocm.edits.kleene import UNKNOWN
from cocm.scrub.payers import PackChoice
from cocm.x12 import Problem, UnreadableClaim


@dataclass(frozen=True, slots=True)
class ClaimReport:
    """One claim with a CoCM line. `start` is its first byte; `siblings` are the ids of the person's other claims with a
    CoCM line of the same month in the files checked. `problems` are the structural faults inside it.
    """

    file: str
    claim_id: str
    start: int
    service_month: str
    payer_identifier: str
    pack: PackChoice
    line_numbers: tuple[int, ...]
    lines_left_alone: int
    result: CheckResult
    siblings: tuple[str, ...]
    history_lines: int
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class FileReport:
    """One file, after its claims. `problems` are the structural faults outside the claims reported before;
    `broke_off` says why the reading ended before the file's end. `repeats` names the file with the same bytes.
    """

    file: str
    claims_read: int
    claims_left_alone: int
    unreadable: tuple[UnreadableClaim, ...]
    problems: tuple[Problem, ...]
    broke_off: str = ""
    repeats: str = ""


@dataclass(frozen=True, slots=True)
class UnusableFile:
    """A file that could not be checked at all."""

    file: str
    why: str


@dataclass(frozen=True, slots=True)
class HistoryReport:
    """What was taken in as history. `notes` name the files and rows that could not be used, and why."""

    files: int = 0
    claims: int = 0
    table_rows: int = 0
    table_rows_of_others: int = 0
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class ScrubTotals:
    """The sums over all files."""

    claims_read: int = 0
    claims_checked: int = 0
    claims_left_alone: int = 0
    claims_unreadable: int = 0
    claims_failed: int = 0
    claims_with_no_data: int = 0
    lines_checked: int = 0
    lines_left_alone: int = 0
    problems: int = 0
    files_unusable: int = 0
    verdicts: Counter[Verdict] = field(default_factory=Counter)
    failed_by_edit: Counter[str] = field(default_factory=Counter)
    no_data_by_edit: Counter[str] = field(default_factory=Counter)
    claims_by_pack: Counter[str] = field(default_factory=Counter)
    claims_by_unknown_fact: Counter[str] = field(default_factory=Counter)
    claims_by_unknown_rule: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add_claim(self, claim: ClaimReport) -> None:
        """Add a checked claim."""
        result = claim.result
        self.claims_checked += 1
        self.lines_checked += len(claim.line_numbers)
        self.lines_left_alone += claim.lines_left_alone
        self.problems += len(claim.problems)
        self.verdicts.update(result.counts)
        self.claims_by_pack[claim.pack.pack_id] += 1
        self.failed_by_edit.update([finding.edit_id for finding in result.failures])
        self.no_data_by_edit.update([finding.edit_id for finding in result.no_data])
        self.claims_failed += bool(result.failures)
        self.claims_with_no_data += bool(result.no_data)
        facts = unknown_facts(result)
        self.claims_by_unknown_fact.update([fact.name for fact in facts if fact.scope is not Scope.POLICY])
        rules = {fact.rules[0] for fact in facts if fact.scope is Scope.POLICY}
        self.claims_by_unknown_rule.update([(rule_id, claim.pack.pack_id) for rule_id in rules])

    def add_file(self, file: FileReport, lines_left_alone: int) -> None:
        """Add what a file had beside its checked claims."""
        self.claims_read += file.claims_read
        self.claims_left_alone += file.claims_left_alone
        self.claims_unreadable += len(file.unreadable) + bool(file.broke_off)
        self.lines_left_alone += lines_left_alone
        self.problems += len(file.problems)

    @property
    def has_failures(self) -> bool:
        """Whether something is known to be wrong."""
        return bool(self.claims_failed or self.problems or self.claims_unreadable)


def unknown_facts(result: CheckResult) -> tuple[Fact, ...]:
    """The facts for want of which something could not be decided, each once."""
    facts = {
        reading.fact.name: reading.fact
        for finding in result.findings
        if finding.is_no_data
        for reading in finding.readings
        if reading.value is UNKNOWN
    }
    return tuple(facts.values())


def fact_words(fact: Fact) -> str:
    """What is asked, for people."""
    return f"whether {fact.says}" if fact.kind is Kind.BOOLEAN else fact.says
