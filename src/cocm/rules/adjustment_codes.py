"""Claim adjustment reason codes, remark codes and group codes: their dates, and our own words for some."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache

from cocm.rules.rulebook import Rulebook
from cocm.rules.tables import read_table


class CodeList(StrEnum):
    """Which list a code belongs to."""

    CARC = "CARC"
    """Claim adjustment reason code: why the payment differs from the charge."""
    RARC = "RARC"
    """Remittance advice remark code: what more there is to say."""
    GROUP = "GROUP"
    """Who bears the difference."""


@dataclass(frozen=True, slots=True)
class AdjustmentCode:
    """A code of an 835, from its first day (None: not given) up to the day it ends (None: goes on).

    `label` is our own wording and empty for codes that CoCM claims do not meet; the official text is X12's.
    """

    code_list: CodeList
    code: str
    label: str
    effective_from: date | None
    effective_to: date | None

    def is_valid_on(self, day: date) -> bool:
        """Whether a payer may use the code on a day."""
        return (self.effective_from is None or self.effective_from <= day) and (
            self.effective_to is None or day < self.effective_to
        )


@lru_cache(maxsize=8)
def adjustment_codes(rulebook: Rulebook) -> Mapping[tuple[CodeList, str], AdjustmentCode]:
    """Every code by its list and value."""
    labels = {
        (row.one_of("code_list", CodeList), row.text("code")): row.text("label")
        for row in read_table(rulebook.data_file("codes/adjustment_labels.csv"))
    }
    codes: dict[tuple[CodeList, str], AdjustmentCode] = {}
    for row in read_table(rulebook.data_file("codes/adjustment_codes.csv")):
        key = (row.one_of("code_list", CodeList), row.text("code"))
        codes[key] = AdjustmentCode(
            *key, labels.get(key, ""), row.day_or_none("effective_from"), row.day_or_none("effective_to")
        )
    return codes
