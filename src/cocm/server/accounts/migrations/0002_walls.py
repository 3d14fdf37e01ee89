"""The walls around the rows of people and places. Sign-ins (accounts_user) belong to no organization."""

from django.db import migrations

from cocm.server import walls


class Migration(migrations.Migration):
    dependencies = (("accounts", "0001_initial"),)
    operations = (
        walls.OrganizationWall(
            "accounts_site",
            "accounts_staffmember",
            "accounts_practitionersite",
            "accounts_payerproduct",
            "accounts_charge",
        ),
        # who one is elsewhere must be known to choose an organization; only that organization changes it
        walls.OrganizationWall("accounts_membership", readable=walls.OF_THE_USER),
        # names of organizations are no secret; only the organization itself changes its row
        walls.OrganizationWall(
            "accounts_organization",
            condition="id = nullif(current_setting('cocm.organization', true), '')::uuid",
            readable=walls.ANY_ROW,
        ),
    )
