"""Decides a claim: eligibility, route, the edit catalogue, duplicates, the amount allowed, the member's share.

What is not known never denies and never pends by itself: of the edits only those that fail count. A failure that may
not block asks a person, unless it rests on a value that is merely assumed: that is noted and the line goes on. A claim
of which one line must wait waits as a whole.

The member's claims that still wait are no services that stand, and refuse nothing. A line whose answer they may change
waits with those that came before it.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Final, TypeAlias, TypeVar

from cocm.basics.errors import X12Error
from cocm.basics.identity import Provenance
from cocm.basics.records import copier, maker
from cocm.claims.submission import VOID
from cocm.edits.check import judge_claim, judge_claims
from cocm.edits.codes import cocm_codes
from cocm.edits.finding import CheckResult
from cocm.edits.subject import EditSubject
from cocm.plan.claim_case import ClaimCase, CoveredLine, Examination, ExaminedLine, Hindrance
from cocm.plan.decision import Answer, Answered, ClaimDecisionMade, DecisionReason, LineDecision
from cocm.plan.duplicates import compare
from cocm.plan.history import DecidedLine, history_lines
from cocm.plan.line_decision import line_with, number_of, open_line, refused_line
from cocm.plan.line_denials import LineDenials
from cocm.plan.line_edits import LineEdits
from cocm.plan.line_mistakes import mistaken_answer
from cocm.plan.line_price import LinePrices
from cocm.plan.line_routes import LineRoutes
from cocm.plan.records import Accumulator, CoverageSpan, Member, PlanBook, ServiceClass
from cocm.plan.remembered import Remembered
from cocm.plan.route import LineRoute, forward_by
from cocm.plan.subject import edit_subject
from cocm.plan.undecidable import why_undecidable
from cocm.rules import PackOn, Rulebook
from cocm.rules.plan_decisions import plan_decisions
from cocm.rules.review_reasons import ReasonNeeds
from cocm.x12.claim_record import ClaimRecord, LineRecord

PAYMENT_DAYS: Final = "clock.payment_days"
_STATUS_NAMES: Final = {
    Answer.DENIED: "denied",
    Answer.FORWARDED: "forwarded",
    Answer.REVERSED: "reversed",
}
_decision = maker(ClaimDecisionMade)
_decision_with = copier(ClaimDecisionMade)

_Result = TypeVar("_Result")
_Deciding: TypeAlias = Generator[EditSubject, CheckResult, _Result]
"""Work that hands out what the edits are asked about, and goes on with what they say."""


def _result_of(work: _Deciding[_Result], check: CheckResult) -> _Result:
    """What comes of work that asked, with the answer."""
    try:
        work.send(check)
    except StopIteration as done:
        result: _Result = done.value
        return result
    raise AssertionError("a claim asks the edits once")


def _at_once(work: _Deciding[_Result]) -> _Result:
    """What comes of work whose question is answered by itself."""
    try:
        return _result_of(work, judge_claim(next(work)))
    except StopIteration as done:
        result: _Result = done.value
        return result


def _held(line: LineDecision) -> LineDecision:
    """A line of a claim that waits: nothing is paid, refused or handed on, whatever speaks for it."""
    if line.answer is Answer.PENDED:
        return line
    return line_with(
        open_line(line.line, Answer.PENDED, line.reasons, line.route), comparisons=line.comparisons
    )


def _several_entities(routes: Iterable[LineRoute | None]) -> Hindrance | None:
    """What keeps a claim whose lines belong to more than one other entity; None where they do not."""
    others = {route.entity.entity_id for route in routes if route is not None and route.entity is not None}
    if len(others) <= 1:
        return None
    why = f"its lines belong to several entities: {', '.join(sorted(others))}"
    return Hindrance(why, ReasonNeeds.SEVERAL_ENTITIES)


class Adjudicator:
    """Decides claims of one plan. The same case gives the same decision."""

    def __init__(self, book: PlanBook, rulebook: Rulebook, as_of_date: date) -> None:
        self.book = book
        self.rulebook = rulebook
        self._provenance = Provenance(book.profile.plan_id, as_of_date, rulebook.content_hash)
        self._pack = rulebook.pack(book.profile.pack_id)
        self._named = plan_decisions(rulebook)
        self._cocm = cocm_codes(rulebook)
        self._policies = Remembered[date, PackOn]()
        self._clocks = Remembered[tuple[date, PackOn], tuple[date | None, tuple[str, ...]]]()
        self._routes = LineRoutes(book, self._named)
        self._edits = LineEdits(rulebook)
        self._denials = LineDenials(rulebook, self._named)
        self._prices = LinePrices(book, rulebook, self._named, self._routes, self._denials)

    def decide(self, case: ClaimCase) -> ClaimDecisionMade:
        """The decision of a claim that was taken in."""
        return self.decide_all((case,))[0]

    def decide_all(self, cases: Sequence[ClaimCase]) -> list[ClaimDecisionMade]:
        """`decide` of claims none of which bears on another, in their order and in less time.

        Each is led to where the edits are asked; these are asked of all before any goes on, so that the code that does
        one thing stays near the processor.
        """
        found: dict[int, ClaimDecisionMade] = {}
        waiting: list[tuple[int, _Deciding[ClaimDecisionMade], EditSubject]] = []
        for at, case in enumerate(cases):
            work = self._deciding(case)
            try:
                waiting.append((at, work, next(work)))
            except StopIteration as done:
                found[at] = done.value
        checks = judge_claims([subject for _, _, subject in waiting])
        for (at, work, _), check in zip(waiting, checks, strict=True):
            found[at] = _result_of(work, check)
        return [found[at] for at in range(len(cases))]

    def _deciding(self, case: ClaimCase) -> _Deciding[ClaimDecisionMade]:
        """The decision; on the way it may ask once for the edits' judgement."""
        record = case.record
        birth_date = record.patient.birth_date
        key = None if birth_date is None else (record.member_id, birth_date)
        member = None if key is None else self.book.members.get(key)
        hindrance = why_undecidable(self.book, case, member)
        if hindrance is not None:
            if hindrance.ends_with and self._is_refused_whole(case):
                return self._all_refused(case, member)
            return self._pended(case, member, hindrance.text)
        if member is None:
            return self._all_denied(case, "member_unknown", "eligibility")
        if record.frequency_code == VOID and case.original is not None:
            return self._made(case, member, Answer.REVERSED, ())
        lines, unknown = yield from self._decided_lines(case, member)
        if awaited := case.awaited_numbers:
            lines = self._with_awaited(case, member, lines, awaited)
        waiting = tuple(
            f"line {one.line.claim_line_number}: {reason.text}"
            for one in lines
            if one.answer is Answer.PENDED
            for reason in one.reasons
            if reason.step.startswith("wait")
        )
        apart = _several_entities(one.route for one in lines if one.answer is Answer.FORWARDED)
        if apart is not None:
            if self._is_refused_whole(case):
                return self._all_refused(case, member)
            waiting = (*waiting, apart.text)
        if waiting:
            made = self._made(case, member, Answer.PENDED, tuple(map(_held, lines)))
            return _decision_with(made, pended_for=waiting, reversal=None, unknown_edits=unknown)
        answers = {one.answer for one in lines}
        answer = Answer.PAID if Answer.PAID in answers else Answer.DENIED
        made = self._made(case, member, Answer.FORWARDED if answers == {Answer.FORWARDED} else answer, lines)
        return _decision_with(made, unknown_edits=unknown)

    def examine(self, case: ClaimCase) -> Examination:
        """What the claim is decided by: routes, what stands beside it, and the catalogue's findings."""
        record = case.record
        birth_date = record.patient.birth_date
        member = None if birth_date is None else self.book.members.get((record.member_id, birth_date))
        covered: dict[int, CoveredLine] = {}
        for place, line in enumerate(record.lines):
            span = None if member is None else member.span_on(line.service_to_date)
            if span is not None:
                covered[place] = self._covered(record, line, span)
        own = {place: one for place, one in covered.items() if one.route.entity == self.book.own_entity}
        others = [one for one in case.history if one.claim_number != number_of(case.original)]
        lines = tuple(
            ExaminedLine(
                line,
                covered[place].span.product if place in covered else "",
                covered[place].route if place in covered else None,
                tuple(compare(record, line, others, self._policy(line))),
            )
            for place, line in enumerate(record.lines)
        )
        check = None if member is None else _at_once(self._checked(case, member, own))
        hindrance = why_undecidable(self.book, case, member)
        elsewhere = (one.route for one in covered.values() if one.route.entity != self.book.own_entity)
        return Examination(member, lines, check, hindrance or _several_entities(elsewhere))

    # -- the claim as a whole --------------------------------------------------------------------------------------

    def _pended(self, case: ClaimCase, member: Member | None, why: str) -> ClaimDecisionMade:
        reasons = (DecisionReason("wait", why, (), {}, None),)
        lines = tuple(open_line(line, Answer.PENDED, reasons) for line in case.record.lines)
        made = self._made(case, member, Answer.PENDED, lines)
        return _decision_with(made, pended_for=(why,), reversal=None)

    def _is_refused_whole(self, case: ClaimCase) -> bool:
        """Whether a person refused every line."""
        return all(line.claim_line_number in case.refusals for line in case.record.lines)

    def _all_refused(self, case: ClaimCase, member: Member | None) -> ClaimDecisionMade:
        """A claim that cannot be decided, as a person refused it. It takes nothing back."""
        lines = tuple(
            self._denials.refused(line, case.refusals[line.claim_line_number]) for line in case.record.lines
        )
        return _decision_with(self._made(case, member, Answer.DENIED, lines), reversal=None)

    def _all_denied(self, case: ClaimCase, name: str, step: str) -> ClaimDecisionMade:
        lines = tuple(self._denials.denied(line, name, step) for line in case.record.lines)
        return self._made(case, None, Answer.DENIED, lines)

    def _made(
        self, case: ClaimCase, member: Member | None, answer: Answer, lines: tuple[LineDecision, ...]
    ) -> ClaimDecisionMade:
        policy = self._policy(case.record.lines[0])
        status = _STATUS_NAMES.get(answer) or f"processed_{case.record.payer_sequence}"
        due_date, clock_cites = self._payment_clock(case.received_date, policy)
        forward_to = forward_date = None
        cites = clock_cites
        for one in lines:
            if one.answer is Answer.FORWARDED and one.route is not None:
                forward_to = one.route.entity
                forward_date, clock = forward_by(case.received_date, policy)
                cites = tuple(dict.fromkeys([*one.route.cites, clock.cite, *clock_cites]))
        named = self._named.get(status)
        return _decision(
            case.claim_number,
            case.record,
            None if member is None else (member.member_id, member.birth_date),
            case.received_date,
            answer,
            "" if named is None else named.claim_status_code,
            lines,
            case.original,
            forward_to=forward_to,
            forward_by_date=forward_date,
            payment_due_date=due_date,
            cites=cites,
        )

    def _payment_clock(self, received_date: date, policy: PackOn) -> tuple[date | None, tuple[str, ...]]:
        """The last day of the payer's clock (None: not known), and the rule that says so."""
        key = (received_date, policy)
        known = self._clocks.get(key)
        if known is None:
            clock = policy.value(PAYMENT_DAYS)
            due_date = None if clock.integer is None else received_date + timedelta(days=clock.integer)
            known = self._clocks.keep(key, (due_date, (clock.cite,)))
        return known

    # -- its lines -------------------------------------------------------------------------------------------------

    def _decided_lines(
        self, case: ClaimCase, member: Member
    ) -> _Deciding[tuple[tuple[LineDecision, ...], tuple[str, ...]]]:
        """Every line's answer, and the ids of the edits that could not be decided for want of facts."""
        own: dict[int, CoveredLine] = {}
        refused: dict[int, LineDecision] = {}
        for place, line in enumerate(case.record.lines):
            span = member.span_on(line.service_to_date)
            if span is None:
                refused[place] = self._denials.not_in_force(member, line)
                continue
            covered = self._covered(case.record, line, span)
            elsewhere = self._routes.elsewhere(line, covered.route)
            if elsewhere is None:
                own[place] = covered
            else:
                refused[place] = elsewhere
        check = yield from self._checked(case, member, own)
        decisions: list[LineDecision] = []
        corrected = number_of(case.original)
        beside = [
            one for one in case.history if one.claim_number != corrected and (one.stands or one.is_undecided)
        ]
        met, owes_copayment = case.met, True
        for place in range(len(case.record.lines)):
            if place in refused:
                decisions.append(refused[place])
                continue
            one = self._decided(case, own[place], beside, check, met, owes_copayment)
            if one.answer is Answer.PAID:
                met = met.plus(one.share.deductible_cents, one.share.total_cents)
                owes_copayment = owes_copayment and not one.share.copayment_cents
            decisions.append(one)
        lines = self._denials.addons_with_base(tuple(decisions), case.history)
        return lines, self._edits.undecided(check)

    def _with_awaited(
        self, case: ClaimCase, member: Member, lines: tuple[LineDecision, ...], awaited: Sequence[str]
    ) -> tuple[LineDecision, ...]:
        """The lines, where earlier claims of the member wait: one that comes out otherwise if these are paid waits too.

        It shows the reasons for which it would be refused, so that a person may settle them.
        """
        others, _ = _at_once(self._decided_lines(case.with_awaited_paid(), member))
        why = f"depends on what becomes of a claim that waits: {', '.join(awaited)}"
        waits = DecisionReason("wait: claim", why, (), {}, None)
        found = []
        for one, other in zip(lines, others, strict=True):
            if one.answer is other.answer or Answer.FORWARDED in (one.answer, other.answer):
                found.append(one)
            else:
                held = [made.reasons for made in (one, other) if made.answer is not Answer.PAID]
                told = {(reason.step, reason.text): reason for reasons in held for reason in reasons}
                waiting = open_line(one.line, Answer.PENDED, (waits, *told.values()), one.route)
                found.append(line_with(waiting, comparisons=one.comparisons))
        return tuple(found)

    def _covered(self, record: ClaimRecord, line: LineRecord, span: CoverageSpan) -> CoveredLine:
        policy = self._policy(line)
        return CoveredLine(line, span, policy, self._routes.route(record, line, span, policy))

    def _checked(
        self, case: ClaimCase, member: Member, own: Mapping[int, CoveredLine]
    ) -> _Deciding[CheckResult | str | None]:
        """The catalogue's findings on the plan's own CoCM lines; None without one, words where it cannot be checked."""
        refused = case.refusals
        cocm = [
            one
            for one in own.values()
            if one.line.hcpcs_code in self._cocm
            and (one.line.claim_line_number not in refused or one.line.has_whole_units)
        ]
        if not cocm:
            return None
        first = min(cocm, key=lambda one: one.line.service_to_date)
        history = history_lines(one for one in case.history if one.is_told)
        # Of other lines only what counts whole units can stand in a claim of ours; the edits read no other.
        lines = [
            one.line
            for one in own.values()
            if one.line.has_whole_units
            or (one.line.hcpcs_code in self._cocm and one.line.claim_line_number not in refused)
        ]
        lines.sort(key=lambda line: line.hcpcs_code not in self._cocm)
        try:
            subject = edit_subject(
                self.book, member, first.span, case.record, lines, first.policy, history, self._provenance
            )
        except X12Error:
            return "its units are not a whole number"
        if case.records_read is not None:
            subject = replace(subject, evidence=case.records_read.evidence(subject.evidence))
        check = yield subject
        if case.settled_edits:
            left = (finding for finding in check.findings if finding.edit_id not in case.settled_edits)
            check = replace(check, findings=tuple(left))
        return check

    def _decided(
        self,
        case: ClaimCase,
        covered: CoveredLine,
        beside: Sequence[DecidedLine],
        check: CheckResult | str | None,
        met: Accumulator,
        owes_copayment: bool,
    ) -> LineDecision:
        """A line's answer. `beside` are the member's other lines that may bear on it."""
        line, policy, route = covered.line, covered.policy, covered.route
        comparisons = tuple(compare(case.record, line, beside, policy)) if beside else ()
        refusal = case.refusals.get(line.claim_line_number)
        found: Answered | None
        if refusal is not None:
            found = Answer.DENIED, (refusal,)
        elif route.service is ServiceClass.COCM:
            mistaken = mistaken_answer(case, covered, comparisons, self._named, self.rulebook)
            found = mistaken or self._edits.answer(line, check, policy)
        else:
            found = self._denials.repeated(comparisons)
        if found is None:
            priced = self._prices.decided(case, covered, met, owes_copayment=owes_copayment)
            noted = self._edits.noted(line, check) if route.service is ServiceClass.COCM else ()
            return line_with(priced, reasons=(*priced.reasons, *noted), comparisons=comparisons)
        answer, reasons = found
        if answer is Answer.PENDED:
            return line_with(open_line(line, answer, reasons, route), comparisons=comparisons)
        codes = next(reason.codes for reason in reasons if reason.codes is not None)
        return line_with(refused_line(line, answer, reasons, codes, route), comparisons=comparisons)

    def _policy(self, line: LineRecord) -> PackOn:
        day = line.service_to_date
        policy = self._policies.get(day)
        return self._policies.keep(day, self._pack.on(day)) if policy is None else policy
