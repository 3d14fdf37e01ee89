"""The catalogue as a whole: discovered from its files, sorted by id, with a hash of its content."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import lru_cache
from importlib import import_module, resources
from pkgutil import iter_modules
from types import ModuleType

from cocm.edits import catalogue as catalogue_package
from cocm.edits.derive import FACTS
from cocm.edits.edit import CatalogueEdit, Edit


@lru_cache(maxsize=1)
def catalogue() -> tuple[CatalogueEdit, ...]:
    """Every edit, sorted by id."""
    names = sorted(module.name for module in iter_modules(catalogue_package.__path__))
    edits = [_load(import_module(f"{catalogue_package.__name__}.{name}")) for name in names]
    return tuple(sorted(edits, key=lambda edit: edit.id))


def find_edit(edit_id: str) -> CatalogueEdit | None:
    """The edit of an id, or None."""
    return _by_id().get(edit_id)


@lru_cache(maxsize=1)
def _by_id() -> dict[str, CatalogueEdit]:
    return {edit.id: edit for edit in catalogue()}


@lru_cache(maxsize=1)
def catalogue_hash() -> str:
    """SHA-256 over the files of the edits and facts: two catalogues with the same hash decide alike."""
    digest = hashlib.sha256()
    for package in ("cocm.edits", "cocm.edits.catalogue", "cocm.edits.facts"):
        for path in sorted(resources.files(package).iterdir(), key=lambda path: path.name):
            if path.name.endswith(".py"):
                digest.update(
                    f"{package}/{path.name}\0".encode() + hashlib.sha256(path.read_bytes()).digest()
                )
    return digest.hexdigest()


def _load(module: ModuleType) -> CatalogueEdit:
    edit = module.EDIT
    assert isinstance(edit, Edit), f"{module.__name__}: EDIT is missing"
    read = facts_read(module.applies) | facts_read(module.trips)
    rules = dict.fromkeys(edit.rules)
    for name in sorted(read):
        rules.update(dict.fromkeys(FACTS[name].rules))
    return CatalogueEdit(
        edit=edit,
        doc=(module.__doc__ or "").strip(),
        applies=module.applies,
        trips=module.trips,
        cases=tuple(module.CASES),
        facts=tuple(sorted(read)),
        rests_on=tuple(rules),
    )


def facts_read(predicate: Callable[..., object]) -> frozenset[str]:
    """The names of the facts a predicate reads."""
    return frozenset(name for name in predicate.__code__.co_names if name in FACTS)
