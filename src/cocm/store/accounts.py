"""The accounts after the claim as the state holds them: what was charged, decided and done for a patient-month."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import groupby, islice
from typing import Any, Final

from cocm.claims.submission import VOID
from cocm.remits.account import AccountAction, ActionKind, Charge, PostedDecision
from cocm.remits.decision import DecisionStatus
from cocm.remits.posting import Posting
from cocm.store.state import RecordedClaim

_DECISION_COLUMNS = (
    "d.decision_id, d.payment_id, p.payment_date, d.payer_claim_control_number, d.status_code, d.charge_cents,"
    " d.paid_cents, d.contractual_cents, d.sequestration_cents, d.protected_cents, d.prior_payer_cents,"
    " d.patient_cents, d.disputed_cents, d.denied_cents, d.difference_cents"
)
_CLAIM_COLUMNS = (
    "claim_id, patient_id, month_index, payer_id, sequence, content_hash, frequency_code, charge_amount_cents,"
    " control_number"
)

_DECIDED = (
    f"SELECT d.claim_id, {_DECISION_COLUMNS} FROM json_each(?) wanted"
    " CROSS JOIN decision d ON d.claim_id = wanted.value CROSS JOIN payment p ON p.payment_id = d.payment_id"
    f" UNION ALL SELECT m.claim_id, {_DECISION_COLUMNS} FROM json_each(?) wanted"
    " CROSS JOIN decision_match m ON m.claim_id = wanted.value"
    " CROSS JOIN decision d ON d.decision_id = m.decision_id CROSS JOIN payment p ON p.payment_id = d.payment_id"
)
ACCOUNTS_AT_ONCE: Final = 500
_Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class AccountRows:
    """Everything on file for one patient-month with one payer. `claims` are in the order they were sent.

    `claim_of_decision` says by its id which of them each decision was matched to.
    """

    claims: tuple[RecordedClaim, ...]
    charges: tuple[Charge, ...]
    decisions: tuple[PostedDecision, ...]
    actions: tuple[AccountAction, ...]
    claim_of_decision: Mapping[str, str]

    @property
    def claim(self) -> RecordedClaim:
        """The last claim sent."""
        return self.claims[-1]


def read_accounts(
    connection: sqlite3.Connection,
    claim_id: str | None = None,
    files: Sequence[str] = (),
    claims: Collection[str] | None = None,
) -> Iterator[AccountRows]:
    """The accounts by month, patient and payer: all, or a claim's, or those that `files` (digests) decided on.

    `claims` are the accounts of some claims (of none: none).

    Some hundred are read at once: memory stays flat, and the state is not asked for each.
    """
    condition, given = _which(claim_id, files, claims)
    rows_of_claims = connection.execute(
        f"SELECT {_CLAIM_COLUMNS}, as_of_date FROM claim {condition}"
        " ORDER BY month_index, patient_id, payer_id, sequence",
        given,
    )
    accounts = (list(rows) for _, rows in groupby(rows_of_claims, key=lambda row: (row[2], row[1], row[3])))
    while some := list(islice(accounts, ACCOUNTS_AT_ONCE)):
        yield from _accounts(connection, some)


def _which(
    claim_id: str | None, files: Sequence[str], claims: Collection[str] | None
) -> tuple[str, tuple[str, ...]]:
    """The condition on claims, and what is put into it."""
    if claims is not None:
        return (
            "WHERE (patient_id, month_index, payer_id) IN (SELECT patient_id, month_index, payer_id FROM claim"
            " WHERE claim_id IN (SELECT value FROM json_each(?)))"
        ), (json.dumps(sorted(claims)),)
    if files:
        return (
            "WHERE (patient_id, month_index, payer_id) IN (SELECT c.patient_id, c.month_index, c.payer_id"
            " FROM decision d LEFT JOIN decision_match m USING (decision_id)"
            " JOIN claim c ON c.claim_id = coalesce(d.claim_id, m.claim_id)"
            " WHERE d.sha256 IN (SELECT value FROM json_each(?)))"
        ), (json.dumps(list(files)),)
    if claim_id is not None:
        return (
            "WHERE (patient_id, month_index, payer_id) ="
            " (SELECT patient_id, month_index, payer_id FROM claim WHERE claim_id = ?)"
        ), (claim_id,)
    return "", ()


def _accounts(connection: sqlite3.Connection, accounts: Sequence[Sequence[_Row]]) -> Iterator[AccountRows]:
    """Accounts from the rows of their claims, with two looks at the state for all of them."""
    wanted = (json.dumps([row[0] for rows in accounts for row in rows]),)
    decisions: dict[str, list[_Row]] = {}
    for row in connection.execute(_DECIDED, wanted * 2):
        decisions.setdefault(row[0], []).append(row)
    actions: dict[str, list[AccountAction]] = {}
    for claim_id, action_id, kind, day, cents in connection.execute(
        "SELECT claim_id, action_id, kind, day, amount_cents FROM account_action"
        " WHERE claim_id IN (SELECT value FROM json_each(?)) ORDER BY action_id",
        wanted,
    ):
        actions.setdefault(claim_id, []).append(AccountAction(action_id, ActionKind(kind), _day(day), cents))
    for rows in accounts:
        matched = [row for claim in rows for row in decisions.get(claim[0], ())]
        matched.sort(key=lambda row: row[1])
        claims = tuple(RecordedClaim(*row[:9]) for row in rows)
        yield AccountRows(
            claims,
            tuple(_charge(claim, row[9]) for claim, row in zip(claims, rows, strict=True)),
            tuple(_posted_decision(row[1:]) for row in matched),
            tuple(action for claim in claims for action in actions.get(claim.claim_id, ())),
            {row[1]: row[0] for row in matched},
        )


def _charge(claim: RecordedClaim, day: str) -> Charge:
    return Charge(claim.claim_id, _day(day), 0 if claim.frequency_code == VOID else claim.charge_amount_cents)


def _posted_decision(row: _Row) -> PostedDecision:
    decision_id, payment_id, payment_date, number, code, *amounts = row
    status = DecisionStatus(code)
    return PostedDecision(
        decision_id=decision_id,
        payment_id=payment_id,
        payment_date=_day(payment_date),
        payer_claim_control_number=number,
        sequence=status.sequence,
        is_reversal=status.is_reversal,
        is_forwarded=status.is_forwarded,
        posting=Posting(*amounts),
    )


_day = lru_cache(maxsize=4_000)(date.fromisoformat)
