"""A named reviewer decides a claim: accepts it, denies it for a permitted reason, or has it decided again.

The rules decide all that they can; the person settles what they leave open. A denial gives a reason of the rulebook's
list and stands only where the facts on file carry it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from cocm.basics.errors import UnusableInput
from cocm.close.staging import Staging
from cocm.plan.decision import Answer, ClaimDecisionMade, DecisionReason, LineDecision, Review
from cocm.plan.record_triggers import RECORDS_STEP, RecordsRead
from cocm.plan.records import Accumulator, PlanBook
from cocm.plan.refusal import refusals
from cocm.plandesk.case_file import CaseFile, Settled
from cocm.plandesk.desk_answers import DeskAnswers, desk_answers, summary_of, with_summary
from cocm.plandesk.desk_tables import (
    DeskRun,
    KeptClaim,
    keep_balances,
    keep_interest,
    keep_run,
    last_run,
)
from cocm.plandesk.member_file import root_of
from cocm.plandesk.out_folder import RUN, SUMMARY, OutFolder
from cocm.plandesk.plan_letters import LetterForm
from cocm.plandesk.restate import RESTATED_WHY, Change, Made, restate
from cocm.plandesk.state import Batch, PlanState, opened
from cocm.rules import Rulebook
from cocm.rules.plan_decisions import edit_denials
from cocm.rules.review_reasons import ReasonNeeds, review_reasons

_SETTLE_ROUNDS_MAX: Final = 8
_REVIEWER_CHARACTERS_MAX: Final = 80
_NOTE_CHARACTERS_MAX: Final = 400
_REVIEW_STEP: Final = "wait: review"
_EDIT_STEP: Final = "edit"


class Action(StrEnum):
    """What a reviewer does with a claim."""

    ACCEPT = "accept"
    DENY = "deny"
    READJUDICATE = "readjudicate"


@dataclass(frozen=True, slots=True)
class DeskRequest:
    """What the desk is asked for. `line_numbers` of a denial: these lines only; none: all that the reason meets."""

    claim: str
    action: Action
    reviewer: str
    as_of_date: date
    out: Path
    state: Path | PlanState
    reason: str = ""
    line_numbers: tuple[int, ...] = ()
    note: str = ""
    read: RecordsRead | None = None
    letters: LetterForm = LetterForm.PDF


@dataclass(frozen=True, slots=True)
class DeskResult:
    """What came of it. `decided_before`: nothing was decided now, the answers of then were written again."""

    summary: Mapping[str, Any]
    files: tuple[str, ...]
    decided_before: date | None


def decide_claim(request: DeskRequest, book: PlanBook, rulebook: Rulebook) -> DeskResult:
    """Decide a claim as the reviewer asks, and write the answers into the out folder, all or none.

    The same request again is recognised where its decision still stands. Raises `UnusableInput`, naming what is wrong:
    a claim that is not on file or cannot be decided here, a reason that is not permitted or that the facts do not
    carry, a claim that still waits.
    """
    check_reviewer(request.reviewer, request.note)
    consent = None if request.read is None else request.read.consent_date
    if consent is not None and consent > request.as_of_date:
        raise UnusableInput(f"--consent {consent}: lies after the day of the decision, {request.as_of_date}")
    with opened(request.state, book.profile.plan_id) as state, Staging(request.out) as staging:
        file = CaseFile(state, book, rulebook, request.as_of_date)
        claim = file.find(request.claim)
        asked = _asked(request, claim)
        run = last_run(state, request.action, asked)
        if run is not None and run.batch_sha256 == claim.batch_sha256:
            files = state.batch_files(run.batch_sha256)
        else:
            run = None
            files = _decide(request, file, claim, asked)
        out = publish(staging, request.out, files)
        state.commit()
        staging.publish()
        out.clear(files)
    return DeskResult(json.loads(files[SUMMARY]), tuple(files), None if run is None else run.decided_date)


def check_reviewer(reviewer: str, note: str) -> None:
    """Refuse a decision that names nobody, or text that a trace cannot hold in one line."""
    if not (reviewer.strip() and reviewer.isprintable() and len(reviewer) <= _REVIEWER_CHARACTERS_MAX):
        raise UnusableInput(
            f"--reviewer: name whoever decides, in one line of up to {_REVIEWER_CHARACTERS_MAX} characters"
        )
    if not (note.isprintable() and len(note) <= _NOTE_CHARACTERS_MAX):
        raise UnusableInput(f"--note: one line of up to {_NOTE_CHARACTERS_MAX} characters")


def check_day(file: CaseFile, claims: Iterable[KeptClaim]) -> None:
    """Refuse a day before a claim was last decided: nothing can be set right before it went wrong."""
    for claim in claims:
        last = file.decided_date(claim)
        if file.as_of_date < last:
            raise UnusableInput(
                f"--as-of {file.as_of_date}: lies before {last}, when claim {claim.claim_number} was decided"
            )


def publish(staging: Staging, out: Path, files: Mapping[str, bytes]) -> OutFolder:
    """Stage the answers and make sure that they can be written, and overwrite no other run's."""
    folder = OutFolder(out)
    folder.refuse_other_run(json.loads(files[SUMMARY])[RUN])
    folder.refuse_other_files(files)
    for name, part in files.items():
        staging.put(name, part)
    staging.check_out()
    return folder


def _asked(request: DeskRequest, claim: KeptClaim) -> str:
    """The request in a text that is the same for the same request, whoever makes it and when."""
    return json.dumps(
        {
            "claim": root_of(claim.claim_number),
            "reason": request.reason,
            "lines": sorted(request.line_numbers),
            "read": None if request.read is None else request.read.as_json(),
        },
        sort_keys=True,
    )


def _decide(request: DeskRequest, file: CaseFile, claim: KeptClaim, asked: str) -> dict[str, bytes]:
    if claim.answer in (Answer.FORWARDED, Answer.REVERSED):
        raise UnusableInput(f"claim {claim.claim_number}: was {claim.answer}; there is nothing to decide")
    check_day(file, [claim])
    before = file.settled_before(claim)
    read = request.read or before.read
    settled = _settled(request, file, claim, replace(before, read=read))
    facts: dict[str, Any] = {}
    kept = before.edit_ids - {request.reason} if settled.refusals else settled.edit_ids
    if kept:
        facts["settled_edits"] = sorted(kept)
    if read is not None:
        facts["records_read"] = read.as_json()
    review = Review(request.reviewer, request.as_of_date, request.action, request.reason, request.note, facts)
    state = file.state
    batch_number, control_number = state.next_numbers()
    digest = run_digest(file, request.action, asked, batch_number)
    restated = restate(file, [Change(claim, settled, review)], digest)
    for _, decision in restated.waiting:
        raise UnusableInput(
            f"claim {claim.claim_number}: still waits: {'; '.join(decision.pended_for)}. "
            f"{_how_it_ends(file, claim, decision)}"
        )
    if restated.unchanged:
        raise UnusableInput(
            f"claim {claim.claim_number}: comes out as it was decided before ({claim.answer}); nothing was changed"
        )
    made = restated.made[0].decision
    if request.action is Action.ACCEPT and made.answer is Answer.DENIED:
        raise UnusableInput(
            f"claim {claim.claim_number}: cannot be accepted: {'; '.join(_why_refused(made))}"
        )
    answers = desk_answers(
        file,
        restated,
        batch_sha256=digest,
        first_control_number=control_number,
        why=_why,
        letters=request.letters,
    )
    what = {
        RUN: digest,
        "action": request.action,
        "claim_number": made.claim_number,
        "earlier_claim_number": claim.claim_number,
        "claim_id": claim.claim_id,
        "reason": request.reason,
        "reviewer": request.reviewer,
        "answer": made.answer.value,
        "lines_denied": sum(line.answer is Answer.DENIED for line in made.lines),
    }
    files = with_summary(answers, summary_of(file, answers, what))
    day = request.as_of_date
    keep_run_with(
        file,
        Batch(digest, batch_number, day, day, answers.last_control_number),
        DeskRun(digest, request.action, asked, request.reviewer, day),
        files,
        answers,
    )
    return files


def _how_it_ends(file: CaseFile, claim: KeptClaim, decision: ClaimDecisionMade) -> str:
    """What ends the waiting of a claim: a denial for what only its sender can mend, or the plan's own work."""
    examined = file.adjudicator.examine(file.case(claim, Accumulator()))
    needs = ReasonNeeds.NOTHING if examined.hindrance is None else examined.hindrance.ends_with
    if not needs and not all(line.line.has_whole_units for line in decision.lines):
        needs = ReasonNeeds.UNITS_NOT_WHOLE
    for name, reason in review_reasons(file.rulebook).items():
        if needs and reason.needs is needs:
            return f"Only its sender can mend that, in a claim sent anew: deny this one (--deny {name})"
    return (
        "Settle that first: mend the plan's table, take in the records that were asked for, or decide the claim that "
        "it waits for"
    )


def run_digest(file: CaseFile, action: str, asked: str, batch_number: int) -> str:
    """The name of a run's batch: what was asked, and its place among the batches."""
    parts = (file.book.profile.plan_id, "desk", action, asked, str(batch_number))
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def keep_run_with(
    file: CaseFile, batch: Batch, run: DeskRun, files: Mapping[str, bytes], answers: DeskAnswers
) -> None:
    """Keep a run's batch, answers and interest in the state."""
    file.state.record_batch(batch, files, file.rulebook.content_hash)
    keep_run(file.state, run)
    keep_balances(file.state, batch.sha256, answers.moves)
    keep_interest(
        file.state,
        ((number, one.paid_cents, one.days) for number, one in answers.interest.items() if one.paid_cents),
    )


def _settled(request: DeskRequest, file: CaseFile, claim: KeptClaim, before: Settled) -> Settled:
    """What the reviewer settles by the action."""
    if request.action is Action.READJUDICATE:
        return before
    if request.action is Action.ACCEPT:
        return _accepted(request, file, claim, before)
    examined = file.adjudicator.examine(
        file.case(claim, Accumulator(), replace(before, edit_ids=frozenset()))
    )
    root = root_of(claim.claim_number)
    asked = file.requests.get(root)
    is_silent = asked is not None and asked.is_overdue(request.as_of_date) and root not in file.documents
    refused = refusals(
        file.rulebook,
        examined,
        request.reason,
        line_numbers=request.line_numbers,
        own_entity=file.book.own_entity,
        benefits=file.book.benefits,
        is_request_overdue=is_silent,
    )
    # The reason itself is answered on every line, and so is what records were asked for once they were read.
    answered = {request.reason} & edit_denials(file.rulebook).keys()
    if before.read is not None:
        lines = file.adjudicator.decide(file.case(claim, Accumulator(), before)).lines
        answered |= _edits_at(lines, (RECORDS_STEP,))
    return Settled(before.edit_ids | answered, refused, before.read)


def _accepted(request: DeskRequest, file: CaseFile, claim: KeptClaim, before: Settled) -> Settled:
    """Every edit that holds the claim up or refused it, settled in its favour.

    A refusal that the rules may make by themselves, or that what was read in the records speaks for, is overturned only
    with a note that says why.
    """
    settled = before
    denials = edit_denials(file.rulebook)
    as_it_came = file.adjudicator.decide(file.case(claim, Accumulator(), replace(before, read=None)))
    unread = _edits_at(as_it_came.lines, (_EDIT_STEP, _REVIEW_STEP, RECORDS_STEP))
    for _ in range(_SETTLE_ROUNDS_MAX):
        decision = file.adjudicator.decide(file.case(claim, Accumulator(), settled))
        refusing_ids = _edits_at(decision.lines, (_EDIT_STEP,))
        found = refusing_ids | _edits_at(decision.lines, (_REVIEW_STEP, RECORDS_STEP))
        if not found - settled.edit_ids:
            break
        settled = replace(settled, edit_ids=settled.edit_ids | found)
        refusing = sorted(one for one in refusing_ids | (found - unread) if one in denials)
        if refusing and not request.note.strip():
            raise UnusableInput(
                f"claim {claim.claim_number}: {', '.join(refusing)} refuses it by the plan's own rules, or by what was "
                "read in the records; say with --note what shows otherwise"
            )
    return settled


def _edits_at(lines: Iterable[LineDecision], steps: tuple[str, ...]) -> frozenset[str]:
    """The edits of the reasons that were given at one of these steps."""
    return frozenset(
        edit_id
        for line in lines
        for reason in line.reasons
        for step, _, edit_id in [reason.step.rpartition(" ")]
        if step in steps
    )


def _why_refused(decision: ClaimDecisionMade) -> list[str]:
    reasons: dict[str, None] = {}
    for line in decision.lines:
        if line.answer is Answer.DENIED:
            number = line.line.claim_line_number
            reasons |= dict.fromkeys(f"line {number}, {one.step}: {one.text}" for one in line.reasons)
    return list(reasons)


def _why(made: Made) -> str:
    """Why a decision changed, in words for the provider."""
    review = made.decision.review
    if made.is_restated:
        return RESTATED_WHY
    note = f" {review.note}" if review is not None and review.note else ""
    reasons = dict.fromkeys(_told(one) for line in made.decision.lines for one in line.reasons)
    return f"a person reviewed it.{note} {'; '.join(reasons)}."


def _told(reason: DecisionReason) -> str:
    return f"{reason.step}: {reason.text}"
