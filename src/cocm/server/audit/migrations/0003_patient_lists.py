"""Lists of patients that many events refer to."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

from cocm.server import walls


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_walls"),
        ("audit", "0002_walls"),
    ]

    operations = [
        migrations.AlterField(
            model_name="auditevent",
            name="verb",
            field=models.CharField(max_length=30),
        ),
        migrations.CreateModel(
            name="PatientList",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("list_hash", models.CharField(max_length=64)),
                ("patients", models.TextField()),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "list_hash"), name="audit_one_patient_list"
                    )
                ],
            },
        ),
        walls.OrganizationWall("audit_patientlist"),
        # an altered table loses its triggers on SQLite
        walls.AppendOnly("audit_auditevent", "audit_patientlist"),
    ]
