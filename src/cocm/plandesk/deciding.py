"""Decides many claims, in one process or in several: each member's claims in one, in the order of their file."""

from __future__ import annotations

import marshal
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from itertools import accumulate
from typing import BinaryIO, Final, NamedTuple

from cocm.basics.identity import stable_id
from cocm.basics.records import copier, maker
from cocm.plan.adjudicate import Adjudicator
from cocm.plan.claim_case import ClaimCase
from cocm.plan.cost_share import MemberShare
from cocm.plan.decision import Answer, ClaimDecisionMade, LineDecision
from cocm.plan.interest import Interest
from cocm.plan.mistakes import NO_MISTAKES, ErringPlan
from cocm.plan.records import Accumulator, MemberKey
from cocm.plan.remembered import KEPT_MAX
from cocm.plandesk.aside import Aside, HandedOver
from cocm.plandesk.late import interest_of
from cocm.plandesk.member_file import MemberFile
from cocm.plandesk.state import ClaimRow, LineRow, PlanState, decision_rows, member_files
from cocm.plandesk.trace_files import SharedTraces, TraceRun, TraceShare
from cocm.plandesk.trace_writer import TraceWriter
from cocm.x12.claim_record import ClaimRecord, LineRecord
from cocm.x12.remittance_record import Adjustment
from cocm.x12.reply import Reply

CLAIMS_PER_CHUNK: Final = 64_000
CLAIMS_WORTH_A_WORKER: Final = 1_000
CLAIMS_TOGETHER: Final = 250
# What else is done for a claim, measured in the deciding of one.
CLAIMS_PER_ANSWER: Final = 0.15
CLAIMS_PER_HISTORY_READ: Final = 0.13
_ORIGINAL: Final = "1"
_SETTLED: Final = frozenset({Answer.PAID, Answer.DENIED})
_ANSWER_BY_TEXT: Final = {answer.value: answer for answer in Answer}


class Decided(NamedTuple):
    """A decision with what is kept of it: its rows in the state, and the interest on what is late."""

    decision: ClaimDecisionMade
    claim_row: ClaimRow
    line_rows: list[LineRow]
    interest: Interest | None


class DecidedPart(NamedTuple):
    """Some of a file's claims as decided, and their traces as each process wrote them.

    `replies` are the answers to the file, where they were asked for.
    """

    decided: list[Decided]
    traces: SharedTraces
    replies: tuple[Reply, ...] = ()

    def record(self, state: PlanState) -> None:
        """Record the decisions."""
        decided = self.decided
        state.record_rows(
            [one.claim_row for one in decided], [row for one in decided for row in one.line_rows]
        )


@dataclass(frozen=True, slots=True)
class Deciding:
    """What is the same for all claims of a file. Payments are made on `payment_date`.

    `new_file` gives a file for what waits, gone when it is closed.
    """

    adjudicator: Adjudicator
    received_date: date
    payment_date: date
    erring: ErringPlan | None
    digest: str
    new_file: Callable[[], BinaryIO]
    workers: int = 1
    traces: TraceWriter = field(default_factory=TraceWriter)

    def parts(
        self,
        records: Sequence[ClaimRecord],
        state: PlanState,
        answering: Callable[[], tuple[Reply, ...]] | None = None,
    ) -> Iterator[DecidedPart]:
        """Decide a file's accepted claims in their order, some thousands at a time.

        Each part must be recorded before the next is asked for. `answering` makes the answers to the file, which come
        with the first part: another process, where there is one, makes them while this one reads the histories.
        """
        part_count = -(-len(records) // CLAIMS_PER_CHUNK)
        for at in range(part_count):
            start, end = (edge * len(records) // part_count for edge in (at, at + 1))
            yield self._part(records[start:end], state, None if at else answering, len(records))

    def _part(
        self,
        records: Sequence[ClaimRecord],
        state: PlanState,
        answering: Callable[[], tuple[Reply, ...]] | None,
        answered_count: int,
    ) -> DecidedPart:
        """`answered_count` is for how many claims `answering` makes an answer."""
        worker_count = self._worker_count(len(records))
        before = _before(worker_count, len(records), answered_count if answering is not None else 0)
        *places_of_others, own_places = _shares(records, before)
        own_share = self._new_share()
        found: list[Decided | None] = [None] * len(records)
        replies: tuple[Reply, ...] = ()
        traces: SharedTraces = []
        with ExitStack() as stack:
            others = []
            for places in places_of_others:
                history = stack.enter_context(HandedOver(self.new_file()))
                work = _Sending(self, records, places, history, self._new_share(), answering)
                others.append((work, stack.enter_context(Aside(work, apart=True))))
                answering = None  # one is enough
            for work, _ in others:
                work.history.give(state.member_rows(_members(records, work.places)))
            if answering is not None:
                replies = answering()
            files = member_files(state.member_rows(_members(records, own_places)))
            for place, one in self.decided(records, own_places, files, own_share):
                found[place] = one
            receiving = _Receiving(self.received_date)
            for work, aside in others:
                sent = aside.result()
                replies = replies or sent.replies
                traces.append((work.share, sent.runs))
                for place, one in receiving.decisions(records, work.places, sent):
                    found[place] = one
        traces.append((own_share, own_share.finish()))
        return DecidedPart([one for one in found if one is not None], traces, replies)

    def _new_share(self) -> TraceShare:
        return TraceShare(self.new_file(), self.new_file())

    def _worker_count(self, claim_count: int) -> int:
        return max(1, min(self.workers, claim_count // CLAIMS_WORTH_A_WORKER))

    def decided(
        self,
        records: Sequence[ClaimRecord],
        places: Sequence[int],
        files: Mapping[MemberKey, MemberFile],
        share: TraceShare,
    ) -> Iterator[tuple[int, Decided]]:
        """Decide the claims at some places with the members' files, which then know of them.

        Many are led through one station after the other: the code of a station then stays near the processor.
        """
        adjudicator = self.adjudicator
        pack = adjudicator.rulebook.pack(adjudicator.book.profile.pack_id)
        for at in range(0, len(places), CLAIMS_TOGETHER):
            some = places[at : at + CLAIMS_TOGETHER]
            decisions = self._decisions([records[place] for place in some], files)
            rows = [decision_rows((one,), self.digest) for one in decisions]
            interest = [interest_of(one, pack, self.payment_date) for one in decisions]
            for place, decision, owed in zip(some, decisions, interest, strict=True):
                share.add(place, self.traces.json_line(decision, owed), self.traces.text(decision, owed))
            for place, decision, ((claim_row,), line_rows), owed in zip(
                some, decisions, rows, interest, strict=True
            ):
                yield place, Decided(decision, claim_row, line_rows, owed)

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
            original = file.find_corrected(control_number)
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


def _members(records: Sequence[ClaimRecord], places: Sequence[int]) -> set[MemberKey]:
    """Whose claims they are."""
    return {key for at in places if (key := member_key(records[at])) is not None}


def member_key(record: ClaimRecord) -> MemberKey | None:
    """Who the patient of a claim is to the plan; None where the claim does not tell."""
    birth_date = record.patient.birth_date
    return None if birth_date is None else (record.member_id, birth_date)


_decision_with = copier(ClaimDecisionMade)
_made = maker(ClaimDecisionMade)
_line = maker(LineDecision)
_WITHOUT_REFERENCES: Final = 2
"""The form of marshal that does not look for objects it has met before: there are few."""

_SentLine = tuple[str, int, int, int, int, int, tuple[tuple[str, str, int], ...], tuple[str, ...]]
_SentClaim = tuple[ClaimRow, list[LineRow], str, int | None, bool, tuple[_SentLine, ...]]


class _Sent(NamedTuple):
    """What a process decided, on its way to its parent, by place in the order of its places.

    `settled` are claims paid or denied that bear on no other, without their reasons, in marshal's form, as it is
    several times faster than pickle; None stands for each of `others`, decisions whole but for their claims.
    """

    replies: tuple[Reply, ...]
    settled: bytes
    others: list[tuple[ClaimDecisionMade, ClaimRow, list[LineRow]]]
    interest: dict[int, Interest]
    runs: list[TraceRun]


@dataclass(frozen=True, slots=True)
class _Sending:
    """Answers the file, where that is asked for; decides a share, and packs what came of it."""

    deciding: Deciding
    records: Sequence[ClaimRecord]
    places: Sequence[int]
    history: HandedOver
    share: TraceShare
    answering: Callable[[], tuple[Reply, ...]] | None

    def __call__(self) -> _Sent:
        replies = () if self.answering is None else self.answering()
        files = member_files(self.history.taken())
        settled: list[_SentClaim | None] = []
        others: list[tuple[ClaimDecisionMade, ClaimRow, list[LineRow]]] = []
        interest: dict[int, Interest] = {}
        for place, (decision, claim_row, line_rows, owed) in self.deciding.decided(
            self.records, self.places, files, self.share
        ):
            if owed is not None:
                interest[place] = owed
            if decision.answer in _SETTLED and decision.forward_to is None and decision.reversal is None:
                due_date = decision.payment_due_date
                settled.append(
                    (
                        claim_row,
                        line_rows,
                        decision.status_code,
                        None if due_date is None else due_date.toordinal(),
                        decision.member is not None,
                        tuple([_sent_line(line) for line in decision.lines]),
                    )
                )
            else:
                settled.append(None)
                others.append((_decision_with(decision, record=None), claim_row, line_rows))
        packed = marshal.dumps(settled, _WITHOUT_REFERENCES)
        return _Sent(replies, packed, others, interest, self.share.finish())


def _sent_line(line: LineDecision) -> _SentLine:
    share = line.share
    return (
        line.answer.value,
        line.allowed_amount_cents,
        share.deductible_cents,
        share.copayment_cents,
        share.coinsurance_cents,
        line.paid_amount_cents,
        tuple([(one.group_code, one.reason_code, one.amount_cents) for one in line.adjustments]),
        line.remark_codes,
    )


class _Receiving:
    """Makes decisions of what was sent; what lines decided alike share is made once."""

    def __init__(self, received_date: date) -> None:
        self._received_date = received_date
        self._known: dict[_SentLine, tuple[Answer, MemberShare, tuple[Adjustment, ...]]] = {}
        self._days: dict[int | None, date | None] = {None: None}

    def decisions(
        self, records: Sequence[ClaimRecord], places: Sequence[int], sent: _Sent
    ) -> Iterator[tuple[int, Decided]]:
        """Each decision with its claim again, and its place."""
        others = iter(sent.others)
        claims: list[_SentClaim | None] = marshal.loads(sent.settled)
        for place, claim in zip(places, claims, strict=True):
            record, owed = records[place], sent.interest.get(place)
            if claim is None:
                decision, claim_row, line_rows = next(others)
                yield place, Decided(_decision_with(decision, record=record), claim_row, line_rows, owed)
            else:
                yield place, Decided(self._decision(record, claim), claim[0], claim[1], owed)

    def _decision(self, record: ClaimRecord, claim: _SentClaim) -> ClaimDecisionMade:
        claim_row, _, status_code, due_ordinal, has_member, sent_lines = claim
        if due_ordinal not in self._days:
            assert due_ordinal is not None
            self._days[due_ordinal] = date.fromordinal(due_ordinal)
        lines = [self._line(line, sent) for line, sent in zip(record.lines, sent_lines, strict=True)]
        return _made(
            claim_row[0],
            record,
            member_key(record) if has_member else None,
            self._received_date,
            _ANSWER_BY_TEXT[claim_row[6]],
            status_code,
            tuple(lines),
            payment_due_date=self._days[due_ordinal],
        )

    def _line(self, line: LineRecord, sent: _SentLine) -> LineDecision:
        """A line's decision without its reasons."""
        known = self._known.get(sent)
        if known is None:
            text, _, deductible, copayment, coinsurance, _, adjusted, _ = sent
            known = (
                Answer(text),
                MemberShare(deductible, copayment, coinsurance),
                tuple([Adjustment(*one, None) for one in adjusted]),
            )
            if len(self._known) >= KEPT_MAX:
                self._known.clear()
            self._known[sent] = known
        answer, share, adjustments = known
        return _line(line, answer, sent[1], share, sent[5], adjustments, sent[7], None, ())


def _before(worker_count: int, claim_count: int, answered_count: int) -> list[float]:
    """What each process does before it decides, in claims that it could decide meanwhile; the last is this one.

    The first makes the answers. Each gets its members' histories when this one has read them, its own at the end.
    """
    history = CLAIMS_PER_HISTORY_READ * claim_count / worker_count
    before = [history * number for number in range(1, worker_count + 1)]
    before[0] = max(before[0], CLAIMS_PER_ANSWER * answered_count)
    return before


def _shares(records: Sequence[ClaimRecord], before: Sequence[float]) -> list[list[int]]:
    """The places of claims for some processes, so that all end at once: neighbours, and a member's together.

    `before` is what each does before, in claims.
    """
    at_end = (len(records) + sum(before)) / len(before)
    ends = list(accumulate([max(0.0, at_end - one) for one in before]))
    claims_of = Counter([record.member_id for record in records])  # in the order of their first
    part_of: dict[str, int] = {}
    part = count_before = 0
    for member_id, claim_count in claims_of.items():
        while part < len(ends) - 1 and count_before >= ends[part]:
            part += 1
        part_of[member_id] = part
        count_before += claim_count
    parts: list[list[int]] = [[] for _ in before]
    for at, record in enumerate(records):
        parts[part_of[record.member_id]].append(at)
    return parts
