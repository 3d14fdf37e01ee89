"""A claim's packet: what it would hold, what is left out of it, and its sending. The core makes every byte."""

from __future__ import annotations

import csv
import hashlib
import tempfile
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from cocm.basics.errors import UnusableInput
from cocm.claims.lifecycle import ClaimEvent
from cocm.intake.documents import COLUMNS, FOLDER, INDEX
from cocm.receivables.packet import MadePacket, PacketRequest, make_packet
from cocm.rules.document_kinds import document_kinds
from cocm.server.access.actor import Actor
from cocm.server.access.permissions import Permission
from cocm.server.audit.trail import record
from cocm.server.audit.verbs import Verb
from cocm.server.claims.exchange import partner_of
from cocm.server.claims.folders import put
from cocm.server.denials.models import PatientDocument, Sending, SendingDraft
from cocm.server.denials.services import documents_of
from cocm.server.money.services import claim_of_patient
from cocm.server.open_books import open_books_of
from cocm.server.registry.models import Patient
from cocm.server.rules_in_force import rulebook
from cocm.server.work.services import work_recorded

PACKET: Final = "packet"
PACKET_TASK: Final = "collect_records"
PDF, CDA, ATTACHMENT = "pdf", "xml", "275"


@dataclass(frozen=True, slots=True)
class PacketPreview:
    """What a packet would hold, the patient's documents with whether each is chosen, and the open request."""

    made: MadePacket
    documents: tuple[tuple[PatientDocument, bool], ...]
    request: ClaimEvent | None
    asked_kinds: frozenset[str]


@contextmanager
def documents_folder(actor: Actor, patient: Patient, left_out: Collection[str]) -> Iterator[Path]:
    """The patient's documents, less those left out, as the folder that the core reads."""
    with tempfile.TemporaryDirectory(prefix="cocm-packet-") as name:
        home = Path(name)
        folder = home / FOLDER
        folder.mkdir()
        with (folder / INDEX).open("w", encoding="utf-8", newline="") as stream:
            rows = csv.writer(stream)
            rows.writerow(COLUMNS)
            kept = (
                PatientDocument.objects.of(actor).filter(patient=patient).order_by("service_date", "added_at")
            )
            for one in kept:
                if str(one.pk) in left_out:
                    continue
                file = f"{one.pk}.{one.ending}"
                (folder / file).write_bytes(zlib.decompress(bytes(one.content)))
                rows.writerow(
                    (
                        str(one.pk),
                        patient.patient_id,
                        one.service_date,
                        one.kind,
                        one.title,
                        file,
                        "yes" if one.is_part2 else "no",
                        one.part2_consent_date or "",
                    )
                )
        yield home


def left_out_of(*, actor: Actor, claim_id: str) -> frozenset[str]:
    """The documents that somebody left out of a claim's packet, by id."""
    draft = SendingDraft.objects.of(actor).filter(claim_id=claim_id, name=PACKET).first()
    return frozenset(draft.typed.get("left_out", ())) if draft is not None else frozenset()


def packet_preview(*, actor: Actor, today: date, patient: Patient, claim_id: str) -> PacketPreview:
    """What the packet would hold as things are. Raises `UnusableInput` for a claim that is not this patient's."""
    left_out = left_out_of(actor=actor, claim_id=claim_id)
    made, request = _made(actor, today, patient, claim_id, left_out, as_attachment=False)
    codes = {value for name, value in request.detail if name == "loinc"} if request is not None else set()
    asked = frozenset(kind.kind for kind in document_kinds(rulebook()).values() if kind.loinc_code in codes)
    documents = tuple(
        (one, str(one.pk) not in left_out) for one in documents_of(actor=actor, patient=patient)
    )
    return PacketPreview(made, documents, request, asked)


def packet_bytes(*, actor: Actor, today: date, patient: Patient, claim_id: str, kind: str) -> bytes:
    """The packet as one kind of file, as it would go out today."""
    actor.require(Permission.BILLING_VIEW)
    left_out = left_out_of(actor=actor, claim_id=claim_id)
    made, _ = _made(actor, today, patient, claim_id, left_out, as_attachment=kind == ATTACHMENT)
    record(
        actor,
        Verb.EXPORTED,
        object_type="packet",
        object_id=claim_id,
        patient_id=patient.pk,
        details={"format": kind, "documents": len(made.content.documents)},
    )
    return {PDF: made.pdf, CDA: made.cda, ATTACHMENT: made.attachment}[kind]


def _made(
    actor: Actor,
    today: date,
    patient: Patient,
    claim_id: str,
    left_out: Collection[str],
    *,
    as_attachment: bool,
) -> tuple[MadePacket, ClaimEvent | None]:
    with (
        documents_folder(actor, patient, left_out) as home,
        open_books_of(actor, today=today, documents=home) as books,
    ):
        standing = claim_of_patient(books, claim_id, patient)
        request = PacketRequest(
            books.request, standing.rows.claim.claim_id, home / "out", as_attachment=as_attachment
        )
        return make_packet(request), standing.timeline.open_request


@transaction.atomic
def packet_choose(
    *, actor: Actor, patient: Patient, claim_id: str, chosen: Collection[UUID]
) -> frozenset[str]:
    """Say which of the patient's documents go into a claim's packet; those left out."""
    actor.require(Permission.BILLING_EDIT)
    wanted = {str(one) for one in chosen}
    left_out = sorted(
        str(pk)
        for pk in documents_of(actor=actor, patient=patient).values_list("pk", flat=True)
        if str(pk) not in wanted
    )
    SendingDraft.objects.update_or_create(
        organization_id=actor.organization_id,
        claim_id=claim_id,
        name=PACKET,
        defaults={
            "patient": patient,
            "typed": {"left_out": left_out},
            "saved_at": timezone.now(),
            "saved_by_id": actor.user_id,
        },
    )
    record(
        actor,
        Verb.CHANGED,
        object_type="packet",
        object_id=claim_id,
        patient_id=patient.pk,
        details={"left_out": len(left_out)},
    )
    return frozenset(left_out)


@transaction.atomic
def packet_send(
    *,
    actor: Actor,
    patient: Patient,
    claim_id: str,
    way: str,
    sent_on: date,
    reference: str,
    confirmation: str,
    once_key: str,
    work_minutes: int | None = None,
) -> tuple[Sending, bool]:
    """Make the packet, put its sending on the claim's timeline, and keep the bytes; whether it is new.

    An attachment goes into the payer's exchange folder, where the installation names one. The same form again sends
    nothing. Raises `UnusableInput` for a claim that is not this patient's.
    """
    actor.require(Permission.BILLING_EDIT)
    left_out = left_out_of(actor=actor, claim_id=claim_id)
    is_attachment = way == Sending.Way.ATTACHMENT
    with (
        documents_folder(actor, patient, left_out) as home,
        open_books_of(actor, today=sent_on, to_write=True, documents=home) as books,
    ):
        known = (
            Sending.objects.of(actor).filter(once_key=once_key).first()
        )  # the books' lock keeps others waiting
        if known is not None:
            return known, False
        standing = claim_of_patient(books, claim_id, patient)
        if sent_on < standing.rows.charges[0].day:
            raise UnusableInput(f"--on {sent_on}: is before the claim went out; look at the year")
        made = make_packet(
            PacketRequest(books.request, claim_id, home / "out", reference, sent_on, is_attachment)
        )
        payer_id = standing.rows.claim.payer_id
    content = made.attachment if is_attachment else made.pdf
    digest = hashlib.sha256(content).hexdigest()
    partner = partner_of(actor, payer_id) if is_attachment else None
    assert actor.user_id is not None
    sending = Sending(
        organization_id=actor.organization_id,
        claim_id=claim_id,
        patient=patient,
        kind=Sending.Kind.PACKET,
        title=f"Packet, {len(made.content.documents)} documents, completeness {made.content.completeness_percent} %",
        way=way,
        reference=reference,
        confirmation=confirmation or ("put into the payer's folder" if partner is not None else ""),
        sent_on=sent_on,
        content=zlib.compress(content),
        ending=ATTACHMENT if is_attachment else PDF,
        sha256=digest,
        sent_by_id=actor.user_id,
        recorded_at=timezone.now(),
        once_key=once_key,
    )
    sending.full_clean(exclude=("organization", "patient", "sent_by"))
    sending.save(force_insert=True)
    record(
        actor,
        Verb.EXPORTED,
        object_type="packet sent",
        object_id=sending.pk,
        patient_id=patient.pk,
        details={"way": way, "documents": len(made.content.documents)},
    )
    work_recorded(
        actor=actor,
        task=PACKET_TASK,
        minutes=work_minutes,
        claim_id=claim_id,
        once_key=f"packet:{once_key}",
    )
    if partner is not None:  # last: where the folder cannot be written, nothing of it is recorded
        put(partner, f"{claim_id}-{digest[:8]}.{ATTACHMENT}", content)
    return sending, True
