"""Eligibility: a month's patients asked about (270), what payers answered (271), and what patients were told."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Max, Q
from django.http import Http404
from django.utils import timezone

from cocm.basics.errors import UnusableInput
from cocm.basics.identity import stable_id
from cocm.basics.months import Month
from cocm.benefits.answer import collaborative_care_codes, month_benefits
from cocm.benefits.estimate import PatientEstimate, estimate
from cocm.benefits.inquiry import AskedPatient, month_inquiry
from cocm.benefits.records import MonthBenefits
from cocm.care.casefile import CaseFile
from cocm.care.people import Payer
from cocm.care.records import Answer
from cocm.rules import PackOn
from cocm.rules.profile import ROOT_PAYER
from cocm.server.access.actor import Actor
from cocm.server.access.permissions import Permission
from cocm.server.accounts.models import Organization
from cocm.server.audit.trail import record, seen
from cocm.server.audit.verbs import Verb
from cocm.server.claims.folders import partner_for, put
from cocm.server.claims.models import (
    CostShareTold,
    EligibilityAnswer,
    EligibilityQuestion,
    EligibilityRequest,
    ReceivedFile,
)
from cocm.server.practice_port import PracticePort
from cocm.server.records import OrganizationRows
from cocm.server.registry.models import Coverage, Episode, Patient
from cocm.server.registry.selectors import open_patients
from cocm.server.registry.services.episodes import consent_add
from cocm.server.rules_in_force import rulebook
from cocm.server.work.services import work_recorded
from cocm.x12 import Envelope
from cocm.x12.eligibility_reader import read_271
from cocm.x12.eligibility_record import Asked, EligibilityRecord
from cocm.x12.eligibility_writer import write_270

ELIGIBILITY_TASK: Final = "check_eligibility"
SHARE_TASK: Final = "explain_share"
FIRST_NUMBER: Final = 500_000_001
"""Requests are numbered apart from batches of claims, which begin at 1."""
_AT: Final = time(12, 0)
_UNKNOWN_KEPT_MAX: Final = 200


# -- asking ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cover:
    """A patient's first policy in a month, with what was asked and answered last about it."""

    pk: UUID
    patient_id: str
    name: str
    payer_id: str
    member_id: str
    request: EligibilityRequest | None
    answer: EligibilityAnswer | None
    told: CostShareTold | None


def covers(*, actor: Actor, month: Month) -> list[Cover]:
    """Whoever is in care in the month, with the policy that pays first then, by name."""
    patients = _in_care(actor, month)
    policies: dict[UUID, Coverage] = {}
    held = _policies(actor, patients, month)
    for policy in held:
        policies.setdefault(policy.patient_id, policy)
    requests = {
        question.patient_id: question.request
        for question in EligibilityQuestion.objects.of(actor)
        .filter(request__month_index=month.index)
        .select_related("request")
        .order_by("request__number")
    }
    answers = {answer.patient_id: answer for answer in _answers(actor, month)}
    told = {
        one.patient_id: one
        for one in CostShareTold.objects.of(actor).filter(month_index=month.index).select_related("told_by")
    }
    return [
        Cover(
            patient.pk,
            patient.patient_id,
            f"{patient.last_name}, {patient.first_name}",
            policies[patient.pk].payer.payer_id if patient.pk in policies else "",
            policies[patient.pk].member_id if patient.pk in policies else "",
            requests.get(patient.pk),
            answers.get(patient.pk),
            told.get(patient.pk),
        )
        for patient in patients
    ]


def _in_care(actor: Actor, month: Month) -> list[Patient]:
    active = Episode.objects.of(actor).filter(
        Q(end_date__isnull=True) | Q(end_date__gte=month.first_day), start_date__lte=month.last_day
    )
    found = open_patients(actor=actor).filter(pk__in=active.values("patient_id"))
    return list(found.order_by("last_name", "first_name", "patient_id"))


def _policies(actor: Actor, patients: Iterable[Patient], month: Month) -> list[Coverage]:
    held = (
        Coverage.objects.of(actor)
        .filter(
            Q(coverage_to__isnull=True) | Q(coverage_to__gte=month.first_day),
            coverage_from__lte=month.last_day,
            patient__in=[patient.pk for patient in patients],
        )
        .select_related("payer")
    )
    return list(held.order_by("rank", "coverage_from", "pk"))


def _answers(actor: Actor, month: Month) -> OrganizationRows:
    """The answers that speak for a month, the last of each patient last."""
    found = EligibilityAnswer.objects.of(actor).filter(month_index=month.index).select_related("file")
    return found.order_by("answered_on", "file__received_at", "place")


def last_answer(*, actor: Actor, patient: Patient, month: Month) -> EligibilityAnswer | None:
    """The last answer about a patient's month."""
    found: EligibilityAnswer | None = _answers(actor, month).filter(patient=patient).last()
    return found


@transaction.atomic
def ask(*, actor: Actor, month: Month, payer_id: str, today: date) -> EligibilityRequest:
    """Write the request about a month's patients of one payer. Raises `UnusableInput` where there are none."""
    actor.require(Permission.BILLING_EDIT)
    port = PracticePort(actor)
    reference = port.reference
    payer = reference.payers.get(payer_id)
    if payer is None:
        raise UnusableInput("the practice has no such payer")
    pks = [cover.pk for cover in covers(actor=actor, month=month) if cover.payer_id == payer_id]
    number = _next_number(actor)
    people: list[tuple[AskedPatient, str]] = []
    for case in _first_cases(port.case_files(pks, month), payer_id):
        policy = next(one for one in case.coverages if one.payer_id == payer_id)
        trace = stable_id("Q", actor.organization_id, number, case.patient.patient_id)
        people.append((AskedPatient(trace, case.patient, policy), case.patient.patient_id))
    inquiry = month_inquiry(
        [asked for asked, _ in people],
        payer=payer,
        practice=reference.practice,
        month=month,
        reference=f"{number:09d}",
        rulebook=rulebook(),
    )
    out = io.BytesIO()
    write_270([inquiry], _envelope(port, payer, number, today), out)
    request = EligibilityRequest(
        organization_id=actor.organization_id,
        number=number,
        month_index=month.index,
        payer_id=payer_id,
        file_name=f"eligibility-{_plain(payer_id)}-{month}-{number:09d}.270",
        packed=zlib.compress(out.getvalue(), 6),
        patient_count=len(people),
        asked_on=today,
        asked_at=timezone.now(),
        asked_by_id=actor.user_id,
    )
    partner = partner_for(reference_key(actor), payer_id)
    if partner is not None:
        put(partner, request.file_name, out.getvalue())
        request.put_into_folder_at = request.asked_at
    request.save(force_insert=True)
    work_recorded(
        actor=actor,
        task=ELIGIBILITY_TASK,
        subject="eligibility_request",
        subject_id=str(request.pk),
        payer_id=payer_id,
        once_key=f"asked:{request.pk}",
    )
    keys = dict(
        Patient.objects.of(actor)
        .filter(patient_id__in=[patient_id for _, patient_id in people])
        .values_list("patient_id", "pk")
    )
    EligibilityQuestion.objects.bulk_create(
        EligibilityQuestion(
            organization_id=actor.organization_id,
            request=request,
            patient_id=keys[patient_id],
            trace_number=asked.trace_number,
        )
        for asked, patient_id in people
    )
    record(
        actor,
        Verb.ADDED,
        object_type="eligibility_request",
        object_id=request.pk,
        details={"patients": sorted(str(key) for key in keys.values())},
    )
    return request


def reference_key(actor: Actor) -> str:
    """The organization's key, by which its folders are named."""
    found: str = Organization.objects.values_list("key", flat=True).get(pk=actor.organization_id)
    return found


def _next_number(actor: Actor) -> int:
    last = EligibilityRequest.objects.of(actor).aggregate(last=Max("number"))["last"]
    return FIRST_NUMBER if last is None else int(last) + 1


def _first_cases(cases: Iterable[CaseFile], payer_id: str) -> list[CaseFile]:
    """One case a patient, of those who have a policy with the payer."""
    found: dict[str, CaseFile] = {}
    for case in cases:
        if any(policy.payer_id == payer_id for policy in case.coverages):
            found.setdefault(case.patient.patient_id, case)
    return list(found.values())


def _envelope(port: PracticePort, payer: Payer, number: int, today: date) -> Envelope:
    practice = port.reference.practice
    return Envelope(
        sender_id=practice.submitter_id,
        sender_name=practice.name,
        contact_name=practice.contact_name,
        contact_phone=practice.phone,
        receiver_id=payer.receiver_id,
        receiver_name=payer.name,
        created_at=datetime.combine(today, _AT),
        interchange_control_number=number,
        group_control_number=number,
    )


def _plain(text: str) -> str:
    return "".join(sign if sign.isalnum() or sign in "-_" else "-" for sign in text)


# -- being answered ----------------------------------------------------------------------------------------------------


def take_answers(*, actor: Actor, file: ReceivedFile, content: bytes, today: date) -> dict[str, Any]:
    """Take an answer in: each person that is a patient of ours, by our trace, else by member id and birth date."""
    finder, reading = _Finder(actor), _Reading(actor)
    rows: list[EligibilityAnswer] = []
    unknown: list[str] = []
    refused = people = 0
    for place, (answer_record, asked) in enumerate(_asked(content)):
        if asked is None:
            refused += 1
            continue
        people += 1
        found = finder.find(asked)
        if found is None:
            unknown.append(next((trace.number for trace in asked.patient.traces), ""))
            continue
        answered_on = _answered_on(answer_record, today)
        month = found.month or Month.of(answered_on)
        benefits = reading.benefits(asked, month, found.payer_id, answered_on)
        refused += benefits.is_refused
        rows.append(
            EligibilityAnswer(
                organization_id=actor.organization_id,
                patient_id=found.patient_pk,
                payer_id=found.payer_id,
                file=file,
                place=place,
                answered_on=answered_on,
                month_index=month.index,
                coverage=benefits.coverage.state.value,
                route=benefits.route.kind.value,
                is_clear=benefits.is_clear,
            )
        )
    EligibilityAnswer.objects.bulk_create(rows)
    for row in rows:
        held = Coverage.objects.of(actor).filter(patient_id=row.patient_id, payer__payer_id=row.payer_id)
        held.filter(Q(verified_on__isnull=True) | Q(verified_on__lt=row.answered_on)).update(
            verified_on=row.answered_on
        )
    seen(row.patient_id for row in rows)
    return {
        "people": people,
        "matched": len(rows),
        "clear": sum(row.is_clear for row in rows),
        "unknown_patients": unknown[:_UNKNOWN_KEPT_MAX],
        "refused": refused,
    }


def _asked(content: bytes) -> Iterator[tuple[EligibilityRecord, Asked | None]]:
    """Every person of a file in its order; None for a request that was refused as a whole."""
    for answer_record in read_271(content):
        patients = list(answer_record.patients())
        for asked in patients:
            yield answer_record, asked
        if not patients:
            yield answer_record, None


def _answered_on(answer_record: EligibilityRecord, today: date) -> date:
    return answer_record.created_at.date() if answer_record.created_at is not None else today


@dataclass(frozen=True, slots=True)
class _Found:
    """Whom an answer is about. `month` is the one asked about, where it was we who asked."""

    patient_pk: UUID
    payer_id: str
    month: Month | None


class _Finder:
    """Finds our patient in an answer."""

    def __init__(self, actor: Actor) -> None:
        self._actor = actor

    def find(self, asked: Asked) -> _Found | None:
        """By the trace of our question; else by member id and birth date, where they name one patient."""
        traces = [trace.number for trace in (*asked.patient.traces, *asked.subscriber.traces)]
        question = (
            EligibilityQuestion.objects.of(self._actor)
            .filter(trace_number__in=traces)
            .select_related("request")
            .first()
        )
        if question is not None:
            return _Found(question.patient_id, question.request.payer_id, question.request.month)
        member_id, born = asked.subscriber.party.identifier, asked.patient.party.birth_date
        if not member_id or born is None:
            return None
        held = Coverage.objects.of(self._actor).filter(member_id=member_id, patient__birth_date=born)
        found = set(held.values_list("patient_id", "payer__payer_id"))
        if len(found) != 1:
            return None
        ((patient_pk, payer_id),) = found
        return _Found(patient_pk, payer_id, None)


class _Reading:
    """Reads answers by the rules in force and the practice's own tables."""

    def __init__(self, actor: Actor) -> None:
        self.reference = PracticePort(actor).reference

    def policy(self, payer_id: str, month: Month) -> PackOn:
        payer = self.reference.payers.get(payer_id)
        return rulebook().pack(payer.pack_id if payer is not None else ROOT_PAYER).on(month.last_day)

    @property
    def place_of_service_code(self) -> str:
        """Where the practice sees its patients, which a benefit may be limited to."""
        return next(site.place_of_service_code for site in self.reference.sites.values())

    def benefits(self, asked: Asked, month: Month, payer_id: str, answered_on: date) -> MonthBenefits:
        return month_benefits(
            asked,
            month,
            self.policy(payer_id, month),
            answered_on,
            place_of_service_code=self.place_of_service_code,
        )

    def estimate(self, benefits: MonthBenefits, payer_id: str) -> PatientEstimate:
        policy = self.policy(payer_id, benefits.month)
        found = {
            code: self.reference.contract_rate(payer_id, code, policy.day)
            for code in collaborative_care_codes(policy)
        }
        rates = {
            code: rate.rate_amount_cents
            for code, rate in found.items()
            if rate is not None and rate.rate_amount_cents is not None
        }
        return estimate(benefits, policy, place_of_service_code=self.place_of_service_code, rates_cents=rates)


@dataclass(frozen=True, slots=True)
class Told:
    """What an answer says of a patient's month, with what it may cost them."""

    answer: EligibilityAnswer
    benefits: MonthBenefits
    estimate: PatientEstimate
    told: CostShareTold | None


def benefits_of(*, actor: Actor, patient: Patient, month: Month) -> Told | None:
    """The last answer about a patient's month, read anew; None where there is none."""
    answer = last_answer(actor=actor, patient=patient, month=month)
    if answer is None:
        return None
    found = next(
        (asked for place, (_, asked) in enumerate(_asked(answer.file.content)) if place == answer.place), None
    )
    if found is None:
        return None
    reading = _Reading(actor)
    benefits = reading.benefits(found, month, answer.payer_id, answer.answered_on)
    told = CostShareTold.objects.of(actor).filter(patient=patient, month_index=month.index)
    return Told(
        answer,
        benefits,
        reading.estimate(benefits, answer.payer_id),
        told.select_related("told_by").first(),
    )


@transaction.atomic
def cost_share_tell(
    *, actor: Actor, patient: Patient, month: Month, way: str, told_on: date
) -> CostShareTold:
    """Record that the patient was told what the month may cost; the consent says so from now on.

    Raises `UnusableInput` without an answer to tell from, or where it was told already.
    """
    actor.require(Permission.CHART_EDIT)
    found = benefits_of(actor=actor, patient=patient, month=month)
    if found is None or found.benefits.is_refused:
        raise UnusableInput("no answer of the payer tells what the month may cost")
    if found.told is not None:
        raise UnusableInput(f"it was recorded on {found.told.told_on} already")
    made = CostShareTold(
        organization_id=actor.organization_id,
        patient=patient,
        answer=found.answer,
        month_index=month.index,
        told_on=told_on,
        told_at=timezone.now(),
        told_by_id=actor.user_id,
        way=way,
    )
    made.save(force_insert=True)
    work_recorded(
        actor=actor,
        task=SHARE_TASK,
        subject="cost_share",
        subject_id=str(made.pk),
        once_key=f"share told:{made.pk}",
    )
    record(actor, Verb.TOLD, object_type="cost_share", object_id=made.pk, patient_id=patient.pk)
    for episode in Episode.objects.of(actor).filter(patient=patient, end_date__isnull=True):
        held = episode.consents.order_by("recorded_at").last()
        if held is not None and held.cost_share_explained != Answer.YES and held.revoked_on is None:
            consent_add(
                actor=actor,
                patient=patient,
                episode=episode,
                given=held.given,
                consent_date=held.consent_date,
                form=held.form,
                recorded_by=held.recorded_by,
                cost_share_explained=Answer.YES,
            )
    return made


@transaction.atomic
def request_content(*, actor: Actor, request_id: UUID) -> tuple[str, bytes]:
    """A request's name and bytes for somebody who takes it to the payer; the trail has it. Raises `Http404`."""
    actor.require(Permission.BILLING_VIEW)
    actor.require(Permission.DATA_EXPORT)
    found = EligibilityRequest.objects.of(actor).filter(pk=request_id).first()
    if found is None:
        raise Http404
    patients = found.questions.values_list("patient_id", flat=True)
    record(
        actor,
        Verb.EXPORTED,
        object_type="eligibility_request",
        object_id=found.pk,
        details={"patients": sorted(map(str, patients))},
    )
    return found.file_name, found.content
