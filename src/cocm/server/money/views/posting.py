"""Posting review: payments that do not add up, decisions without a claim, money moved outside claims."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from cocm.basics.errors import CocmError
from cocm.basics.money import dollars
from cocm.basics.months import Month
from cocm.receivables.timelines import ClaimStanding
from cocm.server.access.needs import needs
from cocm.server.access.permissions import Permission
from cocm.server.claims.words import STATES
from cocm.server.look.badges import badge
from cocm.server.look.tables import Column, Row, Table
from cocm.server.money.forms import MatchForm
from cocm.server.money.selectors import (
    PostingReview,
    ReviewedPayment,
    UnmatchedDecision,
    payment_of,
    posting_review,
    unmatched_decision,
)
from cocm.server.money.services import decision_matched, plain_words
from cocm.server.money.tabs import money_tabs
from cocm.server.people_named import patients_named
from cocm.server.set_up_first import set_up_first

PAYMENTS_SHOWN_MAX: Final = 200
ADJUSTMENT_WORDS: Final = {
    "interest": "Interest",
    "recoupment": "Taken back",
    "forwarded_balance": "Balance carried on",
    "refund_acknowledged": "Refund acknowledged",
    "settlement": "Other settlement",
    "": "Not known: ask the payer",
}
METHOD_WORDS: Final = {
    "ACH": "Electronic (ACH)",
    "BOP": "Bank's choice",
    "CHK": "Check",
    "FWT": "Wire",
    "NON": "No payment",
}


def adjustment_words(account: str) -> str:
    """What a payment moved outside any claim."""
    return ADJUSTMENT_WORDS.get(account, account.replace("_", " ").capitalize())


@needs(Permission.BILLING_VIEW)
@set_up_first
def posting_page(request: HttpRequest) -> HttpResponse:
    """What posting left for a person, then every payment."""
    review = posting_review(actor=request.actor, today=timezone.localdate())
    context = {
        "tabs": money_tabs("money:posting"),
        "held": len(review.held),
        "held_amount": dollars(sum(abs(one.sums.payment.paid_amount_cents) for one in review.held)),
        "unmatched": _unmatched_table(review) if review.unmatched else None,
        "payments": _payments_table(review.payments[:PAYMENTS_SHOWN_MAX], len(review.payments)),
        "adjustments": _adjustments_table(review),
        "is_clean": not review.held and not review.unmatched,
    }
    return TemplateResponse(request, "money/posting.html", context)


def _payments_table(shown: tuple[ReviewedPayment, ...], total: int) -> Table:
    return Table(
        f"Payments, {total}" + (f"; the last {len(shown)}" if total > len(shown) else ""),
        (
            Column("Trace"),
            Column("Date", "date"),
            Column("Payer"),
            Column("Paid", "number"),
            Column("Claims", "number", help="Claims of ours that it decides"),
            Column("State"),
        ),
        [
            Row(
                (
                    one.sums.payment.trace_number or one.sums.payment.payment_id,
                    one.sums.payment.payment_date,
                    one.sums.payment.payer_name,
                    dollars(one.sums.payment.paid_amount_cents),
                    one.sums.claim_count - one.sums.other_claim_count,
                    state_of(one),
                ),
                href=reverse("money:payment", kwargs={"payment_id": one.sums.payment.payment_id}),
                tone="" if one.found.is_reconciled else "attention",
            )
            for one in shown
        ],
        key="payments",
        layout="cards",
        empty="No remittance was posted yet.",
    )


def state_of(one: ReviewedPayment) -> str:
    """Whether a payment is in the books, as a badge."""
    if one.found.is_reconciled:
        return badge("Adds up", "success", "check-circle")
    if one.found.difference_cents:
        return badge(
            f"Held: {dollars(one.found.difference_cents)} unexplained", "attention", "exclamation-triangle"
        )
    return badge("Held", "attention", "exclamation-triangle")


def _unmatched_table(review: PostingReview) -> Table:
    return Table(
        f"Decisions without a claim, {len(review.unmatched)}",
        (
            Column("Payer's number of the claim"),
            Column("Number on it"),
            Column("Service", "date"),
            Column("Charge", "number"),
            Column("Paid", "number"),
            Column("Looks like"),
        ),
        [_unmatched_row(one) for one in review.unmatched],
        key="unmatched",
        layout="cards",
    )


def _unmatched_row(one: UnmatchedDecision) -> Row:
    decision = one.decision
    likely = (
        f"{one.offered[0].claim_id}, {one.offered[0].points} of 100" if one.offered else "nothing on file"
    )
    return Row(
        (
            decision.payer_claim_control_number or decision.decision_id,
            decision.claim_number,
            decision.first_date or "",
            dollars(decision.charge_amount_cents),
            dollars(decision.paid_amount_cents),
            likely,
        ),
        href=reverse("money:match", kwargs={"decision_id": decision.decision_id}),
        tone="attention",
    )


def _adjustments_table(review: PostingReview) -> Table | None:
    rows = [
        Row(
            (
                code,
                adjustment_words(account),
                reference,
                one.sums.payment.payer_name,
                one.sums.payment.payment_date,
                dollars(-cents),
            ),
            tone="" if account else "attention",
        )
        for one in review.payments
        for code, account, reference, cents in one.adjustments
    ]
    if not rows:
        return None
    return Table(
        f"Moved outside any claim, {len(rows)}",
        (
            Column("Code"),
            Column("What"),
            Column("Reference"),
            Column("Payer"),
            Column("Date", "date"),
            Column("Added", "number", help="To the payment; below nothing it was taken off"),
        ),
        rows,
        key="adjustments",
        layout="cards",
    )


@needs(Permission.BILLING_VIEW)
@set_up_first
def payment_page(request: HttpRequest, payment_id: str) -> HttpResponse:
    """One payment: what came, what its parts explain, and the claims in it."""
    today = timezone.localdate()
    found = payment_of(actor=request.actor, today=today, payment_id=payment_id)
    if found is None:
        raise Http404
    payment, touched = found
    named = patients_named(actor=request.actor, patient_ids=(one.rows.claim.patient_id for one in touched))
    context = {
        "tabs": money_tabs("money:posting"),
        "payment": payment.sums.payment,
        "paid": dollars(payment.sums.payment.paid_amount_cents),
        "method": METHOD_WORDS.get(payment.sums.payment.method, payment.sums.payment.method),
        "claims_paid": dollars(payment.sums.claims_paid_cents),
        "others_paid": dollars(payment.sums.other_claims_paid_cents)
        if payment.sums.other_claim_count
        else "",
        "others": payment.sums.other_claim_count,
        "taken_off": dollars(payment.found.provider_adjustments_cents),
        "difference": dollars(payment.found.difference_cents),
        "state": state_of(payment),
        "explanation": payment.found.explanation,
        "adjustments": [
            (code, adjustment_words(account), reference, dollars(-cents))
            for code, account, reference, cents in payment.adjustments
        ],
        "claims": claims_table(touched, payment_id, named),
    }
    return TemplateResponse(request, "money/payment.html", context)


def claims_table(touched: list[ClaimStanding], payment_id: str, named: dict) -> Table:
    """The claims that a payment decided, with what it paid on each."""
    rows = []
    for one in touched:
        claim = one.rows.claim
        patient = named.get(claim.patient_id)
        href = (
            reverse("denials:claim", kwargs={"patient_id": patient.pk, "claim_id": claim.claim_id})
            if patient is not None
            else ""
        )
        paid = sum(given.posting.paid_cents for given in one.rows.decisions if given.payment_id == payment_id)
        rows.append(
            Row(
                (
                    claim.claim_id,
                    patient.name if patient is not None else claim.patient_id,
                    str(Month.from_index(claim.month_index)),
                    dollars(one.account.balance.charge_cents),
                    dollars(paid),
                    STATES[one.timeline.state].label,
                ),
                href=href,
            )
        )
    return Table(
        f"Claims, {len(rows)}",
        (
            Column("Claim"),
            Column("Patient"),
            Column("Month", "date"),
            Column("Charge", "number"),
            Column("Paid by it", "number"),
            Column("Stands at"),
        ),
        rows,
        key="claims",
        layout="cards",
        empty="No claim of ours is in it.",
    )


@needs(Permission.BILLING_EDIT, methods=("GET", "POST"))
@set_up_first
def match_page(request: HttpRequest, decision_id: str) -> HttpResponse:
    """Say which claim a decision belongs to."""
    found = unmatched_decision(actor=request.actor, today=timezone.localdate(), decision_id=decision_id)
    back = reverse("money:posting")
    if found is None:
        if request.method == "POST":  # a second click: it is matched already
            return HttpResponseRedirect(back)
        raise Http404
    offered = [
        (
            one.claim_id,
            f"{one.claim_id}: {found.states[one.claim_id].replace('_', ' ')}; {', '.join(one.agrees)} agree "
            f"({one.points} of 100)",
        )
        for one in found.offered
    ]
    form = MatchForm(request.POST if request.method == "POST" else None, offered=offered)
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        try:
            left = decision_matched(
                actor=request.actor,
                decision_id=decision_id,
                claim_id=given["claim_id"],
                work_minutes=given["work_minutes"],
            )
            messages.success(
                request, f"It belongs to {given['claim_id']} now." + (f" {left} more wait." if left else "")
            )
            return HttpResponseRedirect(back)
        except CocmError as problem:
            form.add_error(None, plain_words(problem))
    decision = found.decision
    context = {
        "form": form,
        "decision": decision,
        "charge": dollars(decision.charge_amount_cents),
        "paid": dollars(decision.paid_amount_cents),
        "lines": ", ".join(f"{line.hcpcs_code} x {line.unit_quantity or 1}" for line in decision.lines),
    }
    return TemplateResponse(request, "money/match.html", context, status=422 if form.is_bound else 200)
