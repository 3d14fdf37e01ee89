"""The invented plan of the reviewers' cases: a carve-out, a delegated group, three products, fees in round amounts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from cocm.basics.months import Period
from cocm.care.people import Address
from cocm.edits.codes import cocm_codes
from cocm.plan.records import (
    Accumulator,
    Benefit,
    BillerType,
    CoverageSpan,
    Delegation,
    Entity,
    EntityKind,
    Fee,
    FeeBasis,
    Member,
    MemberKey,
    PlanBook,
    PlanProfile,
    PlanProvider,
    Side,
)
from cocm.rules import PackOn
from cocm.rules.codes import hcpcs_codes
from cocm.sandbox.label import SANDBOX

GOLD, SILVER, WAIVED, INTEGRATED = "GOLD", "SILVER", "WAIVED", "INTEGRATED"
_CARVED_OUT: Final = (GOLD, SILVER, WAIVED)
PSYCHOTHERAPY: Final = "routing.psychotherapy_codes"
VISITS: Final = "initiating_visit.codes"
GROUP: Final = "VALLEY"
MEDICAL, ADMINISTRATOR, DELEGATED = "MEDICAL", "ADMINISTRATOR", "VALLEY-IPA"
PAYER_IDENTIFIER: Final = "SBXTR"
PLAN_NAME: Final = f"{SANDBOX} TRAINING PLAN"
PRACTICE_NPI, PRACTICE_TIN = "1234567893", "990000201"
THERAPIST_NPI, THERAPIST_TIN = "1649289083", "990000202"
OTHER_PRACTICE_NPI, OTHER_PRACTICE_TIN = "1083617021", "990000203"
PRACTICE_PLACE: Final = "11"
SILVER_DEDUCTIBLE_CENTS: Final = 50_000
SILVER_LIMIT_CENTS: Final = 300_000
COVERED_FROM: Final = date(2025, 1, 1)
_PERIOD: Final = Period(COVERED_FROM)
_BASE_CENTS, _ADDON_CENTS, _OTHER_CENTS = 16_000, 6_000, 10_000
_ADDRESS: Final = Address("1 SANDBOX WAY", "SACRAMENTO", "CA", "958140001")


def training_book(
    policy: PackOn,
    members: Mapping[MemberKey, tuple[CoverageSpan, ...]],
    accumulators: Mapping[tuple[MemberKey, int], Accumulator],
    therapist_taxonomy: str,
) -> PlanBook:
    """The plan with these members."""
    return PlanBook(
        profile=PlanProfile(
            f"{SANDBOX}-TRAINING", PLAN_NAME, policy.pack.payer_id, MEDICAL, PAYER_IDENTIFIER, "990000999", _ADDRESS,
            "8005550199", FeeBasis.FEE_TABLE,
        ),
        entities={
            MEDICAL: Entity(MEDICAL, PLAN_NAME, EntityKind.MEDICAL, PAYER_IDENTIFIER),
            ADMINISTRATOR: Entity(
                ADMINISTRATOR, f"{SANDBOX} BEHAVIORAL", EntityKind.BEHAVIORAL_ADMINISTRATOR, "SBXBH"
            ),
            DELEGATED: Entity(DELEGATED, f"{SANDBOX} VALLEY IPA", EntityKind.DELEGATED_GROUP, "SBXVA"),
        },
        delegations=(
            *(
                Delegation(
                    Side.BEHAVIORAL, ADMINISTRATOR, _PERIOD, product, None, None, None,
                    "MBHO agreement of the training plan",
                )
                for product in _CARVED_OUT
            ),
            Delegation(
                Side.MEDICAL, DELEGATED, _PERIOD, None, GROUP, None, None,
                "division of responsibility of the training plan",
            ),
        ),
        members={key: Member(*key, None, spans) for key, spans in members.items()},
        benefits=(
            _benefit(GOLD, Side.MEDICAL, copayment_cents=2_000),
            _benefit(GOLD, Side.BEHAVIORAL, copayment_cents=5_000),
            _benefit(
                SILVER, Side.MEDICAL, deductible_cents=SILVER_DEDUCTIBLE_CENTS, coinsurance_percent=20,
                out_of_pocket_max_cents=SILVER_LIMIT_CENTS,
            ),
            _benefit(SILVER, Side.BEHAVIORAL, copayment_cents=4_000),
            _benefit(WAIVED, Side.MEDICAL, is_waived=True),
            _benefit(WAIVED, Side.BEHAVIORAL, copayment_cents=5_000),
            _benefit(INTEGRATED, Side.MEDICAL, copayment_cents=2_500),
            _benefit(INTEGRATED, Side.BEHAVIORAL, copayment_cents=4_500),
        ),
        accumulators=accumulators,
        fees={code: (Fee(code, _PERIOD, None, cents),) for code, cents in training_fees(policy).items()},
        providers={
            PRACTICE_NPI: PlanProvider(PRACTICE_NPI, "", BillerType.MEDICAL, frozenset({PRACTICE_PLACE})),
            OTHER_PRACTICE_NPI: PlanProvider(OTHER_PRACTICE_NPI, "", BillerType.MEDICAL, frozenset()),
            THERAPIST_NPI: PlanProvider(
                THERAPIST_NPI, therapist_taxonomy, BillerType.BEHAVIORAL, frozenset()
            ),
        },
    )  # fmt: skip


def training_fees(policy: PackOn) -> dict[str, int]:
    """What is allowed for one unit of each code that a case may have, in round amounts."""
    rulebook = policy.pack.rulebook
    roles = cocm_codes(rulebook)
    others = {*hcpcs_codes(rulebook), *policy.members(PSYCHOTHERAPY), *policy.members(VISITS)}
    fees = dict.fromkeys(sorted(others), _OTHER_CENTS)
    for code, role in roles.items():
        fees[code] = _ADDON_CENTS if role.is_addon else _BASE_CENTS
    return fees


def _benefit(
    product: str,
    side: Side,
    *,
    is_waived: bool = False,
    deductible_cents: int = 0,
    copayment_cents: int = 0,
    coinsurance_percent: int = 0,
    out_of_pocket_max_cents: int | None = None,
) -> Benefit:
    return Benefit(
        product, side, None, _PERIOD, True, is_waived, deductible_cents, copayment_cents, coinsurance_percent,
        out_of_pocket_max_cents,
    )  # fmt: skip
