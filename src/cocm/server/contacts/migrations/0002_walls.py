"""The walls around the ledger, which is only added to."""

from django.db import migrations

from cocm.server import walls


class Migration(migrations.Migration):
    dependencies = (("contacts", "0001_initial"),)
    operations = (
        walls.OrganizationWall("contacts_contact", "contacts_contacthead", "contacts_frozenmonth"),
        walls.AppendOnly("contacts_contact"),
    )
