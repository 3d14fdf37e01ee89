"""The synthetic practice's sites, team and payers, as many as its patients need."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date

from cocm.basics.npi import npi_check_digit
from cocm.synth.sink import Cells, Sink
from cocm.synth.world import World

NPI_RANGE = range(100_000_000, 100_299_999)
"""First nine digits below the lowest number ever given out: valid by their check digit, and nobody's."""


@dataclass(frozen=True, slots=True)
class Member:
    """One of the team."""

    staff_id: str
    npi: str
    site_id: str
    position: int


@dataclass(frozen=True, slots=True)
class Team:
    """Who works in the practice. `covering_bhcm` met no consultant in the last month."""

    billing_npi: str
    other_practice_npi: str
    practitioners: tuple[Member, ...]
    bhcms: tuple[Member, ...]
    consultants: tuple[Member, ...]
    covering_bhcm: Member

    def consultant_of(self, bhcm: Member) -> Member:
        """The consultant a care manager works with."""
        return self.consultants[bhcm.position % len(self.consultants)]


class NpiNumbers:
    """Hands out NPIs: valid by check digit, each once, the same for the same seed."""

    def __init__(self, rng: random.Random) -> None:
        self._next = rng.randrange(len(NPI_RANGE))

    def take(self) -> str:
        """The next one."""
        first_nine = str(NPI_RANGE[self._next % len(NPI_RANGE)])
        self._next += 1
        return first_nine + npi_check_digit(first_nine)


def write_team(sink: Sink, world: World, patients: int, rng: random.Random, complete_from: date) -> Team:
    """Write practice, sites, staff, payers and charges; the team."""
    numbers = NpiNumbers(rng)
    billing_npi, other_npi = numbers.take(), numbers.take()
    home = world.towns[0]
    sink.add(
        "practice",
        organization_id=world.text("organization_id"),
        name=world.text("practice_name"),
        billing_npi=billing_npi,
        billing_tin=world.text("billing_tin"),
        taxonomy_code=world.text("practice_taxonomy_code"),
        address_line="100 Alder Creek Road",
        city=home.city,
        state=world.text("state"),
        postal_code=home.postal_code + world.text("postal_code_extension"),
        phone="530-555-0142",
        contact_name="Billing office",
        time_zone=world.text("time_zone"),
        submitter_id=world.text("submitter_id"),
        contacts_complete_from=complete_from,
    )
    practitioner_count = _people(patients, world.number("patients_per_billing_practitioner"))
    bhcm_count = _people(patients, world.number("patients_per_bhcm"))
    site_ids = _write_sites(
        sink, world, _people(practitioner_count, world.number("billing_practitioners_per_site")), rng
    )
    team = _Staff(sink, world, numbers, site_ids, rng)
    practitioners = team.of_role("billing_practitioner", "PCP", practitioner_count)
    bhcms = team.of_role("bhcm", "BHCM", bhcm_count + 1)
    consultants = team.of_role(
        "psychiatric_consultant", "PC", _people(bhcm_count, world.number("bhcms_per_consultant"))
    )
    for payer in world.payers:
        sink.add(
            "payers",
            payer_id=payer.payer_id,
            name=payer.name,
            pack_id=payer.pack_id,
            payer_identifier=payer.payer_identifier,
            behavioral_payer_identifier=payer.behavioral_payer_identifier,
            filing_limit_days="" if payer.filing_limit_days is None else payer.filing_limit_days,
        )
    for charge in world.plain["charges"]:
        sink.add("charges", **charge)
    return Team(billing_npi, other_npi, practitioners, bhcms[:-1], consultants, bhcms[-1])


def _people(patients: int, patients_each: int) -> int:
    return max(1, -(-patients // patients_each))


def _write_sites(sink: Sink, world: World, count: int, rng: random.Random) -> list[str]:
    site_ids = [f"S{number:03d}" for number in range(1, count + 1)]
    for number, site_id in enumerate(site_ids):
        town = world.towns[number % len(world.towns)]
        sink.add(
            "sites",
            site_id=site_id,
            name=f"{town.city} Clinic"
            + (f" {number // len(world.towns) + 1}" if number >= len(world.towns) else ""),
            place_of_service_code="11",
            address_line=f"{rng.randrange(1, 80) * 10} {rng.choice(world.texts('streets'))}",
            city=town.city,
            state=world.text("state"),
            postal_code=town.postal_code + world.text("postal_code_extension"),
            time_zone=world.text("time_zone"),
        )
    return site_ids


@dataclass(frozen=True, slots=True)
class _Staff:
    sink: Sink
    world: World
    numbers: NpiNumbers
    site_ids: list[str]
    rng: random.Random

    def of_role(self, role: str, prefix: str, count: int) -> tuple[Member, ...]:
        """Write so many people of a role."""
        members = []
        first_names = self.world.texts("first_names_f") + self.world.texts("first_names_m")
        for number in range(1, count + 1):
            site_id = self.site_ids[(number - 1) * len(self.site_ids) // count]
            member = Member(f"{prefix}-{number:04d}", self.numbers.take(), site_id, number)
            cells: Cells = {"site_ids": site_id} if role == "billing_practitioner" else {}
            self.sink.add(
                "staff",
                staff_id=member.staff_id,
                last_name=self.rng.choice(self.world.texts("last_names")),
                first_name=self.rng.choice(first_names),
                role=role,
                npi=member.npi,
                taxonomy_code=self.world.named("site_taxonomies")[role],
                credential=self.world.named("credentials")[role],
                **cells,
            )
            members.append(member)
        return tuple(members)
