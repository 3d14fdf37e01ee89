"""`cocm insight model`: the financial model of a programme."""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import click

from cocm import __version__
from cocm.basics.errors import UnusableInput
from cocm.basics.money import decimal_from_cents, dollars
from cocm.basics.months import Month
from cocm.cli.insight_files import ResultSheet, read_inputs, result_path, write_template, write_workbook
from cocm.cli.options import MONTH, json_option, rules_option, today
from cocm.insight.figures import Figure, FigureUnit, decimal_text, rounded
from cocm.insight.forecast import FORECAST_MONTHS_MAX, ForecastMonth, forecast
from cocm.insight.given import OWN, Given, UserInput, given
from cocm.insight.model import ModelYear, model_year
from cocm.insight.model_figures import model_figures
from cocm.insight.model_inputs import read_model_inputs
from cocm.insight.valuation import consultant_valuation
from cocm.insight.what_if import Outcome, Scenario, usual_scenarios, what_if
from cocm.insight.worked_check import CheckLine, check_lines
from cocm.rules import Rulebook, rulebook_of
from cocm.rules.denial_evidence import denial_evidence
from cocm.rules.fees import fee_schedule
from cocm.rules.insight_tables import caseload_ranges, model_defaults


@click.command("model")
@click.option("--inputs", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="The inputs, a filled-in template (CSV or XLSX).  [default: the rulebook's]")  # fmt: skip
@click.option("--template", type=click.Path(dir_okay=False, path_type=Path),
              help="Write every input with its default and source to this file, and stop.")  # fmt: skip
@click.option("--set", "settings", multiple=True, metavar="INPUT=VALUE",
              help="Change one input: what-if beside the inputs as given; may be repeated.")  # fmt: skip
@click.option("--fees", type=MONTH, help="Take the codes' amounts from Medicare's fee schedule of a month.")
@click.option("--locality", default="", help="With --fees: the Medicare locality, such as 10112-00.")
@click.option("--first-month", type=MONTH, help="The programme's first month.  [default: this month]")
@click.option("--months", type=click.IntRange(1, FORECAST_MONTHS_MAX), default=12, show_default=True,
              help="Months of the forecast from the start.")  # fmt: skip
@click.option("--check", is_flag=True, help="Reproduce the AIMS workbook's worked check, and stop.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write a workbook (XLSX).")
@rules_option
@json_option
def command(
    inputs: Path | None,
    template: Path | None,
    settings: tuple[str, ...],
    fees: Month | None,
    locality: str,
    first_month: Month | None,
    months: int,
    check: bool,
    out: Path | None,
    rules: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Revenue by payer and code, cost, margin, break-even, staffing, a forecast, and what-if.

    Inputs and formulas are those of the AIMS Financial Modeling Workbook, with denials, collection, licence, ramp and
    the consultant's agreement added. Every default names its source, or says that it is an assumption. A plan, not a
    promise: put in your own payers' numbers.

    Exit status: 0 worked out, 1 with --check: a figure is not reproduced, 2 unusable input.

    \b
    Example:
      cocm insight model --template plan.csv
      cocm insight model --inputs plan.csv --set payer.medicaid.denial_percent=20
      cocm insight model --check
    """
    rulebook = rulebook_of(rules)
    month = first_month or Month.of(today())
    if template is not None:
        write_template(template, model_defaults(rulebook))
        click.echo(
            f"Written to {template}: fill in the column value, then cocm insight model --inputs {template}"
        )
        return
    if check:
        _check(rulebook, month, as_json)
        return
    asked = given(model_defaults(rulebook), read_inputs(inputs) if inputs is not None else ())
    if fees is not None:
        asked = asked.with_inputs(_fees(rulebook, asked, fees, locality))
    valuation = consultant_valuation(rulebook, month)
    year = model_year(read_model_inputs(asked), month, valuation)
    scenarios = (
        (_own_scenario(settings),)
        if settings
        else usual_scenarios(asked, denial_evidence(rulebook), caseload_ranges(rulebook))
    )
    outcomes = what_if(asked, scenarios, month, valuation)
    start = forecast(year, months)
    if out is not None:
        write_workbook(result_path(out), _sheets(asked, year, start, outcomes))
    if as_json:
        document = _document(rulebook, asked, year, start, outcomes, month)
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
    else:
        _print(asked, year, start, outcomes)
        if out is not None:
            click.echo(f"Written to {out}")


def _own_scenario(settings: tuple[str, ...]) -> Scenario:
    changes = []
    for text in settings:
        name, sign, value = text.partition("=")
        if not sign:
            raise UnusableInput(f"--set {text}: write INPUT=VALUE, for example bhcm.fte=2")
        changes.append((name.strip(), value.strip()))
    return Scenario("--set " + " ".join(settings), tuple(changes))


def _fees(rulebook: Rulebook, asked: Given, month: Month, locality: str) -> list[UserInput]:
    """The amount of every code from the fee schedule, non-facility. Raises `UnusableInput` for a code without one."""
    found = []
    for code in asked.members("code"):
        answer = fee_schedule(rulebook).allowed_amount(
            code, month.last_day, is_facility=False, locality=locality, is_qualifying_apm=False
        )
        if answer.amount_cents is None:
            raise UnusableInput(
                f"--fees {month}: {code}: {answer.basis}; name another month, or leave --fees out"
            )
        found.append(
            UserInput(answer.basis, f"code.{code}.amount", str(decimal_from_cents(answer.amount_cents)))
        )
    return found


def _check(rulebook: Rulebook, month: Month, as_json: bool) -> None:
    lines = check_lines(rulebook, month)
    if as_json:
        click.echo(json.dumps({"figures": [_check_document(line) for line in lines]}, indent=2))
    else:
        click.echo(lines[0].told.source.title)
        click.echo(f"  {'figure':20} {'told':>12} {'reproduced':>12} {'as listed':>12}")
        for line in lines:
            values = (line.told.told, _places(line, line.reproduced), _places(line, line.from_listed_inputs))
            mark = "" if line.is_reproduced else "  NOT REPRODUCED"
            click.echo(f"  {line.told.figure:20} " + " ".join(f"{value:>12}" for value in values) + mark)
            if line.told.why:
                click.echo(f"      {line.told.why}")
        click.echo("told: the source's figure. reproduced: ours, worked out in the source's way.")
        click.echo("as listed: ours, from the inputs that the source itself lists; these are the defaults.")
    if not all(line.is_reproduced for line in lines):
        raise SystemExit(1)


def _places(line: CheckLine, value: Fraction) -> str:
    return decimal_text(value, -int(line.told.told.as_tuple().exponent)).replace(",", "")


def _check_document(line: CheckLine) -> dict[str, Any]:
    return {
        "figure": line.told.figure,
        "unit": line.told.unit,
        "told": str(line.told.told),
        "reproduced": _places(line, line.reproduced),
        "from_listed_inputs": _places(line, line.from_listed_inputs),
        "is_reproduced": line.is_reproduced,
        "why_they_differ": line.told.why,
        "source": line.told.source.title,
    }


def _print(
    asked: Given, year: ModelYear, start: tuple[ForecastMonth, ...], outcomes: tuple[Outcome, ...]
) -> None:
    own = sum(1 for one in asked.inputs if one.basis == OWN)
    assumed = sum(1 for one in asked.inputs if one.basis == "assumption")
    click.echo(f"{len(asked.inputs)} inputs: {own} your own, {assumed} assumptions, the rest from sources")
    for note in year.inputs.notes:
        click.echo(f"Note: {note}")
    click.echo("A year at full caseload")
    for figure in model_figures(year):
        note = f"; {figure.note}" if figure.note else ""
        click.echo(f"  {figure.label:52} {figure.text:>14}  = {figure.how}{note}")
    click.echo("Revenue by payer and item")
    for line in year.revenue:
        if line.gross_cents:
            units = decimal_text(line.units, 2)
            click.echo(
                f"  {line.payer_label:28} {line.item:14} {units:>10} units {dollars(line.net_cents):>14}"
            )
    click.echo("Cost")
    for name, cents in year.costs:
        if cents:
            click.echo(f"  {name:54} {dollars(cents):>14}")
    _print_start(start)
    click.echo("What if")
    for outcome in outcomes:
        sign = "+" if outcome.difference_cents >= 0 else ""
        click.echo(
            f"  {outcome.scenario.name:70} net {dollars(outcome.year.net_impact_cents):>14}  "
            f"({sign}{dollars(outcome.difference_cents)})"
        )


def _print_start(start: tuple[ForecastMonth, ...]) -> None:
    click.echo("From the start: month, caseload, revenue, cost, money in, money in less cost so far")
    for one in start:
        sums = (one.revenue_cents, one.cost_cents, one.cash_cents, one.cumulative_cash_cents)
        share = decimal_text(100 * one.caseload_share, 0)
        click.echo(f"  {one.number:3} {share:>4} % " + " ".join(f"{dollars(cents):>14}" for cents in sums))


def _document(
    rulebook: Rulebook,
    asked: Given,
    year: ModelYear,
    start: tuple[ForecastMonth, ...],
    outcomes: tuple[Outcome, ...],
    month: Month,
) -> dict[str, Any]:
    return {
        "schema_version": 1,
        "engine_version": __version__,
        "rulebook": rulebook.content_hash,
        "first_month": str(month),
        "inputs": [
            {"input": one.name, "value": one.value, "unit": one.unit, "label": one.label, "basis": one.basis}
            for one in asked.inputs
        ],
        "notes": list(year.inputs.notes),
        "figures": [figure_document(figure) for figure in model_figures(year)],
        "revenue": [
            {"payer": line.payer, "item": line.item, "is_cocm": line.is_cocm, "units": decimal_text(line.units, 4),
             "gross_cents": line.gross_cents, "net_cents": line.net_cents}
            for line in year.revenue
        ],
        "payers": [
            {"payer": one.payer, "cocm_months": decimal_text(one.months, 4), "gross_cents": one.gross_cents,
             "denied_cents": one.denied_cents, "uncollected_cents": one.uncollected_cents, "net_cents": one.net_cents}
            for one in year.payers
        ],
        "costs": [{"item": name, "cents": cents} for name, cents in year.costs],
        "forecast": [
            {"month": one.number, "caseload_percent": decimal_text(100 * one.caseload_share, 2),
             "revenue_cents": one.revenue_cents, "cost_cents": one.cost_cents, "margin_cents": one.margin_cents,
             "cash_cents": one.cash_cents, "cumulative_cash_cents": one.cumulative_cash_cents}
            for one in start
        ],
        "what_if": [
            {"scenario": one.scenario.name, "changes": dict(one.scenario.changes),
             "revenue_cents": one.year.revenue_cents, "cost_cents": one.year.cost_cents,
             "net_impact_cents": one.year.net_impact_cents, "difference_cents": one.difference_cents}
            for one in outcomes
        ],
    }  # fmt: skip


def figure_document(figure: Figure) -> dict[str, Any]:
    """A figure for programs: money in whole cents, other numbers as text with four decimals."""
    value: int | str | None = None
    if figure.value is not None:
        is_money = figure.unit is FigureUnit.CENTS
        value = rounded(figure.value) if is_money else decimal_text(figure.value, 4).replace(",", "")
    return {
        "figure": figure.name, "label": figure.label, "unit": figure.unit, "value": value,
        "numerator": figure.numerator, "denominator": figure.denominator, "note": figure.note,
    }  # fmt: skip


def _sheets(
    asked: Given, year: ModelYear, start: tuple[ForecastMonth, ...], outcomes: tuple[Outcome, ...]
) -> list[ResultSheet]:
    def money(cents: int) -> Decimal:
        return decimal_from_cents(cents)

    figures = tuple(
        (one.label, one.text, one.numerator, one.denominator, one.note) for one in model_figures(year)
    )
    return [
        ResultSheet("Figures", ("figure", "value", "numerator", "denominator", "note"), figures),
        ResultSheet(
            "Revenue",
            ("payer", "item", "units", "before denials", "net"),
            tuple(
                (line.payer_label, line.item, decimal_text(line.units, 2), money(line.gross_cents),
                 money(line.net_cents))
                for line in year.revenue
            ),
        ),
        ResultSheet("Cost", ("item", "amount"), tuple((name, money(cents)) for name, cents in year.costs)),
        ResultSheet(
            "From the start",
            ("month", "caseload %", "revenue", "cost", "margin", "money in", "so far"),
            tuple(
                (one.number, decimal_text(100 * one.caseload_share, 2), money(one.revenue_cents), money(one.cost_cents),
                 money(one.margin_cents), money(one.cash_cents), money(one.cumulative_cash_cents))
                for one in start
            ),
        ),
        ResultSheet(
            "What if",
            ("scenario", "revenue", "cost", "net impact", "difference"),
            tuple(
                (one.scenario.name, money(one.year.revenue_cents), money(one.year.cost_cents),
                 money(one.year.net_impact_cents), money(one.difference_cents))
                for one in outcomes
            ),
        ),
        ResultSheet(
            "Inputs",
            ("input", "value", "unit", "label", "basis"),
            tuple((one.name, one.value, one.unit, one.label, one.basis) for one in asked.inputs),
        ),
    ]  # fmt: skip
