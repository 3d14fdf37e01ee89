"""Learns from denials: candidates for the payer's rules, tried on all that was sent, accepted by a person."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cocm.basics.errors import UnusableInput
from cocm.basics.files import atomic_write
from cocm.basics.months import Month
from cocm.claims.lifecycle import ClaimEventKind
from cocm.edits.codes import cocm_codes
from cocm.receivables.month_case import MonthCase, month_cases
from cocm.receivables.practice_books import OpenBooks
from cocm.receivables.timelines import ClaimStanding, standings
from cocm.remits.account import in_force
from cocm.remits.candidate import CandidateRule, UnforeseenDenial, candidate, overlay_text
from cocm.remits.denied_line import causes_of, denied_lines
from cocm.rules import Rulebook
from cocm.rules.adjustment_effects import adjustment_effects
from cocm.store.state import RecordedClaim


@dataclass(frozen=True, slots=True)
class BackTest:
    """What a candidate would have done to the claims sent to payers of its pack.

    `held` are those that it would newly fail, `held_denied` those of them that the payer did deny (each a denial
    saved), `held_paid` those that were paid (each a mistake of the candidate); `freed` fail today and would not.
    """

    claims: int
    held: tuple[str, ...]
    held_denied: tuple[str, ...]
    held_paid: tuple[str, ...]
    freed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TriedCandidate:
    """A candidate with its back-test and the file it would be accepted as."""

    rule: CandidateRule
    back_test: BackTest
    file_name: str
    text: str


def candidates(books: OpenBooks) -> list[TriedCandidate]:
    """Every candidate that the denials on file speak for, tried on everything sent; the most denials first."""
    all_standings = list(standings(books))
    denied = [standing for standing in all_standings if _keeps_back(standing)]
    cases = dict(month_cases(books, (standing.rows.claim for standing in denied)))
    by_pack_and_cause: defaultdict[tuple[str, str], list[UnforeseenDenial]] = defaultdict(list)
    for standing in denied:
        case = cases.get(standing.rows.claim.claim_id)
        if case is not None:
            for denial in _unforeseen(books, standing, case):
                by_pack_and_cause[denial.pack_id, denial.cause_id].append(denial)
    proposed = []
    for (pack_id, _), denials in sorted(by_pack_and_cause.items()):
        last = max(denial.service_date for denial in denials)
        found = candidate(denials, books.rulebook.pack(pack_id).on(last))
        if found is not None:
            proposed.append(found)
    cases |= month_cases(books, _to_try(books, proposed, all_standings, cases))
    tried = [_tried(books, found, all_standings, cases) for found in proposed]
    return sorted(tried, key=lambda one: (-len(one.rule.claim_ids), one.rule.candidate_id))


def accept(books: OpenBooks, candidate_id: str, overlay: Path) -> Path:
    """Write a candidate into an overlay folder; the file's path. Raises `UnusableInput` for one that is not offered."""
    offered = {one.rule.candidate_id: one for one in candidates(books)}
    if candidate_id not in offered:
        raise UnusableInput(
            f"--accept {candidate_id}: not offered; there are {', '.join(offered) or 'no candidates'}"
        )
    one = offered[candidate_id]
    path = overlay / one.file_name
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_write(path) as stream:
        stream.write(one.text.encode())
    return path


def _keeps_back(standing: ClaimStanding) -> bool:
    """Whether the last decision that stands keeps money back."""
    decided = [given for given in in_force(standing.rows.decisions) if not given.is_reversal]
    return bool(decided) and bool(decided[-1].posting.denied_cents or decided[-1].posting.disputed_cents)


def _to_try(
    books: OpenBooks,
    proposed: Sequence[CandidateRule],
    all_standings: Sequence[ClaimStanding],
    known: Mapping[str, MonthCase],
) -> Iterator[RecordedClaim]:
    """The claims on which candidates are tried, less those whose months are known already."""
    packs = {found.pack_id for found in proposed}
    payers = {payer_id for payer_id, payer in books.reference.payers.items() if payer.pack_id in packs}
    for standing in all_standings:
        claim = standing.rows.claim
        if claim.payer_id in payers and claim.claim_id not in known:
            yield claim


def _unforeseen(books: OpenBooks, standing: ClaimStanding, case: MonthCase) -> Iterator[UnforeseenDenial]:
    """The denied lines of the last decision that stands, unless one of the cause's own edits had failed."""
    decided = [given for given in in_force(standing.rows.decisions) if not given.is_reversal]
    if not decided or case.claim is None or case.sent is None:
        return
    own = case.own_knowledge()
    reference = books.reference
    roles = {member.npi: member.role.value for member in reference.staff.values() if member.npi}
    month = Month.from_index(case.recorded.month_index)
    codes = cocm_codes(books.rulebook)
    decision = books.remittances.decision(decided[-1].decision_id)
    for line in denied_lines(decision, adjustment_effects(books.rulebook)):
        ranked = causes_of(books.rulebook, line, own)
        if not ranked or own.failed_edits.intersection(ranked[0].cause.prevented_by):
            continue
        sent = next((given for given in case.sent.lines if given.hcpcs_code == line.hcpcs_code), None)
        rendering = case.claim.rendering
        service_date = sent.service_to_date if sent is not None else month.last_day
        yield UnforeseenDenial(
            claim_id=case.recorded.claim_id,
            pack_id=case.policy.pack.payer_id,
            cause_id=ranked[0].cause.cause_id,
            service_date=service_date,
            decided_on=decided[-1].payment_date,
            hcpcs_code=line.hcpcs_code,
            units=int(sent.service_unit_quantity) if sent is not None else 1,
            place_of_service_code=case.sent.place_of_service_code,
            diagnosis_codes=case.sent.diagnosis_codes,
            rendering_role=roles.get(rendering.npi if rendering is not None else "", ""),
            other_codes=tuple(
                sorted(
                    {
                        service.hcpcs_code
                        for service in case.case.other_services
                        if service.service_date in month
                        and service.hcpcs_code
                        and service.hcpcs_code not in codes
                    }
                )
            ),
            month_of_care=month.index - Month.of(case.case.episode.start_date).index + 1,
            days_to_filing=(standing.rows.charges[-1].day - service_date).days,
        )


def _tried(
    books: OpenBooks,
    found: CandidateRule,
    all_standings: Sequence[ClaimStanding],
    cases: Mapping[str, MonthCase],
) -> TriedCandidate:
    file_name = f"payers/{found.pack_id}/rules/{found.rule_id}.yaml"
    existing = books.rulebook.find_file(f"payers/{found.pack_id}/rules", found.rule_id)
    text = overlay_text(
        existing.read_text(encoding="utf-8") if existing is not None else None,
        found,
        books.request.as_of_date,
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / file_name
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")
        changed = Rulebook((*books.rulebook.roots[1:], Path(folder)))
        back_test = _back_test(found, changed, all_standings, cases)
    return TriedCandidate(found, back_test, file_name, text)


def _back_test(
    found: CandidateRule,
    changed: Rulebook,
    all_standings: Sequence[ClaimStanding],
    cases: Mapping[str, MonthCase],
) -> BackTest:
    claims = 0
    held: list[str] = []
    held_denied: list[str] = []
    held_paid: list[str] = []
    freed: list[str] = []
    for standing in all_standings:
        claim_id = standing.rows.claim.claim_id
        case = cases.get(claim_id)
        if case is None or case.policy.pack.payer_id != found.pack_id or case.check is None:
            continue
        claims += 1
        policy = changed.pack(found.pack_id).on(case.policy.day)
        again = replace(case, policy=policy)
        before = {finding.edit_id for finding in case.check.findings if not finding.is_no_data}
        check = again.check
        after = {finding.edit_id for finding in check.findings if not finding.is_no_data} if check else before
        if after - before:
            held.append(claim_id)
            decided = standing.timeline.last(
                ClaimEventKind.DENIED, ClaimEventKind.PARTLY_PAID, ClaimEventKind.PAID
            )
            if decided is not None:
                (held_paid if decided.kind is ClaimEventKind.PAID else held_denied).append(claim_id)
        elif before - after:
            freed.append(claim_id)
    return BackTest(claims, tuple(held), tuple(held_denied), tuple(held_paid), tuple(freed))
