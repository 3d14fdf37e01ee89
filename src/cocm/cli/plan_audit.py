"""`cocm plan audit`: a whole claims history, both sides' mistakes."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Final

import click

from cocm.audit.files import choose_layout, open_history, write_findings
from cocm.audit.layout import SOURCE
from cocm.audit.parts import MEMBERS_PER_PART
from cocm.audit.plan_rows import AuditPlan
from cocm.audit.run import audit_history
from cocm.audit.summary import summary_json, summary_text
from cocm.basics.errors import UnusableInput
from cocm.basics.identity import Provenance
from cocm.cli.options import Day, json_option, rules_option, today
from cocm.cli.stopped import told_when_stopped
from cocm.close.staging import Staging
from cocm.plandesk.folder import read_plan
from cocm.rules import Rulebook, rulebook_of
from cocm.rules.claims_layouts import ClaimsLayout, claims_layouts, read_layout

_PROBLEMS_SHOWN_MAX: Final = 20
_SUMMARY: Final = "summary.json"
_SUMMARY_TEXT: Final = "summary.txt"
_FILES: Final = ("findings.parquet", "findings.csv", _SUMMARY_TEXT, _SUMMARY)


@click.command("audit")
@click.argument(
    "claims", metavar="CLAIMS...", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path)
)
@click.option(
    "--plan",
    "plan_name",
    metavar="PLAN",
    required=True,
    help="The plan's folder (benefits, fees, entities), or only its rules in the rulebook (`cocm rules`).",
)
@click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder for the findings."
)
@click.option(
    "--layout",
    "layout_name",
    metavar="NAME",
    help="How the history is laid out: a name (opencocm, tuva, cclf-part-b, rif-carrier) or a YAML file of your own."
    "  [default: told by its columns]",
)
@click.option(
    "--memory", default="3GB", show_default=True, help="Memory allowed; beyond it, work goes to disk."
)
@click.option("--threads", type=click.IntRange(1, 256), help="Processors used.  [default: all]")
@click.option("--as-of", type=Day(), help="The day of the audit.  [default: today]")
@rules_option
@json_option
def command(
    claims: tuple[Path, ...],
    plan_name: str,
    out: Path,
    layout_name: str | None,
    memory: str,
    threads: int | None,
    as_of: date | None,
    rules: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Audit a claims history (CLAIMS: Parquet or CSV files, or a folder of `cocm x12 table`) for both sides' mistakes.

    Improper denials, misrouting, wrong cost shares, frequency refusals, and what was paid too much: by cause, with the
    money and the members, evidence per line in findings.parquet and findings.csv. What the history cannot tell is
    counted as no data, never taken for clean.

    Exit status: 0 nothing found and everything decidable, 1 findings or no data, 2 unusable input.

    \b
    Example:
      cocm plan audit claims-2025.parquet --plan my-plan/ --out audit/
      cocm plan audit medical_claim.parquet --plan medicare --layout tuva --out audit/ --json
    """
    rulebook = rulebook_of(rules)
    plan = _plan(plan_name, rulebook)
    layouts = claims_layouts(rulebook)
    with Staging(out) as staging:
        with (
            told_when_stopped(f"the audit was stopped before its end; nothing was written to {out}"),
            open_history(
                claims, rulebook, members=plan.members, memory_limit=memory, threads=threads
            ) as history,
        ):
            connection, engine = history
            layout = (
                choose_layout(claims, layouts, engine.columns(SOURCE))
                if layout_name is None
                else _layout(layout_name, layouts)
            )
            result = audit_history(engine, rulebook, layout, plan, members_per_part=MEMBERS_PER_PART)
            provenance = Provenance(plan.organization_id, as_of or today(), result.rulebook_hash)
            write_findings(connection, staging.folder, provenance.as_json())
        summary = summary_json(result, provenance)
        text = summary_text(result, provenance)
        for name, content in ((_SUMMARY, json.dumps(summary, indent=2) + "\n"), (_SUMMARY_TEXT, text)):
            with staging.open(name) as stream:
                stream.write(content.encode())
        for name in _FILES:
            with (staging.folder / name).open("r+b") as stream:
                staging.keep(name, stream)
        staging.check_out()
        staging.publish()
    click.echo(json.dumps(summary, indent=2) if as_json else text, nl=as_json)
    if not as_json:
        click.echo(f"\nWritten to {out}: {', '.join(_FILES)}")
    open_questions = (
        result.unreadable or result.unknown_statuses or any(unknown for _, unknown in result.edits.values())
    )
    sys.exit(1 if result.causes or open_questions else 0)


def _plan(name: str, rulebook: Rulebook) -> AuditPlan:
    """The plan's folder with its tables, or the rules of a pack alone."""
    folder = Path(name)
    if not folder.is_dir():
        if name not in rulebook.payer_ids:
            raise UnusableInput(
                f"--plan {name}: is neither a folder nor rules of the rulebook; `cocm plan template` writes a folder, "
                "`cocm rules packs` lists the rules"
            )
        return AuditPlan(name)
    reading = read_plan(folder, rulebook)
    for problem in reading.problems[:_PROBLEMS_SHOWN_MAX]:
        click.echo(f"  {problem}", err=True)
    return AuditPlan(reading.book.profile.pack_id, reading.book)


def _layout(name: str, layouts: Mapping[str, ClaimsLayout]) -> ClaimsLayout:
    if name in layouts:
        return layouts[name]
    path = Path(name)
    if not path.is_file():
        raise UnusableInput(f"--layout {name}: is neither a file nor one of {', '.join(layouts)}")
    return read_layout(path)
