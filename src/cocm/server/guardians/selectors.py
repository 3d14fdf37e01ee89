"""Reading guardians, the rule of a patient's state, and what a proxy may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from cocm.care.minors import Consenter, is_minor, who_consents
from cocm.care.scoring import years_on
from cocm.rules.instruments import instruments
from cocm.rules.minor_consent import ConsentBy, MinorConsent, minor_consent
from cocm.rules.values import Confidence, Source
from cocm.server.access.actor import Actor
from cocm.server.contacts.models import Contact, WithWhom
from cocm.server.guardians.models import (
    ConfidentialMark,
    ConsentSource,
    Guardian,
    GuardianContact,
    StateConsentRule,
)
from cocm.server.registry.models import Consent, Episode, MeasureResult, Patient, TreatmentChange
from cocm.server.rules_in_force import rulebook

Kind = ConfidentialMark.Kind


def state_rule(*, actor: Actor, state: str, day: date) -> MinorConsent:
    """The rule of a state on a day: what counsel told the organization, else the rulebook's."""
    shipped = minor_consent(rulebook(), state, day)
    rows = StateConsentRule.objects.of(actor).filter(state=state.upper(), effective_from__lte=day)
    own = rows.order_by("effective_from").last() if state else None
    if own is None:
        return shipped
    return MinorConsent(
        state=own.state,
        effective_from=own.effective_from,
        effective_to=None,
        observed=own.advised_on,
        majority_years=own.majority_years,
        minor_years_from=own.minor_years_from,
        consent_by=ConsentBy(own.consent_by),
        confidence=Confidence.SECONDARY,
        source=Source("counsel", f"The organization's counsel ({own.advised_by}, {own.advised_on})", "", "C"),
        locator="",
    )


@dataclass(frozen=True, slots=True)
class Minority:
    """A patient's age on a day, the rule of the state, and whose consent it takes."""

    years: int
    rule: MinorConsent
    is_minor: bool
    consenter: Consenter

    @property
    def is_unknown(self) -> bool:
        return self.consenter is Consenter.UNKNOWN

    @property
    def words(self) -> str:
        """Whose consent, for people."""
        return {
            Consenter.PATIENT: "the patient's own consent",
            Consenter.GUARDIAN: "a guardian's consent",
            Consenter.EITHER: "the patient's or a guardian's consent",
            Consenter.BOTH: "the patient's and a guardian's consent",
            Consenter.UNKNOWN: "not known here: ask counsel",
        }[self.consenter]


def minority_of(*, actor: Actor, patient: Patient, day: date) -> Minority:
    """What holds for a patient on a day, by the state of the patient's address, else of the practice."""
    from cocm.server.accounts.models import Organization

    state = patient.state or Organization.objects.get(pk=actor.organization_id).state
    rule = state_rule(actor=actor, state=state, day=day)
    years = years_on(patient.birth_date, day)
    return Minority(years, rule, is_minor(rule, years), who_consents(rule, years))


def guardians_of(*, actor: Actor, patient: Patient, day: date | None = None) -> list[Guardian]:
    """Everybody, or those of a day only; legal guardians first."""
    rows = Guardian.objects.of(actor).filter(patient=patient)
    if day is not None:
        rows = rows.filter(Q(ended_on__isnull=True) | Q(ended_on__gt=day))
    return list(rows.order_by("ended_on", "-is_legal_guardian", "full_name"))


def is_guardians_address(*, actor: Actor, patient: Patient, email: str, day: date) -> bool:
    """Whether an e-mail address is that of one of the patient's guardians or caregivers."""
    return any(
        guardian.email.casefold() == email.strip().casefold()
        for guardian in guardians_of(actor=actor, patient=patient, day=day)
        if guardian.email
    )


def consent_source(*, actor: Actor, patient: Patient) -> tuple[Consent | None, ConsentSource | None]:
    """The consent that holds in the latest episode, and who gave it where that is on record."""
    episode = Episode.objects.of(actor).filter(patient=patient).order_by("start_date").last()
    held = episode.consents.order_by("recorded_at").last() if episode is not None else None
    if held is None:
        return None, None
    found = ConsentSource.objects.of(actor).filter(consent=held).select_related("guardian").first()
    return held, found


def family_contacts(*, actor: Actor, patient: Patient) -> list[tuple[Contact, GuardianContact | None]]:
    """The last entries with family, each with the person where it is named. Corrected entries are left out."""
    rows = Contact.objects.of(actor).filter(patient=patient)
    corrected = rows.exclude(corrects_contact_id="").values_list("corrects_contact_id", flat=True)
    found = rows.filter(with_whom=WithWhom.FAMILY).exclude(contact_id__in=list(corrected))
    latest = list(found.select_related("staff_member").order_by("-started_at")[:20])
    named = {
        row.contact_id: row
        for row in GuardianContact.objects.of(actor).filter(contact__in=latest).select_related("guardian")
    }
    return [(contact, named.get(contact.pk)) for contact in latest]


def confidential_ids(*, actor: Actor, patient: Patient, kind: str) -> set[UUID]:
    """The records of a kind that no proxy sees: those marked, and a minor's scores of confidential instruments.

    The latter need no mark, so that a score that was brought in or entered as a total is kept too; they are shown only
    once somebody has taken a mark off them.
    """
    marks = ConfidentialMark.objects.of(actor).filter(patient=patient, kind=kind)
    found = {
        key: lifted is None
        for key, lifted in marks.order_by("marked_at").values_list("object_id", "lifted_at")
    }
    ids = {key for key, is_open in found.items() if is_open}
    if kind == Kind.MEASURE and minority_of(actor=actor, patient=patient, day=timezone.localdate()).is_minor:
        names = [name for name, one in instruments(rulebook()).items() if one.is_confidential_for_minors]
        measures = MeasureResult.objects.of(actor).filter(patient=patient, instrument__in=names)
        ids |= set(measures.values_list("pk", flat=True)) - set(found)
    return ids


@dataclass(frozen=True, slots=True)
class ProxyLine:
    """One line of what a proxy may see. Never an item's answer, never a reason of an alert."""

    day: date
    what: str
    value: str


def proxy_lines(*, actor: Actor, patient: Patient) -> list[ProxyLine]:
    """Scores and treatment that a proxy may see, the latest first: whatever is marked as confidential is left out."""
    labels = {name: found.label for name, found in instruments(rulebook()).items()}
    hidden = confidential_ids(actor=actor, patient=patient, kind=Kind.MEASURE)
    lines = [
        ProxyLine(row.taken_on, labels.get(row.instrument, row.instrument.upper()), str(row.score))
        for row in MeasureResult.objects.of(actor).filter(patient=patient)
        if row.pk not in hidden
    ]
    hidden = confidential_ids(actor=actor, patient=patient, kind=Kind.TREATMENT)
    lines += [
        ProxyLine(row.changed_on, f"{row.get_kind_display()} {row.get_change_display().lower()}", row.text)
        for row in TreatmentChange.objects.of(actor).filter(patient=patient)
        if row.pk not in hidden
    ]
    hidden = confidential_ids(actor=actor, patient=patient, kind=Kind.CONTACT)
    lines += [
        ProxyLine(contact.started_at.date(), "Contact with family", "")
        for contact, _ in family_contacts(actor=actor, patient=patient)
        if contact.pk not in hidden
    ]
    return sorted(lines, key=lambda line: (line.day, line.what), reverse=True)


def markable(*, actor: Actor, patient: Patient) -> Sequence[tuple[str, UUID, date, str]]:
    """What may be marked: kind, id, day and words of each record."""
    labels = {name: found.label for name, found in instruments(rulebook()).items()}
    found: list[tuple[str, UUID, date, str]] = [
        (
            Kind.MEASURE,
            row.pk,
            row.taken_on,
            f"{labels.get(row.instrument, row.instrument.upper())} {row.score}",
        )
        for row in MeasureResult.objects.of(actor).filter(patient=patient).order_by("-taken_on")[:60]
    ]
    found += [
        (Kind.TREATMENT, row.pk, row.changed_on, row.text)
        for row in TreatmentChange.objects.of(actor).filter(patient=patient).order_by("-changed_on")[:30]
    ]
    found += [
        (Kind.CONTACT, contact.pk, contact.started_at.date(), "Contact with family")
        for contact, _ in family_contacts(actor=actor, patient=patient)
    ]
    return sorted(found, key=lambda item: item[2], reverse=True)
