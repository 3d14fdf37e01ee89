"""The log holds ids and places, and nothing of a patient's."""

import logging

import pytest

from cocm.server.logs import LineFormatter, Scrub, scrubbed


@pytest.mark.parametrize(
    "text",
    [
        "duplicate key: Key (last_name)=(Davis) already exists",
        "GET /caseload/?q=Davis",
        "no member 'W00123456' of 'Davis'",
        "mail to ariana.davis@example.org failed",
        "born 1999-07-14",
        "ssn 123-45-6789, card 123456789012",
    ],
)
def test_what_may_be_a_patients_is_hidden(text) -> None:
    told = scrubbed(text)
    for word in ("Davis", "W00123456", "ariana", "1999", "6789", "123456789012"):
        assert word not in told


def test_an_exception_is_told_by_its_class_and_place() -> None:
    try:
        raise ValueError("Ariana Davis, born 1999-07-14")
    except ValueError:
        import sys

        record = logging.LogRecord(
            "cocm", logging.ERROR, __file__, 1, "Internal Server Error: %s", ("/caseload/",), sys.exc_info()
        )
    assert Scrub().filter(record)
    line = LineFormatter().format(record)
    assert "ValueError at" in line and "test_logs.py" in line
    assert "Ariana" not in line and "1999" not in line


def test_a_line_is_one_line() -> None:
    record = logging.LogRecord("cocm", logging.INFO, __file__, 1, "one\ntwo", (), None)
    assert "\n" not in LineFormatter().format(record)
