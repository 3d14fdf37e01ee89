"""Writes what the core knows (claims with history and evidence, a payer's rules) into rows of the tables."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

from cocm.basics.errors import UnusableInput
from cocm.basics.months import Month, day_number
from cocm.care.people import Payer
from cocm.care.records import HistoryLine
from cocm.claims.records import POINTERS_MAX, ServiceLine
from cocm.edits.codes import cocm_codes
from cocm.edits.facts.dates import age_in_years
from cocm.edits.subject import EditSubject
from cocm.rules import PackOn
from cocm.warehouse.evidence_rows import EvidenceRows
from cocm.warehouse.national_rows import national_rows
from cocm.warehouse.policy_rows import add_policy, code_rows, policy_id_of
from cocm.warehouse.tables import INPUT_TABLES
from cocm.warehouse.values import Row, Rows

_HISTORY_ORDER: Final = 0
_CLAIM_ORDER: Final = 1
_MODIFIERS_MAX: Final = 4


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
        (
            payer.payer_id,
            payer.payer_identifier,
            payer.behavioral_payer_identifier,
            payer.filing_limit_days,
            None if payer.attested_from is None else day_number(payer.attested_from),
        )
        for payer in payers.values()
    )
    for policy in policies.values():
        day = day_number(policy.day)
        add_policy(rows, policy, day, day + 1)
    for rulebook in {id(policy.pack.rulebook): policy.pack.rulebook for policy in policies.values()}.values():
        rows["cocm_code"].extend(code_rows(rulebook))
        for name, found in national_rows(rulebook).items():
            rows[name].extend(found)
    return rows


def _claim_line(subject: EditSubject, line: ServiceLine) -> Row:
    claim = subject.claim
    rendering = claim.rendering.npi if claim.rendering is not None else claim.billing.identifier
    rendering_taxonomy = (claim.rendering if claim.rendering is not None else claim.billing).taxonomy_code
    first_day = line.service_from_date or line.service_date
    age_years = age_in_years(claim.patient_birth_date, _first_day(subject))
    modifiers = (*line.modifiers, "", "", "", "")[:_MODIFIERS_MAX]
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
        claim.billing.taxonomy_code,
        rendering,
        rendering_taxonomy,
        claim.supervising.npi if claim.supervising is not None else "",
        claim.place_of_service_code,
        claim.frequency_code,
        claim.payer_claim_control_number,
        claim.prior_authorization_number,
        bool(claim.paperwork) or any(other.paperwork for other in claim.lines),
        day_number(claim.patient_birth_date),
        age_years,
        line.hcpcs_code,
        *modifiers,
        line.service_unit_quantity,
        line.unit_basis_code,
        line.is_whole_quantity,
        line.charge_amount_cents,
        day_number(first_day),
        Month.of(first_day).index,
        Month.of(line.service_date).last_day == line.service_date,
        day_number(line.service_date),
        Month.of(line.service_date).index,
        line.service_date.year,
        *pointers,
    )


def _first_day(subject: EditSubject) -> date:
    """The earliest date of service of the claim's CoCM lines, or of all its lines where it has none."""
    codes = cocm_codes(subject.policy.pack.rulebook)
    lines = [line for line in subject.claim.lines if line.hcpcs_code in codes] or subject.claim.lines
    return min(line.service_date for line in lines)


def _history_line(person_id: str, line: HistoryLine) -> Row:
    return (
        person_id,
        _HISTORY_ORDER,
        line.payer_id,
        line.claim_id,
        line.hcpcs_code,
        line.service_unit_quantity,
        day_number(line.service_date),
        Month.of(line.service_date).index,
        line.service_date.year,
        line.billing_npi,
        line.billing_tin,
        line.rendering_npi,
        line.status.value,
        line.payer_claim_control_number,
        line.frequency_code,
    )
