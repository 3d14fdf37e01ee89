"""A large, realistic claims history in Parquet for `plan_audit.py`: made by DuckDB from line numbers alone, streamed.

Synthetic. About 45 lines a member over 36 months. Of all lines some 65 % bear on nothing here, 23 % are office visits,
7 % psychotherapy, 4 % chronic care, 0.9 % Collaborative Care (seven months an episode, with add-ons), a fifth of it
denied. The same number of lines gives the same history.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import duckdb

MEMBER_LINES: Final = 45
_LINES_A_FILE: Final = 25_000_000
"""A multiple of the lines a member has, so that files share no member; each is written by itself, in flat memory."""

_MAKE: Final = """
copy (
with numbered as (
    select i, i // 45 as member, i % 45 as place, hash(i) % 1000 as dice, hash(i + 7) % 1000 as second_dice,
        hash(i // 45 + 3) % 1000 as member_dice
    from range({first}, {last}) r(i)
),
placed as (
    select *, member_dice < 42 and place < 9 as is_cocm,
        case when member_dice < 42 and place = 6 and member % 40 = 1 then hash(member + 5) % 29 + 5
            when member_dice < 42 and place < 7 then hash(member + 5) % 29 + place
            when member_dice < 42 and place < 9 then hash(member + 5) % 29 + place - 6
            else dice % 36 end as month
    from numbered
),
coded as (
    select *,
        case
            when is_cocm and place = 0 then '99492'
            when is_cocm and place < 7 then case when dice < 6 then '99492' when dice < 14 then 'G2214' else '99493' end
            when is_cocm then '99494'
            when member_dice < 42 and second_dice < 8 then '99484'
            when second_dice < 650 then '80053'
            when second_dice < 877 then '99213'
            when second_dice < 950 then '90834'
            else '99490'
        end as code,
        is_cocm and dice % 1000 >= 780 as is_denied,
        make_date(cast(2023 + month // 12 as integer), cast(month % 12 + 1 as integer), 1) as month_start
    from placed
),
priced as (
    select *,
        case code when '99492' then 160.32 when '99493' then 145.10 when '99494' then 60.84 when 'G2214' then 60.10
            when '99484' then 55.20 when '99213' then 92.00 when '90834' then 110.00 else 40.00 end as rate,
        case when code = '99494' then 1 + second_dice % 5 // 2 else 1 end as units,
        cast(last_day(month_start) as date) as service_day
    from coded
)
select
    case when is_cocm and not (place = 6 and member % 40 = 1) and dice % 50 <> 7 then 'M' || member || '-' || month
        else 'L' || i end as claim_id,
    cast(case when code = '99494' then 2 else 1 end as integer) as claim_line_number,
    'P' || member as person_id,
    code as hcpcs_code,
    cast(units as integer) as service_unit_quantity,
    case when is_cocm then service_day else cast(month_start + cast(dice % 28 as integer) as date) end as service_date,
    case when is_denied then 'denied' else 'paid' end as status,
    cast(service_day + cast(second_dice % 45 as integer) as date) as received_date,
    cast(service_day + cast(second_dice % 45 + 14 as integer) as date) as decided_date,
    case when code = '99213' and dice < 300 then '25' else '' end as hcpcs_modifier_1,
    cast(rate * units * 1.4 as decimal(12, 2)) as charge_amount,
    '11' as place_of_service_code,
    case when dice = 77 then '7' else '1' end as frequency_code,
    'ICN' || i as payer_claim_control_number,
    cast('1950-01-01' as date) + cast(member % 18000 as integer) as birth_date,
    case when code in ('99213', '80053', '99490') or is_cocm then
        case when member % 2 = 0 then '1234567893' else '1245319599' end else '1003000126' end as billing_npi,
    case when is_cocm and (dice < 5 or place = 6 and member % 120 = 1) then '999000009'
        when code in ('99213', '80053', '99490') or is_cocm then '99900000' || member % 3
        else '999000008' end as billing_tin,
    case when is_cocm and dice % 200 = 9 then '261QM0801X' else '207Q00000X' end as billing_taxonomy_code,
    '1245319599' as rendering_npi,
    '207Q00000X' as rendering_taxonomy_code,
    '1245319599' as supervising_npi,
    'P' as payer_sequence,
    'UN' as unit_basis_code,
    case when is_cocm and dice % 25 = 3 then 'E119' when is_cocm then 'F321' when code = '90834' then 'F411'
        else 'I10' end as diagnosis_code_1,
    case when is_cocm and dice % 3 = 0 then 'F411' else '' end as diagnosis_code_2,
    cast(1 as integer) as diagnosis_pointer_1,
    cast(case when is_denied then 0 else rate * units end as decimal(12, 2)) as allowed_amount,
    cast(case when is_denied then 0 when dice % 50 = 1 then rate * units - 40 else rate * units - 20 end
        as decimal(12, 2)) as paid_amount,
    cast(0 as decimal(12, 2)) as deductible_amount,
    cast(0 as decimal(12, 2)) as coinsurance_amount,
    cast(case when is_denied then 0 when dice % 50 = 1 then 40 else 20 end as decimal(12, 2)) as copayment_amount,
    case when is_denied then 'CO' else '' end as adjustment_group_code_1,
    case when not is_denied then '' else list_extract(
        ['109', '109', '109', '18', '18', '252', '96', '151', '119', '97', '11', '29', '16', '170', '107', 'B7'],
        cast(1 + second_dice % 16 as integer)) end as adjustment_reason_code_1,
    case when is_denied and second_dice % 16 < 3 then 'N418' else '' end as remark_code_1,
    case when is_denied and second_dice % 16 < 2 then 'BHA01' else 'GHP01' end as decided_by,
    cast(null as date) as records_requested_date,
    'HMO' as product
from priced
) to '{path}' (format parquet, compression zstd)
"""


def make_history(folder: str, lines: int) -> list[str]:
    """Write the history as one or more Parquet files; their paths."""
    paths = []
    with duckdb.connect() as connection:
        connection.execute("set enable_progress_bar = false")
        connection.execute("set threads = 2")
        connection.execute("set preserve_insertion_order = false")
        connection.execute("set memory_limit = '2GB'")
        for first in range(0, lines, _LINES_A_FILE):
            path = str(Path(folder) / f"claims-{first // _LINES_A_FILE:03d}.parquet")
            connection.execute(_MAKE.format(first=first, last=min(lines, first + _LINES_A_FILE), path=path))
            paths.append(path)
    return paths
