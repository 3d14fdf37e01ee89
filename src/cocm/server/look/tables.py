"""Data tables: dense, sortable by link, with a head that stays, readable on a phone and on paper.

Rows are written here and not in a template: 500 rows of 20 columns take a tenth of the time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.html import escape
from django.utils.safestring import SafeString

from cocm.server.look.html import attribute, icon, joined, safe

Kind = Literal["text", "number", "date", "action"]
Layout = Literal["page", "pane", "cards"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column. Numbers stand right-aligned; `help` explains a short label; `sort` is the key in the address."""

    label: str
    kind: Kind = "text"
    sort: str = ""
    help: str = ""
    label_hidden: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A row of as many cells as there are columns; text is escaped unless marked safe.

    `href` makes the first cell the link that opens the row (Enter, or j and k to walk). `tone` colours the row's edge.
    """

    cells: Sequence[object]
    href: str = ""
    tone: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its caption, which is also its name for screen readers.

    `layout`: `page` scrolls with the page, `pane` scrolls in a pane of the window's height with head and first column
    fixed (for many columns), `cards` becomes one card a row on a phone.
    `sort`: the present order, a column's `sort` key, with `-` before it for descending; `query`: the rest of the
    address as `table_query` gives it.
    """

    caption: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    key: str = "table"
    layout: Layout = "page"
    sort: str = ""
    query: Mapping[str, Sequence[str]] = field(default_factory=dict)
    foot: Sequence[object] = ()
    empty: object = "Nothing to show."
    caption_hidden: bool = False


def table_query(address: QueryDict, *, without: Sequence[str] = ("sort", "page")) -> dict[str, list[str]]:
    """The address's parameters that a sort link keeps."""
    return {key: address.getlist(key) for key in address if key not in without}


def render_table(table: Table) -> SafeString:
    """The table's markup; raises ValueError where a row has not as many cells as there are columns."""
    name = escape(table.key)
    caption_class = ' class="visually-hidden"' if table.caption_hidden else ""
    parts = [
        f'<div class="table-frame table-{table.layout}" role="region" tabindex="0" aria-labelledby="{name}-caption">'
        f'<table class="data-table" id="{name}" data-rows><caption id="{name}-caption"{caption_class}>'
        f"{safe(table.caption)}</caption><thead><tr>"
    ]
    parts.extend(_head(table, column) for column in table.columns)
    parts.append("</tr></thead><tbody>")
    if table.rows:
        opening = _cell_openings(table)
        parts.extend(_row(table, row, opening) for row in table.rows)
    else:
        parts.append(f'<tr class="empty"><td colspan="{len(table.columns)}">{safe(table.empty)}</td></tr>')
    parts.append("</tbody>")
    if table.foot:
        parts.append("<tfoot>")
        parts.append(_row(table, Row(table.foot), _cell_openings(table)))
        parts.append("</tfoot>")
    parts.append("</table></div>")
    return joined(*parts)


def _head(table: Table, column: Column) -> str:
    label = safe(column.label)
    if column.label_hidden:
        label = f'<span class="visually-hidden">{label}</span>'
    if column.help:
        label = f'<abbr title="{escape(column.help)}">{label}</abbr>'
    if not column.sort:
        return f'<th scope="col" class="{column.kind}">{label}</th>'
    state, sign, following = "", "arrow-down-up", column.sort
    if table.sort == column.sort:
        state, sign, following = ' aria-sort="ascending"', "arrow-up", f"-{column.sort}"
    elif table.sort == f"-{column.sort}":
        state, sign = ' aria-sort="descending"', "arrow-down"
    address = urlencode({**table.query, "sort": following}, doseq=True)
    return (
        f'<th scope="col" class="{column.kind}"{state}>'
        f'<a class="sort" href="?{escape(address)}">{label}{icon(sign)}</a></th>'
    )


def _cell_openings(table: Table) -> list[str]:
    """Each column's `<td>`; its label is needed where a row becomes a card, and left out elsewhere for its bytes."""
    return [
        "<td"
        + ("" if column.kind == "text" else f' class="{column.kind}"')
        + (
            attribute("data-label", column.label)
            if table.layout == "cards" and not column.label_hidden
            else ""
        )
        + ">"
        for column in table.columns
    ]


def _row(table: Table, row: Row, opening: Sequence[str]) -> str:
    if len(row.cells) != len(opening):
        raise ValueError(
            f"table {table.key}: a row has {len(row.cells)} cells, but there are {len(opening)} columns"
        )
    parts = [f"<tr{attribute('id', row.key)}{_tone(row.tone)}>"]
    cells = iter(zip(opening, row.cells, strict=True))
    if row.href:
        start, first = next(cells)
        head = start.replace("<td", '<th scope="row"', 1)
        parts.append(f'{head}<a class="row-link" href="{escape(row.href)}">{safe(first)}</a></th>')
    parts.extend(f"{start}{safe(value)}</td>" for start, value in cells)
    parts.append("</tr>")
    return "".join(parts)


def _tone(tone: str) -> str:
    return f' class="row-{escape(tone)}"' if tone else ""
