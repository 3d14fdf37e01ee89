"""The code sets the rulebook itself can supply to the validator; larger ones come in as arguments."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache
from importlib import resources
from pathlib import Path

from cocm.rules import Rulebook
from cocm.rules.codes import places_of_service
from cocm.rules.yaml_reader import read_yaml

CodeSets = Mapping[str, Collection[str]]


@lru_cache(maxsize=1)
def shipped_code_sets() -> CodeSets:
    """Claim frequencies, states, places of service and provider adjustments, by the names that guides give them."""
    path = Path(str(resources.files("cocm.rulebook"))) / "x12" / "code-sets.yaml"
    sets: dict[str, Collection[str]] = {
        name: frozenset(text.split()) for name, text in read_yaml(path).items()
    }
    sets["place_of_service"] = frozenset(places_of_service(Rulebook()))
    return sets
