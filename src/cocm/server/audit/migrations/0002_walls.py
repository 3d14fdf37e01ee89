"""The walls around the trail, which is only added to."""

from django.db import migrations

from cocm.server import walls


class Migration(migrations.Migration):
    dependencies = (("audit", "0001_initial"),)
    operations = (
        walls.OrganizationWall("audit_auditevent", "audit_audithead"),
        walls.AppendOnly("audit_auditevent"),
    )
