"""Contacts of one patient and their ledger under a payer's rules, for the tests of minutes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from cocm.basics.months import Month
from cocm.care.minutes import MinutesLedger, count_minutes
from cocm.care.people import Role
from cocm.care.records import (
    Activity,
    Answer,
    Consent,
    Contact,
    Modality,
    OtherService,
    Outcome,
    Programme,
)
from cocm.rules import PackOn, Rulebook

SHIPPED = Rulebook()
MEDICARE = SHIPPED.pack("medicare").on(date(2026, 3, 31))
MARCH = Month(2026, 3)
PACIFIC = timezone(timedelta(hours=-8))
CONSENTED = Consent(Answer.YES, date(2026, 1, 5), "verbal", "CM1", Answer.YES)


def contact(contact_id: str, start: str = "2026-03-10 09:00", minutes: float = 20, **changes: Any) -> Contact:
    """A care manager's follow-up; `start` is local, in Pacific standard time unless it names its offset."""
    started_at = datetime.fromisoformat(start)
    if started_at.tzinfo is None:
        started_at = started_at.replace(tzinfo=PACIFIC)
    usual = Contact(
        contact_id=contact_id,
        patient_id="P1",
        staff_id="CM1",
        role=Role.BHCM,
        started_at=started_at,
        service_seconds=round(minutes * 60),
        note_seconds=0,
        activity=Activity.FOLLOW_UP,
        modality=Modality.PHONE,
        outcome=Outcome.DONE,
        programme=Programme.COCM,
        acting_as_bhcm=False,
        billed_elsewhere_code="",
        billed_elsewhere_seconds=0,
        recorded_on=started_at.date(),
        corrects_contact_id="",
        correction_reason="",
    )
    return replace(usual, **changes)


def count(
    *contacts: Contact,
    month: Month = MARCH,
    rules: PackOn = MEDICARE,
    consent: Consent = CONSENTED,
    episode_start: date = date(2026, 1, 5),
    other_services: Iterable[OtherService] = (),
    **bounds: Any,
) -> MinutesLedger:
    """The month's ledger; `bounds` are the episode's end and the days the payer's policy covers."""
    return count_minutes(
        contacts,
        month=month,
        policy=rules,
        consent=consent,
        episode_start=episode_start,
        other_services=other_services,
        **bounds,
    )


def excluded(ledger: MinutesLedger) -> dict[str, dict[str, int]]:
    """Excluded seconds by contact and reason."""
    return {
        entry.contact_id: {item.reason.value: item.seconds for item in entry.exclusions}
        for entry in ledger.entries
        if entry.exclusions
    }


def contract(folder: Path, values: Mapping[str, str], confidence: str = "stated") -> PackOn:
    """Medicare's rules with some restated by a contract; values as YAML text."""
    rules = folder / "payers" / "contract" / "rules"
    rules.mkdir(parents=True)
    (rules.parent / "profile.yaml").write_text(
        "id: contract\nlabel: A contract\nparent: medicare\nline_of_business: commercial\nclaim_filing_code: 'CI'\n"
    )
    for rule_id, value in values.items():
        (rules / f"{rule_id}.yaml").write_text(
            f"id: {rule_id}\nvalues:\n  - effective_from: 2017-01-01\n    observed: 2026-01-01\n"
            f"    value: {value}\n    confidence: {'unknown' if value == 'unknown' else confidence}\n"
            "    source: {title: The contract, url: 'https://example.org/contract', grade: B}\n"
        )
    return Rulebook([folder]).pack("contract").on(date(2026, 3, 31))
