"""Looking into the folders that a plan shares with its senders (COCM_EXCHANGE_FOLDERS: `plan=/folder`).

A claim file in `in` is decided and its answers for the sender are put into `out`; a 275 is kept with its claims. A file
that was dealt with moves to `in/taken`, one that cannot be read to `in/refused`.
"""

from __future__ import annotations

import logging
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Final

from cocm.basics.errors import CocmError, UnusableInput
from cocm.server.access.actor import Actor, acting_for
from cocm.server.accounts.models import Organization
from cocm.server.accounts.models.organizations import OrganizationKind
from cocm.server.audit.trail import gathered
from cocm.server.claims.folders import REFUSED, TAKEN, Partner, partners, put, put_aside, waiting
from cocm.server.plandesk.deciding import UPLOAD_BYTES_MAX, claims_take_in, records_take_in
from cocm.server.plandesk.desk import open_desk

ANSWER_ENDINGS: Final = (".x12", ".835", ".277")
_ATTACHMENT: Final = b"*005010X210"
"""The guide of a 275 in its group header."""
_HEADER_BYTES: Final = 1_000
_log = logging.getLogger(__name__)


def watch_folders(*, today: date) -> Counter[str]:
    """Look into every plan's folders once; files by what became of them."""
    watched: Counter[str] = Counter()
    plans = Organization.objects.filter(kind=OrganizationKind.HEALTH_PLAN).values_list("pk", "key")
    for pk, key in plans:
        for partner in partners(key):
            for path in waiting(partner):
                watched[_take(Actor.system(pk), partner, path, today)] += 1
    return watched


def _take(actor: Actor, partner: Partner, path: Path, today: date) -> str:
    """Take one file in, answer it, and put it aside; one that cannot be answered now stays where it is."""
    try:
        if path.stat().st_size > UPLOAD_BYTES_MAX:
            put_aside(path, REFUSED)
            return "refused"
        content = path.read_bytes()
    except OSError as problem:
        _log.error("a file of a plan's folder cannot be read: %s", problem.strerror)
        return "left"
    try:
        with acting_for(actor), gathered(actor):
            what, answers = _taken(actor, path.name, content, today)
    except CocmError as problem:
        _log.warning("a file of a plan's folder was refused: %s", type(problem).__name__)
        put_aside(path, REFUSED)
        return "refused"
    try:
        for name, answer in answers.items():
            put(partner, name, answer)
    except UnusableInput as problem:  # the next look finds the file known, and its answers
        _log.error("answers cannot be put into a plan's folder: %s", problem)
        return "left"
    put_aside(path, TAKEN)
    return what


def _taken(actor: Actor, name: str, content: bytes, today: date) -> tuple[str, dict[str, bytes]]:
    """What a file was, and the answers to its sender by name."""
    if _ATTACHMENT in content[:_HEADER_BYTES]:
        records_take_in(actor=actor, claim="", documents={name: content}, received_date=today)
        return "records", {}
    made = claims_take_in(actor=actor, content=content, received_date=today, as_of_date=today)
    sha256 = str(made.summary["sha256"])
    with open_desk(actor, today=today) as desk:
        files = desk.state.batch_files(sha256)
    told = {one: answer for one, answer in files.items() if one.endswith(ANSWER_ENDINGS) and answer}
    what = "known" if made.decided_before is not None else "decided"
    return what, {f"{sha256[:12]}-{one}": answer for one, answer in told.items()}
