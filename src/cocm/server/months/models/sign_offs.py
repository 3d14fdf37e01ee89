"""Who signed which entries of a month: append-only, chained by person."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from django.conf import settings
from django.db import models

from cocm.server.records import ChainedRow


class SignOff(ChainedRow):
    """A person's confirmation of their own entries of a month, for the patients chosen.

    `seen` is what the person saw: by patient (empty for the whole caseload) the hash of the entries and reviews, their
    number and seconds. An entry that is added or corrected later has another hash, and the patient is unsigned again.
    """

    number = models.PositiveIntegerField()
    month_index = models.PositiveIntegerField()
    staff_member = models.ForeignKey("accounts.StaffMember", on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField()
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    seen = models.JSONField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("staff_member", "number"), name="sign_off_one_a_number"),
        )
        indexes = (models.Index(fields=("organization", "month_index")),)

    def content(self) -> dict[str, Any]:
        """What the row's hash is taken of."""
        return {
            "id": str(self.id),
            "organization_id": str(self.organization_id),
            "number": self.number,
            "month_index": self.month_index,
            "staff_member": str(self.staff_member_id),
            "signed_at": self.signed_at.astimezone(UTC).isoformat(timespec="microseconds"),
            "signed_by": str(self.signed_by_id),
            "seen": self.seen,
        }
