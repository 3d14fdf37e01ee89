"""The figures of a period, one figure's definition with those behind it, and the figures as a file."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from cocm.care.quality import quality_of
from cocm.care.quality_records import Counted, MetricResult
from cocm.rules.care_quality import CareQuality, Metric, MetricGroup, MetricKind, care_quality
from cocm.server.access.needs import needs
from cocm.server.access.permissions import Permission
from cocm.server.audit.trail import record
from cocm.server.audit.verbs import Verb
from cocm.server.files import CSV, XLSX, attachment, csv_bytes, workbook_bytes
from cocm.server.look.badges import badge
from cocm.server.look.html import joined
from cocm.server.look.parts import Chart, Tab
from cocm.server.look.tables import Column, Row, Table
from cocm.server.quality.periods import Asked, asked_of, choices_of
from cocm.server.quality.reading import Read, read_episodes
from cocm.server.registry.caseload_table import chart_address
from cocm.server.registry.models import Patient
from cocm.server.registry.selectors import open_patients
from cocm.server.rules_in_force import rulebook

GROUP_WORDS: Final = {
    MetricGroup.REACH: "Reach",
    MetricGroup.PROCESS: "Process",
    MetricGroup.OUTCOME: "Outcome",
    MetricGroup.HEDIS: "HEDIS, on this registry's patients",
    MetricGroup.UNKNOWN: "Not worked out",
}
HEADINGS: Final = (
    "Metric", "Figure", "Unit", "Numerator", "Denominator", "Left out", "Target", "From", "To", "Counts",
    "Out of", "Exclusions", "Source", "Defined since",
)  # fmt: skip
PATIENTS_SHOWN: Final = 500


def _tabs(request: HttpRequest, current: str) -> list[Tab]:
    actor = request.actor  # type: ignore[attr-defined]  # the guard has set it
    places = [
        ("Metrics", "quality:metrics", Permission.QUALITY_VIEW),
        ("Consultants' hours", "review:hours", Permission.HOURS_VIEW),
    ]
    if not actor.may(Permission.FIGURES_VIEW):
        places = places[:1]
    return [
        Tab(label, reverse(name), is_current=name == current) for label, name, may in places if actor.may(may)
    ]


def _worked_out(
    request: HttpRequest, asked: Asked, only: Metric | None = None
) -> tuple[CareQuality, Read, tuple[MetricResult, ...]]:
    quality = care_quality(rulebook())
    read = read_episodes(actor=request.actor, watched=quality.watched)  # type: ignore[attr-defined]  # the guard has set it
    results = quality_of(
        read.episodes, first_day=asked.first_day, last_day=asked.last_day, quality=quality, only=only
    )
    return quality, read, results


def figure_words(result: MetricResult) -> str:
    """The figure as people read it."""
    figure = result.figure
    if figure is None:
        return "—" if result.rule.kind is not MetricKind.NONE else "not worked out"
    return f"{figure} %" if result.rule.kind is MetricKind.SHARE else f"{figure}"


def _target(result: MetricResult) -> object:
    rule = result.rule
    if rule.target is None or rule.kind is MetricKind.NONE:
        return ""
    words = f"{rule.target} %" if rule.kind is MetricKind.SHARE else str(rule.target)
    if result.is_at_target is None:
        return words
    return joined(
        words, " ", badge("reached", "success") if result.is_at_target else badge("below", "attention")
    )


@needs(Permission.QUALITY_VIEW)
def metrics_page(request: HttpRequest) -> HttpResponse:
    """Every metric of a period, by heading."""
    today = timezone.localdate()
    asked = asked_of(request.GET, today)
    _, read, results = _worked_out(request, asked)
    groups = [
        (
            label,
            _metrics_table(group, label, [result for result in results if result.rule.group is group], asked),
        )
        for group, label in GROUP_WORDS.items()
    ]
    context = {
        "tabs": _tabs(request, "quality:metrics"),
        "asked": asked,
        "choices": [(label, f"?{item.query}", item == asked) for label, item in choices_of(today)],
        "groups": groups,
        "is_whole": read.is_whole_practice,
        "tiles": [
            (result, figure_words(result))
            for result in results
            if result.rule.metric
            in (Metric.ENROLLED, Metric.CONTACT_AND_SCALE, Metric.IMPROVED, Metric.CONSULT_NOT_IMPROVED)
        ],
    }
    return TemplateResponse(request, "quality/metrics.html", context)


def _metrics_table(group: MetricGroup, label: str, results: Sequence[MetricResult], asked: Asked) -> Table:
    rows = [
        Row(
            (
                result.rule.label,
                figure_words(result),
                _out_of(result),
                len(result.left_out) or "",
                _target(result),
            ),
            href=f"{reverse('quality:metric', args=(result.rule.metric.value,))}?{asked.query}",
        )
        for result in results
    ]
    columns = [
        Column("Metric"),
        Column("Figure", "number"),
        Column("Out of", "number", help="Numerator and denominator"),
        Column("Left out", "number"),
        Column("Target"),
    ]
    return Table(label, columns, rows, key=f"metrics-{group.value}", layout="cards")


def _out_of(result: MetricResult) -> str:
    if result.rule.kind in (MetricKind.COUNT, MetricKind.NONE):
        return ""
    return f"{result.numerator} / {result.denominator}"


@needs(Permission.QUALITY_VIEW)
def metric_page(request: HttpRequest, metric: str) -> HttpResponse:
    """One metric: its definition, how it went by month, and those behind the figure."""
    try:
        wanted = Metric(metric)
    except ValueError as problem:
        raise Http404 from problem
    asked = asked_of(request.GET, timezone.localdate())
    quality, read, [result] = _worked_out(request, asked, wanted)
    months = []
    if result.rule.kind is not MetricKind.NONE:
        for month in asked.months_before:
            [of_month] = (
                quality_of(
                    read.episodes,
                    first_day=month.first_day,
                    last_day=min(month.last_day, asked.today),
                    quality=quality,
                    only=wanted,
                )
                if month.first_day <= asked.today
                else [None]
            )
            if of_month is not None:
                months.append((month, of_month))
    groups, hidden = _those_behind(request, read, result)
    context = {
        "tabs": _tabs(request, ""),
        "rule": result.rule,
        "result": result,
        "figure": figure_words(result),
        "asked": asked,
        "out_of": _out_of(result),
        "target": _target(result),
        "choices": [(label, f"?{item.query}", item == asked) for label, item in choices_of(asked.today)],
        "chart": _chart(result, months) if months else None,
        "groups": groups,
        "hidden": hidden,
        "back": f"{reverse('quality:metrics')}?{asked.query}",
    }
    return TemplateResponse(request, "quality/metric.html", context)


def _chart(result: MetricResult, months: Sequence[tuple[Any, MetricResult]]) -> Chart:
    unit = "percent" if result.rule.kind is MetricKind.SHARE else ""
    values = [
        {"month": str(month), "figure": float(item.figure)}
        for month, item in months
        if item.figure is not None
    ]
    y: dict[str, Any] = {"field": "figure", "type": "quantitative", "title": unit or None}
    if result.rule.kind is MetricKind.SHARE:
        y["scale"] = {"domain": [0, 100]}
    layers: list[dict[str, Any]] = [
        {
            "data": {"values": values},
            "mark": {"type": "line", "point": True},
            "encoding": {"x": {"field": "month", "type": "ordinal", "title": None}, "y": y},
        }
    ]
    if result.rule.target is not None:
        layers.append(
            {
                "data": {"values": [{"target": result.rule.target}]},
                "mark": {"type": "rule", "style": "target"},
                "encoding": {"y": {"field": "target", "type": "quantitative"}},
            }
        )
    table = Table(
        f"{result.rule.label}, month by month",
        [Column("Month"), Column("Figure", "number"), Column("Out of", "number")],
        [Row((str(month), figure_words(item), _out_of(item))) for month, item in months],
        key="by-month",
        caption_hidden=True,
    )
    return Chart(
        "by-month-chart",
        "Month by month",
        f"{result.rule.label}{f', in {unit}' if unit else ''}.",
        {"layer": layers, "height": 180},
        table,
    )


Behind = tuple[str, str, list[tuple[Any, Counted]]]


def _those_behind(request: HttpRequest, read: Read, result: MetricResult) -> tuple[list[Behind], int]:
    """Who meets it, who does not, who was left out: those whose charts are the person's to open; how many are not."""
    actor = request.actor  # type: ignore[attr-defined]  # the guard has set it
    keys: set[UUID] = {read.patient_of[item.key] for item in result.counted}
    shown = (
        {patient.pk: patient for patient in open_patients(actor=actor).filter(pk__in=list(keys)[:5000])}
        if actor.may(Permission.CHART_VIEW)
        else {}
    )
    found: dict[str, list[tuple[Patient, Counted]]] = {"met": [], "not_met": [], "left_out": []}
    for item in result.counted:
        patient = shown.get(read.patient_of[item.key])
        if patient is not None:
            place = "left_out" if item.excluded else "met" if item.is_met else "not_met"
            found[place].append((patient, item))
    words = {"not_met": "Not met", "met": "Met", "left_out": "Left out"}
    groups: list[Behind] = []
    for name, label in words.items():
        rows = sorted(
            found[name],
            key=lambda row: (row[0].last_name, row[0].first_name, row[0].patient_id, row[1].about),
        )
        lines = [((patient, chart_address(patient.pk)), item) for patient, item in rows[:PATIENTS_SHOWN]]
        if lines:
            groups.append((name, label, lines))
    return groups, len(keys - set(shown))


@needs(Permission.QUALITY_VIEW, is_guarded_anew=True)
def metrics_file(request: HttpRequest, form: str) -> HttpResponse:
    """The period's figures with their definitions; it names no patient."""
    if form not in ("xlsx", "csv"):
        raise Http404
    asked = asked_of(request.GET, timezone.localdate())
    _, read, results = _worked_out(request, asked)
    actor = request.actor  # type: ignore[attr-defined]  # the guard has set it
    record(
        actor,
        Verb.EXPORTED,
        object_type="quality",
        object_id=asked.query,
        details={"rows": len(results), "whole_practice": read.is_whole_practice},
    )
    rows = [_cells(result, asked) for result in results]
    name = f"quality-{asked.first}-{asked.last}.{form}"
    if form == "csv":
        return attachment(csv_bytes(HEADINGS, rows), name=name, content_type=CSV)
    return attachment(workbook_bytes("Quality", HEADINGS, rows), name=name, content_type=XLSX)


_UNITS: Final = {
    MetricKind.COUNT: "episodes",
    MetricKind.SHARE: "percent",
    MetricKind.MEAN: "weeks",
    MetricKind.RATIO: "episodes a care manager",
    MetricKind.NONE: "",
}


def _cells(result: MetricResult, asked: Asked) -> tuple[object, ...]:
    rule, figure = result.rule, result.figure
    return (
        rule.label,
        float(figure) if isinstance(figure, Decimal) else None,
        _UNITS[rule.kind],
        result.numerator if figure is not None else None,
        result.denominator if rule.kind not in (MetricKind.COUNT, MetricKind.NONE) else None,
        len(result.left_out),
        rule.target,
        asked.first_day.isoformat(),
        asked.last_day.isoformat(),
        rule.numerator,
        rule.denominator,
        rule.exclusions,
        f"{rule.source.title}: {rule.locator}",
        rule.defined_from.isoformat(),
    )
