"""Payer performance: rates worked by hand, corrections counted once, parts equal to the whole, and the books."""

from __future__ import annotations

import json
import sys
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given as examples
from hypothesis import settings
from hypothesis import strategies as st

from cocm.claims.lifecycle import ClaimEvent, ClaimEventKind
from cocm.cli import cli
from cocm.insight.payers import ALL_PAYERS, PayerClaim, payer_performance, performance_figures
from cocm.remits.account import Balance

for room in ("close", "remits", "receivables"):
    sys.path.append(str(Path(__file__).parents[1] / room))

K = ClaimEventKind
START = date(2026, 4, 1)


def claim(payer: str, *events: tuple[ClaimEventKind, int], paid: int = 0) -> PayerClaim:
    told = [ClaimEvent(f"{kind}{day}", "C1", kind, START + timedelta(days=day)) for kind, day in events]
    return PayerClaim(payer, tuple(told), Balance(charge_cents=10_000, paid_cents=paid))


CLAIMS = (
    claim("A", (K.SENT, 0), (K.PAID, 20), paid=9_000),
    claim("A", (K.SENT, 0), (K.DENIED, 30), (K.CORRECTED, 31), (K.SENT, 31), (K.PAID, 60), paid=9_000),
    claim("A", (K.SENT, 0), (K.DENIED, 30)),
    claim("A", (K.SENT, 0), (K.REJECTED, 2), (K.SENT, 5), (K.PARTLY_PAID, 40), paid=4_000),
    claim("A", (K.SENT, 0), (K.RECORDS_REQUESTED, 9)),
    claim("B", (K.SENT, 0)),
)


def test_rates_by_hand() -> None:
    a, b, whole = payer_performance(CLAIMS, Fraction(2_050))
    told = {one.name: one.value for one in performance_figures(a)}
    # Of five sent four were answered: two paid at first, two denied at first, one of those paid in the end.
    assert told["approval_rate"] == told["denial_rate"] == 50
    assert told["final_denial_rate"] == 25
    assert told["rejection_rate"] == told["records_request_rate"] == 20
    assert told["days_to_pay_median"] == 40 and told["days_to_pay_90th"] == 60
    assert a.cost_of_denials_cents == 4_100 and (a.unanswered, a.open_cents) == (1, 28_000)
    assert {one.name: one.value for one in performance_figures(b)}["denial_rate"] is None
    assert (whole.payer_id, whole.sent, whole.paid_cents) == (ALL_PAYERS, 6, 22_000)


def test_nothing_sent_is_no_payer() -> None:
    assert payer_performance([], Fraction(0)) == ()


@settings(max_examples=30, deadline=None)
@examples(
    given=st.lists(
        st.tuples(
            st.sampled_from("ABC"),
            st.sampled_from([K.PAID, K.DENIED, K.REJECTED, K.PENDED]),
            st.integers(0, 90),
        ),
        min_size=1,
        max_size=30,
    ),
    cost=st.fractions(0, 10_000),
)
def test_payers_together_are_the_whole(given: list[tuple[str, K, int]], cost: Fraction) -> None:
    *parts, whole = payer_performance([claim(p, (K.SENT, 0), (kind, day)) for p, kind, day in given], cost)
    for name in ("sent", "paid_at_first", "denied_at_first", "rejected", "charge_cents", "open_cents"):
        assert sum(getattr(one, name) for one in parts) == getattr(whole, name)
    assert sum(one.cost_of_denials_cents for one in parts) == whole.cost_of_denials_cents
    assert sum(count for _, count in whole.days_to_pay) == whole.paid_at_first


def test_from_a_practices_own_books(tmp_path: Path) -> None:
    from practice_folder import small_practice  # found by the path above
    from remittance_maker import Decided, Line, remittance

    practice = small_practice(tmp_path / "practice")
    for patient_id in ("P1", "P2"):
        practice.add_patient(patient_id, minutes=45, payer_id="PLAN")
    practice.close()
    claims = {row["patient_id"]: row["claim_id"] for row in practice.rows("proposals.csv")}
    paid = Decided(claims["P1"], (Line("99493", 18000, (("CO", "45", 3000),)),))
    denied = Decided(claims["P2"], (Line("99493", 18000, (("CO", "16", 18000),)),))
    (tmp_path / "a.835").write_bytes(remittance(paid, denied))
    run = CliRunner()
    folder = str(practice.folder)
    done = run.invoke(cli, ["post", str(tmp_path / "a.835"), "--practice", folder, "--as-of", "2026-05-04"])
    assert done.exit_code in (0, 1), done.output
    answer = json.loads(run.invoke(cli, ["insight", "payers", folder, "--json"]).output)
    plan, whole = answer["payers"]
    told = {one["figure"]: one["value"] for one in plan["figures"]}
    assert (plan["payer_id"], plan["sent"], plan["paid_cents"]) == ("PLAN", 2, 15_000)
    assert told["approval_rate"] == told["denial_rate"] == "50"
    assert whole["sent"] == 2
    none = json.loads(run.invoke(cli, ["insight", "payers", folder, "--json", "--to", "2020-01"]).output)
    assert none == {"payers": []}


def test_a_practice_that_never_closed_is_told(tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, ["insight", "payers", str(tmp_path)])
    assert done.exit_code != 0 and isinstance(done.exception, Exception)


@pytest.mark.parametrize("name", ["model", "roi", "overhead", "payers"])
def test_every_command_helps_with_an_example(name: str) -> None:
    assert f"cocm insight {name}" in CliRunner().invoke(cli, ["insight", name, "--help"]).output
