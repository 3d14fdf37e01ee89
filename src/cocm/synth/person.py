"""A synthetic person with a policy."""

from __future__ import annotations

import random
from datetime import date, timedelta

from cocm.basics.months import Month
from cocm.synth.sink import Cells
from cocm.synth.world import World, WorldPayer

_CHILD_AGE_MAX = 25


def make_person(
    world: World, rng: random.Random, number: int, patient_id: str, until: Month
) -> tuple[Cells, Cells, WorldPayer]:
    """A patient's row, the row of the policy, and its payer."""
    payer = rng.choices(world.payers, [payer.patients for payer in world.payers])[0]
    youngest, oldest = payer.ages if payer.ages[0] < 65 or rng.randrange(100) >= 12 else (40, 64)
    age = rng.randint(youngest, oldest)
    birth_date = until.first_day.replace(year=until.year - age) - timedelta(days=rng.randrange(1, 360))
    sex = rng.choice("FFFFFFMMMM")
    last_name = rng.choice(world.texts("last_names"))
    town = rng.choice(world.towns)
    address = {
        "address_line": f"{rng.randrange(1, 999)} {rng.choice(world.texts('streets'))}",
        "city": town.city,
        "state": world.text("state"),
        "postal_code": town.postal_code,
    }
    patient: Cells = {
        "patient_id": patient_id,
        "last_name": last_name,
        "first_name": rng.choice(world.texts(f"first_names_{sex.lower()}")),
        "birth_date": birth_date,
        "sex": sex,
        **address,
    }
    return patient, _policy(world, rng, number, patient, payer, age), payer


def _policy(
    world: World, rng: random.Random, number: int, patient: Cells, payer: WorldPayer, age: int
) -> Cells:
    coverage: Cells = {
        "patient_id": patient["patient_id"],
        "payer_id": payer.payer_id,
        "member_id": member_id_of(payer, number),
        "relationship": "self",
        "coverage_from": date(2024, 1, 1),
        "rank": 1,
    }
    if payer.renders == "billing_practitioner" and payer.ages[0] >= 65:
        return coverage
    coverage["group_number"] = f"GRP-{rng.randrange(100, 999)}"
    drawn = rng.randrange(100)
    if age <= _CHILD_AGE_MAX and drawn < 50:
        coverage |= {"relationship": "child", "subscriber_birth_date": date(1968, 4, 9)}
    elif drawn < 12:
        coverage |= {"relationship": "spouse", "subscriber_birth_date": patient["birth_date"]}
    if coverage["relationship"] != "self":
        coverage |= {
            "subscriber_last_name": patient["last_name"],
            "subscriber_first_name": rng.choice(world.texts("first_names_m")),
            "subscriber_sex": "M",
            "subscriber_address_line": patient["address_line"],
            "subscriber_city": patient["city"],
            "subscriber_state": patient["state"],
            "subscriber_postal_code": patient["postal_code"],
        }
    return coverage


def member_id_of(payer: WorldPayer, number: int) -> str:
    """The member id of the so-many-th patient, in the payer's manner."""
    return payer.member_id.format(number=number)
