"""The data request: figures worked out by hand, small ones hidden, the same in every file and from any input."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pytest
from audit_samples import line as history_line
from click.testing import CliRunner, Result
from history_samples import History, repeated, worked_history
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from cocm.audit.contract import HISTORY
from cocm.basics.months import Month
from cocm.basics.percentile import median, percentile
from cocm.cli import cli
from cocm.marts.build import build_marts
from cocm.marts.inputs import DECISION_TABLES
from cocm.publish.charts import specification
from cocm.publish.counts import Scope
from cocm.publish.data_request import ALL, DataRequest, Published, data_request
from cocm.publish.measures import DIVISIONS, definitions
from cocm.publish.told import untold_by_tables, untold_measures
from cocm.rules import Rulebook
from cocm.warehouse.engine import SqlEngine

RULEBOOK = Rulebook()
SCOPE = Scope("GHP", Month(2026, 1), Month(2026, 3))
WHOLE: dict[tuple[str, str], int | Decimal] = {
    ("lines", ""): 180, ("claims", ""): 140, ("member_months", ""): 100, ("episodes", ""): 60,
    ("members_with_behavioral_diagnosis", ""): 120, ("members_with_model", ""): 80,
    ("members_with_general_bhi", ""): 20,
    ("claims_by_first_answer", "paid"): 60, ("claims_by_first_answer", "denied"): 40,
    ("claims_by_first_answer", "forwarded"): 20, ("claims_by_first_answer", "rejected"): 20,
    ("lines_by_answer", "paid"): 120, ("lines_by_answer", "reversed"): 20, ("lines_by_answer", "rejected"): 20,
    ("lines_by_code", "99492"): 60, ("lines_by_code", "99493"): 60, ("lines_by_code", "99494"): 40,
    ("lines_by_code", "G2214"): 20,
    ("lines_routed_to_administrator", "yes"): 20, ("lines_called_duplicate", "yes"): 20,
    ("lines_with_records_requested", "yes"): 40, ("lines_pended", "yes"): 40,
    ("lines_by_appeal", "granted"): 20, ("lines_by_appeal", "none"): 160,
    ("lines_with_share_corrected", "yes"): 20,
    ("member_months_by_tier", "first"): 60, ("member_months_by_tier", "later"): 40,
    ("member_months_with_addon", "yes"): 40,
    ("episodes_by_months", "1 month"): 40, ("episodes_by_months", "3 to 5 months"): 20,
    ("charge_amount", ""): 2_000_000, ("allowed_amount", ""): 1_040_000, ("paid_amount", ""): 980_000,
    ("member_share_first", ""): 120_000, ("member_share", ""): 60_000, ("paid_per_member_month", ""): 9_800,
    ("claim_approval_rate", ""): Decimal("60.0"), ("claim_denial_rate", ""): Decimal("40.0"),
    ("claim_rejection_rate", ""): Decimal("14.3"), ("line_denial_rate", ""): Decimal("28.6"),
    ("line_final_denial_rate", ""): Decimal("0.0"), ("routed_rate", ""): Decimal("11.1"),
    ("records_request_rate", ""): Decimal("22.2"), ("addon_share", ""): Decimal("40.0"),
    ("one_or_two_months_share", ""): Decimal("66.7"),
    ("days_to_pay_median", ""): 19, ("days_to_pay_75th_percentile", ""): 24, ("days_to_pay_90th_percentile", ""): 40,
    ("billing_providers", ""): 2, ("billing_groups", ""): 2, ("rendering_providers", ""): 1,
}  # fmt: skip
"""Twenty times the sample: seven claims with nine lines each time."""


def asked(history: History, *, hides_small: bool = True) -> DataRequest:
    engine = SqlEngine(history.connection())
    build_marts(engine, RULEBOOK)
    return data_request(engine, RULEBOOK, (SCOPE,), hides_small=hides_small)


@pytest.fixture(scope="module")
def large() -> DataRequest:
    return asked(repeated(worked_history(), 20))


@pytest.mark.parametrize(("place", "value"), WHOLE.items())
def test_figures_of_the_whole_time(large: DataRequest, place: tuple[str, str], value: int | Decimal) -> None:
    found = large.find("GHP", *place)
    assert found is not None and not found.is_hidden
    assert found.value == value


def test_figures_by_product_region_and_month(large: DataRequest) -> None:
    found = large.find("GHP", "lines", product="HMO", region="Shasta", month="2026-01")
    assert found is not None and found.value == 60  # C1 with two lines, C4
    found = large.find("GHP", "lines_by_first_answer", "denied", product="HMO", month="2026-01")
    assert found is not None and found.value == 20
    found = large.find("GHP", "days_to_pay_median", month="2026-01")
    assert found is not None and found.value == 10  # 10, 10, 40


def test_every_level_adds_up(large: DataRequest) -> None:
    for measure in ("lines", "claims", "member_months", "episodes"):
        of = [one for one in large.figures if one.measure == measure]
        finest = sum(int(one.value or 0) for one in of if ALL not in (one.product, one.region, one.month))
        assert finest == WHOLE[measure, ""]


def test_codes_that_refused(large: DataRequest) -> None:
    assert [(one.kind, one.code, one.lines, one.amount_cents) for one in large.reasons] == [
        ("CARC", "CO-109", 20, 200_000),
        ("CARC", "OA-18", 20, 200_000),
        ("CARC", "OA-B11", 20, 200_000),
    ]


def test_a_small_history_tells_nothing_and_its_owner_everything() -> None:
    small = asked(worked_history())
    assert small.hidden_count == len(small.figures) + len(small.reasons)
    assert all(one.value is None for one in small.figures)
    own = asked(worked_history(), hides_small=False)
    assert own.hidden_count == 0
    found = own.find("GHP", "lines")
    assert found is not None and found.value == 9


def with_a_few(few: int) -> History:
    """Forty persons of one product paid, and a few of another denied."""
    history = History()
    for number in range(40):
        history.member(f"A{number}", "HMO")
        history.claim(f"CA{number}", f"A{number}", date(2026, 1, 31), "99492")
        history.decide(f"CA{number}", 1, "paid", date(2026, 2, 10))
    for number in range(few):
        history.member(f"B{number}", "PPO")
        history.claim(f"CB{number}", f"B{number}", date(2026, 1, 31), "99492", ("99494", 1), ("99494", 1))
        history.decide(f"CB{number}", 1, "denied", date(2026, 2, 10), 1, 2, 3)
    return history


@pytest.fixture
def without_charts(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the extra `charts` is not installed."""
    monkeypatch.setattr("cocm.publish.request_page.can_draw", lambda: False)


@cache
def with_ten() -> DataRequest:
    return asked(with_a_few(10))


def test_lines_are_counted_by_the_persons_behind_them() -> None:
    """Ten persons with thirty lines are ten persons; eleven are shown."""
    hidden = with_ten().find("GHP", "lines", product="PPO")
    assert hidden is not None and hidden.is_hidden
    shown = asked(with_a_few(11)).find("GHP", "lines", product="PPO")
    assert shown is not None and shown.value == 33


def test_the_other_product_is_hidden_with_the_small_one() -> None:
    """70 lines in all and 40 of one product would leave the 30 of the other."""
    request = with_ten()
    for measure in ("lines", "paid_amount", "charge_amount", "members_with_model"):
        found = [request.find("GHP", measure, product=product) for product in ("HMO", "PPO")]
        assert all(one is not None and one.is_hidden for one in found), measure
    whole = request.find("GHP", "lines")
    assert whole is not None and whole.value == 70


def test_rates_do_not_tell_what_counts_hide() -> None:
    request = with_ten()
    for measure in ("line_denial_rate", "claim_denial_rate", "claim_approval_rate"):
        found = request.find("GHP", measure)
        assert found is not None and found.is_hidden  # ten denied persons among fifty
    for one in request.figures:
        if one.measure == "lines_by_first_answer":
            assert one.is_hidden


@pytest.mark.once
@pytest.mark.usefixtures("without_charts")
def test_no_file_holds_a_hidden_value(tmp_path: Path) -> None:
    with_a_few(10).write(tmp_path / "history")
    assert run(tmp_path / "history", "--out", tmp_path / "out").exit_code == 0
    with duckdb.connect() as connection:
        rows = connection.execute(
            f"select count(*) from '{tmp_path / 'out' / 'data-request.parquet'}' where is_hidden and value is not null"
        ).fetchall()
        assert rows == [(0,)]
    sheet = load_workbook(tmp_path / "out" / "data-request.xlsx", read_only=True)["Every figure"]
    of_ppo = {row[-1] for row in sheet.iter_rows(min_row=2, values_only=True) if row[1] == "PPO"}
    assert of_ppo <= {"<11", None}
    html = (tmp_path / "out" / "data-request.html").read_text()
    assert "$3,000.00" not in html and "$4,000.00" not in html  # what was charged for either product
    assert "Charts are left out here" in html and "<svg" not in html


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["plan", "data-request", *map(str, arguments)])


@pytest.mark.once
def test_all_files_say_the_same(tmp_path: Path) -> None:
    repeated(worked_history(), 20).write(tmp_path / "history")
    result = run(tmp_path / "history", "--out", tmp_path / "out", "--as-of", "2026-06-01", "--json")
    assert result.exit_code == 0, result.output
    answer = json.loads(result.output)
    told = {(one["measure"], one["class"]): one for one in answer["whole_time"]}
    parquet = tmp_path / "out" / "data-request.parquet"
    with duckdb.connect() as connection:
        found = connection.execute(
            f"select measure, class, value from '{parquet}' where product = 'all' and month = 'all'"
        ).fetchall()
        metadata = dict(
            connection.execute(
                f"select decode(key), decode(value) from parquet_kv_metadata('{parquet}')"
            ).fetchall()
        )
    assert metadata["as_of_date"] == "2026-06-01" and metadata["rulebook_hash"] == RULEBOOK.content_hash
    for measure, name, value in found:
        assert Decimal(told[measure, name]["value"]) == value == WHOLE.get((measure, name), value)
    book = load_workbook(tmp_path / "out" / "data-request.xlsx", read_only=True)
    titles = {title: name for name, (title, _) in definitions().items()}
    for _, title, name, unit, value in book["Whole time"].iter_rows(min_row=2, values_only=True):
        cents = 100 if unit == "dollars" else 1
        assert round(Decimal(str(value)) * cents, 1) == Decimal(told[titles[title], name or ""]["value"])
    html = (tmp_path / "out" / "data-request.html").read_text()
    for text in ("$20,000.00", "28.6 %", "14.3 %", "<svg"):
        assert text in html


@pytest.mark.once
@pytest.mark.usefixtures("without_charts")
def test_a_file_of_claims_gives_the_figures_of_the_tables(tmp_path: Path) -> None:
    path = tmp_path / "claims.csv"
    others = [
        history_line(f"V{number}", "2026-01-15", person_id=f"V{number}", hcpcs_code="99213")
        for number in range(12)
    ]
    others += [history_line("W", "2026-01-15", person_id="W", hcpcs_code="99213", diagnosis_code_1="E11.9")]
    write_claims(path, [*sample_lines(20), *others])
    result = run(path, "--plan", "ca-commercial-carveout", "--out", tmp_path / "out", "--json")
    assert result.exit_code == 0, result.output
    told = {(one["measure"], one["class"]): one["value"] for one in json.loads(result.output)["whole_time"]}
    assert told["lines", ""] == "60" and told["claims", ""] == "60"
    assert told["lines_by_first_answer", "denied"] == "20" and told["lines_by_answer", "paid"] == "60"
    assert told["line_denial_rate", ""] == "33.3"
    assert told["days_to_pay_median", ""] == "12.0" or told["days_to_pay_median", ""] == "12"
    assert told["member_share_first", ""] == "80000" and told["member_share", ""] == "20000"
    assert told["lines_with_records_requested", "yes"] == "20"
    assert told["lines_by_appeal", "granted"] == "20"
    assert told["lines_routed_to_administrator", "yes"] == "20"
    assert told["members_with_behavioral_diagnosis", ""] == "32"  # twelve of them were never in the model


SILENT = ("records_requested_date", "appeal_outcome", "first_member_share_amount", "first_status", "region")


@pytest.mark.once
@pytest.mark.usefixtures("without_charts")
def test_what_a_history_does_not_tell_is_never_shown_as_nought(tmp_path: Path) -> None:
    claims = tmp_path / "claims.csv"
    rows = [{name: value for name, value in row.items() if name not in SILENT} for row in sample_lines(20)]
    with claims.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    result = run(claims, "--plan", "ca-commercial-carveout", "--out", tmp_path / "out", "--json")
    assert result.exit_code == 0, result.output
    answer = json.loads(result.output)
    measures = {one["measure"] for one in answer["whole_time"]}
    silent = {
        "lines_with_records_requested", "records_request_rate", "lines_by_appeal", "member_share_first",
        "lines_with_share_corrected", "lines_pended",
    }  # fmt: skip
    assert silent == set(answer["measures_not_told"]) and not silent & measures
    assert {"member_share", "lines_called_duplicate", "days_to_pay_median"} <= measures
    assert "requests for records" in answer["not_told"] and "regions" in answer["not_told"]
    html = (tmp_path / "out" / "data-request.html").read_text()
    assert html.count(">not told<") == 2 and "an answer at first is the last one" in html
    evidence = CliRunner().invoke(
        cli,
        [
            "plan",
            "sb1320",
            str(claims),
            "--plan",
            "ca-commercial-carveout",
            "--out",
            str(tmp_path / "sb"),
            "--json",
        ],
    )
    told = {one["question"]: one["answer"] for one in json.loads(evidence.output)["practice"]}
    assert told["Appeal"] == told["Records requested"] == "not told"
    with (tmp_path / "sb" / "lines.csv").open(encoding="utf-8", newline="") as stream:
        lines = list(csv.DictReader(stream))
    assert {(row["appeal"], row["are_records_requested"]) for row in lines} == {("not told", "not told")}


def test_absent_tables_are_not_told_either() -> None:
    everything = untold_by_tables([table.name for table in DECISION_TABLES])
    assert untold_by_tables([]) == frozenset()
    assert {"records_request_rate", "routed_rate", "paid_amount", "days_to_pay_median"} <= untold_measures(
        everything
    )
    assert untold_measures(everything) <= set(definitions())


def sample_lines(persons: int) -> Iterable[dict[str, Any]]:
    """Three months of each person: paid after 10 days; denied, appealed and paid after 30; records, paid after 12."""
    for number in range(persons):
        for month, days in ((1, 10), (2, 30), (3, 12)):
            day = Month(2026, month).last_day
            values: dict[str, Any] = {
                "person_id": f"P{number}", "hcpcs_code": "99492" if month == 1 else "99493", "product": "HMO",
                "region": "Shasta", "charge_amount": "100.00", "allowed_amount": "80.00", "paid_amount": "70.00",
                "deductible_amount": "0", "coinsurance_amount": "0", "copayment_amount": "0",
            }  # fmt: skip
            if month == 2:
                values |= {
                    "first_status": "denied", "first_decided_date": str(day + timedelta(5)),
                    "first_member_share_amount": "40.00", "appeal_outcome": "granted", "coinsurance_amount": "10.00",
                    "adjustment_group_code_1": "CO", "adjustment_reason_code_1": "109", "adjustment_amount_1": "1.00",
                }  # fmt: skip
            if month == 3:
                values["records_requested_date"] = str(day + timedelta(3))
            row = history_line(f"C{number}-{month}", str(day), **values)
            yield row | {"decided_date": str(day + timedelta(days))}


def write_claims(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(HISTORY))
        writer.writeheader()
        writer.writerows(rows)


def test_bad_input_is_named(tmp_path: Path) -> None:
    repeated(worked_history(), 1).write(tmp_path / "history", absent=("claim_line",))
    claims = tmp_path / "claims.csv"
    write_claims(claims, sample_lines(1))
    (tmp_path / "empty").mkdir()
    worked_history().write(tmp_path / "good")
    for arguments, problem in (
        ((claims,), "give --plan"),
        ((tmp_path / "good", "--payer", "NOBODY"), "no line of Collaborative Care of NOBODY"),
        ((tmp_path / "good", "--from", "2026-03", "--to", "2026-01"), "comes before --from"),
        ((tmp_path / "good", "--from", "2037-03"), "has no line of these months (it has: "),
        ((tmp_path / "good", "--to", "2017-03"), "has no line of these months (it has: "),
        ((claims, "--plan", "nowhere"), "neither a folder nor rules"),
        ((claims, "--plan", "medicare", "--layout", "nowhere"), "neither a file nor one of"),
    ):
        result = run(*arguments, "--out", tmp_path / "out")
        assert result.exception is not None and problem in f"{result.output}{result.exception}"
        assert not (tmp_path / "out").exists()


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.sources: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.sources += [value or "" for name, value in attrs if name in ("src", "xlink:href", "onload")]


@pytest.mark.once
def test_the_page_quotes_other_figures_with_their_units_and_runs_nothing(tmp_path: Path) -> None:
    worked_history().write(tmp_path / "history")
    assert run(tmp_path / "history", "--out", tmp_path / "out").exit_code == 0
    html = (tmp_path / "out" / "data-request.html").read_text()
    for figure in ("5 %", "32 %", "20 %", "8 %"):
        assert f">{figure}<" in html
    parser = _Text()
    parser.feed(html)
    assert "script" not in parser.tags and not parser.sources
    assert parser.tags.count("svg") == parser.tags.count("figure") == 5


def test_a_hidden_point_is_a_gap_in_a_chart() -> None:
    drawn = specification(
        "month",
        "lines",
        [("2026-01", "paid", None), ("2026-02", "paid", 12)],
        {"type": "line"},
        stacked=False,
    )
    assert [value["value"] for value in drawn["data"]["values"]] == [None, 12.0]


@given(st.dictionaries(st.integers(0, 60), st.integers(1, 5), min_size=1, max_size=12))
def test_percentiles_and_median_are_those_of_the_sorted_list(histogram: dict[int, int]) -> None:
    values = sorted(value for value, count in histogram.items() for _ in range(count))
    size = len(values)
    for percent in (1, 50, 75, 90, 95, 100):
        found = percentile(histogram, percent)
        assert sum(value <= found for value in values) * 100 >= percent * size
        assert sum(value < found for value in values) * 100 < percent * size
    middle = values[(size - 1) // 2] + values[size // 2]
    assert median(histogram) * 2 == middle


def test_nothing_has_no_percentile() -> None:
    with pytest.raises(ValueError, match="no 50th percentile of 0"):
        percentile({}, 50)
    with pytest.raises(ValueError, match="no median"):
        median({})


PRIME = (1 << 61) - 1


class Attacker:
    """Everything that is published as one system of equations modulo a prime; what follows from it."""

    def __init__(self) -> None:
        self._rows: dict[object, dict[object, int]] = {}

    def learn(self, equation: dict[object, int]) -> None:
        row = self._reduced(equation)
        if row:
            pivot = min(row, key=repr)
            inverse = pow(row[pivot], -1, PRIME)
            self._rows[pivot] = {name: value * inverse % PRIME for name, value in row.items()}

    def knows(self, wanted: dict[object, int]) -> bool:
        return not self._reduced(wanted)

    def _reduced(self, equation: dict[object, int]) -> dict[object, int]:
        row, left = dict(equation), set(equation)
        while left:
            name = min(left, key=repr)
            left.discard(name)
            basis = self._rows.get(name)
            if basis is None or name not in row:
                continue
            factor = row[name]
            for other, value in basis.items():
                found = (row.get(other, 0) - factor * value) % PRIME
                if found:
                    if other not in row and other != name:
                        left.add(other)
                    row[other] = found
                else:
                    row.pop(other, None)
                    left.discard(other)
        return row


def mixed_history(seed: int) -> History:
    """A few hundred persons in two products and three regions, unevenly, with every kind of answer."""
    chance = Random(seed)
    history = History()
    for number in range(260):
        product = "HMO" if chance.random() < 0.7 else "PPO"
        region = chance.choices(("Shasta", "Butte", "Lassen"), (8, 3, 1))[0]
        history.member(f"P{number}", product, region)
        for month in range(1, chance.choice((2, 2, 4))):
            claim_id, day = f"C{number}-{month}", Month(2026, month).last_day
            codes: list[str | tuple[str, int]] = ["99492" if month == 1 else "99493"]
            if chance.random() < 0.2:
                codes.append(("99494", 1))
            history.claim(claim_id, f"P{number}", day, *codes)
            lines = tuple(range(1, len(codes) + 1))
            answer = chance.choices(("paid", "denied", "rejected", "pended", "forwarded"), (80, 12, 3, 3, 2))[
                0
            ]
            history.decide(claim_id, 1, answer, day + timedelta(9), *lines)
            if answer == "denied" and chance.random() < 0.6:
                history.decide(claim_id, 2, "paid", day + timedelta(30), *lines)
    return history


@pytest.mark.once
def test_no_hidden_count_follows_from_everything_published_together() -> None:
    """All divisions of the lines, at all levels, with all totals: one system, solved."""
    history = mixed_history(1)
    request, own = asked(history), asked(history, hides_small=False)
    units = {"lines": "lines", **{one.name: one.unit for one in DIVISIONS}}
    of_lines = {one.name for one in DIVISIONS if one.unit == "lines"}
    classes: dict[str, set[str]] = defaultdict(set)
    cells = set()
    for one in own.figures:
        if one.measure in of_lines:
            classes[one.measure].add(one.class_name)
        if one.measure == "lines" and ALL not in (one.product, one.region, one.month):
            cells.add((one.product, one.region, one.month))

    def below(one: Published) -> list[tuple[str, str, str]]:
        wanted = (one.product, one.region, one.month)
        return [
            cell for cell in cells
            if all(asked_for in (ALL, is_one) for asked_for, is_one in zip(wanted, cell, strict=True))
        ]  # fmt: skip

    def equation(one: Published) -> dict[object, int]:
        if one.measure == "lines":
            first = min(of_lines)
            return {(first, name, cell): 1 for cell in below(one) for name in classes[first]}
        return {(one.measure, one.class_name, cell): 1 for cell in below(one)}

    attacker = Attacker()
    for cell in cells:
        first = min(of_lines)
        for other in of_lines - {first}:
            same: dict[object, int] = {(first, name, cell): 1 for name in classes[first]}
            attacker.learn(same | {(other, name, cell): PRIME - 1 for name in classes[other]})
    counts = [one for one in request.figures if units.get(one.measure) == "lines"]
    for one in counts:
        if not one.is_hidden:
            attacker.learn(equation(one))
    hidden = [one for one in counts if one.is_hidden]
    assert len(hidden) > 20 and len(counts) > len(hidden)
    assert not [one for one in hidden if attacker.knows(equation(one))]


def with_few_paid(paid: int) -> DataRequest:
    """Sixty persons of one product, all lines at one charge and one fee; a few paid, the rest denied."""
    history = History()
    for number in range(60):
        history.member(f"A{number}", "HMO")
        history.claim(f"CA{number}", f"A{number}", date(2026, 1, 31), "99493")
        history.decide(f"CA{number}", 1, "paid" if number < paid else "denied", date(2026, 2, 10))
    return asked(history)


MONEY = (
    "charge_amount",
    "allowed_amount",
    "paid_amount",
    "member_share_first",
    "member_share",
    "paid_per_member_month",
)


@pytest.mark.parametrize("paid", [1, 5, 10, 50, 55, 59])
def test_money_does_not_tell_a_count_that_is_hidden(paid: int) -> None:
    """At one fee the money paid is the count of the lines paid."""
    request = with_few_paid(paid)
    for measure in MONEY:
        found = [one for one in request.figures if one.measure == measure]
        assert found and all(one.is_hidden for one in found), measure
    assert all(one.is_hidden for one in request.reasons)
    lines = request.find("GHP", "lines")
    assert lines is not None and lines.value == 60


@pytest.mark.parametrize("paid", [11, 30, 49])
def test_money_is_told_where_the_counts_are(paid: int) -> None:
    request = with_few_paid(paid)
    for measure in MONEY:
        found = request.find("GHP", measure)
        assert found is not None and not found.is_hidden, measure


@pytest.mark.once
@pytest.mark.usefixtures("without_charts")
def test_lines_of_a_day_that_no_calendar_has_are_left_out_and_told(tmp_path: Path) -> None:
    claims = tmp_path / "claims.csv"
    write_claims(claims, sample_lines(20))
    header, *rows = claims.read_text().splitlines()
    place = header.split(",").index("service_date")
    spoilt = [row.split(",") for row in rows[:3]]
    for cells in spoilt:
        cells[place] = "2026-02-31"
    claims.write_text("\n".join([header, *(",".join(cells) for cells in spoilt), *rows[3:]]) + "\n")
    result = run(claims, "--plan", "ca-commercial-carveout", "--out", tmp_path / "out", "--json")
    assert result.exit_code == 0, result.output
    assert "NOT READ: 3 lines without a service_date that can be read" in result.stderr
    answer = json.loads(result.stdout)
    assert answer["made_of"].endswith("; left out: 3 lines without a service_date that can be read")
    told = {(one["measure"], one["class"]): one["value"] for one in answer["whole_time"]}
    assert told["lines", ""] == "57"
