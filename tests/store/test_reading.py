"""A state that is only read: while another writes, without being touched, and from an older program."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from cocm.basics.errors import StateError
from cocm.store import reading
from cocm.store import state as state_module
from cocm.store.remittances import Remittances
from cocm.store.state import PracticeState


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a folder?#%41" / "state.sqlite"
    with PracticeState(path, "ORG") as state:
        state.commit()
    return path


def test_a_reader_is_not_held_up_by_a_writer(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state_module, "BUSY_TIMEOUT_SECONDS", 0)
    with PracticeState(path, "ORG"), PracticeState(path, "ORG", is_read_only=True) as state:
        state.check_events()
        assert not Remittances(state).has_answers()


def test_nothing_can_be_recorded(path: Path) -> None:
    with (
        PracticeState(path, "ORG", is_read_only=True) as state,
        pytest.raises(sqlite3.OperationalError, match="readonly"),
    ):
        state.connection.execute("DELETE FROM practice")


def test_the_file_and_its_folder_stay_as_they_are(path: Path) -> None:
    before = (path.read_bytes(), path.stat().st_mtime_ns, sorted(path.parent.iterdir()))
    with PracticeState(path, "ORG", is_read_only=True) as state:
        state.check_events()
    assert (path.read_bytes(), path.stat().st_mtime_ns, sorted(path.parent.iterdir())) == before


@pytest.mark.parametrize("may_not", ["file", "folder"])
def test_what_may_not_be_written_is_read(path: Path, monkeypatch: pytest.MonkeyPatch, may_not: str) -> None:
    wanted = path if may_not == "file" else path.parent
    monkeypatch.setattr(reading.os, "access", lambda given, _: given != wanted)
    with PracticeState(path, "ORG", is_read_only=True) as state:
        state.check_events()
        assert sorted(path.parent.iterdir()) == [path], "no log is left for a writer to stumble over"


def test_an_older_state_is_read_and_stays_old(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    folder = Path(state_module.__file__).parent / "migrations"
    with sqlite3.connect(path) as connection:
        connection.executescript((folder / "0001_initial.sql").read_text(encoding="utf-8"))
        connection.execute("INSERT INTO practice VALUES ('ORG')")
        connection.execute("PRAGMA user_version = 1")
    connection.close()
    before = path.read_bytes()
    with PracticeState(path, "ORG", is_read_only=True) as state:
        assert not Remittances(state).has_answers()
    assert path.read_bytes() == before


def test_another_practices_state_is_refused(path: Path) -> None:
    with pytest.raises(StateError, match="belongs to organization ORG"):
        PracticeState(path, "OTHER", is_read_only=True)


def test_a_state_of_nobody_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    with PracticeState(path, "ORG") as state:
        state.connection.execute("DELETE FROM practice")
        state.commit()
    with pytest.raises(StateError, match="close a month first"):
        PracticeState(path, "ORG", is_read_only=True)


def test_a_file_that_is_no_state_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    path.write_text("not a database" * 100)
    with pytest.raises(StateError, match="not a state file"):
        PracticeState(path, "ORG", is_read_only=True)
