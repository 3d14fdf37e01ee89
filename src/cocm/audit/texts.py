"""The texts of an audit after the edits have spoken: other lines as evidence, judgements, findings, counts.

They are written from the causes (data) and are plain ANSI text, the same for every engine. `judged_sql` has one row a
CoCM line that was paid or denied; `findings_sql` one row a finding with its evidence.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib import resources
from string import Template
from typing import Final

from cocm.audit.layout import AUDIT_LINE
from cocm.basics.errors import RulebookError
from cocm.edits import context
from cocm.edits.derive import FACTS
from cocm.edits.discovery import catalogue, find_edit
from cocm.edits.edit import Grain
from cocm.edits.fact import UNKNOWN_SUFFIX, Kind
from cocm.rules.audit_causes import (
    AmountBasis,
    AuditCause,
    AuditSignal,
    LineRole,
    LooksAt,
    Need,
    Otherwise,
    ShareCheck,
)
from cocm.warehouse.compile import verdict_column
from cocm.warehouse.values import sql_literal

IMPROPER: Final = "improper"
JUSTIFIED: Final = "justified"
NO_DATA: Final = "no_data"
NOT_JUDGED: Final = "not_judged"

_REASONS: Final = tuple(f"a.adjustment_reason_code_{number}" for number in (1, 2, 3))
_REMARKS: Final = tuple(f"a.remark_code_{number}" for number in (1, 2, 3))
_REVIEW, _BLOCK = 2, 3
_AUDIT_FACTS: Final = frozenset(
    {"records_were_requested", "has_allowed_service_month", "first_month_can_be_told"}
)
_ROLES: Final = {
    LineRole.ANY: "",
    LineRole.ADDON: " and c.is_addon_code",
    LineRole.BASE: " and (c.is_parent_code or c.is_short_month_code)",
}


def others_sql(causes: Sequence[AuditCause]) -> str:
    """Per CoCM line that may become a finding: the line of each relation that speaks most, from `audit_line`."""
    proven = sorted({edit for cause in causes for edit in cause.proven_by})
    fails = " or ".join(f"v.{verdict_column(edit)} = 'fail'" for edit in proven)
    return _template("others.sql").substitute(
        fails=fails,
        excluded=context.EXCLUDED_CODES,
        allowed=context.ALLOWED_CODES,
        separate=context.SEPARATE_CONSENT_CODES,
        psychotherapy=context.PSYCHOTHERAPY_CODES,
    )


def judged_sql(
    causes: Sequence[AuditCause],
    unknown: frozenset[str],
    known_columns: frozenset[str],
    lines: str = AUDIT_LINE,
) -> str:
    """What each CoCM line that was paid or denied comes to. `unknown` are facts that no line knows.

    `lines` holds all lines, where `audit_line` holds a part of them.
    """
    denied = [cause for cause in causes if cause.looks_at is LooksAt.DENIED and cause.share is None]
    signalled = [cause for cause in causes if cause.looks_at is LooksAt.PAID and cause.signals]
    proven = [cause for cause in causes if cause.proven_by]
    severities = sorted({edit for cause in proven for edit in cause.proven_by})
    shares = {cause.share: cause.cause_id for cause in causes if cause.share is not None}
    facts = _known_fact("benefit_side", unknown), _known_fact("episode_gap_months", unknown)
    return _template("judged.sql").substitute(
        lines=lines,
        benefit_side=facts[0],
        episode_gap_months=facts[1],
        is_base_first=_known_fact("is_base_first", unknown),
        months_since_cocm=_known_fact("months_since_cocm", unknown),
        records_were_requested=(
            "a.records_requested_day_number is not null"
            if "records_requested_date" in known_columns
            else "cast(null as boolean)"
        ),
        decided_by_administrator=(
            "case when a.decided_by <> '' then m.payer_identifier is not null end"
            if "decided_by" in known_columns
            else "cast(null as boolean)"
        ),
        severities=",\n".join(
            f"        max(case when edit_id = '{edit}' then severity end) as {verdict_column(edit)}"
            for edit in severities
        ),
        denial_verdicts="".join(
            f"        , {_signal_verdict(cause, unknown)} as {_column(cause)}\n" for cause in denied
        ).rstrip("\n"),
        signal_verdicts="".join(
            f"        , {_signal_verdict(cause, unknown)} as {_column(cause)}\n" for cause in signalled
        ).rstrip("\n"),
        proven_edits="".join(
            f"        , {_proven_edit(cause)} as {_column(cause)}\n" for cause in proven
        ).rstrip("\n"),
        denial=_denial(denied),
        denial_cause=_first(denied, f"= '{IMPROPER}'"),
        doubtful_cause=_first(denied, f"= '{NO_DATA}'"),
        signal_cause=_first(signalled, f"= '{IMPROPER}'"),
        overbilling_cause=_first(proven, "is not null"),
        overbilling_edit=_edit_of(proven),
        overbilling_amount=_overbilling_amount(proven),
        failed_edits=" || ".join(
            f"case when v.{verdict_column(edit)} = 'fail' then '{edit} ' else '' end" for edit in severities
        ),
        share_is_known=_share_is_known(known_columns),
        waived=_share_id(shares, ShareCheck.WAIVED),
        other_side=_share_id(shares, ShareCheck.OTHER_SIDE),
        above=_share_id(shares, ShareCheck.ABOVE),
    )


def findings_sql(causes: Sequence[AuditCause], unknown: frozenset[str]) -> str:
    """One row a finding with its evidence: rule, date, source, facts, the other line."""
    on_denial = next((cause.cause_id for cause in causes if cause.share is ShareCheck.ON_IMPROPER_DENIAL), "")
    review = ", ".join(f"'{cause.cause_id}'" for cause in causes if cause.asks_review) or "''"
    no_amount = (
        ", ".join(f"'{cause.cause_id}'" for cause in causes if cause.amount is AmountBasis.NONE) or "''"
    )
    return _template("findings.sql").substitute(
        facts=_facts_text(causes, unknown),
        edits_of_cause=_edits_text(causes),
        on_denial=on_denial,
        review=review,
        no_amount=no_amount,
    )


def edit_counts_sql() -> str:
    """How often each edit failed or could not be decided, one row, two columns an edit in the catalogue's order."""
    counts = []
    for edit in catalogue():
        first = " and is_first_cocm_line" if edit.edit.grain is Grain.CLAIM else ""
        column = verdict_column(edit.id)
        for verdict in ("fail", NO_DATA):
            counts.append(f"    count(*) filter (where {column} = '{verdict}'{first}) as {column}__{verdict}")
    return "-- grain: one row\nselect\n" + ",\n".join(counts) + "\nfrom line_verdicts"


def _template(name: str) -> Template:
    return Template(resources.files("cocm.audit").joinpath(name).read_text(encoding="utf-8").rstrip())


def _column(cause: AuditCause) -> str:
    return cause.cause_id.replace(".", "__")


def _known_fact(name: str, unknown: frozenset[str], relation: str = "f") -> str:
    """A stored fact, null where it is not known."""
    if name not in FACTS:
        raise RulebookError(
            f"a cause of an audit needs the fact {name!r}, which there is not; `cocm edits facts` lists them"
        )
    fact = FACTS[name]
    if name in unknown:
        kinds = {Kind.BOOLEAN: "boolean", Kind.TEXT: "varchar(100)"}
        return f"cast(null as {kinds.get(fact.kind, 'integer')})"
    column = f"{relation}.{name}"
    return (
        f"case when {column}{UNKNOWN_SUFFIX} then null else {column} end" if fact.may_be_unknown else column
    )


def _signal(signal: AuditSignal) -> str:
    parts = []
    if signal.reasons:
        parts.append(_any_in(_REASONS, signal.reasons))
    if signal.remarks:
        parts.append(_any_in(_REMARKS, signal.remarks))
    if signal.decided_by_administrator:
        parts.append("coalesce(a.decided_by_administrator, false)")
    return f"({' and '.join(parts)})"


def _any_in(columns: Iterable[str], codes: Iterable[str]) -> str:
    listed = ", ".join(map(sql_literal, codes))
    return f"({' or '.join(f'{column} in ({listed})' for column in columns)})"


def _need(need: Need, unknown: frozenset[str]) -> str:
    fact = f"a.{need.fact}" if need.fact in _AUDIT_FACTS else _known_fact(need.fact, unknown)
    if isinstance(need.value, bool):
        return f"({fact})" if need.value else f"(not ({fact}))"
    return f"({fact} = {sql_literal(need.value)})"


def _signal_verdict(cause: AuditCause, unknown: frozenset[str]) -> str:
    """What a line whose codes speak for a cause comes to; null for any other line."""
    matches = " or ".join(_signal(signal) for signal in cause.signals)
    justified = [
        f"v.{verdict_column(edit)} = 'fail'" for edit in (*cause.justified_by, *cause.also_justified_by)
    ]
    doubtful = [f"v.{verdict_column(edit)} = '{NO_DATA}'" for edit in cause.justified_by]
    for need in cause.needs:
        condition = _need(need, unknown)
        doubtful.append(f"{condition} is null")
        (justified if need.otherwise is Otherwise.JUSTIFIED else doubtful).append(f"not {condition}")
    cases = [f"when a.status <> '{cause.looks_at.value}' or not ({matches}){_not_role(cause.line)} then null"]
    if justified:
        cases.append(f"when {' or '.join(justified)} then '{JUSTIFIED}'")
    if doubtful:
        cases.append(f"when {' or '.join(doubtful)} then '{NO_DATA}'")
    return f"case {' '.join(cases)} else '{IMPROPER}' end"


def _not_role(role: LineRole) -> str:
    condition = _ROLES[role].removeprefix(" and ")
    return f" or not ({condition})" if condition else ""


def _proven_edit(cause: AuditCause) -> str:
    """The first edit of a cause that fails on a paid line and may at least ask a person; null where none does."""
    least = _BLOCK if cause.is_established_only else _REVIEW
    cases = " ".join(
        f"when v.{verdict_column(edit)} = 'fail' and s.{verdict_column(edit)} >= {least} then '{edit}'"
        for edit in cause.proven_by
    )
    condition = "a.status = 'paid'"
    if cause.amount is AmountBasis.LATER_LINES:
        condition += " and (a.place_on_claim > 1 or coalesce(same.other_claim_id, a.claim_id) <> a.claim_id)"
    return f"case when {condition} then case {cases} end end"


def _denial(causes: Iterable[AuditCause]) -> str:
    """A denial is justified where any of its reasons is, not decidable where any is not, else improper."""
    columns = [f"j.{_column(cause)}" for cause in causes]
    tests = " ".join(
        f"when {' or '.join(f'{column} = {sql_literal(word)}' for column in columns)} then '{word}'"
        for word in (JUSTIFIED, NO_DATA, IMPROPER)
    )
    return f"case when j.status <> 'denied' then null {tests} else '{NOT_JUDGED}' end"


def _first(causes: Iterable[AuditCause], condition: str) -> str:
    cases = " ".join(f"when j.{_column(cause)} {condition} then '{cause.cause_id}'" for cause in causes)
    return f"case {cases} end" if cases else "cast(null as varchar(100))"


def _edit_of(causes: Iterable[AuditCause]) -> str:
    return f"coalesce({', '.join(f'j.{_column(cause)}' for cause in causes)})"


def _overbilling_amount(causes: Iterable[AuditCause]) -> str:
    """What was paid for the line, or for its units above the limit."""
    cases = []
    for cause in causes:
        for excess in cause.excess:
            limit = f"f.{excess.limit_fact}" if excess.limit_fact else "1"
            over = f"(f.{excess.units_fact} - {limit})"
            part = f"case when {over} < a.service_unit_quantity then {over} else a.service_unit_quantity end"
            cases.append(
                f"when j.overbilling_edit = '{excess.edit_id}' and a.service_unit_quantity > 0"
                f" then cast(floor(a.paid_cents * ({part}) / (a.service_unit_quantity * 1.0)) as bigint)"
            )
    return f"case {' '.join(cases)} else a.paid_cents end" if cases else "a.paid_cents"


def _share_is_known(known_columns: frozenset[str]) -> str:
    """A share is compared only where all of its parts are in the history: a part that is missing is not nothing."""
    wanted = {"allowed_amount", "deductible_amount", "coinsurance_amount", "copayment_amount"}
    return "true" if wanted <= known_columns else "false"


def _share_id(shares: dict[ShareCheck, str], check: ShareCheck) -> str:
    return f"'{shares[check]}'" if check in shares else "cast(null as varchar(100))"


def _facts_text(causes: Sequence[AuditCause], unknown: frozenset[str]) -> str:
    """The facts that decided, by the edit that failed or by the cause that was judged."""
    cases = []
    for edit_id in sorted({edit for cause in causes for edit in cause.proven_by}):
        edit = find_edit(edit_id)
        assert edit is not None
        cases.append(f"when x.edit_id = '{edit_id}' then {_shown(edit.facts, unknown)}")
    for cause in causes:
        if not cause.signals:
            continue
        names: list[str] = []
        for edit_id in cause.justified_by:
            edit = find_edit(edit_id)
            assert edit is not None
            names += edit.facts
        names += [need.fact for need in cause.needs if need.fact in FACTS]
        audit_facts = [need.fact for need in cause.needs if need.fact in _AUDIT_FACTS]
        texts = [_shown(dict.fromkeys(names), unknown)] if names else []
        texts += [f"'{name}=' || {_shown_value(f'x.{name}')}" for name in audit_facts]
        if texts:
            cases.append(f"when x.cause_id = '{cause.cause_id}' then {_joined(texts)}")
    return f"case {' '.join(cases)} else x.shown end"


def _joined(texts: Iterable[str]) -> str:
    return " || '; ' || ".join(texts)


def _shown(names: Iterable[str], unknown: frozenset[str]) -> str:
    return _joined(f"'{name}=' || {_shown_value(_known_fact(name, unknown))}" for name in names)


def _shown_value(expression: str) -> str:
    return f"coalesce(cast({expression} as varchar(100)), 'unknown')"


def _edits_text(causes: Iterable[AuditCause]) -> str:
    """The edits that would have justified a refusal and did not fail."""
    cases = " ".join(
        f"when x.cause_id = '{cause.cause_id}' then '{' '.join((*cause.justified_by, *cause.also_justified_by))}'"
        for cause in causes
        if cause.signals
    )
    return f"case {cases} else x.edits end" if cases else "x.edits"
