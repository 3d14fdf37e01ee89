"""The named patient-months of tests/cases: what the practice recorded, and what must be proposed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from case_samples import EPISODE, SHIPPED, case_file, contact, history, lines_of, overlay

from cocm.basics.months import Month
from cocm.care.casefile import CaseFile
from cocm.care.people import Role
from cocm.care.records import Activity, Answer, Consent, Contact, Episode, Modality, OtherService, Outcome
from cocm.coding.proposal import propose
from cocm.coding.records import Missing, Proposal
from cocm.rules.yaml_reader import read_yaml

CASES = sorted((Path(__file__).parents[1] / "cases").glob("*.yaml"))


def read_contact(row: Mapping[str, Any]) -> Contact:
    elsewhere = row.get("billed_elsewhere", {"code": "", "minutes": 0})
    changes: dict[str, Any] = {
        "staff_id": row.get("staff", "CM1"),
        "role": Role(row.get("by", "bhcm")),
        "activity": Activity(row.get("activity", "follow_up")),
        "modality": Modality(row.get("modality", "phone")),
        "outcome": Outcome(row.get("outcome", "done")),
        "acting_as_bhcm": row.get("acting_as_bhcm") == "yes",
        "note_seconds": row.get("note_minutes", 0) * 60,
        "billed_elsewhere_code": elsewhere["code"],
        "billed_elsewhere_seconds": elsewhere["minutes"] * 60,
        "corrects_contact_id": row.get("corrects", ""),
        "correction_reason": row.get("reason", ""),
    }
    if "recorded" in row:
        changes["recorded_on"] = date.fromisoformat(row["recorded"])
    return contact(row["id"], row["start"], row["minutes"], **changes)


def read_episode(given: Mapping[str, Any]) -> Episode:
    consent = given.get("consent", {"given": "yes", "date": "2025-01-06", "form": "verbal"})
    consent_date = date.fromisoformat(consent["date"]) if "date" in consent else None
    start = date.fromisoformat(given.get("start", "2025-01-06"))
    return replace(
        EPISODE,
        start_date=start,
        first_service_date=date.fromisoformat(given["first_service"]) if "first_service" in given else None,
        diagnosis_codes=tuple(given.get("diagnoses", EPISODE.diagnosis_codes)),
        consent=Consent(Answer(consent["given"]), consent_date, consent.get("form", ""), "CM1", Answer.YES),
        initiating_visit=replace(EPISODE.initiating_visit, visit_date=start, last_seen_date=start),
    )


def read_case(case: Mapping[str, Any]) -> CaseFile:
    services = [
        OtherService(
            patient_id="P1",
            service_date=date.fromisoformat(row["date"]),
            stay_to=date.fromisoformat(row["stay_to"]) if "stay_to" in row else None,
            hcpcs_code=row.get("code", ""),
            minutes=None,
            rendering_npi="",
            billing_npi="",
        )
        for row in case.get("other_services", ())
    ]
    complete_from = case.get("practice", {}).get("contacts_complete_from", "2024-01-01")
    return case_file(
        *(read_contact(row) for row in case["contacts"]),
        month=Month.parse(case["month"]),
        pack_id=case["payer"],
        contacts_complete_from=date.fromisoformat(complete_from) if complete_from else None,
        episode=read_episode(case.get("episode", {})),
        other_services=tuple(services),
        history=tuple(history(row["code"], Month.parse(row["month"])) for row in case.get("history", ())),
    )


def excluded_minutes(proposal: Proposal) -> dict[str, float]:
    totals: Counter[str] = Counter()
    for entry in proposal.ledger.entries:
        for item in entry.exclusions:
            totals[item.reason.value] += item.seconds
    return {reason: seconds / 60 for reason, seconds in totals.items()}


def grade(item: Missing) -> str:
    return "no data" if item.is_no_data else item.severity.word


def seen(proposal: Proposal) -> dict[str, Any]:
    """What a case file may expect, by its name there."""
    tier = proposal.next_tier
    return {
        "month_kind": proposal.month_kind.value,
        "minutes": proposal.ledger.minutes_counted,
        "lines": lines_of(proposal),
        "excluded": excluded_minutes(proposal),
        "offered": sorted({item.hcpcs_code for item in proposal.rejected if item.is_offered}),
        "missing": {item.gap.value: grade(item) for item in proposal.missing},
        "is_blocked": proposal.is_blocked,
        "needs_person": proposal.needs_person,
        "has_no_data": proposal.has_no_data,
        "care_due": [due.value for due in proposal.care_due],
        "next_tier": tier
        and {"code": tier.hcpcs_code, "units": tier.units, "minutes_short": tier.minutes_short},
    }


@pytest.mark.parametrize("path", CASES, ids=[path.stem for path in CASES])
def test_the_case_is_proposed_as_it_says(path: Path, tmp_path: Path) -> None:
    case = read_yaml(path)
    rulebook = overlay(tmp_path, case["contract"]) if "contract" in case else SHIPPED
    month = Month.parse(case["month"])
    proposal = propose(read_case(case), rulebook.pack(case["payer"]).on(month.last_day))
    expected = dict(case["expect"])
    reason_holds = expected.pop("reason_holds", "")
    missing_holds = expected.pop("missing_holds", "")
    found = seen(proposal)
    assert {name: found[name] for name in expected} == expected
    assert not reason_holds or any(reason_holds in reason.text for reason in proposal.reasons)
    assert not missing_holds or missing_holds in [item.reason.text for item in proposal.missing]


def test_the_named_cases_are_found() -> None:
    assert len(CASES) >= 20
