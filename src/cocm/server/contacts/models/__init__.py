"""The models of the area, one module a noun."""

from cocm.server.contacts.models.ledger import Contact, ContactHead, FrozenMonth
from cocm.server.contacts.models.summary import MinutesInputs, MonthMinutes

__all__ = ("Contact", "ContactHead", "FrozenMonth", "MinutesInputs", "MonthMinutes")
