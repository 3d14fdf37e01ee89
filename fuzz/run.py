"""Fuzz one target with atheris for so many seconds: `python fuzz/run.py validating --seconds 600`.

A broken property stops the run with its input in the current folder (`crash-…`): put it into a test. atheris is a
development dependency and runs on Linux.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import atheris

INPUT_BYTES_MAX = 16_384
CALL_SECONDS_MAX = 10
MEMORY_MIB_MAX = 1_024

# The words of the wire, so that a mutation meets them more often than by chance.
WORDS = (
    "(",
    "ISA*",
    "GS*",
    "ST*837*",
    "SE*",
    "GE*",
    "IEA*",
    "TA1*",
    "HL*",
    "NM1*",
    "CLM*",
    "LX*",
    "SV1*",
    "DTP*",
    "REF*",
    "HI*ABK:",
    "SBR*",
    "PAT*",
    "CAS*",
    "SVD*",
    "AMT*D*",
    "CLP*",
    "SVC*",
    "BPR*",
    "PLB*",
    "TS3*",
    "LQ*HE*",
    "D8*",
    "RD8*",
    "005010X222A1",
    "005010X221A1",
    "005010X231A1",
    "837",
    "835",
    "~",
    "*",
    ":",
    "^",
    "**",
)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("target", choices=["reading", "validating", "repairing", "everything"])
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--corpus", type=Path, help="a folder that keeps what was found to be worth trying")
    given = parser.parse_args()
    with atheris.instrument_imports(include=["cocm.x12"]):
        from seeds import seeds
        from targets import TARGETS

    with tempfile.TemporaryDirectory() as scratch:
        start = Path(scratch) / "seeds"
        start.mkdir()
        for name, content in seeds().items():
            (start / name).write_bytes(content)
        words = Path(scratch) / "words"
        words.write_text("".join(f'"{word}"\n' for word in WORDS))
        folders = [str(start)]
        if given.corpus is not None:
            given.corpus.mkdir(parents=True, exist_ok=True)
            folders.insert(0, str(given.corpus))
        options = [
            f"-max_total_time={given.seconds}",
            f"-max_len={INPUT_BYTES_MAX}",
            f"-timeout={CALL_SECONDS_MAX}",
            f"-rss_limit_mb={MEMORY_MIB_MAX}",
            f"-dict={words}",
            "-print_final_stats=1",
        ]
        atheris.Setup([sys.argv[0], *options, *folders], TARGETS[given.target])
        atheris.Fuzz()


if __name__ == "__main__":
    main()
