"""Addresses of the look: the choice of a theme, always; the style guide, where the settings ask for it."""

from __future__ import annotations

from django.conf import settings
from django.urls import URLPattern, path

from cocm.server.look import views

app_name = "look"
urlpatterns: list[URLPattern] = [path("theme/", views.choose_theme, name="theme")]
if getattr(settings, "LOOK_GUIDE", False):
    from cocm.server.look import guide

    urlpatterns += [
        path("", guide.style_guide, name="guide"),
        path("confirm/", guide.confirm_example, name="confirm"),
    ]
