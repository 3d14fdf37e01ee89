"""The parties that many claims share (billing provider, payer, practitioners, facility) as segments."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Final, Generic, TypeVar

from cocm.care.people import Address
from cocm.claims.records import Organization, Person
from cocm.x12.charset import cut_at_word, plain_text
from cocm.x12.fitness import phone_digits, refuse_address, refuse_billing, refuse_facility, refuse_npi
from cocm.x12.form import SegmentForm
from cocm.x12.guide_parts import Guide
from cocm.x12.tokens import Delimiters

KEPT_PARTS_MAX: Final = 4096

# The last place a name or address line may reach, from elements 1035, 1036, 166 and 19.
LAST_NAME_MAX: Final = 60
FIRST_NAME_MAX: Final = 35
ADDRESS_LINE_MAX: Final = 55
CITY_MAX: Final = 30

_Part = TypeVar("_Part", bound=Hashable)
_Written = TypeVar("_Written")
_NAME: Final = "last_or_organization_name"


class Forms:
    """Makes forms of one guide with one set of delimiters, and cleans the texts that go into them."""

    def __init__(self, guide: Guide, delimiters: Delimiters) -> None:
        self._guide = guide
        self.delimiters = delimiters
        self._excluded = delimiters.all

    def form(
        self, loop_id: str, name: str, fixed: Mapping[str, str], open_names: Sequence[str] = ()
    ) -> SegmentForm:
        """A form of the segment of this name in a loop."""
        return SegmentForm(self._guide.use(loop_id, name), self.delimiters, fixed, open_names)

    def plain(self, text: str, length_max: int) -> str:
        """A name in the basic set, cut to what the element holds."""
        plain = plain_text(text, self._excluded)
        return plain if len(plain) <= length_max else plain[:length_max].rstrip()

    def address_values(self, address: Address) -> tuple[str, str, str, str, str]:
        """An address as N3 and N4 have it: two lines, city, state and postal code."""
        plain = plain_text(address.line, self._excluded)
        line, rest = (plain, "") if len(plain) <= ADDRESS_LINE_MAX else cut_at_word(plain, ADDRESS_LINE_MAX)
        city = self.plain(address.city, CITY_MAX)
        return line, rest[:ADDRESS_LINE_MAX].rstrip(), city, address.state, address.postal_code

    def address(self, loop_id: str, prefix: str) -> Callable[[Address], str]:
        """N3 and N4 of a loop, as a function of the address."""
        lines = self.form(loop_id, f"{prefix}_address", {}, ("line_1", "line_2"))
        city = self.form(loop_id, f"{prefix}_city", {}, ("city", "state", "postal_code"))

        def write(address: Address) -> str:
            values = self.address_values(address)
            return lines.fill(*values[:2]) + city.fill(*values[2:])

        return write


class PartyWriter:
    """Writes the parties of claims; what was written once is kept. Raises `X12Error` for a party that does
    not fit.
    """

    def __init__(self, forms: Forms) -> None:
        self._forms = forms
        form = forms.form
        organization, person = (_NAME, "identifier"), (_NAME, "first_name", "identifier")
        self._billing_level = form(
            "2000A", "billing_level", {"level": "20", "has_children": "1"}, ("level_number",)
        )
        self._billing_taxonomy = form("2000A", "billing_taxonomy", _taxonomy("BI"), ("taxonomy_code",))
        self._billing_name = form("2010AA", "billing_name", _named("85", "2", "XX"), organization)
        self._billing_address = forms.address("2010AA", "billing")
        self._billing_tin = form("2010AA", "billing_tax_number", {"number_type": "EI"}, ("number",))
        self._billing_contact = form(
            "2010AA",
            "billing_contact",
            {"contact_type": "IC", "channel_1": "TE"},
            ("contact_name", "number_1"),
        )
        self._payer_name = form("2010BB", "payer_name", _named("PR", "2", "PI"), organization)
        self._payer_address = forms.address("2010BB", "payer")
        self._referring_name = form("2310A", "referring_name", _named("DN", "1", "XX"), person)
        self._rendering_name = form("2310B", "rendering_name", _named("82", "1", "XX"), person)
        self._rendering_taxonomy = form("2310B", "rendering_taxonomy", _taxonomy("PE"), ("taxonomy_code",))
        self._facility_name = form("2310C", "service_facility_name", _named("77", "2", "XX"), organization)
        self._facility_name_alone = form(
            "2310C", "service_facility_name", {"entity": "77", "entity_type": "2"}, (_NAME,)
        )
        self._facility_address = forms.address("2310C", "service_facility")
        self._supervising_name = form("2310D", "supervising_name", _named("DQ", "1", "XX"), person)
        self._line_rendering_name = form("2420A", "line_rendering_name", _named("82", "1", "XX"), person)
        self._line_rendering_taxonomy = form(
            "2420A", "line_rendering_taxonomy", _taxonomy("PE"), ("taxonomy_code",)
        )
        self._line_supervising_name = form("2420D", "line_supervising_name", _named("DQ", "1", "XX"), person)
        self._line_referring_name = form("2420F", "line_referring_name", _named("DN", "1", "XX"), person)
        self.payer = Kept(self._payer)
        self.referring = Kept(self._referring)
        self.rendering = Kept(self._rendering)
        self.supervising = Kept(self._supervising)
        self.service_facility = Kept(self._service_facility)
        self.line_rendering = Kept(self._line_rendering)
        self.line_supervising = Kept(self._line_supervising)
        self.line_referring = Kept(self._line_referring)

    def billing(self, level_number: int, billing: Organization, phone: str) -> str:
        """The billing provider's level: loops 2000A and 2010AA."""
        refuse_billing(billing, phone)
        assert billing.address is not None  # refused above
        name = self._forms.plain(billing.name, LAST_NAME_MAX)
        parts = [self._billing_level.fill(str(level_number))]
        if billing.taxonomy_code:
            parts.append(self._billing_taxonomy.fill(billing.taxonomy_code))
        parts.append(self._billing_name.fill(name, billing.identifier))
        parts.append(self._billing_address(billing.address))
        parts.append(self._billing_tin.fill(billing.tin))
        if phone:
            parts.append(self._billing_contact.fill(name, phone_digits(phone)))
        return "".join(parts)

    def _payer(self, payer: Organization) -> str:
        text = self._payer_name.fill(self._forms.plain(payer.name, LAST_NAME_MAX), payer.identifier)
        if payer.address is None:
            return text
        refuse_address("payer", payer.address)
        return text + self._payer_address(payer.address)

    def _referring(self, person: Person) -> str:
        refuse_npi("referring", person.npi)
        return self._referring_name.fill(*self._person(person))

    def _rendering(self, person: Person) -> str:
        refuse_npi("rendering", person.npi)
        text = self._rendering_name.fill(*self._person(person))
        return text + self._rendering_taxonomy.fill(person.taxonomy_code) if person.taxonomy_code else text

    def _supervising(self, person: Person) -> str:
        refuse_npi("supervising", person.npi)
        return self._supervising_name.fill(*self._person(person))

    def _line_rendering(self, person: Person) -> str:
        refuse_npi("rendering", person.npi)
        text = self._line_rendering_name.fill(*self._person(person))
        return (
            text + self._line_rendering_taxonomy.fill(person.taxonomy_code) if person.taxonomy_code else text
        )

    def _line_supervising(self, person: Person) -> str:
        refuse_npi("supervising", person.npi)
        return self._line_supervising_name.fill(*self._person(person))

    def _line_referring(self, person: Person) -> str:
        refuse_npi("referring", person.npi)
        return self._line_referring_name.fill(*self._person(person))

    def _person(self, person: Person) -> tuple[str, str, str]:
        plain = self._forms.plain
        return plain(person.last_name, LAST_NAME_MAX), plain(person.first_name, FIRST_NAME_MAX), person.npi

    def _service_facility(self, facility_and_billing_npi: tuple[Organization, str]) -> str:
        """A facility that is part of the billing provider is named without an NPI, as the guide has it."""
        facility, billing_npi = facility_and_billing_npi
        refuse_facility(facility)
        assert facility.address is not None  # refused above
        name = self._forms.plain(facility.name, LAST_NAME_MAX)
        if facility.identifier and facility.identifier != billing_npi:
            text = self._facility_name.fill(name, facility.identifier)
        else:
            text = self._facility_name_alone.fill(name)
        return text + self._facility_address(facility.address)


class Kept(Generic[_Part, _Written]):
    """What was made of parts that come again and again; bounded, so that memory stays flat.

    A part that is the very same object is found without comparing it, an equal one by its value.
    """

    __slots__ = ("_by_identity", "_by_value", "_make")

    def __init__(self, make: Callable[[_Part], _Written]) -> None:
        self._make = make
        self._by_identity: dict[int, tuple[_Part, _Written]] = {}
        self._by_value: dict[_Part, _Written] = {}

    def __call__(self, part: _Part) -> _Written:
        known = self._by_identity.get(id(part))
        if known is not None and known[0] is part:
            return known[1]
        written = self._by_value.get(part)
        if written is None:
            if len(self._by_value) >= KEPT_PARTS_MAX:
                self._by_value.clear()
            written = self._by_value[part] = self._make(part)
        if len(self._by_identity) >= KEPT_PARTS_MAX:
            self._by_identity.clear()
        self._by_identity[id(part)] = (part, written)
        return written


def _named(entity: str, entity_type: str, identifier_type: str) -> dict[str, str]:
    return {"entity": entity, "entity_type": entity_type, "identifier_type": identifier_type}


def _taxonomy(provider_role: str) -> dict[str, str]:
    return {"provider_role": provider_role, "taxonomy_type": "PXC"}
