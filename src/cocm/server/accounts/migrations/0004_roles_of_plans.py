"""Roles at a health plan: analyst, provider relations."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_sign_in"),
    ]

    operations = [
        migrations.AlterField(
            model_name="membership",
            name="role",
            field=models.CharField(
                choices=[
                    ("bhcm", "Care manager"),
                    ("psychiatric_consultant", "Psychiatric consultant"),
                    ("pcp", "Primary-care practitioner"),
                    ("billing", "Billing"),
                    ("manager", "Manager"),
                    ("plan_reviewer", "Plan reviewer"),
                    ("plan_analyst", "Plan analyst"),
                    ("provider_liaison", "Provider relations"),
                    ("administrator", "Administrator"),
                ],
                max_length=30,
            ),
        ),
    ]
