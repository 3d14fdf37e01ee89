"""`cocm sandbox run`: decide an 837P as a plan that errs."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from typing import Any, Final

import click

from cocm.basics.counted import counted
from cocm.basics.money import dollars
from cocm.cli.options import Day, json_option, rules_option, today
from cocm.cli.plan_options import out_option
from cocm.cli.plan_refused import refusal_words, refused_in_form
from cocm.plan.balances import balance_words
from cocm.plan.mistakes import ErringPlan, Mistake
from cocm.plandesk.late import late_words
from cocm.plandesk.shares import share_words
from cocm.rules import rulebook_of
from cocm.sandbox.label import LABEL
from cocm.sandbox.run import RunRequest, run_sandbox

_PERCENT_MAX: Final = 100
_PROBLEMS_SHOWN_MAX: Final = 20


class MistakeRate(click.ParamType):  # type: ignore[type-arg]  # generic in newer releases of click only
    """`NAME=RATE` on the command line, the rate in percent."""

    name = "name=rate"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[Mistake, int]:
        name, _, rate = str(value).partition("=")
        rate = rate.strip().removesuffix("%").strip()
        try:
            mistake = Mistake(name.strip())
        except ValueError:
            self.fail(f"{name!r} is no mistake; there are {', '.join(Mistake)}", param, ctx)
        if not (rate.isascii() and rate.isdecimal() and len(rate) <= 3 and int(rate) <= _PERCENT_MAX):
            self.fail(f"{value!r}: write a rate from 0 to 100 percent, such as {mistake}=40", param, ctx)
        return mistake, int(rate)


mistake_option = click.option(
    "--mistake",
    "mistakes",
    metavar="NAME=RATE",
    type=MistakeRate(),
    multiple=True,
    help=f"A mistake and how often, in percent of the claims it can be made on: {', '.join(Mistake)}.",
)


def erring_plan(mistakes: tuple[tuple[Mistake, int], ...], seed: int) -> ErringPlan | None:
    """The plan's mistakes; None where it makes none. Raises a usage error for one that is given twice."""
    rates = dict(mistakes)
    if len(rates) != len(mistakes):
        raise click.UsageError("--mistake: one of them is given twice")
    return ErringPlan(rates, seed) if rates else None


@click.command("run")
@click.argument("file", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--plan",
    "folder",
    metavar="DIR",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A sandbox plan (`cocm sandbox plan` makes one).",
)
@out_option
@mistake_option
@click.option("--seed", type=int, default=0, show_default=True, help="Which claims the mistakes meet.")
@click.option(
    "--state",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Remember what was decided, for a rehearsal over several files.  [default: nothing is remembered]",
)
@click.option("--as-of", type=Day(), help="The day of the decision.  [default: today]")
@click.option("--received", type=Day(), help="The day the file came in.  [default: the day of the decision]")
@rules_option
@json_option
def command(
    file: Path,
    folder: Path,
    out: Path,
    mistakes: tuple[tuple[Mistake, int], ...],
    seed: int,
    state: Path | None,
    as_of: date | None,
    received: date | None,
    rules: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Decide the claims of FILE (837P of any system) with the mistakes given; without any, by the rules alone.

    Written are acknowledgments (999, 277CA), an 835, the administrator's own 835 for what was misrouted to it, a
    request for records (277), and the trace that tells for each line which rule or mistake decided. Send the corrected
    claims through again without --mistake, and they are decided by the rules.

    Exit status: 0 every claim was paid, 1 something was rejected, denied or waits, 2 unusable input.

    \b
    Example:
      cocm sandbox run march.837 --plan rehearsal/plan --mistake route_by_diagnosis=40 --seed 7 --out answers/
      cocm sandbox run march.837 --plan rehearsal/plan --mistake ask_for_records=100 --out answers/ --json
    """
    day = as_of or today()
    request = RunRequest(file, folder, out, day, received or day, erring_plan(mistakes, seed), state)
    made = run_sandbox(request, rulebook_of(rules))
    summary = made.summary
    if as_json:
        before = None if made.decided_before is None else str(made.decided_before)
        shown = {
            **summary, "decided_before": before, "files": list(made.files), "row_problems": list(made.row_problems),
        }  # fmt: skip
        click.echo(json.dumps(shown, indent=2))
    else:
        if made.decided_before is not None:
            click.echo(
                f"{file.name}: decided before, as of {made.decided_before}; the same answers again. Another --state "
                "decides it anew"
            )
        answers = ("paid", "denied", "pended", "forwarded", "reversed", "rejected", "unreadable")
        counts = ", ".join(
            f"{summary[f'claims_{name}']} {name}" for name in answers if summary[f"claims_{name}"]
        )
        click.echo(f"{counted(summary['claims'], 'claim')}: {counts}")
        for mistake, count in sorted(made.mistakes.items()):
            click.echo(f"  mistake made on {count}: {mistake}")
        click.echo(
            f"Paid {dollars(summary['paid_amount_cents'])}, members owe {dollars(summary['member_share_cents'])}"
        )
        for line in (*late_words(summary), *balance_words(summary), *share_words(summary)):
            click.echo(line)
        for line in refusal_words(summary, file.name, made.payer_identifiers):
            click.echo(line)
        for problem in made.row_problems[:_PROBLEMS_SHOWN_MAX]:
            click.echo(f"  {problem}")
        click.echo(f"Written to {out}: {', '.join(made.files)}")
        click.echo(LABEL)
    clean = summary["claims"] == summary["claims_paid"] + summary["claims_reversed"]
    clean = clean and not any(refused_in_form(summary))
    sys.exit(0 if clean else 1)
