"""Writing people and places."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.urls import reverse

from cocm.server.access.actor import Actor, enter_organization
from cocm.server.access.permissions import ROLE_PERMISSIONS, MemberRole, Permission
from cocm.server.accounts.mail import mail_after_commit
from cocm.server.accounts.models import Membership, Organization, StaffMember, User
from cocm.server.audit.trail import record
from cocm.server.audit.verbs import Verb


@transaction.atomic
def organization_add(
    *, key: str, kind: str, name: str, time_zone: str, by: User | None = None, **fields: Any
) -> Actor:
    """A new organization, empty; the system actor that may fill it. `by` is the person who asked for it."""
    organization = Organization(key=key, kind=kind, name=name, time_zone=time_zone, **fields)
    organization.full_clean()
    enter_organization(organization.pk, by.pk if by else None)
    organization.save(force_insert=True)
    actor = Actor.system(organization.pk)
    record(actor, Verb.ADDED, object_type="organization", object_id=organization.pk)
    return actor


@transaction.atomic
def member_add(
    *, actor: Actor, user: User, role: MemberRole, staff_member: StaffMember | None = None
) -> Membership:
    """Give a person a role at the organization. The staff row must be the organization's own."""
    actor.require(Permission.PEOPLE_EDIT)
    if staff_member is not None and staff_member.organization_id != actor.organization_id:
        raise ValueError("the staff member belongs to another organization")
    membership = Membership(
        organization_id=actor.organization_id, user=user, role=role, staff_member=staff_member
    )
    membership.full_clean()
    membership.save(force_insert=True)
    record(
        actor,
        Verb.ADDED,
        object_type="membership",
        object_id=membership.pk,
        details={"user": str(user.pk), "role": str(role)},
    )
    return membership


@transaction.atomic
def person_invite(
    *,
    actor: Actor,
    email: str,
    full_name: str,
    role: MemberRole,
    staff_member: StaffMember | None,
    address_of: Callable[[str], str],
) -> tuple[Membership, str]:
    """A person gets a role here, and a letter with a link to set a password: it holds once, and for some hours.

    Whoever has a sign-in already (at another organization) keeps it and is only told. `address_of` makes a path a
    full address. Returns the membership and the link (empty where none was needed). Raises `ValidationError` where
    the person is a member already.
    """
    actor.require(Permission.PEOPLE_EDIT)
    found = User.objects.filter(email__iexact=email).first()
    user = found or User.objects.create_user(email, full_name=full_name)
    former = Membership.objects.of(actor).filter(user=user).first()
    if former is None:
        membership = member_add(actor=actor, user=user, role=role, staff_member=staff_member)
    elif former.is_active:
        raise ValidationError({"email": "this person is a member already"})
    else:
        membership = _member_back(actor, former, role, staff_member)
    return membership, _send_invitation(actor, user, address_of)


@transaction.atomic
def invitation_resend(*, actor: Actor, membership: Membership, address_of: Callable[[str], str]) -> str:
    """A new link for somebody who has never set a password; the link. Raises `ValidationError` for others."""
    actor.require(Permission.PEOPLE_EDIT)
    membership = Membership.objects.of(actor).select_related("user").get(pk=membership.pk, is_active=True)
    if membership.user.has_usable_password():
        raise ValidationError("this person has a password; they can ask for a new one at the sign-in")
    record(actor, Verb.CHANGED, object_type="invitation", object_id=membership.pk)
    return _send_invitation(actor, membership.user, address_of)


@transaction.atomic
def membership_end(*, actor: Actor, membership: Membership) -> None:
    """A person leaves the organization: from this moment no session of theirs opens anything here."""
    actor.require(Permission.PEOPLE_EDIT)
    membership = Membership.objects.of(actor).select_for_update().get(pk=membership.pk)
    if membership.user_id == actor.user_id:
        raise ValidationError("nobody ends a membership of their own: ask a colleague")
    membership.is_active = False
    membership.save(update_fields=("is_active",))
    _end_sessions(membership.user_id)
    record(
        actor,
        Verb.REMOVED,
        object_type="membership",
        object_id=membership.pk,
        details={"user": str(membership.user_id), "role": membership.role},
    )


@transaction.atomic
def membership_change(
    *, actor: Actor, membership: Membership, role: MemberRole, staff_member: StaffMember | None
) -> list[str]:
    """Give a colleague another role, or another row of the staff table; the names of what changed, maybe none.

    It holds from their next page on. Raises `ValidationError` for oneself: nobody raises their own role.
    """
    actor.require(Permission.PEOPLE_EDIT)
    if staff_member is not None and staff_member.organization_id != actor.organization_id:
        raise ValueError("the staff member belongs to another organization")
    membership = Membership.objects.of(actor).select_for_update().get(pk=membership.pk, is_active=True)
    if membership.user_id == actor.user_id:
        raise ValidationError("nobody changes a role of their own: ask a colleague")
    before = {"role": membership.role, "staff_member": membership.staff_member_id}
    membership.role, membership.staff_member = role, staff_member
    membership.full_clean()
    changed = [name for name, value in before.items() if value != _as_kept(membership, name)]
    if changed:
        membership.save(update_fields=("role", "staff_member"))
        details = {
            "user": str(membership.user_id),
            "role": str(role),
            "before": before["role"],
            "fields": changed,
        }
        record(actor, Verb.CHANGED, object_type="membership", object_id=membership.pk, details=details)
    return changed


def _as_kept(membership: Membership, name: str) -> Any:
    return str(membership.role) if name == "role" else membership.staff_member_id


@transaction.atomic
def second_factor_reset(*, actor: Actor, membership: Membership) -> int:
    """Take a colleague's lost second factors away; how many there were. They set up another at the next sign-in.

    Every session of theirs ends and a letter tells them. Who also acts for an organization in which the acting person
    has no say over people keeps theirs: it guards that one as well. Raises `ValidationError`.
    """
    actor.require(Permission.PEOPLE_EDIT)
    membership = Membership.objects.of(actor).select_related("user").get(pk=membership.pk, is_active=True)
    user = membership.user
    if user.pk == actor.user_id:
        raise ValidationError("your own is changed under Second factor")
    if _organizations_of(actor, user.pk) - _administered_by(actor):
        raise ValidationError(
            "this person also acts for another organization; somebody who sets up people at both resets it"
        )
    held = Authenticator.objects.filter(user=user)
    count = held.exclude(type=Authenticator.Type.RECOVERY_CODES).count()
    if not count:
        raise ValidationError("this person has no second factor")
    held.delete()
    _end_sessions(user.pk)
    details = {"user": str(user.pk), "fields": ["second_factor"]}
    record(actor, Verb.REMOVED, object_type="second factor", object_id=membership.pk, details=details)
    mail_after_commit(
        [user.email],
        "OpenCoCM: your second factor was taken away",
        "A colleague who sets up people at your organization took your second factor away, since it was lost.\n"
        "Sign in with your password and set up another one. If you did not ask for this, tell them at once.\n",
    )
    return count


def _organizations_of(actor: Actor, user_id: UUID) -> set[UUID]:
    """Where a person acts; on PostgreSQL the wall shows a person's memberships to that person only."""
    enter_organization(actor.organization_id, user_id)
    found = Membership.objects.filter(user_id=user_id, is_active=True)
    organizations = set(found.values_list("organization_id", flat=True))
    enter_organization(actor.organization_id, actor.user_id)
    return organizations


def _administered_by(actor: Actor) -> set[UUID]:
    """Where the acting person has a say over people."""
    mine = Membership.objects.filter(user_id=actor.user_id, is_active=True)
    roles = [role for role in MemberRole if Permission.PEOPLE_EDIT in ROLE_PERMISSIONS[role]]
    return set(mine.filter(role__in=roles).values_list("organization_id", flat=True))


@transaction.atomic
def sign_out_everywhere(*, actor: Actor) -> None:
    """End every session of the acting person, on every device, this one too."""
    if actor.user_id is None:
        raise ValueError("the system has no sessions")
    _end_sessions(actor.user_id)
    record(actor, Verb.SIGNED_OUT, object_type="user", object_id=actor.user_id, details={"sessions": "all"})


@transaction.atomic
def second_factor_ask(*, actor: Actor, is_required: bool) -> None:
    """Whether everybody at the organization signs in with a second factor."""
    actor.require(Permission.PEOPLE_EDIT)
    organization = Organization.objects.select_for_update().get(pk=actor.organization_id)
    organization.requires_second_factor = is_required
    organization.save(update_fields=("requires_second_factor",))
    record(
        actor,
        Verb.CHANGED,
        object_type="organization",
        object_id=organization.pk,
        details={"fields": ["requires_second_factor"], "requires_second_factor": is_required},
    )


def _member_back(
    actor: Actor, former: Membership, role: MemberRole, staff_member: StaffMember | None
) -> Membership:
    if staff_member is not None and staff_member.organization_id != actor.organization_id:
        raise ValueError("the staff member belongs to another organization")
    former.is_active, former.role, former.staff_member = True, role, staff_member
    former.full_clean()
    former.save(update_fields=("is_active", "role", "staff_member"))
    record(
        actor,
        Verb.CHANGED,
        object_type="membership",
        object_id=former.pk,
        details={"user": str(former.user_id), "role": str(role), "fields": ["is_active", "role"]},
    )
    return former


def _send_invitation(actor: Actor, user: User, address_of: Callable[[str], str]) -> str:
    name = " ".join(Organization.objects.get(pk=actor.organization_id).name.split())
    if user.has_usable_password():
        mail_after_commit(
            [user.email],
            "OpenCoCM: you were added to an organization",
            f"You can now act for {name}. Sign in as before:\n{address_of('/')}\n",
        )
        return ""
    key = default_token_generator.make_token(user)
    link = address_of(
        reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(user), "key": key})
    )
    mail_after_commit(
        [user.email],
        "OpenCoCM: your invitation",
        f"{name} invites you. Set your password here, once, within {settings.PASSWORD_RESET_TIMEOUT // 3600} hours:\n"
        f"{link}\n\nWhoever did not expect this can leave it: nothing happens.\n",
    )
    return link


def _end_sessions(user_id: UUID) -> None:
    User.objects.filter(pk=user_id).update(sessions_epoch=F("sessions_epoch") + 1)
