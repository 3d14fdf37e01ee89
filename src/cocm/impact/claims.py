"""Claims of an 837P file as subjects of a comparison: what each edit says of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from cocm.basics.identity import Provenance
from cocm.care.records import HistoryLine
from cocm.edits.check import check_claim
from cocm.edits.codes import cocm_codes
from cocm.edits.finding import Finding
from cocm.rules import PackOn, Rulebook
from cocm.scrub.files import read_claims, refuse_other_guides, wire_files
from cocm.scrub.history import HistoryBook
from cocm.scrub.payers import PackResolver
from cocm.scrub.subject import cocm_lines, service_day, subject_of
from cocm.x12 import ClaimRecord, LineRecord


@dataclass(frozen=True, slots=True)
class CheckedClaim:
    """A claim with everything the edits read."""

    subject_id: str
    pack_id: str
    day: date
    record: ClaimRecord
    lines: tuple[LineRecord, ...]
    history: tuple[HistoryLine, ...]
    provenance: Provenance
    decided: dict[PackOn, Mapping[str, str]] = field(default_factory=dict, compare=False)

    def decide(self, policy: PackOn) -> Mapping[str, str]:
        """Each edit that fails or cannot be decided, with what that does to the claim."""
        found = self.decided.get(policy)
        if found is None:
            subject = subject_of(self.record, self.lines, policy, self.history, self.provenance)
            found = self.decided[policy] = {
                _name(one): _outcome(one) for one in check_claim(subject).findings
            }
        return found

    def amount_cents(self, policy: PackOn) -> int:
        """The charge of its CoCM lines."""
        return sum(line.charge_amount_cents for line in self.lines)


def claims_of_file(
    path: Path,
    rulebook: Rulebook,
    *,
    pack_id: str | None,
    as_of_date: date,
    on_unreadable: Callable[[object], None],
) -> Iterator[CheckedClaim]:
    """The claims with a CoCM line, those of one patient being each other's history.

    Raises `UnusableInput` for a file without professional claims, `UnknownPayer` for a pack that does not exist.
    """
    codes = cocm_codes(rulebook)
    packs = PackResolver(rulebook, pack_id)
    book = HistoryBook(codes)
    for wire in wire_files(path):
        refuse_other_guides(wire.name, wire.stream)
    for number, wire in enumerate(wire_files(path)):
        for record in read_claims(wire.stream, _pass_over, _pass_over):
            book.note(record, (number, record.start), is_checked=True)
    book.narrow()
    book.settle()
    provenance = Provenance("", as_of_date, rulebook.content_hash)
    for number, wire in enumerate(wire_files(path)):
        for record in read_claims(wire.stream, on_unreadable, on_unreadable):
            lines = cocm_lines(record, codes)
            if lines:
                day = service_day(lines)
                yield CheckedClaim(
                    subject_id=record.claim_id,
                    pack_id=packs.choice(record, (line.hcpcs_code for line in lines), day).pack_id,
                    day=day,
                    record=record,
                    lines=lines,
                    history=book.history(record, (number, record.start)),
                    provenance=provenance,
                )


def _name(finding: Finding) -> str:
    line = f" line {finding.claim_line_number}" if finding.claim_line_number is not None else ""
    return f"{finding.edit_id}{line}"


def _outcome(finding: Finding) -> str:
    return f"{finding.verdict.words} ({finding.severity.word})"


def _pass_over(_problem: object) -> None:
    """Told when the claims are compared."""
