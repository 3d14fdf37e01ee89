"""Runs a comparison over whatever was named: claim files, tables, practices, or the synthetic regression set."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from cocm.basics.errors import UnusableInput
from cocm.basics.months import Month
from cocm.impact.claims import claims_of_file
from cocm.impact.plan_history import PlanHistory, compare_history, is_history
from cocm.impact.practice import months_of_practice
from cocm.impact.synthetic import synthetic_months
from cocm.impact.tables import TablesCompared, compare_tables
from cocm.impact.turned import Comparison, Subject, Turned
from cocm.intake.practice import WORKBOOK_ENDINGS

_CLAIM_TABLE: Final = "claim_line"
_PRACTICE_TABLE: Final = "contacts.csv"


@dataclass(frozen=True, slots=True)
class ImpactRequest:
    """What to decide by both rulebooks; without `paths`, the synthetic set. A practice needs its `month`."""

    paths: tuple[Path, ...]
    month: Month | None
    pack_id: str | None
    as_of_date: date


def turned_decisions(request: ImpactRequest, comparison: Comparison) -> Iterator[Turned]:
    """Every turned decision; afterwards the comparison's totals are complete.

    Raises `UnusableInput` for a path that holds none of the kinds read.
    """
    if not request.paths:
        yield from _each(synthetic_months(comparison.before.rulebook), comparison)
    for path in request.paths:
        compared = _in_columns(path, request, comparison)
        if compared is not None:
            comparison.totals.add_lines(compared.line_count, compared.turned)
            comparison.totals.not_decided.extend(compared.notes)
            if compared.is_cut:
                comparison.totals.not_decided.append(f"{path.name}: more turned than are listed")
            yield from compared.turned
        elif _is_practice(path):
            yield from _each(_practice(path, request, comparison), comparison)
        else:
            claims = claims_of_file(
                path,
                comparison.before.rulebook,
                pack_id=request.pack_id,
                as_of_date=request.as_of_date,
                on_unreadable=lambda one: comparison.totals.not_decided.append(str(one)),
            )
            yield from _each(claims, comparison)


def _in_columns(path: Path, request: ImpactRequest, comparison: Comparison) -> TablesCompared | None:
    """Claims in tables, or a plan's history in a file; None where the path is neither."""
    if _is_claim_table(path):
        return compare_tables(path, comparison)
    if not is_history(path):
        return None
    if request.pack_id is None:
        raise UnusableInput(f"{path}: a plan's claims history; name the plan's rules with --payer PACK")
    return compare_history(PlanHistory(path, request.pack_id), comparison)


def _practice(path: Path, request: ImpactRequest, comparison: Comparison) -> Iterator[Subject]:
    if request.month is None:
        raise UnusableInput(f"{path}: a practice's tables; name the month to decide with --month YYYY-MM")
    notes = comparison.totals.not_decided
    yield from months_of_practice(path, request.month, as_of_date=request.as_of_date, on_note=notes.append)


def _each(subjects: Iterator[Subject], comparison: Comparison) -> Iterator[Turned]:
    for subject in subjects:
        yield from comparison.turned(subject)


def _is_claim_table(path: Path) -> bool:
    return (path.is_dir() and any(path.glob(f"{_CLAIM_TABLE}.*"))) or (path / _CLAIM_TABLE).is_dir()


def _is_practice(path: Path) -> bool:
    if path.is_file():
        return path.suffix.lower() in WORKBOOK_ENDINGS
    return any(one.name.lower() == _PRACTICE_TABLE for one in path.iterdir()) or any(
        one.suffix.lower() in WORKBOOK_ENDINGS for one in path.iterdir()
    )
