"""The situations that a reviewer is asked about: what each is made of. What is right about it, the plan decides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from typing import Final

from cocm.basics.months import Month
from cocm.claims.records import ServiceLine
from cocm.edits.codes import ADDON, FIRST_MONTH, LATER_MONTH
from cocm.rules import PackOn
from cocm.rules.codes import hcpcs_codes
from cocm.sandbox.training_plan import (
    GOLD,
    GROUP,
    INTEGRATED,
    PSYCHOTHERAPY,
    SILVER,
    SILVER_LIMIT_CENTS,
    VISITS,
    WAIVED,
)

PRACTICE, THERAPIST, OTHER_PRACTICE, BEHAVIORAL_CLINIC = (
    "practice",
    "therapist",
    "other practice",
    "behavioral clinic",
)
_GENERAL_BHI: Final = "codes.general_bhi"


@dataclass(frozen=True, slots=True)
class DraftClaim:
    """A claim of a case: who bills which lines. `corrects`: it replaces the case's first earlier claim."""

    biller: str
    lines: tuple[ServiceLine, ...]
    place_of_service_code: str = "11"
    diagnosis_codes: tuple[str, ...] = ("F32.1", "F41.1")
    corrects: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """A situation: its theme, the claim to decide, those decided before, and the member's cover.

    `tempts` is the mistake that it invites, in words; empty where it invites none.
    """

    theme: str
    claim: DraftClaim
    earlier: tuple[DraftClaim, ...] = ()
    product: str = GOLD
    delegated_group_id: str = ""
    coverage_to: date | None = None
    deductible_met_cents: int = 0
    out_of_pocket_met_cents: int = 0
    tempts: str = ""


@dataclass(frozen=True, slots=True)
class Codes:
    """The payer's own codes in a month, with what a case is drawn from."""

    month: Month
    policy: PackOn
    rng: Random

    @property
    def first(self) -> str:
        return self.policy.text(FIRST_MONTH) or ""

    @property
    def later(self) -> str:
        return self.policy.text(LATER_MONTH) or ""

    @property
    def addon(self) -> str:
        return self.policy.text(ADDON) or ""

    def one_of(self, rule_id: str) -> str:
        """A code of a set that the rulebook also knows by label; the same draw gives the same code."""
        known = sorted(
            code for code in self.policy.members(rule_id) if code in hcpcs_codes(self.policy.pack.rulebook)
        )
        return self.rng.choice(known or sorted(self.policy.members(rule_id)))

    def line(self, code: str, number: int = 1, units: int = 1, day: date | None = None) -> ServiceLine:
        """A service line on the month's last day or another, charged above every fee of the plan."""
        charge = self.rng.randrange(200, 300) * 100
        return ServiceLine(number, code, (), units, charge * units, day or self.month.last_day, (1, 2))

    def base(self, *, is_first: bool | None = None) -> str:
        """A base code: the first month's or a later one's."""
        return self.first if (self.rng.random() < 0.5 if is_first is None else is_first) else self.later


def _medical(codes: Codes) -> Draft:
    lines = (codes.line(codes.base()),)
    diagnoses = codes.rng.choice((("F32.1", "F41.1"), ("F33.1", "E11.9"), ("F43.10", "F41.1")))
    tempts = "sent to the behavioral administrator because of the diagnosis"
    return Draft("routing", DraftClaim(PRACTICE, lines, diagnosis_codes=diagnoses), tempts=tempts)


def _delegated(codes: Codes) -> Draft:
    claim = DraftClaim(PRACTICE, (codes.line(codes.base()),))
    return Draft("routing", claim, delegated_group_id=GROUP, tempts="denied instead of handed on")


def _therapy(codes: Codes) -> Draft:
    day = codes.month.first_day + timedelta(days=codes.rng.randrange(2, 26))
    return Draft("routing", DraftClaim(THERAPIST, (codes.line(codes.one_of(PSYCHOTHERAPY), day=day),)))


def _behavioral_biller(codes: Codes) -> Draft:
    return Draft("routing", DraftClaim(BEHAVIORAL_CLINIC, (codes.line(codes.base()),)))


def _with_therapy(codes: Codes) -> Draft:
    day = codes.month.first_day + timedelta(days=codes.rng.randrange(2, 26))
    therapy = DraftClaim(THERAPIST, (codes.line(codes.one_of(PSYCHOTHERAPY), day=day),))
    return Draft(
        "duplicates",
        DraftClaim(PRACTICE, (codes.line(codes.base()),)),
        (therapy,),
        product=INTEGRATED,
        tempts="called a duplicate of the psychotherapy of the month",
    )


def _with_visit(codes: Codes) -> Draft:
    day = codes.month.first_day + timedelta(days=codes.rng.randrange(2, 26))
    visit = DraftClaim(PRACTICE, (codes.line(codes.one_of(VISITS), day=day),))
    claim = DraftClaim(PRACTICE, (codes.line(codes.base()),))
    return Draft("duplicates", claim, (visit,), tempts="called a duplicate of the visit of the month")


def _twice(codes: Codes) -> Draft:
    claim = DraftClaim(PRACTICE, (codes.line(codes.base()),))
    return Draft("duplicates", claim, (claim,))


def _replaced(codes: Codes) -> Draft:
    line = codes.line(codes.base())
    charged = replace(line, charge_amount_cents=line.charge_amount_cents + 2_000)
    return Draft(
        "duplicates",
        DraftClaim(PRACTICE, (charged,), corrects=True),
        (DraftClaim(PRACTICE, (line,)),),
        tempts="called a duplicate of the claim that it replaces",
    )


def _general_bhi(codes: Codes) -> Draft:
    other = codes.policy.text(_GENERAL_BHI) or codes.one_of(VISITS)
    claim, before = (
        DraftClaim(PRACTICE, (codes.line(codes.base()),)),
        DraftClaim(PRACTICE, (codes.line(other),)),
    )
    return Draft("duplicates", claim, (before,))


def _elsewhere(codes: Codes) -> Draft:
    code = codes.base()
    claim = DraftClaim(PRACTICE, (codes.line(code),))
    return Draft("duplicates", claim, (DraftClaim(OTHER_PRACTICE, (codes.line(code),)),))


def _addon_alone(codes: Codes) -> Draft:
    return Draft("add-ons", DraftClaim(PRACTICE, (codes.line(codes.addon, units=codes.rng.choice((1, 2))),)))


def _addon_beside(codes: Codes) -> Draft:
    units = codes.rng.choice((1, 2))
    lines = (codes.line(codes.base()), codes.line(codes.addon, 2, units))
    return Draft("add-ons", DraftClaim(PRACTICE, lines), tempts="more than one unit taken for a duplicate")


def _addon_with_base_elsewhere(codes: Codes) -> Draft:
    addon = DraftClaim(PRACTICE, (codes.line(codes.addon),))
    base = DraftClaim(PRACTICE, (codes.line(codes.base()),))
    return Draft("add-ons", addon, (base,), tempts="refused although its base was paid on another claim")


def _first_again(codes: Codes) -> Draft:
    before = codes.line(codes.first, day=codes.month.plus(-codes.rng.choice((1, 2, 3))).last_day)
    return Draft(
        "months", DraftClaim(PRACTICE, (codes.line(codes.first),)), (DraftClaim(PRACTICE, (before,)),)
    )


def _first_after_a_gap(codes: Codes) -> Draft:
    before = codes.line(codes.later, day=codes.month.plus(-codes.rng.choice((8, 9))).last_day)
    return Draft(
        "months",
        DraftClaim(PRACTICE, (codes.line(codes.first),)),
        (DraftClaim(PRACTICE, (before,)),),
        tempts="refused as a second first month although the gap is long enough",
    )


def _later_after_first(codes: Codes) -> Draft:
    before = codes.line(codes.first, day=codes.month.plus(-1).last_day)
    return Draft(
        "months", DraftClaim(PRACTICE, (codes.line(codes.later),)), (DraftClaim(PRACTICE, (before,)),)
    )


def _both_codes(codes: Codes) -> Draft:
    return Draft("months", DraftClaim(PRACTICE, (codes.line(codes.first), codes.line(codes.later, 2))))


def _copayment(codes: Codes) -> Draft:
    claim = DraftClaim(PRACTICE, (codes.line(codes.base()),))
    return Draft("cost share", claim, tempts="the behavioral copayment taken instead of the medical one")


def _deductible(codes: Codes) -> Draft:
    lines = (codes.line(codes.base()), codes.line(codes.addon, 2))
    met = codes.rng.randrange(350, 480, 10) * 100
    return Draft(
        "cost share", DraftClaim(PRACTICE, lines), product=SILVER, deductible_met_cents=met,
        out_of_pocket_met_cents=met,
    )  # fmt: skip


def _limit(codes: Codes) -> Draft:
    met = SILVER_LIMIT_CENTS - codes.rng.randrange(5, 25) * 100
    return Draft(
        "cost share", DraftClaim(PRACTICE, (codes.line(codes.base()),)), product=SILVER,
        deductible_met_cents=50_000, out_of_pocket_met_cents=met,
    )  # fmt: skip


def _waived(codes: Codes) -> Draft:
    claim = DraftClaim(PRACTICE, (codes.line(codes.base()),))
    return Draft("cost share", claim, product=WAIVED, tempts="a share taken although the product waives it")


def _no_records(codes: Codes) -> Draft:
    lines = (codes.line(codes.base()), codes.line(codes.addon, 2))
    tempts = "notes asked for although no rule asks for them with the claim"
    return Draft("records", DraftClaim(PRACTICE, lines), tempts=tempts)


def _ended(codes: Codes) -> Draft:
    ended = codes.month.first_day - timedelta(days=codes.rng.randrange(1, 20))
    return Draft("records", DraftClaim(PRACTICE, (codes.line(codes.base()),)), coverage_to=ended)


def _place(codes: Codes) -> Draft:
    place = codes.rng.choice(("10", "22"))
    return Draft("records", DraftClaim(PRACTICE, (codes.line(codes.base()),), place_of_service_code=place))


def _no_behavioral_diagnosis(codes: Codes) -> Draft:
    claim = DraftClaim(PRACTICE, (codes.line(codes.base()),), diagnosis_codes=("E11.9", "I10"))
    return Draft("records", claim)


THEMES: Final[dict[str, tuple[Callable[[Codes], Draft], ...]]] = {
    "routing": (_medical, _delegated, _therapy, _behavioral_biller),
    "duplicates": (_with_therapy, _with_visit, _twice, _replaced, _general_bhi, _elsewhere),
    "add-ons": (_addon_alone, _addon_beside, _addon_with_base_elsewhere),
    "months": (_first_again, _first_after_a_gap, _later_after_first, _both_codes),
    "cost share": (_copayment, _deductible, _limit, _waived),
    "records": (_no_records, _ended, _place, _no_behavioral_diagnosis),
}
"""The themes with their situations. A set of cases takes them in turn, so that each theme comes up equally often."""


def drafts(codes: Codes, count: int) -> list[Draft]:
    """So many situations: of each theme as many, of each theme's kinds as many, in an order of their own."""
    waiting = {theme: codes.rng.sample(kinds, len(kinds)) for theme, kinds in THEMES.items()}
    chosen: list[Callable[[Codes], Draft]] = []
    while len(chosen) < count:
        for theme, kinds in THEMES.items():
            if not waiting[theme]:
                waiting[theme] = codes.rng.sample(kinds, len(kinds))
            chosen.append(waiting[theme].pop())
    chosen = chosen[:count]
    codes.rng.shuffle(chosen)
    return [make(codes) for make in chosen]


def every_kind(codes: Codes) -> list[Draft]:
    """One situation of each kind."""
    return [make(codes) for kinds in THEMES.values() for make in kinds]
