"""Posting remittances to a closed month: matched, reconciled, once."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from closed_practice import ClosedPractice
from remittance_maker import Decided, Line, remittance, reversed_of

from cocm.basics.errors import UnusableInput
from cocm.cli.post import command
from cocm.receivables import post as post_module
from cocm.receivables.post import PostResult, post_files
from cocm.receivables.practice_books import BooksRequest, open_books

AS_OF = date(2026, 5, 4)
BASE = 18000


def posted(closed: ClosedPractice, *files: bytes, matches: str | None = None) -> PostResult:
    paths = [closed.file(f"file{number}.835", content) for number, content in enumerate(files)]
    table = closed.file("matches.csv", matches.encode()) if matches is not None else None
    return post_files(BooksRequest(closed.folder, AS_OF), paths, table)


def balance(closed: ClosedPractice, patient_id: str) -> dict[str, int]:
    with open_books(BooksRequest(closed.folder, AS_OF)) as books:
        ((_, account),) = books.accounts(closed.claim_ids[patient_id])
    amounts = account.balance.amounts() | {"open_cents": account.balance.open_cents}
    return {name.removesuffix("_cents"): cents for name, cents in amounts.items() if cents}


def paid(closed: ClosedPractice, patient_id: str, **changes: object) -> Decided:
    """The claim paid at 150.00, 10.00 of it the patient's."""
    line = Line("99493", BASE, (("CO", "45", 3000), ("PR", "3", 1000)))
    return replace(Decided(closed.claim_ids[patient_id], (line,), member_id=f"M{patient_id}"), **changes)


def denied(closed: ClosedPractice, patient_id: str, group: str = "CO", reason: str = "109") -> Decided:
    line = Line("99493", BASE, ((group, reason, BASE),), ("N418",))
    return Decided(closed.claim_ids[patient_id], (line,), status="4", payer_number="ICN2")


def test_a_paid_claim_is_accounted_for_to_the_cent(closed: ClosedPractice) -> None:
    result = posted(closed, remittance(paid(closed, "P1")))
    assert (result.exit_status, result.held, result.unmatched) == (0, (), ())
    assert balance(closed, "P1") == {"charge": BASE, "paid": 14000, "contractual": 3000, "patient": 1000}


def test_the_same_file_again_changes_nothing(closed: ClosedPractice) -> None:
    content = remittance(paid(closed, "P1"))
    posted(closed, content)
    before = balance(closed, "P1")
    again = posted(closed, content)
    assert again.files[0].is_known and not again.files[0].new_decisions
    assert balance(closed, "P1") == before


def test_the_same_payment_in_another_file_changes_nothing(closed: ClosedPractice) -> None:
    posted(closed, remittance(paid(closed, "P1")))
    other = posted(closed, remittance(paid(closed, "P1")))
    assert not other.files[0].is_known and other.files[0].new_decisions == 0
    assert balance(closed, "P1")["paid"] == 14000


def test_a_denial_stays_open_and_writes_nothing_off(closed: ClosedPractice) -> None:
    posted(closed, remittance(denied(closed, "P1")))
    assert balance(closed, "P1") == {"charge": BASE, "open": BASE}


def test_a_share_on_a_denied_line_is_disputed(closed: ClosedPractice) -> None:
    line = Line("99493", BASE, (("CO", "109", 15000), ("PR", "3", 3000)))
    posted(closed, remittance(Decided(closed.claim_ids["P1"], (line,), status="4")))
    assert balance(closed, "P1") == {"charge": BASE, "disputed": 3000, "open": 15000}


def test_a_denial_put_on_the_patient_is_disputed(closed: ClosedPractice) -> None:
    posted(closed, remittance(denied(closed, "P1", "PR", "204")))
    assert balance(closed, "P1") == {"charge": BASE, "disputed": BASE}


def test_a_denial_gives_way_to_the_later_payment(closed: ClosedPractice) -> None:
    first = remittance(denied(closed, "P1", "PR", "204"), trace="EFT1")
    second = remittance(paid(closed, "P1"), trace="EFT2", day=date(2026, 5, 1))
    posted(closed, second, first)
    assert balance(closed, "P1") == {"charge": BASE, "paid": 14000, "contractual": 3000, "patient": 1000}


def test_a_reversal_and_correction_replace_the_payment(closed: ClosedPractice) -> None:
    wrong = paid(closed, "P1", lines=(Line("99493", BASE, (("CO", "45", 9000), ("PR", "2", 1000))),))
    posted(closed, remittance(wrong, trace="EFT1"))
    posted(closed, remittance(reversed_of(wrong), paid(closed, "P1"), trace="EFT2", day=date(2026, 5, 1)))
    assert balance(closed, "P1") == {"charge": BASE, "paid": 14000, "contractual": 3000, "patient": 1000}


def test_a_payment_that_does_not_add_up_is_held_with_the_difference(closed: ClosedPractice) -> None:
    result = posted(closed, remittance(paid(closed, "P1"), total_cents=20000))
    (held,) = result.held
    assert held.difference_cents == 6000 and "$60.00 is not explained" in held.explanation
    assert result.exit_status == 1
    assert balance(closed, "P1") == {"charge": BASE, "open": BASE}


def test_the_missing_half_of_a_payment_frees_it(closed: ClosedPractice) -> None:
    whole = 28000
    posted(closed, remittance(paid(closed, "P1"), total_cents=whole))
    result = posted(closed, remittance(paid(closed, "P2", payer_number="ICN7"), total_cents=whole))
    assert result.held == ()
    assert balance(closed, "P1")["paid"] == balance(closed, "P2")["paid"] == 14000


def test_a_claim_that_does_not_add_up_holds_its_payment(closed: ClosedPractice) -> None:
    result = posted(closed, remittance(paid(closed, "P1", paid_off_cents=500)))
    assert "1 of its claims do not add up" in result.held[0].explanation


def test_provider_adjustments_are_part_of_the_sum(closed: ClosedPractice) -> None:
    taken = (("WO", "ICN0", 2500), ("L6", "", -100))
    result = posted(closed, remittance(paid(closed, "P1"), provider_adjustments=taken))
    assert result.held == () and balance(closed, "P1")["paid"] == 14000


def test_a_lost_control_number_is_found_by_the_payers_number(closed: ClosedPractice) -> None:
    first = paid(closed, "P1")
    posted(closed, remittance(first))
    lost = replace(reversed_of(first), number="UNKNOWN")
    result = posted(closed, remittance(lost, trace="EFT2", day=date(2026, 5, 1)))
    assert result.unmatched == ()
    assert balance(closed, "P1") == {"charge": BASE, "open": BASE}


def test_what_only_looks_alike_waits_for_a_person(closed: ClosedPractice) -> None:
    content = remittance(paid(closed, "P2", number="0", payer_number="", member_id="MP2"))
    result = posted(closed, content)
    assert len(result.unmatched) == 1 and result.exit_status == 1
    best = result.candidates[0]
    assert (best.claim_id, best.points) == (closed.claim_ids["P2"], 100)
    assert balance(closed, "P2") == {"charge": BASE, "open": BASE}
    table = f"decision_id,claim_id,confirmed_by\n{best.decision_id},{best.claim_id},Dana\n"
    assert posted(closed, content, matches=table).unmatched == ()
    assert balance(closed, "P2")["paid"] == 14000


def test_claims_of_other_services_count_toward_the_payment_only(closed: ClosedPractice) -> None:
    other = Decided("VISIT1", (Line("99213", 12000, (("CO", "45", 3000),)),), payer_number="ICN9")
    result = posted(closed, remittance(paid(closed, "P1"), other))
    assert result.files[0].other_claims == 1 and result.held == () and result.unmatched == ()


def test_a_protected_patient_owes_nothing(closed: ClosedPractice) -> None:
    line = Line("99493", BASE, (("CO", "45", 3000), ("PR", "2", 3000)), ("N782",))
    posted(closed, remittance(paid(closed, "P1", lines=(line,))))
    assert balance(closed, "P1") == {"charge": BASE, "paid": 12000, "contractual": 3000, "protected": 3000}


def test_an_unreadable_file_posts_nothing_of_any_file(closed: ClosedPractice) -> None:
    good = remittance(paid(closed, "P1"))
    with pytest.raises(UnusableInput, match=r"file1\.835: .*nothing was posted"):
        posted(closed, good, good[:400])
    assert balance(closed, "P1") == {"charge": BASE, "open": BASE}


def test_a_wrong_confirmation_is_refused(closed: ClosedPractice) -> None:
    content = remittance(paid(closed, "P1"))
    with pytest.raises(UnusableInput, match=r"matches\.csv: row 2: decision_id 'D-X'"):
        posted(closed, content, matches="decision_id,claim_id,confirmed_by\nD-X,C-1,Dana\n")


@pytest.mark.parametrize("name", ["José", "x\0"])
def test_a_table_of_matches_in_another_encoding_is_refused(closed: ClosedPractice, name: str) -> None:
    table = closed.file("matches.csv", f"decision_id,claim_id,confirmed_by\nD,C,{name}\n".encode("cp1252"))
    content = closed.file("a.835", remittance(paid(closed, "P1")))
    with pytest.raises(UnusableInput, match=r"matches\.csv: "):
        post_files(BooksRequest(closed.folder, AS_OF), [content], table)
    assert balance(closed, "P1") == {"charge": BASE, "open": BASE}


def test_nothing_is_posted_where_the_matches_to_confirm_cannot_be_written(closed: ClosedPractice) -> None:
    path = closed.file("a.835", remittance(paid(closed, "P1")))
    wanted = str(closed.folder / "missing" / "confirm.csv")
    done = CliRunner().invoke(command, [str(path), "--practice", str(closed.folder), "--to-confirm", wanted])
    assert done.exit_code == 2 and "--to-confirm" in done.output
    assert balance(closed, "P1") == {"charge": BASE, "open": BASE}


def test_a_practice_without_a_close_has_nothing_to_post_to(tmp_path: Path, closed: ClosedPractice) -> None:
    request = BooksRequest(closed.folder, AS_OF, state=tmp_path / "none.sqlite")
    with pytest.raises(UnusableInput, match="close a month first"):
        post_files(request, [closed.file("a.835", remittance(paid(closed, "P1")))])


def _kept(closed: ClosedPractice) -> list[list[tuple[object, ...]]]:
    tables = (
        "payment",
        "provider_adjustment",
        "decision",
        "decision_match",
    )
    with open_books(BooksRequest(closed.folder, AS_OF)) as books:
        return [
            sorted(books.state.connection.execute(f"SELECT * FROM {table}").fetchall()) for table in tables
        ]


@pytest.mark.parametrize("is_odd", [False, True], ids=("plain", "unknown-segment"))
def test_a_large_file_leaves_the_same_state(
    closed: ClosedPractice,
    closed_once: ClosedPractice,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    is_odd: bool,
) -> None:
    first = paid(closed, "P1")
    content = remittance(
        first,
        denied(closed, "P2"),
        denied(closed, "P2"),
        reversed_of(first),
        provider_adjustments=(("WO", "A", 500),),
    )
    if is_odd:
        count = content[: content.index(b"SE*")].count(b"~") - 1
        content = content.replace(b"LQ*", b"ZZ*1~LQ*", 1).replace(b"SE*%d" % count, b"SE*%d" % (count + 1))
    posted(closed, content)
    by_records = _kept(closed)
    other = replace(closed_once, folder=tmp_path / "other" / "practice")
    shutil.copytree(closed_once.folder, other.folder)
    monkeypatch.setattr(post_module, "LARGE_FILE_BYTES", 0)
    result = posted(other, content)
    assert (result.files[0].payments, result.files[0].decisions) == (1, 4)
    assert _kept(other) == by_records


def test_a_large_files_amount_beyond_the_limit_names_its_claim(
    closed: ClosedPractice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(post_module, "LARGE_FILE_BYTES", 0)
    huge = paid(closed, "P1", lines=(Line("99493", 10**14, (("CO", "45", 10**14),)),))
    with pytest.raises(UnusableInput, match=r"file0\.835: claim C-\w+: an amount of .*nothing was posted"):
        posted(closed, remittance(huge))
    assert balance(closed, "P1") == {"charge": BASE, "open": BASE}
