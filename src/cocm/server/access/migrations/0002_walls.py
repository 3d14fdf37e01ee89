"""The walls around openings of charts."""

from django.db import migrations

from cocm.server import walls


class Migration(migrations.Migration):
    dependencies = (("access", "0001_initial"),)
    operations = (walls.OrganizationWall("access_chartopening"),)
