"""A person's month of benefits as plain values for JSON, and as lines for people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from cocm.basics.money import dollars, plain_dollars
from cocm.basics.months import Month
from cocm.benefits.estimate import MonthEstimate, PatientEstimate
from cocm.benefits.records import CentsRange, CostShare, CoverageState, MonthBenefits, NamedEntity
from cocm.x12.claim_record import PartyRecord


def benefits_as_json(benefits: MonthBenefits, estimate: PatientEstimate) -> dict[str, Any]:
    """Everything known, open and assumed. Amounts are decimal text in dollars, coinsurances fractions."""
    patient = benefits.patient
    plain = {
        name: _plain(value)
        for name, value in ((name, getattr(benefits, name)) for name in benefits.__slots__)
        if name not in ("patient", "in_network", "out_of_network")
    }
    return {
        **plain,
        "is_clear": benefits.is_clear,
        "patient": None if patient is None else _person(patient),
        "in_network": _share_json(benefits.in_network),
        "out_of_network": _share_json(benefits.out_of_network),
        "estimate": {
            "months": [_month_json(one) for one in estimate.months],
            "assumptions": list(estimate.assumptions),
        },
    }


def _plain(value: object) -> Any:
    match value:
        case StrEnum():
            return value.value
        case date() | Month() | Decimal():
            return str(value)
        case tuple() | list():
            return [_plain(one) for one in value]
        case dict():
            return {name: _plain(one) for name, one in value.items()}
        case None | bool() | int() | str():
            return value
    return _plain(asdict(value))  # type: ignore[call-overload]  # all other values are our own records


def _person(party: PartyRecord) -> dict[str, Any]:
    return {
        "last_name": party.last_or_organization_name,
        "first_name": party.first_name,
        "birth_date": None if party.birth_date is None else str(party.birth_date),
    }


def _share_json(share: CostShare) -> dict[str, Any]:
    total, limit = share.deductible_total_cents, share.out_of_pocket_remaining_cents
    return {
        "copayment": _range_json(share.copayment),
        "coinsurance_low": _plain(share.coinsurance_low),
        "coinsurance_high": _plain(share.coinsurance_high),
        "basis": share.basis,
        "deductible_total": None if total is None else plain_dollars(total),
        "deductible_remaining": _range_json(share.deductible_remaining),
        "out_of_pocket_remaining": None if limit is None else plain_dollars(limit),
        "is_not_covered": share.is_not_covered,
    }


def _range_json(amount: CentsRange | None) -> dict[str, str] | None:
    if amount is None:
        return None
    return {"low": plain_dollars(amount.low_cents), "high": plain_dollars(amount.high_cents)}


def _month_json(month: MonthEstimate) -> dict[str, Any]:
    return {
        "kind": month.kind,
        "hcpcs_codes": list(month.hcpcs_codes),
        "allowed": None if month.allowed_cents is None else plain_dollars(month.allowed_cents),
        "allowed_basis": month.allowed_basis,
        "patient_share": _range_json(month.share),
        "is_open_above": month.is_open_above,
    }


def benefits_in_words(benefits: MonthBenefits, estimate: PatientEstimate) -> Iterator[str]:
    """The answer for people, most important first. The first line names the person as the plan's answer does."""
    yield _who(benefits)
    for one in benefits.rejections:
        follow_up = f" The plan says: {one.follow_up}." if one.follow_up else ""
        yield f"  refused     {one.reason_code}: {one.reason}. To do: {one.action}.{follow_up}"
    if benefits.is_refused:
        return
    coverage = benefits.coverage
    days = ""
    if coverage.state is CoverageState.PART:
        days = f", {coverage.from_date} to {coverage.to_date}"
    plan = f" [{coverage.plan_description}]" if coverage.plan_description else ""
    yield f"  coverage    {coverage.state.value}{days}: {coverage.reason}{plan}"
    yield f"  send to     {_route(benefits)}"
    for entity in benefits.route.behavioral:
        yield f"              not to {_entity(entity)}: named for behavioral services only"
    yield f"  in network  {share_in_words(benefits.in_network)}"
    yield f"  outside it  {share_in_words(benefits.out_of_network)}"
    for text in benefits.unused_behavioral:
        yield f"              not used: {text}"
    yield f"  prior authorization {benefits.authorization.value}"
    for other in benefits.other_payers:
        yield f"  other payer {other.name}{f' ({other.identifier})' if other.identifier else ''}, {other.label}"
    for hint in benefits.hints:
        yield f"  note        {hint}"
    for message in benefits.messages:
        yield f"  plan says   {message}"
    for month in estimate.months:
        yield f"  estimate    {month.kind} ({' + '.join(month.hcpcs_codes)}): {estimate_in_words(month)}"
    for assumption in estimate.assumptions:
        yield f"              assumed: {assumption}"
    for question in benefits.questions:
        yield f"  ask         {question.text} ({question.why})"


def _who(benefits: MonthBenefits) -> str:
    payer = f"{benefits.payer_name} ({benefits.payer_identifier}), {benefits.month}"
    if benefits.patient is None:
        return f"Request {benefits.trace_number or '(no reference)'}: {payer}"
    name = f"{benefits.patient.last_or_organization_name}, {benefits.patient.first_name}"
    trace = f", request {benefits.trace_number}" if benefits.trace_number else ""
    return f"{name}, member {benefits.member_id or '(none)'}{trace}: {payer}"


def _route(benefits: MonthBenefits) -> str:
    route = benefits.route
    if route.entity is None:
        return f"unknown: {route.reason}"
    return f"{_entity(route.entity)}: {route.reason}"


def _entity(entity: NamedEntity) -> str:
    phone = f", telephone {entity.phone}" if entity.phone else ""
    number = f" ({entity.identifier})" if entity.identifier else ""
    return f"{entity.name}{number}, {entity.label}{phone}"


def share_in_words(share: CostShare) -> str:
    """What the medical benefit says the patient owes."""
    parts = []
    if share.is_not_covered:
        parts.append("marked as not covered")
    if share.copayment is not None:
        parts.append(f"copayment {range_in_words(share.copayment)}")
    if share.coinsurance_low is not None and share.coinsurance_high is not None:
        low, high = percent_in_words(share.coinsurance_low), percent_in_words(share.coinsurance_high)
        parts.append(f"coinsurance {low if low == high else f'{low} to {high}'}")
    if share.basis:
        parts[-1] += f" [{share.basis}]"
    else:
        parts.append("copayment and coinsurance not said")
    if share.deductible_remaining is not None:
        total = share.deductible_total_cents
        of_total = f" of {dollars(total)}" if total is not None else ""
        parts.append(f"deductible left {range_in_words(share.deductible_remaining)}{of_total}")
    else:
        parts.append("deductible not said")
    if share.out_of_pocket_remaining_cents is not None:
        parts.append(f"out-of-pocket limit left {dollars(share.out_of_pocket_remaining_cents)}")
    return "; ".join(parts)


def percent_in_words(fraction: Decimal) -> str:
    """`20%`, or `12.5%`."""
    return f"{(fraction * 100).normalize():f}%"


def range_in_words(amount: CentsRange) -> str:
    """`$20.00`, or `$20.00 to $45.00`."""
    if amount.is_exact:
        return dollars(amount.low_cents)
    return f"{dollars(amount.low_cents)} to {dollars(amount.high_cents)}"


def estimate_in_words(month: MonthEstimate) -> str:
    """The patient's share of one kind of month, and of what."""
    allowed = (
        f"of {dollars(month.allowed_cents)}" if month.allowed_cents is not None else "of an unknown amount"
    )
    if month.share is None:
        return f"not known, {allowed} ({month.allowed_basis})"
    above = " or more" if month.is_open_above else ""
    return f"{range_in_words(month.share)}{above} {allowed} ({month.allowed_basis})"
