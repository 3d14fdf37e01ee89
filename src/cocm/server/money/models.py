"""What the books do not hold: agreements with consultants, approved statements, and statements given to patients."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.db import models

from cocm.remits.transfers import TransferModel, TransferTerm
from cocm.server.records import OrganizationRow

MODEL_WORDS = {
    TransferModel.SCHEDULED_BLOCK: "Scheduled block of hours",
    TransferModel.LOGGED_HOURS: "Logged hours",
    TransferModel.PER_REVIEW: "Fee a review",
    TransferModel.EMBEDDED_VALUATION: "Valuation within the codes",
    TransferModel.SHARE_OF_COLLECTIONS: "Share of collections",
    TransferModel.COST_ALLOCATION: "Share of the programme's cost",
    TransferModel.RETAINER: "Retainer",
}


class ConsultantAgreement(OrganizationRow):
    """How one psychiatric consultant is paid, from a day on. What the model does not use is empty."""

    agreement_id = models.CharField(max_length=40)
    consultant = models.ForeignKey("accounts.StaffMember", on_delete=models.PROTECT, related_name="+")
    model = models.CharField(
        max_length=30, choices=[(one.value, words) for one, words in MODEL_WORDS.items()]
    )
    effective_from = models.DateField()
    effective_to = models.DateField(null=True, blank=True)
    amount_cents = models.PositiveBigIntegerField(null=True, blank=True)
    percent = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    hours_per_week = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("organization", "agreement_id"), name="agreement_one_an_id"),
        )

    @property
    def term(self) -> TransferTerm:
        """The agreement as the core reads it."""
        return TransferTerm(
            self.agreement_id,
            self.consultant.staff_id,
            TransferModel(self.model),
            self.effective_from,
            self.effective_to,
            self.amount_cents,
            None if self.percent is None else Decimal(self.percent),
            None if self.hours_per_week is None else Decimal(self.hours_per_week),
        )


class TransferApproval(OrganizationRow):
    """A month's statement as somebody approved it: its lines, never changed. What changed later needs a further one.

    `digest` is of the lines: the same statement is approved once. `lines` are the core's, with the consultant's name.
    """

    month_index = models.PositiveIntegerField()
    version = models.PositiveSmallIntegerField(default=1)
    digest = models.CharField(max_length=64)
    lines = models.JSONField()
    total_cents = models.BigIntegerField()
    note = models.CharField(max_length=300, blank=True)
    approver_name = models.CharField(max_length=120)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organization", "month_index", "version"), name="transfer_approval_one_a_version"
            ),
        )


class PatientStatement(OrganizationRow):
    """A statement that a patient was given: for which claims, how much, when, and how."""

    class Way(models.TextChoices):
        """How it reached the patient."""

        MAIL = "mail", "By mail"
        HANDED_OVER = "handed_over", "Handed over"
        PORTAL = "portal", "Patient portal"

    patient = models.ForeignKey("registry.Patient", on_delete=models.PROTECT, related_name="statements")
    amount_cents = models.PositiveBigIntegerField()
    lines = models.JSONField()
    given_on = models.DateField()
    way = models.CharField(max_length=20, choices=Way.choices)
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("patient", "given_on", "amount_cents", "way"), name="patient_statement_once"
            ),
        )
