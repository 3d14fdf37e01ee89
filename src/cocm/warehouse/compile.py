"""Compiles the catalogue to SQL: base tables to facts, facts to verdicts to findings, each one plain ANSI text.

Compiled once per catalogue, never in a request. The facts' SQL stands beside their Python, the predicates
are the very functions that run in Python, and `relations.sql` joins what they stand on.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from importlib import resources
from string import Template
from typing import Final

from cocm.basics.months import day_number
from cocm.edits import context
from cocm.edits.derive import FACTS
from cocm.edits.discovery import catalogue
from cocm.edits.edit import CatalogueEdit, Grain, Verdict
from cocm.edits.fact import UNKNOWN_SUFFIX, Fact, Kind, Scope
from cocm.edits.facts.parties import NPI_IS_VALID_SQL
from cocm.warehouse.dialect import ColumnFacts, condition_text

FINDING_VERDICTS: Final = (Verdict.FAIL, Verdict.NO_DATA)
_KEYS: Final = "claim_id, claim_line_number"
_NULLS: Final = {
    Kind.INTEGER: "cast(null as integer)",
    Kind.DAY: "cast(null as integer)",
    Kind.BOOLEAN: "cast(null as boolean)",
    Kind.TEXT: "cast(null as varchar(100))",
}
"""A fact that nobody knows, by its kind, as every engine reads it."""

_SETS: Final = {
    "modifiers_refused": context.MODIFIERS_REFUSED,
    "modifiers_required": context.MODIFIERS_REQUIRED,
    "modifiers_separate": context.MODIFIERS_SEPARATE,
    "psychotherapy_codes": context.PSYCHOTHERAPY_CODES,
    "required_base": context.REQUIRED_BASE,
    "unspecified_diagnoses": context.UNSPECIFIED_DIAGNOSES,
    "practitioner_types": context.PRACTITIONER_TYPES,
    "places_refused": context.PLACES_REFUSED,
    "clinic_places": context.CLINIC_PLACES,
    "clinic_taxonomies": context.CLINIC_TAXONOMIES,
}
"""Rules whose members the text looks things up in, by their names in it."""
_CODE_SETS: Final = {
    "is_excluded_code": context.EXCLUDED_CODES,
    "is_excluded_general_bhi": context.EXCLUDED_GENERAL_BHI,
    "is_excluded_apcm_addon": context.EXCLUDED_APCM_ADDONS,
    "is_excluded_other": context.EXCLUDED_OTHERS,
    "is_review_code": context.REVIEW_CODES,
    "is_separate_consent_code": context.SEPARATE_CONSENT_CODES,
    "is_required_base_code": context.REQUIRED_BASE,
    "is_allowed_code": context.ALLOWED_CODES,
}
"""What a set of codes makes of a line in the month."""


@lru_cache(maxsize=1)
def facts_sql() -> str:
    """The stored facts of every CoCM line, from the base tables."""
    return f"-- grain: one row a service line with a CoCM code\nwith {_relations()}\nselect * from line_facts"


@lru_cache(maxsize=8)
def verdicts_sql(unknown: frozenset[str] = frozenset()) -> str:
    """The verdict of every edit on every CoCM line, an edit a column, from a table `line_facts` made before.

    `unknown` names facts that rest on what the tables do not have: no line knows them, whatever stands there.
    In three steps (`facts_sql`, this, `findings_sql`) an engine plans in a fraction of the time that one text takes.
    """
    known = ",\n".join(
        f"        {_NULLS[fact.kind] if fact.name in unknown else _as_known(fact)} as {fact.name}"
        for fact in FACTS.values()
    )
    decided = ",\n".join(f"    {_verdict(edit)} as {verdict_column(edit.id)}" for edit in catalogue())
    return f"""-- grain: one row a service line with a CoCM code
with -- grain: the same: every fact, null where it is not known
known as (
    select f.{_KEYS.replace(" ", " f.")}, f.policy_id, f.policy_day_number, f.is_void, f.is_first_cocm_line,
{known}
    from line_facts f
)
select f.{_KEYS.replace(" ", " f.")}, f.policy_id, f.is_first_cocm_line,
{decided}
from known f"""


@lru_cache(maxsize=8)
def findings_sql(verdicts: tuple[Verdict, ...] = FINDING_VERDICTS) -> str:
    """The verdicts, by default only those that are findings, from a table `line_verdicts` made before.

    Columns: claim_id, claim_line_number (null where the edit is about the whole claim), edit_id, verdict, severity.
    """
    wanted = ", ".join(f"'{verdict.value}'" for verdict in verdicts)
    findings = "\n    union all\n".join(_finding(edit, wanted) for edit in catalogue())
    return f"""-- grain: one row an edit and a CoCM line, or a claim where the edit is about the whole claim
with -- grain: one row an edit and a line or claim
finding as (
{findings}
)
select f.{_KEYS.replace(" ", " f.")}, f.edit_id, f.verdict,
    case when f.verdict = '{Verdict.NO_DATA.value}' and s.severity > 2 then 2 else s.severity end as severity
from finding f
join policy_severity s on s.policy_id = f.policy_id and s.edit_id = f.edit_id"""


def _relations() -> str:
    skeleton = resources.files("cocm.warehouse").joinpath("relations.sql").read_text(encoding="utf-8")
    facts = list(FACTS.values())
    of_policy = [fact for fact in facts if fact.scope is Scope.POLICY]
    return Template(skeleton.rstrip()).substitute(
        **_SETS,
        month_sets=_quoted(context.MONTH_SETS),
        code_sets=_quoted(_CODE_SETS.values()),
        policy_code_sets=",\n".join(
            f"        max(case when rule_id = '{rule}' then 1 else 0 end) as {column}"
            for column, rule in _CODE_SETS.items()
        ),
        known_code_sets="\n".join(
            f"        coalesce(x.{column}, 0) = 1 as {column}," for column in _CODE_SETS
        ),
        aggregate_facts=_listed(
            f"cast({fact.sql} as integer) as {fact.name}" for fact in facts if fact.is_aggregate
        ),
        policy_facts=_listed(f"{_as_known(fact, 'p')} as {fact.name}" for fact in of_policy),
        npi_is_valid=NPI_IS_VALID_SQL,
        line_facts=_listed(f"{_from_row(fact)} as {fact.name}" for fact in facts),
        stored_facts=_listed(_as_stored(fact) for fact in facts),
    )


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)


def _listed(columns: Iterable[str]) -> str:
    """Further columns of a select list, one a line."""
    return "".join(f"        , {column}\n" for column in columns).rstrip("\n")


def _from_row(fact: Fact) -> str:
    """The fact's expression over a line's joined row; an aggregate is counted before."""
    return f"m.{fact.name}" if fact.is_aggregate else fact.sql


def _as_known(fact: Fact, relation: str = "f") -> str:
    """A stored fact as the predicates see it: null where it is unknown."""
    column = f"{relation}.{fact.name}"
    if not fact.may_be_unknown:
        return column
    return f"case when {column}{UNKNOWN_SUFFIX} then null else {column} end"


def _as_stored(fact: Fact) -> str:
    """A derived fact as it is stored: total, with its companion."""
    if not fact.may_be_unknown:
        return f"d.{fact.name}"
    default = {Kind.BOOLEAN: "false", Kind.TEXT: "''"}.get(fact.kind, "0")
    known = f"coalesce(d.{fact.name}, {default}) as {fact.name}"
    return f"{known}, d.{fact.name} is null as {fact.name}{UNKNOWN_SUFFIX}"


def _verdict(edit: CatalogueEdit) -> str:
    """The four-way verdict as one expression; a condition that is null is not met, so the order decides."""
    facts = ColumnFacts(dict(FACTS))
    applies, trips = condition_text(edit.applies, facts), condition_text(edit.trips, facts)
    idle = [f"f.policy_day_number < {day_number(edit.edit.effective_from)}", f"not ({applies})"]
    if not edit.edit.checks_voids:
        idle.insert(1, "f.is_void")
    return (
        f"case when {' or '.join(idle)} then '{Verdict.NOT_APPLICABLE.value}'"
        f" when ({applies}) and ({trips}) then '{Verdict.FAIL.value}'"
        f" when not ({trips}) then '{Verdict.PASS.value}' else '{Verdict.NO_DATA.value}' end"
    )


def verdict_column(edit_id: str) -> str:
    """The column of `line_verdicts` that holds an edit's verdict."""
    return edit_id.replace(".", "__")


def _finding(edit: CatalogueEdit, wanted: str) -> str:
    column = verdict_column(edit.id)
    is_claim_edit = edit.edit.grain is Grain.CLAIM
    line_number = "cast(null as integer) as claim_line_number" if is_claim_edit else "claim_line_number"
    only_first = " and is_first_cocm_line" if is_claim_edit else ""
    return (
        f"    select claim_id, {line_number}, policy_id, '{edit.id}' as edit_id, {column} as verdict\n"
        f"    from line_verdicts where {column} in ({wanted}){only_first}"
    )
