"""Letter templates: what a letter says, to whom, on which rules it rests. Placeholders are facts on file, by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from string import Formatter
from typing import Final

from cocm.basics.errors import RulebookError
from cocm.rules.parse import refuse_other_fields, required_text
from cocm.rules.rulebook import Rulebook
from cocm.rules.yaml_reader import read_yaml

ADDRESSEES: Final[Mapping[str, str]] = {
    "provider_relations": "Provider Relations",
    "claims": "Claims Department",
    "appeals": "Appeals and Grievances",
    "patient": "",
}
_FIELDS: Final = frozenset(
    ["id", "title", "to", "event", "cites", "ledger", "paragraphs", "paragraphs_es", "enclosures"]
)


@dataclass(frozen=True, slots=True)
class LetterTemplate:
    """A letter. `cites` are the rules listed under it as the payer's pack has them; `paragraphs_es` the Spanish text.

    `has_ledger`: the month's minutes ledger is part of the letter. `event` is what sending it is on the claim's
    timeline (empty: nothing).
    """

    letter_id: str
    title: str
    to: str
    event: str
    cites: tuple[str, ...]
    has_ledger: bool
    paragraphs: tuple[str, ...]
    paragraphs_es: tuple[str, ...]
    enclosures: tuple[str, ...]

    @property
    def facts(self) -> frozenset[str]:
        """The names of the facts its text asks for."""
        texts = (*self.paragraphs, *self.paragraphs_es)
        return frozenset(name for text in texts for _, name, _, _ in Formatter().parse(text) if name)


@lru_cache(maxsize=8)
def letter_templates(rulebook: Rulebook) -> Mapping[str, LetterTemplate]:
    """Every template by its id; an overlay's file (a practice's own letter) wins. Raises `RulebookError`."""
    paths: dict[str, Path] = {}
    for root in rulebook.roots:
        paths |= {path.stem: path for path in sorted((root / "denials" / "letters").glob("*.yaml"))}
    return {name: _template(path) for name, path in sorted(paths.items())}


def _template(path: Path) -> LetterTemplate:
    given = read_yaml(path)
    refuse_other_fields(path, given, _FIELDS)
    to = required_text(path, given, "to")
    if to not in ADDRESSEES:
        raise RulebookError(f"{path}: to is {to!r}, which is none of {', '.join(ADDRESSEES)}")
    template = LetterTemplate(
        letter_id=required_text(path, given, "id"),
        title=required_text(path, given, "title"),
        to=to,
        event=given.get("event", ""),
        cites=tuple(given.get("cites", ())),
        has_ledger=bool(given.get("ledger", False)),
        paragraphs=tuple(given.get("paragraphs", ())),
        paragraphs_es=tuple(given.get("paragraphs_es", ())),
        enclosures=tuple(given.get("enclosures", ())),
    )
    if template.letter_id != path.stem or not template.paragraphs:
        raise RulebookError(f"{path}: the id must be {path.stem!r}, and the letter must have paragraphs")
    return template
