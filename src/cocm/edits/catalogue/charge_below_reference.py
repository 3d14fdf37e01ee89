"""A charge below what Medicare allows for the line."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import Truth
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="charge.below_reference",
    title="Charge below Medicare's amount",
    severity=Severity.INFORM,
    grain=Grain.LINE,
    effective_from=date(2017, 1, 1),
    rules=(),
    cites="CMS physician fee schedule: national amount, for the code's units and such a place of service",
    fix=(
        "Look at the charge: a payer pays the lesser of the charge and its own amount, so a low "
        "charge gives money away."
    ),
)


def applies(f: Facts) -> Truth:
    """Medicare has an amount for the code, and the line a charge."""
    return f.has_reference_amount & (f.charge_cents > 0)


def trips(f: Facts) -> Truth:
    """The charge is lower."""
    return f.charge_cents < f.reference_amount_cents


CASES = (
    case(
        "100 dollars where Medicare allows 144.96",
        Verdict.FAIL,
        charge_cents=10000,
        reference_amount_cents=14496,
    ),
    case("200 dollars", Verdict.PASS, charge_cents=20000, reference_amount_cents=14496),
    case("no amount at hand", Verdict.NOT_APPLICABLE, has_reference_amount=False, reference_amount_cents=0),
    case("no charge", Verdict.NOT_APPLICABLE, charge_cents=0),
)
