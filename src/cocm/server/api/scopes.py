"""What a token may be good for, as data: each scope with the permission that its maker's role must have."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from cocm.server.access.actor import Actor
from cocm.server.access.permissions import Permission
from cocm.server.access.throttle_limits import Allowance


class Scope(StrEnum):
    """One thing that a token opens."""

    CASELOAD_READ = "caseload:read"
    CONTACTS_READ = "contacts:read"
    CONTACTS_WRITE = "contacts:write"
    MEASURES_READ = "measures:read"
    MEASURES_WRITE = "measures:write"
    REVIEWS_READ = "reviews:read"
    RULES_CODES = "rules:codes"
    RULES_CHECK = "rules:check"
    RULES_ROUTE = "rules:route"
    RULES_EXPLAIN = "rules:explain"


@dataclass(frozen=True, slots=True)
class ScopeTerms:
    """What a scope means, and the permission behind it; None: it touches no patient's record."""

    meaning: str
    permission: Permission | None


_P = Permission
SCOPES: Final = MappingProxyType(
    {
        Scope.CASELOAD_READ: ScopeTerms(
            "Read the patients in care, with flags and minutes", _P.CASELOAD_VIEW
        ),
        Scope.CONTACTS_READ: ScopeTerms("Read entries of time", _P.CHART_VIEW),
        Scope.CONTACTS_WRITE: ScopeTerms("Record your own time with patients", _P.MINUTES_RECORD),
        Scope.MEASURES_READ: ScopeTerms("Read scores", _P.CHART_VIEW),
        Scope.MEASURES_WRITE: ScopeTerms("Add scores", _P.CHART_EDIT),
        Scope.REVIEWS_READ: ScopeTerms("Read caseload reviews", _P.CHART_VIEW),
        Scope.RULES_CODES: ScopeTerms("Ask which codes a month's minutes earn", None),
        Scope.RULES_CHECK: ScopeTerms("Have claims checked by the edits", None),
        Scope.RULES_ROUTE: ScopeTerms("Ask who answers for a claim line", None),
        Scope.RULES_EXPLAIN: ScopeTerms("Read rules and edits with their sources", None),
    }
)

RECORDS_ALLOWANCE: Final = Allowance(600, 60)
RULES_ALLOWANCE: Final = Allowance(6_000, 60)
"""How often one token may ask: patients' records, and the rulebook."""


def is_of_rules(scope: Scope) -> bool:
    """Whether a scope is answered from the rulebook alone: nothing is read or stored."""
    return SCOPES[scope].permission is None


def scopes_open_to(actor: Actor) -> tuple[Scope, ...]:
    """The scopes that a person may give to a token."""
    return tuple(
        scope for scope, terms in SCOPES.items() if terms.permission is None or actor.may(terms.permission)
    )
