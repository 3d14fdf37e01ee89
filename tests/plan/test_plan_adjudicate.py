"""A plan decides files: eligibility, money, corrections, the same file again, and what is held against nobody."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
from claim_samples import ENVELOPE, written
from hypothesis import given, settings
from hypothesis import strategies as st
from plan_samples import AS_OF, LATER_LINE, OTHER_BILLING, RULEBOOK, TABLES, Desk, claim, line, plan_folder

from cocm.basics.errors import CocmError, StateError, UnusableInput, X12Error
from cocm.basics.months import Period
from cocm.edits.discovery import catalogue
from cocm.plan.adjudicate import Adjudicator
from cocm.plan.claim_case import ClaimCase
from cocm.plan.cost_share import member_share
from cocm.plan.decision import Answer
from cocm.plan.mistakes import ErringPlan, Mistake
from cocm.plan.records import Accumulator, Benefit, Side
from cocm.plan.remittance import remittances
from cocm.plandesk.errs import read_errs
from cocm.plandesk.folder import read_plan
from cocm.plandesk.state import PlanState
from cocm.plandesk.template import write_template
from cocm.rules.adjustment_codes import CodeList, adjustment_codes
from cocm.rules.plan_decisions import DenialRight, edit_denials, plan_decisions
from cocm.x12 import read_277ca, read_837p, reply, validate, validate_835
from cocm.x12.claim_acknowledgment import write_277ca
from cocm.x12.claim_acknowledgment_record import ClaimAcknowledgment

MEDICAL = TABLES["benefits"][0]


def test_every_edit_says_what_a_plan_does_when_it_fails() -> None:
    assert set(edit_denials(RULEBOOK)) == {edit.id for edit in catalogue()}


def test_every_code_that_a_plan_may_use_is_valid() -> None:
    known = adjustment_codes(RULEBOOK)
    denials = [one for one in edit_denials(RULEBOOK).values() if one.right is DenialRight.DENY]
    for codes in [one.codes for one in denials] + [one.codes for one in plan_decisions(RULEBOOK).values()]:
        if codes.reason_code:
            assert known[CodeList.CARC, codes.reason_code].is_valid_on(AS_OF)
            assert (CodeList.GROUP, codes.group_code) in known
        for remark in codes.remark_codes:
            assert known[CodeList.RARC, remark].is_valid_on(AS_OF)
        assert codes.source in RULEBOOK.sources
    assert all(one.codes.reason_code for one in denials)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"member_id": "NOBODY"}, "31"),
        ({"patient_birth_date": date(1970, 1, 1)}, "31"),
        ({"lines": (line("99492", day=date(2025, 12, 31)),)}, "26"),
    ],
)
def test_nobody_is_paid_for_who_is_not_covered(
    tmp_path: Path, changes: dict[str, object], reason: str
) -> None:
    answer = Desk(tmp_path).take(claim(1, **changes))
    assert {code for line_codes in answer.codes() for _, code in line_codes} == {reason}


def test_coverage_that_ended(tmp_path: Path) -> None:
    members = [{**TABLES["members"][0], "coverage_to": "2026-03-30"}]
    assert Desk(tmp_path, members=members).take(claim(1)).codes()[0] == [("CO", "27")]


def test_last_day_of_coverage_is_covered(tmp_path: Path) -> None:
    members = [{**TABLES["members"][0], "coverage_to": "2026-03-31"}]
    assert Desk(tmp_path, members=members).take(claim(1)).claims[0].status_code == "1"


def test_member_rows_that_cannot_be_read_make_strangers_wait(tmp_path: Path) -> None:
    members = [
        *TABLES["members"],
        {**TABLES["members"][0], "member_id": "GHP000000077", "birth_date": "29.2.88"},
    ]
    desk = Desk(tmp_path, members=members)
    (problem,) = desk.reading.problems
    assert "members.csv, row 11, column birth_date" in str(problem)
    assert desk.take(claim(77)).result.summary["claims_pended"] == 1


def test_deductible_is_met_once(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    assert ("PR", "1") in desk.take(claim(1)).codes()[0]
    april = line("99493", day=date(2026, 4, 1))
    assert desk.take(claim(501, member_id="GHP000000001", lines=(april,))).codes() == [
        [("CO", "45"), ("PR", "2")]
    ]


def test_the_trace_tells_what_the_members_share_is_made_of_and_the_codes_of_each_line(tmp_path: Path) -> None:
    text = Desk(tmp_path).take(claim(1)).bytes_of("trace.txt").decode()
    assert (
        "Line 1, 99492 x 1: paid: charge $160.32, allowed $150.00, member $110.00 (deductible $100.00, coinsurance "
        "$10.00), paid $40.00 [CO-45 $10.32, PR-1 $100.00, PR-2 $10.00]\n"
    ) in text
    assert "member $24.00 (coinsurance $24.00), paid $96.00 [CO-45 $4.00, PR-2 $24.00]\n" in text


def test_opening_accumulators_count(tmp_path: Path) -> None:
    met = {
        "member_id": "GHP000000001",
        "birth_date": "1988-02-29",
        "year": "2026",
        "deductible_met": "100.00",
    }
    assert ("PR", "1") not in Desk(tmp_path, accumulators=[met]).take(claim(1)).codes()[0]


def test_waived_benefit_of_the_model_leaves_the_member_nothing(tmp_path: Path) -> None:
    waived = {
        "product": "HMO",
        "side": "medical",
        "service": "cocm",
        "effective_from": "2026-01-01",
        "is_waived": "yes",
    }
    answer = Desk(tmp_path, benefits=[MEDICAL, waived]).take(claim(1))
    assert answer.claims[0].patient_responsibility_amount_cents == 0
    assert answer.claims[0].paid_amount_cents == 27_000


def test_allowed_is_the_lesser_of_charge_and_fee(tmp_path: Path) -> None:
    answer = Desk(tmp_path).take(claim(1, lines=(line("99492", cents=12_000),)))
    assert answer.claims[0].lines[0].allowed_amount_cents == 12_000
    assert ("CO", "45") not in answer.codes()[0]


def test_code_without_a_fee_waits(tmp_path: Path) -> None:
    answer = Desk(tmp_path).take(claim(1, lines=(line("99492"), line("99214", 2))))
    assert answer.result.summary["claims_pended"] == 1
    assert "99214" in answer.bytes_of("pended.csv").decode()
    assert "remittance.835" not in answer.result.files


def test_part_of_a_unit_of_another_service_waits(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.take(claim(1, lines=(line("99492"), line("99213", 2))))
    (record,) = read_837p((tmp_path / "in-1.837").read_bytes())
    half = replace(record.lines[1], service_unit_quantity=Decimal("1.5"))
    broken = replace(record, lines=(record.lines[0], half))
    decided = Adjudicator(desk.reading.book, RULEBOOK, AS_OF).decide(
        ClaimCase(broken, "P-1", AS_OF, (), Accumulator(), None)
    )
    assert decided.answer is Answer.PENDED
    assert decided.pended_for == ("line 2: its units are no whole number from 1",)


def test_medicares_fee_where_the_plan_pays_by_it(tmp_path: Path) -> None:
    plan = [{**TABLES["plan"][0], "pack_id": "medicare", "fee_basis": "medicare_national"}]
    answer = Desk(tmp_path, plan=plan, fees=[]).take(claim(1, lines=(line("99492", cents=50_000),)))
    allowed = answer.claims[0].lines[0].allowed_amount_cents
    assert allowed is not None
    assert 10_000 < allowed < 20_000


def test_replacement_takes_back_and_decides_anew(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    first = desk.take(claim(1)).claims[0]
    number = first.payer_claim_control_number
    answer = desk.take(
        claim(1, frequency_code="7", payer_claim_control_number=number, lines=(line("99492"),))
    )
    back, again = answer.claims
    assert (back.status_code, back.paid_amount_cents) == ("22", -first.paid_amount_cents)
    assert back.payer_claim_control_number == number
    assert ("PR", "1") in answer.codes(1)[0]
    (payment,) = answer.payments
    (carried,) = payment.provider_adjustments
    assert (payment.paid_amount_cents, payment.handling_code, payment.method) == (0, "H", "NON")
    assert carried.amount_cents == again.paid_amount_cents - first.paid_amount_cents


def test_void_takes_back_and_gives_the_deductible_back(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    number = desk.take(claim(1)).claims[0].payer_claim_control_number
    void = desk.take(claim(1, frequency_code="8", payer_claim_control_number=number))
    assert [one.status_code for one in void.claims] == ["22"]
    assert void.payments[0].paid_amount_cents == 0
    assert void.result.summary["balance_forwarded_cents"] == void.result.summary["taken_back_cents"] > 0
    assert ("PR", "1") in desk.take(claim(501, member_id="GHP000000001")).codes()[0]


def test_claim_is_taken_back_once(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    number = desk.take(claim(1)).claims[0].payer_claim_control_number
    desk.take(claim(1, frequency_code="8", payer_claim_control_number=number))
    again = desk.take(claim(1, frequency_code="8", payer_claim_control_number=number))
    assert again.result.summary["claims_pended"] == 1
    assert "taken back already" in again.bytes_of("pended.csv").decode()


@pytest.mark.parametrize("frequency_code", ["7", "8"])
def test_correction_of_an_unknown_claim_waits(tmp_path: Path, frequency_code: str) -> None:
    answer = Desk(tmp_path).take(
        claim(1, frequency_code=frequency_code, payer_claim_control_number="P-NOWHERE")
    )
    assert answer.result.summary["claims_pended"] == 1


def test_another_members_claim_cannot_be_taken_back(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    number = desk.take(claim(1)).claims[0].payer_claim_control_number
    answer = desk.take(claim(2, frequency_code="8", payer_claim_control_number=number))
    assert answer.result.summary["claims_pended"] == 1


def test_second_claim_of_one_file_knows_of_the_first(tmp_path: Path) -> None:
    answer = Desk(tmp_path).take(
        claim(1, lines=(LATER_LINE,)), claim(501, member_id="GHP000000001", lines=(LATER_LINE,))
    )
    assert [one.status_code for one in answer.claims] == ["1", "4"]


def test_same_file_again_is_recognised_and_answered_alike(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    first = desk.take(claim(1), claim(9))
    content = (tmp_path / "in-1.837").read_bytes()
    written = {name: first.bytes_of(name) for name in first.result.files}
    again = desk.take_bytes(content)
    assert again.result.decided_before == AS_OF
    assert {name: again.bytes_of(name) for name in again.result.files} == written


def test_same_claims_give_the_same_bytes(tmp_path: Path) -> None:
    one, other = (Desk(tmp_path / name).take(claim(1), claim(9), claim(77)) for name in ("one", "other"))
    assert {name: one.bytes_of(name) for name in one.result.files} == {
        name: other.bytes_of(name) for name in other.result.files
    }


def test_what_a_claim_cannot_tell_is_held_against_nobody(tmp_path: Path) -> None:
    answer = Desk(tmp_path).take(claim(1))
    (decided,) = answer.trace
    assert decided["answer"] == "paid"
    assert {"consent.missing", "minutes.below_code"} <= set(decided["edits_without_data"])


def test_rule_that_is_merely_assumed_delays_nobody(tmp_path: Path) -> None:
    steps = [reason["step"] for reason in Desk(tmp_path).take(claim(1)).trace[0]["lines"][0]["reasons"]]
    assert "noted supervising.missing" in steps


def test_secondary_claim_waits(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.take(claim(1))
    (record,) = read_837p((tmp_path / "in-1.837").read_bytes())
    later = replace(record, payer_sequence="S")
    decided = Adjudicator(desk.reading.book, RULEBOOK, AS_OF).decide(
        ClaimCase(later, "P-1", AS_OF, (), Accumulator(), None)
    )
    assert decided.answer is Answer.PENDED
    assert decided.paid_amount_cents == 0


def test_rejected_claims_are_told_in_the_277ca_and_not_decided(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    good = desk.take(claim(1))
    desk.number_files(2)
    spoilt = (tmp_path / "in-1.837").read_bytes().replace(b"ABK:F321", b"ABK:F32X")
    answer = desk.take_bytes(spoilt)
    assert answer.result.summary["claims_rejected"] == 1
    (name,) = [one for one in answer.result.files if one.endswith("277ca.x12")]
    (told,) = read_277ca(answer.bytes_of(name))
    assert [one.is_accepted for one in told.claims()] == [False]
    assert "remittance.835" in good.result.files
    assert "remittance.835" not in answer.result.files


def test_a_transaction_whose_277ca_has_no_lawful_form_is_not_decided(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(told: list[ClaimAcknowledgment], *rest: Any) -> Any:
        if [one.claim_id for one in told[0].claims()] == [claim(1).claim_id]:
            raise X12Error("it would repeat a character of no X12 set")
        return write_277ca(told, *rest)

    monkeypatch.setattr(reply, "write_277ca", write)
    first, second = (written([claim(number)], ENVELOPE) for number in (1, 2))
    start, end = second.index(b"ST*837*"), second.index(b"GE*")
    both = first.replace(b"GE*1*", b"GE*2*")
    place = both.index(b"GE*2*")
    moved = second[start:end].replace(b"*0001*005010", b"*0002*005010").replace(b"*0001~", b"*0002~")
    answer = Desk(tmp_path).take_bytes(both[:place] + moved + both[place:])
    assert answer.result.summary["claims"] == 2
    assert [one["claim_id"] for one in answer.trace] == [claim(2).claim_id]
    assert [one.claim_id for one in answer.claims] == [claim(2).claim_id]
    assert [name[4:] for name in answer.result.files if name.endswith(".x12")] == ["999.x12", "277ca.x12"]
    with closing(sqlite3.connect(tmp_path / "state.sqlite")) as connection:
        rows = connection.execute("SELECT claim_id FROM decided_claim").fetchall()
    assert rows == [(claim(2).claim_id,)]


def test_test_file_is_answered_and_not_remembered(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    assert desk.take(claim(1, lines=(LATER_LINE,)), is_test=True).claims[0].status_code == "1"
    again = desk.take(claim(501, member_id="GHP000000001", lines=(LATER_LINE,)))
    assert again.claims[0].status_code == "1"
    assert not again.trace[0]["lines"][0]["beside"]


def test_file_cannot_come_in_after_it_is_decided(tmp_path: Path) -> None:
    with pytest.raises(UnusableInput, match="lies after the day of the decision"):
        Desk(tmp_path).take(claim(1), received=date(2026, 4, 7))


def test_another_practices_month_goes_to_a_person_with_both_claims_in_view(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.take(claim(1, lines=(LATER_LINE,)))
    elsewhere = replace(OTHER_BILLING, taxonomy_code="207Q00000X")
    answer = desk.take(claim(501, member_id="GHP000000001", billing=elsewhere, lines=(LATER_LINE,)))
    assert answer.result.summary["claims_pended"] == 1
    (beside,) = answer.trace[0]["lines"][0]["beside"]
    assert beside["combination"] == "same service by another biller"
    assert beside["billing_npi"] == "1234567893"


def test_general_integration_in_the_month_excludes_the_model(tmp_path: Path) -> None:
    fees = [
        *TABLES["fees"],
        {"hcpcs_code": "99484", "place": "all", "effective_from": "2026-01-01", "amount": "50.00"},
    ]
    desk = Desk(tmp_path, fees=fees)
    assert (
        desk.take(claim(501, member_id="GHP000000001", lines=(line("99484"),))).claims[0].status_code == "1"
    )
    answer = desk.take(claim(1, lines=(LATER_LINE,)))
    assert answer.codes() == [[("CO", "97")]]
    (beside,) = answer.trace[0]["lines"][0]["beside"]
    assert beside["combination"] == "excluded combination"
    assert "concurrency.excluded_codes" in beside["rule"]


def test_decisions_cannot_be_changed_behind_the_plans_back(tmp_path: Path) -> None:
    Desk(tmp_path).take(claim(1))
    with closing(sqlite3.connect(tmp_path / "state.sqlite")) as connection:
        for statement in ("UPDATE decided_claim SET answer = 'denied'", "DELETE FROM decided_line"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                connection.execute(statement)


def test_answers_are_lawful_x12(tmp_path: Path) -> None:
    answer = Desk(tmp_path).take(claim(1), claim(9), claim(77))
    for name in answer.result.files:
        if name.endswith((".x12", ".835", ".837")):
            assert validate(answer.bytes_of(name)) == ()


@pytest.mark.parametrize("content", [b"", b"not x12", b"ISA*00"])
def test_file_that_is_no_claims_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(UnusableInput):
        Desk(tmp_path).take_bytes(content)
    assert not (tmp_path / "out-0").exists()


def test_damaged_files_end_in_answers_or_a_named_error(tmp_path: Path) -> None:
    desk, rng = Desk(tmp_path), Random(6)
    good = written([claim(1), claim(9), claim(2, lines=(LATER_LINE, line("99213", 2)))])
    answered = 0
    for _ in range(15):
        damaged = bytearray(good)
        for _ in range(rng.choice((1, 1, 3))):
            place = rng.randrange(106, len(damaged))
            if rng.random() < 0.6:
                damaged[place] = rng.choice(b"09AXZ-.*: ")
            else:
                del damaged[place : place + rng.randrange(1, 12)]
        try:
            answer = desk.take_bytes(bytes(damaged))
        except CocmError:
            continue
        answered += 1
        if "remittance.835" in answer.result.files:
            assert validate_835(answer.bytes_of("remittance.835")) == ()
    assert answered


def test_practitioner_without_a_number_is_left_out_of_the_remittance(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.take(claim(1))
    (record,) = read_837p((tmp_path / "in-1.837").read_bytes())
    assert record.rendering is not None
    bare = replace(record, rendering=replace(record.rendering, identifier="", identifier_type=""))
    decided = Adjudicator(desk.reading.book, RULEBOOK, AS_OF).decide(
        ClaimCase(bare, "P-1", AS_OF, (), Accumulator(), None)
    )
    (payment,) = remittances(desk.reading.book.profile, RULEBOOK, [decided], batch="b", payment_date=AS_OF)
    assert payment.claims[0].rendering is None


def test_several_interchanges_are_refused(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.take(claim(1))
    content = (tmp_path / "in-1.837").read_bytes()
    with pytest.raises(UnusableInput, match="2 interchanges"):
        desk.take_bytes(content + content)


def test_state_of_another_plan_is_refused(tmp_path: Path) -> None:
    with PlanState(tmp_path / "s.sqlite", "ONE") as state:
        state.commit()
    with pytest.raises(StateError, match="belongs to the plan ONE"):
        PlanState(tmp_path / "s.sqlite", "TWO")
    (tmp_path / "text").write_text("not a database, but long enough to be read as a page of one" * 20)
    with pytest.raises(StateError):
        PlanState(tmp_path / "text", "ONE")


@pytest.mark.parametrize(
    ("table", "changes", "told"),
    [
        ("benefits", {"coinsurance_percent": "120"}, "benefits.csv, row 2, column coinsurance_percent"),
        ("benefits", {"effective_to": "2025-01-01"}, "benefits.csv, row 2, column effective_to"),
        ("delegations", {"entity_id": "NOBODY"}, "delegations.csv, row 2, column entity_id"),
        ("entities", {"kind": "friend"}, "entities.csv, row 2, column kind"),
        ("plan", {"tin": "12"}, "plan.csv, row 2, column tin"),
        ("fees", {"amount": "a lot"}, "fees.csv, row 2, column amount"),
    ],
)
def test_wrong_row_is_named_and_nothing_is_decided(
    tmp_path: Path, table: str, changes: dict[str, str], told: str
) -> None:
    rows = [{**TABLES[table][0], **changes}, *TABLES[table][1:]]
    with pytest.raises(UnusableInput, match=told):
        read_plan(plan_folder(tmp_path, **{table: rows}), RULEBOOK)


def test_missing_table_is_named(tmp_path: Path) -> None:
    (plan_folder(tmp_path) / "benefits.csv").unlink()
    with pytest.raises(UnusableInput, match=r"benefits\.csv: is missing"):
        read_plan(tmp_path, RULEBOOK)


def test_template_has_every_table_and_overwrites_nothing(tmp_path: Path) -> None:
    names = write_template(tmp_path / "new")
    assert {f"{name}.csv" for name in TABLES} < set(names)
    with pytest.raises(UnusableInput, match="already"):
        write_template(tmp_path / "new")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("mistake,rate_percent\nnone,5\n", "row 2, column mistake"),
        ("mistake,rate_percent\ndeny_for_records,101\n", "row 2, column rate_percent"),
        ("mistake,rate_percent\ndeny_for_records,5\ndeny_for_records,6\n", "twice"),
        ("rate\n5\n", "column mistake"),
    ],
)
def test_table_of_mistakes_names_what_is_wrong(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "errs.csv"
    path.write_text(text)
    with pytest.raises(UnusableInput, match=told):
        read_errs(path, 0)


def test_mistakes_come_at_their_rate_and_are_the_same_again() -> None:
    plan = ErringPlan({Mistake.DENY_FOR_RECORDS: 20, Mistake.WRONG_COST_SHARE: 0}, 7)
    met = [plan.mistakes_on(f"C-{number}") for number in range(2_000)]
    assert met == [plan.mistakes_on(f"C-{number}") for number in range(2_000)]
    assert 340 < sum(Mistake.DENY_FOR_RECORDS in one for one in met) < 460
    assert not any(Mistake.WRONG_COST_SHARE in one for one in met)


@settings(max_examples=80, deadline=None)
@given(
    allowed=st.integers(0, 10**7),
    deductible=st.integers(0, 10**6),
    copayment=st.integers(0, 10**5),
    percent=st.integers(0, 100),
    limit=st.none() | st.integers(0, 10**6),
    met=st.builds(Accumulator, st.integers(0, 10**6), st.integers(0, 10**6)),
    owes=st.booleans(),
)
def test_member_never_owes_more_than_is_allowed_or_left_of_the_limit(
    allowed: int,
    deductible: int,
    copayment: int,
    percent: int,
    limit: int | None,
    met: Accumulator,
    owes: bool,
) -> None:
    benefit = Benefit(
        "HMO", Side.MEDICAL, None, Period(AS_OF), True, False, deductible, copayment, percent, limit
    )
    share = member_share(benefit, allowed, met, owes_copayment=owes)
    assert min(share.deductible_cents, share.copayment_cents, share.coinsurance_cents) >= 0
    assert share.total_cents <= allowed
    if limit is not None:
        assert share.total_cents <= max(0, limit - met.out_of_pocket_met_cents)
    assert share.deductible_cents <= max(0, deductible - met.deductible_met_cents)
