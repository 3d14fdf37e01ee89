"""One patient's month as a close made now would decide it: for a page, or a question at hand. Nothing is written."""

from __future__ import annotations

from datetime import date

from cocm.basics.identity import Provenance
from cocm.basics.months import Month
from cocm.close.basis import charges_on, prior_claims
from cocm.close.chunk import ChunkWorker, WorkerSetup
from cocm.close.decide import MonthDecision
from cocm.intake.groups import PatientRows
from cocm.intake.reference import Reference
from cocm.rules import Rulebook
from cocm.store.state import PracticeState


def decide_patient(
    rows: PatientRows,
    reference: Reference,
    rulebook: Rulebook,
    state: PracticeState,
    *,
    month: Month,
    as_of_date: date,
) -> list[MonthDecision]:
    """A patient's decisions, one for each episode that is active in the month, with the claims sent so far in view."""
    setup = WorkerSetup(
        reference=reference,
        month=month,
        as_of_date=as_of_date,
        provenance=Provenance(reference.practice.organization_id, as_of_date, rulebook.content_hash),
        overlays=(),
        payer_id=None,
        charges=charges_on(reference, month),
        envelopes={},
    )
    priors = prior_claims(state, month, [rows])
    return ChunkWorker(setup, rulebook).decisions(rows, priors.get(rows.patient_id, {}))
