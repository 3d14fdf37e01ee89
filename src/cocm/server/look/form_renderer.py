"""Django's form widgets, those of every page written without a template: a select of forty options took forty includes.

What is written is what Django's own templates write, character for character but for the white space between options;
`tests/server/look` holds the two beside each other. Widgets that are not named here go to Django's templates.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from django.forms.renderers import DjangoTemplates
from django.http import HttpRequest
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

Widget = Mapping[str, Any]


class QuickWidgets(DjangoTemplates):
    """The renderer of forms (FORM_RENDERER)."""

    def render(
        self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None
    ) -> SafeString:
        write = WRITERS.get(template_name)
        if write is None:
            return super().render(template_name, context, request)  # type: ignore[no-any-return]  # no stubs
        return mark_safe(write(context["widget"]))


def _text(value: object) -> str:
    """As `stringformat:'s'` does: escaped, unless it is markup already."""
    return str(conditional_escape(value if isinstance(value, SafeString) else str(value)))


def _attributes(widget: Widget) -> str:
    return "".join(
        f" {name}" if value is True else f' {name}="{_text(value)}"'
        for name, value in widget["attrs"].items()
        if value is not False
    )


def _input(widget: Widget) -> str:
    given = "" if widget["value"] is None else f' value="{_text(widget["value"])}"'
    name = conditional_escape(widget["name"])
    return f'<input type="{widget["type"]}" name="{name}"{given}{_attributes(widget)}>'


def _textarea(widget: Widget) -> str:
    text = conditional_escape(widget["value"]) if widget["value"] else ""
    return f'<textarea name="{conditional_escape(widget["name"])}"{_attributes(widget)}>\n{text}</textarea>'


def _select(widget: Widget) -> str:
    parts = [f'<select name="{conditional_escape(widget["name"])}"{_attributes(widget)}>']
    for group, options, _ in widget["optgroups"]:
        if group:
            parts.append(f'\n  <optgroup label="{conditional_escape(group)}">')
        parts += [
            f'\n  <option value="{_text(one["value"])}"{_attributes(one)}>{conditional_escape(one["label"])}</option>'
            for one in options
        ]
        if group:
            parts.append("\n  </optgroup>")
    parts.append("\n</select>")
    return "".join(parts)


WRITERS: Final[Mapping[str, Callable[[Widget], str]]] = MappingProxyType(
    {
        "django/forms/widgets/select.html": _select,
        "django/forms/widgets/textarea.html": _textarea,
        **dict.fromkeys(
            [
                f"django/forms/widgets/{kind}.html"
                for kind in (
                    "input",
                    "text",
                    "number",
                    "email",
                    "hidden",
                    "date",
                    "time",
                    "password",
                    "checkbox",
                )
            ],
            _input,
        ),
    }
)
"""By Django's template."""
