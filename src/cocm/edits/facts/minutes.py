"""The minutes counted and the minutes that the billed code needs."""

from __future__ import annotations

from cocm.coding.records import MonthKind
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


@fact(
    Scope.LINE,
    Kind.INTEGER,
    says="the number of minutes that earn one more add-on unit",
    sql="""
        case when p.addon_minutes_min = 0 then 0 else
            case when m.first_month_lines_month > 0 then p.first_month_minutes_full
                else p.later_month_minutes_full end
            + p.addon_minutes_min + m.addon_units_month * p.addon_minutes_full
        end
    """,
    clean=76,
    may_be_unknown=True,
    rules=(
        "time.first_month_full",
        "time.later_month_full",
        "time.addon_min",
        "time.addon_full",
    ),
)
def minutes_for_next_addon(line: LineContext) -> FactValue:
    """The minutes from which one add-on unit more than the month has would be earned; 0: add-ons are not timed."""
    policy = line.policy
    if (policy["addon_minutes_min"] == 0) is True:
        return 0
    is_first = line.facts["first_month_lines_month"] > 0
    base = policy["first_month_minutes_full" if is_first else "later_month_minutes_full"]
    needed: FactValue = (
        base + policy["addon_minutes_min"] + line.facts["addon_units_month"] * policy["addon_minutes_full"]
    )
    return needed


@fact(
    Scope.CLAIM,
    Kind.INTEGER,
    says="the number of minutes that a clinic's month needs",
    sql="""
        case when e.month_kind = 'first' then p.clinic_first_month_minutes_min
            when e.month_kind = 'later' then p.clinic_later_month_minutes_min end
    """,
    clean=60,
    may_be_unknown=True,
    rules=("time.clinic_first_month_min", "time.clinic_later_month_min"),
)
def clinic_minutes_needed(claim: ClaimContext) -> FactValue:
    """The fewest minutes of a clinic's code, in the month that the practice's record says it is."""
    kind = claim.evidence.month_kind
    if kind is MonthKind.UNKNOWN:
        return UNKNOWN
    name = "clinic_first_month" if kind is MonthKind.FIRST else "clinic_later_month"
    needed: FactValue = claim.policy.facts[f"{name}_minutes_min"]
    return needed


@fact(
    Scope.CLAIM,
    Kind.INTEGER,
    says="the number of minutes in the month that the ledger gives to another service",
    sql="e.minutes_set_apart",
    clean=0,
    may_be_unknown=True,
)
def minutes_set_apart(claim: ClaimContext) -> FactValue:
    """Minutes of the month that the practice's ledger shows for other codes or programmes."""
    minutes = claim.evidence.minutes_set_apart
    return UNKNOWN if minutes is None else minutes
