"""Administrative cost: staff minutes by task and cause, what late money costs, and what would remove each cause.

Minutes and how often a task is done are assumptions until a practice counts its own; see scale research, section 6:
denials x (rework + minutes x loaded wage) + days delayed x cost of capital.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Final

from cocm.basics.errors import UnusableInput
from cocm.basics.money import dollars
from cocm.insight.figures import rounded
from cocm.insight.given import Given

MINUTES_IN_HOUR: Final = 60
DAYS_IN_YEAR: Final = 365
REWORK: Final = "paid to others for denied claims"
LATE_MONEY: Final = "cost of money that comes late"


class WorkCause(StrEnum):
    """Why the work is there at all."""

    DENIAL = "denial"
    MISSING_EHR_FUNCTION = "missing_ehr_function"
    ROUTING = "routing"
    ELIGIBILITY = "eligibility"


class WorkVolume(StrEnum):
    """What a task is done for."""

    PATIENTS = "patients"
    PATIENT_MONTHS = "patient_months"
    CLAIMS = "claims"
    DENIALS = "denials"


@dataclass(frozen=True, slots=True)
class WorkTask:
    """A task's year: how often, how many minutes and what they cost. `removed_by` names edits and commands."""

    name: str
    label: str
    cause: WorkCause
    times: Fraction
    minutes_each: Fraction
    cost_cents: int
    removed_by: tuple[str, ...]
    basis: str
    how: str

    @property
    def minutes(self) -> Fraction:
        """Minutes a year."""
        return self.times * self.minutes_each


@dataclass(frozen=True, slots=True)
class CauseCost:
    """A cause's year, its tasks the dearest first."""

    cause: WorkCause
    minutes: Fraction
    cost_cents: int
    tasks: tuple[WorkTask, ...]


def overhead(given: Given) -> tuple[CauseCost, ...]:
    """The causes, the dearest first; each cause's cost is the sum of its tasks, to the cent.

    Raises `UnusableInput` for a value that cannot be, and for more denials than claims.
    """
    volumes = {volume: given.number(f"volume.{volume}") for volume in WorkVolume}
    if volumes[WorkVolume.DENIALS] > volumes[WorkVolume.CLAIMS]:
        raise UnusableInput("volume.denials is above volume.claims; a claim is denied once at first")
    wage = given.cents("general.wage_per_hour")
    bases = {one.name: (one.basis, one.label) for one in given.inputs}
    tasks = [
        _task(given, name, volumes, wage, *bases[f"task.{name}.minutes"]) for name in given.members("task")
    ]
    tasks += _money(given, volumes)
    found = []
    for cause in WorkCause:
        own = sorted(
            (one for one in tasks if one.cause is cause), key=lambda one: (-one.cost_cents, one.name)
        )
        minutes = sum((one.minutes for one in own), Fraction(0))
        found.append(CauseCost(cause, minutes, sum(one.cost_cents for one in own), tuple(own)))
    return tuple(sorted(found, key=lambda one: (-one.cost_cents, one.cause)))


def _task(
    given: Given, name: str, volumes: dict[WorkVolume, Fraction], wage: Fraction, basis: str, label: str
) -> WorkTask:
    per = WorkVolume(given.word(f"task.{name}.per", tuple(WorkVolume)))
    share = given.percent(f"task.{name}.frequency_percent")
    minutes = given.number(f"task.{name}.minutes", most=10_000)
    times = volumes[per] * share
    return WorkTask(
        name=name,
        label=label,
        cause=WorkCause(given.word(f"task.{name}.cause", tuple(WorkCause))),
        times=times,
        minutes_each=minutes,
        cost_cents=rounded(times * minutes * wage / MINUTES_IN_HOUR),
        removed_by=tuple(
            part.strip() for part in given.text(f"task.{name}.removed_by").split(";") if part.strip()
        ),
        basis=basis,
        how=f"{float(volumes[per]):g} {per.replace('_', ' ')} x {float(share * 100):g} % x {float(minutes):g} minutes",
    )


def _money(given: Given, volumes: dict[WorkVolume, Fraction]) -> list[WorkTask]:
    """What denials cost without anybody's minutes."""
    denials = volumes[WorkVolume.DENIALS]
    fee = given.cents("general.rework_fee_per_denial")
    days = given.number("general.days_delayed", most=3_650)
    yearly = given.number("general.cost_of_capital_percent", most=1_000) / 100
    amount = given.cents("volume.denied_amount")
    late = rounded(amount * days / DAYS_IN_YEAR * yearly)
    bases = {one.name: one.basis for one in given.inputs}
    return [
        WorkTask(
            "rework_fee", REWORK, WorkCause.DENIAL, denials, Fraction(0), rounded(denials * fee), (),
            bases["general.rework_fee_per_denial"], f"{float(denials):g} denials x {dollars(rounded(fee))}",
        ),
        WorkTask(
            "late_money", LATE_MONEY, WorkCause.DENIAL, denials, Fraction(0), late, (),
            bases["general.cost_of_capital_percent"],
            f"{dollars(rounded(amount))} denied x {float(days):g} days / {DAYS_IN_YEAR} x {float(yearly * 100):g} %",
        ),
    ]  # fmt: skip


def cost_of_one_denial(given: Given) -> Fraction:
    """Cents that working one denied claim costs: its tasks' minutes x how often x wage, and what others are paid.

    Late money is not in it: it follows the amount, not the claim.
    """
    wage = given.cents("general.wage_per_hour")
    return (
        given.cents("general.rework_fee_per_denial") + minutes_of_one_denial(given) * wage / MINUTES_IN_HOUR
    )


def minutes_of_one_denial(given: Given) -> Fraction:
    """Staff minutes that working one denied claim takes: its tasks' minutes x how often."""
    return sum(
        (
            given.number(f"task.{name}.minutes", most=10_000)
            * given.percent(f"task.{name}.frequency_percent")
            for name in given.members("task")
            if given.text(f"task.{name}.per") == WorkVolume.DENIALS
        ),
        Fraction(0),
    )
