"""What a plan takes in and what it rejects: one claim's fault, or another payer's claim, holds up no other claim."""

from __future__ import annotations

from pathlib import Path

import pytest
from claim_samples import written
from plan_samples import Answers, Desk, claim

from cocm.x12 import read_277ca
from cocm.x12.claim_acknowledgment_record import AcknowledgedClaim


def told(answer: Answers) -> list[AcknowledgedClaim]:
    """The claims of the claim acknowledgment, in their order."""
    (name,) = [one for one in answer.result.files if one.endswith("277ca.x12")]
    return [one for record in read_277ca(answer.bytes_of(name)) for one in record.claims()]


def codes(one: AcknowledgedClaim) -> list[tuple[str, str]]:
    return [(status.codes[0].category_code, status.codes[0].status_code) for status in one.statuses]


@pytest.mark.parametrize(
    ("old", "new", "status"),
    [
        (b"*UN*1*", b"*UN*0*", "476"),
        (b"*UN*1*", b"*UN*-1*", "476"),
        (b"SV1*HC:99492*160.32*", b"SV1*HC:99492*-160.32*", "178"),
    ],
)
def test_a_number_that_cannot_be_rejects_its_claim_and_the_rest_is_decided(
    tmp_path: Path, old: bytes, new: bytes, status: str
) -> None:
    desk = Desk(tmp_path)
    content = written([claim(1), claim(2), claim(3)])
    assert old in content
    answer = desk.take_bytes(content.replace(old, new, 1))
    first, *others = told(answer)
    assert ("A7", status) in codes(first)
    assert [one.is_accepted for one in others] == [True, True]
    assert [one.claim_id for one in answer.claims] == [claim(2).claim_id, claim(3).claim_id]
    assert all(one.paid_amount_cents > 0 for one in answer.claims)
    assert answer.result.summary["claims_rejected"] == 1
