"""What a caseload review leaves behind: the session with its agenda, what was said, recommendations and their fate.

That a patient was discussed on a day is the registry's `CaseloadReview`, which the months rest on; these rows stand
beside it. What was said is only ever added: a row that came out wrong is followed by another one.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models

from cocm.care.recommendations import Advice, AdviceAnswer, AdviceState
from cocm.server.records import OrganizationRow


def _staff() -> models.ForeignKey:
    return models.ForeignKey("accounts.StaffMember", on_delete=models.PROTECT, related_name="+")


def _user() -> models.ForeignKey:
    return models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")


class ReviewSession(OrganizationRow):
    """A care manager and a consultant go through an agenda together.

    `other_minutes`: the consultant's, for work that is about no single patient. Open until `closed_at`.
    """

    held_on = models.DateField()
    started_at = models.DateTimeField()
    bhcm = _staff()
    psychiatric_consultant = _staff()
    other_minutes = models.PositiveSmallIntegerField(default=0)
    other_note = models.CharField(max_length=200, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    recorded_at = models.DateTimeField(auto_now_add=True)
    recorded_by = _user()

    class Meta:
        indexes = (models.Index(fields=("organization", "held_on")),)


class AgendaItem(OrganizationRow):
    """A patient on a session's agenda, with why, as it stood when the agenda was made, and what is to be asked.

    `reasons`: [[label, reason, tone], ...]. `review` is there once the patient was discussed.
    """

    session = models.ForeignKey(ReviewSession, on_delete=models.PROTECT, related_name="items")
    patient = models.ForeignKey("registry.Patient", on_delete=models.PROTECT, related_name="agenda_items")
    episode = models.ForeignKey("registry.Episode", on_delete=models.PROTECT, related_name="+")
    place = models.PositiveSmallIntegerField()
    reasons = models.JSONField(default=list, blank=True)
    question = models.CharField(max_length=500, blank=True)
    put_off_reason = models.CharField(max_length=200, blank=True)
    review = models.OneToOneField(
        "registry.CaseloadReview", null=True, blank=True, on_delete=models.PROTECT, related_name="agenda_item"
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("session", "patient"), name="agenda_item_one_a_patient"),
        )

    @property
    def is_open(self) -> bool:
        """Neither discussed nor put off."""
        return self.review_id is None and not self.put_off_reason


class ReviewNote(OrganizationRow):
    """What was said of a patient, and the entries of time that were recorded with it."""

    patient = models.ForeignKey("registry.Patient", on_delete=models.PROTECT, related_name="review_notes")
    review = models.OneToOneField("registry.CaseloadReview", on_delete=models.PROTECT, related_name="note")
    summary = models.TextField(max_length=4_000, blank=True)
    needs_direct_evaluation = models.BooleanField(default=False)
    bhcm_entry = models.ForeignKey("contacts.Contact", null=True, on_delete=models.PROTECT, related_name="+")
    consultant_entry = models.ForeignKey(
        "contacts.Contact", null=True, on_delete=models.PROTECT, related_name="+"
    )
    recorded_at = models.DateTimeField(auto_now_add=True)
    recorded_by = _user()


class Recommendation(OrganizationRow):
    """What the consultant recommends to the treating practitioner about a patient."""

    class Kind(models.TextChoices):
        MEDICATION = "medication", "Medication"
        THERAPY = "therapy", "Therapy or behavioral strategy"
        REFERRAL = "referral", "Referral"
        OTHER = "other", "Other"

    class Change(models.TextChoices):
        START = "start", "Start"
        INCREASE = "increase", "Increase"
        DECREASE = "decrease", "Decrease"
        SWITCH = "switch", "Switch"
        STOP = "stop", "Stop"
        CONTINUE = "continue", "Continue"

    patient = models.ForeignKey("registry.Patient", on_delete=models.PROTECT, related_name="recommendations")
    episode = models.ForeignKey("registry.Episode", on_delete=models.PROTECT, related_name="recommendations")
    review = models.ForeignKey(
        "registry.CaseloadReview", on_delete=models.PROTECT, related_name="recommendations"
    )
    kind = models.CharField(max_length=20, choices=Kind.choices)
    change = models.CharField(max_length=20, choices=Change.choices, blank=True)
    subject = models.CharField(max_length=100, blank=True)
    dose = models.CharField(max_length=100, blank=True)
    text = models.CharField(max_length=1_000, blank=True)
    given_on = models.DateField()
    given_by = _staff()
    recorded_at = models.DateTimeField(auto_now_add=True)
    recorded_by = _user()

    class Meta:
        indexes = (models.Index(fields=("patient", "given_on")),)

    @property
    def headline(self) -> str:
        """The structured part in a line, such as: Increase sertraline to 100 mg."""
        if not self.subject:
            return self.get_kind_display()
        parts = [self.get_change_display(), self.subject, f"({self.dose})" if self.dose else ""]
        line = " ".join(part for part in parts if part)
        return line[:1].upper() + line[1:]

    @property
    def last_answer(self) -> RecommendationAnswer | None:
        """The answer that holds: the latest."""
        return max(self.answers.all(), key=lambda answer: answer.recorded_at, default=None)

    @property
    def last_outcome(self) -> FollowThrough | None:
        """What was said last about whether it was carried out."""
        return max(self.outcomes.all(), key=lambda outcome: outcome.recorded_at, default=None)

    @property
    def advice(self) -> Advice:
        """As the core reads it."""
        answer, outcome = self.last_answer, self.last_outcome
        return Advice(
            self.given_on,
            AdviceAnswer(answer.answer) if answer else None,
            answer.answered_on if answer else None,
            outcome.is_carried_out if outcome else None,
            outcome.carried_out_on if outcome else None,
        )

    @property
    def state(self) -> AdviceState:
        return self.advice.state


class RecommendationAnswer(OrganizationRow):
    """The treating practitioner's answer. A further one replaces it."""

    class Answer(models.TextChoices):
        ACCEPTED = AdviceAnswer.ACCEPTED.value, "Accept"
        MODIFIED = AdviceAnswer.MODIFIED.value, "Modify"
        DECLINED = AdviceAnswer.DECLINED.value, "Decline"

    recommendation = models.ForeignKey(Recommendation, on_delete=models.PROTECT, related_name="answers")
    answer = models.CharField(max_length=20, choices=Answer.choices)
    instead = models.CharField(max_length=300, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    answered_on = models.DateField()
    answered_by = _staff()
    recorded_at = models.DateTimeField(auto_now_add=True)
    recorded_by = _user()


class FollowThrough(OrganizationRow):
    """Whether a recommendation was carried out, on which day and by whom. A further one replaces it."""

    recommendation = models.ForeignKey(Recommendation, on_delete=models.PROTECT, related_name="outcomes")
    is_carried_out = models.BooleanField()
    carried_out_on = models.DateField()
    carried_out_by = _staff()
    note = models.CharField(max_length=300, blank=True)
    recorded_at = models.DateTimeField(auto_now_add=True)
    recorded_by = _user()
