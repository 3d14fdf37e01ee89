"""Code sets by date: what exists, from when until when, and what a table cannot know."""

from __future__ import annotations

from datetime import date

import pytest

from cocm.rules import Rulebook
from cocm.rules.procedure_codes import procedure_exists_on
from cocm.x12 import validate
from cocm.x12.code_sets import rulebook_code_sets, shipped_code_sets
from cocm.x12.dated_codes import DatedCodes, day_or_none

RULEBOOK = Rulebook()
SETS = rulebook_code_sets(RULEBOOK)
SPRING = date(2026, 4, 15)


def fault(name: str, code: str, day: date = SPRING) -> str:
    codes = SETS[name]
    assert isinstance(codes, DatedCodes)
    return codes.fault(code, day)


@pytest.mark.parametrize(
    ("name", "code", "day"),
    [
        ("diagnosis", "F321", SPRING),
        (
            "diagnosis",
            "F33",
            date(2022, 5, 1),
        ),  # a heading now; before the editions at hand it may have been a code
        ("diagnosis", "J45909", SPRING),  # not followed
        ("diagnosis", "F989Z", date(2027, 5, 1)),  # beyond the editions at hand
        ("procedure", "99492", SPRING),
        ("procedure", "99214", SPRING),
        ("procedure", "36415", SPRING),  # not followed
        ("procedure", "G0512", date(2026, 6, 1)),  # another payer may go on with what Medicare ended
        ("place_of_service", "11", date(2001, 1, 1)),
        ("place_of_service", "10", date(2022, 1, 1)),
        ("adjustment_reason", "45", SPRING),
        ("adjustment_reason", "320", SPRING),  # a number above the list: newer than it
        ("remark", "N130", SPRING),
        ("taxonomy", "207Q00000X", SPRING),
    ],
)
def test_a_code_that_is_good_or_not_known_is_no_fault(name: str, code: str, day: date) -> None:
    assert fault(name, code, day) == ""


@pytest.mark.parametrize(
    ("name", "code", "day", "words"),
    [
        ("diagnosis", "F499", SPRING, "no such"),
        ("diagnosis", "F33", SPRING, "heading"),
        ("diagnosis", "99", SPRING, "form"),
        ("procedure", "99488", SPRING, "no such"),  # between codes that are followed
        ("procedure", "99999", SPRING, "no such"),
        ("procedure", "00000", SPRING, "no such"),
        ("procedure", "G2214", date(2020, 12, 31), "on that day"),
        ("procedure", "9949", SPRING, "form"),
        ("place_of_service", "98", SPRING, "no such"),
        ("place_of_service", "10", date(2021, 12, 31), "2022-01-01"),
        ("adjustment_reason", "9ZZ", SPRING, "no such"),
        ("adjustment_reason", "4500", SPRING, "no such"),
        ("adjustment_reason", "320", date(2005, 1, 1), "no such"),
        ("remark", "ZZ999", SPRING, "no such"),
        ("taxonomy", "207Q", SPRING, "form"),
    ],
)
def test_a_code_that_is_none_on_the_day_is_told(name: str, code: str, day: date, words: str) -> None:
    assert words in fault(name, code, day)


def test_codes_end_and_begin() -> None:
    ended = [
        code
        for code in map(str, range(1, 305))
        if not fault("adjustment_reason", code, date(1996, 1, 1)) and fault("adjustment_reason", code)
    ]
    assert ended


def test_without_arguments_only_whole_lists_are_held_to() -> None:
    assert set(SETS) - set(shipped_code_sets()) == {"diagnosis", "procedure", "taxonomy"}


def test_whether_a_procedure_exists_may_be_unknown() -> None:
    assert procedure_exists_on(RULEBOOK, "99492", date(2017, 12, 31)) is False
    assert procedure_exists_on(RULEBOOK, "99492", date(2018, 1, 1)) is True
    assert procedure_exists_on(RULEBOOK, "99488", SPRING) is False
    assert procedure_exists_on(RULEBOOK, "99488", date(2010, 1, 1)) is None
    assert procedure_exists_on(RULEBOOK, "36415", SPRING) is None


@pytest.mark.parametrize("text", ["", "2026-04-1", "20260431", "2026041", "20260415 ", "٢٠٢٦٠٤١٥"])
def test_what_is_no_day_is_none(text: str) -> None:
    assert day_or_none(text) is None


def test_the_limit_of_problems_must_be_one() -> None:
    with pytest.raises(ValueError, match="problems_max"):
        validate(b"", problems_max=0)
