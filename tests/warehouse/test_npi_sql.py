"""The check digit in SQL is the one in Python, for every kind of wrong number."""

from random import Random

from cocm.basics.npi import npi_check_digit, npi_is_valid
from cocm.edits.facts.parties import NPI_IS_VALID_SQL


def numbers():
    """Right ones, ones with a single digit changed, neighbours swapped, and what is no number at all."""
    random = Random(80840)
    found = {
        "",
        "1",
        "123456789",
        "12345678931",
        "3234567893",
        "123456789O",
        "١٢٣٤٥٦٧٨٩٣",
        "1234 67893",
        "-123456789",
    }
    for _ in range(300):
        nine = random.choice("12") + "".join(random.choices("0123456789", k=8))
        right = nine + npi_check_digit(nine)
        place = random.randrange(9)
        found |= {
            right,
            right[:place] + str((int(right[place]) + 1) % 10) + right[place + 1 :],
            right[:place] + right[place + 1] + right[place] + right[place + 2 :],
        }
    return sorted(found)


def test_the_check_digit_agrees(engine):
    engine.connection.execute("create table n (npi text)")
    engine.connection.execute("insert into n values " + ", ".join(f"('{number}')" for number in numbers()))
    rows = engine.rows(f"select n.npi, {NPI_IS_VALID_SQL} as is_valid from n")
    assert len(rows) == len(numbers())
    assert {row["npi"]: bool(row["is_valid"]) for row in rows} == {
        npi: npi_is_valid(npi) for npi in numbers()
    }
    assert {bool(row["is_valid"]) for row in rows} == {True, False}
