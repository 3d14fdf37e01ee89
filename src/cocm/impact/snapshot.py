"""The regression set's decisions in short, to be kept in the repository: one line a rule, one for each edit and pack.

Counts show which way decisions moved; a digest over all of them shows that one moved at all. Lines are independent of
each other: a new edit, rule or pack adds lines and changes none.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from cocm.edits.discovery import catalogue, find_edit
from cocm.edits.edit import Verdict
from cocm.impact.synthetic import DATES, synthetic_months
from cocm.rules import Rulebook
from cocm.rules.values import show_value

_HEAD: Final = """\
# What the shipped rules and edits decide on the synthetic regression set (cocm.impact.synthetic).
# Written by `python tools/accept_decisions.py`; look at the changed lines before you accept them.
# rule <id> <digest of its values for all packs and dates>
# edit <id> <pack> pass/fail/not applicable/no data <digest of every month's answer>
# codes <pack> <months proposed> <digest>: each proposal and how often
"""
_DIGITS: Final = 10
_COUNTED: Final = (Verdict.PASS, Verdict.FAIL, Verdict.NOT_APPLICABLE, Verdict.NO_DATA)


def decisions_text(rulebook: Rulebook) -> str:
    """The snapshot of a rulebook under this version's edits. The same rules and edits give the same text."""
    answers: dict[tuple[str, str], list[str]] = {}
    codes: dict[str, list[str]] = {}
    for pack_id, months in groupby(synthetic_months(rulebook), key=lambda month: month.pack_id):
        of_pack: dict[str, list[str]] = {edit.id: [] for edit in catalogue()}
        codes[pack_id] = []
        for month in months:
            policy = rulebook.pack(pack_id).on(month.day)
            for edit_id, answer in month.verdicts(policy).items():
                of_pack[edit_id].append(answer)
            codes[pack_id].append(month.codes(policy))
        answers |= {(edit_id, pack_id): found for edit_id, found in of_pack.items()}
    lines = [f"rule {rule_id} {_rule_digest(rulebook, rule_id)}" for rule_id in rulebook.rule_ids]
    lines += [_edit_line(edit_id, pack_id, found) for (edit_id, pack_id), found in sorted(answers.items())]
    lines += [_codes_line(pack_id, found) for pack_id, found in sorted(codes.items())]
    return _HEAD + "\n".join(lines) + "\n"


def _rule_digest(rulebook: Rulebook, rule_id: str) -> str:
    values = (
        rulebook.pack(pack_id).on(day).value(rule_id) for pack_id in rulebook.payer_ids for day in DATES
    )
    return _digest(
        f"{value.state} {show_value(value.value)} {value.severity.word} {value.may_block}" for value in values
    )


def _edit_line(edit_id: str, pack_id: str, answers: list[str]) -> str:
    counts = Counter(answer.partition(" (")[0] for answer in answers)
    counted = "/".join(str(counts[verdict.words]) for verdict in _COUNTED)
    return f"edit {edit_id} {pack_id} {counted} {_digest(answers)}"


def _codes_line(pack_id: str, proposals: list[str]) -> str:
    counts = Counter(proposals)
    listed = "; ".join(f"{text} ({count})" for text, count in sorted(counts.items()))
    return f"codes {pack_id} {len(proposals)} {_digest(proposals)}: {listed}"


def _digest(texts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:_DIGITS]


@dataclass(frozen=True, slots=True)
class Differences:
    """What is another decision than the one accepted, in lines to read."""

    lines: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.lines)

    def __str__(self) -> str:
        return "\n".join(self.lines)


def differences(accepted: str, decided: str) -> Differences:
    """What turned between two snapshots: rules, then each edit and pack with its counts, then proposals."""
    before, after = _by_name(accepted), _by_name(decided)
    changed_rules = {
        name.removeprefix("rule ")
        for name in before.keys() | after.keys()
        if name.startswith("rule ") and before.get(name) != after.get(name)
    }
    told: list[str] = []
    for name in sorted(before.keys() | after.keys(), key=lambda name: (_ORDER[name.partition(" ")[0]], name)):
        if before.get(name) != after.get(name):
            told.append(_told(name, before, after, changed_rules))
    return Differences(tuple(told))


_ORDER: Final = {"rule": 0, "edit": 1, "codes": 2}


def _by_name(text: str) -> dict[str, str]:
    """Each line's rest by its name: `rule ID`, `edit ID PACK`, `codes PACK`."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        words = line.split(" ")
        name_words = {"rule": 2, "edit": 3, "codes": 2}.get(words[0])
        if name_words is not None:
            found[" ".join(words[:name_words])] = " ".join(words[name_words:])
    return found


def _told(name: str, before: Mapping[str, str], after: Mapping[str, str], changed_rules: set[str]) -> str:
    if name not in before:
        return f"{name}: new ({after[name]})"
    if name not in after:
        return f"{name}: gone (was {before[name]})"
    kind, _, rest = name.partition(" ")
    if kind == "rule":
        return f"{name}: its values changed"
    if kind == "codes":
        return f"{name}: {_moved_codes(before[name], after[name])}"
    entry = find_edit(rest.partition(" ")[0])
    behind = sorted(changed_rules & set(entry.rests_on)) if entry is not None else []
    because = f", because of {', '.join(behind)}" if behind else ""
    return f"{name}: {_moved(before[name], after[name])}{because}"


def _moved(before: str, after: str) -> str:
    old, new = (text.split(" ")[0].split("/") for text in (before, after))
    moved = [
        f"{verdict.words} {was} -> {is_now}"
        for verdict, was, is_now in zip(_COUNTED, old, new, strict=True)
        if was != is_now
    ]
    return ", ".join(moved) or "other months than before, the counts being the same"


def _moved_codes(before: str, after: str) -> str:
    old, new = (set(text.partition(": ")[2].split("; ")) for text in (before, after))
    gone, come = "; ".join(sorted(old - new)), "; ".join(sorted(new - old))
    return f"{gone or 'nothing'} -> {come or 'nothing'}" if gone or come else "other months than before"
