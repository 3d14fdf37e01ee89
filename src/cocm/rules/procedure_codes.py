"""Which procedure codes exist, as far as the tables at hand can tell: CoCM's own codes and their neighbours."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Final

from cocm.rules.codes import hcpcs_codes
from cocm.rules.reference import reference_tables
from cocm.rules.rulebook import Rulebook
from cocm.rules.tables import read_table

_VALUES_TABLE: Final = "relative_values"


def procedure_exists_on(rulebook: Rulebook, hcpcs_code: str, day: date) -> bool | None:
    """Whether a procedure code exists on a date of service; None where no table at hand can tell.

    A code of CoCM does not exist before its first day. It may go on after Medicare's last: another payer may
    take it. A code of a kind that is followed, and that no release of the fee schedule around the day has
    ever listed, does not exist; of all other codes nothing is known here.
    """
    known = hcpcs_codes(rulebook).get(hcpcs_code)
    if known is not None:
        return known.effective_from <= day
    spans, (first, end) = _listed(rulebook)
    if hcpcs_code in spans:
        return True
    if not first <= day < end or not reference_tables(rulebook)[_VALUES_TABLE].follows_code(hcpcs_code):
        return None
    return False


@lru_cache(maxsize=8)
def _listed(rulebook: Rulebook) -> tuple[Mapping[str, date], tuple[date, date]]:
    """The codes of all releases with their first day, and the days between which releases are at hand."""
    codes: dict[str, date] = {}
    end = date.min
    for row in read_table(rulebook.data_file("fees/relative_values.csv")):
        code, effective_from = row.text("hcpcs_code"), row.day("effective_from")
        codes[code] = min(codes.get(code, effective_from), effective_from)
        end = max(end, row.day("effective_to"))
    return codes, (min(codes.values(), default=date.max), end)
