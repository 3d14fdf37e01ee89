"""The load of `benchmarks/month_close_load.py`, small: some practices close at once while people work in them."""

import sys
from argparse import Namespace
from pathlib import Path

import pytest
from django.db import connections

pytestmark = [pytest.mark.live, pytest.mark.once]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_practices_close_at_once_while_people_work(database, engines, monkeypatch) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).resolve().parents[2] / "benchmarks"))
    import month_close_load

    url = engines(database).url(connections.settings["default"]["NAME"])
    given = Namespace(practices=4, people=6, patients=6, workers=1, pause=0.0)
    result = month_close_load.run(given, url)
    assert result["faults"] == []
    assert result["runs"] == 8 and result["claims"] > 8
    sys.modules.pop("month_close_load")
