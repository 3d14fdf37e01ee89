"""A scrub as JSON, written claim by claim so that a large file needs no large memory."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import orjson

from cocm import __version__
from cocm.basics.identity import SCHEMA_VERSION
from cocm.edits.derive import FACTS
from cocm.edits.discovery import catalogue_hash
from cocm.edits.edit import Verdict
from cocm.edits.finding import Finding
from cocm.rules import Rulebook
from cocm.scrub.report import (
    ClaimReport,
    FileReport,
    HistoryReport,
    ScrubTotals,
    UnusableFile,
    fact_words,
)
from cocm.x12 import Problem


def head(rulebook: Rulebook, as_of: str) -> dict[str, str]:
    """What every answer carries, so that it can be given again."""
    return {
        "schema_version": SCHEMA_VERSION,
        "engine_version": __version__,
        "rulebook_hash": rulebook.content_hash,
        "catalogue_hash": catalogue_hash(),
        "as_of_date": as_of,
    }


def json_parts(
    reports: Iterator[ClaimReport | FileReport | UnusableFile],
    rulebook: Rulebook,
    as_of: str,
    repairs: dict[str, Any] | None,
) -> Iterator[str]:
    """The document piece by piece, up to its totals; `json_end` gives the rest."""
    files: list[dict[str, Any]] = []
    yield f'{_text(head(rulebook, as_of))[:-1]},\n"repair":{_text(repairs)},\n"claims":['
    separator = "\n"
    for report in reports:
        if isinstance(report, ClaimReport):
            yield separator + _text(claim_json(report))
            separator = ",\n"
        else:
            files.append(file_json(report))
    yield f'\n],\n"files":{_text(files)},\n'


def json_end(totals: ScrubTotals, history: HistoryReport | None) -> str:
    """The sums and the closing brace."""
    told = None if history is None else asdict(history)
    return f'"history":{_text(told)},\n"totals":{_text(totals_json(totals))}\n}}\n'


def claim_json(claim: ClaimReport) -> dict[str, Any]:
    """One claim's report."""
    result = claim.result
    return {
        "file": claim.file,
        "byte_offset": claim.start,
        "claim_id": claim.claim_id,
        "service_month": claim.service_month,
        "payer_identifier": claim.payer_identifier,
        "pack": {"id": claim.pack.pack_id, "is_certain": claim.pack.is_certain, "why": claim.pack.why},
        "verdict": "fail" if result.failures else "no_data" if result.no_data else "pass",
        "claim_line_numbers": list(claim.line_numbers),
        "lines_left_alone": claim.lines_left_alone,
        "same_patient_and_month": list(claim.siblings),
        "history_lines": claim.history_lines,
        "counts": {verdict.value: result.counts[verdict] for verdict in Verdict},
        "findings": [finding_json(finding) for finding in result.findings],
        "problems": [problem_json(problem) for problem in claim.problems],
    }


def problem_json(problem: Problem) -> dict[str, Any]:
    """A structural fault."""
    return {**asdict(problem), "kind": problem.kind.value}


def finding_json(finding: Finding) -> dict[str, Any]:
    """A finding with the rule values behind it."""
    rules = [
        {
            "rule": rule.rule_id,
            "state": rule.state,
            "value": sorted(rule.value) if isinstance(rule.value, frozenset) else rule.value,
            "answered_by": rule.payer_id,
            "effective_from": str(rule.effective_from) if rule.effective_from else None,
            "confidence": rule.confidence.value,
            "source": rule.source.title if rule.source else None,
            "url": rule.source.url if rule.source else None,
        }
        for rule in (*finding.rules, *finding.rules_behind)
    ]
    return {**finding.as_json(), "rules": rules}


def file_json(file: FileReport | UnusableFile) -> dict[str, Any]:
    """What a file had beside its checked claims."""
    if isinstance(file, UnusableFile):
        return {"file": file.file, "is_usable": False, "why": file.why}
    return {
        "file": file.file,
        "is_usable": True,
        "repeats": file.repeats,
        "claims_read": file.claims_read,
        "claims_left_alone": file.claims_left_alone,
        "unreadable": [asdict(one) for one in file.unreadable],
        "broke_off": file.broke_off,
        "problems": [problem_json(problem) for problem in file.problems],
    }


def totals_json(totals: ScrubTotals) -> dict[str, Any]:
    """The sums over all files."""
    return {
        "claims_read": totals.claims_read,
        "claims_checked": totals.claims_checked,
        "claims_left_alone": totals.claims_left_alone,
        "claims_unreadable": totals.claims_unreadable,
        "claims_failed": totals.claims_failed,
        "claims_with_no_data": totals.claims_with_no_data,
        "lines_checked": totals.lines_checked,
        "lines_left_alone": totals.lines_left_alone,
        "problems": totals.problems,
        "files_unusable": totals.files_unusable,
        "counts": {verdict.value: totals.verdicts[verdict] for verdict in Verdict},
        "failed_by_edit": dict(sorted(totals.failed_by_edit.items())),
        "no_data_by_edit": dict(sorted(totals.no_data_by_edit.items())),
        "claims_by_pack": dict(sorted(totals.claims_by_pack.items())),
        "not_known_from_a_file": [
            {"fact": name, "asks": fact_words(FACTS[name]), "claims": count}
            for name, count in totals.claims_by_unknown_fact.most_common()
        ],
        "rules_not_established": [
            {"rule": rule_id, "pack": pack_id, "claims": count}
            for (rule_id, pack_id), count in totals.claims_by_unknown_rule.most_common()
        ],
    }


def _text(value: object) -> str:
    try:
        return orjson.dumps(value, default=str).decode()
    except orjson.JSONEncodeError:  # a number of more digits than a machine word, from a damaged file
        return json.dumps(value, default=str)
