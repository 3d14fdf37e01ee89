"""Status files for the tests: what a payer says of one claim, in domain words."""

from __future__ import annotations

import io
from datetime import date, datetime

from cocm.x12 import (
    Envelope,
    PartyRecord,
    StatusCode,
    StatusRecord,
    write_277,
    write_277_request,
    write_277ca,
)
from cocm.x12.claim_acknowledgment_record import (
    AcknowledgedBatch,
    AcknowledgedClaim,
    AcknowledgedProvider,
    ClaimAcknowledgment,
)
from cocm.x12.claim_status_record import (
    ClaimStatus,
    ClaimStatusRecord,
    StatusMember,
    StatusProvider,
    StatusReceiver,
    StatusSource,
)
from cocm.x12.information_request_record import (
    InformationRequest,
    RequestedClaim,
    RequestedPatient,
    RequestedProvider,
)

ENVELOPE = Envelope("GTP01", "", "", "", "SUB001", "", datetime(2026, 4, 3, 8, 15), 77, 78)
PLAN = PartyRecord(False, "GOLDEN TEST PLAN", "", "", "", "PI", "GTP01")
SENDER = PartyRecord(False, "REDWOOD TEST CLINIC", "", "", "", "46", "SUB001")
PROVIDER = PartyRecord(False, "REDWOOD TEST CLINIC", "", "", "", "XX", "1234567893")
PATIENT = PartyRecord(True, "QUILL", "TEST", "", "", "MI", "MP1")
SERVICE_DAY = date(2026, 3, 31)


def acknowledged(
    claim_id: str, *codes: str, day: date = date(2026, 4, 5), payer_number: str = "ICN1"
) -> bytes:
    """A 277CA about one claim; codes such as `A2:20`."""
    rejected = any(code.startswith(("A3", "A6", "A7", "A8")) for code in codes)
    status = StatusRecord(
        tuple(StatusCode(*code.split(":")) for code in codes), day, "U" if rejected else "WQ", 18000
    )
    claim = AcknowledgedClaim(
        claim_id, PATIENT, (status,), SERVICE_DAY, None, payer_claim_control_number=payer_number
    )
    batch = AcknowledgedBatch(
        SENDER,
        "B-1",
        (StatusRecord((StatusCode("A1", "19", "PR"),), day, "WQ", 18000),),
        providers=(AcknowledgedProvider(PROVIDER, (claim,)),),
    )
    told = ClaimAcknowledgment("ACK1", "PR", PLAN, "R-1", day, day, (batch,), datetime(2026, 4, 5, 8, 0))
    out = io.BytesIO()
    write_277ca([told], ENVELOPE, out)
    return out.getvalue()


def answered(claim_id: str, code: str, day: date = date(2026, 4, 12)) -> bytes:
    """A 277 (claim status answer) about one claim."""
    category, status = code.split(":")
    claim = ClaimStatus(
        "T-1",
        (StatusRecord((StatusCode(category, status),), day, charge_amount_cents=18000, paid_amount_cents=0),),
        payer_claim_control_number="ICN1",
        patient_account_number=claim_id,
        service_from_date=SERVICE_DAY,
    )
    source = StatusSource(
        PLAN, (StatusReceiver(SENDER, (StatusProvider((PROVIDER,), (StatusMember(PATIENT, (claim,)),)),)),)
    )
    out = io.BytesIO()
    write_277([ClaimStatusRecord("REF1", (source,), datetime(2026, 4, 12, 8, 0))], ENVELOPE, out)
    return out.getvalue()


def requested(
    claim_id: str, *loinc_codes: str, day: date = date(2026, 4, 14), due: date, category: str = "R4"
) -> bytes:
    """A request for information (277) about one claim."""
    questions = tuple(
        StatusRecord((StatusCode(category, code, code_list="LOI"),), day, charge_amount_cents=18000)
        for code in loinc_codes
    )
    claim = RequestedClaim("ICN1", questions, claim_id, "ICN1", service_from_date=SERVICE_DAY, due_date=due)
    told = InformationRequest(
        "REQ1", PLAN, SENDER, (RequestedProvider(PROVIDER, (RequestedPatient(PATIENT, (claim,)),)),),
        created_at=datetime(2026, 4, 14, 8, 0),
    )  # fmt: skip
    out = io.BytesIO()
    write_277_request([told], ENVELOPE, out)
    return out.getvalue()
