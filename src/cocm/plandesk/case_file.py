"""The claims of a plan's state as cases that can be decided again: the claim as it came, its history, its number.

A later decision of a claim has the claim's number with a dot and a count behind it (`P-….1`); the number before the dot
is the claim's own for good.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from cocm.basics.errors import StateError, UnusableInput
from cocm.basics.identity import stable_id
from cocm.claims.submission import ORIGINAL, REPLACEMENT, VOID
from cocm.plan.adjudicate import Adjudicator
from cocm.plan.claim_case import ClaimCase
from cocm.plan.decision import Answer, DecisionReason
from cocm.plan.history import DecidedClaim
from cocm.plan.record_requests import RecordRequest
from cocm.plan.record_triggers import RecordsRead
from cocm.plan.records import Accumulator, MemberKey, PlanBook
from cocm.plan.refusal import REVIEW_STEP
from cocm.plandesk.desk_tables import (
    KeptClaim,
    KeptDocument,
    batch_input,
    documents,
    kept_claims,
    lineage,
    requests,
    taken_back_by_claim,
)
from cocm.plandesk.member_file import root_of
from cocm.plandesk.state import PlanState, member_files
from cocm.rules import Rulebook
from cocm.rules.plan_decisions import edit_denials, plan_decisions
from cocm.rules.review_reasons import review_reasons
from cocm.x12.claim_reader import read_837p
from cocm.x12.claim_record import ClaimRecord, UnreadableClaim

TRACE_FILE: Final = "trace.json"
_DOT: Final = "."


@dataclass(frozen=True, slots=True)
class Settled:
    """What a person has settled of a claim: edits in its favour, lines refused, what was read in its records."""

    edit_ids: frozenset[str] = frozenset()
    refusals: Mapping[int, DecisionReason] = field(default_factory=dict)
    read: RecordsRead | None = None


NOTHING_SETTLED: Final = Settled()


class CaseFile:
    """The state's claims, read when they are wanted. Claim files and traces are read once."""

    def __init__(self, state: PlanState, book: PlanBook, rulebook: Rulebook, as_of_date: date) -> None:
        self.state = state
        self.book = book
        self.rulebook = rulebook
        self.as_of_date = as_of_date
        self.adjudicator = Adjudicator(book, rulebook, as_of_date)
        self._records: dict[str, ClaimRecord] = {}
        self._traces: dict[str, dict[str, dict[str, Any]]] = {}
        self._received: dict[str, date] = {}
        self._requests: dict[str, RecordRequest] | None = None
        self._documents: dict[str, tuple[KeptDocument, ...]] | None = None

    # -- finding -----------------------------------------------------------------------------------------------------

    def find(self, name: str) -> KeptClaim:
        """The decision that stands of a claim, by the plan's number or the sender's claim id.

        Raises `UnusableInput` where there is none, or several claims have the id.
        """
        found = {root_of(one.claim_number) for one in kept_claims(self.state, name)}
        if not found:
            raise UnusableInput(f"claim {name}: the plan's state has none of this number or id")
        if len(found) > 1:  # a claim and the one that replaced it may have one id
            found = {root for root in found if not self.lineage(root)[-1].is_taken_back} or found
        if len(found) > 1:
            numbers = ", ".join(sorted(found))
            raise UnusableInput(
                f"claim {name}: several claims have this id; name one by its number: {numbers}"
            )
        return self.standing(found.pop())

    def standing(self, root: str) -> KeptClaim:
        """The last decision of a claim. Raises `UnusableInput` where another claim replaced or voided it."""
        last = self.lineage(root)[-1]
        if last.is_taken_back:
            raise UnusableInput(
                f"claim {last.claim_number}: was replaced or voided by a later claim; decide that one"
            )
        return last

    def lineage(self, root: str) -> tuple[KeptClaim, ...]:
        """A claim's decisions, oldest first, without marks of withdrawal."""
        return tuple(one for one in lineage(self.state, root) if not one.claim_number.endswith(".0"))

    def next_number(self, root: str) -> str:
        """The number of the claim's next decision."""
        counts = [int(one.claim_number.partition(_DOT)[2] or 0) for one in lineage(self.state, root)]
        return f"{root}{_DOT}{max(counts) + 1}"

    @property
    def requests(self) -> Mapping[str, RecordRequest]:
        """The request about each claim, by the claim's own number."""
        if self._requests is None:
            self._requests = {root_of(number): one for number, one in requests(self.state).items()}
        return self._requests

    @property
    def documents(self) -> Mapping[str, tuple[KeptDocument, ...]]:
        """The records of each claim, by the claim's own number."""
        if self._documents is None:
            self._documents = {root_of(number): held for number, held in documents(self.state).items()}
        return self._documents

    # -- what came in --------------------------------------------------------------------------------------------------

    def load(self, claims: Iterable[KeptClaim]) -> None:
        """Read the claims as they came in, each claim file once. Raises `StateError` where a file was not kept."""
        wanted: dict[str, set[str]] = {}
        for one in claims:
            root = root_of(one.claim_number)
            if root not in self._records:
                wanted.setdefault(self.lineage(root)[0].batch_sha256, set()).add(root)
        for sha256, roots in wanted.items():
            self._load_batch(sha256, roots)

    def _load_batch(self, sha256: str, roots: set[str]) -> None:
        left = set(roots)
        unreadable: list[UnreadableClaim] = []
        for record in read_837p(batch_input(self.state, sha256), on_unreadable=unreadable.append):
            number = stable_id("P", self.book.profile.plan_id, sha256, record.start)
            if number in left:
                self._records[number] = record
                left.discard(number)
                if not left:
                    break
        if left:
            raise StateError(
                f"{self.state.path}: the claim file {sha256[:12]} no longer yields claim {min(left)}; "
                "the state was made by another version"
            )

    def record(self, claim: KeptClaim) -> ClaimRecord:
        """The claim as it came in."""
        root = root_of(claim.claim_number)
        if root not in self._records:
            self.load([claim])
        return self._records[root]

    def received_date(self, claim: KeptClaim) -> date:
        """The day the claim came in."""
        root = root_of(claim.claim_number)
        if root not in self._received:
            batch = self.state.find_batch(self.lineage(root)[0].batch_sha256)
            assert batch is not None  # every decided claim came with a batch
            self._received[root] = batch.received_date
        return self._received[root]

    def decided_date(self, claim: KeptClaim) -> date:
        """The day of a decision."""
        batch = self.state.find_batch(claim.batch_sha256)
        assert batch is not None  # every decision belongs to a batch
        return batch.as_of_date

    # -- what was decided ----------------------------------------------------------------------------------------------

    def traces(self, sha256: str) -> dict[str, dict[str, Any]]:
        """A batch's decision traces by the plan's number of the claim."""
        if sha256 not in self._traces:
            content = self.state.batch_files(sha256).get(TRACE_FILE, b'{"claims": []}')
            self._traces[sha256] = {one["claim_number"]: one for one in json.loads(content)["claims"]}
        return self._traces[sha256]

    def trace(self, claim: KeptClaim) -> dict[str, Any]:
        """A decision's trace as it was written."""
        return self.traces(claim.batch_sha256).get(claim.claim_number, {})

    def settled_before(self, claim: KeptClaim, *, with_refusals: bool = False) -> Settled:
        """What people have settled of a claim in its favour, as its last trace tells it; and what they refused."""
        trace = self.trace(claim)
        facts = (trace.get("review") or {}).get("facts") or {}
        refused = dict(self._refused(trace)) if with_refusals else {}
        named = {one.step.rpartition(" ")[2] for one in refused.values()}
        return Settled(
            frozenset(facts.get("settled_edits") or ()) | named, refused, _read(facts.get("records_read"))
        )

    def _refused(self, trace: Mapping[str, Any]) -> Iterator[tuple[int, DecisionReason]]:
        """A person's refusals by line, with the codes that the rulebook has for them."""
        edits, decisions = edit_denials(self.rulebook), plan_decisions(self.rulebook)
        reasons = review_reasons(self.rulebook)
        for line in trace.get("lines", ()):
            for told in line["reasons"]:
                step, _, name = told["step"].partition(" ")
                if step != REVIEW_STEP:
                    continue
                if name in edits:
                    codes = edits[name].codes
                elif name in reasons:
                    codes = decisions[reasons[name].decision].codes
                else:
                    continue
                cites = tuple(told["citations"])
                yield (
                    line["claim_line_number"],
                    DecisionReason(told["step"], told["text"], cites, told["facts"], codes),
                )

    def decided(self, claim: KeptClaim) -> DecidedClaim | None:
        """A paid or denied claim with its lines; None for any other."""
        if claim.member is None:
            return None
        return self.state.find_claim(claim.claim_number, claim.member)

    # -- deciding again ------------------------------------------------------------------------------------------------

    def opening(self, member: MemberKey, year: int) -> Accumulator:
        """What a member had met of a year before this system decided."""
        return self.book.accumulators.get((member, year), Accumulator())

    def case(self, claim: KeptClaim, met: Accumulator, settled: Settled = NOTHING_SETTLED) -> ClaimCase:
        """The claim to be decided again, under its next number, without anybody's mistakes."""
        record, root = self.record(claim), root_of(claim.claim_number)
        lines = () if claim.member is None else self.state.history(claim.member)
        place = next((at for at, line in enumerate(lines) if root_of(line.claim_number) == root), len(lines))
        others = [line for line in lines if root_of(line.claim_number) != root]
        return ClaimCase(
            record=record,
            claim_number=self.next_number(root),
            received_date=self.received_date(claim),
            history=tuple(others),
            later_numbers=frozenset(line.claim_number for line in others[place:]),
            took_nothing_back=self._took_nothing_back(claim, record),
            met=met,
            original=self._original(claim, record),
            settled_edits=settled.edit_ids,
            refusals=settled.refusals,
            records_read=settled.read,
        )

    def _original(self, claim: KeptClaim, record: ClaimRecord) -> DecidedClaim | None:
        """What the decision takes back: this claim's own earlier one, else the claim that a pended one corrects."""
        if claim.answer is not Answer.PENDED:
            return self.decided(claim)
        number = record.payer_claim_control_number
        if not number or record.frequency_code == ORIGINAL or claim.member is None:
            return None
        file = member_files(self.state.member_rows([claim.member]))[claim.member]
        return file.find_corrected(number)

    def _took_nothing_back(self, claim: KeptClaim, record: ClaimRecord) -> bool:
        """Whether a decided claim meant to take another one back, and none of its decisions did."""
        if claim.answer is Answer.PENDED or record.frequency_code not in (REPLACEMENT, VOID):
            return False
        if record.frequency_code == REPLACEMENT and not record.payer_claim_control_number:
            return False
        root = root_of(claim.claim_number)
        return all(root_of(number) == root for number in taken_back_by_claim(self.state, root))


def _read(told: Any) -> RecordsRead | None:
    """What a trace says was read in the records; None where it says nothing."""
    if not isinstance(told, dict):
        return None
    consent = told.get("consent_date")
    return RecordsRead(told.get("minutes_counted"), None if consent is None else date.fromisoformat(consent))
