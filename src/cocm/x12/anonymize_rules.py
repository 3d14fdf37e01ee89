"""What becomes of each element when a file is anonymized: decided from the guide's map, the careful way in doubt.

Codes, amounts, counts and times stay. Dates move. Everything else that is text is taken for something that tells who
somebody is, and is replaced; free text is taken out.
"""

from __future__ import annotations

import re
from enum import Enum, auto
from functools import lru_cache
from typing import Final

from cocm.x12.guide_parts import ElementUse, SegmentUse

_KEPT_SEGMENTS: Final = frozenset(["HL", "LX"])
_KEPT_NAMES: Final = re.compile(
    r"(?:.*_)?(?:hcpcs_code|modifier|remark|revenue_code|drg_code|facility_type|version|guide|code|separator)(?:_\d+)?"
    r"|hcpcs_code_end|category_\d|status_\d|loop"
)
_FREE_TEXT_NAMES: Final = re.compile(
    r"(?:.*_)?(?:text|description|message|note|comment|purpose|question)(?:_\d+)?"
)
_CONTROL_NUMBERS: Final = re.compile(r"(?:.*_)?control_number")
_SECRETS: Final = frozenset(["authorization", "security"])
_WORD_NAMES: Final = re.compile(r"(?:.*_)?(?:name|city)(?:_\d+)?")
_ADDRESS_NAMES: Final = re.compile(r"line_\d|(?:.*_)?address(?:_\d+)?")
_NUMBER_TYPES: Final = frozenset(["R", "N0", "N2"])
_SHORT_CODE_MAX: Final = 3
_CODE_CHARACTERS_MAX: Final = 10
_CODE_DIGITS_MAX: Final = 5
_VERSIONS: Final = frozenset(["guide", "version"])
_VERSION_CHARACTERS_MAX: Final = 12
_BIRTH: Final = "birth_date"
_NUMBER: Final = re.compile(r"[+-]?[0-9]*\.?[0-9]*")
_DOCUMENT_CODE: Final = re.compile(r"[0-9]{1,5}-[0-9]")  # LOINC, in requests for documents
_TIME: Final = re.compile(r"[0-9]{4,8}")


class Action(Enum):
    """What is done with an element."""

    KEEP = auto()
    KEEP_CODE = auto()
    KEEP_NUMBER = auto()
    KEEP_TIME = auto()
    IDENTIFIER = auto()
    WORD = auto()
    ADDRESS = auto()
    DATE = auto()
    BIRTH_DATE = auto()
    FORMATTED_DATE = auto()
    FORMATTED_BIRTH_DATE = auto()
    FREE_TEXT = auto()
    BLANKS = auto()


@lru_cache(maxsize=10_000)
def action_for(use: SegmentUse, element: ElementUse) -> Action:
    """What becomes of an element at its place in a guide."""
    name, kind = element.name, element.data_type
    if use.tag in _KEPT_SEGMENTS:
        return Action.KEEP_CODE if element.codes else Action.KEEP_NUMBER
    if name in _SECRETS:
        return Action.BLANKS
    if _CONTROL_NUMBERS.fullmatch(name):
        return Action.IDENTIFIER
    if element.format_offset:
        return Action.FORMATTED_BIRTH_DATE if name == _BIRTH else Action.FORMATTED_DATE
    if kind == "DT":
        return Action.BIRTH_DATE if name == _BIRTH else Action.DATE
    if kind == "TM":
        return Action.KEEP_TIME
    if kind in _NUMBER_TYPES:
        return Action.KEEP_NUMBER
    if element.codes or element.code_set:
        return Action.KEEP_CODE
    if name == "postal_code":
        return Action.IDENTIFIER
    if _FREE_TEXT_NAMES.fullmatch(name) and element.length_max > _SHORT_CODE_MAX:
        return Action.FREE_TEXT
    if _WORD_NAMES.fullmatch(name):
        return Action.WORD
    if _ADDRESS_NAMES.fullmatch(name):
        return Action.ADDRESS
    if _KEPT_NAMES.fullmatch(name) or (kind == "ID" and element.length_max <= _SHORT_CODE_MAX):
        return Action.KEEP_CODE
    return Action.IDENTIFIER


def may_be_kept(action: Action, element: ElementUse, value: str) -> bool:
    """Whether a value is what its place says: in a faulty file anything can stand where a code belongs."""
    match action:
        case Action.KEEP:
            return True
        case Action.KEEP_NUMBER:
            return _NUMBER.fullmatch(value) is not None
        case Action.KEEP_TIME:
            return _TIME.fullmatch(value) is not None
        case Action.KEEP_CODE:
            return value in element.codes if element.codes else _looks_like_code(element.name, value)
    return False


def _looks_like_code(name: str, value: str) -> bool:
    """Short, of letters and digits (or one sign), and not a long number as ids are."""
    plain = value.replace(".", "").replace("-", "")
    if len(value) == 1 or _DOCUMENT_CODE.fullmatch(value):
        return True
    is_long_number = plain.isdigit() and len(plain) > _CODE_DIGITS_MAX
    longest = _VERSION_CHARACTERS_MAX if name in _VERSIONS else _CODE_CHARACTERS_MAX
    return plain.isascii() and plain.isalnum() and len(plain) <= longest and not is_long_number
