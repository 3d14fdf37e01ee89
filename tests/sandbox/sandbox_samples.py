"""Claim files for a sandbox plan, and the plan made of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path

from claim_samples import FIRST_LINE, OTHER_BILLING, make_claim, written

from cocm.claims.records import Claim
from cocm.plan.mistakes import ErringPlan, Mistake
from cocm.rules import Rulebook
from cocm.sandbox.plan_folder import PlanRequest, PlanTerms, write_sandbox_plan
from cocm.sandbox.run import RunMade, RunRequest, run_sandbox

RULEBOOK = Rulebook()
AS_OF = date(2026, 4, 6)
PACK = "ca-commercial-carveout"
FEES = {"99492": 15_000, "99493": 13_000, "99494": 6_000, "90834": 11_000}


def therapy(number: int, claim_number: int) -> Claim:
    """Psychotherapy by an outside practice for the member of this number."""
    line = replace(FIRST_LINE, hcpcs_code="90834", charge_amount_cents=18_000, service_date=date(2026, 3, 12))
    biller = replace(OTHER_BILLING, taxonomy_code="207Q00000X")
    return make_claim(
        claim_number, member_id=f"GHP{number:09d}", billing=biller, rendering=None, lines=(line,)
    )


def file_of(folder: Path, claims: Iterable[Claim] = (), name: str = "in.837") -> Path:
    """A file of claims; of one first month with two add-on units unless told otherwise."""
    path = folder / name
    path.write_bytes(written(tuple(claims) or (make_claim(1),)))
    return path


def plan_for(folder: Path, *files: Path) -> Path:
    """A sandbox plan for the claims of the files."""
    terms = PlanTerms(2_000, 5_000, fees=FEES)
    write_sandbox_plan(PlanRequest(folder / "plan", files, pack_id=PACK, terms=terms), RULEBOOK)
    return folder / "plan"


def decided(
    folder: Path, file: Path, plan: Path, *mistakes: Mistake, rate: int = 100, seed: int = 0, out: str = "out"
) -> RunMade:
    """The file decided by the plan with these mistakes."""
    erring = ErringPlan(dict.fromkeys(mistakes, rate), seed) if mistakes else None
    state = folder / f"{out}.sqlite"
    return run_sandbox(RunRequest(file, plan, folder / out, AS_OF, AS_OF, erring, state), RULEBOOK)
