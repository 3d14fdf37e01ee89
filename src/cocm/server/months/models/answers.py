"""A month's patients as the last run answered: what each earns, where it stands, and each reason why."""

from __future__ import annotations

from django.db import models

from cocm.server.records import OrganizationRow


class PatientMonth(OrganizationRow):
    """One patient-month as the last run decided it; the next run of the month replaces it.

    `status` and `grade` words are the close's own. `cents_at_stake` is what the lines are worth on `money_basis`.
    """

    run = models.ForeignKey("months.MonthRun", on_delete=models.CASCADE, related_name="patient_months")
    month_index = models.PositiveIntegerField()
    patient = models.ForeignKey("registry.Patient", on_delete=models.PROTECT, related_name="+")
    episode_id = models.CharField(max_length=60)
    payer_id = models.CharField(max_length=60, blank=True)
    status = models.CharField(max_length=20)
    month_kind = models.CharField(max_length=10)
    minutes_counted = models.PositiveIntegerField()
    codes = models.TextField(blank=True)
    next_tier = models.CharField(max_length=40, blank=True)
    minutes_short = models.PositiveIntegerField(null=True)
    cents_expected = models.BigIntegerField(null=True)
    cents_charged = models.BigIntegerField(null=True)
    claim_id = models.CharField(max_length=60, blank=True)
    submission = models.CharField(max_length=20, blank=True)

    class Meta:
        indexes = (
            models.Index(fields=("organization", "month_index", "status")),
            models.Index(fields=("patient", "month_index")),
        )


class MonthItem(OrganizationRow):
    """One reason of a patient-month. `holds`: the claim waits for it (the worklist); the others are noted.

    `patient_month` is empty for a claim that no case file stands behind any more.
    """

    run = models.ForeignKey("months.MonthRun", on_delete=models.CASCADE, related_name="items")
    patient_month = models.ForeignKey(PatientMonth, null=True, on_delete=models.CASCADE, related_name="items")
    month_index = models.PositiveIntegerField()
    patient = models.ForeignKey("registry.Patient", null=True, on_delete=models.PROTECT, related_name="+")
    payer_id = models.CharField(max_length=60, blank=True)
    item = models.CharField(max_length=80)
    grade = models.CharField(max_length=20)
    owner = models.CharField(max_length=30)
    why = models.TextField()
    action = models.TextField()
    rules = models.JSONField(default=list)
    can_be_released = models.BooleanField(default=False)
    holds = models.BooleanField(default=False)
    cents_at_stake = models.BigIntegerField(default=0)
    money_basis = models.TextField(blank=True)

    class Meta:
        indexes = (models.Index(fields=("organization", "month_index", "holds", "owner")),)
