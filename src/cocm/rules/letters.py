"""Letter templates: what a letter says, to whom, on which rules it rests. Placeholders are facts on file, by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
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
PLAN_ADDRESSEES: Final[Mapping[str, str]] = {"member": "", "provider": "Billing Department"}
_FOLDER: Final = "letters"
_PLAN_FOLDER: Final = "plan_letters"
_FIELDS: Final = frozenset(
    [
        *("id", "title", "title_es", "to", "event", "cites", "ledger"),
        *("paragraphs", "paragraphs_es", "wordings", "enclosures"),
    ]
)


@dataclass(frozen=True, slots=True)
class Wording:
    """A sentence that a letter has in one case and not in another, in English and (perhaps empty) Spanish."""

    text: str
    text_es: str


@dataclass(frozen=True, slots=True)
class LetterTemplate:
    """A letter. `cites` are the rules listed under it as the payer's pack has them; `paragraphs_es` the Spanish text.

    `has_ledger`: the month's minutes ledger is part of the letter. `event` is what sending it is on the claim's
    timeline (empty: nothing). `title_es` is empty where the letter is in English only. `wordings` are sentences by
    name, of which the facts choose one.
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
    title_es: str = ""
    wordings: Mapping[str, Wording] = field(default_factory=dict)

    @property
    def facts(self) -> frozenset[str]:
        """The names of the facts its text asks for."""
        worded = (text for one in self.wordings.values() for text in (one.text, one.text_es))
        texts = (*self.paragraphs, *self.paragraphs_es, *worded)
        return frozenset(name for text in texts for _, name, _, _ in Formatter().parse(text) if name)


@lru_cache(maxsize=8)
def letter_templates(rulebook: Rulebook) -> Mapping[str, LetterTemplate]:
    """Every template by its id; an overlay's file (a practice's own letter) wins. Raises `RulebookError`."""
    return _templates(rulebook, _FOLDER, ADDRESSEES)


@lru_cache(maxsize=8)
def plan_letter_templates(rulebook: Rulebook) -> Mapping[str, LetterTemplate]:
    """Every template of a health plan's own letters; as `letter_templates`."""
    return _templates(rulebook, _PLAN_FOLDER, PLAN_ADDRESSEES)


def _templates(
    rulebook: Rulebook, folder: str, addressees: Mapping[str, str]
) -> Mapping[str, LetterTemplate]:
    paths: dict[str, Path] = {}
    for root in rulebook.roots:
        paths |= {path.stem: path for path in sorted((root / "denials" / folder).glob("*.yaml"))}
    return {name: _template(path, addressees) for name, path in sorted(paths.items())}


def _template(path: Path, addressees: Mapping[str, str]) -> LetterTemplate:
    given = read_yaml(path)
    refuse_other_fields(path, given, _FIELDS)
    to = required_text(path, given, "to")
    if to not in addressees:
        raise RulebookError(f"{path}: to is {to!r}, which is none of {', '.join(addressees)}")
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
        title_es=given.get("title_es", ""),
        wordings={name: _wording(path, name, texts) for name, texts in given.get("wordings", {}).items()},
    )
    if template.letter_id != path.stem or not template.paragraphs:
        raise RulebookError(f"{path}: the id must be {path.stem!r}, and the letter must have paragraphs")
    return template


def _wording(path: Path, name: str, texts: object) -> Wording:
    if (
        not isinstance(texts, list)
        or not 1 <= len(texts) <= 2
        or not all(isinstance(one, str) for one in texts)
    ):
        raise RulebookError(f"{path}: the wording {name} must be one or two texts, English and Spanish")
    return Wording(texts[0], texts[1] if len(texts) > 1 else "")
