"""`cocm benefits`: what an eligibility answer (271) says about a Collaborative Care month."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click

from cocm import __version__
from cocm.basics.errors import CocmError, UnusableInput
from cocm.basics.files import atomic_write, safe_cell
from cocm.basics.identity import SCHEMA_VERSION
from cocm.basics.money import cents_from_text
from cocm.basics.months import Month
from cocm.benefits.answer import read_answers
from cocm.benefits.compare import Change, changes
from cocm.benefits.estimate import PatientEstimate, estimate
from cocm.benefits.estimate_page import Sender, estimate_page
from cocm.benefits.explain import benefits_as_json, benefits_in_words
from cocm.benefits.records import MonthBenefits
from cocm.benefits.table import COLUMNS, caseload_counts, table_row
from cocm.cli.options import MONTH, json_option, rules_option, today
from cocm.edits.codes import cocm_codes
from cocm.intake.wire_files import open_x12_files
from cocm.rules import PackOn, rulebook_of
from cocm.rules.profile import ROOT_PAYER
from cocm.x12.eligibility_reader import read_271

TABLE_NAME: Final = "benefits.csv"
CHANGES_NAME: Final = "changes.csv"
_CHANGE_COLUMNS: Final = ("person", "change", "before", "now")
_FINDINGS: Final = 1
_PLACE_DIGITS: Final = 2


class _Rate(click.ParamType[tuple[str, int]]):
    """A contract rate written as CODE=DOLLARS."""

    name = "CODE=DOLLARS"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, int]:
        code, _, amount = str(value).partition("=")
        try:
            if not code.isalnum():
                raise ValueError(f"{value!r} is not a rate; write for example 99492=160.32")
            cents = cents_from_text(amount)
            if cents <= 0:
                raise ValueError(f"{value!r} is no rate that is paid; write for example 99492=160.32")
            return code.upper(), cents
        except ValueError as problem:
            self.fail(str(problem), param, ctx)


@dataclass(frozen=True, slots=True)
class _Answers:
    """What was read from some files, and the files that could not be used."""

    people: list[MonthBenefits]
    unusable: list[str]


@click.command("benefits")
@click.argument(
    "paths", metavar="FILE...", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path)
)
@click.option("--month", type=MONTH, required=True, help="The month of service.")
@click.option(
    "--payer",
    "payer_id",
    default=ROOT_PAYER,
    show_default=True,
    metavar="PACK",
    help="Whose rules and rates.",
)
@click.option(
    "--place", default="11", show_default=True, metavar="POS", help="Place of service of the claim."
)
@click.option(
    "--rate", "rates", type=_Rate(), multiple=True, help="Your contract's rate for a code; repeat it."
)
@click.option("--out-of-network", is_flag=True, help="Estimate as a practice outside the plan's network.")
@click.option(
    "--estimate",
    "estimate_folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write a page for each patient here, English and Spanish (HTML, prints on one sheet).",
)
@click.option("--practice", help="Your practice's name, for the page.")
@click.option("--phone", help="The telephone number for questions, for the page.")
@click.option(
    "--batch",
    "batch_folder",
    type=click.Path(file_okay=False, path_type=Path),
    help=f"A whole caseload: write {TABLE_NAME} (and {CHANGES_NAME}) here and print a summary.",
)
@click.option(
    "--previous",
    type=click.Path(exists=True, path_type=Path),
    multiple=True,
    help="With --batch: last month's answers (file or folder), to tell what changed.",
)
@rules_option
@json_option
def command(
    paths: tuple[Path, ...],
    month: Month,
    payer_id: str,
    place: str,
    rates: tuple[tuple[str, int], ...],
    out_of_network: bool,
    estimate_folder: Path | None,
    practice: str | None,
    phone: str | None,
    batch_folder: Path | None,
    previous: tuple[Path, ...],
    rules: tuple[Path, ...],
    as_json: bool,
) -> None:
    """What an eligibility answer (271) says about a Collaborative Care month, and what to ask the plan.

    Coverage in the month, where the claim goes, the patient's cost share from the medical benefit (never from a
    mental-health one), authorization, other payers, an estimate of the patient's share, and every question that is
    left open. FILE is an answer, an archive or a folder of them.

    Exit status: 0 everything is clear, 1 something to ask or to mend, 2 nothing could be read.

    \b
    Example:
      cocm benefits answer.271 --month 2026-03 --payer medicare
      cocm benefits answer.271 --month 2026-03 --estimate letters/ --practice "Lakeside" --phone 510-555-0100
      cocm benefits answers/ --month 2026-03 --batch checked/ --previous answers-february/
    """
    if estimate_folder is not None and not (practice and phone):
        raise click.UsageError("--estimate needs --practice and --phone: they stand on the patient's page")
    if previous and batch_folder is None:
        raise click.UsageError("--previous compares caseloads: give --batch as well")
    rulebook = rulebook_of(rules)
    for code, _ in rates:
        if code not in cocm_codes(rulebook):
            raise click.UsageError(f"--rate {code}: is no code of Collaborative Care")
    if not (len(place) == _PLACE_DIGITS and place.isdigit()):
        raise click.UsageError(f"--place {place!r}: expected two digits, such as 11")
    policy = rulebook.pack(payer_id).on(month.last_day)
    answers = _read(paths, month, policy, place)
    if not answers.people:
        reasons = "; ".join(answers.unusable) or "no answer in it"
        raise UnusableInput(f"nothing could be read: {reasons}")
    estimates = [
        estimate(
            one,
            policy,
            place_of_service_code=place,
            rates_cents=dict(rates),
            is_in_network=not out_of_network,
        )
        for one in answers.people
    ]
    found = None
    if batch_folder is not None:
        earlier = month.plus(-1)
        before = _read(previous, earlier, rulebook.pack(payer_id).on(earlier.last_day), place)
        answers.unusable.extend(before.unusable)
        found = changes(before.people, answers.people) if previous else None
        _write_batch(batch_folder, answers.people, estimates, found)
    if estimate_folder is not None:
        sender = Sender(practice or "", phone or "")
        _write_pages(estimate_folder, answers.people, estimates, sender)
    if as_json:
        _print_json(policy, answers, estimates, found)
    elif batch_folder is not None:
        _print_summary(batch_folder, answers.people, found)
    else:
        for one, its_estimate in zip(answers.people, estimates, strict=True):
            for line in benefits_in_words(one, its_estimate):
                click.echo(_printable(line))
    for reason in answers.unusable:
        click.echo(f"not used: {reason}", err=True)
    is_clear = all(one.is_clear for one in answers.people) and not answers.unusable
    sys.exit(0 if is_clear else _FINDINGS)


def _read(paths: Iterable[Path], month: Month, policy: PackOn, place: str) -> _Answers:
    """All answers of some files and folders. A file that cannot be used does not stop the others."""
    answers = _Answers([], [])
    for path in _files(paths):
        try:
            for _, stream in open_x12_files(path):
                for record in read_271(stream):
                    people = read_answers(record, month, policy, place_of_service_code=place)
                    answers.people.extend(people)
        except CocmError as problem:
            reason = str(problem)
            answers.unusable.append(
                reason if reason.startswith(f"{path.name}:") else f"{path.name}: {reason}"
            )
        except OSError as problem:
            answers.unusable.append(f"{path.name}: {problem.strerror or type(problem).__name__}")
    return answers


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(one for one in path.iterdir() if one.is_file() and not one.name.startswith("."))
        else:
            yield path


def _write_batch(
    folder: Path,
    people: list[MonthBenefits],
    estimates: list[PatientEstimate],
    found: tuple[Change, ...] | None,
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    rows = (table_row(one, its) for one, its in zip(people, estimates, strict=True))
    _write_csv(folder / TABLE_NAME, COLUMNS, rows)
    if found is not None:
        changed = ((one.person, one.kind.value, one.before, one.now) for one in found)
        _write_csv(folder / CHANGES_NAME, _CHANGE_COLUMNS, changed)


def _write_csv(path: Path, columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([safe_cell(cell) for cell in row])
    with atomic_write(path) as out:
        out.write(text.getvalue().encode())


def _write_pages(
    folder: Path, people: list[MonthBenefits], estimates: list[PatientEstimate], sender: Sender
) -> None:
    """A page for each patient, in the order of the answers; refused requests have none."""
    folder.mkdir(parents=True, exist_ok=True)
    made_on = today()
    for number, (one, its_estimate) in enumerate(zip(people, estimates, strict=True), 1):
        if one.patient is None or one.is_refused:
            continue
        page = estimate_page(one, its_estimate, sender, made_on)
        with atomic_write(folder / f"estimate-{number:05d}.html") as out:
            out.write(page.encode())


def _print_summary(folder: Path, people: list[MonthBenefits], found: tuple[Change, ...] | None) -> None:
    for words, count in caseload_counts(people).items():
        if count or words in ("people", "clear"):
            click.echo(f"{count:>7,}  {words}")
    if found is not None:
        kinds: dict[str, int] = {}
        for one in found:
            kinds[one.kind.value] = kinds.get(one.kind.value, 0) + 1
        click.echo(f"Changes since last month: {len(found):,} ({folder / CHANGES_NAME})")
        for kind, count in sorted(kinds.items()):
            click.echo(f"{count:>7,}  {kind}")
    click.echo(f"Table: {folder / TABLE_NAME}")


def _print_json(
    policy: PackOn, answers: _Answers, estimates: list[PatientEstimate], found: tuple[Change, ...] | None
) -> None:
    document: Mapping[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "engine_version": __version__,
        "rulebook_hash": policy.pack.rulebook.content_hash,
        "payer": policy.payer_id,
        "people": [benefits_as_json(one, its) for one, its in zip(answers.people, estimates, strict=True)],
        "changes": None
        if found is None
        else [
            {"person": one.person, "change": one.kind.value, "before": one.before, "now": one.now}
            for one in found
        ],
        "unusable": answers.unusable,
    }
    click.echo(json.dumps(document, indent=2))


def _printable(text: str) -> str:
    """A text that cannot steer the terminal: names and messages come from outside."""
    return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in text)
