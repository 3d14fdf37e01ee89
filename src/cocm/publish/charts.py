"""Charts as inline SVG, drawn from Vega-Lite specifications; their colours are the page's own, light and dark.

Drawing needs `vl-convert-python` (extra `charts`). Without it a page has its tables alone, which say the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final, TypeAlias

from cocm.publish.page import Chart

Points: TypeAlias = Iterable[tuple[str, str, int | Decimal | None]]
"""Where on the axis, which series, how much; None is a gap."""

_SERIES_MAX: Final = 6
_COLOURS: Final = [f"var(--series-{number})" for number in range(1, _SERIES_MAX + 1)]
_LEVEL_MAX: Final = 12
"""So many names stand side by side; more are turned."""
_LABEL_MAX: Final = 28
"""Longer names stand two beside each other in a legend."""
_WIDTH: Final = 760
_HEIGHT: Final = 240
_CONFIG: Final[Mapping[str, Any]] = {
    "font": "system-ui, sans-serif",
    "view": {"stroke": None},
    "axis": {
        "labelColor": "var(--ink)",
        "titleColor": "var(--soft)",
        "gridColor": "var(--line)",
        "domainColor": "var(--line)",
        "tickColor": "var(--line)",
        "labelFontSize": 12,
        "titleFontSize": 12,
    },
    "legend": {
        "labelColor": "var(--ink)",
        "titleColor": "var(--soft)",
        "labelFontSize": 12,
        "orient": "top",
        "labelLimit": 400,
        "columnPadding": 30,
    },
    "range": {"category": _COLOURS},
}


def can_draw() -> bool:
    """Whether charts can be drawn here."""
    try:
        import vl_convert  # noqa: F401  # only looked for
    except ImportError:
        return False
    return True


def stacked_bars(caption: str, axis: str, amount: str, points: Points) -> Chart:
    """Parts of a whole over time, or over classes."""
    return _drawn(caption, axis, amount, points, {"type": "bar"}, stacked=True)


def bars(caption: str, axis: str, amount: str, points: Points) -> Chart:
    """Amounts side by side."""
    return _drawn(caption, axis, amount, points, {"type": "bar"}, stacked=False)


def lines(caption: str, axis: str, amount: str, points: Points) -> Chart:
    """Rates or days over time; a gap stays a gap."""
    return _drawn(
        caption, axis, amount, points, {"type": "line", "point": True, "strokeWidth": 2}, stacked=False
    )


def specification(
    axis: str, amount: str, points: Points, mark: Mapping[str, Any], *, stacked: bool
) -> dict[str, Any]:
    """The Vega-Lite specification."""
    values = [
        {"at": at, "series": series, "value": None if value is None else float(value)}
        for at, series, value in points
    ]
    series = list(dict.fromkeys(value["series"] for value in values))
    places = list(dict.fromkeys(value["at"] for value in values))
    angle = 0 if len(places) <= _LEVEL_MAX else -45
    encoding: dict[str, Any] = {
        "x": {"field": "at", "type": "nominal", "title": axis, "sort": places, "axis": {"labelAngle": angle}},
        "y": {"field": "value", "type": "quantitative", "title": amount, "stack": stacked},
        "color": {
            "field": "series",
            "type": "nominal",
            "title": None,
            "sort": series,
            "scale": {
                "domain": series,
                "range": [_COLOURS[place % _SERIES_MAX] for place in range(len(series))],
            },
        },
    }
    if mark["type"] == "bar" and not stacked and len(series) > 1:
        encoding["xOffset"] = {"field": "series", "sort": series}
    if len(series) < 2:
        encoding["color"]["legend"] = None
    elif max(len(str(name)) for name in series) > _LABEL_MAX:
        encoding["color"]["legend"] = {"columns": 2}
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": _WIDTH,
        "height": _HEIGHT,
        "background": "transparent",
        "data": {"values": values},
        "mark": dict(mark),
        "encoding": encoding,
        "config": dict(_CONFIG),
    }


def _drawn(
    caption: str, axis: str, amount: str, points: Points, mark: Mapping[str, Any], *, stacked: bool
) -> Chart:
    import vl_convert  # a page without charts does without it

    svg = vl_convert.vegalite_to_svg(
        specification(axis, amount, points, mark, stacked=stacked), allowed_base_urls=[]
    )
    return Chart(caption, _named(svg, caption))


def _named(svg: str, caption: str) -> str:
    """The drawing with its name for those who do not see it; its parts are not read out one by one."""
    name = caption.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    svg = re.sub(r' (role|aria-[a-z]+)="[^"]*"', "", svg)
    return svg.replace("<svg ", f'<svg role="img" aria-label="{name}" ', 1)
