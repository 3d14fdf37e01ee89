"""Which codes are CoCM codes at all: those that any pack of the rulebook names, on any date.

A line with another code is left alone. Whether a CoCM code is the payer's on the date of service is a fact
of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from cocm.rules import Rulebook
from cocm.rules.profile import ROOT_PAYER

FIRST_MONTH: Final = "codes.first_month"
LATER_MONTH: Final = "codes.later_month"
ADDON: Final = "codes.addon"
SHORT_MONTH: Final = "codes.short_month"
CLINIC_MONTH: Final = "codes.clinic_month"


@dataclass(frozen=True, slots=True)
class CodeRole:
    """What a code is for: a base code that add-ons may stand beside, an add-on, a month cut short.

    `is_clinic`: some payer has rural and community clinics report a month with it.
    """

    is_parent: bool
    is_addon: bool
    is_short_month: bool
    is_clinic: bool = False

    @property
    def is_base(self) -> bool:
        """Whether it reports a month by itself."""
        return self.is_parent or self.is_short_month


@lru_cache(maxsize=16)
def cocm_codes(rulebook: Rulebook) -> Mapping[str, CodeRole]:
    """The role of each CoCM code, by code."""
    clinics = set(codes_ever_named(rulebook, CLINIC_MONTH))
    parents = {*codes_ever_named(rulebook, FIRST_MONTH), *codes_ever_named(rulebook, LATER_MONTH), *clinics}
    addons = set(codes_ever_named(rulebook, ADDON))
    short_months = set(codes_ever_named(rulebook, SHORT_MONTH))
    return {
        code: CodeRole(code in parents, code in addons, code in short_months, code in clinics)
        for code in sorted(parents | addons | short_months)
    }


def codes_ever_named(rulebook: Rulebook, rule_id: str) -> Iterator[str]:
    """Every code that a rule of codes names in any pack, on any date."""
    for payer_id in rulebook.payer_ids:
        holder = rulebook.override(payer_id, rule_id)
        if holder is None and payer_id == ROOT_PAYER:
            holder = rulebook.rule(rule_id)
        for value in holder.values if holder is not None else ():
            if isinstance(value.value, str):
                yield value.value
