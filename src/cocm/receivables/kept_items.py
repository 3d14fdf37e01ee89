"""The worklist's items kept by account: one that nothing was added to, of records that are the same, keeps its own."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cocm.intake.groups import PatientRows
from cocm.receivables.kept import AccountKey, Kept
from cocm.receivables.month_case import MonthCase, patient_cases
from cocm.receivables.practice_books import OpenBooks
from cocm.receivables.timelines import ClaimStanding

if TYPE_CHECKING:  # the list hands its own makers in
    from cocm.receivables.worklist import WorkItem

    ItemsOf = Callable[
        [OpenBooks, ClaimStanding, Mapping[str, MonthCase], AbstractSet[str]], Iterable[WorkItem]
    ]
_GONE: Final = "gone"
"""In the place of a digest: the tables hold the patient no longer."""


@dataclass(frozen=True, slots=True)
class _KeptItems:
    """What waits on one account: of which standing, of which records of the patient (a digest), and what."""

    standing: ClaimStanding
    records: str
    is_held: bool
    items: tuple[WorkItem, ...]


def kept_items(
    books: OpenBooks,
    kept: Kept,
    all_standings: Sequence[ClaimStanding],
    held: AbstractSet[str],
    *,
    wants_case: Callable[[ClaimStanding], bool],
    items_of: ItemsOf,
) -> list[WorkItem]:
    """What waits on every claim; only that is worked out again whose account, records, rules or day are others.

    `items_of` works out an account's items; `wants_case` tells which accounts' rest on the patient's records too.
    """

    def made(one: ClaimStanding, cases: Mapping[str, MonthCase], records: str) -> _KeptItems:
        return _KeptItems(one, records, _is_held(one, held), tuple(items_of(books, one, cases, held)))

    reference = hashlib.sha256(repr(books.reference).encode()).hexdigest()
    basis = (books.request.as_of_date, books.rulebook.content_hash, reference)
    found: dict[AccountKey, _KeptItems] = {}
    with kept.lock:
        before: Mapping[AccountKey, _KeptItems] = kept.items if kept.basis == basis else {}
        of_patient: defaultdict[str, list[ClaimStanding]] = defaultdict(list)
        for one in all_standings:
            if wants_case(one):
                of_patient[one.rows.claim.patient_id].append(one)
            else:
                found[_key(one)] = _as_kept(before, one, "", held) or made(one, {}, "")
        for rows in books.patient_groups(of_patient):
            some, records = of_patient.pop(rows.patient_id), _digest(rows)
            known = [_as_kept(before, one, records, held) for one in some]
            missing = [one for one, kept_one in zip(some, known, strict=True) if kept_one is None]
            cases = patient_cases(books, rows, (one.rows.claim for one in missing)) if missing else {}
            for one, kept_one in zip(some, known, strict=True):
                found[_key(one)] = kept_one or made(one, cases, records)
        for some in of_patient.values():  # the tables hold them no longer
            for one in some:
                found[_key(one)] = _as_kept(before, one, _GONE, held) or made(one, {}, _GONE)
        kept.basis, kept.items = basis, found
        return [item for one in all_standings for item in found[_key(one)].items]


def _key(standing: ClaimStanding) -> AccountKey:
    claim = standing.rows.claim
    return (claim.month_index, claim.patient_id, claim.payer_id)


def _as_kept(
    before: Mapping[AccountKey, _KeptItems], standing: ClaimStanding, records: str, held: AbstractSet[str]
) -> _KeptItems | None:
    found = before.get(_key(standing))
    holds = found is not None and found.standing is standing and found.records == records
    return found if holds and found is not None and found.is_held == _is_held(standing, held) else None


def _is_held(standing: ClaimStanding, held: AbstractSet[str]) -> bool:
    return any(given.payment_id in held for given in standing.rows.decisions)


def _digest(rows: PatientRows) -> str:
    """What tells a patient's records from every other's, whatever rows they stand in."""
    texts = [[text for _, text in table] for table in rows[1:]]
    return hashlib.sha256(repr(texts).encode()).hexdigest()
