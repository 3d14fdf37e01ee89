"""Records made quickly are the records that their dataclass would make."""

from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError, dataclass, field, fields, replace
from datetime import date

import pytest

from cocm.basics.records import maker, quickly_made


@dataclass(frozen=True, slots=True)
class Slow:
    number: int
    day: date
    words: tuple[str, ...] = ()
    note: str = "none"


@quickly_made
@dataclass(frozen=True, slots=True)
class Quick:
    number: int
    day: date
    words: tuple[str, ...] = ()
    note: str = "none"


DAY = date(2026, 3, 31)


@pytest.mark.parametrize("arguments", [(1, DAY), (1, DAY, ("a",)), (1, DAY, ("a",), "note")])
@pytest.mark.parametrize("make", [Quick, maker(Quick)])
def test_the_record_is_the_one_that_its_dataclass_makes(
    make: type[Quick], arguments: tuple[object, ...]
) -> None:
    made, expected = make(*arguments), Slow(*arguments)  # type: ignore[arg-type]  # as parametrized
    assert type(made) is Quick
    assert [getattr(made, item.name) for item in fields(Quick)] == [
        getattr(expected, item.name) for item in fields(Slow)
    ]
    assert repr(made) == repr(expected).replace("Slow", "Quick")
    assert hash(made) == hash(expected)
    assert made == Quick(*arguments)  # type: ignore[arg-type]  # as parametrized


@pytest.mark.parametrize("make", [Quick, maker(Quick)])
def test_it_is_frozen_and_survives_copies(make: type[Quick]) -> None:
    made = make(number=1, day=DAY)
    with pytest.raises(FrozenInstanceError):
        made.number = 2  # type: ignore[misc]  # that is the test
    assert pickle.loads(pickle.dumps(made)) == copy.copy(made) == replace(made, number=1) == made
    assert replace(made, note="other").note == "other"


@pytest.mark.parametrize("make", [Quick, maker(Quick)])
def test_a_value_for_every_field_and_no_more(make: type[Quick]) -> None:
    for arguments in [(1,), (1, DAY, (), "", "more")]:
        with pytest.raises(TypeError, match="argument"):
            make(*arguments)  # type: ignore[arg-type]  # that is the test


def test_a_class_whose_constructor_does_more_is_refused() -> None:
    @dataclass(frozen=True, slots=True)
    class Checked:
        number: int

        def __post_init__(self) -> None:
            raise AssertionError

    @dataclass(frozen=True, slots=True)
    class Filled:
        numbers: list[int] = field(default_factory=list)

    for record_class in (Checked, Filled):
        with pytest.raises(TypeError, match="call it"):
            maker(record_class)
        with pytest.raises(TypeError, match="call it"):
            quickly_made(record_class)
