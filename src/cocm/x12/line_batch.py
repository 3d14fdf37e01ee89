"""The service lines of many claims at once. A line is looked up by its parts: most are of a kind seen before."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Final, TypeVar

from cocm.claims.records import Claim, ServiceLine
from cocm.x12.fitness import LINES_MAX
from cocm.x12.line_writer import LineWriter
from cocm.x12.party_writer import KEPT_PARTS_MAX
from cocm.x12.remembered import ByIdentity

_Value = TypeVar("_Value")

_FIRST: Final = 1


@dataclass(frozen=True, slots=True)
class WrittenLines:
    """The lines of each claim of a batch, and what they come to. `are_plain`: none has parts beyond the usual."""

    texts: Sequence[str]
    claim_cents: Sequence[int]
    count: int
    are_plain: bool


class LineBatchWriter:
    """Writes the lines of batches of claims."""

    def __init__(self, writer: LineWriter) -> None:
        self._writer = writer
        self._plain = ByIdentity(writer.plain, KEPT_PARTS_MAX)

    def write(
        self,
        claims: Sequence[Claim],
        claim_ids: Sequence[str],
        lines_by_claim: Sequence[tuple[ServiceLine, ...]],
        diagnoses: Sequence[tuple[str, ...]],
    ) -> WrittenLines | None:
        """The lines of some claims; None where a claim's lines do not fit it.

        Raises `X12Error` for a line that fits no claim.
        """
        counts = list(map(len, lines_by_claim))
        if min(counts) < 1 or max(counts) > LINES_MAX:
            return None
        lines = list(chain.from_iterable(lines_by_claim))
        plain = self._plain(lines)
        written = [one for one in plain if one is not None]
        are_plain = len(written) == len(lines)
        if not are_plain:
            owners = chain.from_iterable(map(repeat, claims, counts))
            written = list(map(self._writer.written, lines, owners))
        before, after, numbers, cents, highest = zip(*written, strict=True)
        is_single = len(counts) == len(lines)
        if is_single:
            are_in_order = numbers.count(_FIRST) == len(numbers)
        else:
            are_in_order = list(numbers) == [at for count in counts for at in range(_FIRST, count + 1)]
        if not are_in_order or not _point_at_diagnoses(highest, counts, diagnoses):
            return None
        ids = claim_ids if is_single else chain.from_iterable(map(repeat, claim_ids, counts))
        texts = list(map("".join, zip(before, ids, after, strict=True)))
        if is_single:
            return WrittenLines(texts, cents, len(lines), are_plain)
        return WrittenLines(
            _by_claim(texts, counts, "".join), _by_claim(cents, counts, sum), len(lines), are_plain
        )


def _point_at_diagnoses(
    highest: Sequence[int], counts: Sequence[int], diagnoses: Sequence[tuple[str, ...]]
) -> bool:
    if max(highest) <= min(map(len, diagnoses)):
        return True
    by_claim = _by_claim(highest, counts, max)
    return all(pointer <= len(codes) for pointer, codes in zip(by_claim, diagnoses, strict=True))


def _by_claim(
    values: Iterable[_Value], counts: Sequence[int], merge: Callable[[Iterable[_Value]], _Value]
) -> list[_Value]:
    """What the lines of each claim come to."""
    take = iter(values).__next__
    return [take() if count == 1 else merge([take() for _ in range(count)]) for count in counts]
