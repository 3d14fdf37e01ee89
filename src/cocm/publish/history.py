"""A claims history opened for the marts: the tables of the contract in a folder, or one file in any layout of an audit.

A file has one row a line and its decision. Where it tells the first answer too, a line has two decisions; what it does
not tell (appeals, regions, the day of receipt) is not known, never nought.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cocm.audit.contract import ADJUSTMENTS_MAX, DIAGNOSES_MAX, REMARKS_MAX
from cocm.audit.files import choose_layout, open_history
from cocm.audit.layout import AUDIT_LINE, CODES, MEMBERS, READ, SOURCE, MappedHistory, map_history
from cocm.audit.narrow import count_unreadable, keep_dated, unreadable_words
from cocm.audit.plan_rows import AuditPlan, plan_rows
from cocm.audit.tables import AUDIT_ADMINISTRATOR, PLAN_TABLES
from cocm.basics.errors import UnusableInput
from cocm.basics.months import Month
from cocm.marts.build import build_marts
from cocm.marts.inputs import (
    CLAIM_EVENT,
    DECISION_TABLES,
    LINE_ADJUSTMENT,
    LINE_DECISION,
    LINE_REMARK,
    MEMBER_SPAN,
)
from cocm.marts.rule_tables import SERVICE_CODE, rule_rows
from cocm.plan.records import PlanBook
from cocm.publish.counts import Scope
from cocm.publish.told import Topic, untold_by_file, untold_by_tables
from cocm.rules import Rulebook
from cocm.rules.claims_layouts import ClaimsLayout, claims_layouts
from cocm.warehouse.batch import write_codes
from cocm.warehouse.engine import Engine, SqlEngine
from cocm.warehouse.files import open_tables
from cocm.warehouse.tables import CLAIM_DIAGNOSIS, CLAIM_LINE
from cocm.warehouse.values import sql_literal

_ANSWERS: Final = (
    "case {status} when 'paid' then 'paid' when 'denied' then 'denied' when 'rejected' then 'rejected' end"
)
_EVERY_LINE: Final = "every_line"
_MADE_OF_TABLES: Final = "the tables of a claims history"


@dataclass(frozen=True, slots=True)
class Marts:
    """Marts that were built. `untold` is what the history does not tell; `made_of` says what it is, `left_out`
    which of its lines could not be read.

    `book` are the plan's own tables, where they were given.
    """

    engine: Engine
    made_of: str
    untold: frozenset[Topic]
    book: PlanBook | None = None
    left_out: tuple[str, ...] = ()

    def scopes(
        self, payer_ids: Sequence[str] = (), first: Month | None = None, last: Month | None = None
    ) -> tuple[Scope, ...]:
        """Each payer with a line of the model in the months asked for, and its months.

        Raises `UnusableInput` for a payer without a line, and where none of them has one in these months.
        """
        found = {
            str(payer_id): (Month.from_index(int(lowest)), Month.from_index(int(highest)))
            for payer_id, lowest, highest in self.engine.query(
                "select payer_id, min(month_index), max(month_index) from cocm_service_line group by payer_id"
            )
        }
        strangers = sorted(set(payer_ids) - set(found))
        if strangers or not found:
            raise UnusableInput(
                f"no line of Collaborative Care of {', '.join(strangers) or 'any payer'} in the history"
                f" (payers with one: {', '.join(sorted(found)) or 'none'})"
            )
        asked = {payer_id: found[payer_id] for payer_id in sorted(payer_ids or found)}
        scopes = tuple(
            Scope(payer_id, first or lowest, last or highest)
            for payer_id, (lowest, highest) in asked.items()
            if (first or lowest) <= highest and lowest <= (last or highest)
        )
        if not scopes:
            told = ", ".join(
                f"{payer_id} {lowest} to {highest}" for payer_id, (lowest, highest) in asked.items()
            )
            raise UnusableInput(f"the history has no line of these months (it has: {told})")
        return scopes


@contextmanager
def open_marts(
    paths: Sequence[Path],
    rulebook: Rulebook,
    plan: AuditPlan | None,
    layout: ClaimsLayout | None = None,
    *,
    memory_limit: str = "3GB",
) -> Iterator[Marts]:
    """The marts of a history, as long as the `with` lasts.

    A folder with `claim_line` brings its own rules and payers; a file of claims is read as the `plan`'s. Raises
    `UnusableInput` naming what is missing.
    """
    book = None if plan is None else plan.book
    if len(paths) == 1 and _has_tables(paths[0]):
        connection, absent = open_tables(
            paths[0], (CLAIM_LINE, CLAIM_DIAGNOSIS), DECISION_TABLES, memory_limit=memory_limit
        )
        with connection:
            engine = SqlEngine(connection)
            build_marts(engine, rulebook, absent=absent)
            yield Marts(engine, _MADE_OF_TABLES, untold_by_tables(absent), book)
        return
    if plan is None:
        raise UnusableInput(
            f"{paths[0]}: a file of claims does not say by whose rules it was decided; give --plan"
        )
    with open_history(paths, rulebook, members=plan.members, memory_limit=memory_limit) as (_, engine):
        columns = engine.columns(SOURCE)
        chosen = layout or choose_layout(paths, claims_layouts(rulebook), columns)
        mapped = map_history(chosen, columns)
        payer = f"coalesce(nullif(payer_identifier, ''), {sql_literal(plan.organization_id)})"
        missing = _as_tables(engine, rulebook, mapped, plan, payer)
        build_marts(engine, rulebook, absent=missing, diagnoses=_of_every_line(engine, mapped, plan, payer))
        administrators = plan_rows(plan, rulebook)[AUDIT_ADMINISTRATOR.name]
        untold = untold_by_file(mapped.known, knows_administrators=bool(administrators))
        left_out = tuple(unreadable_words(count_unreadable(engine, mapped)))
        made_of = f"a claims history in the layout {chosen.layout_id}"
        yield Marts(engine, "; left out: ".join([made_of, *left_out]), untold, book, left_out)


def _has_tables(folder: Path) -> bool:
    return folder.is_dir() and (
        any(folder.glob(f"{CLAIM_LINE.name}.*")) or (folder / CLAIM_LINE.name).is_dir()
    )


def _as_tables(
    engine: Engine, rulebook: Rulebook, mapped: MappedHistory, plan: AuditPlan, payer: str
) -> tuple[str, ...]:
    """Make the contract's tables of the view `history`, of the few lines that the marts count; the names of those that
    it does not tell.
    """
    person, code = mapped.person_column, mapped.code_column
    write_codes(engine, rulebook)
    rows = plan_rows(plan, rulebook)
    for table in PLAN_TABLES:
        engine.create(table, rows[table.name])
    listed = ", ".join(f"'{row[0]}'" for row in rule_rows(rulebook, [])[SERVICE_CODE.name])
    engine.keep(
        CODES, f"select distinct {code} as hcpcs_code from {SOURCE} h where upper({code}) in ({listed})"
    )
    engine.keep(
        MEMBERS,
        f"select distinct h.{person} as person_key from {SOURCE} h where upper({code}) in ({listed})",
    )
    engine.keep(READ, mapped.read_sql)
    keep_dated(engine, mapped)
    engine.keep(AUDIT_LINE, mapped.lines_sql)
    columns = [column.name for column in CLAIM_LINE.columns]
    known = {"payer_id": f"{payer} as payer_id"}
    engine.view(
        CLAIM_LINE.name, f"select {', '.join(known.get(name, name) for name in columns)} from {AUDIT_LINE}"
    )
    engine.keep(CLAIM_DIAGNOSIS.name, _diagnoses())
    absent = []
    if "product" in mapped.known or "region" in mapped.known:
        engine.keep(MEMBER_SPAN.name, _spans(payer))
    else:
        absent.append(MEMBER_SPAN.name)
    engine.keep(LINE_DECISION.name, _decisions())
    engine.keep(LINE_ADJUSTMENT.name, _adjustments())
    engine.keep(LINE_REMARK.name, _remarks())
    engine.keep(CLAIM_EVENT.name, _events())
    return tuple(absent)


def _of_every_line(engine: Engine, mapped: MappedHistory, plan: AuditPlan, payer: str) -> str:
    """The diagnoses of primary care from every line of the history, of which only the columns named here are read."""
    for name, column in ((CODES, mapped.code_column), (MEMBERS, f"h.{mapped.person_column}")):
        engine.drop(name)
        key = "hcpcs_code" if name == CODES else "person_key"
        engine.keep(name, f"select distinct {column} as {key} from {SOURCE} h")
    engine.view(_EVERY_LINE, mapped.read_sql)
    codes = ", ".join(f"diagnosis_code_{number}" for number in range(1, DIAGNOSES_MAX + 1))
    month, year = (
        "cast(floor(service_date_ymd / 100.0) as integer)",
        "cast(floor(service_date_ymd / 10000.0) as integer)",
    )
    return f"""
        -- grain: one row a person, payer, month, place of coverage and diagnosis on a claim of primary care
        select * from (
            select distinct person_id, {payer} as payer_id, {sql_literal(plan.pack_id)} as pack_id, product, region,
                {year} * 12 + {month} - {year} * 100 - 1 as month_index, unnest([{codes}]) as diagnosis_code
            from {_EVERY_LINE}
            where frequency_code <> '8' and (
                billing_taxonomy_code in (select taxonomy_code from primary_care_taxonomy)
                or rendering_taxonomy_code in (select taxonomy_code from primary_care_taxonomy)
            )
        ) found where diagnosis_code <> ''"""


def _diagnoses() -> str:
    parts = (
        f"select claim_id, {number} as diagnosis_position, diagnosis_code_{number} as diagnosis_code "
        f"from {AUDIT_LINE} where diagnosis_code_{number} <> ''"
        for number in range(1, DIAGNOSES_MAX + 1)
    )
    return f"select distinct * from ({' union all '.join(parts)}) d"


def _spans(payer: str) -> str:
    """A day of service is a day in the product: one row a line's day."""
    return (
        f"select distinct person_id, {payer} as payer_id, product, region, service_day_number as from_day_number, "
        f"service_day_number as to_day_number from {AUDIT_LINE}"
    )


def _decisions() -> str:
    """The first answer where it is told and another one came, then the last; a voided line was taken back."""
    kind = (
        "case when decided_by in (select payer_identifier from audit_administrator) "
        "then 'behavioral_administrator' else '' end"
    )
    parts = ("deductible", "coinsurance", "copayment")
    share = " + ".join(f"coalesce({part}_amount_cents, 0)" for part in parts)
    first = _ANSWERS.format(status="first_status")
    last = _ANSWERS.replace(" end", " when 'voided' then 'reversed' end").format(status="status")
    return f"""
        select claim_id, claim_line_number, 1 as decision_number, {first} as answer,
            coalesce(first_decided_day_number, decided_day_number, service_day_number) as decided_day_number,
            case when first_status = 'paid' then first_decided_day_number end as paid_day_number,
            '' as entity_kind, 0 as allowed_amount_cents, 0 as paid_amount_cents,
            coalesce(first_member_share_amount_cents, 0) as member_share_cents
        from {AUDIT_LINE} where {first} is not null and first_status <> status
        union all
        select claim_id, claim_line_number, 2, {last},
            coalesce(decided_day_number, service_day_number),
            case when status = 'paid' then decided_day_number end, {kind},
            case when status = 'paid' then coalesce(allowed_amount_cents, 0) else 0 end,
            case when status = 'paid' then coalesce(paid_amount_cents, 0) else 0 end, {share}
        from {AUDIT_LINE} where {last} is not null"""


def _adjustments() -> str:
    parts = (
        f"select claim_id, claim_line_number, 2 as decision_number, adjustment_group_code_{number} as group_code, "
        f"adjustment_reason_code_{number} as reason_code, "
        f"coalesce(adjustment_amount_{number}_cents, 0) as amount_cents from {AUDIT_LINE} "
        f"where adjustment_reason_code_{number} <> ''"
        for number in range(1, ADJUSTMENTS_MAX + 1)
    )
    return " union all ".join(parts)


def _remarks() -> str:
    parts = (
        f"select claim_id, claim_line_number, 2 as decision_number, remark_code_{number} as remark_code "
        f"from {AUDIT_LINE} where remark_code_{number} <> ''"
        for number in range(1, REMARKS_MAX + 1)
    )
    return " union all ".join(parts)


def _events() -> str:
    return f"""
        select distinct claim_id, 'received' as event, received_day_number as day_number
        from {AUDIT_LINE} where received_day_number is not null
        union all
        select distinct claim_id, 'records_requested', records_requested_day_number
        from {AUDIT_LINE} where records_requested_day_number is not null
        union all
        select distinct claim_id,
            case appeal_outcome when 'granted' then 'appeal_granted' when 'refused' then 'appeal_refused'
                else 'appealed' end, service_day_number
        from {AUDIT_LINE} where appeal_outcome in ('granted', 'refused', 'open')"""
