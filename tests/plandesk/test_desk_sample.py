"""Paid months are drawn by risk and by seed, each with its reason, and none twice."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from desk_samples import ReviewDesk
from plan_samples import LATER_LINE, claim

from cocm.plan.mistakes import Mistake
from cocm.plandesk.sample import Sample, draw_sample
from cocm.plandesk.state import PlanState

YEAR = (date(2026, 1, 1), date(2026, 12, 31))


def drawn(desk: ReviewDesk, size: int = 4, seed: int = 7, days: tuple[date, date] = YEAR) -> Sample:
    with PlanState(desk.state, desk.book.profile.plan_id) as state:
        return draw_sample(
            state, desk.book, desk.rulebook, from_date=days[0], to_date=days[1], seed=seed, size=size
        )


def desk_with_eight(folder: Path) -> ReviewDesk:
    desk = ReviewDesk(folder)
    desk.take(claim(1), claim(2), *[claim(number, lines=(LATER_LINE,)) for number in range(3, 9)])
    return desk


def test_half_is_the_riskiest_and_the_rest_is_drawn_by_the_seed(tmp_path: Path) -> None:
    sample = drawn(desk_with_eight(tmp_path))
    by_risk = [one for one in sample.drawn if not one.is_random]
    assert sample.paid_months == 8
    assert len(sample.drawn) == 4
    assert {sample.ids_of(one.paid)[0] for one in by_risk} == {"C-00000000000001", "C-00000000000002"}
    assert any("add-on unit" in why for why in by_risk[0].why)
    assert {one.why for one in sample.drawn if one.is_random} == {("drawn at random, seed 7",)}
    assert sample.documents == ("case_review", "progress_note")


def test_the_same_seed_draws_the_same_and_another_may_not(tmp_path: Path) -> None:
    desk = desk_with_eight(tmp_path)
    assert drawn(desk).as_json() == drawn(desk).as_json()
    draws = {tuple(map(str, drawn(desk, seed=seed).as_json()["drawn"])) for seed in range(6)}
    assert len(draws) > 1


def test_month_paid_after_a_denial_is_riskier(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path, Mistake.DENY_FOR_RECORDS)
    desk.take(claim(1, lines=(LATER_LINE,)))
    desk.correct("mistake_records")
    (one,) = drawn(desk).drawn
    assert any("after a denial" in why for why in one.why)


def test_months_with_records_on_file_are_passed_over(tmp_path: Path) -> None:
    desk = desk_with_eight(tmp_path)
    (tmp_path / "fax" / "C-00000000000001").mkdir(parents=True)
    (tmp_path / "fax" / "C-00000000000001" / "notes.pdf").write_bytes(b"%PDF-1.4 synthetic")
    desk.records(tmp_path / "fax")
    sample = drawn(desk, size=100)
    assert (sample.paid_months, sample.passed_over, len(sample.drawn)) == (8, 1, 7)


def test_denied_and_taken_back_months_and_other_days_are_not_drawn(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path)
    number = desk.take(claim(1), claim(2, place_of_service_code="22")).claims[0].payer_claim_control_number
    assert drawn(desk).paid_months == 1
    assert drawn(desk, days=(date(2026, 4, 1), date(2026, 4, 30))).drawn == ()
    desk.take(claim(1, frequency_code="8", payer_claim_control_number=number))
    assert drawn(desk).drawn == ()


def test_no_person_is_named(tmp_path: Path) -> None:
    text = str(drawn(desk_with_eight(tmp_path)).as_json())
    assert "GHP0000" not in text
    assert "DAVIS" not in text
