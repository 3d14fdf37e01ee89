"""`cocm edits`: list the edits, or show one with its cases and the rule values that hold."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import click

from cocm import __version__
from cocm.basics.errors import UnusableInput
from cocm.basics.identity import SCHEMA_VERSION
from cocm.cli.options import Day, json_option, rules_option, today
from cocm.edits.as_json import edit_as_json
from cocm.edits.derive import FACTS
from cocm.edits.discovery import catalogue, catalogue_hash, find_edit
from cocm.edits.edit import CatalogueEdit
from cocm.edits.fact import Scope
from cocm.edits.words import condition_words
from cocm.rules import PackOn, rulebook_of
from cocm.rules.profile import ROOT_PAYER

_payer_option = click.option(
    "--payer", "payer_id", default=ROOT_PAYER, show_default=True, metavar="PACK", help="Whose rules."
)
_on_option = click.option(
    "--on", "day", type=Day(), metavar="DATE", help="The date of service (default: today)."
)


@click.group()
def command() -> None:
    """List the edits that a claim is checked with, or show one with its cases.

    \b
    Example:
      cocm edits list --payer medicare
      cocm edits show addon.over_limit --payer medicare --on 2026-03-31
    """


@command.command("list")
@_payer_option
@_on_option
@rules_option
@json_option
def list_edits(payer_id: str, day: date | None, rules: tuple[Path, ...], as_json: bool) -> None:
    """List every edit with what failing it does under a payer's rules.

    \b
    Example:
      cocm edits list --payer ca-commercial-carveout --on 2026-03-31
    """
    policy = rulebook_of(rules).pack(payer_id).on(day or today())
    if as_json:
        _print_json(policy, {"edits": [edit_as_json(edit, policy) for edit in catalogue()]})
        return
    width = max(len(edit.id) for edit in catalogue())
    for entry in catalogue():
        click.echo(f"{entry.id:<{width}}  {_severity(entry, policy):<7}  {entry.edit.title}")
    click.echo(f"{len(catalogue())} edits, pack {payer_id}, on {policy.day}")


@command.command()
@click.argument("edit_id", metavar="ID")
@_payer_option
@_on_option
@rules_option
@json_option
def show(edit_id: str, payer_id: str, day: date | None, rules: tuple[Path, ...], as_json: bool) -> None:
    """Show an edit: what it asks, what it does for a payer, the rules it enforces, its fix and its cases.

    \b
    Example:
      cocm edits show consent.missing --payer medicare --on 2026-03-31
    """
    entry = find_edit(edit_id)
    if entry is None:
        raise UnusableInput(f"no edit {edit_id!r}; `cocm edits list` shows all {len(catalogue())}")
    policy = rulebook_of(rules).pack(payer_id).on(day or today())
    if as_json:
        _print_json(policy, edit_as_json(entry, policy))
    else:
        _print_edit(entry, policy)


@command.command()
@json_option
def facts(as_json: bool) -> None:
    """List the facts that edits read, with their meaning and their SQL.

    \b
    Example:
      cocm edits facts --json
    """
    if as_json:
        listed = [
            {
                "name": fact.name,
                "scope": fact.scope.value,
                "kind": fact.kind.value,
                "may_be_unknown": fact.may_be_unknown,
                "meaning": fact.meaning,
                "rules": list(fact.rules),
                "sql": fact.sql,
            }
            for fact in FACTS.values()
        ]
        click.echo(json.dumps({**_head(), "facts": listed}, indent=2))
        return
    width = max(len(name) for name in FACTS)
    for fact in FACTS.values():
        meaning = fact.says if fact.scope is Scope.POLICY else fact.meaning
        click.echo(f"{fact.name:<{width}}  {fact.scope:<6}  {fact.kind.value:<7}  {meaning}")
    click.echo(f"{len(FACTS)} facts")


def _print_edit(entry: CatalogueEdit, policy: PackOn) -> None:
    edit = entry.edit
    rows = [
        (
            "severity",
            f"{_severity(entry, policy)} for {policy.payer_id} on {policy.day} (at most {edit.severity.word})",
        ),
        (
            "about",
            f"the {edit.grain}, since {edit.effective_from}{', voids included' if edit.checks_voids else ''}",
        ),
        ("looks at", condition_words(entry.applies, FACTS)),
        ("trips when", condition_words(entry.trips, FACTS)),
        *(("rule", policy.value(rule_id).cite) for rule_id in edit.rules),
        *((("source", edit.cites),) if edit.cites else ()),
        ("fix", edit.fix),
        *(("case", f"{case.name}: {case.verdict.words}") for case in entry.cases),
    ]
    click.echo(f"{edit.id}: {edit.title}")
    click.echo(entry.doc)
    for name, text in rows:
        click.echo(f"  {name:<10}  {text}")


def _severity(entry: CatalogueEdit, policy: PackOn) -> str:
    return entry.severity_for(policy).word


def _print_json(policy: PackOn, answer: dict[str, Any]) -> None:
    head = {
        **_head(),
        "rulebook_hash": policy.pack.rulebook.content_hash,
        "payer": policy.payer_id,
        "on": str(policy.day),
    }
    click.echo(json.dumps({**head, **answer}, indent=2))


def _head() -> dict[str, str]:
    return {
        "schema_version": SCHEMA_VERSION,
        "engine_version": __version__,
        "catalogue_hash": catalogue_hash(),
    }
