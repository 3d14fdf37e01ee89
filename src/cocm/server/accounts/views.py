"""People who sign in, what each role may do, and signing out everywhere."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from cocm.server.access.needs import needs, refuse
from cocm.server.access.permissions import (
    ROLE_CHART_REACH,
    ROLE_PERMISSIONS,
    ROLE_WORDS,
    SEES_PATIENTS,
    ChartReach,
    MemberRole,
    Permission,
)
from cocm.server.accounts.forms import InvitationForm, RoleForm
from cocm.server.accounts.models import Membership
from cocm.server.accounts.selectors import members, organization_of
from cocm.server.accounts.services import (
    invitation_resend,
    membership_change,
    membership_end,
    person_invite,
    second_factor_ask,
    second_factor_reset,
    sign_out_everywhere,
)
from cocm.server.look.badges import badge
from cocm.server.look.html import icon
from cocm.server.look.tables import Column, Row, Table

_SHORT_ROLES: Final = MappingProxyType(
    {MemberRole.PSYCHIATRIC_CONSULTANT: "Consultant", MemberRole.PCP: "Practitioner"}
)
_REACH_WORDS: Final = MappingProxyType(
    {ChartReach.NONE: "none", ChartReach.CARE_TEAM: "own teams'", ChartReach.ALL: "all"}
)


@needs(Permission.PEOPLE_EDIT)
def people_page(request: HttpRequest) -> HttpResponse:
    """Who may sign in here, as what."""
    found = list(members(actor=request.actor))
    guarded = _guarded_users([member.user_id for member in found])
    table = Table(
        "People",
        (
            Column("Name"),
            Column("E-mail address"),
            Column("Role"),
            Column("Staff id"),
            Column("Second factor"),
            Column("Last sign-in", "date"),
            Column("State"),
        ),
        [
            Row(
                (
                    member.user.full_name,
                    member.user.email,
                    ROLE_WORDS[MemberRole(member.role)],
                    member.staff_member.staff_id if member.staff_member else "",
                    "yes" if member.user_id in guarded else "no",
                    f"{timezone.localtime(member.user.last_login):%Y-%m-%d %H:%M}"
                    if member.user.last_login
                    else "never",
                    _state(member),
                ),
                href=reverse("people:person", kwargs={"membership_id": member.pk}),
            )
            for member in found
        ],
        key="people",
        layout="cards",
        caption_hidden=True,
    )
    context = {"table": table, "organization": organization_of(actor=request.actor)}
    return TemplateResponse(request, "accounts/people.html", context)


def _guarded_users(user_ids: list[UUID]) -> set[UUID]:
    """Those with a second factor."""
    held = Authenticator.objects.filter(user_id__in=user_ids).exclude(type=Authenticator.Type.RECOVERY_CODES)
    return set(held.values_list("user_id", flat=True))


def _state(member: Membership) -> str:
    if not member.is_active:
        return badge("Left", "neutral")
    if not member.user.has_usable_password() and member.user.last_login is None:
        return badge("Invited", "info")
    return badge("Active", "success")


@needs(Permission.PEOPLE_EDIT, methods=("GET", "POST"))
def invite_page(request: HttpRequest) -> HttpResponse:
    """Invite a person."""
    form = InvitationForm(request.POST if request.method == "POST" else None, actor=request.actor)
    if form.is_bound and form.is_valid():
        try:
            membership, link = person_invite(
                actor=request.actor,
                address_of=request.build_absolute_uri,
                **form.cleaned_data | {"role": MemberRole(form.cleaned_data["role"])},
            )
        except ValidationError as problem:
            form.add_error(None if not hasattr(problem, "error_dict") else "email", problem.messages)
        else:
            _tell(request, link)
            return HttpResponseRedirect(reverse("people:person", kwargs={"membership_id": membership.pk}))
    return TemplateResponse(
        request, "accounts/invite.html", {"form": form}, status=422 if form.is_bound else 200
    )


@needs(Permission.PEOPLE_EDIT, methods=("GET", "POST"))
def person_page(request: HttpRequest, membership_id: UUID) -> HttpResponse:
    """One person; invite them again."""
    member = members(actor=request.actor).filter(pk=membership_id).first()
    if member is None:
        return refuse(request, 404)
    if request.method == "POST":
        try:
            _tell(
                request,
                invitation_resend(
                    actor=request.actor, membership=member, address_of=request.build_absolute_uri
                ),
            )
        except (ValidationError, Membership.DoesNotExist) as problem:
            messages.error(request, " ".join(getattr(problem, "messages", ["This person has left."])))
        return HttpResponseRedirect(request.path)
    context = {
        "member": member,
        "member_role": ROLE_WORDS[MemberRole(member.role)],
        "state": _state(member),
        "is_oneself": member.user_id == request.actor.user_id,
        "may_resend": member.is_active and not member.user.has_usable_password(),
        "end_href": reverse("people:end", kwargs={"membership_id": member.pk}),
        "has_second_factor": _guarded_users([member.user_id]) != set(),
    }
    return TemplateResponse(request, "accounts/person.html", context)


@needs(Permission.PEOPLE_EDIT, methods=("GET", "POST"))
def role_page(request: HttpRequest, membership_id: UUID) -> HttpResponse:
    """Another role for a colleague."""
    member = members(actor=request.actor).filter(pk=membership_id).first()
    if member is None:
        return refuse(request, 404)
    back = reverse("people:person", kwargs={"membership_id": member.pk})
    if not member.is_active or member.user_id == request.actor.user_id:
        messages.error(request, "A role is changed by a colleague, for somebody who is here.")
        return HttpResponseRedirect(back)
    form = RoleForm(
        request.POST if request.method == "POST" else None, actor=request.actor, membership=member
    )
    if form.is_bound and form.is_valid():
        try:
            changed = membership_change(
                actor=request.actor,
                membership=member,
                role=MemberRole(form.cleaned_data["role"]),
                staff_member=form.cleaned_data["staff_member"],
            )
        except ValidationError as problem:
            form.add_error(None, problem.messages)
        else:
            messages.success(
                request, "It holds from their next page on." if changed else "Nothing was changed."
            )
            return HttpResponseRedirect(back)
    context = {"form": form, "member": member, "back": back}
    return TemplateResponse(request, "accounts/role.html", context, status=422 if form.is_bound else 200)


@needs(Permission.PEOPLE_EDIT, methods=("GET", "POST"), is_guarded_anew=True)
def second_factor_page(request: HttpRequest, membership_id: UUID) -> HttpResponse:
    """Take a colleague's lost second factor away; the acting person proves once more who it is."""
    member = members(actor=request.actor).filter(pk=membership_id).first()
    if member is None:
        return refuse(request, 404)
    back = reverse("people:person", kwargs={"membership_id": member.pk})
    if request.method == "POST":
        try:
            second_factor_reset(actor=request.actor, membership=member)
            messages.success(request, "It is taken away. They set up another one at the next sign-in.")
        except (ValidationError, Membership.DoesNotExist) as problem:
            messages.error(request, " ".join(getattr(problem, "messages", ["This person has left."])))
        return HttpResponseRedirect(back)
    context = {
        "href": request.path,
        "label": "Take it away",
        "question": "Take this person's second factor away?",
        "detail": "Do it for somebody who lost the device, and only when you know that it is they who ask. Their "
        "sessions end, and an e-mail tells them.",
        "tone": "danger",
        "key": "second-factor",
        "back_href": back,
    }
    return TemplateResponse(request, "look/confirm_page.html", context)


@needs(Permission.PEOPLE_EDIT, methods=("GET", "POST"))
def end_page(request: HttpRequest, membership_id: UUID) -> HttpResponse:
    """A person leaves."""
    member = members(actor=request.actor).filter(pk=membership_id).first()
    if member is None:
        return refuse(request, 404)
    if request.method == "POST":
        try:
            membership_end(actor=request.actor, membership=member)
            messages.success(request, "The person can no longer sign in here.")
        except ValidationError as problem:
            messages.error(request, " ".join(problem.messages))
        return HttpResponseRedirect(reverse("people:people"))
    context = {
        "href": request.path,
        "label": "End the membership",
        "question": "End this person's membership?",
        "detail": "Their sessions end at once. What they wrote stays.",
        "tone": "danger",
        "key": "end",
        "back_href": reverse("people:person", kwargs={"membership_id": member.pk}),
    }
    return TemplateResponse(request, "look/confirm_page.html", context)


@needs(Permission.PEOPLE_EDIT, methods=("GET", "POST"))
def roles_page(request: HttpRequest) -> HttpResponse:
    """What each role may do, and whether everybody needs a second factor."""
    if request.method == "POST":
        second_factor_ask(actor=request.actor, is_required=request.POST.get("is_required") == "1")
        messages.success(request, "Kept.")
        return HttpResponseRedirect(request.path)
    yes = icon("check-lg", "yes")
    rows = [
        Row(
            (
                permission.value.capitalize(),
                *(yes if permission in ROLE_PERMISSIONS[role] else "" for role in MemberRole),
            )
        )
        for permission in Permission
    ]
    rows.append(Row(("Charts that open", *(_REACH_WORDS[ROLE_CHART_REACH[role]] for role in MemberRole))))
    rows.append(
        Row(
            (
                "Sees patients: second factor in production",
                *(yes if ROLE_PERMISSIONS[role] & SEES_PATIENTS else "" for role in MemberRole),
            )
        )
    )
    context = {
        "table": Table(
            "What each role may do",
            (Column("May"), *(Column(_SHORT_ROLES.get(role, ROLE_WORDS[role])) for role in MemberRole)),
            rows,
            key="roles",
            caption_hidden=True,
        ),
        "organization": organization_of(actor=request.actor),
        "grace_days": settings.MFA_GRACE_DAYS,
    }
    return TemplateResponse(request, "accounts/roles.html", context)


@needs(Permission.OWN_ACCOUNT, methods=("GET", "POST"))
def everywhere_page(request: HttpRequest) -> HttpResponse:
    """Sign out on every device."""
    if request.method == "POST":
        sign_out_everywhere(actor=request.actor)
        request.session.flush()  # not `logout`: its signal would write to the trails of other organizations
        return HttpResponseRedirect(reverse("account_login"))
    context = {
        "href": request.path,
        "label": "Sign out everywhere",
        "question": "Sign out on every device?",
        "detail": "This one too. Drafts that are kept stay.",
        "tone": "danger",
        "key": "everywhere",
        "back_href": reverse("home"),
    }
    return TemplateResponse(request, "look/confirm_page.html", context)


def _tell(request: HttpRequest, link: str) -> None:
    if link and not settings.ENVIRONMENT.email_url:
        messages.warning(request, f"No mail server is set up. Give this link to the person: {link}")
    else:
        messages.success(request, "An e-mail is on its way.")
