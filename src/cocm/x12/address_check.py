"""Addresses and tax numbers as the guides want them: state and postal code where the country has them, nine digits."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from cocm.x12.guide_parts import SegmentUse
from cocm.x12.meaning import CheckContext
from cocm.x12.problem import ProblemKind
from cocm.x12.tokens import Segment

_DOMESTIC: Final = ("", "US")
_POSTAL_CODE: Final = re.compile(r"\d{5}(?:\d{4})?")
_NINE_DIGITS: Final = re.compile(r"\d{9}")
_TAX_NUMBER_TYPES: Final = ("EI", "SY")
_CHARACTERS_MAX: Final = 32


class AddressCheck:
    """Looks at every N4 segment of a guide."""

    def __init__(self, context: CheckContext) -> None:
        self._context = context

    def city(self, use: SegmentUse, segment: Segment) -> None:
        """State and postal code of an address in the United States."""
        elements = segment.elements
        state, postal_code = segment.value(2), segment.value(3)
        country = segment.value(4) if len(elements) > 4 else ""
        if len(postal_code) > _CHARACTERS_MAX:
            return  # told already: no postal code is so long
        for element, what, expected in _domestic_faults(bool(state), postal_code, country in _DOMESTIC):
            self._context.tell(ProblemKind.SITUATION, use, segment, element, what, expected)


@lru_cache(maxsize=4_096)
def _domestic_faults(
    has_state: bool, postal_code: str, is_domestic: bool
) -> tuple[tuple[str, str, str], ...]:
    if not is_domestic:
        return ()
    faults = []
    if not has_state:
        faults.append(
            ("N402", "an address in the United States without its state", "the state's two letters")
        )
    if not postal_code:
        faults.append(
            ("N403", "an address in the United States without its postal code", "five or nine digits")
        )
    elif _POSTAL_CODE.fullmatch(postal_code.rstrip()) is None:
        faults.append(("N403", "no postal code of the United States", "five or nine digits without a dash"))
    return tuple(faults)


def tell_unlike_tax_number(tell: Callable[..., None], use: SegmentUse, segment: Segment) -> None:
    """Report a tax or social security number that is not nine digits."""
    if segment.value(1) in _TAX_NUMBER_TYPES and _NINE_DIGITS.fullmatch(segment.value(2)) is None:
        tell(
            ProblemKind.WRONG_VALUE,
            use,
            segment,
            "REF02",
            "a tax number of another form",
            "nine digits without a dash",
        )
