"""The answers of the review desk as files: remittance, status, traces, what changed for whom, letters, totals."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from cocm.basics.identity import Provenance
from cocm.basics.money import plain_dollars
from cocm.plan.balances import BalanceMove, Balances, balance_totals
from cocm.plan.decision import Answer, ClaimDecisionMade
from cocm.plan.interest import Interest, late_interest
from cocm.plan.remittance import remittances
from cocm.plan.status_answers import status_answers
from cocm.plandesk.adjudicate import answer_envelope
from cocm.plandesk.case_file import CaseFile
from cocm.plandesk.desk_tables import open_balances
from cocm.plandesk.forwarding import forwarded_files
from cocm.plandesk.member_file import root_of
from cocm.plandesk.out_folder import FILES, SUMMARY
from cocm.plandesk.plan_letters import LetterForm, correction_letters
from cocm.plandesk.restate import Made, Restatement
from cocm.plandesk.shares import share_count, share_files
from cocm.plandesk.tables_out import csv_bytes, json_bytes
from cocm.plandesk.trace_files import TRACE, TRACE_TEXT, trace_document
from cocm.plandesk.trace_writer import TraceWriter
from cocm.x12.claim_record import ClaimRecord
from cocm.x12.claim_status import write_277
from cocm.x12.code_sets import rulebook_code_sets
from cocm.x12.remittance_writer import write_835

REMITTANCE: Final = "remittance"
STATUS: Final = "status"
CHANGES: Final = "changes.csv"
CHANGES_COLUMNS: Final = (
    "claim_number", "earlier_claim_number", "claim_id", "why_changed", "answer_before", "answer", "paid_before",
    "paid", "member_share_before", "member_share", "refund_due", "interest", "interest_days", "interest_why",
)  # fmt: skip
_MISSING_SHOWN_MAX: Final = 20


@dataclass(frozen=True, slots=True)
class DeskAnswers:
    """The files, the last control number they used, the interest by claim number, what payments carried forward or
    recovered, and the totals."""

    files: dict[str, bytes]
    last_control_number: int
    interest: dict[str, Interest]
    moves: tuple[BalanceMove, ...]
    totals: dict[str, Any]


def interest_on(file: CaseFile, made: Made) -> Interest:
    """What is owed on the more that a decision pays, by the clock of the claim, or of records that came in.

    Records that were asked for before the clock ran out start it anew, on the day the first of them came.
    """
    decision = made.decision
    pack = file.rulebook.pack(file.book.profile.pack_id)
    policy = pack.on(decision.record.lines[0].service_to_date)
    start = decision.received_date
    root = root_of(decision.claim_number)
    asked = file.requests.get(root)
    if asked is not None and (
        decision.payment_due_date is None or asked.asked_date <= decision.payment_due_date
    ):
        held = file.documents.get(root, ())
        came = [one.received_date for one in held if one.received_date >= asked.asked_date]
        start = min(came, default=start)
    principal = decision.paid_amount_cents - made.paid_before_cents
    return late_interest(
        policy, principal_cents=principal, clock_from_date=start, payment_date=file.as_of_date
    )


def desk_answers(
    file: CaseFile,
    restated: Restatement,
    *,
    batch_sha256: str,
    first_control_number: int,
    why: Callable[[Made], str],
    letters: LetterForm,
) -> DeskAnswers:
    """All files but the summary, for the decisions that were made. `why` explains each in a provider's letter."""
    interest = {made.decision.claim_number: interest_on(file, made) for made in restated.made}
    balances = Balances(open_balances(file.state))
    files, control_number = _wire(file, restated.made, interest, balances, batch_sha256, first_control_number)
    provenance = Provenance(file.book.profile.plan_id, file.as_of_date, file.rulebook.content_hash)
    decisions = [made.decision for made in restated.made]
    traced = [(one, interest[one.claim_number]) for one in decisions]
    writer = TraceWriter()
    files[TRACE] = trace_document(provenance.as_json(), [writer.json_line(*one) for one in traced])
    files[TRACE_TEXT] = "\n".join([writer.text(*one) for one in traced]).encode()
    files[CHANGES] = csv_bytes(
        CHANGES_COLUMNS, [_row(made, interest[made.decision.claim_number]) for made in restated.made]
    )
    if any(one.forward_to is not None for one in decisions):
        files |= forwarded_files(sorted(decisions, key=_place_in_file), file.as_of_date)
    corrected_by_sender = [one.decision for one in restated.made if not one.is_correction]
    files |= share_files(file.state, file.book, corrected_by_sender)
    missing: Counter[str] = Counter()
    if letters is not LetterForm.NONE:
        for made in restated.made:
            for letter in correction_letters(file, made, interest[made.decision.claim_number], why(made)):
                files[f"{letter.name}.{letters}"] = letter.content(letters)
                missing.update(letter.draft.missing)
    totals = {**_totals(restated, interest), **balance_totals(balances.moves)}
    totals["letters"] = sum(name.startswith("letter-") for name in files)
    totals["shares_to_restate"] = share_count(files)
    totals["letters_lack"] = [text for text, _ in missing.most_common(_MISSING_SHOWN_MAX)]
    return DeskAnswers(files, control_number - 1, interest, tuple(balances.moves), totals)


def summary_of(file: CaseFile, answers: DeskAnswers, asked: dict[str, Any]) -> dict[str, Any]:
    """What the desk did, as plain values."""
    provenance = Provenance(file.book.profile.plan_id, file.as_of_date, file.rulebook.content_hash)
    return {**provenance.as_json(), **asked, "is_test": False, **answers.totals}


def with_summary(answers: DeskAnswers, summary: dict[str, Any]) -> dict[str, bytes]:
    """The files with the summary beside them."""
    names = [*answers.files, SUMMARY]
    return {**answers.files, SUMMARY: json_bytes({**summary, FILES: names})}


def _wire(
    file: CaseFile,
    made: Sequence[Made],
    interest: dict[str, Interest],
    balances: Balances,
    batch: str,
    control_number: int,
) -> tuple[dict[str, bytes], int]:
    """A remittance and a status answer for each sender of claims; numbered where there are several senders."""
    by_sender: dict[tuple[str, ...], list[Made]] = {}
    for one in made:
        by_sender.setdefault(_sender(one.decision.record), []).append(one)
    files: dict[str, bytes] = {}
    at = datetime.combine(file.as_of_date, datetime.min.time())
    code_sets = rulebook_code_sets(file.rulebook)
    for place, (_, own) in enumerate(sorted(by_sender.items()), 1):
        tail = f"-{place:03d}" if len(by_sender) > 1 else ""
        decisions = [one.decision for one in own]
        cents = {number: owed.paid_cents for number, owed in interest.items()}
        payments = remittances(
            file.book.profile,
            file.rulebook,
            decisions,
            batch=f"{batch}{tail}",
            payment_date=file.as_of_date,
            interest_cents=cents,
            moves=balances.settle(decisions, cents, f"{batch}{tail}"),
        )
        record = decisions[0].record
        out = io.BytesIO()
        write_835(payments, answer_envelope(record, at, control_number), out, code_sets=code_sets)
        files[f"{REMITTANCE}{tail}.835"] = out.getvalue()
        told = status_answers(file.book.profile, file.rulebook, decisions, batch=batch, day=file.as_of_date)
        out = io.BytesIO()
        write_277(told, answer_envelope(record, at, control_number + 1), out)
        files[f"{STATUS}{tail}.277"] = out.getvalue()
        control_number += 2
    return files, control_number


def _place_in_file(decision: ClaimDecisionMade) -> tuple[datetime, int, int]:
    """Where the claim stood: claims are handed on in the order of their files."""
    sent = decision.record.transmission
    return sent.created_at, sent.interchange_control_number, decision.record.start


def _sender(record: ClaimRecord) -> tuple[str, ...]:
    sent = record.transmission
    return sent.sender_type, sent.sender_id, sent.receiver_type, sent.receiver_id


def _row(made: Made, interest: Interest) -> tuple[str, ...]:
    decision = made.decision
    review = decision.review
    return (
        decision.claim_number,
        made.claim.claim_number,
        decision.record.claim_id,
        "" if review is None else " ".join(filter(None, (review.action, review.reason))),
        made.claim.answer.value,
        decision.answer.value,
        plain_dollars(made.paid_before_cents),
        plain_dollars(decision.paid_amount_cents),
        plain_dollars(made.share_before_cents),
        plain_dollars(decision.member_share_cents),
        plain_dollars(made.refund_cents),
        "" if interest.cents is None else plain_dollars(interest.cents),
        str(interest.days),
        interest.why,
    )


def _totals(restated: Restatement, interest: dict[str, Interest]) -> dict[str, Any]:
    made = restated.made
    answers = Counter(one.decision.answer for one in made)
    members = {one.decision.member for one in made if one.decision.member is not None}
    refunds = [one for one in made if one.refund_cents]
    return {
        "claims_changed": sum(not one.is_restated for one in made),
        "claims_restated_for_share": sum(one.is_restated for one in made),
        "claims_unchanged": _numbers(restated.unchanged),
        "claims_waiting": [
            {"claim_number": claim.claim_number, "waits_for": list(decision.pended_for)}
            for claim, decision in restated.waiting
        ],
        "claims_left_to_a_person": _numbers(restated.left),
        "claims_paid": answers[Answer.PAID],
        "claims_denied": answers[Answer.DENIED],
        "members": len(members),
        "paid_before_cents": sum(one.paid_before_cents for one in made),
        "paid_cents": sum(one.decision.paid_amount_cents for one in made),
        "interest_cents": sum(one.paid_cents for one in interest.values()),
        "interest_not_known": sum(one.cents is None for one in interest.values()),
        "payment_cents": sum(one.decision.paid_amount_cents - one.paid_before_cents for one in made)
        + sum(one.paid_cents for one in interest.values()),
        "member_share_before_cents": sum(one.share_before_cents for one in made),
        "member_share_cents": sum(one.decision.member_share_cents for one in made),
        "refusals_without_notice": [
            one.decision.claim_number
            for one in made
            if one.is_correction and one.decision.answer is Answer.DENIED
        ],
        "refunds": len(refunds),
        "refunds_cents": sum(one.refund_cents for one in refunds),
    }


def _numbers(claims: Iterable[Any]) -> list[str]:
    return [claim.claim_number for claim in claims]
