"""Writes what the core knows (claims with history and evidence, a payer's rules) into rows of the tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Final, TypeAlias

from cocm.basics.errors import UnusableInput
from cocm.basics.months import Month, day_number
from cocm.care.people import Payer, Role
from cocm.care.records import Answer, HistoryLine
from cocm.claims.records import ServiceLine
from cocm.coding.records import MonthKind
from cocm.edits.codes import cocm_codes
from cocm.edits.context import (
    DIAGNOSES_ALLOWED,
    DIAGNOSES_DENIED,
    EXCLUDED_CODES,
    INITIATING_VISIT_CODES,
    POINTERS_MAX,
)
from cocm.edits.derive import FACTS, policy_context
from cocm.edits.discovery import catalogue
from cocm.edits.fact import Fact, FactValue, Scope
from cocm.edits.kleene import Unknown
from cocm.edits.subject import EditSubject, Evidence
from cocm.rules import PackOn, Rulebook
from cocm.warehouse.tables import INPUT_TABLES, Table

Value: TypeAlias = int | bool | str | None
Row: TypeAlias = tuple[Value, ...]
Rows: TypeAlias = dict[str, list[Row]]

_SET_RULES: Final = (EXCLUDED_CODES, DIAGNOSES_ALLOWED, DIAGNOSES_DENIED, INITIATING_VISIT_CODES)
_ROWS_A_STATEMENT: Final = 500
_HISTORY_ORDER: Final = 0
_CLAIM_ORDER: Final = 1


def subjects_to_rows(subjects: Iterable[EditSubject]) -> Rows:
    """The rows of every input table for these claims, their histories and the rules that hold for them.

    Each subject's patient must be another, because a person's history is shared by all of the person's
    claims; a payer's id must stand for one contract. Raises `UnusableInput` otherwise.
    """
    rows: Rows = {table.name: [] for table in INPUT_TABLES}
    policies: dict[str, PackOn] = {}
    payers: dict[str, Payer] = {}
    people: set[str] = set()
    evidence = EvidenceRows(rows)
    for subject in subjects:
        claim = subject.claim
        if claim.patient_id in people:
            raise UnusableInput(
                f"claim {claim.claim_id}: its patient has another claim among those to check at once"
            )
        people.add(claim.patient_id)
        if (
            subject.payer is not None
            and payers.setdefault(subject.payer.payer_id, subject.payer) != subject.payer
        ):
            raise UnusableInput(
                f"payer {subject.payer.payer_id}: two contracts have this id; give each its own"
            )
        policies[policy_id_of(subject.policy)] = subject.policy
        rows["claim_line"].extend(_claim_line(subject, line) for line in claim.lines)
        rows["claim_diagnosis"].extend(
            (claim.claim_id, position, code) for position, code in enumerate(claim.diagnosis_codes, start=1)
        )
        rows["history_line"].extend(_history_line(claim.patient_id, line) for line in subject.history)
        evidence.add(claim.claim_id, subject.evidence)
    rows["payer"].extend(
        (payer.payer_id, payer.payer_identifier, payer.behavioral_payer_identifier, payer.filing_limit_days)
        for payer in payers.values()
    )
    for policy in policies.values():
        day = day_number(policy.day)
        add_policy(rows, policy, day, day + 1)
    for rulebook in {id(policy.pack.rulebook): policy.pack.rulebook for policy in policies.values()}.values():
        rows["cocm_code"].extend(code_rows(rulebook))
    return rows


def policy_id_of(policy: PackOn) -> str:
    """The key of a payer's rules on a date in the table `policy`."""
    return f"{policy.payer_id}@{policy.day}"


def stored(fact: Fact, value: FactValue) -> Row:
    """A fact's value as its columns hold it: total, with its companion where it may be unknown."""
    if isinstance(value, Unknown):
        assert fact.may_be_unknown, f"fact {fact.name} is unknown but does not say that it may be"
        return fact.kind.default, True
    return (value, False) if fact.may_be_unknown else (value,)


def stored_facts(facts: Iterable[Fact], values: Mapping[str, FactValue]) -> Row:
    """The columns of several facts, in the facts' order."""
    return tuple(column for fact in facts for column in stored(fact, values[fact.name]))


def insert_statements(table: Table, rows: Sequence[Row]) -> Iterator[str]:
    """Statements that put rows into a table, the same text on every engine."""
    for start in range(0, len(rows), _ROWS_A_STATEMENT):
        chunk = rows[start : start + _ROWS_A_STATEMENT]
        values = ",\n".join(f"({', '.join(_literal(value) for value in row)})" for row in chunk)
        yield f"insert into {table.name} values\n{values}"


def _literal(value: Value) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    quoted = value.replace("'", "''")
    return f"'{quoted}'"


def add_policy(rows: Rows, policy: PackOn, from_day: int, to_day: int) -> None:
    """Add a payer's rules as they hold from one `day_number` until before another."""
    policy_id = policy_id_of(policy)
    facts = [fact for fact in FACTS.values() if fact.scope is Scope.POLICY]
    head = (policy_id, policy.payer_id, from_day, to_day)
    rows["policy"].append(head + stored_facts(facts, policy_context(policy).facts))
    for rule_id in _SET_RULES:
        rows["policy_member"].extend(
            (policy_id, rule_id, member) for member in sorted(policy.members(rule_id))
        )
    rows["policy_severity"].extend(
        (policy_id, edit.id, int(edit.severity_for(policy))) for edit in catalogue()
    )


def code_rows(rulebook: Rulebook) -> Iterator[Row]:
    """The rows of `cocm_code`."""
    for code, role in cocm_codes(rulebook).items():
        yield code, role.is_parent, role.is_addon, role.is_short_month


class EvidenceRows:
    """Writes evidence, with each set of people and of places once."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._rosters: dict[tuple[tuple[str, Role], ...], str] = {}
        self._places: dict[frozenset[str], str] = {}

    def add(self, claim_id: str, evidence: Evidence) -> None:
        """Add the evidence on one claim."""
        consent, visit = evidence.consent, evidence.initiating_visit
        self._rows["evidence"].append(
            (
                claim_id,
                None if evidence.month_kind is MonthKind.UNKNOWN else evidence.month_kind.value,
                evidence.minutes_counted,
                _day(evidence.episode_start_date),
                _answer(consent.given) if consent is not None else None,
                _day(consent.consent_date) if consent is not None else None,
                consent.form or None if consent is not None else None,
                visit.visit_date is not None if visit is not None else None,
                _day(visit.visit_date) if visit is not None else None,
                visit.hcpcs_code if visit is not None else None,
                _answer(visit.is_new_patient) if visit is not None else None,
                _day(visit.last_seen_date) if visit is not None else None,
                evidence.group_npi,
                self._roster_id(evidence.roles_by_npi),
                self._place_set_id(evidence.credentialed_places),
            )
        )

    def _roster_id(self, roles: Mapping[str, Role] | None) -> str | None:
        if roles is None:
            return None
        key = tuple(sorted(roles.items()))
        if key not in self._rosters:
            self._rosters[key] = f"roster-{len(self._rosters) + 1}"
            self._rows["roster_member"].extend((self._rosters[key], npi, role.value) for npi, role in key)
        return self._rosters[key]

    def _place_set_id(self, places: frozenset[str] | None) -> str | None:
        if places is None:
            return None
        if places not in self._places:
            self._places[places] = f"places-{len(self._places) + 1}"
            self._rows["credentialed_place"].extend((self._places[places], place) for place in sorted(places))
        return self._places[places]


def _day(day: date | None) -> int | None:
    return None if day is None else day_number(day)


def _answer(answer: Answer) -> bool | None:
    return None if answer is Answer.UNKNOWN else answer is Answer.YES


def _claim_line(subject: EditSubject, line: ServiceLine) -> Row:
    claim = subject.claim
    rendering = claim.rendering.npi if claim.rendering is not None else claim.billing.identifier
    pointers = (*line.diagnosis_pointers, 0, 0, 0, 0)[:POINTERS_MAX]
    return (
        claim.claim_id,
        line.claim_line_number,
        claim.patient_id,
        _CLAIM_ORDER,
        subject.policy.payer_id,
        day_number(subject.policy.day),
        day_number(subject.as_of_date),
        subject.payer.payer_id if subject.payer is not None else "",
        claim.payer.identifier,
        claim.payer_sequence,
        claim.billing.identifier,
        claim.billing.tin,
        rendering,
        claim.supervising.npi if claim.supervising is not None else "",
        claim.place_of_service_code,
        claim.frequency_code,
        claim.payer_claim_control_number,
        line.hcpcs_code,
        line.service_unit_quantity,
        day_number(line.service_date),
        Month.of(line.service_date).index,
        line.service_date.year,
        *pointers,
    )


def _history_line(person_id: str, line: HistoryLine) -> Row:
    return (
        person_id,
        _HISTORY_ORDER,
        line.payer_id,
        line.claim_id,
        line.hcpcs_code,
        line.service_unit_quantity,
        Month.of(line.service_date).index,
        line.service_date.year,
        line.billing_npi,
        line.billing_tin,
        line.status.value,
        line.payer_claim_control_number,
        line.frequency_code,
    )
