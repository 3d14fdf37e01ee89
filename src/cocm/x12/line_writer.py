"""Service lines as segments: loop 2400 with everything that stands below it.

Most lines of a practice are the same but for the claim's id, so the text of a plain line is kept in two pieces, what
comes before the id and what comes after.
"""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import Final

from cocm.basics.errors import X12Error
from cocm.claims.records import POINTERS_MAX, Claim, Person, ServiceLine
from cocm.x12.coordination_writer import CoordinationWriter
from cocm.x12.fitness import MODIFIERS_MAX, refuse_pointer, refuse_unfit_line
from cocm.x12.form import BlockForm
from cocm.x12.paperwork_writer import NoteForm, PaperworkForms
from cocm.x12.party_writer import KEPT_PARTS_MAX, Forms, PartyWriter
from cocm.x12.values import date_digits, dollars_text

# What makes the text of a plain line, and what a plain line does not have.
plain_names: Final = (
    "claim_line_number",
    "hcpcs_code",
    "modifiers",
    "service_unit_quantity",
    "charge_amount_cents",
    "service_date",
    "diagnosis_pointers",
    "unit_basis_code",
    "is_whole_quantity",
)
further_names: Final = (
    "place_of_service_code",
    "service_from_date",
    "rendering",
    "supervising",
    "referring",
    "prior_authorization_number",
    "referral_number",
    "note",
    "paperwork",
    "adjudications",
)
plain_parts: Final = attrgetter(*plain_names)
further_parts: Final = attrgetter(*further_names)
NO_FURTHER_PARTS: Final = ("", None, None, None, None, "", "", "", (), ())

_ID_PLACE: Final = "\ue000"  # no X12 text holds it


@dataclass(frozen=True, slots=True, eq=False)
class WrittenLine:
    """A line's text before and after the claim's id, its number and charge, and the highest diagnosis it points to.

    Two are the same where they are one object, so that those of a plain line are quick to look up.
    """

    before: str
    after: str
    number: int
    charge_amount_cents: int
    highest_pointer: int


class LineWriter:
    """Writes the lines of claims; plain ones are kept. Raises `X12Error` for a line that does not fit."""

    def __init__(self, forms: Forms, parties: PartyWriter, coordination: CoordinationWriter) -> None:
        self._parties = parties
        self._coordination = coordination
        self._kept: dict[object, WrittenLine] = {}
        self._services = [
            [self._service_block(forms, modifiers, pointers) for pointers in range(1, POINTERS_MAX + 1)]
            for modifiers in range(MODIFIERS_MAX + 1)
        ]
        self._paperwork = PaperworkForms(forms, "2400", "line_paperwork")
        self._day = forms.form("2400", "service_date", {"kind": "472", "date_format": "D8"}, ("date",))
        self._days = forms.form("2400", "service_date", {"kind": "472", "date_format": "RD8"}, ("date",))
        self._authorization = forms.form(
            "2400", "line_prior_authorization", {"number_type": "G1"}, ("number",)
        )
        self._control_number = forms.form("2400", "line_control_number", {"number_type": "6R"}, ("number",))
        self._referral = forms.form("2400", "line_referral_number", {"number_type": "9F"}, ("number",))
        self._note = NoteForm(forms, "2400", "line_note")

    def lines(self, claim: Claim) -> str:
        """All lines of a claim, each with our own number for it, which the payer returns."""
        claim_id, diagnosis_count = claim.claim_id, len(claim.diagnosis_codes)
        texts = []
        for number, line in enumerate(claim.lines, start=1):
            try:
                written = self.written(line, claim)
            except X12Error as problem:
                raise _placed(number, problem) from None
            if line.claim_line_number != number:
                raise X12Error(
                    f"claim_line_number {line.claim_line_number} in place {number}; number lines from 1"
                )
            if written.highest_pointer > diagnosis_count:
                refuse_pointer(number, written.highest_pointer, diagnosis_count)
            texts.append(f"{written.before}{claim_id}{written.after}")
        return "".join(texts)

    def written(self, line: ServiceLine, claim: Claim) -> WrittenLine:
        """A line of a claim in its pieces."""
        plain = self.plain(line)
        if plain is not None:
            return plain
        place = line.place_of_service_code
        return self._written(
            line, place if place != claim.place_of_service_code else "", self._providers(line, claim)
        )

    def plain(self, line: ServiceLine) -> WrittenLine | None:
        """A plain line, which is the same whatever the claim; None where it has further parts."""
        if further_parts(line) != NO_FURTHER_PARTS:
            return None
        key = plain_parts(line)
        written = self._kept.get(key)
        if written is None:
            if len(self._kept) >= KEPT_PARTS_MAX:
                self._kept.clear()
            written = self._kept[key] = self._written(line, "", "")
        return written

    def _written(self, line: ServiceLine, place_of_service_code: str, providers: str) -> WrittenLine:
        refuse_unfit_line(line)
        parts = [
            self._services[len(line.modifiers)][len(line.diagnosis_pointers) - 1].fill(
                str(line.claim_line_number),
                line.hcpcs_code,
                *line.modifiers,
                dollars_text(line.charge_amount_cents),
                line.unit_basis_code,
                str(line.service_unit_quantity),
                place_of_service_code,
                *map(str, line.diagnosis_pointers),
            ),
            self._paperwork.fill(line.paperwork),
            self._dates(line),
        ]
        if line.prior_authorization_number:
            parts.append(self._authorization.fill(line.prior_authorization_number))
        before, _, after = (self._control_number.template % _ID_PLACE).partition(_ID_PLACE)
        parts.append(before)
        rest = [f"-{line.claim_line_number}{after}"]
        if line.referral_number:
            rest.append(self._referral.fill(line.referral_number))
        if line.note:
            rest.append(self._note.fill(line.note))
        rest += (providers, self._coordination.line_adjudications(line.adjudications))
        return WrittenLine(
            "".join(parts),
            "".join(rest),
            line.claim_line_number,
            line.charge_amount_cents,
            max(line.diagnosis_pointers),
        )

    def _dates(self, line: ServiceLine) -> str:
        first, last = line.service_from_date, date_digits(line.service_date)
        if first is None or first == line.service_date:
            return self._day.fill(last)
        return self._days.fill(f"{date_digits(first)}-{last}")

    def _providers(self, line: ServiceLine, claim: Claim) -> str:
        """The line's own providers, where they are others than the claim's."""
        parties = self._parties
        texts = []
        claims_own = claim.rendering.npi if claim.rendering is not None else claim.billing.identifier
        if line.rendering is not None and line.rendering.npi != claims_own:
            texts.append(parties.line_rendering(line.rendering))
        if line.supervising is not None and not _is_same(line.supervising, claim.supervising):
            texts.append(parties.line_supervising(line.supervising))
        if line.referring is not None and not _is_same(line.referring, claim.referring):
            texts.append(parties.line_referring(line.referring))
        return "".join(texts)

    @staticmethod
    def _service_block(forms: Forms, modifier_count: int, pointer_count: int) -> BlockForm:
        modifiers = [f"modifier_{place}" for place in range(1, modifier_count + 1)]
        pointers = [f"pointer_{place}" for place in range(1, pointer_count + 1)]
        names = (
            "hcpcs_code",
            *modifiers,
            "charge_amount",
            "unit",
            "quantity",
            "place_of_service_code",
            *pointers,
        )
        return BlockForm(
            forms.form("2400", "line_number", {}, ("line_number",)),
            forms.form("2400", "service", {"code_type": "HC"}, names),
        )


def _is_same(person: Person, other: Person | None) -> bool:
    return other is not None and person.npi == other.npi


def _placed(number: int, problem: X12Error) -> X12Error:
    """The problem with the line it is about, unless it says so already."""
    text = str(problem)
    return problem if text.startswith(("line ", "claim_line_number ")) else X12Error(f"line {number}: {text}")
