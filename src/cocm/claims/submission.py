"""How a claim may go out: as an original, as a replacement, or not at all.

A payer that has adjudicated a claim is corrected in the payer's own way (`claim.correction_method`, a dated rule
value); a claim rejected before adjudication was never in the payer's system and goes again as an original.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cocm.care.records import ClaimStatus
from cocm.rules import PackOn, RuleValue

ORIGINAL: Final = "1"
REPLACEMENT: Final = "7"
VOID: Final = "8"

CORRECTION_RULE: Final = "claim.correction_method"


@dataclass(frozen=True, slots=True)
class PriorClaim:
    """The last claim of ours for the same person, month and payer, as the state and the claim history know it.

    `status` is None as long as nothing came back. `sequence` counts the claims of the patient-month from 1. An empty
    `content_hash` means that the state never saw the claim: only the history names it. Of a rejected replacement,
    `payer_claim_control_number` is that of the claim it was to replace.
    """

    claim_id: str
    sequence: int
    content_hash: str
    status: ClaimStatus | None
    payer_claim_control_number: str
    frequency_code: str = ORIGINAL


class SubmissionKind(StrEnum):
    """What to do with the claim that the month now supports."""

    ORIGINAL = "original"
    UNCHANGED = "unchanged"
    REPLACEMENT = "replacement"
    HOLD = "hold"


@dataclass(frozen=True, slots=True)
class Submission:
    """The decision. For a hold, `why` and `action` are for people; `rule` is the payer value that decided."""

    kind: SubmissionKind
    sequence: int
    frequency_code: str
    payer_claim_control_number: str
    why: str
    action: str
    rule: RuleValue | None


FIRST_SUBMISSION: Final = Submission(SubmissionKind.ORIGINAL, 1, ORIGINAL, "", "", "", None)


def decide_submission(policy: PackOn, prior: PriorClaim | None, content_hash: str) -> Submission:
    """How the claim with this content goes out, given what went out before for the same patient-month and payer."""
    if prior is None:
        return FIRST_SUBMISSION
    if prior.status is ClaimStatus.REJECTED and prior.frequency_code == REPLACEMENT:
        return _replacement_again(policy, prior)
    if prior.status is ClaimStatus.REJECTED:
        return Submission(SubmissionKind.ORIGINAL, prior.sequence + 1, ORIGINAL, "", "", "", None)
    if prior.status is ClaimStatus.VOIDED:
        return Submission(SubmissionKind.ORIGINAL, prior.sequence + 1, ORIGINAL, "", "", "", None)
    if not prior.content_hash:
        return _hold(
            prior.sequence + 1,
            f"claim_history names our claim {prior.claim_id} of this month, which this state file never wrote",
            "name the practice's own state file with --state; without it nobody knows what was sent",
            policy.value(CORRECTION_RULE),
        )
    if prior.content_hash == content_hash:
        return Submission(SubmissionKind.UNCHANGED, prior.sequence, ORIGINAL, "", "", "", None)
    return _correction(policy, prior)


def _correction(policy: PackOn, prior: PriorClaim) -> Submission:
    rule = policy.value(CORRECTION_RULE)
    sequence = prior.sequence + 1
    changed = f"claim {prior.claim_id} of this month went out with other content"
    if prior.status is None or prior.status in (ClaimStatus.SENT, ClaimStatus.ACCEPTED):
        return _hold(
            sequence,
            f"{changed} and the payer has not decided it yet",
            "wait for the payer's answer, enter it in claim_history, then close again",
            rule,
        )
    if not rule.is_known:
        return _hold(
            sequence, f"{changed}; how this payer takes corrections is not known", "ask the payer", rule
        )
    if rule.text == "replacement":
        if not prior.payer_claim_control_number:
            return _hold(
                sequence,
                f"{changed}; a replacement must name the payer's claim control number",
                "enter payer_claim_control_number from the remittance in claim_history, then close again",
                rule,
            )
        return Submission(
            SubmissionKind.REPLACEMENT,
            sequence,
            REPLACEMENT,
            prior.payer_claim_control_number,
            changed,
            "",
            rule,
        )
    if rule.text == "new_claim" and prior.status is ClaimStatus.DENIED:
        return Submission(SubmissionKind.ORIGINAL, sequence, ORIGINAL, "", changed, "", rule)
    return _hold(
        sequence,
        f"{changed}; this payer takes no replacement claim",
        "ask the payer for a reopening of that claim; do not send a second original",
        rule,
    )


def _replacement_again(policy: PackOn, prior: PriorClaim) -> Submission:
    """A replacement that was rejected never replaced anything: it goes again as a replacement."""
    sequence = prior.sequence + 1
    rule = policy.value(CORRECTION_RULE)
    if not prior.payer_claim_control_number:
        return _hold(
            sequence,
            f"replacement {prior.claim_id} was rejected; what it was to replace must be named again",
            "keep the replaced claim's row, with payer_claim_control_number, in claim_history",
            rule,
        )
    why = f"replacement {prior.claim_id} was rejected before adjudication"
    return Submission(
        SubmissionKind.REPLACEMENT, sequence, REPLACEMENT, prior.payer_claim_control_number, why, "", rule
    )


def _hold(sequence: int, why: str, action: str, rule: RuleValue) -> Submission:
    return Submission(SubmissionKind.HOLD, sequence, "", "", why, action, rule)
