"""Each mart's figures worked out by hand, the same on DuckDB and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import duckdb
import psycopg
import pytest
from history_samples import TABLES, History, received, worked_history

from cocm.basics.errors import UnknownPayer, UnusableInput
from cocm.basics.months import Month
from cocm.marts.build import build_marts
from cocm.marts.definitions import MARTS
from cocm.marts.document import marts_page
from cocm.marts.inputs import DECISION_TABLES
from cocm.marts.rule_tables import rule_rows
from cocm.rules import Rulebook
from cocm.rules.denial_causes import denial_causes
from cocm.warehouse.engine import SqlEngine

RULEBOOK = Rulebook()
JANUARY, FEBRUARY, MARCH = (Month(2026, number).index for number in (1, 2, 3))


class Marts:
    """The marts of a history on one engine."""

    def __init__(self, history: History, connection: Any, absent: tuple[str, ...] = ()) -> None:
        for statement in history.statements(absent):
            connection.execute(statement)
        self.engine = SqlEngine(connection)
        self.counts = build_marts(self.engine, RULEBOOK, absent=absent)

    def rows(self, text: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.engine.query(text)]

    def one(self, text: str) -> Any:
        ((value,),) = self.rows(text)
        return value


@pytest.fixture(scope="module", params=["duckdb", pytest.param("postgresql", marks=pytest.mark.once)])
def marts(request: pytest.FixtureRequest) -> Iterator[Marts]:
    if request.param == "duckdb":
        with duckdb.connect() as connection:
            yield Marts(worked_history(), connection)
    else:
        with psycopg.connect(request.getfixturevalue("postgresql_uri")) as connection:
            connection.execute("create schema marts_test")
            connection.execute("set search_path to marts_test")
            yield Marts(worked_history(), connection)
            connection.rollback()


def of_duckdb(history: History, absent: tuple[str, ...] = ()) -> Marts:
    return Marts(history, duckdb.connect(), absent)


def test_lines_stand_with_their_first_and_their_last_answer(marts: Marts) -> None:
    assert marts.rows(
        "select claim_id, claim_line_number, first_answer, answer, was_refused from cocm_service_line "
        "order by claim_id, claim_line_number"
    ) == [
        ("C1", 1, "paid", "paid", False),
        ("C1", 2, "paid", "paid", False),
        ("C2", 1, "denied", "paid", True),
        ("C3", 1, "paid", "paid", False),
        ("C3", 2, "paid", "paid", False),
        ("C4", 1, "denied", "paid", True),
        ("C5", 1, "forwarded", "forwarded", False),
        ("C6", 1, "rejected", "rejected", True),
        ("C7", 1, "paid", "reversed", False),
        ("C9", 1, "open", "open", False),
    ]


def test_a_claim_is_paid_where_a_line_of_it_is(marts: Marts) -> None:
    assert marts.rows(
        "select claim_id, first_answer, answer, days_to_pay from cocm_claim order by claim_id"
    ) == [
        ("C1", "paid", "paid", 10),
        ("C2", "denied", "paid", 24),
        ("C3", "paid", "paid", 19),
        ("C4", "denied", "paid", 40),
        ("C5", "forwarded", "forwarded", None),
        ("C6", "rejected", "rejected", None),
        ("C7", "paid", "reversed", 8),
    ]


def test_what_a_reversal_takes_back_is_not_paid(marts: Marts) -> None:
    assert marts.rows(
        "select paid_amount_cents, allowed_amount_cents, member_share_cents from cocm_service_line "
        "where claim_id = 'C7'"
    ) == [(0, 0, 0)]


def test_shares_before_and_after_a_correction_stand_side_by_side(marts: Marts) -> None:
    assert marts.rows(
        "select first_member_share_cents, member_share_cents from cocm_service_line where claim_id = 'C2'"
    ) == [(4_000, 1_000)]


def test_routing_duplicates_records_and_appeals_are_told_by_line(marts: Marts) -> None:
    flags = (
        "was_routed_to_administrator", "was_called_duplicate", "were_records_requested", "was_appealed",
        "was_appeal_granted", "was_appeal_refused",
    )  # fmt: skip
    found = {
        flag: sorted({row[0] for row in marts.rows(f"select claim_id from cocm_service_line where {flag}")})
        for flag in flags
    }
    assert found == {
        "was_routed_to_administrator": ["C2"],
        "was_called_duplicate": ["C4"],
        "were_records_requested": ["C3"],
        "was_appealed": ["C4"],
        "was_appeal_granted": ["C4"],
        "was_appeal_refused": [],
    }


def test_reasons_are_those_of_refusals(marts: Marts) -> None:
    assert marts.rows(
        "select claim_id, answer, group_code, reason_code, amount_cents, is_paid_now from cocm_denial_reason "
        "order by claim_id"
    ) == [
        ("C2", "denied", "CO", "109", 10_000, True),
        ("C4", "denied", "OA", "18", 10_000, True),
        ("C5", "forwarded", "OA", "B11", 10_000, False),
        ("C6", "rejected", "", "", 0, False),
    ]


def test_member_months_are_what_was_served_and_not_taken_back(marts: Marts) -> None:
    assert marts.rows(
        "select person_id, month_index, tier, base_tier, addon_units, is_paid, charge_amount_cents, paid_amount_cents "
        "from cocm_member_month order by person_id, month_index"
    ) == [
        ("P1", JANUARY, "first+2", "first", 2, True, 30_000, 16_000),
        ("P1", FEBRUARY, "later", "later", 0, True, 10_000, 8_000),
        ("P1", MARCH, "later+1", "later", 1, True, 20_000, 16_000),
        ("P2", JANUARY, "first", "first", 0, True, 10_000, 9_000),
        ("P3", MARCH, "first", "first", 0, False, 10_000, 0),
    ]


def test_episodes_of_the_sample(marts: Marts) -> None:
    assert marts.rows(
        "select person_id, episode_number, first_month_index, months_served, months_spanned, months_with_addon, "
        "has_first_month_code, may_go_on from cocm_episode order by person_id"
    ) == [
        ("P1", 1, JANUARY, 3, 3, 2, True, True),
        ("P2", 1, JANUARY, 1, 1, 0, True, True),
        ("P3", 1, MARCH, 1, 1, 0, True, True),
    ]


def test_persistence_counts_only_what_the_history_reaches(marts: Marts) -> None:
    assert marts.rows(
        "select product, first_month_index, months_since_start, episodes, episodes_still_served "
        "from cocm_persistence order by 1, 2, 3"
    ) == [
        ("HMO", JANUARY, 0, 2, 2),
        ("HMO", JANUARY, 1, 2, 1),
        ("HMO", JANUARY, 2, 2, 1),
        ("PPO", MARCH, 0, 1, 1),
    ]


def test_tiers_by_month(marts: Marts) -> None:
    assert marts.rows(
        "select month_index, tier, member_months, member_months_paid from cocm_tier_month order by 1, 2"
    ) == [
        (JANUARY, "first", 1, 1),
        (JANUARY, "first+2", 1, 1),
        (FEBRUARY, "later", 1, 1),
        (MARCH, "first", 1, 0),
        (MARCH, "later+1", 1, 1),
    ]


def test_days_to_pay_run_from_receipt_to_the_first_payment(marts: Marts) -> None:
    """C1 10 days on two lines, C2 24, C3 19 on two lines, C4 40, C7 8 though it was taken back later."""
    assert marts.rows("select days, cast(sum(lines) as integer) from cocm_days_to_pay group by days order by days") == [
        (8, 1), (10, 2), (19, 2), (24, 1), (40, 1),
    ]  # fmt: skip


def test_routes_and_providers(marts: Marts) -> None:
    assert marts.rows(
        "select month_index, first_answer, lines, lines_refused, lines_paid_now from cocm_routing "
        "where was_routed_to_administrator"
    ) == [(FEBRUARY, "denied", 1, 1, 1)]
    assert marts.rows(
        "select billing_npi, month_index, lines, persons, lines_paid_first, lines_paid_now, lines_refused "
        "from cocm_provider_month order by 1, 2"
    ) == [
        ("1111111111", JANUARY, 3, 2, 2, 3, 1),
        ("1111111111", FEBRUARY, 2, 2, 0, 1, 2),
        ("1111111111", MARCH, 3, 2, 3, 2, 0),
        ("3333333333", MARCH, 1, 1, 0, 0, 0),
    ]


def test_behavioral_members_are_those_of_primary_care(marts: Marts) -> None:
    found = {row[0] for row in marts.rows("select distinct person_id from behavioral_member_month")}
    assert found == {"P1", "P2", "P3", "P4", "P5", "P6"}
    other = History()
    other.claim("C1", "P1", date(2026, 1, 31), "90834", billing_taxonomy_code="261QM0801X")
    assert of_duckdb(other).counts["behavioral_member_month"] == 0


@pytest.mark.parametrize(("empty_months", "episodes"), [(5, 1), (6, 2)])
def test_six_empty_months_end_an_episode_and_five_do_not(empty_months: int, episodes: int) -> None:
    history = History()
    second = Month.from_index(JANUARY + empty_months + 1)
    history.claim("C1", "P1", date(2026, 1, 31), "99492")
    history.claim("C2", "P1", second.last_day, "99492")
    assert of_duckdb(history).counts["cocm_episode"] == episodes


def test_a_month_sent_twice_is_one_month_of_its_fullest_claim() -> None:
    history = History()
    history.claim("C1", "P1", date(2026, 1, 31), "99492")
    history.decide("C1", 1, "denied", date(2026, 2, 3))
    history.claim("C2", "P1", date(2026, 1, 31), "99492", ("99494", 2))
    marts = of_duckdb(history)
    assert marts.rows("select tier, claims from cocm_member_month") == [("first+2", 2)]


def test_a_person_in_two_spans_is_counted_once() -> None:
    history = History()
    history.member("P1", "HMO")
    history.member("P1", "PPO", from_day_number=9_500)
    history.claim("C1", "P1", date(2026, 1, 31), "99492")
    received(history, "C1", date(2026, 2, 1))
    marts = of_duckdb(history)
    assert marts.rows("select claim_id, product from cocm_service_line") == [("C1", "PPO")]


def test_without_decisions_every_line_is_open_and_never_denied() -> None:
    absent = tuple(table.name for table in DECISION_TABLES)
    marts = of_duckdb(worked_history(), absent)
    assert marts.rows("select distinct answer, was_refused, product from cocm_service_line") == [
        ("open", False, "")
    ]
    assert marts.counts["cocm_denial_reason"] == 0
    assert marts.counts["cocm_days_to_pay"] == 0


def test_an_empty_history_has_empty_marts() -> None:
    assert set(of_duckdb(History()).counts.values()) == {0}


def test_a_missing_table_and_a_missing_column_are_named() -> None:
    with duckdb.connect() as connection:
        for statement in worked_history().statements(("claim_event",)):
            connection.execute(statement)
        with pytest.raises(
            UnusableInput, match=r"claim_event cannot be read: it must hold one row something"
        ):
            build_marts(SqlEngine(connection), RULEBOOK)
        connection.execute("create table claim_event (claim_id text, event text)")
        with pytest.raises(UnusableInput, match="claim_event lacks day_number"):
            build_marts(SqlEngine(connection), RULEBOOK)


def test_a_pack_that_does_not_exist_is_named() -> None:
    history = History()
    history.claim("C1", "P1", date(2026, 1, 31), "99492", pack_id="nowhere")
    with pytest.raises(UnknownPayer, match="nowhere"):
        of_duckdb(history)


def test_the_causes_that_the_texts_name_stand_in_the_playbook() -> None:
    found = {row[0] for row in rule_rows(RULEBOOK, [])["reason_cause"]}
    for cause_id in ("misrouted_to_administrator", "called_duplicate"):
        assert cause_id in found and cause_id in denial_causes(RULEBOOK)


def test_every_column_of_every_mart_is_documented(marts: Marts) -> None:
    for mart in MARTS:
        described = [column.name for column in mart.columns]
        assert list(marts.engine.columns(mart.name)) == described, mart.name
        assert mart.sql.startswith("-- grain: one row")
        nullable = [column.name for column in mart.columns if column.may_be_null]
        for name in described:
            if name not in nullable:
                assert marts.one(f"select count(*) from {mart.name} where {name} is null") == 0, (
                    mart.name,
                    name,
                )


def test_kinds_of_columns_are_as_documented(marts: Marts) -> None:
    for mart in MARTS:
        kinds = marts.engine.columns(mart.name)
        assert kinds == {column.name: column.column_type.value for column in mart.columns}, mart.name


def test_the_page_names_every_table_and_column() -> None:
    page = marts_page()
    for table in (*TABLES[2:], *MARTS):
        assert f"### {table.name}\n" in page
        for column in table.columns:
            assert f"| `{column.name}` | {column.column_type.value} |" in page
