"""`python -m cocm.accelerate`: builds the compiled cores with this machine's C compiler, or removes them.

    python -m cocm.accelerate            # some minutes of one processor, once for each state of the sources
    python -m cocm.accelerate --remove

Exit status: 0 built or already there, 2 no compiler, no mypy or no right to write; then all goes on uncompiled.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from typing import Final

from cocm.accelerate.build import CannotBuild, build, remove

TABLES: Final = "cocm.x12.columns.accelerate"
"""The module that builds the library of the X12 tables, which is plain C."""


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(
        prog="python -m cocm.accelerate", description="Build the compiled cores; nothing needs them."
    )
    parser.add_argument("--remove", action="store_true", help="remove the compiled core of the rooms")
    if parser.parse_args().remove:
        print("compiled core: removed" if remove() else "compiled core: there was none")
        return 0
    status = subprocess.run([sys.executable, "-m", TABLES], check=False).returncode
    print("compiling the core; the first time takes some minutes ...", flush=True)
    started = time.monotonic()
    try:
        made = build()
    except CannotBuild as problem:
        print(f"cocm: {problem}", file=sys.stderr)
        return 2
    took = f"built in {time.monotonic() - started:.0f} s" if made.is_new else "already there"
    for why in made.left_out:
        print(f"left as it is: {why}")
    size = made.library.stat().st_size / 1024**2
    print(f"compiled core: {len(made.modules)} modules, {size:.1f} MiB, {took}: {made.library}")
    print(
        "COCM_PLAIN=1 runs without it, --remove takes it away; after a change of the sources build it again"
    )
    return status


if __name__ == "__main__":
    sys.exit(main())
