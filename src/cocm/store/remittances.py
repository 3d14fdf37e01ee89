"""The state's tables of what came back: payments, decisions, and which claim each decision belongs to.

Rows are added, never changed; adding one that is there changes nothing. Everything else is worked out from them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from operator import attrgetter

from cocm.claims.lifecycle import ClaimEvent, ClaimEventKind
from cocm.claims.submission import VOID
from cocm.remits.account import AccountAction, ActionKind, Charge, PostedDecision
from cocm.remits.decision import (
    AdjustmentAmount,
    ClaimDecision,
    DecidedLine,
    DecisionStatus,
    Payment,
    ProviderAdjustmentAmount,
)
from cocm.remits.payment import occurrences
from cocm.remits.posting import Posting
from cocm.store.state import Event, PracticeState, RecordedClaim

_DECISION_COLUMNS = (
    "d.decision_id, d.payment_id, p.payment_date, d.payer_claim_control_number, d.status_code, d.charge_cents,"
    " d.paid_cents, d.contractual_cents, d.sequestration_cents, d.protected_cents, d.prior_payer_cents,"
    " d.patient_cents, d.disputed_cents, d.denied_cents, d.difference_cents"
)
_CLAIM_COLUMNS = (
    "claim_id, patient_id, month_index, payer_id, sequence, content_hash, frequency_code, charge_amount_cents,"
    " control_number"
)

_CACHE_KIB = 64 * 1024
_DECISION_ID = attrgetter("decision_id")


@dataclass(frozen=True, slots=True)
class ReceivedFile:
    """A file that was taken in; its content's digest is its name."""

    sha256: str
    kind: str
    file_name: str
    byte_count: int


@dataclass(frozen=True, slots=True)
class PaymentSums:
    """A payment with what its stored decisions come to, in cents."""

    payment: Payment
    claims_paid_cents: int
    other_claims_paid_cents: int
    claim_count: int
    other_claim_count: int
    unbalanced_claims: int


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


class Remittances:
    """The part of an open state that remittances are kept in."""

    def __init__(self, state: PracticeState) -> None:
        self._connection = state.connection
        # The keys are digests: new rows fall anywhere in their trees, which must be at hand for that.
        self._connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        self._state = state

    # -- writing ---------------------------------------------------------------------------------------------------

    def has_file(self, sha256: str) -> bool:
        """Whether a file of this content was taken in before."""
        return bool(
            self._connection.execute("SELECT 1 FROM received_file WHERE sha256 = ?", (sha256,)).fetchone()
        )

    def add_file(self, received: ReceivedFile, as_of_date: date) -> None:
        """Note a file, with an event in the chain."""
        self._connection.execute(
            "INSERT INTO received_file VALUES (?, ?, ?, ?, ?)",
            (received.sha256, received.kind, received.file_name, received.byte_count, str(as_of_date)),
        )
        detail: dict[str, str | int] = {"kind": received.kind, "bytes": received.byte_count}
        self._state.record_events([Event("file_received", received.sha256, detail)], as_of_date)

    def add_payment(self, payment: Payment, sha256: str) -> bool:
        """Keep a payment; False when it was known. Its provider adjustments are kept in either case."""
        added = self._connection.execute(
            "INSERT OR IGNORE INTO payment VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                payment.payment_id,
                payment.payer_identifier,
                payment.payer_name,
                payment.payee_npi,
                payment.trace_number,
                str(payment.payment_date),
                _text(payment.production_date),
                payment.method,
                payment.handling_code,
                payment.paid_amount_cents,
                payment.payer_number,
                sha256,
            ),
        ).rowcount
        self._connection.executemany(
            "INSERT OR IGNORE INTO provider_adjustment VALUES (?, ?, ?, ?, ?)",
            [
                (payment.payment_id, given.reason_code, given.reference, given.amount_cents, number)
                for given, number in occurrences(payment.provider_adjustments)
            ],
        )
        return added > 0

    def add_decisions(self, posted: Sequence[tuple[ClaimDecision, Posting, bool]], sha256: str) -> int:
        """Keep decisions with their postings and whether each is of the model; how many were new."""
        before = self._connection.total_changes
        self._connection.executemany(
            f"INSERT OR IGNORE INTO decision VALUES ({', '.join('?' * 23)})",
            [_decision_row(decision, posting, is_cocm, sha256) for decision, posting, is_cocm in posted],
        )
        added = self._connection.total_changes - before
        # In the order of their keys, so that what is added to a tree lies together.
        ours = sorted((decision for decision, _, is_cocm in posted if is_cocm), key=_DECISION_ID)
        self._connection.executemany(
            "INSERT OR IGNORE INTO decision_line VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            _line_rows(ours),
        )
        self._connection.executemany(
            "INSERT OR IGNORE INTO decision_adjustment VALUES (?, ?, ?, ?, ?, ?)",
            _adjustment_rows(ours),
        )
        return added

    def add_matches(self, matches: Iterable[tuple[str, str, str]], as_of_date: date) -> int:
        """Say which claim decisions belong to: (decision_id, claim_id, matched_by); how many were new."""
        before = self._connection.total_changes
        self._connection.executemany(
            "INSERT OR IGNORE INTO decision_match VALUES (?, ?, ?, ?)",
            sorted((*match, str(as_of_date)) for match in matches),
        )
        return self._connection.total_changes - before

    def add_action(self, action: AccountAction, claim_id: str, done_by: str, reason: str) -> bool:
        """Keep what a person did; False when it was there."""
        return (
            self._connection.execute(
                "INSERT OR IGNORE INTO account_action VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    action.action_id,
                    claim_id,
                    action.kind,
                    str(action.day),
                    action.amount_cents,
                    done_by,
                    reason,
                ),
            ).rowcount
            > 0
        )

    def add_claim_events(self, events: Iterable[ClaimEvent], sha256: str | None) -> int:
        """Keep what happened to claims, as a received file told it or (without a file) a person; how many were new."""
        before = self._connection.total_changes
        self._connection.executemany(
            "INSERT OR IGNORE INTO claim_event VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    event.event_id,
                    event.claim_id,
                    event.kind,
                    str(event.day),
                    event.reference,
                    json.dumps({"due": _text(event.due), "detail": event.detail}, separators=(",", ":")),
                    sha256,
                )
                for event in events
            ],
        )
        return self._connection.total_changes - before

    # -- reading ---------------------------------------------------------------------------------------------------

    def has_answers(self) -> bool:
        """Whether anything was ever taken in about the claims."""
        return bool(
            self._connection.execute("SELECT EXISTS (SELECT 1 FROM received_file)").fetchone()[0]
        ) or bool(self._connection.execute("SELECT EXISTS (SELECT 1 FROM claim_event)").fetchone()[0])

    def unmatched(self) -> Iterator[tuple[str, str, str]]:
        """Decisions of the model without a claim: (decision_id, claim_number, payer_claim_control_number)."""
        yield from self._connection.execute(
            "SELECT d.decision_id, d.claim_number, d.payer_claim_control_number FROM decision d"
            " LEFT JOIN decision_match m USING (decision_id) WHERE d.is_cocm AND m.decision_id IS NULL"
            " ORDER BY d.decision_id"
        ).fetchall()

    def claims_known(self, claim_ids: Iterable[str]) -> set[str]:
        """Which of these claims the state recorded."""
        known: set[str] = set()
        wanted = sorted(set(claim_ids))
        for start in range(0, len(wanted), 500):
            part = wanted[start : start + 500]
            rows = self._connection.execute(
                f"SELECT claim_id FROM claim WHERE claim_id IN ({', '.join('?' * len(part))})", part
            )
            known.update(row[0] for row in rows)
        return known

    def claims_by_payer_number(self) -> dict[str, set[str]]:
        """Our claims by the payer's number of them, from every decision and status that told it."""
        found: dict[str, set[str]] = {}
        rows = self._connection.execute(
            "SELECT d.payer_claim_control_number, m.claim_id FROM decision d JOIN decision_match m USING (decision_id)"
            " WHERE d.payer_claim_control_number <> ''"
            " UNION SELECT reference, claim_id FROM claim_event WHERE reference <> ''"
        )
        for number, claim_id in rows:
            found.setdefault(number, set()).add(claim_id)
        return found

    def payments(self) -> Iterator[PaymentSums]:
        """Every payment in the order of its date, with what its decisions come to."""
        rows = self._connection.execute(
            "SELECT p.payment_id, payer_identifier, payer_name, payee_npi, trace_number, payment_date,"
            " production_date, method, handling_code, paid_amount_cents, payer_number, coalesce(sum(d.paid_cents), 0),"
            " coalesce(sum(CASE WHEN m.decision_id IS NULL THEN d.paid_cents ELSE 0 END), 0),"
            " count(d.decision_id), count(d.decision_id) - count(m.decision_id),"
            " coalesce(sum(d.difference_cents <> 0), 0)"
            " FROM payment p LEFT JOIN decision d ON d.payment_id = p.payment_id"
            " LEFT JOIN decision_match m USING (decision_id)"
            " GROUP BY p.payment_id ORDER BY payment_date, p.payment_id"
        ).fetchall()
        adjustments = self._provider_adjustments()
        for row in rows:
            (payment_id, payer, name, npi, trace, paid_on, produced_on, method, handling, paid, own) = row[
                :11
            ]
            payment = Payment(
                payment_id=payment_id,
                payer_identifier=payer,
                payer_name=name,
                payee_npi=npi,
                trace_number=trace,
                payment_date=date.fromisoformat(paid_on),
                production_date=_day(produced_on),
                method=method,
                handling_code=handling,
                paid_amount_cents=paid,
                provider_adjustments=tuple(adjustments.get(payment_id, ())),
                payer_number=own,
            )
            yield PaymentSums(payment, *row[11:])

    def accounts(self, claim_id: str | None = None, files: Sequence[str] = ()) -> Iterator[AccountRows]:
        """The accounts by month, patient and payer: all, or a claim's, or those that `files` (digests) decided on."""
        condition = ""
        given: tuple[str, ...] = ()
        if files:
            condition = (
                "WHERE (patient_id, month_index, payer_id) IN (SELECT c.patient_id, c.month_index, c.payer_id"
                " FROM decision d JOIN decision_match m USING (decision_id) JOIN claim c USING (claim_id)"
                f" WHERE d.sha256 IN ({', '.join('?' * len(files))}))"
            )
            given = tuple(files)
        elif claim_id is not None:
            condition = (
                "WHERE (patient_id, month_index, payer_id) = "
                "(SELECT patient_id, month_index, payer_id FROM claim WHERE claim_id = ?)"
            )
            given = (claim_id,)
        claims = self._connection.execute(
            f"SELECT {_CLAIM_COLUMNS}, as_of_date FROM claim {condition}"
            " ORDER BY month_index, patient_id, payer_id, sequence",
            given,
        )
        for _, rows in groupby(claims, key=lambda row: (row[2], row[1], row[3])):
            yield self._account(list(rows))

    def claim_events(self, claim_ids: Sequence[str]) -> Iterator[ClaimEvent]:
        """What happened to these claims outside remittances."""
        rows = self._connection.execute(
            "SELECT event_id, claim_id, kind, day, reference, detail_json FROM claim_event"
            f" WHERE claim_id IN ({', '.join('?' * len(claim_ids))}) ORDER BY event_id",
            tuple(claim_ids),
        )
        for event_id, claim_id, kind, day, reference, detail_json in rows:
            told = json.loads(detail_json)
            yield ClaimEvent(
                event_id,
                claim_id,
                ClaimEventKind(kind),
                date.fromisoformat(day),
                reference,
                _day(told["due"]),
                tuple((name, value) for name, value in told["detail"]),
            )

    def numbers_in_events(self, name: str) -> set[int]:
        """The whole numbers that claim events hold under a name in their details."""
        rows = self._connection.execute(
            "SELECT detail_json FROM claim_event WHERE detail_json LIKE ?", (f'%["{name}",%',)
        )
        return {
            int(value)
            for (detail_json,) in rows
            for told, value in json.loads(detail_json)["detail"]
            if told == name
        }

    def claims_of_interchange(self, control_number: int) -> list[str]:
        """The claims that went out in an interchange."""
        rows = self._connection.execute(
            "SELECT claim_id FROM claim WHERE control_number = ? ORDER BY claim_id", (control_number,)
        )
        return [row[0] for row in rows]

    def payer_numbers_of(self, payment_id: str) -> frozenset[str]:
        """The numbers that a payment's payer goes by: its tax number's, and its own in the remittance."""
        row = self._connection.execute(
            "SELECT payer_identifier, payer_number FROM payment WHERE payment_id = ?", (payment_id,)
        ).fetchone()
        return frozenset(filter(None, row or ()))

    def decision(self, decision_id: str) -> ClaimDecision:
        """A decision with its lines, as it was received (the member id is not kept). It must be on file."""
        row = self._connection.execute(
            "SELECT payment_id, claim_number, payer_claim_control_number, status_code, charge_cents, paid_cents,"
            " patient_cents + disputed_cents, first_date, last_date, received_date, remark_codes, first_byte, last_byte"
            " FROM decision WHERE decision_id = ?",
            (decision_id,),
        ).fetchone()
        payment_id, number, payer_number, status, charge, paid, patient, *days, remarks, start, end = row
        first, last, received = map(_day, days)
        return ClaimDecision(
            decision_id=decision_id,
            payment_id=payment_id,
            claim_number=number,
            payer_claim_control_number=payer_number,
            status=DecisionStatus(status),
            charge_amount_cents=charge,
            paid_amount_cents=paid,
            patient_amount_cents=patient,
            first_date=first,
            last_date=last,
            received_date=received,
            member_id="",
            adjustments=tuple(self.adjustments(decision_id).get(0, ())),
            remark_codes=tuple(remarks.split()),
            lines=self.lines(decision_id),
            start=start,
            end=end,
        )

    def lines(self, decision_id: str) -> tuple[DecidedLine, ...]:
        """A decision's service lines as they were decided."""
        by_line = self.adjustments(decision_id)
        rows = self._connection.execute(
            "SELECT line_number, hcpcs_code, unit_quantity, charge_amount_cents, paid_amount_cents,"
            " allowed_amount_cents, remark_codes FROM decision_line WHERE decision_id = ? ORDER BY line_number",
            (decision_id,),
        )
        return tuple(
            DecidedLine(
                code,
                Decimal(units) if units else None,
                charge,
                paid,
                allowed,
                tuple(by_line.get(number, ())),
                tuple(remarks.split()),
            )
            for number, code, units, charge, paid, allowed, remarks in rows
        )

    def adjustments(self, decision_id: str) -> dict[int, list[AdjustmentAmount]]:
        """A decision's adjustments by line; 0 is the claim as a whole."""
        found: dict[int, list[AdjustmentAmount]] = {}
        rows = self._connection.execute(
            "SELECT line_number, group_code, reason_code, amount_cents FROM decision_adjustment"
            " WHERE decision_id = ? ORDER BY line_number, position",
            (decision_id,),
        )
        for number, *rest in rows:
            found.setdefault(number, []).append(AdjustmentAmount(*rest))
        return found

    def _account(self, rows: Sequence[tuple[str, ...]]) -> AccountRows:
        claims = tuple(RecordedClaim(*row[:9]) for row in rows)  # type: ignore[arg-type]  # columns of SQLite
        charges = tuple(
            Charge(
                claim.claim_id,
                date.fromisoformat(row[9]),
                0 if claim.frequency_code == VOID else claim.charge_amount_cents,
            )
            for claim, row in zip(claims, rows, strict=True)
        )
        marks = ", ".join("?" * len(claims))
        ids = [claim.claim_id for claim in claims]
        matched = self._connection.execute(
            f"SELECT m.claim_id, {_DECISION_COLUMNS} FROM decision_match m JOIN decision d USING (decision_id)"
            f" JOIN payment p USING (payment_id) WHERE m.claim_id IN ({marks}) ORDER BY d.decision_id",
            ids,
        ).fetchall()
        decisions = tuple(_posted_decision(row[1:]) for row in matched)
        actions = tuple(
            AccountAction(action_id, ActionKind(kind), date.fromisoformat(day), cents)
            for action_id, kind, day, cents in self._connection.execute(
                f"SELECT action_id, kind, day, amount_cents FROM account_action WHERE claim_id IN ({marks})",
                ids,
            )
        )
        return AccountRows(claims, charges, decisions, actions, {row[1]: row[0] for row in matched})

    def _provider_adjustments(self) -> dict[str, list[ProviderAdjustmentAmount]]:
        found: dict[str, list[ProviderAdjustmentAmount]] = {}
        rows = self._connection.execute(
            "SELECT payment_id, reason_code, reference, amount_cents FROM provider_adjustment"
            " ORDER BY payment_id, reason_code, reference, amount_cents, occurrence"
        )
        for payment_id, *rest in rows:
            found.setdefault(payment_id, []).append(ProviderAdjustmentAmount(*rest))
        return found


def _posted_decision(row: Sequence[object]) -> PostedDecision:
    decision_id, payment_id, payment_date, number, status, *amounts = row
    status = DecisionStatus(status)
    return PostedDecision(
        decision_id=str(decision_id),
        payment_id=str(payment_id),
        payment_date=date.fromisoformat(str(payment_date)),
        payer_claim_control_number=str(number),
        sequence=status.sequence,
        is_reversal=status.is_reversal,
        is_forwarded=status.is_forwarded,
        posting=Posting(*amounts),  # type: ignore[arg-type]  # integer columns of SQLite
    )


def _decision_row(
    decision: ClaimDecision, posting: Posting, is_cocm: bool, sha256: str
) -> tuple[str | int | None, ...]:
    return (
        decision.decision_id,
        decision.payment_id,
        int(is_cocm),
        decision.claim_number if is_cocm else "",
        decision.payer_claim_control_number if is_cocm else "",
        decision.status,
        _text(decision.first_date),
        _text(decision.last_date),
        _text(decision.received_date),
        " ".join(decision.remark_codes),
        *posting,
        sha256,
        decision.start,
        decision.end,
    )


def _line_rows(decisions: Iterable[ClaimDecision]) -> list[tuple[str | int | None, ...]]:
    return [
        (
            decision.decision_id,
            number,
            code,
            None if units is None else str(units),
            charge_cents,
            paid_cents,
            allowed_cents,
            " ".join(remarks),
        )
        for decision in decisions
        for number, (code, units, charge_cents, paid_cents, allowed_cents, _, remarks) in enumerate(
            decision.lines, start=1
        )
    ]


def _adjustment_rows(decisions: Iterable[ClaimDecision]) -> list[tuple[str | int, ...]]:
    rows: list[tuple[str | int, ...]] = []
    for decision in decisions:
        decision_id = decision.decision_id
        for position, given in enumerate(decision.adjustments):
            rows.append((decision_id, 0, position, *given))
        for number, line in enumerate(decision.lines, start=1):
            for position, given in enumerate(line.adjustments):
                rows.append((decision_id, number, position, *given))
    return rows


def _text(day: date | None) -> str | None:
    return None if day is None else str(day)


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
