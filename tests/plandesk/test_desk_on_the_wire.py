"""What the desk sends is accepted by our own check and by other libraries."""

from __future__ import annotations

from pathlib import Path

import pytest
from claim_samples import make_dependent
from desk_samples import ReviewDesk, rules_asking
from judge import judged
from peers import oxedi_finds, sdk_finds
from plan_samples import claim, line

from cocm.plan.mistakes import Mistake
from cocm.x12 import validate

MANY_UNITS = (line("99492"), line("99494", 2, units=3, cents=18_600))


@pytest.mark.once
def test_correction_with_interest_is_accepted_by_the_judges(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path, Mistake.DENY_FOR_RECORDS)
    desk.take(claim(1), make_dependent(2))
    answer = desk.correct("mistake_records")
    remittance, status = answer.bytes_of("remittance.835"), answer.bytes_of("status.277")
    assert b"PLB*1234567893*20261231*L6:" in remittance
    assert judged(remittance, tmp_path) == oxedi_finds(remittance) == []
    assert validate(remittance) == validate(status) == ()
    assert sdk_finds(status) == []


@pytest.mark.once
def test_payment_taken_back_is_a_balance_carried_forward_that_the_judges_accept(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path)
    desk.take(claim(1))
    answer = desk.deny("C-00000000000001", "minutes.below_code", minutes=10)
    content = answer.bytes_of("remittance.835")
    assert b"BPR*H*0*C*NON*" in content
    assert b"*FB:" in content
    assert judged(content, tmp_path) == oxedi_finds(content) == []
    assert validate(content) == ()


@pytest.mark.once
def test_request_for_records_is_accepted(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path, rulebook=rules_asking(tmp_path, "addon.above_usual"))
    content = desk.take(claim(1, lines=MANY_UNITS), make_dependent(2, lines=MANY_UNITS)).bytes_of(
        "requests.277"
    )
    assert validate(content) == ()
    assert content.count(b"STC*R4:") == 4
