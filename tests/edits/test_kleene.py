"""Three-valued logic, plain and traced, against the written-out tables."""

from itertools import product

import pytest

from cocm.edits.fact import Fact, Kind, Scope
from cocm.edits.kleene import UNKNOWN, is_in, not_
from cocm.edits.trace import TracedFacts

T, F, U = True, False, UNKNOWN
AND = {(T, T): T, (T, F): F, (T, U): U, (F, T): F, (F, F): F, (F, U): F, (U, T): U, (U, F): F, (U, U): U}
OR = {(T, T): T, (T, F): T, (T, U): T, (F, T): T, (F, F): F, (F, U): U, (U, T): T, (U, F): U, (U, U): U}
NOT = {T: F, F: T, U: U}
PAIRS = list(product((T, F, U), repeat=2))


def declared(name, kind=Kind.BOOLEAN):
    return Fact(
        name,
        Scope.LINE,
        kind,
        f"{name} is so",
        f"{name} is not so",
        "",
        lambda line: 0,
        "",
        False,
        True,
        0,
        (),
    )


def traced(**values):
    facts = {
        name: declared(name, Kind.BOOLEAN if isinstance(value, bool) or value is UNKNOWN else Kind.INTEGER)
        for name, value in values.items()
    }
    return TracedFacts(values, facts)


@pytest.mark.parametrize(("left", "right"), PAIRS)
def test_and_and_or_follow_kleenes_tables(left, right):
    assert (left & right) is AND[left, right]
    assert (left | right) is OR[left, right]


@pytest.mark.parametrize("value", [T, F, U])
def test_not_keeps_the_unknown(value):
    assert not_(value) is NOT[value]


@pytest.mark.parametrize(("left", "right"), PAIRS)
def test_traced_logic_gives_the_same_truths(left, right):
    f = traced(a=left, b=right)
    assert (f.a & f.b).value is AND[left, right]
    assert (f.a | f.b).value is OR[left, right]
    assert not_(f.a).value is NOT[left]


def test_comparing_with_the_unknown_is_unknown():
    for truth in (U > 3, U == 3, U != "x", U <= 3, U == 3, is_in(U, ("a",)), U + 1 > 2, 2 * U == 4):
        assert truth is UNKNOWN


def test_the_unknown_has_no_truth_of_its_own():
    with pytest.raises(TypeError, match="neither true nor false"):
        bool(UNKNOWN)


def test_members():
    assert is_in("7", ("7", "8")) is True
    assert is_in(3, (1, 2)) is False


def test_a_false_and_names_only_its_false_side():
    f = traced(a=True, b=False, c=True)
    decided = f.a & f.b & f.c
    assert [decision.text for decision in decided.because] == ["b is not so"]


def test_a_true_or_names_only_its_true_side():
    f = traced(a=False, n=5)
    decided = f.a | (f.n > 4)
    assert [decision.text for decision in decided.because] == ["n is so (5) is more than 4"]


def test_an_unknown_truth_names_only_what_is_unknown():
    f = traced(a=UNKNOWN, n=5)
    decided = (f.n > 4) & f.a
    assert [decision.text for decision in decided.because] == ["whether a is so"]
    assert [reading.fact.name for decision in decided.because for reading in decision.readings] == ["a"]


def test_words_say_what_is_so_not_what_was_asked():
    f = traced(n=5, m=4)
    assert (f.n <= f.m).because[0].text == "n is so (5) is more than m is so (4)"
    assert not_(f.n > f.m).value is False
