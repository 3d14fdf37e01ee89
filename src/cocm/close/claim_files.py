"""The claim files of a close: one interchange a payer, those of earlier closes again, and the forms asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, time
from io import BufferedRandom
from typing import BinaryIO, Final

from cocm.basics.errors import StateError
from cocm.basics.identity import Provenance
from cocm.claims.records import Claim
from cocm.close.charges import write_charges
from cocm.close.chunk import RenderedSet
from cocm.close.digests import unpacked
from cocm.close.request import CHARGES, CMS1500, CloseRequest, PayerTotal
from cocm.close.staging import Staging
from cocm.intake.reference import Reference
from cocm.store.state import PracticeState, RecordedClaim, RecordedInterchange
from cocm.x12 import ClaimRecord, claim_from_record, read_837p
from cocm.x12.envelope import Envelope, EnvelopeWriter
from cocm.x12.guide import load_guide
from cocm.x12.professional import PROFESSIONAL_GUIDE

ENVELOPE_TIME: Final = time(12, 0)


def payer_envelopes(
    request: CloseRequest, reference: Reference, first_control_number: int
) -> dict[str, Envelope]:
    """Each payer's envelope. Numbers are given out by payer id; one whose payer gets no claim stays unused."""
    practice = reference.practice
    created_at = datetime.combine(request.as_of_date, ENVELOPE_TIME)
    return {
        payer_id: Envelope(
            sender_id=practice.submitter_id,
            sender_name=practice.name,
            contact_name=practice.contact_name,
            contact_phone=practice.phone,
            receiver_id=payer.receiver_id,
            receiver_name=payer.name,
            created_at=created_at,
            interchange_control_number=number,
            group_control_number=number,
            is_test=request.is_test,
        )
        for number, (payer_id, payer) in enumerate(
            sorted(reference.payers.items()), start=first_control_number
        )
    }


@dataclass(slots=True)
class _PayerFile:
    """A payer's interchange while it is being written."""

    writer: EnvelopeWriter
    control_number: int
    name: str
    stream: BufferedRandom
    digests: BinaryIO
    set_count: int = 0
    claim_count: int = 0
    charge_amount_cents: int = 0


class ClaimFiles:
    """Takes finished transaction sets as they come and puts each payer's into one interchange."""

    def __init__(
        self,
        request: CloseRequest,
        envelopes: Mapping[str, Envelope],
        provenance: Provenance,
        state: PracticeState,
        staging: Staging,
        open_streams: ExitStack,
    ) -> None:
        self._request, self._envelopes, self._provenance = request, envelopes, provenance
        self._state, self._staging, self._open_streams = state, staging, open_streams
        self._files: dict[str, _PayerFile] = {}

    def add(self, sets: Mapping[str, RenderedSet]) -> None:
        """Take a chunk's transaction sets, by payer."""
        for payer_id, rendered in sorted(sets.items()):
            file = self._files.get(payer_id) or self._open(payer_id)
            file.stream.write(rendered.transaction.content)
            file.set_count += 1
            file.digests.write(rendered.digests)
            file.claim_count += rendered.transaction.claim_count
            file.charge_amount_cents += rendered.transaction.charge_amount_cents

    def _write_forms(self, file_name: str, sent: BufferedRandom) -> None:
        """The forms asked for, of what stands in an interchange: one file beside it, so that none is written over."""
        stem = file_name.removesuffix(".837")
        for form, ending, kind in ((CHARGES, "csv", "charge export"), (CMS1500, "pdf", "CMS-1500 forms")):
            if form not in self._request.forms:
                continue
            name = f"{stem.replace('claims-', f'{form}-', 1)}.{ending}"
            sent.seek(0)
            claims = (self._as_sent(record) for record in read_837p(sent))
            stream = self._open_streams.enter_context(self._staging.open(name))
            if form == CHARGES:
                write_charges(claims, stream)
            else:
                from cocm.close.cms1500 import (
                    write_cms1500_pdf,
                )  # it loads reportlab, which most closes do not need

                write_cms1500_pdf(claims, stream)
            self._staging.finish(name, kind, stream)

    def _as_sent(self, record: ClaimRecord) -> Claim:
        recorded = self._state.find_claim(record.claim_id)
        return claim_from_record(
            record,
            organization_id=self._provenance.organization_id,
            pack_id="",
            patient_id=recorded.patient_id if recorded is not None else "",
            provenance=self._provenance,
        )

    def _open(self, payer_id: str) -> _PayerFile:
        envelope = self._envelopes[payer_id]
        writer = EnvelopeWriter(envelope, load_guide(PROFESSIONAL_GUIDE))
        number = envelope.interchange_control_number
        mark = "TEST-" if self._request.is_test else "DRY-RUN-" if self._request.is_dry_run else ""
        name = f"{mark}claims-{file_part(payer_id)}-{self._request.month}-{number:09d}.837"
        stream = self._open_streams.enter_context(self._staging.open(name))
        stream.write(writer.start().encode("ascii"))
        digests = self._open_streams.enter_context(self._staging.open_unnamed())
        file = self._files[payer_id] = _PayerFile(writer, number, name, stream, digests)
        return file

    def finish(self) -> Iterator[PayerTotal]:
        """End each interchange and record it with its claims."""
        for payer_id, file in self._files.items():
            file.stream.write(file.writer.end(file.set_count).encode("ascii"))
            written = self._staging.finish(file.name, "837P claims", file.stream)
            number = file.control_number
            file.stream.seek(0)
            file.digests.seek(0)
            self._state.record_interchange(
                RecordedInterchange(
                    control_number=number,
                    payer_id=payer_id,
                    month_index=self._request.month.index,
                    as_of_date=self._request.as_of_date,
                    file_name=file.name,
                    sha256=written.sha256,
                    byte_count=written.byte_count,
                    claim_count=file.claim_count,
                    charge_amount_cents=file.charge_amount_cents,
                ),
                file.stream,
                (
                    RecordedClaim(
                        claim_id=claim.claim_id,
                        patient_id=claim.patient_id,
                        month_index=self._request.month.index,
                        payer_id=payer_id,
                        sequence=claim.sequence,
                        content_hash=claim.content_hash,
                        frequency_code=claim.frequency_code,
                        charge_amount_cents=claim.charge_amount_cents,
                        control_number=number,
                    )
                    for claim in unpacked(file.digests)
                ),
                self._provenance,
            )
            self._write_forms(file.name, file.stream)
            yield PayerTotal(
                payer_id, file.name, number, file.claim_count, file.charge_amount_cents, is_new=True
            )

    def write_earlier(self) -> Iterator[PayerTotal]:
        """What earlier closes of the month wrote: the very same bytes again, so that the out folder is complete."""
        for recorded in self._state.interchanges(self._request.month):
            if self._request.payer_id not in (None, recorded.payer_id):
                continue
            stream = self._open_streams.enter_context(self._staging.open(recorded.file_name))
            for piece in self._state.interchange_bytes(recorded.control_number):
                stream.write(piece)
            written = self._staging.finish(recorded.file_name, "837P claims of an earlier close", stream)
            if written.sha256 != recorded.sha256:
                raise StateError(
                    f"{self._state.path}: the stored interchange {recorded.control_number:09d} is damaged: its digest "
                    "is not the one recorded; restore the state file from a copy"
                )
            self._write_forms(recorded.file_name, stream)
            yield PayerTotal(
                recorded.payer_id,
                recorded.file_name,
                recorded.control_number,
                recorded.claim_count,
                recorded.charge_amount_cents,
                is_new=False,
            )


def file_part(text: str) -> str:
    """A payer's id as a part of a file name."""
    return (
        "".join(character if character.isalnum() else "-" for character in text).strip("-").lower() or "payer"
    )
