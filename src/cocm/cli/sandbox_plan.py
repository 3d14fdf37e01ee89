"""`cocm sandbox plan`: an invented plan for the claims at hand."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import click

from cocm.basics.counted import counted
from cocm.basics.money import cents_from_text, dollars
from cocm.cli.options import json_option, rules_option
from cocm.rules import rulebook_of
from cocm.sandbox.label import LABEL
from cocm.sandbox.plan_folder import PlanRequest, PlanTerms, write_sandbox_plan

_CODE: Final = re.compile(r"[A-Z0-9][0-9]{3}[A-Z0-9]")


class Amount(click.ParamType):  # type: ignore[type-arg]  # generic in newer releases of click only
    """Dollars on the command line, as cents."""

    name = "amount"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        try:
            cents = cents_from_text(str(value))
        except ValueError as problem:
            self.fail(str(problem), param, ctx)
        return cents if cents >= 0 else self.fail(f"{value!r} is below zero", param, ctx)


class CodeAmount(click.ParamType):  # type: ignore[type-arg]  # generic in newer releases of click only
    """`CODE=AMOUNT` on the command line."""

    name = "code=amount"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, int]:
        code, _, amount = str(value).partition("=")
        try:
            cents = cents_from_text(amount)
        except ValueError:
            cents = 0
        if _CODE.fullmatch(code.strip().upper()) is None or cents <= 0:
            self.fail(f"{value!r}: write a code and an amount in dollars, such as CODE=120.50", param, ctx)
        return code.strip().upper(), cents


@click.command("plan")
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.argument(
    "files", metavar="FILE...", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path)
)
@click.option(
    "--practice",
    type=click.Path(exists=True, path_type=Path),
    help="Take members, their days of coverage and the enrolled places from a practice's tables.",
)
@click.option(
    "--payer", "pack_id", metavar="PACK", help="Its rules.  [default: found from claims or practice]"
)
@click.option("--payer-id", metavar="ID", help="The payer of the claims, where the files name several.")
@click.option("--administrator", metavar="NAME", default="", help="Name of its behavioral administrator.")
@click.option(
    "--copayment", type=Amount(), default="20.00", show_default=True, help="Of the medical benefit."
)
@click.option(
    "--behavioral-copayment",
    type=Amount(),
    default="50.00",
    show_default=True,
    help="What a mistake charges.",
)
@click.option(
    "--deductible", type=Amount(), default="0.00", show_default=True, help="Of the medical benefit."
)
@click.option("--coinsurance", type=click.IntRange(0, 100), default=0, show_default=True, help="Percent.")
@click.option(
    "--fee", "fees", metavar="CODE=AMOUNT", type=CodeAmount(), multiple=True,
    help="Allowed for one unit.  [default: Medicare's national amount, else 70 % of the lowest charge]",
)  # fmt: skip
@rules_option
@json_option
def command(
    folder: Path,
    files: tuple[Path, ...],
    practice: Path | None,
    pack_id: str | None,
    payer_id: str | None,
    administrator: str,
    copayment: int,
    behavioral_copayment: int,
    deductible: int,
    coinsurance: int,
    fees: tuple[tuple[str, int], ...],
    rules: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Make an invented plan in a new folder DIR for the claims of FILE (837P of any system).

    Every patient of the claims is a member; with --practice the members, the ends of their coverage and the enrolled
    places are those of the practice's tables. The tables are those of `cocm plan template`: change them as you like.

    \b
    Example:
      cocm sandbox plan rehearsal/plan march.837 --payer ca-commercial-carveout
      cocm sandbox plan rehearsal/plan out/claims-*.837 --practice my-practice/ --payer-id SCHP1
    """
    terms = PlanTerms(copayment, behavioral_copayment, deductible, coinsurance, fees=dict(fees))
    request = PlanRequest(folder, files, practice, pack_id, payer_id, administrator, terms)
    made = write_sandbox_plan(request, rulebook_of(rules))
    if as_json:
        click.echo(json.dumps({"synthetic": LABEL, **asdict(made)}, indent=2))
        return
    click.echo(f"{made.plan_name} in {folder}, rules of {made.pack_id}: {counted(made.members, 'member')}")
    click.echo(
        f"  from {counted(made.claims, 'claim')} to {made.payer_identifier}; behavioral administrator "
        f"{made.administrator_identifier}"
    )
    if made.pack_doubt:
        click.echo(f"  {made.pack_doubt}, or claims that were billed its way may wait")
    if made.claims_unreadable:
        click.echo(f"  {counted(made.claims_unreadable, 'claim')} could not be read and gave no member")
    if made.fees:
        click.echo(
            f"  fees: {', '.join(f'{code} {dollars(cents)}' for code, cents in sorted(made.fees.items()))}"
        )
    click.echo(LABEL)
