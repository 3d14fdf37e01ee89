"""What other libraries say of a file: pyx12, x12sdk and oxedi, each through its own reader."""

from __future__ import annotations

import logging

import oxedi
from x12sdk.io import X12ModelReader

logging.getLogger("x12sdk").setLevel(logging.CRITICAL)


def sdk_finds(content: bytes) -> list[str]:
    """What x12sdk finds wrong: it stops at the first fault."""
    # its model of the professional claim goes by a later header than HIPAA's
    text = content.decode().replace("005010X222A1", "005010X222A2")
    try:
        with X12ModelReader(text) as reader:
            for _ in reader.models():
                pass
    except Exception as problem:  # whatever it raises is its verdict
        return [type(problem).__name__]
    return []


def oxedi_finds(content: bytes) -> list[str]:
    """What oxedi finds wrong with a remittance."""
    try:
        return [str(one.kind) for one in oxedi.parse(content).diagnostics]
    except oxedi.ParseError as problem:
        return [str(problem)]
