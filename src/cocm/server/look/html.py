"""Small pieces of markup: text made safe, attributes, icons."""

from __future__ import annotations

from functools import lru_cache

from django.templatetags.static import static
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

ICONS = "vendor/bootstrap-icons-1.13.2/icons.svg"


def safe(value: object) -> str:
    """`value` as text that may stand in a page: what is marked safe stays, None is empty, all else is escaped."""
    if value is None:
        return ""
    return str(value) if hasattr(value, "__html__") else escape(value)


def joined(*parts: str) -> SafeString:
    """Parts that are already safe, as one safe string."""
    return mark_safe("".join(parts))


def attribute(name: str, value: object) -> str:
    """` name="value"` with the value escaped, or nothing where the value is empty."""
    return "" if value in (None, "", False) else f' {name}="{escape(value)}"'


@lru_cache(maxsize=512)
def icon(name: str, label: str = "") -> SafeString:
    """An icon of the sprite. Without a label it is decoration and hidden from screen readers."""
    spoken = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
    address = f"{escape(static(ICONS))}#{escape(name)}"
    return joined(
        f'<svg class="icon" width="16" height="16" viewBox="0 0 16 16" {spoken}><use href="{address}"></use></svg>'
    )
