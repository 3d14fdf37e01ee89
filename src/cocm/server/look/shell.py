"""The frame around each page: who is signed in where, the navigation, theme, versions; and the hook that fills it.

The setting LOOK_SHELL names a function `(request) -> Shell`; the context processor `shell` puts what it returns into
every template as `shell`. Without the setting the frame is that of somebody who is not signed in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, cast

from django.conf import settings
from django.http import HttpRequest
from django.utils.module_loading import import_string

from cocm import __version__

THEME_COOKIE: Final = "theme"
THEMES: Final = (
    ("auto", "System", "circle-half"),
    ("light", "Light", "sun"),
    ("dark", "Dark", "moon"),
)


@dataclass(frozen=True, slots=True)
class Link:
    """A link of the navigation. `shortcut` is typed after `g` (go): `r` makes it `g r`."""

    label: str
    href: str
    icon: str = ""
    is_current: bool = False
    count: int | None = None
    count_label: str = ""
    shortcut: str = ""


@dataclass(frozen=True, slots=True)
class LinkGroup:
    """Links under one heading; the first group may have none."""

    label: str
    links: Sequence[Link]


@dataclass(frozen=True, slots=True)
class Shell:
    """All the frame shows. `session_seconds` is how long the session lasts without a click (None: no warning)."""

    organization: str = ""
    organization_href: str = ""
    role: str = ""
    user: str = ""
    navigation: Sequence[LinkGroup] = ()
    account_links: Sequence[Link] = ()
    home_href: str = "/"
    search_href: str = ""
    sign_out_href: str = ""
    session_seconds: int | None = None
    session_extend_href: str = ""
    rulebook_hash: str = ""
    notice: str = ""
    version: str = __version__
    theme: str = "auto"

    @property
    def themes(self) -> tuple[tuple[str, str, str], ...]:
        """The themes one can choose: value, label, icon."""
        return THEMES


def shell(request: HttpRequest) -> dict[str, Shell]:
    """Context processor: the frame for this request, with the theme that its cookie names."""
    maker = _maker(getattr(settings, "LOOK_SHELL", ""))
    made = maker(request) if maker else Shell()
    return {"shell": replace(made, theme=chosen_theme(request))}


def chosen_theme(request: HttpRequest) -> str:
    """The theme of the request's cookie; `auto` where there is none or an unknown one."""
    theme = request.COOKIES.get(THEME_COOKIE, "auto")
    return theme if theme in {value for value, _, _ in THEMES} else "auto"


@lru_cache(maxsize=8)
def _maker(path: str) -> Callable[[HttpRequest], Shell] | None:
    return cast("Callable[[HttpRequest], Shell]", import_string(path)) if path else None
