"""Rows of a plan's tables that cannot be read or contradict each other price, refuse and charge nobody wrongly."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from plan_samples import BORN, RULEBOOK, TABLES, Answers, Desk, claim, line, plan_folder

from cocm.basics.errors import TableError, UnusableInput
from cocm.plandesk.folder import read_plan

MEMBERS, BENEFITS, FEES = TABLES["members"], TABLES["benefits"], TABLES["fees"]
MET = {"member_id": "GHP000000001", "birth_date": BORN, "year": "2026"}
WAITS = "a row of the plan's tables about the member could not be read"


def waiting(answer: Answers) -> dict[str, list[str]]:
    return {one["claim_id"]: one["pended_for"] for one in answer.trace if one["answer"] == "pended"}


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([{**MET, "deductible_met": "1OO"}], id="no amount"),
        pytest.param(
            [{**MET, "deductible_met": "5"}, {**MET, "deductible_met": "100"}], id="two of one year"
        ),
    ],
)
def test_a_member_whose_accumulator_is_wrong_waits_and_nobody_else(
    tmp_path: Path, rows: list[dict[str, str]]
) -> None:
    desk = Desk(tmp_path, accumulators=rows)
    assert "accumulators.csv" in str(desk.reading.problems[0])
    answer = desk.take(claim(1), claim(2))
    assert waiting(answer) == {claim(1).claim_id: [WAITS]}
    assert answer.result.summary["claims_paid"] == 1


def test_an_accumulator_that_names_nobody_may_be_anybodys_who_has_none(tmp_path: Path) -> None:
    rows = [
        {**MET, "deductible_met": "100.00"},
        {**MET, "birth_date": "31.12.88", "deductible_met": "100.00"},
    ]
    answer = Desk(tmp_path, accumulators=rows).take(claim(1), claim(2))
    (why,) = waiting(answer)[claim(2).claim_id]
    assert "rows of the accumulators' table could not be read" in why
    assert answer.trace[0]["answer"] == "paid"


def test_nothing_met_is_an_amount(tmp_path: Path) -> None:
    rows = [{**MET, "deductible_met": "0.00", "out_of_pocket_met": "2000.00"}]
    benefits = [{**BENEFITS[0], "copayment": "0.00"}, BENEFITS[1]]
    answer = Desk(tmp_path, accumulators=rows, benefits=benefits).take(claim(1))
    assert answer.trace[0]["member_share_cents"] == 0


@pytest.mark.parametrize(
    "second",
    [
        pytest.param({"coverage_from": "2026-02-30"}, id="a span that cannot be read"),
        pytest.param({"coverage_from": "2026-01-15", "product": "PPO"}, id="a span within another"),
        pytest.param(
            {"coverage_from": "2026-02-01", "coverage_to": "2026-01-01"}, id="a span that ends too soon"
        ),
    ],
)
def test_a_member_with_a_wrong_span_is_not_refused_as_not_covered(
    tmp_path: Path, second: dict[str, str]
) -> None:
    members = [{**MEMBERS[0], "coverage_to": "2026-01-31"}, {**MEMBERS[0], **second}, *MEMBERS[1:]]
    answer = Desk(tmp_path, members=members).take(claim(1), claim(2))
    assert waiting(answer) == {claim(1).claim_id: [WAITS]}


def test_a_gap_is_no_end_of_coverage_while_rows_name_nobody(tmp_path: Path) -> None:
    members = [{**MEMBERS[0], "coverage_to": "2026-01-31"}, {**MEMBERS[0], "birth_date": "?"}, *MEMBERS[1:]]
    answer = Desk(tmp_path, members=members).take(claim(1), claim(2))
    assert "no coverage was found for the day" in waiting(answer)[claim(1).claim_id][0]
    assert answer.trace[1]["answer"] == "paid"


def test_a_void_waits_for_no_table(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    number = desk.take(claim(1)).trace[0]["claim_number"]
    desk.reading = read_plan(
        plan_folder(tmp_path / "plan", accumulators=[{**MET, "deductible_met": "x"}]), RULEBOOK
    )
    answer = desk.take(claim(1, claim_id="C-2", frequency_code="8", payer_claim_control_number=number))
    assert answer.trace[0]["answer"] == "reversed"


def test_a_row_without_an_end_holds_until_the_next_begins_in_any_order(tmp_path: Path) -> None:
    fees = [{**FEES[0], "effective_from": "2026-03-01", "amount": "155.00"}, *FEES]
    benefits = [*BENEFITS, {**BENEFITS[0], "effective_from": "2026-03-15", "is_waived": "yes"}]
    desk = Desk(tmp_path, fees=fees, benefits=benefits)
    february = claim(1, lines=(line("99492", cents=99_900, day=date(2026, 2, 28)),))
    march = claim(2, lines=(line("99492", cents=99_900, day=date(2026, 3, 14)),))
    later = claim(3, lines=(line("99492", cents=99_900, day=date(2026, 3, 15)),))
    lines = [one["lines"][0] for one in desk.take(february, march, later).trace]
    assert [one["allowed_amount_cents"] for one in lines] == [15_000, 15_500, 15_500]
    assert [one["paid_amount_cents"] == one["allowed_amount_cents"] for one in lines] == [False, False, True]


@pytest.mark.parametrize(
    ("table", "rows", "told"),
    [
        ("fees", [*FEES, FEES[0]], "fees.csv, row 7, column effective_from: expected each once"),
        (
            "benefits",
            [*BENEFITS, BENEFITS[0]],
            "benefits.csv, row 4, column effective_from: expected each once",
        ),
        (
            "benefits",
            [{**BENEFITS[0], "effective_to": "2026-06-30"}, {**BENEFITS[0], "effective_from": "2026-06-30"}],
            "benefits.csv, row 3, column effective_from: expected a day after the last one",
        ),
        (
            "providers",
            [*TABLES["providers"], {**TABLES["providers"][0], "biller": "behavioral"}],
            "providers.csv, row 3, column npi: expected each once",
        ),
        (
            "providers",
            [{**TABLES["providers"][0], "places": "11;xx"}],
            "providers.csv, row 2, column places: expected places of service",
        ),
    ],
)
def test_rows_that_contradict_each_other_let_nothing_be_decided(
    tmp_path: Path, table: str, rows: list[dict[str, str]], told: str
) -> None:
    with pytest.raises(UnusableInput, match=told):
        read_plan(plan_folder(tmp_path, **{table: rows}), RULEBOOK)


def test_a_place_that_a_spreadsheet_shortened_is_read(tmp_path: Path) -> None:
    providers = [{**TABLES["providers"][0], "places": "2;11"}]
    book = read_plan(plan_folder(tmp_path, providers=providers), RULEBOOK).book
    (held,) = book.providers.values()
    assert held.places == {"02", "11"}


@pytest.mark.parametrize(
    ("table", "old", "new", "told"),
    [
        ("benefits", "deductible", "ded", "names ded, .* does not name: .*deductible"),
        ("benefits", "out_of_pocket_max", "oop", "names oop, .* does not name: .*out_of_pocket_max"),
        ("members", "delegated_group_id", "group", "names group, .* does not name: .*delegated_group_id"),
        ("accumulators", "deductible_met", "met", "names met, .* does not name: .*deductible_met"),
        ("plan", "fee_basis", "fees_by", "names fees_by, .* does not name: .*fee_basis"),
        ("providers", "places", "place", "names place, .* does not name: .*places"),
    ],
)
def test_a_misspelt_column_that_may_be_left_out_decides_nothing(
    tmp_path: Path, table: str, old: str, new: str, told: str
) -> None:
    folder = plan_folder(tmp_path, accumulators=[{**MET, "deductible_met": "100.00"}])
    path = folder / f"{table}.csv"
    header, _, rows = path.read_text().partition("\n")
    names = [new if name == old else name for name in header.split(",")]
    path.write_text(",".join(names) + "\n" + rows)
    with pytest.raises(TableError, match=told):
        read_plan(folder, RULEBOOK)


def test_a_column_of_the_plans_own_is_passed_over(tmp_path: Path) -> None:
    benefits = [{**row, "x_contract_page": "12"} for row in BENEFITS]
    plain = read_plan(plan_folder(tmp_path / "plain"), RULEBOOK).book
    assert read_plan(plan_folder(tmp_path / "own", benefits=benefits), RULEBOOK).book == plain


def test_a_misspelt_column_is_found_behind_many_of_the_plans_own(tmp_path: Path) -> None:
    own = {f"x_{number}": "1" for number in range(30)}
    benefits = [
        {**{name: cell for name, cell in row.items() if name != "deductible"}, **own, "deductable": "100.00"}
        for row in BENEFITS
    ]
    with pytest.raises(TableError, match="names deductable, which the table does not have"):
        read_plan(plan_folder(tmp_path, benefits=benefits), RULEBOOK)


def test_a_column_without_a_name_is_refused(tmp_path: Path) -> None:
    path = plan_folder(tmp_path) / "benefits.csv"
    header, _, rows = path.read_text().partition("\n")
    path.write_text(header.replace("deductible", "") + "\n" + rows)
    with pytest.raises(TableError, match=r"names column \d+ without a name"):
        read_plan(tmp_path, RULEBOOK)
