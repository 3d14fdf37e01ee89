"""A scrub in words, for a biller: what is wrong, why, who says so, and what to do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from cocm.basics.counted import counted
from cocm.edits.derive import FACTS
from cocm.edits.edit import Verdict
from cocm.edits.finding import Finding
from cocm.scrub.report import (
    ClaimReport,
    FileReport,
    HistoryReport,
    ScrubTotals,
    UnusableFile,
    fact_words,
)
from cocm.x12 import Problem

PROBLEMS_SHOWN_MAX: Final = 50
SIBLINGS_SHOWN_MAX: Final = 5


def report_lines(report: ClaimReport | FileReport | UnusableFile) -> Iterator[str]:
    """The lines of one report."""
    if isinstance(report, ClaimReport):
        yield from _claim(report)
    elif isinstance(report, FileReport):
        yield from _file(report)
    else:
        yield f"{report.file}: NOT CHECKED. {report.why}"


def totals_lines(totals: ScrubTotals, history: HistoryReport | None, as_of: str) -> Iterator[str]:
    """The sums, and what a file of claims cannot know."""
    verdicts = totals.verdicts
    counts = ", ".join(f"{verdicts[verdict]} {verdict.words}" for verdict in Verdict)
    yield ""
    lines = counted(totals.lines_checked, "CoCM line")
    yield f"As of {as_of}: {counted(totals.claims_checked, 'claim')} with {lines} checked"
    yield f"  answers     {counts} (no data is never clean)"
    yield (
        f"  claims      {totals.claims_failed} with something wrong, {totals.claims_with_no_data} with something not "
        f"known, {totals.claims_unreadable} unreadable"
    )
    yield (
        f"  left alone  {counted(totals.claims_left_alone, 'claim')} without a CoCM line; "
        f"{counted(totals.lines_left_alone, 'line')} with other codes"
    )
    yield f"  X12 form    {counted(totals.problems, 'fault')}"
    packs = ", ".join(f"{pack} {count}" for pack, count in sorted(totals.claims_by_pack.items()))
    yield f"  packs       {packs or 'none'}"
    if history is not None:
        yield (
            f"  history     {history.files} files, {history.claims} claims and {history.table_rows} table rows of "
            f"these patients ({history.table_rows_of_others} rows of others)"
        )
        yield from (f"  note        {note}" for note in history.notes)
    yield from _by_edit(totals)
    yield from _not_known(totals)


def _claim(claim: ClaimReport) -> Iterator[str]:
    result = claim.result
    payer = f"payer {claim.payer_identifier or 'without identifier'}"
    lines = ", ".join(map(str, claim.line_numbers))
    verdict = "FAIL" if result.failures else "NO DATA" if result.no_data else "PASS"
    yield (
        f"{claim.file}: claim {claim.claim_id}, {claim.service_month}, {payer}, line {lines}: {verdict} "
        f"(byte {claim.start})"
    )
    yield f"  rules of {claim.pack.pack_id}: {claim.pack.why}"
    if claim.lines_left_alone:
        yield f"  left alone: {counted(claim.lines_left_alone, 'other line')}"
    if claim.siblings:
        shown = ", ".join(claim.siblings[:SIBLINGS_SHOWN_MAX])
        more = len(claim.siblings) - SIBLINGS_SHOWN_MAX
        yield f"  same patient and month in these files: {shown}{f' and {more} more' if more > 0 else ''}"
    for finding in result.failures:
        yield from _failure(finding)
    if result.no_data:
        yield f"  no data   {', '.join(dict.fromkeys(finding.edit_id for finding in result.no_data))}"
    yield from _problems(claim.problems)


def _failure(finding: Finding) -> Iterator[str]:
    place = f"line {finding.claim_line_number}" if finding.claim_line_number is not None else "claim"
    yield f"  {finding.severity.word:<9} {place}: {finding.title} [{finding.edit_id}]"
    yield f"    why     {finding.explanation}"
    yield from (f"    rule    {cite}" for cite in finding.citations)
    yield f"    to do   {finding.fix}"


def _file(file: FileReport) -> Iterator[str]:
    if file.repeats:
        yield f"{file.file}: not checked again; its bytes are those of {file.repeats}"
        return
    for one in file.unreadable:
        yield f"{file.file}: claim {one.claim_id or '(no id)'}: UNREADABLE (byte {one.start}): {one.why}"
    if file.broke_off:
        yield f"{file.file}: UNREADABLE from here on, what comes after was not checked: {file.broke_off}"
    yield from _problems(file.problems)
    checked = file.claims_read - file.claims_left_alone - len(file.unreadable)
    yield (
        f"{file.file}: {counted(file.claims_read, 'claim')} read, {checked} checked, {file.claims_left_alone} without "
        "a CoCM line left alone"
    )


def _problems(problems: Sequence[Problem]) -> Iterator[str]:
    for problem in problems[:PROBLEMS_SHOWN_MAX]:
        yield f"  X12 form  {problem}"
    if len(problems) > PROBLEMS_SHOWN_MAX:
        yield f"  X12 form  {len(problems) - PROBLEMS_SHOWN_MAX} more; --json lists all"


def _by_edit(totals: ScrubTotals) -> Iterator[str]:
    if totals.failed_by_edit:
        yield "What failed"
        for edit_id, count in totals.failed_by_edit.most_common():
            yield f"  {edit_id:<40}{count:>8}"
    if totals.no_data_by_edit:
        yield "What could not be decided"
        for edit_id, count in totals.no_data_by_edit.most_common():
            yield f"  {edit_id:<40}{count:>8}"


def _not_known(totals: ScrubTotals) -> Iterator[str]:
    if totals.claims_by_unknown_fact:
        yield "What a file of claims cannot know: look it up for these claims, or close the month from the tables"
        for name, count in totals.claims_by_unknown_fact.most_common():
            yield f"  {fact_words(FACTS[name]):<72}{counted(count, 'claim'):>14}"
    if totals.claims_by_unknown_rule:
        yield "What nobody has established of a payer's rules: ask the payer, enter the answer with --rules"
        for (rule_id, pack_id), count in totals.claims_by_unknown_rule.most_common():
            yield f"  {rule_id + ' of ' + pack_id:<72}{counted(count, 'claim'):>14}"
