"""Which account a provider adjustment (PLB) of a remittance belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from cocm.rules.rulebook import Rulebook
from cocm.rules.tables import read_table


@lru_cache(maxsize=8)
def provider_adjustment_accounts(rulebook: Rulebook) -> Mapping[str, str]:
    """The account's word (`interest`, `recoupment` …) by the adjustment's reason code."""
    rows = read_table(rulebook.data_file("denials/provider_adjustments.csv"))
    return {row.text("reason_code"): row.text("account") for row in rows}
