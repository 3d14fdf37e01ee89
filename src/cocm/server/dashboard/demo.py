"""A plan for the demonstration, so that its months have something to stand beside."""

from __future__ import annotations

from datetime import date
from typing import Final

from cocm.basics.months import Month
from cocm.server.access.actor import Actor, acting_for
from cocm.server.dashboard.services import plan_save

PLAN: Final = {
    "general.mode": "cocm_only",
    "general.caseload_override": "110",
    "general.ramp_months": "0",
    "payer.medicaid.cocm_eligible_percent": "100",
    "payer.commercial_other.cocm_eligible_percent": "100",
}
"""Billed through the model alone and to every payer, with about as many patients as the synthetic practice has."""


def save_demo_plan(*, actor: Actor, first_month: Month, today: date) -> None:
    """Save the plan in the name of the system."""
    with acting_for(actor):
        plan_save(actor=actor, first_month=first_month, values=PLAN, today=today)
