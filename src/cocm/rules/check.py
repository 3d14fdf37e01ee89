"""Everything that is wrong with a rulebook, at once: form, dates, sources, parents, confidence, cases."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from cocm.basics.errors import RulebookError
from cocm.rules.audit_causes import FOLDER as CAUSES_FOLDER
from cocm.rules.audit_causes import audit_causes
from cocm.rules.claims_layouts import FOLDER as LAYOUTS_FOLDER
from cocm.rules.claims_layouts import claims_layouts
from cocm.rules.instruments import FOLDER as INSTRUMENTS_FOLDER
from cocm.rules.instruments import instruments
from cocm.rules.parse import RuleParser, parse_source
from cocm.rules.profile import ROOT_PAYER, PayerProfile, parse_profile
from cocm.rules.reference import reference_tables
from cocm.rules.rulebook import LAYOUT_FILES, Rulebook
from cocm.rules.suicide_safety import safety_protocol
from cocm.rules.values import (
    KNOWN,
    NOT_DEFINED,
    UNKNOWN,
    Case,
    Confidence,
    DatedValue,
    PlainValue,
    Rule,
    RuleValue,
    Severity,
    Source,
    show_value,
)
from cocm.rules.yaml_reader import read_yaml

_NAMED_REF: Final = re.compile(r"\bref: ([a-z0-9-]+)")
_RULE_ENDINGS: Final = (".yaml", ".yml", ".json")
_DENIAL_FOLDERS: Final = ("causes", "letters", "plan_letters")
_UNTRUSTED_GRADES: Final = {Confidence.STATED: ("C", "K"), Confidence.SECONDARY: ("K",)}


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Something wrong with one file. `inform` is worth knowing; the rest must be mended before use."""

    path: Path
    text: str
    severity: Severity = Severity.BLOCK

    @property
    def is_finding(self) -> bool:
        """Whether the rulebook must not be used like this."""
        return self.severity is not Severity.INFORM


def check_rulebook(rulebook: Rulebook) -> tuple[Problem, ...]:
    """Every problem of the rulebook and its overlays, by file; never stops at the first.

    The cases of a file are tried against the layers up to its own: an overlay that restates a value does not
    make the shipped cases fail.
    """
    return _Checker(rulebook).run()


class _Checker:
    """Walks the layers from the shipped rulebook upwards, collecting problems."""

    def __init__(self, rulebook: Rulebook) -> None:
        self._roots = rulebook.roots
        self._problems: list[Problem] = []
        self._sources: dict[str, Source] = {}
        self._source_paths: dict[str, Path] = {}
        self._used_refs: set[str] = set()
        self._profiles: dict[str, tuple[Path, PayerProfile]] = {}
        self._rules: dict[str, Rule] = {}

    def run(self) -> tuple[Problem, ...]:
        for number, root in enumerate(self._roots):
            layer = Rulebook(self._roots[1 : number + 1], base=self._roots[0])
            self._check_stray_files(root)
            self._check_sources(root)
            self._check_profiles(root)
            self._check_rules(root, layer)
            self._check_overrides(root, layer)
            self._check_tables(root)
            self._check_audit(root, layer)
            self._check_care(root, layer)
        self._check_parents()
        for ref in sorted(set(self._sources) - self._used_refs):
            self._add(self._source_paths[ref], f"source {ref} is never used", Severity.INFORM)
        return tuple(sorted(self._problems))

    def _add(self, path: Path, text: str, severity: Severity = Severity.BLOCK) -> None:
        self._problems.append(Problem(path, text.removeprefix(f"{path}: "), severity))

    def _read(self, path: Path) -> dict[str, Any] | None:
        try:
            return read_yaml(path)
        except RulebookError as problem:
            self._add(path, str(problem))
            return None

    def _check_stray_files(self, root: Path) -> None:
        for path in sorted(root.rglob("*")):
            parts = path.relative_to(root).parts
            if path.suffix not in _RULE_ENDINGS or any(part.startswith(".") for part in parts):
                continue
            is_read = path.suffix == ".yaml" and (
                (len(parts) == 1 and path.name in LAYOUT_FILES)
                or (parts[0] in ("rules", "x12") and len(parts) == 2)
                or (parts[0] == "denials" and len(parts) == 3 and parts[1] in _DENIAL_FOLDERS)
                or (parts[:2] == ("audit", "causes") and len(parts) == 3)
                or (parts[0] == "layouts" and len(parts) == 2)
                or (parts[:2] == ("care", "instruments") and len(parts) == 3)
                or parts == ("care", "safety.yaml")
                or (parts[0] == "payers" and len(parts) == 3 and path.name == "profile.yaml")
                or (parts[0] == "payers" and len(parts) == 4 and parts[2] == "rules")
            )
            if not is_read:
                self._add(path, "is not read; rules stand in rules/ID.yaml or payers/PAYER/rules/ID.yaml")

    def _check_sources(self, root: Path) -> None:
        path = root / "sources.yaml"
        for ref, given in (self._read(path) or {}).items() if path.is_file() else ():
            try:
                self._sources[ref] = parse_source(path, ref, given)
                self._source_paths[ref] = path
            except RulebookError as problem:
                self._add(path, str(problem))

    def _check_profiles(self, root: Path) -> None:
        for path in sorted((root / "payers").glob("*/profile.yaml")):
            content = self._read(path)
            if content is not None:
                try:
                    self._profiles[path.parent.name] = (path, parse_profile(path, path.parent.name, content))
                except RulebookError as problem:
                    self._add(path, str(problem))

    def _check_rules(self, root: Path, layer: Rulebook) -> None:
        sound: list[tuple[Path, Rule]] = []
        for path in sorted((root / "rules").glob("*.yaml")):
            content = self._read(path)
            if content is None:
                continue
            gathered: list[RulebookError] = []
            try:
                rule = RuleParser(self._sources, gathered).rule(path, content)
            except RulebookError as problem:
                gathered.append(problem)
            else:
                self._rules[path.stem] = rule
                if self._is_sound(path, rule, gathered):
                    sound.append((path, rule))
            self._add_all(path, gathered)
        for path, rule in sound:
            self._check_cases(path, rule, ROOT_PAYER, layer)

    def _check_overrides(self, root: Path, layer: Rulebook) -> None:
        for path in sorted((root / "payers").glob("*/rules/*.yaml")):
            payer_id = path.parent.parent.name
            if payer_id not in layer.payer_ids:
                self._add(path, f"payer {payer_id} has no profile.yaml")
            if path.stem not in self._rules:
                known = "could not be read" if path.stem in layer.rule_ids else "does not exist"
                self._add(path, f"overrides the rule {path.stem}, which {known}")
                continue
            content = self._read(path)
            if content is None:
                continue
            gathered: list[RulebookError] = []
            try:
                rule = RuleParser(self._sources, gathered).override(path, content, self._rules[path.stem])
            except RulebookError as problem:
                gathered.append(problem)
            else:
                if self._is_sound(path, rule, gathered):
                    self._check_cases(path, rule, payer_id, layer)
            self._add_all(path, gathered)

    def _add_all(self, path: Path, gathered: list[RulebookError]) -> None:
        for problem in gathered:
            self._add(path, str(problem))

    def _is_sound(self, path: Path, rule: Rule, gathered: list[RulebookError]) -> bool:
        """Whether the file's cases can be tried; checks its values on the way."""
        self._used_refs.update(value.source.ref for value in rule.values)
        for text in value_problems(rule):
            self._add(path, text)
        if gathered:
            return False  # rows are missing, so that dates and cases would be judged wrongly
        for text in timeline_problems(rule.values):
            self._add(path, text)
        if not rule.cases:
            self._add(path, "has no cases; add at least the first day and the day before", Severity.INFORM)
        return True

    def _check_cases(self, path: Path, rule: Rule, payer_id: str, layer: Rulebook) -> None:
        for number, case in enumerate(rule.cases, start=1):
            asked = case.payer_id or payer_id
            if asked not in layer.payer_ids:
                self._add(path, f"case {number}: there is no payer {asked!r}")
                continue
            try:
                found = layer.pack(asked, known_on=case.known).resolve(rule.rule_id, case.at)
            except RulebookError:
                continue  # another file is broken and already reported
            if not case_holds(case, found):
                self._add(
                    path,
                    f"case {number}: {asked} on {case.at} is {_shown(found.state, found.value)}, expected "
                    f"{_shown(case.expect_state, case.expect)}",
                )

    def _check_tables(self, root: Path) -> None:
        tables = {table.path: table for table in reference_tables(Rulebook(base=self._roots[0])).values()}
        folders = {Path(path).parts[0] for path in tables}
        for path in sorted(path for folder in folders for path in (root / folder).rglob("*.csv")):
            table = tables.get(path.relative_to(root).as_posix())
            if table is None:
                self._add(path, "is not read; the tables are those that tables.yaml lists")
                continue
            with path.open(encoding="utf-8", newline="") as lines:
                rows = csv.DictReader(lines)
                if tuple(rows.fieldnames or ()) != tuple(table.columns):
                    self._add(path, f"its columns are not {', '.join(table.columns)}")
                named = {row.get("source") or "" for row in rows}
            self._used_refs |= named
            for ref in sorted(named - set(self._sources)):
                what = f"source {ref!r} does not stand in sources.yaml" if ref else "a row has no source"
                self._add(path, what)
        self._check_named_sources(root)

    def _check_audit(self, root: Path, layer: Rulebook) -> None:
        """The causes and layouts of an audit, each as it is read."""
        for read, folder in ((audit_causes, CAUSES_FOLDER), (claims_layouts, LAYOUTS_FOLDER)):
            if (root / folder).is_dir():
                try:
                    read(layer)
                except RulebookError as problem:
                    self._add(root / folder, str(problem))

    def _check_care(self, root: Path, layer: Rulebook) -> None:
        """Instruments and what follows an answer of suicide risk, each as it is read, and the sources they name."""
        paths = [*sorted((root / INSTRUMENTS_FOLDER).glob("*.yaml")), root / "care" / "safety.yaml"]
        for path in paths:
            if path.is_file():
                self._used_refs |= set(_NAMED_REF.findall(path.read_text(encoding="utf-8")))
        for read, place in ((instruments, INSTRUMENTS_FOLDER), (safety_protocol, "care/safety.yaml")):
            if (root / place).exists():
                try:
                    read(layer)
                except RulebookError as problem:
                    self._add(root / place, str(problem))

    def _check_named_sources(self, root: Path) -> None:
        """The sources of our own tables, which no publisher's file brings up to date."""
        for path in sorted(
            path for folder in ("denials", "care", "insight") for path in (root / folder).glob("*.csv")
        ):
            with path.open(encoding="utf-8", newline="") as lines:
                named = {row["source"] for row in csv.DictReader(lines) if row.get("source")}
            self._used_refs |= named
            for ref in sorted(named - set(self._sources)):
                self._add(path, f"source {ref!r} does not stand in sources.yaml")

    def _check_parents(self) -> None:
        for payer_id, (path, profile) in sorted(self._profiles.items()):
            if profile.parent is not None and profile.parent not in self._profiles:
                self._add(path, f"its parent {profile.parent!r} has no readable profile")
            elif payer_id in _ancestors(payer_id, self._profiles):
                self._add(
                    path,
                    f"its parents go round in a circle: {' > '.join(_ancestors(payer_id, self._profiles))}",
                )
        if ROOT_PAYER not in self._profiles:
            self._add(self._roots[0], f"there is no root pack {ROOT_PAYER}")


def value_problems(rule: Rule) -> Iterator[str]:
    """What is wrong with single values: an assumed one that blocks, a confidence its source cannot bear."""
    for value in rule.values:
        severity = value.severity if value.severity is not None else rule.severity
        if value.confidence is Confidence.ASSUMED and severity is Severity.BLOCK:
            yield (
                f"the value from {value.effective_from} is assumed and would block; only stated and "
                "secondary values may block: give it `severity: review`, or a source"
            )
        if value.source.grade in _UNTRUSTED_GRADES.get(value.confidence, ()):
            yield (
                f"the value from {value.effective_from} is {value.confidence.value}, but its source "
                f"{value.source.ref or value.source.title!r} has grade {value.source.grade}"
            )


def timeline_problems(values: tuple[DatedValue, ...]) -> Iterator[str]:
    """Overlaps and gaps between dated rows (sorted by effective_from and observed).

    A row holds until the next begins. Where it states its own end, the next must begin just there: before is
    an overlap (unless the next row was observed later: a correction), after or never is a gap, which an
    explicit `unknown` row closes.
    """
    for earlier, later in pairwise(values):
        if (earlier.effective_from, earlier.observed) == (later.effective_from, later.observed):
            yield f"two values overlap: both begin on {later.effective_from}, observed on {later.observed}"
    latest: Mapping[date, DatedValue] = {value.effective_from: value for value in values}
    standing = list(latest.values())
    for number, value in enumerate(standing):
        if value.effective_to is None:
            continue
        following = standing[number + 1] if number + 1 < len(standing) else None
        if following is None or following.effective_from > value.effective_to:
            until = "" if following is None else f" until {following.effective_from}"
            yield f"nothing holds from {value.effective_to}{until}; write an `unknown` value if nobody knows"
        elif following.effective_from < value.effective_to and following.observed <= value.observed:
            yield (
                f"the value from {value.effective_from} to {value.effective_to} overlaps the one from "
                f"{following.effective_from}"
            )


def case_holds(case: Case, found: RuleValue) -> bool:
    """Whether a resolved value is what a case expects."""
    return found.state == case.expect_state and (case.expect_state != KNOWN or found.value == case.expect)


def _shown(state: str, value: PlainValue) -> str:
    return state if state in (NOT_DEFINED, UNKNOWN) else show_value(value)


def _ancestors(payer_id: str, profiles: Mapping[str, tuple[Path, PayerProfile]]) -> tuple[str, ...]:
    """The parents of a payer in turn, ending where one comes again."""
    found: list[str] = []
    while (
        payer_id in profiles and (parent := profiles[payer_id][1].parent) is not None and parent not in found
    ):
        found.append(parent)
        payer_id = parent
    return tuple(found)
