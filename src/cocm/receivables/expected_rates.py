"""What a payer owes for one unit of a claim: the practice's own contract first, else the payer's published rate."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from cocm.care.people import Site
from cocm.coding.price import Rate, medicare_rate, published_rate
from cocm.intake.reference import Reference
from cocm.remits.underpayment import LineRate
from cocm.rules import PackOn
from cocm.rules.practitioner_percents import WHOLE_PERCENT, practitioner_percent
from cocm.x12 import ClaimRecord

_HUNDREDTHS_OF_WHOLE = 100 * WHOLE_PERCENT


def expected_rates(reference: Reference, payer_id: str, policy: PackOn, sent: ClaimRecord) -> LineRate:
    """From a code to the rate of one unit of a claim that was sent, at its place, site and practitioner."""
    return partial(_rate, reference, payer_id, policy, sent)


def _rate(reference: Reference, payer_id: str, policy: PackOn, sent: ClaimRecord, hcpcs_code: str) -> Rate:
    contract = reference.contract_rate(payer_id, hcpcs_code, policy.day)
    if contract is not None and contract.rate_amount_cents is not None:
        return Rate(contract.rate_amount_cents, f"your contract's rate from {contract.effective_from}")
    site = site_of(reference, sent)
    where = (site.fee_locality, site.address.state) if site is not None else ("", "")
    rate_of = published_rate if contract is None else medicare_rate
    rate = _of_practitioner(rate_of(policy, hcpcs_code, sent.place_of_service_code, *where), policy, sent)
    percent = contract.percent_of_medicare_hundredths if contract is not None else None
    if contract is None or percent is None or rate.amount_cents is None:
        return rate
    return Rate(
        _part(rate.amount_cents, percent, _HUNDREDTHS_OF_WHOLE),
        f"{percent / 100:g} % of Medicare by your contract from {contract.effective_from}: {rate.basis}",
    )


def _of_practitioner(rate: Rate, policy: PackOn, sent: ClaimRecord) -> Rate:
    """The part of the fee schedule that the rendering practitioner's kind is paid."""
    if rate.amount_cents is None or sent.rendering is None:
        return rate
    percent = practitioner_percent(policy.pack.rulebook, sent.rendering.taxonomy_code, policy.day)
    if percent == WHOLE_PERCENT:
        return rate
    return replace(
        rate,
        amount_cents=_part(rate.amount_cents, percent, WHOLE_PERCENT),
        basis=f"{rate.basis}; {percent} % for the rendering practitioner's kind",
    )


def _part(cents: int, parts: int, whole: int) -> int:
    """A part of an amount, halves rounded up."""
    return (2 * cents * parts + whole) // (2 * whole)


def site_of(reference: Reference, sent: ClaimRecord) -> Site | None:
    """The site a claim was for: by the facility it names, else the one that bills as the practice; None in doubt."""
    sites = tuple(reference.sites.values())
    if sent.service_facility is not None:
        found = [site for site in sites if site.npi and site.npi == sent.service_facility.identifier]
    else:
        found = [site for site in sites if site.npi in ("", reference.practice.billing_npi)]
    return found[0] if len(found) == 1 else None
