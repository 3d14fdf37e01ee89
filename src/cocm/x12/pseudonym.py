"""Replacements for what tells who somebody is: of the same form, always the same for the same value and key.

A number or id is mapped by a keyed permutation of all texts of its form (letters stay letters, digits digits, and signs
where they are), so two different ids never become one, none stays as it was, and nothing is remembered. A valid
National Provider Identifier becomes another valid one. Names and places become made-up words.

The key is the seed's; who has it can undo the ids. Method: a Feistel network over keyed BLAKE2b with cycle walking,
after NIST SP 800-38G's FF1 in outline only: this hides ids in test files, it is no certified encryption.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Final

from cocm.basics.npi import npi_check_digit, npi_is_valid

_ROUNDS: Final = 8
_DIGITS: Final = "0123456789"
_UPPER: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LOWER: Final = _UPPER.lower()
_NPI_STARTS: Final = "12"

_ONSETS: Final = (
    "B",
    "D",
    "F",
    "G",
    "K",
    "L",
    "M",
    "N",
    "P",
    "R",
    "S",
    "T",
    "V",
    "Z",
    "BR",
    "DR",
    "KL",
    "TR",
)
_VOWELS: Final = ("A", "E", "I", "O", "U", "AI", "EO", "IA")
_SYLLABLES_MAX: Final = 4


class Pseudonyms:
    """The replacements of one seed."""

    def __init__(self, seed: int) -> None:
        self._key = hashlib.sha256(f"cocm anonymize {seed}".encode()).digest()

    def identifier(self, text: str) -> str:
        """An id or number of the same form; different ones stay different. What holds no letter or digit is kept."""
        return _identifier(self._key, text)

    def word(self, kind: str, text: str, length_max: int) -> str:
        """A made-up word for a name or a place, in capitals, never the text itself."""
        number = self.number(kind, text.strip().upper())
        while True:
            syllables = 2 + number % (_SYLLABLES_MAX - 1)
            made, rest = "", number // _SYLLABLES_MAX
            for _ in range(syllables):
                rest, onset = divmod(rest, len(_ONSETS))
                rest, vowel = divmod(rest, len(_VOWELS))
                made += _ONSETS[onset] + _VOWELS[vowel]
            made = made[:length_max]
            if made != text.strip().upper():
                return made
            number += 1

    def number(self, kind: str, text: str) -> int:
        """A number that follows from the key, a kind and a text, and tells nothing of the text without the key."""
        digest = hmac.digest(self._key, f"{kind}\x1f{text}".encode(), "sha256")
        return int.from_bytes(digest[:12], "big")


@lru_cache(maxsize=200_000)
def _identifier(key: bytes, text: str) -> str:
    if npi_is_valid(text):
        first_nine = _permuted(key, text[:9], (_NPI_STARTS, *([_DIGITS] * 8)))
        return first_nine + npi_check_digit(first_nine)
    alphabets = _form(text)
    if not any(len(alphabet) > 1 for alphabet in alphabets):
        return text
    plain = "".join(
        one if one in alphabet else alphabet[0] for one, alphabet in zip(text, alphabets, strict=True)
    )
    made = _permuted(key, plain, alphabets)
    while npi_is_valid(made):
        made = _permuted(key, made, alphabets)  # only an NPI becomes an NPI, so that no two ids meet
    return made


def _form(text: str) -> list[str]:
    """For each character those that may stand in its place. Leading zeros stay, and no number gets new ones."""
    alphabets: list[str] = []
    is_leading = True
    for one in text:
        if one in _DIGITS:
            is_zero = one == "0"
            alphabets.append("0" if is_leading and is_zero else _DIGITS[1:] if is_leading else _DIGITS)
            is_leading = is_leading and is_zero
        elif one in _UPPER or one in _LOWER:
            alphabets.append(_UPPER if one in _UPPER else _LOWER)
            is_leading = False
        elif one.isalnum():
            alphabets.append(_UPPER)  # a letter beyond ASCII
            is_leading = False
        else:
            alphabets.append(one)
    return alphabets


def _permuted(key: bytes, text: str, alphabets: Sequence[str]) -> str:
    """Another text of the form: a permutation without fixed points (a shift by one, seen through the network)."""
    size = 1
    for alphabet in alphabets:
        size *= len(alphabet)
    number = 0
    for one, alphabet in zip(text, alphabets, strict=True):
        number = number * len(alphabet) + alphabet.index(one)
    tweak = f"{size}\x1f{''.join(alphabet[0] if len(alphabet) == 1 else str(len(alphabet)) for alphabet in alphabets)}"
    key = _form_key(key, tweak)
    number = _walk(key, (_walk(key, number, size, reverse=False) + 1) % size, size, reverse=True)
    made = []
    for alphabet in reversed(alphabets):
        number, at = divmod(number, len(alphabet))
        made.append(alphabet[at])
    return "".join(reversed(made))


@lru_cache(maxsize=10_000)
def _form_key(key: bytes, tweak: str) -> bytes:
    """The key for texts of one form."""
    return hmac.digest(key, tweak.encode(), "sha256")


def _walk(key: bytes, number: int, size: int, *, reverse: bool) -> int:
    """A permutation of the numbers below `size`: the network's, applied until the number is one of them."""
    half_bits = max((size - 1).bit_length() + 1, 2) // 2
    number = _network(key, number, half_bits, reverse=reverse)
    while number >= size:
        number = _network(key, number, half_bits, reverse=reverse)
    return number


def _network(key: bytes, number: int, half_bits: int, *, reverse: bool) -> int:
    mask = (1 << half_bits) - 1
    left, right = number >> half_bits, number & mask
    size = (half_bits + 7) // 8
    if reverse:
        left, right = right, left
    for at in reversed(range(_ROUNDS)) if reverse else range(_ROUNDS):
        digest = blake2b(at.to_bytes(1, "big") + right.to_bytes(size, "big"), key=key).digest()
        left, right = right, left ^ (int.from_bytes(digest, "big") & mask)
    if reverse:
        left, right = right, left
    return left << half_bits | right
