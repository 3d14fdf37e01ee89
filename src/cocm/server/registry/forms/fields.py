"""Fields that several forms share, and what a form of a case file knows."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from cocm.rules.diagnosis_codes import dotted, icd10cm_code, icd10cm_is_beyond, icd10cm_is_followed
from cocm.server.access.actor import Actor
from cocm.server.accounts.models import Site, StaffMember
from cocm.server.registry.models import Episode, Patient
from cocm.server.rules_in_force import rulebook

_ICD = re.compile(r"[A-Z][0-9][0-9A-Z](\.?[0-9A-Z]{1,4})?")
_HCPCS = re.compile(r"[0-9A-Z][0-9]{3}[0-9A-Z]")
ANSWERS = (("yes", "Yes"), ("no", "No"), ("unknown", "Not recorded"))


class DayField(forms.DateField):
    """A day; not after today unless the form says so."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")

    def __init__(self, *, may_be_future: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.may_be_future = may_be_future

    def clean(self, value: Any) -> date | None:
        day: date | None = super().clean(value)
        if day is not None and not self.may_be_future and day > timezone.localdate():
            raise ValidationError("this day has not come yet")
        if day is not None and day.year < 1900:
            raise ValidationError("give the year with four digits")
        return day


class PersonField(forms.ModelChoiceField):
    """A member of the staff."""

    def label_from_instance(self, member: Any) -> str:
        return f"{member.last_name}, {member.first_name}" + (
            f", {member.credential}" if member.credential else ""
        )


class SiteField(forms.ModelChoiceField):
    """A site with its place of service."""

    def label_from_instance(self, site: Any) -> str:
        return f"{site.name} (place of service {site.place_of_service_code})"


def staff_of(actor: Actor, *roles: str) -> Any:
    """The staff to choose from, those of some roles only."""
    members = StaffMember.objects.of(actor).order_by("last_name", "first_name")
    return members.filter(role__in=roles) if roles else members


def sites_of(actor: Actor) -> Any:
    return Site.objects.of(actor).order_by("name")


def checked_diagnosis(text: str, day: date) -> str:
    """A diagnosis code as the claims write it, with its dot. Raises `ValidationError` for none that exists."""
    code = text.strip().upper()
    if not _ICD.fullmatch(code):
        raise ValidationError(f"{text.strip()!r} is no ICD-10-CM code, such as F33.1")
    written = dotted(code)
    book = rulebook()
    found = icd10cm_code(book, written, day)
    is_none = found is None and icd10cm_is_followed(book, written) and not icd10cm_is_beyond(book, day)
    if is_none or (found is not None and not found.is_billable):
        raise ValidationError(f"{written} does not exist on {day}, or needs further digits")
    return written


def checked_service(text: str) -> str:
    """A service code of five signs."""
    code = text.strip().upper()
    if code and not _HCPCS.fullmatch(code):
        raise ValidationError(f"{text.strip()!r} is no service code of five letters or digits")
    return code


class CaseForm(forms.Form):
    """A form of one patient's case file. `row` is what is corrected or closed, where there is one."""

    use_required_attribute = True

    def __init__(
        self,
        *args: Any,
        actor: Actor,
        patient: Patient,
        episode: Episode | None,
        row: Any = None,
        **kwargs: Any,
    ) -> None:
        self.actor, self.patient, self.episode, self.row = actor, patient, episode, row
        self.today = timezone.localdate()
        kwargs.setdefault("initial", {})
        super().__init__(*args, **kwargs)
        self.initial = {**self.at_first(), **self.initial}
        self.prepare()

    def at_first(self) -> dict[str, Any]:
        """What stands in the fields before anybody typed."""
        return {}

    def prepare(self) -> None:
        """Fill choices that depend on the organization."""

    def save(self) -> str:
        """Call the service; a sentence for the person."""
        raise NotImplementedError
