"""Which payer pack holds for a claim of any system: the one chosen, or the one the claim itself makes certain.

Certain is a payer identifier or name that a pack's profile lists, or a claim filing code of Medicare's own, as long as
nothing on the claim speaks against it. Everything else goes by the bare code set, and the answer says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Final

from cocm.basics.errors import UnknownPayer
from cocm.edits.codes import ADDON, FIRST_MONTH, LATER_MONTH, SHORT_MONTH
from cocm.rules import PayerProfile, Rulebook
from cocm.rules.profile import ROOT_PAYER
from cocm.x12.claim_record import ClaimRecord

# The lines of business whose claim filing code means one programme with one set of rules, wherever it is sent.
_NATIONAL: Final = frozenset(["medicare", "medicare-advantage"])
_CODE_RULES: Final = (FIRST_MONTH, LATER_MONTH, ADDON, SHORT_MONTH)


@dataclass(frozen=True, slots=True)
class PackChoice:
    """The pack whose rules hold for a claim, and how that was found out."""

    pack_id: str
    is_certain: bool
    why: str


class PackResolver:
    """Finds packs by the rulebook's payer profiles. Raises `UnknownPayer` for a chosen pack that does not exist."""

    def __init__(self, rulebook: Rulebook, chosen: str | None = None) -> None:
        self._rulebook = rulebook
        self._chosen = None
        if chosen is not None:
            if chosen not in rulebook.payer_ids:
                raise UnknownPayer(
                    f"--payer {chosen}: no such pack; there are {', '.join(rulebook.payer_ids)}"
                )
            self._chosen = PackChoice(chosen, True, "chosen with --payer")
        self._answers: dict[tuple[object, ...], PackChoice] = {}

    def choice(self, record: ClaimRecord, cocm_codes: Iterable[str], day: date) -> PackChoice:
        """The pack for a claim with these CoCM codes on a date of service."""
        if self._chosen is not None:
            return self._chosen
        codes = frozenset(cocm_codes)
        payer = record.payer
        key = (payer.identifier, payer.last_or_organization_name, record.claim_filing_code, codes, day)
        answer = self._answers.get(key)
        if answer is None:
            answer = self._answers[key] = self._resolve(
                payer.identifier, payer.last_or_organization_name, record.claim_filing_code, codes, day
            )
        return answer

    def _resolve(
        self, identifier: str, name: str, filing_code: str, codes: frozenset[str], day: date
    ) -> PackChoice:
        named = self._by_identifier.get(_plain(identifier), frozenset()) if identifier else frozenset()
        how = f"the payer identifier {identifier}"
        if not named:
            named = self._by_name.get(_plain(name), frozenset()) if name else frozenset()
            how = "the payer's name on the claim"
        filed = self._by_filing_code(filing_code, codes, day)
        if len(named) == 1:
            pack_id = next(iter(named))
            expected = self._rulebook.profile(pack_id).claim_filing_code
            if filing_code in ("", expected):
                if filed is not None and pack_id in self._rulebook.chain(filed):
                    pack_id = filed  # the same payer's pack for these very codes
                return PackChoice(pack_id, True, f"{how} means the pack {pack_id}")
            return _bare(
                f"{how} points to {pack_id}, but the claim filing code {filing_code} is not that payer's {expected}"
            )
        if len(named) > 1:
            return _bare(f"{how} stands for several packs: {', '.join(sorted(named))}")
        if filed is not None:
            return PackChoice(filed, True, f"the claim filing code {filing_code} means the pack {filed}")
        shown = identifier or "none given"
        return _bare(
            f"payer identifier {shown}, claim filing code {filing_code or 'none'}: no pack is certain"
        )

    def _by_filing_code(self, filing_code: str, codes: frozenset[str], day: date) -> str | None:
        """The pack of a national programme that goes by this code, and has these codes on the day."""
        candidates = [
            profile.payer_id
            for profile in self._profiles
            if profile.claim_filing_code == filing_code and profile.line_of_business in _NATIONAL
        ]
        roots = [
            candidate
            for candidate in candidates
            if all(candidate in self._rulebook.chain(other) for other in candidates)
        ]
        if len(roots) != 1:
            return None
        for pack_id in (roots[0], *(one for one in candidates if one != roots[0])):
            policy = self._rulebook.pack(pack_id).on(day)
            if codes <= {policy.text(rule_id) for rule_id in _CODE_RULES}:
                return pack_id
        return roots[0]

    @cached_property
    def _profiles(self) -> tuple[PayerProfile, ...]:
        return tuple(self._rulebook.profile(payer_id) for payer_id in self._rulebook.payer_ids)

    @cached_property
    def _by_identifier(self) -> Mapping[str, frozenset[str]]:
        return _index((profile.payer_id, profile.payer_identifiers) for profile in self._profiles)

    @cached_property
    def _by_name(self) -> Mapping[str, frozenset[str]]:
        return _index((profile.payer_id, profile.payer_names) for profile in self._profiles)


def _index(named: Iterable[tuple[str, tuple[str, ...]]]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for pack_id, texts in named:
        for text in texts:
            found.setdefault(_plain(text), set()).add(pack_id)
    return {text: frozenset(pack_ids) for text, pack_ids in found.items()}


def _bare(why: str) -> PackChoice:
    return PackChoice(
        ROOT_PAYER,
        False,
        f"{why}, so the general pack {ROOT_PAYER} was used; name the payer's own with --payer",
    )


def _plain(text: str) -> str:
    return " ".join(text.upper().replace("&", " AND ").split())
