"""One patient's month as a close made now would decide it, for its page."""

from __future__ import annotations

from datetime import date

from cocm.basics.months import Month
from cocm.close.decide import MonthDecision
from cocm.close.one_patient import decide_patient
from cocm.rules import RuleValue
from cocm.rules.values import show_value
from cocm.server.access.actor import Actor
from cocm.server.books.port import practice_books
from cocm.server.look.parts import Citation
from cocm.server.practice_port import PracticePort
from cocm.server.registry.models import Patient
from cocm.server.rules_in_force import rulebook


def decided_now(*, actor: Actor, patient: Patient, month: Month, today: date) -> list[MonthDecision]:
    """The decisions, one for each episode that is active in the month.

    Raises `TableError` where the practice is still being set up.
    """
    port = PracticePort(actor)
    reference = port.reference
    with practice_books(actor) as books:
        return [
            decision
            for rows in port.patient_groups([patient.pk])
            for decision in decide_patient(rows, reference, rulebook(), books, month=month, as_of_date=today)
        ]


def citations(*rules: RuleValue) -> list[Citation]:
    """Rule values as the look's citations, each once."""
    found = {(rule.rule_id, rule.payer_id): rule for rule in rules}
    return [
        Citation(
            rule=rule.rule_id,
            label=rule.label,
            value=show_value(rule.value) if rule.is_known else "not known",
            effective_from=rule.effective_from,
            effective_to=rule.effective_to,
            source=rule.source.title if rule.source else "",
            source_url=rule.source.url if rule.source else "",
            confidence=rule.confidence.value,
        )
        for rule in found.values()
    ]
