"""From the mapping in a rule file to a `Rule`, refusing whatever does not have the rulebook's form."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

from cocm.basics.errors import RulebookError
from cocm.rules.values import KNOWN, NOT_DEFINED, UNKNOWN, Case, Confidence, DatedValue, PlainValue, Rule, Severity, Source

KINDS: Final = ("integer", "boolean", "text", "set")
_RULE_FIELDS: Final = frozenset(
    "id label kind unit severity meaning none_means choices contradiction values cases".split()
)
_OVERRIDE_FIELDS: Final = frozenset("id values cases".split())
_VALUE_FIELDS: Final = frozenset("effective_from observed value confidence source severity note".split())
_CASE_FIELDS: Final = frozenset("at expect payer known".split())
_INLINE_SOURCE_FIELDS: Final = frozenset("title url grade at".split())


class RuleParser:
    """Parses rule and override files against the shared list of sources."""

    def __init__(self, sources: Mapping[str, Source]) -> None:
        self._sources = sources

    def rule(self, path: Path, content: Mapping[str, Any]) -> Rule:
        """A rule of `rules/`. Raises `RulebookError` naming the file and field."""
        _refuse_other_fields(path, content, _RULE_FIELDS)
        rule_id = _required_text(path, content, "id")
        if rule_id != path.stem:
            raise RulebookError(f"{path}: id is {rule_id!r} but the file is named {path.name}; they must agree")
        kind = _required_text(path, content, "kind")
        if kind not in KINDS:
            raise RulebookError(f"{path}: kind {kind!r} is none of {', '.join(KINDS)}")
        severity = _severity(path, content.get("severity", "review"))
        none_means = str(content.get("none_means", ""))
        choices = frozenset(str(choice) for choice in content.get("choices", ()))
        shell = Rule(
            rule_id=rule_id,
            label=_required_text(path, content, "label"),
            kind=kind,
            unit=str(content.get("unit", "")),
            severity=severity,
            meaning=_required_text(path, content, "meaning").strip(),
            none_means=none_means,
            choices=choices,
            contradiction=str(content.get("contradiction", "")),
            values=(),
            cases=(),
        )
        return self.with_values(path, content, shell)

    def override(self, path: Path, content: Mapping[str, Any], rule: Rule) -> Rule:
        """The rule as a pack's override file restates it: its values and cases replace the rule's."""
        _refuse_other_fields(path, content, _OVERRIDE_FIELDS)
        if content.get("id") != rule.rule_id:
            raise RulebookError(f"{path}: id is {content.get('id')!r}, expected {rule.rule_id!r} as the file is named")
        return self.with_values(path, content, rule)

    def with_values(self, path: Path, content: Mapping[str, Any], rule: Rule) -> Rule:
        """The rule with the values and cases of a file."""
        rows = content.get("values")
        if not isinstance(rows, list):
            raise RulebookError(f"{path}: values must be a list of dated rows")
        values = tuple(self._value(path, number, row, rule) for number, row in enumerate(rows, start=1))
        cases = tuple(self._case(path, number, row, rule) for number, row in enumerate(content.get("cases", ()), start=1))
        return Rule(
            rule_id=rule.rule_id,
            label=rule.label,
            kind=rule.kind,
            unit=rule.unit,
            severity=rule.severity,
            meaning=rule.meaning,
            none_means=rule.none_means,
            choices=rule.choices,
            contradiction=rule.contradiction,
            values=tuple(sorted(values, key=lambda value: (value.effective_from, value.observed))),
            cases=cases,
        )

    def _value(self, path: Path, number: int, row: Any, rule: Rule) -> DatedValue:
        where = f"{path}: value {number}"
        if not isinstance(row, dict):
            raise RulebookError(f"{where}: expected a row with effective_from, observed, value, confidence, source")
        _refuse_other_fields(where, row, _VALUE_FIELDS)
        if "value" not in row:
            raise RulebookError(f"{where}: value is missing; write `unknown` if nobody has established it")
        confidence_word = str(row.get("confidence", ""))
        if confidence_word not in tuple(Confidence):
            raise RulebookError(f"{where}: confidence {confidence_word!r} is none of {', '.join(Confidence)}")
        confidence = Confidence(confidence_word)
        is_unknown = row["value"] == UNKNOWN
        if is_unknown != (confidence is Confidence.UNKNOWN):
            raise RulebookError(f"{where}: `value: unknown` and `confidence: unknown` go together, and only together")
        source, locator = self._source(where, row.get("source"))
        return DatedValue(
            effective_from=parse_date(where, "effective_from", row.get("effective_from")),
            observed=parse_date(where, "observed", row.get("observed")),
            value=None if is_unknown else typed_value(where, row["value"], rule),
            confidence=confidence,
            source=source,
            locator=locator,
            severity=_severity(where, row["severity"]) if "severity" in row else None,
            note=str(row.get("note", "")),
        )

    def _source(self, where: str, given: Any) -> tuple[Source, str]:
        if isinstance(given, str):
            given = {"ref": given}
        if not isinstance(given, dict) or not given:
            raise RulebookError(f"{where}: source is missing; name one of sources.yaml (`ref`) or give title, url, grade")
        if "ref" in given:
            _refuse_other_fields(where, given, frozenset({"ref", "at"}))
            source = self._sources.get(str(given["ref"]))
            if source is None:
                raise RulebookError(f"{where}: source {given['ref']!r} does not stand in sources.yaml")
            return source, str(given.get("at", ""))
        _refuse_other_fields(where, given, _INLINE_SOURCE_FIELDS)
        return parse_source(where, "", given), str(given.get("at", ""))

    def _case(self, path: Path, number: int, row: Any, rule: Rule) -> Case:
        where = f"{path}: case {number}"
        if not isinstance(row, dict) or "expect" not in row:
            raise RulebookError(f"{where}: expected {{at: DATE, expect: VALUE}}")
        _refuse_other_fields(where, row, _CASE_FIELDS)
        expected = row["expect"]
        state = expected if expected in (NOT_DEFINED, UNKNOWN) else KNOWN
        return Case(
            at=parse_date(where, "at", row.get("at")),
            expect=typed_value(where, expected, rule) if state == KNOWN else None,
            expect_state=state,
            payer_id=str(row["payer"]) if "payer" in row else None,
            known=parse_date(where, "known", row["known"]) if "known" in row else None,
        )


def parse_source(where: str | Path, ref: str, given: Mapping[str, Any]) -> Source:
    """A source with title, url and grade, each required."""
    for field in ("title", "url", "grade"):
        if not isinstance(given.get(field), str) or not given[field].strip():
            raise RulebookError(f"{where}: source {ref} needs a {field}")
    if given["grade"] not in ("A", "B", "C", "K"):
        raise RulebookError(f"{where}: source {ref} has grade {given['grade']!r}; write A, B, C or K (domain knowledge)")
    return Source(ref=ref, title=given["title"].strip(), url=given["url"].strip(), grade=given["grade"])


def parse_date(where: str | Path, field: str, given: Any) -> date:
    """A `YYYY-MM-DD` text as a date."""
    try:
        return date.fromisoformat(given)
    except (TypeError, ValueError):
        raise RulebookError(f"{where}: {field} is {given!r}; expected a date such as 2026-01-01") from None


def typed_value(where: str, given: Any, rule: Rule) -> PlainValue:
    """The value as the rule's kind has it. `none` is allowed only where the rule says what none means."""
    if given == "none" or given is None:
        if not rule.none_means:
            raise RulebookError(f"{where}: {rule.rule_id} does not say what `none` means (none_means)")
        return None
    if rule.kind == "integer":
        if isinstance(given, bool) or not isinstance(given, int):
            raise RulebookError(f"{where}: {given!r} is not a whole number")
        return given
    if rule.kind == "boolean":
        if not isinstance(given, bool):
            raise RulebookError(f"{where}: {given!r} is not true or false")
        return given
    if rule.kind == "set":
        if not isinstance(given, list) or not all(isinstance(member, str) for member in given):
            raise RulebookError(f"{where}: expected a list of words or quoted codes")
        _refuse_unknown_choices(where, given, rule)
        return frozenset(given)
    if not isinstance(given, str):
        raise RulebookError(f'{where}: {given!r} is not text; quote codes, as in "99494"')
    _refuse_unknown_choices(where, [given], rule)
    return given


def _refuse_unknown_choices(where: str, given: list[str], rule: Rule) -> None:
    strangers = sorted(set(given) - rule.choices) if rule.choices else []
    if strangers:
        raise RulebookError(f"{where}: {', '.join(strangers)} is none of {', '.join(sorted(rule.choices))}")


def _refuse_other_fields(where: str | Path, content: Mapping[str, Any], allowed: frozenset[str]) -> None:
    others = sorted(str(field) for field in content if field not in allowed)
    if others:
        raise RulebookError(f"{where}: unknown field {', '.join(others)}; known are {', '.join(sorted(allowed))}")


def _required_text(path: Path, content: Mapping[str, Any], field: str) -> str:
    given = content.get(field)
    if not isinstance(given, str) or not given.strip():
        raise RulebookError(f"{path}: {field} is missing or not text")
    return given


def _severity(where: str | Path, word: Any) -> Severity:
    if word not in ("block", "review", "inform"):
        raise RulebookError(f"{where}: severity {word!r} is none of block, review, inform")
    return Severity.of(word)
