"""The trail's events, chained by organization, and the head of each chain."""

from __future__ import annotations

from typing import Any

from django.db import models

from cocm.server.records import ChainedRow, OrganizationRow


class AuditEvent(ChainedRow):
    """One thing that was done. Ids are plain values, not relations: the trail outlives what it speaks of.

    `details` holds ids, names of fields and counts, never what a field holds. `patient_id` is empty where no one
    patient is meant; `details["patients"]` then lists whom a page showed, or, where they are many,
    `details["patient_list"]` is the hash of a `PatientList`.
    """

    number = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    user_id = models.UUIDField(null=True)
    role = models.CharField(max_length=30)
    verb = models.CharField(max_length=30)
    object_type = models.CharField(max_length=60)
    object_id = models.CharField(max_length=120)
    patient_id = models.UUIDField(null=True)
    reason = models.CharField(max_length=300)
    details = models.JSONField(default=dict)
    request_id = models.CharField(max_length=32)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("organization", "number"), name="audit_one_event_a_number"),
        )
        indexes = (
            models.Index(fields=("organization", "patient_id", "at")),
            models.Index(fields=("organization", "user_id", "at")),
            models.Index(fields=("organization", "at")),
        )

    def content(self) -> dict[str, Any]:
        """What the event's hash is taken of."""
        return {
            "id": str(self.id),
            "organization_id": str(self.organization_id),
            "number": self.number,
            "at": self.at.isoformat(timespec="microseconds"),
            "user_id": str(self.user_id or ""),
            "role": self.role,
            "verb": str(self.verb),
            "object_type": self.object_type,
            "object_id": self.object_id,
            "patient_id": str(self.patient_id or ""),
            "reason": self.reason,
            "details": self.details,
            "request_id": self.request_id,
        }


class PatientList(OrganizationRow):
    """Whom a long page or file showed, kept once however often it is looked at.

    Events name it by its hash, so nobody can be taken off it without the trail telling. `patients` holds the ids in
    order, one a line.
    """

    list_hash = models.CharField(max_length=64)
    patients = models.TextField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("organization", "list_hash"), name="audit_one_patient_list"),
        )


class AuditHead(OrganizationRow):
    """The last number and hash of an organization's trail. Its row is the lock under which events are added."""

    last_number = models.PositiveBigIntegerField(default=0)
    last_hash = models.CharField(max_length=64)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("organization",), name="audit_one_head"),)
