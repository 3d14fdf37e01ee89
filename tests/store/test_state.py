import io
import sqlite3
import stat
from datetime import date
from pathlib import Path

import pytest

from cocm.basics.errors import StateError
from cocm.basics.identity import Provenance
from cocm.basics.months import Month
from cocm.store.state import Event, PracticeState, RecordedClaim, RecordedInterchange

MARCH = Month(2026, 3)
PROVENANCE = Provenance("org", date(2026, 4, 2), "hash")


def claim(patient_id: str = "p1", sequence: int = 1, control_number: int = 1) -> RecordedClaim:
    return RecordedClaim(
        f"C-{patient_id}-{sequence}",
        patient_id,
        MARCH.index,
        "plan",
        sequence,
        "digest",
        "1",
        16032,
        control_number,
    )


def interchange(control_number: int = 1) -> RecordedInterchange:
    return RecordedInterchange(
        control_number, "plan", MARCH.index, date(2026, 4, 2), "claims.837", "sha", 4, 1, 16032
    )


def record(state: PracticeState, *claims: RecordedClaim, content: bytes = b"ISA~") -> int:
    number = state.next_control_number()
    state.record_interchange(interchange(number), io.BytesIO(content), claims, PROVENANCE)
    return number


def test_what_was_recorded_is_there_after_reopening(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    with PracticeState(path, "org") as state:
        record(state, claim())
        state.commit()
    with PracticeState(path, "org") as state:
        assert state.latest_claims(MARCH) == {("p1", "plan"): claim()}
        assert state.latest_claims(MARCH.plus(1)) == {}
        assert [found.control_number for found in state.interchanges(MARCH)] == [1]


def test_without_commit_nothing_stays(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    with PracticeState(path, "org") as state:
        state.commit()
    with PracticeState(path, "org") as state:
        record(state, claim())
    with PracticeState(path, "org") as state:
        assert state.latest_claims(MARCH) == {}
        assert state.next_control_number() == 1


def test_the_same_bytes_come_back_even_from_many_pieces(tmp_path: Path) -> None:
    content = bytes(range(256)) * 10_000
    with PracticeState(tmp_path / "state.sqlite", "org") as state:
        number = record(state, content=content)
        pieces = list(state.interchange_bytes(number))
    assert len(pieces) > 1
    assert b"".join(pieces) == content


def test_control_numbers_are_never_used_twice(tmp_path: Path) -> None:
    with PracticeState(tmp_path / "state.sqlite", "org") as state:
        assert [record(state, claim(f"p{n}", control_number=n)) for n in (1, 2, 3)] == [1, 2, 3]


def test_the_latest_of_several_claims_of_a_month_counts(tmp_path: Path) -> None:
    with PracticeState(tmp_path / "state.sqlite", "org") as state:
        record(state, claim(sequence=1))
        record(state, claim(sequence=2, control_number=2))
        assert state.latest_claims(MARCH)[("p1", "plan")].sequence == 2


def test_a_claim_is_never_recorded_twice(tmp_path: Path) -> None:
    with PracticeState(tmp_path / "state.sqlite", "org") as state:
        record(state, claim())
        with pytest.raises(StateError, match="written before"):
            record(state, claim(control_number=2))


@pytest.mark.parametrize("table", ["event", "claim", "interchange"])
@pytest.mark.parametrize("change", ["DELETE FROM {}", "UPDATE {} SET rowid = rowid"])
def test_records_are_append_only(tmp_path: Path, table: str, change: str) -> None:
    path = tmp_path / "state.sqlite"
    with PracticeState(path, "org") as state:
        record(state, claim())
        state.commit()
    connection = sqlite3.connect(path)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute(change.format(table))
    connection.close()


def test_a_changed_event_breaks_the_chain(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    with PracticeState(path, "org") as state:
        state.record_events(
            [Event("note", str(number), {"n": number}) for number in range(5)], date(2026, 4, 1)
        )
        assert state.broken_event() is None
        state.commit()
    connection = sqlite3.connect(path)
    connection.execute("DROP TRIGGER event_is_never_changed")
    connection.execute("UPDATE event SET detail_json = '{\"n\":9}' WHERE event_number = 3")
    connection.commit()
    connection.close()
    with PracticeState(path, "org") as state:
        assert state.broken_event() == 3


def test_the_file_is_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    with PracticeState(path, "org") as state:
        state.commit()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_another_practices_state_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    with PracticeState(path, "org") as state:
        state.commit()
    with pytest.raises(StateError, match="belongs to organization org"):
        PracticeState(path, "other")


def test_a_newer_state_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    with PracticeState(path, "org") as state:
        state.commit()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StateError, match="newer version"):
        PracticeState(path, "org")


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    path.write_bytes(b"this is a letter, not a database, and it is long enough to be read as a header" * 20)
    with pytest.raises(StateError, match="not a state file"):
        PracticeState(path, "org")


def test_another_programs_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE song (title TEXT)")
    connection.close()
    with pytest.raises(StateError, match="not a practice state"):
        PracticeState(path, "org")


def test_two_closes_at_once_cannot_both_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cocm.store.state.BUSY_TIMEOUT_SECONDS", 0.05)
    path = tmp_path / "state.sqlite"
    with PracticeState(path, "org"), pytest.raises(StateError, match="another close holds"):
        PracticeState(path, "org")


def test_a_dry_run_keeps_its_state_in_memory(tmp_path: Path) -> None:
    with PracticeState(None, "org") as state:
        record(state, claim())
        state.commit()
    assert list(tmp_path.iterdir()) == []


def test_what_a_copy_recorded_is_taken_over_as_if_it_had_been_recorded_here() -> None:
    with PracticeState(None, "org") as state:
        record(state, claim())
        state.commit()
        begun_at = state.last_event()
        with PracticeState(None, "org", image=state.image()) as copy:
            record(copy, claim("p2", control_number=2), claim("p3", control_number=2), content=b"ISA2~")
            state.take_over(copy, begun_at)
            assert state.last_event() == copy.last_event()
        state.check_events()
        assert len(state.latest_claims(MARCH)) == 3
        assert b"".join(state.interchange_bytes(2)) == b"ISA2~"


def test_a_copy_is_not_taken_over_once_the_state_has_moved_on() -> None:
    with PracticeState(None, "org") as state:
        state.commit()
        begun_at = state.last_event()
        with PracticeState(None, "org", image=state.image()) as copy:
            record(copy, claim())
            record(state, claim())
            with pytest.raises(StateError, match="meanwhile"):
                state.take_over(copy, begun_at)
        assert len(state.latest_claims(MARCH)) == 1
