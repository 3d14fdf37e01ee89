"""Posts remittances (835) to the claims of a practice: every file once, all of its files or none."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from cocm.basics.collector import collector_paused
from cocm.basics.errors import TableError, UnusableInput, X12Error
from cocm.basics.months import Month
from cocm.edits.codes import cocm_codes
from cocm.intake.small_table import small_table_rows
from cocm.receivables.practice_books import BooksRequest, OpenBooks, open_books
from cocm.remits.account import AccountFlag
from cocm.remits.decision import ClaimDecision, Payment, decisions_of, payment_of
from cocm.remits.decision_tables import payment_parts
from cocm.remits.matching import (
    BY_PERSON,
    Candidate,
    candidates,
    certain_match,
    our_number,
)
from cocm.remits.payment import Reconciliation
from cocm.remits.posting import Posting, post
from cocm.rules.adjustment_effects import adjustment_effects
from cocm.store.remittances import PaymentSums, ReceivedFile, Weighed
from cocm.x12 import ClaimRecord, read_835

if TYPE_CHECKING:
    from cocm.x12 import RemittanceTables

REMITTANCE_KIND = "835"
BATCH_DECISIONS: Final = 10_000
WEIGHED_MAX: Final = 10_000
"""So many different decisions are remembered at once: a remittance decides many claims alike."""
_BLOCK_BYTES: Final = 1 << 20
LARGE_FILE_BYTES: Final = 1_000_000
"""From this size on a file is read by its columnar tables, which pay for loading NumPy."""


@dataclass(slots=True)
class PostedFile:
    """What a file brought. `is_known` when the very same file was posted before: it changes nothing.

    `payment_ids` are its payments, `unmatched` those of its decisions that no claim of ours is named by.
    """

    file_name: str
    sha256: str
    is_known: bool
    payments: int = 0
    decisions: int = 0
    new_decisions: int = 0
    other_claims: int = 0
    payment_ids: list[str] = field(default_factory=list)
    unmatched: list[str] = field(default_factory=list)


@dataclass(slots=True)
class AccountTotals:
    """Sums over the accounts that the files decided on, in cents, and the claims that a person should look at."""

    claims: int = 0
    sums: Counter[str] = field(default_factory=Counter)
    flagged: list[tuple[str, tuple[AccountFlag, ...]]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class PostResult:
    """What a run of posting did. `exit_status` is 0 when everything was posted and 1 when something waits."""

    files: tuple[PostedFile, ...]
    payments: tuple[tuple[PaymentSums, Reconciliation], ...]
    totals: AccountTotals
    unmatched: tuple[str, ...]
    candidates: tuple[Candidate, ...]

    @property
    def held(self) -> tuple[Reconciliation, ...]:
        """The payments that do not add up."""
        return tuple(found for _, found in self.payments if not found.is_reconciled)

    @property
    def exit_status(self) -> int:
        return 1 if self.held or self.unmatched or self.totals.flagged else 0


def post_files(request: BooksRequest, paths: Sequence[Path], matches: Path | None = None) -> PostResult:
    """Post remittance files; `matches` is a table of matches that a person confirmed.

    Everything is posted and lasting, or nothing: an unreadable file raises `UnusableInput` naming it.
    """
    with open_books(request) as books:
        poster = Poster(books)
        files = []
        for path in paths:
            with path.open("rb") as stream:
                files.append(_post_stream(poster, path.name, stream))
        if matches is not None:
            for decision_id, claim_id, confirmed_by in _confirmed(matches, books):
                match_by_person(books, decision_id, claim_id, confirmed_by)
        result = _posted(poster, tuple(files))
        books.state.commit()
    return result


def post_stream(books: OpenBooks, file_name: str, stream: BinaryIO) -> PostResult:
    """Post one remittance file into open books; whoever opened them commits.

    Raises `UnusableInput` where it cannot be read: then the books may hold parts of it, and are not to be committed.
    """
    poster = Poster(books)
    return _posted(poster, (_post_stream(poster, file_name, stream),))


def match_by_person(books: OpenBooks, decision_id: str, claim_id: str, confirmed_by: str) -> None:
    """Say which claim an unmatched decision belongs to, as a person confirmed it."""
    books.remittances.add_matches(
        [(decision_id, claim_id, f"{BY_PERSON}:{confirmed_by}")], books.request.as_of_date
    )


def _posted(poster: Poster, files: tuple[PostedFile, ...]) -> PostResult:
    """What posting the files came to, once all that can be matched is matched."""
    books = poster.books
    match_certain(books)
    unmatched = tuple(row[0] for row in books.remittances.unmatched())
    return PostResult(
        files=files,
        payments=tuple(
            (sums, found)
            for sums, found in books.reconciliations()
            if sums.payment.payment_id in poster.payment_ids or not found.is_reconciled
        ),
        totals=_totals(books, files),
        unmatched=unmatched,
        candidates=tuple(_offer(poster, unmatched)),
    )


class Poster:
    """Takes payments and their decisions into the open books, in batches, with flat memory."""

    def __init__(self, books: OpenBooks) -> None:
        self.books = books
        self.payment_ids: set[str] = set()
        self.unmatched: dict[str, ClaimDecision] = {}
        self._effects = adjustment_effects(books.rulebook)
        self._codes = cocm_codes(books.rulebook).keys()
        self._weighed_before: dict[tuple[int, int, tuple[str, ...], str], tuple[Posting, bool]] = {}

    def take(
        self,
        payment: Payment,
        decisions: Iterable[ClaimDecision],
        posted: PostedFile,
        *,
        is_last: bool = True,
    ) -> None:
        """Post one payment of a file, or some of its decisions; a file that is known is counted and changes nothing."""
        remittances = self.books.remittances
        self.payment_ids.add(payment.payment_id)
        if payment.payment_id not in posted.payment_ids[-1:]:
            posted.payment_ids.append(payment.payment_id)
        posted.payments += is_last
        if not posted.is_known:
            remittances.add_payment(payment, posted.sha256)
        made = (decision for decision in decisions if not decision.status.is_estimate)
        while batch := list(islice(made, BATCH_DECISIONS)):
            self._take_batch(batch, posted)

    def _take_batch(self, batch: Sequence[ClaimDecision], posted: PostedFile) -> None:
        remittances = self.books.remittances
        numbers = [our_number(decision.claim_number) for decision in batch]
        known = remittances.claims_known(numbers)
        rows: list[Weighed] = []
        for decision, number in zip(batch, numbers, strict=True):
            posting, has_code = self._weighed(decision)
            is_ours = number in known
            if has_code and not is_ours:
                self.unmatched[decision.decision_id] = decision
                posted.unmatched.append(decision.decision_id)
            rows.append((decision, posting, is_ours or has_code, number if is_ours else ""))
        posted.decisions += len(batch)
        posted.other_claims += sum(not is_ours for _, _, is_ours, _ in rows)
        if not posted.is_known:
            posted.new_decisions += remittances.add_decisions(rows, posted.sha256)

    def _weighed(self, decision: ClaimDecision) -> tuple[Posting, bool]:
        """A decision's posting and whether a line has a code of the model; worked out once for equal ones."""
        said = (
            decision.charge_amount_cents,
            decision.paid_amount_cents,
            decision.remark_codes,
            decision.content,
        )
        found = self._weighed_before.get(said)
        if found is None:
            if len(self._weighed_before) >= WEIGHED_MAX:
                self._weighed_before.clear()
            has_code = any(line.hcpcs_code in self._codes for line in decision.lines)
            found = self._weighed_before[said] = post(decision, self._effects), has_code
        return found


def match_certain(books: OpenBooks) -> None:
    """Match what can be matched for certain; a match may tell a payer's number that allows another."""
    while True:
        waiting = list(books.remittances.unmatched())
        if not waiting:
            return
        known = books.remittances.claims_known(our_number(number) for _, number, _ in waiting)
        by_payer_number = books.remittances.claims_by_payer_number()
        found = []
        for decision_id, number, payer_number in waiting:
            match = certain_match(number, payer_number, known, by_payer_number)
            if match is not None:
                found.append((decision_id, *match))
        if not books.remittances.add_matches(found, books.request.as_of_date):
            return


def _post_stream(poster: Poster, file_name: str, stream: BinaryIO) -> PostedFile:
    remittances = poster.books.remittances
    digest = _sha256(stream)
    posted = PostedFile(file_name, digest, is_known=remittances.has_file(digest))
    if not posted.is_known:
        received = ReceivedFile(digest, REMITTANCE_KIND, file_name, stream.tell())
        remittances.add_file(received, poster.books.request.as_of_date)
    stream.seek(0)
    try:
        _take_file(poster, stream, posted)
    except UnusableInput as problem:
        raise UnusableInput(f"{file_name}: {problem}; nothing was posted") from problem
    if not posted.payments:
        raise UnusableInput(
            f"{file_name}: holds no remittance (835 005010X221A1); nothing was posted. "
            "Claim status files go to cocm status"
        )
    return posted


def _sha256(stream: BinaryIO) -> str:
    digest = hashlib.sha256()
    while block := stream.read(_BLOCK_BYTES):
        digest.update(block)
    return digest.hexdigest()


def take_tables(poster: Poster, blocks: Iterable[RemittanceTables], posted: PostedFile) -> None:
    """Post a file from its tables, a block at a time; raises `TablesUnfit` where the records must judge it."""
    with collector_paused():
        for part in payment_parts(blocks):
            poster.take(part.payment, part.decisions, posted, is_last=part.is_last)


def _take_file(poster: Poster, stream: BinaryIO, posted: PostedFile) -> None:
    """A large file goes by its tables; where they tell a problem, and for a small one, the records say what is so."""
    size = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    if size >= LARGE_FILE_BYTES and find_spec("numpy") is not None:
        from cocm.x12 import iter_tables_835  # it needs NumPy, which takes long to import

        connection = poster.books.state.connection
        connection.execute("SAVEPOINT by_tables")
        try:
            take_tables(poster, iter_tables_835(stream), posted)
        except X12Error:
            connection.execute("ROLLBACK TO by_tables")
            posted.payments = posted.decisions = posted.new_decisions = posted.other_claims = 0
            posted.payment_ids, posted.unmatched = [], []
            stream.seek(0)
        else:
            return
        finally:
            connection.execute("RELEASE by_tables")
    for record in read_835(stream):
        poster.take(payment_of(record), decisions_of(record), posted)


def _confirmed(path: Path, books: OpenBooks) -> Iterator[tuple[str, str, str]]:
    """Rows of decision_id, claim_id and confirmed_by; a wrong row refuses the whole table."""
    waiting = {row[0] for row in books.remittances.unmatched()}
    for number, row in small_table_rows(path, ("decision_id", "claim_id", "confirmed_by")):
        where = f"{path.name}: row {number}"
        decision_id, claim_id, confirmed_by = row["decision_id"], row["claim_id"], row["confirmed_by"]
        if not confirmed_by:
            continue
        if decision_id not in waiting:
            raise TableError(f"{where}: decision_id {decision_id!r} is not among the unmatched decisions")
        if not books.remittances.claims_known([claim_id]):
            raise TableError(f"{where}: claim_id {claim_id!r} is no claim of this state")
        yield decision_id, claim_id, confirmed_by


def _offer(poster: Poster, unmatched: Sequence[str]) -> Iterator[Candidate]:
    """Claims that an unmatched decision of these files may belong to, from what was sent for its month."""
    sent: dict[Month, list[ClaimRecord]] = {}
    for decision_id in unmatched:
        decision = poster.unmatched.get(decision_id)
        if decision is None or decision.first_date is None:
            continue
        month = Month.of(decision.first_date)
        if month not in sent:
            interchanges = poster.books.state.interchanges(month)
            sent[month] = [
                claim for one in interchanges for claim in poster.books.sent_in(one.control_number)
            ]
        yield from candidates(decision, sent[month])


def _totals(books: OpenBooks, files: Sequence[PostedFile]) -> AccountTotals:
    totals = AccountTotals()
    with collector_paused():
        for rows, balance, flags in books.stands([posted.sha256 for posted in files]):
            totals.claims += 1
            for name, cents in balance.amounts().items():
                totals.sums[name] += cents
            totals.sums["open_cents"] += balance.open_cents
            if flags:
                totals.flagged.append((rows.claim.claim_id, tuple(sorted(flags))))
    return totals
