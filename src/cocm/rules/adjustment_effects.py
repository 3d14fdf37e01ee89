"""What an adjustment of a remittance does to the claim's money: whose it becomes, or that it stays open.

A group code alone does not say: CO-45 is the contract's discount, CO-109 is money that nobody has given up. Only what
the table names as settled leaves the payer's account; everything else stays open until a person has worked it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from cocm.rules.rulebook import Rulebook
from cocm.rules.tables import read_table

ANY: Final = "*"


class AdjustmentEffect(StrEnum):
    """Where an adjusted amount goes."""

    CONTRACTUAL = "contractual"
    """A discount, penalty or bonus of the contract or the law: the practice's, for good."""
    SEQUESTRATION = "sequestration"
    """Kept back by law from Medicare's payment; part of the allowed amount."""
    PROTECTED = "protected"
    """May be collected from nobody: the patient is protected by law."""
    PRIOR_PAYER = "prior_payer"
    """Already on the books: what an earlier payer paid or adjusted."""
    PATIENT = "patient"
    """The patient's cost share."""
    PATIENT_UNSETTLED = "patient_unsettled"
    """Put on the patient for another reason: a person looks before it reaches a statement."""
    DENIED = "denied"
    """Not paid, and nobody's loss yet: open with the payer."""


@dataclass(frozen=True, slots=True)
class AdjustmentEffects:
    """The rulebook's table of effects, answered by group and reason."""

    _effects: Mapping[tuple[str, str], AdjustmentEffect]
    protected_remarks: frozenset[str]
    """Remark codes that tell that the patient may not be billed."""

    def of(self, group_code: str, reason_code: str) -> AdjustmentEffect:
        """The effect of an adjustment; a pair that no row names has its group's effect, or stays open."""
        effects = self._effects
        return effects.get((group_code, reason_code)) or effects.get((group_code, ANY)) or effects[(ANY, ANY)]


@lru_cache(maxsize=8)
def adjustment_effects(rulebook: Rulebook) -> AdjustmentEffects:
    """The effects of the rulebook (an overlay's table wins). Raises `RulebookError` for a row that is no effect."""
    effects = {
        (row.text("group_code"), row.text("reason_code")): row.one_of("effect", AdjustmentEffect)
        for row in read_table(rulebook.data_file("denials/adjustment_effects.csv"))
    }
    effects.setdefault((ANY, ANY), AdjustmentEffect.DENIED)
    remarks = read_table(rulebook.data_file("denials/protected_remarks.csv"))
    return AdjustmentEffects(effects, frozenset(row.text("remark_code") for row in remarks))
