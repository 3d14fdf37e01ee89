"""The walls around the rows of measures and alerts."""

from django.db import migrations

from cocm.server import walls


class Migration(migrations.Migration):
    dependencies = (("measures", "0001_initial"),)
    operations = (
        walls.OrganizationWall(
            "measures_measurelink",
            "measures_linkmiss",
            "measures_questionnaireresponse",
            "measures_alertcourse",
            "measures_alertstep",
        ),
    )
