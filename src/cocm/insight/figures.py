"""A figure that explains itself, and sums that are split so that the parts equal the whole to the cent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from cocm.basics.money import dollars


class FigureUnit(StrEnum):
    """What a figure's value counts. `CENTS` are whole cents; `PERCENT` and `NUMBER` are exact fractions."""

    CENTS = "cents"
    NUMBER = "number"
    PERCENT = "percent"


@dataclass(frozen=True, slots=True)
class Figure:
    """A value with what it is, its numerator and denominator in words and numbers. None: there is no such value."""

    name: str
    label: str
    unit: FigureUnit
    value: Fraction | None
    numerator: str
    denominator: str = ""
    note: str = ""

    @property
    def text(self) -> str:
        """The value for people."""
        if self.value is None:
            return "none"
        if self.unit is FigureUnit.CENTS:
            return dollars(rounded(self.value))
        places = decimal_text(self.value, 2)
        return f"{places} %" if self.unit is FigureUnit.PERCENT else places

    @property
    def how(self) -> str:
        """`numerator / denominator`, or what was added up."""
        return f"{self.numerator} / {self.denominator}" if self.denominator else self.numerator


def rounded(value: Fraction) -> int:
    """The nearest whole number, halves away from zero."""
    whole = int(abs(value) + Fraction(1, 2))
    return -whole if value < 0 else whole


def decimal_text(value: Fraction, places: int) -> str:
    """A fraction with so many decimals at most, for people: `2,057.15`, `131`."""
    scaled = rounded(value * 10**places)
    sign = "-" if scaled < 0 else ""
    whole, rest = divmod(abs(scaled), 10**places)
    decimals = f"{rest:0{places}d}".rstrip("0") if places else ""
    return f"{sign}{whole:,}" + (f".{decimals}" if decimals else "")


def split(total: int, weights: Sequence[Fraction]) -> list[int]:
    """A whole sum in parts by weight that add up to it exactly: what rounding leaves goes to the largest remainders.

    Raises `ValueError` for a negative weight, and for a sum other than 0 with no weight to bear it.
    """
    if any(weight < 0 for weight in weights):
        raise ValueError("a weight is below 0")
    whole = sum(weights, Fraction(0))
    if not whole:
        if total:
            raise ValueError(f"nothing to split {total} by")
        return [0 for _ in weights]
    exact = [total * weight / whole for weight in weights]
    parts = [int(share // 1) for share in exact]
    order = sorted(range(len(parts)), key=lambda place: (parts[place] - exact[place], place))
    for place in order[: total - sum(parts)]:
        parts[place] += 1
    return parts
