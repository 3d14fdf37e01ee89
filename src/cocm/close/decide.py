"""Decides one patient-month: proposal, claim, edits, and whether the claim may go.

A pure function of the case file, the payer's rules and what was sent before; nothing is read or saved here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from types import MappingProxyType
from typing import Final, NamedTuple

from cocm.basics.identity import Provenance, stable_id
from cocm.basics.months import Month
from cocm.basics.records import maker, quickly_made
from cocm.care.casefile import CaseFile
from cocm.care.people import Role, Site
from cocm.care.records import ClaimStatus, Decision, DecisionKind
from cocm.claims.build import (
    INSTITUTIONAL,
    Hold,
    build_claim,
    content_hash,
    month_claim,
    with_submission,
)
from cocm.claims.records import Claim
from cocm.claims.submission import PriorClaim, Submission, SubmissionKind, decide_submission
from cocm.close.cross_check import (
    answers_to,
    conflicts_of_choice,
    held_by_people,
    history_beside,
    idle_decision,
    released_items,
    sent_to_others,
    time_used_twice,
    unfit_codes,
    unsure_coverage,
    why_idle,
    with_history,
)
from cocm.close.items import (
    all_graded,
    item_of_hold,
    item_of_lost_support,
    items_of_findings,
    items_of_proposal,
)
from cocm.close.worklist import Status, WorkItem
from cocm.coding.choice import with_choice
from cocm.coding.proposal import propose_all
from cocm.coding.records import Proposal
from cocm.coding.uncovered_days import as_if_covered
from cocm.edits.check import judge_claim, judge_claims
from cocm.edits.evidence import evidence_from_case
from cocm.edits.subject import EditSubject
from cocm.rules import PackOn, Severity


@quickly_made
@dataclass(frozen=True, slots=True)
class MonthDecision:
    """The outcome for one patient-month. `claim` is set when one may go out (or went out before, unchanged).

    `items` are all that was found, `held` those of them that keep the claim back; `decisions` are the people's
    decisions that had an effect. `made_with` are as-of date, schema version, engine version and rulebook hash.
    """

    patient_month_id: str
    case: CaseFile
    policy: PackOn
    proposal: Proposal
    status: Status
    items: tuple[WorkItem, ...]
    held: tuple[WorkItem, ...]
    claim: Claim | None
    claim_content_hash: str
    submission: Submission | None
    decisions: tuple[Decision, ...]
    made_with: tuple[str, str, str, str]

    @property
    def is_for_institutional_form(self) -> bool:
        """Whether nothing but its form keeps the claim back: its data go on the sheet for the UB-04."""
        return bool(self.held) and all(item.item == INSTITUTIONAL for item in self.held)

    @property
    def charge_amount_cents(self) -> int | None:
        return self.claim.charge_amount_cents if self.claim is not None else None


@dataclass(frozen=True)
class DecisionContext:
    """What is the same for every patient-month of a close, `roles_by_npi` and `sites` being the whole practice's.

    `policy_for` gives the pack (by id) on the month's last day; `charges` the practice's charge per unit in cents.
    """

    month: Month
    as_of_date: date
    provenance: Provenance
    policy_for: Callable[[str], PackOn]
    charges: Mapping[str, int]
    default_pack_id: str
    roles_by_npi: Mapping[str, Role]
    sites: Mapping[str, Site]

    @cached_property
    def made_with(self) -> tuple[str, str, str, str]:
        """What every row of a file carries, so that its decision can be made again."""
        carried = self.provenance
        return (
            carried.as_of_date.isoformat(),
            carried.schema_version,
            carried.engine_version,
            carried.rulebook_hash,
        )


_NO_CLAIMS: Final[Mapping[str, PriorClaim]] = MappingProxyType({})


class MonthToDecide(NamedTuple):
    """A patient-month with what is known beside its case file.

    `prior` is our last claim of the month to this payer, `to_others` those to other payers, by payer id.

    `rows_rejected` counts the patient's rows that could not be read: what is decided without them may be wrong.
    """

    case: CaseFile
    prior: PriorClaim | None = None
    to_others: Mapping[str, PriorClaim] = _NO_CLAIMS
    rows_rejected: int = 0


def decide_month(
    case: CaseFile,
    context: DecisionContext,
    *,
    prior: PriorClaim | None = None,
    to_others: Mapping[str, PriorClaim] = _NO_CLAIMS,
    rows_rejected: int = 0,
) -> MonthDecision:
    """Propose, build, check and grade one patient-month; for the arguments see `MonthToDecide`."""
    return decide_months([MonthToDecide(case, prior, to_others, rows_rejected)], context)[0]


def decide_months(months: Sequence[MonthToDecide], context: DecisionContext) -> list[MonthDecision]:
    """Propose, build, check and grade patient-months, each by itself.

    All of them pass one station before the first goes to the next: a station's code then stays near the processor,
    which takes a quarter less time than to lead one month after the other through all stations.
    """
    proposed = _proposed(months, context)
    built = [_built(month, context) for month in proposed]
    found = _checked(proposed, built, context)
    return [
        _graded_decision(month, one, _items_of(month, one, context), findings, context)
        for month, one, findings in zip(proposed, built, found, strict=True)
    ]


class _Proposed(NamedTuple):
    """A month with its payer's rules, its code proposal, and its prior claim with what came back for it."""

    case: CaseFile
    policy: PackOn
    proposal: Proposal
    prior: PriorClaim | None
    given: MonthToDecide


def _proposed(months: Sequence[MonthToDecide], context: DecisionContext) -> list[_Proposed]:
    policies = [
        context.policy_for(case.payer.pack_id if case.payer else context.default_pack_id)
        for case, _, _, _ in months
    ]
    cases = [month.case for month in months]
    proposals = propose_all(list(zip(cases, policies, strict=True)), as_of_date=context.as_of_date)
    priors = [
        with_history(month.prior, month.case, built_payer_id(month.case))
        if month.case.history
        else month.prior
        for month in months
    ]
    return [
        _Proposed(
            month.case,
            policy,
            _as_chosen(
                proposal if proposal.lines else _without_lines(proposal, month.case, policy, prior, context),
                month.case,
                policy,
            ),
            prior,
            month,
        )
        for month, policy, proposal, prior in zip(months, policies, proposals, priors, strict=True)
    ]


def _without_lines(
    proposal: Proposal, case: CaseFile, policy: PackOn, prior: PriorClaim | None, context: DecisionContext
) -> Proposal:
    """A month that earns nothing because no contact is on a covered day is worth what it would earn.

    Not where a claim of it is with the payer: that one has lost its support.
    """
    if prior is not None and prior.status not in _NOT_WITH_THE_PAYER:
        return proposal
    return as_if_covered(proposal, case, policy, as_of_date=context.as_of_date)


class _Built(NamedTuple):
    """The claim as far as it came: its content's digest, how it may go out, or what holds it."""

    claim: Claim | None
    content_hash: str
    submission: Submission | None
    corrections: tuple[WorkItem, ...]
    holds: tuple[Hold, ...]

    @property
    def is_unchanged(self) -> bool:
        """Whether the same claim went out before."""
        return self.submission is not None and self.submission.kind is SubmissionKind.UNCHANGED


_NOTHING_BUILT: Final = _Built(None, "", None, (), ())
_NOT_WITH_THE_PAYER: Final = (ClaimStatus.REJECTED, ClaimStatus.VOIDED)


def _built(month: _Proposed, context: DecisionContext) -> _Built:
    """The month's claim, or what holds it."""
    case, policy, proposal, prior, _ = month
    if not proposal.lines or proposal.has_no_data:
        return _NOTHING_BUILT
    built = build_claim(case, proposal, policy, context.charges, context.provenance)
    if not isinstance(built, Claim):
        return _Built(None, "", None, (), built)
    digest = content_hash(built)
    submission = decide_submission(policy, prior, digest)
    claim = with_submission(built, submission, built_payer_id(case))
    corrections: tuple[WorkItem, ...] = ()
    if submission.kind is SubmissionKind.HOLD:
        rules = (submission.rule,) if submission.rule else ()
        corrections = (
            WorkItem("correction", Severity.BLOCK, False, submission.why, submission.action, rules),
        )
    return _Built(claim, digest, submission, corrections, ())


def _checked(
    months: Sequence[_Proposed], built: Sequence[_Built], context: DecisionContext
) -> list[list[WorkItem]]:
    """What the edits find in each claim; nothing where it went out before, unchanged."""
    found: list[list[WorkItem]] = [[] for _ in months]
    places, subjects = [], []
    for place, (month, one) in enumerate(zip(months, built, strict=True)):
        if one.holds:
            found[place] = [item_of_hold(hold) for hold in one.holds]
            found[place] += _findings_of_sheet(one.holds, month, context)
        elif one.claim is not None and not one.is_unchanged:
            places.append(place)
            subjects.append(_subject_of(one.claim, month, context, one.submission))
    for place, result in zip(places, judge_claims(subjects), strict=True):
        found[place] = items_of_findings(result)
    return found


def _cross_checked(month: _Proposed, built: _Built, context: DecisionContext) -> Iterator[WorkItem]:
    """What the tables say against each other, and against what went out before."""
    case, policy, proposal, prior, given = month
    if prior is not None:
        yield from answers_to(prior, case, built_payer_id(case), is_unchanged=built.is_unchanged)
    if not proposal.lines:
        return
    if given.to_others:
        yield from sent_to_others(given.to_others, case)
    yield from unfit_codes(case, policy)
    yield from unsure_coverage(case)
    if case.decisions:
        yield from held_by_people(case)
        history = history_beside(case, prior, built_payer_id(case), built.submission)
        yield from conflicts_of_choice(case, proposal, policy, history, context.as_of_date)


def _graded_decision(
    month: _Proposed,
    built: _Built,
    items: list[WorkItem],
    findings: list[WorkItem],
    context: DecisionContext,
) -> MonthDecision:
    """All that was found, graded, less what people released: what holds the month, and where it stands."""
    case, policy, proposal, _, _ = month
    graded = all_graded(items, findings)
    released: frozenset[str] = frozenset()
    idle: dict[Decision, str] = {}
    if case.decisions:
        released = released_items(case)
        idle = {made: why for made in case.decisions if (why := why_idle(made, proposal, graded, released))}
        graded += tuple(map(idle_decision, idle.values()))
    held = tuple(
        [item for item in graded if item.holds and not (item.can_be_released and item.item in released)]
    )
    status = _status(proposal, built.submission, held)
    return MonthDecision(
        stable_id(
            "PM",
            case.practice.organization_id,
            case.patient.patient_id,
            context.month.index,
            built_payer_id(case),
        ),
        case,
        policy,
        proposal,
        status,
        graded,
        held,
        built.claim if status in (Status.CLAIM, Status.ALREADY_SENT) else None,
        built.content_hash,
        built.submission,
        tuple(made for made in case.decisions if made not in idle) if case.decisions else (),
        context.made_with,
    )


def built_payer_id(case: CaseFile) -> str:
    """The practice's id of the payer the month goes to; empty without coverage."""
    return case.payer.payer_id if case.payer else ""


def _items_of(month: _Proposed, built: _Built, context: DecisionContext) -> list[WorkItem]:
    """What the month itself says, before the edits: its proposal, its tables, what went out before."""
    case, policy, proposal, prior, given = month
    items = items_of_proposal(proposal, given.rows_rejected)
    if case.other_services:
        items += time_used_twice(case, proposal)
    if proposal.lines and not proposal.has_no_data:
        items += built.corrections
    elif not proposal.has_no_data and prior is not None and prior.status not in _NOT_WITH_THE_PAYER:
        items.append(item_of_lost_support(prior, policy))
    items += _cross_checked(month, built, context)
    return items


def _as_chosen(proposal: Proposal, case: CaseFile, policy: PackOn) -> Proposal:
    """The proposal with the offered code that a person chose, if any; what is not offered cannot be chosen."""
    for decision in case.decisions:
        if decision.kind is DecisionKind.CHOOSE:
            chosen = with_choice(proposal, decision, case, policy)
            if chosen is not None:
                return chosen
    return proposal


def unwritable(decision: MonthDecision, why: str) -> MonthDecision:
    """The decision when its claim cannot be written as X12: held, with the reason, and no claim."""
    return _held_back(decision, "claim_form", why, "mend the practice's tables, then close again")


def once_a_month(decisions: list[MonthDecision]) -> list[MonthDecision]:
    """One patient's decisions, where a payer gets at most one claim a month: of two episodes' claims none goes."""
    if len(decisions) < 2:
        return decisions
    claims = Counter(
        decision.patient_month_id
        for decision in decisions
        if decision.claim is not None or decision.is_for_institutional_form
    )
    why = "two episodes are active in the month and both earn a code; a month is billed once"
    action = "end one episode, or move its contacts to the other"
    return [
        _held_back(decision, "two_episodes", why, action)
        if claims[decision.patient_month_id] > 1
        and (decision.status is Status.CLAIM or decision.is_for_institutional_form)
        else decision
        for decision in decisions
    ]


def _held_back(decision: MonthDecision, name: str, why: str, action: str) -> MonthDecision:
    item = WorkItem(name, Severity.BLOCK, False, why, action, ())
    return replace(
        decision,
        status=Status.HELD,
        items=(item, *decision.items),
        held=(item, *decision.held),
        claim=None,
    )


def _findings_of_sheet(holds: tuple[Hold, ...], month: _Proposed, context: DecisionContext) -> list[WorkItem]:
    """What the edits find in the content of an institutional claim, where its form is all that holds it."""
    if any(hold.reason_id != INSTITUTIONAL for hold in holds):
        return []
    content = month_claim(month.case, month.proposal, month.policy, context.charges, context.provenance)
    if not isinstance(content, Claim):
        return []
    told = {hold.rule.rule_id for hold in holds if hold.rule is not None}
    return [
        item
        for item in items_of_findings(judge_claim(_subject_of(content, month, context, None)))
        if told.isdisjoint(rule.rule_id for rule in item.rules)
    ]


def _subject_of(
    claim: Claim, month: _Proposed, context: DecisionContext, submission: Submission | None
) -> EditSubject:
    case, policy, proposal, prior, _ = month
    return _subject(
        claim=claim,
        payer=case.payer,
        policy=policy,
        history=history_beside(case, prior, built_payer_id(case), submission),
        evidence=evidence_from_case(
            case,
            proposal.month_kind,
            proposal.ledger.minutes_counted,
            roles_by_npi=context.roles_by_npi,
            sites=context.sites,
        ),
        # A dry run before the month's end looks at the claim as it would go out then.
        as_of_date=max(context.as_of_date, claim.month.last_day),
    )


_subject = maker(EditSubject)


def _status(proposal: Proposal, submission: Submission | None, held: tuple[WorkItem, ...]) -> Status:
    if submission is not None and submission.kind is SubmissionKind.UNCHANGED:
        return Status.ALREADY_SENT
    if proposal.lines or proposal.has_no_data:
        return Status.HELD if held or submission is None else Status.CLAIM
    if any(item.item in ("no_longer_supported", "rejected_rows") for item in held):
        return Status.HELD
    return Status.CARE_DUE if proposal.ledger.minutes_counted else Status.NO_SERVICE
