"""Each key insight of the design studio: wrong with the plan that errs, right by the rulebook."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from plan_samples import (
    BILLING,
    LATER_LINE,
    OTHER_BILLING,
    TABLES,
    Desk,
    Mistake,
    Organization,
    claim,
    line,
    therapy,
)  # fmt: skip

from cocm.basics.money import dollars

NO_CARVE_OUT = TABLES["delegations"][1:]


def test_claim_with_a_behavioral_diagnosis_stays_with_the_medical_plan(tmp_path: Path) -> None:
    right = Desk(tmp_path / "right").take(claim(1))
    assert [one.status_code for one in right.claims] == ["1"]
    assert right.claims[0].paid_amount_cents > 0
    wrong = Desk(tmp_path / "wrong", (Mistake.ROUTE_BY_DIAGNOSIS,)).take(claim(1))
    assert [one.status_code for one in wrong.claims] == ["4"]
    assert wrong.codes() == [[("CO", "109")], [("CO", "109")]]
    assert wrong.claims[0].lines[0].remark_codes == ("N418",)


def test_psychotherapy_by_another_practice_is_no_duplicate(tmp_path: Path) -> None:
    right = Desk(tmp_path / "right", delegations=NO_CARVE_OUT)
    right.take(therapy(1))
    answer = right.take(claim(1))
    assert answer.claims[0].status_code == "1"
    beside = answer.trace[0]["lines"][0]["beside"]
    assert [(one["hcpcs_code"], one["combination"]) for one in beside] == [("90834", "allowed combination")]
    wrong = Desk(tmp_path / "wrong", (Mistake.DUPLICATE_OF_PSYCHOTHERAPY,), delegations=NO_CARVE_OUT)
    wrong.take(therapy(1))
    assert wrong.take(claim(1)).codes() == [[("OA", "18")], [("OA", "18")]]


def test_erring_plan_calls_nothing_a_duplicate_where_nothing_else_stands(tmp_path: Path) -> None:
    desk = Desk(tmp_path, (Mistake.DUPLICATE_OF_PSYCHOTHERAPY,), delegations=NO_CARVE_OUT)
    assert desk.take(claim(1)).claims[0].status_code == "1"


def test_cost_share_is_the_medical_benefits(tmp_path: Path) -> None:
    right = Desk(tmp_path / "right").take(claim(1))
    # 150.00 and 2 x 60.00 allowed: 100.00 deductible, 20 % of 50.00 and of 120.00
    assert right.codes() == [[("CO", "45"), ("PR", "1"), ("PR", "2")], [("CO", "45"), ("PR", "2")]]
    assert right.claims[0].patient_responsibility_amount_cents == 10_000 + 1_000 + 2_400
    wrong = Desk(tmp_path / "wrong", (Mistake.WRONG_COST_SHARE,)).take(claim(1))
    assert wrong.codes() == [[("CO", "45"), ("PR", "3")], [("CO", "45")]]
    assert wrong.claims[0].patient_responsibility_amount_cents == 7_500


def test_records_are_not_asked_for_without_a_trigger(tmp_path: Path) -> None:
    right = Desk(tmp_path / "right").take(claim(1))
    assert right.result.summary["claims_paid"] == 1
    wrong = Desk(tmp_path / "wrong", (Mistake.DENY_FOR_RECORDS,)).take(claim(1))
    assert wrong.codes()[0] == [("CO", "252")]
    assert wrong.claims[0].lines[0].remark_codes == ("N706",)


def test_place_of_service_must_be_one_at_which_the_practice_is_enrolled(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    elsewhere = desk.take(claim(1, place_of_service_code="22"))
    assert elsewhere.codes()[0] == [("CO", "5")]
    assert elsewhere.claims[0].lines[0].remark_codes == ("M77",)
    assert desk.take(claim(2)).claims[0].status_code == "1"


def test_place_is_not_held_against_a_practice_whose_places_are_not_known(tmp_path: Path) -> None:
    desk = Desk(tmp_path, providers=[{"npi": "1234567893", "biller": "medical", "places": ""}])
    assert desk.take(claim(1, place_of_service_code="22")).claims[0].status_code == "1"


def test_add_on_without_its_base_is_denied(tmp_path: Path) -> None:
    answer = Desk(tmp_path).take(claim(1, lines=(line("99494", cents=12_400),)))
    assert answer.codes() == [[("CO", "107")]]
    assert answer.claims[0].lines[0].remark_codes == ("N122",)


def test_first_and_later_month_code_in_one_month_go_to_a_person(tmp_path: Path) -> None:
    answer = Desk(tmp_path).take(claim(1, lines=(line("99492"), line("99493", 2))))
    assert answer.result.summary["claims_pended"] == 1
    assert "another code that reports the month" in answer.bytes_of("pended.csv").decode()


def test_the_same_month_again_is_a_true_duplicate_with_both_claims_in_view(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.take(claim(1, lines=(LATER_LINE,)))
    again = desk.take(claim(501, member_id="GHP000000001", lines=(LATER_LINE,)))
    assert again.codes() == [[("OA", "18")]]
    (beside,) = again.trace[0]["lines"][0]["beside"]
    assert beside["combination"] == "true duplicate"
    assert beside["claim_id"] == "C-00000000000001"


def test_claim_of_a_behavioral_biller_goes_to_a_person_or_is_refused_never_paid(tmp_path: Path) -> None:
    biller = Organization("MIND CLINIC", "1649289083", "947654321", "261QM0801X", claim(1).billing.address)
    answer = Desk(tmp_path).take(claim(1, billing=biller, rendering=None))
    assert answer.result.summary["claims_paid"] == 0


def test_misdirected_claim_is_forwarded_with_its_receipt_date_and_not_denied(tmp_path: Path) -> None:
    answer = Desk(tmp_path).take(claim(9))
    (decided,) = answer.claims
    assert decided.status_code == "23"
    assert decided.crossover_payer is not None
    assert decided.crossover_payer.identifier == "VAL01"
    assert answer.codes() == [[("OA", "B11")], [("OA", "B11")]]
    (row,) = answer.bytes_of("forwarded.csv").decode().splitlines()[1:]
    assert row.startswith(
        f"{decided.payer_claim_control_number},C-00000000000009,IPA,VAL01,2026-04-06,2026-04-20,0,"
    )
    (moved,) = [name for name in answer.result.files if name.startswith("forwarded-")]
    assert b"CLM*C-00000000000009*" in answer.bytes_of(moved)


def test_administrator_who_gets_the_claim_sends_it_on_to_the_medical_plan(tmp_path: Path) -> None:
    plan = [{**TABLES["plan"][0], "entity_id": "BHA"}]
    answer = Desk(tmp_path, plan=plan).take(claim(1))
    assert [one.status_code for one in answer.claims] == ["23"]
    assert answer.trace[0]["forward_to"] == "MED"
    assert any("claim.benefit_side = medical" in cite for cite in answer.trace[0]["citations"])


def test_line_that_belongs_elsewhere_is_forwarded_and_the_rest_decided(tmp_path: Path) -> None:
    plan = [{**TABLES["plan"][0], "pack_id": "co-medicaid"}]
    answer = Desk(tmp_path, plan=plan).take(claim(1, lines=(line("99492"), line("90834", 2))))
    assert answer.trace[0]["answer"] == "paid"
    assert [one["answer"] for one in answer.trace[0]["lines"]] == ["paid", "forwarded"]
    assert answer.codes()[1] == [("OA", "B11")]
    (row,) = answer.bytes_of("forwarded.csv").decode().splitlines()[1:]
    assert ",BHA,MIND1,2026-04-06,,,2," in row
    assert any(name.startswith("forwarded-") for name in answer.result.files)


def test_lines_of_several_other_entities_go_to_a_person(tmp_path: Path) -> None:
    plan = [{**TABLES["plan"][0], "pack_id": "co-medicaid"}]
    answer = Desk(tmp_path, plan=plan).take(claim(9, lines=(line("99492"), line("90834", 2))))
    assert answer.result.summary["claims_pended"] == 1
    assert "several entities: BHA, IPA" in answer.bytes_of("pended.csv").decode()


@pytest.mark.parametrize(
    ("code", "biller", "combination"),
    [
        ("99214", OTHER_BILLING, "allowed combination"),  # a psychiatrist who sees the patient
        ("99213", BILLING, "allowed combination"),
        ("99490", BILLING, "allowed combination"),
        ("99493", BILLING, "excluded combination"),
        ("99493", OTHER_BILLING, "same service by another biller"),
    ],
)
def test_each_service_of_the_month_is_told_for_what_it_is(
    tmp_path: Path, code: str, biller: Organization, combination: str
) -> None:
    desk = Desk(tmp_path, delegations=NO_CARVE_OUT)
    desk.take(claim(501, member_id="GHP000000001", billing=biller, rendering=None, lines=(line(code),)))
    (beside,) = desk.take(claim(1, lines=(line("99492"),))).trace[0]["lines"][0]["beside"]
    assert (beside["hcpcs_code"], beside["combination"]) == (code, combination)


def test_add_on_and_base_on_two_claims_are_parts_of_one_month(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.take(claim(1, lines=(line("99492"),)))
    answer = desk.take(claim(501, member_id="GHP000000001", lines=(line("99494", cents=12_400),)))
    (beside,) = answer.trace[0]["lines"][0]["beside"]
    assert beside["combination"] == "parts of one month"


def test_what_is_decided_after_the_clock_is_paid_with_interest_and_told(tmp_path: Path) -> None:
    received = date(2026, 2, 25)  # 30 days: due on 2026-03-27, decided ten days later
    in_time, late = Desk(tmp_path / "in-time"), Desk(tmp_path / "late")
    lines = (line("99492", day=date(2026, 2, 24)),)
    asked = (claim(1, lines=lines), claim(9, lines=lines))
    answer = in_time.take(*asked)
    assert answer.result.summary["claims_paid_late"] == 0
    assert "late_payments.csv" not in answer.result.files
    assert not answer.payments[0].provider_adjustments
    assert "interest" not in answer.trace[0]
    answer = late.take(*asked, received=received)
    paid = answer.claims[0].paid_amount_cents
    (interest,) = answer.payments[0].provider_adjustments
    assert interest.reason_code == "L6"
    assert -interest.amount_cents == round(paid * 0.15 * 10 / 365)
    assert answer.payments[0].paid_amount_cents == paid - interest.amount_cents
    (row,) = answer.bytes_of("late_payments.csv").decode().splitlines()[1:]
    assert ",2026-02-25,2026-03-27,2026-04-06,10," in row
    told = answer.trace[0]["interest"]
    assert (told["amount_cents"], told["principal_cents"], told["days_late"]) == (
        -interest.amount_cents,
        paid,
        10,
    )
    text = answer.bytes_of("trace.txt").decode()
    assert (
        f"interest {dollars(told['amount_cents'])}: {dollars(paid)} is paid 10 days after 2026-03-27, at 15 percent a "
        "year of 365 days" in text
    )
    for cite in told["citations"]:
        assert f"    by {cite}" in text
    assert [one.partition(" = ")[0] for one in told["citations"]][1] == "payment.interest_percent_hundredths"
    assert "interest" not in answer.trace[1]
    assert answer.result.summary["claims_forwarded_late"] == 1
    assert ",2026-02-25,2026-03-11,26," in answer.bytes_of("forwarded.csv").decode()
