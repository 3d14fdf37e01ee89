"""This machine's C compiler."""

from __future__ import annotations

import shutil
from typing import Final

COMPILERS: Final = ("cc", "gcc", "clang")


def find_compiler() -> str | None:
    """A C compiler of this machine."""
    return next((found for name in COMPILERS if (found := shutil.which(name))), None)
