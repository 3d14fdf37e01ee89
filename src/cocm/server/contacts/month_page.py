"""A patient-month on a page: each entry, counted or not and why, the total, the tiers, the chain. The core decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.safestring import SafeString

from cocm.basics.months import Month
from cocm.care.casefile import CaseFile
from cocm.care.exclusions import Exclusion, ExclusionReason
from cocm.care.minutes import LedgerEntry
from cocm.care.plausibility import Doubt
from cocm.care.records import Contact as CoreContact
from cocm.coding.proposal import propose
from cocm.coding.records import MonthKind, Proposal
from cocm.server.access.actor import Actor
from cocm.server.access.permissions import Permission
from cocm.server.chains import Break
from cocm.server.contacts.clocks import month_of, zone_of
from cocm.server.contacts.minutes import is_set_up, minutes_bar, minutes_of_month
from cocm.server.contacts.models import Contact, FrozenMonth, MonthReopening, WithWhom
from cocm.server.contacts.selectors import first_broken_contact
from cocm.server.contacts.words import ACTIVITY_WORDS, MODALITY_WORDS, ROLE_WORDS, minutes_words
from cocm.server.look.badges import badge
from cocm.server.look.html import joined, safe
from cocm.server.look.minutes import MinutesBar
from cocm.server.look.tables import Column, Row, Table
from cocm.server.practice_port import PracticePort
from cocm.server.registry.models import Patient
from cocm.server.rules_in_force import policy_for

NOT_RULES = (ExclusionReason.CORRECTED,)


@dataclass(frozen=True, slots=True)
class EpisodeMonth:
    """One episode's part of the month: its bar, what it earns so far, and its entries."""

    bar: MinutesBar
    payer: str
    earned: str
    notes: tuple[str, ...]
    table: Table


@dataclass(frozen=True, slots=True)
class MonthPage:
    """All that the page shows. `frozen` and `reopening` tell whether the month takes entries, and why again."""

    month: Month
    episodes: tuple[EpisodeMonth, ...]
    outside: Table | None
    is_set_up: bool
    frozen: FrozenMonth | None
    reopening: MonthReopening | None
    broken: Break | None
    entries_total: int
    last_hash: str

    @property
    def is_frozen(self) -> bool:
        return self.frozen is not None and self.reopening is None


def month_page(*, actor: Actor, patient: Patient, month: Month, today: date) -> MonthPage:
    """Read a patient's month for its page."""
    frozen = FrozenMonth.objects.of(actor).filter(patient=patient, month_index=month.index).first()
    reopened = MonthReopening.objects.of(actor).filter(patient=patient, month_index=month.index)
    reopening = reopened.filter(closed_at__isnull=True).select_related("reopened_by").first()
    ledger = list(
        Contact.objects.of(actor).filter(patient=patient).select_related("staff_member").order_by("number")
    )
    rows = {contact.contact_id: contact for contact in ledger}
    replaced_by = {contact.corrects_contact_id: contact for contact in ledger if contact.corrects_contact_id}
    is_open = frozen is None or reopening is not None
    writer = _RowWriter(actor, patient, rows, replaced_by, is_open)
    port = PracticePort(actor)
    ready = is_set_up(port)
    cases = port.case_files([patient.pk], month) if ready else []
    bars = minutes_of_month(actor=actor, patients=[patient.pk], month=month)
    shown: set[str] = set()
    episodes = []
    for case in cases:
        proposal = propose(case, policy_for(case))
        shown |= {entry.contact_id for entry in proposal.ledger.entries}
        bar = minutes_bar(bars[(patient.pk, case.episode.episode_id)], today=today)
        episodes.append(_episode_month(case, proposal, bar, writer))
    return MonthPage(
        month=month,
        episodes=tuple(episodes),
        outside=_outside(patient, month, [item for item in ledger if item.contact_id not in shown], writer)
        if not cases
        else None,
        is_set_up=ready,
        frozen=frozen,
        reopening=reopening,
        broken=first_broken_contact(actor=actor, patient=patient),
        entries_total=len(ledger),
        last_hash=ledger[-1].row_hash if ledger else "",
    )


def _episode_month(case: CaseFile, proposal: Proposal, bar: MinutesBar, writer: _RowWriter) -> EpisodeMonth:
    ledger = proposal.ledger
    contacts = {contact.contact_id: contact for contact in case.contacts}
    rows = [writer.row(entry, contacts[entry.contact_id]) for entry in ledger.entries]
    notes = []
    if proposal.month_kind is MonthKind.UNKNOWN:
        notes.append(
            f"First or later month is not known, so no tiers are shown: {proposal.month_kind_reason.text}"
        )
    if proposal.has_no_data:
        notes += [reason.text for reason in proposal.reasons]
    if ledger.undecided_seconds:
        rules = ", ".join(rule.label for rule in ledger.unknown_rules)
        notes.append(
            f"{minutes_words(ledger.undecided_seconds)} min wait for an answer of the payer: {rules}"
        )
    earned = " + ".join(
        line.hcpcs_code if line.units == 1 else f"{line.units} × {line.hcpcs_code}" for line in proposal.lines
    )
    foot = (
        f"{len(rows)} {'entry' if len(rows) == 1 else 'entries'}", "", "", minutes_words(ledger.logged_seconds),
        minutes_words(ledger.counted_seconds),
        f"{minutes_words(ledger.excluded_seconds)} min not counted" if ledger.excluded_seconds else "",
        minutes_words(ledger.note_seconds), "",
    )  # fmt: skip
    table = Table(
        f"Entries of {case.month}",
        COLUMNS,
        rows,
        key=f"entries-{case.episode.episode_id}",
        layout="cards",
        foot=foot if rows else (),
        empty="Nothing is recorded for this month yet.",
        caption_hidden=True,
    )
    return EpisodeMonth(
        bar=bar,
        payer=case.payer.name if case.payer is not None else "no coverage on record",
        earned=earned,
        notes=tuple(notes),
        table=table,
    )


COLUMNS = (
    Column("Begun", "date"),
    Column("Who"),
    Column("What"),
    Column("Service", "number", help="Minutes of service, as confirmed"),
    Column("Counted", "number", help="What counts for this payer"),
    Column("Not counted, and why"),
    Column("Note", "number", help="Minutes of writing it up, which never count"),
    Column("Correct", "action", label_hidden=True),
)


@dataclass(frozen=True, slots=True)
class _RowWriter:
    """Writes the rows of the table. `rows` and `replaced_by` are the patient's ledger by contact id."""

    actor: Actor
    patient: Patient
    rows: Mapping[str, Contact]
    replaced_by: Mapping[str, Contact]
    is_open: bool

    def row(self, entry: LedgerEntry, contact: CoreContact) -> Row:
        """An entry as the core counted it."""
        mine = self.rows[entry.contact_id]
        is_replaced = entry.contact_id in self.replaced_by
        return Row(
            (
                f"{contact.started_at:%Y-%m-%d %H:%M}",
                self._who(mine),
                self._what(mine, is_late=entry.is_late),
                minutes_words(entry.logged_seconds),
                joined(f"<b>{minutes_words(entry.counted_seconds)}</b>"),
                self._why_not(entry.exclusions, mine),
                minutes_words(entry.note_seconds) if entry.note_seconds else "",
                self._correct(mine),
            ),
            tone="muted" if is_replaced else "",
            key=f"entry-{mine.number}",
        )

    def plain(self, mine: Contact) -> Row:
        """An entry of a month that no episode takes: nothing of it counts."""
        begun = mine.started_at.astimezone(zone_of(self.actor, self.patient, mine.started_at))
        return Row(
            (
                f"{begun:%Y-%m-%d %H:%M}", self._who(mine), self._what(mine, is_late=False),
                minutes_words(mine.service_seconds), "0", "no episode is active in this month",
                mine.note_minutes or "", self._correct(mine),
            ),
            key=f"entry-{mine.number}",
        )  # fmt: skip

    def _who(self, mine: Contact) -> SafeString:
        staff = mine.staff_member
        role = ROLE_WORDS.get(staff.role, staff.role)
        if mine.acting_as_bhcm:
            role = f"{role}, as care manager"
        return joined(
            f'<div class="entry-who">{safe(staff.full_name)}<span class="entry-small">{safe(role)}</span></div>'
        )

    def _what(self, mine: Contact, *, is_late: bool) -> SafeString:
        facts = [MODALITY_WORDS[mine.modality]] if mine.modality != "none" else []
        if mine.with_whom:
            facts.append(f"with {WithWhom(mine.with_whom).label.lower()}")
        if mine.attempts:
            facts.append(f"{mine.attempts} {'attempt' if mine.attempts == 1 else 'attempts'}")
        if mine.timer_seconds is not None:
            facts.append(f"timer {minutes_words(mine.timer_seconds)}")
        parts = [f"{safe(ACTIVITY_WORDS[mine.activity])}"]
        if mine.outcome == "attempt":
            parts.append(badge("Attempt"))
        if is_late:
            parts.append(badge("Late entry", "attention", "clock-history"))
        parts += [badge(f"Confirmed: {Doubt(doubt).words}", "attention") for doubt in _doubts(mine)]
        text = " ".join(parts)
        if facts:
            text += f'<span class="entry-small">{safe(", ".join(facts))}</span>'
        if mine.note_text:
            text += f'<p class="entry-note">{safe(mine.note_text)}</p>'
        return joined(f"<div>{text}</div>")

    def _why_not(self, exclusions: Sequence[Exclusion], mine: Contact) -> SafeString:
        lines = []
        for exclusion in exclusions:
            words = exclusion.reason.words
            if exclusion.reason is ExclusionReason.BILLED_ELSEWHERE and mine.billed_elsewhere_code:
                words = f"{words} {mine.billed_elsewhere_code}"
            if exclusion.is_undecided:
                words += " (nobody has established this payer's rule)"
            rule = f'<span class="entry-small">{safe(exclusion.rule.label)}</span>' if exclusion.rule else ""
            amount = "" if not exclusion.seconds else f"{minutes_words(exclusion.seconds)} min: "
            lines.append(f"<div>{amount}{safe(words)}{rule}</div>")
        newer = self.replaced_by.get(mine.contact_id)
        if newer is not None:
            lines.append(
                f'<div>Replaced by <a href="#entry-{newer.number}">entry {newer.number}</a>: '
                f"{safe(newer.correction_reason)}</div>"
            )
        older = self.rows.get(mine.corrects_contact_id) if mine.corrects_contact_id else None
        if older is not None:
            lines.append(
                f'<div>Replaces <a href="#entry-{older.number}">entry {older.number}</a>: '
                f"{safe(mine.correction_reason)}</div>"
            )
        return joined("<div>", *lines, "</div>") if lines else joined("")

    def _correct(self, mine: Contact) -> SafeString:
        may = (
            self.is_open
            and self.actor.may(Permission.MINUTES_RECORD)
            and mine.staff_member_id == self.actor.staff_member_id
            and mine.contact_id not in self.replaced_by
        )
        if not may:
            return joined("")
        address = reverse("contacts:correct", kwargs={"patient_id": self.patient.pk, "entry_id": mine.pk})
        return joined(
            f'<a class="no-print" href="{safe(address)}">Correct'
            f'<span class="visually-hidden"> entry {mine.number}</span></a>'
        )


def _doubts(mine: Contact) -> list[str]:
    return [doubt for doubt in mine.confirmed_doubts.split(",") if doubt]


def _outside(patient: Patient, month: Month, others: Sequence[Contact], writer: _RowWriter) -> Table | None:
    """Entries of a month in which no episode is active."""
    rows = [
        writer.plain(contact)
        for contact in others
        if month_of(writer.actor, patient, contact.started_at) == month
    ]
    if not rows:
        return None
    return Table(f"Entries of {month}", COLUMNS, rows, key="entries", layout="cards", caption_hidden=True)
