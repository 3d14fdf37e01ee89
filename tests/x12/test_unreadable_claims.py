"""One claim that cannot be read is named; those around it are read all the same."""

from __future__ import annotations

import pytest
from claim_samples import make_claim, make_dependent, written

from cocm.basics.errors import X12Error
from cocm.x12 import UnreadableClaim, read_837p

DAMAGES = (
    (b"*284.32*", b"*28 4.32*", "CLM02"),
    (b"DTP*472*D8*20260331", b"DTP*472*D8*20261331", "DTP03"),
    (b"SV1*HC:99492*160.32*UN*1*", b"SV1*HC:99492*160.32*UN*x*", "SV104"),
)


@pytest.mark.parametrize(("sound", "damaged", "element"), DAMAGES)
@pytest.mark.parametrize("at", [0, 1, 2])
def test_a_claim_that_cannot_be_read_costs_no_other(
    sound: bytes, damaged: bytes, element: str, at: int
) -> None:
    content = written([make_claim(1), make_dependent(2), make_claim(3)])
    parts = content.split(b"CLM*")
    parts[at + 1] = parts[at + 1].replace(sound[4:] if sound.startswith(b"CLM*") else sound, damaged, 1)
    broken = b"CLM*".join(parts)
    unreadable: list[UnreadableClaim] = []

    read = [record.claim_id for record in read_837p(broken, on_unreadable=unreadable.append)]

    named = [f"C-{number:014d}" for number in (1, 2, 3)]
    assert read == [claim_id for place, claim_id in enumerate(named) if place != at]
    assert [one.claim_id for one in unreadable] == [named[at]]
    assert element in unreadable[0].why
    assert broken[unreadable[0].start :].startswith(b"CLM*" + named[at].encode())


def test_without_a_taker_the_reading_ends_at_the_claim() -> None:
    broken = written([make_claim(1)]).replace(b"*284.32*", b"*x*")

    with pytest.raises(X12Error, match="CLM02"):
        list(read_837p(broken))
