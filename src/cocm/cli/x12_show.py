"""`cocm x12 show`: a file as a tree, in words."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import click

from cocm import __version__
from cocm.basics.errors import CocmError
from cocm.basics.identity import SCHEMA_VERSION
from cocm.cli.options import json_option
from cocm.intake.wire_files import open_x12_files
from cocm.rules.rulebook import shipped_rulebook
from cocm.x12.tree import ShownElement, ShownSegment, shown_segments

_INDENT: Final = "  "
_BETWEEN: Final = " \N{MIDDLE DOT} "
_WIDTH_MIN: Final = 60
_UNPRINTABLE: Final = "\N{REPLACEMENT CHARACTER}"


@click.command("show")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--elements", "each_element", is_flag=True, help="One line an element, with its label (CLM05-1)."
)
@click.option("--places", is_flag=True, help="Also print each segment's number and first byte.")
@click.option("--pager/--no-pager", default=None, help="Page through the text.  [default: on a terminal]")
@json_option
def command(file: Path, each_element: bool, places: bool, pager: bool | None, as_json: bool) -> None:
    """Show a file as a tree: each loop, segment and element with our own words for it.

    Works for every transaction whose guide has a map (docs/x12.md lists them); what a map does not know is shown
    as such. The output holds the file's patient data. Colours come on a terminal, unless NO_COLOR is set.

    \b
    Example:
      cocm x12 show remittance.835
      cocm x12 show claims.zip --no-pager --places
      cocm x12 show benefits.271 --json
    """
    if as_json:
        _print_json(file)
        return
    if os.environ.get("NO_COLOR"):  # no-color.org: any text but an empty one
        click.get_current_context().color = False
    if sys.stdout.isatty() if pager is None else pager:
        click.echo_via_pager(_text(file, each_element, places))
    else:
        for line in _text(file, each_element, places):
            click.echo(line, nl=False)


def _text(file: Path, each_element: bool, shows_places: bool) -> Iterator[str]:
    """The tree, line by line; where the file breaks off, what stood before has been shown."""
    width = max(shutil.get_terminal_size().columns, _WIDTH_MIN)
    for name, stream in open_x12_files(file):
        yield f"{click.style(_printable(name), bold=True)}\n"
        for segment in shown_segments(stream, shipped_rulebook()):
            indent = _INDENT * (segment.depth + 1)
            if segment.heading:
                loop = f"{segment.loop_id}: " if segment.loop_id[:1].isdigit() else ""
                yield f"{indent}{click.style(loop + _printable(segment.heading), fg='cyan', bold=True)}\n"
            place = (
                click.style(f"  [{segment.number}, byte {segment.start}]", dim=True) if shows_places else ""
            )
            yield f"{indent}{_INDENT}{_head(segment)}{place}"
            yield from _one_a_line(segment, indent) if each_element else _wrapped(segment, indent, width)
            yield "\n"


def _head(segment: ShownSegment) -> str:
    words = segment.words if segment.is_known else click.style(segment.words, fg="red")
    return f"{click.style(f'{_printable(segment.tag):<3}', fg='green')} {words}"


def _one_a_line(segment: ShownSegment, indent: str) -> Iterator[str]:
    for element in segment.elements:
        yield f"\n{indent}{_INDENT * 3}{click.style(element.label, dim=True)} {_element(element)}"


def _wrapped(segment: ShownSegment, indent: str, width: int) -> Iterator[str]:
    """The elements one after the other below the segment's name, in lines of the terminal's width."""
    margin = f"{indent}{_INDENT * 3}"
    column = width
    for element in segment.elements:
        text = _element(element)
        length = len(click.unstyle(text)) + len(_BETWEEN)
        if column + length > width:
            yield f"\n{margin}{text}"
            column = len(margin) + length
        else:
            yield f"{_BETWEEN}{text}"
            column += length


def _element(element: ShownElement) -> str:
    words = (
        click.style(element.words, dim=True)
        if element.name
        else click.style(f"{element.label} {element.words}", fg="red")
    )
    meaning = click.style(f" ({element.meaning})", dim=True) if element.meaning else ""
    return f"{words} {_printable(element.value)}{meaning}"


def _printable(text: str) -> str:
    """A text that cannot steer the terminal."""
    return text if text.isprintable() else "".join(one if one.isprintable() else _UNPRINTABLE for one in text)


def _print_json(file: Path) -> None:
    """One object, written as the file is read; a file that breaks off is said in `error`."""
    head = {"schema_version": SCHEMA_VERSION, "engine_version": __version__}
    click.echo(f'{json.dumps(head)[:-1]}, "segments": [', nl=False)
    error: CocmError | None = None
    between = "\n"
    try:
        for name, stream in open_x12_files(file):
            for segment in shown_segments(stream, shipped_rulebook()):
                click.echo(between + json.dumps(_as_json(name, segment)), nl=False)
                between = ",\n"
    except CocmError as problem:
        error = problem
    click.echo(f'\n], "error": {json.dumps(None if error is None else str(error))}}}')
    if error is not None:
        raise error


def _as_json(file_name: str, segment: ShownSegment) -> dict[str, Any]:
    return {
        "file": file_name,
        "number": segment.number,
        "start": segment.start,
        "end": segment.end,
        "depth": segment.depth,
        "loop": segment.loop_id,
        "opens": segment.heading or None,
        "tag": segment.tag,
        "name": segment.name or None,
        "elements": [
            {
                "label": element.label,
                "name": element.name or None,
                "value": element.value,
                "meaning": element.meaning or None,
            }
            for element in segment.elements
        ],
    }
