"""Reading people and places."""

from __future__ import annotations

from cocm.server.access.actor import Actor
from cocm.server.accounts.models import Membership, Organization, PayerProduct, Site, StaffMember, User
from cocm.server.records import OrganizationRows


def membership_for(user: User, organization_id: str | None) -> Membership | None:
    """The person's active membership at an organization, else (none chosen, or not there any more) the first one."""
    memberships = Membership.objects.filter(user=user, is_active=True).select_related(
        "organization", "staff_member"
    )
    if organization_id is not None:
        chosen = memberships.filter(organization_id=organization_id).first()
        if chosen is not None:
            return chosen
    return memberships.order_by("organization__name", "pk").first()


def memberships_of(user: User) -> list[Membership]:
    """Every organization the person may act for, by name."""
    found = Membership.objects.filter(user=user, is_active=True).select_related("organization")
    return list(found.order_by("organization__name"))


def organization_of(*, actor: Actor) -> Organization:
    """The organization the person acts for."""
    return Organization.objects.get(pk=actor.organization_id)


def sites(*, actor: Actor) -> OrganizationRows:
    """The organization's sites by name."""
    return Site.objects.of(actor).order_by("name", "site_id")


def staff(*, actor: Actor) -> OrganizationRows:
    """The organization's care teams by name."""
    return StaffMember.objects.of(actor).order_by("last_name", "first_name", "staff_id")


def members(*, actor: Actor) -> OrganizationRows:
    """The organization's people, those who left last, by name."""
    found = Membership.objects.of(actor).select_related("user", "staff_member")
    return found.order_by("-is_active", "user__full_name", "pk")


def payer_names(actor: Actor) -> dict[str, str]:
    """The names of the organization's payers by their ids."""
    return dict(PayerProduct.objects.of(actor).values_list("payer_id", "name"))
