"""Reads the rulebook: dated, cited values; packs that inherit and override; nothing else reads its files.

A name is fetched when it is first asked for (PEP 562): who only reads a YAML file does not wait for the rest.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from cocm.rules.profile import PayerProfile
    from cocm.rules.rulebook import Pack, PackOn, Rulebook, rulebook_of
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
    "rulebook_of",
]

_RULEBOOK_NAMES: Final = frozenset({"Pack", "PackOn", "Rulebook", "rulebook_of"})


def __getattr__(name: str) -> Any:
    """A public name, from its own module, and kept for the next time."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = "profile" if name == "PayerProfile" else "rulebook" if name in _RULEBOOK_NAMES else "values"
    found = globals()[name] = getattr(import_module(f"{__name__}.{module}"), name)
    return found
