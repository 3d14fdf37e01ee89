"""The full check of 50,000 professional claims (837P), one core, beside pyx12 on a slice of the same file.

    python benchmarks/x12_validate.py [--claims 50000] [--rounds 3] [--slow-claims 500]

The claims are those of the writing benchmark: every patient is another. One claim in thirty is a dependent under
Medicare, which the check must tell: `full check` has none of these, all others have them. `every segment followed` is
the same check without passing what is proven right: its problems must be the same, in the same order. `with all code
sets` looks up diagnoses, procedures and taxonomies too. pyx12 and the check take turns on `--slow-claims` claims. Times
are CPU seconds, the least of the rounds. Fails where 50,000 claims take more than 3 s, where the problems differ, or
where memory grows beyond 64 MiB.
"""

from __future__ import annotations

import argparse
import io
import sys
import tracemalloc
from collections.abc import Callable
from itertools import islice

import x12_write
from cocm.rules import Rulebook
from cocm.x12 import validate_837p, write_837p
from cocm.x12.code_sets import CodeSets, rulebook_code_sets
from cocm.x12.validate import followed
from x12_read import Made, least_of_turns, make_claims, read_pyx12

LIMIT_SECONDS = 3.0
LIMIT_CLAIMS = 50_000
PEAK_MIB_MAX = 64
ONE_FAULT_IN = 30
FAULTY_FILING_CODE = "MB"  # where a dependent has it
PROBLEMS_MAX = 1_000_000


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--claims", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--slow-claims", type=int, default=500)
    arguments = parser.parse_args()
    clean = make_clean(arguments.claims)
    made, slow = make_claims(arguments.claims), make_claims(arguments.slow_claims)
    code_sets = rulebook_code_sets(Rulebook())

    problems = validate_837p(made.content, problems_max=PROBLEMS_MAX)
    assert len(problems) == (made.claim_count + 20) // ONE_FAULT_IN, problems[:3]
    if problems != followed(made.content, problems_max=PROBLEMS_MAX):
        print("the problems are not those of the check that follows every segment")
        return 1

    works: dict[str, Callable[[], None]] = {
        "full check": lambda: check_clean(clean),
        "one fault in 30 claims": lambda: check(made),
        "with all code sets": lambda: check(made, code_sets),
    }
    seconds = least_of_turns(arguments.rounds, works)
    seconds |= least_of_turns(1, {"every segment followed": lambda: follow(made)})
    print(f"{made.claim_count:,} claims, {made.line_count:,} lines, {len(made.content) / 1e6:.1f} MB")
    for name, spent in seconds.items():
        report(name, spent, made)
    beside = least_of_turns(
        1,
        {"full check, slice": lambda: check(slow), "pyx12, slice": lambda: read_pyx12(slow)},
    )
    for name, spent in beside.items():
        report(name, spent, slow)
    peak = peak_mib(made.content)
    print(f"peak memory of the check, read as a stream: {peak:.1f} MiB")
    limit = LIMIT_SECONDS * max(1.0, made.claim_count / LIMIT_CLAIMS)
    if seconds["full check"] > limit:
        print(f"above the limit of {limit:.1f} s")
        return 1
    if peak > PEAK_MIB_MAX:
        print(f"above the limit of {PEAK_MIB_MAX} MiB")
        return 1
    return 0


def make_clean(claim_count: int) -> bytes:
    """The claims of the writing benchmark without those that the check finds fault with."""
    right = (
        claim
        for claim in x12_write.claims()
        if claim.subscriber is None or claim.claim_filing_code != FAULTY_FILING_CODE
    )
    out = io.BytesIO()
    write_837p(islice(right, claim_count), x12_write.ENVELOPE, out)
    return out.getvalue()


def check_clean(content: bytes) -> None:
    """The check of a file without faults."""
    assert validate_837p(content) == ()


def check(made: Made, code_sets: CodeSets | None = None) -> None:
    """The check as everybody calls it."""
    assert validate_837p(made.content, code_sets=code_sets)


def follow(made: Made) -> None:
    """The same without passing what is proven right."""
    assert followed(made.content)


def report(name: str, seconds: float, made: Made) -> None:
    print(f"{name:<24} {seconds:7.2f} s  {made.claim_count / seconds:>9,.0f} claims/s")


def peak_mib(content: bytes) -> float:
    """Python's peak memory while a file is checked as a stream; the file's own bytes are not counted."""
    stream = io.BytesIO(content)
    tracemalloc.start()
    validate_837p(stream)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 2**20


if __name__ == "__main__":
    sys.exit(main())
