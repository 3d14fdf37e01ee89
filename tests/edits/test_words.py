"""Conditions in words are those of the very predicate that runs."""

from cocm.edits.derive import FACTS
from cocm.edits.discovery import find_edit
from cocm.edits.document import edits_page
from cocm.edits.kleene import is_in, not_
from cocm.edits.words import condition_words


def words(predicate):
    return condition_words(predicate, FACTS)


def test_conjunctions_are_bracketed_where_they_mix():
    assert words(lambda f: f.is_original & (f.is_addon | f.is_base)) == (
        "the claim is an original and"
        " (the line has the payer's add-on code, or the line has one of the payer's base codes)"
    )


def test_a_negated_condition_says_its_opposite():
    assert words(lambda f: not_(f.is_original & f.is_addon)) == (
        "the claim is not an original, or the line does not have the payer's add-on code"
    )
    assert words(lambda f: not_(f.units > 1)) == "the number of units on the line is not more than 1"
    assert words(lambda f: not_(not_(f.units > 1))) == "the number of units on the line is more than 1"


def test_days_are_before_and_after():
    assert (
        words(lambda f: f.consent_day > f.service_day) == "the date of consent is after the date of service"
    )


def test_members_are_listed():
    assert words(lambda f: is_in(f.benefit_side, ("medical", "behavioral"))).endswith(
        "is medical or behavioral"
    )


def test_the_page_shows_every_edit_and_fact():
    page = edits_page()
    entry = find_edit("addon.over_limit")
    assert f"**Trips when** {words(entry.trips)}." in page
    assert all(f"| `{name}` |" in page for name in FACTS)
