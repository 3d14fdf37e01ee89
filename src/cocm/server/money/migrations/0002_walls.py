"""The walls around money; what was approved, and what a patient was given, is only added to."""

from django.db import migrations

from cocm.server import walls


class Migration(migrations.Migration):
    dependencies = (("money", "0001_initial"),)
    operations = (
        walls.OrganizationWall(
            "money_consultantagreement", "money_transferapproval", "money_patientstatement"
        ),
        walls.AppendOnly("money_transferapproval", "money_patientstatement"),
    )
