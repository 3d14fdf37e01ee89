"""What national tables say of the CoCM codes on a day: NCCI pairs and most units, Medicare's amounts, ended codes.

Both paths read the same answers: Python by day, the batch path as rows of days between which nothing changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Final, NamedTuple

from cocm.edits.codes import cocm_codes
from cocm.rules import Rulebook
from cocm.rules.codes import hcpcs_codes
from cocm.rules.fees import allowed_amount_cents
from cocm.rules.ncci import Setting, mue_units, ncci_pair_on, ncci_pairs
from cocm.rules.tables import read_table

_TABLES: Final = (
    "fees/relative_values.csv",
    "fees/conversion_factors.csv",
    "ncci/mue.csv",
    "codes/hcpcs.csv",
)
_FIRST_YEAR: Final = 2017


class CodeTerms(NamedTuple):
    """A CoCM code on a day. The amounts are Medicare's national ones for a unit; None: there is none.

    `units_max` is None where NCCI has no limit for the code; `units_are_known` is false before the first
    quarter at hand. `is_ended`: Medicare took the code once, and does not on the day.
    """

    units_max: int | None
    units_are_known: bool
    amount_nonfacility_cents: int | None
    amount_facility_cents: int | None
    is_ended: bool


class PairTerms(NamedTuple):
    """A pair of a CoCM code with another code on a day; not established: the edition at hand does not tell."""

    is_established: bool
    allows_modifier: bool


@lru_cache(maxsize=16384)
def code_terms(rulebook: Rulebook, hcpcs_code: str, day: date) -> CodeTerms:
    """What the tables say of a code on a day."""
    limit = mue_units(rulebook, hcpcs_code, day)
    listed = hcpcs_codes(rulebook).get(hcpcs_code)
    return CodeTerms(
        units_max=None if limit is None else limit.units_max,
        units_are_known=limit is None or limit.effective_from <= day,
        amount_nonfacility_cents=_amount(rulebook, hcpcs_code, day, is_facility=False),
        amount_facility_cents=_amount(rulebook, hcpcs_code, day, is_facility=True),
        is_ended=listed is not None and listed.effective_to is not None and day >= listed.effective_to,
    )


def _amount(rulebook: Rulebook, hcpcs_code: str, day: date, *, is_facility: bool) -> int | None:
    return allowed_amount_cents(rulebook, hcpcs_code, day, is_facility=is_facility).amount_cents


@lru_cache(maxsize=1024)
def pair_terms(rulebook: Rulebook, day: date) -> Mapping[str, Mapping[str, PairTerms]]:
    """The pairs on a day, by CoCM code and other code. Pairs of two CoCM codes are the base edits' own matter."""
    found: dict[str, dict[str, PairTerms]] = {code: {} for code in cocm_codes(rulebook)}
    for code, other_code in _paired_codes(rulebook):
        pair = ncci_pair_on(rulebook, code, other_code, day)
        if pair is not None:
            found[code][other_code] = PairTerms(pair.is_active_on(day) is True, pair.allows_modifier)
    return found


@lru_cache(maxsize=16)
def pair_members(rulebook: Rulebook) -> frozenset[str]:
    """Every code that is paired with a CoCM code on some day."""
    return frozenset(other_code for _, other_code in _paired_codes(rulebook))


@lru_cache(maxsize=16)
def _paired_codes(rulebook: Rulebook) -> tuple[tuple[str, str], ...]:
    codes = cocm_codes(rulebook)
    ordered = {pair for key in ncci_pairs(rulebook) for pair in (key, key[::-1])}
    return tuple(sorted((code, other) for code, other in ordered if code in codes and other not in codes))


@lru_cache(maxsize=16)
def code_change_days(rulebook: Rulebook) -> tuple[date, ...]:
    """The days on which what is said of a code may change, sorted."""
    days = {date(year, 1, 1) for year in range(_FIRST_YEAR, _last_year(rulebook) + 2)}
    for name in _TABLES:
        for row in read_table(rulebook.data_file(name)):
            days |= {row.day("effective_from"), *filter(None, [row.day_or_none("effective_to")])}
    return tuple(sorted(days))


@lru_cache(maxsize=16)
def pair_change_days(rulebook: Rulebook) -> tuple[date, ...]:
    """The days on which a pair may change, sorted."""
    days: set[date] = set()
    for pairs in ncci_pairs(rulebook, Setting.PRACTITIONER).values():
        for pair in pairs:
            days |= {pair.edition, *filter(None, (pair.effective_from, pair.effective_to))}
    return tuple(sorted(days))


def _last_year(rulebook: Rulebook) -> int:
    rows = read_table(rulebook.data_file("fees/relative_values.csv"))
    return max(row.day("effective_from").year for row in rows)
