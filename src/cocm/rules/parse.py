"""From the mapping in a rule file to a `Rule`, refusing whatever does not have the rulebook's form."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, Final, ParamSpec, TypeVar

from cocm.basics.errors import RulebookError
from cocm.rules.values import (
    KNOWN,
    NOT_DEFINED,
    UNKNOWN,
    Case,
    Confidence,
    DatedValue,
    PlainValue,
    Rule,
    Severity,
    Source,
)

KINDS: Final = ("integer", "boolean", "text", "set")
_RULE_FIELDS: Final = frozenset(
    [
        "id",
        "label",
        "kind",
        "unit",
        "severity",
        "meaning",
        "none_means",
        "choices",
        "contradiction",
        "values",
        "cases",
    ]
)
_OVERRIDE_FIELDS: Final = frozenset(["id", "values", "cases"])
_VALUE_FIELDS: Final = frozenset(
    ["effective_from", "effective_to", "observed", "value", "confidence", "source", "severity", "note"]
)
_CASE_FIELDS: Final = frozenset(["at", "expect", "payer", "known"])
_INLINE_SOURCE_FIELDS: Final = frozenset(["title", "url", "grade", "at"])
_SOURCE_FIELDS: Final = frozenset(["title", "url", "grade"])
_RANGES: Final[Mapping[str, tuple[int, int | None]]] = {"minute": (1, 31 * 24 * 60), "percent": (0, 100)}
"""The least and the most by unit; of any other unit there is none or more. A month has at most 44,640 minutes."""
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_CONTRADICTION: Final = re.compile(r"C[1-9][0-9]?")
_CONFIDENCES: Final = frozenset(confidence.value for confidence in Confidence)

_Given = ParamSpec("_Given")
_Parsed = TypeVar("_Parsed")


class RuleParser:
    """Parses rule and override files against the shared list of sources.

    A complaint is raised at once (reading), or added to `gathered` where that is given (checking, which wants
    all of them); the row that it concerns is then left out.
    """

    def __init__(self, sources: Mapping[str, Source], gathered: list[RulebookError] | None = None) -> None:
        self._sources = sources
        self._gathered = gathered

    def rule(self, path: Path, content: Mapping[str, Any]) -> Rule:
        """A rule of `rules/`. Raises `RulebookError` naming the file and field."""
        self._attempt(refuse_other_fields, path, content, _RULE_FIELDS)
        rule_id = required_text(path, content, "id")
        if rule_id != path.stem:
            self._complain(f"{path}: id is {rule_id!r} but the file is named {path.name}; they must agree")
        kind = required_text(path, content, "kind")
        if kind not in KINDS:
            raise RulebookError(f"{path}: kind {kind!r} is none of {', '.join(KINDS)}")
        contradiction = str(content.get("contradiction", ""))
        if contradiction and _CONTRADICTION.fullmatch(contradiction) is None:
            self._complain(f"{path}: contradiction {contradiction!r} is not a number such as C7")
        severity = self._attempt(_severity, path, content.get("severity", "review"))
        rule = Rule(
            rule_id=rule_id,
            label=self._attempt(required_text, path, content, "label") or "",
            kind=kind,
            unit=str(content.get("unit", "")),
            severity=severity if severity is not None else Severity.REVIEW,
            meaning=(self._attempt(required_text, path, content, "meaning") or "").strip(),
            none_means=str(content.get("none_means", "")),
            choices=frozenset(str(choice) for choice in content.get("choices", ())),
            contradiction=contradiction,
            values=(),
            cases=(),
        )
        return self._with_values(path, content, rule)

    def override(self, path: Path, content: Mapping[str, Any], rule: Rule) -> Rule:
        """The rule as a pack's override file restates it: its values and cases replace the rule's."""
        self._attempt(refuse_other_fields, path, content, _OVERRIDE_FIELDS)
        if content.get("id") != rule.rule_id:
            self._complain(
                f"{path}: id is {content.get('id')!r}, expected {rule.rule_id!r} as the file is named"
            )
        return self._with_values(path, content, rule)

    def _with_values(self, path: Path, content: Mapping[str, Any], rule: Rule) -> Rule:
        rows, cases = content.get("values"), content.get("cases", ())
        if not isinstance(rows, list) or not rows:
            raise RulebookError(f"{path}: values must be a list of dated rows")
        if not isinstance(cases, list | tuple):
            raise RulebookError(f"{path}: cases must be a list of {{at: DATE, expect: VALUE}}")
        values = [
            self._value(f"{path}: value {number}", row, rule) for number, row in enumerate(rows, start=1)
        ]
        expected = [
            self._case(f"{path}: case {number}", row, rule) for number, row in enumerate(cases, start=1)
        ]
        in_order = sorted(
            (value for value in values if value is not None),
            key=lambda value: (value.effective_from, value.observed),
        )
        return replace(
            rule, values=tuple(in_order), cases=tuple(case for case in expected if case is not None)
        )

    def _value(self, where: str, row: Any, rule: Rule) -> DatedValue | None:
        if not isinstance(row, dict):
            self._complain(
                f"{where}: expected a row with effective_from, observed, value, confidence, source"
            )
            return None
        complaints_before = self._complaint_count
        self._attempt(refuse_other_fields, where, row, _VALUE_FIELDS)
        if "value" not in row:
            self._complain(f"{where}: value is missing; write `unknown` if nobody has established it")
        confidence = self._attempt(_confidence, where, row)
        source = self._attempt(self._source, where, row.get("source"))
        effective_from = self._attempt(parse_date, where, "effective_from", row.get("effective_from"))
        observed = self._attempt(parse_date, where, "observed", row.get("observed"))
        effective_to, severity, value = None, None, None
        if "effective_to" in row:
            effective_to = self._attempt(parse_date, where, "effective_to", row["effective_to"])
        if effective_to is not None and effective_from is not None and effective_to <= effective_from:
            self._complain(
                f"{where}: effective_to {effective_to} is not after effective_from {effective_from}"
            )
        if "severity" in row:
            severity = self._attempt(_severity, where, row["severity"])
        if "value" in row and row["value"] != UNKNOWN:
            value = self._attempt(typed_value, where, row["value"], rule)
        if confidence is None or source is None or effective_from is None or observed is None:
            return None
        if self._complaint_count != complaints_before:
            return None
        return DatedValue(
            effective_from=effective_from,
            effective_to=effective_to,
            observed=observed,
            value=value,
            confidence=confidence,
            source=source[0],
            locator=source[1],
            severity=severity,
            note=str(row.get("note", "")).strip(),
        )

    def _source(self, where: str, given: Any) -> tuple[Source, str]:
        if isinstance(given, str):
            given = {"ref": given}
        if not isinstance(given, dict) or not given:
            raise RulebookError(
                f"{where}: source is missing; name one of sources.yaml (`ref`) or give title, url, grade"
            )
        locator = str(given.get("at", ""))
        if "ref" in given:
            refuse_other_fields(where, given, frozenset({"ref", "at"}))
            source = self._sources.get(str(given["ref"]))
            if source is None:
                raise RulebookError(f"{where}: source {given['ref']!r} does not stand in sources.yaml")
            return source, locator
        refuse_other_fields(where, given, _INLINE_SOURCE_FIELDS)
        return parse_source(where, "", {field: given[field] for field in given if field != "at"}), locator

    def _case(self, where: str, row: Any, rule: Rule) -> Case | None:
        if not isinstance(row, dict) or "expect" not in row:
            self._complain(f"{where}: expected {{at: DATE, expect: VALUE}}")
            return None
        complaints_before = self._complaint_count
        self._attempt(refuse_other_fields, where, row, _CASE_FIELDS)
        at = self._attempt(parse_date, where, "at", row.get("at"))
        known = self._attempt(parse_date, where, "known", row["known"]) if "known" in row else None
        state = row["expect"] if row["expect"] in (NOT_DEFINED, UNKNOWN) else KNOWN
        expected = self._attempt(typed_value, where, row["expect"], rule) if state == KNOWN else None
        if at is None or self._complaint_count != complaints_before:
            return None
        payer_id = str(row["payer"]) if "payer" in row else None
        return Case(at=at, expect=expected, expect_state=state, payer_id=payer_id, known=known)

    @property
    def _complaint_count(self) -> int:
        return 0 if self._gathered is None else len(self._gathered)

    def _attempt(
        self, parse: Callable[_Given, _Parsed], /, *args: _Given.args, **kwargs: _Given.kwargs
    ) -> _Parsed | None:
        try:
            return parse(*args, **kwargs)
        except RulebookError as problem:
            if self._gathered is None:
                raise
            self._gathered.append(problem)
            return None

    def _complain(self, message: str) -> None:
        problem = RulebookError(message)
        if self._gathered is None:
            raise problem
        self._gathered.append(problem)


def parse_source(where: str | Path, ref: str, given: Any) -> Source:
    """A source with title, url and grade, each required."""
    if not isinstance(given, dict):
        raise RulebookError(f"{where}: source {ref} needs title, url and grade")
    refuse_other_fields(f"{where}: source {ref}", given, _SOURCE_FIELDS)
    for field in ("title", "url", "grade"):
        if not isinstance(given.get(field), str) or not given[field].strip():
            raise RulebookError(f"{where}: source {ref} needs a {field}")
    if given["grade"] not in ("A", "B", "C", "K"):
        raise RulebookError(
            f"{where}: source {ref} has grade {given['grade']!r}; write A, B, C or K (domain knowledge)"
        )
    return Source(ref=ref, title=given["title"].strip(), url=given["url"].strip(), grade=given["grade"])


def parse_date(where: str | Path, field: str, given: Any) -> date:
    """A `YYYY-MM-DD` text as a date."""
    try:
        if _DATE.fullmatch(given):
            return date.fromisoformat(given)
    except (TypeError, ValueError):
        pass
    raise RulebookError(f"{where}: {field} is {given!r}; expected a date such as 2026-01-01")


def typed_value(where: str, given: Any, rule: Rule) -> PlainValue:
    """The value as the rule's kind has it. `none` is allowed only where the rule says what none means."""
    if given == "none" or given is None:
        if not rule.none_means:
            raise RulebookError(f"{where}: {rule.rule_id} does not say what `none` means (none_means)")
        return None
    if rule.kind == "integer":
        if isinstance(given, bool) or not isinstance(given, int):
            raise RulebookError(f"{where}: {given!r} is not a whole number")
        least, most = _RANGES.get(rule.unit, (0, None))
        if given < least or (most is not None and given > most):
            expectation = f"{least} or more" if most is None else f"from {least} to {most}"
            raise RulebookError(
                f"{where}: {given} is no number of {rule.unit or 'unit'}s; expected {expectation}"
            )
        return given
    if rule.kind == "boolean":
        if not isinstance(given, bool):
            raise RulebookError(f"{where}: {given!r} is not true or false")
        return given
    if rule.kind == "set":
        if not isinstance(given, list) or not all(isinstance(member, str) for member in given):
            raise RulebookError(f'{where}: expected a list of words or codes; quote codes, as in ["01234"]')
        _refuse_unknown_choices(where, given, rule)
        if len(set(given)) != len(given):
            raise RulebookError(f"{where}: a member stands twice in {', '.join(given)}")
        return frozenset(given)
    if not isinstance(given, str):
        raise RulebookError(f'{where}: {given!r} is not text; quote codes, as in "01234"')
    _refuse_unknown_choices(where, [given], rule)
    return given


def refuse_other_fields(where: str | Path, content: Mapping[str, Any], allowed: frozenset[str]) -> None:
    """Raise `RulebookError` naming the fields that do not belong here."""
    others = sorted(str(field) for field in content if field not in allowed)
    if others:
        raise RulebookError(
            f"{where}: unknown field {', '.join(others)}; known are {', '.join(sorted(allowed))}"
        )


def required_text(where: str | Path, content: Mapping[str, Any], field: str) -> str:
    """A field that must hold text. Raises `RulebookError` where it does not."""
    given = content.get(field)
    if not isinstance(given, str) or not given.strip():
        raise RulebookError(f"{where}: {field} is missing or not text (quote codes and numbers)")
    return given


def _confidence(where: str, row: Mapping[str, Any]) -> Confidence:
    word = row.get("confidence", "")
    if word not in _CONFIDENCES:
        raise RulebookError(f"{where}: confidence {word!r} is none of {', '.join(Confidence)}")
    confidence = Confidence(word)
    if "value" in row and (row["value"] == UNKNOWN) != (confidence is Confidence.UNKNOWN):
        raise RulebookError(
            f"{where}: `value: unknown` and `confidence: unknown` go together, and only together"
        )
    return confidence


def _refuse_unknown_choices(where: str, given: list[str], rule: Rule) -> None:
    strangers = sorted(set(given) - rule.choices) if rule.choices else []
    if strangers:
        raise RulebookError(f"{where}: {', '.join(strangers)} is none of {', '.join(sorted(rule.choices))}")


def _severity(where: str | Path, word: Any) -> Severity:
    if word not in ("block", "review", "inform"):
        raise RulebookError(f"{where}: severity {word!r} is none of block, review, inform")
    return Severity.of(word)
