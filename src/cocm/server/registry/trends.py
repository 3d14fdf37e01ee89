"""The trend of a patient's scores as a chart: target lines, treatment changes, and the figures in a table beside it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from cocm.care.course import ScoreOn
from cocm.rules.care_flags import FollowedScale
from cocm.server.look.parts import Chart
from cocm.server.look.tables import Column, Row, Table

_LABEL_PLACES = ({"align": "right", "x": "width"}, {"align": "left", "x": 2})
"""Response at the right, remission at the left: the lines may lie close together."""
_DAY = {"field": "day", "type": "temporal", "title": None}


def trend_chart(
    scale: FollowedScale, scores: Sequence[ScoreOn], changes: Sequence[tuple[date, str]]
) -> Chart:
    """One scale's scores of an episode; `changes` are treatment changes with what was changed."""
    first = scores[0]
    axis = {**_DAY, "axis": {"format": "%b %d", "tickCount": 6, "labelOverlap": True}}
    height = {
        "field": "score",
        "type": "quantitative",
        "scale": {"domain": [0, scale.score_max]},
        "title": "Score",
    }
    targets = [
        {"score": scale.response_at(first.score), "target": f"response {scale.response_at(first.score)}"},
        {"score": scale.remission_below - 1, "target": f"remission {scale.remission_below - 1}"},
    ]
    layers: list[dict[str, Any]] = [
        {
            "data": {
                "values": [{"day": score.taken_on.isoformat(), "score": score.score} for score in scores]
            },
            "mark": {"type": "line", "point": True},
            "encoding": {"x": axis, "y": height},
        },
        {
            "data": {"values": targets},
            "mark": {"type": "rule", "style": "target"},
            "encoding": {"y": height},
        },
        *(
            {
                "data": {"values": [target]},
                "mark": {"type": "text", "baseline": "bottom", "dy": -2, "fontSize": 11, **place},
                "encoding": {"y": height, "text": {"field": "target"}},
            }
            for target, place in zip(targets, _LABEL_PLACES, strict=True)
        ),
    ]
    shown = [(day, what) for day, what in changes if day >= first.taken_on]
    if shown:
        marks = [{"day": day.isoformat(), "what": what[:24]} for day, what in shown]
        layers.append(
            {
                "data": {"values": marks},
                "layer": [
                    {"mark": {"type": "rule", "strokeWidth": 1}, "encoding": {"x": _DAY}},
                    {
                        "mark": {"type": "text", "align": "left", "dx": 3, "y": 8, "fontSize": 11},
                        "encoding": {"x": _DAY, "text": {"field": "what"}},
                    },
                ],
            }
        )
    return Chart(
        key=f"trend-{scale.instrument}",
        title=scale.label,
        description=_sentence(scale, scores, shown),
        spec={"height": 170, "layer": layers},
        table=_table(scale, scores, shown),
    )


def _sentence(scale: FollowedScale, scores: Sequence[ScoreOn], changes: Sequence[tuple[date, str]]) -> str:
    first, last = scores[0], scores[-1]
    if len(scores) == 1:
        return f"{first.score} on {first.taken_on}; response at {scale.response_at(first.score)} or below."
    if scale.is_in_remission(last.score):
        state = "remission"
    elif scale.has_responded(first.score, last.score):
        state = "response"
    elif scale.has_improved(first.score, last.score):
        state = "improved"
    else:
        state = "not improved"
    told = f"From {first.score} to {last.score}: {state}."
    return (
        f"{told} {len(changes)} treatment change{'s' if len(changes) != 1 else ''} marked."
        if changes
        else told
    )


def _table(scale: FollowedScale, scores: Sequence[ScoreOn], changes: Sequence[tuple[date, str]]) -> Table:
    first = scores[0].score
    rows: list[tuple[date, object, str, str]] = []
    for score in scores:
        change = f"{round(100 * (score.score - first) / first):+d} %" if first else ""
        rows.append((score.taken_on, score.score, change, ""))
    rows += [(day, "", "", what) for day, what in changes]
    rows.sort(key=lambda row: row[0])
    columns = [
        Column("Day", "date"),
        Column("Score", "number"),
        Column("Since first", "number"),
        Column("Treatment"),
    ]
    return Table(
        f"{scale.label} scores",
        columns,
        [Row(row) for row in rows],
        key=f"{scale.instrument}-data",
        caption_hidden=True,
    )
