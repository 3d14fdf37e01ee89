"""The whole catalogue over a claims history in Parquet, by DuckDB: facts once, one SQL text, findings with
severity.

    python benchmarks/edits_batch.py [--lines 1000000] [--share 50] [--memory 4GB]

The history is made by DuckDB from line numbers alone, so that it is the same each time: 45 lines a member
over 36 months, one member in `--share` in the programme (50: about 1.8 % of all lines are CoCM lines, twice
real life), with add-ons, late first-month codes, other practices, short months, excluded codes and wrong
NPIs mixed in. Each claim is checked against everything sent before it. The files are made in a process of
their own, so that the peak memory is the check's.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import sys
import tempfile
import time
from collections import Counter

import duckdb

from cocm.edits.discovery import catalogue
from cocm.rules.rulebook import shipped_rulebook
from cocm.warehouse.batch import OPTIONAL_TABLES, check_tables

FIRST_MONTH_INDEX = 2023 * 12
FIRST_DAY_NUMBER = 8401
"""2023-01-01 as a month index and a day number."""

MAKE_LINES = """
create view made as
with numbered as (
    select i, i // 45 as member, i % 45 as place, hash(i) % 1000 as dice, hash(i + 7) % 1000 as second_dice
    from range(0, {lines}) r(i)
),
placed as (
    select *, member % {share} = 0 as is_in_programme,
        case when member % {share} = 0 and place < 36 then place else dice % 36 end as month
    from numbered
),
coded as (
    select *,
        case
            when is_in_programme and place < 36 and dice < 15 then '99484'
            when is_in_programme and place < 36 and dice < 30 then 'G2214'
            when is_in_programme and place < 36 and (place = 0 or dice < 45) then '99492'
            when is_in_programme and place < 36 then '99493'
            when is_in_programme and place < 42 then '99494'
            when second_dice < 650 then '80053'
            when second_dice < 877 then '99213'
            when second_dice < 950 then '90834'
            else '99490'
        end as code
    from placed
)
select
    case when code in ('99492', '99493', '99494', 'G2214') and dice > 60
        then 'M' || member || '-' || month else 'L' || i end as claim_id,
    case when code = '99494' then 2 else 1 end as claim_line_number,
    'P' || member as person_id,
    cast(month * 4 + dice % 4 as integer) as submission_order,
    case when member % 3 = 0 then 'medicare' when member % 3 = 1 then 'cpt' else 'ca-commercial-carveout' end
        as pack_id,
    cast({day} + 30.4 * (month + 1) as integer) as policy_day_number,
    cast({day} + 30.4 * (month + 1) + dice % 400 as integer) as as_of_day_number,
    '' as payer_id,
    case when dice % 50 = 1 then 'BH999' else '12345' end as payer_identifier,
    'P' as payer_sequence,
    '1234567893' as billing_npi,
    case when second_dice < 10 then '999000002' else '999000001' end as billing_tin,
    case when dice % 100 = 3 then '1245319590' else '1245319599' end as rendering_npi,
    '' as supervising_npi,
    '11' as place_of_service_code,
    case when dice = 77 then '7' else '1' end as frequency_code,
    '' as payer_claim_control_number,
    code as hcpcs_code,
    cast(case when code = '99494' then 1 + dice % 5 else 1 end as integer) as service_unit_quantity,
    cast({day} + 30.4 * (month + 1) as integer) as service_day_number,
    cast({month} + month as integer) as month_index,
    cast(2023 + month // 12 as integer) as year_number,
    1 as diagnosis_pointer_1, 0 as diagnosis_pointer_2, 0 as diagnosis_pointer_3, 0 as diagnosis_pointer_4,
    case when dice % 20 = 5 then 'denied' when dice % 20 = 6 then 'rejected' else 'paid' end as status
from coded
"""
MAKE_DIAGNOSES = """
select distinct claim_id, 1 as diagnosis_position, case when hash(claim_id) % 20 = 0 then 'E119' else 'F321'
end as diagnosis_code from made
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--share", type=int, default=50)
    parser.add_argument("--memory", default="4GB")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        maker = multiprocessing.get_context("spawn").Process(
            target=make_history, args=(folder, options.lines, options.share)
        )
        maker.start()
        maker.join()
        with duckdb.connect() as connection:
            connection.execute("set enable_progress_bar = false")
            connection.execute(f"set memory_limit = '{options.memory}'")
            for view, file in (
                ("claim_line", "lines"),
                ("history_line", "lines"),
                ("claim_diagnosis", "diagnoses"),
            ):
                connection.execute(
                    f"create view {view} as select * from read_parquet('{folder}/{file}.parquet')"
                )
            check(connection, options.lines)


def check(connection: duckdb.DuckDBPyConnection, lines: int) -> None:
    """Time the check and print what it came to."""
    absent = [table.name for table in OPTIONAL_TABLES]
    started = time.perf_counter()
    result = check_tables(connection, shipped_rulebook(), absent=absent)
    seconds = time.perf_counter() - started
    counts = Counter(dict.fromkeys(("fail", "no_data"), 0))
    for (_, verdict), count in result.finding_counts.items():
        counts[verdict] += count
    threads = connection.execute("select current_setting('threads')").fetchall()[0][0]
    print(
        f"{lines:,} claim lines, {result.cocm_line_count:,} of them CoCM, {len(catalogue())} edits: "
        f"{seconds:.1f} s = {lines / seconds:,.0f} lines/s on {threads} threads, peak {peak_mib():.0f} MiB"
    )
    print(
        f"{counts['fail']:,} failures, {counts['no_data']:,} times no data (no practice's record is at hand)"
    )


def make_history(folder: str, lines: int, share: int) -> None:
    """Write the history as Parquet, in the order in which it came in."""
    with duckdb.connect() as connection:
        connection.execute("set enable_progress_bar = false")
        made = MAKE_LINES.format(lines=lines, share=share, day=FIRST_DAY_NUMBER, month=FIRST_MONTH_INDEX)
        connection.execute(made)
        connection.execute(
            f"copy (select * from made) to '{folder}/lines.parquet' (format parquet, compression zstd)"
        )
        connection.execute(f"copy ({MAKE_DIAGNOSES}) to '{folder}/diagnoses.parquet' (format parquet)")


def peak_mib() -> float:
    """The process's peak memory."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (
        1024**2 if sys.platform == "darwin" else 1024
    )


if __name__ == "__main__":
    main()
