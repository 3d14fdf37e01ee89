"""Builds the compiled core of the columnar reader with this machine's C compiler.

    python -m cocm.x12.columns.accelerate

Nothing needs it: without it the same tables are read with NumPy. The library is put beside this module and found there.
Exit status: 0 built or already there, 2 no compiler or no right to write.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from cocm.x12.columns.native import SOURCE, library_path, load

COMPILERS: Final = ("cc", "gcc", "clang")
_OPTIONS: Final = ("-std=c99", "-O3", "-shared", "-fPIC", "-fvisibility=hidden", "-Wall", "-Werror")


def find_compiler() -> str | None:
    """A C compiler of this machine."""
    return next((found for name in COMPILERS if (found := shutil.which(name))), None)


def build(folder: Path = SOURCE.parent) -> Path:
    """Build the library into a folder, unless it is there. Raises `OSError` where that cannot be done."""
    path = library_path(folder)
    if load(path) is not None:
        return path
    compiler = find_compiler()
    if compiler is None:
        raise OSError(
            f"no C compiler ({', '.join(COMPILERS)}) was found; install one, or go on without: NumPy reads"
        )
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        made = Path(scratch) / path.name
        done = subprocess.run(
            [compiler, *_OPTIONS, "-o", str(made), str(SOURCE)], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise OSError(f"{compiler} could not build {SOURCE.name}: {done.stderr.strip()}")
        made.replace(path)
    if load(path) is None:
        raise OSError(f"{path}: was built, but this Python cannot load it; it may be of another architecture")
    return path


def main() -> int:
    """The command."""
    try:
        path = build()
    except OSError as problem:
        print(f"cocm: {problem}", file=sys.stderr)
        return 2
    print(f"compiled core: {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
