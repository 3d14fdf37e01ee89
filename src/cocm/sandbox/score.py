"""Scores a reviewer's answers: a point for what to do, one for the detail, and for each case why, by which rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from cocm.basics.money import dollars, plain_dollars
from cocm.sandbox.case_sheet import DENY, FORWARD, PAY, WAIT, AnswerSheet, CaseAnswer
from cocm.sandbox.cases import Case, Cases
from cocm.sandbox.label import LABEL

_ANSWERS: Final = {"paid": PAY, "denied": DENY, "forwarded": FORWARD, "pended": WAIT}


@dataclass(frozen=True, slots=True)
class Key:
    """What the rules make of a case: the answer, and the detail that goes with it."""

    answer: str
    reason_codes: frozenset[str]
    entity: str
    member_owes_cents: int

    @property
    def detail(self) -> str:
        """The detail in words; empty where the answer has none."""
        if self.answer == DENY:
            return f"reason code {' or '.join(sorted(self.reason_codes))}"
        if self.answer == FORWARD:
            return f"to {self.entity}"
        return f"the member owes {dollars(self.member_owes_cents)}" if self.answer == PAY else ""


@dataclass(frozen=True, slots=True)
class CaseScore:
    """A case scored. `why` are the reasons with what they rest on."""

    case_id: str
    theme: str
    key: Key
    given: CaseAnswer | None
    points: int
    points_possible: int
    tempts: str
    why: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def is_right(self) -> bool:
        return self.points == self.points_possible


@dataclass(frozen=True, slots=True)
class Score:
    """All cases of a set scored."""

    set_name: str
    cases: tuple[CaseScore, ...]
    problems: tuple[str, ...]

    @property
    def points(self) -> int:
        return sum(case.points for case in self.cases)

    @property
    def points_possible(self) -> int:
        return sum(case.points_possible for case in self.cases)


def score(cases: Cases, sheet: AnswerSheet) -> Score:
    """Score a sheet against its set. A case without an answer earns nothing; rows of no case are problems."""
    known = {case.case_id for case in cases.cases}
    strange = tuple(
        f"case {case_id[:40]!a}: is not of the set {cases.of.name}"
        for case_id in sheet.answers
        if case_id not in known
    )
    scored = tuple(_scored(case, sheet.answers.get(case.case_id)) for case in cases.cases)
    return Score(cases.of.name, scored, (*sheet.problems, *strange))


def key_of(case: Case) -> Key:
    """What the rules make of a case."""
    decision = case.decision
    codes = frozenset(
        adjustment["reason_code"]
        for line in decision["lines"]
        if line["answer"] == "denied"
        for adjustment in line["adjustments"]
    )
    entity = decision["forward_to"] or ""
    return Key(_ANSWERS[decision["answer"]], codes, entity, decision["member_share_cents"])


def score_text(scored: Score) -> Iterator[str]:
    """The score in lines for people, case by case."""
    for case in scored.cases:
        given = _given_words(case.given)
        mark = "right" if case.is_right else f"{case.points} of {case.points_possible} points"
        yield f"{case.case_id}  {case.theme}: {mark}"
        yield f"  your answer  {given}"
        detail = f", {case.key.detail}" if case.key.detail else ""
        yield f"  the rules    {case.key.answer}{detail}"
        if case.tempts and not case.is_right:
            yield f"  beware       plans are known to err here: {case.tempts}"
        for text, cites in case.why:
            yield f"  because      {text}"
            yield from (f"    by         {cite}" for cite in cites)
        yield ""
    for problem in scored.problems:
        yield f"  {problem}"
    right: Counter[str] = Counter(case.theme for case in scored.cases if case.is_right)
    for theme, count in sorted(Counter(case.theme for case in scored.cases).items()):
        yield f"  {theme:<12}{right[theme]:>4} of {count} cases right"
    yield f"{scored.points} of {scored.points_possible} points, set {scored.set_name}"
    yield LABEL


def score_json(scored: Score) -> dict[str, Any]:
    """The score as plain values."""
    return {
        "synthetic": LABEL,
        "set": scored.set_name,
        "points": scored.points,
        "points_possible": scored.points_possible,
        "problems": list(scored.problems),
        "cases": [_case_json(case) for case in scored.cases],
    }


def _scored(case: Case, given: CaseAnswer | None) -> CaseScore:
    key = key_of(case)
    has_detail = bool(key.detail)
    points = 0
    if given is not None and given.answer == key.answer:
        points = 1 + (has_detail and _detail_is_right(key, given))
    return CaseScore(
        case.case_id,
        case.draft.theme,
        key,
        given,
        points,
        1 + has_detail,
        case.draft.tempts,
        tuple(_why(case)),
    )


def _detail_is_right(key: Key, given: CaseAnswer) -> bool:
    if key.answer == DENY:
        return given.reason_code in key.reason_codes
    if key.answer == FORWARD:
        return given.entity == key.entity
    return given.member_owes_cents == key.member_owes_cents


def _why(case: Case) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each reason once, with its rules: date and source stand in each citation."""
    told: set[str] = set()
    for line in case.decision["lines"]:
        for text, cites in _line_why(line):
            if text not in told:
                told.add(text)
                yield text, cites


def _line_why(line: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for reason in line["reasons"]:
        codes = f" [{reason['codes']}]" if reason["codes"] else ""
        text = reason["text"]
        if reason["step"] == "cost share":
            text = f"cost share by the {text}: {_share_words(line)}"
        elif reason["step"].startswith("noted"):
            text = f"noted, and held against nobody: {text}"
        yield f"{text}{codes}", tuple(reason["citations"])
    for one in line["beside"]:
        rule = (one["rule"],) if one["rule"] else ()
        yield f"beside {one['hcpcs_code']} of {one['service_date']}: {one['combination']}, {one['why']}", rule


def _share_words(line: Mapping[str, Any]) -> str:
    parts = [
        f"{name} {plain_dollars(line[f'{name}_cents'])}"
        for name in ("deductible", "copayment", "coinsurance")
        if line[f"{name}_cents"]
    ]
    return ", ".join(parts) or "nothing"


def _given_words(given: CaseAnswer | None) -> str:
    if given is None or not given.answer:
        return "none"
    owes = "" if given.member_owes_cents is None else dollars(given.member_owes_cents)
    return ", ".join(part for part in (given.answer, given.reason_code, given.entity, owes) if part)


def _case_json(case: CaseScore) -> dict[str, Any]:
    return {
        "case_id": case.case_id,
        "theme": case.theme,
        "answer": _given_words(case.given),
        "key": {
            "answer": case.key.answer,
            "reason_codes": sorted(case.key.reason_codes),
            "entity": case.key.entity,
            "member_owes_cents": case.key.member_owes_cents if case.key.answer == PAY else None,
        },
        "points": case.points,
        "points_possible": case.points_possible,
        "known_mistake": case.tempts,
        "why": [{"text": text, "citations": list(cites)} for text, cites in case.why],
    }
