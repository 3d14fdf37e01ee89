"""What a health plan keeps beside its books: its tables in versions, providers' cases, reports that were made."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from cocm.server.records import OrganizationRow


class PlanTable(OrganizationRow):
    """One of the plan's tables as it was uploaded, packed with zlib. Former versions stay."""

    name = models.CharField(max_length=40)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    rows_total = models.PositiveIntegerField()
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    uploaded_at = models.DateTimeField()
    is_current = models.BooleanField(default=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organization", "name"), condition=Q(is_current=True), name="plan_table_one_current"
            ),
        )


class CaseState(models.TextChoices):
    """Where a provider's case stands."""

    OPEN = "open", "Open"
    ANSWERED = "answered", "Answered"
    CLOSED = "closed", "Closed"


class ProviderCase(OrganizationRow):
    """Something a provider brought to provider relations. What was said stands in its entries, which only grow."""

    number = models.PositiveIntegerField()
    billing_npi = models.CharField(max_length=10, blank=True)
    provider_name = models.CharField(max_length=60)
    subject = models.CharField(max_length=120)
    claim_number = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=20, choices=CaseState.choices, default=CaseState.OPEN)
    due_on = models.DateField(null=True, blank=True)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    opened_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("organization", "number"), name="provider_case_one_a_number"),
        )


class EntryKind(models.TextChoices):
    """What an entry of a case is."""

    RECEIVED = "received", "From the provider"
    SENT = "sent", "To the provider"
    NOTE = "note", "Internal note"
    DECISION = "decision", "Decision"


class CaseEntry(OrganizationRow):
    """One entry of a case's log. Rows are only ever added. `is_shared`: part of the log that the provider gets."""

    case = models.ForeignKey(ProviderCase, on_delete=models.PROTECT, related_name="entries")
    kind = models.CharField(max_length=20, choices=EntryKind.choices)
    text = models.TextField(max_length=4000)
    reason = models.CharField(max_length=60, blank=True)
    is_shared = models.BooleanField(default=False)
    state_after = models.CharField(max_length=20, choices=CaseState.choices)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    written_at = models.DateTimeField()


class ReportKind(models.TextChoices):
    """What a report is."""

    AUDIT = "audit", "Audit of the history"
    DATA_REQUEST = "data_request", "Data request"
    SCORECARDS = "scorecards", "Provider scorecards"
    POLICY = "policy", "Policy pages"
    PERFORMANCE = "performance", "Plan performance"
    SB1320 = "sb1320", "SB 1320 evidence"


class PlanReport(OrganizationRow):
    """A report that somebody made, with what it came to. `asked` are its own words; no patient stands in `summary`."""

    kind = models.CharField(max_length=20, choices=ReportKind.choices)
    asked = models.JSONField(default=dict)
    summary = models.JSONField(default=dict)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    made_at = models.DateTimeField()


class ReportFile(OrganizationRow):
    """A file of a report, packed with zlib."""

    report = models.ForeignKey(PlanReport, on_delete=models.CASCADE, related_name="files")
    name = models.CharField(max_length=100)
    content = models.BinaryField()
    bytes_total = models.PositiveBigIntegerField()
