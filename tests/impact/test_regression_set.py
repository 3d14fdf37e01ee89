"""What the rules and edits decide on ten thousand synthetic months is what was accepted."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from cocm.edits.discovery import catalogue
from cocm.impact.snapshot import decisions_text, differences
from cocm.impact.synthetic import DATES, synthetic_months
from cocm.rules import Rulebook

pytestmark = pytest.mark.once

ACCEPTED = Path(__file__).parent / "decisions.txt"
RULEBOOK = Rulebook()
HOW = (
    "look at each, then accept with `python tools/accept_decisions.py`; `cocm rules impact --from HEAD` names every "
    "decision that a changed rule value turned"
)


@pytest.fixture(scope="module")
def decided() -> str:
    return decisions_text(RULEBOOK)


def test_the_decisions_are_those_accepted(decided: str) -> None:
    turned = differences(ACCEPTED.read_text(encoding="utf-8"), decided)

    assert not turned, f"\n{len(turned.lines)} lines of decisions turned:\n{turned}\n{HOW}"


def test_the_set_is_large_and_meets_every_pack_and_date() -> None:
    months = list(synthetic_months(RULEBOOK))

    assert len(months) >= 10_000
    assert {(month.pack_id, month.day) for month in months} == {
        (pack_id, day) for pack_id in RULEBOOK.payer_ids for day in DATES
    }
    assert len({month.minutes for month in months}) > 30


def test_every_edit_of_the_catalogue_trips_and_passes_somewhere(decided: str) -> None:
    counts = {edit.id: Counter[str]() for edit in catalogue()}
    for line in decided.splitlines():
        kind, name, *rest = line.split(" ")
        if kind == "edit":
            numbers = map(int, rest[1].split("/"))
            counts[name].update(
                dict(zip(("pass", "fail", "not applicable", "no data"), numbers, strict=True))
            )

    # Two ask for what no shipped payer asks for: they neither pass nor fail anywhere.
    assert [name for name, count in counts.items() if bool(count["pass"]) != bool(count["fail"])] == []
    assert sum(count["pass"] == 0 for count in counts.values()) <= 2


def test_the_snapshot_is_small_enough_to_review() -> None:
    assert ACCEPTED.stat().st_size < 250_000


def test_a_new_edit_or_pack_adds_lines_and_changes_none(decided: str) -> None:
    one = decided.splitlines()
    without = [line for line in one if " consent.missing " not in line and " wi-medicaid " not in line]

    told = differences("\n".join(without), "\n".join(one)).lines

    assert told and all(": new (" in line for line in told)


def test_turned_decisions_are_named_with_the_rules_behind_them() -> None:
    before = "rule limit.addon_units aaaa\nedit addon.over_limit medicare 10/2/5/1 bbbb\ncodes cpt 9 cccc: none (9)"
    after = "rule limit.addon_units dddd\nedit addon.over_limit medicare 9/3/5/1 eeee\ncodes cpt 9 ffff: 99492 x1 (9)"

    assert differences(before, after).lines == (
        "rule limit.addon_units: its values changed",
        "edit addon.over_limit medicare: pass 10 -> 9, fail 2 -> 3, because of limit.addon_units",
        "codes cpt: none (9) -> 99492 x1 (9)",
    )
    assert not differences(before, before)
