"""One claim with everything about it: its life, its lines and money, the claim before it, its wire, and the edits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.http import Http404

from cocm.basics.months import Month
from cocm.claims.lifecycle import Timeline
from cocm.edits.verdicts import EditAnswer, claim_answers
from cocm.receivables.month_case import MonthCase, month_cases
from cocm.receivables.practice_books import OpenBooks
from cocm.receivables.timelines import ClaimStanding, standings
from cocm.remits.account import PostedDecision
from cocm.remits.decision import ClaimDecision
from cocm.server.access.actor import Actor
from cocm.server.open_books import open_books_of
from cocm.server.registry.models import Patient
from cocm.store.state import RecordedClaim
from cocm.x12 import ClaimRecord


@dataclass(frozen=True, slots=True)
class Told:
    """A payer's decision: how it stands in the account, and what it said line by line."""

    posted: PostedDecision
    decision: ClaimDecision
    is_held: bool


@dataclass(frozen=True, slots=True)
class Beside:
    """A claim for the comparison: what was sent, where it stands, and the minutes its month counts today."""

    claim: RecordedClaim
    sent: ClaimRecord | None
    standing: ClaimStanding | None
    minutes_counted: int | None

    @property
    def month(self) -> Month:
        return Month.from_index(self.claim.month_index)


@dataclass(frozen=True, slots=True)
class ClaimFile:
    """The claim. `others` are the claims of the same month and payer, in the order they were sent, this one included.

    `minutes_counted` is None, and `pack_id` and `answers` are empty, where the patient's rows carry no month any more.
    """

    claim: RecordedClaim
    sent: ClaimRecord | None
    standing: ClaimStanding
    life: Timeline
    others: tuple[RecordedClaim, ...]
    told: tuple[Told, ...]
    file_name: str
    prior: Beside | None
    minutes_counted: int | None
    pack_id: str
    answers: tuple[EditAnswer, ...]

    @property
    def month(self) -> Month:
        return Month.from_index(self.claim.month_index)

    @property
    def is_last(self) -> bool:
        """Whether no later claim of ours took its place."""
        return self.others[-1].claim_id == self.claim.claim_id

    @property
    def beside(self) -> Beside:
        return Beside(self.claim, self.sent, self.standing, self.minutes_counted)


def claim_file(
    *, actor: Actor, patient: Patient, claim_id: str, today: date, with_edits: bool = False
) -> ClaimFile:
    """The file of a patient's claim. Raises `Http404` for another's, or one that was never sent."""
    with open_books_of(actor, today=today) as books:
        claim = books.state.find_claim(claim_id)
        if claim is None or claim.patient_id != patient.patient_id:
            raise Http404
        standing = next(standings(books, claim_id))
        lives = {life.claim_id: life for life in (*standing.earlier, standing.timeline)}
        before = _before(books, claim)
        cases = month_cases(books, [one for one in (claim, before) if one is not None])
        interchange = next(
            one
            for one in books.state.interchanges(Month.from_index(claim.month_index))
            if one.control_number == claim.control_number
        )
        held = books.held_payments({one.payment_id for one in standing.rows.decisions})
        return ClaimFile(
            claim=claim,
            sent=books.sent_claim(claim),
            standing=standing,
            life=lives[claim_id],
            others=standing.rows.claims,
            told=tuple(
                Told(one, books.remittances.decision(one.decision_id), one.payment_id in held)
                for one in standing.rows.decisions
                if standing.rows.claim_of_decision[one.decision_id] == claim_id
            ),
            file_name=interchange.file_name,
            prior=None if before is None else _beside(books, before, cases.get(before.claim_id)),
            minutes_counted=_minutes(cases.get(claim_id)),
            pack_id=cases[claim_id].policy.pack.payer_id if claim_id in cases else "",
            answers=_answers(cases.get(claim_id)) if with_edits else (),
        )


def _before(books: OpenBooks, claim: RecordedClaim) -> RecordedClaim | None:
    """The last claim of the month before, to the same payer or else to another."""
    month = Month.from_index(claim.month_index).plus(-1)
    of_patient = (claim.patient_id, claim.patient_id)
    found = {one.payer_id: one for one in books.state.latest_claims_in_order(month, of_patient)}
    return found.get(claim.payer_id) or next(iter(found.values()), None)


def _beside(books: OpenBooks, claim: RecordedClaim, case: MonthCase | None) -> Beside:
    return Beside(
        claim, books.sent_claim(claim), next(standings(books, claim.claim_id), None), _minutes(case)
    )


def _minutes(case: MonthCase | None) -> int | None:
    return None if case is None else case.proposal.ledger.minutes_counted


def _answers(case: MonthCase | None) -> tuple[EditAnswer, ...]:
    subject = None if case is None else case.subject
    return () if subject is None else claim_answers(subject)
