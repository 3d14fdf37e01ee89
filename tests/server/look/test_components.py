"""Components without a browser: what they say, what they escape, what they refuse."""

from __future__ import annotations

import re
import time
from datetime import date

import pytest
from django.http import QueryDict
from django.template import Context, Template

from cocm.server.look.badges import badge, flag
from cocm.server.look.content_security import content_security_policy
from cocm.server.look.html import icon
from cocm.server.look.minutes import MinutesBar, Tier
from cocm.server.look.parts import Citation, Pages, RowFault, TimelineEntry
from cocm.server.look.tables import Column, Row, Table, render_table, table_query

TIERS = (Tier(31, "first"), Tier(60, "base"))
NASTY = '<script>alert("x")</script>'


def rendered(text: str, **values: object) -> str:
    return Template("{% load look %}" + text).render(Context(values))


@pytest.mark.parametrize(
    "markup",
    [
        lambda: badge(NASTY),
        lambda: flag(NASTY, NASTY, key='a"b'),
        lambda: render_table(
            Table(NASTY, [Column(NASTY, help=NASTY, sort=NASTY)], [Row([NASTY], href=NASTY)], key='"')
        ),
        lambda: rendered("{% stat_tile a a a a %}", a=NASTY),
        lambda: rendered("{% timeline e %}", e=[TimelineEntry(date(2026, 1, 1), NASTY, NASTY, NASTY)]),
        lambda: rendered(
            "{% why c %}", c=Citation(NASTY, NASTY, NASTY, source=NASTY, facts=[(NASTY, NASTY)])
        ),
        lambda: rendered("{% row_faults f %}", f=[RowFault(1, NASTY, NASTY, NASTY)]),
        lambda: rendered("{% page_header title=a subtitle=a %}{{ a }}{% endpage_header %}", a=NASTY),
        lambda: rendered(
            "{% minutes_bar b %}{% small_minutes b %}", b=MinutesBar(3, (Tier(5, NASTY),), label=NASTY)
        ),
        lambda: icon("x", NASTY),
    ],
)
def test_text_is_escaped_everywhere(markup):
    made = markup()
    assert "&lt;script&gt;" in made
    assert "<script" not in made


def test_a_sort_link_turns_the_order_round_and_keeps_the_filter():
    query = table_query(QueryDict("status=active&site=1&site=2&sort=name&page=3"))
    table = Table(
        "People",
        [Column("Name", sort="name"), Column("Age", "number", sort="age")],
        [],
        sort="name",
        query=query,
    )
    made = render_table(table)
    assert 'aria-sort="ascending"' in made
    assert re.findall(r'href="\?([^"]+)"', made) == [
        "status=active&amp;site=1&amp;site=2&amp;sort=-name",
        "status=active&amp;site=1&amp;site=2&amp;sort=age",
    ]


def test_a_row_with_a_cell_too_few_is_refused_by_name():
    with pytest.raises(ValueError, match="table people: a row has 1 cells, but there are 2 columns"):
        render_table(Table("People", [Column("Name"), Column("Age")], [Row(["Ariana"])], key="people"))


def test_an_unknown_tone_is_refused():
    with pytest.raises(ValueError, match="the tone 'pink' is not known"):
        badge("x", "pink")


@pytest.mark.parametrize(
    ("minutes", "days_left", "tone", "sentence"),
    [
        (0, 20, "info", "0 min counted · 31 min to first · 20 days left"),
        (30, 1, "attention", "30 min counted · 1 min to first · 1 day left"),
        (31, 1, "success", "31 min counted · first reached · 29 min to base · 1 day left"),
        (75, None, "success", "75 min counted · base reached"),
    ],
)
def test_the_minutes_bar_says_what_it_shows(minutes, days_left, tone, sentence):
    bar = MinutesBar(minutes, TIERS, days_left=days_left)
    assert (bar.tone, bar.sentence) == (tone, sentence)


def test_a_minutes_bar_never_leaves_its_frame():
    for minutes in (0, 1, 59, 600):
        bar = MinutesBar(minutes, TIERS, minutes_excluded=45)
        assert float(bar.counted_width[:-1]) + float(bar.excluded_width[:-1]) <= 100
        assert all(float(str(mark["place"])[:-1]) <= 100 for mark in bar.marks)


def test_pages_leave_out_what_is_far():
    assert [number for number, _ in Pages(6, 12, 583).links] == [1, None, 5, 6, 7, None, 12]
    assert Pages(1, 3, 30).previous == ""
    assert Pages(1, 3, 30, {"sort": ["name"]}).following == "?sort=name&page=2"


def test_a_page_of_one_has_no_page_links():
    assert rendered("{% pagination p %}", p=Pages(1, 1, 8)).strip() == ""


def test_five_hundred_rows_are_written_in_a_moment(seconds_here):
    columns = [Column(f"Column {number}", "number") for number in range(20)]
    rows = [Row([f"text & {cell}" for cell in range(20)], href=f"/p/{number}/") for number in range(500)]
    spent = []
    for _ in range(5):
        start = time.process_time()
        render_table(Table("Caseload", columns, rows))
        spent.append(time.process_time() - start)
    assert min(spent) < seconds_here(0.1)


def test_the_policy_admits_nothing_inline_and_nothing_from_elsewhere():
    directives = content_security_policy()["DIRECTIVES"]
    assert directives["default-src"] == ["'self'"]
    assert not {"'unsafe-inline'", "'unsafe-eval'", "*", "https:"} & {
        value for values in directives.values() for value in values
    }
    assert content_security_policy(sign_in_addresses=["https://login.example.org"])["DIRECTIVES"][
        "form-action"
    ] == [
        "'self'",
        "https://login.example.org",
    ]


@pytest.mark.parametrize(
    ("theme", "following", "status", "goes_to"),
    [
        ("dark", "/look/?a=1", 302, "/look/?a=1"),
        ("dark", "https://elsewhere.example/", 302, "/"),
        ("dark", "//elsewhere.example/", 302, "/"),
        ("pink", "/", 400, None),
    ],
)
def test_choosing_a_theme_never_leads_elsewhere(rf, theme, following, status, goes_to):
    from cocm.server.look.views import choose_theme

    response = choose_theme(rf.post("/look/theme/", {"theme": theme, "next": following}))
    assert response.status_code == status
    assert response.get("Location") == goes_to
    assert ("theme" in response.cookies) == (status == 302)


def test_choosing_a_theme_is_a_post(rf):
    from cocm.server.look.views import choose_theme

    assert choose_theme(rf.get("/look/theme/")).status_code == 405


@pytest.mark.parametrize("page", ["400", "403", "403_csrf", "404", "429", "500"])
def test_error_pages_need_nothing_but_themselves(page):
    """Django renders some of them without a request: they must not ask for one."""
    from django.template.loader import render_to_string

    made = render_to_string(f"{page}.html")
    assert "<h1>" in made
    assert "look.css" in made


@pytest.mark.parametrize(
    ("why", "sentence"),
    [
        ("", "Your role does not include this page"),
        ("no_organization", "no organization has you among its people"),
        ("chart_closed", "open to the patient&#x27;s care team"),
    ],
)
def test_a_refusal_says_what_to_do(why, sentence):
    from django.template.loader import render_to_string

    assert sentence.replace("&#x27;", "'") in render_to_string("403.html", {"why": why, "patient_id": "p"})
