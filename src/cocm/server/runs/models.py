"""A run: work asked for on a page and done by a worker. Months have rows of their own (`months.MonthRun`)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from cocm.server.records import OrganizationRow


class RunState(models.TextChoices):
    """Where a run stands."""

    WAITING = "waiting", "Waiting"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"


ACTIVE = (RunState.WAITING, RunState.RUNNING)


class Run(OrganizationRow):
    """What every run has.

    `attempt` counts the workers that were given it: whoever holds an older number records nothing. `heartbeat_at` is
    the worker's last sign. `problem` says why it failed.
    """

    state = models.CharField(max_length=10, choices=RunState.choices, default=RunState.WAITING)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    attempt = models.PositiveSmallIntegerField(default=1)
    started_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=500, blank=True)

    class Meta:
        abstract = True

    @property
    def is_active(self) -> bool:
        return self.state in ACTIVE

    def start_over(self) -> None:
        """Before another worker begins it again: nothing is done yet."""

    def let_go(self) -> None:
        """When it is over, whatever it came to: what only the work needed is dropped."""


class BackgroundRun(Run):
    """A run of any kind but a month's (`kinds.Kind`). Of a kind and what it is `about`, one is active at a time.

    `asked` is what it is to do, `result` what it came to: plain values, no patient among them.
    """

    kind = models.CharField(max_length=40)
    about = models.CharField(max_length=100, blank=True)
    asked = models.JSONField(default=dict)
    step = models.CharField(max_length=120, blank=True)
    steps_total = models.PositiveIntegerField(default=0)
    steps_done = models.PositiveIntegerField(default=0)
    result = models.JSONField(default=dict)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organization", "kind", "about"),
                condition=Q(state__in=("waiting", "running")),
                name="background_run_one_active",
            ),
        )
        indexes = (models.Index(fields=("organization", "kind", "asked_at")),)

    def start_over(self) -> None:
        self.step, self.steps_total, self.steps_done = "", 0, 0

    def let_go(self) -> None:
        RunInput.objects.filter(organization_id=self.organization_id, run=self).delete()


class RunInput(OrganizationRow):
    """A file that a run was asked with, packed with zlib; dropped when the run is over."""

    run = models.ForeignKey(BackgroundRun, on_delete=models.CASCADE, related_name="inputs")
    name = models.CharField(max_length=200)
    content = models.BinaryField()
