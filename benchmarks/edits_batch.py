"""The whole catalogue over a claims history in Parquet, by DuckDB, and beside it some of the same edits in pandas.

    python benchmarks/edits_batch.py [--lines 1000000 10000000] [--share 50] [--memory 4GB]

The history is made by DuckDB from line numbers alone, so that it is the same each time: 45 lines a member
over 36 months, one member in `--share` in the programme (50: about 1.8 % of all lines are CoCM lines, twice
real life), with add-ons, late first-month codes, other practices, short months, excluded codes and wrong
NPIs mixed in. Each claim is checked against everything sent before it. The files are made, and either check
runs, in a process of its own, so that each peak memory is its own. The failures of the edits that pandas has
too (`edits_pandas.py`) must be the same.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

import duckdb

from cocm.edits.discovery import catalogue
from cocm.rules.rulebook import shipped_rulebook
from cocm.warehouse.batch import OPTIONAL_TABLES, check_tables
from edits_pandas import EDITS as PANDAS_EDITS

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
    cast(case when code = '99494' then place - 34 else 1 end as integer) as claim_line_number,
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
    case when dice % 200 = 9 then '261QM0801X' else '207Q00000X' end as billing_taxonomy_code,
    case when dice % 100 = 3 then '1245319590' else '1245319599' end as rendering_npi,
    case when second_dice % 50 = 4 then '1041C0700X' else '207Q00000X' end as rendering_taxonomy_code,
    '' as supervising_npi,
    '11' as place_of_service_code,
    case when dice = 77 then '7' else '1' end as frequency_code,
    '' as payer_claim_control_number,
    '' as prior_authorization_number,
    dice = 500 as has_paperwork,
    cast(case when second_dice = 11 then 99999 else -7000 + member % 9000 end as integer) as birth_day_number,
    cast(20 + member % 60 as integer) as age_years,
    code as hcpcs_code,
    case when code in ('99492', '99493', '99494') and dice % 40 = 1 then '95' when code = '99213' then '25' else '' end
        as modifier_1,
    case when second_dice = 12 then '59' else '' end as modifier_2,
    '' as modifier_3,
    '' as modifier_4,
    cast(case when code = '99494' then 1 + dice % 5 else 1 end as integer) as service_unit_quantity,
    case when second_dice = 13 then 'MJ' else 'UN' end as unit_basis_code,
    true as is_whole_quantity,
    cast(case when dice = 14 then 0 when dice < 100 then 4000 else 25000 end as integer) as charge_amount_cents,
    cast({day} + 30.4 * (month + 1) - case when dice = 15 then 20 else 0 end as integer) as service_from_day_number,
    cast({month} + month - case when dice = 15 then 1 else 0 end as integer) as service_from_month_index,
    dice % 3 = 0 as is_last_day_of_month,
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
    parser.add_argument("--lines", type=int, nargs="*", default=[1_000_000])
    parser.add_argument("--share", type=int, default=50)
    parser.add_argument("--memory", default="4GB")
    options = parser.parse_args()
    for lines in options.lines:
        with tempfile.TemporaryDirectory() as folder:
            in_a_process(make_history, folder, lines, options.share)
            ours = in_a_process(run_ours, folder, options.memory)
            theirs = in_a_process(run_pandas, folder)
            report(folder, lines, ours, theirs)


def in_a_process(work: Callable[..., Any], *arguments: object) -> Any:
    """What the function returns, run in a process of its own, so that its peak memory is its own."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(work, arguments)


class Run(NamedTuple):
    """How long a check took, by the clock and of processors, and its peak memory."""

    seconds: float
    cpu_seconds: float
    peak_mib: float
    cocm_lines: int
    failures: int
    no_data: int


def run_ours(folder: str, memory: str) -> Run:
    """The whole catalogue by DuckDB; the failures are left beside the history."""
    with duckdb.connect() as connection:
        connection.execute("set enable_progress_bar = false")
        connection.execute(f"set memory_limit = '{memory}'")
        for view, file in (
            ("claim_line", "lines"),
            ("history_line", "lines"),
            ("claim_diagnosis", "diagnoses"),
        ):
            connection.execute(f"create view {view} as select * from read_parquet('{folder}/{file}.parquet')")
        absent = [table.name for table in OPTIONAL_TABLES]
        rulebook = shipped_rulebook()
        started, cpu_started = time.perf_counter(), time.process_time()
        result = check_tables(connection, rulebook, absent=absent)
        seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - cpu_started
        peak = peak_mib()
        connection.execute(
            "copy (select claim_id, coalesce(claim_line_number, 0) as claim_line_number, edit_id from finding"
            f" where verdict = 'fail') to '{folder}/ours.parquet' (format parquet)"
        )
    counts: Counter[str] = Counter()
    for (_, verdict), count in result.finding_counts.items():
        counts[verdict] += count
    return Run(seconds, cpu_seconds, peak, result.cocm_line_count, counts["fail"], counts["no_data"])


def run_pandas(folder: str) -> Run:
    """The named edits by pandas; the failures are left beside the history."""
    import edits_pandas

    started, cpu_started = time.perf_counter(), time.process_time()
    found = edits_pandas.findings(folder)
    seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - cpu_started
    peak = peak_mib()
    found.to_parquet(f"{folder}/pandas.parquet")
    return Run(seconds, cpu_seconds, peak, 0, len(found), 0)


def report(folder: str, lines: int, ours: Run, theirs: Run) -> None:
    """Print both runs, and stop if the same edits did not find the same."""
    print(
        f"{lines:,} claim lines, {ours.cocm_lines:,} of them CoCM; {multiprocessing.cpu_count()} processors"
    )
    for name, edits, run in (("ours", len(catalogue()), ours), ("pandas", len(PANDAS_EDITS), theirs)):
        print(
            f"{name:<7} {edits:>3} edits: {run.seconds:.1f} s = {lines / run.seconds:,.0f} lines/s,"
            f" {run.cpu_seconds:.1f} s of processor, peak {run.peak_mib:.0f} MiB, {run.failures:,} failures"
        )
    print(f"ours: {ours.no_data:,} times no data (no practice's record is at hand)")
    named = ", ".join(f"'{edit}'" for edit in PANDAS_EDITS)
    sides = (
        f"(select claim_id, claim_line_number, edit_id from '{folder}/ours.parquet' where edit_id in ({named}))",
        f"(select claim_id, claim_line_number, edit_id from '{folder}/pandas.parquet')",
    )
    for one, other in (sides, sides[::-1]):
        missing = duckdb.sql(
            f"select edit_id, count(*) from ({one} except {other}) group by edit_id"
        ).fetchall()
        if missing:
            raise SystemExit(f"the findings differ: {missing}")
    common = duckdb.sql(f"select count(*) from {sides[1]}").fetchall()[0][0]
    print(f"the {common:,} failures of these edits are the same in both: {', '.join(PANDAS_EDITS)}")


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
