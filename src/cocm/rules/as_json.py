"""Rules and their values as plain values for JSON: what they say, since when, how sure, who says so."""

from __future__ import annotations

from datetime import date
from typing import Any

from cocm.rules.profile import ROOT_PAYER
from cocm.rules.rulebook import Pack
from cocm.rules.values import DatedValue, PlainValue, Rule, RuleValue, Source


def history(pack: Pack, rule_id: str) -> list[tuple[str, DatedValue]]:
    """Every row that bears on the rule for a pack, the pack's own first, each with the pack that says it."""
    rows: list[tuple[str, DatedValue]] = []
    for payer_id in pack.chain:
        holder = pack.rulebook.override(payer_id, rule_id)
        if holder is None and payer_id == ROOT_PAYER:
            holder = pack.rulebook.rule(rule_id)
        rows += [(payer_id, row) for row in holder.values] if holder is not None else []
    return rows


def rule_as_json(rule: Rule, value: RuleValue, pack: Pack, on: date, known_on: date | None) -> dict[str, Any]:
    """A rule with its value for a pack on a date, the packs that were asked, and its history."""
    return {
        "on": str(on),
        "payer": pack.payer_id,
        "known": str(known_on) if known_on else None,
        "label": rule.label,
        "meaning": " ".join(rule.meaning.split()),
        "kind": rule.kind,
        "unit": rule.unit,
        "none_means": rule.none_means,
        "contradiction": rule.contradiction,
        **value_as_json(value),
        "chain": [
            {"payer": step.payer_id, "has_file": step.has_file, "answers": step.answer is not None}
            for step in pack.steps(rule.rule_id, on)
        ],
        "history": [{"payer": payer_id} | row_as_json(row) for payer_id, row in history(pack, rule.rule_id)],
    }


def value_as_json(value: RuleValue) -> dict[str, Any]:
    """A resolved value with all that is needed to cite it."""
    return {
        "rule": value.rule_id,
        "state": value.state,
        "value": plain(value.value),
        "answered_by": value.payer_id,
        "effective_from": str(value.effective_from) if value.effective_from else None,
        "effective_to": str(value.effective_to) if value.effective_to else None,
        "observed": str(value.observed) if value.observed else None,
        "confidence": value.confidence.value,
        "severity": value.severity.word,
        "may_block": value.may_block,
        "source": _source(value.source, value.locator),
        "note": " ".join(value.note.split()),
    }


def row_as_json(row: DatedValue) -> dict[str, Any]:
    """One dated row of a rule's history."""
    return {
        "effective_from": str(row.effective_from),
        "effective_to": str(row.effective_to) if row.effective_to else None,
        "observed": str(row.observed),
        "value": plain(row.value),
        "confidence": row.confidence.value,
        "source": _source(row.source, row.locator),
    }


def plain(value: PlainValue) -> object:
    """A value as JSON has it; a set in order."""
    return sorted(value) if isinstance(value, frozenset) else value


def _source(source: Source | None, locator: str) -> dict[str, str] | None:
    if source is None:
        return None
    return {"ref": source.ref, "title": source.title, "url": source.url, "grade": source.grade, "at": locator}
