"""A deadline is the payer's, or the practice's contract's, or unknown."""

from __future__ import annotations

from datetime import date

import pytest

from cocm.remits.deadline import FILING_RULE, deadline_of
from cocm.rules import Rulebook

SERVICE, DECIDED, ASKED = date(2026, 3, 31), date(2026, 4, 20), date(2026, 5, 29)
POLICY = Rulebook().pack("ca-commercial-carveout").on(SERVICE)


@pytest.mark.parametrize(
    ("rule_id", "contract", "expected"),
    [
        (FILING_RULE, None, date(2026, 6, 29)),
        (FILING_RULE, 180, date(2026, 9, 27)),
        ("appeal.first_level_days", 180, None),
        ("records", None, ASKED),
        ("", 180, None),
    ],
)
def test_by_when(rule_id: str, contract: int | None, expected: date | None) -> None:
    found = deadline_of(
        rule_id,
        POLICY,
        decided_on=DECIDED,
        service_date=SERVICE,
        records_due=ASKED,
        contract_filing_days=contract,
    )
    assert found.day == expected and found.why


def test_without_a_pack_nobody_knows() -> None:
    assert deadline_of(FILING_RULE, None, decided_on=DECIDED, service_date=SERVICE).day is None
