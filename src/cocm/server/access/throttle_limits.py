"""What one person may do how often, as data."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple


class Limit(StrEnum):
    """What is limited."""

    EXPORT = "exports"
    SEARCH = "searches"
    VERIFICATION = "verifications"
    LETTER = "letters"


class Allowance(NamedTuple):
    """How many requests within how many seconds."""

    requests_max: int
    seconds: int


ALLOWANCES: Final = MappingProxyType(
    {
        Limit.EXPORT: Allowance(20, 3600),
        Limit.SEARCH: Allowance(60, 600),
        Limit.VERIFICATION: Allowance(10, 600),
        Limit.LETTER: Allowance(40, 3600),
    }
)
