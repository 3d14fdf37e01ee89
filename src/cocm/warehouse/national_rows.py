"""What national tables say of the CoCM codes as rows: one for each span of days on which nothing changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from functools import partial
from typing import Final, TypeVar

from cocm.basics.months import day_number
from cocm.edits.codes import cocm_codes
from cocm.edits.national import PairTerms, code_change_days, code_terms, pair_change_days, pair_terms
from cocm.rules import Rulebook
from cocm.rules.codes import places_of_service, taxonomies
from cocm.rules.facilities import types_by_prefix
from cocm.warehouse.values import Row, Rows

_EVER: Final = 1_000_000
"""A day number before (negative) or after every date of service."""
_Terms = TypeVar("_Terms")


def national_rows(rulebook: Rulebook) -> Rows:
    """The rows of `code_term`, `code_pair`, `place`, `taxonomy` and `taxonomy_type`."""
    return {
        "code_term": list(_code_rows(rulebook)),
        "code_pair": list(_pair_rows(rulebook)),
        "place": [
            (place.place_of_service_code, place.is_facility) for place in places_of_service(rulebook).values()
        ],
        "taxonomy": [(found.taxonomy_code, found.role) for found in taxonomies(rulebook).values()],
        "taxonomy_type": list(types_by_prefix(rulebook)),
    }


def _code_rows(rulebook: Rulebook) -> Iterator[Row]:
    for code in cocm_codes(rulebook):
        spans = _spans(code_change_days(rulebook), partial(code_terms, rulebook, code))
        for from_day, to_day, terms in spans:
            units_max = terms.units_max if terms.units_are_known else None
            amounts = (terms.amount_nonfacility_cents, terms.amount_facility_cents)
            yield code, from_day, to_day, units_max, terms.units_are_known, *amounts, terms.is_ended


def _pair_rows(rulebook: Rulebook) -> Iterator[Row]:
    changes = pair_change_days(rulebook)
    for code in cocm_codes(rulebook):
        others = sorted(
            {other for day in (_before(changes), *changes) for other in pair_terms(rulebook, day)[code]}
        )
        for other in others:
            spans = _spans(changes, partial(_pair_on, rulebook, code, other))
            for from_day, to_day, terms in spans:
                if terms is not None:
                    yield code, other, from_day, to_day, terms.is_established, terms.allows_modifier


def _pair_on(rulebook: Rulebook, code: str, other_code: str, day: date) -> PairTerms | None:
    return pair_terms(rulebook, day)[code].get(other_code)


def _before(changes: tuple[date, ...]) -> date:
    return changes[0] - timedelta(days=1)


def _spans(
    changes: tuple[date, ...], terms_on: Callable[[date], _Terms]
) -> Iterator[tuple[int, int, _Terms]]:
    """The terms and the day numbers from which and until before which they hold, equal neighbours as one."""
    starts: Iterable[tuple[int, date]] = [
        (-_EVER, _before(changes)),
        *((day_number(day), day) for day in changes),
    ]
    held: tuple[int, _Terms] | None = None
    for from_day, day in starts:
        terms = terms_on(day)
        if held is not None and held[1] != terms:
            yield held[0], from_day, held[1]
            held = None
        if held is None:
            held = from_day, terms
    assert held is not None
    yield held[0], _EVER, held[1]
