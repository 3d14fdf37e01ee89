"""The walls around the ledger of work, which is only added to."""

from django.db import migrations

from cocm.server import walls


class Migration(migrations.Migration):
    dependencies = (("work", "0001_initial"),)
    operations = (
        walls.OrganizationWall("work_workentry", "work_workhead"),
        walls.AppendOnly("work_workentry"),
    )
