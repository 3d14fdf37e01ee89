"""The synthetic world as data: payers, tiers of a month, scenarios, names and places (`world.yaml`)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from cocm.rules.yaml_reader import read_yaml


@dataclass(frozen=True, slots=True)
class WorldPayer:
    """A payer of the synthetic practice. `patients` is its weight, `renders` the role it wants as rendering."""

    payer_id: str
    name: str
    pack_id: str
    payer_identifier: str
    behavioral_payer_identifier: str
    filing_limit_days: int | None
    patients: int
    renders: str
    ages: tuple[int, int]
    member_id: str


@dataclass(frozen=True, slots=True)
class Tier:
    """What a month of care comes to: its weight among months, its span of minutes and what it earns."""

    name: str
    weight: int
    minutes: tuple[int, int]
    addon_units: int
    is_billed: bool


@dataclass(frozen=True, slots=True)
class Scenario:
    """Something out of the ordinary that happens to every so-many-th patient."""

    name: str
    every: int
    offset: int


@dataclass(frozen=True, slots=True)
class Instrument:
    """A scale: the span of first scores, and its highest score."""

    name: str
    first: tuple[int, int]
    maximum: int


@dataclass(frozen=True, slots=True)
class Town:
    """A place of the synthetic county."""

    city: str
    postal_code: str


@dataclass(frozen=True, slots=True)
class FixedContact:
    """A contact of a told story: day of the month, local start, minutes, activity, modality."""

    day: int
    starts: str
    minutes: int
    activity: str
    modality: str


@dataclass(frozen=True, slots=True)
class Persona:
    """Ariana Davis, of the project's own story."""

    last_name: str
    first_name: str
    age: int
    sex: str
    birth_month_and_day: str
    address_line: str
    city: str
    postal_code: str
    payer_id: str
    member_id: str
    group_number: str
    diagnoses: tuple[str, ...]
    scores: dict[str, int]
    first_month: tuple[FixedContact, ...]
    later_month: tuple[FixedContact, ...]
    first_month_line_units: dict[str, int]


@dataclass(frozen=True, slots=True)
class World:
    """Everything the generator draws from. `plain` holds the simple values by name."""

    payers: tuple[WorldPayer, ...]
    first_tiers: tuple[Tier, ...]
    later_tiers: tuple[Tier, ...]
    scenarios: tuple[Scenario, ...]
    instruments: tuple[Instrument, ...]
    towns: tuple[Town, ...]
    ariana: Persona
    plain: dict[str, Any]

    def text(self, name: str) -> str:
        """A simple text by name."""
        return str(self.plain[name])

    def number(self, name: str) -> int:
        """A whole number by name."""
        return int(self.plain[name])

    def texts(self, name: str) -> list[str]:
        """A list of texts by name."""
        texts: list[str] = self.plain[name]
        return texts

    def named(self, name: str) -> dict[str, Any]:
        """Named values by name: codes, weights."""
        values: dict[str, Any] = self.plain[name]
        return values

    def payer(self, payer_id: str) -> WorldPayer:
        """A payer by id."""
        return next(payer for payer in self.payers if payer.payer_id == payer_id)


@cache
def load_world() -> World:
    """The shipped world."""
    data = read_yaml(Path(str(resources.files("cocm.synth").joinpath("world.yaml"))))
    ariana = data.pop("ariana")
    tiers = data.pop("tiers")
    return World(
        payers=tuple(WorldPayer(**(row | {"ages": tuple(row["ages"])})) for row in data.pop("payers")),
        first_tiers=_tiers(tiers["first"]),
        later_tiers=_tiers(tiers["later"]),
        scenarios=tuple(Scenario(name, **row) for name, row in data.pop("scenarios").items()),
        instruments=tuple(
            Instrument(**(row | {"first": tuple(row["first"])})) for row in data.pop("instruments")
        ),
        towns=tuple(Town(**row) for row in data.pop("towns")),
        ariana=Persona(
            **(
                ariana
                | {
                    "diagnoses": tuple(ariana["diagnoses"]),
                    "first_month": tuple(FixedContact(*row) for row in ariana["first_month"]),
                    "later_month": tuple(FixedContact(*row) for row in ariana["later_month"]),
                }
            )
        ),
        plain=data,
    )


def _tiers(rows: list[dict[str, Any]]) -> tuple[Tier, ...]:
    return tuple(Tier(**(row | {"minutes": tuple(row["minutes"])})) for row in rows)
