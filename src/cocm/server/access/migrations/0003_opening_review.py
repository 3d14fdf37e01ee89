"""The review of openings outside the care team."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0002_walls"),
        ("accounts", "0002_walls"),
        ("registry", "0003_caseload"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="chartopening",
            name="acknowledged_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="chartopening",
            name="acknowledged_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="chartopening",
            name="finding",
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AddField(
            model_name="chartopening",
            name="reason_kind",
            field=models.CharField(
                choices=[
                    ("emergency", "Emergency or a safety concern"),
                    ("cover", "Covering for a colleague"),
                    ("patient_asks", "The patient calls or is here"),
                    ("quality", "Review of care or a complaint"),
                    ("other", "Something else"),
                ],
                default="other",
                max_length=20,
            ),
        ),
        migrations.AddIndex(
            model_name="chartopening",
            index=models.Index(fields=["organization", "opened_at"], name="opening_by_time"),
        ),
    ]
