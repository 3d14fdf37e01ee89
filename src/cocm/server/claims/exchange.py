"""Batches: the interchanges of claims that closes wrote, whether they were handed over, and what came back for them."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils import timezone

from cocm.basics.errors import UnusableInput
from cocm.basics.months import Month
from cocm.claims.lifecycle import ClaimEventKind
from cocm.server.access.actor import Actor
from cocm.server.access.permissions import Permission
from cocm.server.accounts.models import Organization
from cocm.server.audit.trail import record
from cocm.server.audit.verbs import Verb
from cocm.server.books.port import practice_books
from cocm.server.claims.folders import Partner, partner_for, put
from cocm.server.claims.models import Handover, Way
from cocm.server.registry.models import Patient
from cocm.store.remittances import Remittances
from cocm.store.state import PracticeState, RecordedInterchange

_OF_THE_FILE = (ClaimEventKind.FILE_ACCEPTED, ClaimEventKind.FILE_REJECTED)


@dataclass(frozen=True, slots=True)
class Batch:
    """An interchange. `accepted` and `rejected` are its claims by what the payer said of the file's form."""

    written: RecordedInterchange
    handovers: tuple[Handover, ...]
    accepted: int
    rejected: int
    partner: Partner | None

    @property
    def month(self) -> Month:
        return Month.from_index(self.written.month_index)

    @property
    def put_at(self) -> datetime | None:
        """When it was put into the payer's folder."""
        return next((one.handed_over_at for one in self.handovers if one.way == Way.FOLDER), None)

    @property
    def is_answered(self) -> bool:
        return bool(self.accepted or self.rejected)

    @property
    def waits(self) -> bool:
        """Whether nobody handed it over, as far as anybody can tell."""
        return not (self.handovers or self.is_answered)


def batches(*, actor: Actor, control_numbers: Iterable[int] | None = None) -> list[Batch]:
    """Every batch, the newest first; or some, by their control numbers."""
    key = _key(actor)
    of_batch: dict[int, list[Handover]] = defaultdict(list)
    for handover in Handover.objects.of(actor).order_by("handed_over_at").select_related("handed_over_by"):
        of_batch[handover.control_number].append(handover)
    wanted = None if control_numbers is None else set(control_numbers)
    found = []
    with practice_books(actor) as books:
        remittances = Remittances(books)
        for written in reversed(books.interchanges()):
            if wanted is not None and written.control_number not in wanted:
                continue
            accepted, rejected = _answered(remittances, written.control_number)
            found.append(
                Batch(
                    written,
                    tuple(of_batch[written.control_number]),
                    accepted,
                    rejected,
                    partner_for(key, written.payer_id),
                )
            )
    return found


def _answered(remittances: Remittances, control_number: int) -> tuple[int, int]:
    """How many of a batch's claims the payer's acknowledgments of its form took, and how many they refused."""
    claim_ids = remittances.claims_of_interchange(control_number)
    last: dict[str, ClaimEventKind] = {}
    for event in (
        sorted(remittances.claim_events(claim_ids), key=lambda event: event.day) if claim_ids else ()
    ):
        if event.kind in _OF_THE_FILE:
            last[event.claim_id] = event.kind
    kinds = list(last.values())
    return kinds.count(ClaimEventKind.FILE_ACCEPTED), kinds.count(ClaimEventKind.FILE_REJECTED)


@transaction.atomic
def hand_over_as_file(*, actor: Actor, control_number: int) -> tuple[str, bytes]:
    """A batch's name and bytes for somebody who takes it to the payer; the trail has it."""
    actor.require(Permission.BILLING_VIEW)
    actor.require(Permission.DATA_EXPORT)
    with practice_books(actor) as books:
        written, content, patients = _read(actor, books, control_number)
    _kept(actor, written, Way.DOWNLOAD).save(force_insert=True)
    _told(actor, Verb.EXPORTED, written, patients)
    return written.file_name, content


@transaction.atomic
def put_into_folder(*, actor: Actor, control_number: int) -> Handover:
    """Put a batch into its payer's folder, once.

    Raises `UnusableInput` where it lies there already, has no folder, or the folder cannot be written.
    """
    actor.require(Permission.BILLING_EDIT)
    with practice_books(actor) as books:
        written, content, patients = _read(actor, books, control_number)
    partner = partner_for(_key(actor), written.payer_id)
    if partner is None:
        raise UnusableInput("no folder is set up for this payer (COCM_EXCHANGE_FOLDERS)")
    handover = _kept(actor, written, Way.FOLDER)
    try:
        with transaction.atomic():
            handover.save(force_insert=True)
    except IntegrityError as problem:
        raise UnusableInput("it was put into the payer's folder before; a batch is sent once") from problem
    put(partner, written.file_name, content)
    _told(actor, Verb.HANDED_OVER, written, patients)
    return handover


def _read(
    actor: Actor, books: PracticeState, control_number: int
) -> tuple[RecordedInterchange, bytes, list[str]]:
    written = next((one for one in books.interchanges() if one.control_number == control_number), None)
    if written is None:
        raise Http404
    content = b"".join(books.interchange_bytes(control_number))
    if hashlib.sha256(content).hexdigest() != written.sha256:
        raise UnusableInput(
            f"batch {control_number:09d} is not what was written; the books were tampered with"
        )
    claims = Remittances(books).claims_of_interchange(control_number)
    found = (books.find_claim(claim_id) for claim_id in claims)
    patient_ids = {claim.patient_id for claim in found if claim is not None}
    pks = Patient.objects.of(actor).filter(patient_id__in=patient_ids).values_list("pk", flat=True)
    return written, content, sorted(map(str, pks))


def _kept(actor: Actor, written: RecordedInterchange, way: Way) -> Handover:
    return Handover(
        organization_id=actor.organization_id,
        control_number=written.control_number,
        way=way,
        file_name=written.file_name,
        sha256=written.sha256,
        handed_over_at=timezone.now(),
        handed_over_by_id=actor.user_id,
    )


def _told(actor: Actor, verb: Verb, written: RecordedInterchange, patients: list[str]) -> None:
    record(
        actor,
        verb,
        object_type="batch",
        object_id=f"{written.control_number:09d}",
        details={"claims": written.claim_count, "patients": patients},
    )


def partner_of(actor: Actor, payer_id: str) -> Partner | None:
    """The folder that the acting person's organization shares with a payer, if the installation names one."""
    return partner_for(_key(actor), payer_id)


def _key(actor: Actor) -> str:
    found: str = Organization.objects.values_list("key", flat=True).get(pk=actor.organization_id)
    return found
