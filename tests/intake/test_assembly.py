"""Records put together slot by slot are the records their class would make."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, dataclass, fields

import pytest

from cocm.care.people import Address
from cocm.care.records import Contact
from cocm.intake.assembly import assembler


def test_an_assembled_record_is_the_one_the_class_makes() -> None:
    values = [f"value {number}" for number in range(len(fields(Contact)))]
    made = assembler(Contact)(values)
    assert made == Contact(*values)  # type: ignore[arg-type]  # any values will do
    assert hash(made) == hash(Contact(*values))  # type: ignore[arg-type]  # as above
    with pytest.raises(FrozenInstanceError):
        made.contact_id = "other"  # type: ignore[misc]  # that is the test


@pytest.mark.parametrize("values", [("a", "b", "c"), ("a", "b", "c", "d", "e")])
def test_a_value_for_every_field_and_no_more(values: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="zip"):
        assembler(Address)(values)


def test_a_class_that_checks_itself_is_refused() -> None:
    @dataclass(frozen=True, slots=True)
    class Checked:
        number: int

        def __post_init__(self) -> None:
            raise AssertionError

    with pytest.raises(TypeError, match="call it"):
        assembler(Checked)
