"""A place of service at which the practitioner is not credentialed."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import UNKNOWN, Truth, is_in, not_
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="place.not_credentialed",
    title="Place of service is not a credentialed site",
    severity=Severity.BLOCK,
    grain=Grain.CLAIM,
    effective_from=date(2017, 1, 1),
    rules=("claim.place_of_service_basis",),
    fix=(
        "Use the place of service of the site at which the billing practitioner is credentialed and "
        "sees the patient."
    ),
)


def applies(f: Facts) -> Truth:
    """The payer takes the place of service from the practitioner's site."""
    return is_in(f.place_of_service_basis, ("credentialed_site", "usual_site"))


def trips(f: Facts) -> Truth:
    """It is not one of the practitioner's credentialed sites."""
    return not_(f.place_is_credentialed)


CASES = (
    case("telehealth as place of service", Verdict.FAIL, place_is_credentialed=False),
    case("the practitioner's own site", Verdict.PASS, place_is_credentialed=True),
    case(
        "a payer with another basis",
        Verdict.NOT_APPLICABLE,
        place_of_service_basis="other",
        place_is_credentialed=False,
    ),
    case("the practitioner's sites are not known", Verdict.NO_DATA, place_is_credentialed=UNKNOWN),
)
