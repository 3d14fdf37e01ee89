"""Payers' files coming in: recognised by what they hold, taken into the books once, and told with all their faults.

Each file is taken in by itself, all of it or nothing, so that one that cannot be read loses no other. What a file is
called and where it came from decides nothing.
"""

from __future__ import annotations

import hashlib
import io
import re
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from cocm.basics.errors import CocmError, UnusableInput, X12Error
from cocm.receivables.post import match_certain, post_stream
from cocm.receivables.practice_books import OpenBooks
from cocm.receivables.status import take_in_status
from cocm.server.access.actor import Actor
from cocm.server.access.permissions import Permission
from cocm.server.audit.trail import record
from cocm.server.audit.verbs import Verb
from cocm.server.claims.models import Arrival, FileState, ReceivedFile
from cocm.server.open_books import open_books_of
from cocm.x12 import Problem, detect
from cocm.x12.validate import validate

REMITTANCE: Final = "835"
ELIGIBILITY: Final = "271"
STATUSES: Final = frozenset({"TA1", "999", "277"})
OURS: Final = frozenset({"837", "270", "276", "275"})
PROBLEMS_KEPT_MAX: Final = 200
IDS_KEPT_MAX: Final = 1_000
_NAME_MAX: Final = 120
_UNPLAIN: Final = re.compile(r"[^\w .()+-]+")
_REFUSED_EMPTY: Final = "is empty"


@dataclass(frozen=True, slots=True)
class Arrived:
    """What became of one file. `is_known`: its content was taken in before, and nothing was done."""

    file: ReceivedFile
    is_known: bool = False


@dataclass(frozen=True, slots=True)
class Incoming:
    """A file as it comes: its name, and its bytes; None where it is above the limit and was not read."""

    name: str
    content: bytes | None


def receive(*, actor: Actor, files: Iterable[Incoming], arrival: Arrival, today: date) -> list[Arrived]:
    """Take files in, each by itself; those that cannot be are told with the reason."""
    actor.require(Permission.BILLING_EDIT)
    return [_receive(actor, one, arrival, today) for one in files]


def _receive(actor: Actor, incoming: Incoming, arrival: Arrival, today: date) -> Arrived:
    content = incoming.content or b""
    digest = hashlib.sha256(content).hexdigest()
    known = _taken(actor, digest)
    if known is not None:
        return Arrived(known, is_known=True)
    file = ReceivedFile(
        organization_id=actor.organization_id,
        sha256=digest,
        file_name=plain_name(incoming.name),
        byte_count=len(content),
        arrival=arrival,
        state=FileState.TAKEN,
        received_at=timezone.now(),
        received_by_id=actor.user_id,
    )
    try:
        with transaction.atomic():
            if incoming.content is None:
                raise UnusableInput(_too_large())
            _take_in(actor, file, content, today)
    except CocmError as problem:
        return Arrived(_refused(actor, file, str(problem)))
    except IntegrityError:  # the same file came in twice at once, and the other was first
        known = _taken(actor, digest)
        if known is None:
            raise
        return Arrived(known, is_known=True)
    return Arrived(file)


def _taken(actor: Actor, digest: str) -> ReceivedFile | None:
    return ReceivedFile.objects.of(actor).filter(sha256=digest, state=FileState.TAKEN).first()


def _take_in(actor: Actor, file: ReceivedFile, content: bytes, today: date) -> None:
    """Everything about one file in one transaction: the books, its row, the trail."""
    if len(content) > bytes_max():
        raise UnusableInput(_too_large())
    kinds = recognised(content)
    file.kinds = ", ".join(kinds)[: ReceivedFile._meta.get_field("kinds").max_length]
    file.packed = zlib.compress(content, 6)
    problems = faults_of(content)
    file.problem_count = len(problems)
    file.problems = [_problem(one) for one in problems[:PROBLEMS_KEPT_MAX]]
    if kinds[0].startswith(ELIGIBILITY):
        from cocm.server.claims.eligibility import take_answers  # it looks the patients up

        file.save(force_insert=True)
        file.figures = take_answers(actor=actor, file=file, content=content, today=today)
    else:
        with open_books_of(actor, today=today, to_write=True) as books:
            file.figures = booked(books, file.file_name, content, kinds)
            books.state.commit()
        file.save(force_insert=True)
    file.needs_look = bool(problems) or waits(file.figures)
    file.save()
    record(
        actor,
        Verb.IMPORTED,
        object_type="payer_file",
        object_id=file.pk,
        details={"kinds": list(kinds), "bytes": file.byte_count},
    )


def recognised(content: bytes) -> tuple[str, ...]:
    """The kinds of transactions in a file. Raises `UnusableInput` where none is a payer's answer, or they are mixed."""
    if not content.strip():
        raise UnusableInput(_REFUSED_EMPTY)
    try:
        kinds = tuple(f"{one.transaction} {one.version}".strip() for one in detect(content))
    except X12Error as problem:
        raise UnusableInput(f"cannot be read as X12: {problem}") from problem
    found = {kind.partition(" ")[0] for kind in kinds}
    if not kinds:
        raise UnusableInput("holds no transaction")
    own = sorted(found & OURS)
    if own:
        raise UnusableInput(f"is a file of ours ({', '.join(own)}), not a payer's answer")
    groups = [name for name, members in _GROUPS.items() if found & members]
    if not groups or found - frozenset().union(*_GROUPS.values()):
        raise UnusableInput(f"holds {', '.join(sorted(found))}; expected TA1, 999, 277CA, 277, 271 or 835")
    if len(groups) > 1:
        raise UnusableInput(
            f"holds {' and '.join(sorted(groups))}; ask the sender for one file a kind (or `cocm x12 split`)"
        )
    return kinds


_GROUPS: Final = {
    "remittances": frozenset({REMITTANCE}),
    "eligibility answers": frozenset({ELIGIBILITY}),
    "statuses": STATUSES,
}


def booked(books: OpenBooks, name: str, content: bytes, kinds: Sequence[str]) -> dict[str, Any]:
    """Take a file into open books; what it brought. Whoever opened the books commits."""
    if kinds[0].startswith(REMITTANCE):
        return _posted(books, name, content)
    taken = take_in_status(books, name, content)
    match_certain(books)
    return {
        "statements": taken.statements,
        "new_events": taken.new_events,
        "matched": taken.statements - len(taken.unknown_claims),
        "rejected": taken.rejected[:IDS_KEPT_MAX],
        "requested": [
            [claim_id, str(due) if due is not None else ""]
            for claim_id, due in taken.requested[:IDS_KEPT_MAX]
        ],
        "unknown_claims": taken.unknown_claims[:IDS_KEPT_MAX],
        "unknown_files": taken.unknown_files[:IDS_KEPT_MAX],
        "was_in_books": taken.is_known,
    }


def _posted(books: OpenBooks, name: str, content: bytes) -> dict[str, Any]:
    result = post_stream(books, name, io.BytesIO(content))
    (file,) = result.files
    flagged, waiting = dict(result.totals.flagged), frozenset(result.unmatched)
    return {
        "payments": [
            {
                "payment_id": sums.payment.payment_id,
                "payer": sums.payment.payer_name,
                "date": str(sums.payment.payment_date),
                "trace": sums.payment.trace_number,
                "cents": sums.payment.paid_amount_cents,
                "claims": sums.claim_count,
                "is_reconciled": found.is_reconciled,
                "why": found.explanation,
            }
            for sums, found in result.payments
            if sums.payment.payment_id in file.payment_ids
        ],
        "decisions": file.decisions,
        "new_decisions": file.new_decisions,
        "other_claims": file.other_claims,
        "unmatched": [one for one in file.unmatched if one in waiting][:IDS_KEPT_MAX],
        "claims": [rows.claim.claim_id for rows, _, _ in books.stands([file.sha256])][:IDS_KEPT_MAX],
        "sums": dict(result.totals.sums),
        "flagged": sorted(flagged)[:IDS_KEPT_MAX],
        "was_in_books": file.is_known,
    }


def waits(figures: dict[str, Any]) -> bool:
    """Whether somebody has to look: rejected, unknown, unmatched, or a payment that does not add up."""
    return any(
        (
            figures.get("rejected"),
            figures.get("unknown_claims"),
            figures.get("unknown_files"),
            figures.get("unknown_patients"),
            figures.get("refused"),
            figures.get("unmatched"),
            any(not one["is_reconciled"] for one in figures.get("payments", ())),
        )
    )


def _refused(actor: Actor, file: ReceivedFile, why: str) -> ReceivedFile:
    """Keep that a file came and was refused; it may come again, mended."""
    longest = ReceivedFile._meta.get_field("refusal").max_length
    file.state, file.needs_look, file.packed, file.figures = FileState.REFUSED, True, b"", {}
    file.refusal = _without_name(why, file.file_name)[:longest]
    file.save(force_insert=True)
    record(
        actor,
        Verb.REFUSED_FILE,
        object_type="payer_file",
        object_id=file.pk,
        details={"bytes": file.byte_count},
    )
    return file


def _without_name(why: str, name: str) -> str:
    return why.removeprefix(f"{name}: ")


def bytes_max() -> int:
    """The site's limit for one file (COCM_UPLOAD_MEGABYTES)."""
    return int(settings.UPLOAD_MEGABYTES) * 1024**2


def _too_large() -> str:
    return (
        f"has more than {settings.UPLOAD_MEGABYTES} MB (COCM_UPLOAD_MEGABYTES); `cocm x12 split` makes smaller "
        "files of it"
    )


def faults_of(content: bytes) -> tuple[Problem, ...]:
    """The faults of form, as far as they are kept; taking a file in does not depend on them."""
    try:
        return validate(content, problems_max=PROBLEMS_KEPT_MAX)
    except CocmError:
        return ()


def _problem(problem: Problem) -> dict[str, Any]:
    """A fault for the page; it holds no value of the file but codes, counts and amounts."""
    return {
        "row": problem.segment_number,
        "place": problem.element or problem.segment_tag,
        "claim_id": problem.claim_id,
        "what": problem.what,
        "expected": problem.expected,
        "fix": problem.fix,
    }


def plain_name(given: str) -> str:
    """A file's name as it is kept: its last part, in plain characters."""
    name = _UNPLAIN.sub("-", given.replace("\\", "/").rpartition("/")[2]).strip(" .-")
    return name[-_NAME_MAX:] or "file"


def looked_at(*, actor: Actor, file: ReceivedFile) -> None:
    """Somebody saw to what the file said."""
    actor.require(Permission.BILLING_EDIT)
    file.needs_look, file.looked_at, file.looked_by_id = False, timezone.now(), actor.user_id
    file.save(update_fields=("needs_look", "looked_at", "looked_by"))
    record(actor, Verb.CHANGED, object_type="payer_file", object_id=file.pk)
