"""Pages over the books of a practice that is still being set up: they say so instead of failing."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from cocm.basics.errors import TableError


def set_up_first(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Stand below `@needs`: where the practice's own tables cannot be read yet, a list says what is missing.

    An address that names an object of the books is not found: there are no books.
    """

    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except TableError as problem:
            if kwargs:
                raise Http404 from problem
            return TemplateResponse(request, "not_set_up.html", {"problem": str(problem)})

    return shown
