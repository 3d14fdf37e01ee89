"""A patient-month in good order, and what to change: contacts, episodes, case files, overlay packs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from cocm.basics.months import Month
from cocm.care.casefile import CaseFile
from cocm.care.people import Address, Coverage, Patient, Payer, Practice, Role, Site, StaffMember
from cocm.care.records import (
    Activity,
    Answer,
    CaseloadReview,
    ClaimStatus,
    Consent,
    Contact,
    Episode,
    HistoryLine,
    InitiatingVisit,
    MeasureScore,
    Modality,
    Outcome,
    Programme,
)
from cocm.rules import PackOn, Rulebook

SHIPPED = Rulebook()
MARCH = Month(2026, 3)
PACIFIC = timezone(timedelta(hours=-8))
ADDRESS = Address("1 Main St", "Oakland", "CA", "94612")
SITE = Site("S1", "Main clinic", "", "11", ADDRESS, "America/Los_Angeles", "")
PRACTITIONER = StaffMember("BP1", "Ito", "Ken", Role.BILLING_PRACTITIONER, "1245319599", "", "MD", ("S1",))
BHCM = StaffMember("CM1", "Ruiz", "Ana", Role.BHCM, "1679576722", "", "LCSW", ())
COVERAGE = Coverage("P1", "PAY1", "M1", "", "self", None, date(2020, 1, 1), None, 1)
CONSENT = Consent(Answer.YES, date(2025, 1, 6), "verbal", "CM1", Answer.YES)
VISIT = InitiatingVisit(date(2024, 12, 20), "99214", Answer.NO, date(2024, 12, 20))
EPISODE = Episode(
    episode_id="E1",
    patient_id="P1",
    start_date=date(2025, 1, 6),
    end_date=None,
    end_reason="",
    site_id="S1",
    billing_practitioner_id="BP1",
    bhcm_id="CM1",
    psychiatric_consultant_id="PC1",
    referring_practitioner_id="",
    diagnosis_codes=("F33.1",),
    consent=CONSENT,
    initiating_visit=VISIT,
    first_service_date=date(2025, 1, 6),
)


def policy(pack_id: str = "medicare", day: date = date(2026, 3, 31), rulebook: Rulebook = SHIPPED) -> PackOn:
    """A payer's rules on a date."""
    return rulebook.pack(pack_id).on(day)


def overlay(folder: Path, values: Mapping[str, Any], *, parent: str = "medicare", **row: str) -> Rulebook:
    """The shipped rulebook with a pack `contract` that restates some rules, from 2017 on, as its contract states."""
    rules = folder / "payers" / "contract" / "rules"
    rules.mkdir(parents=True)
    (rules.parent / "profile.yaml").write_text(
        f"id: contract\nlabel: A contract\nparent: {parent}\nline_of_business: commercial\nclaim_filing_code: 'CI'\n"
    )
    for rule_id, value in values.items():
        confidence = "unknown" if value == "unknown" else row.get("confidence", "stated")
        severity = f"    severity: {row['severity']}\n" if "severity" in row else ""
        (rules / f"{rule_id}.yaml").write_text(
            f"id: {rule_id}\nvalues:\n  - effective_from: 2017-01-01\n    observed: 2026-01-01\n"
            f"    value: {_yaml(value)}\n    confidence: {confidence}\n{severity}"
            "    source: {title: The contract, url: 'https://example.org/contract', grade: B}\n"
        )
    return Rulebook([folder])


def _yaml(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (list, tuple, set)):
        return "[" + ", ".join(f'"{member}"' for member in value) + "]"
    return f'"{value}"' if isinstance(value, str) and value != "unknown" else str(value)


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


def history(code: str, month: Month, **changes: Any) -> HistoryLine:
    """A paid claim line of an earlier month."""
    usual = HistoryLine(
        patient_id="P1",
        payer_id="PAY1",
        claim_id=f"C-{month}",
        claim_line_number=1,
        service_date=month.last_day,
        hcpcs_code=code,
        service_unit_quantity=1,
        billing_npi="1234567893",
        billing_tin="999000001",
        rendering_npi="1245319599",
        status=ClaimStatus.PAID,
        payer_claim_control_number="",
        frequency_code="1",
    )
    return replace(usual, **changes)


def case_file(
    *contacts: Contact, month: Month = MARCH, pack_id: str = "medicare", **changes: Any
) -> CaseFile:
    """A case file that lacks nothing: complete records since 2024, consent, diagnosis, site, review and scale."""
    practice = Practice(
        organization_id="O1",
        name="Practice",
        billing_npi="1234567893",
        billing_tin="999000001",
        taxonomy_code="207Q00000X",
        address=ADDRESS,
        phone="5105550100",
        contact_name="Billing",
        time_zone="America/Los_Angeles",
        submitter_id="SUB1",
        contacts_complete_from=changes.pop("contacts_complete_from", date(2024, 1, 1)),
    )
    usual = CaseFile(
        practice=practice,
        month=month,
        patient=Patient("P1", "Test", "Pat", date(1990, 1, 1), "F", ADDRESS),
        episode=EPISODE,
        coverages=(COVERAGE,),
        payer=Payer("PAY1", "Payer", pack_id, "12345", "", "R1", None),
        site=SITE,
        billing_practitioner=PRACTITIONER,
        bhcm=BHCM,
        referring_practitioner=None,
        contacts=contacts,
        measures=(MeasureScore("P1", "phq-9", month.first_day, 12),),
        reviews=(CaseloadReview("P1", month.first_day, "CM1", "PC1"),),
        caseload_review_held=True,
        other_services=(),
        history=(),
    )
    return replace(usual, **changes)


def lines_of(proposal: Any) -> dict[str, int]:
    """The proposed units by code."""
    return {line.hcpcs_code: line.units for line in proposal.lines}
