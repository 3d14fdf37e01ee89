"""Who is responsible for a claim line: carve-out, division of responsibility, both at once; never by diagnosis."""

from __future__ import annotations

import inspect
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from plan_samples import RULEBOOK, TABLES, plan_folder

from cocm.plan import route as route_module
from cocm.plan.records import BillerType, CoverageSpan, PlanBook, Side
from cocm.plan.route import LineRoute, biller_type, forward_by, route_line
from cocm.plandesk.folder import read_plan
from cocm.rules import PackOn

DAY = date(2026, 3, 31)
COLORADO = date(2025, 7, 1)


def _book(folder: Path, pack_id: str = "ca-commercial-carveout", **changed: list[dict[str, str]]) -> PlanBook:
    plan = [{**TABLES["plan"][0], "pack_id": pack_id}]
    return read_plan(plan_folder(folder, plan=plan, **changed), RULEBOOK).book


def _policy(book: PlanBook, day: date = DAY) -> PackOn:
    return RULEBOOK.pack(book.profile.pack_id).on(day)


def _span(book: PlanBook, group: str = "") -> CoverageSpan:
    span = next(iter(book.members.values())).spans[0]
    return replace(span, delegated_group_id=group)


def _routed(
    book: PlanBook, code: str, biller: BillerType | None, group: str = "", day: date = DAY
) -> LineRoute:
    return route_line(book, _span(book, group), code, day, biller, _policy(book, day))


def _entity(routed: LineRoute) -> str | None:
    return None if routed.entity is None else routed.entity.entity_id


@pytest.mark.parametrize(
    ("code", "biller", "group", "expected"),
    [
        ("99492", BillerType.MEDICAL, "", "MED"),
        ("99494", BillerType.MEDICAL, "", "MED"),
        ("99492", None, "", "MED"),
        ("99492", BillerType.MEDICAL, "VALLEY", "IPA"),
        ("90834", BillerType.BEHAVIORAL, "", "BHA"),
        ("90834", BillerType.BEHAVIORAL, "VALLEY", "BHA"),
        ("90834", BillerType.MEDICAL, "", None),
        ("99213", BillerType.MEDICAL, "", "MED"),
        ("99213", BillerType.MEDICAL, "VALLEY", "IPA"),
        ("99213", BillerType.BEHAVIORAL, "", "BHA"),
        ("99213", None, "", None),
    ],
)
def test_carve_out_and_division_of_responsibility_at_once(
    tmp_path: Path, code: str, biller: BillerType | None, group: str, expected: str | None
) -> None:
    assert _entity(_routed(_book(tmp_path), code, biller, group)) == expected


def test_route_names_the_rule_value_and_the_contract(tmp_path: Path) -> None:
    routed = _routed(_book(tmp_path), "99493", BillerType.MEDICAL, "VALLEY")
    assert routed.side is Side.MEDICAL
    assert any("claim.benefit_side = medical" in cite for cite in routed.cites)
    assert any("division of responsibility" in cite for cite in routed.cites)


def test_route_takes_no_diagnosis() -> None:
    for _, function in inspect.getmembers(route_module, inspect.isfunction):
        assert not any("diagnos" in name for name in inspect.signature(function).parameters)


def test_unestablished_route_says_between_whom(tmp_path: Path) -> None:
    routed = _routed(_book(tmp_path), "90834", BillerType.MEDICAL)
    assert routed.entity is None
    assert "Mind admin" in routed.reason
    assert "Golden medical" in routed.reason


def test_unknown_side_needs_no_answer_where_one_entity_answers_for_both(tmp_path: Path) -> None:
    assert _entity(_routed(_book(tmp_path, delegations=[]), "90834", None)) == "MED"


@pytest.mark.parametrize(
    ("code", "biller", "day", "expected"),
    [
        ("99492", BillerType.MEDICAL, COLORADO, "AGENT"),
        ("99492", BillerType.MEDICAL, date(2025, 6, 30), "REGION"),
        ("90834", BillerType.MEDICAL, COLORADO, "REGION"),
        ("90834", BillerType.BEHAVIORAL, COLORADO, "REGION"),
        ("99492", BillerType.BEHAVIORAL, COLORADO, "REGION"),
    ],
)
def test_colorado_splits_by_date_procedure_and_biller(
    tmp_path: Path, code: str, biller: BillerType, day: date, expected: str
) -> None:
    """From 2025-07-01 the state's agent takes the model of medical practices; psychotherapy stays with the region."""
    book = _book(
        tmp_path,
        "co-medicaid",
        entities=[
            {"entity_id": "MED", "entity_name": "Department", "kind": "medical"},
            {"entity_id": "AGENT", "entity_name": "State agent", "kind": "state_agent"},
            {"entity_id": "REGION", "entity_name": "Region", "kind": "behavioral_administrator"},
        ],
        delegations=[
            {"entity_id": "REGION", "side": "behavioral", "effective_from": "2018-07-01", "source": "region"},
            {
                "entity_id": "REGION", "side": "medical", "service": "cocm", "effective_from": "2018-07-01",
                "effective_to": "2025-06-30", "source": "region",
            },
            {
                "entity_id": "AGENT", "side": "medical", "service": "cocm", "biller": "medical",
                "effective_from": "2025-07-01", "source": "fee for service",
            },
            {
                "entity_id": "REGION", "side": "medical", "service": "cocm", "biller": "behavioral",
                "effective_from": "2025-07-01", "source": "region",
            },
        ],
    )  # fmt: skip
    assert _entity(_routed(book, code, biller, day=day)) == expected


@pytest.mark.parametrize(
    ("taxonomy", "expected"),
    [
        ("207Q00000X", BillerType.MEDICAL),
        ("261QM0801X", BillerType.BEHAVIORAL),
        ("1041C0700X", BillerType.BEHAVIORAL),
        ("", None),
        ("999999999X", None),
    ],
)
def test_biller_is_told_by_taxonomy_where_not_enrolled(
    tmp_path: Path, taxonomy: str, expected: BillerType | None
) -> None:
    book = _book(tmp_path)
    assert biller_type(book, "1649289083", taxonomy, _policy(book)) is expected


def test_enrollment_goes_before_the_taxonomy_on_the_claim(tmp_path: Path) -> None:
    book = _book(tmp_path)
    assert biller_type(book, "1234567893", "1041C0700X", _policy(book)) is BillerType.MEDICAL


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        (date(2026, 4, 6), date(2026, 4, 20)),
        (date(2026, 4, 10), date(2026, 4, 24)),
        (date(2026, 4, 11), date(2026, 4, 24)),
    ],
)
def test_forward_clock_counts_working_days(tmp_path: Path, received: date, expected: date) -> None:
    until, rule = forward_by(received, _policy(_book(tmp_path)))
    assert until == expected
    assert rule.integer == 10


def test_forward_clock_is_unknown_where_the_payer_has_none(tmp_path: Path) -> None:
    until, rule = forward_by(DAY, _policy(_book(tmp_path, "cpt")))
    assert until is None
    assert not rule.is_known
