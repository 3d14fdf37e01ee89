"""Reading the ledger."""

from __future__ import annotations

from cocm.server.access.actor import Actor
from cocm.server.chains import Break, Link, first_break
from cocm.server.contacts.models import Contact, ContactHead
from cocm.server.records import OrganizationRows
from cocm.server.registry.models import Patient


def contacts_of(*, actor: Actor, patient: Patient) -> OrganizationRows:
    """The patient's entries in the order in which they were written."""
    return Contact.objects.of(actor).filter(patient=patient).select_related("staff_member").order_by("number")


def first_broken_contact(*, actor: Actor, patient: Patient) -> Break | None:
    """Where the patient's ledger was tampered with first; None for a sound one."""
    contacts = list(contacts_of(actor=actor, patient=patient))
    found = first_break(
        Link(contact.number, contact.content(), contact.previous_hash, contact.row_hash)
        for contact in contacts
    )
    head = ContactHead.objects.of(actor).filter(patient=patient).first()
    last_number = head.last_number if head is not None else 0
    if found is None and len(contacts) != last_number:  # taken from the end
        return Break(
            len(contacts) + 1, f"row {len(contacts) + 1} is missing (the last one was {last_number})"
        )
    return found
