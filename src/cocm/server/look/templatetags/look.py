"""`{% load look %}`: the components, each documented in docs/look.md and shown in the style guide."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect, Select, Widget
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from cocm.server.look import badges, html
from cocm.server.look.minutes import MinutesBar
from cocm.server.look.parts import Chart, Citation, Pages, RowFault, Tab, TimelineEntry
from cocm.server.look.tables import render_table

register = template.Library()

register.simple_tag(html.icon, name="icon")
register.simple_tag(badges.badge, name="badge")
register.simple_tag(badges.flag, name="flag")
register.simple_tag(render_table, name="data_table")


def page_header(
    content: str, title: object, subtitle: object = "", back_href: str = "", back_label: str = ""
) -> str:
    """`{% page_header title="Registry" %}buttons{% endpage_header %}`: the page's one h1 and its actions."""
    return _part(
        "page_header",
        content=content,
        title=title,
        subtitle=subtitle,
        back_href=back_href,
        back_label=back_label,
    )


def filter_bar(content: str, label: str = "Filter", reset_href: str = "", action: str = "") -> str:
    """`{% filter_bar label="Filter patients" reset_href="?" %}fields{% endfilter_bar %}`: a GET form in one line."""
    return _part("filter_bar", content=content, label=label, reset_href=reset_href, action=action)


def dialog(content: str, key: str, title: object) -> str:
    """`{% dialog key="note" title="..." %}...{% enddialog %}`: opened by any link with `data-opens-dialog="note"`."""
    return _part("dialog", content=content, key=key, title=title)


def card(content: str, title: object = "", level: int = 2, tone: str = "") -> str:
    """`{% card title="Consent" %}...{% endcard %}`: a section with a heading in a frame."""
    return _part("card", content=content, title=title, level=level, tone=tone)


def stat_tile(
    label: str,
    value: object,
    unit: str = "",
    detail: object = "",
    tone: str = "",
    href: str = "",
    definition: str = "",
) -> str:
    """One figure with its label; `definition` says how it is worked out."""
    return _part(
        "stat_tile",
        label=label,
        value=value,
        unit=unit,
        detail=detail,
        tone=tone,
        href=href,
        definition=definition,
    )


def minutes_bar(bar: MinutesBar) -> str:
    """The month's minutes against the tiers, with the days that are left."""
    return _part("minutes_bar", bar=bar)


def timeline(entries: Sequence[TimelineEntry], label: str = "Timeline", empty: str = "Nothing yet.") -> str:
    """What happened, in the order given."""
    return _part("timeline", entries=entries, label=label, empty=empty)


def tabs(items: Sequence[Tab], label: str) -> str:
    """Tabs as links; `label` names the navigation."""
    return _part("tabs", items=items, label=label)


def chart(item: Chart) -> str:
    """A chart with its data in a table."""
    return _part("chart", chart=item)


def pagination(pages: Pages, label: str = "Pages") -> str:
    """Links to the pages of a list; nothing where there is only one."""
    return _part("pagination", pages=pages, label=label)


def why(citation: Citation, is_open: bool = False) -> str:
    """Rule, date, source and facts behind a decision, folded up."""
    return _part("why", citation=citation, is_open=is_open)


def row_faults(faults: Sequence[RowFault], key: str = "faults", rows_total: int | None = None) -> str:
    """The rows of an uploaded file that cannot be taken, and what to do."""
    blocking = sum(fault.is_blocking for fault in faults)
    return _part("row_faults", faults=faults, key=key, rows_total=rows_total, blocking=blocking)


def confirm_button(
    context: template.Context,
    label: str,
    href: str,
    question: str,
    key: str,
    tone: str = "danger",
    detail: object = "",
    asks_reason: bool = False,
) -> str:
    """A button that asks first. `href` answers GET with the question as a page, and POST does it."""
    values = {
        "label": label,
        "href": href,
        "question": question,
        "key": key,
        "tone": tone,
        "detail": detail,
        "asks_reason": asks_reason,
    }
    return render_to_string("look/confirm_button.html", {**values, "csrf_token": context.get("csrf_token")})


def field(bound: BoundField, label: str = "", hint: object = "", is_inline: bool = False) -> str:
    """A form field with label, help and errors tied to it."""
    return render_to_string("look/field.html", field_parts(bound, label, hint, is_inline))


def field_parts(bound: BoundField, label: str, hint: object, is_inline: bool) -> dict[str, Any]:
    """What the field's template needs; the widget gets its class and the ids of help and errors."""
    widget: Widget = bound.field.widget
    is_group = isinstance(widget, RadioSelect | CheckboxSelectMultiple)
    is_check = isinstance(widget, CheckboxInput)
    help_text = hint or bound.help_text
    described = []
    if help_text:
        described.append(f"{bound.auto_id}_help")
    if bound.errors:
        described.append(f"{bound.auto_id}_error")
    style = "" if is_group else "form-control"
    if is_check:
        style = "form-check-input"
    elif isinstance(widget, Select):
        style = "form-select"
    given = str(widget.attrs.get("class", ""))
    attributes = {
        "class": " ".join(
            part for part in (given, style, "is-invalid" if bound.errors and style else "") if part
        )
    }
    if described:
        attributes["aria-describedby"] = " ".join(described)
    if bound.errors:
        attributes["aria-invalid"] = "true"
    return {
        "field": bound,
        "label": label or bound.label,
        "help": help_text,
        "is_group": is_group,
        "is_check": is_check,
        "is_hidden": bound.is_hidden,
        "is_inline": is_inline,
        "widget": bound.as_widget(attrs=attributes),
    }


def fields(form: Any) -> SafeString:
    """Every field of a form, in its order."""
    return html.joined(*(str(field(bound)) for bound in form))


def error_summary(form: Any, title: str = "There is something to change") -> str:
    """The errors of a form, each a link to its field; nothing where there is none."""
    return _part("error_summary", form=form, title=title)


def small_minutes(bar: MinutesBar) -> str:
    """The minutes bar for a table cell."""
    return bar.small()


def _part(name: str, **values: object) -> str:
    return render_to_string(f"look/{name}.html", values)


for block in (page_header, filter_bar, dialog, card):
    register.simple_block_tag(block)
for tag in (
    stat_tile,
    minutes_bar,
    timeline,
    tabs,
    chart,
    pagination,
    why,
    row_faults,
    field,
    fields,
    error_summary,
    small_minutes,
):
    register.simple_tag(tag)
register.simple_tag(confirm_button, takes_context=True)
