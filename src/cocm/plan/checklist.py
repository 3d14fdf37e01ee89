"""The CoCM checklist of a claim for a reviewer: each item yes, no or unknown, with facts, rules, dates and sources.

An item is `no` only where an edit that gives a right to refuse fails on facts and on no mere assumption, where a line
belongs elsewhere, or where a true duplicate or an excluded code stands beside it. What cannot be told is unknown, and
unknown holds against nobody.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from cocm.edits.discovery import catalogue
from cocm.edits.finding import CheckResult, Finding
from cocm.edits.kleene import UNKNOWN
from cocm.plan.claim_case import Examination
from cocm.plan.duplicates import Combination
from cocm.plan.line_decision import rests_on_assumption
from cocm.plan.record_triggers import RecordsRead
from cocm.plan.records import Entity, ServiceClass, Side
from cocm.rules import PackOn, Severity
from cocm.rules.plan_decisions import DenialRight, edit_denials
from cocm.rules.review_checklist import ChecklistItem, checklist_items

RIGHT_BENEFIT: Final = "right_benefit"
ALLOWED_COMBINATION: Final = "allowed_combination"
MINUTES_EVIDENCE: Final = "minutes_evidence"


class Checked(StrEnum):
    """How an item stands."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ChecklistPoint:
    """One thing that was found under an item. `cites` are rule values, each with its date and source."""

    state: Checked
    what: str
    text: str
    facts: Mapping[str, Any]
    cites: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChecklistAnswer:
    """An item with all that was found under it; the worst of them is its answer. `notes` decide nothing."""

    item: ChecklistItem
    points: tuple[ChecklistPoint, ...]
    notes: tuple[ChecklistPoint, ...] = field(default=())

    @property
    def state(self) -> Checked:
        states = {point.state for point in self.points}
        if Checked.NO in states:
            return Checked.NO
        return Checked.YES if states == {Checked.YES} else Checked.UNKNOWN

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "item": self.item.name,
            "label": self.item.label,
            "answer": self.state.value,
            "points": [_point_json(point) for point in self.points],
            "notes": [_point_json(point) for point in self.notes],
        }


def checklist(
    examined: Examination, own_entity: Entity, policy: PackOn, read: RecordsRead | None
) -> tuple[ChecklistAnswer, ...]:
    """The checklist of an examined claim under the rules of its date of service."""
    answers = []
    for item in checklist_items(policy.pack.rulebook):
        points = list(_of_edits(item, examined, policy))
        if item.name == RIGHT_BENEFIT:
            points = [*_of_routes(examined, own_entity), *points]
        elif item.name == ALLOWED_COMBINATION:
            points = [*points, *_of_neighbours(examined)]
        elif item.name == MINUTES_EVIDENCE:
            points = [*_of_records(read), *points]
        answers.append(ChecklistAnswer(item, tuple(points), tuple(_notes(item, examined, policy))))
    return tuple(answers)


def _of_routes(examined: Examination, own_entity: Entity) -> Iterator[ChecklistPoint]:
    """Whether each of the model's lines stands on the medical side and with this entity."""
    if examined.member is None:
        yield ChecklistPoint(Checked.UNKNOWN, "member", "the member is not on file", {}, ())
    for one in examined.lines:
        number = f"line {one.line.claim_line_number}"
        if one.route is None:
            if examined.member is not None:
                day = str(one.line.service_to_date)
                yield ChecklistPoint(Checked.NO, number, "no coverage on the day", {"service_date": day}, ())
            continue
        route = one.route
        if route.service is not ServiceClass.COCM:
            continue
        state = Checked.YES
        if route.entity is None or route.side is None:
            state = Checked.UNKNOWN
        elif route.entity != own_entity or route.side is not Side.MEDICAL:
            state = Checked.NO
        facts = {
            "side": None if route.side is None else route.side.value,
            "entity_id": None if route.entity is None else route.entity.entity_id,
            "biller": None if route.biller is None else route.biller.value,
        }
        yield ChecklistPoint(state, number, route.reason, facts, route.cites)


def _of_neighbours(examined: Examination) -> Iterator[ChecklistPoint]:
    """True duplicates, excluded and allowed combinations, each with the rule that settles it."""
    states = {
        Combination.DUPLICATE: Checked.NO,
        Combination.EXCLUDED: Checked.NO,
        Combination.ALLOWED: Checked.YES,
    }
    for one in examined.lines:
        if one.route is None or one.route.service is not ServiceClass.COCM:
            continue
        for beside in one.comparisons:
            state = states.get(beside.combination)
            if state is None:
                continue
            if state is Checked.NO and beside.is_undecided:
                state = Checked.UNKNOWN
            facts = {
                "hcpcs_code": one.line.hcpcs_code,
                "other_hcpcs_code": beside.other_hcpcs_code,
                "other_claim_number": beside.other_claim_number,
                "other_billing_npi": beside.other_billing_npi,
            }
            cites = () if beside.rule is None else (beside.rule.cite,)
            what = f"line {one.line.claim_line_number} beside {beside.other_hcpcs_code}"
            yield ChecklistPoint(state, what, f"{beside.combination}: {beside.why}", facts, cites)


def _of_records(read: RecordsRead | None) -> Iterator[ChecklistPoint]:
    if read is None or read == RecordsRead():
        text = "minutes, consent and visit are not on a claim; nobody has read records of the month"
        yield ChecklistPoint(Checked.UNKNOWN, "records", text, {}, ())
    else:
        yield ChecklistPoint(Checked.YES, "records", "a reviewer has read them", read.as_json(), ())


def _of_edits(item: ChecklistItem, examined: Examination, policy: PackOn) -> Iterator[ChecklistPoint]:
    """What the item's edits say: those that fail, those that lack facts, and in one point all that pass."""
    check = examined.check
    if not isinstance(check, CheckResult):
        yield ChecklistPoint(Checked.UNKNOWN, "edits", check or "no line of the model was checked", {}, ())
        return
    own = [one for one in check.findings if one.edit_id.startswith(item.edit_prefixes)]
    refusing = [one for one in own if _refuses(one, policy)]
    for finding in refusing:
        yield _point(Checked.NO, finding)
    for finding in own:
        if finding.is_no_data and _may_refuse(finding, policy):
            yield _point(Checked.UNKNOWN, finding)
    named = {finding.edit_id for finding in own}
    passed = [edit for edit in catalogue() if edit.id.startswith(item.edit_prefixes) and edit.id not in named]
    if passed:
        rule_ids = dict.fromkeys(rule for edit in passed for rule in edit.edit.rules)
        values = [policy.value(rule_id) for rule_id in rule_ids]
        cites = tuple(value.cite for value in values if value.is_known)
        ids = ", ".join(edit.id for edit in passed)
        yield ChecklistPoint(Checked.YES, "edits", f"pass or do not apply: {ids}", {}, cites)


def _notes(item: ChecklistItem, examined: Examination, policy: PackOn) -> Iterator[ChecklistPoint]:
    """What gives no right to refuse, or rests on an assumption."""
    check = examined.check
    if isinstance(check, CheckResult):
        for finding in check.findings:
            if not finding.edit_id.startswith(item.edit_prefixes):
                continue
            is_point = _may_refuse(finding, policy) if finding.is_no_data else _refuses(finding, policy)
            if not is_point:
                yield _point(Checked.UNKNOWN, finding)


def _may_refuse(finding: Finding, policy: PackOn) -> bool:
    """Whether the edit gives the plan the right to refuse a line at all."""
    return edit_denials(policy.pack.rulebook)[finding.edit_id].right is DenialRight.DENY


def _refuses(finding: Finding, policy: PackOn) -> bool:
    """Whether a failure gives the plan the right to refuse the line."""
    return (
        not finding.is_no_data
        and _may_refuse(finding, policy)
        and finding.severity >= Severity.REVIEW
        and not rests_on_assumption(finding)
    )


def _point(state: Checked, finding: Finding) -> ChecklistPoint:
    line = f"line {finding.claim_line_number}, " if finding.claim_line_number is not None else ""
    facts = {
        reading.fact.name: None if reading.value is UNKNOWN else reading.value for reading in finding.readings
    }
    return ChecklistPoint(
        state, f"{line}{finding.edit_id}", f"{finding.title}: {finding.explanation}", facts, finding.citations
    )


def _point_json(point: ChecklistPoint) -> dict[str, Any]:
    return {
        "answer": point.state.value,
        "what": point.what,
        "text": point.text,
        "facts": dict(point.facts),
        "citations": list(point.cites),
    }
