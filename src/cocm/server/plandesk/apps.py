"""The plan's desk."""

from django.apps import AppConfig


class PlanDeskConfig(AppConfig):
    name = "cocm.server.plandesk"
    label = "plan_desk"
    default_auto_field = "django.db.models.BigAutoField"
