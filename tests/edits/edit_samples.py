"""Claims, evidence and payers' rules for the tests of edits: a clean later month, and what to change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

from cocm.basics.identity import Provenance
from cocm.basics.months import Month
from cocm.care.people import Address, Payer, Role
from cocm.care.records import Answer, ClaimStatus, Consent, HistoryLine, InitiatingVisit
from cocm.claims.records import Claim, Organization, Person, ServiceLine
from cocm.coding.records import MonthKind
from cocm.edits.subject import EditSubject, Evidence
from cocm.rules import PackOn, Rulebook

PRACTICE_NPI = "1234567893"
PRACTITIONER_NPI = "1245319599"
BHCM_NPI = "1679576722"
OTHER_NPI = "1003000126"
PRACTICE_TIN = "999000001"
OTHER_TIN = "999000002"
MARCH = Month(2026, 3)
ADDRESS = Address("1 Main St", "Oakland", "CA", "946120000")
PAYER = Payer("MED", "Medicare Test", "medicare", "12345", "BH999", "R1", None)
CONSENT = Consent(Answer.YES, date(2026, 1, 5), "verbal", "BHCM-1", Answer.YES)
VISIT = InitiatingVisit(None, "", Answer.NO, date(2025, 12, 1))
EVIDENCE = Evidence(
    month_kind=MonthKind.LATER,
    minutes_counted=70,
    episode_start_date=date(2026, 1, 5),
    consent=CONSENT,
    initiating_visit=VISIT,
    group_npi=PRACTICE_NPI,
    roles_by_npi={PRACTITIONER_NPI: Role.BILLING_PRACTITIONER, BHCM_NPI: Role.BHCM},
    credentialed_places=frozenset({"11"}),
    first_service_date=date(2026, 1, 5),
    coverage_from_date=date(2025, 1, 1),
    is_authorized=False,
    minutes_set_apart=0,
)


def policy(
    pack_id: str = "medicare", day: date = date(2026, 3, 31), rulebook: Rulebook | None = None
) -> PackOn:
    """A payer's rules on a date, from the shipped rulebook unless another is given."""
    return (rulebook or SHIPPED).pack(pack_id).on(day)


SHIPPED = Rulebook()


def line(
    code: str = "99493", units: int = 1, number: int = 1, day: date = date(2026, 3, 31), pointers=(1,)
) -> ServiceLine:
    """A service line of March 2026."""
    return ServiceLine(number, code, (), units, 20_000 * units, day, tuple(pointers))


def claim(*lines: ServiceLine, **changes) -> Claim:
    """A clean claim of March 2026 with these lines (a later-month base line if none is given)."""
    clean = Claim(
        claim_id="C-1",
        organization_id="ORG",
        month=MARCH,
        pack_id="medicare",
        patient_id="P-1",
        patient_last_name="TEST",
        patient_first_name="PAT",
        patient_birth_date=date(1980, 1, 1),
        patient_sex="F",
        patient_address=ADDRESS,
        relationship="self",
        subscriber=None,
        member_id="M1",
        group_number="",
        claim_filing_code="MB",
        payer_sequence="P",
        payer=Organization("Medicare Test", "12345", "", "", None),
        billing=Organization("Test Group", PRACTICE_NPI, PRACTICE_TIN, "207Q00000X", ADDRESS),
        billing_phone="5105550100",
        rendering=Person("DOC", "ANN", PRACTITIONER_NPI, "207Q00000X"),
        supervising=None,
        referring=None,
        service_facility=None,
        place_of_service_code="11",
        frequency_code="1",
        payer_claim_control_number="",
        diagnosis_codes=("F321",),
        lines=lines or (line(),),
        provenance=Provenance("ORG", date(2026, 4, 2), "test"),
    )
    return replace(clean, **changes)


def history(code: str = "99493", day: date = date(2026, 2, 28), **changes) -> HistoryLine:
    """A paid line of the practice, of February 2026 unless another day is given."""
    paid = HistoryLine(
        patient_id="P-1",
        payer_id="MED",
        claim_id="H-1",
        claim_line_number=1,
        service_date=day,
        hcpcs_code=code,
        service_unit_quantity=1,
        billing_npi=PRACTICE_NPI,
        billing_tin=PRACTICE_TIN,
        rendering_npi=PRACTITIONER_NPI,
        status=ClaimStatus.PAID,
        payer_claim_control_number="ICN1",
        frequency_code="1",
    )
    return replace(paid, **changes)


def subject(
    *lines: ServiceLine, pack_id: str = "medicare", past=(), evidence: Evidence = EVIDENCE, **changes
) -> EditSubject:
    """A claim to check as of 2 April 2026; `changes` go into the claim."""
    checked = claim(*lines, **changes)
    day = checked.lines[0].service_date
    return EditSubject(checked, PAYER, policy(pack_id, day), tuple(past), evidence, date(2026, 4, 2))


def overlay(
    folder: Path, packs: Mapping[str, Mapping[str, str]], confidence: Mapping[str, str] | None = None
) -> Rulebook:
    """The shipped rulebook with further packs under `cpt`, each restating rules (values as in YAML)."""
    for pack_id, rules in packs.items():
        pack = folder / "payers" / pack_id
        (pack / "rules").mkdir(parents=True)
        profile = {"id": pack_id, "label": pack_id, "parent": "cpt", "line_of_business": "commercial"}
        write_fields(pack / "profile.yaml", {**profile, "claim_filing_code": "CI"})
        for rule_id, value in rules.items():
            sure = "unknown" if value == "unknown" else (confidence or {}).get(pack_id, "stated")
            row = (
                f"{{effective_from: 2017-01-01, observed: 2026-01-01, value: {value}, confidence: {sure},"
                " source: {title: a test, url: 'test:', grade: B}}"
            )
            write_fields(pack / "rules" / f"{rule_id}.yaml", {"id": rule_id, "values": f"[{row}]"})
    return Rulebook([folder])


def write_fields(path: Path, fields: Mapping[str, str]) -> None:
    """A YAML file of these fields."""
    path.write_text("".join(f"{name}: {value}\n" for name, value in fields.items()))
