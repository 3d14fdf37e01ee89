"""A named person decides a claim: what may be settled, what may be refused and for what, and what the answers say."""

from __future__ import annotations

import io
import sqlite3
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from claim_samples import make_dependent
from desk_samples import LATER, ReviewDesk
from plan_samples import LATER_LINE, RULEBOOK, TABLES, claim, line

from cocm.basics.errors import StateError, UnusableInput
from cocm.plan.mistakes import Mistake
from cocm.plan.record_triggers import RecordsRead
from cocm.plandesk.decide import Action, DeskRequest, decide_claim
from cocm.plandesk.plan_letters import LetterForm
from cocm.rules.review_reasons import review_reasons
from cocm.x12 import read_277

REASONS = review_reasons(RULEBOOK)
FIRST, SECOND = "C-00000000000001", "C-00000000000002"
BOTH_BASES = (line("99492"), line("99493", 2, cents=14_000))
NO_FEE = [row for row in TABLES["fees"] if row["hcpcs_code"] != "99492"]


@pytest.mark.parametrize("reason", sorted(name for name, one in REASONS.items() if not one.is_permitted))
def test_what_a_claim_has_no_place_for_is_no_reason(tmp_path: Path, reason: str) -> None:
    desk = ReviewDesk(tmp_path)
    desk.take(claim(1))
    with pytest.raises(UnusableInput, match=f"--deny {reason}: is not permitted: "):
        desk.deny(FIRST, reason)


@pytest.mark.parametrize(
    ("reason", "message"),
    [
        (
            "because",
            "is no reason of the plan's table; give the id of an edit that fails, or corrects_nothing, ",
        ),
        ("edit", "is no reason of the plan's table"),
        ("minutes.below_code", "cannot be told for want of data, and what is not known denies nothing"),
        ("consent.missing", "cannot be told for want of data"),
        ("place.not_credentialed", "passes on the facts on file"),
        ("addon.above_usual", "gives no right to refuse"),
        ("supervising.missing", "merely assumed"),
        ("duplicate", "no line has a true duplicate"),
        ("not_covered", "benefits cover every line"),
        ("member_unknown", "the member is on file"),
        ("records_not_sent", "no request for records is past its day"),
    ],
)
def test_denial_that_the_facts_do_not_carry_is_refused_and_changes_nothing(
    tmp_path: Path, reason: str, message: str
) -> None:
    desk = ReviewDesk(tmp_path)
    desk.take(claim(1))
    before = desk.state.read_bytes()
    with pytest.raises(UnusableInput, match=message):
        desk.deny(FIRST, reason)
    assert desk.state.read_bytes() == before


def test_claim_that_waits_is_accepted_by_name(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path)
    desk.take(claim(1, lines=BOTH_BASES))
    (waiting,) = desk.queue.claims
    answer = desk.accept(FIRST, note="two teams in the month")
    (paid,) = answer.claims
    assert paid.payer_claim_control_number == f"{waiting.claim_number}.1"
    assert [one.paid_amount_cents for one in paid.lines] == [4_000, 10_400]
    (trace,) = answer.trace
    assert trace["settles"] == waiting.claim_number
    assert trace["review"]["action"] == "accept"
    assert trace["review"]["note"] == "two teams in the month"
    assert trace["review"]["facts"]["settled_edits"] == ["base.both_codes"]
    assert "accept by J. Ortiz on 2026-06-05" in answer.bytes_of("trace.txt").decode()
    (told,) = read_277(io.BytesIO(answer.bytes_of("status.277")))
    (asked,) = told.claims()
    assert (asked.claim.statuses[0].codes[0].category_code, asked.claim.patient_account_number) == (
        "F1",
        FIRST,
    )
    assert desk.queue.claims == ()


def test_denial_for_an_edit_that_fails_gives_its_codes(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path)
    desk.take(claim(1, lines=BOTH_BASES))
    answer = desk.deny(FIRST, "base.both_codes", line_numbers=(2,))
    (decided,) = answer.claims
    assert [[one.reason_code for one in paid.adjustments] for paid in decided.lines] == [
        ["1", "2"],
        ["119"],
    ]
    assert decided.lines[1].remark_codes == ("M86",)
    assert answer.trace[0]["lines"][1]["reasons"][0]["step"] == "review base.both_codes"


def test_a_denial_stands_until_other_records_are_read(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path)
    desk.take(claim(1))
    desk.deny(FIRST, "minutes.below_code", minutes=10)
    with pytest.raises(UnusableInput, match="still waits"):
        desk.decide(FIRST, Action.READJUDICATE)
    assert desk.decide(FIRST, Action.READJUDICATE, minutes=130).claims[1].paid_amount_cents == 13_600


def test_a_line_that_a_person_refused_stays_refused_when_shares_are_replayed(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path, Mistake.DENY_FOR_RECORDS)
    desk.take(claim(1))
    desk.err_no_more()
    april, may = date(2026, 4, 30), date(2026, 5, 4)
    lines = (line("99493", cents=14_000, day=april), line("99494", 2, cents=6_200, day=april))
    desk.take(claim(501, member_id="GHP000000001", lines=lines), received=may, as_of=may)
    desk.deny("C-00000000000501", "minutes.below_code", minutes=40, line_numbers=(2,), as_of=may)
    answer = desk.accept(FIRST)
    restated = answer.claims[3]
    assert [one.paid_amount_cents for one in restated.lines] == [10_400, 0]
    assert [one.reason_code for one in restated.lines[1].adjustments] == ["150"]


def test_add_ons_go_with_the_base_that_a_person_refuses(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path)
    desk.take(claim(1))
    answer = desk.deny(FIRST, "minutes.below_code", minutes=10, line_numbers=(1,))
    corrected = answer.claims[1]
    assert [[one.reason_code for one in paid.adjustments] for paid in corrected.lines] == [["150"], ["107"]]


@pytest.mark.parametrize(
    ("numbers", "message"), [((7,), "the claim has no such line"), ((1,), "does not meet line 1")]
)
def test_a_line_that_the_reason_does_not_meet_is_named(
    tmp_path: Path, numbers: tuple[int, ...], message: str
) -> None:
    desk = ReviewDesk(tmp_path)
    desk.take(claim(1))
    with pytest.raises(UnusableInput, match=message):
        desk.deny(FIRST, "minutes.below_code", minutes=75, line_numbers=numbers)


def test_refusal_by_the_rules_is_overturned_only_with_a_note(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path)
    desk.take(claim(1, place_of_service_code="22"))
    with pytest.raises(UnusableInput, match=r"place\.not_credentialed refuses it by the plan's own rules"):
        desk.accept(FIRST)
    answer = desk.accept(FIRST, note="enrolled there since January, roster late")
    back, paid = answer.claims
    assert (back.status_code, paid.status_code) == ("22", "1")
    assert back.charge_amount_cents == -paid.charge_amount_cents
    assert back.payer_claim_control_number != paid.payer_claim_control_number
    (told,) = read_277(io.BytesIO(answer.bytes_of("status.277")))
    assert [one.claim.statuses[0].codes[0].category_code for one in told.claims()] == ["F3"]


def test_what_was_read_in_the_records_is_not_waved_through_without_a_word(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path)
    desk.take(claim(1, lines=BOTH_BASES))
    with pytest.raises(
        UnusableInput, match=r"minutes\.below_code refuses it by .* what was read in the records"
    ):
        desk.accept(FIRST, minutes=10)
    assert desk.accept(FIRST, minutes=130).claims[0].status_code == "1"


def test_nothing_is_decided_before_it_was_decided(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path)
    desk.take(claim(1, lines=BOTH_BASES))
    with pytest.raises(UnusableInput, match="--as-of 2026-04-05: lies before 2026-04-06"):
        desk.accept(FIRST, as_of=date(2026, 4, 5))


def test_void_of_a_claim_that_nobody_knows_still_waits(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path)
    desk.take(claim(1, frequency_code="8", payer_claim_control_number="P-NOWHERE"))
    with pytest.raises(UnusableInput, match="still waits: no decided claim of the member is on file"):
        desk.accept(FIRST)


def test_the_same_request_again_is_recognised(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path)
    desk.take(claim(1, lines=BOTH_BASES))
    first = desk.accept(FIRST)
    state = desk.state.read_bytes()
    again = desk.accept(FIRST, as_of=date(2026, 7, 1), reviewer="A. Second")
    assert again.before == LATER
    assert again.all_bytes == first.all_bytes
    assert desk.state.read_bytes() == state


def test_another_person_may_decide_otherwise_later(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path)
    desk.take(claim(1, lines=BOTH_BASES))
    desk.accept(FIRST)
    answer = desk.deny(FIRST, "base.both_codes", reviewer="A. Second")
    assert [one.status_code for one in answer.claims] == ["22", "4"]
    assert answer.summary["payment_cents"] == -14_400
    assert answer.payments[0].paid_amount_cents == 0
    assert answer.summary["balance_forwarded_cents"] == 14_400
    assert desk.share_met("GHP000000001") == (0, 0)


def test_what_waits_for_the_plans_own_tables_cannot_be_waved_through(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path, fees=NO_FEE)
    desk.take(claim(1, lines=(line("99492"),)))
    with pytest.raises(UnusableInput, match="still waits: line 1: the plan's fee table has no row for 99492"):
        desk.accept(FIRST)
    desk.mend()
    answer = desk.decide(FIRST, Action.READJUDICATE)
    assert [one.paid_amount_cents for one in answer.claims] == [4_000]


def test_what_comes_out_as_before_is_not_decided_anew(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path)
    desk.take(claim(1))
    with pytest.raises(UnusableInput, match="comes out as it was decided before"):
        desk.decide(FIRST, Action.READJUDICATE)


def test_accepting_a_true_duplicate_settles_what_the_edit_says_and_needs_words(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path)
    desk.take(claim(1, lines=(LATER_LINE,)))
    desk.take(claim(501, member_id="GHP000000001", lines=(LATER_LINE,)))
    with pytest.raises(UnusableInput, match=r"duplicate\.already_billed"):
        desk.accept("C-00000000000501")
    with pytest.raises(UnusableInput, match="comes out as it was"):
        desk.deny("C-00000000000501", "duplicate")


@pytest.mark.parametrize(
    ("reviewer", "note", "message"),
    [
        (" ", "", "name whoever decides"),
        ("A\nB", "", "one line"),
        ("A", "x" * 401, "--note"),
        ("A" * 81, "", "80"),
    ],
)
def test_who_decides_and_why_must_fit_a_trace(tmp_path: Path, reviewer: str, note: str, message: str) -> None:
    desk = ReviewDesk(tmp_path)
    desk.take(claim(1))
    with pytest.raises(UnusableInput, match=message):
        desk.accept(FIRST, reviewer=reviewer, note=note)


def test_unknown_and_forwarded_claims_cannot_be_decided(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path)
    desk.take(claim(9))
    with pytest.raises(UnusableInput, match="claim C-NOBODY: the plan's state has none"):
        desk.accept("C-NOBODY")
    with pytest.raises(UnusableInput, match="was forwarded"):
        desk.accept("C-00000000000009")


def test_an_id_that_several_claims_have_asks_for_the_number(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path)
    desk.take(claim(1))
    desk.take(claim(2, claim_id=FIRST))
    with pytest.raises(UnusableInput, match="several claims have this id; name one by its number"):
        desk.accept(FIRST)


def test_replacement_that_waited_takes_the_first_claim_back(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path)
    number = desk.take(claim(1)).claims[0].payer_claim_control_number
    desk.take(claim(1, frequency_code="7", payer_claim_control_number=number, lines=BOTH_BASES))
    (waiting,) = desk.queue.claims
    answer = desk.accept(waiting.claim_number, letters=LetterForm.PDF)
    back, paid = answer.claims
    assert answer.payments[0].paid_amount_cents == answer.summary["payment_cents"] == 14_400 - 13_600 + 10
    assert answer.summary["interest_cents"] == 10  # 8.00 x 15 % x 30 / 365 = 0.0986
    assert answer.summary["letters"] == 0
    assert back.payer_claim_control_number == number
    assert paid.payer_claim_control_number == f"{waiting.claim_number}.1"
    assert desk.queue.claims == ()
    assert desk.share_met("GHP000000001") == (10_000, 10_000 + 1_000 + 2_600)
    with pytest.raises(UnusableInput, match="was replaced or voided"):
        desk.view(number)
    assert desk.view(FIRST).claim.claim_number == f"{waiting.claim_number}.1"


def test_a_later_file_knows_what_a_person_decided(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path)
    desk.take(claim(1, lines=BOTH_BASES))
    number = desk.accept(FIRST).claims[0].payer_claim_control_number
    again = desk.take(claim(501, member_id="GHP000000001", lines=(LATER_LINE,)))
    assert again.summary["claims_denied"] == 1
    void = desk.take(claim(1, frequency_code="8", payer_claim_control_number=number))
    assert void.summary["claims_reversed"] == 1
    assert desk.share_met("GHP000000001") == (0, 0)


def test_paid_claim_found_wrong_in_its_records_is_taken_back_and_later_shares_replayed(
    tmp_path: Path,
) -> None:
    desk = ReviewDesk(tmp_path)
    april = date(2026, 4, 30)
    desk.take(claim(1), as_of=LATER)
    later = desk.take(
        claim(501, member_id="GHP000000001", lines=(line("99493", cents=14_000, day=april),)),
        received=LATER, as_of=LATER,
    )  # fmt: skip
    assert later.claims[0].paid_amount_cents == 10_400  # 130.00 less 20 %, the deductible being met by March
    answer = desk.deny(FIRST, "minutes.below_code", minutes=10, letters=LetterForm.PDF)
    assert [one.status_code for one in answer.claims] == ["22", "4", "22", "1"]
    restated = answer.claims[3]
    assert restated.patient_responsibility_amount_cents == 10_000 + 600
    assert restated.paid_amount_cents == 2_400
    assert answer.summary["claims_restated_for_share"] == 1
    assert answer.summary["payment_cents"] == -13_600 - 8_000
    assert desk.share_met("GHP000000001") == (10_000, 10_600)
    assert not [
        name for name in answer.files if "member" in name and restated.payer_claim_control_number not in name
    ]


def test_dependent_is_told_under_the_subscriber(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path)
    desk.take(make_dependent(1, lines=BOTH_BASES))
    (told,) = read_277(io.BytesIO(desk.accept(FIRST).bytes_of("status.277")))
    (asked,) = told.claims()
    assert asked.dependent is not None
    assert asked.subscriber.party.identifier == "GHP000000001"


def test_claims_taken_in_before_files_were_kept_are_refused_by_name(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path)
    desk.take(claim(1, lines=BOTH_BASES))
    with sqlite3.connect(desk.state) as connection:
        connection.execute("DROP TABLE batch_input")
    connection.close()
    with pytest.raises(StateError, match="a version that kept no claim files"):
        desk.accept(FIRST)


def test_what_came_in_is_append_only(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path)
    desk.take(claim(1))
    connection = sqlite3.connect(desk.state)
    for table in ("batch_input", "desk_run", "record_request", "record_document", "interest_paid"):
        sql = f"CREATE TEMP TABLE kept_{table} AS SELECT * FROM {table}"
        connection.execute(sql)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute("DELETE FROM batch_input")
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute("UPDATE batch_input SET sha256 = 'x'")
    connection.close()


def test_erring_plan_that_asked_without_a_trigger_is_set_right(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path, Mistake.ASK_FOR_RECORDS)
    answer = desk.take(claim(1))
    assert answer.summary["claims_pended"] == 1
    assert answer.summary["record_requests"] == 0
    assert desk.decide(FIRST, Action.READJUDICATE).claims[0].paid_amount_cents == 13_600


def test_a_decision_does_not_overwrite_the_answers_of_another_run(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path)
    taken = desk.take(claim(1, lines=BOTH_BASES))
    request = DeskRequest(
        FIRST, Action.ACCEPT, "J. Ortiz", LATER, taken.out, desk.state, letters=LetterForm.NONE
    )
    before, state = taken.all_bytes, desk.state.read_bytes()
    with pytest.raises(UnusableInput, match="holds the answers of another run"):
        decide_claim(request, desk.book, RULEBOOK)
    assert taken.all_bytes == before
    assert desk.state.read_bytes() == state
    apart = replace(request, out=tmp_path / "apart")
    first = set(decide_claim(apart, desk.book, RULEBOOK).files)
    assert set(decide_claim(apart, desk.book, RULEBOOK).files) == first  # the same run again


def test_consent_of_a_day_to_come_is_refused(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path)
    desk.take(claim(1))
    read = RecordsRead(None, date(2030, 1, 1))
    request = DeskRequest(
        FIRST,
        Action.DENY,
        "J. Ortiz",
        LATER,
        tmp_path / "out",
        desk.state,
        reason="consent.after_service",
        read=read,
    )
    with pytest.raises(
        UnusableInput, match="--consent 2030-01-01: lies after the day of the decision, 2026-06-05"
    ):
        decide_claim(request, desk.book, RULEBOOK)
    late = replace(request, read=RecordsRead(None, date(2026, 5, 1)))
    assert decide_claim(late, desk.book, RULEBOOK).summary["answer"] == "denied"


def test_a_refusal_of_what_was_paid_is_named_for_the_plans_own_notice(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path)
    desk.take(claim(1, lines=BOTH_BASES))
    desk.accept(FIRST)
    answer = desk.deny(FIRST, "base.both_codes", letters=LetterForm.PDF)
    assert answer.summary["letters"] == 0
    assert answer.summary["refusals_without_notice"] == [answer.summary["claim_number"]]
