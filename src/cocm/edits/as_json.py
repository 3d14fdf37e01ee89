"""An edit as plain values for JSON: what it asks, the rules it enforces, its fix and its cases."""

from __future__ import annotations

from typing import Any

from cocm.edits.derive import FACTS
from cocm.edits.edit import CatalogueEdit
from cocm.edits.words import condition_words
from cocm.rules import PackOn


def edit_as_json(entry: CatalogueEdit, policy: PackOn) -> dict[str, Any]:
    """An edit under a payer's rules on a date."""
    edit = entry.edit
    return {
        "id": edit.id,
        "title": edit.title,
        "severity": entry.severity_for(policy).word,
        "severity_max": edit.severity.word,
        "about": edit.grain.value,
        "effective_from": str(edit.effective_from),
        "looks_at": condition_words(entry.applies, FACTS),
        "trips_when": condition_words(entry.trips, FACTS),
        "facts": list(entry.facts),
        "rules": {rule_id: policy.value(rule_id).cite for rule_id in edit.rules},
        "source": edit.cites,
        "fix": edit.fix,
        "cases": [{"name": case.name, "verdict": case.verdict.value} for case in entry.cases],
    }
