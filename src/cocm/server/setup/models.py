"""What waits to be imported, and what the practice's own contracts pay."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from cocm.server.records import OrganizationRow


class StagedImport(OrganizationRow):
    """Uploaded tables that are looked at before anything is saved. They lie in the database, behind its walls, and
    are gone once they are imported, thrown away or too old.
    """

    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    uploaded_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("organization", "expires_at")),)


class StagedFile(OrganizationRow):
    """One uploaded file, by the plain name it is told by; its content is packed with zlib."""

    staged = models.ForeignKey(StagedImport, on_delete=models.CASCADE, related_name="files")
    name = models.CharField(max_length=60)
    content = models.BinaryField()


class ContractRate(OrganizationRow):
    """What the practice's contract with a payer allows for one unit from a day on: cents, or a part of Medicare's."""

    payer = models.ForeignKey(
        "accounts.PayerProduct", on_delete=models.CASCADE, related_name="contract_rates"
    )
    hcpcs_code = models.CharField(max_length=5)
    effective_from = models.DateField()
    effective_to = models.DateField(null=True, blank=True)
    rate_amount_cents = models.PositiveBigIntegerField(null=True, blank=True)
    percent_of_medicare_hundredths = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("payer", "hcpcs_code", "effective_from"), name="contract_rate_one_a_day"
            ),
        )
