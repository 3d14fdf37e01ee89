"""Reports over a claims history: the plan's own books, or files that were uploaded. The core makes them."""

from __future__ import annotations

import hashlib
import json
import tempfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from django.utils import timezone

from cocm import __version__
from cocm.audit.files import choose_layout, open_history, write_findings
from cocm.audit.layout import SOURCE
from cocm.audit.plan_rows import AuditPlan
from cocm.audit.run import audit_history
from cocm.audit.summary import summary_json, summary_text
from cocm.audit.x12_folder import write_x12_folder
from cocm.basics.errors import CocmError, UnusableInput
from cocm.basics.identity import SCHEMA_VERSION, Provenance
from cocm.basics.months import Month
from cocm.plandesk.desk_tables import batch_input
from cocm.plandesk.tables_out import csv_table
from cocm.publish import performance, sb1320
from cocm.publish.data_request import ALL, data_request
from cocm.publish.history import open_marts
from cocm.publish.html import as_html
from cocm.publish.measures import definitions
from cocm.publish.policy import Audience, policy_page
from cocm.publish.policy_plan import plan_sections
from cocm.publish.request_files import write_parquet, write_workbook
from cocm.publish.request_page import request_page, shown
from cocm.publish.rows import RowFigure
from cocm.publish.scorecard import scorecard_page, scorecards
from cocm.publish.told import untold_measures
from cocm.rules.claims_layouts import claims_layouts
from cocm.sandbox.policy_examples import example_sections
from cocm.server.access.actor import Actor
from cocm.server.access.permissions import Permission
from cocm.server.audit.trail import record
from cocm.server.audit.verbs import Verb
from cocm.server.plandesk.desk import Desk, open_desk
from cocm.server.plandesk.models import PlanReport, ReportFile, ReportKind
from cocm.server.runs.background import background_start, inputs_of
from cocm.server.runs.kinds import Steps
from cocm.server.runs.models import BackgroundRun

MEMORY_LIMIT: Final = "1GB"
THREADS: Final = 2
REPORT_BYTES_MAX: Final = 64 << 20
RUN_KIND: Final = "plan_report"
FOLDER_PREFIX: Final = "cocm-report-"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a report is made of: uploaded files by name (none: the plan's own books), and months of service."""

    uploaded: Mapping[str, bytes]
    first: Month | None = None
    last: Month | None = None

    def as_plain(self) -> dict[str, Any]:
        """As it is kept."""
        return {
            "history": sorted(self.uploaded) or ["the plan's own books"],
            "first": str(self.first) if self.first else "",
            "last": str(self.last) if self.last else "",
        }


@dataclass(frozen=True, slots=True)
class MadeReport:
    """A report as it was made: what was asked, what it came to, its files packed, with their bytes."""

    kind: ReportKind
    asked: dict[str, Any]
    summary: dict[str, Any]
    files: Mapping[str, tuple[bytes, int]]


def report_start(*, actor: Actor, kind: ReportKind, asked: Asked) -> BackgroundRun:
    """Ask for a report; it is made in the background. Raises `UnusableInput` for months that cannot be."""
    actor.require(Permission.PLAN_FIGURES)
    if asked.first and asked.last and asked.last < asked.first:
        raise UnusableInput(f"{asked.last}: comes before {asked.first}")
    plain = asked.as_plain() | {"kind": str(kind)}
    digests = [hashlib.sha256(content).hexdigest() for _, content in sorted(asked.uploaded.items())]
    about = hashlib.sha256(json.dumps([plain, digests]).encode()).hexdigest()
    return background_start(actor=actor, kind=RUN_KIND, about=about, asked=plain, inputs=dict(asked.uploaded))


def report_decide(actor: Actor, run: BackgroundRun, steps: Steps) -> MadeReport:
    """Make the report that was asked for; nothing is kept yet. Raises `UnusableInput` where it cannot be made."""
    asked = Asked(inputs_of(actor, run), month_or_none(run.asked["first"]), month_or_none(run.asked["last"]))
    try:
        return _made(actor, ReportKind(run.asked["kind"]), asked, steps)
    except CocmError as problem:
        raise UnusableInput(_without_folder(str(problem))) from problem


def _made(actor: Actor, kind: ReportKind, asked: Asked, steps: Steps) -> MadeReport:
    steps.at("Reading the plan's tables and books", 0, 3)
    with open_desk(actor) as desk, tempfile.TemporaryDirectory(prefix=FOLDER_PREFIX) as name:
        folder = Path(name) / "out"
        folder.mkdir()
        steps.at("Writing the history", 0, 3)
        paths = [] if kind is ReportKind.POLICY else _history(desk, asked, Path(name) / "history")
        steps.at("Working it out", 1, 3)
        summary = _MAKERS[kind](desk, asked, paths, folder)
        steps.at("Keeping its files", 2, 3)
        files: dict[str, tuple[bytes, int]] = {}
        for one in sorted(folder.iterdir()):
            content = one.read_bytes()
            if len(content) > REPORT_BYTES_MAX:
                raise UnusableInput(
                    f"{one.name}: more than {REPORT_BYTES_MAX >> 20} MB; ask for fewer months"
                )
            files[one.name] = (zlib.compress(content, level=1), len(content))
    return MadeReport(kind, asked.as_plain(), summary, files)


def _without_folder(text: str) -> str:
    return " ".join(
        word.rpartition("/")[2] if f"/{FOLDER_PREFIX}" in word else word for word in text.split(" ")
    )


def report_kept(actor: Actor, run: BackgroundRun, made: MadeReport) -> dict[str, Any]:
    """Keep a report that was made."""
    report = PlanReport(
        organization_id=actor.organization_id,
        kind=made.kind,
        asked=made.asked,
        summary=made.summary,
        made_by_id=actor.user_id,
        made_at=timezone.now(),
    )
    report.save(force_insert=True)
    for name, (content, bytes_total) in made.files.items():
        ReportFile(
            organization_id=actor.organization_id,
            report=report,
            name=name,
            content=content,
            bytes_total=bytes_total,
        ).save(force_insert=True)
    record(
        actor, Verb.ADDED, object_type="plan_report", object_id=report.pk, details={"kind": str(made.kind)}
    )
    return {"report": str(report.pk)}


def _history(desk: Desk, asked: Asked, folder: Path) -> list[Path]:
    """The history as files for the core, written into a folder."""
    folder.mkdir()
    if asked.uploaded:
        paths = []
        for name, content in asked.uploaded.items():
            paths.append(folder / Path(name).name)
            paths[-1].write_bytes(content)
        return paths
    claims, remittances = _of_the_books(desk)
    if not remittances:
        raise UnusableInput("the plan's books hold no decided claim yet")
    write_x12_folder(claims, remittances, folder)
    return [folder]


def _of_the_books(desk: Desk) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Every claim file and every remittance of the plan, by the numbers of their batches."""
    connection = desk.state.connection
    batches = connection.execute("SELECT sha256, batch_number FROM batch ORDER BY batch_number").fetchall()
    inputs = {sha256 for (sha256,) in connection.execute("SELECT sha256 FROM batch_input")}
    claims, remittances = {}, {}
    for sha256, number in batches:
        if sha256 in inputs:
            claims[f"{number:05d}.837"] = batch_input(desk.state, sha256)
        for name, content in desk.state.batch_files(sha256).items():
            if name.endswith(".835") and content:
                remittances[f"{number:05d}-{name}"] = content
    return claims, remittances


def _plan(desk: Desk) -> AuditPlan:
    return AuditPlan(desk.book.profile.pack_id, desk.book)


def _audit(desk: Desk, asked: Asked, paths: list[Path], out: Path) -> dict[str, Any]:
    plan = _plan(desk)
    with open_history(
        paths, desk.rulebook, members=plan.members, memory_limit=MEMORY_LIMIT, threads=THREADS
    ) as (connection, engine):
        layout = choose_layout(paths, claims_layouts(desk.rulebook), engine.columns(SOURCE))
        result = audit_history(engine, desk.rulebook, layout, plan)
        provenance = Provenance(plan.organization_id, desk.today, result.rulebook_hash)
        write_findings(connection, out, provenance.as_json())
    summary = summary_json(result, provenance)
    (out / "summary.json").write_text(json.dumps(summary, indent=2) + "\n")
    (out / "summary.txt").write_text(summary_text(result, provenance))
    return summary


def _provenance(desk: Desk, marts: Any) -> dict[str, str]:
    return {
        "schema_version": SCHEMA_VERSION,
        "engine_version": __version__,
        "rulebook_hash": desk.rulebook.content_hash,
        "as_of_date": str(desk.today),
        "made_of": marts.made_of,
        "not_told": ", ".join(sorted(marts.untold)) or "nothing",
    }


def _data_request(desk: Desk, asked: Asked, paths: list[Path], out: Path) -> dict[str, Any]:
    with open_marts(paths, desk.rulebook, _plan(desk), memory_limit=MEMORY_LIMIT) as marts:
        scopes = marts.scopes((), asked.first, asked.last)
        made = data_request(
            marts.engine, desk.rulebook, scopes, hides_small=True, untold=untold_measures(marts.untold)
        )
        provenance = _provenance(desk, marts)
    about = {
        "title": "Collaborative Care in the network: data request",
        "use": "small figures are hidden",
        "payers": ", ".join(made.payer_ids),
        "months": f"{made.first_month} to {made.last_month}",
        **provenance,
    }
    page = request_page(made, desk.rulebook, made_of=_made_of(provenance), is_internal=False)
    (out / "data-request.html").write_text(as_html(page))
    write_workbook(out / "data-request.xlsx", made, desk.rulebook, about)
    write_parquet(out / "data-request.parquet", made, about)
    return {
        **provenance,
        "months": about["months"],
        "figures": len(made.figures),
        "hidden": made.hidden_count,
        "measures_not_told": sorted(made.untold),
        "shown": _shown_figures(made),
    }


def _shown_figures(made: Any) -> list[list[str]]:
    """The whole plan's figures in words, as the page of the report shows them."""
    explained = definitions()
    return [
        [explained[one.measure][0], shown(one) or "nothing to tell", explained[one.measure][1]]
        for one in made.figures
        if (one.product, one.month, one.class_name) == (ALL, ALL, "") and getattr(one, "region", ALL) == ALL
    ]


def _scorecards(desk: Desk, asked: Asked, paths: list[Path], out: Path) -> dict[str, Any]:
    with open_marts(paths, desk.rulebook, _plan(desk), memory_limit=MEMORY_LIMIT) as marts:
        scopes = marts.scopes((), asked.first, asked.last)
        untold = untold_measures(marts.untold)
        cards = [
            (scope, card)
            for scope in scopes
            for card in scorecards(marts.engine, desk.rulebook, scope, hides_small=True, untold=untold)
        ]
        provenance = _provenance(desk, marts)
    for scope, card in cards:
        page = scorecard_page(
            card,
            desk.rulebook,
            months=f"{scope.first_month} to {scope.last_month}",
            made_of=_made_of(provenance),
        )
        npi = "".join(sign if sign.isalnum() else "-" for sign in card.billing_npi) or "none"
        (out / f"scorecard-{npi}.html").write_text(as_html(page))
    return {**provenance, "providers": [card.billing_npi for _, card in cards]}


def _performance(desk: Desk, asked: Asked, paths: list[Path], out: Path) -> dict[str, Any]:
    with open_marts(paths, desk.rulebook, _plan(desk), memory_limit=MEMORY_LIMIT) as marts:
        scopes = marts.scopes((), asked.first, asked.last)
        first = min(scope.first_month for scope in scopes)
        last = max(scope.last_month for scope in scopes)
        names = tuple(scope.payer_id for scope in scopes)
        figures = performance.payer_performance(marts.engine, names, first, last)
        provenance = _provenance(desk, marts)
    months = f"{first} to {last}"
    page = performance.performance_page(figures, desk.rulebook, months=months, made_of=_made_of(provenance))
    (out / "performance.html").write_text(as_html(page))
    text = csv_table(performance.CSV_COLUMNS, performance.csv_rows(figures))
    (out / "performance.csv").write_text(text)
    shown = [_shown_rate(one, several=len(names) > 1) for one in figures if one.unit == "percent"]
    return {**provenance, "months": months, "shown": shown}


def _shown_rate(one: RowFigure, *, several: bool) -> list[str]:
    """A rate in words: what of, the figure, its counts."""
    title = definitions()[one.measure][0] + (f", {one.row}" if several else "")
    if one.is_hidden:
        return [title, "hidden", ""]
    if one.value is None:
        return [title, "nothing to tell", ""]
    return [title, f"{one.value} %", f"{one.numerator} of {one.denominator}"]


def _sb1320(desk: Desk, asked: Asked, paths: list[Path], out: Path) -> dict[str, Any]:
    with open_marts(paths, desk.rulebook, _plan(desk), memory_limit=MEMORY_LIMIT) as marts:
        scopes = marts.scopes((), asked.first, asked.last)
        if len(scopes) != 1:
            raise UnusableInput(
                f"the history has {len(scopes)} payers; the evidence is of one payer's process: give its own history"
            )
        (scope,) = scopes
        evidence = sb1320.sb1320_evidence(marts.engine, desk.rulebook, scope)
        provenance = _provenance(desk, marts)
        untold = marts.untold
    months = f"{scope.first_month} to {scope.last_month}"
    page = sb1320.sb1320_page(
        evidence,
        desk.rulebook,
        months=months,
        made_of=_made_of(provenance),
        untold=untold,
        hides_small=True,
        book=desk.book,
    )
    (out / "sb1320.html").write_text(as_html(page))
    (out / "lines.csv").write_text(csv_table(sb1320.CSV_COLUMNS, sb1320.csv_rows(evidence, untold)))
    told = [
        {"question": question, "answer": answer, "lines": count}
        for question, answer, count in sb1320.tallies(evidence, hides_small=True, untold=untold)
    ]
    return {**provenance, "months": months, "lines": len(evidence.lines), "practice": told}


def _policy(desk: Desk, asked: Asked, paths: list[Path], out: Path) -> dict[str, Any]:
    policy = desk.policy(desk.today)
    sections = (*plan_sections(desk.book, policy), *example_sections(policy))
    for audience in Audience:
        page = policy_page(policy, audience, sections)
        (out / f"policy-{audience.value}.html").write_text(as_html(page))
    return {"rulebook_hash": desk.rulebook.content_hash, "as_of_date": str(desk.today)}


def _made_of(provenance: Mapping[str, str]) -> str:
    return f"Made of {provenance['made_of']}; not told: {provenance['not_told']}."


_MAKERS: Final[dict[ReportKind, Callable[[Desk, Asked, list[Path], Path], dict[str, Any]]]] = {
    ReportKind.AUDIT: _audit,
    ReportKind.DATA_REQUEST: _data_request,
    ReportKind.SCORECARDS: _scorecards,
    ReportKind.POLICY: _policy,
    ReportKind.PERFORMANCE: _performance,
    ReportKind.SB1320: _sb1320,
}


def reports(*, actor: Actor) -> list[PlanReport]:
    """The reports, newest first."""
    found = PlanReport.objects.of(actor).select_related("made_by").order_by("-made_at")
    return list(found[:200])


def report_or_none(*, actor: Actor, report_id: UUID) -> PlanReport | None:
    """A report of the plan."""
    return PlanReport.objects.of(actor).filter(pk=report_id).first()


def files_of(*, actor: Actor, report: PlanReport) -> list[ReportFile]:
    """Its files, without their content."""
    return list(ReportFile.objects.of(actor).filter(report=report).defer("content").order_by("name"))


def file_content(*, actor: Actor, report: PlanReport, name: str) -> bytes | None:
    """A file's content; None where there is none of the name. The export leaves an event."""
    actor.require(Permission.PLAN_FIGURES)
    found = ReportFile.objects.of(actor).filter(report=report, name=name).first()
    if found is None:
        return None
    record(actor, Verb.EXPORTED, object_type="plan_report", object_id=report.pk, details={"file": name})
    return zlib.decompress(found.content)


def month_or_none(text: str) -> Month | None:
    """A month as a form gives it. Raises `UnusableInput` for one that is none."""
    try:
        return Month.parse(text) if text else None
    except ValueError:
        raise UnusableInput(f"{text}: is no month such as 2026-03") from None
