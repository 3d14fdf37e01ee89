"""A practice set for claims reviewers: generated claims, and what the rules make of each.

The answers are not stored anywhere: a set is named by its payer, seed and size, and made again to be scored, so that
the key is always what the plan of the rulebook at hand decides.
"""

from __future__ import annotations

import io
import json
import re
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any, Final

from cocm.basics.errors import UnusableInput
from cocm.basics.identity import Provenance
from cocm.basics.months import Month, Period
from cocm.care.people import Address
from cocm.claims.records import Claim, Organization, Person
from cocm.plan.records import Accumulator, CoverageSpan, MemberKey, PlanBook
from cocm.plandesk.adjudicate import AdjudicationRequest, adjudicate_file
from cocm.plandesk.trace_files import TRACE
from cocm.rules import PackOn, Rulebook
from cocm.rules.codes import taxonomies
from cocm.sandbox.case_drafts import (
    BEHAVIORAL_CLINIC,
    OTHER_PRACTICE,
    PRACTICE,
    THERAPIST,
    Codes,
    Draft,
    DraftClaim,
    drafts,
    every_kind,
)
from cocm.sandbox.training_plan import (
    COVERED_FROM,
    OTHER_PRACTICE_NPI,
    OTHER_PRACTICE_TIN,
    PAYER_IDENTIFIER,
    PLAN_NAME,
    PRACTICE_NPI,
    PRACTICE_TIN,
    THERAPIST_NPI,
    THERAPIST_TIN,
    training_book,
)
from cocm.x12 import read_837p, write_837p
from cocm.x12.claim_record import ClaimRecord
from cocm.x12.envelope import Envelope

CASES_MAX: Final = 500
_SET: Final = re.compile(r"([a-z0-9-]{1,100}):((?:19|20|21)\d{2}-(?:0[1-9]|1[0-2])):(-?\d{1,9}):(\d{1,3})")
_BORN: Final = date(1990, 1, 1)
_DAYS_AFTER: Final = 6
_ONE_DAY: Final = timedelta(days=1)
_HOME: Final = Address("1 SANDBOX LANE", "SACRAMENTO", "CA", "95814")
_CLINIC: Final = Address("2 SANDBOX WAY", "SACRAMENTO", "CA", "958140002")
_PRACTITIONER: Final = Person("SANDBOX", "PRACTITIONER", "1679576722", "")
_ROLES: Final = {
    PRACTICE: "billing_practitioner",
    OTHER_PRACTICE: "billing_practitioner",
    THERAPIST: "bhcm",
    BEHAVIORAL_CLINIC: "behavioral_facility",
}


@dataclass(frozen=True, slots=True)
class CaseSet:
    """Which cases: whose rules, which month, which seed, how many."""

    pack_id: str
    month: Month
    seed: int
    count: int

    @property
    def name(self) -> str:
        """`ca-commercial-carveout:2026-03:1:24`: enough to make the set again."""
        return f"{self.pack_id}:{self.month}:{self.seed}:{self.count}"

    @classmethod
    def parse(cls, name: str) -> CaseSet:
        """The set of a name. Raises `UnusableInput` naming what was expected."""
        matched = _SET.fullmatch(name.strip())
        if matched is None or not 1 <= int(matched[4]) <= CASES_MAX:
            raise UnusableInput(
                f"set {name[:80]!a}: expected the name that `cocm sandbox cases` wrote, PACK:YYYY-MM:SEED:COUNT"
            )
        return cls(matched[1], Month.parse(matched[2]), int(matched[3]), int(matched[4]))


_LAST_YEAR: Final = 2099
"""The members are born in fixed years; a claim file takes nobody for older than people become."""


@dataclass(frozen=True, slots=True)
class Case:
    """A case as it stands: the claim and the earlier ones as the plan has them, and the decision of each (a trace)."""

    case_id: str
    draft: Draft
    record: ClaimRecord
    earlier: tuple[ClaimRecord, ...]
    decided_earlier: tuple[Mapping[str, Any], ...]
    decision: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Cases:
    """A set's cases with the plan that decides them."""

    of: CaseSet
    book: PlanBook
    policy: PackOn
    cases: tuple[Case, ...]


def make_cases(wanted: CaseSet, rulebook: Rulebook) -> Cases:
    """The cases of a set, decided. The same set and rulebook give the same.

    Raises `UnknownPayer` for a pack that does not exist, `UnusableInput` for a payer or month without the codes.
    """
    return _made(wanted, rulebook, lambda codes: drafts(codes, wanted.count))


def make_examples(wanted: CaseSet, rulebook: Rulebook) -> Cases:
    """One case of every kind, in the order of the themes, decided; as `make_cases` in all else."""
    return _made(wanted, rulebook, every_kind)


def _made(wanted: CaseSet, rulebook: Rulebook, draw: Callable[[Codes], list[Draft]]) -> Cases:
    if wanted.month.year > _LAST_YEAR:
        raise UnusableInput(f"{wanted.month}: claims are made up for months until {_LAST_YEAR}-12")
    policy = rulebook.pack(wanted.pack_id).on(wanted.month.last_day)
    codes = Codes(wanted.month, policy, Random(wanted.name))
    if not (codes.first and codes.later and codes.addon):
        raise UnusableInput(
            f"--payer {wanted.pack_id}: has no code of a first month, a later month or an add-on in {wanted.month}, "
            "so that there is nothing to review; choose another payer or month"
        )
    made = draw(codes)
    members = {_member(number): (_span(draft),) for number, draft in enumerate(made, 1)}
    accumulators = {
        (_member(number), wanted.month.year): Accumulator(
            draft.deductible_met_cents, draft.out_of_pocket_met_cents
        )
        for number, draft in enumerate(made, 1)
    }
    book = training_book(policy, members, accumulators, _taxonomy(rulebook, THERAPIST))
    with tempfile.TemporaryDirectory(prefix="cocm-cases-") as folder:
        cases = _decided_cases(_Desk(wanted, book, rulebook, Path(folder)), made)
    return Cases(wanted, book, policy, cases)


def _decided_cases(desk: _Desk, made: Sequence[Draft]) -> tuple[Case, ...]:
    """The earlier claims of all cases, then the claims themselves, each through the plan's desk."""
    earlier = [
        [desk.claim(number, place, one, "") for place, one in enumerate(draft.earlier, 1)]
        for number, draft in enumerate(made, 1)
    ]
    before = desk.decide([one for claims in earlier for one in claims], 1)
    claims = []
    for number, draft in enumerate(made, 1):
        corrected = ""
        if draft.claim.corrects:
            corrected = before[earlier[number - 1][0].claim_id][1]["claim_number"]
        claims.append(desk.claim(number, 0, draft.claim, corrected))
    decided = desk.decide(claims, 2)
    cases = []
    for number, (draft, claim, own) in enumerate(zip(made, claims, earlier, strict=True), 1):
        record, decision = decided[claim.claim_id]
        seen = [before[one.claim_id] for one in own]
        records, answers = tuple(one for one, _ in seen), tuple(one for _, one in seen)
        cases.append(Case(f"K{number:03d}", draft, record, records, answers, decision))
    return tuple(cases)


def provenance_of(cases: Cases) -> Provenance:
    """What the answers carry."""
    return Provenance(
        cases.book.profile.plan_id, _as_of(cases.of.month), cases.policy.pack.rulebook.content_hash
    )


def _as_of(month: Month) -> date:
    return month.last_day + timedelta(days=_DAYS_AFTER)


class _Desk:
    """The training plan at work on one set."""

    def __init__(self, wanted: CaseSet, book: PlanBook, rulebook: Rulebook, folder: Path) -> None:
        self.wanted, self.book, self.rulebook, self.folder = wanted, book, rulebook, folder
        self.as_of = _as_of(wanted.month)
        policy = rulebook.pack(wanted.pack_id).on(wanted.month.last_day)
        self.is_supervised = policy.flag("claim.supervising_provider_required") is True
        self.provenance = Provenance(book.profile.plan_id, self.as_of, rulebook.content_hash)

    def claim(self, number: int, place: int, draft: DraftClaim, corrected: str) -> Claim:
        """A draft as a claim of the case's member; `place` 0 is the one to decide."""
        member_id, birth_date = _member(number)
        pointers = tuple(range(1, 1 + min(2, len(draft.diagnosis_codes))))
        return Claim(
            claim_id=f"K{number:03d}-{place}",
            organization_id="sandbox",
            month=self.wanted.month,
            pack_id=self.wanted.pack_id,
            patient_id=member_id,
            patient_last_name="SANDBOX",
            patient_first_name=f"CASE {number}",
            patient_birth_date=birth_date,
            patient_sex="U",
            patient_address=_HOME,
            relationship="self",
            subscriber=None,
            member_id=member_id,
            group_number="",
            claim_filing_code="CI",
            payer_sequence="P",
            payer=Organization(PLAN_NAME, PAYER_IDENTIFIER, "", "", None),
            billing=_biller(draft.biller, _taxonomy(self.rulebook, draft.biller)),
            billing_phone="9165550100",
            rendering=None
            if draft.biller in (THERAPIST, BEHAVIORAL_CLINIC)
            else _practitioner(self.rulebook),
            supervising=_practitioner(self.rulebook) if self.is_supervised else None,
            referring=None,
            service_facility=None,
            place_of_service_code=draft.place_of_service_code,
            frequency_code="7" if corrected else "1",
            payer_claim_control_number=corrected,
            diagnosis_codes=draft.diagnosis_codes,
            lines=tuple(replace(line, diagnosis_pointers=pointers) for line in draft.lines),
            provenance=self.provenance,
        )

    def decide(
        self, claims: Sequence[Claim], number: int
    ) -> dict[str, tuple[ClaimRecord, Mapping[str, Any]]]:
        """Each claim as it was read, with its decision, by claim id."""
        if not claims:
            return {}
        path = self.folder / f"claims-{number}.837"
        path.write_bytes(_written(claims, self.as_of, number))
        out = self.folder / f"answers-{number}"
        state = self.folder / "state.sqlite"
        request = AdjudicationRequest(path, out, state, self.as_of, self.as_of)
        adjudicate_file(request, self.book, self.rulebook)
        decided = {one["claim_id"]: one for one in json.loads((out / TRACE).read_bytes())["claims"]}
        return {one.claim_id: (one, decided[one.claim_id]) for one in read_837p(path.read_bytes())}


def _written(claims: Iterable[Claim], as_of: date, number: int) -> bytes:
    envelope = Envelope(
        sender_id="SANDBOX",
        sender_name="SANDBOX PRACTICES",
        contact_name="BILLING",
        contact_phone="9165550100",
        receiver_id=PAYER_IDENTIFIER,
        receiver_name=PLAN_NAME,
        created_at=datetime.combine(as_of, time(9)),
        interchange_control_number=number,
        group_control_number=number,
    )
    out = io.BytesIO()
    write_837p(claims, envelope, out)
    return out.getvalue()


def _member(number: int) -> MemberKey:
    return f"SBX{number:06d}", _BORN


def _span(draft: Draft) -> CoverageSpan:
    end = None if draft.coverage_to is None else draft.coverage_to + _ONE_DAY
    return CoverageSpan(draft.product, Period(COVERED_FROM, end), draft.delegated_group_id)


def _biller(biller: str, taxonomy_code: str) -> Organization:
    names = {
        PRACTICE: ("SANDBOX FAMILY MEDICINE", PRACTICE_NPI, PRACTICE_TIN),
        BEHAVIORAL_CLINIC: ("SANDBOX BEHAVIORAL CLINIC", THERAPIST_NPI, THERAPIST_TIN),
        THERAPIST: ("SANDBOX THERAPY", THERAPIST_NPI, THERAPIST_TIN),
        OTHER_PRACTICE: ("SANDBOX INTERNAL MEDICINE", OTHER_PRACTICE_NPI, OTHER_PRACTICE_TIN),
    }
    name, npi, tin = names[biller]
    return Organization(name, npi, tin, taxonomy_code, _CLINIC)


def _practitioner(rulebook: Rulebook) -> Person:
    return replace(_PRACTITIONER, taxonomy_code=_taxonomy(rulebook, PRACTICE))


def _taxonomy(rulebook: Rulebook, biller: str) -> str:
    """The first taxonomy that the rulebook has for who bills."""
    role = _ROLES[biller]
    return next(code for code, one in taxonomies(rulebook).items() if one.role == role)
