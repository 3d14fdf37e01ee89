"""One is one."""

from __future__ import annotations

import pytest

from cocm.basics.counted import counted


@pytest.mark.parametrize(
    ("number", "words"),
    [(0, "0 entries"), (1, "1 entry"), (2, "2 entries"), (1000, "1,000 entries")],
)
def test_a_number_takes_its_noun(number: int, words: str) -> None:
    assert counted(number, "entry", "entries") == words


def test_most_nouns_take_an_s() -> None:
    assert (counted(1, "new decision"), counted(3, "new decision")) == ("1 new decision", "3 new decisions")
