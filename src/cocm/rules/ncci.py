"""Medicare's National Correct Coding Initiative (NCCI): pairs of codes, most units, add-on codes.

NCCI looks at one practitioner and one day; what may not stand in the same month is a rule of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Final

from cocm.rules.editions import latest_edition
from cocm.rules.rulebook import Rulebook
from cocm.rules.tables import read_table

_NEVER_TOGETHER: Final = "0"
_WITH_MODIFIER: Final = "1"
_NEVER_HELD: Final = "9"


class Setting(StrEnum):
    """Whose claims a table is for."""

    PRACTITIONER = "practitioner"
    OUTPATIENT_HOSPITAL = "outpatient_hospital"


@dataclass(frozen=True, slots=True)
class NcciPair:
    """Two codes that one practitioner may not report for one patient and day: column 1 is paid, column 2 not.

    `effective_from` is None where the edition at hand does not give it; `effective_to` (exclusive) is None
    while the pair goes on. `edition` is the quarter in which the pair was read.
    """

    setting: Setting
    column_1_code: str
    column_2_code: str
    modifier_indicator: str
    effective_from: date | None
    effective_to: date | None
    edition: date

    @property
    def allows_modifier(self) -> bool:
        """Whether a modifier that fits lets both be paid."""
        return self.modifier_indicator == _WITH_MODIFIER

    def is_active_on(self, day: date) -> bool | None:
        """Whether the pair holds on a date of service.

        None where that is not known: before the edition when its beginning is not given. After the edition a
        pair is taken to go on until a newer edition is loaded.
        """
        if self.modifier_indicator == _NEVER_HELD or (
            self.effective_to is not None and day >= self.effective_to
        ):
            return False
        if self.effective_from is not None:
            return day >= self.effective_from
        if self.effective_to is not None or day < self.edition:
            return None
        return True


@dataclass(frozen=True, slots=True)
class UnitLimit:
    """The most units of a code (a medically unlikely edit).

    `adjudication_indicator`: 1 counts a line, 2 a day by policy (never overridden), 3 a day, clinical (may be
    overridden with evidence). `is_dated` tells whether the quarter asked for is at hand; if not, the limit is
    the nearest quarter's.
    """

    setting: Setting
    hcpcs_code: str
    units_max: int
    adjudication_indicator: str
    effective_from: date
    effective_to: date
    is_dated: bool


@dataclass(frozen=True, slots=True)
class AddonParent:
    """A code that an add-on may stand beside.

    `edit_type`: 1 only the listed codes, 2 the contractor decides, 3 the listed codes and others it decides.
    Dates as in `NcciPair`.
    """

    addon_code: str
    primary_code: str
    edit_type: str
    effective_from: date | None
    effective_to: date | None
    edition: date


@lru_cache(maxsize=8)
def ncci_pairs(
    rulebook: Rulebook, setting: Setting = Setting.PRACTITIONER
) -> Mapping[tuple[str, str], tuple[NcciPair, ...]]:
    """The pairs with a code of the model on either side, by (column 1, column 2); one pair may come again."""
    pairs: dict[tuple[str, str], tuple[NcciPair, ...]] = {}
    for row in read_table(rulebook.data_file("ncci/ptp_pairs.csv")):
        if row.text("setting") != setting:
            continue
        pair = NcciPair(
            setting=setting,
            column_1_code=row.text("column_1_code"),
            column_2_code=row.text("column_2_code"),
            modifier_indicator=row.text("modifier_indicator"),
            effective_from=row.day_or_none("effective_from"),
            effective_to=row.day_or_none("effective_to"),
            edition=row.day("edition"),
        )
        key = (pair.column_1_code, pair.column_2_code)
        pairs[key] = (*pairs.get(key, ()), pair)
    return pairs


def ncci_pair_on(
    rulebook: Rulebook, code: str, other_code: str, day: date, setting: Setting = Setting.PRACTITIONER
) -> NcciPair | None:
    """The pair of two codes, in either order, that holds on a day or may hold; None where none does.

    Where `is_active_on` of the pair returned is None, nobody can tell from the edition at hand.
    """
    pairs = ncci_pairs(rulebook, setting)
    found = (*pairs.get((code, other_code), ()), *pairs.get((other_code, code), ()))
    doubtful: NcciPair | None = None
    for pair in found:
        is_active = pair.is_active_on(day)
        if is_active:
            return pair
        if is_active is None:
            doubtful = pair
    return doubtful


def mue_units(
    rulebook: Rulebook, hcpcs_code: str, day: date, setting: Setting = Setting.PRACTITIONER
) -> UnitLimit | None:
    """The most units of a code on a day, from the latest quarter not after it, else the earliest at hand.

    None where that quarter has no limit for the code, or the code is none that we follow.
    """
    limits, editions = _unit_limits(rulebook, setting)
    edition = latest_edition(editions, day)
    if edition is None:
        return None
    for limit in limits.get(hcpcs_code, ()):
        if limit.effective_from <= edition < limit.effective_to:
            is_dated = limit.effective_from <= day < limit.effective_to
            return limit if is_dated else replace(limit, is_dated=False)
    return None


@lru_cache(maxsize=8)
def addon_parents(rulebook: Rulebook) -> Mapping[str, tuple[AddonParent, ...]]:
    """The codes each add-on may stand beside, by the add-on's code, for the add-ons that we follow."""
    parents: dict[str, tuple[AddonParent, ...]] = {}
    for row in read_table(rulebook.data_file("ncci/addon_codes.csv")):
        parent = AddonParent(
            addon_code=row.text("addon_code"),
            primary_code=row.text("primary_code"),
            edit_type=row.text("edit_type"),
            effective_from=row.day_or_none("effective_from"),
            effective_to=row.day_or_none("effective_to"),
            edition=row.day("edition"),
        )
        parents[parent.addon_code] = (*parents.get(parent.addon_code, ()), parent)
    return parents


@lru_cache(maxsize=8)
def _unit_limits(
    rulebook: Rulebook, setting: Setting
) -> tuple[Mapping[str, Sequence[UnitLimit]], Sequence[date]]:
    """The limits by code, and the sorted first days of the quarters at hand."""
    limits: dict[str, list[UnitLimit]] = {}
    for row in read_table(rulebook.data_file("ncci/mue.csv")):
        if row.text("setting") != setting:
            continue
        limit = UnitLimit(
            setting=setting,
            hcpcs_code=row.text("hcpcs_code"),
            units_max=row.integer("units_max"),
            adjudication_indicator=row.text("adjudication_indicator"),
            effective_from=row.day("effective_from"),
            effective_to=row.day("effective_to"),
            is_dated=True,
        )
        limits.setdefault(limit.hcpcs_code, []).append(limit)
    return limits, sorted({limit.effective_from for rows in limits.values() for limit in rows})
