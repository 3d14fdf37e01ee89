"""What a case file shows of one patient: everything that stands on the page, read once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.functional import cached_property

from cocm.basics.months import Month
from cocm.care.flags import CareFlag
from cocm.care.records import Activity, Modality, Outcome
from cocm.rules.care_flags import CareFlags, care_flags
from cocm.rules.codes import hcpcs_codes
from cocm.server.access.actor import Actor
from cocm.server.contacts.lacks import Lack, month_lacks
from cocm.server.contacts.minutes import minutes_bar
from cocm.server.contacts.models import Contact
from cocm.server.look.minutes import MinutesBar
from cocm.server.look.parts import TimelineEntry
from cocm.server.registry.caseload import Caseload, CaseloadRow
from cocm.server.registry.models import (
    Alert,
    CaseloadReview,
    ClaimHistoryLine,
    Coverage,
    Episode,
    FormerValues,
    MeasureResult,
    OtherService,
    Patient,
    SocialNeed,
    TreatmentChange,
    WorkNote,
)
from cocm.server.rules_in_force import rulebook

TIMELINE_MAX = 60
_RELATED = (
    "site", "bhcm", "psychiatric_consultant", "billing_practitioner", "referring_practitioner", "initiating_visit",
)  # fmt: skip
TOLD_ELSEWHERE = ("alertcourse", "confidentialmark", "measurelink", "questionnaireresponse")
"""Rows whose former values say nothing here: their own pages tell what became of them."""


@dataclass
class CaseFilePage:
    """One patient's case file on a day, for the acting person. Each part is read when the page asks for it."""

    actor: Actor
    patient: Patient
    today: date = field(default_factory=timezone.localdate)

    @cached_property
    def watched(self) -> CareFlags:
        return care_flags(rulebook())

    @cached_property
    def episodes(self) -> list[Episode]:
        """Every episode, the last first."""
        found = Episode.objects.of(self.actor).filter(patient=self.patient).select_related(*_RELATED)
        return list(found.order_by("-start_date", "-episode_id"))

    @cached_property
    def episode(self) -> Episode | None:
        """The open episode, or the latest one."""
        is_open = (episode for episode in self.episodes if episode.end_date is None)
        return next(is_open, self.episodes[0] if self.episodes else None)

    @cached_property
    def row(self) -> CaseloadRow | None:
        """The patient's row of the caseload: the same flags, the same minutes."""
        if self.episode is None:
            return None
        load = Caseload.of_episodes(self.actor, self.today, [self.episode.pk], with_billing=False)
        return load.rows[0] if load.rows else None

    @cached_property
    def flags(self) -> tuple[CareFlag, ...]:
        return self.row.flags if self.row is not None else ()

    @cached_property
    def statuses(self) -> list[Any]:
        if self.episode is None:
            return []
        return list(
            self.episode.statuses.select_related("recorded_by").order_by("-from_date", "-recorded_at")
        )

    @cached_property
    def consents(self) -> list[Any]:
        return [] if self.episode is None else list(self.episode.consents.order_by("-recorded_at"))

    @cached_property
    def visit(self) -> Any:
        return getattr(self.episode, "initiating_visit", None) if self.episode is not None else None

    @cached_property
    def team(self) -> list[Any]:
        if self.episode is None:
            return []
        return list(self.episode.team.select_related("staff_member").order_by("to_date", "from_date"))

    @cached_property
    def covering(self) -> list[Any]:
        """Colleagues who cover now or will."""
        return [
            member
            for member in self.team
            if member.part == member.Part.COVERING
            and (member.to_date is None or member.to_date >= self.today)
        ]

    @cached_property
    def left_team(self) -> list[Any]:
        return [member for member in self.team if member.to_date is not None and member.to_date < self.today]

    @cached_property
    def all_diagnoses(self) -> list[Any]:
        return [] if self.episode is None else list(self.episode.diagnoses.order_by("position"))

    @property
    def diagnoses(self) -> list[Any]:
        return [row for row in self.all_diagnoses if row.to_date is None]

    @cached_property
    def former_diagnoses(self) -> list[Any]:
        former = [row for row in self.all_diagnoses if row.to_date is not None]
        return sorted(former, key=lambda row: row.to_date, reverse=True)

    @cached_property
    def treatments(self) -> list[TreatmentChange]:
        rows = TreatmentChange.objects.of(self.actor).filter(patient=self.patient)
        return list(rows.select_related("recorded_by").order_by("-changed_on", "-recorded_at"))

    @cached_property
    def measures(self) -> list[MeasureResult]:
        return list(
            MeasureResult.objects.of(self.actor)
            .filter(patient=self.patient)
            .order_by("-taken_on", "instrument")
        )

    @cached_property
    def reviews(self) -> list[CaseloadReview]:
        rows = CaseloadReview.objects.of(self.actor).filter(patient=self.patient)
        return list(rows.select_related("bhcm", "psychiatric_consultant").order_by("-reviewed_on"))

    @cached_property
    def alerts(self) -> list[Alert]:
        rows = Alert.objects.of(self.actor).filter(patient=self.patient)
        return list(rows.select_related("raised_by", "closed_by").order_by("-recorded_at"))

    @cached_property
    def open_alerts(self) -> list[Alert]:
        return [alert for alert in self.alerts if alert.closed_at is None]

    @cached_property
    def coverages(self) -> list[Coverage]:
        rows = Coverage.objects.of(self.actor).filter(patient=self.patient)
        return list(rows.select_related("payer").order_by("rank", "-coverage_from"))

    @cached_property
    def services(self) -> list[OtherService]:
        rows = OtherService.objects.of(self.actor).filter(patient=self.patient)
        return list(rows.order_by("-service_date")[:20])

    @cached_property
    def needs(self) -> list[SocialNeed]:
        rows = SocialNeed.objects.of(self.actor).filter(patient=self.patient)
        return list(rows.order_by("resolved_on", "-noted_on"))

    @cached_property
    def actions(self) -> list[WorkNote]:
        """What is still to be done, the most urgent first."""
        rows = WorkNote.objects.of(self.actor).filter(patient=self.patient, done_at__isnull=True)
        found = rows.select_related("owner").order_by("recorded_at")
        return sorted(found, key=lambda note: note.due_on or date.max)

    @cached_property
    def claims(self) -> list[ClaimHistoryLine]:
        rows = ClaimHistoryLine.objects.of(self.actor).filter(patient=self.patient)
        return list(rows.order_by("-service_date", "claim_id", "claim_line_number")[:12])

    @cached_property
    def former_values(self) -> list[FormerValues]:
        rows = FormerValues.objects.of(self.actor).filter(patient=self.patient)
        rows = rows.exclude(object_type__in=TOLD_ELSEWHERE)
        return list(rows.select_related("changed_by").order_by("-changed_at")[:30])

    # -- the month -------------------------------------------------------------------------------------------------

    @cached_property
    def month(self) -> Month:
        return Month.of(self.today)

    @property
    def bar(self) -> MinutesBar | None:
        kept = self.row.minutes if self.row is not None else None
        return minutes_bar(kept, today=self.today) if kept is not None else None

    @cached_property
    def missing(self) -> list[Lack]:
        """What the month lacks, the gravest first; nothing where the practice's tables are not complete yet."""
        if self.episode is None or self.row is None or self.row.minutes is None:
            return []
        return month_lacks(actor=self.actor, row=self.row.minutes, bhcm_pk=self.episode.bhcm_id)

    @cached_property
    def route(self) -> Any:
        """Which side of the benefit pays, as the payer's pack says."""
        cover = self.row.cover if self.row is not None else None
        if cover is None:
            return None
        return rulebook().pack(cover.pack_id).on(self.month.last_day).value("claim.benefit_side")

    def code_words(self, code: str) -> str:
        """A service code with our own short label, where the table has one."""
        known = hcpcs_codes(rulebook()).get(code)
        return f"{code} {known.label}" if known is not None else code

    # -- what happened -------------------------------------------------------------------------------------------

    @cached_property
    def zone(self) -> ZoneInfo:
        site = self.episode.site if self.episode is not None else None
        return (
            ZoneInfo(site.time_zone)
            if site is not None and site.time_zone
            else timezone.get_current_timezone()
        )  # type: ignore[return-value]

    @cached_property
    def timeline(self) -> list[TimelineEntry]:
        """The latest of everything, the last first."""
        entries = [
            *self._of_contacts(),
            *self._of_scores(),
            *self._of_people(),
            *self._of_statuses(),
        ]
        entries.sort(key=lambda entry: self._moment(entry.at), reverse=True)
        return entries[:TIMELINE_MAX]

    def _moment(self, at: date | datetime) -> datetime:
        return at if isinstance(at, datetime) else datetime.combine(at, time(), self.zone)

    def _of_contacts(self) -> list[TimelineEntry]:
        rows = Contact.objects.of(self.actor).filter(patient=self.patient)
        corrected = set(rows.exclude(corrects_contact_id="").values_list("corrects_contact_id", flat=True))
        found = rows.select_related("staff_member").order_by("-started_at")[:TIMELINE_MAX]
        return [
            TimelineEntry(
                at=contact.started_at.astimezone(self.zone),
                title=_WORDS.get(contact.activity, contact.activity)
                + (" (attempt)" if contact.outcome == Outcome.ATTEMPT else ""),
                body=_contact_words(contact),
                who=contact.staff_member.full_name,
                icon="telephone" if contact.modality == Modality.PHONE else "chat-left-text",
                tone="neutral",
            )
            for contact in found
            if contact.contact_id not in corrected
        ]

    def _of_scores(self) -> list[TimelineEntry]:
        entries = []
        for measure in self.measures:
            scale = self.watched.scales.get(measure.instrument)
            label = scale.label if scale else measure.instrument.upper()
            alarming = bool(measure.self_harm_score)
            body = "Item about self-harm above 0" if alarming else ""
            tone = "danger" if alarming else "info"
            entries.append(
                TimelineEntry(measure.taken_on, f"{label} {measure.score}", body, icon="graph-up", tone=tone)
            )
        return entries

    def _of_people(self) -> list[TimelineEntry]:
        entries = [
            TimelineEntry(
                change.changed_on,
                f"{change.get_kind_display()} {change.get_change_display().lower()}",
                change.text,
                change.recorded_by.full_name if change.recorded_by else "",
                "journal-text",
                "attention",
            )
            for change in self.treatments
        ]
        entries += [
            TimelineEntry(
                review.reviewed_on,
                "Caseload review",
                "",
                review.psychiatric_consultant.full_name if review.psychiatric_consultant else "",
                "clipboard-pulse",
                "success",
            )
            for review in self.reviews
        ]
        for alert in self.alerts:
            who = alert.raised_by.full_name if alert.raised_by else ""
            entries.append(
                TimelineEntry(alert.raised_on, alert.get_kind_display(), alert.reason, who, "flag", "danger")
            )
            if alert.closed_at is not None:
                closer = alert.closed_by.full_name if alert.closed_by else ""
                title = f"Closed: {alert.get_kind_display()}"
                entries.append(
                    TimelineEntry(alert.closed_at, title, alert.action, closer, "check-circle", "success")
                )
        return entries

    def _of_statuses(self) -> list[TimelineEntry]:
        entries = [
            TimelineEntry(
                status.from_date, f"Status: {status.get_status_display()}", status.reason, icon="person-check"
            )
            for status in self.statuses
        ]
        entries += [
            TimelineEntry(
                consent.revoked_on or consent.consent_date,
                "Consent revoked" if consent.revoked_on else "Consent",
                "" if consent.revoked_on else consent.form,
                consent.recorded_by,
                "file-earmark-check",
            )
            for consent in self.consents
            if consent.revoked_on or consent.consent_date
        ]
        return entries


_WORDS = {activity.value: activity.value.replace("_", " ").capitalize() for activity in Activity}


def _contact_words(contact: Contact) -> str:
    minutes = f"{contact.service_seconds // 60} min"
    how = "" if contact.modality == Modality.NONE else f", {contact.modality.replace('_', ' ')}"
    elsewhere = ""
    if contact.billed_elsewhere_minutes:
        elsewhere = f", of which {contact.billed_elsewhere_minutes} billed as {contact.billed_elsewhere_code}"
    return f"{minutes}{how}{elsewhere}"
