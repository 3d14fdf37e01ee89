"""The walls around denials; what went out, the liaison's entries and decided candidates are only added to."""

from django.db import migrations

from cocm.server import walls


class Migration(migrations.Migration):
    dependencies = (("denials", "0001_initial"),)
    operations = (
        walls.OrganizationWall(
            "denials_claimowner",
            "denials_patientdocument",
            "denials_sendingdraft",
            "denials_sending",
            "denials_plancontact",
            "denials_liaisoncase",
            "denials_liaisonentry",
            "denials_candidatedecision",
        ),
        walls.AppendOnly("denials_sending", "denials_liaisonentry", "denials_candidatedecision"),
    )
