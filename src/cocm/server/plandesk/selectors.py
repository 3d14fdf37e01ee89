"""Reading the plan's books for pages. A look at claims leaves an event: they name members."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from cocm.basics.errors import UnusableInput
from cocm.plandesk.desk_tables import KeptClaim, KeptDocument, document_bytes, kept_claims
from cocm.plandesk.desk_view import ClaimView, Queue, queue, view
from cocm.plandesk.member_file import root_of
from cocm.plandesk.out_folder import SUMMARY
from cocm.server.access.actor import Actor
from cocm.server.audit.trail import record
from cocm.server.audit.verbs import Verb
from cocm.server.plandesk.desk import Desk

CLAIMS_A_PAGE: Final = 100


@dataclass(frozen=True, slots=True)
class ClaimFile:
    """A file that was taken in, or a run of the desk, with what it came to; `files` are names with sizes."""

    sha256: str
    number: int
    decided_date: date
    received_date: date
    summary: dict[str, Any]
    files: tuple[tuple[str, int], ...]

    @property
    def is_run(self) -> bool:
        """Whether a person made it at the desk."""
        return "action" in self.summary


@dataclass(frozen=True, slots=True)
class LineageStep:
    """One decision of a claim: when, what, by whom, and where its answers lie."""

    claim: KeptClaim
    decided_date: date
    reviewer: str
    action: str
    reason: str
    note: str
    paid_cents: int
    member_share_cents: int


def queue_seen(desk: Desk) -> Queue:
    """What waits for a person."""
    found = queue(desk.file)
    _seen(desk.actor, len(found.claims))
    return found


def _seen(actor: Actor, count: int) -> None:
    if count:
        record(
            actor, Verb.PATIENTS_SEEN, object_type="plan_claims", object_id="list", details={"claims": count}
        )


def standing_claims(desk: Desk, *, query: str = "", answer: str = "", sha256: str = "") -> list[KeptClaim]:
    """The decisions that stand, newest first; those that a query names, of an answer, of a file."""
    found = [
        claim
        for claim in kept_claims(desk.state)
        if not claim.is_taken_back
        and (not answer or claim.answer.value == answer)
        and (not sha256 or claim.batch_sha256 == sha256)
        and (not query or _names(claim, query))
    ]
    return found[::-1]


def claims_seen(desk: Desk, claims: Iterable[KeptClaim]) -> list[KeptClaim]:
    """The claims that a page shows."""
    shown = list(claims)
    _seen(desk.actor, len(shown))
    return shown


def _names(claim: KeptClaim, query: str) -> bool:
    asked = query.strip().casefold()
    named = (claim.claim_number, claim.claim_id, claim.billing_npi, claim.member[0] if claim.member else "")
    return any(asked in one.casefold() for one in named)


def claim_seen(desk: Desk, claim_number: str) -> ClaimView | None:
    """One claim with its checklist and what stands beside it; None where there is none of the number."""
    if not any(True for _ in kept_claims(desk.state, claim_number)):
        return None
    try:
        found = view(desk.file, root_of(claim_number))
    except UnusableInput:  # replaced or voided by a later claim: that one stands
        return None
    record(
        desk.actor, Verb.CHART_OPENED, object_type="plan_claim", object_id=root_of(found.claim.claim_number)
    )
    return found


def lineage_of(desk: Desk, claim: KeptClaim) -> list[LineageStep]:
    """Every decision of a claim, newest first."""
    steps = []
    for one in desk.file.lineage(root_of(claim.claim_number)):
        trace = desk.file.trace(one)
        review = trace.get("review") or {}
        steps.append(
            LineageStep(
                one,
                desk.file.decided_date(one),
                review.get("reviewer", ""),
                review.get("action", ""),
                review.get("reason", ""),
                review.get("note", ""),
                trace.get("paid_amount_cents", 0),
                trace.get("member_share_cents", 0),
            )
        )
    return steps[::-1]


def claim_files(desk: Desk) -> list[ClaimFile]:
    """Every file that was taken in and every run of the desk, newest first."""
    rows = desk.state.connection.execute(
        "SELECT b.sha256, batch_number, as_of_date, received_date, zlib_bytes FROM batch AS b"
        " LEFT JOIN batch_file AS f ON f.sha256 = b.sha256 AND file_name = ? ORDER BY batch_number DESC",
        (SUMMARY,),
    ).fetchall()
    return [
        ClaimFile(
            sha256,
            number,
            date.fromisoformat(decided),
            date.fromisoformat(received),
            {} if packed is None else json.loads(zlib.decompress(packed)),
            (),
        )
        for sha256, number, decided, received, packed in rows
    ]


def claim_file(desk: Desk, sha256: str) -> ClaimFile | None:
    """One of them with its answers; None for a hash that was never taken in."""
    batch = desk.state.find_batch(sha256)
    if batch is None:
        return None
    files = desk.state.batch_files(sha256)
    sizes = tuple((name, len(content)) for name, content in sorted(files.items()))
    return ClaimFile(
        sha256, batch.batch_number, batch.as_of_date, batch.received_date, json.loads(files[SUMMARY]), sizes
    )


def answer_file(desk: Desk, sha256: str, name: str) -> bytes | None:
    """A file of a batch's answers as it was written; the export leaves an event."""
    if desk.state.find_batch(sha256) is None:
        return None
    content = desk.state.batch_files(sha256).get(name)
    if content is not None:
        record(
            desk.actor,
            Verb.EXPORTED,
            object_type="plan_answer",
            object_id=sha256[:32],
            details={"bytes": len(content)},
        )
    return content


def document_of(desk: Desk, claim_number: str, sha256: str) -> tuple[KeptDocument, bytes] | None:
    """A document that came in about a claim."""
    root = root_of(claim_number)
    for one in desk.file.documents.get(root, ()):
        if one.sha256 == sha256:
            record(desk.actor, Verb.EXPORTED, object_type="plan_record", object_id=sha256[:32])
            return one, document_bytes(desk.state, one)
    return None
