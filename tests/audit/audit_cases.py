"""Named people whose claims show one finding each, or just not: one history, audited once an engine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from audit_samples import ADMINISTRATOR, denied, line

Rows = list[dict[str, Any]]
MARCH, APRIL, MAY, JUNE = "2026-03-31", "2026-04-30", "2026-05-31", "2026-06-30"


class AuditCase(NamedTuple):
    """What happened, and the findings that there must be: cause and claim (line 1 unless told)."""

    name: str
    rows: Rows
    findings: tuple[tuple[str, str, int], ...]


CASES: list[AuditCase] = []


def case(
    *findings: tuple[str, str] | tuple[str, str, int],
) -> Callable[[Callable[[], Rows]], Callable[[], Rows]]:
    """Declare the decorated function's rows as a case of its name; the person and the claims get names of their own."""

    def declare(make: Callable[[], Rows]) -> Callable[[], Rows]:
        name = make.__name__
        rows = make()
        for row in rows:
            row["person_id"], row["claim_id"] = name, f"{name}/{row['claim_id']}"
        wanted = tuple((one[0], f"{name}/{one[1]}", one[2] if len(one) > 2 else 1) for one in findings)
        CASES.append(AuditCase(name, rows, wanted))
        return make

    return declare


def episode(*months: str, **values: Any) -> Rows:
    """Paid months of one episode, the first by the first-month code."""
    return [
        line(f"E{place}", month, hcpcs_code="99492" if place == 0 else "99493", **values)
        for place, month in enumerate(months)
    ]


@case()
def nothing_wrong() -> Rows:
    return [
        *episode(MARCH, APRIL, MAY),
        line("E1", APRIL, claim_line_number=2, hcpcs_code="99494", copayment_amount="0"),
    ]


@case()
def history_reaches_back() -> Rows:
    return [line("OLD", "2024-01-31", hcpcs_code="99213")]  # no CoCM: left out of the lines


@case()
def another_member_long_ago() -> Rows:
    return [line("OLD", "2024-01-31")]


# -- routing --------------------------------------------------------------------------------------------------


@case(("routing.to_administrator", "X"))
def refused_by_the_administrator() -> Rows:
    return [denied("X", MAY, "109", remark_code_1="N418", decided_by=ADMINISTRATOR)]


@case(("routing.to_administrator", "X"), ("routing.to_administrator", "Y"))
def sent_round_in_a_loop() -> Rows:
    return [
        denied("X", MAY, "109", remark_code_1="N418"),
        denied("Y", MAY, "109", remark_code_1="N418", received_date="2026-07-02"),
        line("Z", MAY, received_date="2026-08-02"),
    ]


@case(("routing.to_administrator", "X"))
def told_that_the_behavioral_plan_pays() -> Rows:
    return [denied("X", MAY, "301")]


@case(("routing.called_anothers", "X"))
def refused_as_anothers_without_a_name() -> Rows:
    return [denied("X", MAY, "109")]


@case()
def refused_as_anothers_with_a_medical_diagnosis_is_no_data() -> Rows:
    return [denied("X", MAY, "109", diagnosis_code_1="E11.9")]


@case(("routing.decided_by_administrator", "X"))
def paid_by_the_administrator() -> Rows:
    return [line("X", MAY, decided_by=ADMINISTRATOR)]


# -- duplicates and bundles -----------------------------------------------------------------------------------


@case(("denial.false_duplicate", "X"))
def psychotherapy_called_a_duplicate() -> Rows:
    return [line("T", "2026-05-11", hcpcs_code="90834", billing_tin="999000008"), denied("X", MAY, "18")]


@case()
def duplicate_of_a_month_that_stands_is_justified() -> Rows:
    return [
        line("E0", MAY),
        line("T", "2026-05-11", hcpcs_code="90834"),
        denied("X", MAY, "18", received_date=JUNE),
    ]


@case()
def duplicate_of_nothing_in_view_is_no_data() -> Rows:
    return [denied("X", MAY, "18")]


@case(("overbilling.duplicate", "X"))
def month_paid_twice() -> Rows:
    return [line("E0", MAY), line("X", MAY, received_date="2026-07-15")]


@case()
def month_replaced_is_no_duplicate() -> Rows:
    return [
        line("E0", MAY, status="voided", payer_claim_control_number="ICN1"),
        line("X", MAY, frequency_code="7", replaced_control_number="ICN1", received_date="2026-07-15"),
    ]


@case(("denial.bundled", "X"))
def bundled_into_a_visit() -> Rows:
    return [line("V", MAY, hcpcs_code="99213"), denied("X", MAY, "97")]


@case()
def bundled_with_general_bhi_is_justified() -> Rows:
    return [line("B", MAY, hcpcs_code="99484"), denied("X", MAY, "97", received_date=JUNE)]


@case(("overbilling.excluded_combination", "X"))
def general_bhi_and_collaborative_care_paid() -> Rows:
    return [line("B", MAY, hcpcs_code="99484"), line("X", MAY, received_date="2026-07-15")]


@case(("overbilling.unbundled", "X"))
def part_of_another_service_of_the_day_paid() -> Rows:
    return [line("P", MAY, hcpcs_code="80503"), line("X", MAY, received_date="2026-07-15")]


@case()
def pair_on_another_day_is_no_unbundling() -> Rows:
    return [line("P", "2026-05-04", hcpcs_code="80503"), line("X", MAY, received_date="2026-07-15")]


# -- units, add-ons, frequency --------------------------------------------------------------------------------


@case(("denial.units_within_limit", "X", 2))
def addon_units_refused_within_the_limit() -> Rows:
    return [
        line("X", MAY),
        denied("X", MAY, "151", claim_line_number=2, hcpcs_code="99494", service_unit_quantity=2),
    ]


@case()
def addon_units_refused_above_the_national_limit_is_justified() -> Rows:
    return [
        line("X", MAY),
        denied("X", MAY, "151", claim_line_number=2, hcpcs_code="99494", service_unit_quantity=6),
    ]


@case(("overbilling.units_above_limit", "X", 2))
def addon_units_paid_above_the_national_limit() -> Rows:
    addon = {"claim_line_number": 2, "hcpcs_code": "99494", "copayment_amount": "0"}
    return [line("X", MAY), line("X", MAY, service_unit_quantity=5, paid_amount="250.00", **addon)]


@case(("denial.addon_has_base", "X", 2))
def addon_refused_though_its_base_stands() -> Rows:
    return [line("X", MAY), denied("X", MAY, "107", claim_line_number=2, hcpcs_code="99494")]


@case()
def addon_refused_without_its_base_is_justified() -> Rows:
    return [denied("X", MAY, "107", hcpcs_code="99494")]


@case(("overbilling.addon_without_base", "X"))
def addon_paid_without_its_base() -> Rows:
    return [line("X", MAY, hcpcs_code="99494")]


@case(("frequency.within_rules", "X"))
def later_month_refused_as_too_frequent() -> Rows:
    return [*episode(MARCH, APRIL), denied("X", MAY, "119")]


@case()
def first_month_code_too_soon_is_justified() -> Rows:
    return [*episode(MARCH, APRIL), denied("X", MAY, "119", hcpcs_code="99492")]


@case(("overbilling.first_code_again", "E9"))
def first_month_code_paid_again() -> Rows:
    return [*episode(MARCH, APRIL), line("E9", MAY, hcpcs_code="99492")]


@case()
def first_month_code_after_a_long_gap() -> Rows:
    return [line("E0", "2025-01-31", hcpcs_code="99492"), line("E1", MAY, hcpcs_code="99492")]


# -- other reasons --------------------------------------------------------------------------------------------


@case(("denial.records_not_asked", "X"))
def records_refused_that_nobody_asked_for() -> Rows:
    return [denied("X", MAY, "252")]


@case()
def records_that_were_asked_for_are_no_data() -> Rows:
    return [denied("X", MAY, "252", records_requested_date="2026-06-05")]


@case(("denial.diagnosis_accepted", "X"))
def diagnosis_refused_that_the_rules_take() -> Rows:
    return [denied("X", MAY, "11")]


@case()
def medical_diagnosis_refused_is_justified() -> Rows:
    return [denied("X", MAY, "11", diagnosis_code_1="E11.9")]


@case(("denial.provider_accepted", "X"))
def provider_refused_that_the_rules_take() -> Rows:
    return [denied("X", MAY, "170")]


@case()
def behavioral_group_refused_is_justified() -> Rows:
    return [denied("X", MAY, "170", billing_taxonomy_code="261QM0801X")]


@case()
def reason_that_no_history_can_judge() -> Rows:
    return [denied("X", MAY, "16")]


@case()
def place_refused_is_no_data_without_the_enrolled_places() -> Rows:
    return [denied("X", MAY, "58")]


@case(("denial.authorization_not_asked", "X"))
def authorization_refused_that_no_rule_asks_for() -> Rows:
    return [denied("X", MAY, "197")]


@case(("denial.covered_code", "X"))
def covered_code_called_not_covered() -> Rows:
    return [denied("X", MAY, "96")]


# -- the member's share ---------------------------------------------------------------------------------------


@case(("cost_share.behavioral_benefit", "X"))
def behavioral_copayment_charged() -> Rows:
    return [line("X", MAY, copayment_amount="50.00", paid_amount="100.00")]


@case(("cost_share.above_benefit", "X"))
def copayment_above_the_benefit() -> Rows:
    return [line("X", MAY, copayment_amount="35.00", paid_amount="115.00")]


@case(("cost_share.waived", "X"))
def copayment_charged_that_is_waived() -> Rows:
    return [line("X", MAY, product="FREE")]


@case()
def nothing_charged_where_it_is_waived() -> Rows:
    return [line("X", MAY, product="FREE", copayment_amount="0", paid_amount="150.00")]


@case()
def product_without_a_benefit_is_no_data() -> Rows:
    return [line("X", MAY, product="UNHEARD", copayment_amount="99.00")]


@case(("denial.covered_code", "X"), ("cost_share.on_improper_denial", "X"))
def member_charged_for_an_improper_denial() -> Rows:
    return [denied("X", MAY, "96", adjustment_group_code_1="PR", adjustment_amount_1="180.00")]


# -- other practices, versions --------------------------------------------------------------------------------


@case(("overbilling.other_practice", "X"))
def month_paid_to_two_practices() -> Rows:
    return [
        line("E0", MAY),
        line("X", MAY, billing_tin="999000007", billing_npi="1003000126", received_date="2026-07-15"),
    ]


@case()
def newest_version_of_a_claim_counts() -> Rows:
    same = {"payer_claim_control_number": "ICN77"}
    return [
        line("V1", MAY, version_date="2026-06-10", **same),
        line("V2", MAY, version_date="2026-07-10", received_date="2026-07-05", **same),
    ]


ALL_ROWS = [row for one in CASES for row in one.rows]

SOME_TWICE = [
    *ALL_ROWS,
    *ALL_ROWS[:30],
    *[row | {"version_date": "2026-11-01"} for row in ALL_ROWS[20:40]],
]
"""The same with rows that stand twice as they are, and rows of a newer version."""
