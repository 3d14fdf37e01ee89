"""A practice's state opened for the work after the claim, with the rulebook and tables that the work needs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final, Protocol

from cocm.basics.errors import UnusableInput
from cocm.close.run import default_state_path
from cocm.intake.groups import PatientRows
from cocm.intake.practice import PracticeTables, open_practice
from cocm.intake.reference import Reference
from cocm.receivables.kept import Kept
from cocm.remits.account import Account, AccountFlag, Balance, PostedDecision, stand, work_out
from cocm.remits.payment import Reconciliation, reconcile
from cocm.rules import Rulebook, rulebook_of
from cocm.store.accounts import AccountRows
from cocm.store.remittances import PaymentSums, Remittances
from cocm.store.state import PracticeState, RecordedClaim
from cocm.x12 import ClaimRecord, read_837p

SENT_KEPT_MAX: Final = 5_000
"""Sent claims kept at hand: months and payers take turns in the accounts, and an interchange is long to read."""


class NamedTables(PracticeTables, Protocol):
    """A practice's tables out of which some patients' rows can be had without reading all."""

    def groups_named(self, patient_ids: Collection[str]) -> Iterator[PatientRows]: ...


@dataclass(frozen=True, slots=True)
class BooksRequest:
    """Whose books, and what is asked about them on which day.

    A server gives an open state (it stays open, and is its owner's to check), its own `tables` in the place of those of
    `practice`, which then is only the folder of the documents, the `rulebook` that it has read already, and what it has
    `kept` of earlier questions about the same practice.
    """

    practice: Path
    as_of_date: date
    state: Path | PracticeState | None = None
    overlays: tuple[Path, ...] = ()
    tables: NamedTables | None = None
    rulebook: Rulebook | None = None
    kept: Kept | None = None


@dataclass(frozen=True, slots=True)
class OpenBooks:
    """The open state of a practice. Nothing lasts until `state.commit()`."""

    request: BooksRequest
    reference: Reference
    rulebook: Rulebook
    state: PracticeState
    remittances: Remittances
    interchanges_read: dict[int, dict[str, ClaimRecord]] = field(default_factory=dict)

    def patient_groups(self, patient_ids: Collection[str] | None = None) -> Iterator[PatientRows]:
        """Every patient's rows of the practice's tables, or those of some, in the order of patient_id."""
        tables = self.request.tables
        if tables is not None:
            yield from tables.patient_groups() if patient_ids is None else tables.groups_named(patient_ids)
            return
        left = None if patient_ids is None else set(patient_ids)
        if left is not None and not left:
            return
        with open_practice(self.request.practice) as source:
            _ = source.reference  # the layouts of the patients' tables are read with it
            for rows in source.patient_groups():
                if left is None:
                    yield rows
                elif rows.patient_id in left:
                    left.remove(rows.patient_id)
                    yield rows
                    if not left:
                        return

    def reconciliations(
        self, payment_ids: Iterable[str] | None = None
    ) -> Iterator[tuple[PaymentSums, Reconciliation]]:
        """Every payment (or some) with whether it adds up and is ours: paid to a number of ours, or for our claim."""
        our_numbers = self._our_numbers()
        for sums in self.remittances.payments(payment_ids):
            has_our_claims = sums.claim_count > sums.other_claim_count
            is_ours = has_our_claims or sums.payment.payee_npi in our_numbers
            yield (
                sums,
                reconcile(
                    sums.payment,
                    sums.claims_paid_cents,
                    sums.payment.provider_adjustments,
                    sums.unbalanced_claims,
                    "" if is_ours else sums.payment.payee_npi,
                ),
            )

    def held_payments(self, payment_ids: Iterable[str] | None = None) -> frozenset[str]:
        """The ids of the payments (or of some) that do not add up: nothing of them is in the books."""
        return frozenset(
            sums.payment.payment_id
            for sums, found in self.reconciliations(payment_ids)
            if not found.is_reconciled
        )

    def accounts(
        self, claim_id: str | None = None, files: Sequence[str] = ()
    ) -> Iterator[tuple[AccountRows, Account]]:
        """Accounts worked out over the payments that add up: all, a claim's, or those that `files` decided on."""
        if claim_id is None:
            held = self.held_payments()
            for rows in self.remittances.accounts(files=files):
                yield rows, account_of(rows, held)
        else:
            for rows in self.remittances.accounts(claim_id):
                yield (
                    rows,
                    account_of(rows, self.held_payments({given.payment_id for given in rows.decisions})),
                )

    def stands(self, files: Sequence[str]) -> Iterator[tuple[AccountRows, Balance, frozenset[AccountFlag]]]:
        """Where the accounts that `files` (digests) decided on stand, and their flags."""
        held = self.held_payments()
        for rows in self.remittances.accounts(files=files):
            yield rows, *stand(rows.charges, _booked(rows, held), rows.actions)

    def _our_numbers(self) -> frozenset[str]:
        """What the practice may be paid under; nothing told is no other's."""
        practice = self.reference.practice
        sites = (site.npi for site in self.reference.sites.values())
        staff = (member.npi for member in self.reference.staff.values())
        return frozenset(("", practice.billing_npi, practice.billing_tin, *sites, *staff))

    def contract_filing_days(self, payer_id: str) -> int | None:
        """The practice's own filing limit with a payer; None where its contract has none."""
        payer = self.reference.payers.get(payer_id)
        return None if payer is None else payer.filing_limit_days

    def sent_in(self, control_number: int) -> Iterator[ClaimRecord]:
        """The claims of an interchange as they were sent; none where the state holds no bytes of it."""
        content = b"".join(self.state.interchange_bytes(control_number))
        return read_837p(content) if content else iter(())

    def sent_claim(self, claim: RecordedClaim) -> ClaimRecord | None:
        """A claim as it was sent, read back from its interchange; None where the state holds no bytes of it."""
        read = self.interchanges_read
        if claim.control_number not in read:
            read[claim.control_number] = {
                found.claim_id: found for found in self.sent_in(claim.control_number)
            }
            while len(read) > 1 and sum(map(len, read.values())) > SENT_KEPT_MAX:
                read.pop(next(iter(read)))
        return self.interchanges_read[claim.control_number].get(claim.claim_id)


def account_of(rows: AccountRows, held_payments: frozenset[str]) -> Account:
    """An account worked out without the decisions of payments that are held."""
    return work_out(rows.charges, _booked(rows, held_payments), rows.actions)


def _booked(rows: AccountRows, held_payments: frozenset[str]) -> Sequence[PostedDecision]:
    if held_payments.isdisjoint(given.payment_id for given in rows.decisions):
        return rows.decisions
    return [given for given in rows.decisions if given.payment_id not in held_payments]


@contextmanager
def open_books(request: BooksRequest, *, is_read_only: bool = False) -> Iterator[OpenBooks]:
    """Open a practice's state; leaving without a commit leaves it as it was.

    `is_read_only` for questions: they are answered while another command writes, and from a file that may not be
    written.

    Raises `UnusableInput` when no close ever wrote a claim there: then there is nothing to post to.
    """
    rulebook = request.rulebook if request.rulebook is not None else rulebook_of(request.overlays)
    reference = _reference(request)
    if isinstance(request.state, PracticeState):
        yield OpenBooks(request, reference, rulebook, request.state, Remittances(request.state))
        return
    path = request.state if request.state is not None else default_state_path(request.practice)
    if not path.exists():
        raise UnusableInput(
            f"{path}: no state file; close a month first (cocm close), or name it with --state"
        )
    with PracticeState(path, reference.practice.organization_id, is_read_only=is_read_only) as state:
        state.check_events()
        yield OpenBooks(request, reference, rulebook, state, Remittances(state))


def _reference(request: BooksRequest) -> Reference:
    if request.tables is not None:
        return request.tables.reference
    with open_practice(request.practice) as source:
        return source.reference
