"""Evidence about a plan's process for integrated behavioral health claims (California SB 1320).

What the process is: the plan's own rules on the last day, question by question. What it did: every line of the model
with the days that it took, where it went, why it was refused, and what became of it. The lines name claims, no persons.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from cocm import __version__
from cocm.basics.money import dollars
from cocm.basics.months import day_from_number
from cocm.plan.adjudicate import PAYMENT_DAYS
from cocm.plan.benefit_check import COST_SHARE
from cocm.plan.records import PlanBook
from cocm.plan.route import forward_by
from cocm.publish.counts import Scope
from cocm.publish.data_request import HIDDEN, NOT_TOLD
from cocm.publish.page import Cell, Heading, Page, Paragraph, Section, Table
from cocm.publish.policy_plan import benefit_in_words, own_benefits
from cocm.publish.policy_words import value_in_words
from cocm.publish.suppression import SHOWN_MIN
from cocm.publish.told import Topic
from cocm.rules import PackOn, Rulebook
from cocm.rules.statute_evidence import sb1320_items
from cocm.warehouse.engine import Engine

_YES, _NO, _UNKNOWN = "yes", "no", "not known"
_LINES: Final = """
    select claim_id, claim_line_number, person_id, pack_id, service_day_number, hcpcs_code, received_day_number,
        first_decided_day_number, first_answer, answer, was_forwarded, was_routed_to_administrator,
        was_called_duplicate, were_records_requested, was_appealed, was_appeal_granted, was_appeal_refused,
        charge_amount_cents, paid_amount_cents, first_member_share_cents, member_share_cents
    from cocm_service_line
    where is_cocm and {condition}
    order by service_day_number, claim_id, claim_line_number
"""


@dataclass(frozen=True, slots=True)
class LineEvidence:
    """A line of the model. Dates are empty where they are not known; `reasons` are the codes that refused it."""

    claim_id: str
    claim_line_number: int
    person_id: str
    service_date: date
    hcpcs_code: str
    received_date: date | None
    first_decided_date: date | None
    days_to_first_answer: int | None
    payment_due_date: date | None
    is_answered_in_time: str
    first_answer: str
    answer: str
    is_routed_to_administrator: bool
    forward_by_date: date | None
    is_forwarded_in_time: str
    is_called_duplicate: bool
    are_records_requested: bool
    appeal: str
    reasons: tuple[str, ...]
    charge_amount_cents: int
    paid_amount_cents: int
    first_member_share_cents: int
    member_share_cents: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """The lines of a payer, and its rules on the last day of service."""

    payer_id: str
    lines: tuple[LineEvidence, ...]
    policy: PackOn


def sb1320_evidence(engine: Engine, rulebook: Rulebook, scope: Scope) -> Evidence:
    """The evidence of a payer over marts that were built on the engine."""
    reasons: dict[tuple[str, int], list[str]] = defaultdict(list)
    asked = (
        "select claim_id, claim_line_number, group_code, reason_code from cocm_denial_reason "
        f"where is_cocm and reason_code <> '' and {scope.condition('month_index')} order by 1, 2, decision_number, 3, 4"
    )
    for claim_id, number, group, reason in engine.query(asked):
        reasons[claim_id, int(number)].append(f"{group}-{reason}")
    lines, packs = [], set()
    for row in engine.query(_LINES.format(condition=scope.condition("month_index"))):
        packs.add(str(row[3]))
        policy = rulebook.pack(str(row[3])).on(day_from_number(int(row[4])))
        lines.append(_line(row, policy, tuple(dict.fromkeys(reasons[row[0], int(row[1])]))))
    last = max((one.service_date for one in lines), default=scope.last_month.last_day)
    return Evidence(scope.payer_id, tuple(lines), rulebook.pack(min(packs, default="cpt")).on(last))


def _line(row: tuple[object, ...], policy: PackOn, reasons: tuple[str, ...]) -> LineEvidence:
    (claim_id, number, person_id, _, service_day, code, received_day, first_day, first_answer, answer, was_forwarded,
     routed, duplicate, records, appealed, granted, refused, charge, paid, first_share, share) = row  # fmt: skip
    received, first = _date(received_day), _date(first_day)
    days = policy.integer(PAYMENT_DAYS)
    due = None if received is None or days is None else received + timedelta(days=days)
    forward_date = None
    if was_forwarded and received is not None:
        forward_date, _ = forward_by(received, policy)
    is_forwarded = was_forwarded and first_answer == "forwarded"
    return LineEvidence(
        claim_id=str(claim_id),
        claim_line_number=int(str(number)),
        person_id=str(person_id),
        service_date=day_from_number(int(str(service_day))),
        hcpcs_code=str(code),
        received_date=received,
        first_decided_date=first,
        days_to_first_answer=None if received is None or first is None else (first - received).days,
        payment_due_date=due,
        is_answered_in_time=_in_time(first, due),
        first_answer=str(first_answer),
        answer=str(answer),
        is_routed_to_administrator=bool(routed),
        forward_by_date=forward_date,
        is_forwarded_in_time=_in_time(first, forward_date) if is_forwarded else "",
        is_called_duplicate=bool(duplicate),
        are_records_requested=bool(records),
        appeal="granted" if granted else "refused" if refused else "open" if appealed else "",
        reasons=reasons,
        charge_amount_cents=int(str(charge)),
        paid_amount_cents=int(str(paid)),
        first_member_share_cents=int(str(first_share)),
        member_share_cents=int(str(share)),
    )


def _date(number: object) -> date | None:
    return None if number is None else day_from_number(int(str(number)))


def _in_time(done: date | None, due: date | None) -> str:
    if done is None or due is None:
        return _UNKNOWN
    return _YES if done <= due else _NO


CSV_COLUMNS: Final = (
    "claim_id", "claim_line_number", "service_date", "hcpcs_code", "received_date", "first_decided_date",
    "days_to_first_answer", "payment_due_date", "is_answered_in_time", "first_answer", "answer",
    "is_routed_to_administrator", "forward_by_date", "is_forwarded_in_time", "is_called_duplicate",
    "are_records_requested", "appeal", "reasons", "charge_amount", "paid_amount", "first_member_share",
    "member_share",
)  # fmt: skip


_CELLS_NEED: Final = {
    "is_routed_to_administrator": (Topic.REASONS, Topic.ENTITIES),
    "is_called_duplicate": (Topic.REASONS,),
    "are_records_requested": (Topic.RECORDS,),
    "appeal": (Topic.APPEALS,),
    "reasons": (Topic.REASONS,),
    "first_member_share": (Topic.FIRST_SHARES,),
    "member_share": (Topic.SHARES,),
}


def csv_rows(evidence: Evidence, untold: Collection[Topic] = ()) -> Iterator[tuple[str, ...]]:
    """The lines as cells of `CSV_COLUMNS`; what the history does not tell says so."""
    silent = {name for name, topics in _CELLS_NEED.items() if all(topic in untold for topic in topics)}
    for one in evidence.lines:
        yield tuple(NOT_TOLD if name in silent else _cell(one, name) for name in CSV_COLUMNS)


def _cell(one: LineEvidence, name: str) -> str:
    if name == "reasons":
        return " ".join(one.reasons)
    if name in ("charge_amount", "paid_amount", "first_member_share", "member_share"):
        cents = getattr(one, f"{name}_cents")
        return dollars(cents).replace("$", "").replace(",", "")
    value = getattr(one, name)
    if value is None:
        return ""
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def tallies(
    evidence: Evidence, *, hides_small: bool, untold: Collection[Topic] = ()
) -> Iterator[tuple[str, str, str]]:
    """Question, answer and how many lines; all answers of a question are hidden where one has few persons.

    A question that the history does not tell of has no answer.
    """
    questions: dict[str, Callable[[LineEvidence], str]] = {
        "First answer": lambda one: one.first_answer,
        "Last answer": lambda one: one.answer,
        "First answer within the days to pay or contest": lambda one: one.is_answered_in_time,
        "Went to the behavioral administrator": lambda one: _word(one.is_routed_to_administrator),
        "Forwarded within the working days": lambda one: one.is_forwarded_in_time or "was not forwarded",
        "Called a duplicate": lambda one: _word(one.is_called_duplicate),
        "Records requested": lambda one: _word(one.are_records_requested),
        "Refused at first and paid in the end": lambda one: _word(
            one.first_answer in ("denied", "rejected", "forwarded") and one.answer == "paid"
        ),
        "Appeal": lambda one: one.appeal or "none",
        "The member owes of a paid line": _owed,
        "The member's share was changed after the first answer": lambda one: _word(
            one.answer == "paid" and one.member_share_cents != one.first_member_share_cents
        ),
    }
    for question, answer in questions.items():
        needed = _NEEDED.get(question, ())
        if needed and all(topic in untold for topic in needed):
            yield question, NOT_TOLD, ""
            continue
        counts = Counter(answer(one) for one in evidence.lines)
        persons = {name: {one.person_id for one in evidence.lines if answer(one) == name} for name in counts}
        is_hidden = hides_small and any(len(found) < SHOWN_MIN for found in persons.values())
        for name, count in sorted(counts.items()):
            yield question, name, HIDDEN if is_hidden else f"{count:,}"


_NEEDED: Final = {
    "First answer within the days to pay or contest": (Topic.RECEIPTS,),
    "Went to the behavioral administrator": (Topic.REASONS, Topic.ENTITIES),
    "Called a duplicate": (Topic.REASONS,),
    "Records requested": (Topic.RECORDS,),
    "Refused at first and paid in the end": (Topic.FIRST_ANSWERS,),
    "Appeal": (Topic.APPEALS,),
    "The member owes of a paid line": (Topic.SHARES,),
    "The member's share was changed after the first answer": (Topic.FIRST_SHARES,),
}
"""What a question rests on; one of several suffices."""


def _owed(line: LineEvidence) -> str:
    if line.answer != "paid":
        return "was not paid"
    return "something" if line.member_share_cents else "nothing"


def _word(flag: bool) -> str:
    return _YES if flag else _NO


def sb1320_page(
    evidence: Evidence,
    rulebook: Rulebook,
    *,
    months: str,
    made_of: str,
    hides_small: bool,
    untold: Collection[Topic] = (),
    book: PlanBook | None = None,
) -> Page:
    """The page: the readings of the act, the plan's process by its rules, and what it did in the months.

    What the member pays is told by the plan's own benefits where `book` has the payer's tables.
    """
    items = sb1320_items(rulebook)
    readings = tuple(
        (Cell(one.text), Cell(one.source.title, f"grade {one.source.grade}"))
        for one in items
        if one.is_reading
    )
    told = tuple(
        (Cell(question), Cell(answer), Cell(count))
        for question, answer, count in tallies(evidence, hides_small=hides_small, untold=untold)
    )
    return Page(
        title="Process for integrated behavioral health claims: evidence (SB 1320)",
        subtitle=f"{evidence.payer_id}, services from {months}",
        sections=(
            Section(
                "act",
                "What the act is read to ask",
                (
                    Paragraph("Readings differ. Take the text and legal advice before you rely on one."),
                    Table("", (Heading("Reading"), Heading("Whose")), readings),
                ),
            ),
            Section(
                "process",
                f"The process, by the rules on {evidence.policy.day}",
                (_process(evidence, rulebook, book),),
            ),
            Section(
                "practice",
                "What was done",
                (
                    Paragraph(_counted(evidence, hides_small=hides_small)),
                    Table(
                        "", (Heading("Question"), Heading("Answer"), Heading("Lines", is_number=True)), told
                    ),
                ),
            ),
        ),
        footer=(f"cocm {__version__}, rulebook {rulebook.content_hash}.", made_of),
    )


def _counted(evidence: Evidence, *, hides_small: bool) -> str:
    hidden = f"{HIDDEN} stands for answers of which one has fewer than eleven persons."
    if hides_small and len({one.person_id for one in evidence.lines}) < SHOWN_MIN:
        return hidden
    return f"{len(evidence.lines):,} lines; each stands in the file of lines. {hidden}"


def _process(evidence: Evidence, rulebook: Rulebook, book: PlanBook | None) -> Table:
    rows = []
    for item in sb1320_items(rulebook):
        own = list(_own_shares(evidence, book)) if COST_SHARE in item.rule_ids else []
        rows += [(Cell(item.text), *cells) for cells in own]
        for rule_id in item.rule_ids:
            value = evidence.policy.value(rule_id)
            if own and not value.is_known:
                continue
            source = "" if value.source is None else value.source.title
            rows.append(
                (
                    Cell(item.text),
                    Cell(value.label, rule_id),
                    Cell(value_in_words(value, rulebook)),
                    Cell(f"{value.effective_from or ''}", f"{value.confidence.value}: {source}"),
                )
            )
    headings = ("Question", "Rule", "The plan's value", "Since, and by whose word")
    return Table("", tuple(map(Heading, headings)), tuple(rows))


def _own_shares(evidence: Evidence, book: PlanBook | None) -> Iterator[tuple[Cell, Cell, Cell]]:
    """What the member pays by the plan's own benefits, by product; nothing where the tables are another payer's."""
    if book is None:
        return
    plan = book.profile
    own_ids = {plan.plan_id, plan.payer_identifier, *plan.other_payer_identifiers}
    if evidence.payer_id.upper() not in map(str.upper, own_ids):
        return
    for product, side, benefit in own_benefits(book, evidence.policy):
        if benefit is None:
            yield Cell("Benefit", product), Cell(f"no {side} benefit; the claim waits"), Cell("", _OWN_TABLES)
        else:
            since = str(benefit.period.effective_from)
            what = Cell(f"{benefit.side.value.capitalize()} benefit", product)
            yield what, Cell(benefit_in_words(benefit)), Cell(since, _OWN_TABLES)


_OWN_TABLES: Final = "the plan's own tables: benefits"
