"""The inputs of a calculation by name: the rulebook's defaults, and what the user put in their place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from fractions import Fraction
from typing import Final

from cocm.basics.errors import UnusableInput
from cocm.rules.insight_tables import InputDefault

INPUTS_MAX: Final = 5_000
DIGITS_MAX: Final = 15
OWN: Final = "your own"
_YES: Final = frozenset({"yes", "true", "y"})
_NO: Final = frozenset({"no", "false", "n"})


@dataclass(frozen=True, slots=True)
class UserInput:
    """An input as a user gave it; `where` names file and row, or the option."""

    where: str
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class GivenInput:
    """An input with its value in force and where it comes from."""

    name: str
    value: str
    unit: str
    label: str
    basis: str
    where: str


class Given:
    """All inputs by dotted name (`payer.medicaid.share_percent`), each read as what it must be.

    Every reader raises `UnusableInput` naming the place, the input, what was expected and what stands there.
    """

    def __init__(self, inputs: Mapping[str, GivenInput]) -> None:
        self._inputs = dict(inputs)

    @property
    def inputs(self) -> tuple[GivenInput, ...]:
        """Every input, in the table's order; what a user added comes last."""
        return tuple(self._inputs.values())

    def with_inputs(self, changes: Iterable[UserInput]) -> Given:
        """The same with some values changed, or payers, codes, tiers and activities added."""
        return Given(_merged(self._inputs, list(changes)))

    def members(self, block: str) -> tuple[str, ...]:
        """The names in a block: `medicare`, `medicaid` ... of `payer`."""
        found = dict.fromkeys(
            name.split(".")[1]
            for name in self._inputs
            if name.startswith(f"{block}.") and name.count(".") == 2
        )
        return tuple(found)

    def text(self, name: str) -> str:
        """A value as it stands; empty where nothing is given."""
        return self._input(name).value

    def word(self, name: str, words: Sequence[str]) -> str:
        """One of a few words."""
        given = self._input(name)
        if given.value not in words:
            raise _refused(given, f"one of {', '.join(words)}")
        return given.value

    def flag(self, name: str) -> bool:
        """Yes or no."""
        given = self._input(name)
        if given.value.lower() not in _YES | _NO:
            raise _refused(given, "yes or no")
        return given.value.lower() in _YES

    def number(
        self, name: str, *, above: int | None = None, least: int = 0, most: int = 1_000_000_000
    ) -> Fraction:
        """An exact number from `least` to `most`; with `above`, greater than that."""
        given = self._input(name)
        text = given.value.replace(",", "").removeprefix("$").removesuffix("%").strip()
        plain = text.removeprefix("-").replace(".", "", 1)
        if not (plain.isascii() and plain.isdigit()) or len(plain) > DIGITS_MAX:
            raise _refused(given, "a number")
        number = Fraction(text)
        if number < least or number > most or (above is not None and number <= above):
            lowest = f"above {above}" if above is not None else f"from {least}"
            raise _refused(given, f"a number {lowest} to {most}")
        return number

    def number_or_none(self, name: str, *, above: int | None = None) -> Fraction | None:
        """A number; None where nothing is given."""
        return self.number(name, above=above) if self.text(name) else None

    def percent(self, name: str) -> Fraction:
        """A percentage from 0 to 100 as a share of 1."""
        return self.number(name, most=100) / 100

    def cents(self, name: str) -> Fraction:
        """Dollars as cents, exact."""
        return self.number(name) * 100

    def _input(self, name: str) -> GivenInput:
        found = self._inputs.get(name)
        if found is None:
            block = ".".join(name.split(".")[:2])
            raise UnusableInput(
                f"{block}: the input {name} is missing; what is added needs every input of its kind "
                "(the template shows them)"
            )
        return found


def given(defaults: Iterable[InputDefault], changes: Iterable[UserInput] = ()) -> Given:
    """The defaults with a user's changes laid over them."""
    base = {
        one.name: GivenInput(one.name, one.value, one.unit, one.label, one.basis, "the rulebook")
        for one in defaults
    }
    return Given(_merged(base, list(changes)))


def _merged(base: Mapping[str, GivenInput], changes: Sequence[UserInput]) -> dict[str, GivenInput]:
    if len(changes) > INPUTS_MAX:
        raise UnusableInput(f"{len(changes)} inputs are given; at most {INPUTS_MAX} are read")
    merged = dict(base)
    seen: dict[str, str] = {}
    kinds = {_kind(name): one for name, one in base.items()}
    for one in changes:
        if one.name in seen:
            raise UnusableInput(f"{one.where}: {one.name} is given twice (first in {seen[one.name]})")
        seen[one.name] = one.where
        like = merged.get(one.name) or kinds.get(_kind(one.name))
        if like is None or any(not part for part in one.name.split(".")):
            near = get_close_matches(one.name, merged, n=1, cutoff=0.5)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise UnusableInput(f"{one.where}: there is no input {one.name!r}{hint}")
        is_same = one.name in merged and merged[one.name].value == one.value
        basis = like.basis if is_same else OWN
        where = like.where if is_same else one.where
        merged[one.name] = GivenInput(one.name, one.value, like.unit, like.label, basis, where)
    return merged


def _kind(name: str) -> str:
    parts = name.split(".")
    return f"{parts[0]}.*.{parts[2]}" if len(parts) == 3 else name


def _refused(one: GivenInput, expected: str) -> UnusableInput:
    return UnusableInput(f"{one.where}: {one.name} is {one.value!r}; expected {expected}")
