"""The interchange around transactions: who sends what to whom, with which control numbers.

Nothing here looks at a clock or keeps a count: date, time and control numbers are given, so that the same
envelope and claims make the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cocm.basics.errors import X12Error
from cocm.x12.guide import load_envelope
from cocm.x12.guide_parts import Guide
from cocm.x12.party_writer import LAST_NAME_MAX, Forms
from cocm.x12.patterns import expectation, value_matcher
from cocm.x12.tokens import Delimiters

CONTROL_NUMBER_MAX: Final = 999_999_999
DEFAULT_DELIMITERS: Final = Delimiters()


@dataclass(frozen=True, slots=True)
class Envelope:
    """Sender, receiver, control numbers and the moment of one interchange.

    Only professional claims name sender, contact and receiver inside the transaction; elsewhere these stay unused.
    `sender_id` and `receiver_id` stand in ISA06/08, GS02/03 and (as electronic transmitter numbers) in loops
    1000A and 1000B; the `interchange_…_type` qualifies them (`ZZ`: mutually agreed). `created_at` is local
    and without offset, as the file has it. `is_test` marks a file that must not be adjudicated.
    """

    sender_id: str
    sender_name: str
    contact_name: str
    contact_phone: str
    receiver_id: str
    receiver_name: str
    created_at: datetime
    interchange_control_number: int
    group_control_number: int
    first_transaction_control_number: int = 1
    is_test: bool = False
    acknowledgment_requested: bool = False
    sender_type: str = "ZZ"
    receiver_type: str = "ZZ"
    delimiters: Delimiters = DEFAULT_DELIMITERS


class EnvelopeWriter:
    """The segments of the envelope and of each transaction's head and end.

    Raises `X12Error` for what cannot stand there.
    """

    def __init__(self, envelope: Envelope, guide: Guide) -> None:
        self._envelope = envelope
        self._guide = guide
        # An interchange of the guide's own release: 005010X222A1 goes in a 00501, 006020X314 in a 00602.
        self._version = guide.version[:5]
        self._map = load_envelope()
        self._envelope_forms = Forms(self._map, envelope.delimiters)
        self._forms = Forms(guide, envelope.delimiters)
        self._date = f"{envelope.created_at:%Y%m%d}"
        self._time = f"{envelope.created_at:%H%M}"
        if not envelope.delimiters.repetition:
            raise X12Error(f"envelope: version {self._version} needs a repetition separator")
        for name, number in (
            ("interchange_control_number", envelope.interchange_control_number),
            ("group_control_number", envelope.group_control_number),
            ("first_transaction_control_number", envelope.first_transaction_control_number),
        ):
            if not 1 <= number <= CONTROL_NUMBER_MAX:
                raise X12Error(f"envelope: {name} must be 1 to {CONTROL_NUMBER_MAX}, not {number}")

    def start(self) -> str:
        """ISA and GS."""
        envelope = self._envelope
        group = self._envelope_forms.form(
            "group",
            "group_header",
            {"functional_identifier": self._guide.functional_identifier, "agency": "X"},
            ("sender", "receiver", "date", "time", "control_number", "version"),
        )
        return self.interchange_start() + group.fill(
            envelope.sender_id,
            envelope.receiver_id,
            self._date,
            self._time,
            str(envelope.group_control_number),
            self._guide.version,
        )

    def end(self, transaction_count: int) -> str:
        """GE and IEA."""
        form = self._envelope_forms.form
        group = form("group", "group_trailer", {}, ("transaction_count", "control_number"))
        group_text = group.fill(str(transaction_count), str(self._envelope.group_control_number))
        return group_text + self.interchange_end(1)

    def interchange_end(self, group_count: int) -> str:
        """IEA."""
        form = self._envelope_forms.form(
            "interchange", "interchange_trailer", {}, ("group_count", "control_number")
        )
        return form.fill(str(group_count), f"{self._envelope.interchange_control_number:09d}")

    def transaction_start(self, control_number: str) -> str:
        """ST, BHT, and the loops of submitter and receiver."""
        form = self._forms.form
        header = form(
            "transaction",
            "transaction_header",
            {"transaction": self._guide.transaction},
            ("control_number", "guide"),
        )
        start = form(
            "transaction",
            "transaction_start",
            {"structure": "0019", "purpose": "00", "kind": "CH"},
            ("reference", "date", "time"),
        )
        reference = f"{self._envelope.interchange_control_number:09d}{control_number}"
        return "".join(
            (
                header.fill(control_number, self._guide.version),
                start.fill(reference, self._date, self._time),
                self._submitter(),
                self._receiver(),
            )
        )

    def transaction_end(self, segment_count: int, control_number: str) -> str:
        """SE."""
        form = self._forms.form("transaction", "transaction_trailer", {}, ("segment_count", "control_number"))
        return form.fill(str(segment_count), control_number)

    def _submitter(self) -> str:
        envelope, forms = self._envelope, self._forms
        name = forms.form(
            "1000A",
            "submitter_name",
            {"entity": "41", "entity_type": "2", "identifier_type": "46"},
            ("last_or_organization_name", "identifier"),
        )
        contact = forms.form(
            "1000A",
            "submitter_contact",
            {"contact_type": "IC", "channel_1": "TE"},
            ("contact_name", "number_1"),
        )
        phone = "".join(filter(str.isdigit, envelope.contact_phone))
        return name.fill(forms.plain(envelope.sender_name, LAST_NAME_MAX), envelope.sender_id) + contact.fill(
            forms.plain(envelope.contact_name, LAST_NAME_MAX), phone
        )

    def _receiver(self) -> str:
        form = self._forms.form(
            "1000B",
            "receiver_name",
            {"entity": "40", "entity_type": "2", "identifier_type": "46"},
            ("last_or_organization_name", "identifier"),
        )
        name = self._forms.plain(self._envelope.receiver_name, LAST_NAME_MAX)
        return form.fill(name, self._envelope.receiver_id)

    def interchange_start(self) -> str:
        """ISA: its elements have a fixed width, and two of them are delimiters."""
        envelope, marks = self._envelope, self._envelope.delimiters
        values = {
            "authorization_type": "00",
            "authorization": " " * 10,
            "security_type": "00",
            "security": " " * 10,
            "sender_type": envelope.sender_type,
            "sender": envelope.sender_id.ljust(15),
            "receiver_type": envelope.receiver_type,
            "receiver": envelope.receiver_id.ljust(15),
            "date": self._date[2:],
            "time": self._time,
            "repetition_separator": marks.repetition,
            "version": self._version,
            "control_number": f"{envelope.interchange_control_number:09d}",
            "acknowledgment_requested": str(int(envelope.acknowledgment_requested)),
            "usage_indicator": "T" if envelope.is_test else "P",
            "component_separator": marks.component,
        }
        use = self._map.use("interchange", "interchange_header")
        for name, value in values.items():
            element = use.element(name)
            is_delimiter = name.endswith("_separator")
            if not is_delimiter and value_matcher(element, marks.all).fullmatch(value) is None:
                raise X12Error(f"envelope: {element.label(use.tag)} ({name}) must be {expectation(element)}")
        return marks.element.join((use.tag, *values.values())) + marks.terminator
