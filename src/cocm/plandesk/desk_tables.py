"""What the review desk keeps in the plan's state: claims as they came in, requests for records, records, its runs."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from cocm.basics.errors import StateError
from cocm.plan.balances import BalanceMove, Payee
from cocm.plan.decision import Answer
from cocm.plan.record_requests import RecordRequest
from cocm.plan.records import MemberKey
from cocm.plandesk.state import Packed, PlanState

_SEPARATOR: Final = ";"
_KEPT: Final = (
    "SELECT claim_number, sha256, claim_id, member_id, birth_date, year, answer, billing_npi,"
    " EXISTS (SELECT 1 FROM decided_claim AS later WHERE later.takes_back = c.claim_number)"
    " FROM decided_claim AS c"
)


@dataclass(frozen=True, slots=True)
class KeptClaim:
    """A decided claim in the state. `is_taken_back`: a later decision stands in its place.

    `member` is None where the claim did not tell the patient's birth date.
    """

    claim_number: str
    batch_sha256: str
    claim_id: str
    member: MemberKey | None
    year: int
    answer: Answer
    billing_npi: str
    is_taken_back: bool


@dataclass(frozen=True, slots=True)
class KeptDocument:
    """A document that came in about a claim; its `request_number` is empty where nobody had asked."""

    claim_number: str
    sha256: str
    request_number: str
    received_date: date
    file_name: str
    byte_count: int


@dataclass(frozen=True, slots=True)
class DeskRun:
    """Something that the desk did, known by what was asked of it."""

    batch_sha256: str
    action: str
    request: str
    reviewer: str
    decided_date: date


# -- claims ------------------------------------------------------------------------------------------------------------


def packed_input(content: bytes) -> Packed:
    """A claim file as the state keeps it."""
    return Packed(zlib.compress(content, level=1))


def keep_input(state: PlanState, sha256: str, content: Packed) -> None:
    """Keep a claim file as it came in, so that its claims can be decided again."""
    state.connection.execute("INSERT INTO batch_input VALUES (?, ?)", (sha256, content.zlib_bytes))


def batch_input(state: PlanState, sha256: str) -> bytes:
    """A claim file as it came in. Raises `StateError` for one that was taken in before files were kept."""
    row = state.connection.execute(
        "SELECT zlib_bytes FROM batch_input WHERE sha256 = ?", (sha256,)
    ).fetchone()
    if row is None:
        raise StateError(
            f"{state.path}: the claim file {sha256[:12]} was taken in by a version that kept no claim files; "
            "its claims cannot be decided again from here"
        )
    content: bytes = zlib.decompress(row[0])
    return content


def kept_claims(state: PlanState, claim_number: str = "") -> Iterator[KeptClaim]:
    """Every decided claim in the order it was decided, or those of a number or of a sender's claim id."""
    where = " WHERE claim_number = ?1 OR claim_id = ?1" if claim_number else ""
    rows = state.connection.execute(
        f"{_KEPT}{where} ORDER BY c.rowid",  # the two texts above, no value
        (claim_number,) if claim_number else (),
    )
    return map(_claim, rows.fetchall())


def lineage(state: PlanState, root: str) -> tuple[KeptClaim, ...]:
    """A claim with the later decisions of it, oldest first."""
    rows = state.connection.execute(
        f"{_KEPT} WHERE claim_number = ? OR claim_number GLOB ? ORDER BY c.rowid", (root, f"{root}.*")
    )
    return tuple(map(_claim, rows))


def taken_back_by_claim(state: PlanState, root: str) -> tuple[str, ...]:
    """The plan's numbers of the decisions that a claim's decisions took back, its own earlier ones among them."""
    rows = state.connection.execute(
        "SELECT takes_back FROM decided_claim WHERE (claim_number = ? OR claim_number GLOB ?) AND takes_back <> ''",
        (root, f"{root}.*"),
    )
    return tuple(number for (number,) in rows)


def claims_of_member(state: PlanState, member: MemberKey) -> tuple[KeptClaim, ...]:
    """A member's decided claims in the order they were decided."""
    rows = state.connection.execute(
        f"{_KEPT} WHERE member_id = ? AND birth_date = ? ORDER BY c.rowid", (member[0], str(member[1]))
    )
    return tuple(map(_claim, rows))


def members_decided(state: PlanState) -> tuple[MemberKey, ...]:
    """Everybody with a decided claim, in order."""
    rows = state.connection.execute(
        "SELECT DISTINCT member_id, birth_date FROM decided_claim WHERE birth_date <> '' ORDER BY member_id, birth_date"
    )
    return tuple((member_id, date.fromisoformat(birth_date)) for member_id, birth_date in rows)


def claims_of_batch(state: PlanState, sha256: str) -> tuple[KeptClaim, ...]:
    """The claims that a batch decided."""
    rows = state.connection.execute(f"{_KEPT} WHERE sha256 = ? ORDER BY c.rowid", (sha256,))
    return tuple(map(_claim, rows))


def batches_between(state: PlanState, first: date, last: date) -> tuple[tuple[str, date], ...]:
    """The batches that were decided from one day to another, both included, oldest first, with their days."""
    rows = state.connection.execute(
        "SELECT sha256, as_of_date FROM batch WHERE as_of_date BETWEEN ? AND ? ORDER BY batch_number",
        (str(first), str(last)),
    )
    return tuple((sha256, date.fromisoformat(day)) for sha256, day in rows)


def _claim(row: tuple[str, str, str, str, str, int, str, str, int]) -> KeptClaim:
    number, sha256, claim_id, member_id, birth_date, year, answer, billing_npi, is_taken_back = row
    member = (member_id, date.fromisoformat(birth_date)) if birth_date else None
    return KeptClaim(number, sha256, claim_id, member, year, Answer(answer), billing_npi, bool(is_taken_back))


# -- requests and records ----------------------------------------------------------------------------------------------


def keep_request(state: PlanState, request: RecordRequest) -> None:
    """Keep a request that goes out."""
    state.connection.execute(
        "INSERT INTO record_request VALUES (?, ?, ?, ?, ?, ?)",
        (
            request.request_number,
            request.claim_number,
            str(request.asked_date),
            "" if request.due_date is None else str(request.due_date),
            _SEPARATOR.join(request.edit_ids),
            _SEPARATOR.join(request.loinc_codes),
        ),
    )


def requests(state: PlanState) -> dict[str, RecordRequest]:
    """Every request by the plan's number of its claim."""
    rows = state.connection.execute(
        "SELECT request_number, claim_number, asked_date, due_date, edit_ids, loinc_codes FROM record_request"
        " ORDER BY rowid"
    )
    return {row[1]: _request(row) for row in rows}


def _request(row: tuple[str, str, str, str, str, str]) -> RecordRequest:
    number, claim_number, asked, due, edit_ids, codes = row
    return RecordRequest(
        number,
        claim_number,
        date.fromisoformat(asked),
        date.fromisoformat(due) if due else None,
        tuple(filter(None, edit_ids.split(_SEPARATOR))),
        tuple(filter(None, codes.split(_SEPARATOR))),
    )


def keep_document(
    state: PlanState,
    claim_number: str,
    request_number: str,
    received_date: date,
    file_name: str,
    content: bytes,
) -> bool:
    """Keep a document of a claim; false where the claim has the same one already."""
    digest = hashlib.sha256(content).hexdigest()
    done = state.connection.execute(
        "INSERT OR IGNORE INTO record_document VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            claim_number,
            digest,
            request_number,
            str(received_date),
            file_name,
            len(content),
            zlib.compress(content),
        ),
    )
    return done.rowcount == 1


def documents(state: PlanState) -> dict[str, tuple[KeptDocument, ...]]:
    """The documents by the plan's number of their claim, in the order they came in."""
    rows = state.connection.execute(
        "SELECT claim_number, sha256, request_number, received_date, file_name, byte_count FROM record_document"
        " ORDER BY rowid"
    )
    found: dict[str, list[KeptDocument]] = {}
    for number, digest, request_number, received, file_name, byte_count in rows:
        document = KeptDocument(
            number, digest, request_number, date.fromisoformat(received), file_name, byte_count
        )
        found.setdefault(number, []).append(document)
    return {number: tuple(held) for number, held in found.items()}


def document_bytes(state: PlanState, document: KeptDocument) -> bytes:
    """A document as it came in."""
    (content,) = state.connection.execute(
        "SELECT zlib_bytes FROM record_document WHERE claim_number = ? AND sha256 = ?",
        (document.claim_number, document.sha256),
    ).fetchone()
    return zlib.decompress(content)


# -- runs --------------------------------------------------------------------------------------------------------------


def keep_run(state: PlanState, run: DeskRun) -> None:
    """Keep what the desk did; its batch is in the state already."""
    state.connection.execute(
        "INSERT INTO desk_run VALUES (?, ?, ?, ?, ?)",
        (run.batch_sha256, run.action, run.request, run.reviewer, str(run.decided_date)),
    )


def last_run(state: PlanState, action: str, request: str) -> DeskRun | None:
    """The last run of the same request; None where there was none."""
    row = state.connection.execute(
        "SELECT sha256, action, request, reviewer, decided_date FROM desk_run WHERE action = ? AND request = ?"
        " ORDER BY rowid DESC LIMIT 1",
        (action, request),
    ).fetchone()
    if row is None:
        return None
    sha256, action, request, reviewer, day = row
    return DeskRun(sha256, action, request, reviewer, date.fromisoformat(day))


def keep_interest(state: PlanState, paid: Iterable[tuple[str, int, int]]) -> None:
    """Keep what was paid for being late: the plan's number of the claim, the cents, the days."""
    state.connection.executemany("INSERT INTO interest_paid VALUES (?, ?, ?)", list(paid))


def open_balances(state: PlanState) -> dict[Payee, list[tuple[str, int]]]:
    """What billers owe of payments that would have fallen below nothing: references with cents, oldest first."""
    rows = state.connection.execute(
        "SELECT billing_npi, billing_tin, reference, -sum(cents) FROM forward_balance"
        " GROUP BY billing_npi, billing_tin, reference HAVING sum(cents) < 0 ORDER BY min(rowid)"
    )
    found: dict[Payee, list[tuple[str, int]]] = {}
    for npi, tin, reference, cents in rows:
        found.setdefault((npi, tin), []).append((reference, int(cents)))
    return found


def keep_balances(state: PlanState, sha256: str, moves: Iterable[BalanceMove]) -> None:
    """Keep what a batch's payments carried forward and recovered."""
    state.connection.executemany(
        "INSERT INTO forward_balance VALUES (?, ?, ?, ?, ?)",
        [(sha256, *move.payee, move.reference, move.cents) for move in moves],
    )
