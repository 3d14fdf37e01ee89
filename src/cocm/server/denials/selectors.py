"""Reading denials: what waits, one claim with all that speaks for and against it, open requests for records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from cocm.basics.months import Month
from cocm.claims.lifecycle import ClaimEvent, ClaimState
from cocm.edits.finding import Finding
from cocm.receivables.explain import said_by_payer
from cocm.receivables.month_case import MonthCase, month_cases
from cocm.receivables.practice_books import OpenBooks
from cocm.receivables.timelines import ClaimStanding, standings
from cocm.receivables.words import service_words
from cocm.receivables.worklist import WorkItem, WorkKind, work_of, worklist
from cocm.remits.account import in_force
from cocm.remits.denied_line import DeniedLine, denied_lines
from cocm.rules import RuleValue
from cocm.rules.adjustment_effects import adjustment_effects
from cocm.rules.denial_causes import DenialCause, denial_causes
from cocm.rules.document_kinds import document_kinds
from cocm.rules.letters import LetterTemplate, letter_templates
from cocm.server.access.actor import Actor
from cocm.server.accounts.selectors import payer_names
from cocm.server.books.models import Books, BooksKind
from cocm.server.denials.models import ClaimOwner, LiaisonEntry, Sending
from cocm.server.open_books import open_books_of
from cocm.server.people_named import NamedPatient, patients_named
from cocm.server.registry.models import Patient
from cocm.server.rules_in_force import rulebook

DAY_LISTS_MAX: Final = 64


@dataclass(frozen=True, slots=True)
class WorkRow:
    """A thing to do, with whose claim it is about, who works on it, and its day."""

    item: WorkItem
    patient_id: str
    patient: NamedPatient | None
    payer: str
    owner: str
    owner_id: UUID | None


@dataclass(frozen=True, slots=True)
class RecordsRequest:
    """A request for records that waits, or was answered last: what is asked for, by when."""

    standing: ClaimStanding
    event: ClaimEvent
    asked_for: tuple[str, ...]
    patient: NamedPatient | None
    payer: str
    answered_on: date | None

    def days_left(self, today: date) -> int | None:
        return None if self.event.due is None else (self.event.due - today).days


@dataclass(frozen=True, slots=True)
class SaidLine:
    """A line that was not paid, with the payer's codes in our words."""

    line: DeniedLine
    said: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ClaimCase:
    """Everything about one claim after it was sent."""

    standing: ClaimStanding
    month: Month
    payer: str
    pack_id: str
    services: tuple[str, ...]
    items: tuple[WorkItem, ...]
    cause: DenialCause | None
    said: tuple[SaidLine, ...]
    decided_on: date | None
    rules: tuple[RuleValue, ...]
    findings: tuple[Finding, ...]
    minutes_counted: int | None
    letters: tuple[LetterTemplate, ...]
    sendings: tuple[Sending, ...]
    owner: ClaimOwner | None
    liaison: tuple[LiaisonEntry, ...]

    @property
    def claim_id(self) -> str:
        return self.standing.rows.claim.claim_id

    @property
    def appeals(self) -> int:
        """Appeals so far."""
        return sum(entry.event.kind.value == "appealed" for entry in self.standing.timeline.entries)


def work_rows(*, actor: Actor, today: date) -> list[WorkRow]:
    """Everything that waits, the most worthwhile first, as the core orders it."""
    with open_books_of(actor, today=today) as books:
        items = worklist(books)
        patient_of = {
            claim_id: found.patient_id
            for claim_id in {item.claim_id for item in items}
            if (found := books.state.find_claim(claim_id)) is not None
        }
    _day_lists.keep(actor, today, items, patient_of)
    return _named_rows(actor, items, patient_of)


def _named_rows(actor: Actor, items: Sequence[WorkItem], patient_of: Mapping[str, str]) -> list[WorkRow]:
    named = patients_named(actor=actor, patient_ids=patient_of.values())
    payers = payer_names(actor)
    owners = {
        claim_id: (owner_id, name)
        for claim_id, owner_id, name in ClaimOwner.objects.of(actor).values_list(
            "claim_id", "owner_id", "owner__full_name"
        )
    }
    return [
        WorkRow(
            item,
            patient_of.get(item.claim_id, ""),
            named.get(patient_of.get(item.claim_id, "")),
            payers.get(item.payer_id, item.payer_id),
            owners.get(item.claim_id, (None, ""))[1],
            owners.get(item.claim_id, (None, ""))[0],
        )
        for item in items
    ]


class _DayLists:
    """What waits by books, rules and day, as last worked out: for My day, which every sign-in asks."""

    def __init__(self) -> None:
        self._kept: dict[tuple[object, ...], tuple[list[WorkItem], dict[str, str]]] = {}

    def key(self, actor: Actor, today: date) -> tuple[object, ...] | None:
        """What the list depends on; None where there are no books. A change of the tables alone is not in it."""
        stamp = (
            Books.objects.of(actor)
            .filter(kind=BooksKind.PRACTICE, page_count__gt=0)
            .values_list("stamp")
            .first()
        )
        return None if stamp is None else (actor.organization_id, stamp[0], today, rulebook().content_hash)

    def find(self, key: tuple[object, ...]) -> tuple[list[WorkItem], dict[str, str]] | None:
        return self._kept.get(key)

    def keep(self, actor: Actor, today: date, items: list[WorkItem], patient_of: dict[str, str]) -> None:
        key = self.key(actor, today)
        if key is None:
            return
        self._kept = {
            known: value for known, value in self._kept.items() if known[0] != actor.organization_id
        }
        while len(self._kept) >= DAY_LISTS_MAX:
            self._kept.pop(next(iter(self._kept)))
        self._kept[key] = (items, patient_of)


_day_lists = _DayLists()


def work_of_the_day(*, actor: Actor, today: date) -> list[WorkRow]:
    """The same list as it was worked out last for these books; worked out now where it was not."""
    key = _day_lists.key(actor, today)
    if key is None:
        return []
    found = _day_lists.find(key)
    return work_rows(actor=actor, today=today) if found is None else _named_rows(actor, *found)


def claim_case(*, actor: Actor, today: date, patient: Patient, claim_id: str) -> ClaimCase | None:
    """One claim of a patient with all that is known of it; None where the books have no such claim of this patient."""
    with open_books_of(actor, today=today) as books:
        standing = next(standings(books, claim_id), None)
        if standing is None or standing.rows.claim.patient_id != patient.patient_id:
            return None
        claim = standing.rows.claim
        case = month_cases(books, [claim]).get(claim.claim_id)
        items = tuple(work_of(books, standing, case))
        said, decided_on = _said(books, standing)
        cause_id = next((item.cause_id for item in items if item.cause_id), "")
        cause = denial_causes(books.rulebook).get(cause_id)
        templates = letter_templates(books.rulebook)
        wanted = [item.letter for item in items if item.letter]
        return ClaimCase(
            standing=standing,
            month=Month.from_index(claim.month_index),
            payer=payer_names(actor).get(claim.payer_id, claim.payer_id),
            pack_id=case.policy.pack.payer_id if case is not None else "",
            services=tuple(map(service_words, case.sent.lines)) if case is not None and case.sent else (),
            items=items,
            cause=cause,
            said=said,
            decided_on=decided_on,
            rules=tuple(_rules(case, [templates[name] for name in wanted if name in templates], cause)),
            findings=case.check.findings if case is not None and case.check is not None else (),
            minutes_counted=case.proposal.ledger.minutes_counted if case is not None else None,
            letters=_letters(templates, wanted),
            sendings=tuple(
                Sending.objects.of(actor)
                .filter(claim_id__in=[one.claim_id for one in standing.rows.claims])
                .select_related("sent_by")
                .defer("content")
                .order_by("-sent_on", "-recorded_at")
            ),
            owner=ClaimOwner.objects.of(actor)
            .filter(claim_id=claim.claim_id)
            .select_related("owner")
            .first(),
            liaison=tuple(
                LiaisonEntry.objects.of(actor)
                .filter(claim_id=claim.claim_id)
                .select_related("case", "contact")
                .order_by("-happened_on", "-number")
            ),
        )


def _said(books: OpenBooks, standing: ClaimStanding) -> tuple[tuple[SaidLine, ...], date | None]:
    """What the payer said in the last decision that stands."""
    decided = [given for given in in_force(standing.rows.decisions) if not given.is_reversal]
    if not decided:
        return (), None
    last = decided[-1]
    lines = denied_lines(books.remittances.decision(last.decision_id), adjustment_effects(books.rulebook))
    return tuple(
        SaidLine(line, tuple(said_by_payer(books.rulebook, line, last.payment_date))) for line in lines
    ), last.payment_date


def _rules(
    case: MonthCase | None, letters: Sequence[LetterTemplate], cause: DenialCause | None
) -> Iterator[RuleValue]:
    """The payer's rules that speak against the denial: what its letter cites and its deadline rests on, if known."""
    if case is None:
        return
    ids = [rule_id for letter in letters for rule_id in letter.cites]
    if cause is not None and cause.fix.deadline_rule in case.books.rulebook.rule_ids:
        ids.append(cause.fix.deadline_rule)
    for rule_id in dict.fromkeys(ids):
        value = case.policy.value(rule_id)
        if value.is_known:
            yield value


def _letters(templates: Mapping[str, LetterTemplate], wanted: Sequence[str]) -> tuple[LetterTemplate, ...]:
    """Every letter, those that the work asks for first."""
    first = [templates[name] for name in dict.fromkeys(wanted) if name in templates]
    return (*first, *(one for name, one in templates.items() if name not in wanted))


def records_requests(*, actor: Actor, today: date) -> list[RecordsRequest]:
    """Requests for records: those that wait, by their day; then those answered, the last first."""
    found: list[tuple[ClaimStanding, ClaimEvent, date | None]] = []
    with open_books_of(actor, today=today) as books:
        kinds = document_kinds(books.rulebook)
        for one in standings(books):
            asked = [
                entry.event for entry in one.timeline.entries if entry.event.kind.value == "records_requested"
            ]
            if not asked:
                continue
            sent = [entry.event for entry in one.timeline.entries if entry.event.kind.value == "records_sent"]
            is_open = one.timeline.open_request is not None
            found.append((one, asked[-1], None if is_open else _answered_on(one, asked[-1], sent)))
    titles: dict[str, str] = {}
    for kind in kinds.values():
        if kind.loinc_code and not kind.is_excluded:
            titles.setdefault(kind.loinc_code, kind.label)
    named = patients_named(actor=actor, patient_ids=(one.rows.claim.patient_id for one, _, _ in found))
    payers = payer_names(actor)
    rows = [
        RecordsRequest(
            one,
            event,
            tuple(titles.get(value, f"LOINC {value}") for name, value in event.detail if name == "loinc"),
            named.get(one.rows.claim.patient_id),
            payers.get(one.rows.claim.payer_id, one.rows.claim.payer_id),
            answered,
        )
        for one, event, answered in found
    ]
    waiting = [row for row in rows if row.answered_on is None]
    answered_ones = [row for row in rows if row.answered_on is not None]
    waiting.sort(key=lambda row: (row.event.due or date.max, row.event.day))
    answered_ones.sort(key=lambda row: row.answered_on or date.min, reverse=True)
    return waiting + answered_ones


def _answered_on(standing: ClaimStanding, asked: ClaimEvent, sent: Sequence[ClaimEvent]) -> date:
    after = [event.day for event in sent if event.day >= asked.day]
    return max(after, default=standing.timeline.entries[-1].event.day)


def is_open(state: ClaimState) -> bool:
    """Whether a claim's story may still go on."""
    return state not in (ClaimState.CLOSED, ClaimState.VOIDED, ClaimState.CORRECTED)


KIND_WORDS: Final = {
    WorkKind.DENIED: "Denied",
    WorkKind.REJECTED: "Rejected",
    WorkKind.RECORDS: "Records wanted",
    WorkKind.NO_ANSWER: "No answer",
    WorkKind.DISPUTED_SHARE: "Share in dispute",
    WorkKind.UNDERPAID: "Underpaid",
    WorkKind.REFUND_DUE: "Patient gets back",
    WorkKind.OVERPAID: "Overpaid",
    WorkKind.STILL_OPEN: "Rest open",
    WorkKind.DOES_NOT_ADD_UP: "Does not add up",
}
KIND_TONES: Final = {
    WorkKind.DENIED: "danger",
    WorkKind.REJECTED: "danger",
    WorkKind.RECORDS: "attention",
    WorkKind.OVERPAID: "attention",
    WorkKind.DISPUTED_SHARE: "attention",
    WorkKind.DOES_NOT_ADD_UP: "attention",
}
