"""The characters an interchange may hold, and how a name gets down to them.

X12's basic set is upper-case letters, digits, blank and some signs; its extended set adds lower-case letters
and more signs. Every receiver takes the basic set, so names, addresses and notes are written in it: accents
are taken off, letters without a plain form are spelled out, and a delimiter or anything else becomes a blank.
Identifiers are never changed: one that does not fit is refused by the writer.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

BASIC: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 !\"&'()*+,-./:;?="
EXTENDED: Final = BASIC + "abcdefghijklmnopqrstuvwxyz%~@[]_{}\\|<>^`#$"

ODD_CHARACTERS_MAX: Final = 64  # in one go; a text that is odd throughout is spelled by itself

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
    return " ".join(_spelled(text, delimiters).split())


def plain_texts(texts: Sequence[str], delimiters: str = "*:^~") -> list[str]:
    """Each text as `plain_text` has it, all of them in one go.

    Every character is spelled without regard to its neighbours, so the texts may stand side by side, and only the few
    characters outside the basic set have to be replaced.
    """
    joined = "\n".join(texts)
    odd = set(
        joined.encode(errors="surrogatepass")
        .translate(None, _line_bytes(delimiters))
        .decode(errors="replace")
    )
    if joined.count("\n") != len(texts) - 1 or len(odd) > ODD_CHARACTERS_MAX:
        return [plain_text(text, delimiters) for text in texts]
    for one in odd:
        joined = joined.replace(one, _spelled(one, delimiters))
    joined = joined.upper()  # of plain letters alone, which is many times as fast as of all
    if "  " in f" {joined} ".replace("\n", " "):  # a text with blanks to take off, or an empty one
        joined = _BLANKS.sub(" ", joined)
        joined = joined.replace(" \n", "\n").replace("\n ", "\n").strip(" ")
    return joined.split("\n")


@lru_cache(maxsize=4096)
def _spelled(text: str, delimiters: str) -> str:
    """A text in the basic set, with a blank for whatever has no plain form."""
    spelled = text.upper().translate(_SPELLED)
    if not spelled.isascii():
        decomposed = unicodedata.normalize("NFKD", spelled)
        bare = "".join(one for one in decomposed if unicodedata.category(one) != _ACCENTS)
        spelled = bare.upper().translate(_SPELLED)
    return _outside(delimiters).sub(" ", spelled)


def cut_at_word(text: str, length_max: int) -> tuple[str, str]:
    """The beginning of a text that fits, ending between words where it can, and the rest."""
    if len(text) <= length_max:
        return text, ""
    space = text.rfind(" ", 0, length_max + 1)
    if space <= 0:
        return text[:length_max], text[length_max:]
    return text[:space], text[space + 1 :]


_BLANKS: Final = re.compile(" {2,}")


def _kept(delimiters: str) -> str:
    """The basic set without the delimiters."""
    return "".join(one for one in BASIC if one not in delimiters)


@lru_cache(maxsize=16)
def _outside(delimiters: str) -> re.Pattern[str]:
    """Whatever is neither in the basic set nor free of being a delimiter."""
    return re.compile(f"[^{re.escape(_kept(delimiters))}]")


@lru_cache(maxsize=16)
def _line_bytes(delimiters: str) -> bytes:
    """What lines of plain text are made of, before they are put into capitals."""
    kept = _kept(delimiters)
    return (kept + kept.lower() + "\n").encode("ascii")


@lru_cache(maxsize=16)
def allowed_class(delimiters: str) -> str:
    """A regular expression's character class: the extended set without the delimiters."""
    return "[" + re.escape("".join(one for one in EXTENDED if one not in delimiters)) + "]"
