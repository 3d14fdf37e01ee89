"""The demonstration's health plan: its tables, the practice's claims at its desk, and what a reviewer finds to do.

The plan is the sandbox's: invented, labelled so, made by the core from the claims that the practice sent. It errs on
some of them, so that there are wrongful denials to correct and claims that wait for records.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from cocm.basics.months import Month
from cocm.plan.mistakes import Mistake
from cocm.sandbox.plan_folder import PlanRequest, write_sandbox_plan
from cocm.server.access.actor import Actor, acting_for
from cocm.server.books.port import practice_books
from cocm.server.plandesk.cases import case_open
from cocm.server.plandesk.deciding import claims_take_in
from cocm.server.plandesk.tables import tables_save
from cocm.server.practice_port import PracticePort
from cocm.server.rules_in_force import rulebook
from cocm.server.setup.demo_books import DECIDED_AFTER, SENT_AFTER, STORY_PATIENT, ChosenMistakes
from cocm.x12 import read_837p

ANSWER_DUE_AFTER: Final = timedelta(days=14)
FATES: Final = (
    Mistake.ROUTE_BY_DIAGNOSIS,
    Mistake.ASK_FOR_RECORDS,
    None,
    Mistake.WRONG_COST_SHARE,
    None,
    None,
    Mistake.DENY_FOR_RECORDS,
    None,
    None,
)
"""Of so many claims in a row, what the plan does wrongly with each; the first patient's two come first."""


@dataclass(frozen=True, slots=True)
class SentFile:
    """A claim file of the practice to the plan. `story_claims` are the first patient's in it."""

    month: Month
    content: bytes
    story_claims: tuple[str, ...]

    @property
    def day(self) -> date:
        """The day it was sent."""
        return self.month.last_day + SENT_AFTER


def load_plan(*, practice: Actor, plan: Actor, liaison: Actor, months: Sequence[Month], until: date) -> None:
    """Fill the demonstration's plan with what the practice sent to the first patient's payer, decided by a day."""
    with acting_for(practice):
        files, pack_id = sent_files(practice, months)
    files = [one for one in files if one.day <= until]
    if not files:
        return
    with acting_for(plan):
        tables_save(actor=plan, uploaded=plan_tables(files, pack_id))
        erring = ChosenMistakes({}, 0, mistakes_of(files))
        for one in files:
            day = min(one.day + DECIDED_AFTER, until)
            claims_take_in(
                actor=plan, content=one.content, received_date=one.day, as_of_date=day, erring=erring
            )
    with acting_for(liaison):
        case_open(
            actor=liaison,
            provider_name="North Valley Medical Group",
            subject="Collaborative Care denied as behavioral health",
            text="Our first claim was handed to the behavioral administrator. It is a medical benefit.",
            due_on=until + ANSWER_DUE_AFTER,
        )


def sent_files(practice: Actor, months: Sequence[Month]) -> tuple[list[SentFile], str]:
    """What the practice's books sent to the first patient's payer, and the pack of its rules."""
    found = []
    with practice_books(practice) as state:
        claims = [claim for month in months for claim in state.latest_claims_in_order(month)]
        hers = [claim for claim in claims if claim.patient_id == STORY_PATIENT]
        if not hers:
            return [], ""
        payer_id = hers[0].payer_id
        for month in months:
            for made in state.interchanges(month):
                if made.payer_id == payer_id:
                    content = b"".join(state.interchange_bytes(made.control_number))
                    ids = {record.claim_id for record in read_837p(content)}
                    own = tuple(claim.claim_id for claim in hers if claim.claim_id in ids)
                    found.append(SentFile(month, content, own))
    return found, PracticePort(practice).reference.payers[payer_id].pack_id


def plan_tables(files: Sequence[SentFile], pack_id: str) -> dict[str, bytes]:
    """The sandbox plan's tables for the claims of these files."""
    with tempfile.TemporaryDirectory(prefix="cocm-") as name:
        paths = []
        for place, one in enumerate(files):
            paths.append(Path(name) / f"{place:03d}.837")
            paths[-1].write_bytes(one.content)
        plan = Path(name) / "plan"
        write_sandbox_plan(PlanRequest(plan, tuple(paths), pack_id=pack_id), rulebook())
        return {path.stem: path.read_bytes() for path in plan.glob("*.csv")}


def mistakes_of(files: Sequence[SentFile]) -> dict[str, str]:
    """What the plan does wrongly with which claim, by the claims' places."""
    hers = [claim_id for one in files for claim_id in one.story_claims][:2]
    ids = [record.claim_id for one in files for record in read_837p(one.content)]
    chosen = enumerate(dict.fromkeys([*hers, *ids]))
    fates = {claim_id: FATES[place % len(FATES)] for place, claim_id in chosen}
    return {claim_id: str(fate) for claim_id, fate in fates.items() if fate is not None}
