"""A plan's state in one SQLite file: the files taken in, what was decided, and the answers as they were written.

Append-only (triggers refuse changes), one writer at a time. What was met of a deductible is the sum over the claims
that stand, so that a reversal gives it back by itself.
"""

from __future__ import annotations

import os
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, fields
from datetime import date
from functools import lru_cache, partial
from importlib import resources
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Final, NamedTuple

import orjson

from cocm import __version__
from cocm.basics.errors import StateError
from cocm.basics.records import maker
from cocm.care.records import ClaimStatus
from cocm.plan.decision import Answer, ClaimDecisionMade
from cocm.plan.history import DecidedClaim, DecidedLine
from cocm.plan.records import Accumulator, MemberKey
from cocm.plan.remembered import KEPT_MAX
from cocm.plandesk.member_file import KeptDecision, MemberFile, decided_line, taken_back_by, year_of
from cocm.x12.remittance_record import Adjustment

PAGE_BYTES: Final = 4_096
_BUSY_TIMEOUT_SECONDS: Final = 30
_MEMBERS_PER_QUERY: Final = 400
_ZLIB_LEVEL: Final = 1
_CACHE_KIBIBYTES: Final = 256 << 10
_STATUS_BY_TEXT: Final = {status.value: status for status in ClaimStatus}
_ANSWER_BY_TEXT: Final = {answer.value: answer for answer in Answer}
_decided_line = maker(DecidedLine)

ClaimRow = tuple[str, str, str, str, str, int, str, str, str, str, str, str | None]
LineRow = tuple[str, int, int, int, str]
MemberRows = dict[tuple[str, str], list[tuple[tuple[Any, ...], list[str]]]]
"""Of each member the claims, oldest first, each with the texts of its lines."""


@dataclass(frozen=True, slots=True)
class Batch:
    """A file that was taken in before. `last_control_number` is the last that its answers used."""

    sha256: str
    batch_number: int
    as_of_date: date
    received_date: date
    last_control_number: int


class Packed(NamedTuple):
    """An answer as the state keeps it."""

    zlib_bytes: bytes


class Packing:
    """An answer that is written, and packed for the state, as it grows."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self._packer = stream, zlib.compressobj(_ZLIB_LEVEL)
        self._parts: list[bytes] = []

    def write(self, part: bytes | memoryview) -> None:
        """The next bytes."""
        self._stream.write(part)
        if packed := self._packer.compress(part):
            self._parts.append(packed)

    def finish(self) -> Packed:
        """The whole, once."""
        return Packed(b"".join((*self._parts, self._packer.flush())))


class PlanState:
    """The open state. Use as a context manager: leaving it without `commit` leaves the file as it was."""

    def __init__(self, path: Path | None, plan_id: str, *, image: bytes | None = None) -> None:
        """Open or create it; None: one in memory, empty or of an `image`.

        `image` is what `image()` gave: for whoever keeps the bytes of the file somewhere else than in a file.
        Raises `StateError` for another plan's, or none at all.
        """
        self.path = path
        try:
            if path is not None and not path.exists():
                os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
            self._connection = sqlite3.connect(
                str(path) if path is not None else ":memory:",
                timeout=_BUSY_TIMEOUT_SECONDS,
                isolation_level=None,
            )
            if image is not None:
                self._connection.deserialize(image)
        except (sqlite3.Error, OSError) as problem:
            raise StateError(f"{path}: cannot open the plan's state: {problem}") from problem
        try:
            if path is None and image is None:
                self._connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
            self._connection.execute("PRAGMA foreign_keys = ON")
            self._connection.execute(f"PRAGMA cache_size = {-_CACHE_KIBIBYTES}")
            self._connection.execute("BEGIN IMMEDIATE")
            self._prepare(plan_id)
        except sqlite3.Error as problem:
            self._connection.close()
            raise StateError(f"{path}: cannot be used as a plan's state: {problem}") from problem
        except StateError:
            self._connection.close()
            raise

    def __enter__(self) -> PlanState:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")
        self._connection.close()

    @property
    def connection(self) -> sqlite3.Connection:
        """The open transaction, for the tables that the review desk keeps beside (`desk.sql`)."""
        return self._connection

    def commit(self) -> None:
        """Make everything recorded lasting."""
        try:
            self._connection.execute("COMMIT")
        except sqlite3.Error as problem:
            raise StateError(f"{self.path}: {problem}") from problem

    def image(self) -> bytes:
        """The bytes of the state's file as of the last commit, pages of `PAGE_BYTES` each."""
        return self._connection.serialize()

    def _prepare(self, plan_id: str) -> None:
        connection = self._connection
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'plan'").fetchone():
            if connection.execute("SELECT 1 FROM sqlite_master").fetchone():
                raise StateError(
                    f"{self.path}: is another program's database; name another file with --state"
                )
            script = resources.files("cocm.plandesk").joinpath("state.sql").read_text(encoding="utf-8")
            for statement in _statements(script):
                connection.execute(statement)
            connection.execute("INSERT INTO plan VALUES (?)", (plan_id,))
        desk = resources.files("cocm.plandesk").joinpath("desk.sql").read_text(encoding="utf-8")
        for statement in _statements(desk):
            connection.execute(statement)
        (owner,) = connection.execute("SELECT plan_id FROM plan").fetchone()
        if owner != plan_id:
            raise StateError(
                f"{self.path}: belongs to the plan {owner}, not {plan_id}; name another with --state"
            )

    # -- reading ---------------------------------------------------------------------------------------------------

    def find_batch(self, sha256: str) -> Batch | None:
        """The batch of a file's content; None where it was never taken in."""
        row = self._connection.execute(
            "SELECT sha256, batch_number, as_of_date, received_date, last_control_number FROM batch WHERE sha256 = ?",
            (sha256,),
        ).fetchone()
        if row is None:
            return None
        return Batch(row[0], row[1], date.fromisoformat(row[2]), date.fromisoformat(row[3]), row[4])

    def batch_files(self, sha256: str) -> dict[str, bytes]:
        """The answers of a batch as they were written."""
        rows = self._connection.execute(
            "SELECT file_name, zlib_bytes FROM batch_file WHERE sha256 = ? ORDER BY file_name", (sha256,)
        )
        return {name: zlib.decompress(content) for name, content in rows}

    def next_numbers(self) -> tuple[int, int]:
        """The next batch's number and the next control number."""
        batch, control = self._connection.execute(
            "SELECT coalesce(max(batch_number), 0), coalesce(max(last_control_number), 0) FROM batch"
        ).fetchone()
        return int(batch) + 1, int(control) + 1

    def history(self, member: MemberKey) -> tuple[DecidedLine, ...]:
        """Every line decided of a member, oldest first; those of claims taken back are voided."""
        rows = self._connection.execute(
            "SELECT line_json, EXISTS (SELECT 1 FROM decided_claim AS later WHERE later.takes_back = c.claim_number)"
            " FROM decided_claim AS c JOIN decided_line USING (claim_number)"
            " WHERE member_id = ? AND birth_date = ? ORDER BY c.rowid, place",
            (member[0], str(member[1])),
        )
        return tuple(_line_from(text, bool(is_reversed)) for text, is_reversed in rows)

    def met(self, member: MemberKey, year: int, opening: Accumulator, without: str = "") -> Accumulator:
        """What a member has met in a year: the opening amounts and the claims that stand, except the one named."""
        deductible, share = self._connection.execute(
            "SELECT coalesce(sum(deductible_cents), 0), coalesce(sum(member_share_cents), 0)"
            " FROM decided_claim AS c JOIN decided_line USING (claim_number)"
            " WHERE member_id = ? AND birth_date = ? AND year = ? AND answer = ? AND c.claim_number <> ?"
            " AND NOT EXISTS (SELECT 1 FROM decided_claim AS later WHERE later.takes_back = c.claim_number)",
            (member[0], str(member[1]), year, Answer.PAID.value, without),
        ).fetchone()
        return opening.plus(deductible, share)

    def find_claim(self, claim_number: str, member: MemberKey) -> DecidedClaim | None:
        """A claim of a member that was paid or denied, by the plan's own number."""
        row = self._connection.execute(
            "SELECT claim_id, year, claim_filing_code, place_of_service_code, frequency_code, billing_npi,"
            " EXISTS (SELECT 1 FROM decided_claim AS later WHERE later.takes_back = c.claim_number)"
            " FROM decided_claim AS c WHERE claim_number = ? AND member_id = ? AND birth_date = ? AND answer IN (?, ?)",
            (claim_number, member[0], str(member[1]), Answer.PAID.value, Answer.DENIED.value),
        ).fetchone()
        if row is None:
            return None
        lines = self._connection.execute(
            "SELECT line_json FROM decided_line WHERE claim_number = ? ORDER BY place", (claim_number,)
        )
        claim_id, year, filing_code, place, frequency_code, billing_npi, is_reversed = row
        return DecidedClaim(
            claim_number=claim_number,
            claim_id=claim_id,
            year=year,
            claim_filing_code=filing_code,
            place_of_service_code=place,
            frequency_code=frequency_code,
            billing_npi=billing_npi,
            is_reversed=bool(is_reversed),
            lines=tuple(_line_from(one, False) for (one,) in lines),
        )

    def member_rows(self, members: Iterable[MemberKey]) -> MemberRows:
        """What was decided of some members, read at once, as plain values (see `member_files`)."""
        found: MemberRows = {(member_id, str(birth_date)): [] for member_id, birth_date in members}
        for claim, lines in self._claims_of(list(found)):
            found[claim[0], claim[1]].append((claim[3:], lines))
        return found

    def _claims_of(self, members: Sequence[tuple[str, str]]) -> Iterator[tuple[tuple[Any, ...], list[str]]]:
        """Every claim of some members with the texts of its lines, each member's oldest first."""
        for at in range(0, len(members), _MEMBERS_PER_QUERY):
            some = members[at : at + _MEMBERS_PER_QUERY]
            rows = self._connection.execute(
                f"WITH wanted (member_id, birth_date) AS (VALUES {', '.join(['(?, ?)'] * len(some))})"
                " SELECT c.member_id, c.birth_date, c.rowid, c.claim_number, c.claim_id, c.year, c.answer,"
                " c.claim_filing_code, c.place_of_service_code, c.frequency_code, c.billing_npi,"
                " EXISTS (SELECT 1 FROM decided_claim AS later WHERE later.takes_back = c.claim_number), line_json"
                " FROM wanted CROSS JOIN decided_claim AS c USING (member_id, birth_date)"
                " LEFT JOIN decided_line AS l ON l.claim_number = c.claim_number ORDER BY c.rowid, l.place",
                [one for member in some for one in member],
            )
            for _, of_claim in groupby(rows, key=itemgetter(2)):
                together = list(of_claim)
                yield together[0][:-1], [row[-1] for row in together if row[-1] is not None]

    # -- writing ---------------------------------------------------------------------------------------------------

    def record_claim(self, decision: ClaimDecisionMade, sha256: str) -> None:
        """Keep a decision, so that the next claim of the same file knows of it."""
        self.record_claims((decision,), sha256)

    def record_claims(self, decisions: Sequence[ClaimDecisionMade], sha256: str) -> None:
        """Keep decisions of one file in their order."""
        self.record_rows(*decision_rows(decisions, sha256))

    def record_rows(self, claims: Sequence[ClaimRow], lines: Sequence[LineRow]) -> None:
        """Keep decisions that are rows already (see `decision_rows`)."""
        self._connection.executemany(
            "INSERT INTO decided_claim VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", claims
        )
        self._connection.executemany("INSERT INTO decided_line VALUES (?, ?, ?, ?, ?)", lines)

    def record_batch(self, batch: Batch, files: Mapping[str, bytes | Packed], rulebook_hash: str) -> None:
        """Keep a batch with its answers."""
        self._connection.execute(
            "INSERT INTO batch VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                batch.sha256,
                batch.batch_number,
                str(batch.as_of_date),
                str(batch.received_date),
                batch.last_control_number,
                rulebook_hash,
                __version__,
            ),
        )
        self._connection.executemany(
            "INSERT INTO batch_file VALUES (?, ?, ?)",
            [
                (
                    batch.sha256,
                    name,
                    content.zlib_bytes
                    if isinstance(content, Packed)
                    else zlib.compress(content, _ZLIB_LEVEL),
                )
                for name, content in files.items()
            ],
        )


def opened(state: PlanState | Path | None, plan_id: str) -> AbstractContextManager[PlanState]:
    """The state of a path (None: an empty one), opened and closed; or one that is open, which its owner will close."""
    if isinstance(state, PlanState):
        return nullcontext(state)
    return PlanState(state, plan_id)


def member_files(rows: MemberRows) -> dict[MemberKey, MemberFile]:
    """The members' files, from what the state holds of them."""
    return {
        (member_id, date.fromisoformat(birth_date)): MemberFile(partial(_kept_decisions, claims))
        for (member_id, birth_date), claims in rows.items()
    }


def decision_rows(
    decisions: Iterable[ClaimDecisionMade], sha256: str
) -> tuple[list[ClaimRow], list[LineRow]]:
    """Decisions as rows of the claims' and the lines' table."""
    claims: list[ClaimRow] = []
    lines: list[LineRow] = []
    for decision in decisions:
        record = decision.record
        birth_date = record.patient.birth_date
        claims.append(
            (
                decision.claim_number,
                sha256,
                record.claim_id,
                record.member_id,
                "" if birth_date is None else str(birth_date),
                decision.year if decision.lines else year_of(decision),
                decision.answer.value,
                record.claim_filing_code,
                record.place_of_service_code,
                record.frequency_code,
                record.billing.identifier,
                taken_back_by(decision),
            )
        )
        for place, made in enumerate(decision.lines):
            line = decided_line(decision, made)
            lines.append(
                (line.claim_number, place, line.deductible_cents, line.member_share_cents, _line_text(line))
            )
    return claims, lines


def _line_text(line: DecidedLine) -> str:
    """A line as a JSON list, its fields in the order of `DecidedLine`."""
    return orjson.dumps(
        (
            line.claim_number,
            line.claim_id,
            line.claim_line_number,
            line.line_control_number,
            line.service_from_date,
            line.service_to_date,
            line.hcpcs_code,
            line.modifiers,
            line.service_unit_quantity,
            line.billing_npi,
            line.billing_tin,
            line.rendering_npi,
            line.frequency_code,
            line.status.value,
            line.charge_amount_cents,
            line.allowed_amount_cents,
            line.paid_amount_cents,
            line.deductible_cents,
            line.member_share_cents,
            [(one.group_code, one.reason_code, one.amount_cents) for one in line.adjustments],
            line.remark_codes,
        )
    ).decode()


def _line_from(text: str, is_reversed: bool) -> DecidedLine:
    kept = orjson.loads(text)
    if isinstance(kept, dict):  # as it was written first
        kept["adjustments"] = [
            (one["group_code"], one["reason_code"], one["amount_cents"]) for one in kept["adjustments"]
        ]
        kept = [kept[field.name] for field in fields(DecidedLine)]
    kept[4], kept[5] = date.fromisoformat(kept[4]), date.fromisoformat(kept[5])
    kept[7] = tuple(kept[7])
    kept[13] = ClaimStatus.VOIDED if is_reversed else _STATUS_BY_TEXT[kept[13]]
    kept[19] = tuple([_adjustment(*one) for one in kept[19]])
    kept[20] = tuple(kept[20])
    return _decided_line(*kept)


@lru_cache(maxsize=KEPT_MAX)
def _adjustment(group_code: str, reason_code: str, cents: int) -> Adjustment:
    return Adjustment(group_code, reason_code, cents, None)


def _kept_decisions(rows: Iterable[tuple[Sequence[Any], list[str]]]) -> list[KeptDecision]:
    return [_kept_decision(claim, lines) for claim, lines in rows]


def _kept_decision(claim: Sequence[Any], lines: Sequence[str]) -> KeptDecision:
    """A claim of the table with its lines' texts."""
    number, claim_id, year, answer, filing_code, place, frequency_code, billing_npi, is_reversed = claim
    kept_lines = tuple([_line_from(text, False) for text in lines])
    return KeptDecision(
        _ANSWER_BY_TEXT[answer],
        DecidedClaim(
            number,
            claim_id,
            year,
            filing_code,
            place,
            frequency_code,
            billing_npi,
            bool(is_reversed),
            kept_lines,
        ),
    )


def _statements(script: str) -> Iterable[str]:
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            yield pending
            pending = ""
