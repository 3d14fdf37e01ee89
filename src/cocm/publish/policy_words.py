"""Rule values in words, for people who bill and people who review."""

from __future__ import annotations

from typing import Final

from cocm.basics.money import dollars
from cocm.rules import Rulebook, RuleValue
from cocm.rules.codes import hcpcs_codes
from cocm.rules.values import HUNDREDTHS_OF_PERCENT, NOT_DEFINED, percent_text

NOT_ESTABLISHED: Final = "not established; not known is no reason to deny"
_CENT: Final = "cent"
_PERCENT: Final = "percent"
_TERMS: Final = {"bhcm": "behavioral health care manager"}


def value_in_words(value: RuleValue, rulebook: Rulebook) -> str:
    """The value as a person reads it: `36 minutes`, `yes`, `99492 (CoCM, first month)`."""
    rule = rulebook.rule(value.rule_id)
    if value.state == NOT_DEFINED:
        return "does not exist on this date"
    if not value.is_known:
        return NOT_ESTABLISHED
    if value.value is None:
        return rule.none_means or "none"
    if isinstance(value.value, bool):
        return "yes" if value.value else "no"
    if isinstance(value.value, int):
        return _amount(value.value, rule.unit)
    if isinstance(value.value, frozenset):
        return ", ".join(_word(one, rulebook) for one in sorted(value.value)) or "none"
    return _word(value.value, rulebook)


def code_in_words(hcpcs_code: str, rulebook: Rulebook) -> str:
    """A code with our short label where the tables have one."""
    known = hcpcs_codes(rulebook).get(hcpcs_code)
    return hcpcs_code if known is None else f"{hcpcs_code} ({known.label})"


def _amount(number: int, unit: str) -> str:
    if unit == _CENT:
        return dollars(number)
    if unit.startswith(HUNDREDTHS_OF_PERCENT):
        return percent_text(number, unit)
    if not unit or unit == _PERCENT:
        return f"{number} {unit}".strip()
    head, _, rest = unit.partition(" of ")
    counted = head if number == 1 else f"{head}s"
    return f"{number} {counted} of {rest}" if rest else f"{number} {counted}"


def _word(word: str, rulebook: Rulebook) -> str:
    known = code_in_words(word, rulebook)
    return known if known != word else " ".join(_TERMS.get(part, part) for part in word.split("_"))
