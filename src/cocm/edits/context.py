"""What the facts read, derived once each: the payer's policy, the claim, its month and the line.

Facts are many and short; whatever several of them need (which history lines stand, which diagnoses are
behavioral) is worked out here, once per policy, claim or month.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from cocm.care.records import ClaimStatus, HistoryLine
from cocm.claims.records import ServiceLine
from cocm.claims.submission import REPLACEMENT, VOID
from cocm.edits.codes import CodeRole, cocm_codes
from cocm.edits.subject import EditSubject
from cocm.rules import PackOn

EXCLUDED_CODES: Final = "concurrency.excluded_codes"
DIAGNOSES_ALLOWED: Final = "diagnosis.prefixes_allowed"
DIAGNOSES_DENIED: Final = "diagnosis.prefixes_denied"
INITIATING_VISIT_CODES: Final = "initiating_visit.codes"

STANDING_STATUSES: Final = frozenset({ClaimStatus.SENT, ClaimStatus.ACCEPTED, ClaimStatus.PAID})
"""Statuses in which an earlier line still asks for, or has got, its money."""
_NO_ROLE: Final = CodeRole(is_parent=False, is_addon=False, is_short_month=False)


class PolicyContext:
    """A payer's rules on a date with their facts. Obtained from `derive.policy_context`."""

    __slots__ = (
        "allowed_prefixes",
        "cocm_codes",
        "denied_prefixes",
        "diagnoses_unknown",
        "excluded_codes",
        "excluded_codes_unknown",
        "facts",
        "initiating_visit_codes",
        "policy",
        "relevant_codes",
    )

    def __init__(self, policy: PackOn, facts: Mapping[str, Any]) -> None:
        self.policy = policy
        self.facts = facts
        self.cocm_codes = cocm_codes(policy.pack.rulebook)
        self.excluded_codes = policy.members(EXCLUDED_CODES)
        self.excluded_codes_unknown = not policy.value(EXCLUDED_CODES).is_known
        self.allowed_prefixes = tuple(policy.members(DIAGNOSES_ALLOWED))
        self.denied_prefixes = tuple(policy.members(DIAGNOSES_DENIED))
        self.diagnoses_unknown = not (
            policy.value(DIAGNOSES_ALLOWED).is_known and policy.value(DIAGNOSES_DENIED).is_known
        )
        self.initiating_visit_codes = policy.members(INITIATING_VISIT_CODES)
        self.relevant_codes = frozenset(self.cocm_codes) | self.excluded_codes


class KnownLine(NamedTuple):
    """A line of the person's month that bears on this claim: one of its own, or one of the history.

    `is_ours`: of this practice and payer; `is_elsewhere`: of another practice. `is_replaced`: ours, and
    this claim replaces or voids it. `stands`: on this claim, or sent before and neither refused nor void
    nor replaced.
    """

    hcpcs_code: str
    role: CodeRole
    units: int
    is_ours: bool
    is_elsewhere: bool
    is_replaced: bool
    stands: bool
    status: ClaimStatus | None
    frequency_code: str


class ClaimContext:
    """A claim that has a CoCM line, with what all of its lines share."""

    __slots__ = (
        "behavioral_positions",
        "claim",
        "evidence",
        "first_service_date",
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
        self.first_service_date = min(
            [line.service_date for line in claim.lines if line.hcpcs_code in policy.cocm_codes]
        )
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

    `on_claim` are this claim's lines, `earlier` those of the history; `standing` are the ones of both that
    stand, and `ours` those of them that are this practice's and payer's. `same_year` are CoCM lines to the
    payer in other months of the calendar year. The distances are in months, 0 where there is no such line.
    """

    __slots__ = (
        "claim",
        "earlier",
        "months_since_cocm",
        "months_since_cocm_elsewhere",
        "on_claim",
        "ours",
        "same_year",
        "standing",
    )

    def __init__(self, claim: ClaimContext, month_index: int) -> None:
        self.claim = claim
        self.earlier: list[KnownLine] = []
        self.same_year: list[HistoryLine] = []
        self.months_since_cocm = 0
        self.months_since_cocm_elsewhere = 0
        roles, relevant = claim.policy.cocm_codes, claim.policy.relevant_codes
        self.on_claim = [
            _on_claim(line, roles.get(line.hcpcs_code, _NO_ROLE))
            for line in claim.claim.lines
            if line.hcpcs_code in relevant and month_index_of(line) == month_index
        ]
        for line in claim.history:
            day = line.service_date
            months_before = month_index - (day.year * 12 + day.month - 1)
            if months_before == 0:
                self.earlier.append(_of_history(claim, line, roles.get(line.hcpcs_code, _NO_ROLE)))
            elif (
                line.status in STANDING_STATUSES and line.frequency_code != VOID and line.hcpcs_code in roles
            ):
                self._note(line, months_before, month_index)
        self.standing = self.on_claim + [line for line in self.earlier if line.stands]
        self.ours = [line for line in self.standing if line.is_ours]

    def _note(self, line: HistoryLine, months_before: int, month_index: int) -> None:
        """Take in a CoCM line of another month that stands."""
        claim = self.claim
        if line.service_date.year == month_index // 12 and claim.is_same_payer(line):
            self.same_year.append(line)
        if months_before < 0:
            return
        if claim.is_other_practice(line):
            if not 0 < self.months_since_cocm_elsewhere <= months_before:
                self.months_since_cocm_elsewhere = months_before
        elif not 0 < self.months_since_cocm <= months_before:
            self.months_since_cocm = months_before


class LineContext:
    """A service line with a CoCM code. `facts` are its policy, claim and month facts; `policy` only the
    first.

    `earlier_same_code` are the practice's earlier lines for the code and month that this claim does not
    replace.
    """

    __slots__ = ("claim", "earlier_same_code", "facts", "line", "month", "policy", "role")

    def __init__(self, line: ServiceLine, month: MonthContext, facts: Mapping[str, Any]) -> None:
        self.line = line
        self.month = month
        self.claim = month.claim
        self.facts = facts
        self.policy = month.claim.policy.facts
        self.role = month.claim.policy.cocm_codes[line.hcpcs_code]
        self.earlier_same_code = [
            earlier
            for earlier in month.earlier
            if earlier.hcpcs_code == line.hcpcs_code and earlier.is_ours and not earlier.is_replaced
        ]


def month_index_of(line: ServiceLine) -> int:
    """The `Month.index` of the line's date of service."""
    return line.service_date.year * 12 + line.service_date.month - 1


def _on_claim(line: ServiceLine, role: CodeRole) -> KnownLine:
    return KnownLine(
        hcpcs_code=line.hcpcs_code,
        role=role,
        units=line.service_unit_quantity,
        is_ours=True,
        is_elsewhere=False,
        is_replaced=False,
        stands=True,
        status=None,
        frequency_code="",
    )


def _of_history(claim: ClaimContext, line: HistoryLine, role: CodeRole) -> KnownLine:
    is_elsewhere = claim.is_other_practice(line)
    is_ours = not is_elsewhere and claim.is_same_payer(line)
    is_replaced = is_ours and claim.is_replaced(line)
    return KnownLine(
        hcpcs_code=line.hcpcs_code,
        role=role,
        units=line.service_unit_quantity,
        is_ours=is_ours,
        is_elsewhere=is_elsewhere,
        is_replaced=is_replaced,
        stands=line.status in STANDING_STATUSES and line.frequency_code != VOID and not is_replaced,
        status=line.status,
        frequency_code=line.frequency_code,
    )
