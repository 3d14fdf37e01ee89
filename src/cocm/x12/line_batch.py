"""The service lines of many claims at once. A line is looked up by its parts: most are of a kind seen before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice, pairwise, repeat
from operator import attrgetter
from typing import Final, NamedTuple

from cocm.basics.errors import X12Error
from cocm.claims.records import Claim, ServiceLine
from cocm.x12.fitness import LINES_MAX
from cocm.x12.line_writer import LineWriter, WrittenLine, further_names, plain_names
from cocm.x12.party_writer import KEPT_PARTS_MAX
from cocm.x12.remembered import ByValue
from cocm.x12.values import dollars_text

_FIRST: Final = 1
_SEEN_FIRST: Final = (
    16  # lines, of which so few may be distinct objects for their identity to be worth a look
)
_DISTINCT_MAX: Final = 8

_all_parts = attrgetter(*plain_names, *further_names)


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
        self._lines: dict[object, WrittenLine] = {}
        self._claim_lines = ByValue(_all_put_together, KEPT_PARTS_MAX)

    def write(
        self,
        claims: Sequence[Claim],
        claim_ids: Sequence[str],
        lines_by_claim: Sequence[tuple[ServiceLine, ...]],
        diagnoses: Sequence[tuple[str, ...]],
    ) -> WrittenLines | None:
        """The lines of some claims; None where a claim's lines do not fit it.

        Raises `X12Error` for a line that fits no claim, and for lines out of their order.
        """
        counts = list(map(len, lines_by_claim))
        if min(counts) < 1 or max(counts) > LINES_MAX:
            return None
        lines = list(chain.from_iterable(lines_by_claim))
        plain = self._plain(lines)
        if plain is not None:
            together = self._claim_lines(_by_claim(iter(plain), counts))
        else:
            owners = chain.from_iterable(map(repeat, claims, counts))
            written = map(self._writer.written, lines, owners)
            together = list(map(_put_together, _by_claim(written, counts)))
        around_ids, charges, cents, highest = zip(*together, strict=True)
        if max(highest) > min(map(len, diagnoses)) and any(
            pointer > len(codes) for pointer, codes in zip(highest, diagnoses, strict=True)
        ):
            return None
        texts = list(map(str.join, claim_ids, around_ids))
        return WrittenLines(texts, charges, sum(cents), len(lines), plain is not None)

    def _plain(self, lines: Sequence[ServiceLine]) -> list[WrittenLine] | None:
        """The lines where all of them are plain: the same whatever the claim."""
        if len(set(map(id, lines[:_SEEN_FIRST]))) > _DISTINCT_MAX:
            return self._plain_by_parts(lines)
        distinct = dict(zip(map(id, lines), lines, strict=True))
        written = self._plain_by_parts(list(distinct.values()))
        if written is None:
            return None
        by_identity = dict(zip(distinct, written, strict=True))
        return list(map(by_identity.__getitem__, map(id, lines)))

    def _plain_by_parts(self, lines: Sequence[ServiceLine]) -> list[WrittenLine] | None:
        known, parts = self._lines, list(map(_all_parts, lines))
        try:
            return list(map(known.__getitem__, parts))
        except KeyError:
            pass
        found = []
        for line, key in zip(lines, parts, strict=True):
            written = known.get(key) or self._writer.plain(line)
            if written is None:
                return None
            if len(known) >= KEPT_PARTS_MAX:
                known.clear()
            known[key] = written
            found.append(written)
        return found


def _by_claim(written: Iterator[WrittenLine], counts: Sequence[int]) -> list[tuple[WrittenLine, ...]]:
    """The lines of each claim."""
    if max(counts) == _FIRST:
        return list(zip(written, strict=False))
    take = written.__next__
    return [(take(),) if count == _FIRST else tuple(islice(written, count)) for count in counts]


def _all_put_together(distinct: Sequence[tuple[WrittenLine, ...]]) -> Iterator[_ClaimLines]:
    return map(_put_together, distinct)


def _put_together(lines: tuple[WrittenLine, ...]) -> _ClaimLines:
    """The lines of one claim. Raises `X12Error` where they are not numbered from 1."""
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
