"""Many claims of one billing provider as segments, column by column.

The same forms and parts as in `claim_writer`, used for a batch of claims at once. It is all or nothing: where any
claim of the batch is not proved right, none is written here, and the exact way finds out what is wrong with which.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate, chain, compress
from operator import attrgetter
from typing import Final, NamedTuple, TypeVar

from cocm.basics.errors import X12Error
from cocm.care.people import Subscriber
from cocm.claims.records import Claim, Organization, OtherPayer, Paperwork, Person, ServiceLine
from cocm.claims.submission import ORIGINAL
from cocm.x12.charset import plain_texts
from cocm.x12.claim_writer import NO_DETAILS, ClaimWriter, detail_parts, is_elsewhere
from cocm.x12.column_form import Column, ColumnForm, Known
from cocm.x12.coordination import PRIMARY, refuse_uncoordinated
from cocm.x12.fitness import (
    CLAIM_ID_CHARACTERS_MAX,
    RELATIONSHIP_CODES,
    SELF,
    is_postal_code,
    is_state,
    refuse_submission,
)
from cocm.x12.line_batch import LineBatchWriter, WrittenLines
from cocm.x12.party_writer import KEPT_PARTS_MAX, PartyWriter
from cocm.x12.remembered import ByIdentity, ByValue
from cocm.x12.values import date_digits, dollars_text

DAYS_KEPT_MAX: Final = 40_000  # more days than people alive were born on

_TAIL_PARTS_MAX: Final = 8
_LEVELS: Final = {False: 1, True: 2}  # of a claim: one more where the patient is not the subscriber
_PLAIN: Final = ("last_or_organization_name", "first_name", "line_1", "city")

_columns_of: Final = attrgetter(
    "claim_id",
    "payer_sequence",
    "relationship",
    "subscriber",
    "member_id",
    "group_number",
    "insurance_type_code",
    "claim_filing_code",
    "patient_last_name",
    "patient_first_name",
    "patient_birth_date",
    "patient_sex",
    "patient_address.line",
    "patient_address.city",
    "patient_address.state",
    "patient_address.postal_code",
    "place_of_service_code",
    "frequency_code",
    "diagnosis_codes",
    "payer",
    "rendering",
    "supervising",
    "referring",
    "service_facility",
    "other_payers",
    "lines",
    "payer_claim_control_number",
    "prior_authorization_number",
    "referral_number",
    "note",
    "paperwork",
    "billing",
    "billing_phone",
)

_Part = TypeVar("_Part")


class Columns(NamedTuple):
    """The claims of a batch, turned by a quarter: one tuple for each part, in the order of `_columns_of`."""

    claim_ids: tuple[str, ...]
    payer_sequences: tuple[str, ...]
    relationships: tuple[str, ...]
    subscribers: tuple[Subscriber | None, ...]
    member_ids: tuple[str, ...]
    group_numbers: tuple[str, ...]
    insurance_types: tuple[str, ...]
    filing_codes: tuple[str, ...]
    last_names: tuple[str, ...]
    first_names: tuple[str, ...]
    birth_dates: tuple[date, ...]
    sexes: tuple[str, ...]
    address_lines: tuple[str, ...]
    cities: tuple[str, ...]
    states: tuple[str, ...]
    postal_codes: tuple[str, ...]
    places_of_service: tuple[str, ...]
    frequency_codes: tuple[str, ...]
    diagnoses: tuple[tuple[str, ...], ...]
    payers: tuple[Organization, ...]
    rendering: tuple[Person | None, ...]
    supervising: tuple[Person | None, ...]
    referring: tuple[Person | None, ...]
    facilities: tuple[Organization | None, ...]
    other_payers: tuple[tuple[OtherPayer, ...], ...]
    lines: tuple[tuple[ServiceLine, ...], ...]
    control_numbers: tuple[str, ...]
    authorizations: tuple[str, ...]
    referrals: tuple[str, ...]
    notes: tuple[str, ...]
    paperwork: tuple[tuple[Paperwork, ...], ...]
    billings: tuple[Organization, ...]
    billing_phones: tuple[str, ...]

    @property
    def have_one_billing(self) -> bool:
        """Whether all claims come from one billing provider with one telephone."""
        is_one = self.billings.count(self.billings[0]) == len(self.billings)
        return is_one and self.billing_phones.count(self.billing_phones[0]) == len(self.billing_phones)


def columns_of(claims: Sequence[Claim]) -> Columns | None:
    """Some claims by their parts; None where a part is missing altogether."""
    try:
        return Columns(*zip(*map(_columns_of, claims), strict=True))
    except AttributeError:
        return None


@dataclass(frozen=True, slots=True)
class WrittenBatch:
    """The texts of a batch in their order, two pieces a claim, and what they come to."""

    texts: Iterator[str]
    level_count: int
    line_count: int
    charge_amount_cents: int


class _OwnParties:
    """The parties whose text depends on the billing provider: who is the same as it, or at the same place."""

    def __init__(self, parties: PartyWriter, billing: Organization | None) -> None:
        self.billing = billing
        npi = billing.identifier if billing is not None else ""

        def rendering(person: Person | None) -> str:
            return "" if person is None or person.npi == npi else parties.rendering(person)

        def facility(one: Organization | None) -> str:
            if one is None or billing is None or not is_elsewhere(one, billing):
                return ""
            return parties.service_facility((one, npi))

        self.rendering = ByIdentity(rendering, KEPT_PARTS_MAX)
        self.facilities = ByIdentity(facility, KEPT_PARTS_MAX)


def _where_given(write: Callable[[Person], str]) -> Callable[[Person | None], str]:
    return lambda person: "" if person is None else write(person)


class BatchWriter:
    """Writes batches of claims with the forms of a `ClaimWriter`."""

    def __init__(self, writer: ClaimWriter) -> None:
        self._writer = writer
        self._delimiters = writer.forms.delimiters.all
        self._heads = {typed: self._make_heads(typed) for typed in (False, True)}
        self._tails = [
            ColumnForm(self._delimiters, (), writer.head, *[None] * count)
            for count in range(_TAIL_PARTS_MAX + 1)
        ]
        self._lines = LineBatchWriter(writer.lines)
        self._day_texts = ByValue(date_digits, DAYS_KEPT_MAX)
        self._diagnoses = ByValue(writer.diagnoses, KEPT_PARTS_MAX)
        parties = writer.parties
        self._payers = ByIdentity(parties.payer, KEPT_PARTS_MAX)
        self._referring = ByIdentity(_where_given(parties.referring), KEPT_PARTS_MAX)
        self._supervising = ByIdentity(_where_given(parties.supervising), KEPT_PARTS_MAX)
        self._own = _OwnParties(parties, None)
        self._are_states, self._are_postal_codes = Known(is_state), Known(is_postal_code)

    def _make_heads(self, typed: bool) -> tuple[ColumnForm, ColumnForm]:
        """The levels above a claim: the patient as subscriber, and another patient. `typed`: with insurance types."""
        writer, without = self._writer, ("line_2",) if typed else ("line_2", "insurance_type")
        subscriber, holder = writer.subscriber.without(*without), writer.holder.without(*without)
        return (
            ColumnForm(self._delimiters, _PLAIN, subscriber, None),
            ColumnForm(self._delimiters, _PLAIN, holder, None, writer.dependent.without("line_2")),
        )

    def batch(
        self, claims: Sequence[Claim], columns: Columns, level_number: int, billing_level_number: int
    ) -> WrittenBatch | None:
        """Claims below one billing provider, the first at this level; None where one is not proved right."""
        try:
            return self._written(claims, columns, level_number, billing_level_number)
        except (X12Error, AttributeError, TypeError):  # the exact way says what is wrong
            return None

    def _written(
        self, claims: Sequence[Claim], columns: Columns, level: int, billing_level: int
    ) -> WrittenBatch | None:
        if max(map(len, columns.claim_ids)) > CLAIM_ID_CHARACTERS_MAX:
            return None
        if not (self._are_states(columns.states) and self._are_postal_codes(columns.postal_codes)):
            return None
        lines = self._lines.write(claims, columns.claim_ids, columns.lines, columns.diagnoses)
        if lines is None:
            return None
        are_first = columns.payer_sequences.count(PRIMARY) == len(claims)
        if not (lines.are_plain and are_first) or any(columns.other_payers):
            for claim in claims:
                refuse_uncoordinated(claim)
        other_count = len(claims) - columns.relationships.count(SELF)
        heads = self._head_texts(columns, other_count, level, str(billing_level))
        tails = self._tail_texts(claims, columns, lines)
        if heads is None or tails is None:
            return None
        pieces = chain.from_iterable(zip(heads, tails, strict=True))
        return WrittenBatch(pieces, len(claims) + other_count, lines.count, sum(lines.claim_cents))

    def _head_texts(self, columns: Columns, other_count: int, level: int, parent: str) -> list[str] | None:
        """Everything above the claims themselves. `other_count` of the patients are not the subscriber."""
        count = len(columns.claim_ids)
        are_other = [word != SELF for word in columns.relationships] if other_count else []
        levels = (
            list(map(str, accumulate(map(_LEVELS.__getitem__, are_other), initial=level)))[:-1]
            if other_count
            else list(map(str, range(level, level + count)))
        )
        payers = self._payers(columns.payers)
        typed = any(columns.insurance_types)
        above: tuple[Column, ...] = (
            levels,
            [parent] * count,
            columns.payer_sequences,
            columns.group_numbers,
            *((columns.insurance_types,) if typed else ()),
            columns.filing_codes,
        )
        person = (
            self._plain(columns.last_names),
            self._plain(columns.first_names),
            self._plain(columns.address_lines),
            self._plain(columns.cities),
            columns.states,
            columns.postal_codes,
            self._day_texts(columns.birth_dates),
            columns.sexes,
        )
        subscriber_form, other_form = self._heads[typed]
        if other_count == count:
            heads: list[str] | None = [""] * count
        else:
            heads = subscriber_form.fill((*above, *person[:2], columns.member_ids, *person[2:], payers))
        if not other_count or heads is None:
            return heads
        holders = [one for one in compress(columns.subscribers, are_other) if one is not None]
        if len(holders) != other_count:
            return None
        others = other_form.fill(
            (
                *_picked(above, are_other),
                self._plain([holder.last_name for holder in holders]),
                self._plain([holder.first_name for holder in holders]),
                *_picked((columns.member_ids, payers), are_other),
                [str(int(text) + 1) for text in compress(levels, are_other)],
                *_picked((levels,), are_other),
                [RELATIONSHIP_CODES.get(one, "") for one in compress(columns.relationships, are_other)],
                *_picked(person, are_other),
            )
        )
        if others is None:
            return None
        for place, text in zip(compress(range(count), are_other), others, strict=True):
            heads[place] = text
        return heads

    def _tail_texts(self, claims: Sequence[Claim], columns: Columns, lines: WrittenLines) -> list[str] | None:
        """The claims themselves, from CLM to their last line."""
        billing, others = columns.billings[0], self._writer.coordination.other_payers
        if self._own.billing is not billing:
            self._own = _OwnParties(self._writer.parties, billing)
        given: tuple[Column, ...] = (
            self._details(claims, columns),
            self._diagnoses(columns.diagnoses),
            self._referring(columns.referring) if any(columns.referring) else (),
            self._own.rendering(columns.rendering) if any(columns.rendering) else (),
            self._own.facilities(columns.facilities) if any(columns.facilities) else (),
            self._supervising(columns.supervising) if any(columns.supervising) else (),
            list(map(others, claims)) if any(columns.other_payers) else (),
            lines.texts,
        )
        written = list(filter(None, given))
        charges = list(map(dollars_text, lines.claim_cents))
        own = (columns.claim_ids, charges, columns.places_of_service, columns.frequency_codes)
        return self._tails[len(written)].fill((*own, *written))

    def _details(self, claims: Sequence[Claim], columns: Columns) -> Column:
        """Documents, numbers and notes; none at all where no claim has one."""
        usual = (columns.authorizations, columns.referrals, columns.notes, columns.paperwork)
        if any(map(any, usual)):
            places = [place for place, claim in enumerate(claims) if detail_parts(claim) != NO_DETAILS]
        else:
            numbered = zip(columns.frequency_codes, columns.control_numbers, strict=True)
            places = [place for place, (code, number) in enumerate(numbered) if code != ORIGINAL or number]
        if not places:
            return ()
        texts = [""] * len(claims)
        for place in places:
            refuse_submission(columns.frequency_codes[place], columns.control_numbers[place])
            texts[place] = self._writer.details(claims[place])
        return texts

    def _plain(self, texts: Sequence[str]) -> list[str]:
        return plain_texts(texts, self._delimiters)


def _picked(columns: Sequence[Column], wanted: list[bool]) -> list[list[str]]:
    """The wanted rows of columns."""
    return [list(compress(column, wanted)) for column in columns]
