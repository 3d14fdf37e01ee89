"""The instruments: items, answers, scoring, bands, ages, licence and wording, one file each under `care/instruments`.

Wording stands there only where it may be reproduced (`LICENCES.md` beside the files); an instrument without a text in a
language is scored from its items' numbers. What counts as response or remission stands in `care/instruments.csv` for
the scales that are followed (`rules.care_flags`), and in the instrument's own file for others.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, TypeVar

from cocm.basics.errors import RulebookError
from cocm.rules.care_flags import FollowedScale, care_flags
from cocm.rules.parse import parse_date, refuse_other_fields, required_text
from cocm.rules.rulebook import Rulebook
from cocm.rules.values import Confidence, Source
from cocm.rules.yaml_reader import read_yaml

FOLDER: Final = "care/instruments"
LANGUAGES: Final = MappingProxyType({"en": "English", "es": "Español"})
_Word = TypeVar("_Word", bound=StrEnum)
_ID: Final = re.compile(r"[a-z][a-z0-9-]{0,29}")
_FIELDS: Final = frozenset(
    [
        "instrument", "label", "meaning", "effective_from", "effective_to", "position", "source", "licence", "given_by",
        "ages", "is_confidential_for_minors", "answers", "items", "loinc", "missing", "bands", "positive_from",
        "positive_from_by_sex", "outcome", "texts",
    ]
)  # fmt: skip
_ITEM_FIELDS: Final = frozenset(
    ["id", "answers", "loinc", "alarm", "is_scored", "is_optional", "is_self_harm", "asked_if"]
)
_TEXT_FIELDS: Final = frozenset(["version", "title", "lead", "second_lead", "answers", "items"])


class GivenBy(StrEnum):
    """How an instrument may be filled in."""

    STAFF = "staff"
    LINK = "link"
    KIOSK = "kiosk"


class Licence(StrEnum):
    """Whether the wording may be reproduced."""

    PUBLIC_DOMAIN = "public_domain"
    FREE = "free"
    FREE_WITH_ATTRIBUTION = "free_with_attribution"
    RESTRICTED = "restricted"


@dataclass(frozen=True, slots=True)
class Alarm:
    """An answer from `from_value` on tells of suicide risk; with `when_unanswered`, so does none."""

    from_value: int
    words: str
    is_acute: bool = False
    when_unanswered: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """One question. `values` are its answers' numbers.

    `asked_if_any` with `asked_from`: the question is asked where one of those items is answered so high.
    """

    item_id: str
    answer_set: str
    values: tuple[int, ...]
    loinc: str = ""
    is_scored: bool = True
    is_optional: bool = False
    is_self_harm: bool = False
    alarm: Alarm | None = None
    asked_if_any: tuple[str, ...] = ()
    asked_from: int = 0


@dataclass(frozen=True, slots=True)
class Band:
    """What a score from `from_score` on is called."""

    from_score: int
    label: str


@dataclass(frozen=True, slots=True)
class InstrumentText:
    """The wording in one language: exact version, title for the patient, lead, items, answers by set."""

    language: str
    version: str
    title: str
    lead: str
    second_lead: str
    items: Mapping[str, str]
    answers: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Ages:
    """The ages, in whole years, for which an instrument is meant; `to_years` None: no upper end.

    `rather` names the instrument that is meant for those up to `rather_to_years`.
    """

    from_years: int
    to_years: int | None
    source: Source
    locator: str
    confidence: Confidence
    rather: str = ""
    rather_to_years: int = 0

    def hold(self, years: int) -> bool:
        """Whether somebody of that age may be given it."""
        return self.from_years <= years and (self.to_years is None or years <= self.to_years)

    @property
    def words(self) -> str:
        return (
            f"{self.from_years} and over"
            if self.to_years is None
            else f"{self.from_years} to {self.to_years}"
        )


@dataclass(frozen=True, slots=True)
class Instrument:
    """An instrument as the rulebook has it. `texts` are by language; none means that its wording is not shipped."""

    instrument_id: str
    label: str
    meaning: str
    position: int
    effective_from: date
    effective_to: date | None
    source: Source
    locator: str
    licence: Licence
    licence_words: str
    licence_source: Source
    given_by: frozenset[GivenBy]
    ages: Ages
    is_confidential_for_minors: bool
    items: tuple[Item, ...]
    bands: tuple[Band, ...]
    positive_from: int | None
    positive_from_by_sex: Mapping[str, int]
    missing_items_max: int
    loinc_panel: str
    loinc_total: str
    scale: FollowedScale | None
    response_points: int
    texts: Mapping[str, InstrumentText]

    @property
    def score_max(self) -> int:
        """The highest score there is."""
        return sum(max(item.values) for item in self.items if item.is_scored)

    @property
    def is_followed(self) -> bool:
        """Whether improvement is told by it, so that it is due again and again."""
        return self.scale is not None

    def item(self, item_id: str) -> Item:
        """An item by its id. Raises `KeyError`."""
        for item in self.items:
            if item.item_id == item_id:
                return item
        raise KeyError(item_id)

    def in_force(self, day: date) -> bool:
        """Whether it is used on a day."""
        return self.effective_from <= day and (self.effective_to is None or day < self.effective_to)

    def band(self, score: int) -> Band | None:
        """The band of a score."""
        found = [band for band in self.bands if band.from_score <= score]
        return found[-1] if found else None

    def positive_at(self, sex: str) -> int | None:
        """The lowest positive score for somebody of a sex."""
        return self.positive_from_by_sex.get(sex, self.positive_from)


@lru_cache(maxsize=64)
def instruments(rulebook: Rulebook) -> Mapping[str, Instrument]:
    """Every instrument by its id, in the order of their places. Raises `RulebookError`."""
    names = sorted({path.stem for root in rulebook.roots for path in (root / FOLDER).glob("*.yaml")})
    found = [_instrument(rulebook, name) for name in names]
    known = {instrument.instrument_id for instrument in found}
    for instrument in found:
        if instrument.ages.rather and instrument.ages.rather not in known:
            raise RulebookError(
                f"{FOLDER}/{instrument.instrument_id}.yaml: ages: rather names {instrument.ages.rather!r}, "
                "which is no instrument"
            )
    ordered = sorted(found, key=lambda instrument: (instrument.position, instrument.instrument_id))
    return MappingProxyType({instrument.instrument_id: instrument for instrument in ordered})


def _instrument(rulebook: Rulebook, name: str) -> Instrument:
    path = rulebook.find_file(FOLDER, name)
    if path is None:
        raise RulebookError(f"{FOLDER}/{name}.yaml: a name of small letters, digits and dashes is expected")
    content = read_yaml(path)
    refuse_other_fields(path, content, _FIELDS)
    if content.get("instrument") != name or not _ID.fullmatch(name):
        raise RulebookError(f"{path}: instrument is {content.get('instrument')!r}; expected the file's name")
    read = _Reader(path, rulebook)
    sets = {
        key: read.numbers(f"answers {key}", value) for key, value in read.mapping(content, "answers").items()
    }
    items = tuple(_item(read, given, sets) for given in read.rows(content, "items"))
    _check_items(path, items)
    outcome = read.mapping(content, "outcome", required=False)
    scale = care_flags(rulebook).scales.get(name)
    if scale is not None and outcome:
        raise RulebookError(f"{path}: outcome stands in care/instruments.csv already; leave it out here")
    source, locator = read.source(content.get("source"))
    licence = read.mapping(content, "licence")
    loinc = read.mapping(content, "loinc", required=False)
    made = Instrument(
        instrument_id=name,
        label=required_text(path, content, "label"),
        meaning=required_text(path, content, "meaning"),
        position=read.whole(content, "position"),
        effective_from=parse_date(path, "effective_from", content.get("effective_from")),
        effective_to=(
            parse_date(path, "effective_to", content["effective_to"]) if content.get("effective_to") else None
        ),
        source=source,
        locator=locator,
        licence=read.word(Licence, licence.get("status"), "licence"),
        licence_words=required_text(path, licence, "words"),
        licence_source=read.source(licence)[0],
        given_by=frozenset(read.word(GivenBy, way, "given_by") for way in content.get("given_by") or ()),
        ages=_ages(read, read.mapping(content, "ages")),
        is_confidential_for_minors=bool(content.get("is_confidential_for_minors", False)),
        items=items,
        bands=tuple(
            Band(read.whole(band, "from"), required_text(path, band, "label"))
            for band in read.rows(content, "bands")
        ),
        positive_from=read.whole(content, "positive_from") if "positive_from" in content else None,
        positive_from_by_sex=MappingProxyType(
            {
                sex: read.whole(read.mapping(content, "positive_from_by_sex"), sex)
                for sex in content.get("positive_from_by_sex") or {}
            }
        ),
        missing_items_max=(
            read.whole(read.mapping(content, "missing"), "items_max") if "missing" in content else 0
        ),
        loinc_panel=str(loinc.get("panel", "")),
        loinc_total=str(loinc.get("total", "")),
        scale=scale,
        response_points=read.whole(outcome, "response_points") if outcome else 0,
        texts=MappingProxyType(
            {
                language: _text(read, language, given, items)
                for language, given in read.mapping(content, "texts", required=False).items()
            }
        ),
    )
    _check_scores(path, made)
    return made


def _item(read: _Reader, given: Mapping[str, Any], sets: Mapping[str, tuple[int, ...]]) -> Item:
    refuse_other_fields(read.path, given, _ITEM_FIELDS)
    item_id, answer_set = required_text(read.path, given, "id"), required_text(read.path, given, "answers")
    if answer_set not in sets:
        raise RulebookError(f"{read.path}: item {item_id}: no answers {answer_set!r}")
    alarm, condition = given.get("alarm"), given.get("asked_if") or {}
    return Item(
        item_id=item_id,
        answer_set=answer_set,
        values=sets[answer_set],
        loinc=str(given.get("loinc", "")),
        is_scored=bool(given.get("is_scored", True)),
        is_optional=bool(given.get("is_optional", False)),
        is_self_harm=bool(given.get("is_self_harm", False)),
        alarm=(
            Alarm(
                read.whole(alarm, "from"),
                required_text(read.path, alarm, "words"),
                bool(alarm.get("is_acute", False)),
                bool(alarm.get("when_unanswered", False)),
            )
            if isinstance(alarm, dict)
            else None
        ),
        asked_if_any=tuple(str(name) for name in condition.get("any", ())),
        asked_from=read.whole(condition, "from") if condition else 0,
    )


def _check_items(path: Path, items: tuple[Item, ...]) -> None:
    names = [item.item_id for item in items]
    if len(set(names)) != len(names) or not names:
        raise RulebookError(f"{path}: each item has an id of its own, and there is one at least")
    for place, item in enumerate(items):
        strays = set(item.asked_if_any) - set(names[:place])
        if strays:
            raise RulebookError(
                f"{path}: item {item.item_id} is asked after {', '.join(sorted(strays))}, which does not come before it"
            )


def _check_scores(path: Path, made: Instrument) -> None:
    starts = [band.from_score for band in made.bands]
    if starts != sorted(set(starts)) or not starts or starts[0] != 0 or starts[-1] > made.score_max:
        raise RulebookError(f"{path}: bands begin at 0, rise, and end within 0 to {made.score_max}")
    if made.scale is not None and made.scale.score_max != made.score_max:
        raise RulebookError(
            f"{path}: its items add up to {made.score_max}, care/instruments.csv says {made.scale.score_max}"
        )
    if made.texts and made.licence is Licence.RESTRICTED:
        raise RulebookError(f"{path}: a wording that may not be reproduced stands here; take the texts out")


def _ages(read: _Reader, given: Mapping[str, Any]) -> Ages:
    source, locator = read.source(given)
    rather = given.get("rather") or {}
    return Ages(
        from_years=read.whole(given, "from"),
        to_years=read.whole(given, "to") if given.get("to") is not None else None,
        source=source,
        locator=locator,
        confidence=read.word(Confidence, given.get("confidence"), "confidence"),
        rather=str(rather.get("instrument", "")),
        rather_to_years=read.whole(rather, "to") if rather else 0,
    )


def _text(read: _Reader, language: str, given: Any, items: tuple[Item, ...]) -> InstrumentText:
    if language not in LANGUAGES or not isinstance(given, dict):
        raise RulebookError(f"{read.path}: texts are by language, one of {', '.join(LANGUAGES)}")
    refuse_other_fields(read.path, given, _TEXT_FIELDS)
    words, sets = read.mapping(given, "items"), read.mapping(given, "answers")
    lacking = [item.item_id for item in items if not str(words.get(item.item_id, "")).strip()]
    if lacking:
        raise RulebookError(f"{read.path}: {language}: no text for the items {', '.join(lacking)}")
    for item in items:
        if len(sets.get(item.answer_set) or ()) != len(item.values):
            raise RulebookError(
                f"{read.path}: {language}: {item.answer_set} needs {len(item.values)} answers, as many as numbers"
            )
    return InstrumentText(
        language=language,
        version=required_text(read.path, given, "version"),
        title=required_text(read.path, given, "title"),
        lead=required_text(read.path, given, "lead"),
        second_lead=str(given.get("second_lead", "")),
        items=MappingProxyType({item.item_id: str(words[item.item_id]) for item in items}),
        answers=MappingProxyType({name: tuple(str(word) for word in found) for name, found in sets.items()}),
    )


class _Reader:
    """Reads fields of one file, and refuses what is not as expected."""

    def __init__(self, path: Path, rulebook: Rulebook) -> None:
        self.path, self.rulebook = path, rulebook

    def mapping(self, given: Mapping[str, Any], field: str, *, required: bool = True) -> dict[str, Any]:
        found = given.get(field)
        if found is None and not required:
            return {}
        if not isinstance(found, dict) or not found:
            raise RulebookError(f"{self.path}: {field} is missing or not a mapping")
        return found

    def rows(self, given: Mapping[str, Any], field: str) -> list[dict[str, Any]]:
        found = given.get(field)
        if not isinstance(found, list) or not found or not all(isinstance(row, dict) for row in found):
            raise RulebookError(f"{self.path}: {field} is missing or not a list of mappings")
        return found

    def whole(self, given: Mapping[str, Any], field: str) -> int:
        found = given.get(field)
        if isinstance(found, bool) or not isinstance(found, int) or found < 0:
            raise RulebookError(f"{self.path}: {field} is {found!r}; expected a whole number, 0 or more")
        return found

    def numbers(self, what: str, given: Any) -> tuple[int, ...]:
        is_list = isinstance(given, list) and all(type(number) is int and number >= 0 for number in given)
        if not is_list or given != sorted(set(given)) or len(given) < 2:
            raise RulebookError(f"{self.path}: {what}: expected two or more rising whole numbers")
        return tuple(given)

    def word(self, kind: type[_Word], given: Any, field: str) -> _Word:
        try:
            return kind(given)
        except ValueError:
            raise RulebookError(
                f"{self.path}: {field} is {given!r}; expected one of {', '.join(kind)}"
            ) from None

    def source(self, given: Any) -> tuple[Source, str]:
        ref = given.get("ref") if isinstance(given, dict) else None
        if not isinstance(ref, str) or ref not in self.rulebook.sources:
            raise RulebookError(f"{self.path}: source {ref!r} does not stand in sources.yaml")
        return self.rulebook.sources[ref], str(given.get("at", ""))
