"""Every minute from 0 to 240 for every pack of the table, on both sides of its dates, against ranges written by hand.

The ranges come from the policy sheet (1.2, 1.3, 2.2, 2.3 and 2.4) and from no code of ours. The packs `cpt`, `medicare`
and `ca-commercial-carveout` on one date stand in `test_minute_grid.py`.
"""

from __future__ import annotations

from datetime import date
from typing import Final, TypeAlias

import pytest
from case_samples import lines_of, policy

from cocm.coding.records import MonthKind, TimeProposal
from cocm.coding.time import propose_for_minutes

FIRST, LATER = MonthKind.FIRST, MonthKind.LATER
NOTHING: Final[dict[str, int]] = {}
NO_DATA: Final = None
Range: TypeAlias = tuple[int, int, dict[str, int] | None, frozenset[str]]
"""First and last minute, the lines (None: no data), and the rules for which a person looks."""


def span(low: int, high: int, lines: dict[str, int] | None, *looked_at: str) -> Range:
    return low, high, lines, frozenset(looked_at)


MANY, LIMIT, SHORT = "limit.addon_units_review_above", "limit.addon_units", "codes.short_month"

MEDICARE_2017 = {
    FIRST: [
        span(0, 35, NOTHING),
        span(36, 85, {"G0502": 1}),
        span(86, 115, {"G0502": 1, "G0504": 1}),
        span(116, 145, {"G0502": 1, "G0504": 2}),
        span(146, 175, {"G0502": 1, "G0504": 3}, MANY),
        span(176, 205, {"G0502": 1, "G0504": 4}, MANY),
        span(206, 235, {"G0502": 1, "G0504": 5}, MANY, LIMIT),
        span(236, 240, {"G0502": 1, "G0504": 6}, MANY, LIMIT),
    ],
    LATER: [
        span(0, 30, NOTHING),
        span(31, 75, {"G0503": 1}),
        span(76, 105, {"G0503": 1, "G0504": 1}),
        span(106, 135, {"G0503": 1, "G0504": 2}),
        span(136, 165, {"G0503": 1, "G0504": 3}, MANY),
        span(166, 195, {"G0503": 1, "G0504": 4}, MANY),
        span(196, 225, {"G0503": 1, "G0504": 5}, MANY, LIMIT),
        span(226, 240, {"G0503": 1, "G0504": 6}, MANY, LIMIT),
    ],
}
MEDICARE_2020 = {
    FIRST: [
        span(0, 35, NOTHING),
        span(36, 85, {"99492": 1}),
        span(86, 115, {"99492": 1, "99494": 1}),
        span(116, 145, {"99492": 1, "99494": 2}),
        span(146, 175, {"99492": 1, "99494": 3}, MANY),
        span(176, 205, {"99492": 1, "99494": 4}, MANY),
        span(206, 235, {"99492": 1, "99494": 5}, MANY, LIMIT),
        span(236, 240, {"99492": 1, "99494": 6}, MANY, LIMIT),
    ],
    LATER: [
        span(0, 30, NOTHING),
        span(31, 75, {"99493": 1}),
        span(76, 105, {"99493": 1, "99494": 1}),
        span(106, 135, {"99493": 1, "99494": 2}),
        span(136, 165, {"99493": 1, "99494": 3}, MANY),
        span(166, 195, {"99493": 1, "99494": 4}, MANY),
        span(196, 225, {"99493": 1, "99494": 5}, MANY, LIMIT),
        span(226, 240, {"99493": 1, "99494": 6}, MANY, LIMIT),
    ],
}
MEDICARE_2025 = {
    FIRST: [
        span(0, 15, NOTHING),
        span(16, 35, {"G2214": 1}),
        span(36, 85, {"99492": 1}),
        span(86, 115, {"99492": 1, "99494": 1}),
        span(116, 145, {"99492": 1, "99494": 2}),
        span(146, 175, {"99492": 1, "99494": 3}, MANY),
        span(176, 240, {"99492": 1, "99494": 4}, MANY),
    ],
    LATER: [
        span(0, 15, NOTHING),
        span(16, 30, {"G2214": 1}),
        span(31, 75, {"99493": 1}),
        span(76, 105, {"99493": 1, "99494": 1}),
        span(106, 135, {"99493": 1, "99494": 2}),
        span(136, 165, {"99493": 1, "99494": 3}, MANY),
        span(166, 240, {"99493": 1, "99494": 4}, MANY),
    ],
}
CLINIC_2025 = {
    FIRST: [span(0, 69, NOTHING), span(70, 240, {"G0512": 1})],
    LATER: [span(0, 59, NOTHING), span(60, 240, {"G0512": 1})],
}
CLINIC_2026 = {
    FIRST: [
        span(0, 15, NOTHING),
        span(16, 35, {"G2214": 1}, SHORT),
        span(36, 85, {"99492": 1}),
        span(86, 115, {"99492": 1, "99494": 1}),
        span(116, 145, {"99492": 1, "99494": 2}),
        span(146, 175, {"99492": 1, "99494": 3}, MANY),
        span(176, 240, {"99492": 1, "99494": 4}, MANY),
    ],
    LATER: [
        span(0, 15, NOTHING),
        span(16, 30, {"G2214": 1}, SHORT),
        span(31, 75, {"99493": 1}),
        span(76, 105, {"99493": 1, "99494": 1}),
        span(106, 135, {"99493": 1, "99494": 2}),
        span(136, 165, {"99493": 1, "99494": 3}, MANY),
        span(166, 240, {"99493": 1, "99494": 4}, MANY),
    ],
}
ADVANCED_PRIMARY_CARE = {
    FIRST: [span(0, 0, NOTHING), span(1, 240, {"G0568": 1})],
    LATER: [span(0, 0, NOTHING), span(1, 240, {"G0569": 1})],
}
NORTH_CAROLINA_2018 = {FIRST: [span(0, 240, NOTHING)], LATER: [span(0, 240, NOTHING)]}
NORTH_CAROLINA_2022 = {
    FIRST: [span(0, 35, NOTHING), span(36, 85, {"99492": 1}), span(86, 240, NO_DATA)],
    LATER: [span(0, 30, NOTHING), span(31, 75, {"99493": 1}), span(76, 240, NO_DATA)],
}
NORTH_CAROLINA_2024 = {
    FIRST: [
        span(0, 15, NOTHING),
        span(16, 35, {"G2214": 1}),
        span(36, 85, {"99492": 1}),
        span(86, 240, NO_DATA),
    ],
    LATER: [
        span(0, 15, NOTHING),
        span(16, 30, {"G2214": 1}),
        span(31, 75, {"99493": 1}),
        span(76, 240, NO_DATA),
    ],
}
NORTH_CAROLINA = {
    FIRST: [
        span(0, 15, NOTHING),
        span(16, 35, {"G2214": 1}),
        span(36, 85, {"99492": 1}),
        span(86, 115, {"99492": 1, "99494": 1}),
        span(116, 145, {"99492": 1, "99494": 2}),
        span(146, 175, {"99492": 1, "99494": 3}),
        span(176, 240, {"99492": 1, "99494": 4}),
    ],
    LATER: [
        span(0, 15, NOTHING),
        span(16, 30, {"G2214": 1}),
        span(31, 75, {"99493": 1}),
        span(76, 105, {"99493": 1, "99494": 1}),
        span(106, 135, {"99493": 1, "99494": 2}),
        span(136, 165, {"99493": 1, "99494": 3}),
        span(166, 240, {"99493": 1, "99494": 4}),
    ],
}
LIVES_ON = ("codes.first_month",), ("codes.later_month",)
NORTH_CAROLINA_CLINIC = {
    FIRST: [span(0, 15, NOTHING), span(16, 59, NO_DATA), span(60, 240, {"G0512": 1}, *LIVES_ON[0])],
    LATER: [span(0, 15, NOTHING), span(16, 59, NO_DATA), span(60, 240, {"G0512": 1}, *LIVES_ON[1])],
}
TEXAS = {
    FIRST: [span(0, 0, NOTHING), span(1, 35, NO_DATA), span(36, 85, {"99492": 1}), span(86, 240, NO_DATA)],
    LATER: [span(0, 0, NOTHING), span(1, 30, NO_DATA), span(31, 75, {"99493": 1}), span(76, 240, NO_DATA)],
}
TEXAS_CLINIC = {
    FIRST: [span(0, 0, NOTHING), span(1, 240, NO_DATA)],
    LATER: [span(0, 0, NOTHING), span(1, 240, NO_DATA)],
}
MICHIGAN = {
    FIRST: [
        span(0, 29, NOTHING),
        span(30, 35, {"G2214": 1}),
        span(36, 85, {"99492": 1}),
        span(86, 240, NO_DATA),
    ],
    LATER: [
        span(0, 29, NOTHING),
        span(30, 30, {"G2214": 1}),
        span(31, 75, {"99493": 1}),
        span(76, 240, NO_DATA),
    ],
}
MICHIGAN_2022 = {
    FIRST: [span(0, 29, NOTHING), span(30, 35, NO_DATA), span(36, 85, {"99492": 1}), span(86, 240, NO_DATA)],
    LATER: [span(0, 29, NOTHING), span(30, 30, NO_DATA), span(31, 75, {"99493": 1}), span(76, 240, NO_DATA)],
}
COLORADO = {
    FIRST: [span(0, 15, NOTHING), span(16, 35, NO_DATA), span(36, 85, {"99492": 1}), span(86, 240, NO_DATA)],
    LATER: [span(0, 15, NOTHING), span(16, 30, NO_DATA), span(31, 75, {"99493": 1}), span(76, 240, NO_DATA)],
}
COLORADO_BEFORE = {
    FIRST: [span(0, 15, NOTHING), span(16, 240, NO_DATA)],
    LATER: [span(0, 15, NOTHING), span(16, 240, NO_DATA)],
}
FULL_UNITS = {
    FIRST: [
        span(0, 29, NOTHING),
        span(30, 69, {"G2214": 1}),
        span(70, 99, {"99492": 1}),
        span(100, 129, {"99492": 1, "99494": 1}),
        span(130, 159, {"99492": 1, "99494": 2}),
        span(160, 189, {"99492": 1, "99494": 3}),
        span(190, 219, {"99492": 1, "99494": 4}),
        span(220, 240, {"99492": 1, "99494": 5}),
    ],
    LATER: [
        span(0, 29, NOTHING),
        span(30, 59, {"G2214": 1}),
        span(60, 89, {"99493": 1}),
        span(90, 119, {"99493": 1, "99494": 1}),
        span(120, 149, {"99493": 1, "99494": 2}),
        span(150, 179, {"99493": 1, "99494": 3}),
        span(180, 209, {"99493": 1, "99494": 4}),
        span(210, 239, {"99493": 1, "99494": 5}),
        span(240, 240, {"99493": 1, "99494": 6}),
    ],
}
FULL_UNITS_2020 = {
    FIRST: [span(0, 69, NOTHING), *FULL_UNITS[FIRST][2:]],
    LATER: [span(0, 59, NOTHING), *FULL_UNITS[LATER][2:]],
}
NEW_YORK = {
    FIRST: [span(0, 0, NOTHING), span(1, 240, NO_DATA)],
    LATER: [span(0, 0, NOTHING), span(1, 240, NO_DATA)],
}

GRID = {
    ("medicare", date(2017, 6, 30)): MEDICARE_2017,
    ("medicare", date(2017, 12, 31)): MEDICARE_2017,
    ("medicare", date(2018, 1, 31)): MEDICARE_2020,
    ("medicare", date(2020, 12, 31)): MEDICARE_2020,
    ("medicare", date(2025, 12, 31)): MEDICARE_2025,
    ("medicare-advantage", date(2026, 3, 31)): MEDICARE_2025,
    ("medicare-hospital-outpatient", date(2026, 3, 31)): MEDICARE_2025,
    ("medicare-rhc-fqhc", date(2025, 12, 31)): CLINIC_2025,
    ("medicare-rhc-fqhc", date(2026, 1, 31)): CLINIC_2026,
    ("medicare-apcm", date(2025, 12, 31)): MEDICARE_2025,
    ("medicare-apcm", date(2026, 1, 31)): ADVANCED_PRIMARY_CARE,
    ("nc-medicaid", date(2018, 9, 30)): NORTH_CAROLINA_2018,
    ("nc-medicaid", date(2022, 2, 28)): NORTH_CAROLINA_2022,
    ("nc-medicaid", date(2024, 6, 30)): NORTH_CAROLINA_2024,
    ("nc-medicaid", date(2024, 7, 31)): NORTH_CAROLINA,
    ("nc-medicaid", date(2026, 3, 31)): NORTH_CAROLINA,
    ("nc-medicaid-rhc-fqhc", date(2026, 3, 31)): NORTH_CAROLINA_CLINIC,
    ("tx-medicaid", date(2022, 5, 31)): NORTH_CAROLINA_2018,
    ("tx-medicaid", date(2022, 6, 30)): TEXAS,
    ("tx-medicaid", date(2026, 3, 31)): TEXAS,
    ("tx-medicaid-rhc-fqhc", date(2025, 2, 28)): NORTH_CAROLINA_2018,
    ("tx-medicaid-rhc-fqhc", date(2026, 3, 31)): TEXAS_CLINIC,
    ("mi-bcbsm", date(2022, 4, 30)): MICHIGAN_2022,
    ("mi-bcbsm", date(2026, 3, 31)): MICHIGAN,
    ("co-medicaid", date(2025, 6, 30)): COLORADO_BEFORE,
    ("co-medicaid", date(2025, 7, 31)): COLORADO,
    ("co-medicaid", date(2026, 3, 31)): COLORADO,
    ("full-unit", date(2020, 12, 31)): FULL_UNITS_2020,
    ("full-unit", date(2026, 3, 31)): FULL_UNITS,
    ("ny-ccmp", date(2026, 3, 31)): NEW_YORK,
}


def looked_at(proposal: TimeProposal) -> frozenset[str]:
    return frozenset(rule.rule_id for reason in proposal.reviews for rule in reason.rules)


@pytest.mark.parametrize("kind", [FIRST, LATER])
@pytest.mark.parametrize(("pack_id", "day"), GRID, ids=[f"{pack}-{day:%Y-%m}" for pack, day in GRID])
def test_every_minute_earns_what_the_table_says(pack_id: str, day: date, kind: MonthKind) -> None:
    rules = policy(pack_id, day)
    asked = []
    for low, high, lines, rule_ids in GRID[(pack_id, day)][kind]:
        for minutes in range(low, high + 1):
            proposal = propose_for_minutes(minutes, kind, rules)
            assert proposal.has_no_data == (lines is NO_DATA), minutes
            assert lines_of(proposal) == (lines or {}), minutes
            assert looked_at(proposal) == rule_ids, minutes
            asked.append(minutes)
    assert asked == list(range(241))


OFFERED_FROM: Final[dict[tuple[str, date], tuple[str, int] | None]] = {
    ("cpt", date(2026, 3, 31)): ("99484", 20),
    ("medicare", date(2017, 6, 30)): ("G0507", 20),
    ("medicare", date(2026, 3, 31)): ("99484", 20),
    ("medicare-rhc-fqhc", date(2025, 9, 30)): ("G0511", 20),
    ("medicare-rhc-fqhc", date(2025, 10, 31)): ("99484", 20),
    ("medicare-rhc-fqhc", date(2026, 1, 31)): ("99484", 20),
    ("medicare-apcm", date(2026, 3, 31)): ("G0570", 1),
    ("nc-medicaid", date(2026, 3, 31)): ("99484", 20),
    ("tx-medicaid", date(2026, 3, 31)): None,
    ("mi-bcbsm", date(2026, 3, 31)): ("99484", 11),
    ("co-medicaid", date(2026, 3, 31)): ("99484", 20),
    ("ca-commercial-carveout", date(2026, 3, 31)): ("99484", 20),
    ("full-unit", date(2026, 3, 31)): ("99484", 20),
    ("ny-ccmp", date(2026, 3, 31)): None,
}


@pytest.mark.parametrize("kind", [FIRST, LATER])
@pytest.mark.parametrize(
    ("pack_id", "day"), OFFERED_FROM, ids=[f"{pack}-{day:%Y-%m}" for pack, day in OFFERED_FROM]
)
def test_general_bhi_is_offered_from_the_packs_own_minutes_and_never_chosen(
    pack_id: str, day: date, kind: MonthKind
) -> None:
    """The only other code offered is a base code, where the limit of its add-on alone is unknown."""
    rules = policy(pack_id, day)
    expected = OFFERED_FROM[(pack_id, day)]
    for minutes in range(241):
        proposal = propose_for_minutes(minutes, kind, rules)
        offered = {item.hcpcs_code for item in proposal.rejected if item.is_offered}
        base_code = rules.text(f"codes.{kind.value}_month")
        others = offered - {base_code} if proposal.has_no_data else offered
        assert others == ({expected[0]} if expected and minutes >= expected[1] else set()), minutes
        assert not others & set(lines_of(proposal))


@pytest.mark.parametrize(("pack_id", "minutes"), [("mi-bcbsm", 86), ("co-medicaid", 86), ("tx-medicaid", 86)])
def test_an_unknown_cap_leaves_the_base_to_choose_and_proposes_nothing(pack_id: str, minutes: int) -> None:
    proposal = propose_for_minutes(minutes, FIRST, policy(pack_id))
    assert (proposal.lines, proposal.has_no_data) == ((), True)
    assert [rule.rule_id for reason in proposal.reasons for rule in reason.rules] == [LIMIT]
    (base,) = [item for item in proposal.rejected if item.hcpcs_code == "99492"]
    assert (base.units, base.is_offered) == (1, True)


@pytest.mark.parametrize(
    ("code", "pack_id", "wrong_day", "right_day"),
    [
        ("G0502", "medicare", date(2018, 1, 31), date(2017, 12, 31)),
        ("G0503", "medicare", date(2016, 12, 31), date(2017, 1, 31)),
        ("G0504", "medicare", date(2018, 1, 31), date(2017, 12, 31)),
        ("G0507", "medicare", date(2018, 1, 31), date(2017, 12, 31)),
        ("G2214", "medicare", date(2020, 12, 31), date(2021, 1, 31)),
        ("G2214", "medicare-rhc-fqhc", date(2025, 12, 31), date(2026, 1, 31)),
        ("G2214", "nc-medicaid", date(2022, 2, 28), date(2022, 3, 31)),
        ("G0512", "medicare-rhc-fqhc", date(2026, 1, 31), date(2025, 12, 31)),
        ("G0511", "medicare-rhc-fqhc", date(2025, 10, 31), date(2025, 9, 30)),
        ("G0512", "nc-medicaid-rhc-fqhc", date(2022, 11, 30), date(2022, 12, 31)),
        ("G0568", "medicare-apcm", date(2025, 12, 31), date(2026, 1, 31)),
        ("G0569", "medicare-apcm", date(2025, 12, 31), date(2026, 1, 31)),
        ("G0570", "medicare-apcm", date(2025, 12, 31), date(2026, 1, 31)),
    ],
)
def test_a_code_is_named_on_no_wrong_date(code: str, pack_id: str, wrong_day: date, right_day: date) -> None:
    def named(day: date) -> set[str]:
        rules = policy(pack_id, day)
        proposals = [
            propose_for_minutes(minutes, kind, rules)
            for kind in MonthKind
            if kind is not MonthKind.UNKNOWN
            for minutes in range(241)
        ]
        codes = {line.hcpcs_code for proposal in proposals for line in proposal.lines}
        return codes | {item.hcpcs_code for proposal in proposals for item in proposal.rejected}

    assert code in named(right_day)
    assert code not in named(wrong_day)


@pytest.mark.parametrize("pack_id", ["nc-medicaid", "tx-medicaid"])
@pytest.mark.parametrize("kind", ["first_month", "later_month"])
def test_a_programmes_clinics_bill_what_the_programme_says_of_them(pack_id: str, kind: str) -> None:
    for day in (date(2025, 3, 31), date(2025, 12, 31), date(2026, 3, 31)):
        programme, clinics = policy(pack_id, day), policy(f"{pack_id}-rhc-fqhc", day)
        assert clinics.text(f"codes.{kind}") == programme.text("codes.clinic_month")
        said, done = programme.value(f"time.clinic_{kind}_min"), clinics.value(f"time.{kind}_min")
        assert (said.state, said.integer) == (done.state, done.integer)
