"""Documents (PWK) and notes (NTE) of a claim or a service line as segments."""

from __future__ import annotations

from typing import Final

from cocm.basics.errors import X12Error
from cocm.claims.records import Paperwork
from cocm.x12.charset import plain_text
from cocm.x12.fitness import refuse_paperwork
from cocm.x12.party_writer import Forms

NOTE_CHARACTERS_MAX: Final = 80


class PaperworkForms:
    """The documents of one loop: with the number they are filed under, or waiting for a request."""

    def __init__(self, forms: Forms, loop_id: str, name: str) -> None:
        self._numbered = forms.form(
            loop_id, name, {"control_number_type": "AC"}, ("report_type", "transmission", "control_number")
        )
        self._at_request = forms.form(loop_id, name, {}, ("report_type", "transmission"))

    def fill(self, paperwork: tuple[Paperwork, ...]) -> str:
        """One segment for each document. Raises `X12Error` for one that could not be matched with the claim."""
        if not paperwork:
            return ""
        refuse_paperwork(paperwork)
        return "".join(
            self._numbered.fill(one.report_type, one.transmission, one.control_number)
            if one.control_number
            else self._at_request.fill(one.report_type, one.transmission)
            for one in paperwork
        )


class NoteForm:
    """Free text. A name may be cut to its element; a note may not, for its end can turn its meaning."""

    def __init__(self, forms: Forms, loop_id: str, name: str) -> None:
        self._form = forms.form(loop_id, name, {"note_type": "ADD"}, ("text",))
        self._delimiters = forms.delimiters

    def fill(self, note: str) -> str:
        """The note in the basic set. Raises `X12Error` where it is too long for its segment."""
        plain = plain_text(note, self._delimiters.all)
        if not 1 <= len(plain) <= NOTE_CHARACTERS_MAX:
            raise X12Error(
                f"note: {len(plain)} characters; the claim has room for 1 to {NOTE_CHARACTERS_MAX}. Say it shorter, "
                "or send it as paperwork"
            )
        return self._form.fill(plain)
