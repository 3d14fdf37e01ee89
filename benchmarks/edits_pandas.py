"""Fifteen of the edits in pandas, for the comparison in `edits_batch.py`: the same findings from the same files.

Written as one would write them by hand for this history: only the columns needed are read, rows are narrowed to the
codes that bear on CoCM while they are read, the rules come from the rulebook, and a person's earlier lines are joined
once. What cannot be known without the practice's record is left out: only failures are compared.
"""

from __future__ import annotations

from functools import reduce
from operator import or_

import pandas as pd

from cocm.basics.months import day_from_number
from cocm.basics.npi import npi_is_valid
from cocm.edits.codes import cocm_codes
from cocm.edits.context import EXCLUDED_GENERAL_BHI, member_sets
from cocm.rules.rulebook import shipped_rulebook

EDITS = (
    "addon.over_limit",
    "addon.without_base",
    "base.both_codes",
    "base.first_code_in_later_month",
    "base.units",
    "billing.behavioral_taxonomy",
    "charge.none",
    "concurrency.general_bhi",
    "date.before_birth",
    "date.range_across_months",
    "diagnosis.none_behavioral",
    "duplicate.repeated_line",
    "modifier.refused",
    "rendering.npi_check_digit",
    "units.wrong_basis",
)
CLAIM_EDITS = (
    "billing.behavioral_taxonomy",
    "date.before_birth",
    "diagnosis.none_behavioral",
    "rendering.npi_check_digit",
)
STANDING = ("sent", "accepted", "paid")
BEHAVIORAL_ROLES = ("behavioral_facility", "bhcm", "psychiatric_consultant")
KEY = ["claim_id", "claim_line_number"]
COLUMNS = [
    "claim_id",
    "claim_line_number",
    "person_id",
    "submission_order",
    "pack_id",
    "policy_day_number",
    "billing_npi",
    "billing_tin",
    "billing_taxonomy_code",
    "rendering_npi",
    "frequency_code",
    "birth_day_number",
    "hcpcs_code",
    "modifier_1",
    "modifier_2",
    "modifier_3",
    "modifier_4",
    "service_unit_quantity",
    "unit_basis_code",
    "charge_amount_cents",
    "service_from_month_index",
    "service_day_number",
    "month_index",
    "status",
]


def findings(folder: str) -> pd.DataFrame:
    """The failures of the fifteen edits: claim, line (0 where the edit is about the claim) and edit."""
    rulebook = shipped_rulebook()
    roles = cocm_codes(rulebook)
    excluded = {code for pack in rulebook.payer_ids for code in _excluded_ever(pack)}
    lines = pd.read_parquet(
        f"{folder}/lines.parquet",
        columns=COLUMNS,
        filters=[("hcpcs_code", "in", sorted({*roles, *excluded}))],
    )
    policies = _policies(lines)
    checked = lines[lines.hcpcs_code.isin(list(roles))].merge(policies, on=["pack_id", "policy_day_number"])
    checked["is_first"] = checked.hcpcs_code == checked.first_code
    checked["is_base"] = checked.is_first | (checked.hcpcs_code == checked.later_code)
    checked["is_addon"] = checked.hcpcs_code == checked.addon_code
    checked["is_short"] = checked.hcpcs_code == checked.short_code
    checked = checked.merge(_known(lines, checked, roles), on=KEY, how="left").fillna(
        {"base_units": 0, "addon_units": 0, "other_bases": 0, "same_code": 0, "since": 0, "general_bhi": 0}
    )
    taxonomies = _roles_of_taxonomies()
    is_valid = {npi: npi_is_valid(npi) for npi in checked.rendering_npi.unique()}
    is_refused = reduce(
        or_,
        (
            pd.Series(
                [
                    modifier in refused
                    for modifier, refused in zip(checked[column], checked.refused, strict=True)
                ],
                index=checked.index,
            )
            for column in ("modifier_1", "modifier_2", "modifier_3", "modifier_4")
        ),
    )
    failed = {
        "addon.over_limit": checked.is_addon & (checked.addon_units > checked.addon_limit),
        "addon.without_base": checked.is_addon & (checked.base_units == 0),
        "base.both_codes": (checked.is_base | checked.is_short) & (checked.other_bases > 0),
        "base.first_code_in_later_month": checked.is_first
        & (checked.first_code != checked.later_code)
        & (checked.since > 0)
        & (checked.since <= checked.gap),
        "base.units": (checked.is_base | checked.is_short) & (checked.service_unit_quantity > 1),
        "billing.behavioral_taxonomy": (checked.side == "medical")
        & checked.billing_taxonomy_code.map(taxonomies).isin(BEHAVIORAL_ROLES),
        "charge.none": checked.charge_amount_cents <= 0,
        "concurrency.general_bhi": checked.general_bhi > 0,
        "date.before_birth": checked.birth_day_number
        > checked.groupby("claim_id").service_day_number.transform("min"),
        "date.range_across_months": checked.service_from_month_index < checked.month_index,
        "diagnosis.none_behavioral": checked.needs_diagnosis
        & ~checked.claim_id.isin(_behavioral(folder, checked)),
        "duplicate.repeated_line": checked.same_code > 1,
        "modifier.refused": is_refused,
        "rendering.npi_check_digit": ~checked.rendering_npi.map(is_valid),
        "units.wrong_basis": checked.unit_basis_code != "UN",
    }
    is_first_line = checked.claim_line_number == checked.groupby("claim_id").claim_line_number.transform(
        "min"
    )
    found = []
    for edit in EDITS:
        rows = checked.loc[failed[edit] & (is_first_line if edit in CLAIM_EDITS else True), KEY]
        if edit in CLAIM_EDITS:
            rows = rows.assign(claim_line_number=0)
        found.append(rows.assign(edit_id=edit))
    return pd.concat(found, ignore_index=True)


def _excluded_ever(pack_id: str) -> set[str]:
    """The general BHI codes that a pack excludes on the days of the history."""
    pack = shipped_rulebook().pack(pack_id)
    days = (day_from_number(number) for number in range(8401, 9800, 90))
    return {code for day in days for code in member_sets(pack.on(day))[EXCLUDED_GENERAL_BHI]}


def _policies(lines: pd.DataFrame) -> pd.DataFrame:
    """The payers' values on the days of the lines."""
    days = lines[["pack_id", "policy_day_number"]].drop_duplicates()
    rows = []
    for pack_id, number in days.itertuples(index=False):
        policy = shipped_rulebook().pack(pack_id).on(day_from_number(int(number)))
        limit = policy.value("limit.addon_units")
        rows.append(
            {
                "pack_id": pack_id,
                "policy_day_number": number,
                "first_code": policy.text("codes.first_month") or "",
                "later_code": policy.text("codes.later_month") or "",
                "addon_code": policy.text("codes.addon") or "",
                "short_code": policy.text("codes.short_month") or "",
                "addon_limit": limit.integer if limit.is_known and limit.integer is not None else 10**9,
                "gap": policy.integer("episode.gap_months") or 0,
                "side": policy.text("claim.benefit_side") or "",
                "refused": policy.members("claim.modifiers_refused"),
                "needs_diagnosis": policy.flag("diagnosis.required") is True,
                "allowed": tuple(sorted(policy.members("diagnosis.prefixes_allowed"))),
                "general_bhi_codes": member_sets(policy)[EXCLUDED_GENERAL_BHI],
            }
        )
    return pd.DataFrame(rows)


def _known(lines: pd.DataFrame, checked: pd.DataFrame, roles: object) -> pd.DataFrame:
    """What the lines of the claim and the person's earlier lines add up to for each checked line."""
    columns = [*KEY, "hcpcs_code", "month_index", "service_unit_quantity"]
    left = checked[
        [*columns, "person_id", "submission_order", "billing_npi", "billing_tin", "general_bhi_codes"]
    ]
    own = left.merge(lines[columns], on="claim_id", suffixes=("", "_k"))
    own = own[own.month_index == own.month_index_k].assign(
        is_own=True, months_before=0, stands=True, is_elsewhere=False
    )
    past = left.merge(
        lines[
            [
                *columns,
                "person_id",
                "submission_order",
                "billing_npi",
                "billing_tin",
                "status",
                "frequency_code",
            ]
        ],
        on="person_id",
        suffixes=("", "_k"),
    )
    past = past[(past.submission_order_k < past.submission_order) & (past.claim_id != past.claim_id_k)]
    by_tin = (past.billing_tin != "") & (past.billing_tin_k != "")
    past = past.assign(
        is_own=False,
        months_before=past.month_index - past.month_index_k,
        stands=past.status.isin(STANDING) & (past.frequency_code != "8"),
        is_elsewhere=(past.billing_tin_k != past.billing_tin).where(
            by_tin, past.billing_npi_k != past.billing_npi
        ),
    )
    kept = [
        *KEY,
        "hcpcs_code",
        "hcpcs_code_k",
        "service_unit_quantity_k",
        "is_own",
        "months_before",
        "stands",
        "is_elsewhere",
        "general_bhi_codes",
    ]
    known = pd.concat([own[kept], past[kept]], ignore_index=True)
    known = known[known.stands]
    parents = [code for code, role in roles.items() if role.is_parent]  # type: ignore[attr-defined]
    addons = [code for code, role in roles.items() if role.is_addon]  # type: ignore[attr-defined]
    bases = [code for code, role in roles.items() if role.is_base]  # type: ignore[attr-defined]
    month = known[known.months_before == 0]
    ours = month[~month.is_elsewhere]
    earlier = known[(known.months_before > 0) & ~known.is_elsewhere & known.hcpcs_code_k.isin(list(roles))]  # type: ignore[call-overload]
    bhi = month[
        [code in codes for code, codes in zip(month.hcpcs_code_k, month.general_bhi_codes, strict=True)]
    ]
    sums = {
        "base_units": ours[ours.hcpcs_code_k.isin(parents)].groupby(KEY).service_unit_quantity_k.sum(),
        "addon_units": ours[ours.hcpcs_code_k.isin(addons)].groupby(KEY).service_unit_quantity_k.sum(),
        "other_bases": ours[ours.hcpcs_code_k.isin(bases) & (ours.hcpcs_code_k != ours.hcpcs_code)]
        .groupby(KEY)
        .size(),
        "same_code": ours[ours.is_own & (ours.hcpcs_code_k == ours.hcpcs_code)].groupby(KEY).size(),
        "since": earlier.groupby(KEY).months_before.min(),
        "general_bhi": bhi.groupby(KEY).size(),
    }
    return pd.DataFrame(sums).reset_index()


def _roles_of_taxonomies() -> dict[str, str]:
    from cocm.rules.codes import taxonomies

    return {code: found.role for code, found in taxonomies(shipped_rulebook()).items()}


def _behavioral(folder: str, checked: pd.DataFrame) -> set[str]:
    """The claims with a diagnosis that their payer takes; none of these payers refuses one."""
    diagnoses = pd.read_parquet(f"{folder}/diagnoses.parquet", columns=["claim_id", "diagnosis_code"])
    claims = checked[["claim_id", "allowed"]].drop_duplicates("claim_id").merge(diagnoses, on="claim_id")
    fits = [
        code.startswith(allowed) for code, allowed in zip(claims.diagnosis_code, claims.allowed, strict=True)
    ]
    return set(claims.claim_id[fits])
