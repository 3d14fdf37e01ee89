"""The rulebook that a decision is made by: the shipped one, the site's folders over it (COCM_RULES), and over these the
rules of the organization that the transaction speaks for.
"""

from __future__ import annotations

import tempfile
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import connection

from cocm.care.casefile import CaseFile
from cocm.rules import PackOn, Rulebook, rulebook_of
from cocm.rules.profile import ROOT_PAYER
from cocm.server.access.actor import entered

ORGANIZATIONS_AT_ONCE: Final = 64


def rulebook() -> Rulebook:
    """The rulebook in force for the organization at hand. The site's folders are read once a process."""
    return _rulebook(folders())


def folders() -> tuple[Path, ...]:
    """The folders laid over the shipped rulebook, in their order: what the core's requests call overlays."""
    own = _own_folder()
    return (*site_folders(), *([own] if own is not None else ()))


def site_folders() -> tuple[Path, ...]:
    """The site's folders, without the organization's own rules."""
    return tuple(settings.RULE_FOLDERS)


def site_rulebook() -> Rulebook:
    """The rulebook without the organization's own rules."""
    return _rulebook(site_folders())


def policy_for(case: CaseFile) -> PackOn:
    """The pack of the month's payer on the month's last day, as the close takes it; without a payer the general one."""
    pack_id = case.payer.pack_id if case.payer is not None else ROOT_PAYER
    return rulebook().pack(pack_id).on(case.month.last_day)


def general_policy(day: date) -> PackOn:
    """The root pack on a day: for levels that are the practice's own and no payer's."""
    return rulebook().pack(ROOT_PAYER).on(day)


@lru_cache(maxsize=ORGANIZATIONS_AT_ONCE)
def _rulebook(overlays: tuple[Path, ...]) -> Rulebook:
    return rulebook_of(overlays)


def _own_folder() -> Path | None:
    """The organization's rules in force as a folder; asked of the database once in a transaction."""
    here = entered()
    if here is None or not connection.in_atomic_block:
        return None
    if "own_rules" not in here.kept:
        from cocm.server.rulebook.versions import content_in_force  # models need the apps loaded

        content = content_in_force(here.organization_id)
        here.kept["own_rules"] = None if content is None else own_rules_folder(content)
    found: Path | None = here.kept["own_rules"]
    return found


@lru_cache(maxsize=ORGANIZATIONS_AT_ONCE)
def own_rules_folder(content: str) -> Path | None:
    """The folder that holds an organization's rules given as JSON; None where they say nothing."""
    from cocm.server.rulebook.terms import Terms  # it reads the site's rulebook

    terms = Terms.from_json(content)
    if not terms.terms:
        return None
    folder = Path(_scratch_folder().name) / terms.content_hash[:32]
    if not folder.exists():
        terms.write(folder)
    return folder


@cache
def _scratch_folder() -> tempfile.TemporaryDirectory[str]:
    """A folder of this process; it goes with it."""
    return tempfile.TemporaryDirectory(prefix="cocm-own-rules-")
