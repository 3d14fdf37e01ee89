"""What a plan takes in and what it rejects: one claim's fault, or another payer's claim, holds up no other claim."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from claim_samples import PAYER, written
from plan_samples import TABLES, Answers, Desk, claim

from cocm.claims.records import Claim
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


def addressed_to(identifier: str, number: int = 1) -> Claim:
    return claim(number, payer=replace(PAYER, identifier=identifier))


def test_a_claim_addressed_to_another_payer_is_rejected_and_decides_nothing(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    answer = desk.take(addressed_to("OTHER7", 1), claim(2))
    other, own = told(answer)
    assert codes(other) == [("A3", "116")]
    assert own.is_accepted
    assert [one.claim_id for one in answer.claims] == [claim(2).claim_id]
    summary = answer.result.summary
    assert (summary["claims_rejected"], summary["claims_addressed_elsewhere"]) == (1, 1)
    assert summary["payer_identifiers_elsewhere"] == ["OTHER7"]
    # Nothing stands in the way of the same claim when it comes in rightly.
    assert desk.take(claim(1)).claims[0].paid_amount_cents == answer.claims[0].paid_amount_cents > 0


@pytest.mark.parametrize(
    "identifier",
    [
        pytest.param("ghp01", id="the plan's own, in small letters"),
        pytest.param("94000", id="another id of the plan"),
        pytest.param("MIND1", id="its behavioral administrator: the route decides whose the claim is"),
    ],
)
def test_a_claim_addressed_to_the_plan_or_its_entities_is_decided(tmp_path: Path, identifier: str) -> None:
    plan = [{**TABLES["plan"][0], "other_payer_identifiers": "GHPCA;94000"}]
    answer = Desk(tmp_path, plan=plan).take(addressed_to(identifier))
    assert answer.claims[0].paid_amount_cents > 0
    assert answer.result.summary["claims_addressed_elsewhere"] == 0


def test_other_faults_of_a_misaddressed_claim_are_told_too(tmp_path: Path) -> None:
    content = written([addressed_to("OTHER7", 1), claim(2)]).replace(b"*UN*1*", b"*UN*0*", 1)
    first, second = told(Desk(tmp_path).take_bytes(content))
    assert codes(first) == [("A3", "116"), ("A7", "476")]
    assert second.is_accepted


def in_two_groups(one: bytes, two: bytes) -> bytes:
    """One interchange with the transactions of two files, each in a group of its own and both under one number."""
    group = two[two.index(b"GS*") : two.index(b"IEA*")]
    group = group.replace(b"*0930*1*X", b"*0930*2*X").replace(b"GE*1*1~", b"GE*1*2~")
    trailer = one.index(b"IEA*")
    return one[:trailer] + group + one[trailer:].replace(b"IEA*1*", b"IEA*2*")


def test_transactions_of_one_number_are_each_asked_whom_their_claims_are_addressed_to(tmp_path: Path) -> None:
    content = in_two_groups(written([addressed_to("OTHER7", 1)]), written([claim(2)]))
    answer = Desk(tmp_path).take_bytes(content)
    acknowledged = [
        claim
        for name in answer.result.files
        if name.endswith("277ca.x12")
        for record in read_277ca(answer.bytes_of(name))
        for claim in record.claims()
    ]
    assert [one.is_accepted for one in acknowledged] == [False, True]


def test_a_transaction_that_was_rejected_is_not_decided_where_another_has_its_number(tmp_path: Path) -> None:
    rejected = written([claim(1), claim(3)]).replace(b"*UN*1*", b"*UN*X*", 1)
    answer = Desk(tmp_path).take_bytes(in_two_groups(rejected, written([claim(2)])))
    assert [one["claim_id"] for one in answer.trace] == [claim(2).claim_id]
