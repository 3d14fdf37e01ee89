"""A person's denial of a claim: refused itself unless the reason is permitted and the facts on file carry it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from cocm.basics.errors import UnusableInput
from cocm.edits.finding import CheckResult
from cocm.plan.claim_case import Examination, ExaminedLine
from cocm.plan.cost_share import find_benefit
from cocm.plan.decision import DecisionReason
from cocm.plan.duplicates import Combination
from cocm.plan.line_decision import rests_on_assumption
from cocm.plan.line_edits import finding_reason
from cocm.plan.records import Benefit, Entity, ServiceClass, Side
from cocm.rules import Rulebook
from cocm.rules.plan_decisions import DenialRight, edit_denials, plan_decisions
from cocm.rules.review_reasons import ReasonNeeds, ReviewReason, review_reasons

REVIEW_STEP: Final = "review"
_HINDRANCES: Final = frozenset(
    {
        ReasonNeeds.NO_BIRTH_DATE,
        ReasonNeeds.OTHER_PAYER_FIRST,
        ReasonNeeds.CORRECTS_NOTHING,
        ReasonNeeds.UNITS_NOT_WHOLE,
        ReasonNeeds.SEVERAL_ENTITIES,
    }
)


def refusals(
    rulebook: Rulebook,
    examined: Examination,
    reason: str,
    *,
    line_numbers: Collection[int],
    own_entity: Entity,
    benefits: Iterable[Benefit],
    is_request_overdue: bool,
) -> Mapping[int, DecisionReason]:
    """The reason of each refused line, by its number. `line_numbers` none: every line of ours that the reason meets.

    Raises `UnusableInput` naming the reason that is not permitted, or what the facts lack to carry it.
    """
    known = review_reasons(rulebook)
    own = [one for one in examined.lines if one.route is not None and one.route.entity == own_entity]
    if reason in edit_denials(rulebook):
        found = _of_edit(rulebook, examined, own, reason)
    else:
        given = known.get(reason)
        if given is None or given.needs is ReasonNeeds.FAILED_EDIT:
            permitted = sorted(
                name
                for name, one in known.items()
                if one.is_permitted and one.needs is not ReasonNeeds.FAILED_EDIT
            )
            raise UnusableInput(
                f"--deny {reason}: is no reason of the plan's table; give the id of an edit that fails, or "
                f"{', '.join(permitted)}"
            )
        if not given.is_permitted:
            raise UnusableInput(f"--deny {reason}: is not permitted: {given.note}")
        found = (
            _of_hindrance(rulebook, examined, own, given)
            if given.needs in _HINDRANCES
            else _of_named(rulebook, own, given, tuple(benefits), is_request_overdue)
        )
    if line_numbers:
        strangers = sorted(set(line_numbers) - {one.line.claim_line_number for one in examined.lines})
        if strangers:
            raise UnusableInput(f"--line {strangers[0]}: the claim has no such line")
        missed = sorted(set(line_numbers) - set(found))
        if missed:
            raise UnusableInput(f"--deny {reason}: does not meet line {missed[0]} on the facts on file")
        found = {number: one for number, one in found.items() if number in line_numbers}
    return found


def _of_edit(
    rulebook: Rulebook, examined: Examination, own: list[ExaminedLine], edit_id: str
) -> dict[int, DecisionReason]:
    """An edit that fails on facts, gives the right to refuse, and rests on no mere assumption."""
    denial = edit_denials(rulebook)[edit_id]
    if denial.right is not DenialRight.DENY:
        raise UnusableInput(f"--deny {edit_id}: gives no right to refuse, only to take note")
    check = examined.check
    if not isinstance(check, CheckResult):
        raise UnusableInput(f"--deny {edit_id}: no line of the model could be checked")
    about = [finding for finding in check.findings if finding.edit_id == edit_id]
    failed = [finding for finding in about if not finding.is_no_data]
    if not failed:
        if about:
            raise UnusableInput(
                f"--deny {edit_id}: cannot be told for want of data, and what is not known denies nothing; ask for "
                "records where a dated trigger of the rules lets you"
            )
        raise UnusableInput(f"--deny {edit_id}: passes on the facts on file; it is no reason here")
    if all(map(rests_on_assumption, failed)):
        raise UnusableInput(
            f"--deny {edit_id}: rests on a value that is merely assumed; no plan's own words stand behind it"
        )
    cocm = [one for one in own if one.route is not None and one.route.service is ServiceClass.COCM]
    return {
        one.line.claim_line_number: finding_reason(finding, REVIEW_STEP, denial)
        for one in cocm
        for finding in failed
        if finding.claim_line_number in (None, one.line.claim_line_number)
        and not rests_on_assumption(finding)
    }


def _of_hindrance(
    rulebook: Rulebook, examined: Examination, own: list[ExaminedLine], given: ReviewReason
) -> dict[int, DecisionReason]:
    """What keeps the claim as a whole from being decided, on every line; units, on our lines without whole ones."""
    hindrance = examined.hindrance
    why = "no whole number from 1"
    refused: list[ExaminedLine] = []
    if given.needs is ReasonNeeds.UNITS_NOT_WHOLE:
        refused = [one for one in own if not one.line.has_whole_units]
    elif hindrance is not None and hindrance.ends_with is given.needs:
        why, refused = hindrance.text, list(examined.lines)
    if not refused:
        raise UnusableInput(f"--deny {given.name}: {_LACKS[given.needs]}")
    codes = plan_decisions(rulebook)[given.decision].codes
    reason = DecisionReason(
        f"{REVIEW_STEP} {given.name}",
        f"{given.note}: {why}",
        (rulebook.sources[given.source].title,),
        {},
        codes,
    )
    return {one.line.claim_line_number: reason for one in refused}


def _of_named(
    rulebook: Rulebook,
    own: list[ExaminedLine],
    given: ReviewReason,
    benefits: tuple[Benefit, ...],
    is_request_overdue: bool,
) -> dict[int, DecisionReason]:
    """A reason of the table, on the lines that it meets."""
    codes = plan_decisions(rulebook)[given.decision].codes
    source = rulebook.sources[given.source].title
    found: dict[int, DecisionReason] = {}
    for one in own:
        met = _met(one, given.needs, benefits, is_request_overdue)
        if met is not None:
            cites = (source, *met[1])
            found[one.line.claim_line_number] = DecisionReason(
                f"{REVIEW_STEP} {given.name}", f"{given.note}{met[0]}", cites, {}, codes
            )
    if not found:
        raise UnusableInput(f"--deny {given.name}: {_LACKS[given.needs]}")
    return found


_LACKS: Final = {
    ReasonNeeds.TRUE_DUPLICATE: "no line has a true duplicate among the member's standing claims",
    ReasonNeeds.NOT_COVERED: "the plan's benefits cover every line on its day",
    ReasonNeeds.UNKNOWN_MEMBER: "the member is on file",
    ReasonNeeds.NO_BIRTH_DATE: "the claim tells the patient's birth date",
    ReasonNeeds.OTHER_PAYER_FIRST: "this plan is the first payer on the claim",
    ReasonNeeds.CORRECTS_NOTHING: "nothing is wrong with the control number of the claim",
    ReasonNeeds.UNITS_NOT_WHOLE: "the units of every line are whole numbers from 1",
    ReasonNeeds.SEVERAL_ENTITIES: "its lines belong to no two other entities",
    ReasonNeeds.REQUEST_OVERDUE: (
        "no request for records is past its day without an answer; records are asked for on a dated trigger"
    ),
}


def _met(
    one: ExaminedLine, needs: ReasonNeeds, benefits: tuple[Benefit, ...], is_request_overdue: bool
) -> tuple[str, tuple[str, ...]] | None:
    """Whether a line meets what a reason needs: further words and cites; None where it does not."""
    if needs is ReasonNeeds.TRUE_DUPLICATE:
        same = [
            beside
            for beside in one.comparisons
            if beside.combination is Combination.DUPLICATE and not beside.is_undecided
        ]
        if same:
            other = same[0]
            return f": {other.why}, claim {other.other_claim_number}, line {other.other_line_number}", ()
    elif needs is ReasonNeeds.NOT_COVERED and one.route is not None:
        side = one.route.side or Side.MEDICAL
        benefit = find_benefit(benefits, one.product, side, one.route.service, one.line.service_to_date)
        if benefit is not None and not benefit.is_covered:
            return f": {benefit.side} benefit of {benefit.product}", ()
    elif needs is ReasonNeeds.REQUEST_OVERDUE and is_request_overdue and one.route is not None:
        return ("", ()) if one.route.service is ServiceClass.COCM else None
    return None
