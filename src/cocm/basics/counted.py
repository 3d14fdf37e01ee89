"""A number with its noun, in the singular where there is one."""

from __future__ import annotations


def counted(number: int, singular: str, plural: str = "") -> str:
    """`1 payment`, `2 payments`, `1,000 entries`; `plural` where it is not the singular with an s."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"
