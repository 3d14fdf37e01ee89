"""The acting person: every selector and every service takes one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction

from cocm.server.access.permissions import (
    ROLE_CHART_REACH,
    ROLE_PERMISSIONS,
    ChartReach,
    MemberRole,
    Permission,
)
from cocm.server.walls import ORGANIZATION_SETTING, USER_SETTING


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, for which organization, in which role. `staff_member_id` is the person's row in the staff table.

    `role` None is the system itself (an import, a background job): it may do what its caller checked. `token_id` is the
    API token with which a programme acts as this person; the trail names it.
    """

    organization_id: UUID
    user_id: UUID | None
    membership_id: UUID | None
    role: MemberRole | None
    staff_member_id: UUID | None = None
    request_id: str = ""
    token_id: UUID | None = None

    def may(self, permission: Permission) -> bool:
        """Whether the role has a permission. The system has all of them."""
        return self.role is None or permission in ROLE_PERMISSIONS[self.role]

    def require(self, permission: Permission) -> None:
        """Every service that writes begins with this, whoever calls it. Raises Django's `PermissionDenied`."""
        if not self.may(permission):
            raise PermissionDenied(f"the role {self.role} may not {permission}")

    @property
    def chart_reach(self) -> ChartReach:
        return ChartReach.ALL if self.role is None else ROLE_CHART_REACH[self.role]

    @classmethod
    def system(cls, organization_id: UUID, request_id: str = "") -> Actor:
        """The system acting for an organization."""
        return cls(organization_id, None, None, None, None, request_id)


@dataclass(frozen=True, slots=True)
class Entered:
    """The organization that the transaction at hand speaks for. `kept` is what was read of it once, by name."""

    organization_id: UUID | str
    kept: dict[str, Any] = field(default_factory=dict)


_entered: ContextVar[Entered | None] = ContextVar("organization", default=None)


def entered() -> Entered | None:
    """For whom the transaction at hand speaks; None: for nobody."""
    return _entered.get()


def leave_organization() -> Token[Entered | None]:
    """Speak for nobody, until `enter_again` with what this gives."""
    return _entered.set(None)


def enter_again(before: Token[Entered | None]) -> None:
    """Speak for whom one spoke before."""
    _entered.reset(before)


def enter_organization(organization_id: UUID | str | None, user_id: UUID | None) -> None:
    """Tell PostgreSQL for whom this transaction speaks; must run inside it. SQLite has no such wall."""
    _entered.set(Entered(organization_id) if organization_id else None)
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config(%s, %s, true), set_config(%s, %s, true)",
            [ORGANIZATION_SETTING, str(organization_id or ""), USER_SETTING, str(user_id or "")],
        )


@contextmanager
def acting_for(actor: Actor) -> Iterator[Actor]:
    """A transaction in the name of an actor, for commands, jobs and tests; pages get theirs from `needs`."""
    before = leave_organization()
    try:
        with transaction.atomic():
            enter_organization(actor.organization_id, actor.user_id)
            yield actor
    finally:
        enter_again(before)
