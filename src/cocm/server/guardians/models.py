"""Guardians and caregivers of a patient, who gave a minor's consent, and what is not shown to a proxy."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from cocm.rules.minor_consent import ConsentBy
from cocm.server.records import OrganizationRow


def _person() -> models.ForeignKey:
    return models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")


class Relationship(models.TextChoices):
    """What somebody is to the patient."""

    PARENT = "parent", "Parent"
    STEPPARENT = "stepparent", "Step-parent"
    GRANDPARENT = "grandparent", "Grandparent"
    FOSTER = "foster", "Foster parent"
    GUARDIAN = "guardian", "Guardian named by a court"
    PARTNER = "partner", "Spouse or partner"
    CHILD = "child", "Adult child"
    OTHER = "other", "Other caregiver"


class Guardian(OrganizationRow):
    """Somebody who cares for a patient. `is_legal_guardian`: may consent; `may_be_told`: may hear of the care.

    Nothing is deleted: with `ended_on` the person is one no more.
    """

    patient = models.ForeignKey("registry.Patient", on_delete=models.PROTECT, related_name="guardians")
    full_name = models.CharField(max_length=120)
    relationship = models.CharField(max_length=20, choices=Relationship.choices)
    is_legal_guardian = models.BooleanField(default=False)
    may_be_told = models.BooleanField(default=False)
    phone = models.CharField(max_length=25, blank=True)
    email = models.EmailField(blank=True)
    language = models.CharField(max_length=35, blank=True)
    ended_on = models.DateField(null=True, blank=True)
    recorded_at = models.DateTimeField(auto_now_add=True)
    recorded_by = _person()

    class Meta:
        indexes = (models.Index(fields=("patient", "ended_on")),)

    @property
    def words(self) -> str:
        """The person as lists tell them."""
        return f"{self.full_name} ({self.get_relationship_display().lower()})"


class GivenBy(models.TextChoices):
    """Who consented."""

    PATIENT = "patient", "The patient"
    GUARDIAN = "guardian", "A guardian"
    BOTH = "both", "The patient and a guardian"


class ConsentSource(OrganizationRow):
    """Who gave a consent, and what the state's rule said on that day (`rule_words`); `objection`: why it may not do."""

    consent = models.OneToOneField("registry.Consent", on_delete=models.PROTECT, related_name="source")
    patient = models.ForeignKey("registry.Patient", on_delete=models.PROTECT, related_name="+")
    given_by = models.CharField(max_length=20, choices=GivenBy.choices)
    guardian = models.ForeignKey(
        Guardian, null=True, blank=True, on_delete=models.PROTECT, related_name="consents"
    )
    state = models.CharField(max_length=2, blank=True)
    years = models.PositiveSmallIntegerField()
    rule_words = models.CharField(max_length=300)
    objection = models.CharField(max_length=300, blank=True)
    recorded_at = models.DateTimeField(auto_now_add=True)
    recorded_by = _person()


class StateConsentRule(OrganizationRow):
    """What the organization's counsel says of a state's law of minors' consent; it takes the rulebook's place here."""

    state = models.CharField(max_length=2)
    effective_from = models.DateField()
    majority_years = models.PositiveSmallIntegerField(default=18)
    minor_years_from = models.PositiveSmallIntegerField(null=True, blank=True)
    consent_by = models.CharField(max_length=20, choices=[(item.value, item.value) for item in ConsentBy])
    advised_by = models.CharField(max_length=120)
    advised_on = models.DateField()
    recorded_at = models.DateTimeField(auto_now_add=True)
    recorded_by = _person()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organization", "state", "effective_from"), name="state_consent_one_a_day"
            ),
        )


class GuardianContact(OrganizationRow):
    """With whom of the family an entry of the ledger was: the ledger itself says only that it was with family."""

    patient = models.ForeignKey("registry.Patient", on_delete=models.PROTECT, related_name="+")
    contact = models.OneToOneField("contacts.Contact", on_delete=models.PROTECT, related_name="with_guardian")
    guardian = models.ForeignKey(Guardian, on_delete=models.PROTECT, related_name="contacts")
    recorded_at = models.DateTimeField(auto_now_add=True)
    recorded_by = _person()


class ConfidentialMark(OrganizationRow):
    """A record that no proxy sees. `lifted_at`: it was marked once and is no longer."""

    class Kind(models.TextChoices):
        MEASURE = "measureresult", "Score"
        TREATMENT = "treatmentchange", "Treatment"
        CONTACT = "contact", "Contact"

    patient = models.ForeignKey("registry.Patient", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    object_id = models.UUIDField()
    marked_at = models.DateTimeField(auto_now_add=True)
    marked_by = _person()
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = _person()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("kind", "object_id"),
                condition=models.Q(lifted_at__isnull=True),
                name="confidential_mark_one_open",
            ),
        )
        indexes = (models.Index(fields=("patient", "kind")),)
