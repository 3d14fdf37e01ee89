"""What a month is decided on beside the patients' own rows: the practice's charges, and our earlier claims."""

from __future__ import annotations

from collections.abc import Sequence

from cocm.basics.months import Month
from cocm.care.records import ClaimStatus
from cocm.claims.submission import VOID, PriorClaim
from cocm.close.answers import answered
from cocm.intake.groups import PatientRows
from cocm.intake.reference import Reference
from cocm.store.remittances import Remittances
from cocm.store.state import PracticeState, RecordedClaim


def charges_on(reference: Reference, month: Month) -> dict[str, int]:
    """The practice's charge per unit in cents on the month's last day, by code."""
    codes = {charge.hcpcs_code for charge in reference.charges}
    found = {code: reference.charge_amount_cents(code, month.last_day) for code in sorted(codes)}
    return {code: cents for code, cents in found.items() if cents is not None}


def prior_claims(
    state: PracticeState, month: Month, patients: Sequence[PatientRows]
) -> dict[str, dict[str, PriorClaim]]:
    """Our last claims of the month for some patients (in order of their ids), by patient and payer."""
    ids = {rows.patient_id for rows in patients}
    of_patients = (patients[0].patient_id, patients[-1].patient_id)
    latest = state.latest_claims_in_order(month, of_patients)
    remittances = Remittances(state)
    has_answers = remittances.has_answers()
    priors: dict[str, dict[str, PriorClaim]] = {}
    for claim in latest:
        if claim.patient_id in ids:
            prior = _prior(claim)
            known = answered(prior, remittances) if has_answers else prior
            priors.setdefault(claim.patient_id, {})[claim.payer_id] = known
    return priors


def _prior(claim: RecordedClaim) -> PriorClaim:
    return PriorClaim(
        claim.claim_id,
        claim.sequence,
        claim.content_hash,
        ClaimStatus.VOIDED if claim.frequency_code == VOID else None,
        "",
        claim.frequency_code,
    )
