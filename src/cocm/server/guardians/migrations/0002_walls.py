"""The walls around the rows of guardians and confidential records."""

from django.db import migrations

from cocm.server import walls


class Migration(migrations.Migration):
    dependencies = (("guardians", "0001_initial"),)
    operations = (
        walls.OrganizationWall(
            "guardians_guardian",
            "guardians_consentsource",
            "guardians_stateconsentrule",
            "guardians_guardiancontact",
            "guardians_confidentialmark",
        ),
    )
