"""A workbook of the site says nothing of when it was written: the same rows give the same bytes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
import time_machine

from cocm.server.files import workbook_bytes
from cocm.server.registry.aims import aims_workbook


@pytest.mark.parametrize(
    "written",
    [
        lambda: workbook_bytes("Hours", ("Name", "Minutes"), [("Roe", 60)]),
        lambda: aims_workbook([], date(2026, 4, 2)),
    ],
    ids=["table", "caseload"],
)
def test_the_same_rows_give_the_same_workbook_on_another_day(written: Callable[[], bytes]) -> None:
    with time_machine.travel("2026-04-02 12:00", tick=False):
        first = written()
    with time_machine.travel("2026-04-09 12:00", tick=False):
        assert written() == first
