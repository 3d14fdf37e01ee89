"""The style guide: every component in its states, with made-up people, for developers and tests."""

from __future__ import annotations

from datetime import UTC, date, datetime

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from cocm.server.look.badges import badge, flag
from cocm.server.look.html import joined
from cocm.server.look.minutes import MinutesBar, Tier
from cocm.server.look.parts import Chart, Citation, Pages, RowFault, Tab, TimelineEntry
from cocm.server.look.shell import Link, LinkGroup, Shell, chosen_theme
from cocm.server.look.tables import Column, Row, Table, table_query

TIERS = (Tier(31, "first tier"), Tier(60, "base"), Tier(90, "base + 1"), Tier(120, "base + 2"))
SMALL_TIERS = TIERS[:3]
PEOPLE = (
    ("Example, Ariana", "Active", 17, 9, 52, 23, 0, "danger"),
    ("Example, Bruno", "Active", 14, 13, 26, 11, 1, "attention"),
    ("Example, Carmen", "New", 19, None, 12, 2, 0, ""),
    ("Example, Dmitri", "Active", 12, 6, 61, 15, 0, ""),
    ("Example, Esperanza-Guadalupe", "Maintenance", 16, 4, 18, 34, 0, ""),
    ("Example, Farid", "Active", 21, 20, 88, 12, 2, "attention"),
    ("Example, Grace", "Lost to follow-up", 11, 11, 0, 9, 0, "muted"),
)


class ExampleForm(forms.Form):
    """A contact, as far as the style guide needs one."""

    day = forms.DateField(label="Date", widget=forms.DateInput(attrs={"type": "date"}))
    minutes = forms.IntegerField(
        label="Service minutes",
        min_value=1,
        max_value=240,
        help_text="Time of service only; writing the note is not counted.",
    )
    modality = forms.ChoiceField(
        label="How",
        choices=[("", "Choose"), ("phone", "Telephone"), ("video", "Video"), ("visit", "In person")],
    )
    outcome = forms.ChoiceField(
        label="Outcome",
        widget=forms.RadioSelect,
        choices=[("reached", "Reached"), ("message", "Left a message"), ("none", "No answer")],
    )
    note = forms.CharField(label="Note", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    safety = forms.BooleanField(
        label="Safety was discussed", required=False, help_text="Opens the safety page after saving."
    )


class ExampleFilter(forms.Form):
    """A filter bar's fields."""

    status = forms.ChoiceField(required=False, choices=[("", "All"), ("active", "Active"), ("new", "New")])
    site = forms.ChoiceField(required=False, choices=[("", "All sites"), ("n", "North clinic")])
    text = forms.CharField(label="Name contains", required=False)
    flagged = forms.BooleanField(label="Flagged only", required=False)


class ExampleUpload(forms.Form):
    """An upload."""

    table = forms.FileField(
        label="Patients as CSV or XLSX",
        help_text="At most 5 MB. Nothing is saved before you have seen every row.",
    )


def style_guide(request: HttpRequest) -> HttpResponse:
    """All components on one page."""
    messages.success(request, "Contact saved: 18 minutes counted for November.")
    messages.warning(request, "Two contacts overlap by 6 minutes; they count once.")
    bound = ExampleForm(
        {
            "bad-day": "",
            "bad-minutes": "900",
            "bad-modality": "",
            "bad-note": "Talked about sleep.",
        },
        prefix="bad",
    )
    sort = request.GET.get("sort", "-minutes")
    return render(
        request,
        "look/guide.html",
        {
            "shell": example_shell(request),
            "breadcrumb": [("Home", "#"), ("Look", "#"), ("Style guide", "")],
            "tones": ["neutral", "info", "success", "attention", "danger"],
            "caseload": caseload(sort, table_query(request.GET)),
            "cards": card_table(),
            "empty": Table(
                "Requests",
                [Column("Patient"), Column("Days left", "number")],
                [],
                key="requests",
                empty="No request is open.",
            ),
            "bars": [
                MinutesBar(
                    52, TIERS, days_left=8, minutes_excluded=10, label="Ariana Example, November 2026"
                ),
                MinutesBar(24, SMALL_TIERS, days_left=3, label="Bruno Example, November 2026"),
                MinutesBar(12, SMALL_TIERS, days_left=19, label="Carmen Example, November 2026"),
                MinutesBar(131, TIERS, label="Farid Example, October 2026"),
            ],
            "timeline": TIMELINE,
            "tabs": [
                Tab("Summary", "#", is_current=True),
                Tab("Contacts", "#", count=14),
                Tab("Measures", "#"),
                Tab("Care plan", "#"),
                Tab("Claims", "#", count=3),
            ],
            "chart": trend_chart(),
            "bar_chart": month_chart(),
            "form": ExampleForm(prefix="new"),
            "bad_form": bound,
            "filter": ExampleFilter(request.GET or None, prefix="f"),
            "upload": ExampleUpload(prefix="up"),
            "faults": FAULTS,
            "pages": Pages(4, 12, 583, table_query(request.GET)),
            "citation": CITATION,
        },
    )


def confirm_example(request: HttpRequest) -> HttpResponse:
    """The confirm button's page for those without a script."""
    context = {
        "shell": example_shell(request),
        "question": "Void this contact?",
        "label": "Void contact",
        "href": "",
        "key": "void",
        "tone": "danger",
        "asks_reason": True,
        "detail": "Its 18 minutes no longer count. The contact stays readable with your reason.",
        "back_href": "/look/",
    }
    return render(request, "look/confirm_page.html", context)


def example_shell(request: HttpRequest) -> Shell:
    """The frame of a care manager."""
    return Shell(
        organization="Prairie Family Medicine",
        role="Care manager",
        user="Robin Sample",
        notice="Demonstration, synthetic people",
        navigation=(
            LinkGroup(
                "",
                (
                    Link("My day", "#", "house", count=6, count_label="due", shortcut="d"),
                    Link("Registry", "?", "people", is_current=True, shortcut="r"),
                    Link("Contacts", "#", "chat-left-text", shortcut="c"),
                    Link("Review", "#", "clipboard-pulse", shortcut="w"),
                ),
            ),
            LinkGroup(
                "Month",
                (
                    Link("Month board", "#", "calendar-check", shortcut="m"),
                    Link("Claims", "#", "receipt", count=2, count_label="held"),
                ),
            ),
            LinkGroup("Practice", (Link("Staff and sites", "#", "building"), Link("Rulebook", "#", "book"))),
        ),
        account_links=(
            Link("Security keys and codes", "#", "shield-lock"),
            Link("Preferences", "#", "sliders"),
        ),
        search_href="?",
        sign_out_href="#",
        rulebook_hash="3f9a2c71be04d5e8",
        theme=chosen_theme(request),
    )


def caseload(sort: str, query: dict[str, list[str]]) -> Table:
    """A registry with flags and minutes."""
    columns = (
        Column("Patient", sort="name"),
        Column("Flags"),
        Column("Status", sort="status"),
        Column("PHQ-9 first", "number", sort="first"),
        Column("last", "number", sort="last"),
        Column("Weeks", "number", sort="weeks", help="Weeks since the initial assessment"),
        Column("Last contact", "date", sort="contact"),
        Column(
            "Minutes", "number", sort="minutes", help="Counted minutes of this month against the next tier"
        ),
        Column("Payer"),
        Column("Consent", "date"),
    )
    rows = []
    for number, (name, status, first, last, minutes, weeks, fault, tone) in enumerate(PEOPLE):
        flags = []
        if tone == "danger":
            flags.append(
                flag(
                    "Safety",
                    "Item 9 of the PHQ-9 was above 0 on Nov 18. Stays until a named person closes it with an action.",
                    key=f"p{number}-safety",
                    tone="danger",
                )
            )
        if fault:
            flags.append(
                flag(
                    "Not improved",
                    f"{weeks} weeks in care and the last score dropped by less than half.",
                    key=f"p{number}-slow",
                )
            )
        if last is None:
            flags.append(
                flag(
                    "New",
                    "Enrolled on Nov 9, not yet in a caseload review.",
                    key=f"p{number}-new",
                    tone="info",
                )
            )
        bar = MinutesBar(minutes, SMALL_TIERS, days_left=8)
        rows.append(
            Row(
                (
                    name,
                    joined('<span class="tags">', *flags, "</span>"),
                    badge(status, "success" if status == "Maintenance" else "neutral"),
                    first,
                    last,
                    weeks,
                    date(2026, 11, 20 - number),
                    bar.small(),
                    "Example Health PPO",
                    date(2026, 6, 3),
                ),
                href=f"#p{number}",
                tone=tone,
            )
        )
    return Table("Caseload, 7 patients", columns, rows, key="caseload", layout="pane", sort=sort, query=query)


def card_table() -> Table:
    """A table that becomes cards on a phone."""
    columns = (Column("Tier"), Column("Minutes", "number"), Column("Charge", "number"), Column("State"))
    rows = (
        Row(("Base", 60, "$172.00", badge("reached", "success")), href="#t1"),
        Row(("Add-on", 30, "$81.50", badge("8 minutes short", "attention")), href="#t2", tone="attention"),
    )
    return Table(
        "Tiers of the month", columns, rows, key="tiers", layout="cards", foot=("Total", 90, "$253.50", "")
    )


def trend_chart() -> Chart:
    """Scores over time with the target line and a treatment change."""
    scores = [
        ("2026-06-03", 17),
        ("2026-07-01", 16),
        ("2026-08-05", 15),
        ("2026-09-02", 12),
        ("2026-10-07", 10),
        ("2026-11-04", 9),
    ]
    values = [{"day": day, "score": score} for day, score in scores]
    return Chart(
        key="phq9",
        title="PHQ-9, Ariana Example",
        description="From 17 to 9 in five months; below 5 is remission. Dose raised on Aug 12.",
        spec={
            "height": 200,
            "layer": [
                {
                    "data": {"values": values},
                    "mark": {"type": "line", "point": True},
                    "encoding": {
                        "x": {
                            "field": "day",
                            "type": "temporal",
                            "title": None,
                            "axis": {"format": "%b %Y", "tickCount": 6},
                        },
                        "y": {
                            "field": "score",
                            "type": "quantitative",
                            "scale": {"domain": [0, 27]},
                            "title": "Score",
                        },
                    },
                },
                {
                    "data": {"values": [{"score": 5}]},
                    "mark": {"type": "rule", "style": "target"},
                    "encoding": {"y": {"field": "score", "type": "quantitative"}},
                },
                {
                    "data": {"values": [{"day": "2026-08-12", "what": "dose raised"}]},
                    "layer": [
                        {
                            "mark": {"type": "rule", "strokeWidth": 1},
                            "encoding": {"x": {"field": "day", "type": "temporal"}},
                        },
                        {
                            "mark": {"type": "text", "align": "left", "dx": 4, "y": 8},
                            "encoding": {
                                "x": {"field": "day", "type": "temporal"},
                                "text": {"field": "what"},
                            },
                        },
                    ],
                },
            ],
        },
        table=Table(
            "PHQ-9 scores",
            [Column("Day", "date"), Column("Score", "number")],
            [Row(pair) for pair in scores],
            key="phq9-data",
            caption_hidden=True,
        ),
    )


def month_chart() -> Chart:
    """Claims of three months by outcome."""
    figures = [("Aug", 88, 6, 2), ("Sep", 91, 5, 4), ("Oct", 97, 3, 11)]
    names = ("paid", "denied", "open")
    values = [
        {"month": month, "outcome": name, "claims": count}
        for month, *counts in figures
        for name, count in zip(names, counts, strict=True)
    ]
    return Chart(
        key="outcomes",
        title="Claims by outcome",
        description="Denials fell from 6 to 3 while volume grew.",
        spec={
            "height": 200,
            "data": {"values": values},
            "mark": "bar",
            "encoding": {
                "x": {
                    "field": "month",
                    "type": "ordinal",
                    "sort": None,
                    "title": None,
                    "axis": {"labelAngle": 0},
                },
                "y": {"field": "claims", "type": "quantitative", "title": "Claims"},
                "color": {"field": "outcome", "type": "nominal", "sort": list(names), "title": None},
            },
        },
        table=Table(
            "Claims by month and outcome",
            [Column("Month"), *(Column(name.capitalize(), "number") for name in names)],
            [Row(figure) for figure in figures],
            key="outcomes-data",
            caption_hidden=True,
        ),
    )


TIMELINE = (
    TimelineEntry(
        datetime(2026, 11, 20, 15, 40, tzinfo=UTC),
        "Telephone contact, 18 min",
        "Sleep better; agreed on a walk each day.",
        "Robin Sample",
        "telephone",
        "success",
        "#",
    ),
    TimelineEntry(
        datetime(2026, 11, 18, 9, 5, tzinfo=UTC),
        "PHQ-9: 9, item 9 above 0",
        "Alert to Robin Sample and the doctor on call.",
        "from a phone",
        "exclamation-octagon",
        "danger",
        "#",
    ),
    TimelineEntry(
        date(2026, 11, 12),
        "Caseload review",
        "Raise sertraline to 100 mg; accepted by Dr. Sample.",
        "Dr. Consult",
        "clipboard-pulse",
        "info",
    ),
    TimelineEntry(date(2026, 11, 3), "October claim paid", "$163.20, patient owes nothing.", "", "cash-coin"),
)
FAULTS = (
    RowFault(3, "birth_date", "31/02/1980", "There is no such day; write year-month-day."),
    RowFault(7, "member_id", "", "Needed to send a claim. Enter what stands on the card."),
    RowFault(12, "phone", "555 0199", "No area code; taken as it is.", is_blocking=False),
)
CITATION = Citation(
    rule="cms.cocm.addon_unit_limit",
    label="add-on units payable per patient-month",
    value="4 units",
    effective_from=date(2018, 1, 1),
    source="Medically unlikely edits, practitioner table",
    source_url="https://www.cms.gov/",
    confidence="stated",
    facts=(("addon_units_month", 5), ("addon_unit_limit", 4)),
    fix="Bill at most 4 units, or enter the contract that allows more.",
)
