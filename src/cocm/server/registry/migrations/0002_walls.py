"""The walls around the registry's rows."""

from django.db import migrations

from cocm.server import walls


class Migration(migrations.Migration):
    dependencies = (("registry", "0001_initial"),)
    operations = (
        walls.OrganizationWall(
            "registry_patient",
            "registry_coverage",
            "registry_episode",
            "registry_episodestatus",
            "registry_consent",
            "registry_initiatingvisit",
            "registry_careteammember",
            "registry_diagnosis",
            "registry_measureresult",
            "registry_caseloadreview",
            "registry_otherservice",
            "registry_treatmentchange",
            "registry_socialneed",
            "registry_worknote",
            "registry_claimhistoryline",
            "registry_monthdecision",
        ),
    )
