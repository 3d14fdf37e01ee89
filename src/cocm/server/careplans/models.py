"""Care plans and relapse prevention plans in versions, and how episodes were graduated. All only ever added."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from cocm.care.care_plan import PlanProblem, PlanVersion, ProblemState
from cocm.server.records import OrganizationRow


def _user() -> models.ForeignKey:
    return models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")


def _patient(related_name: str) -> models.ForeignKey:
    return models.ForeignKey("registry.Patient", on_delete=models.PROTECT, related_name=related_name)


def _episode(related_name: str) -> models.ForeignKey:
    return models.ForeignKey("registry.Episode", on_delete=models.PROTECT, related_name=related_name)


class CarePlanVersion(OrganizationRow):
    """An episode's care plan as it was written on a day. The one with the highest number holds."""

    patient = _patient("care_plans")
    episode = _episode("care_plans")
    number = models.PositiveSmallIntegerField()
    written_on = models.DateField()
    reason = models.CharField(max_length=200)
    patient_goal = models.CharField(max_length=300, blank=True)
    guideline = models.CharField(max_length=200, blank=True)
    owner = models.ForeignKey("accounts.StaffMember", on_delete=models.PROTECT, related_name="+")
    review_on = models.DateField(null=True, blank=True)
    recorded_at = models.DateTimeField(auto_now_add=True)
    recorded_by = _user()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("episode", "number"), name="care_plan_one_a_number"),)

    @property
    def version(self) -> PlanVersion:
        """As the core reads it."""
        return PlanVersion(
            self.number,
            self.written_on,
            self.guideline,
            self.owner.full_name,
            self.review_on,
            tuple(row.record for row in sorted(self.problems.all(), key=lambda row: (row.place, row.number))),
            self.patient_goal,
        )


class PlanProblemRow(OrganizationRow):
    """One problem of a version. `number` is the problem's own through all versions, `place` its place in this one."""

    plan = models.ForeignKey(CarePlanVersion, on_delete=models.PROTECT, related_name="problems")
    number = models.PositiveSmallIntegerField()
    place = models.PositiveSmallIntegerField()
    problem = models.CharField(max_length=200)
    goal = models.CharField(max_length=300, blank=True)
    interventions = models.CharField(max_length=1_000, blank=True)
    instrument = models.CharField(max_length=30, blank=True)
    target_at_most = models.PositiveSmallIntegerField(null=True, blank=True)
    target_by = models.DateField(null=True, blank=True)
    state = models.CharField(
        max_length=20, default=ProblemState.OPEN, choices=[(item.value, item.value) for item in ProblemState]
    )

    class Meta:
        constraints = (models.UniqueConstraint(fields=("plan", "number"), name="plan_problem_one_a_number"),)

    @property
    def record(self) -> PlanProblem:
        return PlanProblem(
            self.number,
            self.problem,
            self.goal,
            self.interventions,
            self.instrument,
            self.target_at_most,
            self.target_by,
            ProblemState(self.state),
        )


class RelapsePlan(OrganizationRow):
    """A relapse prevention plan in the patient's language. The one with the highest number holds."""

    class Language(models.TextChoices):
        ENGLISH = "en", "English"
        SPANISH = "es", "Spanish"

    patient = _patient("relapse_plans")
    episode = _episode("relapse_plans")
    number = models.PositiveSmallIntegerField()
    written_on = models.DateField()
    language = models.CharField(max_length=5, choices=Language.choices, default=Language.ENGLISH)
    medicines = models.TextField(max_length=1_000, blank=True)
    other_treatments = models.TextField(max_length=1_000, blank=True)
    warning_signs = models.TextField(max_length=1_000)
    coping = models.TextField(max_length=1_000)
    if_signs_return = models.TextField(max_length=1_000)
    contacts = models.TextField(max_length=500)
    next_measure_on = models.DateField(null=True, blank=True)
    recorded_at = models.DateTimeField(auto_now_add=True)
    recorded_by = _user()
    written_by = models.ForeignKey(
        "accounts.StaffMember", null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("episode", "number"), name="relapse_plan_one_a_number"),
        )


class Graduation(OrganizationRow):
    """How an episode was ended by graduation: the outcome, the scores, and the relapse prevention plan.

    `scores`: [[scale, first, first day, last, last day], ...] as they stood.
    """

    class Outcome(models.TextChoices):
        REMISSION = "remission", "Remission"
        RESPONSE = "response", "Response"
        IMPROVED = "improved", "Improved"
        GOALS_MET = "goals_met", "The patient's goals are met"

    patient = _patient("graduations")
    episode = models.OneToOneField("registry.Episode", on_delete=models.PROTECT, related_name="graduation")
    graduated_on = models.DateField()
    outcome = models.CharField(max_length=20, choices=Outcome.choices)
    note = models.CharField(max_length=300, blank=True)
    scores = models.JSONField(default=list, blank=True)
    relapse_plan = models.ForeignKey(RelapsePlan, null=True, on_delete=models.PROTECT, related_name="+")
    without_plan_reason = models.CharField(max_length=200, blank=True)
    recorded_at = models.DateTimeField(auto_now_add=True)
    recorded_by = _user()
