"""What a history cannot tell: which facts, edits and causes rest on columns that it does not have.

A fact's own SQL says which columns it reads. Where a column is missing from the whole history, the facts that rest
on it are unknown for every line, and the edits decide by Kleene logic what can still be said.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from cocm.audit.contract import HISTORY
from cocm.edits.derive import FACTS
from cocm.edits.discovery import catalogue
from cocm.edits.fact import Scope
from cocm.rules.audit_causes import AuditCause

_COLUMN: Final = re.compile(r"\b([a-z]{1,2})\.([a-z_0-9]+)\b")
_PRACTICE: Final = frozenset({"billing_npi|billing_tin"})
"""Either tells which practice billed."""
_NOTHING: Final[frozenset[str]] = frozenset()

_LINE_COLUMNS: Final[Mapping[str, frozenset[str]]] = {
    "billing_npi": frozenset({"billing_npi"}),
    "billing_taxonomy_code": frozenset({"billing_taxonomy_code"}),
    "rendering_npi": frozenset({"rendering_npi"}),
    "rendering_taxonomy_code": frozenset({"rendering_taxonomy_code"}),
    "supervising_npi": frozenset({"supervising_npi"}),
    "place_of_service_code": frozenset({"place_of_service_code"}),
    "frequency_code": frozenset({"frequency_code"}),
    "payer_claim_control_number": frozenset({"replaced_control_number"}),
    "prior_authorization_number": frozenset({"prior_authorization_number"}),
    "has_paperwork": frozenset({"has_paperwork"}),
    "birth_day_number": frozenset({"birth_date"}),
    "age_years": frozenset({"birth_date"}),
    "as_of_day_number": frozenset({"received_date"}),
    "charge_amount_cents": frozenset({"charge_amount"}),
    "unit_basis_code": frozenset({"unit_basis_code"}),
    "payer_identifier": frozenset({"payer_identifier"}),
    "payer_sequence": frozenset({"payer_sequence"}),
    "service_from_day_number": frozenset({"service_from_date"}),
    "service_from_month_index": frozenset({"service_from_date"}),
    "diagnosis_pointer_1": frozenset({"diagnosis_code_1", "diagnosis_pointer_1|line_diagnosis_code"}),
    "diagnosis_pointer_2": _NOTHING,
    "diagnosis_pointer_3": _NOTHING,
    "diagnosis_pointer_4": _NOTHING,
    "hcpcs_code": _NOTHING,
    "service_unit_quantity": _NOTHING,
    "is_whole_quantity": _NOTHING,
    "month_index": _NOTHING,
    "service_day_number": _NOTHING,
    "first_service_day_number": _NOTHING,
    "first_month_index": _NOTHING,
    "spans_months": _NOTHING,
    "begins_on_last_day": _NOTHING,
    "policy_day_number": _NOTHING,
    "is_parent_code": _NOTHING,
    "is_addon_code": _NOTHING,
    "is_short_month_code": _NOTHING,
    "is_clinic_code": _NOTHING,
}
"""Columns of `claim_line` as a fact reads them, and the columns of a history behind them."""
_OTHER_RELATIONS: Final[Mapping[str, frozenset[str]]] = {
    "p": _NOTHING,
    "ct": _NOTHING,
    "e": _NOTHING,
    "y": _NOTHING,
    "br": _NOTHING,
    "rr": _NOTHING,
    "v": _NOTHING,
    "rb": _NOTHING,
    "tl": _NOTHING,
    "m": _PRACTICE,
    "k": _NOTHING,
    "s": _PRACTICE,
    "b": frozenset({"diagnosis_code_1"}),
    "dg": frozenset({"diagnosis_code_1"}),
    "mo": frozenset({"hcpcs_modifier_1"}),
    "bn": frozenset({"billing_npi"}),
    "rn": frozenset({"rendering_npi|billing_npi"}),
    "bt": frozenset({"billing_taxonomy_code"}),
    "rt": frozenset({"rendering_taxonomy_code"}),
    "ty": frozenset({"rendering_taxonomy_code"}),
    "pl": frozenset({"place_of_service_code"}),
    "rp": frozenset({"place_of_service_code"}),
    "cl": frozenset({"place_of_service_code"}),
    "cx": frozenset({"billing_taxonomy_code"}),
    "cp": frozenset({"place_of_service_code"}),
}
"""What the other relations of a line's joined row are made from (see `warehouse/relations.sql`)."""
_SPECIAL: Final[Mapping[tuple[str, str], frozenset[str]]] = {
    ("b", "behavioral_pointers"): frozenset({"diagnosis_code_1", "diagnosis_pointer_1|line_diagnosis_code"}),
    ("k", "is_ours"): _PRACTICE,
    ("k", "is_other_practice"): _PRACTICE,
    ("k", "is_same_service"): _PRACTICE,
    ("k", "frequency_code"): frozenset({"frequency_code"}),
}
_AUDIT_FACTS: Final[Mapping[str, frozenset[str]]] = {
    "records_were_requested": frozenset({"records_requested_date"}),
    "has_allowed_service_month": _NOTHING,
    "first_month_can_be_told": _NOTHING,
}
"""Facts that only an audit knows."""


@dataclass(frozen=True, slots=True)
class MissingColumn:
    """A column that a history lacks, and what then stays undecided: edits and causes by id."""

    name: str
    meaning: str
    edits: tuple[str, ...]
    causes: tuple[str, ...]


@lru_cache(maxsize=1)
def columns_behind() -> Mapping[str, frozenset[str]]:
    """The columns of a history behind every fact; `a|b` is satisfied by either."""
    return {name: _behind(fact.sql) for name, fact in FACTS.items() if fact.scope is not Scope.POLICY}


def _behind(sql: str) -> frozenset[str]:
    found: set[str] = set()
    for relation, column in _COLUMN.findall(sql):
        if (relation, column) in _SPECIAL:
            found |= _SPECIAL[relation, column]
        elif relation == "l":
            found |= _LINE_COLUMNS[column]
        else:
            found |= _OTHER_RELATIONS[relation]
    return frozenset(found)


def unknown_facts(known: Iterable[str]) -> frozenset[str]:
    """The facts that no line of a history with these columns can know."""
    have = frozenset(known)
    return frozenset(name for name, wanted in columns_behind().items() if not _satisfied(wanted, have))


def _satisfied(wanted: Iterable[str], have: frozenset[str]) -> bool:
    return all(any(name in have for name in alternatives.split("|")) for alternatives in wanted)


def missing_columns(known: Iterable[str], causes: Iterable[AuditCause]) -> tuple[MissingColumn, ...]:
    """Every column that a history lacks, with the edits and causes that rest on it."""
    have = frozenset(known)
    of_edits = {
        edit.id: {
            name for fact in edit.facts for name in _lacking(columns_behind().get(fact, _NOTHING), have)
        }
        for edit in catalogue()
    }
    of_causes = {cause.cause_id: _behind_cause(cause, of_edits, have) for cause in causes}
    return tuple(
        MissingColumn(
            column.name,
            column.meaning,
            tuple(edit_id for edit_id, names in of_edits.items() if column.name in names),
            tuple(cause_id for cause_id, names in of_causes.items() if column.name in names),
        )
        for column in HISTORY.values()
        if column.name not in have
    )


def _behind_cause(cause: AuditCause, of_edits: Mapping[str, set[str]], have: frozenset[str]) -> set[str]:
    """The missing columns without which a cause is not found, or not everywhere."""
    wanted: set[str] = set()
    for signal in cause.signals:
        if signal.reasons:
            wanted.add("adjustment_reason_code_1")
        if signal.remarks:
            wanted.add("remark_code_1")
        if signal.decided_by_administrator:
            wanted.add("decided_by")
    for need in cause.needs:
        wanted |= _AUDIT_FACTS.get(need.fact, columns_behind().get(need.fact, _NOTHING))
    if cause.share is not None:
        wanted |= {"allowed_amount", "deductible_amount", "coinsurance_amount", "copayment_amount"}
    lacking = _lacking(wanted, have)
    for edit_id in (*cause.justified_by, *cause.also_justified_by, *cause.proven_by):
        lacking |= of_edits[edit_id]
    return lacking


def _lacking(wanted: Iterable[str], have: frozenset[str]) -> set[str]:
    return {
        alternatives.split("|")[0]
        for alternatives in wanted
        if not any(name in have for name in alternatives.split("|"))
    }
