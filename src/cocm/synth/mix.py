"""What a synthetic practice came to: its rows, and the mix of the month to close."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from cocm.basics.months import Month
from cocm.synth.course import PlannedMonth


@dataclass
class Mix:
    """Counts of a synthetic practice. `months` counts planned patient-months of the window by kind and tier."""

    until: Month
    patients: int = 0
    episodes: int = 0
    active: int = 0
    months: Counter[tuple[str, str]] = field(default_factory=Counter)
    addon_units: int = 0
    scenarios: Counter[str] = field(default_factory=Counter)
    payers: Counter[str] = field(default_factory=Counter)
    rows: Counter[str] = field(default_factory=Counter)
    bad_rows: int = 0

    def count_month(self, planned: PlannedMonth) -> None:
        """Count a patient-month of the window."""
        self.months["first" if planned.is_first else "later", planned.tier.name] += 1
        if planned.tier.is_billed:
            self.addon_units += planned.tier.addon_units

    def base_lines(self, kind: str) -> int:
        """Patient-months of a kind whose minutes earn a base line."""
        return sum(
            count
            for (of_kind, tier), count in self.months.items()
            if of_kind == kind and tier.startswith(("base", "addon"))
        )

    @property
    def later_to_first(self) -> float:
        """Later-month base lines to one first-month base line."""
        return self.base_lines("later") / max(1, self.base_lines("first"))

    @property
    def addons_per_base(self) -> float:
        """Add-on units per base line."""
        return self.addon_units / max(1, self.base_lines("first") + self.base_lines("later"))

    def near_misses(self) -> int:
        """Patient-months short of a base line."""
        return self.months["first", "near_miss"] + self.months["later", "near_miss"]

    def text(self) -> str:
        """The summary for people."""
        first, later = self.base_lines("first"), self.base_lines("later")
        scenarios = [f"{name.replace('_', ' ')} {count:,}" for name, count in sorted(self.scenarios.items())]
        lines = [
            f"{self.patients:,} patients with {self.episodes:,} episodes; {self.active:,} active in {self.until}",
            f"{self.rows['contacts']:,} contacts, {self.rows['measures']:,} scores, "
            f"{self.rows['claim_history']:,} lines of earlier claims",
            f"minutes for {first:,} first-month and {later:,} later-month base lines ({self.later_to_first:.1f} to 1), "
            f"{self.addon_units:,} add-on units ({self.addons_per_base:.2f} per base line)",
            f"{self.near_misses():,} months short of a base line, {self.months['later', 'no_care']:,} without care",
            "payers: "
            + ", ".join(f"{payer_id} {count:,}" for payer_id, count in sorted(self.payers.items())),
            "out of the ordinary: " + (", ".join(scenarios) or "nothing"),
        ]
        if self.bad_rows:
            lines.append(f"{self.bad_rows} rows are bad on purpose")
        return "\n".join(lines)
