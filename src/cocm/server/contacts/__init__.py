"""Contacts and minutes: a ledger that is only added to, and months that are frozen."""
