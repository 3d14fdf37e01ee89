"""A page to publish, as blocks that are written as HTML and as Markdown alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Cell:
    """A table's cell: its text, a second line in small print, and an address that the small print leads to."""

    text: str
    small: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Heading:
    """A column's heading; numbers stand to the right."""

    text: str
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its caption. A row has a cell for each heading."""

    caption: str
    headings: tuple[Heading, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of plain text."""

    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart as inline SVG, named by its caption. Its numbers stand in a table beside it; Markdown has only that."""

    caption: str
    svg: str


Block: TypeAlias = Paragraph | Table | Chart


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page under its own heading, reachable as `#anchor`."""

    anchor: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """A whole page. `footer` tells by what it was made: each line stands at its end."""

    title: str
    subtitle: str
    sections: tuple[Section, ...]
    footer: tuple[str, ...]


def plain_table(caption: str, headings: tuple[Heading, ...], rows: Iterator[tuple[str, ...]]) -> Table:
    """A table whose cells are nothing but text."""
    return Table(caption, headings, tuple(tuple(Cell(text) for text in row) for row in rows))


def as_markdown(page: Page) -> str:
    """The page as Markdown. Charts are left out: the table beside each says the same."""
    parts = [f"# {_plain(page.title)}", "", _plain(page.subtitle), ""]
    for section in page.sections:
        parts += [f"## {_plain(section.title)}", ""]
        for block in section.blocks:
            if isinstance(block, Paragraph):
                parts += [_plain(block.text), ""]
            elif isinstance(block, Table):
                parts += [*_markdown_table(block), ""]
    parts += ["---", "", *(f"{_plain(line)}  " for line in page.footer), ""]
    return "\n".join(parts)


def _markdown_table(table: Table) -> Iterator[str]:
    if table.caption:
        yield f"*{_plain(table.caption)}*"
        yield ""
    yield f"| {' | '.join(_plain(heading.text) for heading in table.headings)} |"
    yield f"|{'|'.join(' ---: ' if heading.is_number else ' --- ' for heading in table.headings)}|"
    for row in table.rows:
        yield f"| {' | '.join(_markdown_cell(cell) for cell in row)} |"


def _markdown_cell(cell: Cell) -> str:
    small = _plain(cell.small)
    if small and cell.url.startswith(("https://", "http://")):
        small = f"[{small}](<{cell.url}>)"
    return "<br>".join(part for part in (_plain(cell.text), small) if part)


def _plain(text: str) -> str:
    """Text that Markdown takes as text: nothing of it marks anything up, and a table's cell ends where it should."""
    for sign in "\\`*_[]<>|#":
        text = text.replace(sign, f"\\{sign}")
    return " ".join(text.split())
