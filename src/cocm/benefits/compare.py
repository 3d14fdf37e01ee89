"""What changed for each person of a caseload between two batches of eligibility answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from cocm.benefits.explain import percent_in_words, range_in_words
from cocm.benefits.records import CostShare, CoverageState, MonthBenefits


class ChangeKind(StrEnum):
    """What may have changed since the earlier batch."""

    NEW_PERSON = "new in the batch"
    MISSING = "not in this batch"
    REFUSED = "refused now"
    PAYER = "another payer"
    MEMBER_NUMBER = "another member number"
    COVERAGE_ENDED = "coverage ended"
    COVERAGE_BEGAN = "coverage began again"
    COVERAGE_CHANGED = "coverage changed"
    ROUTE = "goes to another place"
    DEDUCTIBLE_YEAR = "a new deductible year"
    COST_SHARE = "another cost share"
    AUTHORIZATION = "prior authorization changed"
    OTHER_PAYER = "other payers changed"


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one person, with what it was and what it is, in words."""

    person: str
    kind: ChangeKind
    before: str
    now: str


def person_key(benefits: MonthBenefits) -> str:
    """What tells a person through a change of payer: name and birth date, else the member number."""
    patient = benefits.patient
    if patient is None or patient.birth_date is None or not patient.last_or_organization_name:
        return f"member {benefits.payer_identifier} {benefits.member_id or benefits.trace_number}"
    name = f"{patient.last_or_organization_name} {patient.first_name}".upper()
    return f"{name} {patient.birth_date}"


def changes(before: Iterable[MonthBenefits], now: Iterable[MonthBenefits]) -> tuple[Change, ...]:
    """Every change, in the order of the newer batch, then the answers that have no counterpart in it.

    A person may have several payers: answers of one payer are compared with each other, what is left with what is left.
    """
    newer = list(now)
    earlier: dict[str, list[MonthBenefits]] = {}
    for one in before:
        earlier.setdefault(person_key(one), []).append(one)
    pairs: dict[int, MonthBenefits] = {}
    for needs_payer in (True, False):
        for at, one in enumerate(newer):
            if at not in pairs:
                found = _counterpart(one, earlier.get(person_key(one), []), needs_payer=needs_payer)
                if found is not None:
                    pairs[at] = found
    told: list[Change] = []
    for at, one in enumerate(newer):
        key = person_key(one)
        if at in pairs:
            told += _of_person(key, pairs[at], one)
        else:
            told.append(Change(key, ChangeKind.NEW_PERSON, "", one.payer_name))
    for key, left in earlier.items():
        told += (Change(key, ChangeKind.MISSING, one.payer_name, "") for one in left)
    return tuple(told)


def _counterpart(
    one: MonthBenefits, candidates: list[MonthBenefits], *, needs_payer: bool
) -> MonthBenefits | None:
    """Take the earlier answer about the same person (of the same payer, if that is needed) out of the candidates."""
    for at, candidate in enumerate(candidates):
        if not needs_payer or _payer(candidate) == _payer(one):
            return candidates.pop(at)
    return None


def _of_person(key: str, before: MonthBenefits, now: MonthBenefits) -> Iterator[Change]:
    if now.rejections and not before.rejections:
        yield Change(key, ChangeKind.REFUSED, "", ", ".join(one.reason for one in now.rejections))
        return
    pairs = (
        (ChangeKind.PAYER, _payer(before), _payer(now)),
        (ChangeKind.MEMBER_NUMBER, before.member_id, now.member_id),
        (_coverage_kind(before, now), _coverage(before), _coverage(now)),
        (ChangeKind.ROUTE, _route(before), _route(now)),
        (ChangeKind.COST_SHARE, _share(before.in_network), _share(now.in_network)),
        (ChangeKind.AUTHORIZATION, before.authorization.value, now.authorization.value),
        (ChangeKind.OTHER_PAYER, _others(before), _others(now)),
    )
    for kind, old, new in pairs:
        if old != new:
            yield Change(key, kind, old, new)
    if _has_new_deductible(before, now):
        yield Change(key, ChangeKind.DEDUCTIBLE_YEAR, _left(before), _left(now))


def _has_new_deductible(before: MonthBenefits, now: MonthBenefits) -> bool:
    """What is left of a deductible only falls within its year; where it rises, a new one has begun."""
    old, new = before.in_network.deductible_remaining, now.in_network.deductible_remaining
    return old is not None and new is not None and new.high_cents > old.high_cents


def _coverage_kind(before: MonthBenefits, now: MonthBenefits) -> ChangeKind:
    was, now_is = before.coverage.state, now.coverage.state
    if now_is is CoverageState.NONE or (now_is is CoverageState.PART and was is CoverageState.WHOLE):
        return ChangeKind.COVERAGE_ENDED
    return ChangeKind.COVERAGE_BEGAN if was is CoverageState.NONE else ChangeKind.COVERAGE_CHANGED


def _coverage(benefits: MonthBenefits) -> str:
    coverage = benefits.coverage
    if coverage.state is not CoverageState.PART:
        return coverage.state.value
    return f"{coverage.from_date} to {coverage.to_date}"


def _payer(benefits: MonthBenefits) -> str:
    return benefits.payer_identifier or benefits.payer_name


def _route(benefits: MonthBenefits) -> str:
    entity = benefits.route.entity
    name = entity.identifier or entity.name if entity is not None else ""
    return f"{benefits.route.kind.value} {name}".strip()


def _share(share: CostShare) -> str:
    parts = []
    if share.copayment is not None:
        parts.append(f"copayment {range_in_words(share.copayment)}")
    if share.coinsurance_low is not None and share.coinsurance_high is not None:
        low, high = percent_in_words(share.coinsurance_low), percent_in_words(share.coinsurance_high)
        parts.append(f"coinsurance {low if low == high else f'{low} to {high}'}")
    return ", ".join(parts) or "not said"


def _left(benefits: MonthBenefits) -> str:
    left = benefits.in_network.deductible_remaining
    return range_in_words(left) if left is not None else "not said"


def _others(benefits: MonthBenefits) -> str:
    return ", ".join(sorted(one.name or one.identifier for one in benefits.other_payers)) or "none"
