"""Records are asked for on a dated trigger of the plan's rules, and on nothing else; what comes in answers."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from claim_samples import make_dependent
from desk_samples import LATER, ReviewDesk, asked_of, attached, rules_asking
from plan_samples import claim, line

from cocm.basics.errors import UnusableInput
from cocm.plandesk.decide import Action

MANY_UNITS = (line("99492"), line("99494", 2, units=3, cents=18_600))
ASKED = date(2026, 4, 6)


def desk_asking(folder: Path, *edit_ids: str, since: str = "2026-01-01") -> ReviewDesk:
    return ReviewDesk(
        folder, rulebook=rules_asking(folder, *(edit_ids or ("addon.above_usual",)), since=since)
    )


def test_failed_trigger_asks_for_records_and_the_claim_waits(tmp_path: Path) -> None:
    desk = desk_asking(tmp_path)
    answer = desk.take(claim(1, lines=MANY_UNITS), claim(2))
    (asked,) = asked_of(answer)
    assert answer.summary["claims_pended"] == answer.summary["claims_paid"] == 1
    assert (answer.summary["record_requests"], answer.summary["record_requests_permille"]) == (1, 500)
    assert asked.claim.patient_account_number == "C-00000000000001"
    assert asked.claim.due_date == date(2026, 5, 21)
    assert asked.claim.loinc_codes == ("11488-4", "11506-3")
    assert asked.claim.answer_place is not None
    assert asked.claim.answer_place.control_number == asked.claim.trace_number
    (waiting,) = desk.queue.claims
    assert waiting.claim_number == asked.claim.payer_claim_control_number
    assert waiting.request is not None
    assert waiting.request.edit_ids == ("addon.above_usual",)
    assert any("add-on units" in why for why in waiting.waits_for)


def test_without_a_rule_that_names_it_nothing_is_asked(tmp_path: Path) -> None:
    answer = ReviewDesk(tmp_path).take(claim(1, lines=MANY_UNITS))
    assert "requests.277" not in answer.files
    assert answer.summary["record_requests"] == 0


def test_trigger_counts_from_its_date_of_service_on(tmp_path: Path) -> None:
    answer = desk_asking(tmp_path, since="2026-04-01").take(claim(1, lines=MANY_UNITS))
    assert answer.summary["record_requests"] == 0


def test_what_cannot_be_told_for_want_of_data_never_asks(tmp_path: Path) -> None:
    answer = desk_asking(tmp_path, "minutes.below_code", "consent.missing").take(claim(1))
    assert answer.summary["claims_paid"] == 1
    assert answer.summary["record_requests"] == 0


def test_a_claim_that_is_refused_anyway_is_not_asked_about(tmp_path: Path) -> None:
    lines = (line("99494", 1, units=3, cents=18_600),)
    answer = desk_asking(tmp_path).take(claim(1, lines=lines))
    assert answer.summary["claims_denied"] == 1
    assert answer.summary["record_requests"] == 0


def test_attachment_answers_by_the_requests_number(tmp_path: Path) -> None:
    desk = desk_asking(tmp_path)
    (asked,) = asked_of(desk.take(claim(1, lines=MANY_UNITS)))
    path = desk.attachment(attached(asked.claim.trace_number))
    taken = desk.records(path)
    assert (taken.documents, taken.unmatched, taken.late) == (1, (), ())
    assert taken.answered == (asked.claim.trace_number,)
    again = desk.records(path)
    assert (again.documents, again.known_before) == (0, 1)
    (waiting,) = desk.queue.claims
    assert [one.file_name for one in waiting.documents] == ["notes.xml"]


def test_records_after_the_day_are_taken_and_told_late(tmp_path: Path) -> None:
    desk = desk_asking(tmp_path)
    (asked,) = asked_of(desk.take(claim(1, lines=MANY_UNITS)))
    taken = desk.records(desk.attachment(attached(asked.claim.trace_number)), received=date(2026, 5, 22))
    assert taken.late == (asked.claim.payer_claim_control_number,)


def test_attachment_of_no_claim_on_file_is_named_and_not_kept(tmp_path: Path) -> None:
    desk = desk_asking(tmp_path)
    desk.take(claim(1, lines=MANY_UNITS))
    taken = desk.records(desk.attachment(attached("Q-NOBODY", "C-NOBODY")))
    assert taken.documents == 0
    assert taken.unmatched == ("answer.275, attachment 1",)


def test_folder_of_documents_by_claim_id(tmp_path: Path) -> None:
    desk = desk_asking(tmp_path)
    desk.take(claim(1, lines=MANY_UNITS), claim(2))
    fax = tmp_path / "fax"
    (fax / "C-00000000000001").mkdir(parents=True)
    (fax / "C-00000000000001" / "notes.pdf").write_bytes(b"%PDF-1.4 synthetic")
    (fax / "C-00000000000002").mkdir()
    (fax / "C-00000000000002" / "page.tif").write_bytes(b"synthetic")
    taken = desk.records(fax)
    assert (taken.documents, len(taken.answered), len(taken.unasked)) == (2, 1, 1)


def test_folder_with_a_file_of_no_claim_or_nothing_at_all_is_refused_by_name(tmp_path: Path) -> None:
    desk = desk_asking(tmp_path)
    desk.take(claim(1, lines=MANY_UNITS))
    fax = tmp_path / "fax"
    fax.mkdir()
    with pytest.raises(UnusableInput, match="holds no document"):
        desk.records(fax)
    (fax / "stray.pdf").write_bytes(b"%PDF-1.4")
    with pytest.raises(UnusableInput, match=r"stray\.pdf: stands in no claim's folder"):
        desk.records(fax)


def test_records_read_settle_the_trigger_and_start_the_clock(tmp_path: Path) -> None:
    desk = desk_asking(tmp_path)
    (asked,) = asked_of(desk.take(claim(1, lines=MANY_UNITS)))
    desk.records(desk.attachment(attached(asked.claim.trace_number)), received=date(2026, 4, 20))
    answer = desk.accept("C-00000000000001", minutes=175, as_of=date(2026, 5, 30))
    # allowed 150.00 and 180.00, the member owes 100.00 and 20 % of 230.00: paid 184.00, ten days after 20 May
    (paid,) = answer.claims
    assert paid.paid_amount_cents == 18_400
    assert answer.summary["interest_cents"] == 76  # 184.00 x 15 % x 10 / 365 = 0.756
    assert answer.summary["payment_cents"] == 18_476
    review = answer.trace[0]["review"]
    assert review["reviewer"] == "J. Ortiz"
    assert review["decided_date"] == "2026-05-30"
    assert review["facts"] == {
        "settled_edits": ["addon.above_usual"],
        "records_read": {"minutes_counted": 175, "consent_date": None},
    }
    assert "    records_read: minutes_counted 175\n" in answer.bytes_of("trace.txt").decode()
    assert desk.queue.claims == ()


def test_records_that_do_not_carry_the_code_deny_it(tmp_path: Path) -> None:
    desk = desk_asking(tmp_path)
    desk.take(claim(1, lines=MANY_UNITS))
    answer = desk.deny("C-00000000000001", "minutes.below_code", minutes=30)
    (denied,) = answer.claims
    assert denied.status_code == "4"
    assert [[one.reason_code for one in paid.adjustments] for paid in denied.lines] == [["150"], ["150"]]
    assert "minutes_counted" in answer.trace[0]["lines"][0]["reasons"][0]["facts"]


def test_only_what_the_records_do_not_carry_is_denied(tmp_path: Path) -> None:
    desk = desk_asking(tmp_path)
    desk.take(claim(1, lines=MANY_UNITS))
    answer = desk.deny("C-00000000000001", "minutes.below_code", minutes=90)
    (decided,) = answer.claims
    assert [one.paid_amount_cents for one in decided.lines] == [4_000, 0]


def test_silence_denies_only_after_the_day_of_the_answer(tmp_path: Path) -> None:
    desk = desk_asking(tmp_path)
    (asked,) = asked_of(desk.take(claim(1, lines=MANY_UNITS)))
    with pytest.raises(UnusableInput, match="no request for records is past its day"):
        desk.deny("C-00000000000001", "records_not_sent", as_of=date(2026, 5, 21))
    answer = desk.deny("C-00000000000001", "records_not_sent", as_of=date(2026, 5, 22))
    (denied,) = answer.claims
    assert [(one.group_code, one.reason_code) for one in denied.lines[0].adjustments] == [("CO", "226")]
    assert denied.lines[0].remark_codes == ("N706",)
    late = desk.records(desk.attachment(attached(asked.claim.trace_number)), received=date(2026, 5, 25))
    assert late.late
    reopened = desk.accept("C-00000000000001", minutes=175, note="records came late")
    assert [one.status_code for one in reopened.claims] == ["22", "1"]


def test_silence_is_no_reason_once_records_came(tmp_path: Path) -> None:
    desk = desk_asking(tmp_path)
    (asked,) = asked_of(desk.take(claim(1, lines=MANY_UNITS)))
    desk.records(desk.attachment(attached(asked.claim.trace_number)))
    with pytest.raises(UnusableInput, match="no request for records is past its day"):
        desk.deny("C-00000000000001", "records_not_sent", as_of=LATER)


def test_deciding_again_without_reading_them_still_waits(tmp_path: Path) -> None:
    desk = desk_asking(tmp_path)
    desk.take(claim(1, lines=MANY_UNITS))
    with pytest.raises(UnusableInput, match="still waits"):
        desk.decide("C-00000000000001", Action.READJUDICATE)
    assert len(desk.queue.claims) == 1


def test_a_dependents_claim_is_asked_about_and_answered(tmp_path: Path) -> None:
    desk = desk_asking(tmp_path)
    (asked,) = asked_of(desk.take(make_dependent(1, lines=MANY_UNITS)))
    assert asked.patient.party.identifier == "GHP000000001"
    assert asked.patient.party.first_name == "ARIANA"
    assert desk.accept("C-00000000000001", minutes=175).claims[0].status_code == "1"


def test_claim_that_waited_has_its_place_where_it_was_decided(tmp_path: Path) -> None:
    desk = desk_asking(tmp_path)
    member = "GHP000000001"
    april, may, then = date(2026, 4, 30), date(2026, 5, 31), date(2026, 6, 3)
    desk.take(claim(1))
    asked_about = (line("99493", cents=14_000, day=april), line("99494", 2, units=3, cents=18_600, day=april))
    desk.take(claim(501, member_id=member, lines=asked_about), received=then, as_of=then)
    later = (line("99493", cents=14_000, day=may),)
    desk.take(claim(502, member_id=member, lines=later), received=then, as_of=then)
    waited = desk.accept("C-00000000000501", minutes=175)
    assert waited.summary["claims_restated_for_share"] == 0
    assert waited.summary["member_share_cents"] == 2_600 + 3_600
    answer = desk.deny("C-00000000000001", "minutes.below_code", minutes=10)
    assert [one.claim_id for one in answer.claims[2:]] == ["C-00000000000502"] * 2
    assert answer.claims[3].patient_responsibility_amount_cents == 10_600
