"""The models of the area, one module a noun."""

from cocm.server.contacts.models.ledger import Contact, ContactHead, FrozenMonth

__all__ = ("Contact", "ContactHead", "FrozenMonth")
