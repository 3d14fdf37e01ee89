"""When each patient was reached, as the ledger tells it: read once, and kept in the process while the ledger stays.

What is kept stands under the hash of the ledger's last entry. A further entry has another hash, so nothing kept can be
out of date, also where a transaction is rolled back.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db.models import Q

from cocm.care.course import REACHING_ACTIVITIES, REACHING_MODALITIES
from cocm.care.records import Outcome
from cocm.server.access.actor import Actor
from cocm.server.contacts.models import Contact, ContactHead
from cocm.server.records import OrganizationRows, plain_key

LEDGERS_KEPT_MAX: Final = 50_000
_REACHING: Final = Q(outcome=Outcome.DONE, modality__in=REACHING_MODALITIES, activity__in=REACHING_ACTIVITIES)
_ATTEMPT: Final = Q(outcome=Outcome.ATTEMPT)
_PATIENTS_BY_NAME_MAX: Final = 200
"""So many patients are named in a statement; for more it takes the caseload's own query."""


@dataclass(frozen=True, slots=True, eq=False)
class Ledger:
    """A patient's ledger without entries that were corrected: moments at which they were reached, or tried for."""

    reached_at: tuple[datetime, ...] = ()
    attempted_at: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class Reached:
    """Of one episode: first and last day on which the patient was reached, how often, and the attempts since."""

    first: date | None
    last: date | None
    total: int
    attempts: tuple[date, ...]


NO_ENTRIES: Final = Ledger()
_kept: dict[str, Ledger] = {}


def ledgers(actor: Actor, patients: OrganizationRows) -> Mapping[str, Ledger]:
    """By patient's plain key: the ledgers of the patients whose keys a query gives."""
    heads = ContactHead.objects.of(actor).filter(patient__in=patients)
    hashes = dict(heads.values_list(plain_key("patient_id"), "last_hash"))
    missing = [patient for patient, last in hashes.items() if last not in _kept]
    if missing:
        found = _read(actor, patients if len(missing) > _PATIENTS_BY_NAME_MAX else missing)
        if len(_kept) + len(missing) > LEDGERS_KEPT_MAX:
            _kept.clear()
            found = _read(actor, patients)
            missing = list(hashes)
        _kept.update((hashes[patient], found.get(patient, NO_ENTRIES)) for patient in missing)
    return {patient: _kept[last] for patient, last in hashes.items()}


def _read(actor: Actor, patients: Any) -> dict[str, Ledger]:
    contacts = Contact.objects.of(actor).filter(patient__in=patients)
    corrected: dict[str, set[str]] = defaultdict(set)
    corrections = contacts.exclude(corrects_contact_id="")
    for patient, entry in corrections.values_list(plain_key("patient_id"), "corrects_contact_id"):
        corrected[patient].add(entry)
    reached: dict[str, list[datetime]] = defaultdict(list)
    attempted: dict[str, list[datetime]] = defaultdict(list)
    rows = contacts.filter(_REACHING | _ATTEMPT).order_by("started_at")
    for patient, entry, outcome, moment in rows.values_list(
        plain_key("patient_id"), "contact_id", "outcome", "started_at"
    ):
        if patient not in corrected or entry not in corrected[patient]:
            (attempted if outcome == Outcome.ATTEMPT else reached)[patient].append(moment)
    return {
        patient: Ledger(tuple(reached.get(patient, ())), tuple(attempted.get(patient, ())))
        for patient in reached.keys() | attempted.keys()
    }


@lru_cache(maxsize=LEDGERS_KEPT_MAX)
def reached(ledger: Ledger, zone: ZoneInfo, start: date, end: date, until: datetime) -> Reached:
    """What a ledger tells of an episode from `start` to `end` by a site's clock, of what began before `until`."""

    def days(moments: Sequence[datetime]) -> list[date]:
        told = (moment.astimezone(zone).date() for moment in moments[: bisect_left(moments, until)])
        return [day for day in told if start <= day <= end]

    found = days(ledger.reached_at)
    since = max(start, found[-1]) if found else start
    attempts = tuple(day for day in days(ledger.attempted_at) if day >= since)
    return Reached(found[0] if found else None, found[-1] if found else None, len(found), attempts)
