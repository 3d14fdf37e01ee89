"""The state's tables of what came back: payments, decisions, and which claim each decision belongs to.

Rows are added, never changed; adding one that is there changes nothing. Everything else is worked out from them.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from cocm.claims.lifecycle import ClaimEvent, ClaimEventKind
from cocm.remits.account import AccountAction
from cocm.remits.decision import (
    ClaimDecision,
    DecidedLine,
    DecisionStatus,
    Payment,
    ProviderAdjustmentAmount,
    content_of,
)
from cocm.remits.payment import occurrences
from cocm.remits.posting import Posting
from cocm.store.accounts import AccountRows, read_accounts
from cocm.store.decision_content import NO_CONTENT, ContentTexts, DayTexts, read_content
from cocm.store.state import Event, PracticeState

_ADD_DECISION = (
    "INSERT OR IGNORE INTO decision VALUES (?, ?, ?, ?, ?, ?, nullif(?, ''), nullif(?, ''), nullif(?, ''),"
    f" {', '.join('?' * 15)}, nullif(?, ''))"
)
"""Only plain texts and whole numbers are given to it: the driver looks long for a way to take anything else."""

_CACHE_KIB = 64 * 1024


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


Weighed = tuple[ClaimDecision, Posting, bool, str]
"""A decision, its posting, whether it is of the model, and the claim that its control number names (or none: empty)."""


class Remittances:
    """The part of an open state that remittances are kept in."""

    def __init__(self, state: PracticeState) -> None:
        self._connection = state.connection
        # The keys are digests: new rows fall anywhere in their trees, which must be at hand for that.
        self._connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        self._state = state
        self._days = DayTexts()
        self._contents = ContentTexts()

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

    def add_decisions(self, posted: Iterable[Weighed], sha256: str) -> int:
        """Keep decisions; how many were new."""
        before = self._connection.total_changes
        self._connection.executemany(_ADD_DECISION, self._decision_rows(posted, sha256))
        return self._connection.total_changes - before

    def add_matches(self, matches: Iterable[tuple[str, str, str]], as_of_date: date) -> int:
        """Say which claim decisions belong to: (decision_id, claim_id, matched_by); how many were new."""
        before = self._connection.total_changes
        # In the order of their keys, so that what is added to a tree lies together.
        self._connection.executemany(
            f"INSERT OR IGNORE INTO decision_match VALUES (?, ?, ?, '{as_of_date:%Y-%m-%d}')", sorted(matches)
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

    def _decision_rows(
        self, posted: Iterable[Weighed], sha256: str
    ) -> Iterator[tuple[str | int | None, ...]]:
        days, contents = self._days, self._contents
        for decision, posting, is_cocm, claim_id in posted:
            yield (
                decision.decision_id,
                decision.payment_id,
                1 if is_cocm else 0,
                decision.claim_number if is_cocm else "",
                decision.payer_claim_control_number if is_cocm else "",
                str(decision.status),
                days[decision.first_date],
                days[decision.last_date],
                days[decision.received_date],
                " ".join(decision.remark_codes),
                *posting,
                sha256,
                decision.start,
                decision.end,
                contents.of(decision) if is_cocm else NO_CONTENT,
                claim_id,
            )

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
            " LEFT JOIN decision_match m USING (decision_id)"
            " WHERE d.is_cocm AND d.claim_id IS NULL AND m.decision_id IS NULL"
            " ORDER BY d.decision_id"
        ).fetchall()

    def claims_known(self, claim_ids: Iterable[str]) -> set[str]:
        """Which of these claims the state recorded."""
        rows = self._connection.execute(
            "SELECT claim_id FROM json_each(?) CROSS JOIN claim ON claim_id = value",
            (json.dumps(sorted(set(claim_ids))),),
        )
        return {row[0] for row in rows}

    def claims_by_payer_number(self) -> dict[str, set[str]]:
        """Our claims by the payer's number of them, from every decision and status that told it."""
        found: dict[str, set[str]] = {}
        rows = self._connection.execute(
            "SELECT payer_claim_control_number, claim_id FROM decision"
            " WHERE payer_claim_control_number <> '' AND claim_id IS NOT NULL"
            " UNION SELECT d.payer_claim_control_number, m.claim_id FROM decision d"
            " JOIN decision_match m USING (decision_id) WHERE d.payer_claim_control_number <> ''"
            " UNION SELECT reference, claim_id FROM claim_event WHERE reference <> ''"
        )
        for number, claim_id in rows:
            found.setdefault(number, set()).add(claim_id)
        return found

    def payments(self, payment_ids: Iterable[str] | None = None) -> Iterator[PaymentSums]:
        """Every payment (or some) in the order of its date, with what its decisions come to."""
        some = "" if payment_ids is None else " WHERE p.payment_id IN (SELECT value FROM json_each(?))"
        given = () if payment_ids is None else (json.dumps(sorted(payment_ids)),)
        rows = self._connection.execute(
            "SELECT p.payment_id, payer_identifier, payer_name, payee_npi, trace_number, payment_date,"
            " production_date, method, handling_code, paid_amount_cents, payer_number, coalesce(sum(d.paid_cents), 0),"
            " coalesce(sum(CASE WHEN coalesce(d.claim_id, m.claim_id) IS NULL THEN d.paid_cents ELSE 0 END), 0),"
            " count(d.decision_id), count(d.decision_id) - count(coalesce(d.claim_id, m.claim_id)),"
            " coalesce(sum(d.difference_cents <> 0), 0)"
            " FROM payment p LEFT JOIN decision d ON d.payment_id = p.payment_id"
            f" LEFT JOIN decision_match m USING (decision_id){some}"
            " GROUP BY p.payment_id ORDER BY payment_date, p.payment_id",
            given,
        ).fetchall()
        adjustments = self._provider_adjustments(some, given)
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
        yield from read_accounts(self._connection, claim_id, files)

    def accounts_of(self, claim_ids: Collection[str]) -> Iterator[AccountRows]:
        """The accounts of some claims, by month, patient and payer."""
        yield from read_accounts(self._connection, claims=claim_ids)

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
            " patient_cents + disputed_cents, first_date, last_date, received_date, remark_codes, first_byte,"
            " last_byte, content_json FROM decision WHERE decision_id = ?",
            (decision_id,),
        ).fetchone()
        payment_id, number, payer_number, status, charge, paid, patient, *days, remarks, start, end, told = (
            row
        )
        first, last, received = map(_day, days)
        adjustments, lines = read_content(told)
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
            adjustments=adjustments,
            remark_codes=tuple(remarks.split()),
            lines=lines,
            start=start,
            end=end,
            content=content_of(adjustments, lines),
        )

    def lines(self, decision_id: str) -> tuple[DecidedLine, ...]:
        """A decision's service lines as they were decided."""
        (told,) = self._connection.execute(
            "SELECT content_json FROM decision WHERE decision_id = ?", (decision_id,)
        ).fetchone()
        return read_content(told)[1]

    def _provider_adjustments(
        self, some: str, given: tuple[str, ...]
    ) -> dict[str, list[ProviderAdjustmentAmount]]:
        found: dict[str, list[ProviderAdjustmentAmount]] = {}
        rows = self._connection.execute(
            f"SELECT payment_id, reason_code, reference, amount_cents FROM provider_adjustment p{some}"
            " ORDER BY payment_id, reason_code, reference, amount_cents, occurrence",
            given,
        )
        for payment_id, *rest in rows:
            found.setdefault(payment_id, []).append(ProviderAdjustmentAmount(*rest))
        return found


def _text(day: date | None) -> str | None:
    return None if day is None else str(day)


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
