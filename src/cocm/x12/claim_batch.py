"""Many claims of one billing provider as segments, column by column.

The same forms and parts as in `claim_writer`, used for a batch of claims at once. It is all or nothing: where any
claim of the batch is not proved right, none is written here, and the exact way finds out what is wrong with which.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeVar

from cocm.basics.errors import X12Error
from cocm.claims.records import Claim, Organization, Person
from cocm.claims.submission import ORIGINAL
from cocm.x12.charset import plain_texts
from cocm.x12.claim_columns import Columns
from cocm.x12.claim_writer import NO_DETAILS, ClaimWriter, detail_parts, is_elsewhere
from cocm.x12.column_form import Column, ColumnForm, Known, column_check
from cocm.x12.coordination import PRIMARY, refuse_uncoordinated
from cocm.x12.fitness import (
    CLAIM_ID_CHARACTERS_MAX,
    RELATIONSHIP_CODES,
    SELF,
    is_postal_code,
    is_state,
    refuse_submission,
)
from cocm.x12.form import OpenElement
from cocm.x12.line_batch import LineBatchWriter, WrittenLines
from cocm.x12.party_writer import KEPT_PARTS_MAX, PartyWriter
from cocm.x12.remembered import ByIdentity, ByValue
from cocm.x12.values import date_digits

DAYS_KEPT_MAX: Final = 40_000  # more days than people alive were born on
NAMES_KEPT_MAX: Final = 20_000  # first names and cities

_HEAD_PARTS: Final = 2  # the levels and the payer
_TAIL_PARTS_MAX: Final = 8
_LEVEL_TEXTS_MAX: Final = (
    10_240  # of a transaction as it is recommended, each patient another than the subscriber
)
_LEVELS: Final = ("level_number", "parent_level_number")  # counted here
# What is checked by itself before it comes into a form, most of it once a value.
_CHECKED: Final = ("first_name", "city", "state", "postal_code", "birth_date")
_HOLDERS: Final = ("last_or_organization_name", "first_name")
_PLAIN: Final = ("last_or_organization_name", "first_name", "line_1", "city")

_Part = TypeVar("_Part")
_Key = TypeVar("_Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class WrittenBatch:
    """The text of a batch, and what it comes to."""

    text: str
    level_count: int
    line_count: int
    charge_amount_cents: int


class _Head(NamedTuple):
    """What stands above the claims, column by column. `others`: where the patient is not the subscriber."""

    above: tuple[Column, ...]
    names: tuple[Column, Column]
    member_ids: Column
    person: tuple[Column, ...]
    payers: Column
    is_typed: bool
    others: list[int]
    own_levels: list[str]

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns in the order in which they stand where the patient is the subscriber."""
        return (*self.above, *self.names, self.member_ids, *self.person, self.payers)


class _OwnParties:
    """The parties whose text depends on the billing provider: who is the same as it, or at the same place."""

    def __init__(self, parties: PartyWriter, billing: Organization | None) -> None:
        self.billing = billing
        npi = billing.identifier if billing is not None else ""

        def rendering(person: Person) -> str:
            return "" if person.npi == npi else parties.rendering(person)

        def facility(one: Organization) -> str:
            if billing is None or not is_elsewhere(one, billing):
                return ""
            return parties.service_facility((one, npi))

        self.rendering = ByIdentity(rendering, KEPT_PARTS_MAX, nothing="")
        self.facilities = ByIdentity(facility, KEPT_PARTS_MAX, nothing="")


def _each(make: Callable[[_Part], str]) -> Callable[[Iterable[_Part]], Iterable[str]]:
    return lambda parts: map(make, parts)


class BatchWriter:
    """Writes batches of claims with the forms of a `ClaimWriter`."""

    def __init__(self, writer: ClaimWriter) -> None:
        self._writer = writer
        self._delimiters = writer.forms.delimiters.all
        self._forms = {
            (typed, count): self._make_form(typed, count)
            for typed in (False, True)
            for count in range(_TAIL_PARTS_MAX + 1)
        }
        self._others = {typed: self._make_other(typed) for typed in (False, True)}
        self._level_texts = list(map(str, range(_LEVEL_TEXTS_MAX)))
        self._lines = LineBatchWriter(writer.lines)
        self._day_texts = self._remembered("birth_date", _each(date_digits), DAYS_KEPT_MAX)
        self._first_names = self._remembered("first_name", self._plain, NAMES_KEPT_MAX)
        self._cities = self._remembered("city", self._plain, NAMES_KEPT_MAX)
        self._diagnoses = ByValue(_each(writer.diagnoses), KEPT_PARTS_MAX)
        parties = writer.parties
        self._payers = ByIdentity(parties.payer, KEPT_PARTS_MAX)
        self._referring = ByIdentity(parties.referring, KEPT_PARTS_MAX, nothing="")
        self._supervising = ByIdentity(parties.supervising, KEPT_PARTS_MAX, nothing="")
        self._own = _OwnParties(parties, None)
        self._are_states = self._known("state", is_state)
        self._are_postal_codes = self._known("postal_code", is_postal_code)

    def _make_form(self, typed: bool, tail_parts: int) -> ColumnForm:
        """A claim whose patient is the subscriber. `typed`: with insurance types."""
        writer, without = self._writer, _left_out(typed)
        head = (writer.subscriber.without(*without), None)
        return ColumnForm(
            self._delimiters,
            _PLAIN,
            (*_LEVELS, *_CHECKED),
            *head,
            writer.head,
            *[None] * tail_parts,
            head_parts=_HEAD_PARTS,
        )

    def _make_other(self, typed: bool) -> ColumnForm:
        """The levels above the claim of another patient than the subscriber."""
        writer = self._writer
        holder, dependent = writer.holder.without(*_left_out(typed)), writer.dependent.without("line_2")
        # All but the holder's names is the patient's or the claim's own, and is checked with the other claims.
        proven = {_spec(one) for one in writer.subscriber.open_elements} & {
            _spec(one) for one in (*holder.open_elements, *dependent.open_elements)
        }
        names = {name for name, _ in proven}.difference(_HOLDERS)
        return ColumnForm(self._delimiters, _PLAIN, names.union(_LEVELS), holder, None, dependent)

    def _remembered(
        self, name: str, make: Callable[[Sequence[_Key]], Iterable[str]], kept_max: int
    ) -> ByValue[_Key, str]:
        """A column of one of the patient's values, made and checked once; `X12Error` where one does not fit."""
        check = column_check(self._element(name), self._delimiters, _PLAIN)

        def fitting(values: Sequence[_Key]) -> list[str]:
            texts = list(make(values))
            if not check(texts):
                raise X12Error(f"{name} does not fit")
            return texts

        return ByValue(fitting, kept_max)

    def _known(self, name: str, is_right: Callable[[str], bool]) -> Known:
        """Whether a column of one of the patient's values is right, by the map too."""
        check = column_check(self._element(name), self._delimiters, _PLAIN)
        return Known(lambda text: is_right(text) and check((text,)))

    def _element(self, name: str) -> OpenElement:
        return next(one for one in self._writer.subscriber.open_elements if one.element.name == name)

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
        if not (lines.are_plain and are_first) or columns.have_other_payers:
            for claim in claims:
                refuse_uncoordinated(claim)
        head = self._head(columns, level, str(billing_level))
        heads = self._other_heads(columns, head) if head.others else {}
        tails = self._tails(claims, columns, lines)
        form = self._forms[head.is_typed, len(tails)]
        own = (columns.claim_ids, lines.charges, columns.places_of_service, columns.frequency_codes)
        pieces = form.fill((*head.columns, *own, *tails), heads) if heads is not None else None
        if pieces is None:
            return None
        return WrittenBatch(
            "".join(pieces), len(claims) + len(head.others), lines.count, lines.charge_amount_cents
        )

    def _head(self, columns: Columns, level: int, parent: str) -> _Head:
        """Everything above the claims themselves."""
        count = len(columns.claim_ids)
        others = [
            place for place, relationship in enumerate(columns.relationships) if relationship != SELF
        ] if columns.relationships.count(SELF) < count else []  # fmt: skip
        last = level + count + len(others)
        if last <= _LEVEL_TEXTS_MAX:
            levels = self._level_texts[level:last]
        else:
            levels = list(map(str, range(level, last)))
        own_levels = [levels.pop(place + 1) for place in others]
        insurance_types = columns.insurance_types
        is_typed = bool(insurance_types)
        return _Head(
            (
                levels,
                [parent] * count,
                columns.payer_sequences,
                columns.group_numbers,
                *((insurance_types,) if is_typed else ()),
                columns.filing_codes,
            ),
            (self._plain(columns.last_names), self._first_names(columns.first_names)),
            columns.member_ids,
            (
                self._plain(columns.address_lines),
                self._cities(columns.cities),
                columns.states,
                columns.postal_codes,
                self._day_texts(columns.birth_dates),
                columns.sexes,
            ),
            self._payers(columns.payers),
            is_typed,
            others,
            own_levels,
        )

    def _other_heads(self, columns: Columns, head: _Head) -> dict[int, str] | None:
        """The heads of claims whose patient is not the subscriber, by the claim's place."""
        places = head.others
        holders = [one for place in places if (one := columns.subscribers[place]) is not None]
        if len(holders) < len(places):
            return None
        above = _picked(head.above, places)
        texts = self._others[head.is_typed].texts(
            (
                *above,
                self._plain([holder.last_name for holder in holders]),
                self._plain([holder.first_name for holder in holders]),
                *_picked((head.member_ids, head.payers), places),
                head.own_levels,
                above[0],
                [RELATIONSHIP_CODES.get(columns.relationships[place], "") for place in places],
                *_picked((*head.names, *head.person), places),
            )
        )
        return None if texts is None else dict(zip(places, texts, strict=True))

    def _tails(self, claims: Sequence[Claim], columns: Columns, lines: WrittenLines) -> list[Column]:
        """What follows the claims' own segment, down to their last line; without what none of them has."""
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
            list(map(others, claims)) if columns.have_other_payers else (),
            lines.texts,
        )
        return list(filter(None, given))

    def _details(self, claims: Sequence[Claim], columns: Columns) -> Column:
        """Documents, numbers and notes; none at all where no claim has one."""
        if any(columns.further):
            places = [place for place, claim in enumerate(claims) if detail_parts(claim) != NO_DETAILS]
        else:
            codes, numbers = columns.frequency_codes, columns.control_numbers
            if codes.count(ORIGINAL) == len(codes) == numbers.count(""):
                return ()
            places = [place for place, code in enumerate(codes) if code != ORIGINAL or numbers[place]]
        if not places:
            return ()
        texts = [""] * len(claims)
        for place in places:
            refuse_submission(columns.frequency_codes[place], columns.control_numbers[place])
            texts[place] = self._writer.details(claims[place])
        return texts

    def _plain(self, texts: Sequence[str]) -> list[str]:
        return plain_texts(texts, self._delimiters)


def _spec(one: OpenElement) -> tuple[str, object]:
    """An element's name with all that its values must be."""
    element = one.element
    return element.name, (
        element.data_type, element.length_min, element.length_max, element.codes, one.may_be_empty,
    )  # fmt: skip


def _left_out(typed: bool) -> tuple[str, ...]:
    return ("line_2",) if typed else ("line_2", "insurance_type")


def _picked(columns: Sequence[Column], places: Sequence[int]) -> list[list[str]]:
    """Some rows of columns."""
    return [[column[place] for place in places] for column in columns]
