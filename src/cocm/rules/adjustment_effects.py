"""What an adjustment of a remittance does to the claim's money: whose it becomes, or that it stays open.

A group code alone does not say: CO-45 is the contract's discount, CO-109 is money that nobody has given up. Only what
the table names as settled leaves the payer's account; everything else stays open until a person has worked it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
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


EFFECT_POSITIONS: Final[Mapping[AdjustmentEffect, int]] = {
    effect: position for position, effect in enumerate(AdjustmentEffect)
}
"""Each effect's place in their order."""


class _Positions(dict[tuple[str, str], int]):
    """The place of each pair's effect, worked out when a pair is first asked for."""

    def __init__(self, effects: Mapping[tuple[str, str], AdjustmentEffect]) -> None:
        super().__init__()
        self._effects = effects

    def __missing__(self, pair: tuple[str, str]) -> int:
        position = EFFECT_POSITIONS[_effect_of(self._effects, *pair)]
        if len(self) < _PAIRS_KEPT_MAX:
            self[pair] = position
        return position


_PAIRS_KEPT_MAX: Final = 10_000


def _effect_of(
    effects: Mapping[tuple[str, str], AdjustmentEffect], group_code: str, reason_code: str
) -> AdjustmentEffect:
    """A pair's own effect, else its group's, else that of any."""
    return effects.get((group_code, reason_code)) or effects.get((group_code, ANY)) or effects[ANY, ANY]


@dataclass(frozen=True, slots=True)
class AdjustmentEffects:
    """The rulebook's table of effects, answered by group and reason."""

    _effects: Mapping[tuple[str, str], AdjustmentEffect]
    protected_remarks: frozenset[str]
    """Remark codes that tell that the patient may not be billed."""
    position_of: Mapping[tuple[str, str], int] = field(init=False, repr=False, compare=False)
    """The same as `of`, by (group, reason), as the effect's place in `EFFECT_POSITIONS`."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "position_of", _Positions(self._effects))

    def of(self, group_code: str, reason_code: str) -> AdjustmentEffect:
        """The effect of an adjustment; a pair that no row names has its group's effect, or stays open."""
        return _effect_of(self._effects, group_code, reason_code)


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
