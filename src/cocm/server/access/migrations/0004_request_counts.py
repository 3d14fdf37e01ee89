"""How often one person did what is limited."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from cocm.server import walls


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0003_opening_review"),
        ("accounts", "0002_walls"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="RequestCount",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("limit", models.CharField(max_length=20)),
                ("window_started_at", models.DateTimeField()),
                ("count", models.PositiveIntegerField(default=0)),
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
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "user", "limit", "window_started_at"),
                        name="request_count_one_a_window",
                    )
                ],
            },
        ),
        walls.OrganizationWall("access_requestcount"),
    ]
