"""A practice's patient-months as subjects of a comparison: status, codes and whatever holds them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from cocm.basics.identity import Provenance
from cocm.basics.months import Month
from cocm.care.casefile import CaseFile
from cocm.close.decide import DecisionContext, MonthDecision, decide_month
from cocm.close.outputs import codes_text, money_at_stake
from cocm.edits.evidence import roles_of
from cocm.intake.patients import parse_patient
from cocm.intake.practice import PracticeTables, open_practice
from cocm.intake.reference import Reference
from cocm.rules import PackOn
from cocm.rules.profile import ROOT_PAYER


@dataclass(frozen=True, slots=True)
class PatientMonth:
    """One patient's month with one payer."""

    case: CaseFile
    reference: Reference
    month: Month
    provenance: Provenance
    charges: dict[str, int]
    rows_rejected: int
    decided: dict[PackOn, MonthDecision] = field(default_factory=dict, compare=False)

    @property
    def subject_id(self) -> str:
        payer = self.case.payer.payer_id if self.case.payer else "no payer"
        return f"{self.case.patient.patient_id} {self.month} {payer}"

    @property
    def pack_id(self) -> str:
        return self.case.payer.pack_id if self.case.payer else ROOT_PAYER

    @property
    def day(self) -> date:
        return self.month.last_day

    def decide(self, policy: PackOn) -> Mapping[str, str]:
        """The month's status and codes, and each reason that somebody is to see."""
        decision = self._decision(policy)
        found = {"status": decision.status.value, "codes": codes_text(decision.proposal) or "none"}
        for item in decision.items:
            line = f" line {item.claim_line_number}" if item.claim_line_number is not None else ""
            found[f"{item.item}{line}"] = item.grade
        return found

    def amount_cents(self, policy: PackOn) -> int:
        """What the month's lines are worth: the payment expected where it is known, else the charges."""
        return money_at_stake(self._decision(policy), self.charges)[0]

    def _decision(self, policy: PackOn) -> MonthDecision:
        found = self.decided.get(policy)
        if found is None:
            context = DecisionContext(
                month=self.month,
                as_of_date=self.provenance.as_of_date,
                provenance=self.provenance,
                policy_for=lambda _: policy,
                charges=self.charges,
                default_pack_id=ROOT_PAYER,
                roles_by_npi=roles_of(tuple(self.reference.staff.values())),
                sites=self.reference.sites,
            )
            found = self.decided[policy] = decide_month(self.case, context, rows_rejected=self.rows_rejected)
        return found


def months_of_practice(
    path: Path, month: Month, *, as_of_date: date, on_note: Callable[[str], None]
) -> Iterator[PatientMonth]:
    """Every patient-month of a practice's tables, as the close would see it without what was sent before.

    Raises `TableError` for tables that cannot be used; rows that cannot be read are told to `on_note`.
    """
    with open_practice(path) as source:
        yield from months_of_tables(source, month, as_of_date=as_of_date, on_note=on_note)


def months_of_tables(
    source: PracticeTables,
    month: Month,
    *,
    as_of_date: date,
    on_note: Callable[[str], None],
    pack_ids: Mapping[str, str] | None = None,
) -> Iterator[PatientMonth]:
    """`months_of_practice` of tables that are open. `pack_ids` binds payer products (by payer_id) to other packs."""
    reference = source.reference
    provenance = Provenance(reference.practice.organization_id, as_of_date, "")
    codes = sorted({charge.hcpcs_code for charge in reference.charges})
    found = {code: reference.charge_amount_cents(code, month.last_day) for code in codes}
    charges = {code: cents for code, cents in found.items() if cents is not None}
    for rows in source.patient_groups():
        parsed = parse_patient(rows, reference, month)
        for problem in parsed.problems:
            on_note(str(problem))
        for case in parsed.case_files:
            bound = case if pack_ids is None else _bound(case, pack_ids)
            yield PatientMonth(bound, reference, month, provenance, charges, len(parsed.problems))


def _bound(case: CaseFile, pack_ids: Mapping[str, str]) -> CaseFile:
    """The case with its payer bound to another pack, where one is named for it."""
    if case.payer is None or case.payer.payer_id not in pack_ids:
        return case
    return replace(case, payer=replace(case.payer, pack_id=pack_ids[case.payer.payer_id]))
