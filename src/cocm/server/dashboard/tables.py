"""Figures as tables and charts: each with what it counts, numerator and denominator."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction

from cocm.basics.money import dollars
from cocm.basics.months import Month
from cocm.insight.actuals import ActualMonth, PlanLine
from cocm.insight.figures import Figure, FigureUnit, decimal_text, rounded
from cocm.insight.forecast import ForecastMonth
from cocm.insight.payers import PayerPerformance, performance_figures
from cocm.insight.roi import AppliedSaving, amount_text
from cocm.insight.what_if import Outcome
from cocm.insight.worked_check import CheckLine
from cocm.rules.insight_tables import StudyFigure
from cocm.server.look.badges import badge
from cocm.server.look.parts import Chart
from cocm.server.look.tables import Column, Row, Table

CENTS_IN_DOLLAR = 100
LARGE_CENTS = 1_000 * CENTS_IN_DOLLAR
NO_VALUE = "—"
MONTH_AXIS = {"labelAngle": 0, "labelOverlap": True}
UNITS = {"days_to_pay_median": " days", "days_to_pay_90th": " days", "minutes_of_denials": " min"}
PAYER_HEADINGS = {
    "approval_rate": "Approved",
    "denial_rate": "Denied at first",
    "final_denial_rate": "Denied in the end",
    "rejection_rate": "Rejected",
    "records_request_rate": "Records asked",
    "days_to_pay_median": "Days to pay",
    "days_to_pay_90th": "90 % within",
    "cost_of_denials": "Denials' cost",
}


def first_large(text: str) -> str:
    """A text that begins a line."""
    return text[:1].upper() + text[1:]


def figure_text(unit: FigureUnit, value: Fraction | None) -> str:
    """A figure as it is read: percents with one decimal, small numbers with two, larger ones with one or none."""
    if value is None:
        return NO_VALUE
    if unit is FigureUnit.CENTS:
        return dollars(rounded(value))
    if unit is FigureUnit.PERCENT:
        return f"{rounded(value * 10) / 10:,.1f} %"
    size = abs(value)
    return decimal_text(value, 0 if size >= 1_000 else 1 if size >= 10 else 2)


def whole_dollars(cents: int | Fraction) -> str:
    """A planned sum: cents would tell more than anybody knows."""
    return dollars(rounded(Fraction(cents) / CENTS_IN_DOLLAR) * CENTS_IN_DOLLAR).removesuffix(".00")


def counted_text(figure: Figure) -> str:
    """A figure that was counted, with its unit."""
    text = figure_text(figure.unit, figure.value)
    return f"{text}{UNITS.get(figure.name, '')}" if figure.value is not None else text


def planned_text(figure: Figure) -> str:
    """A figure of the plan, large sums without cents."""
    value = figure.value
    if figure.unit is FigureUnit.CENTS and value is not None and (value == 0 or abs(value) >= LARGE_CENTS):
        return whole_dollars(value)
    return figure_text(figure.unit, value)


def figures_table(
    figures: Iterable[Figure], caption: str, key: str, text: Callable[[Figure], str] = counted_text
) -> Table:
    """Figures, one a row; the column of notes only where one has a note."""
    shown = list(figures)
    columns = (Column("Figure"), Column("Value", "number"), Column("Counted"), Column("Out of"))
    has_notes = any(one.note for one in shown)
    return Table(
        caption,
        (*columns, Column("Note")) if has_notes else columns,
        [
            Row(
                (
                    first_large(one.label),
                    text(one),
                    one.numerator,
                    one.denominator,
                    *((one.note,) if has_notes else ()),
                )
            )
            for one in shown
        ],
        key=key,
        layout="cards",
        caption_hidden=True,
    )


def months_table(months: Sequence[ActualMonth]) -> Table:
    """A row a month of service, the last first."""
    columns = (
        Column("Month", "date"),
        Column("In care", "number", help="Patients in care at any time in the month"),
        Column("Billed", "number", help="Patient-months with a claim"),
        Column("Share", "number", help="Billed out of those in care"),
        Column("Charged", "number"),
        Column("Paid", "number", help="By payers"),
        Column("Patients' part", "number"),
        Column("Outstanding", "number"),
        Column("Denied at first", "number", help="Claims whose first decision was a denial"),
        Column("Undecided", "number", help="Sent and neither paid nor denied so far"),
    )
    return Table(
        "Months of service",
        columns,
        [_month_row(one) for one in reversed(months)],
        key="months",
        layout="cards",
        caption_hidden=True,
    )


def _month_row(one: ActualMonth) -> Row:
    found = one.performance
    share = f"{decimal_text(Fraction(100 * one.billed, one.served), 0)} %" if one.served else ""
    if found is None:
        return Row((str(one.month), one.served, 0, share, "", "", "", "", "", ""))
    return Row(
        (
            str(one.month),
            one.served,
            one.billed,
            share,
            dollars(found.charge_cents),
            dollars(found.paid_cents),
            dollars(found.patient_cents),
            dollars(found.open_cents),
            found.denied_at_first,
            found.unanswered,
        )
    )


def months_chart(months: Sequence[ActualMonth]) -> Chart:
    """Patients in care and patient-months billed, month by month."""
    values = [
        {"month": str(one.month), "count": count, "what": what}
        for one in months
        for what, count in (("in care", one.served), ("billed", one.billed))
    ]
    last = months[-1]
    return Chart(
        key="reach",
        title="In care and billed",
        description=f"In {last.month} {last.served} patients were in care and {last.billed} patient-months billed.",
        spec={
            "height": 180,
            "data": {"values": values},
            "mark": {"type": "bar"},
            "encoding": {
                "x": {
                    "field": "month",
                    "type": "ordinal",
                    "title": None,
                    "axis": MONTH_AXIS,
                },
                "xOffset": {"field": "what", "sort": ["in care", "billed"]},
                "y": {"field": "count", "type": "quantitative", "title": "Patients"},
                "color": {"field": "what", "sort": ["in care", "billed"], "title": None},
            },
        },
        table=Table(
            "In care and billed",
            (Column("Month", "date"), Column("In care", "number"), Column("Billed", "number")),
            [Row((str(one.month), one.served, one.billed)) for one in months],
            key="reach-table",
        ),
    )


def money_chart(months: Sequence[ActualMonth]) -> Chart:
    """What each month's charges came to: paid, the patients' part, still outstanding."""
    parts = (("paid", "paid_cents"), ("patients' part", "patient_cents"), ("outstanding", "open_cents"))
    values = [
        {"month": str(one.month), "what": what, "dollars": getattr(one.performance, name) / CENTS_IN_DOLLAR}
        for one in months
        if one.performance is not None
        for what, name in parts
    ]
    paid = sum(one.performance.paid_cents for one in months if one.performance)
    still_open = sum(one.performance.open_cents for one in months if one.performance)
    return Chart(
        key="money",
        title="Money by month of service",
        description=f"{dollars(paid)} paid and {dollars(still_open)} outstanding over these months.",
        spec={
            "height": 180,
            "data": {"values": values},
            "mark": {"type": "bar"},
            "encoding": {
                "x": {
                    "field": "month",
                    "type": "ordinal",
                    "title": None,
                    "axis": MONTH_AXIS,
                },
                "y": {"field": "dollars", "type": "quantitative", "title": "Dollars"},
                "color": {"field": "what", "sort": [what for what, _ in parts], "title": None},
            },
        },
        table=Table(
            "Money by month of service",
            (
                Column("Month", "date"),
                Column("Paid", "number"),
                Column("Patients' part", "number"),
                Column("Outstanding", "number"),
            ),
            [
                Row((str(one.month), *(dollars(getattr(one.performance, name)) for _, name in parts)))
                for one in months
                if one.performance is not None
            ],
            key="money-table",
        ),
    )


def payers_table(found: Sequence[PayerPerformance], names: dict[str, str]) -> Table:
    """A payer a row with its rates; all together in the foot."""
    figures = [performance_figures(one) for one in found]
    columns = (
        Column("Payer"),
        Column("Claims", "number"),
        Column("Charged", "number"),
        Column("Paid", "number"),
        Column("Outstanding", "number"),
        *(Column(PAYER_HEADINGS.get(figure.name, figure.label), "number", help=first_large(figure.label))
          for figure in figures[0]),
    ) if figures else (Column("Payer"),)  # fmt: skip
    rows = [
        (
            first_large(names.get(one.payer_id, one.payer_id)),
            one.sent,
            dollars(one.charge_cents),
            dollars(one.paid_cents),
            dollars(one.open_cents),
            *(figure_text(figure.unit, figure.value) for figure in own),
        )
        for one, own in zip(found, figures, strict=True)
    ]
    return Table(
        "Payers",
        columns,
        [Row(cells) for cells in rows[:-1]],
        key="payers",
        layout="pane",
        foot=rows[-1] if rows else (),
        empty="No claim was sent for these months.",
        caption_hidden=True,
    )


def plan_table(lines: Iterable[PlanLine], month: Month) -> Table:
    """Planned and actual of one month."""
    rows = [
        Row(
            (
                first_large(one.label),
                figure_text(one.unit, one.planned),
                figure_text(one.unit, one.actual),
                _signed(one),
                one.how,
            )
        )
        for one in lines
    ]
    columns = (
        Column("Figure"),
        Column("Planned", "number"),
        Column("Actual", "number"),
        Column("Difference", "number"),
        Column("What the actual figure counts"),
    )
    return Table(f"Planned and actual, {month}", columns, rows, key="plan", layout="cards")


def _signed(line: PlanLine) -> str:
    difference = line.difference
    if difference is None:
        return ""
    return f"{'+' if difference > 0 else ''}{figure_text(line.unit, difference)}"


def forecast_table(months: Iterable[ForecastMonth], first: Month) -> Table:
    """The plan's months from the start."""
    return Table(
        "The plan month by month",
        (
            Column("Month", "date"),
            Column("Caseload", "number"),
            Column("Revenue", "number"),
            Column("Cost", "number"),
            Column("Margin", "number"),
            Column("Money in", "number"),
            Column("Money in less cost so far", "number"),
        ),
        [
            Row(
                (
                    str(first.plus(one.number - 1)),
                    f"{decimal_text(100 * one.caseload_share, 0)} %",
                    whole_dollars(one.revenue_cents),
                    whole_dollars(one.cost_cents),
                    whole_dollars(one.margin_cents),
                    whole_dollars(one.cash_cents),
                    whole_dollars(one.cumulative_cash_cents),
                )
            )
            for one in months
        ],
        key="forecast",
        layout="cards",
        caption_hidden=True,
    )


def outcomes_table(outcomes: Iterable[Outcome], caption: str, key: str) -> Table:
    """Scenarios with what each would change."""
    return Table(
        caption,
        (
            Column("What if"),
            Column("Revenue", "number"),
            Column("Cost", "number"),
            Column("Net", "number"),
            Column("Difference", "number"),
        ),
        [
            Row(
                (
                    first_large(one.scenario.name),
                    whole_dollars(one.year.revenue_cents),
                    whole_dollars(one.year.cost_cents),
                    whole_dollars(one.year.net_impact_cents),
                    f"{'+' if one.difference_cents > 0 else ''}{whole_dollars(one.difference_cents)}",
                )
            )
            for one in outcomes
        ],
        key=key,
        layout="cards",
        caption_hidden=True,
    )


def in_dollars(amount: str) -> str:
    """`3,365 dollars a patient` as money is written on pages: `$3,365 a patient`."""
    numbers, is_money, of_what = amount.partition(" dollars")
    if not is_money:
        return amount
    signed = (f"-${one[1:]}" if one.startswith("-") else f"${one}" for one in numbers.split(" to "))
    return f"{' to '.join(signed)}{of_what}"


_SIDES = {"for": "success", "against": "danger", "cost": "neutral"}


def studies_table(found: Iterable[StudyFigure]) -> Table:
    """What studies found, and which side each figure speaks for."""
    rows = []
    for one in found:
        over = f", over {one.horizon_months} months" if one.horizon_months else ""
        people = f", n = {one.people}" if one.people else ""
        rows.append(
            Row(
                (
                    f"{one.claim}{f' ({one.year})' if one.year else ''}",
                    badge(one.side, _SIDES.get(one.side, "neutral")),
                    in_dollars(amount_text(one)) or "Not told",
                    first_large(f"{one.population}{people}{over}; for the {one.perspective}"),
                    first_large(one.significance),
                    f"{one.source.title} ({one.confidence})",
                )
            )
        )
    columns = (
        Column("Finding"),
        Column("Speaks"),
        Column("Amount", "number"),
        Column("Of whom"),
        Column("How sure"),
        Column("Source"),
    )
    return Table("Studies", columns, rows, key="studies", layout="cards", caption_hidden=True)


def applied_table(found: Iterable[AppliedSaving]) -> Table:
    """Each study's saving on the own patient-months."""
    return Table(
        "Put on your own patient-months",
        (
            Column("Finding"),
            Column("A patient-month", "number"),
            Column("Saved", "number", help="Below zero more was spent"),
            Column("For 1 of cost", "number"),
            Column("How sure"),
        ),
        [
            Row(
                (
                    one.study.claim,
                    dollars(rounded(one.cents_per_patient_month)),
                    dollars(one.saving_cents),
                    "" if one.ratio is None else decimal_text(one.ratio, 2),
                    one.study.significance,
                )
            )
            for one in found
        ],
        key="applied",
        layout="cards",
        empty="No patient-month of yours lies within the plan yet.",
        caption_hidden=True,
    )


CHECKED = {
    "units_assessment": "Assessments a year",
    "units_ongoing": "Follow-up visits a year",
    "units_group": "Group visits a year",
    "turnover_per_month": "Patients who finish in a month",
    "served_per_month": "Patients served in a month",
    "case_months": "Patient-months a year",
    "average_rate": "Average payment of a month",
    "cocm_revenue": "CoCM revenue",
    "fee_revenue": "Revenue from visits",
    "annual_caseload": "Patients a year",
}
CHECKED_SUMS = frozenset(
    {"average_rate", "cocm_revenue", "fee_revenue", "total_revenue", "total_cost", "net_impact"}
)


def check_table(lines: Iterable[CheckLine]) -> Table:
    """The workbook's worked check beside ours."""

    def places(line: CheckLine, value: Fraction) -> str:
        text = decimal_text(value, -int(line.told.told.as_tuple().exponent))
        return f"${text}" if line.told.figure in CHECKED_SUMS else text

    return Table(
        "Worked check",
        (
            Column("Figure"),
            Column("Told", "number"),
            Column("Reproduced", "number"),
            Column("From the inputs listed", "number"),
            Column(""),
            Column("Why they differ"),
        ),
        [
            Row(
                (
                    CHECKED.get(line.told.figure, first_large(line.told.figure.replace("_", " "))),
                    places(line, Fraction(line.told.told)),
                    places(line, line.reproduced),
                    places(line, line.from_listed_inputs),
                    badge("reproduced", "success")
                    if line.is_reproduced
                    else badge("not reproduced", "danger"),
                    first_large(line.told.why),
                )
            )
            for line in lines
        ],
        key="check",
        layout="cards",
        caption_hidden=True,
    )
