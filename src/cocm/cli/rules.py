"""`cocm rules`: show, check and compare the rulebook."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import click

from cocm import __version__
from cocm.basics.identity import SCHEMA_VERSION
from cocm.cli.options import Day, Days, json_option, rules_option, today
from cocm.cli.rules_impact import impact
from cocm.cli.rules_load import load
from cocm.rules import Pack, Rule, Rulebook, RuleValue, Source, rulebook_of
from cocm.rules.as_json import history, row_as_json, rule_as_json, value_as_json
from cocm.rules.check import check_rulebook
from cocm.rules.compare import aged_values, differences
from cocm.rules.profile import ROOT_PAYER
from cocm.rules.values import PlainValue, show_value


@click.group()
def command() -> None:
    """Show, check and compare the rulebook: dated, cited values, one file a rule.

    \b
    Example:
      cocm rules show limit.addon_units --payer medicare --on 2026-03-31
      cocm rules diff medicare ca-commercial-carveout --on 2026-03-31
    """


command.add_command(impact)
command.add_command(load)


@command.command("list")
@click.option(
    "--payer", "payer_id", default=ROOT_PAYER, show_default=True, metavar="PACK", help="Whose values."
)
@click.option("--on", "day", type=Day(), metavar="DATE", help="The date of service (default: today).")
@rules_option
@json_option
def list_rules(payer_id: str, day: date | None, rules: tuple[Path, ...], as_json: bool) -> None:
    """List every rule with its value for a payer on a date.

    \b
    Example:
      cocm rules list --payer medicare --on 2026-03-31
    """
    rulebook = rulebook_of(rules)
    on = rulebook.pack(payer_id).on(day or today())
    values = [on.value(rule_id) for rule_id in rulebook.rule_ids]
    if as_json:
        _print_json(
            rulebook,
            {"payer": payer_id, "on": str(on.day), "rules": [value_as_json(value) for value in values]},
        )
        return
    width = max(len(value.rule_id) for value in values)
    for value in values:
        click.echo(f"{value.rule_id:<{width}}  {_answer(value)}  ({value.label})")
    click.echo(f"{len(values)} rules, pack {payer_id}, on {on.day}; packs: {', '.join(rulebook.payer_ids)}")


@command.command()
@rules_option
@json_option
def packs(rules: tuple[Path, ...], as_json: bool) -> None:
    """List the payers' packs: what a table's `pack_id` and `--payer` can name, and which pack each builds on.

    \b
    Example:
      cocm rules packs
    """
    rulebook = rulebook_of(rules)
    profiles = [rulebook.profile(payer_id) for payer_id in rulebook.payer_ids]
    if as_json:
        listed = [
            {"pack": profile.payer_id, "label": profile.label, "builds_on": profile.parent}
            for profile in profiles
        ]
        _print_json(rulebook, {"packs": listed})
        return
    width = max(len(profile.payer_id) for profile in profiles)
    for profile in profiles:
        origin = f"; builds on {profile.parent}" if profile.parent else ""
        click.echo(f"{profile.payer_id:<{width}}  {profile.label}{origin}")


@command.command()
@rules_option
@json_option
@click.pass_context
def check(context: click.Context, rules: tuple[Path, ...], as_json: bool) -> None:
    """Check every rule file. Exit status 1 if there is something to mend.

    Refused are unknown fields, overlaps, gaps (an explicit `unknown` is none), missing sources, unknown
    parents, assumed values that block, a confidence that the source cannot bear, and cases that fail.

    \b
    Example:
      cocm rules check --rules our-contracts/
    """
    rulebook = rulebook_of(rules)
    problems = check_rulebook(rulebook)
    findings = [problem for problem in problems if problem.is_finding]
    if as_json:
        listed = [
            {"path": str(problem.path), "severity": problem.severity.word, "text": problem.text}
            for problem in problems
        ]
        _print_json(rulebook, {"problems": listed, "finding_count": len(findings)})
    else:
        for problem in problems:
            click.echo(f"{problem.severity.word:<6}  {problem.path}: {problem.text}")
        counts = f"{len(rulebook.rule_ids)} rules, {len(rulebook.payer_ids)} packs"
        click.echo(f"{counts}: {len(findings)} to mend" if findings else f"{counts}: nothing to mend")
    context.exit(1 if findings else 0)


@command.command()
@click.argument("rule_id", metavar="ID")
@click.option("--on", "day", type=Day(), metavar="DATE", help="The date of service (default: today).")
@click.option(
    "--payer", "payer_id", default=ROOT_PAYER, show_default=True, metavar="PACK", help="Whose value."
)
@click.option(
    "--known", type=Day(), metavar="DATE", help="As known on this date (default: everything known)."
)
@rules_option
@json_option
def show(
    rule_id: str,
    day: date | None,
    payer_id: str,
    known: date | None,
    rules: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Show a rule: its value on a date, since when, how sure, who says so, and its history.

    \b
    Example:
      cocm rules show codes.short_month --payer medicare --on 2026-03-31
      cocm rules show limit.addon_units --payer medicare --on 2024-08-31 --known 2024-09-01
    """
    rulebook = rulebook_of(rules)
    pack = rulebook.pack(payer_id, known_on=known)
    on = day or today()
    rule, value = rulebook.rule(rule_id), pack.resolve(rule_id, on)
    if as_json:
        _print_json(rulebook, rule_as_json(rule, value, pack, on, known))
    else:
        _print_rule(rule, value, pack, on, known)


@command.command()
@click.argument("payer_a", metavar="PAYER_A")
@click.argument("payer_b", metavar="PAYER_B")
@click.option("--on", "day", type=Day(), metavar="DATE", help="The date of service (default: today).")
@rules_option
@json_option
@click.pass_context
def diff(
    context: click.Context,
    payer_a: str,
    payer_b: str,
    day: date | None,
    rules: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Show where two payers' packs differ on a date. Exit status 1 if they do.

    \b
    Example:
      cocm rules diff medicare ca-commercial-carveout --on 2026-03-31
    """
    rulebook = rulebook_of(rules)
    on = day or today()
    found = differences(rulebook, payer_a, payer_b, on)
    if as_json:
        rows = [
            {"rule": one.rule.rule_id, payer_a: value_as_json(one.first), payer_b: value_as_json(one.second)}
            for one in found
        ]
        _print_json(rulebook, {"on": str(on), "differences": rows})
    else:
        for one in found:
            number = f" [{one.rule.contradiction}]" if one.rule.contradiction else ""
            click.echo(f"{one.rule.rule_id}: {one.rule.label}{number}")
            click.echo(f"  {payer_a}: {_answer(one.first)}")
            click.echo(f"  {payer_b}: {_answer(one.second)}")
        click.echo(f"{len(found)} of {len(rulebook.rule_ids)} rules differ on {on}")
    context.exit(1 if found else 0)


@command.command()
@click.option(
    "--older-than", "older_than_days", type=Days(), required=True, metavar="DAYS", help="For example 90d."
)
@click.option("--as-of", type=Day(), metavar="DATE", help="Count the age from this date (default: today).")
@rules_option
@json_option
@click.pass_context
def audit(
    context: click.Context,
    older_than_days: int,
    as_of: date | None,
    rules: tuple[Path, ...],
    as_json: bool,
) -> None:
    """List the values in force that nobody has looked at for so long. Exit status 1 if there are any.

    \b
    Example:
      cocm rules audit --older-than 90d
    """
    rulebook = rulebook_of(rules)
    day = as_of or today()
    found = aged_values(rulebook, as_of=day, older_than_days=older_than_days)
    if as_json:
        rows = [
            {"rule": aged.rule.rule_id, "payer": aged.payer_id, "age_days": aged.age_days}
            | row_as_json(aged.value)
            for aged in found
        ]
        _print_json(rulebook, {"as_of": str(day), "older_than_days": older_than_days, "values": rows})
    else:
        for aged in found:
            click.echo(
                f"{aged.rule.rule_id} [{aged.payer_id}] = {_shown(aged.value.is_unknown, aged.value.value)}, "
                f"seen {aged.age_days} days ago in {aged.value.source.title}: {aged.value.source.url}"
            )
        click.echo(
            f"{len(found)} values in force were last seen more than {older_than_days} days before {day}"
        )
    context.exit(1 if found else 0)


def _print_rule(rule: Rule, value: RuleValue, pack: Pack, on: date, known: date | None) -> None:
    as_known = f", as known on {known}" if known else ""
    click.echo(f"{rule.rule_id}: {rule.label}{f' [{rule.contradiction}]' if rule.contradiction else ''}")
    click.echo(f"  {' '.join(rule.meaning.split())}")
    click.echo(f"On {on} for {pack.payer_id}{as_known}: {_answer(value)}")
    if value.source is not None:
        ends = f" to {value.effective_to} (not included)" if value.effective_to else ""
        click.echo(f"  in force    from {value.effective_from}{ends}, seen {value.observed}")
        click.echo(f"  breaking it {value.severity.word if value.may_block else _softened(value)}")
        click.echo(f"  source      {_cited(value.source, value.locator)}")
        click.echo(f"              {value.source.url}")
    if value.note:
        click.echo(f"  note        {' '.join(value.note.split())}")
    for step in pack.steps(rule.rule_id, on):
        said = (
            "answers"
            if step.answer is not None
            else "silent on this date"
            if step.has_file
            else "says nothing"
        )
        click.echo(f"  asked       {step.payer_id}: {said}")
    click.echo("History:")
    for payer_id, row in history(pack, rule.rule_id):
        click.echo(
            f"  {payer_id} from {row.effective_from}: {_shown(row.is_unknown, row.value)} "
            f"({row.confidence.value}, seen {row.observed}: {row.source.title})"
        )


def _softened(value: RuleValue) -> str:
    return f"{value.severity.word} (an {value.confidence.value} value never blocks)"


def _answer(value: RuleValue) -> str:
    if not value.is_known:
        return value.state
    return f"{show_value(value.value)} ({value.confidence.value}, {value.payer_id})"


def _shown(is_unknown: bool, value: PlainValue) -> str:
    return "unknown" if is_unknown else show_value(value)


def _cited(source: Source, locator: str) -> str:
    return f"{source.title} (grade {source.grade}){f', at: {locator}' if locator else ''}"


def _print_json(rulebook: Rulebook, answer: dict[str, Any]) -> None:
    carried = {
        "schema_version": SCHEMA_VERSION,
        "engine_version": __version__,
        "rulebook_hash": rulebook.content_hash,
    }
    click.echo(json.dumps(carried | answer, indent=2, ensure_ascii=False))
