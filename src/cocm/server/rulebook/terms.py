"""An organization's own rules: for each of its contracts a pack over the payer's, its terms as dated values, and cases.

They become files of the rulebook's own form, and the rulebook's own reader and checker judge them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from cocm.rules import Rulebook
from cocm.rules.check import check_rulebook
from cocm.rules.values import NOT_DEFINED, UNKNOWN, Confidence

OWN_PREFIX: Final = "own-"
CONTRACT_GRADE: Final = "B"
NONE: Final = "none"


@dataclass(frozen=True, slots=True)
class Contract:
    """A payer product whose terms differ from its pack: `pack_id` is the pack made, `parent` the one below."""

    payer_id: str
    pack_id: str
    parent: str
    label: str


@dataclass(frozen=True, slots=True)
class Term:
    """One value of a contract from a day on, as it was typed. `source` is where in the contract it stands."""

    pack_id: str
    rule_id: str
    effective_from: str
    value: str
    source: str
    observed: str
    effective_to: str = ""
    confidence: str = Confidence.STATED.value
    severity: str = ""
    note: str = ""

    @property
    def key(self) -> str:
        """The term's name in an address."""
        return f"{self.pack_id}~{self.rule_id}~{self.effective_from}"


@dataclass(frozen=True, slots=True)
class OwnCase:
    """On a day a contract's rule is to come out so."""

    pack_id: str
    rule_id: str
    at: str
    expect: str


@dataclass(frozen=True, slots=True)
class Fault:
    """What the rulebook's checker says of a term (`pack_id` and `rule_id` may be empty: of the whole)."""

    pack_id: str
    rule_id: str
    text: str
    is_blocking: bool


@dataclass(frozen=True, slots=True)
class Terms:
    """All of it. Two with the same `content_hash` decide alike."""

    contracts: tuple[Contract, ...] = ()
    terms: tuple[Term, ...] = ()
    cases: tuple[OwnCase, ...] = ()

    @classmethod
    def from_json(cls, text: str) -> Terms:
        """What `as_json` wrote."""
        return cls.from_plain(json.loads(text))

    @classmethod
    def from_plain(cls, given: dict[str, Any]) -> Terms:
        """What `as_plain` gave."""
        return cls(
            tuple(Contract(**one) for one in given.get("contracts", ())),
            tuple(Term(**one) for one in given.get("terms", ())),
            tuple(OwnCase(**one) for one in given.get("cases", ())),
        )

    def as_plain(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "contracts": [asdict(one) for one in self.contracts],
            "terms": [asdict(one) for one in self.terms],
            "cases": [asdict(one) for one in self.cases],
        }

    def as_json(self) -> str:
        """The text whose hash names these terms."""
        return json.dumps(self.as_plain(), sort_keys=True, ensure_ascii=False)

    @property
    def content_hash(self) -> str:
        return hashlib.sha256(self.as_json().encode()).hexdigest()

    # -- changing --------------------------------------------------------------------------------------------------

    def with_term(self, contract: Contract, term: Term, instead_of: str = "") -> Terms:
        """With a term added, or in the place of the one whose key is given."""
        others = [one for one in self.terms if one.key not in (instead_of, term.key)]
        contracts = {one.pack_id: one for one in self.contracts} | {contract.pack_id: contract}
        made = sorted([*others, term], key=lambda one: (one.pack_id, one.rule_id, one.effective_from))
        return replace(self, contracts=tuple(contracts.values()), terms=tuple(made)).tidy()

    def without_term(self, key: str) -> Terms:
        """Without one term; cases of a rule that has none left go with it."""
        return replace(self, terms=tuple(one for one in self.terms if one.key != key)).tidy()

    def with_case(self, case: OwnCase) -> Terms:
        """With a case added; one of the same rule and day makes room."""
        others = [
            one
            for one in self.cases
            if (one.pack_id, one.rule_id, one.at) != (case.pack_id, case.rule_id, case.at)
        ]
        made = sorted([*others, case], key=lambda one: (one.pack_id, one.rule_id, one.at))
        return replace(self, cases=tuple(made))

    def without_case(self, pack_id: str, rule_id: str, at: str) -> Terms:
        """Without one case."""
        kept = tuple(
            one for one in self.cases if (one.pack_id, one.rule_id, one.at) != (pack_id, rule_id, at)
        )
        return replace(self, cases=kept)

    def tidy(self) -> Terms:
        """Without contracts that have no term, and cases of rules that have none."""
        packs = {one.pack_id for one in self.terms}
        rules = {(one.pack_id, one.rule_id) for one in self.terms}
        return replace(
            self,
            contracts=tuple(one for one in self.contracts if one.pack_id in packs),
            cases=tuple(one for one in self.cases if (one.pack_id, one.rule_id) in rules),
        )

    # -- as the rulebook's files -----------------------------------------------------------------------------------

    def write(self, folder: Path, *, without_values: bool = False) -> None:
        """Write an overlay folder. `without_values`: the packs alone, which then say what their parents say."""
        for contract in self.contracts:
            _put(folder / "payers" / contract.pack_id / "profile.yaml", self._profile(contract))
        if without_values:
            return
        from cocm.server.rules_in_force import site_rulebook

        book = site_rulebook()
        for pack_id, rule_id in dict.fromkeys((one.pack_id, one.rule_id) for one in self.terms):
            kind = book.rule(rule_id).kind if rule_id in book.rule_ids else "text"
            content = {
                "id": rule_id,
                "values": [
                    _row(one, kind) for one in self.terms if (one.pack_id, one.rule_id) == (pack_id, rule_id)
                ],
                "cases": [
                    {"at": one.at, "expect": typed(one.expect, kind)}
                    for one in self.cases
                    if (one.pack_id, one.rule_id) == (pack_id, rule_id)
                ],
            }
            _put(folder / "payers" / pack_id / "rules" / f"{rule_id}.yaml", content)

    def _profile(self, contract: Contract) -> dict[str, str]:
        from cocm.server.rules_in_force import site_rulebook

        parent = site_rulebook().profile(contract.parent)
        return {
            "id": contract.pack_id,
            "label": contract.label,
            "parent": contract.parent,
            "line_of_business": parent.line_of_business,
            "claim_filing_code": parent.claim_filing_code,
            "note": "The organization's own contract.",
        }

    def faults(self, overlays: Iterable[Path], folder: Path) -> tuple[Fault, ...]:
        """What the rulebook's checker says of these terms; `folder` is empty and is written to."""
        if not self.terms:
            return ()
        self.write(folder)
        problems = check_rulebook(Rulebook([*overlays, folder]))
        return tuple(
            _fault(problem.path.relative_to(folder), problem.text, problem.is_finding)
            for problem in problems
            if problem.path.is_relative_to(folder)
        )


def own_pack_id(payer_id: str) -> str:
    """The id of the pack that a contract with a payer product makes."""
    plain = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in payer_id.lower())
    return f"{OWN_PREFIX}{plain.strip('-') or 'payer'}"


def typed(text: str, kind: str) -> object:
    """What was typed as the rule's kind has it; what it is not is left as text, for the rulebook's reader to refuse."""
    plain = text.strip()
    if plain in (NONE, UNKNOWN, NOT_DEFINED):
        return plain
    if kind == "set":
        return [one.strip() for one in plain.replace(";", ",").split(",") if one.strip()]
    if kind == "integer" and plain.removeprefix("-").isascii() and plain.removeprefix("-").isdigit():
        return int(plain)
    if kind == "boolean" and plain in ("true", "false", "yes", "no"):
        return plain in ("true", "yes")
    return plain


def _row(term: Term, kind: str) -> dict[str, object]:
    row: dict[str, object] = {
        "effective_from": term.effective_from,
        "observed": term.observed,
        "value": typed(term.value, kind),
        "confidence": Confidence.UNKNOWN.value if term.value.strip() == UNKNOWN else term.confidence,
        "source": {"title": term.source, "url": "kept by the organization", "grade": CONTRACT_GRADE},
    }
    if term.effective_to:
        row["effective_to"] = term.effective_to
    if term.severity:
        row["severity"] = term.severity
    if term.note:
        row["note"] = term.note
    return row


def _put(path: Path, content: dict[str, Any]) -> None:
    """JSON is YAML; texts stand in quotation marks, so that no code becomes a number."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")


def _fault(path: Path, text: str, is_blocking: bool) -> Fault:
    parts = path.parts
    pack_id = parts[1] if len(parts) > 1 and parts[0] == "payers" else ""
    rule_id = path.stem if len(parts) == 4 else ""
    return Fault(pack_id, rule_id, text, is_blocking)
