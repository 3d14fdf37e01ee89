"""The minutes bar: minutes of a month against the tiers that the payer's codes set, and the days that are left.

Drawn as SVG with attributes only, since the content security policy admits no inline style.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cocm.server.look.html import joined, safe


@dataclass(frozen=True, slots=True)
class Tier:
    """A threshold in minutes and what reaching it means, in a few words (`99493`, `99493 + 1 add-on`)."""

    minutes: int
    label: str


@dataclass(frozen=True, slots=True)
class MinutesBar:
    """Counted minutes of one patient-month, its tiers in rising order, minutes held back, days left (None: closed)."""

    minutes_counted: int
    tiers: Sequence[Tier]
    days_left: int | None = None
    minutes_excluded: int = 0
    label: str = "Minutes this month"

    @property
    def minutes_shown(self) -> float:
        """Where the bar ends: the highest tier or what is counted, with a little air."""
        highest = max((tier.minutes for tier in self.tiers), default=0)
        return max(highest, self.minutes_counted + self.minutes_excluded, 1) * 1.06

    def percent(self, minutes: float) -> str:
        """A place on the bar as an SVG length."""
        return f"{100 * minutes / self.minutes_shown:.2f}%"

    @property
    def counted_width(self) -> str:
        return self.percent(self.minutes_counted)

    @property
    def excluded_width(self) -> str:
        return self.percent(self.minutes_excluded)

    @property
    def reached(self) -> Tier | None:
        """The highest tier that the counted minutes reach."""
        return next((tier for tier in reversed(self.tiers) if tier.minutes <= self.minutes_counted), None)

    @property
    def following(self) -> Tier | None:
        """The next tier, where there is one."""
        return next((tier for tier in self.tiers if tier.minutes > self.minutes_counted), None)

    @property
    def tone(self) -> str:
        """`success` once a tier is reached, `attention` when none is and five days or fewer are left."""
        if self.reached:
            return "success"
        return "attention" if self.days_left is not None and self.days_left <= 5 else "info"

    @property
    def marks(self) -> list[dict[str, object]]:
        """Where each tier's mark stands, and whether it is reached."""
        return [
            {
                "place": self.percent(tier.minutes),
                "tier": tier,
                "is_reached": tier.minutes <= self.minutes_counted,
            }
            for tier in self.tiers
        ]

    @property
    def sentence(self) -> str:
        """All the bar shows, as a sentence."""
        parts = [f"{self.minutes_counted} min counted"]
        if self.reached:
            parts.append(f"{self.reached.label} reached")
        if self.following:
            parts.append(f"{self.following.minutes - self.minutes_counted} min to {self.following.label}")
        if self.minutes_excluded:
            parts.append(f"{self.minutes_excluded} min not counted")
        if self.days_left is not None:
            parts.append(f"{self.days_left} {'day' if self.days_left == 1 else 'days'} left")
        return " · ".join(parts)

    def small(self) -> str:
        """The bar for a table cell: number, bar and next tier, one line high."""
        ticks = "".join(
            f'<line x1="{mark["place"]}" x2="{mark["place"]}" y1="0" y2="100%"></line>' for mark in self.marks
        )
        return joined(
            f'<span class="minutes-small minutes-{self.tone}"><b>{self.minutes_counted}</b>'
            f'<svg width="72" height="8" role="img" aria-label="{safe(self.sentence)}">'
            f'<rect class="track" width="100%" height="100%" rx="2"></rect>'
            f'<rect class="counted" width="{self.counted_width}" height="100%" rx="2"></rect>{ticks}</svg></span>'
        )
