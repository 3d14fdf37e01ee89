"""How far the state's tables have grown, and which claims what was added since bears on.

Rows are only ever added. So what was worked out from the first rows of each table holds as long as those rows are the
very same ones, which a digest of their ids tells; what came after them names the claims to look at again.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

_NAMED_BY: Final = {
    "claim": "claim_id || control_number || content_hash",
    "payment": "payment_id || sha256",
    "decision": "decision_id || sha256",
    "decision_match": "decision_id || claim_id",
    "claim_event": "event_id || coalesce(sha256, '')",
    "account_action": "action_id",
}
"""The tables that an account is worked out from, and what tells a row of each from every other."""
_CLAIMS_ADDED: Final = (
    "SELECT claim_id FROM claim WHERE rowid > :claim",
    "SELECT claim_id FROM decision WHERE rowid > :decision AND claim_id IS NOT NULL",
    "SELECT m.claim_id FROM decision d JOIN decision_match m USING (decision_id) WHERE d.rowid > :decision",
    "SELECT claim_id FROM decision_match WHERE rowid > :decision_match",
    "SELECT claim_id FROM claim_event WHERE rowid > :claim_event",
    "SELECT claim_id FROM account_action WHERE rowid > :account_action",
)


@dataclass(frozen=True, slots=True)
class Growth:
    """The last row of each table, and a digest of all rows up to there."""

    last_rows: tuple[tuple[str, int], ...]
    digest: str


def growth(connection: sqlite3.Connection, up_to: Growth | None = None) -> Growth:
    """How far the tables have grown now; or what the rows are up to where they once stood."""
    rows = dict(up_to.last_rows) if up_to is not None else {}
    digest = hashlib.sha256()
    last_rows = []
    for table, name in _NAMED_BY.items():
        if up_to is None:
            (last,) = connection.execute(f"SELECT coalesce(max(rowid), 0) FROM {table}").fetchone()
        else:
            last = rows[table]
        (ids,) = connection.execute(
            f"SELECT group_concat({name}, ' ') FROM (SELECT * FROM {table} WHERE rowid <= ? ORDER BY rowid)",
            (last,),
        ).fetchone()
        digest.update((ids or "").encode() + b"\n")
        last_rows.append((table, int(last)))
    return Growth(tuple(last_rows), digest.hexdigest())


def claims_added_to(connection: sqlite3.Connection, since: Growth) -> set[str]:
    """The claims that something was recorded about since then."""
    found: set[str] = set()
    for statement in _CLAIMS_ADDED:
        named = {name: last for name, last in since.last_rows if f":{name}" in statement}
        found.update(row[0] for row in connection.execute(statement, named))
    return found


def claims_of_payments(connection: sqlite3.Connection, payment_ids: Collection[str]) -> set[str]:
    """The claims that some payments decided on."""
    rows = connection.execute(
        "SELECT coalesce(d.claim_id, m.claim_id) FROM decision d LEFT JOIN decision_match m USING (decision_id)"
        " WHERE d.payment_id IN (SELECT value FROM json_each(?))",
        (json.dumps(sorted(payment_ids)),),
    )
    return {row[0] for row in rows if row[0] is not None}
