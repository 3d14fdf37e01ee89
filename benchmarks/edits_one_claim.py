"""One claim with 24 months of history against the whole catalogue, in process.

    python benchmarks/edits_one_claim.py [--repeat 5000]

Three claims: clean with the practice's evidence, wrong in several ways (each finding is explained), and a
bare 837P of which nothing but the claim is known. The history is the same for all: 24 months of the
service, psychotherapy and visits.
"""

from __future__ import annotations

import argparse
import statistics
import time
from dataclasses import replace
from datetime import date

from cocm.basics.identity import Provenance
from cocm.basics.months import Month
from cocm.care.people import Address, Payer, Role
from cocm.care.records import Answer, ClaimStatus, Consent, HistoryLine, InitiatingVisit
from cocm.claims.records import Claim, Organization, Person, ServiceLine
from cocm.coding.records import MonthKind
from cocm.edits.check import check_claim
from cocm.edits.discovery import catalogue
from cocm.edits.subject import EditSubject, Evidence
from cocm.rules.rulebook import shipped_rulebook

MONTH = Month(2026, 3)
GROUP, PRACTITIONER = "1234567893", "1245319599"
ADDRESS = Address("1 Main St", "Oakland", "CA", "946120000")
PAYER = Payer("MED", "Medicare", "medicare", "12345", "", "R", None)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=5000)
    repeat = parser.parse_args().repeat
    clean = clean_subject()
    wrong = replace(
        clean,
        claim=replace(
            clean.claim,
            lines=(service_line(1, "99492", 2), service_line(2, "99494", 5)),
            diagnosis_codes=("Z1331",),
            place_of_service_code="02",
        ),
    )
    bare = replace(clean, evidence=Evidence.unknown(), payer=None)
    print(
        f"{len(catalogue())} edits, {len(clean.history)} lines of history, {len(clean.claim.lines)} service lines"
    )
    for name, subject in (("clean", clean), ("wrong", wrong), ("bare 837P", bare)):
        findings = len(check_claim(subject).findings)
        p50, p95 = times(subject, repeat)
        print(f"{name:<10} {findings:>2} findings: p50 {p50:.3f} ms, p95 {p95:.3f} ms")


def times(subject: EditSubject, repeat: int) -> tuple[float, float]:
    """Median and 95th percentile in milliseconds of processor time."""
    spent = []
    for _ in range(repeat):
        started = time.process_time()
        check_claim(subject)
        spent.append((time.process_time() - started) * 1000)
    return statistics.median(spent), statistics.quantiles(spent, n=20)[-1]


def clean_subject() -> EditSubject:
    """A later month with one add-on, and its history: the service each month, psychotherapy or a visit in most."""
    history = [past(MONTH.plus(-back), "99492" if back == 24 else "99493") for back in range(1, 25)]
    history += [
        past(MONTH.plus(-back), "90834" if back % 2 else "99213") for back in range(1, 25) if back % 5
    ]
    evidence = Evidence(
        month_kind=MonthKind.LATER,
        minutes_counted=95,
        episode_start_date=date(2024, 3, 1),
        consent=Consent(Answer.YES, date(2024, 3, 1), "verbal", "", Answer.YES),
        initiating_visit=InitiatingVisit(None, "", Answer.NO, date(2024, 2, 1)),
        group_npi=GROUP,
        roles_by_npi={PRACTITIONER: Role.BILLING_PRACTITIONER},
        credentialed_places=frozenset({"11"}),
        first_service_date=date(2024, 3, 1),
        coverage_from_date=date(2024, 1, 1),
        is_authorized=False,
        minutes_set_apart=0,
    )
    policy = shipped_rulebook().pack("medicare").on(MONTH.last_day)
    return EditSubject(claim(), PAYER, policy, tuple(history), evidence, date(2026, 4, 2))


def claim() -> Claim:
    """The claim of the month."""
    return Claim(
        claim_id="C-1",
        organization_id="ORG",
        month=MONTH,
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
        payer=Organization("Medicare", "12345", "", "", None),
        billing=Organization("Group", GROUP, "999000001", "", ADDRESS),
        billing_phone="",
        rendering=Person("DOC", "ANN", PRACTITIONER, ""),
        supervising=None,
        referring=None,
        service_facility=None,
        place_of_service_code="11",
        frequency_code="1",
        payer_claim_control_number="",
        diagnosis_codes=("F321", "E119"),
        lines=(service_line(1, "99493", 1), service_line(2, "99494", 1)),
        provenance=Provenance("ORG", date(2026, 4, 2), "benchmark"),
    )


def service_line(number: int, code: str, units: int) -> ServiceLine:
    """A line of the month."""
    return ServiceLine(number, code, (), units, 20_000 * units, MONTH.last_day, (1,))


def past(month: Month, code: str) -> HistoryLine:
    """A paid line of a month."""
    return HistoryLine(
        patient_id="P-1",
        payer_id="MED",
        claim_id=f"H-{month}-{code}",
        claim_line_number=1,
        service_date=month.last_day,
        hcpcs_code=code,
        service_unit_quantity=1,
        billing_npi=GROUP,
        billing_tin="999000001",
        rendering_npi=PRACTITIONER,
        status=ClaimStatus.PAID,
        payer_claim_control_number="ICN",
        frequency_code="1",
    )


if __name__ == "__main__":
    main()
