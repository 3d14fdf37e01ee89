"""What the marts read of the rulebook: codes, the gap that ends an episode, behavioral diagnoses, causes of denials."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from cocm.basics.months import day_from_number
from cocm.edits.codes import FIRST_MONTH, cocm_codes, codes_ever_named
from cocm.edits.derive import policy_context
from cocm.rules import Rulebook
from cocm.rules.adjustment_effects import AdjustmentEffect, adjustment_effects
from cocm.rules.codes import hcpcs_codes, taxonomies
from cocm.rules.denial_causes import denial_causes
from cocm.warehouse.tables import Column, ColumnType, Table
from cocm.warehouse.values import Row

POINTS_MIN: Final = 30
"""A reason code that alone is worth so many points for a cause of the denial playbook stands for that cause."""
GAP_RULE: Final = "episode.gap_months"
_PRACTITIONER: Final = "billing_practitioner"
_CLINICS: Final = frozenset({"medical_facility"})
_TEXT, _INTEGER, _BOOLEAN = ColumnType.TEXT, ColumnType.INTEGER, ColumnType.BOOLEAN

SERVICE_CODE: Final = Table(
    "service_code",
    "one row a code of Collaborative Care or of a service that stands for it",
    (
        Column("hcpcs_code", _TEXT, "the code"),
        Column("family", _TEXT, "cocm, general_bhi or apcm (behavioral add-ons of advanced primary care)"),
        Column("is_cocm", _BOOLEAN, "it reports a month of Collaborative Care, or further time in it"),
        Column("is_addon", _BOOLEAN, "it reports further time"),
        Column(
            "tier", _TEXT, "first, later, short or clinic month; empty where it reports no month of the model"
        ),
    ),
)
EPISODE_RULE: Final = Table(
    "episode_rule",
    "one row a pack",
    (
        Column("pack_id", _TEXT, "the rulebook pack"),
        Column("gap_months", _INTEGER, "empty months that end an episode; null: not known", may_be_null=True),
    ),
)
BEHAVIORAL_PREFIX: Final = Table(
    "behavioral_prefix",
    "one row a pack and a beginning of diagnoses that it takes as behavioral, or does not",
    (
        Column("pack_id", _TEXT, "the rulebook pack"),
        Column("prefix", _TEXT, "the beginning of a diagnosis code"),
        Column("is_denied", _BOOLEAN, "diagnoses that begin so are not taken"),
    ),
)
PRIMARY_CARE_TAXONOMY: Final = Table(
    "primary_care_taxonomy",
    "one row a taxonomy of primary care",
    (Column("taxonomy_code", _TEXT, "the taxonomy"),),
)
REASON_CAUSE: Final = Table(
    "reason_cause",
    "one row a cause of the denial playbook and a reason code that alone speaks for it",
    (Column("cause_id", _TEXT, "the cause"), Column("reason_code", _TEXT, "the CARC")),
)
ADJUSTMENT_EFFECT: Final = Table(
    "adjustment_effect",
    "one row a pair of group and reason that stands in the history",
    (
        Column("group_code", _TEXT, "the group"),
        Column("reason_code", _TEXT, "the CARC"),
        Column("is_refusal", _BOOLEAN, "the amount was refused, not settled by contract, law or cost share"),
    ),
)
RULE_TABLES: Final = (SERVICE_CODE, EPISODE_RULE, BEHAVIORAL_PREFIX, PRIMARY_CARE_TAXONOMY, REASON_CAUSE)


def rule_rows(rulebook: Rulebook, packs: Iterable[tuple[str, int]]) -> dict[str, list[Row]]:
    """The rows of `RULE_TABLES` for packs with the last day of service in each.

    Raises `UnknownPayer` for a pack that does not exist.
    """
    rows: dict[str, list[Row]] = {table.name: [] for table in RULE_TABLES}
    rows[SERVICE_CODE.name] = list(_code_rows(rulebook))
    for pack_id, last_day_number in sorted(packs):
        policy = rulebook.pack(pack_id).on(day_from_number(last_day_number))
        rows[EPISODE_RULE.name].append((pack_id, policy.integer(GAP_RULE)))
        context = policy_context(policy)
        for is_denied, prefixes in ((False, context.allowed_prefixes), (True, context.denied_prefixes)):
            rows[BEHAVIORAL_PREFIX.name] += [(pack_id, prefix, is_denied) for prefix in sorted(prefixes)]
    rows[PRIMARY_CARE_TAXONOMY.name] = [
        (code,) for code, known in taxonomies(rulebook).items() if known.role in (_PRACTITIONER, *_CLINICS)
    ]
    rows[REASON_CAUSE.name] = list(_cause_rows(rulebook))
    return rows


def effect_rows(rulebook: Rulebook, pairs: Iterable[tuple[str, str]]) -> list[Row]:
    """The rows of `adjustment_effect` for the pairs of a history."""
    effects = adjustment_effects(rulebook)
    refusals = (AdjustmentEffect.DENIED, AdjustmentEffect.PATIENT_UNSETTLED)
    return [(group, reason, effects.of(group, reason) in refusals) for group, reason in sorted(pairs)]


def _code_rows(rulebook: Rulebook) -> Iterator[Row]:
    roles, known = cocm_codes(rulebook), hcpcs_codes(rulebook)
    of_first_months = set(codes_ever_named(rulebook, FIRST_MONTH))
    for code in sorted({*roles, *known}):
        kind = known[code].kind if code in known else "cocm"
        role = roles.get(code)
        family = _family(kind)
        if role is None and not family:
            continue
        tier = ""
        if role is not None and role.is_base:
            month = "first" if code in of_first_months else "later"
            tier = "clinic" if role.is_clinic else "short" if role.is_short_month else month
        yield code, family or "cocm", role is not None, role is not None and role.is_addon, tier


def _family(kind: str) -> str:
    """The family of a kind of code; empty for services that do not stand for the model."""
    if "general_bhi" in kind:
        return "apcm" if kind.startswith("apcm_") else "general_bhi"
    if kind.startswith("apcm_cocm"):
        return "apcm"
    return "cocm" if "cocm" in kind else ""


def _cause_rows(rulebook: Rulebook) -> Iterator[Row]:
    for cause in denial_causes(rulebook).values():
        for signal in cause.signals:
            only_reasons = not (signal.groups or signal.remarks or signal.statuses)
            if only_reasons and signal.points >= POINTS_MIN:
                yield from ((cause.cause_id, reason) for reason in sorted(signal.reasons))
