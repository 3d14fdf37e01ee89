"""Entries of time: read, and recorded as one's own by the very form and service of the page."""

from __future__ import annotations

import uuid
from datetime import UTC
from typing import Annotated, Any, Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from ninja import Field, Query, Router
from pydantic import AwareDatetime, StringConstraints

from cocm.care.plausibility import Doubt
from cocm.care.records import Activity, Modality, Outcome, Programme
from cocm.intake.contract import CONTACT_MINUTES_MAX
from cocm.server.api.guard import chart_of, in_organization, needs_scope, written
from cocm.server.api.paging import page_of
from cocm.server.api.problems import Problem, fault, invalid, not_found
from cocm.server.api.scopes import Scope
from cocm.server.api.shapes import PROBLEMS, WRITE_PROBLEMS, ContactOut, ContactsOut, Paged, Taken
from cocm.server.audit.trail import seen
from cocm.server.contacts.clocks import zone_of
from cocm.server.contacts.entries import NeedsConfirmation, entry_record
from cocm.server.contacts.forms import EntryForm
from cocm.server.contacts.models import Contact, WithWhom
from cocm.server.registry.models import Patient
from cocm.server.registry.selectors import open_patients

router = Router(tags=["Contacts"])
Minutes = Annotated[int, Field(ge=0, le=CONTACT_MINUTES_MAX, strict=True)]
YEARS: Final = (2000, 2099)


class ContactsQuery(Paged):
    patient: UUID | None = Field(None, description="Of one patient only.")
    recorded_after: AwareDatetime | None = Field(None, description="Recorded after this moment.")


class ContactIn(Taken):
    """An entry of the token member's own time."""

    patient: UUID
    started_at: AwareDatetime = Field(
        description="With its offset; the site's clock decides its day and month."
    )
    service_minutes: Minutes
    activity: Activity
    modality: Modality = Modality.PHONE
    with_whom: WithWhom = WithWhom.PATIENT
    outcome: Outcome = Outcome.DONE
    attempts: Annotated[int, Field(ge=0, le=50, strict=True)] = 0
    note_minutes: Minutes = 0
    programme: Programme = Programme.COCM
    acting_as_bhcm: Annotated[bool, Field(strict=True)] = False
    billed_elsewhere_minutes: Minutes = Field(
        0, description="Of these, psychotherapy that is billed by itself."
    )
    billed_elsewhere_code: Annotated[str, StringConstraints(pattern=r"^([A-Z0-9]{5})?$")] = ""
    note: Annotated[str, StringConstraints(max_length=8_000, pattern=r"^[^\x00]*$")] = ""
    confirmed: list[Doubt] = Field(
        [], max_length=len(Doubt), description="Doubts of an answer 409 that the author confirms."
    )


FORM_NAMES: Final = {
    "day": "started_at",
    "at": "started_at",
    "split_minutes": "billed_elsewhere_minutes",
    "split_code": "billed_elsewhere_code",
    "note_text": "note",
    "__all__": "",
}


@router.get(
    "/contacts",
    **needs_scope(Scope.CONTACTS_READ),
    response={200: ContactsOut, **PROBLEMS},
    url_name="contacts",
    summary="List entries of time",
)
@in_organization
def contacts(request: HttpRequest, filters: Query[ContactsQuery]) -> Any:
    """Entries of the patients whose charts are open to the token's member, in the order in which they were recorded.

    To follow what is new, keep the `recorded_at` of the last entry and ask with `recorded_after` a minute earlier:
    an entry that was being written meanwhile is then not missed.
    """
    actor = request.actor
    rows = _rows(actor)
    if filters.patient is not None:
        rows = rows.filter(patient=chart_of(request, filters.patient))
    else:
        rows = rows.filter(patient__in=open_patients(actor=actor))
    if filters.recorded_after is not None:
        rows = rows.filter(recorded_at__gt=filters.recorded_after)
    shown, next_cursor = page_of(rows, cursor=filters.cursor, limit=filters.limit, moment="recorded_at")
    seen({contact.patient_id for contact in shown})
    return {"items": [_plain(contact) for contact in shown], "next_cursor": next_cursor}


@router.get(
    "/contacts/{uuid:contact}",
    **needs_scope(Scope.CONTACTS_READ),
    response={200: ContactOut, **PROBLEMS},
    url_name="contact",
    summary="Read one entry",
)
@in_organization
def contact(request: HttpRequest, contact: UUID) -> Any:
    """One entry of the ledger."""
    found = _rows(request.actor).filter(pk=contact).first()
    if found is None:
        raise not_found()
    chart_of(request, found.patient_id)
    return _plain(found)


@router.post(
    "/contacts",
    **needs_scope(Scope.CONTACTS_WRITE),
    response={201: ContactOut, **WRITE_PROBLEMS},
    url_name="contact_add",
    summary="Record your own time",
)
@in_organization
def contact_add(request: HttpRequest, response: HttpResponse, data: ContactIn) -> Any:
    """An entry of the token member's own time with a patient.

    409 `doubtful` names what a person should look at; send the same once more with those words in `confirmed`, and
    under a new `Idempotency-Key`. 409 `month-frozen`: the month's minutes are frozen for billing.
    """
    patient = chart_of(request, data.patient)
    return written(request, lambda: _shown(_recorded(request, patient, data)), response)


def _recorded(request: HttpRequest, patient: Patient, data: ContactIn) -> Contact:
    form = EntryForm(_typed(request, patient, data), actor=request.actor, patient=patient)
    if not form.is_valid():
        raise invalid(
            fault(FORM_NAMES.get(name, name), text) for name, texts in form.errors.items() for text in texts
        )
    if data.acting_as_bhcm and "acting_as_bhcm" not in form.fields:
        raise invalid(
            [fault("acting_as_bhcm", "false: the member's role does not take the care manager's part")]
        )
    fields = form.entry_fields() | {
        "started_at": data.started_at
    }  # its seconds, and the hour that came twice
    try:
        return entry_record(
            actor=request.actor,
            patient=patient,
            entry_id=form.cleaned_data["entry_id"],
            confirmed=frozenset(data.confirmed),
            **fields,
        )
    except NeedsConfirmation as doubtful:
        doubts = [{"doubt": item.doubt.value, "text": item.text} for item in doubtful.found]
        raise Problem(
            409, "doubtful", "a person should look at this entry and confirm it", more={"doubts": doubts}
        ) from None


def _typed(request: HttpRequest, patient: Patient, data: ContactIn) -> dict[str, Any]:
    """The entry as somebody would type it into the page's form, by the clock of the patient's site."""
    if not YEARS[0] <= data.started_at.year <= YEARS[1]:
        raise ValidationError({"started_at": f"a moment from {YEARS[0]} to {YEARS[1]}"})
    local = data.started_at.astimezone(zone_of(request.actor, patient, data.started_at))
    return {
        "entry_id": str(uuid.uuid4()),
        "activity": data.activity.value,
        "modality": data.modality.value,
        "with_whom": data.with_whom.value,
        "outcome": data.outcome.value,
        "attempts": data.attempts or "",
        "day": f"{local:%Y-%m-%d}",
        "at": f"{local:%H:%M}",
        "service_minutes": data.service_minutes,
        "note_minutes": data.note_minutes,
        "split_minutes": data.billed_elsewhere_minutes or "",
        "split_code": data.billed_elsewhere_code,
        "programme": data.programme.value,
        "acting_as_bhcm": data.acting_as_bhcm,
        "note_text": data.note,
    }


def _rows(actor: Any) -> Any:
    replacing = Contact.objects.filter(
        patient_id=OuterRef("patient_id"), corrects_contact_id=OuterRef("contact_id")
    )
    rows = Contact.objects.of(actor).select_related("staff_member")
    return rows.annotate(is_replaced=Exists(replacing))


def _plain(contact: Contact) -> dict[str, Any]:
    return {
        "id": contact.pk,
        "patient": contact.patient_id,
        "staff_id": contact.staff_member.staff_id,
        "started_at": contact.started_at.astimezone(UTC),
        "recorded_at": contact.recorded_at.astimezone(UTC),
        **{
            name: getattr(contact, name)
            for name in ("contact_id", "number", "service_seconds", "note_minutes", "activity",
                         "modality", "outcome", "attempts", "with_whom", "programme", "acting_as_bhcm",
                         "billed_elsewhere_code", "billed_elsewhere_minutes", "corrects_contact_id",
                         "correction_reason", "is_replaced")
        },
        "note": contact.note_text,
        "confirmed": [word for word in contact.confirmed_doubts.split(",") if word],
    }  # fmt: skip


def _shown(contact: Contact) -> dict[str, Any]:
    """A new entry as plain JSON, to be kept for its idempotency key."""
    contact.is_replaced = False
    made: dict[str, Any] = ContactOut.model_validate(_plain(contact)).model_dump(mode="json")
    return made
