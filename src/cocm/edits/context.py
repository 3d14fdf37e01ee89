"""What the facts read, derived once each: the payer's policy, the claim, its month and the line.

Facts are many and short; whatever several of them need (which history lines stand, which diagnoses are
behavioral) is worked out here, once per policy, claim or month.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from cocm.care.records import ClaimStatus, HistoryLine
from cocm.claims.records import ServiceLine
from cocm.claims.submission import ORIGINAL, REPLACEMENT, VOID
from cocm.edits.codes import CodeRole, cocm_codes
from cocm.edits.fact import FactValue
from cocm.edits.subject import EditSubject
from cocm.rules import PackOn

EXCLUDED_CODES: Final = "concurrency.excluded_codes"
DIAGNOSES_ALLOWED: Final = "diagnosis.prefixes_allowed"
DIAGNOSES_DENIED: Final = "diagnosis.prefixes_denied"

POINTERS_MAX: Final = 4
"""A service line has at most four diagnosis pointers."""

STANDING_STATUSES: Final = frozenset({ClaimStatus.SENT, ClaimStatus.ACCEPTED, ClaimStatus.PAID})
"""Statuses in which an earlier line still asks for, or has got, its money."""
_NOT_A_CODE_OF_OURS: Final = CodeRole(is_parent=False, is_addon=False, is_short_month=False)


class PolicyContext:
    """A payer's rules on a date with their facts. Obtained from `derive.policy_context`."""

    __slots__ = (
        "allowed_prefixes",
        "cocm_codes",
        "denied_prefixes",
        "excluded_codes",
        "facts",
        "policy",
        "relevant_codes",
    )

    def __init__(self, policy: PackOn, facts: Mapping[str, FactValue]) -> None:
        self.policy = policy
        self.facts = facts
        self.cocm_codes = cocm_codes(policy.pack.rulebook)
        self.excluded_codes = policy.members(EXCLUDED_CODES)
        self.allowed_prefixes = tuple(policy.members(DIAGNOSES_ALLOWED))
        self.denied_prefixes = tuple(policy.members(DIAGNOSES_DENIED))
        self.relevant_codes = frozenset(self.cocm_codes) | self.excluded_codes


class KnownLine(NamedTuple):
    """A line of the person's month that bears on this claim: one of its own, or one of the history.

    `is_ours`: of the same practice and payer. `stands`: on this claim, or sent and neither refused nor
    void, and not what this claim replaces.
    """

    hcpcs_code: str
    role: CodeRole
    units: int
    is_this_claim: bool
    is_ours: bool
    stands: bool
    status: ClaimStatus | None
    frequency_code: str


class ClaimContext:
    """A claim with what all of its lines share."""

    __slots__ = (
        "behavioral_positions",
        "claim",
        "evidence",
        "history",
        "payer",
        "policy",
        "rendering_npi",
        "subject",
    )

    def __init__(self, subject: EditSubject, policy: PolicyContext) -> None:
        claim = subject.claim
        self.subject = subject
        self.claim = claim
        self.payer = subject.payer
        self.evidence = subject.evidence
        self.policy = policy
        self.rendering_npi = claim.rendering.npi if claim.rendering is not None else claim.billing.identifier
        relevant = policy.relevant_codes
        self.history = [
            line
            for line in subject.history
            if line.hcpcs_code in relevant and line.claim_id != claim.claim_id
        ]
        allowed, denied = policy.allowed_prefixes, policy.denied_prefixes
        self.behavioral_positions = frozenset(
            [
                position
                for position, code in enumerate(claim.diagnosis_codes, start=1)
                if code.startswith(allowed) and not code.startswith(denied)
            ]
        )

    def is_other_practice(self, line: HistoryLine) -> bool:
        """Whether another practice billed the line: by TIN where both are known, else by billing NPI."""
        billing = self.claim.billing
        if line.billing_tin and billing.tin:
            return line.billing_tin != billing.tin
        return bool(line.billing_npi and billing.identifier and line.billing_npi != billing.identifier)

    def is_same_payer(self, line: HistoryLine) -> bool:
        """Whether the line went to this claim's payer; taken for granted where either is not known."""
        return self.payer is None or not line.payer_id or line.payer_id == self.payer.payer_id

    def is_replaced(self, line: HistoryLine) -> bool:
        """Whether this claim replaces or voids the line's: same control number, or none on file for it."""
        control_number = self.claim.payer_claim_control_number
        return (
            self.claim.frequency_code in (REPLACEMENT, VOID)
            and control_number != ""
            and line.payer_claim_control_number in ("", control_number)
        )


class MonthContext:
    """The person's month of a line: the lines known in it, and how far back the earlier CoCM lines are.

    The distances are in months, 0 where there is no such line.
    """

    __slots__ = (
        "claim",
        "known",
        "months_since_cocm",
        "months_since_cocm_elsewhere",
        "ours",
        "same_year",
        "standing",
    )

    def __init__(self, claim: ClaimContext, month_index: int) -> None:
        self.claim = claim
        self.known: list[KnownLine] = []
        self.same_year: list[HistoryLine] = []
        self.months_since_cocm = 0
        self.months_since_cocm_elsewhere = 0
        policy = claim.policy
        roles = policy.cocm_codes
        for line in claim.claim.lines:
            if line.hcpcs_code in policy.relevant_codes and month_index_of(line) == month_index:
                role = roles.get(line.hcpcs_code, _NOT_A_CODE_OF_OURS)
                self.known.append(
                    KnownLine(
                        line.hcpcs_code, role, line.service_unit_quantity, True, True, True, None, ORIGINAL
                    )
                )
        for earlier in claim.history:
            day = earlier.service_date
            months_before = month_index - (day.year * 12 + day.month - 1)
            if months_before == 0:
                self.known.append(self._known(earlier, roles.get(earlier.hcpcs_code, _NOT_A_CODE_OF_OURS)))
            elif (
                earlier.status in STANDING_STATUSES
                and earlier.hcpcs_code in roles
                and earlier.frequency_code != VOID
            ):
                self._note(earlier, months_before, month_index)
        self.standing = [line for line in self.known if line.stands]
        self.ours = [line for line in self.standing if line.is_ours]

    def _known(self, line: HistoryLine, role: CodeRole) -> KnownLine:
        claim = self.claim
        is_ours = not claim.is_other_practice(line) and claim.is_same_payer(line)
        stands = (
            line.status in STANDING_STATUSES
            and line.frequency_code != VOID
            and not (is_ours and claim.is_replaced(line))
        )
        return KnownLine(
            line.hcpcs_code,
            role,
            line.service_unit_quantity,
            False,
            is_ours,
            stands,
            line.status,
            line.frequency_code,
        )

    def _note(self, line: HistoryLine, months_before: int, month_index: int) -> None:
        if line.service_date.year == month_index // 12 and self.claim.is_same_payer(line):
            self.same_year.append(line)
        if months_before < 0:
            return
        if self.claim.is_other_practice(line):
            self.months_since_cocm_elsewhere = _nearer(self.months_since_cocm_elsewhere, months_before)
        else:
            self.months_since_cocm = _nearer(self.months_since_cocm, months_before)


class LineContext:
    """A service line with a CoCM code, with its month, its claim and the payer's policy facts."""

    __slots__ = ("claim", "line", "month", "policy", "role")

    def __init__(self, line: ServiceLine, month: MonthContext) -> None:
        self.line = line
        self.month = month
        self.claim = month.claim
        self.role = month.claim.policy.cocm_codes[line.hcpcs_code]
        self.policy = month.claim.policy.facts


def month_index_of(line: ServiceLine) -> int:
    """The `Month.index` of the line's date of service."""
    return line.service_date.year * 12 + line.service_date.month - 1


def _nearer(known: int, months_before: int) -> int:
    return months_before if known == 0 else min(known, months_before)
