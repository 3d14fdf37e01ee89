"""A small practice on disk, written row by row in domain words."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from cocm.basics.months import Month
from cocm.close.request import CloseRequest, CloseResult
from cocm.close.run import Progress, close_month
from cocm.intake.tables import TABLES

MARCH = Month(2026, 3)
AS_OF = date(2026, 4, 2)
ADDRESS = {"address_line": "1 Test Way", "city": "Arcata", "state": "CA", "postal_code": "955210001"}


@dataclass
class PracticeFolder:
    """The tables of a practice; `write` puts them on disk, `close` closes a month of them."""

    folder: Path
    tables: dict[str, list[dict[str, object]]] = field(default_factory=lambda: {name: [] for name in TABLES})

    def add(self, table: str, **cells: object) -> dict[str, object]:
        """A row; unknown columns are a mistake of the test."""
        unknown = set(cells) - {column.name for column in TABLES[table].columns}
        assert not unknown, f"{table} has no {unknown}"
        self.tables[table].append(cells)
        return cells

    def add_patient(
        self,
        patient_id: str,
        *,
        minutes: int,
        payer_id: str = "MEDICARE",
        start: str = "2025-11-10",
        month: str = "2026-03",
        earlier_month: str | None = "2026-02",
        diagnoses: str = "F32.1;E11.9",
        **episode: object,
    ) -> dict[str, object]:
        """A patient with coverage, an episode with nothing missing, one contact of the minutes, and an earlier one."""
        self.add(
            "patients",
            patient_id=patient_id,
            last_name="Quill",
            first_name="Test",
            birth_date="1980-05-06",
            sex="F",
            **ADDRESS,
        )
        self.add(
            "coverages",
            patient_id=patient_id,
            payer_id=payer_id,
            member_id=f"M{patient_id}",
            relationship="self",
            coverage_from="2025-01-01",
        )
        row = self.add(
            "episodes",
            episode_id=f"{patient_id}-E1",
            patient_id=patient_id,
            start_date=start,
            site_id="S1",
            billing_practitioner_id="PCP1",
            bhcm_id="BHCM1",
            psychiatric_consultant_id="PC1",
            diagnosis_codes=diagnoses,
            consent_given="yes",
            consent_date=start,
            consent_form="verbal",
            cost_share_explained="yes",
            is_new_patient="no",
            last_seen_date=start,
            **episode,
        )
        if earlier_month:
            self.add_contact(patient_id, "a", f"{earlier_month}-10T09:00", 40)
        self.add_contact(patient_id, "b", f"{month}-10T09:00", minutes)
        self.add("measures", patient_id=patient_id, instrument="phq-9", taken_on=f"{month}-10", score=11)
        self.add(
            "reviews",
            patient_id=patient_id,
            reviewed_on=f"{month}-12",
            bhcm_id="BHCM1",
            psychiatric_consultant_id="PC1",
        )
        return row

    def add_contact(
        self, patient_id: str, suffix: str, started_at: str, minutes: int, **cells: object
    ) -> None:
        """A follow-up by the care manager unless said otherwise."""
        row: dict[str, object] = {
            "contact_id": f"{patient_id}-{suffix}",
            "patient_id": patient_id,
            "staff_id": "BHCM1",
            "started_at": started_at,
            "minutes": minutes,
            "activity": "follow_up",
            "modality": "phone",
            "recorded_on": started_at[:10],
        }
        self.add("contacts", **(row | cells))

    def write(self) -> Path:
        """The tables as CSV files."""
        self.folder.mkdir(exist_ok=True)
        for name, rows in self.tables.items():
            with (self.folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
                writer = csv.DictWriter(stream, [column.name for column in TABLES[name].columns])
                writer.writeheader()
                writer.writerows(rows)
        return self.folder

    def close(self, out: str = "out", *, progress: Progress | None = None, **request: object) -> CloseResult:
        """Close March 2026 (unless said otherwise) into a folder beside the practice."""
        settings: dict[str, object] = {
            "practice": self.write(),
            "month": MARCH,
            "out": self.folder.parent / out,
            "as_of_date": AS_OF,
            "state": None,
            "workers": 1,
        }
        made = CloseRequest(**(settings | request))  # type: ignore[arg-type]  # test settings
        return close_month(made, progress=progress)

    def rows(self, name: str, out: str = "out") -> list[dict[str, str]]:
        """A CSV output's rows."""
        with (self.folder.parent / out / name).open(encoding="utf-8", newline="") as stream:
            return list(csv.DictReader(stream))

    def claims_text(self, out: str = "out") -> str:
        """All 837P files of an out folder, one after the other."""
        return "".join(path.read_text() for path in sorted((self.folder.parent / out).glob("*.837")))

    def answer(self, claim_id: str, payer_id: str, status: str, control_number: str = "") -> None:
        """What the payer answered to P1's claim of March, in the claim history."""
        self.add(
            "claim_history",
            patient_id="P1",
            payer_id=payer_id,
            claim_id=claim_id,
            claim_line_number=1,
            service_date="2026-03-31",
            hcpcs_code="99493",
            service_unit_quantity=1,
            billing_npi="1234567893",
            billing_tin="123456789",
            status=status,
            payer_claim_control_number=control_number,
        )

    def decide(self, item: str, decision: str = "release") -> None:
        """A person's decision about P1's March."""
        self.add(
            "decisions",
            patient_id="P1",
            month="2026-03",
            decision=decision,
            item=item,
            decided_by="BILLING-1",
            decided_on="2026-04-02",
            reason="seen and agreed",
        )


def small_practice(folder: Path) -> PracticeFolder:
    """A practice with one site, three people, two payers and charges; no patients yet."""
    made = PracticeFolder(folder)
    made.add(
        "practice",
        organization_id="ORG1",
        name="Redwood Test Clinic",
        billing_npi="1234567893",
        billing_tin="123456789",
        taxonomy_code="207Q00000X",
        phone="7075550100",
        contact_name="Billing Desk",
        time_zone="America/Los_Angeles",
        submitter_id="SUB001",
        contacts_complete_from="2025-06-01",
        **ADDRESS,
    )
    made.add("sites", site_id="S1", name="Main Site", place_of_service_code="11", **ADDRESS)
    for staff_id, role, npi, taxonomy in (
        ("PCP1", "billing_practitioner", "1993999998", "207Q00000X"),
        ("BHCM1", "bhcm", "1558598797", "1041C0700X"),
        ("PC1", "psychiatric_consultant", "", "2084P0800X"),
    ):
        made.add(
            "staff",
            staff_id=staff_id,
            last_name=f"Last{staff_id}",
            first_name="Test",
            role=role,
            npi=npi,
            taxonomy_code=taxonomy,
            site_ids="S1",
        )
    made.add(
        "payers", payer_id="MEDICARE", name="Medicare Part B", pack_id="medicare", payer_identifier="01112"
    )
    made.add(
        "payers",
        payer_id="PLAN",
        name="Golden Test Plan",
        pack_id="ca-commercial-carveout",
        payer_identifier="GTP01",
        behavioral_payer_identifier="BHADM",
    )
    for code, amount in (("99492", "200.00"), ("99493", "180.00"), ("99494", "80.00"), ("G2214", "75.00")):
        made.add("charges", hcpcs_code=code, charge_amount=amount, effective_from="2020-01-01")
    return made
