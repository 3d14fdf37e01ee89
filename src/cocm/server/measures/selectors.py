"""Reading measures: a patient's results, what is due, links that are out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.utils import timezone

from cocm.care.flags import CareFlag
from cocm.care.scoring import Change, change_since, years_on
from cocm.rules.care_flags import FlagKind
from cocm.rules.instruments import Instrument, instruments
from cocm.server.access.actor import Actor
from cocm.server.access.permissions import ChartReach, Permission
from cocm.server.guardians.models import ConfidentialMark
from cocm.server.guardians.selectors import Minority, confidential_ids, minority_of
from cocm.server.measures.alerts import OpenAlert, open_alerts
from cocm.server.measures.models import MeasureLink, QuestionnaireResponse
from cocm.server.registry.caseload import CaseloadRow, caseload_of
from cocm.server.registry.models import Alert, CareTeamMember, Episode, MeasureResult, Patient
from cocm.server.registry.selectors import open_patients
from cocm.server.rules_in_force import rulebook


@dataclass(frozen=True, slots=True)
class Result:
    """One result of a patient's: a score of the registry, with its answers where they are by item."""

    day: date
    label: str
    instrument: Instrument | None
    score: int | None
    band: str
    change: Change | None
    first_score: int | None
    measure: MeasureResult | None
    response: QuestionnaireResponse | None
    is_confidential: bool
    tells_of_risk: bool

    @property
    def is_positive(self) -> bool | None:
        return self.response.is_positive if self.response is not None else None


def results_of(*, actor: Actor, patient: Patient) -> list[Result]:
    """Every result, the last first; each with its band and with what it means beside the episode's first."""
    known = instruments(rulebook())
    hidden = confidential_ids(actor=actor, patient=patient, kind=ConfidentialMark.Kind.MEASURE)
    episode = Episode.objects.of(actor).filter(patient=patient).order_by("start_date").last()
    begins = episode.start_date if episode is not None else date.min
    measures = list(
        MeasureResult.objects.of(actor)
        .filter(patient=patient)
        .select_related("response")
        .order_by("taken_on")
    )
    firsts: dict[str, int] = {}
    found: list[Result] = []
    for measure in measures:
        instrument = known.get(measure.instrument)
        response = getattr(measure, "response", None)
        first = firsts.get(measure.instrument)
        if measure.taken_on >= begins:
            firsts.setdefault(measure.instrument, measure.score)
        band = instrument.band(measure.score) if instrument is not None else None
        found.append(
            Result(
                day=measure.taken_on,
                label=instrument.label if instrument is not None else measure.instrument.upper(),
                instrument=instrument,
                score=measure.score,
                band=band.label if band is not None else "",
                change=(
                    change_since(instrument, first, measure.score)
                    if instrument is not None and first is not None
                    else None
                ),
                first_score=first,
                measure=measure,
                response=response,
                is_confidential=measure.pk in hidden,
                tells_of_risk=bool(response.alarms)
                if response is not None
                else bool(measure.self_harm_score),
            )
        )
    rows = QuestionnaireResponse.objects.of(actor).filter(patient=patient, measure__isnull=True)
    for response in rows:
        instrument = known.get(response.instrument)
        label = instrument.label if instrument is not None else response.instrument.upper()
        found.append(
            Result(
                response.taken_on,
                label,
                instrument,
                None,
                "",
                None,
                None,
                None,
                response,
                False,
                bool(response.alarms),
            )
        )
    return sorted(found, key=lambda result: (result.day, result.label), reverse=True)


def links_out(*, actor: Actor, patient: Patient | None = None) -> list[MeasureLink]:
    """Links that may still be filled in, the one that ends first first; of the charts that are open to the person."""
    rows = MeasureLink.objects.of(actor).filter(
        used_at__isnull=True, withdrawn_at__isnull=True, expires_at__gt=timezone.now()
    )
    if patient is not None:
        rows = rows.filter(patient=patient)
    else:
        rows = rows.filter(patient__in=_own_patients(actor))
    return list(rows.select_related("patient", "made_by").order_by("expires_at"))


def _own_patients(actor: Actor) -> Sequence[UUID]:
    """The patients whose charts are open to the person by role or care team."""
    today = timezone.localdate()
    if actor.chart_reach is ChartReach.ALL:
        return list(Patient.objects.of(actor).values_list("pk", flat=True))
    if actor.chart_reach is ChartReach.NONE or actor.staff_member_id is None:
        return []
    team = CareTeamMember.objects.of(actor).filter(
        staff_member_id=actor.staff_member_id, from_date__lte=today
    )
    return list(team.exclude(to_date__lt=today).values_list("episode__patient_id", flat=True).distinct())


def alerts_of_practice(*, actor: Actor) -> tuple[list[OpenAlert], list[OpenAlert]]:
    """Open alerts of charts that are open to the person, and those of others."""
    own = set(_own_patients(actor))
    found = open_alerts(actor=actor)
    return (
        [item for item in found if item.alert.patient_id in own],
        [item for item in found if item.alert.patient_id not in own],
    )


def alerts_count(*, actor: Actor) -> int:
    """How many open alerts concern the person: of one's own patients; who cannot act on them oversees them all."""
    rows = Alert.objects.of(actor).filter(kind=Alert.Kind.SAFETY, closed_at__isnull=True)
    if actor.may(Permission.ALERT_CLOSE):
        rows = rows.filter(patient__in=open_patients(actor=actor).order_by().values("pk"))
    return rows.count()


def names_of(patient_keys: Sequence[UUID], *, actor: Actor) -> dict[UUID, Patient]:
    """Patients by key."""
    return {patient.pk: patient for patient in Patient.objects.of(actor).filter(pk__in=list(patient_keys))}


def measures_due(*, actor: Actor, today: date) -> list[tuple[CaseloadRow, CareFlag]]:
    """Patients in care without a score for too long, with the reason that the caseload's flag gives."""
    found = []
    for row in caseload_of(actor, today).rows:
        flag = next((flag for flag in row.flags if flag.kind is FlagKind.NO_SCORE), None)
        if flag is not None:
            found.append((row, flag))
    return sorted(found, key=lambda pair: -pair[1].urgency)


@dataclass(frozen=True, slots=True)
class Offer:
    """An instrument as the patient's page offers it; `objection`: why it is not for this patient."""

    instrument: Instrument
    is_for_age: bool
    last_on: date | None


def offers_for(*, actor: Actor, patient: Patient, today: date) -> list[Offer]:
    """Every instrument that is in force, those for the patient's age first; an adolescent's own before the general."""
    years = years_on(patient.birth_date, today)
    rows = MeasureResult.objects.of(actor).filter(patient=patient).order_by("taken_on")
    last: dict[str, date] = dict(rows.values_list("instrument", "taken_on"))
    offers = [
        Offer(found, found.ages.hold(years), last.get(name))
        for name, found in instruments(rulebook()).items()
        if found.in_force(today)
    ]
    is_minors_own = lambda offer: offer.instrument.ages.to_years is not None  # noqa: E731  # a sort key
    return sorted(
        offers, key=lambda offer: (not offer.is_for_age, not is_minors_own(offer), offer.instrument.position)
    )


def minority(*, actor: Actor, patient: Patient) -> Minority:
    """The patient's age and whose consent it takes today."""
    return minority_of(actor=actor, patient=patient, day=timezone.localdate())


def in_words(moment: datetime, now: datetime) -> str:
    """How long ago, or how soon, in the coarsest unit that says enough."""
    minutes = int(abs((moment - now).total_seconds()) // 60)
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h"
    return f"{minutes // (24 * 60)} days"
