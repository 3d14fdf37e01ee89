"""The person treated, and their policies."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Self

from django.db import models

from cocm.intake.patient_tables import RELATIONSHIPS, SEXES
from cocm.server.accounts.models.organizations import Address
from cocm.server.audit.trail import seen
from cocm.server.records import OrganizationRow


class Patient(OrganizationRow, Address):
    """The person treated. `patient_id` is the practice's own id, no name and no Social Security number.

    Whenever a page reads one, the trail is told (`audit.trail.seen`).
    """

    patient_id = models.CharField(max_length=50)
    medical_record_number = models.CharField(max_length=50, blank=True)
    last_name = models.CharField(max_length=60)
    first_name = models.CharField(max_length=35)
    preferred_name = models.CharField(max_length=35, blank=True)
    birth_date = models.DateField()
    sex = models.CharField(max_length=1, choices=[(sex, sex) for sex in SEXES])
    phone = models.CharField(max_length=25, blank=True)
    language = models.CharField(max_length=35, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("organization", "patient_id"), name="patient_one_an_id"),
        )
        indexes = (models.Index(fields=("organization", "last_name", "first_name")),)

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Sequence[Any]) -> Self:
        patient = super().from_db(db, field_names, values)
        seen((patient.pk,))
        return patient

    @property
    def full_name(self) -> str:
        return f"{self.preferred_name or self.first_name} {self.last_name}"

    @property
    def listed_name(self) -> str:
        """As it stands in lists."""
        return f"{self.last_name}, {self.first_name}"


class Coverage(OrganizationRow):
    """One policy of a patient, as in the contract's coverages table."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="coverages")
    payer = models.ForeignKey("accounts.PayerProduct", on_delete=models.PROTECT, related_name="+")
    member_id = models.CharField(max_length=80)
    group_number = models.CharField(max_length=50, blank=True)
    relationship = models.CharField(max_length=10, choices=[(word, word) for word in RELATIONSHIPS])
    subscriber_last_name = models.CharField(max_length=60, blank=True)
    subscriber_first_name = models.CharField(max_length=35, blank=True)
    subscriber_birth_date = models.DateField(null=True, blank=True)
    subscriber_sex = models.CharField(max_length=1, default="U", choices=[(sex, sex) for sex in SEXES])
    subscriber_address_line = models.CharField(max_length=55, blank=True)
    subscriber_city = models.CharField(max_length=30, blank=True)
    subscriber_state = models.CharField(max_length=2, blank=True)
    subscriber_postal_code = models.CharField(max_length=10, blank=True)
    coverage_from = models.DateField()
    coverage_to = models.DateField(null=True, blank=True)
    rank = models.PositiveSmallIntegerField(default=1)
    prior_authorization_number = models.CharField(max_length=60, blank=True)
    prior_authorization_to = models.DateField(null=True, blank=True)
    verified_on = models.DateField(null=True, blank=True)

    class Meta:
        indexes = (models.Index(fields=("patient", "coverage_from")),)
