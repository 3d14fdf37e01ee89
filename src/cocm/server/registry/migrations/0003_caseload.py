"""Alerts, former values and saved views; the relapse prevention plan's day, a scale's item about self-harm."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from cocm.server import walls


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_walls"),
        ("registry", "0002_walls"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="episode",
            name="relapse_plan_on",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="measureresult",
            name="self_harm_score",
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="episodestatus",
            name="status",
            field=models.CharField(
                choices=[
                    ("referred", "Referred"),
                    ("screened_out", "Screened out"),
                    ("pending_consent", "Pending consent"),
                    ("enrolled", "Enrolled"),
                    ("active", "Active"),
                    ("maintenance", "Relapse prevention"),
                    ("paused", "Paused"),
                    ("graduated", "Graduated"),
                    ("transferred", "Transferred to specialty care"),
                    ("lost", "Lost to follow-up"),
                    ("declined", "Declined"),
                    ("deceased", "Deceased"),
                ],
                max_length=20,
            ),
        ),
        migrations.CreateModel(
            name="Alert",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("safety", "Safety"), ("discuss", "Discuss at the caseload review")],
                        max_length=20,
                    ),
                ),
                ("reason", models.CharField(max_length=200)),
                ("raised_on", models.DateField()),
                ("recorded_at", models.DateTimeField(auto_now_add=True)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                ("action", models.CharField(blank=True, max_length=300)),
                (
                    "closed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="alerts",
                        to="registry.patient",
                    ),
                ),
                (
                    "raised_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["organization", "closed_at", "kind"], name="registry_al_organiz_c81dd5_idx"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="FormerValues",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("object_type", models.CharField(max_length=60)),
                ("object_id", models.UUIDField()),
                ("values", models.JSONField()),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("changed_at", models.DateTimeField(auto_now_add=True)),
                (
                    "changed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="former_values",
                        to="registry.patient",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["object_id", "changed_at"], name="registry_fo_object__a208f3_idx")
                ],
            },
        ),
        migrations.CreateModel(
            name="SavedView",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("name", models.CharField(max_length=40)),
                ("query", models.CharField(blank=True, max_length=500)),
                ("is_default", models.BooleanField(default=False)),
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
                        fields=("organization", "user", "name"), name="saved_view_one_a_name"
                    )
                ],
            },
        ),
        walls.OrganizationWall("registry_alert", "registry_formervalues", "registry_savedview"),
    ]
