"""A month's statements for the psychiatric consultants, from the practice's tables and books, with their journal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

from cocm.basics.errors import UnusableInput
from cocm.basics.months import Month
from cocm.claims.submission import VOID
from cocm.edits.codes import cocm_codes
from cocm.insight.valuation import VALUATION_PACK, VALUATION_RULE
from cocm.intake.agreements import read_agreements
from cocm.intake.patients import parse_patient
from cocm.receivables.practice_books import BooksRequest, OpenBooks, open_books
from cocm.remits.account import Balance
from cocm.remits.transfers import (
    PROGRAMME_COST,
    PSYCHIATRY,
    ConsultantActivity,
    TransferLine,
    TransferTerm,
    transfer_line,
)
from cocm.rules.fees import fee_schedule


@dataclass(frozen=True, slots=True)
class TransferStatement:
    """A month's lines. `activity` is what each consultant did, by staff id."""

    month: Month
    lines: tuple[TransferLine, ...]
    activity: Mapping[str, ConsultantActivity]

    @property
    def total_cents(self) -> int:
        return sum(line.amount_cents for line in self.lines)


def transfer_statement(
    request: BooksRequest, month: Month, agreements: Path | Sequence[TransferTerm]
) -> TransferStatement:
    """The month's statement under every agreement (of a table, or as given) that holds on its last day.

    Raises `TableError` for a wrong row of the agreements, `UnusableInput` for a term that a model needs or a consultant
    whom the practice's tables do not name.
    """
    terms = read_agreements(agreements) if isinstance(agreements, Path) else agreements
    where = f"{agreements.name}: " if isinstance(agreements, Path) else ""
    with open_books(request, is_read_only=True) as books:
        known = _consultants(books)
        for term in terms:
            if term.psychiatric_consultant_id not in known:
                raise UnusableInput(
                    f"{where}agreement {term.agreement_id}: the staff table has no psychiatric consultant "
                    f"{term.psychiatric_consultant_id}; correct the id, or add the consultant to the table"
                )
        activity = _activity(books, month)
        policy = books.rulebook.pack(VALUATION_PACK).on(month.last_day)
        hundredths = policy.value(VALUATION_RULE)
        rvu = Decimal(hundredths.integer) / 100 if hundredths.integer is not None else None
        factor = fee_schedule(books.rulebook).conversion_factor(month.last_day)
    lines = tuple(
        transfer_line(
            term, month, activity.get(term.psychiatric_consultant_id, ConsultantActivity()), rvu, factor
        )
        for term in sorted(terms, key=lambda given: given.agreement_id)
        if term.holds_in(month)
    )
    return TransferStatement(month, lines, activity)


def beancount_text(statement: TransferStatement, organization_id: str) -> str:
    """The statement's journal: the programme's cost against what psychiatry is owed."""
    first = statement.month.first_day
    lines = [f'option "title" "{organization_id}"', 'option "operating_currency" "USD"', ""]
    lines += [f"{first} open {account} USD" for account in (PROGRAMME_COST, PSYCHIATRY)]
    for line in statement.lines:
        dollars = Decimal(line.amount_cents).scaleb(-2)
        lines += [
            "",
            f'{statement.month.last_day} * "{line.model}: {line.quantity} at {line.rate}" ^{line.agreement_id}',
            f"  {PROGRAMME_COST}  {dollars:.2f} USD",
            f"  {PSYCHIATRY}  {-dollars:.2f} USD",
        ]
    return "\n".join(lines) + "\n"


def _activity(books: OpenBooks, month: Month) -> dict[str, ConsultantActivity]:
    found: defaultdict[str, ConsultantActivity] = defaultdict(ConsultantActivity)
    consultant_of: dict[str, str] = {}
    consultants = _consultants(books)
    for rows in books.patient_groups():
        cases = parse_patient(rows, books.reference, month).case_files
        if not cases:
            continue
        consultant_of[rows.patient_id] = cases[0].episode.psychiatric_consultant_id
        # Each episode has contacts of its own; a patient's reviews stand in every one.
        for contact in (contact for case in cases for contact in case.contacts):
            if contact.service_date in month and contact.staff_id in consultants:
                was = found[contact.staff_id]
                seconds = was.logged_seconds + contact.service_seconds
                found[contact.staff_id] = replace(was, logged_seconds=seconds)
        for review in cases[0].reviews:
            if review.patient_id and review.reviewed_on in month:
                was = found[review.psychiatric_consultant_id]
                found[review.psychiatric_consultant_id] = replace(was, reviews=was.reviews + 1)
    _add_billed(books, month, consultant_of, found)
    return dict(found)


def _add_billed(
    books: OpenBooks,
    month: Month,
    consultant_of: Mapping[str, str],
    found: defaultdict[str, ConsultantActivity],
) -> None:
    """Base units billed for the month, and what was collected during it for any month."""
    roles = cocm_codes(books.rulebook)
    for rows, account in books.accounts():
        consultant = consultant_of.get(rows.claim.patient_id, "")
        if not consultant:
            continue
        was = found[consultant]
        units = 0
        if rows.claim.month_index == month.index and rows.claim.frequency_code != VOID:
            sent = books.sent_claim(rows.claim)
            units = sum(
                int(line.service_unit_quantity)
                for line in (sent.lines if sent is not None else ())
                if (role := roles.get(line.hcpcs_code)) is not None and role.is_parent
            )
        collected = 0
        before = Balance()
        for step in account.steps:
            if step.day in month:
                collected += step.balance.paid_cents - before.paid_cents
            before = step.balance
        found[consultant] = replace(
            was, base_units=was.base_units + units, collected_cents=was.collected_cents + collected
        )


def _consultants(books: OpenBooks) -> Sequence[str]:
    return [
        staff_id
        for staff_id, member in books.reference.staff.items()
        if member.role.value == "psychiatric_consultant"
    ]
