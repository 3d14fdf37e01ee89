"""Money is whole cents (`int`) in the core and `Decimal` at the edges; floats never."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

_DOLLARS: Final = re.compile(r"-?\d{1,12}(\.\d{1,2})?")


def cents_from_text(text: str) -> int:
    """Read dollars such as `160.32`, `$1,200` or `75` as cents. Raises `ValueError` naming what was expected."""
    plain = text.strip().removeprefix("$").replace(",", "")
    if _DOLLARS.fullmatch(plain) is None:
        raise ValueError(f"{text!r} is not an amount in dollars; write for example 160.32")
    return cents_from_decimal(Decimal(plain))


def cents_from_decimal(amount: Decimal) -> int:
    """Round a dollar amount half up to cents."""
    return int(amount.scaleb(2).to_integral_value(rounding=ROUND_HALF_UP))


def decimal_from_cents(cents: int) -> Decimal:
    """Cents as exact dollars with two decimals."""
    return Decimal(cents).scaleb(-2).quantize(Decimal("0.01"))


def dollars(cents: int) -> str:
    """Cents for people: `$1,234.50`."""
    sign = "-" if cents < 0 else ""
    return f"{sign}${abs(cents) // 100:,}.{abs(cents) % 100:02d}"


def plain_dollars(cents: int) -> str:
    """Cents for files: `1234.50`."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"
