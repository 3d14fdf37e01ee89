"""ICD-10-CM codes of the chapters we follow: which exist on a date of service, and which may be billed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Final

from cocm.rules.editions import latest_edition
from cocm.rules.reference import reference_tables
from cocm.rules.rulebook import Rulebook
from cocm.rules.tables import read_table

_CATEGORY_LENGTH: Final = 3


@dataclass(frozen=True, slots=True)
class Icd10Code:
    """A diagnosis code or heading in an edition of ICD-10-CM.

    Editions begin on 1 October and, for corrections, on 1 April. `is_dated` tells whether the edition asked
    for is at hand; if not, the code is the nearest edition's.
    """

    diagnosis_code: str
    label: str
    is_billable: bool
    effective_from: date
    effective_to: date
    is_dated: bool


def icd10cm_code(rulebook: Rulebook, code: str, day: date) -> Icd10Code | None:
    """A code on a date of service, written with or without its dot; None where the edition does not list it.

    The edition is the latest that is not after the day, else the earliest at hand. Of a code that is not in
    the table, `icd10cm_is_followed` tells whether it does not exist or is merely none that we follow.
    """
    codes, editions = _codes(rulebook)
    edition = latest_edition(editions, day)
    if edition is None:
        return None
    for found in codes.get(dotted(code), ()):
        if found.effective_from <= edition < found.effective_to:
            return (
                found if found.effective_from <= day < found.effective_to else replace(found, is_dated=False)
            )
    return None


def icd10cm_is_followed(rulebook: Rulebook, code: str) -> bool:
    """Whether the table at hand holds every code of this one's kind, so that its absence means something."""
    written = dotted(code)
    return reference_tables(rulebook)["icd10cm"].follows_code(written) or (
        written[:_CATEGORY_LENGTH] in _whole_categories(rulebook)
    )


def icd10cm_has_category(rulebook: Rulebook, code: str) -> bool:
    """Whether the three-character category of a code is in the table, in whatever edition."""
    return dotted(code)[:_CATEGORY_LENGTH] in _codes(rulebook)[0]


def icd10cm_is_beyond(rulebook: Rulebook, day: date) -> bool:
    """Whether a day lies after the last edition at hand, so that a code may be newer than the table."""
    codes, _ = _codes(rulebook)
    return all(code.effective_to <= day for rows in codes.values() for code in rows)


def dotted(code: str) -> str:
    """A diagnosis code as the table writes it: `F0150` and `f01.50` are `F01.50`."""
    plain = code.strip().upper().replace(".", "")
    return (
        plain if len(plain) <= _CATEGORY_LENGTH else f"{plain[:_CATEGORY_LENGTH]}.{plain[_CATEGORY_LENGTH:]}"
    )


@lru_cache(maxsize=8)
def _codes(rulebook: Rulebook) -> tuple[Mapping[str, Sequence[Icd10Code]], Sequence[date]]:
    """The codes, and the sorted first days of the editions at hand."""
    codes: dict[str, list[Icd10Code]] = {}
    for row in read_table(rulebook.data_file("codes/icd10cm.csv")):
        code = Icd10Code(
            diagnosis_code=row.text("diagnosis_code"),
            label=row.text("label"),
            is_billable=row.flag("is_billable"),
            effective_from=row.day("effective_from"),
            effective_to=row.day("effective_to"),
            is_dated=True,
        )
        codes.setdefault(code.diagnosis_code, []).append(code)
    return codes, sorted({code.effective_from for rows in codes.values() for code in rows})


@lru_cache(maxsize=8)
def _whole_categories(rulebook: Rulebook) -> frozenset[str]:
    """The three-character categories of which every code was loaded, because more than we follow was."""
    follows = reference_tables(rulebook)["icd10cm"].follows_code
    return frozenset(code[:_CATEGORY_LENGTH] for code in _codes(rulebook)[0] if not follows(code))
