"""All texts of an audit in the order in which they run, for a history in our own columns: what is snapshotted."""

from __future__ import annotations

from typing import Final, NamedTuple

from cocm.audit.contract import HISTORY, ValueKind
from cocm.audit.layout import AUDIT_LINE, DATED, MEMBERS, READ, REPEATED, map_history
from cocm.audit.narrow import diagnoses_sql, line_view_sql
from cocm.audit.run import FINDINGS, JUDGED, OTHERS, VERDICTS
from cocm.audit.texts import findings_sql, judged_sql, others_sql
from cocm.rules import Rulebook
from cocm.rules.audit_causes import audit_causes
from cocm.rules.claims_layouts import claims_layouts
from cocm.warehouse.compile import facts_sql, verdicts_sql
from cocm.warehouse.tables import CLAIM_DIAGNOSIS, CLAIM_LINE, HISTORY_LINE, LINE_FACTS

OWN_LAYOUT: Final = "opencocm"
_TYPES: Final = {
    ValueKind.TEXT: "text",
    ValueKind.DATE: "date",
    ValueKind.MONEY: "decimal",
    ValueKind.QUANTITY: "decimal",
    ValueKind.INTEGER: "integer",
    ValueKind.FLAG: "boolean",
}


class Statement(NamedTuple):
    """A text whose result is kept under a name."""

    name: str
    text: str


def audit_statements(rulebook: Rulebook) -> tuple[Statement, ...]:
    """The texts with every column of our contract at hand."""
    causes = tuple(audit_causes(rulebook).values())
    columns = {column.name: _TYPES[column.kind] for column in HISTORY.values()}
    mapped = map_history(claims_layouts(rulebook)[OWN_LAYOUT], columns)
    return (
        Statement(MEMBERS, mapped.members_sql),
        Statement(READ, mapped.read_sql),
        Statement(REPEATED, mapped.repeated_sql),
        Statement(DATED, mapped.dated_sql),
        Statement(AUDIT_LINE, mapped.lines_sql),
        Statement(CLAIM_LINE.name, line_view_sql(CLAIM_LINE)),
        Statement(HISTORY_LINE.name, line_view_sql(HISTORY_LINE)),
        Statement(CLAIM_DIAGNOSIS.name, diagnoses_sql()),
        Statement(LINE_FACTS.name, facts_sql()),
        Statement(VERDICTS, verdicts_sql()),
        Statement(OTHERS, others_sql(causes)),
        Statement(JUDGED, judged_sql(causes, frozenset(), mapped.known)),
        Statement(FINDINGS, findings_sql(causes, frozenset())),
    )
