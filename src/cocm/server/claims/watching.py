"""Looking into the trading partners' folders: what lies there is taken in, each file once and each by itself."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from cocm.server.access.actor import Actor, acting_for
from cocm.server.accounts.models import Organization
from cocm.server.accounts.models.organizations import OrganizationKind
from cocm.server.audit.trail import gathered
from cocm.server.claims.folders import REFUSED, TAKEN, partners, put_aside, waiting
from cocm.server.claims.models import Arrival
from cocm.server.claims.receiving import Incoming, bytes_max, receive

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Watched:
    """What a look found: files by what became of them."""

    files: Counter[str] = field(default_factory=Counter)


def watch_folders(*, today: date) -> Watched:
    """Look into every practice's folders once."""
    watched = Watched()
    for pk, key in Organization.objects.filter(kind=OrganizationKind.PRACTICE).values_list("pk", "key"):
        for partner in partners(key):
            for path in waiting(partner):
                watched.files[_take(Actor.system(pk), path, today)] += 1
    return watched


def _take(actor: Actor, path: Path, today: date) -> str:
    """Take one file in, and put it aside; a file that fails in an unforeseen way stays where it is."""
    try:
        content = path.read_bytes() if path.stat().st_size <= bytes_max() else None
    except OSError as problem:
        _log.error("a file of a partner's folder cannot be read: %s", problem.strerror)
        return "left"
    with acting_for(actor), gathered(actor):
        (arrived,) = receive(
            actor=actor, files=[Incoming(path.name, content)], arrival=Arrival.FOLDER, today=today
        )
    put_aside(path, TAKEN if arrived.file.is_taken else REFUSED)
    return "known" if arrived.is_known else arrived.file.state
