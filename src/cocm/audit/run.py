"""Runs an audit on an engine: narrows the history, derives facts once, asks every edit, judges, and counts.

Three passes go over the whole history and read few columns: who has a CoCM line, their lines with a code that bears on
one, and how many lines there are. All else works on those few lines.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from cocm.audit.knowledge import MissingColumn, missing_columns, unknown_facts
from cocm.audit.layout import AUDIT_LINE, SOURCE, MappedHistory, map_history
from cocm.audit.narrow import Narrowed, narrow_history
from cocm.audit.parts import Parts
from cocm.audit.plan_rows import AuditPlan
from cocm.audit.tables import AUDIT_CAUSE, AUDIT_CITE
from cocm.audit.texts import NO_DATA, NOT_JUDGED, edit_counts_sql, findings_sql, judged_sql, others_sql
from cocm.basics.months import day_from_number
from cocm.edits.discovery import catalogue, catalogue_hash, find_edit
from cocm.rules import Rulebook
from cocm.rules.audit_causes import AuditCause, audit_causes
from cocm.rules.claims_layouts import ClaimsLayout
from cocm.rules.values import RuleValue
from cocm.warehouse.batch import write_rules
from cocm.warehouse.compile import facts_sql, verdicts_sql
from cocm.warehouse.engine import Engine
from cocm.warehouse.policy_rows import policy_id_of
from cocm.warehouse.tables import LINE_FACTS
from cocm.warehouse.values import Row

FINDINGS: Final = "audit_finding"
JUDGED: Final = "audit_judged"
VERDICTS: Final = "line_verdicts"
OTHERS: Final = "audit_other"


@dataclass(frozen=True, slots=True)
class CauseTotal:
    """What one cause comes to. `open_amount_cents` leaves out what was paid on a later claim."""

    cause: AuditCause
    line_count: int
    claim_count: int
    member_count: int
    amount_cents: int
    open_amount_cents: int
    review_count: int
    repeated_count: int


@dataclass(frozen=True, slots=True)
class AuditResult:
    """What an audit comes to. The findings themselves stand in the engine's table `audit_finding`.

    `statuses` counts the CoCM lines by what became of them, `denials` the denied ones by what the audit makes of
    them (improper, justified, no_data, not_judged). `undecided` counts lines by the cause that could not be decided;
    `unjudged_reasons` denied lines by reason codes that no cause looks at. `edits` has for each edit how often it
    failed and how often it was not decidable. `unreadable` counts CoCM lines that lack a value every line needs, by
    column; `repeated_row_count` counts rows of lines of which a newer row was there, `unknown_statuses` CoCM lines
    by a status that nobody knows: of these nothing is judged.
    """

    history: MappedHistory
    line_count: int
    person_count: int
    claim_count: int
    cocm_line_count: int
    first_month_index: int | None
    last_month_index: int | None
    unreadable: Mapping[str, int]
    repeated_row_count: int
    unknown_statuses: Mapping[str, int]
    statuses: Mapping[str, int]
    denials: Mapping[str, int]
    shares: Mapping[str, int]
    causes: tuple[CauseTotal, ...]
    undecided: Mapping[str, int]
    unjudged_reasons: Mapping[str, int]
    edits: Mapping[str, tuple[int, int]]
    missing: tuple[MissingColumn, ...]
    members_harmed: int
    rulebook_hash: str
    catalogue_hash: str


def audit_history(
    engine: Engine,
    rulebook: Rulebook,
    layout: ClaimsLayout,
    plan: AuditPlan,
    *,
    members_per_part: int | None = None,
    step: Callable[[str], None] = lambda name: None,
) -> AuditResult:
    """Audit the table or view `history` of an engine; the findings are left in its table `audit_finding`.

    A history of more members than `members_per_part` is worked through in parts, with the same result; an engine whose
    views do not let go of their tables (PostgreSQL) takes None. `step` is told the name of each step before it begins.
    Raises `UnusableInput` where the history lacks what an audit
    needs, and `UnknownPayer` for rules that the rulebook does not have.
    """
    causes = tuple(audit_causes(rulebook).values())
    rulebook.pack(plan.pack_id)
    mapped = map_history(layout, engine.columns(SOURCE))
    unknown = unknown_facts(mapped.known)
    step("narrow")
    narrowed = narrow_history(engine, rulebook, mapped, plan, by_person=members_per_part is not None)
    step("rules")
    write_rules(engine, rulebook)
    _write_causes(engine, rulebook, causes)
    parts = Parts(engine, members_per_part)
    tally = _Tally()
    texts = (
        (LINE_FACTS.name, facts_sql()),
        (VERDICTS, verdicts_sql(unknown)),
        (OTHERS, others_sql(causes)),
        (JUDGED, judged_sql(causes, unknown, mapped.known, parts.lines)),
        (FINDINGS, findings_sql(causes, unknown)),
    )
    for number in parts.each():
        for name, text in texts:
            step(name)
            engine.keep(name, text)
        tally.add(engine)
        if parts.count > 1:
            for name, _ in texts[:-1]:
                engine.drop(name)
            engine.rename(FINDINGS, _findings_of(number))
    if parts.count > 1:
        found = map(_findings_of, range(parts.count))
        engine.keep(FINDINGS, " union all ".join(f"select * from {name}" for name in found))
        for number in range(parts.count):
            engine.drop(_findings_of(number))
    step("count")
    return _counted(engine, rulebook, causes, mapped, narrowed, tally)


@dataclass(slots=True)
class _Tally:
    """What is counted of the tables that a part leaves behind: they are gone when the next part begins."""

    edits: list[int] = field(default_factory=list)
    denials: Counter[str] = field(default_factory=Counter)
    shares: Counter[str] = field(default_factory=Counter)
    undecided: Counter[str] = field(default_factory=Counter)
    unjudged_reasons: Counter[str] = field(default_factory=Counter)

    def add(self, engine: Engine) -> None:
        """Count one part's."""
        counts = [int(count) for count in engine.query(edit_counts_sql())[0]]
        self.edits = [sum(pair) for pair in zip(self.edits or [0] * len(counts), counts, strict=True)]
        for found, column, condition in (
            (self.denials, "denial", "denial is not null"),
            (self.shares, "share", "share is not null"),
            (self.undecided, "doubtful_cause", f"denial = '{NO_DATA}'"),
            (self.unjudged_reasons, "reason_codes", f"denial = '{NOT_JUDGED}'"),
        ):
            text = f"select {column}, count(*) from {JUDGED} where {condition} group by {column}"
            found.update({str(name): int(count) for name, count in engine.query(text)})


def _findings_of(part_number: int) -> str:
    return f"{FINDINGS}_{part_number}"


def _write_causes(engine: Engine, rulebook: Rulebook, causes: Sequence[AuditCause]) -> None:
    engine.create(
        AUDIT_CAUSE,
        [
            (cause.cause_id, cause.side.value, cause.kind.value, cause.other_line.value, cause.source.title)
            for cause in causes
        ],
    )
    rows: list[Row] = []
    for policy_id, pack_id, first_day in engine.query(
        "select policy_id, pack_id, effective_from_day_number from policy"
    ):
        policy = rulebook.pack(pack_id).on(day_from_number(first_day))
        assert policy_id_of(policy) == policy_id
        for cause in causes:
            rows.append(_cite(policy_id, cause.cause_id, [policy.value(rule) for rule in cause.rules], ""))
        for edit_id in sorted({edit for cause in causes for edit in cause.proven_by}):
            edit = find_edit(edit_id)
            assert edit is not None
            rows.append(_cite(policy_id, edit_id, edit.rules_for(policy), edit.edit.cites))
    engine.create(AUDIT_CITE, rows)


def _cite(policy_id: str, subject_id: str, values: Sequence[RuleValue], otherwise: str) -> Row:
    text = " | ".join(value.cite for value in values) or otherwise
    return policy_id, subject_id, text, all(value.may_block for value in values if value.is_known)


def _counted(
    engine: Engine,
    rulebook: Rulebook,
    causes: Sequence[AuditCause],
    mapped: MappedHistory,
    narrowed: Narrowed,
    tally: _Tally,
) -> AuditResult:
    by_cause = {cause.cause_id: cause for cause in causes}
    totals = [
        CauseTotal(by_cause[row[0]], *(int(value or 0) for value in row[1:]))
        for row in engine.query(
            "select cause_id, count(*), count(distinct claim_id), count(distinct person_id), sum(amount_cents),"
            " sum(open_amount_cents), count(*) filter (where grade = 'review'),"
            f" count(*) filter (where attempt_number > 1) from {FINDINGS} group by cause_id"
        )
    ]
    of_edits = {
        edit.id: (tally.edits[2 * place], tally.edits[2 * place + 1])
        for place, edit in enumerate(catalogue())
    }
    lines = engine.query(
        "select count(*), count(distinct a.claim_id), count(distinct a.person_id), min(a.month_index),"
        f" max(a.month_index) from {AUDIT_LINE} a join cocm_code c on c.hcpcs_code = a.hcpcs_code"
    )[0]
    harmed = f"select count(distinct person_id) from {FINDINGS} where side = 'plan'"
    return AuditResult(
        history=mapped,
        line_count=int(engine.query(f"select count(*) from {SOURCE}")[0][0]),
        person_count=int(lines[2]),
        claim_count=int(lines[1]),
        cocm_line_count=int(lines[0]),
        first_month_index=lines[3],
        last_month_index=lines[4],
        unreadable=narrowed.unreadable,
        repeated_row_count=narrowed.repeated_rows,
        unknown_statuses=narrowed.unknown_statuses,
        statuses=_counts(
            engine,
            f"select a.status, count(*) from {AUDIT_LINE} a join cocm_code c on c.hcpcs_code = a.hcpcs_code"
            " group by a.status",
        ),
        denials=_by_name(tally.denials),
        shares=_by_name(tally.shares),
        causes=tuple(sorted(totals, key=lambda total: (total.cause.rank, total.cause.cause_id))),
        undecided=_by_name(tally.undecided),
        unjudged_reasons=_by_name(tally.unjudged_reasons),
        edits=of_edits,
        missing=missing_columns(mapped.known, causes),
        members_harmed=int(engine.query(harmed)[0][0]),
        rulebook_hash=rulebook.content_hash,
        catalogue_hash=catalogue_hash(),
    )


def _counts(engine: Engine, text: str) -> dict[str, int]:
    return _by_name({str(name): int(count) for name, count in engine.query(text)})


def _by_name(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items()))
