"""The same code billed before for the same month by this practice."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import Truth
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="duplicate.already_billed",
    title="Already billed for the month",
    severity=Severity.BLOCK,
    grain=Grain.LINE,
    effective_from=date(2017, 1, 1),
    rules=(),
    cites="BCBS of North Dakota: psychiatric collaborative care policy (once a month)",
    fix="Do not bill the month twice: replace or void the earlier claim in the payer's way.",
)


def applies(f: Facts) -> Truth:
    """Every line with a CoCM code."""
    return f.is_cocm


def trips(f: Facts) -> Truth:
    """An earlier original that was not voided, or a replacement of one, stands.

    The status of a replaced original may say that it was voided; only a void claim takes a replacement away.
    """
    return (f.same_code_originals_month > f.same_code_voids_month) | (
        (f.same_code_replacements_month > 0) & (f.same_code_void_claims_month == 0)
    )


CASES = (
    case("billed before", Verdict.FAIL, same_code_originals_month=1),
    case("billed again after a void", Verdict.FAIL, same_code_originals_month=2, same_code_voids_month=1),
    case("only the replacement is on file", Verdict.FAIL, same_code_replacements_month=1),
    case("never billed", Verdict.PASS, same_code_originals_month=0),
    case("billed and voided", Verdict.PASS, same_code_originals_month=1, same_code_voids_month=1),
    case(
        "billed, replaced and voided",
        Verdict.PASS,
        same_code_originals_month=1,
        same_code_replacements_month=1,
        same_code_voids_month=1,
        same_code_void_claims_month=1,
    ),
    case(
        "replaced, and the original is told as voided",
        Verdict.FAIL,
        same_code_originals_month=1,
        same_code_replacements_month=1,
        same_code_voids_month=1,
    ),
)
