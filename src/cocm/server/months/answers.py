"""What a run answered, from the files it wrote to the rows that the pages read."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import orjson

from cocm.basics.files import safe_cell
from cocm.basics.money import cents_from_text
from cocm.server.access.actor import Actor
from cocm.server.months.models import MonthItem, MonthRun, PatientMonth
from cocm.server.months.owners import mending_of

AT_ONCE: Final = 500
NOTED: Final = "noted"


@dataclass(frozen=True, slots=True)
class Answers:
    """The rows of the run's own files: proposals with their reasons, and the worklist."""

    explained: list[dict[str, Any]]
    proposals: list[dict[str, str]]
    worklist: list[dict[str, str]]


def read_answers(folder: Path) -> Answers:
    """The answers in a close's out folder."""
    return Answers(
        orjson.loads((folder / "proposals.json").read_bytes())["proposals"],
        _rows(folder / "proposals.csv"),
        _rows(folder / "worklist.csv"),
    )


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def answers_kept(actor: Actor, run: MonthRun, answers: Answers, patients: dict[str, UUID]) -> None:
    """The month's answers, in place of those of the run before."""
    MonthItem.objects.of(actor).filter(month_index=run.month_index).delete()
    PatientMonth.objects.of(actor).filter(month_index=run.month_index).delete()
    months, items = [], []
    on_list = {
        (row["patient_id"], row["episode_id"], row["item"], row["why"]): row for row in answers.worklist
    }
    told = set()
    for entry, row in zip(answers.explained, answers.proposals, strict=True):
        month = _patient_month(actor, run, entry, row, patients)
        months.append(month)
        for item in entry["items"]:
            key = (
                safe_cell(entry["patient_id"]),
                safe_cell(entry["episode_id"]),
                item["item"],
                safe_cell(item["why"]),
            )
            told.add(key)
            items.append(_item(actor, run, month, item, on_list.get(key)))
    of_episode = {(month.patient_id, month.episode_id): month for month in months}
    for key, row in on_list.items():
        if key not in told:
            month = of_episode.get((patients.get(row["patient_id"]), row["episode_id"]))
            items.append(_item_of_list(actor, run, month, row, patients))
    PatientMonth.objects.bulk_create(months, batch_size=AT_ONCE)
    MonthItem.objects.bulk_create(items, batch_size=AT_ONCE)


def _patient_month(
    actor: Actor, run: MonthRun, entry: dict[str, Any], row: dict[str, str], patients: dict[str, UUID]
) -> PatientMonth:
    return PatientMonth(
        organization_id=actor.organization_id,
        run=run,
        month_index=run.month_index,
        patient_id=patients[entry["patient_id"]],
        episode_id=entry["episode_id"],
        payer_id=entry["payer_id"] or "",
        status=entry["status"],
        month_kind=row["month_kind"],
        minutes_counted=int(row["minutes_counted"]),
        codes=row["codes"],
        next_tier=row["next_tier"],
        minutes_short=int(row["minutes_to_next_tier"]) if row["minutes_to_next_tier"] else None,
        cents_expected=_cents(row["expected_payment"]),
        cents_charged=_cents(row["charge_amount"]),
        claim_id=entry["claim_id"] or "",
        submission=entry["submission"] or "",
    )


def _item(
    actor: Actor, run: MonthRun, month: PatientMonth, item: dict[str, Any], listed: dict[str, str] | None
) -> MonthItem:
    """A reason of the decision; it holds the claim where it is on the worklist."""
    return MonthItem(
        organization_id=actor.organization_id,
        run=run,
        patient_month=month,
        month_index=run.month_index,
        patient_id=month.patient_id,
        payer_id=month.payer_id,
        item=item["item"],
        grade=item["grade"],
        owner=mending_of(item["item"]).owner,
        why=item["why"],
        action=item["what_to_do"],
        rules=item["rules"],
        can_be_released=listed is not None and listed["can_be_released"] == "yes",
        holds=listed is not None and item["grade"] != NOTED,
        cents_at_stake=_cents(listed["money_at_stake"]) or 0 if listed is not None else 0,
        money_basis=listed["money_basis"] if listed is not None else "",
    )


def _item_of_list(
    actor: Actor, run: MonthRun, month: PatientMonth | None, row: dict[str, str], patients: dict[str, UUID]
) -> MonthItem:
    """A row of the worklist that is no reason of a decision: care that is due, a claim without a case behind it."""
    return MonthItem(
        organization_id=actor.organization_id,
        run=run,
        patient_month=month,
        month_index=run.month_index,
        patient_id=patients.get(row["patient_id"]),
        payer_id=row["payer_id"],
        item=row["item"],
        grade=row["grade"],
        owner=mending_of(row["item"]).owner,
        why=row["why"],
        action=row["what_to_do"],
        rules=[part for part in row["rules"].split(" | ") if part],
        can_be_released=row["can_be_released"] == "yes",
        holds=row["grade"] != NOTED,
        cents_at_stake=_cents(row["money_at_stake"]) or 0,
        money_basis=row["money_basis"],
    )


def _cents(text: str) -> int | None:
    return cents_from_text(text) if text else None
