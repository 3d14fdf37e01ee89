"""What the records of a billed month support today beside what its claim sent, with the money between them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from cocm.basics.months import Month
from cocm.care.records import DecisionKind
from cocm.coding.choice import with_choice
from cocm.coding.price import expected_payment
from cocm.coding.records import Proposal, ProposedLine
from cocm.edits.codes import cocm_codes
from cocm.edits.finding import Finding
from cocm.receivables.month_case import MonthCase
from cocm.remits.account import Balance
from cocm.rules import Severity


class SupportVerdict(StrEnum):
    """How the supported lines stand beside the sent ones."""

    SAME = "same"
    LESS = "less"
    MORE = "more"
    OTHER = "other"
    """Other codes, and no rate is known that says which is worth more."""
    NOT_SUPPORTED = "not_supported"
    """Something that the payer requires is not there at all."""
    NO_DATA = "no_data"


class Overpaid(NamedTuple):
    """What goes back, in cents: to the payer, and of the patient's money beyond what is due to the patient anyway.

    `share_less_cents` is by how much the patient's share falls, paid or not: no statement asks for it any more. The
    payer's corrected decision has the last word on the share.
    """

    payer_cents: int
    patient_cents: int
    share_less_cents: int


@dataclass(frozen=True, slots=True)
class MonthSupport:
    """A month scored again. Amounts in cents, None where no charge or rate is known; `late` are contact ids with the
    day each was recorded, after the claim went out.
    """

    verdict: SupportVerdict
    sent: Mapping[str, int]
    supported: Mapping[str, int]
    sent_charge_cents: int
    supported_charge_cents: int | None
    sent_expected_cents: int | None
    supported_expected_cents: int | None
    basis: str
    why: tuple[str, ...]
    reviews: tuple[str, ...]
    late: tuple[tuple[str, date], ...]

    @property
    def is_overpaid(self) -> bool:
        """Whether what was paid on the claim is more than the records support."""
        return self.verdict in (SupportVerdict.LESS, SupportVerdict.NOT_SUPPORTED)

    def overpaid(self, balance: Balance) -> Overpaid:
        """How much of what was paid is not supported, and whose it is."""
        if not self.is_overpaid:
            return Overpaid(0, 0, 0)
        payer_cents = max(balance.paid_cents, 0)
        share = max(balance.patient_cents, 0)
        share_after = self._supported_part(share)
        to_patient = max(balance.patient_paid_cents - share_after - balance.disputed_cents, 0)
        return Overpaid(
            payer_cents - self._supported_part(payer_cents),
            max(to_patient - balance.refund_due_cents, 0),
            share - share_after,
        )

    def _supported_part(self, cents: int) -> int:
        """What the records support of an amount: nothing where nothing is, else in proportion to the rates.

        Without rates the charges tell the proportion; without those it is nothing, until a person finds more.
        """
        if self.verdict is SupportVerdict.NOT_SUPPORTED or not self.supported:
            return 0
        pairs = (
            (self.supported_expected_cents, self.sent_expected_cents),
            (self.supported_charge_cents, self.sent_charge_cents),
        )
        for supported, sent in pairs:
            if supported is not None and sent and supported <= sent:
                return cents * supported // sent
        return 0


def month_support(case: MonthCase, sent_on: date) -> MonthSupport | None:
    """Score a billed month again against its records; None where its claim is not on file or not of the model."""
    if case.sent is None:
        return None
    codes = cocm_codes(case.books.rulebook)
    sent: Counter[str] = Counter()
    sent_charge = 0
    for line in case.sent.lines:
        if line.hcpcs_code in codes:
            sent[line.hcpcs_code] += int(line.service_unit_quantity)
            sent_charge += line.charge_amount_cents
    if not sent:
        return None
    proposal = _as_chosen(case)
    supported = Counter({line.hcpcs_code: line.units for line in proposal.lines})
    sent_expected, _ = expected_payment(case.case, case.policy, _as_lines(case, sent))
    verdict = _verdict(proposal, sent, supported, sent_expected)
    findings = _findings(case, sent_on, is_changed=verdict is not SupportVerdict.SAME)
    why = tuple(_blocks(proposal, findings))
    return MonthSupport(
        verdict=SupportVerdict.NOT_SUPPORTED if why else verdict,
        sent=dict(sorted(sent.items())),
        supported=dict(sorted(supported.items())),
        sent_charge_cents=sent_charge,
        supported_charge_cents=_charge(case, supported),
        sent_expected_cents=sent_expected,
        supported_expected_cents=proposal.expected_payment_cents if supported else 0,
        basis=proposal.expected_basis,
        why=why or tuple(reason.text for reason in proposal.reasons),
        reviews=tuple(_reviews(proposal, findings)),
        late=late_contacts(case, sent_on),
    )


def late_contacts(case: MonthCase, sent_on: date) -> tuple[tuple[str, date], ...]:
    """The month's contacts recorded after the claim went out."""
    month = Month.from_index(case.recorded.month_index)
    return tuple(
        (contact.contact_id, contact.recorded_on)
        for contact in case.case.contacts
        if contact.service_date in month and contact.recorded_on is not None and contact.recorded_on > sent_on
    )


def _as_chosen(case: MonthCase) -> Proposal:
    """The proposal with what a person chose among the offered codes, as the close took it."""
    for decision in case.case.decisions:
        if decision.kind is DecisionKind.CHOOSE:
            chosen = with_choice(case.proposal, decision, case.case, case.policy)
            if chosen is not None:
                return chosen
    return case.proposal


def _as_lines(case: MonthCase, lines: Mapping[str, int]) -> tuple[ProposedLine, ...]:
    rule = case.policy.value("codes.addon")  # which rule names a code plays no part in its rate
    return tuple(ProposedLine(code, units, rule) for code, units in sorted(lines.items()))


def _charge(case: MonthCase, lines: Mapping[str, int]) -> int | None:
    """What the practice charges for these lines; None where it gave no charge for one."""
    day = Month.from_index(case.recorded.month_index).last_day
    total = 0
    for code, units in lines.items():
        charge = case.books.reference.charge_amount_cents(code, day)
        if charge is None:
            return None
        total += units * charge
    return total


def _verdict(
    proposal: Proposal, sent: Counter[str], supported: Counter[str], sent_expected: int | None
) -> SupportVerdict:
    if proposal.has_no_data:
        return SupportVerdict.NO_DATA
    if sent == supported:
        return SupportVerdict.SAME
    if supported <= sent:
        return SupportVerdict.LESS
    if sent <= supported:
        return SupportVerdict.MORE
    if sent_expected is None or proposal.expected_payment_cents is None:
        return SupportVerdict.OTHER
    is_less = proposal.expected_payment_cents < sent_expected
    return SupportVerdict.LESS if is_less else SupportVerdict.MORE


def _findings(case: MonthCase, sent_on: date, *, is_changed: bool) -> list[Finding]:
    """What our edits say of the claim as it was sent, on the day it went out (a filing limit ran until then).

    Where other lines are supported, what is wrong with the sent lines is that: it takes nothing more away.
    """
    request = replace(case.books.request, as_of_date=sent_on)
    check = replace(case, books=replace(case.books, request=request)).check
    return [
        finding
        for finding in (check.findings if check is not None else ())
        if not finding.is_no_data and not (is_changed and finding.claim_line_number is not None)
    ]


def _blocks(proposal: Proposal, findings: Iterable[Finding]) -> Iterator[str]:
    """What the payer requires and the month lacks, and what our edits stop."""
    for item in proposal.missing:
        if item.severity is Severity.BLOCK and not item.is_no_data:
            yield item.reason.text
    for finding in findings:
        if finding.severity is Severity.BLOCK:
            yield f"{finding.edit_id}: {finding.title}"


def _reviews(proposal: Proposal, findings: Iterable[Finding]) -> Iterator[str]:
    """What a person should look at, without money at stake yet."""
    for item in proposal.missing:
        if item.severity is Severity.REVIEW:
            yield item.reason.text
    for finding in findings:
        if finding.severity is Severity.REVIEW:
            yield f"{finding.edit_id}: {finding.title}"
