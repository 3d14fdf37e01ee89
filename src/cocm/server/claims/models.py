"""What the books do not hold: payers' files as they came in, what was handed over, and eligibility asked and told."""

from __future__ import annotations

import zlib

from django.conf import settings
from django.db import models

from cocm.basics.months import Month
from cocm.server.records import OrganizationRow


class FileState(models.TextChoices):
    """What became of a file that came in."""

    TAKEN = "taken", "Taken in"
    REFUSED = "refused", "Refused"


class Arrival(models.TextChoices):
    """How a file came in."""

    UPLOAD = "upload", "Upload"
    FOLDER = "folder", "Folder"


class ReceivedFile(OrganizationRow):
    """A payer's file. One content is taken in once; a refused one is kept without its content.

    `kinds` are the transactions found in it; `figures` what it brought, in counts and ids; `problems` its faults of
    form, as far as they are shown; `refusal` why it was refused. `looked_at` is when somebody saw to its problems.
    """

    sha256 = models.CharField(max_length=64)
    file_name = models.CharField(max_length=120)
    kinds = models.CharField(max_length=200, blank=True)
    byte_count = models.PositiveBigIntegerField()
    packed = models.BinaryField(blank=True, default=b"")
    arrival = models.CharField(max_length=10, choices=Arrival.choices)
    state = models.CharField(max_length=10, choices=FileState.choices)
    refusal = models.CharField(max_length=500, blank=True)
    figures = models.JSONField(default=dict)
    problems = models.JSONField(default=list)
    problem_count = models.PositiveIntegerField(default=0)
    needs_look = models.BooleanField(default=False)
    received_at = models.DateTimeField()
    received_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    looked_at = models.DateTimeField(null=True)
    looked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organization", "sha256"),
                condition=models.Q(state=FileState.TAKEN),
                name="received_file_taken_once",
            ),
        )
        indexes = (models.Index(fields=("organization", "-received_at"), name="received_file_by_time"),)

    @property
    def is_taken(self) -> bool:
        return self.state == FileState.TAKEN

    @property
    def content(self) -> bytes:
        """The bytes as they came; none of a refused file."""
        return zlib.decompress(bytes(self.packed)) if self.packed else b""


class Way(models.TextChoices):
    """How a batch was handed over."""

    FOLDER = "folder", "Put into the payer's folder"
    DOWNLOAD = "download", "Downloaded"


class Handover(OrganizationRow):
    """A batch of claims that left: put into a payer's folder once, or downloaded by somebody."""

    control_number = models.PositiveIntegerField()
    way = models.CharField(max_length=10, choices=Way.choices)
    file_name = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64)
    handed_over_at = models.DateTimeField()
    handed_over_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organization", "control_number"),
                condition=models.Q(way=Way.FOLDER),
                name="handover_into_a_folder_once",
            ),
        )


class EligibilityRequest(OrganizationRow):
    """A request for a month's patients of one payer (270), as it was written. `number` is its control number."""

    number = models.PositiveIntegerField()
    month_index = models.PositiveIntegerField()
    payer_id = models.CharField(max_length=60)
    file_name = models.CharField(max_length=120)
    packed = models.BinaryField()
    patient_count = models.PositiveIntegerField()
    asked_on = models.DateField()
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    put_into_folder_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organization", "number"), name="eligibility_request_number_once"
            ),
        )

    @property
    def month(self) -> Month:
        return Month.from_index(self.month_index)

    @property
    def content(self) -> bytes:
        return zlib.decompress(bytes(self.packed))


class EligibilityQuestion(OrganizationRow):
    """One patient in a request; `trace_number` comes back with the answer."""

    request = models.ForeignKey(EligibilityRequest, on_delete=models.PROTECT, related_name="questions")
    patient = models.ForeignKey("registry.Patient", on_delete=models.PROTECT, related_name="+")
    trace_number = models.CharField(max_length=50)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("organization", "trace_number"), name="eligibility_trace_once"),
        )


class EligibilityAnswer(OrganizationRow):
    """What a payer told of one patient, by its place in the file (271); it is read anew for the month in question."""

    patient = models.ForeignKey("registry.Patient", on_delete=models.PROTECT, related_name="+")
    payer_id = models.CharField(max_length=60)
    file = models.ForeignKey(ReceivedFile, on_delete=models.PROTECT, related_name="answers")
    place = models.PositiveIntegerField()
    answered_on = models.DateField()
    month_index = models.PositiveIntegerField()
    coverage = models.CharField(max_length=30)
    route = models.CharField(max_length=40)
    is_clear = models.BooleanField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("file", "place"), name="eligibility_answer_once"),)
        indexes = (models.Index(fields=("organization", "patient"), name="eligibility_of_patient"),)


class CostShareTold(OrganizationRow):
    """That a patient was told what a month may cost them: by whom, when, and from which answer."""

    patient = models.ForeignKey("registry.Patient", on_delete=models.PROTECT, related_name="+")
    answer = models.ForeignKey(EligibilityAnswer, on_delete=models.PROTECT, related_name="+")
    month_index = models.PositiveIntegerField()
    told_on = models.DateField()
    told_at = models.DateTimeField()
    told_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    way = models.CharField(max_length=20)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("patient", "month_index"), name="cost_share_told_once_a_month"),
        )
