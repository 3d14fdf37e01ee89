"""What the facts read, derived once each: the payer's policy, the claim, its month and the line.

Facts are many and short; whatever several of them need (which history lines stand, which diagnoses are
behavioral) is worked out here, once per policy, claim or month.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final, NamedTuple

from cocm.care.records import ClaimStatus, HistoryLine
from cocm.claims.records import ServiceLine
from cocm.claims.submission import REPLACEMENT, VOID
from cocm.edits.codes import CodeRole, cocm_codes
from cocm.edits.national import CodeTerms, PairTerms, code_terms, pair_members, pair_terms
from cocm.edits.subject import EditSubject
from cocm.rules import PackOn
from cocm.rules.codes import hcpcs_codes, places_of_service, taxonomies
from cocm.rules.facilities import practitioner_types

EXCLUDED_CODES: Final = "concurrency.excluded_codes"
DIAGNOSES_ALLOWED: Final = "diagnosis.prefixes_allowed"
DIAGNOSES_DENIED: Final = "diagnosis.prefixes_denied"
INITIATING_VISIT_CODES: Final = "initiating_visit.codes"
REVIEW_CODES: Final = "concurrency.review_codes"
SEPARATE_CONSENT_CODES: Final = "concurrency.separate_consent_codes"
REQUIRED_BASE: Final = "codes.required_base"
PSYCHOTHERAPY_CODES: Final = "routing.psychotherapy_codes"
ALLOWED_CODES: Final = "concurrency.allowed_codes"
MODIFIERS_REFUSED: Final = "claim.modifiers_refused"
MODIFIERS_REQUIRED: Final = "claim.modifiers_required"
MODIFIERS_SEPARATE: Final = "claim.modifiers_separate_service"
PLACES_REFUSED: Final = "claim.places_refused"
CLINIC_PLACES: Final = "claim.clinic_places"
CLINIC_TAXONOMIES: Final = "claim.clinic_taxonomies"
PRACTITIONER_TYPES: Final = "team.billing_practitioner_types"
UNSPECIFIED_DIAGNOSES: Final = "diagnosis.unspecified_codes"

EXCLUDED_GENERAL_BHI: Final = "concurrency.excluded_codes: general BHI"
EXCLUDED_APCM_ADDONS: Final = "concurrency.excluded_codes: add-ons of advanced primary care"
EXCLUDED_OTHERS: Final = "concurrency.excluded_codes: others"
"""The excluded codes by kind, each with an edit of its own."""
_KIND_GROUPS: Final = {
    "general_bhi": EXCLUDED_GENERAL_BHI,
    "general_bhi_psychologist": EXCLUDED_GENERAL_BHI,
    "apcm_cocm_first_month": EXCLUDED_APCM_ADDONS,
    "apcm_cocm_later_month": EXCLUDED_APCM_ADDONS,
    "apcm_general_bhi": EXCLUDED_APCM_ADDONS,
}

SET_RULES: Final = (
    EXCLUDED_CODES,
    DIAGNOSES_ALLOWED,
    DIAGNOSES_DENIED,
    INITIATING_VISIT_CODES,
    REVIEW_CODES,
    SEPARATE_CONSENT_CODES,
    REQUIRED_BASE,
    PSYCHOTHERAPY_CODES,
    ALLOWED_CODES,
    MODIFIERS_REFUSED,
    MODIFIERS_REQUIRED,
    MODIFIERS_SEPARATE,
    PLACES_REFUSED,
    CLINIC_PLACES,
    CLINIC_TAXONOMIES,
    PRACTITIONER_TYPES,
    UNSPECIFIED_DIAGNOSES,
)
"""Every rule that is a set and that facts look things up in."""
MONTH_SETS: Final = (
    EXCLUDED_CODES,
    REVIEW_CODES,
    SEPARATE_CONSENT_CODES,
    REQUIRED_BASE,
    PSYCHOTHERAPY_CODES,
    ALLOWED_CODES,
)
"""Those of codes that may bear on the month."""

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
        "members",
        "pairs",
        "places",
        "policy",
        "relevant_codes",
        "taxonomy_roles",
        "unknown_sets",
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
        self.unknown_sets = frozenset([rule for rule in SET_RULES if not policy.value(rule).is_known])
        self.members = member_sets(policy)
        rulebook = policy.pack.rulebook
        self.places = places_of_service(rulebook)
        self.taxonomy_roles = {code: taxonomy.role for code, taxonomy in taxonomies(rulebook).items()}
        self.pairs: Mapping[str, Mapping[str, PairTerms]] = pair_terms(rulebook, policy.day)
        self.relevant_codes = frozenset(self.cocm_codes).union(
            pair_members(rulebook), *[self.members[rule] for rule in MONTH_SETS]
        )


def member_sets(policy: PackOn) -> Mapping[str, frozenset[str]]:
    """The members of every set rule on a date, and the excluded codes by kind."""
    sets = {rule: policy.members(rule) for rule in SET_RULES}
    kinds = hcpcs_codes(policy.pack.rulebook)
    groups: dict[str, set[str]] = {
        EXCLUDED_GENERAL_BHI: set(),
        EXCLUDED_APCM_ADDONS: set(),
        EXCLUDED_OTHERS: set(),
    }
    for code in sets[EXCLUDED_CODES]:
        kind = kinds[code].kind if code in kinds else ""
        groups[_KIND_GROUPS.get(kind, EXCLUDED_OTHERS)].add(code)
    return {**sets, **{name: frozenset(codes) for name, codes in groups.items()}}


class KnownLine(NamedTuple):
    """A line of the person's month that bears on this claim: one of its own, or one of the history.

    `is_ours`: of this practice and payer; `is_elsewhere`: of another practice. `is_replaced`: ours, and
    this claim replaces or voids it. `stands`: on this claim, or sent before and neither refused nor void
    nor replaced. `modifiers` are those of a line of this claim; of an earlier one they are not known.
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
    service_date: date
    rendering_npi: str
    modifiers: tuple[str, ...]


class ClaimContext:
    """A claim that has a CoCM line, with what all of its lines share."""

    __slots__ = (
        "behavioral_positions",
        "claim",
        "evidence",
        "first_service_date",
        "history",
        "is_facility",
        "payer",
        "policy",
        "rendering_npi",
        "rendering_taxonomy",
        "rendering_types",
        "spans_months",
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
        renderer = claim.rendering if claim.rendering is not None else claim.billing
        self.rendering_taxonomy = renderer.taxonomy_code
        self.rendering_types = practitioner_types(policy.policy.pack.rulebook, self.rendering_taxonomy)
        place = policy.places.get(claim.place_of_service_code)
        self.is_facility = place is not None and place.is_facility
        days = [line.service_date for line in claim.lines if line.hcpcs_code in policy.cocm_codes]
        self.first_service_date = first = min(days)
        last = max(days)
        self.spans_months = (first.year, first.month) != (last.year, last.month)
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
    stand, `codes` their codes, `ours` those of them that are this practice's and payer's, `others` those with a
    code of another service. `same_year` are CoCM lines to the payer in other months of the calendar year. The
    distances are in months, 0 where there is no such line.
    """

    __slots__ = (
        "claim",
        "codes",
        "earlier",
        "months_since_cocm",
        "months_since_cocm_elsewhere",
        "on_claim",
        "others",
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
            _on_claim(claim, line, roles.get(line.hcpcs_code, _NO_ROLE))
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
        self.others = [line for line in self.standing if line.hcpcs_code not in roles]
        self.codes = {line.hcpcs_code for line in self.standing}

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
    first. `terms` are what national tables say of the code on the line's date, `pairs` its NCCI pairs.

    `earlier_same_code` are the practice's earlier lines for the code and month that this claim does not
    replace.
    """

    __slots__ = ("claim", "earlier_same_code", "facts", "line", "month", "pairs", "policy", "role", "terms")

    def __init__(self, line: ServiceLine, month: MonthContext, facts: Mapping[str, Any]) -> None:
        self.line = line
        self.month = month
        self.claim = month.claim
        self.facts = facts
        self.policy = month.claim.policy.facts
        self.role = month.claim.policy.cocm_codes[line.hcpcs_code]
        self.pairs = month.claim.policy.pairs[line.hcpcs_code]
        self.terms: CodeTerms = code_terms(
            month.claim.policy.policy.pack.rulebook, line.hcpcs_code, line.service_date
        )
        self.earlier_same_code = [
            earlier
            for earlier in month.earlier
            if earlier.hcpcs_code == line.hcpcs_code and earlier.is_ours and not earlier.is_replaced
        ]


def month_index_of(line: ServiceLine) -> int:
    """The `Month.index` of the line's date of service."""
    return line.service_date.year * 12 + line.service_date.month - 1


def _on_claim(claim: ClaimContext, line: ServiceLine, role: CodeRole) -> KnownLine:
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
        service_date=line.service_date,
        rendering_npi=claim.rendering_npi,
        modifiers=line.modifiers,
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
        service_date=line.service_date,
        rendering_npi=line.rendering_npi,
        modifiers=(),
    )
