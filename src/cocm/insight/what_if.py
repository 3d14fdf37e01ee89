"""What would change: other denial rates, other mixes, another staffing, a care manager without a licence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cocm.basics.months import Month
from cocm.insight.given import Given, UserInput
from cocm.insight.model import ConsultantValuation, ModelYear, model_year
from cocm.insight.model_inputs import ProgramMode, read_model_inputs
from cocm.rules.denial_evidence import DenialFigure
from cocm.rules.insight_tables import CaseloadRange


@dataclass(frozen=True, slots=True)
class Scenario:
    """Some inputs changed together, by the name it is told under."""

    name: str
    changes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A scenario with its year, and how its net impact differs from the inputs as given."""

    scenario: Scenario
    year: ModelYear
    difference_cents: int


def usual_scenarios(
    given: Given, denials: Iterable[DenialFigure], caseloads: Iterable[CaseloadRange]
) -> tuple[Scenario, ...]:
    """What everybody asks: published denial rates, each mode, the licence, half and double staff, caseloads."""
    payers = given.members("payer")
    found = []
    for percent in sorted({one.percent for one in denials}):
        changes = tuple((f"payer.{payer}.denial_percent", str(percent)) for payer in payers)
        found.append(Scenario(f"{percent} % of CoCM claims denied", changes))
    found += [
        Scenario(f"mode {mode.replace('_', ' ')}", (("general.mode", mode),))
        for mode in ProgramMode
        if mode != given.text("general.mode")
    ]
    is_licensed = given.flag("bhcm.is_licensed")
    found.append(
        Scenario(
            "care manager without a licence" if is_licensed else "licensed care manager",
            (("bhcm.is_licensed", "no" if is_licensed else "yes"),),
        )
    )
    for word, factor in (("half", 0.5), ("twice", 2)):
        posts = float(given.number("bhcm.fte", above=0)) * factor
        found.append(Scenario(f"{word} the care managers", (("bhcm.fte", f"{posts:.4f}"),)))
    for one in caseloads:
        patients = (one.patients_from + one.patients_to) // 2 * given.number("bhcm.fte", above=0)
        found.append(
            Scenario(
                f"caseload {one.patients_from} to {one.patients_to} ({one.population}), its middle",
                (("general.caseload_override", f"{float(patients):.4f}"),),
            )
        )
    return tuple(found)


def what_if(
    given: Given,
    scenarios: Iterable[Scenario],
    first_month: Month,
    valuation: ConsultantValuation | None = None,
) -> tuple[Outcome, ...]:
    """Each scenario worked out beside the inputs as given."""
    base = model_year(read_model_inputs(given), first_month, valuation)
    found = []
    for scenario in scenarios:
        changes = [UserInput(scenario.name, name, value) for name, value in scenario.changes]
        year = model_year(read_model_inputs(given.with_inputs(changes)), first_month, valuation)
        found.append(Outcome(scenario, year, year.net_impact_cents - base.net_impact_cents))
    return tuple(found)
