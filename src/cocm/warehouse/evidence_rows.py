"""Evidence as rows, each set of people and of places once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from cocm.basics.months import Month, day_number
from cocm.care.people import Role
from cocm.care.records import Answer
from cocm.coding.records import MonthKind
from cocm.edits.subject import Evidence
from cocm.warehouse.values import Rows


class EvidenceRows:
    """Writes evidence, with each set of people and of places once."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._rosters: dict[tuple[tuple[str, Role], ...], str] = {}
        self._places: dict[frozenset[str], str] = {}

    def add(self, claim_id: str, evidence: Evidence) -> None:
        """Add the evidence on one claim."""
        consent, visit = evidence.consent, evidence.initiating_visit
        self._rows["evidence"].append(
            (
                claim_id,
                None if evidence.month_kind is MonthKind.UNKNOWN else evidence.month_kind.value,
                evidence.minutes_counted,
                _day(evidence.episode_start_date),
                _answer(consent.given) if consent is not None else None,
                _day(consent.consent_date) if consent is not None else None,
                consent.form or None if consent is not None else None,
                visit.visit_date is not None if visit is not None else None,
                _day(visit.visit_date) if visit is not None else None,
                visit.hcpcs_code if visit is not None else None,
                _answer(visit.is_new_patient) if visit is not None else None,
                _day(visit.last_seen_date) if visit is not None else None,
                evidence.group_npi,
                self._roster_id(evidence.roles_by_npi),
                self._place_set_id(evidence.credentialed_places),
                None if evidence.first_service_date is None else Month.of(evidence.first_service_date).index,
                _day(evidence.coverage_from_date),
                _day(evidence.coverage_to_date),
                evidence.is_authorized,
                evidence.minutes_set_apart,
                _day(evidence.death_date),
            )
        )
        self._rows["recorded_code"].extend((claim_id, code) for code in sorted(evidence.recorded_codes))

    def _roster_id(self, roles: Mapping[str, Role] | None) -> str | None:
        if roles is None:
            return None
        key = tuple(sorted(roles.items()))
        if key not in self._rosters:
            self._rosters[key] = f"roster-{len(self._rosters) + 1}"
            self._rows["roster_member"].extend((self._rosters[key], npi, role.value) for npi, role in key)
        return self._rosters[key]

    def _place_set_id(self, places: frozenset[str] | None) -> str | None:
        if places is None:
            return None
        if places not in self._places:
            self._places[places] = f"places-{len(self._places) + 1}"
            self._rows["credentialed_place"].extend((self._places[places], place) for place in sorted(places))
        return self._places[places]


def _day(day: date | None) -> int | None:
    return None if day is None else day_number(day)


def _answer(answer: Answer) -> bool | None:
    return None if answer is Answer.UNKNOWN else answer is Answer.YES
