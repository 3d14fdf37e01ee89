"""How a claim goes out the second time: by the payer's dated rule and what came back."""

from datetime import date

import pytest

from cocm.care.records import ClaimStatus
from cocm.claims.submission import PriorClaim, SubmissionKind, decide_submission
from cocm.rules import PackOn, Rulebook

DAY = date(2026, 3, 31)


def policy(pack_id: str) -> PackOn:
    return Rulebook().pack(pack_id).on(DAY)


def prior(status: ClaimStatus | None, *, content: str = "before", control_number: str = "") -> PriorClaim:
    return PriorClaim("C-1", 1, content, status, control_number)


MEDICARE = policy("medicare")
REPLACING = policy("ca-commercial-carveout")


def test_a_month_never_sent_goes_as_an_original() -> None:
    decided = decide_submission(MEDICARE, None, "now")
    assert (decided.kind, decided.sequence, decided.frequency_code) == (SubmissionKind.ORIGINAL, 1, "1")


@pytest.mark.parametrize(
    "status", [None, ClaimStatus.SENT, ClaimStatus.ACCEPTED, ClaimStatus.PAID, ClaimStatus.DENIED]
)
def test_the_same_content_is_never_sent_again(status: ClaimStatus | None) -> None:
    assert decide_submission(REPLACING, prior(status, content="now"), "now").kind is SubmissionKind.UNCHANGED


@pytest.mark.parametrize("pack", [MEDICARE, REPLACING], ids=["medicare", "replacing"])
@pytest.mark.parametrize("content", ["now", "before"])
def test_a_claim_rejected_before_adjudication_goes_again_as_an_original(pack: PackOn, content: str) -> None:
    decided = decide_submission(pack, prior(ClaimStatus.REJECTED, content=content), "now")
    assert (decided.kind, decided.sequence, decided.frequency_code) == (SubmissionKind.ORIGINAL, 2, "1")
    assert decided.payer_claim_control_number == ""


def test_an_adjudicated_claim_is_replaced_with_the_payers_control_number() -> None:
    decided = decide_submission(REPLACING, prior(ClaimStatus.PAID, control_number="ICN7"), "now")
    assert (decided.kind, decided.frequency_code) == (SubmissionKind.REPLACEMENT, "7")
    assert decided.payer_claim_control_number == "ICN7"
    assert decided.rule is not None and decided.rule.text == "replacement"


def test_without_the_payers_control_number_a_replacement_is_held() -> None:
    decided = decide_submission(REPLACING, prior(ClaimStatus.PAID), "now")
    assert decided.kind is SubmissionKind.HOLD
    assert "payer_claim_control_number" in decided.action


def test_medicare_takes_no_replacement_so_a_paid_claim_is_held_for_a_reopening() -> None:
    decided = decide_submission(MEDICARE, prior(ClaimStatus.PAID, control_number="ICN7"), "now")
    assert decided.kind is SubmissionKind.HOLD
    assert "reopening" in decided.action


@pytest.mark.parametrize("status", [None, ClaimStatus.SENT, ClaimStatus.ACCEPTED])
def test_a_claim_still_with_the_payer_is_never_rebilled(status: ClaimStatus | None) -> None:
    assert (
        decide_submission(REPLACING, prior(status, control_number="ICN7"), "now").kind is SubmissionKind.HOLD
    )


def test_a_voided_month_may_be_billed_anew() -> None:
    decided = decide_submission(REPLACING, prior(ClaimStatus.VOIDED), "now")
    assert (decided.kind, decided.sequence) == (SubmissionKind.ORIGINAL, 2)
