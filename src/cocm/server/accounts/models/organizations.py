"""Organizations with their sites, staff, payers and charges: the practice's reference tables as rows.

Columns carry the names of the table contract (`cocm.intake`), so that `practice_port` writes them out as they stand;
the contract's readers, not these models, say what may stand in them.
"""

from __future__ import annotations

import uuid

from django.db import models

from cocm.care.people import Role
from cocm.server.records import OrganizationRow


class OrganizationKind(models.TextChoices):
    """What an organization is."""

    PRACTICE = "practice", "Practice"
    SERVICE = "service", "Service organization that serves practices"
    HEALTH_PLAN = "health_plan", "Health plan"


class Address(models.Model):
    """The columns of a postal address."""

    address_line = models.CharField(max_length=55, blank=True)
    city = models.CharField(max_length=30, blank=True)
    state = models.CharField(max_length=2, blank=True)
    postal_code = models.CharField(max_length=10, blank=True)

    class Meta:
        abstract = True


class Organization(Address):
    """A practice with what its payers know of it, a service organization, or a health plan.

    `key` is the contract's organization_id, part of every claim id, and is never changed. `served_by` is the service
    organization whose people work in this practice; each of them has a membership here.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.CharField(max_length=60, unique=True)
    kind = models.CharField(max_length=20, choices=OrganizationKind.choices)
    name = models.CharField(max_length=60)
    served_by = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="practices_served"
    )
    billing_npi = models.CharField(max_length=10, blank=True)
    billing_tin = models.CharField(max_length=10, blank=True)
    taxonomy_code = models.CharField(max_length=10, blank=True)
    phone = models.CharField(max_length=25, blank=True)
    contact_name = models.CharField(max_length=60, blank=True)
    time_zone = models.CharField(max_length=60)
    submitter_id = models.CharField(max_length=15, blank=True)
    contacts_complete_from = models.DateField(null=True, blank=True)
    requires_second_factor = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.name


class Site(OrganizationRow, Address):
    """A place where billing practitioners see patients, with the place of service it is credentialed as."""

    site_id = models.CharField(max_length=60)
    name = models.CharField(max_length=60)
    npi = models.CharField(max_length=10, blank=True)
    place_of_service_code = models.CharField(max_length=2)
    time_zone = models.CharField(max_length=60, blank=True)
    fee_locality = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("organization", "site_id"), name="site_one_an_id"),)


class StaffMember(OrganizationRow):
    """A person on the care team, as the contract's staff table has them; a sign-in is a `Membership` that names it."""

    staff_id = models.CharField(max_length=60)
    last_name = models.CharField(max_length=60)
    first_name = models.CharField(max_length=35)
    role = models.CharField(max_length=30, choices=[(role.value, role.value) for role in Role])
    npi = models.CharField(max_length=10, blank=True)
    taxonomy_code = models.CharField(max_length=10, blank=True)
    credential = models.CharField(max_length=35, blank=True)
    sites = models.ManyToManyField(Site, through="PractitionerSite", related_name="practitioners")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("organization", "staff_id"), name="staff_one_an_id"),)

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}"


class PractitionerSite(OrganizationRow):
    """A site at which a practitioner is credentialed. `position` keeps the order in which they were given."""

    staff_member = models.ForeignKey(StaffMember, on_delete=models.CASCADE, related_name="credentialed_sites")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="credentialed_practitioners")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("staff_member", "site"), name="practitioner_site_once"),
        )


class PayerProduct(OrganizationRow):
    """A payer's product as the practice's contract has it, bound to a rulebook pack."""

    payer_id = models.CharField(max_length=60)
    name = models.CharField(max_length=60)
    pack_id = models.CharField(max_length=60)
    payer_identifier = models.CharField(max_length=60)
    behavioral_payer_identifier = models.CharField(max_length=60, blank=True)
    receiver_id = models.CharField(max_length=60, blank=True)
    filing_limit_days = models.PositiveIntegerField(null=True, blank=True)
    attested_from = models.DateField(null=True, blank=True)
    member_id_digits = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("organization", "payer_id"), name="payer_one_an_id"),)


class Charge(OrganizationRow):
    """What the practice charges for one unit of a service, from a day on."""

    hcpcs_code = models.CharField(max_length=5)
    charge_amount_cents = models.PositiveBigIntegerField()
    effective_from = models.DateField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organization", "hcpcs_code", "effective_from"), name="charge_one_a_day"
            ),
        )
