"""The review's tables: who could be discussed, and how far a session is."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString

from cocm.care.score_trend import score_trend
from cocm.server.look.badges import badge
from cocm.server.look.html import joined
from cocm.server.look.tables import Column, Row, Table
from cocm.server.registry.caseload import CaseloadRow
from cocm.server.registry.caseload_table import chart_address
from cocm.server.review.models import AgendaItem, ReviewSession
from cocm.server.review.selectors import ReviewList
from cocm.server.review.sparks import score_spark, trend_figures


def why(reasons: Collection[tuple[str, str, str]]) -> SafeString:
    """Each reason with its flag's label, in words that need no click."""
    parts = [
        joined('<span class="reason-line">', badge(label, tone), " ", escape(reason), "</span>")
        for label, reason, tone in reasons
    ]
    return joined(*parts) if parts else joined('<span class="quiet">no reason by the flags</span>')


def flags_why(row: CaseloadRow) -> SafeString:
    """Why a patient is on the list."""
    return why(
        [
            (flag.rule.label, flag.reason, flag.rule.tone.value)
            for flag in row.flags
            if flag.rule.is_for_review
        ]
    )


def trend_cell(row: CaseloadRow, list_: ReviewList) -> SafeString:
    """The scale that has a score, with its line."""
    parts = []
    for name, scale in list_.load.watched.scales.items():
        scores = row.scores(name)
        trend = score_trend(scale, scores)
        if trend is not None:
            parts.append(
                joined(
                    '<span class="trend">', score_spark(scale, scores), " ", trend_figures(trend), "</span>"
                )
            )
    return joined(*parts)


def candidates_table(found: ReviewList, picked: Collection[str] | None, typed: Mapping[str, str]) -> Table:
    """Those with a reason, in their order; as many as there is time for are ticked."""
    rows = []
    for place, candidate in enumerate(found.places, 1):
        row = candidate.key
        key = str(row.values["key"]).replace("-", "")
        is_on = place <= found.time_for if picked is None else key in picked
        name = escape(row.listed_name)
        rows.append(
            Row(
                (
                    joined(
                        f'<label class="pick"><input type="checkbox" class="form-check-input" name="pick" value="{key}"'
                        f'{" checked" if is_on else ""}><span class="visually-hidden">{name} on the agenda</span> '
                        f"{place}</label>"
                    ),
                    joined(
                        f'<a href="{chart_address(row.values["patient_pk"])}">{name}</a><br>'
                        f'<span class="quiet">{_weeks((found.load.today - row.values["start_date"]).days // 7)}</span>'
                    ),
                    flags_why(row),
                    trend_cell(row, found),
                    row.last_reviewed_on or joined('<span class="quiet">never</span>'),
                    joined(
                        f'<input type="text" class="form-control form-control-sm" name="question-{key}" '
                        f'maxlength="500" value="{escape(typed.get(f"question-{key}", ""))}" '
                        f'aria-label="Question about {name}">'
                    ),
                )
            )
        )
    return Table(
        "To be discussed, the most pressing first",
        [
            Column("On", help="On the agenda, and the place in the order of need"),
            Column("Patient"),
            Column("Why"),
            Column("Scores"),
            Column("Last review", "date"),
            Column("Question to the consultant"),
        ],
        rows,
        key="candidates",
        layout="cards",
        empty="Nobody needs to be discussed by the flags.",
        caption_hidden=True,
    )


def _weeks(weeks: int) -> str:
    return "1 week" if weeks == 1 else f"{weeks} weeks"


def item_state(item: AgendaItem) -> SafeString:
    """Where a patient of a session stands."""
    if item.review_id is not None:
        return badge("discussed", "success")
    if item.put_off_reason:
        return joined(badge("next time", "attention"), " ", escape(item.put_off_reason))
    return badge("waits", "neutral")


def session_table(session: ReviewSession, items: Collection[AgendaItem]) -> Table:
    """A session's agenda with how far it is."""
    rows = [
        Row(
            (
                f"{item.patient.last_name}, {item.patient.first_name}",
                why([(label, reason, tone) for label, reason, tone in item.reasons]),
                item.question,
                item_state(item),
            ),
            href=reverse("review:item", args=(session.pk, item.patient_id)),
        )
        for item in items
    ]
    return Table(
        "Agenda",
        [Column("Patient"), Column("Why"), Column("Question"), Column("State")],
        rows,
        key="agenda",
        layout="cards",
        empty="None of this session's patients is yours to open.",
        caption_hidden=True,
    )
