import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from cocm.server import walls


class Migration(migrations.Migration):
    initial = True

    dependencies = [("accounts", "0002_walls"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.CreateModel(
            name="DayReminder",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("is_off", models.BooleanField(default=False)),
                ("sent_on", models.DateField(blank=True, null=True)),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="dayreminder",
            constraint=models.UniqueConstraint(
                fields=("organization", "user"), name="day_reminder_one_a_person"
            ),
        ),
        walls.OrganizationWall("today_dayreminder"),
    ]
