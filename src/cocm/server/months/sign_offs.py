"""Sign-off: a person confirms their own entries of a month, and a change afterwards shows.

sheet = sign_sheet(actor=actor, staff_member=member, month=month)   # what there is to sign, patient by patient
sign_off(actor=actor, month=month, seen={patient key: hash shown, ...})
states = signers(actor=actor, month=month)                          # everybody who has something to sign
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from cocm.basics.errors import CocmError
from cocm.basics.months import Month
from cocm.care.people import Role
from cocm.server.access.actor import Actor
from cocm.server.access.permissions import Permission
from cocm.server.accounts.models import Organization, StaffMember
from cocm.server.audit.trail import record, seen
from cocm.server.audit.verbs import Verb
from cocm.server.chains import START_OF_CHAIN, Break, Link, chained_hash, first_break, list_hash
from cocm.server.contacts.models import Contact
from cocm.server.months.models import SignOff
from cocm.server.practice_port import zone_on
from cocm.server.registry.models import CaseloadReview, Episode, Patient

SIGNING_ROLES: Final = (Role.BHCM.value, Role.PSYCHIATRIC_CONSULTANT.value)
CASELOAD: Final = ""
"""The key of what is about no one patient: a review of the whole caseload."""


class NotAsShown(CocmError):
    """Something was added or corrected since the sheet was opened: what was not seen is not signed."""

    def __init__(self, count: int) -> None:
        super().__init__(
            f"{count} of the months changed after this page was opened, and nothing was signed. Look again, then sign"
        )


@dataclass(frozen=True, slots=True)
class Own:
    """A person's entries and reviews for one patient in the month. `digest` is the hash of them all."""

    key: str
    entries: int
    seconds: int
    reviews: int
    digest: str


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A line of the sheet: what the person did for a patient, and what they signed of it and when."""

    own: Own
    patient: Patient | None
    signed_at: datetime | None
    signed_digest: str

    @property
    def is_signed(self) -> bool:
        return self.signed_digest == self.own.digest

    @property
    def is_changed(self) -> bool:
        """Signed once, and not as it stands now."""
        return bool(self.signed_digest) and not self.is_signed


@dataclass(frozen=True, slots=True)
class Signer:
    """How far a person is with the month."""

    staff_member: StaffMember
    patients: int
    signed: int
    changed: int
    seconds: int
    last_signed_at: datetime | None

    @property
    def is_done(self) -> bool:
        return self.signed == self.patients


def sign_sheet(*, actor: Actor, staff_member: StaffMember, month: Month) -> list[SheetRow]:
    """What the person has to sign of a month, by patient's name; the whole caseload's reviews first."""
    own = _own(actor, month, staff_member.pk).get(staff_member.pk, {})
    signed = _signed(actor, month, staff_member.pk).get(staff_member.pk, {})
    patients = Patient.objects.of(actor).in_bulk([UUID(key) for key in own if key])
    rows = []
    for key, mine in own.items():
        at, digest = signed.get(key, (None, ""))
        rows.append(SheetRow(mine, patients[UUID(key)] if key else None, at, digest))
    rows.sort(
        key=lambda row: (
            row.patient is not None,
            (row.patient.last_name, row.patient.first_name) if row.patient is not None else ("", ""),
        )
    )
    return rows


@transaction.atomic
def sign_off(*, actor: Actor, month: Month, shown: Mapping[str, str]) -> SignOff:
    """Sign one's own entries of a month for some patients; `shown` are the hashes that stood on the sheet, by patient.

    Raises `NotAsShown` where one is no longer what it was, `ValueError` where nothing is chosen or the month runs on.
    """
    actor.require(Permission.MONTH_SIGN)
    if actor.staff_member_id is None:
        raise ValueError("only somebody on the care team's list has entries to sign")
    if timezone.localdate() < month.last_day:
        raise ValueError(f"{month} is not over")
    if not shown:
        raise ValueError("choose whose month you sign")
    member = StaffMember.objects.of(actor).select_for_update().get(pk=actor.staff_member_id)
    own = _own(actor, month, member.pk).get(member.pk, {})
    changed = sum(1 for key, digest in shown.items() if key not in own or own[key].digest != digest)
    if changed:
        raise NotAsShown(changed)
    last = SignOff.objects.of(actor).filter(staff_member=member).order_by("-number").first()
    previous = last.row_hash if last is not None else START_OF_CHAIN
    row = SignOff(
        organization_id=actor.organization_id,
        number=last.number + 1 if last is not None else 1,
        month_index=month.index,
        staff_member=member,
        signed_at=timezone.now(),
        signed_by_id=actor.user_id,
        seen={
            key: [own[key].digest, own[key].entries, own[key].seconds, own[key].reviews]
            for key in sorted(shown)
        },
        previous_hash=previous,
    )
    row.row_hash = chained_hash(previous, row.content())
    row.save(force_insert=True)
    record(
        actor,
        Verb.SIGNED,
        object_type="month",
        object_id=str(month),
        details={"sign_off": str(row.pk), "patients": sorted(key for key in shown if key)},
    )
    return row


def signers(*, actor: Actor, month: Month) -> list[Signer]:
    """Everybody who has entries or reviews of the month to sign, by role and name."""
    own, signed = _own(actor, month), _signed(actor, month)
    members = StaffMember.objects.of(actor).in_bulk(list(own))
    found = []
    for pk, mine in own.items():
        theirs = signed.get(pk, {})
        hashes = {key: theirs[key][1] for key in mine if key in theirs}
        found.append(
            Signer(
                members[pk],
                len(mine),
                sum(1 for key, digest in hashes.items() if digest == mine[key].digest),
                sum(1 for key, digest in hashes.items() if digest != mine[key].digest),
                sum(one.seconds for one in mine.values()),
                max((at for at, _ in theirs.values()), default=None),
            )
        )
    order = {role: place for place, role in enumerate(SIGNING_ROLES)}
    found.sort(
        key=lambda one: (
            order.get(one.staff_member.role, 9),
            one.staff_member.last_name,
            one.staff_member.staff_id,
        )
    )
    return found


def unsigned_months(*, actor: Actor, months: Iterable[Month]) -> list[tuple[Month, int]]:
    """Of some months, those of which the acting person has something to sign, and for how many patients."""
    if actor.staff_member_id is None:
        return []
    waiting = []
    for month in months:
        own = _own(actor, month, actor.staff_member_id).get(actor.staff_member_id, {})
        signed = _signed(actor, month, actor.staff_member_id).get(actor.staff_member_id, {})
        open_ones = sum(1 for key, mine in own.items() if signed.get(key, (None, ""))[1] != mine.digest)
        if open_ones:
            waiting.append((month, open_ones))
    return waiting


def first_broken_sign_off(*, actor: Actor, staff_member: StaffMember) -> Break | None:
    """The first sign-off of a person that is not what was written; None for a sound chain."""
    rows = SignOff.objects.of(actor).filter(staff_member=staff_member).order_by("number")
    return first_break(Link(row.number, row.content(), row.previous_hash, row.row_hash) for row in rows)


# -- what there is, what was signed ------------------------------------------------------------------------------------


def _signed(
    actor: Actor, month: Month, staff_pk: UUID | None = None
) -> dict[UUID, dict[str, tuple[datetime, str]]]:
    """By person and patient: the last signature's moment and hash."""
    rows = SignOff.objects.of(actor).filter(month_index=month.index).order_by("number")
    if staff_pk is not None:
        rows = rows.filter(staff_member_id=staff_pk)
    found: dict[UUID, dict[str, tuple[datetime, str]]] = defaultdict(dict)
    for row in rows:
        for key, told in row.seen.items():
            found[row.staff_member_id][key] = (row.signed_at, told[0])
    return found


def _own(actor: Actor, month: Month, staff_pk: UUID | None = None) -> dict[UUID, dict[str, Own]]:
    """By person and patient: the entries that the site's clock puts into the month, and the reviews held in it."""
    lines: dict[tuple[UUID, UUID | None], list[str]] = defaultdict(list)
    seconds: dict[tuple[UUID, UUID | None], int] = defaultdict(int)
    entries: dict[tuple[UUID, UUID | None], int] = defaultdict(int)
    reviews: dict[tuple[UUID, UUID | None], int] = defaultdict(int)
    found = _entries_of(actor, month, staff_pk)
    corrected = Contact.objects.of(actor).exclude(corrects_contact_id="")
    # a correction is made after its entry, so none of the month's is older than the month
    begun = datetime.combine(month.first_day, time(), UTC) - timedelta(days=1)
    replaced = set(
        corrected.filter(recorded_at__gte=begun).values_list("patient_id", "corrects_contact_id").iterator()
    )
    for contact_id, row_hash, patient, staff, service_seconds in found:
        whose = (staff, patient)
        lines[whose].append(row_hash)
        if (patient, contact_id) not in replaced:
            seconds[whose] += service_seconds
            entries[whose] += 1
    for review, patient, day, bhcm, consultant in _reviews_of(actor, month):
        for staff in {bhcm, consultant} - {None}:
            if staff_pk in (None, staff):
                lines[staff, patient].append(f"review {review} {day} {bhcm} {consultant}")
                reviews[staff, patient] += 1
    seen({patient for _, patient in lines if patient is not None})
    own: dict[UUID, dict[str, Own]] = defaultdict(dict)
    for whose, told in lines.items():
        staff, patient = whose
        key = str(patient) if patient is not None else CASELOAD
        digest = list_hash("\n".join(sorted(told)))
        own[staff][key] = Own(key, entries[whose], seconds[whose], reviews[whose], digest)
    return own


_Entry = tuple[str, str, UUID, UUID, int]


def _entries_of(actor: Actor, month: Month, staff_pk: UUID | None) -> Iterable[_Entry]:
    """(contact_id, hash, patient, person, seconds) of the month's entries by those who sign."""
    first = datetime.combine(month.first_day, time(), UTC)
    last = datetime.combine(month.plus(1).first_day, time(), UTC)
    day = timedelta(days=1)  # no clock is further from UTC
    signing = Q(staff_member__role__in=SIGNING_ROLES) | Q(acting_as_bhcm=True)
    found = Contact.objects.of(actor).filter(signing, started_at__gte=first - day, started_at__lt=last + day)
    if staff_pk is not None:
        found = found.filter(staff_member_id=staff_pk)
    rows = found.values_list(
        "contact_id", "row_hash", "patient_id", "staff_member_id", "service_seconds", "started_at"
    )
    inside, at_the_edge = [], []
    for *entry, started_at in rows:
        if first + day <= started_at < last - day:
            inside.append(tuple(entry))
        else:
            at_the_edge.append((tuple(entry), started_at))
    zones = _clocks(actor, {entry[2] for entry, _ in at_the_edge})
    for entry, started_at in at_the_edge:
        local = started_at.astimezone(ZoneInfo(zone_on(started_at, zones[entry[2]])))
        if local.date() in month:
            inside.append(entry)
    return inside


def _clocks(actor: Actor, patients: set[UUID]) -> dict[UUID, list[tuple[date, str]]]:
    """The time zones in which patients' entries are told, from which day on."""
    own_zone = Organization.objects.values_list("time_zone", flat=True).get(pk=actor.organization_id)
    clocks: dict[UUID, list[tuple[date, str]]] = defaultdict(list)
    episodes = Episode.objects.of(actor).filter(patient_id__in=patients).order_by("start_date", "episode_id")
    for patient, start, zone in episodes.values_list("patient_id", "start_date", "site__time_zone"):
        clocks[patient].append((start, zone or own_zone))
    return {patient: clocks.get(patient) or [(date.min, own_zone)] for patient in patients}


def _reviews_of(actor: Actor, month: Month) -> Iterable[tuple[Any, ...]]:
    held = CaseloadReview.objects.of(actor).filter(reviewed_on__range=(month.first_day, month.last_day))
    rows: Iterable[tuple[Any, ...]] = held.order_by("pk").values_list(
        "pk", "patient_id", "reviewed_on", "bhcm_id", "psychiatric_consultant_id"
    )
    return rows
