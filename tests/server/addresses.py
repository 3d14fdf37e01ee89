"""Every address of the site, walked from the URLconf; and an example of each that names an object.

A colleague who adds an address with an argument adds a line to `EXAMPLES`: the test tells which is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

Arguments = Callable[[Any], dict[str, Any]]

EXAMPLES: dict[str, Arguments] = {
    "registry:chart": lambda world: {"patient_id": world.ariana.pk},
}


def _parts_of_the_case_file() -> dict[str, Arguments]:
    from registry_rows import row_of_ariana

    from cocm.server.registry.parts import PARTS

    def arguments(part: Any) -> Arguments:
        def of_ariana(world: Any) -> dict[str, Any]:
            row = {"row_id": row_of_ariana(world, part.row_model).pk} if part.row_model else {}
            return {"patient_id": world.ariana.pk, "part": part.name, **row}

        return of_ariana

    return {f"registry:{part.url_name}": arguments(part) for part in PARTS.values()}


EXAMPLES |= _parts_of_the_case_file()
"""By view name: the arguments that lead to an object of the practice, about Ariana where it is a patient's."""

BODIES: dict[str, Arguments] = {
    "choose_organization": lambda world: {"organization_id": world.practice.organization_id},
}
"""By view name: what an editor would post, where an empty form is no test."""


@dataclass(frozen=True)
class Address:
    """One pattern of the URLconf."""

    view_name: str
    view: Callable[..., Any]
    arguments: tuple[str, ...]

    def path(self, world) -> str:
        return reverse(self.view_name, kwargs=EXAMPLES[self.view_name](world) if self.arguments else {})


def all_addresses() -> list[Address]:
    """Every pattern there is, ours and other packages'."""
    return list(_walk(get_resolver().url_patterns, "", ()))


def _walk(patterns, namespace: str, arguments: tuple[str, ...]) -> Iterator[Address]:
    for pattern in patterns:
        found = (*arguments, *pattern.pattern.converters)
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _walk(pattern.url_patterns, inner, found)
        elif isinstance(pattern, URLPattern):
            yield Address(f"{namespace}{pattern.name or ''}", pattern.callback, found)


def our_addresses() -> list[Address]:
    """Those whose views declare their needs themselves, and let members in by permission."""
    return [
        address
        for address in all_addresses()
        if getattr(address.view, "needs", None) is not None and address.view.needs.permission is not None
    ]
