"""What an audit came to, for people and for programs: totals by cause, what was not decidable and why. No patients."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from cocm.audit.contract import STATUSES
from cocm.audit.knowledge import MissingColumn
from cocm.audit.narrow import unreadable_words
from cocm.audit.run import AuditResult, CauseTotal
from cocm.basics.identity import Provenance
from cocm.basics.money import dollars
from cocm.basics.months import Month
from cocm.edits.edit import Verdict
from cocm.rules.audit_causes import CauseSide

NOTICE: Final = (
    "For the plan's own use. No data is not clean: what could not be decided is counted below, with the columns that "
    "are missing."
)
_REASONS_SHOWN_MAX: Final = 10
_WORD: Final = re.compile(r"[a-z0-9_-]{1,20}")


def summary_json(result: AuditResult, provenance: Provenance) -> dict[str, Any]:
    """The summary as plain values."""
    return {
        **provenance.as_json(),
        "catalogue_hash": result.catalogue_hash,
        "layout": result.history.layout.layout_id,
        "layout_note": result.history.layout.note,
        "notice": NOTICE,
        "history": {
            "lines": result.line_count,
            "cocm_lines": result.cocm_line_count,
            "claims": result.claim_count,
            "members": result.person_count,
            "first_month": _month(result.first_month_index),
            "last_month": _month(result.last_month_index),
            "statuses": dict(result.statuses),
            "unreadable_lines_by_column": dict(result.unreadable),
            "repeated_rows": result.repeated_row_count,
            "lines_by_unknown_status": _shown_statuses(result.unknown_statuses),
        },
        "denials": dict(result.denials),
        "member_shares": dict(result.shares),
        "members_harmed": result.members_harmed,
        "causes": [_cause_json(total) for total in result.causes],
        "undecided_denials_by_cause": dict(result.undecided),
        "unjudged_denials_by_reason_codes": dict(result.unjudged_reasons),
        "edits": {
            edit_id: {Verdict.FAIL.value: failed, Verdict.NO_DATA.value: unknown}
            for edit_id, (failed, unknown) in result.edits.items()
        },
        "columns_missing": [
            {"column": one.name, "meaning": one.meaning, "edits": list(one.edits), "causes": list(one.causes)}
            for one in result.missing
        ],
        "columns_not_read": list(result.history.unread),
    }


def summary_text(result: AuditResult, provenance: Provenance) -> str:
    """The summary as a page of text."""
    return "\n".join(_lines(result, provenance)) + "\n"


def _lines(result: AuditResult, provenance: Provenance) -> Iterator[str]:
    history = result.history
    yield f"Audit as of {provenance.as_of_date}, layout {history.layout.layout_id}"
    yield NOTICE
    if history.layout.note:
        yield history.layout.note
    yield ""
    yield (
        f"{result.line_count:,} lines; {result.cocm_line_count:,} of Collaborative Care on {result.claim_count:,}"
        f" claims of {result.person_count:,} members{_period(result)}"
    )
    yield f"What became of them: {_counted(result.statuses) or 'none read'}"
    if result.unknown_statuses:
        yield (
            f"NOT JUDGED: {sum(result.unknown_statuses.values()):,} lines of a status that is none of"
            f" {', '.join(STATUSES)}: {_statuses_text(result.unknown_statuses)}; a layout file says what they mean"
        )
    for text in unreadable_words(result.unreadable):
        yield f"NOT READ: {text}"
    if result.repeated_row_count:
        yield (
            f"LEFT OUT: {result.repeated_row_count:,} rows of lines (one claim id and line number) of which a newer row"
            " is there"
        )
    yield f"Denied lines: {_counted(result.denials) or 'none'}"
    yield f"Member shares of paid lines: {_counted(result.shares) or 'none'}"
    for side, title in (
        (CauseSide.PLAN, "Refused or charged improperly"),
        (CauseSide.PRACTICE, "Paid too much"),
    ):
        totals = [total for total in result.causes if total.cause.side is side]
        yield ""
        yield f"{title}: {_money(totals)}" if totals else f"{title}: nothing found"
        for total in totals:
            yield from _cause_lines(total)
    yield ""
    yield f"Members with a finding of the plan's side: {result.members_harmed:,}"
    yield from _undecided(result)
    yield from _missing(result.missing)
    if history.unread:
        yield f"Columns of the history that no rule reads: {', '.join(history.unread)}"


def _cause_lines(total: CauseTotal) -> Iterator[str]:
    yield f"  {total.cause.cause_id}: {total.cause.label}"
    amount = f"{dollars(total.amount_cents)}"
    if total.cause.side is CauseSide.PLAN and total.open_amount_cents != total.amount_cents:
        amount += f" ({dollars(total.open_amount_cents)} still unpaid)"
    notes = [_number(total.line_count, "line"), _number(total.member_count, "member"), amount]
    if total.review_count:
        notes.append(f"{total.review_count:,} for a person to look at")
    if total.repeated_count:
        notes.append(f"{total.repeated_count:,} refused again after a refusal")
    yield f"    {', '.join(notes)}"


def _undecided(result: AuditResult) -> Iterator[str]:
    if result.undecided:
        yield ""
        causes = ", ".join(f"{cause_id} {count:,}" for cause_id, count in result.undecided.items())
        yield f"Denied lines that could not be decided, by the cause that may apply: {causes}"
    if result.unjudged_reasons:
        most = sorted(result.unjudged_reasons.items(), key=lambda item: (-item[1], item[0]))
        shown = ", ".join(f"{codes or 'no code'} ({count:,})" for codes, count in most[:_REASONS_SHOWN_MAX])
        rest = len(most) - _REASONS_SHOWN_MAX
        more = f" and {rest} others" if rest > 0 else ""
        yield f"Denied lines of reasons that a claims history cannot judge: {shown}{more}"


def _missing(missing: tuple[MissingColumn, ...]) -> Iterator[str]:
    telling = [one for one in missing if one.edits or one.causes]
    if not telling:
        return
    yield ""
    yield "Columns that this history does not have, and what is therefore no data (in whole or in part):"
    for one in telling:
        yield f"  {one.name} ({one.meaning}): {', '.join((*one.causes, *one.edits))}"


def _cause_json(total: CauseTotal) -> dict[str, Any]:
    cause = total.cause
    return {
        "cause": cause.cause_id,
        "side": cause.side.value,
        "kind": cause.kind.value,
        "label": cause.label,
        "meaning": cause.meaning,
        "source": cause.source.title,
        "confidence": cause.confidence.value,
        "playbook": cause.playbook,
        "lines": total.line_count,
        "claims": total.claim_count,
        "members": total.member_count,
        "amount_cents": total.amount_cents,
        "open_amount_cents": total.open_amount_cents,
        "lines_for_review": total.review_count,
        "lines_refused_again": total.repeated_count,
    }


def _number(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def _money(totals: list[CauseTotal]) -> str:
    return dollars(sum(total.amount_cents for total in totals))


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in counts.items())


def _period(result: AuditResult) -> str:
    """The months of the lines, where there are lines."""
    if result.first_month_index is None:
        return ""
    return f", {_month(result.first_month_index)} to {_month(result.last_month_index)}"


def _shown_statuses(counts: Mapping[str, int]) -> dict[str, int]:
    """The most frequent ones. What is no word may be anything, a name even, and is not shown."""
    shown: Counter[str] = Counter()
    for place, (name, count) in enumerate(counts.items()):
        known = name if _WORD.fullmatch(name) else "no word" if name else "empty"
        shown[known if place < _REASONS_SHOWN_MAX else "others"] += count
    return dict(shown)


def _statuses_text(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} ({count:,})" for name, count in _shown_statuses(counts).items())


def _month(index: int | None) -> str | None:
    return None if index is None else str(Month(index // 12, index % 12 + 1))
