"""The board: each step of the month's calendar with what is done, what is missing, and what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.functional import cached_property

from cocm.basics.money import dollars
from cocm.basics.months import Month
from cocm.close.worklist import Status
from cocm.coding.records import Gap
from cocm.rules.care_flags import Threshold, care_flags
from cocm.server.access.actor import Actor
from cocm.server.access.permissions import ROLE_WORDS, MemberRole, Permission
from cocm.server.claims.exchange import Batch, batches
from cocm.server.months.calendar import CALENDAR, CalendarStep
from cocm.server.months.claims_sent import Sent, sent_of
from cocm.server.months.freezing import frozen_of
from cocm.server.months.selectors import (
    Changes,
    attestations,
    changes_since,
    held_cents,
    item_figures,
    near_misses,
    owner_figures,
    policies_of,
    runs_of,
    sees_all,
    status_figures,
    unverified,
)
from cocm.server.months.sign_offs import signers
from cocm.server.rules_in_force import rulebook

DONE, NOW, WAITS, LATER = "done", "now", "waits", "later"
STATE_WORDS: Final = {DONE: "done", NOW: "to do", WAITS: "at work", LATER: "later"}
STATE_ICONS: Final = {
    DONE: "check-circle",
    NOW: "play-circle",
    WAITS: "hourglass-split",
    LATER: "dash-circle",
}
ROWS_SHOWN: Final = 8


@dataclass(frozen=True, slots=True)
class Fact:
    """A figure of a step, with where it is seen in full."""

    value: object
    label: str
    href: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Action:
    """What can be done about a step. `is_post`: a button; else a link."""

    label: str
    href: str
    icon: str
    is_post: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """A step as the page shows it."""

    key: str
    title: str
    owners: str
    window: tuple[date, date]
    state: str
    facts: Sequence[Fact] = ()
    actions: Sequence[Action] = ()
    note: str = ""
    is_next: bool = False
    is_late: bool = False

    @property
    def icon(self) -> str:
        return STATE_ICONS[self.state]

    @property
    def state_words(self) -> str:
        return STATE_WORDS[self.state]


@dataclass(frozen=True, slots=True)
class _Found:
    """What a step's function finds: its state, figures, actions, and a word on it."""

    state: str
    facts: Sequence[Fact] = ()
    actions: Sequence[Action] = ()
    note: str = ""


@dataclass
class Board:
    """A month as the acting person sees it. Not shared between requests."""

    actor: Actor
    month: Month
    today: date
    kept: dict[str, object] = field(default_factory=dict)

    @cached_property
    def runs(self):  # type: ignore[no-untyped-def]  # `selectors.Runs`
        return runs_of(actor=self.actor, month=self.month)

    @cached_property
    def changes(self) -> Changes:
        """What was written since the answers were made."""
        return changes_since(actor=self.actor, run=self.runs.answered) if self.runs.answered else Changes()

    @cached_property
    def statuses(self) -> dict[str, dict[str, int]]:
        return status_figures(actor=self.actor, month=self.month)

    @cached_property
    def items(self) -> dict[str, int]:
        return item_figures(actor=self.actor, month=self.month)

    @cached_property
    def by_owner(self) -> dict[str, dict[str, int]]:
        return owner_figures(actor=self.actor, month=self.month)

    @cached_property
    def held_cents(self) -> int:
        return held_cents(actor=self.actor, month=self.month)

    @cached_property
    def signers(self):  # type: ignore[no-untyped-def]  # a list of `Signer`
        return signers(actor=self.actor, month=self.month)

    @cached_property
    def sent(self) -> Sent | None:
        """What the books have of the month; for whoever works the claims."""
        return sent_of(actor=self.actor, month=self.month) if self.sees_all else None

    @cached_property
    def batches(self) -> list[Batch]:
        """The month's files of claims with what became of them, the newest first."""
        numbers = [one.control_number for one in self.sent.interchanges] if self.sent is not None else []
        return batches(actor=self.actor, control_numbers=numbers) if numbers else []

    @property
    def sees_all(self) -> bool:
        return sees_all(self.actor)

    @property
    def is_over(self) -> bool:
        return self.today >= self.month.last_day

    @cached_property
    def minutes_near(self) -> int:
        """Minutes short of a further code that are within reach."""
        return care_flags(rulebook()).thresholds[Threshold.MONTH_MINUTES_SHORT]

    def count(self, *statuses: Status) -> int:
        """Patient-months that stand there."""
        return sum(self.statuses.get(status.value, {}).get("count", 0) for status in statuses)

    def expected(self, *statuses: Status) -> int:
        """What they are expected to bring, in cents."""
        return sum(self.statuses.get(status.value, {}).get("expected", 0) for status in statuses)

    @property
    def patient_months(self) -> int:
        return sum(figures["count"] for figures in self.statuses.values())

    def address(self, name: str, **query: str) -> str:
        """One of the month's pages."""
        path = reverse(f"months:{name}", kwargs={"month": self.month})
        return f"{path}?{urlencode(query)}" if query else path

    @property
    def exceptions_href(self) -> str:
        return self.address("exceptions")

    # -- steps ---------------------------------------------------------------------------------------------------------

    @cached_property
    def steps(self) -> list[Step]:
        """The calendar, from the forecast to the claims; the first that is to do now is the next."""
        made: list[Step] = []
        has_next = False
        answers: list[_Found] = [getattr(self, f"_{step.key}")(step) for step in CALENDAR]
        is_handed_over = answers[-1].state == DONE  # what was left out before that is late no more
        for step, found in zip(CALENDAR, answers, strict=True):
            is_next = found.state in (NOW, WAITS) and not has_next
            has_next = has_next or is_next
            made.append(
                Step(
                    step.key,
                    step.title,
                    ", ".join(ROLE_WORDS[owner].lower() for owner in step.owners).capitalize(),
                    step.window(self.month),
                    found.state,
                    found.facts,
                    found.actions,
                    found.note,
                    is_next=is_next,
                    is_late=found.state == NOW
                    and not is_handed_over
                    and self.today > step.window(self.month)[1],
                )
            )
        return made

    @property
    def lead(self) -> Action | None:
        """What the acting person can do next."""
        todo = [step for step in self.steps if step.state == NOW and step.actions]
        return todo[0].actions[0] if todo else None

    def _due(self, step: CalendarStep) -> str:
        """To do from its first day on, or as soon as the step before allows it."""
        return NOW if self.today >= step.window(self.month)[0] else LATER

    def _forecast(self, step: CalendarStep) -> _Found:
        run = self.runs.answered
        action = Action(
            "Forecast again" if run else "Forecast", self.address("forecast"), "arrow-clockwise", True
        )
        if self.runs.active and not self.runs.active.is_close:
            return _Found(WAITS, note="A forecast is at work.")
        if run is None:
            return _Found(
                self._due(step),
                actions=[action],
                note="" if self.is_over else "Look ahead while care can still be given.",
            )
        near = near_misses(actor=self.actor, month=self.month, minutes_max=self.minutes_near).count()
        facts = [
            Fact(
                near,
                f"within {self.minutes_near} min of a further code",
                self.address("at_risk", look="near"),
                "attention",
            ),
            self._lacking(Gap.CONSENT, "consent", Gap.CONSENT_FORM),
            self._lacking(Gap.SCALE, "scale"),
            self._lacking(Gap.PATIENT_REVIEW, "review", Gap.CASELOAD_REVIEW),
        ]
        is_fresh = not self.changes
        may = self.actor.may(Permission.MONTH_VIEW)
        return _Found(
            DONE if is_fresh or self.runs.closed else NOW,
            [fact for fact in facts if fact.value],
            [] if is_fresh or not may else [action],
            "Nobody lacks anything." if not any(fact.value for fact in facts) else "",
        )

    def _lacking(self, gap: Gap, words: str, *more: Gap) -> Fact:
        count = sum(self.items.get(one.value, 0) for one in (gap, *more))
        return Fact(
            count,
            f"lack a {words}" if words != "consent" else "lack consent",
            self.address("at_risk", look=gap.value),
            "attention",
        )

    def _freeze(self, step: CalendarStep) -> _Found:
        frozen = frozen_of(actor=self.actor, month=self.month)
        facts = [Fact(f"{frozen.frozen} of {frozen.total}", "frozen")]
        if frozen.reopened:
            facts.append(Fact(frozen.reopened, "open again", tone="attention"))
        if frozen.is_whole:
            return _Found(DONE, facts)
        may = self.actor.may(Permission.BILLING_EDIT) and self.today > self.month.last_day
        actions = [Action("Freeze", self.address("freeze"), "lock")] if may else []
        return _Found(self._due(step), facts if frozen.frozen else [], actions)

    def _sign(self, step: CalendarStep) -> _Found:
        done = [one for one in self.signers if one.is_done]
        changed = sum(one.changed for one in self.signers)
        facts = [Fact(f"{len(done)} of {len(self.signers)}", "signed", "#sign-offs")]
        if changed:
            facts.append(Fact(changed, "changed after it was signed", "#sign-offs", "attention"))
        mine = next((one for one in self.signers if one.staff_member.pk == self.actor.staff_member_id), None)
        actions = []
        if mine is not None and self.actor.may(Permission.MONTH_SIGN) and self.is_over:
            label = "My sheet" if mine.is_done else "Sign my entries"
            actions.append(Action(label, self.address("sign"), "journal-check"))
        if not self.signers:
            return _Found(LATER, note="Nobody has entries of this month.")
        return _Found(DONE if len(done) == len(self.signers) else self._due(step), facts, actions)

    def _eligibility(self, step: CalendarStep) -> _Found:
        if not self.sees_all:
            return _Found(LATER if self.today < step.window(self.month)[0] else DONE)
        total = policies_of(actor=self.actor, month=self.month).count()
        waiting = unverified(actor=self.actor, month=self.month).count()
        address = self.address("eligibility")
        facts = (
            [Fact(f"{total - waiting} of {total}", "policies checked since the month began", address)]
            if total
            else []
        )
        if total and not waiting:
            return _Found(DONE, facts)
        actions = [Action("Check policies", address, "shield-check")] if waiting else []
        return _Found(self._due(step), facts, actions, "" if total else "Nothing to bill yet.")

    def _proposals(self, step: CalendarStep) -> _Found:
        if self.runs.answered is None:
            return _Found(self._due(step), note="The forecast proposes the codes.")
        written = (Status.CLAIM, Status.ALREADY_SENT)
        ready = (Status.CLAIM,) if not self.answered_by_close else ()
        before = (Status.ALREADY_SENT,) if not self.answered_by_close else written
        facts = [
            Fact(self.count(*ready), f"ready{self._money(*ready)}", self.address("patients", status="claim")),
            Fact(self.count(*before), f"written{self._money(*before)}", self.address("patients")),
            Fact(self.count(Status.CARE_DUE), "short of a code", self.address("patients", status="care_due")),
        ]
        return _Found(
            DONE if not self.changes or self.answered_by_close else NOW,
            [fact for fact in facts if fact.value],
            [Action("All proposals", self.address("patients"), "list-check")],
        )

    def _money(self, *statuses: Status) -> str:
        cents = self.expected(*statuses)
        return f", {dollars(cents)} expected" if self.sees_all and cents else ""

    @property
    def answered_by_close(self) -> bool:
        """Whether the answers are a close's, whose ready claims are written."""
        return self.runs.answered is not None and self.runs.answered.is_close

    def _exceptions(self, step: CalendarStep) -> _Found:
        if self.runs.answered is None:
            return _Found(self._due(step), note="The forecast names them.")
        facts = []
        for owner in MemberRole:
            if owner.value in self.by_owner:
                row = self.by_owner[owner.value]
                words = ROLE_WORDS[owner].lower()
                facts.append(
                    Fact(
                        row["items"],
                        f"for {words}",
                        self.address("exceptions", owner=owner.value),
                        "attention",
                    )
                )
        if not facts:
            return _Found(DONE, note="Nothing is held.")
        return _Found(
            self._due(step), facts, [Action("Work exceptions", self.address("exceptions"), "list-ul")]
        )

    def _attestation(self, step: CalendarStep) -> _Found:
        asking = list(attestations(actor=self.actor, month=self.month))
        if not asking:
            return _Found(DONE, note="None of the practice's payers asks for one.")
        stand = sum(one.stands for one in asking)
        facts = [Fact(f"{stand} of {len(asking)}", "payers that ask have one", "#attestations")]
        return _Found(DONE if stand == len(asking) else self._due(step), facts)

    def _close(self, step: CalendarStep) -> _Found:
        if self.runs.active and self.runs.active.is_close:
            return _Found(WAITS, note="The close is at work.")
        ready = self.count(Status.CLAIM) if not self.answered_by_close else 0
        closed = self.runs.closed
        facts = []
        if self.sent is not None and self.sent.claims:
            facts.append(
                Fact(self.sent.claims, f"claims written, {dollars(self.sent.charged_cents)} charged")
            )
        if ready:
            facts.append(Fact(ready, "more are ready" if facts else "ready to be written"))
        may = self.actor.may(Permission.BILLING_EDIT) and self.is_over
        is_closed = closed is not None or bool(self.sent is not None and self.sent.claims)
        label = "Close again" if is_closed else "Close the month"
        actions = [Action(label, self.address("close"), "file-earmark-check")] if may else []
        if not is_closed:
            return _Found(self._due(step), facts, actions)
        is_open = bool(ready or (self.changes and not self.answered_by_close))
        return _Found(NOW if is_open else DONE, facts, actions if is_open or self.changes else [])

    def _submit(self, step: CalendarStep) -> _Found:
        if self.sent is None:
            return _Found(DONE if self.runs.closed else LATER)
        files = self.sent.interchanges
        if not files:
            return _Found(LATER)
        waiting = [batch for batch in self.batches if batch.waits]
        refused = sum(batch.rejected for batch in self.batches)
        facts = [Fact(f"{len(files) - len(waiting)} of {len(files)}", "files handed over", "#files")]
        if refused:
            facts.append(
                Fact(refused, "claims refused for their form", reverse("claims:batches"), "attention")
            )
        actions = [Action("Hand over files", reverse("claims:batches"), "send")] if waiting else []
        return _Found(NOW if waiting or refused else DONE, facts, actions)
