"""The whole practice's caseload in figures, for those who see figures and no patients."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from cocm.rules.care_flags import FlagKind, FlagRule
from cocm.server.access.actor import Actor
from cocm.server.access.permissions import Permission
from cocm.server.audit.trail import only_counted
from cocm.server.registry.caseload import IN_CARE, Caseload


@dataclass(frozen=True, slots=True)
class Overview:
    """How many are in care, and how many of them have each flag."""

    in_care: int
    flagged: Mapping[FlagKind, int]
    rules: Mapping[FlagKind, FlagRule]


def caseload_overview(*, actor: Actor, today: date) -> Overview:
    """Counts over every patient of the organization. Nobody is named, so nobody is noted as seen."""
    actor.require(Permission.FIGURES_VIEW)
    with only_counted():
        load = Caseload(Actor.system(actor.organization_id), today, with_billing=False)
        rows = load.rows
    flagged = Counter(flag.kind for row in rows for flag in row.flags)
    return Overview(sum(row.status in IN_CARE for row in rows), flagged, load.watched.rules)
