"""What was billed so far, and what people decided about a month."""

from __future__ import annotations

from django.db import models

from cocm.care.records import ClaimStatus, DecisionKind
from cocm.intake.patient_tables import FREQUENCY_CODES
from cocm.server.records import OrganizationRow


class ClaimHistoryLine(OrganizationRow):
    """One line of an earlier claim for the patient, ours or another practice's.

    `payer_id` is the contract's and no relation: an earlier payer need not be among ours any more.
    """

    patient = models.ForeignKey("registry.Patient", on_delete=models.PROTECT, related_name="claim_history")
    payer_id = models.CharField(max_length=60)
    claim_id = models.CharField(max_length=60)
    claim_line_number = models.PositiveSmallIntegerField(default=1)
    service_date = models.DateField()
    hcpcs_code = models.CharField(max_length=5)
    service_unit_quantity = models.PositiveSmallIntegerField(default=1)
    billing_npi = models.CharField(max_length=10)
    billing_tin = models.CharField(max_length=10, blank=True)
    rendering_npi = models.CharField(max_length=10, blank=True)
    status = models.CharField(max_length=20, choices=[(status.value, status.value) for status in ClaimStatus])
    payer_claim_control_number = models.CharField(max_length=60, blank=True)
    frequency_code = models.CharField(
        max_length=1, default="1", choices=[(code, code) for code in FREQUENCY_CODES]
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("patient", "claim_id", "claim_line_number"), name="claim_history_one_a_line"
            ),
        )


class MonthDecision(OrganizationRow):
    """A person's reasoned decision about a patient's month: an item released, or an offered code chosen."""

    patient = models.ForeignKey("registry.Patient", on_delete=models.PROTECT, related_name="decisions")
    month_index = models.PositiveIntegerField()
    decision = models.CharField(max_length=20, choices=[(kind.value, kind.value) for kind in DecisionKind])
    item = models.CharField(max_length=80)
    decided_by = models.CharField(max_length=60)
    decided_on = models.DateField()
    reason = models.CharField(max_length=300)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("patient", "month_index", "decision", "item"), name="decision_one_an_item"
            ),
        )
