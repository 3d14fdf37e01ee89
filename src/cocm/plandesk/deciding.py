"""Decides many claims, in one process or in several: each member's claims in one, in the order of their file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from typing import Final, NamedTuple
from zlib import crc32

from cocm.basics.identity import stable_id
from cocm.basics.records import copier
from cocm.plan.adjudicate import Adjudicator, ClaimCase
from cocm.plan.cost_share import MemberShare
from cocm.plan.decision import Answer, ClaimDecisionMade, LineDecision
from cocm.plan.interest import Interest
from cocm.plan.mistakes import NO_MISTAKES, ErringPlan
from cocm.plan.records import Accumulator, MemberKey
from cocm.plan.trace import TraceWriter
from cocm.plandesk.aside import Aside
from cocm.plandesk.late import interest_of
from cocm.plandesk.member_file import MemberFile
from cocm.plandesk.state import ClaimRow, LineRow, PlanState, decision_rows
from cocm.x12.claim_record import ClaimRecord, LineRecord
from cocm.x12.remittance_record import Adjustment

CLAIMS_PER_CHUNK: Final = 20_000
CLAIMS_WORTH_A_WORKER: Final = 1_000
CLAIMS_TOGETHER: Final = 250
_ORIGINAL: Final = "1"
_SETTLED: Final = frozenset({Answer.PAID, Answer.DENIED})


class Decided(NamedTuple):
    """A decision with what is kept and told of it: its rows in the state, its trace, the interest on what is late."""

    decision: ClaimDecisionMade
    claim_row: ClaimRow
    line_rows: list[LineRow]
    trace_json: str
    trace_text: str
    interest: Interest | None


@dataclass(frozen=True, slots=True)
class Deciding:
    """What is the same for all claims of a file. Payments are made on `payment_date`."""

    adjudicator: Adjudicator
    received_date: date
    payment_date: date
    erring: ErringPlan | None
    digest: str
    workers: int = 1
    traces: TraceWriter = field(default_factory=TraceWriter)

    def decide_all(self, records: Sequence[ClaimRecord], state: PlanState) -> list[Decided]:
        """Decide a file's accepted claims in their order, and record them."""
        found: list[Decided] = []
        for at in range(0, len(records), CLAIMS_PER_CHUNK):
            some = self._chunk(records[at : at + CLAIMS_PER_CHUNK], state)
            state.record_rows([one.claim_row for one in some], [row for one in some for row in one.line_rows])
            found += some
        return found

    def _chunk(self, records: Sequence[ClaimRecord], state: PlanState) -> list[Decided]:
        files = state.member_files({key for one in records if (key := member_key(one)) is not None})
        parts: list[list[int]] = [[] for _ in range(self._worker_count(len(records)))]
        for at, record in enumerate(records):
            parts[crc32(record.member_id.encode()) % len(parts)].append(at)
        found: dict[int, Decided] = {}
        with ExitStack() as stack:
            others = [
                (part, stack.enter_context(Aside(self._sending(records, part, files), apart=True)))
                for part in parts[1:]
            ]
            found.update(zip(parts[0], self._decided([records[at] for at in parts[0]], files), strict=True))
            for part, aside in others:
                for at, sent in zip(part, aside.result(), strict=True):
                    found[at] = sent.received(records[at])
        return [found[at] for at in range(len(records))]

    def _worker_count(self, claim_count: int) -> int:
        return max(1, min(self.workers, claim_count // CLAIMS_WORTH_A_WORKER))

    def _sending(
        self, records: Sequence[ClaimRecord], part: Sequence[int], files: Mapping[MemberKey, MemberFile]
    ) -> Callable[[], list[_Sent]]:
        return lambda: list(map(_Sent.of, self._decided([records[at] for at in part], files)))

    def _decided(
        self, records: Sequence[ClaimRecord], files: Mapping[MemberKey, MemberFile]
    ) -> Iterator[Decided]:
        """Decide claims with the members' files, which then know of them.

        Many are led through one station after the other: the code of a station then stays near the processor.
        """
        adjudicator = self.adjudicator
        pack = adjudicator.rulebook.pack(adjudicator.book.profile.pack_id)
        for at in range(0, len(records), CLAIMS_TOGETHER):
            decisions = self._decisions(records[at : at + CLAIMS_TOGETHER], files)
            rows = [decision_rows((one,), self.digest) for one in decisions]
            interest = [interest_of(one, pack, self.payment_date) for one in decisions]
            told = list(map(self.traces.json_text, decisions, interest))
            texts = list(map(self.traces.text, decisions, interest))
            for decision, ((claim_row,), line_rows), trace_json, trace_text, owed in zip(
                decisions, rows, told, texts, interest, strict=True
            ):
                yield Decided(decision, claim_row, line_rows, trace_json, trace_text, owed)

    def _decisions(
        self, records: Sequence[ClaimRecord], files: Mapping[MemberKey, MemberFile]
    ) -> list[ClaimDecisionMade]:
        """Of each member one claim after the other; those of different members together."""
        members = [member_key(record) for record in records]
        found: dict[int, ClaimDecisionMade] = {}
        for turn in _turns(members):
            own = [None if (member := members[at]) is None else files[member] for at in turn]
            cases = [self._case(records[at], file) for at, file in zip(turn, own, strict=True)]
            for at, file, decision in zip(turn, own, self.adjudicator.decide_all(cases), strict=True):
                found[at] = decision
                if file is not None:
                    file.add(decision)
        return [found[at] for at in range(len(records))]

    def _case(self, record: ClaimRecord, file: MemberFile | None) -> ClaimCase:
        book = self.adjudicator.book
        number = stable_id("P", book.profile.plan_id, self.digest, record.start)
        mistakes = NO_MISTAKES if self.erring is None else self.erring.mistakes_on(record.claim_id)
        member = member_key(record)
        if member is None or file is None:
            return ClaimCase(record, number, self.received_date, (), Accumulator(), None, mistakes)
        control_number = record.payer_claim_control_number
        original = None
        if control_number and record.frequency_code != _ORIGINAL:
            original = file.find_claim(control_number)
        year = min([line.service_to_date for line in record.lines]).year
        opening = book.accumulators.get((member, year), Accumulator())
        met = file.met(year, opening, "" if original is None else original.claim_number)
        return ClaimCase(record, number, self.received_date, file.history(), met, original, mistakes)


def _turns(members: Sequence[MemberKey | None]) -> list[list[int]]:
    """The places of claims in turns, of each member one in each; a claim without a member bears on no other."""
    seen: Counter[MemberKey] = Counter()
    turns: list[list[int]] = [[]]
    for at, member in enumerate(members):
        turn = 0
        if member is not None:
            turn = seen[member]
            seen[member] += 1
        if turn == len(turns):
            turns.append([])
        turns[turn].append(at)
    return turns


def member_key(record: ClaimRecord) -> MemberKey | None:
    """Who the patient of a claim is to the plan; None where the claim does not tell."""
    birth_date = record.patient.birth_date
    return None if birth_date is None else (record.member_id, birth_date)


_decision_with = copier(ClaimDecisionMade)


_SentLine = tuple[str, int, tuple[int, int, int], int, tuple[tuple[str, str, int], ...], tuple[str, ...]]


class _Sent(NamedTuple):
    """A decision on its way between processes: without its claim; one that is settled, without its reasons."""

    decision: ClaimDecisionMade | None
    head: tuple[str, str, str, date | None, date]
    member: MemberKey | None
    lines: tuple[_SentLine, ...]
    claim_row: ClaimRow
    line_rows: list[LineRow]
    trace_json: str
    trace_text: str
    interest: Interest | None

    @classmethod
    def of(cls, made: Decided) -> _Sent:
        decision = made.decision
        head = (
            decision.claim_number,
            decision.answer.value,
            decision.status_code,
            decision.payment_due_date,
            decision.received_date,
        )
        if decision.answer in _SETTLED and decision.forward_to is None and decision.reversal is None:
            lines = tuple([_sent_line(line) for line in decision.lines])
            return cls(None, head, decision.member, lines, *made[1:])
        return cls(_decision_with(decision, record=None), head, decision.member, (), *made[1:])

    def received(self, record: ClaimRecord) -> Decided:
        """The decision with its claim again."""
        if self.decision is not None:
            decision = _decision_with(self.decision, record=record)
        else:
            claim_number, answer, status_code, due_date, received_date = self.head
            lines = [_line(line, *sent) for line, sent in zip(record.lines, self.lines, strict=True)]
            decision = ClaimDecisionMade(
                claim_number=claim_number,
                record=record,
                member=self.member,
                received_date=received_date,
                answer=Answer(answer),
                status_code=status_code,
                lines=tuple(lines),
                payment_due_date=due_date,
            )
        return Decided(decision, *self[4:])


def _sent_line(line: LineDecision) -> _SentLine:
    share = line.share
    return (
        line.answer.value,
        line.allowed_amount_cents,
        (share.deductible_cents, share.copayment_cents, share.coinsurance_cents),
        line.paid_amount_cents,
        tuple([(one.group_code, one.reason_code, one.amount_cents) for one in line.adjustments]),
        line.remark_codes,
    )


def _line(
    line: LineRecord,
    answer: str,
    allowed_cents: int,
    share: tuple[int, int, int],
    paid_cents: int,
    adjustments: tuple[tuple[str, str, int], ...],
    remark_codes: tuple[str, ...],
) -> LineDecision:
    """A line's decision without its reasons."""
    return LineDecision(
        line=line,
        answer=Answer(answer),
        allowed_amount_cents=allowed_cents,
        share=MemberShare(*share),
        paid_amount_cents=paid_cents,
        adjustments=tuple([Adjustment(*one, None) for one in adjustments]),
        remark_codes=remark_codes,
        route=None,
        reasons=(),
    )
