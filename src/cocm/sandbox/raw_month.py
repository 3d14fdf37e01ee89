"""A practice's month as a plain spreadsheet would bill it: minutes added up, no question asked.

All minutes written down count, whoever's and whatever else they were billed with; the month in which the episode began
is a first month and every other a later one; nobody looks for consent, coverage, a diagnosis, a site or what was billed
before. Beside it stand the claims that the plan has seen by then: the months before, other practices', psychotherapy.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from pathlib import Path
from random import Random
from typing import Final

from cocm.basics.months import Month
from cocm.care.casefile import CaseFile
from cocm.care.records import ClaimStatus, HistoryLine
from cocm.claims.build import month_claim
from cocm.claims.records import Claim, Organization, ServiceLine
from cocm.coding.proposal import propose
from cocm.coding.records import MonthKind
from cocm.coding.time import propose_for_minutes
from cocm.impact.practice import PatientMonth, months_of_practice
from cocm.rules import Rulebook
from cocm.rules.profile import ROOT_PAYER
from cocm.sandbox.coding_faults import CodingFault, with_fault
from cocm.x12 import read_837p, write_837p
from cocm.x12.envelope import Envelope

_STANDING: Final = (ClaimStatus.PAID, ClaimStatus.ACCEPTED, ClaimStatus.SENT)
_OTHER_TIN: Final = "990000777"
_THERAPY_CHARGE_CENTS: Final = 15_000
_SECONDS: Final = 60
_HUNDRED: Final = 100
_MINUTES_MAX: Final = 2_000
_DIAGNOSIS: Final = re.compile(rb"(AB[KF]:[A-Z][0-9][0-9A-Z])([0-9A-Z])")
_AT: Final = time(12)
_EARLIER, _RAW = 1, 2


@dataclass(slots=True)
class PayerMonth:
    """One payer's files: what the plan has seen before, and the month as it would be sent unchecked."""

    payer_identifier: str
    pack_id: str
    faults: Counter[CodingFault] = field(default_factory=Counter)
    claims: list[Claim] = field(default_factory=list)
    earlier: list[Claim] = field(default_factory=list)

    def earlier_file(self, as_of_date: date) -> bytes:
        """The claims that the plan has decided already; empty where there are none."""
        return _written(self.earlier, self.payer_identifier, as_of_date, _EARLIER)

    def raw_file(self, as_of_date: date, formatting_percent: int, seed: int) -> bytes:
        """The month's claims; so many of them, in percent, have the dots of their diagnoses, a common fault of form."""
        content = _written(self.claims, self.payer_identifier, as_of_date, _RAW)
        return _with_dots(content, formatting_percent, Random(f"{seed}/{self.payer_identifier}"))


def raw_months(
    practice: Path, month: Month, rulebook: Rulebook, as_of_date: date, coding_percent: int, seed: int
) -> dict[str, PayerMonth]:
    """The month's claims by payer id, so many in percent with a coding fault.

    Raises `TableError` for tables that cannot be used.
    """
    rng = Random(f"{seed}/coding")
    found: dict[str, PayerMonth] = {}
    for patient_month in months_of_practice(practice, month, as_of_date=as_of_date, on_note=_pass_over):
        case = patient_month.case
        claim = _raw_claim(patient_month, rulebook)
        if claim is not None and case.payer is not None:
            of_payer = found.setdefault(
                claim.payer.identifier, PayerMonth(claim.payer.identifier, case.payer.pack_id)
            )
            policy = rulebook.pack(case.payer.pack_id).on(month.last_day)
            sent, fault = with_fault(claim, policy, coding_percent, rng)
            of_payer.faults.update([fault] if fault is not None else [])
            of_payer.claims.append(sent)
            of_payer.earlier.extend(_earlier_claims(case, claim))
    return found


def _raw_claim(patient_month: PatientMonth, rulebook: Rulebook) -> Claim | None:
    """The claim of a month with minutes enough for a code; None without them, or where nobody could be billed."""
    case, month = patient_month.case, patient_month.month
    if case.payer is None or not case.coverages:
        return None
    seconds = sum(one.service_seconds for one in case.contacts if one.service_date in month)
    is_first = Month.of(case.episode.start_date) == month
    general = rulebook.pack(ROOT_PAYER).on(month.last_day)
    lines = propose_for_minutes(
        min(seconds // _SECONDS, _MINUTES_MAX), MonthKind.FIRST if is_first else MonthKind.LATER, general
    ).lines
    if not lines:
        return None
    policy = rulebook.pack(case.payer.pack_id).on(month.last_day)
    practitioner = case.billing_practitioner
    mended = replace(
        case,
        site=case.site or next(iter(patient_month.reference.sites.values())),
        coverages=(replace(case.coverages[0], coverage_to=None),),
        bhcm=case.bhcm if case.bhcm is not None and case.bhcm.npi else practitioner,
        contacts=(),
    )
    proposal = replace(propose(mended, policy, as_of_date=patient_month.provenance.as_of_date), lines=lines)
    claim = month_claim(mended, proposal, policy, patient_month.charges, patient_month.provenance)
    if isinstance(claim, Claim):
        return claim
    pointed = replace(
        mended, episode=replace(case.episode, diagnosis_codes=_behavioral(policy.members(_ALLOWED)))
    )
    claim = month_claim(pointed, proposal, policy, patient_month.charges, patient_month.provenance)
    codes = case.episode.diagnosis_codes
    if not isinstance(claim, Claim) or not codes:
        return None
    unpointed = tuple(replace(line, diagnosis_pointers=(1,)) for line in claim.lines)
    return replace(claim, diagnosis_codes=codes, lines=unpointed)


_ALLOWED: Final = "diagnosis.prefixes_allowed"


def _behavioral(prefixes: Iterable[str]) -> tuple[str, ...]:
    """Any diagnosis that a claim may be built with; the caller puts the real ones in its place."""
    return tuple(sorted(prefixes)[:1])


def _earlier_claims(case: CaseFile, claim: Claim) -> Iterator[Claim]:
    """What the plan has decided of the patient by now: claims that stand, and psychotherapy of the month."""
    assert case.payer is not None
    by_claim: dict[str, list[HistoryLine]] = {}
    for line in case.history:
        if line.status in _STANDING and line.payer_id == case.payer.payer_id:
            by_claim.setdefault(line.claim_id, []).append(line)
    for claim_id, lines in by_claim.items():
        yield _like(claim, claim_id, lines, claim.lines[0])
    for number, service in enumerate(case.other_services):
        if service.hcpcs_code and service.service_date in case.month:
            therapy = replace(
                claim.lines[0],
                hcpcs_code=service.hcpcs_code,
                service_unit_quantity=1,
                charge_amount_cents=_THERAPY_CHARGE_CENTS,
                service_date=service.service_date,
            )
            yield replace(claim, claim_id=f"{claim.claim_id}-T{number}", lines=(therapy,))


def _like(claim: Claim, claim_id: str, history: Iterable[HistoryLine], pattern: ServiceLine) -> Claim:
    """A claim of the same patient with the lines of an earlier one, charged as the pattern."""
    held = list(history)
    billing = claim.billing
    if held[0].billing_npi != billing.identifier:
        billing = Organization(
            "ANOTHER PRACTICE", held[0].billing_npi, _OTHER_TIN, billing.taxonomy_code, billing.address
        )
    lines = tuple(
        replace(
            pattern,
            claim_line_number=number,
            hcpcs_code=line.hcpcs_code,
            service_unit_quantity=line.service_unit_quantity,
            charge_amount_cents=pattern.charge_amount_cents * line.service_unit_quantity,
            service_date=line.service_date,
        )
        for number, line in enumerate(held, 1)
    )
    rendering = claim.rendering if billing is claim.billing else None
    return replace(claim, claim_id=claim_id, billing=billing, rendering=rendering, lines=lines)


def _written(claims: Iterable[Claim], payer_identifier: str, as_of_date: date, number: int) -> bytes:
    held = list(claims)
    if not held:
        return b""
    envelope = Envelope(
        sender_id="SANDBOX",
        sender_name="SANDBOX PRACTICE",
        contact_name="BILLING",
        contact_phone=held[0].billing_phone,
        receiver_id=payer_identifier,
        receiver_name=held[0].payer.name,
        created_at=datetime.combine(as_of_date, _AT),
        interchange_control_number=number,
        group_control_number=number,
    )
    out = io.BytesIO()
    # each claim in a transaction of its own, so that a fault of form refuses its claim and not the whole file
    write_837p(held, envelope, out, claims_per_transaction=1, on_refused=_refused)
    return out.getvalue()


def _with_dots(content: bytes, percent: int, rng: Random) -> bytes:
    parts: list[bytes] = []
    at = 0
    for record in read_837p(content) if content else ():
        if rng.randrange(_HUNDRED) < percent:
            dotted = _DIAGNOSIS.sub(rb"\1.\2", content[record.start : record.end])
            parts += [content[at : record.start], dotted]
            at = record.end
    return b"".join([*parts, content[at:]])


def _refused(_claim: Claim, _problem: object) -> None:
    """A claim that no 837P can hold leaves no system, checked or not."""


def _pass_over(_note: str) -> None:
    """Rows that cannot be read are no month's."""
