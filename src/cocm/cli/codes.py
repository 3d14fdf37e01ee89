"""`cocm codes`: which codes a month's minutes earn under a payer's rules."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import click

from cocm import __version__
from cocm.basics.identity import SCHEMA_VERSION
from cocm.basics.months import Month
from cocm.cli.options import MONTH, rules_option
from cocm.coding.explain import cite, lines_in_words, reason_as_json, time_proposal_as_json
from cocm.coding.records import MonthKind, Reason, TimeProposal
from cocm.coding.time import MINUTES_MAX, propose_for_minutes
from cocm.rules import Rulebook, RuleValue, rulebook_of


@click.command()
@click.option(
    "--payer", "payer_id", required=True, metavar="PACK", help="The payer's pack, such as medicare."
)
@click.option("--month", required=True, type=MONTH, help="The month of service.")
@click.option(
    "--minutes",
    required=True,
    type=click.IntRange(0, MINUTES_MAX),
    metavar="N",
    help="Countable whole minutes.",
)
@click.option("--first/--later", "is_first", default=None, help="First month of the episode, or a later one.")
@rules_option
@click.option(
    "--known",
    type=click.DateTime(["%Y-%m-%d"]),
    help="By the rules as known on this date.  [default: all known]",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def command(
    context: click.Context,
    payer_id: str,
    month: Month,
    minutes: int,
    is_first: bool | None,
    rules: tuple[Path, ...],
    known: datetime | None,
    as_json: bool,
) -> None:
    """Which codes do these minutes earn, under this payer's rules?

    The answer is the lawful Collaborative Care lines, what was not chosen, and the rule behind each. Another
    service's code is only ever offered. Exit status 1: a rule is unknown (no data) or a person should look.

    \b
    Example:
      cocm codes --payer medicare --month 2026-03 --minutes 92 --first
      cocm codes --payer ca-commercial-carveout --month 2026-03 --minutes 45 --later --json
    """
    if is_first is None:
        raise click.UsageError(
            "say whether it is the episode's first month or a later one: --first or --later"
        )
    rulebook = rulebook_of(rules)
    known_on = known.date() if known is not None else None
    policy = rulebook.pack(payer_id, known_on=known_on).on(month.last_day)
    kind = MonthKind.FIRST if is_first else MonthKind.LATER
    proposal = propose_for_minutes(minutes, kind, policy)
    if as_json:
        question = {"payer": payer_id, "month": str(month), "minutes": minutes, "month_kind": kind.value}
        answer = time_proposal_as_json(proposal)
        answer["no_data"] = [
            rule for reason in _no_data(proposal) for rule in reason_as_json(reason)["cites"]
        ]
        provenance = _provenance(rulebook, known_on or _today())
        click.echo(json.dumps(question | answer | {"provenance": provenance}, indent=2, ensure_ascii=False))
    else:
        _print(proposal, f"{payer_id}, {month}, {kind.value} month, {minutes} minutes")
    context.exit(1 if proposal.has_no_data or proposal.reviews else 0)


def _no_data(proposal: TimeProposal) -> tuple[Reason, ...]:
    return proposal.reasons if proposal.has_no_data else ()


def _provenance(rulebook: Rulebook, as_of: date) -> dict[str, str]:
    return {
        "schema_version": SCHEMA_VERSION,
        "engine_version": __version__,
        "rulebook_hash": rulebook.content_hash,
        "as_of_date": str(as_of),
    }


def _today() -> date:
    """The clock, read only on the command line's edge."""
    return datetime.now(UTC).astimezone().date()


def _print(proposal: TimeProposal, question: str) -> None:
    """The answer for people: codes, then why, each with its rule, date and source."""
    click.echo(f"{question}: {'no data' if proposal.has_no_data else lines_in_words(proposal.lines)}")
    for title, reasons in (("Why", proposal.reasons), ("For a person to look at", proposal.reviews)):
        if reasons:
            click.echo(f"\n{title}")
        for reason in reasons:
            _print_reason(reason.text, reason.rules)
    if proposal.rejected:
        click.echo("\nNot chosen")
    for item in proposal.rejected:
        offered = " (offered)" if item.is_offered else ""
        _print_reason(f"{item.hcpcs_code} x {item.units}{offered}: {item.reason.text}", item.reason.rules[:1])
    if proposal.next_tier is not None:
        tier = proposal.next_tier
        click.echo(f"\nNext tier: {tier.hcpcs_code} x {tier.units}, {tier.minutes_short} minutes short")


def _print_reason(text: str, rules: Sequence[RuleValue]) -> None:
    click.echo(f"  {text}")
    for rule in rules:
        click.echo(f"      {cite(rule)}")
