"""The models of the area, one module a noun."""

from cocm.server.contacts.models.ledger import Contact, ContactHead, FrozenMonth, WithWhom
from cocm.server.contacts.models.summary import MinutesInputs, MonthMinutes
from cocm.server.contacts.models.work import ContactDraft, EntryTemplate, MonthReopening, WorkTimer

__all__ = (
    "Contact",
    "ContactDraft",
    "ContactHead",
    "EntryTemplate",
    "FrozenMonth",
    "MinutesInputs",
    "MonthMinutes",
    "MonthReopening",
    "WithWhom",
    "WorkTimer",
)
