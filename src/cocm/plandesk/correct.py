"""Corrects in bulk what one wrongful rule or mistake decided: found, decided again, paid with interest, told to all.

The claims are those whose decision still stands, was made in the days asked for, and whose trace names the rule. Each
is decided again by the rulebook and tables of today; what comes out as it was is left alone. A second run finds nothing
more, and writes the answers of the first again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from cocm.basics.errors import UnusableInput
from cocm.close.staging import Staging
from cocm.edits.discovery import find_edit
from cocm.plan.decision import Answer, Review
from cocm.plan.mistakes import Mistake
from cocm.plan.records import PlanBook, ServiceClass
from cocm.plandesk.case_file import CaseFile
from cocm.plandesk.decide import DeskResult, check_day, check_reviewer, keep_run_with, publish, run_digest
from cocm.plandesk.desk_answers import desk_answers, summary_of, with_summary
from cocm.plandesk.desk_tables import (
    DeskRun,
    KeptClaim,
    batches_between,
    claims_of_batch,
    last_run,
)
from cocm.plandesk.out_folder import RUN, SUMMARY
from cocm.plandesk.plan_letters import LetterForm
from cocm.plandesk.restate import RESTATED_WHY, Change, Made, restate
from cocm.plandesk.state import Batch, PlanState, opened
from cocm.rules import Rulebook
from cocm.rules.plan_decisions import edit_denials, plan_decisions

CORRECT: Final = "correct"
WRONG_COST_SHARE: Final = str(Mistake.WRONG_COST_SHARE)
_MISTAKE_PREFIX: Final = "mistake_"
_MISTAKE_WORDS: Final = "a mistake: "
_REFUSING_GROUPS: Final = ("CO", "OA", "PI")
_OWN_STEPS: Final = frozenset({"eligibility", "benefit", "add-on", "duplicate"})
"""The steps at which the plan refuses a line by no edit, under the codes of its table."""


@dataclass(frozen=True, slots=True)
class CorrectionRequest:
    """What to correct: the rule by which it was decided, on which days, by whom. Days are both included.

    `is_applied` false: everything is worked out and written, and nothing is remembered or paid.
    """

    rule: str
    from_date: date
    to_date: date
    reviewer: str
    as_of_date: date
    out: Path
    state: Path | PlanState
    note: str = ""
    is_applied: bool = False
    letters: LetterForm = LetterForm.PDF


def correct_claims(request: CorrectionRequest, book: PlanBook, rulebook: Rulebook) -> DeskResult:
    """Correct the claims of a rule and write the answers into the out folder, all or none.

    Raises `UnusableInput` for a rule that decides nothing, or days in the wrong order.
    """
    check_reviewer(request.reviewer, request.note)
    if request.from_date > request.to_date:
        raise UnusableInput(f"--from {request.from_date}: lies after --to {request.to_date}")
    rule = correctable(request.rule, rulebook)
    with opened(request.state, book.profile.plan_id) as state, Staging(request.out) as staging:
        file = CaseFile(state, book, rulebook, request.as_of_date)
        found = list(_decided_by(file, rule, request.from_date, request.to_date))
        asked = json.dumps(
            {"rule": rule, "from": str(request.from_date), "to": str(request.to_date)}, sort_keys=True
        )
        files = _correct(request, file, rule, found, asked)
        run = last_run(state, CORRECT, asked) if not json.loads(files[SUMMARY])["claims_changed"] else None
        if run is not None:
            files = state.batch_files(run.batch_sha256)
        out = publish(staging, request.out, files)
        if request.is_applied and run is None:
            state.commit()
        staging.publish()
        out.clear(files)
    return DeskResult(json.loads(files[SUMMARY]), tuple(files), None if run is None else run.decided_date)


def correctable(rule: str, rulebook: Rulebook) -> str:
    """The rule as traces name it: an edit, a decision or mistake of the plan's table, or the wrong cost share.

    Raises `UnusableInput` for another.
    """
    known = {*edit_denials(rulebook), *_decisions(rulebook), WRONG_COST_SHARE}
    if rule in known:
        return rule
    mistakes = ", ".join([*sorted(one for one in known if one.startswith(_MISTAKE_PREFIX)), WRONG_COST_SHARE])
    raise UnusableInput(
        f"--rule {rule}: decides nothing; name an edit (`cocm edits`), a decision of the plan's table, or one of "
        f"{mistakes}"
    )


def _decisions(rulebook: Rulebook) -> dict[str, str]:
    """The refusals and mistakes of the plan's table, each with its codes as a trace has them."""
    return {
        name: one.codes.text
        for name, one in plan_decisions(rulebook).items()
        if name.startswith(_MISTAKE_PREFIX) or one.codes.group_code in _REFUSING_GROUPS
    }


def _decided_by(file: CaseFile, rule: str, first: date, last: date) -> Iterator[KeptClaim]:
    """The claims whose standing decision of those days names the rule, in the order they were decided."""
    codes = _decisions(file.rulebook).get(rule, "")
    for sha256, _ in batches_between(file.state, first, last):
        traces = file.traces(sha256)
        for claim in claims_of_batch(file.state, sha256):
            if claim.is_taken_back or claim.member is None:
                continue
            if claim.answer not in (Answer.PAID, Answer.DENIED, Answer.PENDED):
                continue
            trace = traces.get(claim.claim_number)
            if trace is not None and names_rule(trace, rule, codes):
                yield claim


def names_rule(trace: Mapping[str, Any], rule: str, codes: str) -> bool:
    """Whether a decision's trace rests on a rule: by its name, or by the codes of a decision of the plan's table.

    A mere note of a failed edit is no decision.
    """
    for line in trace["lines"]:
        route = line["route"] or {}
        is_model = route.get("service") == ServiceClass.COCM.value
        for reason in line["reasons"]:
            step: str = reason["step"]
            side = reason["facts"].get("benefit_side")
            if rule == WRONG_COST_SHARE:
                if is_model and side is not None and side != route.get("side"):
                    return True
            elif step.rpartition(" ")[2] == rule:
                if not step.startswith("noted"):
                    return True
            elif codes and reason["codes"] == codes and step in _OWN_STEPS:
                return True
    return False


def _correct(
    request: CorrectionRequest, file: CaseFile, rule: str, found: list[KeptClaim], asked: str
) -> dict[str, bytes]:
    check_day(file, found)
    file.load(found)
    batch_number, control_number = file.state.next_numbers()
    digest = run_digest(file, CORRECT, asked, batch_number)
    changes = []
    for claim in found:
        before = file.settled_before(claim)
        facts: dict[str, Any] = {"settled_edits": sorted(before.edit_ids)} if before.edit_ids else {}
        review = Review(request.reviewer, request.as_of_date, CORRECT, rule, request.note, facts)
        changes.append(Change(claim, before, review))
    restated = restate(file, changes, digest)
    answers = desk_answers(
        file,
        restated,
        batch_sha256=digest,
        first_control_number=control_number,
        why=lambda made: _why(made, rule, file.rulebook),
        letters=request.letters,
    )
    what = {
        RUN: digest,
        "action": CORRECT,
        "rule": rule,
        "from_date": str(request.from_date),
        "to_date": str(request.to_date),
        "reviewer": request.reviewer,
        "is_applied": request.is_applied,
        "claims_found": len(found),
    }
    files = with_summary(answers, summary_of(file, answers, what))
    if request.is_applied and restated.made:
        day = request.as_of_date
        keep_run_with(
            file,
            Batch(digest, batch_number, day, day, answers.last_control_number),
            DeskRun(digest, CORRECT, asked, request.reviewer, day),
            files,
            answers,
        )
    return files


def _why(made: Made, rule: str, rulebook: Rulebook) -> str:
    """Why a decision changed, in words for the provider."""
    if made.is_restated:
        return RESTATED_WHY
    review = made.decision.review
    note = f" {review.note}" if review is not None and review.note else ""
    return f"the earlier decision was wrong: {_in_words(rule, rulebook)}.{note}"


def _in_words(rule: str, rulebook: Rulebook) -> str:
    """What the rule made of the claims."""
    if rule == WRONG_COST_SHARE:
        return "the cost share was that of the other side of the benefit"
    edit = find_edit(rule)
    if edit is not None:
        return f"it was refused by the check {rule} ({edit.edit.title})"
    return plan_decisions(rulebook)[rule].note.removeprefix(_MISTAKE_WORDS)
