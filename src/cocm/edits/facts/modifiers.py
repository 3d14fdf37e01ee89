"""The modifiers on the line, as the payer sees them."""

from __future__ import annotations

from cocm.edits.context import MODIFIERS_REFUSED, MODIFIERS_REQUIRED, MODIFIERS_SEPARATE, LineContext
from cocm.edits.fact import FactValue, Kind, Scope, fact
from cocm.edits.kleene import UNKNOWN


def _has_one(line: LineContext, rule: str) -> FactValue:
    """Whether one of the rule's modifiers stands on the line."""
    policy, modifiers = line.claim.policy, line.line.modifiers
    if rule in policy.unknown_sets:
        return UNKNOWN
    return bool(modifiers) and not policy.members[rule].isdisjoint(modifiers)


@fact(
    Scope.LINE,
    Kind.BOOLEAN,
    says="the line has a modifier that the payer refuses",
    denies="the line has no modifier that the payer refuses",
    sql="case when p.has_refused_modifiers is not null then coalesce(mo.refused, 0) > 0 end",
    clean=False,
    may_be_unknown=True,
    rules=(MODIFIERS_REFUSED,),
)
def has_refused_modifier(line: LineContext) -> FactValue:
    """One of the line's modifiers is among those that the payer refuses on the service."""
    return _has_one(line, MODIFIERS_REFUSED)


@fact(
    Scope.LINE,
    Kind.BOOLEAN,
    says="the line has one of the modifiers that the payer wants",
    denies="the line has none of the modifiers that the payer wants",
    sql="case when p.has_required_modifiers is not null then coalesce(mo.required, 0) > 0 end",
    clean=False,
    may_be_unknown=True,
    rules=(MODIFIERS_REQUIRED,),
)
def has_required_modifier(line: LineContext) -> FactValue:
    """One of the line's modifiers is among those of which the payer wants one."""
    return _has_one(line, MODIFIERS_REQUIRED)


@fact(
    Scope.LINE,
    Kind.BOOLEAN,
    says="the line has a modifier that says the service is separate",
    denies="the line has no modifier that says the service is separate",
    sql="case when p.has_separate_modifiers is not null then coalesce(mo.separate, 0) > 0 end",
    clean=False,
    may_be_unknown=True,
    rules=(MODIFIERS_SEPARATE,),
)
def has_separate_modifier(line: LineContext) -> FactValue:
    """One of the line's modifiers asks for payment beside another service of the day."""
    return _has_one(line, MODIFIERS_SEPARATE)
