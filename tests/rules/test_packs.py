"""Each pack differs from the others by data only, and answers what the sources say of it."""

from __future__ import annotations

from datetime import date

import pytest

from cocm.rules import PackOn, RuleValue
from cocm.rules.codes import hcpcs_codes
from cocm.rules.rulebook import shipped_rulebook

MARCH_2026 = date(2026, 3, 31)
DECEMBER_2025 = date(2025, 12, 31)

# pack: short month from, general BHI from, add-on limit, a person looks above
NOT_COVERED, UNKNOWN, UNTIMED, NO_LIMIT = "not covered", "unknown", "untimed", "no limit"
TABLE = {
    "cpt": (NOT_COVERED, 20, NO_LIMIT, NO_LIMIT),
    "medicare": (16, 20, 4, 2),
    "medicare-rhc-fqhc": (16, 20, 4, 2),
    "medicare-apcm": (NOT_COVERED, UNTIMED, NOT_COVERED, 2),
    "nc-medicaid": (16, 20, 4, NO_LIMIT),
    "tx-medicaid": (UNKNOWN, UNKNOWN, UNKNOWN, NO_LIMIT),
    "mi-bcbsm": (30, 11, UNKNOWN, NO_LIMIT),
    "co-medicaid": (UNKNOWN, 20, UNKNOWN, NO_LIMIT),
    "ca-commercial-carveout": (NOT_COVERED, 20, NO_LIMIT, 2),
    "full-unit": (30, 20, NO_LIMIT, NO_LIMIT),
}


def on(payer_id: str, day: date = MARCH_2026) -> PackOn:
    return shipped_rulebook().pack(payer_id).on(day)


def minutes_from(code: RuleValue, minimum: RuleValue) -> int | str:
    """The minutes from which a pack takes a code, in the words of the table above."""
    if UNKNOWN in (code.state, minimum.state):
        return UNKNOWN
    if code.text is None:
        return NOT_COVERED
    return UNTIMED if minimum.integer is None else minimum.integer


@pytest.mark.parametrize("payer_id", TABLE)
def test_the_table_of_packs(payer_id: str) -> None:
    pack = on(payer_id)
    limit = pack.value("limit.addon_units")
    if pack.text("codes.addon") is None:
        addon_limit: int | str = NOT_COVERED
    elif limit.state == UNKNOWN:
        addon_limit = UNKNOWN
    else:
        addon_limit = NO_LIMIT if limit.integer is None else limit.integer
    review_above = pack.integer("limit.addon_units_review_above")
    assert TABLE[payer_id] == (
        minutes_from(pack.value("codes.short_month"), pack.value("time.short_month_min")),
        minutes_from(pack.value("codes.general_bhi"), pack.value("time.general_bhi_min")),
        addon_limit,
        NO_LIMIT if review_above is None else review_above,
    )


def test_a_clinic_moves_from_its_one_code_to_the_individual_ones() -> None:
    before, after = on("medicare-rhc-fqhc", DECEMBER_2025), on("medicare-rhc-fqhc", date(2026, 1, 1))
    assert [
        before.text(f"codes.{month}") for month in ("first_month", "later_month", "addon", "short_month")
    ] == [
        "G0512",
        "G0512",
        None,
        None,
    ]
    assert [
        after.text(f"codes.{month}") for month in ("first_month", "later_month", "addon", "short_month")
    ] == [
        "99492",
        "99493",
        "99494",
        "G2214",
    ]
    assert [before.integer("time.first_month_min"), before.integer("time.later_month_min")] == [70, 60]
    assert [after.integer("time.first_month_min"), after.integer("time.later_month_min")] == [36, 31]
    assert not after.value("codes.short_month").may_block, "the short month of 2026 is assumed"
    assert after.text("claim.format") == "institutional"


def test_advanced_primary_care_is_untimed_and_names_its_base() -> None:
    pack = on("medicare-apcm")
    assert [pack.text(f"codes.{kind}") for kind in ("first_month", "later_month", "general_bhi")] == [
        "G0568",
        "G0569",
        "G0570",
    ]
    for rule_id in shipped_rulebook().rule_ids:
        if rule_id.startswith("time.") and "clinic" not in rule_id:
            value = pack.value(rule_id)
            assert (value.is_known, value.integer) == (True, None), rule_id
    assert pack.members("codes.required_base") == {"G0556", "G0557", "G0558"}
    assert {"99492", "99493", "99494"} <= pack.members("concurrency.excluded_codes")
    assert on("medicare-apcm", DECEMBER_2025).text("codes.first_month") == "99492"


def test_medicare_blocks_the_other_path_and_asks_a_person_about_its_base() -> None:
    pack = on("medicare")
    assert {"G0568", "G0569", "G0570"} <= pack.members("concurrency.excluded_codes")
    assert pack.value("concurrency.excluded_codes").may_block
    assert pack.members("concurrency.review_codes") == {"G0556", "G0557", "G0558"}
    assert not pack.value("concurrency.review_codes").may_block


@pytest.mark.parametrize(
    ("contradiction", "rule_id", "one", "other"),
    [
        ("C1", "claim.rendering_role", "medicare", "ca-commercial-carveout"),
        ("C2", "time.short_month_min", "medicare", "mi-bcbsm"),
        ("C3", "time.general_bhi_min", "medicare", "mi-bcbsm"),
        ("C4", "minutes.roles_counted", "nc-medicaid", "mi-bcbsm"),
        ("C5", "episode.first_month_per_calendar_year_max", "nc-medicaid", "mi-bcbsm"),
        ("C7", "limit.addon_units", "nc-medicaid", "cpt"),
        ("C8", "time.first_month_min", "medicare", "full-unit"),
        ("C9", "minutes.inpatient_days_count", "medicare", "tx-medicaid"),
        ("C20", "codes.clinic_month", "medicare", "tx-medicaid"),
        ("C30", "codes.short_month", "medicare", "ca-commercial-carveout"),
    ],
)
def test_two_packs_lawfully_differ(contradiction: str, rule_id: str, one: str, other: str) -> None:
    assert shipped_rulebook().rule(rule_id).contradiction == contradiction
    first, second = on(one).value(rule_id), on(other).value(rule_id)
    assert first.is_known
    assert second.is_known
    assert first.value != second.value


@pytest.mark.parametrize("payer_id", shipped_rulebook().payer_ids)
def test_every_code_that_a_pack_bills_is_in_the_code_table(payer_id: str) -> None:
    rulebook = shipped_rulebook()
    table = hcpcs_codes(rulebook)
    for year in range(2017, 2027):
        for day in (date(year, 1, 1), date(year, 12, 31)):
            for kind in ("first_month", "later_month", "addon", "short_month", "general_bhi"):
                code = rulebook.pack(payer_id).on(day).text(f"codes.{kind}")
                assert code is None or table[code].effective_from <= day


@pytest.mark.parametrize("payer_id", shipped_rulebook().payer_ids)
def test_every_rule_resolves_for_every_pack_and_none_that_is_assumed_may_block(payer_id: str) -> None:
    for rule_id in shipped_rulebook().rule_ids:
        value = on(payer_id).value(rule_id)
        assert value.state != "not-defined", rule_id
        assert value.source is not None
        assert value.confidence.value in ("stated", "secondary") or not value.may_block
