"""`cocm plan policy`: the policy pages of a plan, generated from the rules that decide its claims."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import click

from cocm import __version__
from cocm.basics.files import atomic_write
from cocm.basics.identity import SCHEMA_VERSION
from cocm.cli.options import Day, json_option, rules_option, today
from cocm.plandesk.folder import read_plan
from cocm.publish.html import as_html
from cocm.publish.page import as_markdown
from cocm.publish.policy import Audience, policy_page, statements
from cocm.publish.policy_plan import plan_sections
from cocm.rules import PackOn, rulebook_of
from cocm.sandbox.policy_examples import example_sections


@click.command("policy")
@click.option(
    "--payer", "pack_id", metavar="PACK", help="Whose rules to publish (`cocm rules packs` lists them)."
)
@click.option(
    "--plan",
    "folder",
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A plan's tables: its rules, and its own routes and cost shares beside them.",
)
@click.option("--on", "day", type=Day(), help="The date of service the policy is for.  [default: today]")
@click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder for the pages."
)
@rules_option
@json_option
def command(
    pack_id: str | None,
    folder: Path | None,
    day: date | None,
    out: Path,
    rules: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Write the policy as pages for providers and for reviewers (HTML and Markdown), and its values as JSON.

    Nothing on the pages is typed: every value is read where the adjudication reads it, so that the policy a plan
    publishes is the policy it runs. Give --payer or --plan.

    \b
    Example:
      cocm plan policy --payer ca-commercial-carveout --on 2026-03-31 --out policy/
      cocm plan policy --plan my-plan/ --out policy/
    """
    if (pack_id is None) == (folder is None):
        raise click.UsageError("say whose policy it is: --payer PACK, or --plan DIR for a plan's own tables")
    rulebook = rulebook_of(rules)
    book = None if folder is None else read_plan(folder, rulebook).book
    policy = rulebook.pack(pack_id if book is None else book.profile.pack_id).on(day or today())  # type: ignore[arg-type]  # one of both is given
    more = (*(() if book is None else plan_sections(book, policy)), *example_sections(policy))
    out.mkdir(parents=True, exist_ok=True)
    written = []
    for audience in Audience:
        page = policy_page(policy, audience, more)
        for suffix, text in (("html", as_html(page)), ("md", as_markdown(page))):
            written.append(_write(out / f"{audience}.{suffix}", text))
    answer = _values(policy)
    written.append(_write(out / "policy.json", json.dumps(answer, indent=2, ensure_ascii=False) + "\n"))
    if as_json:
        click.echo(json.dumps(answer | {"files": written}, indent=2, ensure_ascii=False))
    else:
        click.echo(f"Policy of {policy.payer_id} on {policy.day}: {', '.join(written)} in {out}")


def _write(path: Path, text: str) -> str:
    with atomic_write(path) as stream:
        stream.write(text.encode())
    return path.name


def _values(policy: PackOn) -> dict[str, object]:
    rulebook = policy.pack.rulebook
    return {
        "schema_version": SCHEMA_VERSION,
        "engine_version": __version__,
        "rulebook_hash": rulebook.content_hash,
        "pack_id": policy.payer_id,
        "on": str(policy.day),
        "rules": [
            {
                "part": part.anchor,
                "rule_id": one.value.rule_id,
                "state": one.value.state,
                "value": sorted(one.value.value)
                if isinstance(one.value.value, frozenset)
                else one.value.value,
                "words": one.words,
                "effective_from": _text(one.value.effective_from),
                "effective_to": _text(one.value.effective_to),
                "confidence": one.value.confidence.value,
                "source": None if one.value.source is None else one.value.source.title,
                "answered_by": one.value.payer_id,
            }
            for part, found in statements(policy)
            for one in found
        ],
    }


def _text(day: date | None) -> str | None:
    return None if day is None else str(day)
