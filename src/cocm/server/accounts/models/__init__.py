"""The models of the area, one module a noun."""

from cocm.server.accounts.models.organizations import (
    Charge,
    Organization,
    PayerProduct,
    PractitionerSite,
    Site,
    StaffMember,
)
from cocm.server.accounts.models.people import Membership, User

__all__ = (
    "Charge",
    "Membership",
    "Organization",
    "PayerProduct",
    "PractitionerSite",
    "Site",
    "StaffMember",
    "User",
)
