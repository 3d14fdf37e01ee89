"""A run over a month: a forecast or a close, worked in the background, with its progress and its reports."""

from __future__ import annotations

from django.db import models

from cocm.basics.months import Month
from cocm.server.records import OrganizationRow
from cocm.server.runs.models import Run


class RunKind(models.TextChoices):
    """What a run does. A forecast records nothing in the books; a close writes claims."""

    FORECAST = "forecast", "Forecast"
    CLOSE = "close", "Close"


class MonthRun(Run):
    """One run. Of a month, one is active at a time.

    `trail_number` is where the trail stood when its data were read, so that later changes can be counted. `figures` are
    the run's totals.
    """

    month_index = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=RunKind.choices)
    as_of_date = models.DateField()
    reason = models.CharField(max_length=300, blank=True)
    forms = models.JSONField(default=list)
    patients_total = models.PositiveIntegerField(default=0)
    patients_read = models.PositiveIntegerField(default=0)
    patients_done = models.PositiveIntegerField(default=0)
    trail_number = models.PositiveBigIntegerField(default=0)
    rulebook_hash = models.CharField(max_length=64, blank=True)
    figures = models.JSONField(default=dict)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organization", "month_index"),
                condition=models.Q(state__in=("waiting", "running")),
                name="month_run_one_active",
            ),
        )
        indexes = (models.Index(fields=("organization", "month_index", "asked_at")),)

    @property
    def month(self) -> Month:
        return Month.from_index(self.month_index)

    def start_over(self) -> None:
        self.patients_read = self.patients_done = 0

    @property
    def is_close(self) -> bool:
        return self.kind == RunKind.CLOSE


class RunReport(OrganizationRow):
    """A file that a run wrote, compressed. Interchanges are not among them: they lie in the books."""

    run = models.ForeignKey(MonthRun, on_delete=models.CASCADE, related_name="reports")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=60)
    byte_count = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("run", "name"), name="run_report_one_a_name"),)
