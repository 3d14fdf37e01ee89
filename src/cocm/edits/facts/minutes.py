"""The minutes counted and the minutes that the billed code needs."""

from __future__ import annotations

from cocm.edits.context import ClaimContext, LineContext
from cocm.edits.fact import FactValue, Kind, Scope, fact
from cocm.edits.kleene import UNKNOWN


@fact(
    Scope.CLAIM,
    Kind.INTEGER,
    says="the number of minutes counted in the month",
    sql="e.minutes_counted",
    clean=60,
    may_be_unknown=True,
)
def minutes_counted(claim: ClaimContext) -> FactValue:
    """The month's countable minutes, from the practice's ledger."""
    minutes = claim.evidence.minutes_counted
    return UNKNOWN if minutes is None else minutes


@fact(
    Scope.LINE,
    Kind.INTEGER,
    says="the number of minutes that the month's code and units need",
    sql="""
        case
            when l.hcpcs_code = p.addon_code and p.addon_minutes_min = 0 then 0
            when l.hcpcs_code = p.addon_code then
                case when m.first_month_lines_month > 0 then p.first_month_minutes_full
                    else p.later_month_minutes_full end
                + p.addon_minutes_min + (m.addon_units_month - 1) * p.addon_minutes_full
            when l.hcpcs_code = p.short_month_code then p.short_month_minutes_min
            when l.hcpcs_code = p.later_month_code then p.later_month_minutes_min
            when l.hcpcs_code = p.first_month_code then p.first_month_minutes_min
        end
    """,
    clean=31,
    may_be_unknown=True,
    rules=(
        "time.first_month_min",
        "time.first_month_full",
        "time.later_month_min",
        "time.later_month_full",
        "time.addon_min",
        "time.addon_full",
        "time.short_month_min",
    ),
)
def minutes_needed(line: LineContext) -> FactValue:
    """The fewest minutes that earn the line's code; for add-ons, all add-on units of the month. 0: not timed."""
    code, policy = line.line.hcpcs_code, line.policy
    if (code == policy["addon_code"]) is True:
        if (policy["addon_minutes_min"] == 0) is True:
            return 0
        is_first = line.facts["first_month_lines_month"] > 0
        base = policy["first_month_minutes_full" if is_first else "later_month_minutes_full"]
        further = line.facts["addon_units_month"] - 1
        needed: FactValue = base + policy["addon_minutes_min"] + further * policy["addon_minutes_full"]
        return needed
    for name in ("short_month", "later_month", "first_month"):
        if (code == policy[f"{name}_code"]) is True:
            least: FactValue = policy[f"{name}_minutes_min"]
            return least
    return UNKNOWN
