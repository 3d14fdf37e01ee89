"""What a practice table is: its columns, the kind of each, and what may stand in a cell.

One definition drives reading, `cocm tables`, `cocm template` and the page docs/tables.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Final

TABLE_ROWS_MAX: Final = 10_000_000
REFERENCE_ROWS_MAX: Final = 100_000
"""Rows in a table that is held in memory: practice, sites, staff, payers, charges."""
PATIENT_ROWS_MAX: Final = 20_000
"""Rows of one patient in one table; more means that the patient_id column holds something else."""
TABLE_COLUMNS_MAX: Final = 500
CONTACT_MINUTES_MAX: Final = 24 * 60
DATE_FIRST: Final = date(1900, 1, 1)
DATE_LAST: Final = date(2199, 12, 31)


class Kind(StrEnum):
    """What a cell holds. `KIND_FORMS` says how each is written."""

    TEXT = "text"
    IDENTIFIER = "identifier"
    IDENTIFIERS = "list of identifiers"
    DATE = "date"
    MONTH = "month"
    LOCAL_TIME = "local time"
    INTEGER = "whole number"
    MONEY = "dollars"
    PERCENT = "percent"
    CHOICE = "one of"
    ANSWER = "yes, no or unknown"
    FLAG = "yes or no"
    INSTRUMENT = "scale"
    HCPCS = "service code"
    DIAGNOSES = "list of diagnoses"
    NPI = "NPI"
    TIN = "tax id"
    TAXONOMY = "taxonomy code"
    PLACE_OF_SERVICE = "place of service"
    STATE = "state"
    POSTAL_CODE = "postal code"
    PHONE = "phone"
    TIME_ZONE = "time zone"


KIND_FORMS: Final = {
    Kind.TEXT: "text on one line",
    Kind.IDENTIFIER: "letters, digits and signs as in your records; leading zeros matter",
    Kind.IDENTIFIERS: "identifiers with ; between them",
    Kind.MONTH: "YYYY-MM, or any day of the month",
    Kind.DATE: "YYYY-MM-DD (3/5/2026 is read as March 5)",
    Kind.LOCAL_TIME: "YYYY-MM-DD HH:MM by the site's clock; add the offset (-07:00) if the hour comes twice",
    Kind.INTEGER: "digits only",
    Kind.MONEY: "dollars such as 160.32",
    Kind.PERCENT: "a percentage such as 112.5",
    Kind.CHOICE: "one of the words listed",
    Kind.ANSWER: "yes, no or unknown; empty is unknown",
    Kind.FLAG: "yes or no; empty is no",
    Kind.INSTRUMENT: "the scale's short name, such as phq-9",
    Kind.HCPCS: "five letters or digits, as on the claim",
    Kind.DIAGNOSES: "ICD-10-CM codes with ; between them, the principal one first",
    Kind.NPI: "ten digits beginning with 1 or 2",
    Kind.TIN: "nine digits, with or without a dash",
    Kind.TAXONOMY: "ten characters ending in X",
    Kind.PLACE_OF_SERVICE: "two digits",
    Kind.STATE: "two letters",
    Kind.POSTAL_CODE: "five or nine digits",
    Kind.PHONE: "ten digits",
    Kind.TIME_ZONE: "a name from the IANA list, such as America/Los_Angeles",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    `required`: the column must be there and every cell filled. `default` is how an empty cell of a choice or
    whole number is read. `identifying`: the cell may tell who the patient is, so no message ever repeats it.
    `may_be_zero`: an amount of nothing is an answer too.
    """

    name: str
    kind: Kind
    meaning: str
    example: str = ""
    required: bool = False
    choices: tuple[str, ...] = ()
    default: str = ""
    minimum: int = 0
    maximum: int = 999_999_999
    length_max: int = 60
    identifying: bool = False
    may_be_zero: bool = False

    @property
    def form(self) -> str:
        """How a cell of this column is written, in words."""
        if self.kind is Kind.CHOICE:
            form = "one of " + ", ".join(self.choices)
        elif self.kind is Kind.INTEGER:
            form = f"a whole number from {self.minimum} to {self.maximum}"
        else:
            form = KIND_FORMS[self.kind]
        return f"{form}; empty is {self.default}" if self.default else form


@dataclass(frozen=True)
class Table:
    """One practice table. `grain` says what one row is; `key` names the columns no two rows may share."""

    name: str
    grain: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    is_by_patient: bool = False
    is_optional: bool = False
    """Whether a practice may leave the table out."""

    @cached_property
    def positions(self) -> dict[str, int]:
        """Where each column stands in the contract's order."""
        return {column.name: position for position, column in enumerate(self.columns)}

    def column(self, name: str) -> Column:
        """The column of a name. Raises `KeyError` when there is none."""
        return self.columns[self.positions[name]]
