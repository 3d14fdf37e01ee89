"""`cocm codes` for every pack of the table: where its codes begin, and where nobody knows."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from cocm.cli import cli

NO_DATA, NO_CODE = "no data", "no code"


def ask(payer: str, month: str, minutes: int, kind: str = "later") -> tuple[str, int]:
    """The answer in the first line, and the exit status."""
    arguments = ["codes", "--payer", payer, "--month", month, "--minutes", str(minutes), f"--{kind}"]
    result = CliRunner().invoke(cli, arguments)
    return result.stdout.splitlines()[0].rsplit(": ", 1)[1], result.exit_code


@pytest.mark.parametrize(
    ("payer", "begins_at"),
    [
        ("medicare", 16),
        ("medicare-rhc-fqhc", 16),
        ("nc-medicaid", 16),
        ("mi-bcbsm", 30),
        ("full-unit", 30),
    ],
)
def test_the_short_months_code_begins_at_the_packs_minutes(payer: str, begins_at: int) -> None:
    assert ask(payer, "2026-03", begins_at - 1)[0] == NO_CODE
    assert ask(payer, "2026-03", begins_at)[0] == "G2214 x 1"


def test_a_short_month_earns_nothing_where_it_is_not_covered() -> None:
    assert ask("cpt", "2026-03", 30) == (NO_CODE, 0)
    assert ask("ca-commercial-carveout", "2026-03", 30) == (NO_CODE, 1), (
        "unless the contract says: a person looks"
    )


@pytest.mark.parametrize(
    ("payer", "minutes", "expected"),
    [
        ("cpt", 196, "99493 x 1 + 99494 x 5"),
        ("full-unit", 210, "99493 x 1 + 99494 x 5"),
        ("medicare", 196, "99493 x 1 + 99494 x 4"),
        ("medicare-rhc-fqhc", 196, "99493 x 1 + 99494 x 4"),
        ("nc-medicaid", 196, "99493 x 1 + 99494 x 4"),
        ("ca-commercial-carveout", 136, "99493 x 1 + 99494 x 3"),
        ("tx-medicaid", 76, NO_DATA),
        ("mi-bcbsm", 76, NO_DATA),
        ("co-medicaid", 76, NO_DATA),
        ("tx-medicaid", 75, "99493 x 1"),
        ("mi-bcbsm", 75, "99493 x 1"),
        ("co-medicaid", 75, "99493 x 1"),
    ],
)
def test_add_ons_stop_at_the_packs_cap_and_an_unknown_cap_is_no_data(
    payer: str, minutes: int, expected: str
) -> None:
    found, status = ask(payer, "2026-03", minutes)
    assert found == expected
    looked_at = payer in ("medicare", "medicare-rhc-fqhc", "ca-commercial-carveout") or expected == NO_DATA
    assert status == (1 if looked_at else 0)


@pytest.mark.parametrize("payer", ["tx-medicaid", "co-medicaid"])
def test_what_nobody_has_established_is_no_data_and_never_a_guess(payer: str) -> None:
    assert ask(payer, "2026-03", 20) == (NO_DATA, 1)
    assert ask(payer, "2026-03", 0) == (NO_CODE, 0)


def test_advanced_primary_care_is_untimed_and_names_its_base() -> None:
    assert ask("medicare-apcm", "2026-01", 1, "first") == ("G0568 x 1", 0)
    assert ask("medicare-apcm", "2026-01", 200, "later") == ("G0569 x 1", 0)
    assert ask("medicare-apcm", "2026-01", 0, "first") == (NO_CODE, 0)
    assert ask("medicare-apcm", "2025-12", 40, "first") == ("99492 x 1", 0)
    arguments = ["codes", "--payer", "medicare-apcm", "--month", "2026-01", "--minutes", "40", "--first"]
    text = CliRunner().invoke(cli, arguments).stdout
    assert "G0556 or G0557 or G0558" in text
    assert "G0570 x 1 (offered)" in text


def test_a_clinic_bills_its_one_code_to_the_end_of_2025() -> None:
    assert ask("medicare-rhc-fqhc", "2025-12", 69, "first") == (NO_CODE, 0)
    assert ask("medicare-rhc-fqhc", "2025-12", 70, "first") == ("G0512 x 1", 0)
    assert ask("medicare-rhc-fqhc", "2025-12", 60, "later") == ("G0512 x 1", 0)
    assert ask("medicare-rhc-fqhc", "2026-01", 70, "first") == ("99492 x 1", 0)
    assert ask("medicare-rhc-fqhc", "2026-01", 20, "first") == ("G2214 x 1", 1), "assumed: a person looks"
