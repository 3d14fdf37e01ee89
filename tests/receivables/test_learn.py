"""A denial that no edit foresaw becomes a candidate rule, tried on the history, accepted by a person."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from closed_practice import ClosedPractice
from remittance_maker import Decided, Line, remittance

from cocm.basics.errors import UnusableInput
from cocm.cli import cli
from cocm.receivables.learn import TriedCandidate, accept, candidates
from cocm.receivables.post import post_files
from cocm.receivables.practice_books import BooksRequest, open_books
from cocm.rules import Rulebook
from cocm.rules.check import check_rulebook

AS_OF = date(2026, 5, 4)


def decided(closed: ClosedPractice, patient_id: str, reason: str = "", remark: str = "") -> Decided:
    adjustment = ("CO", reason, 18000) if reason else ("CO", "45", 3000)
    line = Line("99493", 18000, (adjustment,), (remark,) if remark else ())
    return Decided(
        closed.claim_ids[patient_id], (line,), status="4" if reason else "1", payer_number=f"ICN{patient_id}"
    )


def learned(closed: ClosedPractice, *claims: Decided) -> list[TriedCandidate]:
    request = BooksRequest(closed.folder, AS_OF)
    post_files(request, [closed.file("a.835", remittance(*claims))])
    with open_books(request) as books:
        return candidates(books)


def test_a_refused_place_becomes_a_candidate_and_is_tried(closed: ClosedPractice) -> None:
    (found,) = learned(
        closed, decided(closed, "P1", "58", "M77"), decided(closed, "P2", "58", "M77"), decided(closed, "P3")
    )
    assert (found.rule.rule_id, found.rule.value) == ("claim.places_refused", frozenset({"11"}))
    assert sorted(found.rule.claim_ids) == sorted(closed.claim_ids[name] for name in ("P1", "P2"))
    test = found.back_test
    assert (test.claims, len(test.held), len(test.held_denied), len(test.held_paid)) == (3, 3, 2, 1)


def test_a_denial_that_an_edit_foresaw_teaches_nothing(closed: ClosedPractice) -> None:
    assert learned(closed, decided(closed, "P1", "109", "N418")) == []


def test_an_accepted_candidate_is_a_sound_overlay(closed: ClosedPractice, tmp_path: Path) -> None:
    learned(closed, decided(closed, "P1", "58", "M77"))
    overlay = tmp_path / "rules"
    with open_books(BooksRequest(closed.folder, AS_OF)) as books:
        with pytest.raises(UnusableInput, match="not offered; there are ca-commercial-carveout:claim"):
            accept(books, "x:y", overlay)
        path = accept(books, "ca-commercial-carveout:claim.places_refused", overlay)
    assert path == overlay / "payers/ca-commercial-carveout/rules/claim.places_refused.yaml"
    changed = Rulebook([overlay])
    value = changed.pack("ca-commercial-carveout").on(date(2026, 3, 31)).value("claim.places_refused")
    assert value.members == {"11"}
    assert [problem for problem in check_rulebook(changed) if problem.path == path] == []


def test_the_command_shows_and_accepts(closed: ClosedPractice, tmp_path: Path) -> None:
    learned(closed, decided(closed, "P1", "58", "M77"))
    arguments = ["learn", str(closed.folder), "--as-of", "2026-05-04"]
    shown = CliRunner().invoke(cli, arguments)
    assert shown.exit_code == 1 and "it would have held 3: 1 were denied, 0 paid" in shown.output
    accepted = ["--accept", "ca-commercial-carveout:claim.places_refused", "--into", str(tmp_path / "mine")]
    assert CliRunner().invoke(cli, [*arguments, *accepted]).exit_code == 0
    again = CliRunner().invoke(cli, [*arguments, "--rules", str(tmp_path / "mine")])
    assert again.exit_code == 0 and "0 candidates" in again.output
