"""The catalogue as a page to read: every edit with what it asks, its rules, its fix and its cases, and every fact."""

from __future__ import annotations

from itertools import groupby
from typing import Final

from cocm.edits.derive import FACTS
from cocm.edits.discovery import catalogue
from cocm.edits.edit import Case, CatalogueEdit
from cocm.edits.fact import Fact, Scope
from cocm.edits.words import condition_words

_INTRODUCTION: Final = """\
# The edits

Generated from `src/cocm/edits`; `make docs` writes it anew. Change the edits' files, not this page.

An edit is a dated check of a claim. It reads *facts*, which are derived once for each service line with a
code of the service; lines with any other code are left alone. What an edit *looks at* and when it *trips*
is printed here from the very condition that runs. The answer is one of four:

| verdict | means |
| --- | --- |
| pass | looked at, and in order |
| fail | looked at, and wrong: a finding |
| not applicable | the edit does not concern this line or claim |
| no data | what decides is not known: a finding, never clean, and never more than a question to a person |

Severity is the most an edit may do; a payer's rules may lower it, and a value that is merely assumed never blocks.
*block* stops the claim, *review* needs a person, *inform* is noted. `cocm edits show ID --payer PACK --on DATE` prints
one edit with the values that hold.
"""


def edits_page() -> str:
    """The page as Markdown. The same catalogue gives the same text."""
    edits = catalogue()
    parts = [_INTRODUCTION, _contents(edits), *(_edit(edit) for edit in edits), _facts()]
    return "\n".join(parts)


def _contents(edits: tuple[CatalogueEdit, ...]) -> str:
    lines = [
        f"## All {len(edits)} edits",
        "",
        "| edit | what is wrong | severity | about |",
        "| --- | --- | --- | --- |",
    ]
    for entry in edits:
        edit = entry.edit
        lines.append(
            f"| [`{edit.id}`](#{edit.id.replace('.', '')}) | {edit.title} | {edit.severity.word} | {edit.grain} |"
        )
    return "\n".join([*lines, ""])


def _edit(entry: CatalogueEdit) -> str:
    edit = entry.edit
    grounds = [f"enforces [`{rule}`](rules.md#{rule.replace('.', '')})" for rule in edit.rules]
    if edit.cites:
        grounds.append(edit.cites)
    lines = [
        f"## {edit.id}",
        "",
        f"{entry.doc}",
        "",
        f"- **Severity** {edit.severity.word}, about the {edit.grain}, since {edit.effective_from}"
        + (", voids included." if edit.checks_voids else "."),
        f"- **Looks at** {condition_words(entry.applies, FACTS)}.",
        f"- **Trips when** {condition_words(entry.trips, FACTS)}.",
        f"- **Rests on** {'; '.join(grounds)}.",
        f"- **Fix** {edit.fix}",
        "",
        "| case | facts | verdict |",
        "| --- | --- | --- |",
        *(f"| {case.name} | {_case_facts(case)} | {case.verdict.words} |" for case in entry.cases),
        "",
    ]
    return "\n".join(lines)


def _case_facts(case: Case) -> str:
    return ", ".join(f"`{name}` {FACTS[name].show(value)}" for name, value in case.facts.items())


def _facts() -> str:
    lines = [
        "## The facts",
        "",
        "Each is defined twice side by side, in Python and in SQL; a generated test proves that both agree. One",
        "that may be unknown is stored with a companion, `NAME_unknown`, and is then 0, false or empty.",
        "",
    ]
    for scope, facts in groupby(FACTS.values(), key=lambda fact: fact.scope):
        lines += [
            f"### Of the {scope}",
            "",
            "| fact | kind | may be unknown | meaning |",
            "| --- | --- | --- | --- |",
        ]
        lines += [_fact(fact, scope) for fact in facts]
        lines.append("")
    return "\n".join(lines)


def _fact(fact: Fact, scope: Scope) -> str:
    unknown = "yes" if fact.may_be_unknown else ""
    meaning = (
        f"{fact.says[0].upper()}{fact.says[1:]} ({fact.rules[0]})." if scope is Scope.POLICY else fact.meaning
    )
    return f"| `{fact.name}` | {fact.kind.value} | {unknown} | {meaning} |"
