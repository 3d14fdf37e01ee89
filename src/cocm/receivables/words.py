"""Minutes, codes and exclusions as letters and packets write them."""

from __future__ import annotations

from cocm.care.exclusions import Exclusion
from cocm.x12 import LineRecord


def diagnosis_words(code: str) -> str:
    """An ICD-10-CM code with its dot: `F32.1`."""
    plain = code.replace(".", "")
    return f"{plain[:3]}.{plain[3:]}" if len(plain) > 3 else plain


def minutes_words(seconds: int) -> str:
    """Minutes with the seconds that are left: `45`, or `12:30`."""
    minutes, rest = divmod(seconds, 60)
    return f"{minutes}:{rest:02d}" if rest else str(minutes)


def exclusion_words(exclusion: Exclusion) -> str:
    """What of a contact does not count, and why: `10 billed elsewhere`."""
    return f"{minutes_words(exclusion.seconds)} {exclusion.reason.value.replace('_', ' ')}"


def service_words(line: LineRecord) -> str:
    """A line's code, with its units where they are not one: `99494 x 2`."""
    units = line.service_unit_quantity
    return line.hcpcs_code if units == 1 else f"{line.hcpcs_code} x {units}"
