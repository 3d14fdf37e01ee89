"""A plan's state in one SQLite file: the files taken in, what was decided, and the answers as they were written.

Append-only (triggers refuse changes), one writer at a time. What was met of a deductible is the sum over the claims
that stand, so that a reversal gives it back by itself.
"""

from __future__ import annotations

import json
import os
import sqlite3
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from importlib import resources
from pathlib import Path
from types import TracebackType
from typing import Final

from cocm import __version__
from cocm.basics.errors import StateError
from cocm.care.records import ClaimStatus
from cocm.plan.decision import Answer, ClaimDecisionMade, LineDecision
from cocm.plan.history import DecidedClaim, DecidedLine
from cocm.plan.records import Accumulator, MemberKey
from cocm.x12.remittance_record import Adjustment

_BUSY_TIMEOUT_SECONDS: Final = 30
_STATUSES: Final = {
    Answer.PAID: ClaimStatus.PAID,
    Answer.DENIED: ClaimStatus.DENIED,
    Answer.PENDED: ClaimStatus.ACCEPTED,
    Answer.FORWARDED: ClaimStatus.REJECTED,
    Answer.REVERSED: ClaimStatus.VOIDED,
}


@dataclass(frozen=True, slots=True)
class Batch:
    """A file that was taken in before. `last_control_number` is the last that its answers used."""

    sha256: str
    batch_number: int
    as_of_date: date
    received_date: date
    last_control_number: int


class PlanState:
    """The open state. Use as a context manager: leaving it without `commit` leaves the file as it was."""

    def __init__(self, path: Path | None, plan_id: str) -> None:
        """Open or create it; None: an empty one in memory. Raises `StateError` for another plan's, or none at all."""
        self.path = path
        try:
            if path is not None and not path.exists():
                os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
            self._connection = sqlite3.connect(
                str(path) if path is not None else ":memory:",
                timeout=_BUSY_TIMEOUT_SECONDS,
                isolation_level=None,
            )
        except (sqlite3.Error, OSError) as problem:
            raise StateError(f"{path}: cannot open the plan's state: {problem}") from problem
        try:
            self._connection.execute("PRAGMA foreign_keys = ON")
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

    # -- writing ---------------------------------------------------------------------------------------------------

    def record_claim(self, decision: ClaimDecisionMade, sha256: str) -> None:
        """Keep a decision, so that the next claim of the same file knows of it."""
        record = decision.record
        birth_date = record.patient.birth_date
        reversed_number = "" if decision.reversal is None else decision.reversal.claim_number
        takes_back = decision.settles or reversed_number or None
        year = decision.year if decision.lines else min(one.service_to_date for one in record.lines).year
        self._connection.execute(
            "INSERT INTO decided_claim VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                decision.claim_number,
                sha256,
                record.claim_id,
                record.member_id,
                "" if birth_date is None else str(birth_date),
                year,
                decision.answer.value,
                record.claim_filing_code,
                record.place_of_service_code,
                record.frequency_code,
                record.billing.identifier,
                takes_back,
            ),
        )
        waits = decision.answer is Answer.PENDED
        self._connection.executemany(
            "INSERT INTO decided_line VALUES (?, ?, ?, ?, ?)",
            [
                (
                    decision.claim_number,
                    place,
                    line.share.deductible_cents,
                    line.share.total_cents,
                    _line_text(decision, line, waits),
                )
                for place, line in enumerate(decision.lines)
            ],
        )

    def record_batch(self, batch: Batch, files: Mapping[str, bytes], rulebook_hash: str) -> None:
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
            [(batch.sha256, name, zlib.compress(content, level=1)) for name, content in files.items()],
        )


def _line_text(decision: ClaimDecisionMade, made: LineDecision, waits: bool) -> str:
    record, line = decision.record, made.line
    rendering = line.rendering or record.rendering
    answer = Answer.PENDED if waits else made.answer
    kept = DecidedLine(
        claim_number=decision.claim_number,
        claim_id=record.claim_id,
        claim_line_number=line.claim_line_number,
        line_control_number=line.line_control_number,
        service_from_date=line.service_from_date,
        service_to_date=line.service_to_date,
        hcpcs_code=line.hcpcs_code,
        modifiers=line.modifiers,
        service_unit_quantity=int(line.service_unit_quantity),
        billing_npi=record.billing.identifier,
        billing_tin=record.billing.tin,
        rendering_npi="" if rendering is None else rendering.identifier,
        frequency_code=record.frequency_code,
        status=_STATUSES[answer],
        charge_amount_cents=line.charge_amount_cents,
        allowed_amount_cents=made.allowed_amount_cents,
        paid_amount_cents=made.paid_amount_cents,
        deductible_cents=made.share.deductible_cents,
        member_share_cents=made.share.total_cents,
        adjustments=made.adjustments,
        remark_codes=made.remark_codes,
    )
    return json.dumps(asdict(kept), default=str, sort_keys=True)


def _line_from(text: str, is_reversed: bool) -> DecidedLine:
    kept = json.loads(text)
    kept["service_from_date"] = date.fromisoformat(kept["service_from_date"])
    kept["service_to_date"] = date.fromisoformat(kept["service_to_date"])
    kept["status"] = ClaimStatus.VOIDED if is_reversed else ClaimStatus(kept["status"])
    for name in ("modifiers", "remark_codes"):
        kept[name] = tuple(kept[name])
    kept["adjustments"] = tuple(
        Adjustment(one["group_code"], one["reason_code"], one["amount_cents"], None)
        for one in kept["adjustments"]
    )
    return DecidedLine(**kept)


def _statements(script: str) -> Iterable[str]:
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            yield pending
            pending = ""
