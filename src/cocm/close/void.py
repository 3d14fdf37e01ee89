"""Takes a claim back: a void (frequency 8) of a claim that an earlier close wrote, in the payer's own way."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from datetime import date, datetime
from io import BufferedRandom
from pathlib import Path
from typing import BinaryIO, Final, cast

from cocm.basics.errors import StateError, UnusableInput
from cocm.basics.identity import Provenance
from cocm.basics.months import Month
from cocm.claims.build import claim_id_of
from cocm.claims.records import Claim
from cocm.claims.submission import CORRECTION_RULE, VOID
from cocm.close.claim_files import ENVELOPE_TIME, file_part
from cocm.close.request import PayerTotal
from cocm.close.run import default_state_path
from cocm.close.staging import Staging
from cocm.intake.practice import PracticeTables, open_practice
from cocm.intake.reference import Reference
from cocm.rules import Rulebook, rulebook_of
from cocm.store.state import PracticeState, RecordedClaim, RecordedInterchange
from cocm.x12 import claim_from_record, envelope_from_transmission, read_837p, write_837p

VOIDED_CONTENT: Final = "void"


@dataclass(frozen=True, slots=True)
class VoidRequest:
    """Which claim to take back, and the payer's own number of it from the remittance."""

    practice: Path
    claim_id: str
    payer_claim_control_number: str
    out: Path
    as_of_date: date
    state: Path | None = None
    overlays: tuple[Path, ...] = ()


def void_claim(
    request: VoidRequest, *, tables: PracticeTables | None = None, state: PracticeState | None = None
) -> PayerTotal:
    """Write the void as an interchange of its own and record it; the month may then be billed anew.

    `tables` and an open `state` stand in for the practice's files, as in `close_month`: whoever opened the state
    commits it.

    Raises `UnusableInput` where the claim is not known, was voided or superseded, or the payer takes no voids; then
    nothing was written.
    """
    if tables is not None:
        reference = tables.reference
    else:
        with open_practice(request.practice) as source:
            reference = source.reference
    if state is not None:
        return _void(request, reference, state)
    path = request.state if request.state is not None else default_state_path(request.practice)
    with PracticeState(path, reference.practice.organization_id) as opened:
        return _void(request, reference, opened, commits=True)


def _void(
    request: VoidRequest, reference: Reference, state: PracticeState, *, commits: bool = False
) -> PayerTotal:
    rulebook = rulebook_of(request.overlays)
    provenance = Provenance(reference.practice.organization_id, request.as_of_date, rulebook.content_hash)
    with Staging(request.out) as staging:
        state.check_events()
        recorded = _claim_to_void(state, request.claim_id)
        _check_payer_takes_voids(reference, rulebook, recorded)
        number = state.next_control_number()
        name = (
            f"void-{file_part(recorded.payer_id)}-{Month.from_index(recorded.month_index)}-{number:09d}.837"
        )
        with staging.open(name) as stream:
            claim = _write(request, state, recorded, number, provenance, stream)
            written = staging.finish(name, "837P void", stream)
            stream.seek(0)
            state.record_interchange(
                RecordedInterchange(
                    control_number=number,
                    payer_id=recorded.payer_id,
                    month_index=recorded.month_index,
                    as_of_date=request.as_of_date,
                    file_name=name,
                    sha256=written.sha256,
                    byte_count=written.byte_count,
                    claim_count=1,
                    charge_amount_cents=claim.charge_amount_cents,
                ),
                cast(BinaryIO, stream),
                [
                    replace(
                        recorded,
                        claim_id=claim.claim_id,
                        sequence=recorded.sequence + 1,
                        content_hash=VOIDED_CONTENT,
                        frequency_code=VOID,
                        control_number=number,
                    )
                ],
                provenance,
            )
        staging.check_out()
        if commits:
            state.commit()
        staging.publish()
    return PayerTotal(recorded.payer_id, name, number, 1, claim.charge_amount_cents, is_new=True)


def _claim_to_void(state: PracticeState, claim_id: str) -> RecordedClaim:
    recorded = state.find_claim(claim_id)
    if recorded is None:
        raise UnusableInput(
            f"--claim {claim_id}: the state has no such claim; proposals.csv of the close names it"
        )
    latest = state.latest_claims(Month.from_index(recorded.month_index))[
        (recorded.patient_id, recorded.payer_id)
    ]
    if latest.claim_id != claim_id:
        was = "voided" if latest.frequency_code == VOID else "followed"
        raise UnusableInput(
            f"--claim {claim_id}: it was {was} by claim {latest.claim_id}; only the last can be voided"
        )
    if recorded.frequency_code == VOID:
        raise UnusableInput(f"--claim {claim_id}: it is itself a void")
    return recorded


def _check_payer_takes_voids(reference: Reference, rulebook: Rulebook, recorded: RecordedClaim) -> None:
    payer = reference.payers.get(recorded.payer_id)
    if payer is None:
        raise UnusableInput(f"the payers table no longer has {recorded.payer_id}, to whom the claim went")
    day = Month.from_index(recorded.month_index).last_day
    rule = rulebook.pack(payer.pack_id).on(day).value(CORRECTION_RULE)
    if rule.text != "replacement":
        raise UnusableInput(
            f"payer {payer.payer_id} takes no void claims: {rule.cite}; ask it for a reopening, or return the payment"
        )


def _write(
    request: VoidRequest,
    state: PracticeState,
    recorded: RecordedClaim,
    number: int,
    provenance: Provenance,
    stream: BufferedRandom,
) -> Claim:
    """The claim as it was sent, as a void, with the envelope it was sent in."""
    with tempfile.TemporaryFile() as sent:
        for piece in state.interchange_bytes(recorded.control_number):
            sent.write(piece)
        sent.seek(0)
        record = next((found for found in read_837p(sent) if found.claim_id == recorded.claim_id), None)
    if record is None:
        raise StateError(
            f"{state.path}: interchange {recorded.control_number:09d} does not hold {recorded.claim_id}"
        )
    was_sent = claim_from_record(
        record,
        organization_id=provenance.organization_id,
        pack_id="",
        patient_id=recorded.patient_id,
        provenance=provenance,
    )
    claim = replace(
        was_sent,
        claim_id=claim_id_of(
            provenance.organization_id,
            recorded.patient_id,
            recorded.month_index,
            recorded.payer_id,
            recorded.sequence + 1,
        ),
        frequency_code=VOID,
        payer_claim_control_number=request.payer_claim_control_number,
    )
    envelope = replace(
        envelope_from_transmission(record.transmission),
        created_at=datetime.combine(request.as_of_date, ENVELOPE_TIME),
        interchange_control_number=number,
        group_control_number=number,
        first_transaction_control_number=1,
    )
    write_837p([claim], envelope, cast(BinaryIO, stream))
    return claim
