"""The denial playbook as a page to read: codes to causes, each cause with its fix, letters, and what moves money."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from cocm.rules.adjustment_codes import CodeList, adjustment_codes
from cocm.rules.denial_causes import RECORDS_DEADLINE, DenialCause, Signal, denial_causes
from cocm.rules.document_kinds import document_kinds
from cocm.rules.letters import ADDRESSEES, LetterTemplate, letter_templates
from cocm.rules.rulebook import Rulebook
from cocm.rules.tables import read_table
from cocm.rules.values import Source

_INTRODUCTION: Final = """\
# Denials

Generated from `src/cocm/rulebook/denials`; `make docs` writes it anew. `cocm explain FILE.835` answers by it for any
remittance, `cocm worklist` for a practice's own claims. [After the claim](after-the-claim.md) tells how they work
together.

**How a cause is chosen.** The payer's codes on a line give points to the causes they speak for; where a row names codes
of two lists, one of each must be there. For a claim of your own, what your tables know and how the edits judged the
claim as it was sent add or take points. The causes are ranked by their points: a share of 66 % is a cause's part of all
points, not a probability that anyone measured. Points and chances are our own judgement; each cause names the source
of the failure it describes, and how sure that is. A payer's codes alone rarely prove a cause, so what to rule out first
is told with it.

A practice may lay its own causes and letters over these: a file of the same name in a `denials/causes` or
`denials/letters` folder of its own rules (`--rules DIR`) stands in for ours.
"""
_MONEY: Final = """\
## What an adjustment does to the money

A group code alone does not say. Only what this table names as settled leaves the payer's account; the rest stays open
until somebody has worked it, and nothing is written off without a person (`cocm settle`).

| adjustment | effect | what it is |
| --- | --- | --- |"""
_ABOUT_LETTERS: Final = """\
`cocm letter PRACTICE --claim ID --letter NAME --out FILE` fills a letter in from what is on file and cites the payer's
rules as its pack has them. A value that is only assumed is never cited; what is not on file is marked in the text and
listed, never invented.
"""
_EFFECTS: Final[Mapping[str, str]] = {
    "contractual": "settled: the contract's or the law's",
    "sequestration": "settled; part of the allowed amount",
    "protected": "settled: collected from nobody",
    "prior_payer": "already on the books",
    "patient": "the patient's share; disputed where the line is denied",
    "patient_unsettled": "disputed: a person looks before a statement",
    "denied": "open with the payer",
}
_EVENTS: Final[Mapping[str, str]] = {
    "accepted": "accepted",
    "rejected": "rejected: never in the payer's system, goes again as an original",
    "pended": "pended: never billed again while it is",
    "records_requested": "records requested: answer by the day it names",
    "forwarded": "forwarded",
}


def denials_page(rulebook: Rulebook) -> str:
    """The page as Markdown. The same rulebook gives the same text."""
    causes = denial_causes(rulebook)
    parts = [
        _INTRODUCTION,
        *_by_code(rulebook, causes),
        "## Causes\n",
        *(_cause(cause, causes) for cause in sorted(causes.values(), key=_failure_order)),
        *_letters(letter_templates(rulebook).values()),
        *_money(rulebook),
        *_documents(rulebook),
    ]
    return "\n".join(parts)


def _failure_order(cause: DenialCause) -> tuple[int, str]:
    return int(re.sub(r"\D", "", cause.failure.split()[0]) or 0), cause.cause_id


def _by_code(rulebook: Rulebook, causes: Mapping[str, DenialCause]) -> Iterator[str]:
    """Each code that speaks for a cause, with our words for it and the causes in the order of their points."""
    points: dict[tuple[CodeList, str], dict[str, int]] = defaultdict(dict)
    for cause in causes.values():
        for signal in cause.signals:
            if bool(signal.reasons) + bool(signal.remarks) + bool(signal.statuses) + bool(signal.groups) > 1:
                continue
            for code_list, codes in ((CodeList.CARC, signal.reasons), (CodeList.RARC, signal.remarks)):
                for code in codes:
                    points[code_list, code][cause.cause_id] = max(
                        signal.points, points[code_list, code].get(cause.cause_id, 0)
                    )
    known = adjustment_codes(rulebook)
    labels = {cause.cause_id: cause.label for cause in causes.values()}
    yield "## By code\n"
    yield "A code by itself; rows of several codes stand with their causes.\n"
    yield "| code | in our words | speaks for (points) |\n| --- | --- | --- |"
    for (code_list, code), found in sorted(points.items(), key=lambda one: _code_order(*one[0])):
        entry = known.get((code_list, code))
        ranked = sorted(found.items(), key=lambda one: (-one[1], one[0]))
        shown = "; ".join(f"[{labels[cause]}](#{cause}) ({given})" for cause, given in ranked)
        yield f"| {code_list} {code} | {entry.label if entry else ''} | {shown} |"
    yield ""


def _code_order(code_list: CodeList, code: str) -> tuple[bool, str, int, str]:
    letters = "".join(char for char in code if char.isalpha())
    return code_list is CodeList.RARC, letters, int(re.sub(r"\D", "", code) or 0), code


def _cause(cause: DenialCause, causes: Mapping[str, DenialCause]) -> str:
    fix = cause.fix
    lines = [f"### {cause.cause_id}", "", f"**{cause.label}** ({cause.failure}). {cause.meaning}", ""]
    lines += [f"- codes: {_signal(signal)}" for signal in cause.signals]
    lines += [
        f"- our records: {weight.fact} is {'true' if weight.value else 'false'} ({weight.points:+})"
        for weight in cause.facts
    ]
    for judged in cause.edits:
        said = "one fails" if judged.fails else "all pass"
        lines.append(f"- our edits: {said} of {_edits(judged.edit_ids)} ({judged.points:+})")
    if cause.rule_out_first:
        others = "; ".join(f"[{causes[other].label}](#{other})" for other in cause.rule_out_first)
        lines.append(f"- rule out first: {others}")
    lines += ["", *(f"{number}. {step}" for number, step in enumerate(fix.steps, start=1)), ""]
    if cause.unlike_general_advice is not None:
        advice, why_not = cause.unlike_general_advice
        lines += [f"**Not:** {advice} {why_not}", ""]
    doing = [f"{fix.who}: {fix.action.replace('_', ' ')}", f"by {_deadline(fix.deadline_rule)}"]
    if fix.letter:
        doing.append(f"letter [{fix.letter}](#{fix.letter})")
    doing.append(f"chance {fix.chance_percent} %")
    lines.append(f"Who and what: {'; '.join(doing)}.")
    if cause.prevented_by:
        lines.append(f"Prevented by: {_edits(cause.prevented_by)}.")
    lines.append(f"Source: {_source(cause.source)}, {cause.confidence}.")
    return "\n".join([*lines, ""])


def _signal(signal: Signal) -> str:
    named = (
        ("group", signal.groups),
        ("CARC", signal.reasons),
        ("RARC", signal.remarks),
        ("status", signal.statuses),
    )
    return " with ".join(f"{kind} {' or '.join(sorted(codes))}" for kind, codes in named if codes) + (
        f" ({signal.points:+})"
    )


def _deadline(rule: str) -> str:
    if rule == RECORDS_DEADLINE:
        return "the day that the payer's request names"
    return f"the payer's rule [{rule}](rules.md#{_anchor(rule)})" if rule else "no deadline of a rule"


def _edits(edit_ids: Sequence[str]) -> str:
    return ", ".join(f"[{edit}](edits.md#{_anchor(edit)})" for edit in edit_ids)


def _anchor(heading: str) -> str:
    """A heading's anchor as GitHub makes it."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def _source(source: Source) -> str:
    return f"[{source.title}]({source.url.removeprefix('docs/')})"


def _letters(templates: Iterable[LetterTemplate]) -> Iterator[str]:
    yield "## Letters\n"
    yield _ABOUT_LETTERS
    for template in templates:
        yield _letter(template)


def _letter(template: LetterTemplate) -> str:
    lines = [f"### {template.letter_id}", "", f"**{template.title}**", ""]
    lines.append(f"- to: {ADDRESSEES[template.to] or 'the patient'}")
    languages = "English and Spanish" if template.paragraphs_es else "English"
    lines.append(f"- language: {languages}")
    if template.event:
        lines.append(f"- with `--sent-by`, on the claim's timeline: {template.event}")
    if template.cites:
        lines.append(
            "- cites: " + ", ".join(f"[{rule}](rules.md#{_anchor(rule)})" for rule in template.cites)
        )
    if template.has_ledger:
        lines.append("- holds the month's minutes ledger")
    if template.enclosures:
        lines.append(f"- goes with: {', '.join(template.enclosures)}")
    lines.append(f"- facts it asks for: {', '.join(f'`{name}`' for name in sorted(template.facts))}")
    return "\n".join([*lines, ""])


def _money(rulebook: Rulebook) -> Iterator[str]:
    yield _MONEY
    for row in read_table(rulebook.data_file("denials/adjustment_effects.csv")):
        group, reason = row.text("group_code"), row.text("reason_code")
        pair = f"{'any' if group == '*' else group}-{'any other' if reason == '*' else reason}"
        yield f"| {pair} | {_EFFECTS[row.text('effect')]} | {row.text('note')} |"
    protected = [
        f"{row.text('remark_code')} ({row.text('note')})"
        for row in read_table(rulebook.data_file("denials/protected_remarks.csv"))
    ]
    yield f"\nRemarks that protect the patient, whatever the group code says: {'; '.join(protected)}.\n"
    yield "Money moved outside any claim (PLB) and its account:\n"
    yield "| reason | account | what it is |\n| --- | --- | --- |"
    for row in read_table(rulebook.data_file("denials/provider_adjustments.csv")):
        yield f"| {row.text('reason_code')} | {row.text('account')} | {row.text('note')} |"
    yield "\n## What a claim status means for a claim's life\n"
    yield "| category | what becomes of the claim | says |\n| --- | --- | --- |"
    for row in read_table(rulebook.data_file("denials/status_categories.csv")):
        event = row.text("event")
        yield f"| {row.text('category_code')} | {_EVENTS.get(event, event)} | {row.text('note')} |"
    yield ""


def _documents(rulebook: Rulebook) -> Iterator[str]:
    yield "## Kinds of documents in a month packet\n"
    yield (
        "`documents/index.csv` beside the tables names a kind for each file; a request that asks by LOINC code gets "
        "what has it.\n"
    )
    yield "| kind | is | LOINC | counts as |\n| --- | --- | --- | --- |"
    for kind in document_kinds(rulebook).values():
        counts = "**never leaves the chart**" if kind.is_excluded else kind.packet_item.replace("_", " ")
        yield f"| `{kind.kind}` | {kind.label} | {kind.loinc_code} | {counts} |"
    yield ""
