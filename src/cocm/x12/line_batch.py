"""The service lines of many claims at once. All lines of a claim are looked up in one go by their parts: most claims
have lines of a kind seen before.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, islice, pairwise
from typing import Final, NamedTuple

from cocm.basics.errors import X12Error
from cocm.claims.records import Claim, ServiceLine
from cocm.x12.fitness import LINES_MAX
from cocm.x12.line_writer import LineWriter, WrittenLine
from cocm.x12.party_writer import KEPT_PARTS_MAX
from cocm.x12.values import dollars_text

_FIRST: Final = 1

_Key = tuple[object, ...]


class _ClaimLines(NamedTuple):
    """All lines of a claim: what stands before, between and after the places of its id, and what they come to."""

    around_ids: tuple[str, ...]
    charge: str
    charge_amount_cents: int
    highest_pointer: int


@dataclass(frozen=True, slots=True)
class WrittenLines:
    """The lines of each claim of a batch, and what they come to. `are_plain`: none has parts beyond the usual."""

    texts: Sequence[str]
    charges: Sequence[str]
    charge_amount_cents: int
    count: int
    are_plain: bool


class LineBatchWriter:
    """Writes the lines of batches of claims."""

    def __init__(self, writer: LineWriter) -> None:
        self._writer = writer
        self._known: dict[_Key, _ClaimLines] = {}

    def write(
        self,
        claims: Sequence[Claim],
        claim_ids: Sequence[str],
        lines_by_claim: Sequence[tuple[ServiceLine, ...]],
        diagnoses: Sequence[tuple[str, ...]],
    ) -> WrittenLines | None:
        """The lines of some claims; None where a claim's lines do not fit it.

        Raises `X12Error` for a line that fits no claim, and for lines that are none, too many or out of their order.
        """
        count = sum(map(len, lines_by_claim))
        keys = _keys(lines_by_claim, count)
        are_plain = True
        try:
            together = list(map(self._known.__getitem__, keys))
        except KeyError:
            together, are_plain = self._with_new(claims, keys, lines_by_claim)
        around_ids, charges, cents, highest = zip(*together, strict=True)
        if max(highest) > min(map(len, diagnoses)) and any(
            pointer > len(codes) for pointer, codes in zip(highest, diagnoses, strict=True)
        ):
            return None
        texts = list(map(str.join, claim_ids, around_ids))
        return WrittenLines(texts, charges, sum(cents), count, are_plain)

    def _with_new(
        self, claims: Sequence[Claim], keys: Iterable[_Key], lines_by_claim: Sequence[tuple[ServiceLine, ...]]
    ) -> tuple[list[_ClaimLines], bool]:
        """The lines of each claim where some are not known, and whether all are plain; plain ones are kept."""
        known, writer, are_plain = self._known, self._writer, True
        found = []
        for claim, key, lines in zip(claims, keys, lines_by_claim, strict=True):
            one = known.get(key)
            if one is None:
                plain = [written for line in lines if (written := writer.plain(line)) is not None]
                if len(plain) == len(lines):
                    one = _put_together(plain)
                    if len(known) >= KEPT_PARTS_MAX:
                        known.clear()
                    known[key] = one
                else:
                    one, are_plain = _put_together([writer.written(line, claim) for line in lines]), False
            found.append(one)
        return found, are_plain


def _keys(lines_by_claim: Sequence[tuple[ServiceLine, ...]], count: int) -> list[_Key]:
    """The parts that the text of each claim's lines is made of, and what a plain line has none of: such a key with
    something in its last place is not to be kept.
    """
    # Named one by one, as in `columns_of`: Python reads them so in half the time of an attrgetter.
    keys: list[_Key] = [
        (
            line.claim_line_number,
            line.hcpcs_code,
            line.modifiers,
            line.service_unit_quantity,
            line.charge_amount_cents,
            line.service_date,
            line.diagnosis_pointers,
            line.unit_basis_code,
            line.is_whole_quantity,
            line.place_of_service_code
            or line.service_from_date
            or line.rendering
            or line.supervising
            or line.referring
            or line.prior_authorization_number
            or line.referral_number
            or line.note
            or line.paperwork
            or line.adjudications
            or None,
        )
        for line in chain.from_iterable(lines_by_claim)
    ]
    if count == len(lines_by_claim) and all(lines_by_claim):
        return keys
    remaining = iter(keys)
    take = remaining.__next__
    return [
        take() if len(lines) == _FIRST else tuple(islice(remaining, len(lines))) for lines in lines_by_claim
    ]


def _put_together(lines: Sequence[WrittenLine]) -> _ClaimLines:
    """The lines of one claim. Raises `X12Error` where they are none, too many or not numbered from 1."""
    if not lines or len(lines) > LINES_MAX:
        raise X12Error(f"lines: expected 1 to {LINES_MAX}")
    if [line.number for line in lines] != list(range(_FIRST, len(lines) + 1)):
        raise X12Error("number lines from 1, in their order")
    between = [line.after + following.before for line, following in pairwise(lines)]
    charge = sum(line.charge_amount_cents for line in lines)
    return _ClaimLines(
        (lines[0].before, *between, lines[-1].after),
        dollars_text(charge),
        charge,
        max(line.highest_pointer for line in lines),
    )
