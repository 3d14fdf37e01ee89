"""Six of the audit's edits in pandas and by hand in DuckDB SQL, for the comparison in `plan_audit.py`.

Written as one would for this history alone: codes and limits stand in the text, only the columns needed are read, rows
are narrowed while they are read, and a person's earlier lines are joined once. Nothing is known here of payers, dates
of rules, what is not known, evidence or money.
"""

from __future__ import annotations

from typing import Final

import duckdb
import pandas as pd

EDITS: Final = (
    "addon.without_base",
    "base.both_codes",
    "base.first_code_in_later_month",
    "base.other_practice",
    "concurrency.general_bhi",
    "duplicate.already_billed",
)
COCM: Final = ("99492", "99493", "99494", "G2214")
PARENTS: Final = ("99492", "99493")
BASES: Final = (*PARENTS, "G2214")
GENERAL: Final = "99484"
GAP_MONTHS: Final = 6
KEY: Final = ["claim_id", "claim_line_number"]

HAND_SQL: Final = """
with line as (
    select claim_id, claim_line_number, person_id, hcpcs_code, billing_tin, status, frequency_code,
        year(service_date) * 12 + month(service_date) as month,
        min(received_date) over (partition by claim_id) as came, min(service_date) over (partition by claim_id) as began
    from read_parquet({paths})
    where hcpcs_code in ('99492', '99493', '99494', 'G2214', '99484')
),
earlier as (
    select l.claim_id, l.claim_line_number, h.hcpcs_code, h.billing_tin = l.billing_tin as is_ours, h.status,
        h.frequency_code, l.month - h.month as months_before, l.hcpcs_code as checked_code
    from line l
    join line h on h.person_id = l.person_id and h.claim_id <> l.claim_id
        and (h.came, h.began, length(h.claim_id), h.claim_id) < (l.came, l.began, length(l.claim_id), l.claim_id)
    where l.hcpcs_code <> '99484'
),
own as (
    select l.claim_id, l.claim_line_number, h.hcpcs_code, true as is_ours, 'this' as status, '' as frequency_code,
        0 as months_before, l.hcpcs_code as checked_code
    from line l join line h on h.claim_id = l.claim_id and h.month = l.month
    where l.hcpcs_code <> '99484'
),
known as (
    select *, status in ('this', 'paid') as stands from earlier
    union all
    select *, true from own
),
counted as (
    select claim_id, claim_line_number, any_value(checked_code) as code,
        count(*) filter (where months_before = 0 and is_ours and stands and hcpcs_code in ('99492', '99493')) as bases,
        count(*) filter (where months_before = 0 and is_ours and stands and hcpcs_code <> checked_code
            and hcpcs_code in ('99492', '99493', 'G2214')) as others,
        min(months_before) filter (where months_before > 0 and is_ours and stands and hcpcs_code <> '99484') as since,
        count(*) filter (where months_before = 0 and not is_ours and stands
            and hcpcs_code in ('99492', '99493', 'G2214')) as elsewhere,
        count(*) filter (where months_before = 0 and stands and hcpcs_code = '99484') as general,
        count(*) filter (where months_before = 0 and status = 'paid' and is_ours and hcpcs_code = checked_code
            and frequency_code in ('1', '7')) as same
    from known group by claim_id, claim_line_number
)
select count(*) filter (where code = '99494' and bases = 0),
    count(*) filter (where code <> '99494' and others > 0),
    count(*) filter (where code = '99492' and since <= 6),
    count(*) filter (where code <> '99494' and elsewhere > 0),
    count(*) filter (where general > 0),
    count(*) filter (where same > 0)
from counted
"""


def by_hand(paths: list[str], memory: str) -> dict[str, int]:
    """How often each edit fails, by one hand-written text."""
    with duckdb.connect() as connection:
        connection.execute("set enable_progress_bar = false")
        connection.execute("set threads = 2")
        connection.execute(f"set memory_limit = '{memory}'")
        listed = "[" + ", ".join(f"'{path}'" for path in paths) + "]"
        row = connection.execute(HAND_SQL.format(paths=listed)).fetchall()[0]
    return dict(zip(EDITS, map(int, row), strict=True))


def by_pandas(paths: list[str]) -> dict[str, int]:
    """How often each edit fails, in pandas."""
    columns = [
        *KEY, "person_id", "hcpcs_code", "billing_tin", "status", "frequency_code", "service_date", "received_date",
    ]  # fmt: skip
    filters = [("hcpcs_code", "in", [*COCM, GENERAL])]
    lines = pd.concat([pd.read_parquet(path, columns=columns, filters=filters) for path in paths])
    days = pd.to_datetime(lines.service_date)
    lines["month"] = days.dt.year * 12 + days.dt.month
    claims = lines.groupby(["person_id", "claim_id"], as_index=False).agg(
        came=("received_date", "min"), began=("service_date", "min")
    )
    claims["length"] = claims.claim_id.str.len()
    claims = claims.sort_values(["person_id", "came", "began", "length", "claim_id"])
    claims["place"] = claims.groupby("person_id").cumcount()
    lines = lines.merge(claims[["claim_id", "place"]], on="claim_id")
    checked = lines[lines.hcpcs_code != GENERAL]
    pairs = checked.merge(lines, on="person_id", suffixes=("", "_k"))
    is_own = (pairs.claim_id == pairs.claim_id_k) & (pairs.month == pairs.month_k)
    is_earlier = (pairs.claim_id != pairs.claim_id_k) & (pairs.place_k < pairs.place)
    pairs = pairs[is_own | is_earlier].assign(own=is_own)
    pairs["before"] = pairs.month - pairs.month_k
    pairs["ours"] = pairs.own | (pairs.billing_tin == pairs.billing_tin_k)
    pairs["stands"] = pairs.own | (pairs.status_k == "paid")
    month = pairs[(pairs.before == 0) & pairs.stands]
    base = month[month.hcpcs_code_k.isin(BASES)]
    count = {
        "bases": month[month.ours & month.hcpcs_code_k.isin(PARENTS)],
        "others": base[base.ours & (base.hcpcs_code_k != base.hcpcs_code)],
        "elsewhere": base[~base.ours],
        "general": month[month.hcpcs_code_k == GENERAL],
        "same": month[
            ~month.own
            & month.ours
            & (month.hcpcs_code_k == month.hcpcs_code)
            & month.frequency_code_k.isin(["1", "7"])
        ],
    }
    past = pairs[(pairs.before > 0) & pairs.stands & pairs.ours & (pairs.hcpcs_code_k != GENERAL)]
    facts = checked.set_index(KEY)[["hcpcs_code"]]
    for name, rows in count.items():
        facts[name] = rows.groupby(KEY).size()
    facts["since"] = past.groupby(KEY).before.min()
    facts = facts.fillna(0)
    is_addon = facts.hcpcs_code == "99494"
    failed = {
        "addon.without_base": is_addon & (facts.bases == 0),
        "base.both_codes": ~is_addon & (facts.others > 0),
        "base.first_code_in_later_month": (facts.hcpcs_code == "99492") & facts.since.between(1, GAP_MONTHS),
        "base.other_practice": ~is_addon & (facts.elsewhere > 0),
        "concurrency.general_bhi": facts.general > 0,
        "duplicate.already_billed": facts.same > 0,
    }
    return {edit: int(failed[edit].sum()) for edit in EDITS}
