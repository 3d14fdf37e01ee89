"""Return on investment: what each study would mean for a practice's own patients, and its own cost of an outcome.

No study's figure stands alone: those that speak against it are always given with it (product research 4.9).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from cocm.basics.money import dollars
from cocm.insight.figures import Figure, FigureUnit, decimal_text, rounded
from cocm.rules.insight_tables import StudyFigure

SAVING: Final = "saving"
PER_PATIENT: Final = "dollars a patient"


@dataclass(frozen=True, slots=True)
class OwnProgram:
    """A practice's own numbers of a period. What is not known is None."""

    patients: int
    patient_months: int
    cost_cents: int
    revenue_cents: int | None = None
    responders: int | None = None
    remissions: int | None = None
    depression_free_days: int | None = None


@dataclass(frozen=True, slots=True)
class AppliedSaving:
    """A study's saving for the own patient-months: whole cents; below 0 more was spent."""

    study: StudyFigure
    cents_per_patient_month: Fraction
    saving_cents: int
    ratio: Fraction | None
    """Saved for one dollar of programme cost; None where the programme cost nothing."""


def own_figures(own: OwnProgram) -> tuple[Figure, ...]:
    """The cost of a patient, a month, a responder, a remission, a depression-free day; and the practice's own net."""
    parts = (
        ("cost_per_patient", "cost of a patient", own.patients, "patients"),
        ("cost_per_patient_month", "cost of a patient-month", own.patient_months, "patient-months"),
        ("cost_per_responder", "cost of a responder", own.responders, "responders"),
        ("cost_per_remission", "cost of a remission", own.remissions, "remissions"),
        ("cost_per_day", "cost of a depression-free day", own.depression_free_days, "depression-free days"),
    )
    found = [
        Figure(
            name,
            label,
            FigureUnit.CENTS,
            Fraction(own.cost_cents, count) if count else None,
            f"programme cost {dollars(own.cost_cents)}",
            f"{count:,} {noun}",
        )
        for name, label, count, noun in parts
        if count is not None
    ]
    if own.revenue_cents is not None:
        net = Fraction(own.revenue_cents - own.cost_cents)
        how = f"revenue {dollars(own.revenue_cents)} - programme cost {dollars(own.cost_cents)}"
        found.append(Figure("own_net", "net to the practice", FigureUnit.CENTS, net, how))
    return tuple(found)


def applied_savings(studies: Iterable[StudyFigure], own: OwnProgram) -> tuple[AppliedSaving, ...]:
    """Each study's saving spread evenly over its horizon and put on the own patient-months.

    It is the payer's money, not the practice's, and nobody showed that it carries over.
    """
    found = []
    for study in studies:
        if study.measure != SAVING or study.amount_from is None:
            continue
        monthly = Fraction(study.amount_from) * 100
        if study.unit == PER_PATIENT:
            if not study.horizon_months:
                continue
            monthly /= Fraction(study.horizon_months)
        saved = rounded(monthly * own.patient_months)
        ratio = Fraction(saved, own.cost_cents) if own.cost_cents else None
        found.append(AppliedSaving(study, monthly, saved, ratio))
    return tuple(found)


def amount_text(study: StudyFigure) -> str:
    """`3,365 dollars a patient`, `154 to 544 dollars a patient-month`; empty where the study tells no figure."""
    if study.amount_from is None:
        return ""
    low = decimal_text(Fraction(study.amount_from), 2)
    high = decimal_text(Fraction(study.amount_to), 2) if study.amount_to is not None else low
    return f"{low}{'' if low == high else f' to {high}'} {study.unit}"
