"""Links and the practice's tablet: one filling-in each, found by a token, throttled, never naming anybody."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import salted_hmac

from cocm.care.scoring import Answers
from cocm.rules.instruments import LANGUAGES, GivenBy, Instrument, instruments
from cocm.server.access.actor import Actor, enter_organization
from cocm.server.access.permissions import Permission
from cocm.server.access.throttle import is_exhausted
from cocm.server.access.throttle_limits import Limit
from cocm.server.accounts.mail import mail_after_commit
from cocm.server.accounts.models import Organization
from cocm.server.guardians.selectors import is_guardians_address, minority_of
from cocm.server.measures.answers import Saved, response_add, usable
from cocm.server.measures.models import FilledBy, LinkMiss, MeasureLink
from cocm.server.measures.tokens import new_token, organization_of, token_hash
from cocm.server.measures.words import PATIENT_WORDS
from cocm.server.registry.models import Patient
from cocm.server.registry.services.changes import add, change
from cocm.server.rules_in_force import rulebook

DAYS_TO_HOLD: Final = (1, 3, 7)
KIOSK_MINUTES: Final = 60
OPENINGS_MAX: Final = 240
"""How often one link's page may be asked for; one question at a time, each step back and forth is one."""
LETTERS_TO_ONE_MAX: Final = 5
"""Letters with a link for one patient within a day, whoever sends them."""
MISSES_MAX: Final = 20
MISS_SECONDS: Final = 600
_WAYS: Final = MappingProxyType({MeasureLink.Way.LINK: GivenBy.LINK, MeasureLink.Way.KIOSK: GivenBy.KIOSK})


def for_patients(way: str, language: str) -> list[Instrument]:
    """The instruments that a patient may fill in by oneself in a language."""
    return [
        found
        for found in instruments(rulebook()).values()
        if _WAYS[MeasureLink.Way(way)] in found.given_by and language in found.texts
    ]


@transaction.atomic
def link_make(
    *,
    actor: Actor,
    patient: Patient,
    instrument_ids: Sequence[str],
    language: str,
    way: str,
    minutes: int,
    email: str = "",
    is_to_guardian: bool = False,
    address_of: Callable[[str], str] | None = None,
) -> tuple[MeasureLink, str]:
    """A link to one filling-in, with its token, which is shown now and never again.

    With `email`, the letter with the link goes out once this is saved; `address_of` makes a path a full address. Raises
    `ValidationError` for an instrument that is not for the patient's age, has no wording in the language or is asked
    face to face only; and for a guardian's address unless that is said, or where an instrument is confidential.
    """
    actor.require(Permission.CHART_EDIT)
    today = timezone.localdate()
    offered = {found.instrument_id: found for found in for_patients(way, language)}
    if not instrument_ids:
        raise ValidationError({"instruments": "choose one at least"})
    for name in instrument_ids:
        instrument = usable(name, patient, today)
        if name not in offered:
            raise ValidationError(
                {
                    "instruments": f"{instrument.label} has no wording in {LANGUAGES.get(language, language)} here, "
                    "or is asked face to face; enter its items instead"
                }
            )
    _check_address(actor, patient, [offered[name] for name in instrument_ids], email, is_to_guardian)
    now = timezone.now()
    if email:
        _check_letters(actor, patient, now)
    token = new_token(actor.organization_id)
    link: MeasureLink = add(
        actor,
        MeasureLink(
            patient=patient,
            instruments=list(instrument_ids),
            language=language,
            way=way,
            token_hash=token_hash(token),
            is_to_guardian=is_to_guardian,
            made_at=now,
            made_by_id=actor.user_id,
            expires_at=now + timedelta(minutes=minutes),
            is_mailed=bool(email),
        ),
        patient,
        way=str(way),
        by_mail=bool(email),
    )
    if email and address_of is not None:
        words = PATIENT_WORDS[language]
        text = words["mail"].format(address=address_of(token), until=f"{link.expires_at:%Y-%m-%d}")
        mail_after_commit([email], words["mail_subject"], text)
    return link, token


def _check_address(
    actor: Actor, patient: Patient, chosen: Sequence[Instrument], email: str, is_to_guardian: bool
) -> None:
    """No link of a minor's to a guardian by default, and never one to what is confidential."""
    today = timezone.localdate()
    is_theirs = bool(email) and is_guardians_address(actor=actor, patient=patient, email=email, day=today)
    if not (is_theirs or is_to_guardian):
        return
    if minority_of(actor=actor, patient=patient, day=today).is_minor:
        closed = [instrument.label for instrument in chosen if instrument.is_confidential_for_minors]
        if closed:
            raise ValidationError(
                {
                    "email": f"{', '.join(closed)} is confidential: its link never goes to a guardian or caregiver"
                }
            )
    if is_theirs and not is_to_guardian:
        raise ValidationError(
            {
                "email": "this is a guardian's or caregiver's address; say below that it goes to them, or leave it out"
            }
        )


def _check_letters(actor: Actor, patient: Patient, now: datetime) -> None:
    """Nobody's letter box is filled by a mistake or ill will: so many for one patient a day, of one person an hour."""
    of_patient = MeasureLink.objects.of(actor).filter(patient=patient, is_mailed=True)
    if of_patient.filter(made_at__gt=now - timedelta(days=1)).count() >= LETTERS_TO_ONE_MAX:
        raise ValidationError(
            {
                "email": f"{LETTERS_TO_ONE_MAX} letters went out for this patient within a day; "
                "leave the address out and give the link yourself"
            }
        )
    if actor.user_id is not None and is_exhausted(actor, Limit.LETTER):
        raise ValidationError(
            {"email": "you have sent many links within the hour; leave the address out, or wait"}
        )


@transaction.atomic
def link_withdraw(*, actor: Actor, patient: Patient, link: MeasureLink) -> list[str]:
    """The link opens nothing any more."""
    actor.require(Permission.CHART_EDIT)
    return change(actor, link, patient, {"withdrawn_at": timezone.now()}) if link.withdrawn_at is None else []


# -- the patient's side --------------------------------------------------------------------------------------------


class TooOften(Exception):
    """The address, or the link, was asked for too often."""


def link_found(token: str, *, address: str) -> tuple[Actor, MeasureLink] | None:
    """The open link of a token, locked, with the system as actor; None where nothing is open. Counts each try.

    Must run in a transaction, which it leaves speaking for the token's organization. Raises `TooOften`.
    """
    organization_id = organization_of(token)
    if organization_id is None or not Organization.objects.filter(pk=organization_id).exists():
        return None
    actor = Actor.system(organization_id)
    enter_organization(organization_id, None)
    if _misses(actor, address) >= MISSES_MAX:
        raise TooOften
    links = MeasureLink.objects.of(actor).select_for_update()
    link = links.filter(token_hash=token_hash(token)).first()
    if link is None:
        _count_miss(actor, address)
        return None
    if not link.is_open(timezone.now()):
        return None
    if link.opened_count >= OPENINGS_MAX:
        raise TooOften
    MeasureLink.objects.of(actor).filter(pk=link.pk).update(opened_count=F("opened_count") + 1)
    return actor, link


def _window() -> datetime:
    now = int(timezone.now().timestamp())
    return datetime.fromtimestamp(now // MISS_SECONDS * MISS_SECONDS, tz=UTC)


def _address_hash(address: str) -> str:
    return salted_hmac("cocm.server.measures.links", address, algorithm="sha256").hexdigest()


def _misses(actor: Actor, address: str) -> int:
    rows = LinkMiss.objects.of(actor).filter(address_hash=_address_hash(address), window_started_at=_window())
    found = rows.first()
    return found.count if found is not None else 0


def _count_miss(actor: Actor, address: str) -> None:
    rows, start, key = LinkMiss.objects.of(actor), _window(), _address_hash(address)
    if not rows.filter(address_hash=key, window_started_at=start).update(count=F("count") + 1):
        rows.filter(window_started_at__lt=start - timedelta(days=1)).delete()
        LinkMiss.objects.bulk_create(
            [LinkMiss(organization_id=actor.organization_id, address_hash=key, window_started_at=start)],
            ignore_conflicts=True,
        )
        rows.filter(address_hash=key, window_started_at=start).update(count=F("count") + 1)


@transaction.atomic
def link_answer(*, actor: Actor, link: MeasureLink, answers: Mapping[str, Answers]) -> list[Saved]:
    """Save what the patient filled in, all of it at once, and close the link; alerts are raised with it."""
    now = timezone.now()
    if not link.is_open(now):
        raise ValidationError("this link has been used")
    saved = [
        response_add(
            actor=actor,
            patient=link.patient,
            instrument_id=name,
            answers=answers[name],
            taken_on=timezone.localdate(),
            language=link.language,
            filled_by=FilledBy.KIOSK if link.way == MeasureLink.Way.KIOSK else FilledBy.LINK,
            link=link,
        )
        for name in link.instruments
    ]
    change(actor, link, link.patient, {"used_at": now})
    return saved
