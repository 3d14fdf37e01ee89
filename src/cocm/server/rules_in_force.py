"""The rulebook that this site decides by: the shipped one with the practice's own folders over it (COCM_RULES)."""

from __future__ import annotations

from datetime import date
from functools import cache

from django.conf import settings

from cocm.care.casefile import CaseFile
from cocm.rules import PackOn, Rulebook
from cocm.rules.profile import ROOT_PAYER


@cache
def rulebook() -> Rulebook:
    """Read once a process; a changed folder takes a restart."""
    return Rulebook(settings.RULE_FOLDERS)


def policy_for(case: CaseFile) -> PackOn:
    """The pack of the month's payer on the month's last day, as the close takes it; without a payer the general one."""
    pack_id = case.payer.pack_id if case.payer is not None else ROOT_PAYER
    return rulebook().pack(pack_id).on(case.month.last_day)


def general_policy(day: date) -> PackOn:
    """The root pack on a day: for levels that are the practice's own and no payer's."""
    return rulebook().pack(ROOT_PAYER).on(day)
