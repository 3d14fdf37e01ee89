"""What waits: files to look at, batches nobody handed over, rejected claims."""

from __future__ import annotations

from cocm.claims.lifecycle import ClaimState
from cocm.server.access.actor import Actor
from cocm.server.claims.listing import ClaimRow
from cocm.server.claims.models import ReceivedFile
from cocm.server.records import OrganizationRows


def files_to_look_at(*, actor: Actor) -> OrganizationRows:
    """Files that were refused or have something that somebody has to see to, the newest first."""
    return ReceivedFile.objects.of(actor).filter(needs_look=True).order_by("-received_at")


def waiting_counts(*, actor: Actor) -> dict[str, int]:
    """How many things wait on the pages, by url name."""
    return {"claims:files": files_to_look_at(actor=actor).count()}


def rejected(rows: tuple[ClaimRow, ...]) -> list[ClaimRow]:
    """Claims that were refused before any decision: nothing of them is with a payer."""
    return [row for row in rows if row.state is ClaimState.REJECTED]
