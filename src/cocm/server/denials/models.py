"""What the books do not hold of a denial: owner, documents, what went out, the liaison's log, decided candidates."""

from __future__ import annotations

from datetime import UTC as _UTC
from typing import Any

from django.conf import settings
from django.db import models

from cocm.server.records import ChainedRow, OrganizationRow


class ClaimOwner(OrganizationRow):
    """Who works on a claim after it was sent."""

    claim_id = models.CharField(max_length=60)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    assigned_at = models.DateTimeField()
    assigned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("organization", "claim_id"), name="claim_owner_one_a_claim"),
        )


class PatientDocument(OrganizationRow):
    """A document of a patient that a packet may hold: a note, a consent, a plan. Its content is packed with zlib.

    `is_part2`: from a substance use programme under 42 CFR part 2; it leaves only with a consent of its own.
    """

    patient = models.ForeignKey("registry.Patient", on_delete=models.PROTECT, related_name="documents")
    service_date = models.DateField()
    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=120)
    ending = models.CharField(max_length=5)
    content = models.BinaryField()
    byte_count = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    is_part2 = models.BooleanField(default=False)
    part2_consent_date = models.DateField(null=True, blank=True)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("patient", "sha256", "kind"), name="patient_document_once"),
        )
        indexes = (models.Index(fields=("patient", "service_date")),)


class SendingDraft(OrganizationRow):
    """What somebody chose and typed for a packet or a letter of a claim that has not gone out yet."""

    claim_id = models.CharField(max_length=60)
    patient = models.ForeignKey("registry.Patient", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)
    typed = models.JSONField(default=dict)
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organization", "claim_id", "name"), name="sending_draft_one_a_name"
            ),
        )


class Sending(OrganizationRow):
    """A packet or letter that went out, as it went out: when, by whom, how, and the very bytes.

    `once_key` is of the form that sent it: a second click sends nothing twice.
    """

    class Kind(models.TextChoices):
        """What it was."""

        PACKET = "packet", "Packet"
        LETTER = "letter", "Letter"

    class Way(models.TextChoices):
        """How it went."""

        ATTACHMENT = "275", "Electronic attachment (275)"
        FAX = "fax", "Fax"
        MAIL = "mail", "Print and mail"
        PORTAL = "portal", "Payer's portal"

    claim_id = models.CharField(max_length=60)
    patient = models.ForeignKey("registry.Patient", on_delete=models.PROTECT, related_name="sendings")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    name = models.CharField(max_length=60, blank=True)
    title = models.CharField(max_length=120)
    way = models.CharField(max_length=10, choices=Way.choices)
    reference = models.CharField(max_length=60, blank=True)
    confirmation = models.CharField(max_length=120, blank=True)
    level = models.PositiveSmallIntegerField(default=0)
    sent_on = models.DateField()
    content = models.BinaryField()
    ending = models.CharField(max_length=5)
    sha256 = models.CharField(max_length=64)
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    once_key = models.CharField(max_length=60)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("organization", "once_key"), name="sending_once"),)
        indexes = (models.Index(fields=("organization", "claim_id")),)


class PlanContact(OrganizationRow):
    """Somebody at a plan who helps."""

    payer = models.ForeignKey("accounts.PayerProduct", on_delete=models.PROTECT, related_name="plan_contacts")
    name = models.CharField(max_length=120)
    part = models.CharField(max_length=120, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    email = models.EmailField(blank=True)
    note = models.CharField(max_length=300, blank=True)
    is_active = models.BooleanField(default=True)


class LiaisonCase(OrganizationRow):
    """A matter with a plan, from first call to outcome. What happened in it stands in its entries."""

    payer = models.ForeignKey("accounts.PayerProduct", on_delete=models.PROTECT, related_name="liaison_cases")
    title = models.CharField(max_length=120)
    opened_on = models.DateField()
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    last_number = models.PositiveIntegerField(default=0)
    last_hash = models.CharField(max_length=64)
    once_key = models.CharField(max_length=60)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("organization", "once_key"), name="liaison_case_once"),
        )


class EntryKind(models.TextChoices):
    """What happened."""

    CALL = "call", "Call"
    MESSAGE = "message", "Message or e-mail"
    LETTER = "letter", "Letter"
    MEETING = "meeting", "Meeting"
    PROMISE_KEPT = "promise_kept", "Promise kept"
    PROMISE_BROKEN = "promise_broken", "Promise not kept"
    OUTCOME = "outcome", "Outcome: the case is closed"
    REOPENED = "reopened", "Opened again"


class LiaisonEntry(ChainedRow):
    """One thing that happened in a case, chained by case. `promised_on`: what the plan promised, by when.

    `said` names no patient: claims stand by their ids.
    """

    case = models.ForeignKey(LiaisonCase, on_delete=models.PROTECT, related_name="entries")
    number = models.PositiveIntegerField()
    happened_on = models.DateField()
    kind = models.CharField(max_length=20, choices=EntryKind.choices)
    contact = models.ForeignKey(
        PlanContact, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    said = models.CharField(max_length=1_000)
    promised_on = models.DateField(null=True, blank=True)
    claim_id = models.CharField(max_length=60, blank=True)
    reference = models.CharField(max_length=60, blank=True)
    once_key = models.CharField(max_length=60)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("case", "number"), name="liaison_entry_one_a_number"),
            models.UniqueConstraint(fields=("case", "once_key"), name="liaison_entry_once"),
        )
        indexes = (models.Index(fields=("organization", "claim_id")),)

    def content(self) -> dict[str, Any]:
        """What the row's hash is taken of."""
        return {
            "id": str(self.id),
            "organization_id": str(self.organization_id),
            "case": str(self.case_id),
            "number": self.number,
            "happened_on": self.happened_on.isoformat(),
            "kind": str(self.kind),
            "contact": str(self.contact_id or ""),
            "said": self.said,
            "promised_on": self.promised_on.isoformat() if self.promised_on else "",
            "claim_id": self.claim_id,
            "reference": self.reference,
            "recorded_at": self.recorded_at.astimezone(_UTC).isoformat(timespec="microseconds"),
            "recorded_by": str(self.recorded_by_id),
        }


class CandidateDecision(OrganizationRow):
    """What a manager decided about a candidate rule, with the back-test that was shown."""

    class Verdict(models.TextChoices):
        """What was decided."""

        ACCEPTED = "accepted", "Accepted"
        DECLINED = "declined", "Declined"

    candidate_id = models.CharField(max_length=160)
    value = models.CharField(max_length=300)
    effective_from = models.DateField()
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    reason = models.CharField(max_length=300, blank=True)
    claims = models.PositiveIntegerField()
    held = models.PositiveIntegerField()
    held_denied = models.PositiveIntegerField()
    held_paid = models.PositiveIntegerField()
    freed = models.PositiveIntegerField()
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organization", "candidate_id", "value", "effective_from"),
                name="candidate_decided_once",
            ),
        )
