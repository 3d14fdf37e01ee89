"""A practice's state in one SQLite file: what was sent, under which control numbers, and every event.

WAL mode, `BEGIN IMMEDIATE`, one writer at a time: a month close holds the write lock from its first look to its
commit, so that two closes can never bill the same month twice. Events, claims and interchanges are append-only
(triggers refuse changes); events are hash-chained.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from importlib import resources
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final

from cocm.basics.errors import StateError
from cocm.basics.identity import Provenance
from cocm.basics.months import Month
from cocm.store.reading import connect_to_read, copied_into_memory

BUSY_TIMEOUT_SECONDS: Final = 30
PIECE_BYTES: Final = 1 << 20
PAGE_BYTES: Final = 4_096
CONTROL_NUMBER_MAX: Final = 999_999_999
CLAIMS_AT_ONCE: Final = 1_000
_FIRST_HASH: Final = "0" * 64
_compact_json: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class RecordedClaim:
    """A claim as the state keeps it."""

    claim_id: str
    patient_id: str
    month_index: int
    payer_id: str
    sequence: int
    content_hash: str
    frequency_code: str
    charge_amount_cents: int
    control_number: int


@dataclass(frozen=True, slots=True)
class RecordedInterchange:
    """An interchange as the state keeps it; `as_of_date` is the date in its envelope."""

    control_number: int
    payer_id: str
    month_index: int
    as_of_date: date
    file_name: str
    sha256: str
    byte_count: int
    claim_count: int
    charge_amount_cents: int


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, to which subject, with plain details (ids and counts only)."""

    kind: str
    subject_id: str
    detail: dict[str, str | int]


class PracticeState:
    """The open state file. Use as a context manager: leaving it without `commit` leaves the file as it was."""

    def __init__(
        self,
        path: Path | None,
        organization_id: str,
        *,
        is_read_only: bool = False,
        image: bytes | None = None,
    ) -> None:
        """Open (and create or migrate) the state; `path` None is a state in memory: `image`'s, or an empty one.

        `is_read_only` opens a state that is there to be read alone: nothing can be recorded, and neither a writer at
        work nor a file that may not be written is in the way. `image` is what `image()` of such a state gave: for
        whoever keeps the bytes of the file somewhere else than in a file.

        Raises `StateError` when the file is locked by another close, newer than this program, not a state file, or
        another practice's.
        """
        self.path = path
        self.is_read_only = is_read_only
        existed = path is not None and path.exists()
        self.is_new = not existed
        if path is not None and existed and path.is_file() and not path.stat().st_size:
            raise StateError(
                f"{path}: is empty; restore the state file from a copy, or delete it to begin anew"
            )
        try:
            if path is not None and not existed:
                path.parent.mkdir(parents=True, exist_ok=True)
                os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
            self._connection = self._connect()
            if image is not None:
                self._connection.deserialize(image)
        except (sqlite3.Error, OSError) as problem:
            raise StateError(f"{path}: cannot open the state file: {problem}") from problem
        try:
            if path is not None and not is_read_only:
                self._connection.execute("PRAGMA journal_mode = WAL")
            if path is None and image is None:
                self._connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
            self._connection.execute("PRAGMA foreign_keys = ON")
            if is_read_only and self._version() < len(_migrations()):
                self._connection = copied_into_memory(self._connection)
            self._connection.execute("BEGIN" if is_read_only else "BEGIN IMMEDIATE")
            self._migrate()
            self._check_owner(organization_id)
        except sqlite3.Error as problem:
            self._connection.close()
            raise StateError(f"{path}: {_plain(problem)}") from problem
        except StateError:
            self._connection.close()
            raise

    def __enter__(self) -> PracticeState:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def connection(self) -> sqlite3.Connection:
        """The open transaction, for the other tables of the state."""
        return self._connection

    def close(self) -> None:
        """Let go of the file; whatever was not committed is undone."""
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")
        self._connection.close()

    def commit(self) -> None:
        """Make everything recorded so far lasting."""
        try:
            self._connection.execute("COMMIT")
        except sqlite3.Error as problem:
            raise StateError(f"{self.path}: {_plain(problem)}") from problem

    def image(self) -> bytes:
        """The bytes of the state's file as of the last commit, pages of `PAGE_BYTES` each."""
        return self._connection.serialize()

    # -- reading ---------------------------------------------------------------------------------------------------

    def latest_claims(self, month: Month) -> dict[tuple[str, str], RecordedClaim]:
        """The last claim written for each (patient_id, payer_id) of a month."""
        return {(claim.patient_id, claim.payer_id): claim for claim in self.latest_claims_in_order(month)}

    def latest_claims_in_order(
        self, month: Month, of_patients: tuple[str, str] | None = None
    ) -> Iterator[RecordedClaim]:
        """The same one by one, by patient and payer; `of_patients`: from the first patient_id to the last."""
        between = " AND patient_id BETWEEN ? AND ?" if of_patients is not None else ""
        rows = self._connection.execute(
            "SELECT claim_id, patient_id, month_index, payer_id, sequence, content_hash, frequency_code,"
            f" charge_amount_cents, control_number FROM claim WHERE month_index = ?{between}"
            " ORDER BY patient_id, payer_id, sequence",
            (month.index, *(of_patients or ())),
        )
        for _, claims in groupby(rows, key=itemgetter(1, 3)):
            *_, last = claims
            yield RecordedClaim(*last)

    def find_claim(self, claim_id: str) -> RecordedClaim | None:
        """The claim of an id; None when this state never recorded it."""
        row = self._connection.execute(
            "SELECT claim_id, patient_id, month_index, payer_id, sequence, content_hash, frequency_code,"
            " charge_amount_cents, control_number FROM claim WHERE claim_id = ?",
            (claim_id,),
        ).fetchone()
        return RecordedClaim(*row) if row else None

    def interchanges(self, month: Month | None = None) -> list[RecordedInterchange]:
        """Every interchange written for a month, or all, oldest first."""
        condition, given = ("", ()) if month is None else (" WHERE month_index = ?", (month.index,))
        rows = self._connection.execute(
            "SELECT control_number, payer_id, month_index, as_of_date, file_name, sha256, byte_count, claim_count,"
            f" charge_amount_cents FROM interchange{condition} ORDER BY control_number",
            given,
        )
        return [
            RecordedInterchange(number, payer_id, month_index, date.fromisoformat(as_of), *rest)
            for number, payer_id, month_index, as_of, *rest in rows
        ]

    def interchange_bytes(self, control_number: int) -> Iterator[bytes]:
        """The bytes of an interchange as they were written, piece by piece."""
        rows = self._connection.execute(
            "SELECT zlib_bytes FROM interchange_piece WHERE control_number = ? ORDER BY piece_number",
            (control_number,),
        )
        for (piece,) in rows:
            yield zlib.decompress(piece)

    def next_control_number(self) -> int:
        """The next interchange control number: unique, never used again. Raises `StateError` after 999,999,999."""
        (last,) = self._connection.execute(
            "SELECT coalesce(max(control_number), 0) FROM interchange"
        ).fetchone()
        if last >= CONTROL_NUMBER_MAX:
            raise StateError(
                f"{self.path}: all {CONTROL_NUMBER_MAX:,} control numbers are used; start a new state file"
            )
        return int(last) + 1

    def events(self) -> Iterator[tuple[int, Event, str]]:
        """Every event with its number and hash, oldest first."""
        rows = self._connection.execute(
            "SELECT event_number, kind, subject_id, detail_json, event_hash FROM event"
        )
        for number, kind, subject_id, detail, event_hash in rows:
            yield number, Event(kind, subject_id, json.loads(detail)), event_hash

    def last_event(self) -> tuple[int, str]:
        """The last event's number and hash: they tell one stand of the state from every other."""
        found = self._connection.execute(
            "SELECT event_number, event_hash FROM event ORDER BY event_number DESC LIMIT 1"
        ).fetchone()
        return (int(found[0]), str(found[1])) if found else (0, _FIRST_HASH)

    def broken_event(self) -> int | None:
        """The number of the first event whose hash does not follow from the one before; None when all do."""
        previous = _FIRST_HASH
        rows = self._connection.execute(
            "SELECT event_number, kind, subject_id, as_of_date, detail_json, previous_hash, event_hash FROM event"
            " ORDER BY event_number"
        )
        for number, kind, subject_id, as_of_date, detail, previous_hash, event_hash in rows:
            if previous_hash != previous or event_hash != _event_hash(
                previous, kind, subject_id, as_of_date, detail
            ):
                return int(number)
            previous = event_hash
        return None

    def check_events(self) -> None:
        """Raises `StateError` when an event was changed, or a claim was added or taken away behind our back."""
        broken = self.broken_event()
        if broken is not None:
            raise StateError(f"{self.path}: event {broken} was changed; restore the state file from a copy")
        (claims,) = self._connection.execute("SELECT count(*) FROM claim").fetchone()
        (written,) = self._connection.execute(
            "SELECT count(*) FROM event WHERE kind = 'claim_written'"
        ).fetchone()
        if claims != written:
            raise StateError(
                f"{self.path}: holds {claims} claims, but {written} were written; restore the state file from a copy"
            )

    # -- writing ---------------------------------------------------------------------------------------------------

    def record_interchange(
        self,
        interchange: RecordedInterchange,
        source: BinaryIO,
        claims: Iterable[RecordedClaim],
        provenance: Provenance,
    ) -> None:
        """Keep an interchange, its bytes and its claims, with an event for each."""
        self._connection.execute(
            "INSERT INTO interchange VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                interchange.control_number,
                interchange.payer_id,
                interchange.month_index,
                str(interchange.as_of_date),
                interchange.file_name,
                interchange.sha256,
                interchange.byte_count,
                interchange.claim_count,
                interchange.charge_amount_cents,
            ),
        )
        piece_number = 0
        while piece := source.read(PIECE_BYTES):
            self._connection.execute(
                "INSERT INTO interchange_piece VALUES (?, ?, ?)",
                (interchange.control_number, piece_number, zlib.compress(piece, level=1)),
            )
            piece_number += 1
        written: dict[str, str | int] = {
            "payer_id": interchange.payer_id,
            "month": str(Month.from_index(interchange.month_index)),
            "claims": interchange.claim_count,
            "sha256": interchange.sha256,
        }
        event = Event("interchange_written", str(interchange.control_number), written)
        self.record_events([event], provenance.as_of_date)
        remaining = iter(claims)
        while some := tuple(islice(remaining, CLAIMS_AT_ONCE)):
            self._record_claims(some, provenance)

    def _record_claims(self, claims: Sequence[RecordedClaim], provenance: Provenance) -> None:
        carried = (
            str(provenance.as_of_date),
            provenance.schema_version,
            provenance.engine_version,
            provenance.rulebook_hash,
        )
        rows = [
            (
                claim.claim_id,
                claim.patient_id,
                claim.month_index,
                claim.payer_id,
                claim.sequence,
                claim.content_hash,
                claim.frequency_code,
                claim.charge_amount_cents,
                claim.control_number,
                *carried,
            )
            for claim in claims
        ]
        try:
            self._connection.executemany(
                "INSERT INTO claim VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows
            )
        except sqlite3.IntegrityError as problem:
            raise StateError(
                f"{self.path}: a claim of this interchange was written before: {problem}"
            ) from problem
        events = (
            Event(
                "claim_written",
                claim.claim_id,
                {
                    "content_hash": claim.content_hash,
                    "control_number": claim.control_number,
                    "frequency_code": claim.frequency_code,
                },
            )
            for claim in claims
        )
        self.record_events(events, provenance.as_of_date)

    def record_events(self, events: Iterable[Event], as_of_date: date) -> None:
        """Append events to the chain."""
        _, previous = self.last_event()
        rows = []
        day = str(as_of_date)
        for event in events:
            detail = _compact_json(event.detail)
            event_hash = _event_hash(previous, event.kind, event.subject_id, day, detail)
            rows.append((event.kind, event.subject_id, day, detail, previous, event_hash))
            previous = event_hash
        self._connection.executemany(
            "INSERT INTO event (kind, subject_id, as_of_date, detail_json, previous_hash, event_hash)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            rows,
        )

    def take_over(self, copy: PracticeState, begun_at: tuple[int, str]) -> None:
        """Record what was recorded in a copy of this state since `begun_at`, its `last_event` when it was made.

        Raises `StateError` where this state has moved on since: then what the copy was decided on is no longer so.
        """
        if self.last_event() != begun_at:
            raise StateError(
                f"{self.path}: another close or posting was recorded meanwhile; decide again on what stands now"
            )
        (number,) = self._connection.execute(
            "SELECT coalesce(max(control_number), 0) FROM interchange"
        ).fetchone()
        for table, order, after in (
            ("interchange", "control_number", number),
            ("interchange_piece", "control_number, piece_number", number),
            ("claim", "control_number, rowid", number),
            ("event", "event_number", begun_at[0]),
        ):
            key = order.partition(",")[0]
            rows = copy.connection.execute(
                f"SELECT * FROM {table} WHERE {key} > ? ORDER BY {order}", (after,)
            )
            places = ", ".join("?" * len(rows.description))
            self._connection.executemany(f"INSERT INTO {table} VALUES ({places})", rows)

    # -- opening ---------------------------------------------------------------------------------------------------

    def _connect(self) -> sqlite3.Connection:
        if self.path is not None and self.is_read_only:
            return connect_to_read(self.path, BUSY_TIMEOUT_SECONDS)
        return sqlite3.connect(
            str(self.path) if self.path is not None else ":memory:",
            timeout=BUSY_TIMEOUT_SECONDS,
            isolation_level=None,
        )

    def _version(self) -> int:
        return int(self._connection.execute("PRAGMA user_version").fetchone()[0])

    def _migrate(self) -> None:
        version = self._version()
        migrations = _migrations()
        if version > len(migrations):
            raise StateError(
                f"{self.path}: written by a newer version of this program (state {version}, this knows "
                f"{len(migrations)}); use that version, or another --state file"
            )
        if version == 0 and self._connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            raise StateError(f"{self.path}: a database, but not a practice state of this program")
        for number, text in enumerate(migrations[version:], start=version + 1):
            for statement in _statements(text):
                self._connection.execute(statement)
            self._connection.execute(f"PRAGMA user_version = {number}")

    def _check_owner(self, organization_id: str) -> None:
        owner = self._connection.execute("SELECT organization_id FROM practice").fetchone()
        if owner is None and self.is_read_only:
            raise StateError(f"{self.path}: belongs to no practice yet; close a month first (cocm close)")
        if owner is None:
            self._connection.execute("INSERT INTO practice VALUES (?)", (organization_id,))
        elif owner[0] != organization_id:
            raise StateError(
                f"{self.path}: belongs to organization {owner[0]}, not {organization_id}; "
                "give each practice its own --state"
            )


def _migrations() -> list[str]:
    folder = resources.files("cocm.store") / "migrations"
    files = sorted(
        (entry for entry in folder.iterdir() if entry.name.endswith(".sql")), key=lambda entry: entry.name
    )
    return [entry.read_text(encoding="utf-8") for entry in files]


def _statements(text: str) -> Iterator[str]:
    pending = ""
    for line in text.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            yield pending
            pending = ""


def _event_hash(previous: str, kind: str, subject_id: str, as_of_date: str, detail: str) -> str:
    return hashlib.sha256("\x1f".join((previous, kind, subject_id, as_of_date, detail)).encode()).hexdigest()


def _plain(problem: sqlite3.Error) -> str:
    if "locked" in str(problem):
        return f"another close holds the state file; wait for it to end and try again ({problem})"
    if "not a database" in str(problem):
        return f"not a state file of this program ({problem})"
    return str(problem)
