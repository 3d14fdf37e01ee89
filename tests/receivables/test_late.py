"""A contact recorded after the month was billed: other lines, the money between, and what the channel leaves."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest
from changed_records import add_row, change_rows, paid_as_charged
from click.testing import CliRunner
from closed_practice import ClosedPractice
from remittance_maker import Decided, Line, remittance

from cocm.basics.errors import UnusableInput
from cocm.basics.months import Month
from cocm.cli import cli
from cocm.receivables.late import LateAdvice, LateMonth, late_months
from cocm.receivables.post import post_files
from cocm.receivables.practice_books import BooksRequest, open_books
from cocm.receivables.record import BY_PERSON, record_event
from cocm.receivables.settle import Settlement, settle
from cocm.receivables.worklist import WorkKind, worklist
from cocm.remits.account import ActionKind

AS_OF = date(2026, 5, 4)
MARCH = Month(2026, 3)


def post_payment(closed: ClosedPractice, *patient_ids: str) -> None:
    claims = [paid_as_charged(closed, name) for name in patient_ids]
    post_files(BooksRequest(closed.folder, AS_OF), [closed.file("a.835", remittance(*claims))])


def add_late_contact(closed: ClosedPractice, patient_id: str, minutes: int) -> None:
    add_row(
        closed, "contacts", {"contact_id": f"{patient_id}-b"}, contact_id=f"{patient_id}-late", minutes=str(minutes),
        started_at="2026-03-24T09:00", recorded_on="2026-04-21",
    )  # fmt: skip


def late(closed: ClosedPractice, day: date = AS_OF, month: Month | None = MARCH) -> list[LateMonth]:
    with open_books(BooksRequest(closed.folder, day)) as books:
        return late_months(books, month)


def test_a_month_as_it_was_billed_is_not_late(closed: ClosedPractice) -> None:
    assert late(closed) == []


def test_a_late_note_that_earns_nothing_more_is_not_told(closed: ClosedPractice) -> None:
    add_late_contact(closed, "P4", 2)
    assert late(closed) == []


def test_late_time_that_lifts_a_paid_month_is_a_choice_and_is_flagged(closed: ClosedPractice) -> None:
    post_payment(closed, "P4")
    add_late_contact(closed, "P4", 30)
    (found,) = late(closed)
    assert (dict(found.support.sent), dict(found.support.supported)) == (
        {"99493": 1, "99494": 1},
        {"99493": 1, "99494": 2},
    )
    assert found.support.late == (("P4-late", date(2026, 4, 21)),)
    assert (found.advice, found.crosses_tier, found.refund) == (LateAdvice.OPTIONAL, True, None)
    assert found.charge_difference_cents == 8000
    assert found.expected_difference_cents is not None and found.expected_difference_cents > 0
    assert "reopening" in found.channel and found.deadline.day == date(2027, 4, 20)


def test_after_the_channel_has_closed_more_is_left(closed: ClosedPractice) -> None:
    post_payment(closed, "P4")
    add_late_contact(closed, "P4", 30)
    assert [one.advice for one in late(closed, date(2027, 4, 21))] == [LateAdvice.LEAVE]


def test_a_claim_that_the_payer_has_is_waited_for(closed: ClosedPractice) -> None:
    add_late_contact(closed, "P4", 30)
    assert [one.advice for one in late(closed)] == [LateAdvice.WAIT]


def test_less_than_was_paid_goes_back_and_stands_on_the_worklist(closed: ClosedPractice) -> None:
    post_payment(closed, "P4")
    change_rows(closed, "contacts", {"contact_id": "P4-b"}, minutes="62")
    with open_books(BooksRequest(closed.folder, AS_OF)) as books:
        (found,) = late_months(books)
        books.state.commit()
    assert found.advice is LateAdvice.RETURN and found.refund is not None
    assert found.deadline.day == date(2026, 7, 3)
    assert found.expected_difference_cents is not None and found.expected_difference_cents < 0
    with open_books(BooksRequest(closed.folder, AS_OF)) as books:
        (item,) = [one for one in worklist(books) if one.kind is WorkKind.OVERPAID]
    assert item.cents == found.refund.cents


@pytest.mark.parametrize("month", ["2026-03", "2026-02"])
def test_the_command_tells_what_is_late(closed: ClosedPractice, month: str) -> None:
    post_payment(closed, "P4")
    add_late_contact(closed, "P4", 30)
    arguments = ["late", str(closed.folder), "--month", month, "--as-of", "2026-05-04"]
    told = CliRunner().invoke(cli, [*arguments, "--json"])
    is_march = month == "2026-03"
    assert told.exit_code == int(is_march), told.output
    assert len(json.loads(told.stdout)["months"]) == int(is_march)
    shown = CliRunner().invoke(cli, arguments).output
    assert ("contact P4-late recorded on 2026-04-21" in shown) == is_march
    assert ("a person decides" in shown) == is_march


def record(closed: ClosedPractice, what: str, note: str, day: str = "2026-04-22") -> tuple[int, str]:
    arguments = ["record", str(closed.folder), what, "--claim", closed.claim_ids["P4"], "--by", "Dana Lee"]
    done = CliRunner().invoke(cli, [*arguments, "--note", note, "--on", day])
    return done.exit_code, done.output


def test_a_late_note_waits_for_a_reason_which_stays_with_the_claim(closed: ClosedPractice) -> None:
    post_payment(closed, "P4")
    add_late_contact(closed, "P4", 30)
    assert late(closed)[0].needs_reason
    told = CliRunner().invoke(cli, ["late", str(closed.folder), "--as-of", str(AS_OF)]).output
    assert "nobody has said why" in told
    assert record(closed, "reopened", "the hospital's call was entered late")[0] == 0
    (found,) = late(closed)
    assert not found.needs_reason and found.decided is not None
    assert dict(found.decided.detail) == {"by": "Dana Lee", "note": "the hospital's call was entered late"}
    assert (found.advice, found.state) == (LateAdvice.OPTIONAL, "paid")
    told = CliRunner().invoke(cli, ["late", str(closed.folder), "--as-of", str(AS_OF)]).output
    assert "reopened on 2026-04-22 by Dana Lee: the hospital's call was entered late" in told


def test_what_a_person_left_as_billed_is_left_until_more_comes_late(closed: ClosedPractice) -> None:
    post_payment(closed, "P4")
    add_late_contact(closed, "P4", 30)
    assert record(closed, "left-as-billed", "not worth a reopening")[0] == 0
    (found,) = late(closed)
    assert (found.advice, found.needs_reason) == (LateAdvice.LEAVE, False)
    change_rows(closed, "contacts", {"contact_id": "P4-late"}, recorded_on="2026-04-23")
    (found,) = late(closed)
    assert (found.advice, found.needs_reason) == (LateAdvice.OPTIONAL, True)


def test_leaving_it_does_not_undo_an_overpayment(closed: ClosedPractice) -> None:
    post_payment(closed, "P4")
    change_rows(closed, "contacts", {"contact_id": "P4-b"}, minutes="62")
    assert record(closed, "left-as-billed", "small")[0] == 0
    assert [one.advice for one in late(closed)] == [LateAdvice.RETURN]


@pytest.mark.parametrize("what", ["reopened", "left-as-billed"])
def test_without_a_reason_nothing_is_recorded(closed: ClosedPractice, what: str) -> None:
    with (
        open_books(BooksRequest(closed.folder, AS_OF)) as books,
        pytest.raises(UnusableInput, match="--note: a billed month is opened again, or left, for a reason"),
    ):
        record_event(books, closed.claim_ids["P4"], BY_PERSON[what], AS_OF, "Dana Lee", " ")
    assert late(closed) == []


def patient_pays(closed: ClosedPractice, cents: int) -> None:
    paid = Settlement(closed.claim_ids["P4"], ActionKind.PATIENT_PAYMENT, cents, AS_OF, "Dana", "at the desk")
    settle(BooksRequest(closed.folder, AS_OF), paid)


def post_with_share(closed: ClosedPractice) -> None:
    """The claim of 260.00 paid at 200.00 with 50.00 of it the patient's."""
    line = Line("99493", 26000, (("CO", "45", 6000), ("PR", "2", 5000)))
    claim = Decided(closed.claim_ids["P4"], (line,), payer_number="ICN4")
    post_files(BooksRequest(closed.folder, AS_OF), [closed.file("a.835", remittance(claim))])


@pytest.mark.parametrize(("patient_paid_cents", "is_owed"), [(5000, True), (1000, False)])
def test_the_patients_part_of_an_overpayment_goes_back_to_the_patient(
    closed: ClosedPractice, patient_paid_cents: int, is_owed: bool
) -> None:
    post_with_share(closed)
    patient_pays(closed, patient_paid_cents)
    change_rows(closed, "contacts", {"contact_id": "P4-b"}, minutes="62")
    with open_books(BooksRequest(closed.folder, AS_OF)) as books:
        (found,) = late_months(books)
        books.state.commit()
    refund = found.refund
    assert refund is not None and 0 < refund.cents < 15000 and 0 < refund.share_less_cents < 5000
    assert refund.cents == pytest.approx(3 * refund.share_less_cents, abs=3), "the same proportion of both"
    assert refund.patient_cents == (refund.share_less_cents if is_owed else 0)
    with open_books(BooksRequest(closed.folder, AS_OF)) as books:
        (item,) = [one for one in worklist(books) if one.kind is WorkKind.OVERPAID]
        (again,) = late_months(books)
    assert item.cents == refund.cents + refund.patient_cents
    assert ("to the patient" in item.steps[0]) is is_owed and "share falls" in item.steps[0]
    assert again.refund == replace(refund, is_known=True)


def test_all_of_it_goes_back_to_a_patient_whose_month_nothing_carries(closed: ClosedPractice) -> None:
    """The deductible took it all: the payer paid nothing, and the patient did."""
    line = Line("99493", 26000, (("CO", "45", 6000), ("PR", "1", 20000)))
    claim = Decided(closed.claim_ids["P4"], (line,), payer_number="ICN4")
    post_files(BooksRequest(closed.folder, AS_OF), [closed.file("a.835", remittance(claim))])
    patient_pays(closed, 20000)
    change_rows(closed, "episodes", {"patient_id": "P4"}, consent_given="no", consent_date="")
    (found,) = late(closed)
    assert found.refund is not None
    assert (found.refund.cents, found.refund.patient_cents) == (0, 20000)
    told = CliRunner().invoke(cli, ["late", str(closed.folder), "--as-of", str(AS_OF), "--dry-run"]).output
    assert "to return: $0.00 to the payer and $200.00 to the patient" in told
