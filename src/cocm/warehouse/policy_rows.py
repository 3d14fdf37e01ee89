"""A payer's rules as rows: one for each span of days on which none of them changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from cocm.basics.months import day_from_number, day_number
from cocm.edits.codes import cocm_codes
from cocm.edits.context import SET_RULES, member_sets
from cocm.edits.derive import FACTS, policy_context
from cocm.edits.discovery import catalogue
from cocm.edits.fact import Scope
from cocm.rules import Pack, PackOn, Rulebook
from cocm.rules.profile import ROOT_PAYER
from cocm.warehouse.values import Row, Rows, stored_facts


def policy_rows(rulebook: Rulebook, pack_ids: Iterable[str], first_day: date, last_day: date) -> Rows:
    """The rows of `cocm_code`, `policy`, `policy_member` and `policy_severity` for packs and days, both
    inclusive.

    Raises `UnknownPayer` for a pack that does not exist.
    """
    rows: Rows = {
        "cocm_code": list(code_rows(rulebook)),
        "policy": [],
        "policy_member": [],
        "policy_severity": [],
    }
    for pack_id in sorted(set(pack_ids)):
        pack = rulebook.pack(pack_id)
        starts = [day_number(first_day), *(day for day in _changes(pack) if day_number(first_day) < day)]
        starts = [day for day in starts if day <= day_number(last_day)]
        for from_day, to_day in zip(starts, [*starts[1:], day_number(last_day) + 1], strict=True):
            add_policy(rows, pack.on(day_from_number(from_day)), from_day, to_day)
    return rows


def _changes(pack: Pack) -> list[int]:
    """The days on which a rule that edits rest on may change for a pack, sorted."""
    days: set[int] = set()
    rule_ids = {rule_id for edit in catalogue() for rule_id in edit.rests_on} | set(SET_RULES)
    rule_ids |= {rule_id for fact in FACTS.values() for rule_id in fact.rules}
    for rule_id in rule_ids:
        for payer_id in pack.chain:
            holder = pack.rulebook.override(payer_id, rule_id)
            if holder is None and payer_id == ROOT_PAYER:
                holder = pack.rulebook.rule(rule_id)
            for value in holder.values if holder is not None else ():
                days.add(day_number(value.effective_from))
                if value.effective_to is not None:
                    days.add(day_number(value.effective_to))
    return sorted(days)


def policy_id_of(policy: PackOn) -> str:
    """The key of a payer's rules on a date in the table `policy`."""
    return f"{policy.payer_id}@{policy.day}"


def add_policy(rows: Rows, policy: PackOn, from_day: int, to_day: int) -> None:
    """Add a payer's rules as they hold from one `day_number` until before another."""
    policy_id = policy_id_of(policy)
    facts = [fact for fact in FACTS.values() if fact.scope is Scope.POLICY]
    head = (policy_id, policy.payer_id, from_day, to_day)
    rows["policy"].append(head + stored_facts(facts, policy_context(policy).facts))
    for rule_id, members in member_sets(policy).items():
        rows["policy_member"].extend((policy_id, rule_id, member) for member in sorted(members))
    rows["policy_severity"].extend(
        (policy_id, edit.id, int(edit.severity_for(policy))) for edit in catalogue()
    )


def code_rows(rulebook: Rulebook) -> Iterator[Row]:
    """The rows of `cocm_code`."""
    for code, role in cocm_codes(rulebook).items():
        yield code, role.is_parent, role.is_addon, role.is_short_month, role.is_clinic
