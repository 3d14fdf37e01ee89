"""A close, a void and posting in a state that another opened: whoever opened it commits, and nothing else lasts."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import pytest
from closed_practice import ClosedPractice
from practice_folder import AS_OF, MARCH, PracticeFolder, small_practice
from remittance_maker import Decided, Line, remittance
from status_maker import acknowledged

from cocm.basics.errors import UnusableInput
from cocm.close.request import CloseRequest
from cocm.close.run import close_month
from cocm.close.void import VoidRequest, void_claim
from cocm.receivables.post import post_stream
from cocm.receivables.practice_books import BooksRequest, OpenBooks, open_books
from cocm.receivables.status import take_in_status
from cocm.store.state import PracticeState


@pytest.fixture
def practice(tmp_path: Path) -> PracticeFolder:
    made = small_practice(tmp_path / "practice")
    made.add_patient("P1", minutes=80)
    return made


def close_in(practice: PracticeFolder, state: PracticeState, out: str, **more: bool) -> dict[str, int]:
    request = CloseRequest(
        practice.write(), MARCH, practice.folder.parent / out, AS_OF, None, workers=1, **more
    )
    return dict(close_month(request, state=state).tally.by_status)


def test_a_close_in_a_given_state_lasts_when_its_owner_commits(
    practice: PracticeFolder, tmp_path: Path
) -> None:
    for commits, expected in ((False, {"claim": 1}), (True, {"claim": 1}), (True, {"already_sent": 1})):
        with PracticeState(tmp_path / "kept.sqlite", "ORG1") as state:
            assert close_in(practice, state, "out") == expected
            if commits:
                state.commit()
    assert not (practice.folder / "cocm-state.sqlite").exists()


@pytest.mark.parametrize("look", ["is_dry_run", "is_test"])
def test_a_look_ahead_leaves_a_given_state_as_it_was(practice: PracticeFolder, look: str) -> None:
    with PracticeState(None, "ORG1") as state:
        assert close_in(practice, state, "look", **{look: True}) == {"claim": 1}
        assert not list(state.events())
        assert close_in(practice, state, "out") == {"claim": 1}
        assert close_in(practice, state, "again", **{look: True}) == (
            {"claim": 1} if look == "is_test" else {"already_sent": 1}
        )


def test_a_close_that_fails_leaves_a_given_state_as_it_was(practice: PracticeFolder) -> None:
    with PracticeState(None, "ORG1") as state:
        (practice.folder.parent / "blocked").write_text("a file where a folder should be")
        with pytest.raises(UnusableInput):
            close_in(practice, state, "blocked")
        assert close_in(practice, state, "out") == {"claim": 1}


def test_a_void_in_a_given_state(practice: PracticeFolder, tmp_path: Path) -> None:
    practice.tables["coverages"][0]["payer_id"] = "PLAN"
    with PracticeState(None, "ORG1") as state:
        close_in(practice, state, "out")
        ((_, claim),) = state.latest_claims(MARCH).items()
        request = VoidRequest(practice.folder, claim.claim_id, "ICN1", tmp_path / "voids", AS_OF)
        assert void_claim(request, state=state).claim_count == 1
        ((_, last),) = state.latest_claims(MARCH).items()
        assert last.frequency_code == "8"
        with pytest.raises(UnusableInput, match="voided"):
            void_claim(request, state=state)


def paid(closed: ClosedPractice) -> bytes:
    line = Line("99493", 18000, (("CO", "45", 3000),))
    return remittance(Decided(closed.claim_ids["P1"], (line,), member_id="MP1"))


def books_of(closed: ClosedPractice):
    return open_books(BooksRequest(closed.folder, date(2026, 5, 4)))


def post(books: OpenBooks, content: bytes) -> tuple[bool, int]:
    (file,) = post_stream(books, "answer.835", io.BytesIO(content)).files
    return file.is_known, file.new_decisions


def test_a_posted_stream_lasts_when_its_owner_commits(closed: ClosedPractice) -> None:
    content = paid(closed)
    with books_of(closed) as books:
        assert post(books, content) == (False, 1)
    with books_of(closed) as books:
        assert post(books, content) == (False, 1)
        assert post(books, content) == (True, 0)
        books.state.commit()
    with books_of(closed) as books:
        assert post(books, content) == (True, 0)


def test_a_status_is_taken_into_given_books_once(closed: ClosedPractice) -> None:
    content = acknowledged(closed.claim_ids["P1"], "A2:20")
    with books_of(closed) as books:
        assert take_in_status(books, "answer.277", content).new_events == 1
        assert take_in_status(books, "again.277", content).is_known
        with pytest.raises(UnusableInput, match=r"other\.txt"):
            take_in_status(books, "other.txt", b"no interchange at all")
