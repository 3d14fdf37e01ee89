"""What is not yet an entry: timers that run, drafts, and the templates that entries begin from."""

from __future__ import annotations

from django.db import models

from cocm.server.records import OrganizationRow


class WorkTimer(OrganizationRow):
    """A person's stopwatch for a patient; it proposes minutes and counts nothing. A person has one that runs.

    `running_since` is empty while it stands still; `seconds_before` is what ran before that. `last_sign_at` is the last
    sign of work on its page, `quiet_seconds` the stretches that were long enough to be doubted. Gone once its entry is
    saved, or thrown away.
    """

    patient = models.ForeignKey("registry.Patient", on_delete=models.PROTECT, related_name="timers")
    staff_member = models.ForeignKey("accounts.StaffMember", on_delete=models.PROTECT, related_name="+")
    began_at = models.DateTimeField()
    running_since = models.DateTimeField(null=True, blank=True)
    seconds_before = models.PositiveIntegerField(default=0)
    last_sign_at = models.DateTimeField()
    quiet_seconds = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("patient", "staff_member"), name="timer_one_a_person_and_patient"
            ),
            models.UniqueConstraint(
                fields=("staff_member",),
                condition=models.Q(running_since__isnull=False),
                name="timer_one_runs_a_person",
            ),
        )


class ContactDraft(OrganizationRow):
    """What a person has typed so far for a patient: theirs alone, and in nobody's way.

    `typed` are the form's fields as they were typed. `revision` grows with each save: a second window that still shows
    an older one gets a draft of its own, so that neither overwrites the other.
    """

    patient = models.ForeignKey("registry.Patient", on_delete=models.PROTECT, related_name="drafts")
    author = models.ForeignKey("accounts.StaffMember", on_delete=models.PROTECT, related_name="+")
    typed = models.JSONField(default=dict)
    revision = models.PositiveIntegerField(default=1)
    begun_at = models.DateTimeField()
    saved_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("author", "patient")),)


class EntryTemplate(OrganizationRow):
    """Fields that an entry may begin from: a person's own, or (`is_shared`) everybody's at the organization."""

    owner = models.ForeignKey("accounts.StaffMember", on_delete=models.PROTECT, related_name="+")
    is_shared = models.BooleanField(default=False)
    name = models.CharField(max_length=60)
    typed = models.JSONField(default=dict)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("owner", "name"), name="entry_template_one_a_name"),)


class MonthReopening(OrganizationRow):
    """A frozen month that is open again for entries and corrections, with the reason; `closed_at`: frozen once more."""

    patient = models.ForeignKey("registry.Patient", on_delete=models.PROTECT, related_name="reopenings")
    month_index = models.PositiveIntegerField()
    reason = models.CharField(max_length=300)
    reopened_at = models.DateTimeField()
    reopened_by = models.ForeignKey("accounts.User", null=True, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("patient", "month_index"),
                condition=models.Q(closed_at__isnull=True),
                name="reopening_one_open_a_month",
            ),
        )
