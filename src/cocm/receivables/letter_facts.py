"""The facts on file that a letter may state about one claim. A fact that is not on file is absent, never made up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cocm.basics.money import dollars
from cocm.basics.months import Month
from cocm.care.people import Practice
from cocm.coding.records import Proposal
from cocm.letters.sheet import LedgerRow
from cocm.letters.words import day_words, month_words
from cocm.receivables.explain import said_by_payer
from cocm.receivables.month_case import MonthCase
from cocm.receivables.practice_books import OpenBooks
from cocm.receivables.timelines import ClaimStanding
from cocm.receivables.words import (
    diagnosis_words,
    exclusion_words,
    minutes_words,
    service_words,
)
from cocm.remits.account import in_force
from cocm.remits.denied_line import denied_lines
from cocm.rules.adjustment_effects import adjustment_effects
from cocm.x12 import ClaimRecord

APPEAL_LEVELS = ("first", "second", "third")


def letter_facts(
    books: OpenBooks, standing: ClaimStanding, month_case: MonthCase | None, language: str = "en"
) -> dict[str, str]:
    """Every fact on file by its placeholder's name, dates and months in the words of the language."""
    facts: dict[str, str] = dict(_of_practice(books))
    facts |= _of_account(books, standing, language)
    if month_case is not None:
        if month_case.sent is not None:
            facts |= _of_claim(month_case.sent)
        facts |= _of_care(month_case)
    return {name: text for name, text in facts.items() if text}


def address_lines(practice: Practice) -> tuple[str, ...]:
    """The practice's letterhead."""
    where = practice.address
    return (
        practice.name,
        where.line,
        f"{where.city}, {where.state} {where.postal_code}",
        f"NPI {practice.billing_npi}",
    )


def ledger_rows(proposal: Proposal) -> Iterator[LedgerRow]:
    """The month's minutes ledger, contact by contact."""
    for entry in proposal.ledger.entries:
        yield LedgerRow(
            entry.service_date,
            minutes_words(entry.logged_seconds),
            minutes_words(entry.counted_seconds),
            "; ".join(map(exclusion_words, entry.exclusions)),
        )


def _of_practice(books: OpenBooks) -> Iterator[tuple[str, str]]:
    practice = books.reference.practice
    yield "practice_name", practice.name
    yield "practice_phone", practice.phone


def _of_account(books: OpenBooks, standing: ClaimStanding, language: str) -> Mapping[str, str]:
    claim = standing.rows.claim
    balance = standing.account.balance
    appeals = sum(entry.event.kind.value == "appealed" for entry in standing.timeline.entries)
    facts = {
        "claim_id": claim.claim_id,
        "service_month": month_words(Month.from_index(claim.month_index), language),
        "payer_claim_control_number": standing.timeline.payer_claim_control_number,
        "first_sent_date": day_words(standing.rows.charges[0].day),
        "amount_at_stake": dollars(balance.open_cents + balance.disputed_cents),
        "patient_amount": dollars(balance.disputed_cents or balance.patient_cents),
        "patient_paid": dollars(balance.patient_paid_cents),
        "appeal_level": APPEAL_LEVELS[min(appeals, len(APPEAL_LEVELS) - 1)],
    }
    decisions = [given for given in in_force(standing.rows.decisions) if not given.is_reversal]
    if decisions:
        last = decisions[-1]
        decision = books.remittances.decision(last.decision_id)
        said = [
            f"{code} ({words})" if words else code
            for line in denied_lines(decision, adjustment_effects(books.rulebook))
            for code, words in said_by_payer(books.rulebook, line, last.payment_date)
        ]
        facts |= {
            "decision_date": day_words(last.payment_date),
            "denial_codes": ", ".join(dict.fromkeys(said)),
        }
    return facts


def _of_claim(sent: ClaimRecord) -> Mapping[str, str]:
    rendering = sent.rendering or sent.billing
    return {
        "patient_name": f"{sent.patient.first_name} {sent.patient.last_or_organization_name}".strip(),
        "member_id": sent.member_id,
        "codes": ", ".join(map(service_words, sent.lines)),
        "charge": dollars(sent.charge_amount_cents),
        "service_date": day_words(max(line.service_to_date for line in sent.lines)),
        "billing_provider": f"{sent.billing.last_or_organization_name}, NPI {sent.billing.identifier}",
        "rendering_provider": (
            f"{rendering.first_name} {rendering.last_or_organization_name}, NPI {rendering.identifier}".strip()
        ),
        "diagnoses": ", ".join(map(diagnosis_words, sent.diagnosis_codes)),
    }


def _of_care(month_case: MonthCase) -> Mapping[str, str]:
    case = month_case.case
    consent = case.episode.consent
    in_month = [score for score in case.measures if score.taken_on in case.month]
    reviewed = [review.reviewed_on for review in case.reviews if review.reviewed_on in case.month]
    ledger = month_case.proposal.ledger
    return {
        "patient_name": f"{case.patient.first_name} {case.patient.last_name}",
        "minutes_counted": str(ledger.minutes_counted),
        "minutes_logged": str(ledger.logged_seconds // 60),
        "consent_date": day_words(consent.consent_date) if consent and consent.consent_date else "",
        "consent_form": consent.form.replace("_", " ") if consent else "",
        "scales": ", ".join(
            f"{score.instrument.upper()} {score.score} on {day_words(score.taken_on)}" for score in in_month
        ),
        "review_dates": ", ".join(map(day_words, reviewed)),
    }
