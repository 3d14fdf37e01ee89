"""From claims that were read, and what the check found in them, to the claim acknowledgment (277CA) owed for them.

Which fault is told by which status code is data (`rulebook/x12/claim-rejections.yaml`).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from importlib import resources
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from cocm.basics.records import quickly_made
from cocm.rules.yaml_reader import read_yaml
from cocm.x12.claim_acknowledgment_record import (
    AcknowledgedBatch,
    AcknowledgedClaim,
    AcknowledgedProvider,
    AcknowledgmentTotals,
    ClaimAcknowledgment,
)
from cocm.x12.claim_record import ClaimRecord, PartyRecord, name_and_number
from cocm.x12.problem import Problem, ProblemKind
from cocm.x12.status_record import StatusCode, StatusRecord

STATUSES_PER_CLAIM_MAX: Final = 20

_ACCEPT, _REJECT = "WQ", "U"
_PAYER_ENTITY: Final = "PR"
_NO_TRACE: Final = "0"


@quickly_made
@dataclass(frozen=True, slots=True)
class ClaimDecision:
    """A claim as it came in, with what is said of it: no rejecting status means that it is taken in.

    `payer_claim_control_number` is the receiver's own number for the claim, where it has one already.
    """

    claim: ClaimRecord
    statuses: tuple[StatusRecord, ...]
    payer_claim_control_number: str = ""

    @property
    def is_accepted(self) -> bool:
        return not any(status.is_rejected for status in self.statuses)


def decide_claims(
    claims: Iterable[ClaimRecord], problems: Iterable[Problem], on: date
) -> tuple[ClaimDecision, ...]:
    """A decision for each claim: rejected with a status for each fault that the check found in it, else taken in.

    `problems` are those of the same file; one belongs to a claim by the bytes it stands in, by the claim it names, or
    by standing in a level that the claim lies under (a wrong billing provider rejects all its claims).
    """
    found = tuple(problems)
    if not found:
        return tuple([_decision(claim, (), on) for claim in claims])
    together = tuple(claims)
    told = _Told(found, together)
    return tuple([_decision(claim, told.of(claim), on) for claim in together])


def reject_misaddressed(
    decisions: Iterable[ClaimDecision], payer_identifiers: Set[str], on: date
) -> tuple[ClaimDecision, ...]:
    """The same, but that a claim is rejected whose payer id (NM109 of 2010BB) is none of these, in capitals.

    What else is wrong with it is told behind that.
    """
    return tuple(
        [
            one if one.claim.payer.identifier.strip().upper() in payer_identifiers else _misaddressed(one, on)
            for one in decisions
        ]
    )


def _misaddressed(decision: ClaimDecision, on: date) -> ClaimDecision:
    codes = _codes()["elsewhere"]
    told = StatusRecord(
        (StatusCode(codes["category"], codes["status"]),), on, _REJECT, decision.claim.charge_amount_cents
    )
    others = [status for status in decision.statuses if status.is_rejected]
    return replace(decision, statuses=(told, *others)[:STATUSES_PER_CLAIM_MAX])


def acknowledge_claims(
    decisions: Sequence[ClaimDecision],
    *,
    source: PartyRecord,
    receiver: PartyRecord,
    reference: str,
    batch_number: str,
    trace_number: str,
    received_date: date,
    processed_date: date,
) -> ClaimAcknowledgment:
    """The acknowledgment of one batch: its claims by billing provider, with counts and sums.

    `source` answers (a payer), `receiver` sent the claims. `batch_number` is the claims' own reference (BHT03),
    `reference` and `trace_number` are the answer's.
    """
    providers = groupby(decisions, key=lambda one: one.claim.billing)
    return ClaimAcknowledgment(
        reference=reference,
        source_entity_code=_PAYER_ENTITY,
        source=source,
        trace_number=trace_number,
        received_date=received_date,
        processed_date=processed_date,
        batches=(
            AcknowledgedBatch(
                receiver,
                batch_number,
                (_received(decisions, processed_date),),
                _totals(decisions),
                tuple(_provider(billing, tuple(own)) for billing, own in providers),
            ),
        ),
    )


@lru_cache(maxsize=1)
def _codes() -> Mapping[str, Any]:
    path = Path(str(resources.files("cocm.rulebook"))) / "x12" / "claim-rejections.yaml"
    content: Mapping[str, Any] = read_yaml(path)
    return content


class _Told:
    """The problems of a file, to be asked for by claim."""

    def __init__(self, problems: Sequence[Problem], claims: Sequence[ClaimRecord]) -> None:
        self._problems = problems
        self._by_offset = sorted((one.byte_offset, at) for at, one in enumerate(problems))
        self._offsets = [offset for offset, _ in self._by_offset]
        self._by_id: dict[str, list[int]] = {}
        for at, one in enumerate(problems):
            if one.claim_id:
                self._by_id.setdefault(one.claim_id, []).append(at)
        within = {at for claim in claims for at in self._between(claim.start, claim.end)}
        self._above = {one.byte_offset: [] for at, one in enumerate(problems) if at not in within}  # type: dict[int, list[int]]
        for at, one in enumerate(problems):
            if at not in within:
                self._above[one.byte_offset].append(at)

    def of(self, claim: ClaimRecord) -> list[Problem]:
        """Those of a claim, in the order in which they were told."""
        found = {*self._between(claim.start, claim.end), *self._by_id.get(claim.claim_id, ())}
        if self._above:
            for placed in claim.level_segments:
                found.update(self._above.get(placed.segment.start, ()))
        number = claim.transmission.transaction_control_number
        told = [self._problems[at] for at in sorted(found)]
        return [one for one in told if one.transaction_control_number == number]

    def _between(self, start: int, end: int) -> list[int]:
        first, last = bisect_left(self._offsets, start), bisect_left(self._offsets, end)
        return [at for _, at in self._by_offset[first:last]]


def _decision(claim: ClaimRecord, problems: Sequence[Problem], on: date) -> ClaimDecision:
    charge = claim.charge_amount_cents
    if not problems:
        return ClaimDecision(claim, (_accepted(on, charge),))
    rejected = dict.fromkeys(_status(problem, on, charge) for problem in problems)
    return ClaimDecision(claim, tuple(rejected)[:STATUSES_PER_CLAIM_MAX])


@lru_cache(maxsize=4_096)
def _accepted(on: date, charge_amount_cents: int) -> StatusRecord:
    """That a claim with this charge was taken in."""
    codes = _codes()["claim"]
    return StatusRecord((StatusCode(codes["category"], codes["status"]),), on, _ACCEPT, charge_amount_cents)


def _status(problem: Problem, on: date, charge_amount_cents: int) -> StatusRecord:
    codes = _codes()
    category = codes["categories"].get(problem.kind.value, codes["categories"]["other"])
    status = _status_code(problem)
    entity = codes["entities"].get(problem.loop_id, "")
    message = ""
    if not status:
        status = codes["fallback"]
        message = f"{problem.loop_id} {problem.element or problem.segment_tag}: {problem.what}".strip()
    return StatusRecord(
        (StatusCode(category, status, entity),), on, _REJECT, charge_amount_cents, message=message
    )


def _status_code(problem: Problem) -> str:
    statuses: Mapping[str, str] = _codes()["statuses"]
    element, tag = problem.element, problem.segment_tag
    if problem.kind is ProblemKind.MISSING_SEGMENT:
        element = next((name for name in statuses if problem.what.startswith(name.replace("_", " "))), "")
        tag = ""
    for key in (f"{problem.loop_id} {element}", element, tag):
        if key in statuses:
            return statuses[key]
    return ""


def _provider(billing: PartyRecord, decisions: Sequence[ClaimDecision]) -> AcknowledgedProvider:
    return AcknowledgedProvider(
        name_and_number(billing),
        tuple(map(_claim, decisions)),
        trace_number=_NO_TRACE,
        statuses=(_received(decisions, None),),
        totals=_totals(decisions),
    )


def _received(decisions: Sequence[ClaimDecision], on: date | None) -> StatusRecord:
    """That claims came in, and what was charged on them."""
    codes = _codes()["batch"]
    charged = sum(one.claim.charge_amount_cents for one in decisions)
    return StatusRecord(
        (StatusCode(codes["category"], codes["status"], _PAYER_ENTITY),), on, _ACCEPT, charged
    )


def _claim(decision: ClaimDecision) -> AcknowledgedClaim:
    claim = decision.claim
    patient = name_and_number(claim.patient)
    if not patient.identifier:  # a dependent is known by the subscriber's number
        patient = replace(
            patient, identifier_type=claim.subscriber.identifier_type, identifier=claim.subscriber.identifier
        )
    return AcknowledgedClaim(
        claim_id=claim.claim_id,
        patient=patient,
        statuses=decision.statuses,
        service_from_date=min((line.service_from_date for line in claim.lines), default=None),
        service_to_date=max((line.service_to_date for line in claim.lines), default=None),
        payer_claim_control_number=decision.payer_claim_control_number,
    )


def _totals(decisions: Sequence[ClaimDecision]) -> AcknowledgmentTotals:
    """Counts and sums; what is none is left out, as the guide wants it."""
    accepted = [one.claim.charge_amount_cents for one in decisions if one.is_accepted]
    rejected = [one.claim.charge_amount_cents for one in decisions if not one.is_accepted]
    return AcknowledgmentTotals(
        accepted_count=len(accepted) or None,
        rejected_count=len(rejected) or None,
        accepted_amount_cents=sum(accepted) if accepted else None,
        rejected_amount_cents=sum(rejected) if rejected else None,
    )
