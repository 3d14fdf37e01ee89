"""The characters an interchange may hold, and how a name gets down to them.

X12's basic set is upper-case letters, digits, blank and some signs; its extended set adds lower-case letters
and more signs. Every receiver takes the basic set, so names, addresses and notes are written in it: accents
are taken off, letters without a plain form are spelled out, and a delimiter or anything else becomes a blank.
Identifiers are never changed: one that does not fit is refused by the writer.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

BASIC: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 !\"&'()*+,-./:;?="
EXTENDED: Final = BASIC + "abcdefghijklmnopqrstuvwxyz%~@[]_{}\\|<>^`#$"

_ACCENTS: Final = "Mn"
_SPELLED: Final = str.maketrans(
    {
        "Æ": "AE", "Œ": "OE", "Ø": "O", "Ł": "L", "Đ": "D", "Ð": "D", "Þ": "TH", "ẞ": "SS", "ß": "SS",
        "İ": "I", "ı": "I", "Ħ": "H", "Ŧ": "T", "’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'",
        "“": '"', "”": '"', "–": "-", "—": "-", "‐": "-", "‑": "-", "−": "-", "…": "...", "_": "-",
        "\\": "/", "[": "(", "]": ")", "{": "(", "}": ")", "#": "NO ", "@": " AT ", "%": " PCT",
    }
)  # fmt: skip


@lru_cache(maxsize=65_536)
def plain_text(text: str, delimiters: str = "*:^~") -> str:
    """A name or address line in the basic set without the delimiters, single-spaced. May come out empty."""
    spelled = text.upper().translate(_SPELLED)
    if not spelled.isascii():
        decomposed = unicodedata.normalize("NFKD", spelled)
        bare = "".join(one for one in decomposed if unicodedata.category(one) != _ACCENTS)
        spelled = bare.upper().translate(_SPELLED)
    return " ".join(_outside(delimiters).sub(" ", spelled).split())


def cut_at_word(text: str, length_max: int) -> tuple[str, str]:
    """The beginning of a text that fits, ending between words where it can, and the rest."""
    if len(text) <= length_max:
        return text, ""
    space = text.rfind(" ", 0, length_max + 1)
    if space <= 0:
        return text[:length_max], text[length_max:]
    return text[:space], text[space + 1 :]


@lru_cache(maxsize=16)
def _outside(delimiters: str) -> re.Pattern[str]:
    """Whatever is neither in the basic set nor free of being a delimiter."""
    kept = "".join(one for one in BASIC if one not in delimiters)
    return re.compile(f"[^{re.escape(kept)}]")


@lru_cache(maxsize=16)
def allowed_class(delimiters: str) -> str:
    """A regular expression's character class: the extended set without the delimiters."""
    return "[" + re.escape("".join(one for one in EXTENDED if one not in delimiters)) + "]"
