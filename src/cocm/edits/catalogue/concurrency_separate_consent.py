"""Other care management in the month, which needs consent and time of its own."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import UNKNOWN, Truth
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="concurrency.separate_consent",
    title="Care management in the month needs consent and minutes of its own",
    severity=Severity.INFORM,
    grain=Grain.LINE,
    effective_from=date(2017, 1, 1),
    rules=("concurrency.separate_consent_codes",),
    fix=(
        "Both may be paid: keep the consent for each on record, and count no minute twice; it is no "
        "duplicate."
    ),
)


def applies(f: Facts) -> Truth:
    """A line of the service, where some care management beside it needs its own consent."""
    return f.has_separate_consent_codes & (f.is_base | f.is_short_month)


def trips(f: Facts) -> Truth:
    """This practice has such care management in the same month."""
    return f.separate_consent_lines_month > 0


CASES = (
    case("chronic care management in the month", Verdict.FAIL, separate_consent_lines_month=1),
    case("nothing of the kind in the month", Verdict.PASS, separate_consent_lines_month=0),
    case(
        "an add-on line",
        Verdict.NOT_APPLICABLE,
        is_base=False,
        is_base_later=False,
        is_addon=True,
        addon_units_month=1,
        separate_consent_lines_month=1,
    ),
    case(
        "no care management needs its own consent",
        Verdict.NOT_APPLICABLE,
        has_separate_consent_codes=False,
        separate_consent_lines_month=0,
    ),
    case(
        "the list is not established",
        Verdict.NO_DATA,
        has_separate_consent_codes=UNKNOWN,
        separate_consent_lines_month=UNKNOWN,
    ),
)
