"""Who signs in, and what they are at which organization."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.crypto import salted_hmac

from cocm.server.access.actor import Actor
from cocm.server.access.permissions import ROLE_WORDS, MemberRole
from cocm.server.records import OrganizationRow


class Users(BaseUserManager):
    """Makes sign-ins. There is no superuser: an administrator is a member like everybody."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.full_clean(exclude=("password",))
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """A sign-in: an e-mail address and a name. What the person may do stands in memberships.

    A session is good for the password and the `sessions_epoch` it began with: a new one of either ends them all.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(unique=True)
    full_name = models.CharField(max_length=120)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    sessions_epoch = models.PositiveIntegerField(default=0)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ("full_name",)

    objects = Users()

    def __str__(self) -> str:
        return f"user {self.pk}"

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        return salted_hmac(
            "cocm.server.accounts.User.session",
            f"{self.sessions_epoch}:{self.password}",
            secret=secret,
            algorithm="sha256",
        ).hexdigest()

    def get_full_name(self) -> str:
        return self.full_name


class Membership(OrganizationRow):
    """What a person is at an organization. `staff_member` is their row in the staff table, where there is one."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=30, choices=[(role.value, ROLE_WORDS[role]) for role in MemberRole])
    staff_member = models.ForeignKey(
        "accounts.StaffMember", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("organization", "user"), name="membership_one_a_person"),
            models.UniqueConstraint(fields=("staff_member",), name="membership_one_a_staff_member"),
        )

    def as_actor(self, request_id: str = "", token_id: uuid.UUID | None = None) -> Actor:
        """The person, acting at this organization; with a token, a programme of theirs."""
        return Actor(
            self.organization_id,
            self.user_id,
            self.pk,
            MemberRole(self.role),
            self.staff_member_id,
            request_id,
            token_id,
        )
