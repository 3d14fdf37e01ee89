"""Whose consent a minor's care takes: no state is guessed, and a practice's own table is followed."""

from datetime import date

import pytest

from cocm.basics.errors import RulebookError
from cocm.care.minors import Consenter, consent_objection, is_minor, who_consents
from cocm.rules import Rulebook
from cocm.rules.minor_consent import ConsentBy, minor_consent
from cocm.rules.values import Confidence

DAY = date(2026, 3, 20)
HEAD = "state,effective_from,effective_to,observed,majority_years,minor_years_from,consent_by,confidence,source,at\n"


@pytest.fixture
def own_law(tmp_path):
    """A practice's own table: from 14 either, from 2026-02-01 on from 12 the minor."""
    (tmp_path / "care").mkdir()
    (tmp_path / "care" / "minor_consent.csv").write_text(
        HEAD
        + "*,2000-01-01,,2026-01-05,18,,unknown,unknown,k-minor-consent,ask counsel\n"
        + "XX,2020-01-01,2026-02-01,2026-01-05,18,14,either,stated,k-minor-consent,counsel\n"
        + "XX,2026-02-01,,2026-01-05,18,12,minor,stated,k-minor-consent,counsel\n"
        + "YY,2020-01-01,,2026-01-05,19,16,both,stated,k-minor-consent,counsel\n",
        encoding="utf-8",
    )
    return Rulebook([tmp_path])


@pytest.mark.parametrize("state", ["CO", "CA", "TX", "NY", ""])
def test_the_shipped_table_claims_no_states_law(state) -> None:
    found = minor_consent(Rulebook(), state, DAY)
    assert (found.consent_by, found.confidence) == (ConsentBy.UNKNOWN, Confidence.UNKNOWN)
    assert who_consents(found, 15) is Consenter.UNKNOWN
    assert "ask counsel" in consent_objection(found, 15, "guardian")
    assert who_consents(found, 18) is Consenter.PATIENT and consent_objection(found, 18, "patient") == ""


@pytest.mark.parametrize(
    ("state", "day", "years", "expected"),
    [
        ("xx", date(2026, 1, 31), 13, Consenter.GUARDIAN),
        ("XX", date(2026, 1, 31), 14, Consenter.EITHER),
        ("XX", date(2026, 2, 1), 12, Consenter.PATIENT),
        ("XX", date(2026, 2, 1), 11, Consenter.GUARDIAN),
        ("YY", DAY, 18, Consenter.BOTH),
        ("YY", DAY, 19, Consenter.PATIENT),
        ("ZZ", DAY, 15, Consenter.UNKNOWN),
    ],
)
def test_a_practices_own_table_is_followed_by_state_age_and_day(own_law, state, day, years, expected) -> None:
    assert who_consents(minor_consent(own_law, state, day), years) is expected


@pytest.mark.parametrize(
    ("state", "years", "given_by", "is_enough"),
    [
        ("XX", 15, "patient", True),
        ("XX", 15, "guardian", False),
        ("XX", 10, "patient", False),
        ("XX", 10, "guardian", True),
        ("YY", 17, "guardian", False),
        ("YY", 17, "both", True),
        ("YY", 19, "guardian", False),
    ],
)
def test_a_consent_that_is_not_enough_is_told(own_law, state, years, given_by, is_enough) -> None:
    assert (consent_objection(minor_consent(own_law, state, DAY), years, given_by) == "") is is_enough


def test_the_majority_is_the_states(own_law) -> None:
    rule = minor_consent(own_law, "YY", DAY)
    assert is_minor(rule, 18) and not is_minor(rule, 19)


def test_a_table_without_a_row_for_any_state_is_refused(tmp_path) -> None:
    (tmp_path / "care").mkdir()
    (tmp_path / "care" / "minor_consent.csv").write_text(HEAD, encoding="utf-8")
    with pytest.raises(RulebookError, match="none for any state"):
        minor_consent(Rulebook([tmp_path]), "CO", DAY)
