"""The rulebook as a whole, and a payer's resolved pack.

A pack inherits from its parent and overrides single values. For a date, the first pack in the chain (the
payer, its parent, … `cpt`) that defines the rule on that date answers; an explicit `unknown` answers too, and
ends the search. Rules are bitemporal: with `known_on`, rows observed later are as if they were not there.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property, lru_cache
from importlib import resources
from pathlib import Path
from typing import Final

from cocm.basics.errors import RulebookError, UnknownPayer, UnknownRule
from cocm.rules.parse import RuleParser, parse_source
from cocm.rules.profile import ROOT_PAYER, PayerProfile, parse_profile
from cocm.rules.values import KNOWN, NOT_DEFINED, UNKNOWN, Confidence, DatedValue, Rule, RuleValue, Source
from cocm.rules.yaml_reader import read_yaml

LAYOUT_FOLDERS: Final = (
    "rules",
    "payers",
    "codes",
    "fees",
    "ncci",
    "forms",
    "x12",
    "denials",
    "care",
    "audit",
    "layouts",
    "insight",
)
LAYOUT_FILES: Final = ("sources.yaml", "tables.yaml")
SHIPPED: Final = Path(str(resources.files("cocm.rulebook")))
_REMEMBERED_MAX: Final = 1_500
"""Packs of a rulebook, and days of a pack, that are remembered before it starts over: a service is asked for any."""
_ID: Final = re.compile(r"[a-z0-9][a-z0-9_.-]*")


class Rulebook:
    """The shipped rulebook with overlay folders laid over it, read lazily: a file is parsed when asked for.

    An overlay (`--rules DIR`, a practice's own contracts) has the rulebook's layout. It may add payers, add
    rules and restate a payer's values; where it names a file that exists, its file wins as a whole.
    """

    def __init__(self, overlays: Sequence[Path] = (), *, base: Path | None = None) -> None:
        shipped = base if base is not None else SHIPPED
        for overlay in overlays:
            if not overlay.is_dir():
                raise RulebookError(
                    f"{overlay}: no such folder of rules; --rules names a folder laid out like the rulebook"
                )
            if not _is_laid_out(overlay):
                raise RulebookError(
                    f"{overlay}: holds no rules; expected at least one of the folders "
                    f"{', '.join(f'{name}/' for name in LAYOUT_FOLDERS)} in it, such as payers/PAYER/rules/ID.yaml "
                    "(is the folder above or below it meant?)"
                )
        self.roots: tuple[Path, ...] = (shipped, *overlays)
        self._rules: dict[str, Rule] = {}
        self._overrides: dict[tuple[str, str], Rule | None] = {}
        self._profiles: dict[str, PayerProfile] = {}
        self._packs: dict[tuple[str, date | None], Pack] = {}

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 over every file's path and bytes: two rulebooks with the same hash decide alike."""
        digest = hashlib.sha256()
        for root in self.roots:
            for path in sorted(path for path in root.rglob("*") if path.suffix in (".yaml", ".csv")):
                digest.update(path.relative_to(root).as_posix().encode() + b"\0")
                digest.update(hashlib.sha256(path.read_bytes()).digest())
        return digest.hexdigest()

    @cached_property
    def sources(self) -> Mapping[str, Source]:
        """Every source by its ref."""
        return {
            ref: parse_source(path, ref, given)
            for path, content in self.source_files
            for ref, given in content.items()
        }

    @property
    def source_files(self) -> tuple[tuple[Path, dict[str, object]], ...]:
        """Each list of sources with its content, the shipped one first."""
        paths = (root / "sources.yaml" for root in self.roots)
        return tuple((path, self._content(path)) for path in paths if path.is_file())

    @cached_property
    def _parser(self) -> RuleParser:
        return RuleParser(self.sources)

    @cached_property
    def rule_ids(self) -> tuple[str, ...]:
        """Every rule's id, sorted."""
        return tuple(sorted({path.stem for root in self.roots for path in (root / "rules").glob("*.yaml")}))

    @cached_property
    def payer_ids(self) -> tuple[str, ...]:
        """Every pack's id, sorted."""
        return tuple(
            sorted(
                {path.parent.name for root in self.roots for path in (root / "payers").glob("*/profile.yaml")}
            )
        )

    def rule(self, rule_id: str) -> Rule:
        """The rule of an id. Raises `UnknownRule` with the nearest names."""
        if rule_id not in self._rules:
            path = self.find_file("rules", rule_id)
            if path is None:
                raise UnknownRule(
                    f"no rule {rule_id!r}; {_nearest(rule_id, self.rule_ids)} (`cocm rules list` shows all)"
                )
            self._rules[rule_id] = self._parser.rule(path, self._content(path))
        return self._rules[rule_id]

    def override(self, payer_id: str, rule_id: str) -> Rule | None:
        """The rule as a payer's own file restates it; None where the payer has no file for it."""
        key = (payer_id, rule_id)
        if key not in self._overrides:
            path = self.find_file(f"payers/{payer_id}/rules", rule_id)
            self._overrides[key] = (
                None if path is None else self._parser.override(path, self._content(path), self.rule(rule_id))
            )
        return self._overrides[key]

    def override_ids(self, payer_id: str) -> tuple[str, ...]:
        """The ids of the rules that a payer overrides."""
        folder = Path("payers") / payer_id / "rules"
        return tuple(sorted({path.stem for root in self.roots for path in (root / folder).glob("*.yaml")}))

    def profile(self, payer_id: str) -> PayerProfile:
        """Who a pack speaks for. Raises `UnknownPayer` with the names there are."""
        if payer_id not in self._profiles:
            path = self.find_file(f"payers/{payer_id}", "profile") if _ID.fullmatch(payer_id) else None
            if path is None:
                raise UnknownPayer(f"no payer pack {payer_id!r}; there are {', '.join(self.payer_ids)}")
            self._profiles[payer_id] = parse_profile(path, payer_id, self._content(path))
        return self._profiles[payer_id]

    def chain(self, payer_id: str) -> tuple[str, ...]:
        """The pack, its parent, … the root. Raises `RulebookError` when it never ends."""
        chain = [payer_id]
        while (parent := self.profile(chain[-1]).parent) is not None:
            if parent in chain:
                raise RulebookError(f"payer {payer_id}: its parents go round in a circle at {parent}")
            if parent not in self.payer_ids:
                raise RulebookError(f"payer {chain[-1]}: its parent {parent!r} has no profile")
            chain.append(parent)
        return tuple(chain)

    def pack(self, payer_id: str, *, known_on: date | None = None) -> Pack:
        """A payer's resolved pack, as known on a date (default: everything known)."""
        key = (payer_id, known_on)
        if key not in self._packs:
            if len(self._packs) >= _REMEMBERED_MAX:
                self._packs.clear()
            self._packs[key] = Pack(self, payer_id, self.chain(payer_id), known_on)
        return self._packs[key]

    def data_file(self, name: str) -> Path:
        """A CSV table (`codes/…`, `fees/…`); an overlay's copy wins. Raises `RulebookError`."""
        for root in reversed(self.roots):
            if (root / name).is_file():
                return root / name
        raise RulebookError(f"the rulebook has no table {name}")

    def _content(self, path: Path) -> dict[str, object]:
        """A YAML file's content; the shipped files, which do not change under a process, are read once in it."""
        return _shipped_content(path) if path.is_relative_to(SHIPPED) else read_yaml(path)

    def find_file(self, folder: str, stem: str) -> Path | None:
        """The YAML file of an id, from the last overlay that has it; None where none has."""
        if _ID.fullmatch(stem) is None:
            return None
        for root in reversed(self.roots):
            path = root / folder / f"{stem}.yaml"
            if path.is_file():
                return path
        return None


def _is_laid_out(folder: Path) -> bool:
    return any((folder / name).is_dir() for name in LAYOUT_FOLDERS) or any(
        (folder / name).is_file() for name in LAYOUT_FILES
    )


@dataclass(frozen=True, slots=True)
class Step:
    """One pack asked in turn for a rule: `answer` is None where it is silent on that date."""

    payer_id: str
    has_file: bool
    answer: RuleValue | None


class Pack:
    """A payer's rules, resolved by date. Obtained from `Rulebook.pack`."""

    def __init__(
        self, rulebook: Rulebook, payer_id: str, chain: tuple[str, ...], known_on: date | None
    ) -> None:
        self.rulebook = rulebook
        self.payer_id = payer_id
        self.chain = chain
        self.profile = rulebook.profile(payer_id)
        self._known_on = known_on
        self._on: dict[date, PackOn] = {}

    def on(self, day: date) -> PackOn:
        """The pack on one date; repeated questions are answered from memory."""
        if day not in self._on:
            if len(self._on) >= _REMEMBERED_MAX:
                self._on.clear()
            self._on[day] = PackOn(self, day)
        return self._on[day]

    def resolve(self, rule_id: str, day: date) -> RuleValue:
        """The rule's value on a date, from the first pack in the chain that defines it."""
        rule = self.rulebook.rule(rule_id)
        for payer_id in self.chain:
            step = self._ask(rule, payer_id, day)
            if step.answer is not None:
                return step.answer
        return RuleValue(
            rule_id,
            rule.label,
            NOT_DEFINED,
            None,
            rule.severity,
            Confidence.UNKNOWN,
            self.payer_id,
            None,
            None,
            None,
            None,
            "",
            "",
        )

    def steps(self, rule_id: str, day: date) -> tuple[Step, ...]:
        """The packs asked, up to and including the one that answers. Raises `UnknownRule`."""
        rule = self.rulebook.rule(rule_id)
        steps: list[Step] = []
        for payer_id in self.chain:
            steps.append(self._ask(rule, payer_id, day))
            if steps[-1].answer is not None:
                break
        return tuple(steps)

    def _ask(self, rule: Rule, payer_id: str, day: date) -> Step:
        holder = self.rulebook.override(payer_id, rule.rule_id)
        if holder is None and payer_id == ROOT_PAYER:
            holder = rule
        if holder is None:
            return Step(payer_id, has_file=False, answer=None)
        found = value_in_force(holder.values, day, self._known_on)
        if found is None:
            return Step(payer_id, has_file=True, answer=None)
        value, effective_to = found
        answer = RuleValue(
            rule_id=rule.rule_id,
            label=rule.label,
            state=UNKNOWN if value.is_unknown else KNOWN,
            value=value.value,
            severity=value.severity if value.severity is not None else rule.severity,
            confidence=value.confidence,
            payer_id=payer_id,
            effective_from=value.effective_from,
            effective_to=effective_to,
            observed=value.observed,
            source=value.source,
            locator=value.locator,
            note=value.note,
        )
        return Step(payer_id, has_file=True, answer=answer)


class PackOn:
    """A payer's rules on one date of service."""

    __slots__ = ("_values", "day", "pack")

    def __init__(self, pack: Pack, day: date) -> None:
        self.pack = pack
        self.day = day
        self._values: dict[str, RuleValue] = {}

    @property
    def payer_id(self) -> str:
        return self.pack.payer_id

    def value(self, rule_id: str) -> RuleValue:
        """The resolved rule. Raises `UnknownRule` for an id that does not exist."""
        found = self._values.get(rule_id)
        if found is None:
            found = self._values[rule_id] = self.pack.resolve(rule_id, self.day)
        return found

    def integer(self, rule_id: str) -> int | None:
        """The rule's whole number; None when it is a stated "none" or not known."""
        return self.value(rule_id).integer

    def flag(self, rule_id: str) -> bool | None:
        """The rule's true or false; None when not known."""
        return self.value(rule_id).flag

    def text(self, rule_id: str) -> str | None:
        """The rule's word or code; None when it is a stated "none" or not known."""
        return self.value(rule_id).text

    def members(self, rule_id: str) -> frozenset[str]:
        """The rule's words or codes; empty when none or not known."""
        return self.value(rule_id).members


def value_in_force(
    values: Sequence[DatedValue], day: date, known_on: date | None
) -> tuple[DatedValue, date | None] | None:
    """The row in force on a date and the first date on which it no longer is.

    Rows are sorted by (effective_from, observed): of two with the same start the later one is the correction.
    """
    in_force: DatedValue | None = None
    next_from: date | None = None
    for value in values:
        if known_on is not None and value.observed > known_on:
            continue
        if value.effective_from > day:
            next_from = value.effective_from
            break
        in_force = value
    if in_force is None:
        return None
    if in_force.effective_to is None:
        return in_force, next_from
    if in_force.effective_to <= day:
        return None
    return in_force, in_force.effective_to if next_from is None else min(in_force.effective_to, next_from)


@lru_cache(maxsize=1)
def shipped_rulebook() -> Rulebook:
    """The rulebook as shipped, shared within the process."""
    return Rulebook()


def rulebook_of(overlays: Sequence[Path]) -> Rulebook:
    """The rulebook with overlay folders laid over it; without any, the shipped one that the process shares."""
    return Rulebook(overlays) if overlays else shipped_rulebook()


@cache
def _shipped_content(path: Path) -> dict[str, object]:
    return read_yaml(path)


def _nearest(wanted: str, known: Sequence[str]) -> str:
    from difflib import get_close_matches  # only an error needs it

    near = get_close_matches(wanted, known, n=3, cutoff=0.4)
    return f"did you mean {' or '.join(near)}?" if near else "none is near"
