"""The claims of a synthetic patient's earlier months, as they stand."""

from __future__ import annotations

import random
from collections.abc import Iterable

from cocm.basics.months import Month
from cocm.synth.course import PlannedMonth
from cocm.synth.sink import Cells
from cocm.synth.team import Member, Team
from cocm.synth.world import World, WorldPayer


class ClaimBook:
    """Writes the claim history of one patient."""

    def __init__(
        self,
        world: World,
        rng: random.Random,
        team: Team,
        patient_id: str,
        payer: WorldPayer,
        renders: Member,
    ) -> None:
        self._codes = world.named("codes")
        self._statuses = world.named("claim_statuses")
        self._months_back = world.number("claim_history_months")
        self._tin = world.text("billing_tin")
        self._rng, self._team, self._patient_id, self._payer, self._renders = (
            rng,
            team,
            patient_id,
            payer,
            renders,
        )
        self.rows: list[Cells] = []

    def write_months(self, months: Iterable[PlannedMonth], until: Month) -> None:
        """A claim for each billed month before the one to close, as far back as the list reaches; most were paid."""
        earliest = until.plus(-self._months_back)
        for planned in months:
            if planned.tier.is_billed and earliest <= planned.month < until:
                status = self._rng.choices(list(self._statuses), list(self._statuses.values()))[0]
                self.claim(planned.month, planned.is_first, planned.tier.addon_units, status)

    def claim(self, month: Month, is_first: bool, addon_units: int, status: str, *, suffix: str = "") -> None:
        """One claim: a base line and, where earned, an add-on line."""
        lines = [(self._codes["first_month" if is_first else "later_month"], 1)]
        if addon_units:
            lines.append((self._codes["addon"], addon_units))
        has_number = status in ("paid", "denied", "accepted")
        control_number = (
            f"{month.year}{month.number:02d}{self._patient_id.lstrip('P')}{suffix}" if has_number else ""
        )
        for number, (code, units) in enumerate(lines, 1):
            self.rows.append(
                {
                    "patient_id": self._patient_id,
                    "payer_id": self._payer.payer_id,
                    "claim_id": f"{self._patient_id}-{month}{suffix}",
                    "claim_line_number": number,
                    "service_date": month.last_day,
                    "hcpcs_code": code,
                    "service_unit_quantity": units,
                    "billing_npi": self._team.billing_npi,
                    "billing_tin": self._tin,
                    "rendering_npi": self._renders.npi,
                    "status": status,
                    "payer_claim_control_number": control_number,
                    "frequency_code": "1",
                }
            )

    def claim_of_other_practice(self, month: Month, is_first: bool) -> None:
        """A base line that another practice billed for the month."""
        self.rows.append(
            {
                "patient_id": self._patient_id,
                "payer_id": self._payer.payer_id,
                "claim_id": f"OTHER-{self._patient_id}-{month}",
                "service_date": month.last_day,
                "hcpcs_code": self._codes["first_month" if is_first else "later_month"],
                "billing_npi": self._team.other_practice_npi,
                "status": "paid",
            }
        )
