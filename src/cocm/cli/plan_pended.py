"""`cocm plan pended`: what waits for a reviewer, and one claim with its checklist."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cocm.basics.counted import counted
from cocm.cli.options import Day, json_option, rules_option, today
from cocm.cli.plan_options import plan_option, state_of, state_option, tell_problems
from cocm.plandesk.case_file import CaseFile
from cocm.plandesk.desk_view import ClaimView, Queue, WaitingClaim, queue, view
from cocm.plandesk.folder import read_plan
from cocm.plandesk.state import PlanState
from cocm.rules import rulebook_of

if TYPE_CHECKING:
    from cocm.plan.checklist import ChecklistPoint


@click.command("pended")
@click.argument("claim", required=False)
@plan_option
@state_option
@click.option("--as-of", type=Day(), help="The day it is looked at.  [default: today]")
@click.option(
    "--documents",
    "folder_for_documents",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write the claim's records that came in into this folder.",
)
@rules_option
@json_option
def command(
    claim: str | None,
    folder: Path,
    state: Path | None,
    as_of: date | None,
    folder_for_documents: Path | None,
    rules: tuple[Path, ...],
    as_json: bool,
) -> None:
    """List the claims that wait for a person; with CLAIM (number or id), show one: the Collaborative Care checklist
    (right benefit, right parties, month logic, allowed combination, minutes evidence), each item yes, no or unknown
    with facts, rule, date and source, and each service of the month beside it, line by line.

    Unknown holds against nobody. Exit status: 0 nothing waits, 1 something does, 2 unusable input.

    \b
    Example:
      cocm plan pended --plan my-plan/
      cocm plan pended P-0123456789AB --plan my-plan/
    """
    if folder_for_documents is not None and claim is None:
        raise click.UsageError("--documents: name the CLAIM whose records you want")
    rulebook = rulebook_of(rules)
    reading = read_plan(folder, rulebook)
    tell_problems(reading.problems)
    with PlanState(state_of(folder, state), reading.book.profile.plan_id) as opened:
        file = CaseFile(opened, reading.book, rulebook, as_of or today())
        if claim is None:
            waiting = queue(file)
            click.echo(
                json.dumps(_queue_json(waiting), indent=2) if as_json else "\n".join(_queue_text(waiting))
            )
            sys.exit(1 if waiting.claims else 0)
        shown = view(file, claim)
        if folder_for_documents is not None:
            _write_documents(opened, shown, folder_for_documents)
        click.echo(json.dumps(shown.as_json(), indent=2) if as_json else "\n".join(_view_text(shown)))
        sys.exit(1 if shown.claim.answer.value == "pended" else 0)


def _queue_json(waiting: Queue) -> dict[str, object]:
    return {
        "claims": [one.as_json() for one in waiting.claims],
        "claims_taken_in": waiting.claims_taken_in,
        "record_requests": waiting.record_requests,
    }


def _queue_text(waiting: Queue) -> Iterator[str]:
    waits = "waits" if len(waiting.claims) == 1 else "wait"
    yield f"{counted(len(waiting.claims), 'claim')} {waits} for a person"
    for one in waiting.claims:
        yield from _waiting_text(one)
    asked, of = waiting.record_requests, waiting.claims_taken_in
    share = f" ({1000 * asked // of / 10:.1f} %)" if of else ""
    yield f"Records asked for: {asked} of {counted(of, 'claim')} taken in{share}"


def _waiting_text(one: WaitingClaim) -> Iterator[str]:
    due = f", to be paid or contested by {one.due_date}" if one.due_date else ""
    yield f"{one.claim_number}  {one.claim_id}  received {one.received_date}{due}"
    for why in one.waits_for:
        yield f"    waits: {why}"
    if one.request is not None:
        until = f", answer due by {one.request.due_date}" if one.request.due_date else ""
        came = f"; {counted(len(one.documents), 'document')} came in" if one.documents else ""
        triggers = ", ".join(one.request.edit_ids) or "no reason that a rule names"
        yield f"    records asked for on {one.request.asked_date} for {triggers}{until}{came}"


def _view_text(shown: ClaimView) -> Iterator[str]:
    yield from _waiting_text(shown.waiting)
    yield f"    {shown.claim.answer} so far; today it would be {shown.today.answer}"
    yield ""
    for answer in shown.checklist:
        yield f"[{answer.state:<7}] {answer.item.label}"
        for point in answer.points:
            yield from _point_text(f"{point.state}", point)
        for note in answer.notes:
            yield from _point_text("note", note)
    for pair in shown.beside:
        verdict = pair.comparison
        yield ""
        yield (
            f"Line {pair.claim_line_number} beside claim {verdict.other_claim_number}, line "
            f"{verdict.other_line_number}: {verdict.combination}, {verdict.why}"
        )
        if verdict.rule is not None:
            yield f"    by {verdict.rule.cite}"
        for field in pair.fields:
            mark = {True: "same", False: "differs", None: "not told"}[field.is_same]
            yield f"    {field.name:<16} {field.this or '-':<24} {field.other or '-':<24} {mark}"


def _point_text(state: str, point: ChecklistPoint) -> Iterator[str]:
    yield f"    {state:<7} {point.what}: {point.text}"
    if point.facts:
        facts = ", ".join(f"{name}={value}" for name, value in point.facts.items())
        yield f"            facts: {facts}"
    for cite in point.cites:
        yield f"            by {cite}"


def _write_documents(state: PlanState, shown: ClaimView, folder: Path) -> None:
    from cocm.basics.files import atomic_write
    from cocm.plandesk.desk_tables import document_bytes

    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for number, document in enumerate(shown.waiting.documents, 1):
        with atomic_write(folder / f"{number:03d}-{Path(document.file_name).name}") as out:
            out.write(document_bytes(state, document))
