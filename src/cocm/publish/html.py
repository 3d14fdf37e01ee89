"""A page as one HTML file that needs nothing else: no script, nothing loaded, light and dark by the reader's choice."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from cocm.publish.page import Chart, Page, Paragraph, Table


def as_html(page: Page) -> str:
    """The page as HTML. The same page gives the same text."""
    return _template().render(page=page)


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("cocm.publish", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.tests["paragraph"] = lambda block: isinstance(block, Paragraph)
    environment.tests["table"] = lambda block: isinstance(block, Table)
    environment.tests["chart"] = lambda block: isinstance(block, Chart)
    environment.tests["address"] = lambda url: str(url).startswith(("https://", "http://"))
    return environment.get_template("page.html.j2")
