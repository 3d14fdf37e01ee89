"""Writing guardians, who gave a consent, and what no proxy sees."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from cocm.care.minors import consent_objection
from cocm.care.records import Answer
from cocm.server.access.actor import Actor
from cocm.server.access.permissions import Permission
from cocm.server.audit.trail import record
from cocm.server.audit.verbs import Verb
from cocm.server.contacts.models import Contact, WithWhom
from cocm.server.guardians.models import (
    ConfidentialMark,
    ConsentSource,
    GivenBy,
    Guardian,
    GuardianContact,
    StateConsentRule,
)
from cocm.server.guardians.selectors import confidential_ids, markable, minority_of
from cocm.server.registry.models import Episode, Patient
from cocm.server.registry.services.changes import add, change
from cocm.server.registry.services.episodes import consent_add


@transaction.atomic
def guardian_add(*, actor: Actor, patient: Patient, **values: Any) -> Guardian:
    """Somebody who cares for the patient."""
    actor.require(Permission.CHART_EDIT)
    made: Guardian = add(actor, Guardian(patient=patient, recorded_by_id=actor.user_id, **values), patient)
    return made


@transaction.atomic
def guardian_change(*, actor: Actor, patient: Patient, guardian: Guardian, **values: Any) -> list[str]:
    """Change what is known of somebody, or end it (`ended_on`); what stood there is kept."""
    actor.require(Permission.CHART_EDIT)
    return change(actor, guardian, patient, values)


@transaction.atomic
def consent_given(
    *,
    actor: Actor,
    patient: Patient,
    episode: Episode,
    given_by: str,
    guardian: Guardian | None,
    consent_date: date,
    form: str,
    recorded_by: str,
    cost_share_explained: str,
) -> ConsentSource:
    """A minor's consent to the service, with who gave it and what the state's rule said on that day.

    Raises `ValidationError` where the rule is known and asks for somebody else, or where the guardian may not consent.
    A rule that is not known does not stop it: the objection is kept beside the consent.
    """
    actor.require(Permission.CHART_EDIT)
    if given_by != GivenBy.PATIENT:
        if guardian is None or guardian.patient_id != patient.pk:
            raise ValidationError({"guardian": "say which guardian consented"})
        if not guardian.is_legal_guardian:
            raise ValidationError({"guardian": "this person is not on record as a legal guardian"})
        if guardian.ended_on is not None and guardian.ended_on <= consent_date:
            raise ValidationError({"guardian": f"this person was the guardian until {guardian.ended_on}"})
    held = minority_of(actor=actor, patient=patient, day=consent_date)
    objection = consent_objection(held.rule, held.years, given_by)
    if objection and not held.is_unknown:
        raise ValidationError({"given_by": objection})
    consent = consent_add(
        actor=actor,
        patient=patient,
        episode=episode,
        given=Answer.YES,
        consent_date=consent_date,
        form=form,
        recorded_by=recorded_by,
        cost_share_explained=cost_share_explained,
    )
    made: ConsentSource = add(
        actor,
        ConsentSource(
            consent=consent,
            patient=patient,
            given_by=given_by,
            guardian=guardian if given_by != GivenBy.PATIENT else None,
            state=held.rule.state if len(held.rule.state) == 2 else "",
            years=held.years,
            rule_words=f"{held.words} ({held.rule.source.title})"[:300],
            objection=objection,
            recorded_by_id=actor.user_id,
        ),
        patient,
    )
    return made


@transaction.atomic
def contact_name(*, actor: Actor, patient: Patient, contact: Contact, guardian: Guardian) -> GuardianContact:
    """Say with whom of the family an entry was. Raises `ValidationError` where it was not with family."""
    actor.require(Permission.CHART_EDIT)
    if contact.patient_id != patient.pk or guardian.patient_id != patient.pk:
        raise ValidationError("the entry and the person belong to different patients")
    if contact.with_whom != WithWhom.FAMILY:
        raise ValidationError("this entry was not with family")
    found = GuardianContact.objects.of(actor).filter(contact=contact).first()
    if found is not None:
        change(actor, found, patient, {"guardian": guardian})
        return found
    made: GuardianContact = add(
        actor,
        GuardianContact(patient=patient, contact=contact, guardian=guardian, recorded_by_id=actor.user_id),
        patient,
    )
    return made


@transaction.atomic
def confidential_mark(*, actor: Actor, patient: Patient, kind: str, object_id: UUID) -> None:
    """No proxy sees this record from now on; marked twice is marked once."""
    rows = ConfidentialMark.objects.of(actor).filter(kind=kind, object_id=object_id, lifted_at__isnull=True)
    if not rows.exists():
        mark = ConfidentialMark(patient=patient, kind=kind, object_id=object_id, marked_by_id=actor.user_id)
        add(actor, mark, patient)


@transaction.atomic
def confidential_set(*, actor: Actor, patient: Patient, marked: Collection[tuple[str, UUID]]) -> int:
    """Let exactly these of the patient's records be confidential; how many changed. Others' ids are passed over."""
    actor.require(Permission.CHART_EDIT)
    known = {(kind, object_id) for kind, object_id, _, _ in markable(actor=actor, patient=patient)}
    held = {
        (str(kind), key)
        for kind in ConfidentialMark.Kind.values
        for key in confidential_ids(actor=actor, patient=patient, kind=kind)
    }
    changed = 0
    for kind, object_id in (known & set(marked)) - held:
        confidential_mark(actor=actor, patient=patient, kind=kind, object_id=object_id)
        changed += 1
    for kind, object_id in (known & held) - set(marked):
        confidential_mark(
            actor=actor, patient=patient, kind=kind, object_id=object_id
        )  # that it was so is kept
        mark = ConfidentialMark.objects.of(actor).get(kind=kind, object_id=object_id, lifted_at__isnull=True)
        change(actor, mark, patient, {"lifted_at": timezone.now(), "lifted_by_id": actor.user_id})
        changed += 1
    return changed


@transaction.atomic
def state_rule_add(*, actor: Actor, **values: Any) -> StateConsentRule:
    """What counsel says of a state's law, from a day on."""
    actor.require(Permission.PEOPLE_EDIT)
    values["state"] = str(values["state"]).upper()
    row = StateConsentRule(organization_id=actor.organization_id, recorded_by_id=actor.user_id, **values)
    row.full_clean(exclude=("recorded_by",))
    row.save(force_insert=True)
    record(actor, Verb.ADDED, object_type="stateconsentrule", object_id=row.pk)
    return row


def proxy_shown(*, actor: Actor, patient: Patient, guardian: Guardian, lines: int, as_file: bool) -> None:
    """The trail's event of a summary that was made for a proxy."""
    record(
        actor,
        Verb.EXPORTED,
        object_type="proxy_summary",
        object_id=guardian.pk,
        patient_id=patient.pk,
        details={"rows": lines, "as_file": as_file},
    )
