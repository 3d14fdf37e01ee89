"""Decides a claim: eligibility, route, the edit catalogue, duplicates, the amount allowed, the member's share.

What is not known never denies and never pends by itself: of the edits only those that fail count. A failure that may
not block asks a person, unless it rests on a value that is merely assumed: that is noted and the line goes on. A claim
of which one line must wait waits as a whole.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Final, TypeAlias, TypeVar

from cocm.basics.errors import X12Error
from cocm.basics.identity import Provenance
from cocm.basics.records import copier, maker, quickly_made
from cocm.claims.submission import REPLACEMENT, VOID
from cocm.edits.check import judge_claim, judge_claims
from cocm.edits.codes import cocm_codes
from cocm.edits.finding import CheckResult, Finding
from cocm.edits.kleene import UNKNOWN
from cocm.edits.subject import EditSubject
from cocm.plan.allowed import Allowed, line_allowed
from cocm.plan.cost_share import MemberShare, find_benefit, member_share
from cocm.plan.decision import Answer, ClaimDecisionMade, DecisionReason, LineDecision
from cocm.plan.duplicates import Combination, Comparison, compare
from cocm.plan.history import DecidedClaim, DecidedLine, history_lines
from cocm.plan.line_decision import (
    adjustment_of,
    number_of,
    open_line,
    points_to_behavioral,
    refused_line,
    rests_on_assumption,
    share_facts,
)
from cocm.plan.mistakes import NO_MISTAKES, Mistake
from cocm.plan.record_triggers import RECORDS_STEP, RecordsRead, triggered
from cocm.plan.records import (
    Accumulator,
    Benefit,
    BillerType,
    CoverageSpan,
    Member,
    PlanBook,
    ServiceClass,
    Side,
)
from cocm.plan.remembered import KEPT_MAX, OfIdentity, Remembered
from cocm.plan.route import LineRoute, biller_type, forward_by, route_line
from cocm.plan.subject import edit_subject
from cocm.rules import PackOn, Rulebook, Severity
from cocm.rules.plan_decisions import DenialRight, edit_denials, plan_decisions
from cocm.x12.claim_record import ClaimRecord, LineRecord

PAYMENT_DAYS: Final = "clock.payment_days"
_PRIMARY: Final = "P"
_STATUS_NAMES: Final = {
    Answer.DENIED: "denied",
    Answer.FORWARDED: "forwarded",
    Answer.REVERSED: "reversed",
}
_decision = maker(ClaimDecisionMade)
_decision_with = copier(ClaimDecisionMade)
_line_with = copier(LineDecision)


@dataclass(frozen=True, slots=True)
class ClaimCase:
    """A claim with what the plan holds beside it: its earlier decisions, what was met, the claim that it corrects.

    `settled_edits` are those that a named reviewer has settled for the claim, `refusals` a reviewer's denials by line
    number; `records_read` is what a reviewer read in the records that came in.
    """

    record: ClaimRecord
    claim_number: str
    received_date: date
    history: tuple[DecidedLine, ...]
    met: Accumulator
    original: DecidedClaim | None
    mistakes: frozenset[Mistake] = NO_MISTAKES
    settled_edits: frozenset[str] = frozenset()
    refusals: Mapping[int, DecisionReason] = field(default_factory=dict)
    records_read: RecordsRead | None = None


@quickly_made
@dataclass(frozen=True, slots=True)
class _Covered:
    """A line of a member in force, with its route."""

    line: LineRecord
    span: CoverageSpan
    policy: PackOn
    route: LineRoute


@dataclass(frozen=True, slots=True)
class ExaminedLine:
    """A line beside the member's other services. `route` is None, `product` empty, where no coverage was in force."""

    line: LineRecord
    product: str
    route: LineRoute | None
    comparisons: tuple[Comparison, ...]


@dataclass(frozen=True, slots=True)
class Examination:
    """What a claim is decided by, for a person to read. `check` is as `Adjudicator` has it."""

    member: Member | None
    lines: tuple[ExaminedLine, ...]
    check: CheckResult | str | None


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


class Adjudicator:
    """Decides claims of one plan. The same case gives the same decision."""

    def __init__(self, book: PlanBook, rulebook: Rulebook, as_of_date: date) -> None:
        self.book = book
        self.rulebook = rulebook
        self._provenance = Provenance(book.profile.plan_id, as_of_date, rulebook.content_hash)
        self._pack = rulebook.pack(book.profile.pack_id)
        self._named = plan_decisions(rulebook)
        self._denials = edit_denials(rulebook)
        self._cocm = cocm_codes(rulebook)
        self._own_entity_id = book.own_entity.entity_id
        self._has_doubts = bool(
            book.members_in_doubt or not book.has_all_members or not book.has_all_accumulators
        )
        # Asked once for claims alike.
        self._policies = Remembered[date, PackOn]()
        self._clocks = Remembered[tuple[date, PackOn], tuple[date | None, tuple[str, ...]]]()
        self._billers = Remembered[tuple[str, str], BillerType | None]()
        self._routes = Remembered[tuple[object, ...], LineRoute]()
        self._forward_reasons = OfIdentity[LineRoute, DecisionReason]()
        self._denial_reasons = Remembered[tuple[str, str], DecisionReason]()
        self._route_reasons = OfIdentity[LineRoute, DecisionReason]()
        self._finding_reasons = OfIdentity[Finding, dict[str, DecisionReason]]()
        self._unknown = OfIdentity[CheckResult, tuple[str, ...]]()
        self._failures = OfIdentity[CheckResult, dict[int, list[Finding]]]()
        self._allowed = Remembered[tuple[object, ...], tuple[Allowed, DecisionReason]]()
        self._benefits = Remembered[tuple[object, ...], Benefit | None]()
        self._share_reasons = OfIdentity[Benefit, dict[MemberShare, DecisionReason]]()

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
        if pended_for := self._why_unreadable(case, member):
            return self._pended(case, member, pended_for)
        if member is None:
            return self._all_denied(case, "member_unknown", "eligibility")
        if record.frequency_code == VOID and case.original is not None:
            return self._made(case, member, Answer.REVERSED, ())
        lines, unknown = yield from self._decided_lines(case, member)
        waiting = tuple(
            f"line {one.line.claim_line_number}: {reason.text}"
            for one in lines
            if one.answer is Answer.PENDED
            for reason in one.reasons
            if reason.step.startswith("wait")
        )
        others = {
            one.route.entity.entity_id
            for one in lines
            if one.answer is Answer.FORWARDED and one.route is not None and one.route.entity is not None
        }
        if len(others) > 1:
            waiting = (*waiting, f"its lines belong to several entities: {', '.join(sorted(others))}")
        if waiting:
            made = self._made(case, member, Answer.PENDED, lines)
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
        covered: dict[int, _Covered] = {}
        for place, line in enumerate(record.lines):
            span = None if member is None else member.span_on(line.service_to_date)
            if span is not None:
                covered[place] = _Covered(line, span, self._policy(line), self._route(record, line, span))
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
        check: CheckResult | str | None = None
        if member is not None:
            asking = self._checked(case, member, own)
            try:
                check = _result_of(asking, judge_claim(next(asking)))
            except StopIteration as done:
                check = done.value
        return Examination(member, lines, check)

    # -- the claim as a whole --------------------------------------------------------------------------------------

    def _why_unreadable(self, case: ClaimCase, member: Member | None) -> tuple[str, ...]:
        """What keeps the claim from being decided at all."""
        record, original = case.record, case.original
        if record.patient.birth_date is None:
            return ("the patient's birth date is not on the claim, so the member cannot be told",)
        if member is None and not self.book.has_all_members:
            return ("the member was not found, and rows of the members' table could not be read",)
        if self._has_doubts and member is not None and (why := self._why_in_doubt(record, member)):
            return (why,)
        if record.payer_sequence != _PRIMARY:
            return ("another payer comes first; claims are decided here as the first payer's only",)
        if record.frequency_code in (REPLACEMENT, VOID):
            if original is None and record.payer_claim_control_number:
                return (
                    "no decided claim of the member is on file under the control number that it replaces or voids",
                )
            if original is None and record.frequency_code == VOID:
                return ("a void without the control number of the claim that it takes back",)
            if original is not None and original.is_reversed:
                return (f"claim {original.claim_number} was taken back already",)
            if original is not None and original.billing_npi != record.billing.identifier:
                return (f"claim {original.claim_number} was billed by another provider",)
        return ()

    def _why_in_doubt(self, record: ClaimRecord, member: Member) -> str:
        """What the plan's tables do not tell of a member for want of rows that could be read; empty where they do."""
        if record.frequency_code == VOID:
            return ""
        book, key = self.book, (member.member_id, member.birth_date)
        if key in book.members_in_doubt:
            return "a row of the plan's tables about the member could not be read"
        if not book.has_all_members and any(
            member.span_on(line.service_to_date) is None for line in record.lines
        ):
            return "no coverage was found for the day, and rows of the members' table could not be read"
        if book.has_all_accumulators:
            return ""
        year = min(line.service_to_date for line in record.lines).year
        if (key, year) in book.accumulators:
            return ""
        return "what the member has met was not found, and rows of the accumulators' table could not be read"

    def _pended(self, case: ClaimCase, member: Member | None, why: tuple[str, ...]) -> ClaimDecisionMade:
        reasons = tuple(DecisionReason("wait", text, (), {}, None) for text in why)
        lines = tuple(open_line(line, Answer.PENDED, reasons) for line in case.record.lines)
        made = self._made(case, member, Answer.PENDED, lines)
        return _decision_with(made, pended_for=why, reversal=None)

    def _all_denied(self, case: ClaimCase, name: str, step: str) -> ClaimDecisionMade:
        lines = tuple(self._denied(line, name, step) for line in case.record.lines)
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
        covered: dict[int, _Covered] = {}
        refused: dict[int, LineDecision] = {}
        for place, line in enumerate(case.record.lines):
            span = member.span_on(line.service_to_date)
            if span is None:
                refused[place] = self._not_in_force(member, line)
                continue
            route = self._route(case.record, line, span)
            covered[place] = _Covered(line, span, self._policy(line), route)
            if route.entity is None:
                why = DecisionReason("wait: route", route.reason, route.cites, {}, None)
                refused[place] = open_line(line, Answer.PENDED, (why,), route)
            elif route.entity.entity_id != self._own_entity_id:
                refused[place] = self._forwarded(line, route)
        own = {place: one for place, one in covered.items() if place not in refused}
        check = yield from self._checked(case, member, own)
        decisions: list[LineDecision] = []
        corrected = number_of(case.original)
        beside = [one for one in case.history if one.claim_number != corrected and one.stands]
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
        return self._addons_with_base(case, tuple(decisions)), self._unknown_edits(check)

    def _unknown_edits(self, check: CheckResult | str | None) -> tuple[str, ...]:
        """The edits that could not be decided, each once."""
        if not isinstance(check, CheckResult):
            return ()
        known = self._unknown.get(check)
        if known is None:
            ids = tuple(dict.fromkeys(finding.edit_id for finding in check.no_data))
            known = self._unknown.keep(check, ids)
        return known

    def _route(self, record: ClaimRecord, line: LineRecord, span: CoverageSpan) -> LineRoute:
        billing, day = record.billing, line.service_to_date
        who = (billing.identifier, billing.taxonomy_code)
        if who in self._billers:
            biller = self._billers[who]
        else:
            biller = self._billers.keep(who, biller_type(self.book, *who, self._policy(line)))
        key = (span.product, span.delegated_group_id, line.hcpcs_code, day, biller)
        route = self._routes.get(key)
        if route is None:
            policy = self._policy(line)
            route = route_line(self.book, span, line.hcpcs_code, day, biller, policy)
            self._routes.keep(key, route)
        return route

    def _route_reason(self, route: LineRoute) -> DecisionReason:
        known = self._route_reasons.get(route)
        if known is None:
            known = self._route_reasons.keep(
                route, DecisionReason("route", route.reason, route.cites, {}, None)
            )
        return known

    def _checked(
        self, case: ClaimCase, member: Member, own: Mapping[int, _Covered]
    ) -> _Deciding[CheckResult | str | None]:
        """The catalogue's findings on the plan's own CoCM lines; None without one, words where it cannot be checked."""
        cocm = [one for one in own.values() if one.line.hcpcs_code in self._cocm]
        if not cocm:
            return None
        first = min(cocm, key=lambda one: one.line.service_to_date)
        history = history_lines(case.history)
        # Of other lines only what counts whole units can stand in a claim of ours; the edits read no other.
        lines = [
            one.line
            for one in own.values()
            if one.line.hcpcs_code in self._cocm
            or one.line.service_unit_quantity == int(one.line.service_unit_quantity)
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
        covered: _Covered,
        beside: Sequence[DecidedLine],
        check: CheckResult | str | None,
        met: Accumulator,
        owes_copayment: bool,
    ) -> LineDecision:
        """A line's answer. `beside` are the member's other lines that may bear on it."""
        line, policy, route = covered.line, covered.policy, covered.route
        comparisons = tuple(compare(case.record, line, beside, policy)) if beside else ()
        refusal = case.refusals.get(line.claim_line_number)
        found: tuple[Answer, tuple[DecisionReason, ...]] | None
        if refusal is not None:
            found = Answer.DENIED, (refusal,)
        elif route.service is ServiceClass.COCM:
            mistaken = self._mistaken(case, covered, comparisons)
            found = mistaken or self._asked(line, check, policy, self._edited(line, check))
        else:
            found = self._repeated(comparisons)
        if found is None:
            priced = self._priced(case, covered, met, owes_copayment)
            noted: tuple[DecisionReason, ...] = ()
            if route.service is ServiceClass.COCM and isinstance(check, CheckResult):
                noted = tuple(self._reason(one, "noted") for one in self._failed(line, check))
            return _line_with(priced, reasons=(*priced.reasons, *noted), comparisons=comparisons)
        answer, reasons = found
        if answer is Answer.PENDED:
            return _line_with(open_line(line, answer, reasons, route), comparisons=comparisons)
        codes = next(reason.codes for reason in reasons if reason.codes is not None)
        return _line_with(refused_line(line, answer, reasons, codes, route), comparisons=comparisons)

    def _edited(
        self, line: LineRecord, check: CheckResult | str | None
    ) -> tuple[Answer, tuple[DecisionReason, ...]] | None:
        """What the failed edits make of a CoCM line: a denial where the rules let one block, else a person's work."""
        if isinstance(check, str) or check is None:
            text = check or "the line was not checked"
            return Answer.PENDED, (DecisionReason("wait: edits", text, (), {}, None),)
        findings = [one for one in self._failed(line, check) if not rests_on_assumption(one)]
        blocks = [finding for finding in findings if finding.severity is Severity.BLOCK]
        if blocks:
            return Answer.DENIED, tuple(self._reason(finding, "edit") for finding in blocks)
        if findings:
            return Answer.PENDED, tuple(self._reason(finding, "wait: review") for finding in findings)
        return None

    def _asked(
        self,
        line: LineRecord,
        check: CheckResult | str | None,
        policy: PackOn,
        found: tuple[Answer, tuple[DecisionReason, ...]] | None,
    ) -> tuple[Answer, tuple[DecisionReason, ...]] | None:
        """The same, or the wait for records where a dated trigger of the plan's rules fails and nothing is refused."""
        if not isinstance(check, CheckResult) or (found is not None and found[0] is Answer.DENIED):
            return found
        wanted = triggered(line, check, policy)
        if not wanted:
            return found
        asks = tuple(self._reason(finding, RECORDS_STEP) for finding in wanted)
        others = () if found is None else found[1]
        ids = {finding.edit_id for finding in wanted}
        return Answer.PENDED, (*asks, *(one for one in others if one.step.rpartition(" ")[2] not in ids))

    def _failed(self, line: LineRecord, check: CheckResult) -> list[Finding]:
        """The failures of a line that give the plan a right to refuse it, and are more than a note."""
        by_line = self._failures.get(check)
        if by_line is None:
            by_line = self._failures.keep(check, {})
        found = by_line.get(line.claim_line_number)
        if found is None:
            found = by_line[line.claim_line_number] = [
                finding
                for finding in check.failures
                if finding.claim_line_number in (None, line.claim_line_number)
                and self._denials[finding.edit_id].right is DenialRight.DENY
                and finding.severity >= Severity.REVIEW
            ]
        return found

    def _reason(self, finding: Finding, step: str) -> DecisionReason:
        by_step = self._finding_reasons.get(finding)
        if by_step is None:
            by_step = self._finding_reasons.keep(finding, {})
        known = by_step.get(step)
        if known is None:
            facts = {
                reading.fact.name: None if reading.value is UNKNOWN else reading.value
                for reading in finding.readings
            }
            codes = self._denials[finding.edit_id].codes if step == "edit" else None
            known = by_step[step] = DecisionReason(
                f"{step} {finding.edit_id}", finding.explanation, finding.citations, facts, codes
            )
        return known

    def _repeated(
        self, comparisons: tuple[Comparison, ...]
    ) -> tuple[Answer, tuple[DecisionReason, ...]] | None:
        """The denial of another service's line that stands already."""
        same = [one for one in comparisons if one.combination is Combination.DUPLICATE]
        if not same:
            return None
        text = f"{same[0].why}: claim {same[0].other_claim_number}, line {same[0].other_line_number}"
        codes = self._named["duplicate"].codes
        return Answer.DENIED, (DecisionReason("duplicate", text, (codes.source,), {}, codes),)

    def _priced(
        self, case: ClaimCase, covered: _Covered, met: Accumulator, owes_copayment: bool
    ) -> LineDecision:
        line, route = covered.line, covered.route
        if line.service_unit_quantity < 1 or line.service_unit_quantity != int(line.service_unit_quantity):
            why = DecisionReason("wait: units", "its units are no whole number from 1", (), {}, None)
            return open_line(line, Answer.PENDED, (why,), route)
        place = line.place_of_service_code or case.record.place_of_service_code
        allowed, allowed_reason = self._allowed_for(line, place)
        side = route.side or Side.MEDICAL
        is_mistaken = route.service is ServiceClass.COCM and Mistake.WRONG_COST_SHARE in case.mistakes
        benefit = self._benefit(
            covered.span.product,
            Side.BEHAVIORAL if is_mistaken else side,
            route.service,
            line.service_to_date,
        )
        if benefit is None:
            text = f"product {covered.span.product} has no {side} benefit on {line.service_to_date}"
            why = DecisionReason("wait: benefit", text, (), {}, None)
            return open_line(line, Answer.PENDED, (why,), route)
        if not benefit.is_covered:
            return _line_with(self._denied(line, "not_covered", "benefit"), route=route)
        if allowed.amount_cents is None:
            why = DecisionReason("wait: fee", allowed.basis, (), {}, None)
            return open_line(line, Answer.PENDED, (why,), route)
        share = member_share(benefit, allowed.amount_cents, met, owes_copayment=owes_copayment)
        reasons = (allowed_reason, self._share_reason(benefit, share))
        return self._paid(line, allowed.amount_cents, share, route, reasons)

    def _allowed_for(self, line: LineRecord, place_of_service_code: str) -> tuple[Allowed, DecisionReason]:
        """The amount allowed for a line, and the reason that tells it."""
        units, charge, day = line.service_unit_quantity, line.charge_amount_cents, line.service_to_date
        key = (line.hcpcs_code, units, charge, place_of_service_code, day)
        known = self._allowed.get(key)
        if known is None:
            allowed = line_allowed(
                self.book,
                self.rulebook,
                hcpcs_code=line.hcpcs_code,
                units=int(units),
                charge_cents=charge,
                place_of_service_code=place_of_service_code,
                day=day,
            )
            facts = {"allowed_cents": allowed.amount_cents}
            known = (allowed, DecisionReason("allowed", allowed.basis, (), facts, None))
            self._allowed.keep(key, known)
        return known

    def _benefit(self, product: str, side: Side, service: ServiceClass, day: date) -> Benefit | None:
        key = (product, side, service, day)
        if key in self._benefits:
            return self._benefits[key]
        return self._benefits.keep(key, find_benefit(self.book.benefits, product, side, service, day))

    def _share_reason(self, benefit: Benefit, share: MemberShare) -> DecisionReason:
        by_share = self._share_reasons.get(benefit)
        if by_share is None or len(by_share) >= KEPT_MAX:
            by_share = self._share_reasons.keep(benefit, {})
        known = by_share.get(share)
        if known is None:
            of = f"{benefit.side} benefit of {benefit.product}"
            waived = ", waived" if benefit.is_waived else ""
            known = DecisionReason("cost share", f"{of}{waived}", (), share_facts(share, benefit.side), None)
            by_share[share] = known
        return known

    def _paid(
        self,
        line: LineRecord,
        allowed_cents: int,
        share: MemberShare,
        route: LineRoute,
        reasons: tuple[DecisionReason, ...],
    ) -> LineDecision:
        parts = (
            ("allowed_amount", line.charge_amount_cents - allowed_cents),
            ("deductible", share.deductible_cents),
            ("copayment", share.copayment_cents),
            ("coinsurance", share.coinsurance_cents),
        )
        adjustments = tuple(adjustment_of(self._named[name].codes, cents) for name, cents in parts if cents)
        return LineDecision(
            line=line,
            answer=Answer.PAID,
            allowed_amount_cents=allowed_cents,
            share=share,
            paid_amount_cents=allowed_cents - share.total_cents,
            adjustments=adjustments,
            remark_codes=(),
            route=route,
            reasons=(self._route_reason(route), *reasons),
        )

    # -- refusals --------------------------------------------------------------------------------------------------

    def _denied(self, line: LineRecord, name: str, step: str) -> LineDecision:
        decision = self._named[name]
        reason = self._denial_reasons.get((name, step))
        if reason is None:
            source = self.rulebook.sources[decision.codes.source].title
            made = DecisionReason(step, decision.note, (source,), {}, decision.codes)
            reason = self._denial_reasons.keep((name, step), made)
        return refused_line(line, Answer.DENIED, (reason,), decision.codes, None)

    def _not_in_force(self, member: Member, line: LineRecord) -> LineDecision:
        starts = [span.period.effective_from for span in member.spans]
        is_before = not any(start <= line.service_to_date for start in starts)
        return self._denied(line, "before_coverage" if is_before else "after_coverage", "eligibility")

    def _forwarded(self, line: LineRecord, route: LineRoute) -> LineDecision:
        codes = self._named["forwarded"].codes
        reason = self._forward_reasons.get(route)
        if reason is None:
            made = DecisionReason("route", route.reason, route.cites, {}, codes)
            reason = self._forward_reasons.keep(route, made)
        return refused_line(line, Answer.FORWARDED, (reason,), codes, route)

    def _addons_with_base(
        self, case: ClaimCase, decisions: tuple[LineDecision, ...]
    ) -> tuple[LineDecision, ...]:
        """Add-ons go with their base: where every base code of the claim is denied and none stands, they are too."""
        if all(one.answer is not Answer.DENIED for one in decisions):
            return decisions
        bases = [one for one in decisions if self._is_base(one.line.hcpcs_code)]
        months = {(one.line.service_to_date.year, one.line.service_to_date.month) for one in bases}
        stands = any(
            self._is_base(one.hcpcs_code)
            and one.stands
            and (one.service_to_date.year, one.service_to_date.month) in months
            for one in case.history
        )
        if not bases or stands or any(one.answer is not Answer.DENIED for one in bases):
            return decisions
        return tuple(
            _line_with(self._denied(one.line, "base_denied", "add-on"), route=one.route)
            if one.answer is Answer.PAID and self._is_addon(one.line.hcpcs_code)
            else one
            for one in decisions
        )

    def _is_base(self, hcpcs_code: str) -> bool:
        role = self._cocm.get(hcpcs_code)
        return role is not None and role.is_base

    def _is_addon(self, hcpcs_code: str) -> bool:
        role = self._cocm.get(hcpcs_code)
        return role is not None and role.is_addon

    # -- mistakes on purpose ---------------------------------------------------------------------------------------

    def _mistaken(
        self, case: ClaimCase, covered: _Covered, comparisons: tuple[Comparison, ...]
    ) -> tuple[Answer, tuple[DecisionReason, ...]] | None:
        """The wrong answer that an erring plan gives a CoCM line; None where it makes none here."""
        chosen = ""
        if Mistake.ROUTE_BY_DIAGNOSIS in case.mistakes and points_to_behavioral(
            case.record, covered.line, covered.policy
        ):
            chosen = "mistake_route_by_diagnosis"
        elif Mistake.DUPLICATE_OF_PSYCHOTHERAPY in case.mistakes and any(
            one.combination is Combination.ALLOWED for one in comparisons
        ):
            chosen = "mistake_duplicate"
        elif Mistake.DENY_FOR_RECORDS in case.mistakes:
            chosen = "mistake_records"
        elif Mistake.ASK_FOR_RECORDS in case.mistakes:
            chosen = "mistake_records_request"
        if not chosen:
            return None
        decision = self._named[chosen]
        source = self.rulebook.sources[decision.codes.source].title
        if not decision.codes.reason_code:
            return Answer.PENDED, (DecisionReason(f"wait: {chosen}", decision.note, (source,), {}, None),)
        return Answer.DENIED, (DecisionReason(chosen, decision.note, (source,), {}, decision.codes),)

    def _policy(self, line: LineRecord) -> PackOn:
        day = line.service_to_date
        policy = self._policies.get(day)
        return self._policies.keep(day, self._pack.on(day)) if policy is None else policy
