"""A plan folder with a carve-out and a delegated group, its claims, and what it decides of them."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from claim_samples import ADD_ON_LINE, BILLING, ENVELOPE, FIRST_LINE, OTHER_BILLING, make_claim, written

from cocm.claims.records import Claim, Organization, ServiceLine
from cocm.plan.mistakes import ErringPlan, Mistake
from cocm.plandesk.adjudicate import Adjudicated, AdjudicationRequest, adjudicate_file
from cocm.plandesk.folder import read_plan
from cocm.rules import Rulebook
from cocm.x12 import read_835, validate_835
from cocm.x12.remittance_record import ClaimPayment, RemittanceRecord

AS_OF = date(2026, 4, 6)
RULEBOOK = Rulebook()
LATER_LINE = replace(FIRST_LINE, hcpcs_code="99493", charge_amount_cents=14_000)
THERAPIST = replace(OTHER_BILLING, taxonomy_code="261QM0801X")
BORN = "1988-02-29"

TABLES: dict[str, list[dict[str, str]]] = {
    "plan": [
        {
            "plan_id": "GHP", "plan_name": "GOLDEN HEALTH PLAN", "pack_id": "ca-commercial-carveout",
            "entity_id": "MED", "payer_identifier": "GHP01", "tin": "941112222", "address_line": "1 PLAN PLAZA",
            "city": "FRESNO", "state": "CA", "postal_code": "93701", "phone": "8005550111",
            "fee_basis": "fee_table",
        }
    ],
    "entities": [
        {"entity_id": "MED", "entity_name": "Golden medical", "kind": "medical", "payer_identifier": "GHP01"},
        {"entity_id": "IPA", "entity_name": "Valley IPA", "kind": "delegated_group", "payer_identifier": "VAL01"},
        {
            "entity_id": "BHA", "entity_name": "Mind admin", "kind": "behavioral_administrator",
            "payer_identifier": "MIND1",
        },
    ],
    "delegations": [
        {"entity_id": "BHA", "side": "behavioral", "effective_from": "2026-01-01", "source": "MBHO agreement"},
        {
            "entity_id": "IPA", "side": "medical", "delegated_group_id": "VALLEY", "effective_from": "2026-01-01",
            "source": "division of responsibility",
        },
    ],
    "members": [
        {
            "member_id": f"GHP{number:09d}", "birth_date": BORN, "product": "HMO", "coverage_from": "2026-01-01",
            "delegated_group_id": "VALLEY" if number == 9 else "",
        }
        for number in range(1, 10)
    ],
    "benefits": [
        {
            "product": "HMO", "side": "medical", "effective_from": "2026-01-01", "deductible": "100.00",
            "coinsurance_percent": "20", "out_of_pocket_max": "2000.00",
        },
        {
            "product": "HMO", "side": "behavioral", "effective_from": "2026-01-01", "copayment": "75.00",
        },
    ],
    "fees": [
        {"hcpcs_code": code, "place": "all", "effective_from": "2026-01-01", "amount": amount}
        for code, amount in (
            ("99492", "150.00"), ("99493", "130.00"), ("99494", "60.00"), ("99213", "90.00"), ("90834", "110.00"),
        )
    ],
    "providers": [{"npi": BILLING.identifier, "biller": "medical", "places": "11"}],
}  # fmt: skip


def line(
    code: str, number: int = 1, units: int = 1, cents: int = 15_000, day: date = date(2026, 3, 31)
) -> ServiceLine:
    """A service line."""
    return replace(
        FIRST_LINE, hcpcs_code=code, claim_line_number=number, service_unit_quantity=units,
        charge_amount_cents=cents, service_date=day,
    )  # fmt: skip


def plan_folder(folder: Path, **changed: list[dict[str, str]]) -> Path:
    """The sample plan's tables in a folder, some of them others."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in {**TABLES, **changed}.items():
        columns = list(dict.fromkeys(column for row in rows or TABLES[name] for column in row))
        out = io.StringIO(newline="")
        writer = csv.DictWriter(out, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        (folder / f"{name}.csv").write_text(out.getvalue())
    return folder


class Desk:
    """A plan at work in a folder: takes claims in one file after another and remembers them."""

    def __init__(
        self, folder: Path, mistakes: tuple[Mistake, ...] = (), **changed: list[dict[str, str]]
    ) -> None:
        self._folder = folder
        self.reading = read_plan(plan_folder(folder / "plan", **changed), RULEBOOK)
        self._erring = ErringPlan(dict.fromkeys(mistakes, 100), 1) if mistakes else None
        self._files = 0

    def take(self, *claims: Claim, received: date = AS_OF, is_test: bool = False) -> Answers:
        """Decide a file of claims."""
        self._files += 1
        envelope = replace(ENVELOPE, interchange_control_number=self._files, is_test=is_test)
        return self.take_bytes(written(claims, envelope), received)

    def number_files(self, files: int) -> None:
        """So many files were written elsewhere for this desk."""
        self._files = files

    def take_bytes(self, content: bytes, received: date = AS_OF) -> Answers:
        """Decide a file."""
        path = self._folder / f"in-{self._files}.837"
        path.write_bytes(content)
        out = self._folder / f"out-{self._files}"
        state = self._folder / "state.sqlite"
        request = AdjudicationRequest(path, out, state, AS_OF, received, self._erring)
        return Answers(out, adjudicate_file(request, self.reading.book, RULEBOOK))


class Answers:
    """What came back for a file."""

    def __init__(self, out: Path, result: Adjudicated) -> None:
        self.out = out
        self.result = result

    def bytes_of(self, name: str) -> bytes:
        return (self.out / name).read_bytes()

    @property
    def payments(self) -> list[RemittanceRecord]:
        content = self.bytes_of("remittance.835")
        assert validate_835(content) == ()
        return list(read_835(content))

    @property
    def claims(self) -> list[ClaimPayment]:
        return [claim for payment in self.payments for claim in payment.claims]

    @property
    def trace(self) -> list[dict[str, Any]]:
        traced: list[dict[str, Any]] = json.loads(self.bytes_of("trace.json"))["claims"]
        return traced

    def codes(self, place: int = 0) -> list[list[tuple[str, str]]]:
        """Group and reason of each line's adjustments, of the claim at this place of the remittance."""
        return [
            [(one.group_code, one.reason_code) for one in paid.adjustments]
            for paid in self.claims[place].lines
        ]


def claim(number: int = 1, **changes: Any) -> Claim:
    """A claim of the member of this number: a first month with two add-on units unless told otherwise."""
    return make_claim(number, **changes)


def therapy(number: int = 1, claim_number: int = 501) -> Claim:
    """Psychotherapy by an outside practice for the member of this number, on another claim."""
    return make_claim(
        claim_number, member_id=f"GHP{number:09d}", billing=THERAPIST, rendering=None, lines=(line("90834"),)
    )


__all__ = [
    "ADD_ON_LINE", "AS_OF", "BILLING", "FIRST_LINE", "LATER_LINE", "OTHER_BILLING", "RULEBOOK", "TABLES", "THERAPIST",
    "Answers", "Desk",
    "Mistake", "Organization", "claim", "line", "plan_folder", "therapy",
]  # fmt: skip
