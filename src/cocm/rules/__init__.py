"""Reads the rulebook: dated, cited values; packs that inherit and override; nothing else reads its files."""

from cocm.rules.profile import PayerProfile
from cocm.rules.rulebook import Pack, PackOn, Rulebook
from cocm.rules.values import Confidence, DatedValue, Rule, RuleValue, Severity, Source

__all__ = [
    "Confidence",
    "DatedValue",
    "Pack",
    "PackOn",
    "PayerProfile",
    "Rule",
    "RuleValue",
    "Rulebook",
    "Severity",
    "Source",
]
