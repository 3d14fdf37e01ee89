"""`cocm explain`: what a remittance did not pay, why, and what to do."""

from __future__ import annotations

import json
import sys
import textwrap
from pathlib import Path

import click

from cocm.basics.counted import counted
from cocm.basics.money import dollars
from cocm.cli.options import json_option, rules_option
from cocm.receivables.explain import Explained, ExplainedClaim, ExplainedLine, explain_files
from cocm.rules import Rulebook, rulebook_of
from cocm.rules.denial_causes import denial_causes

WIDTH = 110


@click.command("explain")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--claim", "claim_number", help="Only the claim of this control number.")
@click.option("--payer", "payer_id", help="The payer's pack, for its deadlines (cocm rules packs).")
@rules_option
@json_option
def command(
    files: tuple[Path, ...],
    claim_number: str | None,
    payer_id: str | None,
    rules: tuple[Path, ...],
    as_json: bool,
) -> None:
    """What a remittance (835) did not pay, why, and what to do.

    Works on any 835; nothing else of this program is needed. Each denied line of Collaborative Care gets its likeliest
    causes from the denial playbook, with what speaks for each, the fix, who does it and by when. Where general advice
    for a code is wrong for Collaborative Care, it says so. Claims of other services are counted and left alone.

    Exit status: 0 nothing was denied, 1 something was, 2 a file cannot be read or has no such claim.

    \b
    Example:
      cocm explain era.835 --payer ca-commercial-carveout
    """
    rulebook = rulebook_of(rules)
    counts = Explained()
    claims = list(explain_files(files, rulebook, counts, payer_id=payer_id, claim_number=claim_number))
    if as_json:
        click.echo(json.dumps(as_document(claims, counts, rulebook), indent=2))
    else:
        _print(claims, counts, rulebook)
    sys.exit(1 if any(claim.lines for claim in claims) else 0)


def as_document(claims: list[ExplainedClaim], counts: Explained, rulebook: Rulebook) -> dict[str, object]:
    """The explanations for programs: codes and ids only."""
    return {
        "rulebook_hash": rulebook.content_hash,
        "claims_of_the_model": counts.cocm_claims,
        "other_claims": counts.other_claims,
        "claims": [
            {
                "claim_number": claim.decision.claim_number,
                "payer_claim_control_number": claim.decision.payer_claim_control_number,
                "status_code": claim.decision.status,
                "charge_cents": claim.decision.charge_amount_cents,
                "paid_cents": claim.decision.paid_amount_cents,
                "lines": [_line_document(line) for line in claim.lines],
            }
            for claim in claims
        ],
    }


def _line_document(explained: ExplainedLine) -> dict[str, object]:
    line = explained.line
    return {
        "line": line.line_number,
        "hcpcs_code": line.hcpcs_code,
        "at_stake_cents": line.at_stake_cents,
        "said": [{"code": code, "meaning": words} for code, words in explained.said],
        "rule_out_first": list(explained.rule_out_first),
        "deadline": None if explained.deadline.day is None else str(explained.deadline.day),
        "deadline_why": explained.deadline.why,
        "causes": [
            {
                "cause": ranked.cause.cause_id,
                "label": ranked.cause.label,
                "share_percent": ranked.share_percent,
                "because": list(ranked.because),
                "action": ranked.cause.fix.action,
                "who": ranked.cause.fix.who,
                "steps": list(ranked.cause.fix.steps),
                "letter": ranked.cause.fix.letter or None,
                "chance_percent": ranked.cause.fix.chance_percent,
                "prevented_by": list(ranked.cause.prevented_by),
                "unlike_general_advice": ranked.cause.unlike_general_advice,
                "confidence": ranked.cause.confidence,
                "source": ranked.cause.source.ref,
            }
            for ranked in explained.causes
        ],
    }


def _print(claims: list[ExplainedClaim], counts: Explained, rulebook: Rulebook) -> None:
    for claim in claims:
        if claim.lines:
            _print_claim(claim, rulebook)
    denied = sum(bool(claim.lines) for claim in claims)
    at_stake = sum(line.line.at_stake_cents for claim in claims for line in claim.lines)
    click.echo(
        f"{counted(counts.cocm_claims, 'claim')} of Collaborative Care: {denied} not paid in full, {dollars(at_stake)} "
        "at stake"
        + (
            f"; {counted(counts.other_claims, 'claim')} of other services left alone"
            if counts.other_claims
            else ""
        )
    )


def _print_claim(claim: ExplainedClaim, rulebook: Rulebook) -> None:
    decision = claim.decision
    click.echo(
        f"Claim {decision.claim_number} ({decision.payer_claim_control_number}): charged "
        f"{dollars(decision.charge_amount_cents)}, paid {dollars(decision.paid_amount_cents)} "
        f"on {claim.payment.payment_date}"
    )
    for explained in claim.lines:
        line = explained.line
        what = f"line {line.line_number}, {line.hcpcs_code}" if line.line_number else "the claim as a whole"
        click.echo(f"  {what}: {dollars(line.at_stake_cents)} not paid")
        for code, words in explained.said:
            click.echo(f"    {code:8} {words or 'see the publisher’s list'}")
        if not explained.causes:
            click.echo(
                "    No cause of the playbook has these codes: read them with the payer, and add what you learn."
            )
            continue
        _print_causes(explained, rulebook)
    click.echo()


def _print_causes(explained: ExplainedLine, rulebook: Rulebook) -> None:
    first, *others = explained.causes
    cause = first.cause
    click.echo(f"    Likeliest ({first.share_percent} %): {cause.label}")
    _wrapped(cause.meaning, 6)
    _wrapped(f"Because: {'; '.join(first.because)}", 6)
    for other in explained.rule_out_first:
        ruled_out = denial_causes(rulebook)[other]
        _wrapped(f"First rule out: {ruled_out.label.lower()}. {ruled_out.fix.steps[0]}", 6)
    for number, step in enumerate(cause.fix.steps, start=1):
        _wrapped(f"{number}. {step}", 6)
    if cause.unlike_general_advice is not None:
        advice, why_not = cause.unlike_general_advice
        _wrapped(f"Do not: {advice} {why_not}", 6)
    by = explained.deadline
    _wrapped(f"Who: {cause.fix.who}. By: {by.day or 'unknown'}, {by.why}.", 6)
    if cause.prevented_by:
        _wrapped(f"Prevented by: {', '.join(cause.prevented_by)} (cocm edits show ID)", 6)
    if others:
        rest = "; ".join(f"{other.cause.label} ({other.share_percent} %)" for other in others)
        _wrapped(f"Otherwise: {rest}", 6)


def _wrapped(text: str, indent: int) -> None:
    click.echo(textwrap.fill(text, WIDTH, initial_indent=" " * indent, subsequent_indent=" " * (indent + 3)))
