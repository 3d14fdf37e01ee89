"""Reads one person's eligibility answer for one Collaborative Care month."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final

from cocm.basics.months import Month
from cocm.benefits.codes import MEDICAL_SIDE, PLAN_SIDE, BenefitCodes, benefit_codes
from cocm.benefits.cost_share import month_authorization, month_cost_share, unused_behavioral
from cocm.benefits.coverage import month_coverage
from cocm.benefits.questions import open_questions
from cocm.benefits.records import (
    Authorization,
    CostShare,
    Coverage,
    CoverageState,
    MonthBenefits,
    OtherPayer,
    RejectedInquiry,
    Route,
    RouteKind,
)
from cocm.benefits.routes import month_route
from cocm.benefits.statements import statements_in_force
from cocm.rules import PackOn
from cocm.x12.eligibility_record import Asked, Benefit, EligibilityRecord, EligibilitySource, Rejection

_CODE_RULES: Final = ("codes.first_month", "codes.later_month", "codes.addon")
_SHARE_RULE: Final = "payment.cost_share"
_AUTHORIZATION_RULE: Final = "authorization.after_months"
_SETTLING_SHARES: Final = ("waived", "coinsurance")
_SENT_TRACE: Final = "2"
_QMB: Final = "qmb"
_HINTS: Final = {
    "medicare_secondary": "Medicare pays second: bill the other payer first",
    "medicare_advantage": "a Medicare Advantage plan is named: bill that plan, not Medicare",
    "medicaid": "Medicaid is named: collect nothing beyond what Medicaid allows",
    "supplement": "a Medicare supplement is named: it may take the patient's share",
    "liability": "a liability or workers' compensation insurance is named: ask whether it pays first",
}

_NO_ROUTE: Final = Route(RouteKind.UNKNOWN, None, "the plan gave no benefits", "", ())


def collaborative_care_codes(policy: PackOn) -> tuple[str, ...]:
    """The payer's codes of a month, as far as its rules name them: first month, later month, add-on."""
    codes = (policy.text(rule) for rule in _CODE_RULES)
    return tuple(dict.fromkeys(code for code in codes if code))


def read_answers(
    record: EligibilityRecord, month: Month, policy: PackOn, *, place_of_service_code: str
) -> Iterator[MonthBenefits]:
    """What a 271 says for each patient in it; where the plan refused the whole request, one without a patient."""
    codes = benefit_codes(policy.pack.rulebook)
    answered_on = record.created_at.date() if record.created_at is not None else None
    found = False
    for asked in record.patients():
        found = True
        yield month_benefits(asked, month, policy, answered_on, place_of_service_code=place_of_service_code)
    if found:
        return
    for source in record.sources:
        rejections = (
            *source.rejections,
            *(one for receiver in source.receivers for one in receiver.rejections),
        )
        yield _refused(record, source, tuple(_rejected(rejections, codes)), month)


def month_benefits(
    asked: Asked, month: Month, policy: PackOn, answered_on: date | None, *, place_of_service_code: str
) -> MonthBenefits:
    """One person's benefits in a month, under the rules of the payer's pack on the month's last day.

    Statements whose own dates leave the month out, or that are limited to another place of service, are not used for
    cost share, route and authorization.
    """
    codes = benefit_codes(policy.pack.rulebook)
    patient, source = asked.patient, asked.source
    benefits = statements_in_force(patient.benefits, month, place_of_service_code, codes)
    hcpcs_codes = collaborative_care_codes(policy)
    coverage = month_coverage(patient, month, codes, answered_on)
    route = month_route(source, benefits, codes, policy) if patient.benefits else _NO_ROUTE
    shares = [
        month_cost_share(benefits, codes, hcpcs_codes, month, answered_on, is_in_network=is_in_network)
        for is_in_network in (True, False)
    ]
    authorization = month_authorization(benefits, codes, hcpcs_codes)
    kinds = _insurance_kinds(benefits, codes)
    given = (*source.rejections, *asked.receiver.rejections, *asked.subscriber.rejections)
    if asked.dependent is not None:
        given = (*given, *asked.dependent.rejections)
    given = (*given, *(one for benefit in patient.benefits for one in benefit.rejections))
    rejections = tuple(_rejected(given, codes))
    is_settled = _QMB in kinds or policy.text(_SHARE_RULE) in _SETTLING_SHARES
    questions = (
        ()
        if not patient.benefits
        else open_questions(
            coverage,
            route,
            shares[0],
            authorization,
            hcpcs_codes,
            month,
            answered_on,
            is_share_settled=is_settled,
        )
    )
    relationship = patient.relationship
    return MonthBenefits(
        month=month,
        trace_number=_trace(asked),
        payer_name=source.party.last_or_organization_name,
        payer_identifier=source.party.identifier,
        patient=patient.party,
        member_id=asked.subscriber.party.identifier,
        relationship_code=relationship.relationship_code if relationship is not None else "",
        answered_on=answered_on,
        coverage=coverage,
        route=route,
        in_network=shares[0],
        out_of_network=shares[1],
        authorization=authorization,
        is_qmb=_QMB in kinds,
        other_payers=tuple(_other_payers(benefits, codes)),
        rejections=rejections,
        unused_behavioral=tuple(unused_behavioral(benefits, codes)),
        hints=tuple(_hints(coverage, kinds, policy)),
        messages=tuple(dict.fromkeys(_messages(benefits, codes))),
        questions=tuple(questions),
    )


def _refused(
    record: EligibilityRecord,
    source: EligibilitySource,
    rejections: tuple[RejectedInquiry, ...],
    month: Month,
) -> MonthBenefits:
    return MonthBenefits(
        month=month,
        trace_number=record.reference,
        payer_name=source.party.last_or_organization_name,
        payer_identifier=source.party.identifier,
        patient=None,
        member_id="",
        relationship_code="",
        answered_on=record.created_at.date() if record.created_at is not None else None,
        coverage=Coverage(CoverageState.UNKNOWN, None, None, False, "", "the plan refused the request"),
        route=_NO_ROUTE,
        in_network=CostShare(),
        out_of_network=CostShare(),
        authorization=Authorization.UNKNOWN,
        is_qmb=False,
        other_payers=(),
        rejections=rejections,
        unused_behavioral=(),
        hints=(),
        messages=(),
        questions=(),
    )


def _trace(asked: Asked) -> str:
    """The trace number of our own request, which the answer brings back."""
    traces = asked.patient.traces or asked.subscriber.traces
    own = (one.number for one in traces if one.kind == _SENT_TRACE)
    return next(own, traces[0].number if traces else "")


def _rejected(rejections: Iterable[Rejection], codes: BenefitCodes) -> Iterator[RejectedInquiry]:
    for one in dict.fromkeys(rejections):
        unknown = (f"reason {one.reason_code}", "telephone the plan")
        reason, action = codes.rejections.get(one.reason_code, unknown)
        yield RejectedInquiry(one.reason_code, reason, action, codes.follow_ups.get(one.follow_up_code, ""))


def _insurance_kinds(benefits: Iterable[Benefit], codes: BenefitCodes) -> frozenset[str]:
    """The kinds of insurance that statements about coverage or other payers name."""
    kinds = codes.information_kinds
    about = (one for one in benefits if kinds.get(one.information_code) not in ("inactive", None))
    return frozenset(filter(None, (codes.insurance_kinds.get(one.insurance_type_code) for one in about)))


def _hints(coverage: Coverage, kinds: frozenset[str], policy: PackOn) -> Iterator[str]:
    if _QMB in kinds:
        yield "Qualified Medicare Beneficiary: the patient may not be billed for Medicare's deductible and coinsurance"
    if "medicare_part_a" in kinds and "medicare_part_b" not in kinds:
        yield "only Medicare Part A is named: Part B pays this service"
    for kind, hint in _HINTS.items():
        if kind in kinds:
            yield hint
    limit = policy.value(_AUTHORIZATION_RULE)
    if limit.integer is not None:
        yield f"after {limit.integer} months of care this payer wants a prior authorization ({limit.cite})"
    if coverage.state is CoverageState.NONE:
        yield "this plan does not cover the month: ask the patient for the new card, and ask that plan"
    if coverage.state is CoverageState.PART and coverage.to_date is not None:
        yield (
            f"covered from {coverage.from_date} to {coverage.to_date} only: minutes on other days do not count for "
            "this payer, and the date of service lies in that span"
        )


def _other_payers(benefits: Iterable[Benefit], codes: BenefitCodes) -> Iterator[OtherPayer]:
    seen = set()
    for benefit in benefits:
        is_other = codes.information_kinds.get(benefit.information_code) == "other_payer"
        for entity in benefit.entities:
            role = codes.entity_roles.get(entity.entity_code, "")
            if not is_other and role != "other_payer":
                continue
            found = OtherPayer(
                codes.entity_labels.get(entity.entity_code, "another payer"),
                entity.party.last_or_organization_name,
                entity.party.identifier,
            )
            if found not in seen:
                seen.add(found)
                yield found
        if is_other and not benefit.entities:
            label = codes.insurance_labels.get(benefit.insurance_type_code, "")
            yield OtherPayer("another payer", label or benefit.plan_description, "")


def _messages(benefits: Iterable[Benefit], codes: BenefitCodes) -> Iterator[str]:
    """The plan's own words with statements about the plan or medical benefits."""
    for benefit in benefits:
        if codes.sides(benefit.service_type_codes) & {PLAN_SIDE, MEDICAL_SIDE}:
            yield from benefit.messages
