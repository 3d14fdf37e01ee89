"""The walls around tokens, their use and kept answers."""

from django.db import migrations

from cocm.server import walls


class Migration(migrations.Migration):
    dependencies = (("api", "0001_initial"),)
    operations = (walls.OrganizationWall("api_apitoken", "api_tokenuse", "api_keptanswer"),)
