"""A replacement or void at a payer that takes only originals."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import UNKNOWN, Truth
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="correction.originals_only",
    title="The payer takes no replacement or void",
    severity=Severity.BLOCK,
    grain=Grain.CLAIM,
    effective_from=date(2017, 1, 1),
    rules=("claim.correction_method",),
    fix=(
        "Correct the claim in the payer's own way: ask for a reopening, or send a new claim where "
        "that is the way."
    ),
    checks_voids=True,
)


def applies(f: Facts) -> Truth:
    """A replacement or void."""
    return f.is_correction


def trips(f: Facts) -> Truth:
    """The payer takes corrections in another way."""
    return f.correction_method != "replacement"


CASES = (
    case(
        "a replacement where the payer reopens",
        Verdict.FAIL,
        is_original=False,
        is_correction=True,
        correction_method="reopening",
    ),
    case(
        "a replacement where the payer takes one",
        Verdict.PASS,
        is_original=False,
        is_correction=True,
        correction_method="replacement",
    ),
    case("an original", Verdict.NOT_APPLICABLE, correction_method="reopening"),
    case(
        "nobody has established how the payer takes corrections",
        Verdict.NO_DATA,
        is_original=False,
        is_correction=True,
        correction_method=UNKNOWN,
    ),
)
