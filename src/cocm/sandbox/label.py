"""What every file of the sandbox says of itself, so that nobody takes a rehearsal for a payer's answer."""

from __future__ import annotations

from typing import Final

from cocm.basics.errors import UnusableInput
from cocm.plan.records import PlanProfile

SANDBOX: Final = "SANDBOX"
LABEL: Final = (
    "Synthetic: made by `cocm sandbox` for a rehearsal. No payer decided anything here, and no money moves."
)
LABEL_FILE: Final = "SANDBOX.txt"
PRIVATE: Final = (
    "What was taken from your own files (member ids, birth dates, claims) is as private here as it is there."
)
_NAME_MAX: Final = 60


def labelled(name: str) -> str:
    """A name that says what it is: `SANDBOX GOLDEN HEALTH PLAN`."""
    plain = " ".join(name.upper().split())
    return plain if plain.startswith(SANDBOX) else f"{SANDBOX} {plain}"[:_NAME_MAX].rstrip()


def refuse_real_plan(profile: PlanProfile) -> None:
    """Raise `UnusableInput` for a plan whose answers would not show that they are a rehearsal's."""
    if not profile.name.upper().startswith(SANDBOX):
        raise UnusableInput(
            f"plan.csv: plan_name of the plan {profile.plan_id} does not begin with {SANDBOX}, so that its answers "
            "could be taken for a payer's. Make a plan with `cocm sandbox plan`, or give a copy of yours such a name"
        )
