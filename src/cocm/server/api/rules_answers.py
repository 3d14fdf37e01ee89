"""The rules as a service: questions to the functions that the commands ask. Nothing is read, stored or logged."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import lru_cache
from typing import Any, Final

from cocm.basics.errors import UnknownPayer, UnknownRule
from cocm.basics.identity import Provenance
from cocm.basics.months import Month, Period
from cocm.care.people import Address
from cocm.care.records import Consent, HistoryLine, InitiatingVisit
from cocm.claims.records import Claim, Organization, Person, ServiceLine
from cocm.coding.explain import time_proposal_as_json
from cocm.coding.records import MonthKind
from cocm.coding.time import propose_for_minutes
from cocm.edits.as_json import edit_as_json
from cocm.edits.check import check_claim
from cocm.edits.codes import cocm_codes
from cocm.edits.discovery import catalogue, find_edit
from cocm.edits.edit import Verdict
from cocm.edits.kleene import UNKNOWN
from cocm.edits.subject import EditSubject, Evidence
from cocm.edits.verdicts import EditAnswer, claim_answers
from cocm.plan.records import (
    CoverageSpan,
    Delegation,
    Entity,
    EntityKind,
    FeeBasis,
    PlanBook,
    PlanProfile,
    Side,
)
from cocm.plan.route import biller_type, forward_by, route_line
from cocm.rules import Pack, Rulebook
from cocm.rules.as_json import rule_as_json, value_as_json
from cocm.scrub.document import claim_json, file_json, finding_json, head, totals_json
from cocm.scrub.report import ClaimReport
from cocm.scrub.scrub import Scrub, ScrubRequest
from cocm.server.api.problems import fault, invalid
from cocm.server.api.rules_shapes import (
    CheckIn,
    ClaimIn,
    CodesIn,
    CodesItem,
    EvidenceIn,
    ExplainIn,
    ExplainItem,
    HistoryLineIn,
    PartyIn,
    PlanIn,
    RouteIn,
    RouteItem,
)

_NOWHERE: Final = Address("", "", "", "")
_ALWAYS: Final = Period(date.min, None)
BODY_NAME: Final = "x12"


def answer_head(rulebook: Rulebook, as_of: date) -> dict[str, Any]:
    """What every answer carries."""
    return dict(head(rulebook, str(as_of)))


# -- codes -------------------------------------------------------------------------------------------------------------


def codes(rulebook: Rulebook, question: CodesIn) -> list[dict[str, Any]]:
    """What each patient-month's minutes earn. Raises `Problem` naming the field of an unknown payer."""
    return [
        _codes(rulebook, question.known_on, item, f"items.{number}")
        for number, item in enumerate(question.items)
    ]


def _codes(rulebook: Rulebook, known_on: date | None, item: CodesItem, place: str) -> dict[str, Any]:
    month = Month.parse(item.month)
    policy = _pack(rulebook, item.payer, f"{place}.payer", known_on).on(month.last_day)
    proposal = propose_for_minutes(item.minutes, MonthKind(item.month_kind), policy)
    return {**item.model_dump(), **time_proposal_as_json(proposal)}


# -- check -------------------------------------------------------------------------------------------------------------


def check(rulebook: Rulebook, question: CheckIn, as_of: date) -> list[dict[str, Any]]:
    """Every edit on each claim, with the facts that decided and where it is written."""
    return [
        _check(rulebook, claim, as_of, f"claims.{number}", question.every_edit)
        for number, claim in enumerate(question.claims)
    ]


def _check(rulebook: Rulebook, given: ClaimIn, as_of: date, place: str, every_edit: bool) -> dict[str, Any]:
    pack = _pack(rulebook, given.payer, f"{place}.payer")
    codes = cocm_codes(rulebook)
    ours = [line for line in given.lines if line.hcpcs_code in codes]
    day = min(line.service_date for line in ours or given.lines)
    if given.patient_birth_date > day:
        raise invalid([fault(f"{place}.patient_birth_date", "a day that is not after the service")])
    subject = EditSubject(
        claim=_claim(given, Provenance("", as_of, rulebook.content_hash)),
        payer=None,
        policy=pack.on(day),
        history=tuple(_history(line) for line in given.history),
        evidence=Evidence.unknown() if given.evidence is None else _evidence(given.evidence),
        as_of_date=as_of,
    )
    result = check_claim(subject)
    verdict = "fail" if result.failures else "no_data" if result.no_data else "pass"
    return {
        "claim_id": given.claim_id,
        "service_month": str(Month.of(day)),
        "pack": {"id": given.payer, "is_certain": True, "why": "named in the question"},
        "verdict": verdict if ours else "not_applicable",
        "claim_line_numbers": [
            number for number, line in enumerate(given.lines, 1) if line.hcpcs_code in codes
        ],
        "lines_left_alone": len(given.lines) - len(ours),
        "counts": {one.value: result.counts[one] for one in Verdict},
        "findings": [finding_json(finding) for finding in result.findings],
        "edits": [_edit_answer(answer) for answer in claim_answers(subject)] if every_edit else [],
    }


def _edit_answer(answer: EditAnswer) -> dict[str, Any]:
    edit = answer.entry.edit
    return {
        "edit_id": edit.id,
        "title": edit.title,
        "verdict": answer.verdict.value,
        "severity": answer.severity.word,
        "claim_line_number": answer.claim_line_number,
        "because": list(answer.because),
        "facts": {
            reading.fact.name: None if reading.value is UNKNOWN else reading.value
            for reading in answer.readings
        },
        "citations": [rule.cite for rule in answer.rules] + ([edit.cites] if edit.cites else []),
    }


def _claim(given: ClaimIn, provenance: Provenance) -> Claim:
    """The claim as the edits see it; who the patient is, but for the birth date, no edit asks."""
    lines = tuple(
        ServiceLine(
            number,
            line.hcpcs_code,
            tuple(line.modifiers),
            line.units,
            _cents(line.charge_amount),
            line.service_date,
            tuple(line.diagnosis_pointers),
        )
        for number, line in enumerate(given.lines, 1)
    )
    return Claim(
        claim_id=given.claim_id,
        organization_id="",
        month=Month.of(max(line.service_date for line in lines)),
        pack_id=given.payer,
        patient_id="",
        patient_last_name="",
        patient_first_name="",
        patient_birth_date=given.patient_birth_date,
        patient_sex="",
        patient_address=_NOWHERE,
        relationship="self",
        subscriber=None,
        member_id="",
        group_number="",
        claim_filing_code="",
        payer_sequence=given.payer_sequence,
        payer=Organization("", "", "", "", None),
        billing=Organization("", given.billing.npi, given.billing.tin, given.billing.taxonomy_code, None),
        billing_phone="",
        rendering=None if given.rendering is None else _person(given.rendering),
        supervising=Person("", "", given.supervising_npi, "") if given.supervising_npi else None,
        referring=None,
        service_facility=None,
        place_of_service_code=given.place_of_service_code,
        frequency_code=given.frequency_code,
        payer_claim_control_number=given.payer_claim_control_number,
        diagnosis_codes=tuple(_with_point(code) for code in given.diagnosis_codes),
        lines=lines,
        provenance=provenance,
    )


def _person(given: PartyIn) -> Person:
    return Person("", "", given.npi, given.taxonomy_code)


def _cents(dollars: str) -> int:
    whole, _, cents = dollars.partition(".")
    return int(whole) * 100 + int(cents or 0)


def _with_point(code: str) -> str:
    return f"{code[:3]}.{code[3:]}" if len(code) > 3 and "." not in code else code


def _history(line: HistoryLineIn) -> HistoryLine:
    return HistoryLine(
        patient_id="",
        payer_id="",
        claim_id=line.claim_id,
        claim_line_number=line.claim_line_number,
        service_date=line.service_date,
        hcpcs_code=line.hcpcs_code,
        service_unit_quantity=line.units,
        billing_npi=line.billing_npi,
        billing_tin=line.billing_tin,
        rendering_npi=line.rendering_npi,
        status=line.status,
        payer_claim_control_number=line.payer_claim_control_number,
        frequency_code=line.frequency_code,
    )


def _evidence(given: EvidenceIn) -> Evidence:
    consent, visit = given.consent, given.initiating_visit
    places = given.credentialed_places
    return Evidence(
        month_kind=MonthKind(given.month_kind),
        minutes_counted=given.minutes_counted,
        minutes_set_apart=given.minutes_set_apart,
        episode_start_date=given.episode_start_date,
        first_service_date=given.first_service_date,
        consent=consent
        and Consent(consent.given, consent.consent_date, consent.form, "", consent.cost_share_explained),
        initiating_visit=visit
        and InitiatingVisit(visit.visit_date, visit.hcpcs_code, visit.is_new_patient, visit.last_seen_date),
        group_npi=given.group_npi,
        credentialed_places=None if places is None else frozenset(places),
        coverage_from_date=given.coverage_from_date,
        coverage_to_date=given.coverage_to_date,
        is_authorized=given.is_authorized,
        recorded_codes=frozenset(given.recorded_codes),
        death_date=given.death_date,
    )


def check_x12(rulebook: Rulebook, text: str, payer: str | None, as_of: date) -> dict[str, Any]:
    """The scrub of a claim file at hand. Raises `UnusableInput` for what is no professional claims."""
    if payer is not None:
        _pack(rulebook, payer, "payer")
    request = ScrubRequest((), as_of, payer, texts=((BODY_NAME, text.encode()),))
    scrub = Scrub(request, rulebook)
    scrub.prepare()
    claims: list[dict[str, Any]] = []
    files: list[dict[str, Any]] = []
    for report in scrub.reports():
        if isinstance(report, ClaimReport):
            claims.append(claim_json(report))
        else:
            files.append(file_json(report))
    return {"claims": claims, "files": files, "totals": totals_json(scrub.totals)}


# -- route -------------------------------------------------------------------------------------------------------------


def route(rulebook: Rulebook, question: RouteIn) -> list[dict[str, Any]]:
    """Who answers for each claim line, by which rule and whose delegation."""
    book = _sides_only() if question.plan is None else _book(question.plan)
    return [_route(rulebook, book, item, f"items.{number}") for number, item in enumerate(question.items)]


def _route(rulebook: Rulebook, book: PlanBook, item: RouteItem, place: str) -> dict[str, Any]:
    policy = _pack(rulebook, item.payer, f"{place}.payer").on(item.service_date)
    biller = item.biller or biller_type(book, item.billing_npi or "", item.billing_taxonomy_code, policy)
    span = CoverageSpan(item.product, Period(item.service_date, None), item.delegated_group_id)
    found = route_line(book, span, item.hcpcs_code, item.service_date, biller, policy)
    by, clock = (None, None) if item.received_date is None else forward_by(item.received_date, policy)
    entity = found.entity
    return {
        "reference": item.reference,
        "payer": item.payer,
        "hcpcs_code": item.hcpcs_code,
        "service": found.service.value,
        "side": found.side and found.side.value,
        "biller": biller and biller.value,
        "entity": entity
        and {
            "entity_id": entity.entity_id,
            "name": entity.name,
            "kind": entity.kind.value,
            "payer_identifier": entity.payer_identifier,
        },
        "reason": found.reason,
        "cites": list(found.cites),
        "rule": found.side_rule and value_as_json(found.side_rule),
        "forward_by": by,
        "forward_rule": clock and clock.cite,
    }


@lru_cache(maxsize=1)
def _sides_only() -> PlanBook:
    """Nobody's delegations: the two sides of the benefit answer for themselves."""
    entities = (
        Entity("medical", "the medical side of the benefit", EntityKind.MEDICAL, ""),
        Entity("behavioral", "the behavioral side of the benefit", EntityKind.BEHAVIORAL_ADMINISTRATOR, ""),
    )
    behavioral = Delegation(
        Side.BEHAVIORAL, "behavioral", _ALWAYS, None, None, None, None, "no plan's table was given"
    )
    return _plan_book("medical", entities, (behavioral,))


def _book(given: PlanIn) -> PlanBook:
    entities = tuple(
        Entity(one.entity_id, one.name, one.kind, one.payer_identifier) for one in given.entities
    )
    delegations = tuple(
        Delegation(
            one.side,
            one.entity_id,
            Period(one.effective_from, one.effective_to),
            one.product,
            one.delegated_group_id,
            one.service,
            one.biller,
            one.source,
        )
        for one in given.delegations
    )
    return _plan_book(given.entity_id, entities, delegations)


def _plan_book(keeper: str, entities: tuple[Entity, ...], delegations: tuple[Delegation, ...]) -> PlanBook:
    profile = PlanProfile("", "", "", keeper, "", "", _NOWHERE, "", FeeBasis.FEE_TABLE)
    return PlanBook(
        profile=profile,
        entities={entity.entity_id: entity for entity in entities},
        delegations=delegations,
        members={},
        benefits=(),
        accumulators={},
        fees={},
        providers={},
        has_all_members=False,
    )


# -- explain -----------------------------------------------------------------------------------------------------------


def explain(rulebook: Rulebook, question: ExplainIn, as_of: date) -> list[dict[str, Any]]:
    """Each rule or edit with its value on the day, its dates, its source and its history."""
    return [_explain(rulebook, item, as_of, f"items.{number}") for number, item in enumerate(question.items)]


def _explain(rulebook: Rulebook, item: ExplainItem, as_of: date, place: str) -> dict[str, Any]:
    day = item.on or as_of
    pack = _pack(rulebook, item.payer, f"{place}.payer", item.known_on)
    if item.rule is not None:
        with _named(f"{place}.rule"):
            rule = rulebook.rule(item.rule)
        value = pack.resolve(rule.rule_id, day)
        return {"kind_of": "rule", **rule_as_json(rule, value, pack, day, item.known_on), "cite": value.cite}
    edit = find_edit(item.edit or "")
    if edit is None:
        raise invalid([fault(f"{place}.edit", "an edit of the catalogue (GET /rules lists them)")])
    return {"kind_of": "edit", "payer": item.payer, "on": str(day), **edit_as_json(edit, pack.on(day))}


def listed(rulebook: Rulebook) -> dict[str, Any]:
    """The ids that questions may name."""
    return {
        "payers": [
            {"id": payer_id, "label": rulebook.profile(payer_id).label} for payer_id in rulebook.payer_ids
        ],
        "rules": [{"id": rule_id, "label": rulebook.rule(rule_id).label} for rule_id in rulebook.rule_ids],
        "edits": [{"id": edit.id, "label": edit.edit.title} for edit in catalogue()],
    }


def _pack(rulebook: Rulebook, payer: str, place: str, known_on: date | None = None) -> Pack:
    with _named(place):
        return rulebook.pack(payer, known_on=known_on)


@contextmanager
def _named(place: str) -> Iterator[None]:
    """Tells an unknown name by its field."""
    try:
        yield
    except UnknownPayer:
        raise invalid([fault(place, "a payer's pack (GET /rules lists them)")]) from None
    except UnknownRule:
        raise invalid([fault(place, "a rule of the rulebook (GET /rules lists them)")]) from None
