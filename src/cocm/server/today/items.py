"""What stands in My day: one line that somebody can act on, under a heading, with the reason beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum
from uuid import UUID


class DayGroup(Enum):
    """The headings of My day, in their order; each with the words that it stands under."""

    SAFETY = "Safety"
    REVIEW = "Caseload review"
    RECOMMENDATIONS = "Recommendations"
    ACTIONS = "Next actions"
    CONTACTS = "Contacts"
    MEASURES = "Measures"
    PLANS = "Care plans"
    REFERRALS = "Referrals"
    MINUTES = "Minutes short of the next code"
    DRAFTS = "Unfinished entries"
    MONTHS = "Months"
    CLAIMS = "Claims"
    DENIALS = "Denials"
    MONEY = "Money"
    PLAN_DESK = "Claims under review"
    PRACTICE = "Practice"

    @property
    def rank(self) -> int:
        """Its place on the page."""
        return list(DayGroup).index(self)

    @property
    def key(self) -> str:
        """Its name in an address."""
        return self.name.lower().replace("_", "-")


@dataclass(frozen=True, slots=True)
class DayItem:
    """One thing to do.

    `title`: who or what ("Ortiz, Ariana"; "12 months ready to sign"). `reason`: why it stands here, computed, in a few
    words. `href`: the page on which it is done. `due_on`: before today it is overdue. `order`: lower first among those
    of one day. `count`: how many things the line stands for. `patient_pk`: whom it is about, for the trail.
    `tone`: `danger`, `attention` or nothing.
    """

    group: DayGroup
    title: str
    href: str
    reason: str = ""
    due_on: date | None = None
    order: int = 0
    count: int = 1
    patient_pk: UUID | None = None
    tone: str = ""

    def is_overdue(self, today: date) -> bool:
        """Whether its day is over."""
        return self.due_on is not None and self.due_on < today
