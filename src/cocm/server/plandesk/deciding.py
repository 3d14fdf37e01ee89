"""What people at the desk do: take claims in, decide them, take records in, correct in bulk. The core decides.

Each is one transaction with the plan's books; the answers are kept in them and can be had again.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from django.db import transaction

from cocm.basics.errors import UnusableInput
from cocm.plan.mistakes import ErringPlan
from cocm.plan.record_triggers import RecordsRead
from cocm.plandesk.adjudicate import Adjudicated, AdjudicationRequest, adjudicate_file
from cocm.plandesk.correct import CorrectionRequest, correct_claims
from cocm.plandesk.decide import Action, DeskRequest, DeskResult, decide_claim
from cocm.plandesk.plan_letters import LetterForm
from cocm.plandesk.take_records import TakenRecords, take_records
from cocm.server.access.actor import Actor
from cocm.server.access.permissions import Permission
from cocm.server.accounts.models import User
from cocm.server.audit.trail import record
from cocm.server.audit.verbs import Verb
from cocm.server.plandesk.desk import open_desk

CLAIM_FILE: Final = "claims.837"
UPLOAD_BYTES_MAX: Final = 50 << 20


@dataclass(frozen=True, slots=True)
class Preview:
    """What a correction in bulk would do: its totals and the table of changes, with nothing kept."""

    summary: Mapping[str, Any]
    changes: bytes


def reviewer_of(actor: Actor) -> str:
    """The name that stands in the trace."""
    name = User.objects.filter(pk=actor.user_id).values_list("full_name", flat=True).first()
    return name or "the system"


@transaction.atomic
def claims_take_in(
    *,
    actor: Actor,
    content: bytes,
    received_date: date,
    as_of_date: date | None = None,
    erring: ErringPlan | None = None,
) -> Adjudicated:
    """Decide a claim file. The same file again is known, and gives the answers of then.

    `erring` makes the demonstration's plan err; no page asks for it.
    """
    actor.require(Permission.PLAN_DESK)
    with open_desk(actor, to_write=True, today=as_of_date) as desk, _scratch() as folder:
        path = folder / CLAIM_FILE
        path.write_bytes(content)
        request = AdjudicationRequest(
            path, folder / "out", desk.state, desk.today, received_date, erring=erring
        )
        made = adjudicate_file(request, desk.book, desk.rulebook)
    record(
        actor,
        Verb.IMPORTED,
        object_type="claim_file",
        object_id=made.summary["sha256"][:32],
        details={"claims": made.summary["claims"], "known_before": made.decided_before is not None},
    )
    return made


@transaction.atomic
def claim_decide(
    *,
    actor: Actor,
    claim: str,
    action: Action,
    reason: str = "",
    line_numbers: Sequence[int] = (),
    note: str = "",
    read: RecordsRead | None = None,
    as_of_date: date | None = None,
) -> DeskResult:
    """Accept, deny or decide a claim again in the name of the acting person. Raises `UnusableInput`, saying why not."""
    actor.require(Permission.PLAN_DESK)
    with open_desk(actor, to_write=True, today=as_of_date) as desk, _scratch() as folder:
        request = DeskRequest(
            claim=claim,
            action=action,
            reviewer=reviewer_of(actor),
            as_of_date=desk.today,
            out=folder / "out",
            state=desk.state,
            reason=reason,
            line_numbers=tuple(line_numbers),
            note=note,
            read=read,
            letters=LetterForm.PDF,
        )
        made = decide_claim(request, desk.book, desk.rulebook)
    verb = Verb.CORRECTED if made.summary["earlier_claim_number"] else Verb.CHANGED
    details = {"action": str(action), "reason": reason, "answer": made.summary["answer"]}
    record(actor, verb, object_type="plan_claim", object_id=made.summary["claim_number"], details=details)
    return made


@transaction.atomic
def records_take_in(
    *, actor: Actor, claim: str, documents: Mapping[str, bytes], received_date: date
) -> TakenRecords:
    """Keep documents of a claim, or of the claims that a 275 names (`claim` empty)."""
    actor.require(Permission.PLAN_DESK)
    if not documents:
        raise UnusableInput("no document was chosen")
    with open_desk(actor, to_write=True) as desk, _scratch() as folder:
        if claim:
            path = folder / "records"
            (path / claim).mkdir(parents=True)
            for name, content in documents.items():
                (path / claim / Path(name).name).write_bytes(content)
        else:
            (name, content), *more = documents.items()
            if more:
                raise UnusableInput("one 275 file at a time")
            path = folder / Path(name).name
            path.write_bytes(content)
        taken = take_records(path, received_date, desk.state, desk.book)
    details = {"documents": taken.documents, "unmatched": len(taken.unmatched)}
    record(actor, Verb.IMPORTED, object_type="plan_records", object_id=claim or "275", details=details)
    return taken


@transaction.atomic
def claims_correct(*, actor: Actor, rule: str, from_date: date, to_date: date, note: str = "") -> DeskResult:
    """Correct what a wrongful rule or mistake decided, with interest, refunds and letters."""
    actor.require(Permission.PLAN_DESK)
    with open_desk(actor, to_write=True) as desk, _scratch() as folder:
        request = _correction(desk, folder, actor, rule, from_date, to_date, note, is_applied=True)
        made = correct_claims(request, desk.book, desk.rulebook)
    details = {"rule": rule, "claims": made.summary["claims_changed"]}
    record(actor, Verb.CORRECTED, object_type="plan_claims", object_id=rule, details=details)
    return made


def correction_preview(*, actor: Actor, rule: str, from_date: date, to_date: date) -> Preview:
    """What `claims_correct` would do."""
    actor.require(Permission.PLAN_DESK)
    with open_desk(actor, to_write=True) as desk, _scratch() as folder:
        request = _correction(desk, folder, actor, rule, from_date, to_date, "", is_applied=False)
        made = correct_claims(request, desk.book, desk.rulebook)
        return Preview(made.summary, (request.out / "changes.csv").read_bytes())


def _correction(
    desk: Any,
    folder: Path,
    actor: Actor,
    rule: str,
    from_date: date,
    to_date: date,
    note: str,
    *,
    is_applied: bool,
) -> CorrectionRequest:
    return CorrectionRequest(
        rule=rule,
        from_date=from_date,
        to_date=to_date,
        reviewer=reviewer_of(actor),
        as_of_date=desk.today,
        out=folder / "out",
        state=desk.state,
        note=note,
        is_applied=is_applied,
        letters=LetterForm.PDF if is_applied else LetterForm.NONE,
    )


@contextmanager
def _scratch() -> Iterator[Path]:
    """A folder for the core's files, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="cocm-desk-") as name:
        yield Path(name)
