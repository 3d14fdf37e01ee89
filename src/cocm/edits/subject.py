"""What is checked: a claim with everything that may bear on it, known or not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from cocm.basics.records import quickly_made
from cocm.care.people import Payer, Role
from cocm.care.records import Consent, HistoryLine, InitiatingVisit
from cocm.claims.records import Claim
from cocm.coding.records import MonthKind
from cocm.rules import PackOn


@quickly_made
@dataclass(frozen=True, slots=True)
class Evidence:
    """What a practice knows about the patient-month and a claim alone does not tell. Each field may be
    unknown.

    `consent` and `initiating_visit` are None where the practice's record is not at hand; a record that
    names no visit says that there was none. `roles_by_npi` are the roles of the practice's people: an NPI
    that is not among them is nobody's. `group_npi` is the medical group's own. `credentialed_places` are
    the place of service codes of the sites at which the billing practitioner is credentialed.
    `first_service_date` is the episode's. `coverage_from_date` and `coverage_to_date` (None with the other given:
    open) are those of the policy billed. `is_authorized`: an authorization on record covers the month.
    `minutes_set_apart` are minutes of the month that the ledger gives to another service. `recorded_codes` are
    codes that the practice's record shows for the person in the month, beside those on claims.
    `death_date` is None where no death is on record.
    """

    month_kind: MonthKind = MonthKind.UNKNOWN
    minutes_counted: int | None = None
    episode_start_date: date | None = None
    consent: Consent | None = None
    initiating_visit: InitiatingVisit | None = None
    group_npi: str | None = None
    roles_by_npi: Mapping[str, Role] | None = None
    credentialed_places: frozenset[str] | None = None
    first_service_date: date | None = None
    coverage_from_date: date | None = None
    coverage_to_date: date | None = None
    is_authorized: bool | None = None
    minutes_set_apart: int | None = None
    recorded_codes: frozenset[str] = frozenset()
    death_date: date | None = None

    @classmethod
    def unknown(cls) -> Evidence:
        """No evidence at all: a bare 837P."""
        return _NONE


_NONE = Evidence()


@quickly_made
@dataclass(frozen=True, slots=True)
class EditSubject:
    """One claim to check, under one payer's rules on the date of service, as of a day.

    `history` holds the person's earlier lines, ours and other practices'; lines of this very claim in it are
    passed over. `payer` is None where the payer's contract is not at hand.
    """

    claim: Claim
    payer: Payer | None
    policy: PackOn
    history: tuple[HistoryLine, ...]
    evidence: Evidence
    as_of_date: date
