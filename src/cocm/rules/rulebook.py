"""The rulebook as a whole, and a payer's resolved pack.

A pack inherits from its parent and overrides single values. For a date, the first pack in the chain (the payer, its
parent, … `cpt`) that defines the rule on that date answers; an explicit `unknown` answers too, and ends the search.
Rules are bitemporal: with `known_on`, rows observed later are as if they were not there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from importlib import resources
from pathlib import Path
from typing import Final

from cocm.basics.errors import RulebookError, UnknownPayer, UnknownRule
from cocm.rules.parse import RuleParser, parse_source
from cocm.rules.values import KNOWN, NOT_DEFINED, UNKNOWN, Confidence, DatedValue, Rule, RuleValue, Source
from cocm.rules.yaml_reader import read_yaml

ROOT_PAYER: Final = "cpt"
_PROFILE_FIELDS: Final = frozenset("id label parent line_of_business claim_filing_code note".split())
_LINES_OF_BUSINESS: Final = frozenset("reference medicare medicare-advantage medicaid commercial".split())


@dataclass(frozen=True, slots=True)
class PayerProfile:
    """Who a pack speaks for. `claim_filing_code` is X12 SBR09 (MB Medicare Part B, MC Medicaid, CI commercial …)."""

    payer_id: str
    label: str
    parent: str | None
    line_of_business: str
    claim_filing_code: str
    note: str


class Rulebook:
    """The shipped rulebook with any overlay folders laid over it, read lazily: a file is parsed when asked for.

    An overlay (`--rules DIR`, a practice's own contracts) has the rulebook's layout. It may add payers, add rules and
    restate a payer's values; where it names a file that exists, its file wins.
    """

    def __init__(self, overlays: Sequence[Path] = (), *, base: Path | None = None) -> None:
        shipped = base if base is not None else Path(str(resources.files("cocm.rulebook")))
        for overlay in overlays:
            if not overlay.is_dir():
                raise RulebookError(f"{overlay}: no such folder of rules; --rules names a folder laid out like the rulebook")
        self._roots: tuple[Path, ...] = (shipped, *overlays)
        self._rules: dict[str, Rule] = {}
        self._overrides: dict[tuple[str, str], Rule | None] = {}
        self._profiles: dict[str, PayerProfile] = {}
        self._packs: dict[tuple[str, date | None], Pack] = {}

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 over every file's path and bytes: two rulebooks with the same hash decide alike."""
        digest = hashlib.sha256()
        for root in self._roots:
            for path in sorted(path for path in root.rglob("*") if path.suffix in (".yaml", ".csv")):
                digest.update(path.relative_to(root).as_posix().encode() + b"\0")
                digest.update(hashlib.sha256(path.read_bytes()).digest())
        return digest.hexdigest()

    @cached_property
    def sources(self) -> Mapping[str, Source]:
        """Every source by its ref."""
        found: dict[str, Source] = {}
        for root in self._roots:
            path = root / "sources.yaml"
            if path.is_file():
                for ref, given in read_yaml(path).items():
                    if not isinstance(given, dict):
                        raise RulebookError(f"{path}: source {ref} needs title, url and grade")
                    found[str(ref)] = parse_source(path, str(ref), given)
        return found

    @cached_property
    def _parser(self) -> RuleParser:
        return RuleParser(self.sources)

    @cached_property
    def rule_ids(self) -> tuple[str, ...]:
        """Every rule's id, sorted."""
        return tuple(sorted({path.stem for root in self._roots for path in (root / "rules").rglob("*.yaml")}))

    @cached_property
    def payer_ids(self) -> tuple[str, ...]:
        """Every pack's id, sorted."""
        return tuple(sorted({path.parent.name for root in self._roots for path in (root / "payers").glob("*/profile.yaml")}))

    def rule(self, rule_id: str) -> Rule:
        """The rule of an id. Raises `UnknownRule` with the nearest names."""
        if rule_id not in self._rules:
            path = self._file(Path("rules") / f"{rule_id}.yaml")
            if path is None:
                raise UnknownRule(f"no rule {rule_id!r}; {_nearest(rule_id, self.rule_ids)} (`cocm rules list` shows all)")
            self._rules[rule_id] = self._parser.rule(path, read_yaml(path))
        return self._rules[rule_id]

    def override(self, payer_id: str, rule_id: str) -> Rule | None:
        """The rule as a payer's own file restates it; None where the payer has none (the root's are the rule's own)."""
        key = (payer_id, rule_id)
        if key not in self._overrides:
            path = self._file(Path("payers") / payer_id / "rules" / f"{rule_id}.yaml")
            self._overrides[key] = None if path is None else self._parser.override(path, read_yaml(path), self.rule(rule_id))
        return self._overrides[key]

    def override_ids(self, payer_id: str) -> tuple[str, ...]:
        """The ids of the rules that a payer overrides."""
        folder = Path("payers") / payer_id / "rules"
        return tuple(sorted({path.stem for root in self._roots for path in (root / folder).glob("*.yaml")}))

    def profile(self, payer_id: str) -> PayerProfile:
        """Who a pack speaks for. Raises `UnknownPayer` with the names there are."""
        if payer_id not in self._profiles:
            path = self._file(Path("payers") / payer_id / "profile.yaml")
            if path is None:
                raise UnknownPayer(f"no payer pack {payer_id!r}; there are {', '.join(self.payer_ids)}")
            self._profiles[payer_id] = _profile(path, payer_id)
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
            self._packs[key] = Pack(self, payer_id, self.chain(payer_id), known_on)
        return self._packs[key]

    def data_file(self, name: str) -> Path:
        """A CSV table of the rulebook (`codes/…`, `fees/…`); an overlay's copy wins. Raises `RulebookError`."""
        path = self._file(Path(name))
        if path is None:
            raise RulebookError(f"the rulebook has no table {name}")
        return path

    def _file(self, relative: Path) -> Path | None:
        for root in reversed(self._roots):
            if (root / relative).is_file():
                return root / relative
        return None


class Pack:
    """A payer's rules, resolved by date. Obtained from `Rulebook.pack`."""

    def __init__(self, rulebook: Rulebook, payer_id: str, chain: tuple[str, ...], known_on: date | None) -> None:
        self.rulebook = rulebook
        self.payer_id = payer_id
        self.chain = chain
        self.profile = rulebook.profile(payer_id)
        self._known_on = known_on
        self._on: dict[date, PackOn] = {}

    def on(self, day: date) -> PackOn:
        """The pack on one date; repeated questions are answered from memory."""
        if day not in self._on:
            self._on[day] = PackOn(self, day)
        return self._on[day]

    def resolve(self, rule_id: str, day: date) -> RuleValue:
        """The rule's value on a date, from the first pack in the chain that defines it. Raises `UnknownRule`."""
        rule = self.rulebook.rule(rule_id)
        for payer_id in self.chain:
            holder = self.rulebook.override(payer_id, rule_id)
            if holder is None and payer_id == ROOT_PAYER:
                holder = rule
            if holder is None:
                continue
            found = value_in_force(holder.values, day, self._known_on)
            if found is not None:
                value, effective_to = found
                return RuleValue(
                    rule_id=rule_id,
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
        return RuleValue(
            rule_id, rule.label, NOT_DEFINED, None, rule.severity, Confidence.UNKNOWN, self.payer_id, None, None, None, None, "", ""
        )


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
        return self.value(rule_id).integer

    def flag(self, rule_id: str) -> bool | None:
        return self.value(rule_id).flag

    def text(self, rule_id: str) -> str | None:
        return self.value(rule_id).text

    def members(self, rule_id: str) -> frozenset[str]:
        return self.value(rule_id).members


def value_in_force(
    values: Sequence[DatedValue], day: date, known_on: date | None
) -> tuple[DatedValue, date | None] | None:
    """The row in force on a date and the first date it no longer is, from rows sorted by (effective_from, observed).

    Among rows of the same `effective_from`, the one observed last is the correction and wins.
    """
    in_force: DatedValue | None = None
    for value in values:
        if known_on is not None and value.observed > known_on:
            continue
        if value.effective_from > day:
            return None if in_force is None else (in_force, value.effective_from)
        in_force = value
    return None if in_force is None else (in_force, None)


@lru_cache(maxsize=1)
def shipped_rulebook() -> Rulebook:
    """The rulebook as shipped, shared within the process."""
    return Rulebook()


def _profile(path: Path, payer_id: str) -> PayerProfile:
    content = read_yaml(path)
    others = sorted(set(content) - _PROFILE_FIELDS)
    if others:
        raise RulebookError(f"{path}: unknown field {', '.join(others)}; known are {', '.join(sorted(_PROFILE_FIELDS))}")
    if content.get("id") != payer_id:
        raise RulebookError(f"{path}: id is {content.get('id')!r} but the folder is named {payer_id}")
    for field in ("label", "line_of_business", "claim_filing_code"):
        if not isinstance(content.get(field), str):
            raise RulebookError(f"{path}: {field} is missing or not text (quote codes)")
    if content["line_of_business"] not in _LINES_OF_BUSINESS:
        raise RulebookError(
            f"{path}: line_of_business {content['line_of_business']!r} is none of {', '.join(sorted(_LINES_OF_BUSINESS))}"
        )
    parent = content.get("parent")
    if parent is None and payer_id != ROOT_PAYER:
        raise RulebookError(f"{path}: a pack needs a parent; only {ROOT_PAYER} has none")
    return PayerProfile(
        payer_id=payer_id,
        label=content["label"],
        parent=parent,
        line_of_business=content["line_of_business"],
        claim_filing_code=content["claim_filing_code"],
        note=str(content.get("note", "")),
    )


def _nearest(wanted: str, known: Sequence[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(wanted, known, n=3, cutoff=0.4)
    return f"did you mean {' or '.join(near)}?" if near else "none is near"
