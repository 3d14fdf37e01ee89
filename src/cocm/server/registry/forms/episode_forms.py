"""Forms of the episode: status, re-entry, consent, initiating visit, team, cover by a colleague, diagnoses, plan."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from cocm.care.people import Role
from cocm.server.registry.forms.fields import (
    ANSWERS,
    CaseForm,
    DayField,
    PersonField,
    SiteField,
    checked_diagnosis,
    checked_service,
    sites_of,
    staff_of,
)
from cocm.server.registry.models import EpisodeStatus, InitiatingVisit
from cocm.server.registry.services import episodes as services

Status = EpisodeStatus.Status
OPENING = [
    (item.value, item.label)
    for item in (Status.REFERRED, Status.PENDING_CONSENT, Status.ENROLLED, Status.ACTIVE)
]


class StatusForm(CaseForm):
    status = forms.ChoiceField(choices=Status.choices)
    from_date = DayField(label="From")
    reason = forms.CharField(max_length=200, required=False, help_text="Needed where the episode ends.")

    def at_first(self) -> dict[str, Any]:
        return {"from_date": self.today}

    def save(self) -> str:
        made = services.status_change(
            actor=self.actor, patient=self.patient, episode=self.episode, **self.cleaned_data
        )
        return f"Status: {made.get_status_display()} from {made.from_date}."


class ReentryForm(CaseForm):
    start_date = DayField(label="Start of the new episode")
    status = forms.ChoiceField(choices=OPENING)
    reason = forms.CharField(max_length=200, required=False)

    def at_first(self) -> dict[str, Any]:
        return {"start_date": self.today, "status": Status.PENDING_CONSENT}

    def save(self) -> str:
        services.episode_open(actor=self.actor, patient=self.patient, **self.cleaned_data)
        return "A new episode has begun with the last one's team and diagnoses. Ask for consent again."


class ConsentForm(CaseForm):
    given = forms.ChoiceField(label="Consent given", choices=ANSWERS, widget=forms.RadioSelect)
    consent_date = DayField(label="Day", required=False)
    form = forms.ChoiceField(
        choices=(("verbal", "Verbal, documented"), ("written", "Written")), required=False
    )
    recorded_by = forms.CharField(label="Obtained by", max_length=60, required=False)
    cost_share_explained = forms.ChoiceField(
        label="Told of the cost share and the right to stop", choices=ANSWERS, widget=forms.RadioSelect
    )

    def at_first(self) -> dict[str, Any]:
        who = staff_of(self.actor).filter(pk=self.actor.staff_member_id).first()
        return {
            "given": "yes",
            "consent_date": self.today,
            "form": "verbal",
            "cost_share_explained": "unknown",
            "recorded_by": who.full_name if who else "",
        }

    def save(self) -> str:
        values = self.cleaned_data
        if values["given"] != "yes":
            values = {**values, "form": ""}
        services.consent_add(actor=self.actor, patient=self.patient, episode=self.episode, **values)
        return "The answer is on record."


class RevokeForm(CaseForm):
    revoked_on = DayField(label="Revoked on")
    reason = forms.CharField(max_length=150, required=False)

    def at_first(self) -> dict[str, Any]:
        return {"revoked_on": self.today}

    def save(self) -> str:
        services.consent_revoke(
            actor=self.actor, patient=self.patient, episode=self.episode, **self.cleaned_data
        )
        return "Consent is revoked; the episode ends with that day, and no later minutes count."


class VisitForm(CaseForm):
    visit_date = DayField(label="Initiating visit", required=False)
    hcpcs_code = forms.CharField(label="Its code", max_length=5, required=False)
    is_new_patient = forms.ChoiceField(
        label="New to the practitioner", choices=ANSWERS, widget=forms.RadioSelect
    )
    last_seen_date = DayField(label="Last seen before that", required=False)

    def at_first(self) -> dict[str, Any]:
        names = ("visit_date", "hcpcs_code", "is_new_patient", "last_seen_date")
        visit = InitiatingVisit.objects.of(self.actor).filter(episode=self.episode).first()
        return {name: getattr(visit, name) for name in names} if visit else {"is_new_patient": "unknown"}

    def clean_hcpcs_code(self) -> str:
        return checked_service(self.cleaned_data["hcpcs_code"])

    def save(self) -> str:
        services.visit_change(
            actor=self.actor, patient=self.patient, episode=self.episode, **self.cleaned_data
        )
        return "The initiating visit is on record."


class TeamForm(CaseForm):
    bhcm = PersonField(None, label="Care manager", required=False)
    psychiatric_consultant = PersonField(None, label="Psychiatric consultant", required=False)
    billing_practitioner = PersonField(None, label="Billing practitioner", required=False)
    referring_practitioner = PersonField(None, label="Referring practitioner", required=False)
    site = SiteField(None, label="Site of the billing practitioner", required=False)
    from_date = DayField(label="From", may_be_future=True)

    def prepare(self) -> None:
        choose_team(self)

    def at_first(self) -> dict[str, Any]:
        return {name: getattr(self.episode, name) for name in (*services.TEAM, "site")} | {
            "from_date": self.today
        }

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        check_site(values)
        return values

    def save(self) -> str:
        values = dict(self.cleaned_data)
        changed = services.team_change(
            actor=self.actor,
            patient=self.patient,
            episode=self.episode,
            from_date=values.pop("from_date"),
            site=values.pop("site"),
            members=values,
        )
        return "The team is changed." if changed else "Nothing was changed."


def choose_team(form: Any) -> None:
    """The people and sites that a team is made of."""
    actor, practitioners = form.actor, staff_of(form.actor, Role.BILLING_PRACTITIONER)
    form.fields["bhcm"].queryset = staff_of(actor, Role.BHCM)
    form.fields["psychiatric_consultant"].queryset = staff_of(actor, Role.PSYCHIATRIC_CONSULTANT)
    form.fields["billing_practitioner"].queryset = practitioners
    if "referring_practitioner" in form.fields:
        form.fields["referring_practitioner"].queryset = practitioners
    form.fields["site"].queryset = sites_of(actor)


def check_site(values: dict[str, Any]) -> None:
    """The site must be one at which the billing practitioner is credentialed, where that is on record."""
    practitioner, site = values.get("billing_practitioner"), values.get("site")
    if practitioner is not None and site is not None:
        credentialed = list(practitioner.sites.all())
        if credentialed and site not in credentialed:
            names = ", ".join(found.name for found in credentialed)
            raise ValidationError({"site": f"{practitioner.full_name} is credentialed at {names}"})


class CoverForm(CaseForm):
    staff_member = PersonField(None, label="Colleague")
    from_date = DayField(label="From", may_be_future=True)
    to_date = DayField(label="To", may_be_future=True, required=False, help_text="Empty: until it is ended.")

    def prepare(self) -> None:
        self.fields["staff_member"].queryset = staff_of(self.actor)

    def at_first(self) -> dict[str, Any]:
        return {"from_date": self.today}

    def save(self) -> str:
        made = services.cover_add(
            actor=self.actor, patient=self.patient, episode=self.episode, **self.cleaned_data
        )
        return f"{made.staff_member.full_name} covers from {made.from_date}; the chart is open to them."


class CoverEndForm(CaseForm):
    to_date = DayField(label="Last day", may_be_future=True)

    def at_first(self) -> dict[str, Any]:
        return {"to_date": max(self.row.from_date, self.today)}

    def save(self) -> str:
        made = services.cover_end(
            actor=self.actor, patient=self.patient, member=self.row, **self.cleaned_data
        )
        return f"{made.staff_member.full_name} covers up to {made.to_date}."


class DiagnosesForm(CaseForm):
    codes = forms.CharField(
        label="Diagnoses, the principal one first",
        max_length=120,
        help_text="ICD-10-CM codes with a comma or a semicolon between them, such as F33.1; F41.1.",
    )
    from_date = DayField(label="From")

    def at_first(self) -> dict[str, Any]:
        assert self.episode is not None
        held = self.episode.diagnoses.filter(to_date__isnull=True).order_by("position")
        return {"codes": "; ".join(row.diagnosis_code for row in held), "from_date": self.today}

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if "codes" in values and "from_date" in values:
            values["codes"] = checked_diagnoses(values["codes"], values["from_date"])
        return values

    def save(self) -> str:
        services.diagnoses_change(
            actor=self.actor, patient=self.patient, episode=self.episode, **self.cleaned_data
        )
        return "The diagnoses are on record."


def checked_diagnoses(text: str, day: Any) -> list[str]:
    """Codes from a line of text, each once. Raises `ValidationError` for the field `codes`."""
    try:
        codes = [checked_diagnosis(part, day) for part in text.replace(",", ";").split(";") if part.strip()]
    except ValidationError as problem:
        raise ValidationError({"codes": problem.messages}) from None
    if len(set(codes)) < len(codes):
        raise ValidationError({"codes": "a code stands there twice"})
    if len(codes) > 12:
        raise ValidationError({"codes": "a claim takes twelve diagnoses at most"})
    return codes


class PlanForm(CaseForm):
    relapse_plan_on = DayField(label="Relapse prevention plan made on", required=False)

    def at_first(self) -> dict[str, Any]:
        return {"relapse_plan_on": self.episode.relapse_plan_on if self.episode else None}

    def save(self) -> str:
        services.relapse_plan_set(
            actor=self.actor, patient=self.patient, episode=self.episode, **self.cleaned_data
        )
        return "The plan's day is on record."
