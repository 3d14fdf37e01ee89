"""Worked examples for policy pages: invented claims of every kind of the practice set, decided by the payer's rules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cocm.basics.errors import UnusableInput
from cocm.basics.months import Month
from cocm.publish.page import Cell, Heading, Paragraph, Section, Table
from cocm.publish.policy_words import code_in_words
from cocm.rules import PackOn
from cocm.sandbox.case_drafts import BEHAVIORAL_CLINIC, OTHER_PRACTICE, PRACTICE, THERAPIST
from cocm.sandbox.cases import Case, Cases, CaseSet, make_examples
from cocm.sandbox.score import key_of
from cocm.x12.claim_record import ClaimRecord

_THEMES: Final = ("routing", "duplicates", "add-ons", "months", "records")
"""Those that a payer's rules decide alone; a member's share rests on the plan's own benefits."""
_SEED: Final = 1
_OF_AMOUNTS: Final = ("allowed", "cost share")
_NOTED: Final = "noted"
_MEMBERS_MAX: Final = 3
_USUAL_PLACE: Final = "11"
_BILLERS: Final = {
    PRACTICE: "the practice",
    OTHER_PRACTICE: "another practice",
    THERAPIST: "an outside therapist",
    BEHAVIORAL_CLINIC: "a behavioral clinic",
}
_ANSWERS: Final = {"pay": "paid", "deny": "denied", "forward": "forwarded", "wait": "a person looks"}
_HEADINGS: Final = ("What came in", "What is decided", "Why, and by which rule")


def example_sections(policy: PackOn) -> tuple[Section, ...]:
    """A section of examples, decided as the plan decides claims; none for a payer or month without the codes.

    The same rules give the same section.
    """
    try:
        cases = make_examples(CaseSet(policy.payer_id, Month.of(policy.day), _SEED, 1), policy.pack.rulebook)
    except UnusableInput:
        return ()
    text = (
        f"Invented claims of {cases.of.month}, each decided by these rules for an invented plan with a behavioral "
        "administrator and a delegated group. Whatever came in before is on file. The claims tell no minutes, no "
        "consent and no visits, and nothing is held against them for it."
    )
    tables = (_table(theme, cases) for theme in _THEMES)
    return (Section("examples", "Examples", (Paragraph(text), *tables)),)


def _table(theme: str, cases: Cases) -> Table:
    rows = tuple(_row(case, cases) for case in cases.cases if case.draft.theme == theme)
    return Table(theme.capitalize(), tuple(Heading(text) for text in _HEADINGS), rows)


def _row(case: Case, cases: Cases) -> tuple[Cell, ...]:
    key = key_of(case)
    answer = _ANSWERS[key.answer]
    if key.reason_codes:
        answer += f" ({', '.join(sorted(key.reason_codes))})"
    if key.entity:
        answer += f" to {cases.book.entities[key.entity].name}"
    why = tuple(_why(case))
    texts = dict.fromkeys(text for text, _ in why)
    cites = dict.fromkeys(_short(cite) for _, found in why for cite in found)
    return (
        Cell(_came_in(case, cases), _before(case, cases)),
        Cell(answer),
        Cell(". ".join(text.removesuffix(".") for text in texts) + ".", "; ".join(cites)),
    )


def _why(case: Case) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The reasons of a decision with their rules, but for the amounts: those are the invented plan's own."""
    for line in case.decision["lines"]:
        for reason in line["reasons"]:
            if reason["step"] not in _OF_AMOUNTS and not reason["step"].startswith(_NOTED):
                yield reason["text"], tuple(reason["citations"])
        for one in line["beside"]:
            rule = (one["rule"],) if one["rule"] else ()
            yield (
                f"Beside {one['hcpcs_code']} of {one['service_date']}: {one['combination']}, {one['why']}",
                rule,
            )


def _short(cite: str) -> str:
    """A citation without the members of a long set, which stand with the rule."""
    rule_id, _, rest = cite.partition(" = ")
    members, bracket, source = rest.partition(" [")
    return f"{rule_id} [{source}" if bracket and members.count(",") > _MEMBERS_MAX else cite


def _came_in(case: Case, cases: Cases) -> str:
    draft, record = case.draft, case.record
    parts = [f"{_claim(record, cases)}, billed by {_BILLERS[draft.claim.biller]}"]
    if draft.claim.corrects:
        parts.append("as the replacement of an earlier claim")
    if record.place_of_service_code != _USUAL_PLACE:
        parts.append(f"at place {record.place_of_service_code}")
    if draft.delegated_group_id:
        parts.append("for a member of a delegated group")
    if draft.coverage_to is not None:
        parts.append(f"for a member whose cover ended on {draft.coverage_to}")
    return ", ".join([*parts, f"diagnoses {', '.join(record.diagnosis_codes)}"])


def _before(case: Case, cases: Cases) -> str:
    told = [
        f"{_claim(record, cases)}, billed by {_BILLERS[draft.biller]}: {decision['answer']}"
        for record, draft, decision in zip(
            case.earlier, case.draft.earlier, case.decided_earlier, strict=True
        )
    ]
    return "before it " + "; ".join(told) if told else ""


def _claim(record: ClaimRecord, cases: Cases) -> str:
    return " with ".join(_lines(record, cases))


def _lines(record: ClaimRecord, cases: Cases) -> Iterator[str]:
    rulebook = cases.policy.pack.rulebook
    for line in record.lines:
        units = line.service_unit_quantity
        times = f" x {units}" if units != 1 else ""
        yield f"{code_in_words(line.hcpcs_code, rulebook)}{times} of {line.service_to_date}"
