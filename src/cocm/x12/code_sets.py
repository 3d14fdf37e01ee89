"""The code sets that the rulebook can supply to the validator; a practice or a plan may put larger ones in their place.

A set is a collection of codes, or knows by date which of its codes are good (`DatedCodes`). What a table of
the rulebook cannot know is no fault: it follows the codes around Collaborative Care and says nothing of others.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Final

from cocm.basics.errors import RulebookError
from cocm.rules import Rulebook
from cocm.rules.adjustment_codes import CodeList, adjustment_codes
from cocm.rules.codes import places_of_service, taxonomy_exists_on
from cocm.rules.diagnosis_codes import (
    icd10cm_code,
    icd10cm_has_category,
    icd10cm_is_beyond,
    icd10cm_is_followed,
)
from cocm.rules.procedure_codes import procedure_exists_on
from cocm.rules.yaml_reader import read_yaml
from cocm.x12.dated_codes import CodeSet, CodeSets, day_or_none

__all__ = ["CodeSet", "CodeSets", "rulebook_code_sets", "shipped_code_sets"]

_PLACES_FROM: Final = "place_of_service_from"
_PROCEDURE_NUMBERS: Final = "procedure_numbers"
_SERIES: Final = re.compile(r"([A-Z]*)(\d{1,4})")
# A list may be this many numbers behind, some years, before an unknown code is called none.
_NEWER_NUMBERS_MAX: Final = 100


@lru_cache(maxsize=1)
def shipped_code_sets() -> CodeSets:
    """The sets that the shipped rulebook holds whole, by the names that guides give them: places of service, adjustment
    and remark codes, and the short ones of `rulebook/x12/code-sets.yaml`. A check goes by these if nothing is given.
    """
    return _whole_code_sets(Rulebook())


@lru_cache(maxsize=8)
def rulebook_code_sets(rulebook: Rulebook) -> CodeSets:
    """All sets of a rulebook: those it holds whole, and diagnoses, procedures and taxonomies as far as tables go."""
    first, last = _texts()[_PROCEDURE_NUMBERS].split()
    return {
        **_whole_code_sets(rulebook),
        "diagnosis": Diagnoses(rulebook),
        "procedure": Procedures(rulebook, first, last),
        "taxonomy": Taxonomies(rulebook),
    }


def _whole_code_sets(rulebook: Rulebook) -> CodeSets:
    texts = _texts()
    first_days = dict(pair.split("=") for pair in texts.pop(_PLACES_FROM).split())
    del texts[_PROCEDURE_NUMBERS]
    sets: dict[str, CodeSet] = {name: frozenset(text.split()) for name, text in texts.items()}
    sets["place_of_service"] = PlacesOfService(
        frozenset(places_of_service(rulebook)), {place: _first_day(day) for place, day in first_days.items()}
    )
    sets["adjustment_reason"] = AdjustmentCodes(rulebook, CodeList.CARC)
    sets["remark"] = AdjustmentCodes(rulebook, CodeList.RARC)
    return sets


def _texts() -> dict[str, str]:
    path = Path(str(resources.files("cocm.rulebook"))) / "x12" / "code-sets.yaml"
    return dict(read_yaml(path))


def _first_day(text: str) -> date:
    day = day_or_none(text)
    if day is None:
        raise RulebookError(f"x12/code-sets.yaml: {_PLACES_FROM}: {text!r} is no date as CCYYMMDD")
    return day


@dataclass(frozen=True, slots=True, eq=False)
class PlacesOfService:
    """Places of service; some may be used only from a day on."""

    codes: frozenset[str]
    first_days: Mapping[str, date]

    def fault(self, code: str, day: date) -> str:
        """See `DatedCodes`."""
        if code not in self.codes:
            return "no such place of service"
        first = self.first_days.get(code)
        return f"a place of service from {first} on" if first is not None and day < first else ""


@dataclass(frozen=True, slots=True, eq=False)
class Diagnoses:
    """ICD-10-CM: what exists, and what may be billed, in the edition of the day."""

    rulebook: Rulebook

    def fault(self, code: str, day: date) -> str:
        """See `DatedCodes`. Beyond the editions at hand a missing code may be new: only its category must exist.

        Before them a heading may have been a code, so that only a missing one is a fault.
        """
        if _ICD10_FORM.fullmatch(code) is None:
            return "not of the form of an ICD-10-CM code"
        found = icd10cm_code(self.rulebook, code, day)
        if found is None:
            if not icd10cm_is_followed(self.rulebook, code):
                return ""
            if icd10cm_is_beyond(self.rulebook, day) and icd10cm_has_category(self.rulebook, code):
                return ""
            return "no such diagnosis"
        return "" if found.is_billable or not found.is_dated else "a heading; it needs more characters"


_ICD10_FORM: Final = re.compile(r"[A-Z]\d[0-9A-Z](?:\.?[0-9A-Z]{1,4})?")


@dataclass(frozen=True, slots=True, eq=False)
class Procedures:
    """HCPCS and CPT, as far as the tables at hand know; numbers outside CPT's range are no codes."""

    rulebook: Rulebook
    first_number: str
    last_number: str

    def fault(self, code: str, day: date) -> str:
        """See `DatedCodes`."""
        if _PROCEDURE_FORM.fullmatch(code) is None:
            return "not of the form of a procedure code"
        if code.isdigit() and not self.first_number <= code <= self.last_number:
            return "no such procedure"
        exists = procedure_exists_on(self.rulebook, code, day)
        return "" if exists or exists is None else "no such procedure on that day"


_PROCEDURE_FORM: Final = re.compile(r"[0-9A-Z]\d{3}[0-9A-Z]")


@dataclass(frozen=True, slots=True, eq=False)
class Taxonomies:
    """Provider taxonomies, where NUCC's list is loaded."""

    rulebook: Rulebook

    def fault(self, code: str, day: date) -> str:
        """See `DatedCodes`."""
        if _TAXONOMY_FORM.fullmatch(code) is None:
            return "not of the form of a provider taxonomy"
        exists = taxonomy_exists_on(self.rulebook, code, day)
        return "" if exists or exists is None else "no such provider taxonomy on that day"


_TAXONOMY_FORM: Final = re.compile(r"[0-9A-Z]{9}X")


@dataclass(frozen=True, slots=True, eq=False)
class AdjustmentCodes:
    """Adjustment reasons or remarks. A number above the highest of its series may be newer than the list."""

    rulebook: Rulebook
    code_list: CodeList

    def fault(self, code: str, day: date) -> str:
        """See `DatedCodes`."""
        found = adjustment_codes(self.rulebook).get((self.code_list, code))
        if found is not None:
            return "" if found.is_valid_on(day) else "not in force on that day"
        newest, highest_numbers = _newest(self.rulebook, self.code_list)
        series = _SERIES.fullmatch(code)
        if series is not None and day > newest:
            highest = highest_numbers.get(series[1])
            if highest is not None and highest < int(series[2]) <= highest + _NEWER_NUMBERS_MAX:
                return ""
        return f"no such {self.code_list}"


@lru_cache(maxsize=8)
def _newest(rulebook: Rulebook, code_list: CodeList) -> tuple[date, Mapping[str, int]]:
    """The day of the newest code of a list, and the highest number of each series (`N`, `MA`, none)."""
    newest = date.min
    highest: dict[str, int] = {}
    for (of_list, code), known in adjustment_codes(rulebook).items():
        if of_list is not code_list:
            continue
        newest = max(newest, known.effective_from or date.min)
        series = _SERIES.fullmatch(code)
        if series is not None:
            highest[series[1]] = max(highest.get(series[1], 0), int(series[2]))
    return newest, highest
