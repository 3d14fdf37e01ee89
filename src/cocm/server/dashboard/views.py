"""The manager's pages: the programme, its payers, its plan, what if, and what it returns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property

from cocm.basics.errors import UnusableInput
from cocm.basics.months import Month
from cocm.care.quality_records import MetricResult
from cocm.insight.actuals import ActualMonth, against_plan, money_figures
from cocm.insight.figures import Figure
from cocm.insight.model_figures import model_figures
from cocm.insight.payers import PayerPerformance, payer_performance
from cocm.insight.roi import OwnProgram, applied_savings, own_figures
from cocm.insight.valuation import consultant_valuation
from cocm.insight.what_if import usual_scenarios, what_if
from cocm.insight.worked_check import check_lines
from cocm.rules.denial_evidence import denial_evidence
from cocm.rules.insight_tables import caseload_ranges, study_figures
from cocm.server.access.needs import needs
from cocm.server.access.permissions import Permission
from cocm.server.accounts.selectors import payer_names
from cocm.server.audit.trail import record
from cocm.server.audit.verbs import Verb
from cocm.server.dashboard import tables
from cocm.server.dashboard.forms import (
    INPUT_PREFIX,
    PeriodForm,
    WhatIfForm,
    blocks,
    in_labels,
    typed_inputs,
)
from cocm.server.dashboard.selectors import (
    MONTHS_SHOWN,
    Plan,
    actuals,
    care_results,
    denial_cost,
    month_claims,
    months_until,
    plan_in_force,
)
from cocm.server.dashboard.services import plan_save
from cocm.server.files import XLSX, attachment, sheets_bytes
from cocm.server.look.parts import Tab
from cocm.server.look.tables import Table
from cocm.server.quality.views import figure_words
from cocm.server.rules_in_force import rulebook

PAGES: Final = (
    ("Programme", "programme"),
    ("Payers", "payers"),
    ("Plan", "plan"),
    ("What if", "what_if"),
    ("Return", "return"),
)


def _tabs(current: str) -> list[Tab]:
    return [Tab(label, reverse(f"dashboard:{name}"), name == current) for label, name in PAGES]


class _Period:
    """The months that a page shows, and what they were."""

    def __init__(self, request: HttpRequest) -> None:
        self.today = timezone.localdate()
        shown = {"last": Month.of(self.today).plus(-1), "count": MONTHS_SHOWN}
        self.form = PeriodForm(request.GET or None, initial=shown)
        is_valid = not self.form.is_bound or self.form.is_valid()
        given = self.form.cleaned_data if self.form.is_bound and is_valid else {}
        self.months = months_until(given.get("last") or shown["last"], given.get("count") or MONTHS_SHOWN)
        self.status = 200 if is_valid else 422
        self.actor = request.actor  # type: ignore[attr-defined]  # the guard has set it
        self.actuals: tuple[ActualMonth, ...] = actuals(
            actor=self.actor, months=self.months, today=self.today
        )

    @property
    def words(self) -> str:
        return f"{self.months[0]} to {self.months[-1]}"

    @property
    def query(self) -> str:
        return f"?last={self.months[-1]}&count={len(self.months)}"

    @cached_property
    def payers(self) -> tuple[PayerPerformance, ...]:
        """Each payer over the months shown, then all together."""
        shown = set(self.months)
        claims = [one.claim for one in month_claims(actor=self.actor, today=self.today) if one.month in shown]
        return payer_performance(claims, denial_cost()[0])

    def figures(self) -> tuple[Figure, ...]:
        found = self.payers
        served = sum(one.served for one in self.actuals)
        return money_figures(found[-1] if found else None, served, denial_cost()[1])


@needs(Permission.FIGURES_VIEW)
def programme_page(request: HttpRequest) -> HttpResponse:
    """The programme month by month: reach, money, denials; each figure with what it counts."""
    period = _Period(request)
    figures = period.figures()
    last_day = min(period.months[-1].last_day, period.today)
    care = care_results(actor=period.actor, first_day=period.months[0].first_day, last_day=last_day)
    context = {
        "tabs": _tabs("programme"),
        "care": [_care_tile(result, period) for result in care],
        "period": period,
        "figures": [(tables.first_large(one.label), tables.counted_text(one), one.how) for one in figures],
        "table": tables.figures_table(figures, "Figures of the period", "figures"),
        "months": tables.months_table(period.actuals),
        "charts": [tables.months_chart(period.actuals), tables.money_chart(period.actuals)],
        "evidence": denial_evidence(rulebook()),
    }
    return TemplateResponse(request, "dashboard/programme.html", context, status=period.status)


@needs(Permission.FIGURES_VIEW)
def payers_page(request: HttpRequest) -> HttpResponse:
    """How each payer treats the claims of a period."""
    period = _Period(request)
    context = {
        "tabs": _tabs("payers"),
        "period": period,
        "table": tables.payers_table(period.payers, payer_names(period.actor)),
        "evidence": denial_evidence(rulebook()),
    }
    return TemplateResponse(request, "dashboard/payers.html", context, status=period.status)


def _care_tile(result: MetricResult, period: _Period) -> dict[str, str]:
    """A metric of quality as a tile that leads to those behind it."""
    rule = result.rule
    months = f"from={period.months[0]}&to={period.months[-1]}"
    counted = " / ".join(part for part in (rule.numerator, rule.denominator) if part)
    return {
        "label": rule.label,
        "text": figure_words(result),
        "how": f"{result.numerator} / {result.denominator}: {counted}",
        "href": f"{reverse('quality:metric', args=(rule.metric.value,))}?{months}",
    }


@needs(Permission.FIGURES_VIEW)
def plan_page(request: HttpRequest) -> HttpResponse:
    """The plan in force: a month beside it, its year, its months from the start."""
    period = _Period(request)
    plan = plan_in_force(actor=period.actor, today=period.today)
    planned = plan.of(period.months)
    context = {
        "tabs": _tabs("plan"),
        "period": period,
        "plan": plan,
        "lines": [
            tables.plan_table(against_plan(one, planned[one.month], plan.year), one.month)
            for one in reversed(period.actuals)
            if one.month in planned
        ],
        "figures": tables.figures_table(
            model_figures(plan.year), "A year at full caseload", "year", tables.planned_text
        ),
        "forecast": tables.forecast_table(plan.months(MONTHS_SHOWN), plan.first_month),
        "own": sum(1 for one in plan.given.inputs if one.basis == "your own"),
        "assumed": sum(1 for one in plan.given.inputs if one.basis == "assumption"),
        "inputs": len(plan.given.inputs),
    }
    return TemplateResponse(request, "dashboard/plan.html", context, status=period.status)


@needs(Permission.FIGURES_VIEW, methods=("GET", "POST"))
def inputs_page(request: HttpRequest) -> HttpResponse:
    """Every input with its value, unit and source; saving makes a new plan, the old ones are kept."""
    actor, today = request.actor, timezone.localdate()  # type: ignore[attr-defined]  # the guard has set it
    plan = plan_in_force(actor=actor, today=today)
    typed: dict[str, str] = {}
    first, problem = str(plan.first_month), ""
    if request.method == "POST":
        typed, first = typed_inputs(request.POST), request.POST.get("first_month", "").strip()
        try:
            plan_save(actor=actor, first_month=_first_month(first), values=typed, today=today)
            messages.success(request, "The plan is saved.")
            return HttpResponseRedirect(reverse("dashboard:plan"))
        except UnusableInput as refused:
            problem = in_labels(str(refused), plan.given)
    context = {
        "tabs": _tabs("plan"),
        "blocks": list(blocks(plan.given, typed)),
        "prefix": INPUT_PREFIX,
        "first_month": first,
        "problem": problem,
    }
    return TemplateResponse(request, "dashboard/inputs.html", context, status=422 if problem else 200)


def _first_month(text: str) -> Month:
    try:
        return Month.parse(text)
    except ValueError:
        raise UnusableInput(f"the plan's first month is {text!r}; expected a month as 2026-03") from None


@needs(Permission.FIGURES_VIEW)
def check_page(request: HttpRequest) -> HttpResponse:
    """The AIMS workbook's worked check, reproduced to the last digit that its source tells."""
    lines = check_lines(rulebook(), Month.of(timezone.localdate()))
    context = {"tabs": _tabs("plan"), "table": tables.check_table(lines), "source": lines[0].told.source}
    return TemplateResponse(request, "dashboard/check.html", context)


@needs(Permission.FIGURES_VIEW)
def what_if_page(request: HttpRequest) -> HttpResponse:
    """The plan with some inputs changed, beside the plan; and what everybody asks."""
    actor, today = request.actor, timezone.localdate()  # type: ignore[attr-defined]  # the guard has set it
    plan = plan_in_force(actor=actor, today=today)
    form = WhatIfForm(request.GET or None, plan=plan.given)
    valuation = consultant_valuation(rulebook(), plan.first_month)
    asked, problem = (), ""
    if form.is_bound and form.is_valid() and form.scenario is not None:
        try:
            asked = what_if(plan.given, (form.scenario,), plan.first_month, valuation)
        except UnusableInput as refused:
            problem = str(refused)
    usual = usual_scenarios(plan.given, denial_evidence(rulebook()), caseload_ranges(rulebook()))
    outcomes = what_if(plan.given, usual, plan.first_month, valuation)
    is_wrong = bool(problem) or (form.is_bound and not form.is_valid())
    context = {
        "tabs": _tabs("what_if"),
        "form": form,
        "problem": problem,
        "plan": plan,
        "asked": tables.outcomes_table(asked, "What you asked", "asked") if asked else None,
        "usual": tables.outcomes_table(outcomes, "What everybody asks", "usual"),
    }
    return TemplateResponse(request, "dashboard/what_if.html", context, status=422 if is_wrong else 200)


@needs(Permission.FIGURES_VIEW)
def return_page(request: HttpRequest) -> HttpResponse:
    """What the programme costs and brings, and what studies found, those that speak against it too."""
    period = _Period(request)
    plan = plan_in_force(actor=period.actor, today=period.today)
    own = _own_program(period, plan)
    found = study_figures(rulebook())
    context = {
        "tabs": _tabs("return"),
        "period": period,
        "figures": tables.figures_table(own_figures(own), "Own figures", "own"),
        "studies": tables.studies_table(found),
        "applied": tables.applied_table(applied_savings(found, own) if own.patient_months else ()),
    }
    return TemplateResponse(request, "dashboard/return.html", context, status=period.status)


def _own_program(period: _Period, plan: Plan) -> OwnProgram:
    """Patient-months and revenue are the period's; the cost is the plan's for its months."""
    planned = plan.of(period.months)
    cost = sum(one.cost_cents for one in planned.values())
    counted = [one for one in period.actuals if one.month in planned]
    return OwnProgram(
        patients=max((one.served for one in counted), default=0),
        patient_months=sum(one.served for one in counted),
        cost_cents=cost,
        revenue_cents=sum(one.revenue_cents for one in counted),
    )


@needs(Permission.DATA_EXPORT, also=Permission.FIGURES_VIEW, is_guarded_anew=True)
def figures_file(request: HttpRequest) -> HttpResponse:
    """Everything on these pages as one workbook."""
    period = _Period(request)
    plan = plan_in_force(actor=period.actor, today=period.today)
    content = figures_workbook(period, plan, payer_names(period.actor))
    record(period.actor, Verb.EXPORTED, object_type="figures", object_id=period.actor.organization_id)
    return attachment(content, name=f"figures-{period.months[-1]}.xlsx", content_type=XLSX)


def figures_workbook(period: _Period, plan: Plan, names: dict[str, str]) -> bytes:
    """The pages' tables as the sheets of a workbook."""
    shown: Sequence[tuple[str, Table]] = (
        ("Figures", tables.figures_table(period.figures(), "", "")),
        ("Months", tables.months_table(period.actuals)),
        ("Payers", tables.payers_table(period.payers, names)),
        ("Plan, a year", tables.figures_table(model_figures(plan.year), "", "", tables.planned_text)),
        ("Plan by month", tables.forecast_table(plan.months(MONTHS_SHOWN), plan.first_month)),
    )
    return sheets_bytes(
        (
            title,
            [column.label for column in table.columns],
            [*(row.cells for row in table.rows), *([table.foot] if table.foot else [])],
        )
        for title, table in shown
    )
