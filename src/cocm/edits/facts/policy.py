"""The payer's rules on the date of service, as facts.

Each comes from one rule of the rulebook, so that its SQL is a column of the table `policy`, which is
written from the same rulebook. A rule that is unknown, or not defined on the date, makes its fact unknown;
a stated "none" is known: 0 or empty, with a companion such as `has_addon_unit_limit` where none must not be
taken for a number.
"""

from __future__ import annotations

from cocm.edits.codes import ADDON
from cocm.edits.fact import Fact, FactValue, Kind, Scope, StoredValue
from cocm.edits.kleene import UNKNOWN
from cocm.rules import PackOn
from cocm.rules.values import NOT_DEFINED


def _policy_fact(
    name: str,
    kind: Kind,
    rule_id: str,
    says: str,
    *,
    clean: StoredValue,
    denies: str = "",
    is_code: bool = False,
) -> Fact:
    """A rule's value. A code not defined on the date is one the payer does not take: empty, not unknown."""

    def derive(policy: PackOn) -> FactValue:
        rule = policy.value(rule_id)
        if is_code and rule.state == NOT_DEFINED:
            return ""
        if not rule.is_known or isinstance(rule.value, frozenset):
            return UNKNOWN
        return kind.default if rule.value is None else rule.value

    meaning = f"The value of the rule `{rule_id}`."
    return Fact(
        name, Scope.POLICY, kind, says, denies, meaning, derive, f"p.{name}", False, True, clean, (rule_id,)
    )


def _policy_has(name: str, rule_id: str, says: str, denies: str, *, clean: bool) -> Fact:
    """Whether a rule states a value rather than "none"."""

    def derive(policy: PackOn) -> FactValue:
        rule = policy.value(rule_id)
        return rule.value is not None if rule.is_known else UNKNOWN

    meaning = f"Whether the rule `{rule_id}` states a value rather than none."
    return Fact(
        name,
        Scope.POLICY,
        Kind.BOOLEAN,
        says,
        denies,
        meaning,
        derive,
        f"p.{name}",
        False,
        True,
        clean,
        (rule_id,),
    )


addon_code = _policy_fact("addon_code", Kind.TEXT, ADDON, "the payer's add-on code", clean="", is_code=True)

has_addon_unit_limit = _policy_has(
    "has_addon_unit_limit",
    "limit.addon_units",
    "the payer limits the add-on units of a month",
    "the payer does not limit the add-on units of a month",
    clean=True,
)
addon_unit_limit = _policy_fact(
    "addon_unit_limit",
    Kind.INTEGER,
    "limit.addon_units",
    "the payer's limit of add-on units in a month",
    clean=4,
)
