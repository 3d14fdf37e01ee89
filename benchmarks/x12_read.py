"""Reading 835 and 837P files into tables, beside oxedi, openx12, x12sdk and pyx12 on the same generated files.

    python benchmarks/x12_read.py [--claims 50000] [--rounds 5] [--slow-claims 1000]

Times are CPU seconds of one core, the least of the rounds; oxedi and our tables take turns, so that their ratio holds
on a busy machine too. `tables` has every number and date read and every check made; its texts are located when first
asked for, and `all texts` has asked for every one. Where a C compiler is there, the compiled core is built into a
temporary folder and `compiled` reads with it; all else of ours is NumPy alone. openx12, x12sdk and pyx12 read a slice
of `--slow-claims` claims; pyx12 validates; x12sdk, which knows no sex U, gets F instead. Each reader's claims, lines
and cents must be the generator's, where it counts them. Whole processes begin with an empty interpreter.

Goals, of our fastest reader on this machine: 1.5 x oxedi's bytes a second (for the 837P, which oxedi does not read,
those of oxedi on the 835 in the same turns), a whole process no slower than oxedi's, and with and without the compiled
core no more than 6 x the file in memory. The goals that are missed are named at the end, and the exit status is 1.
"""

from __future__ import annotations

import argparse
import io
import logging
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import x12_write
from cocm.basics.money import plain_dollars
from cocm.x12 import tables_835, tables_837p, write_837p
from cocm.x12.columns import ClaimTables, RemittanceTables, native
from cocm.x12.columns.accelerate import build, find_compiler

CLAIMS_PER_PAYMENT = 500
FLOOR_TIMES_OXEDI = 1.5
PEAK_TIMES_FILE_MAX = 6.0


@dataclass(frozen=True)
class Made:
    """A generated file with what it holds."""

    content: bytes
    claim_count: int
    line_count: int
    cents: int


def make_remittance(claim_count: int, seed: int = 5) -> Made:
    """Balanced payments of 500 claims each, in one interchange; cents are those paid on claims."""
    draw = random.Random(seed)
    segments = [
        "ISA*00*          *00*          *ZZ*GHP01          *ZZ*LAKESIDE01     *260501*1200*^*00501*000000042*0*P*:",
        "GS*HP*GHP01*LAKESIDE01*20260501*1200*42*X*005010X221A1",
    ]
    lines = paid = transactions = 0
    for first in range(0, claim_count, CLAIMS_PER_PAYMENT):
        transactions += 1
        body, body_lines, body_paid = make_payment(
            draw, first, min(CLAIMS_PER_PAYMENT, claim_count - first), transactions
        )
        segments += body
        lines, paid = lines + body_lines, paid + body_paid
    segments += [f"GE*{transactions}*42", "IEA*1*000000042", ""]
    return Made("~".join(segments).encode(), claim_count, lines, paid)


def make_payment(
    draw: random.Random, first: int, claim_count: int, number: int
) -> tuple[list[str], int, int]:
    claims: list[str] = []
    lines = paid = 0
    for claim in range(first, first + claim_count):
        own: list[str] = []
        charge = claim_paid = patient = 0
        for line in range(draw.choice((2, 3, 3, 3, 4))):
            billed, contract = draw.randint(5000, 30000), draw.randint(500, 2000)
            deductible, copay = draw.choice((0, 0, draw.randint(500, 2500))), draw.choice((0, 1000))
            line_paid = billed - contract - deductible - copay
            own += [
                f"SVC*HC:{draw.choice(('99492', '99493', '99494'))}*{short(billed)}*{short(line_paid)}**1",
                f"DTM*472*202603{draw.randint(1, 31):02d}",
                f"CAS*CO*45*{short(contract)}",
            ]
            shares = [f"{code}*{short(cents)}" for code, cents in (("1", deductible), ("3", copay)) if cents]
            if shares:
                own.append(f"CAS*PR*{'**'.join(shares)}")
            own += [f"REF*6R*L{claim:08d}{line}", f"AMT*B6*{short(billed - contract)}"]
            own += ["LQ*HE*N130"] if line == 0 else []
            charge, claim_paid = charge + billed, claim_paid + line_paid
            patient, lines = patient + deductible + copay, lines + 1
        claims += [
            f"CLP*C-{claim:016d}*1*{short(charge)}*{short(claim_paid)}*{short(patient)}*HM*ICN{claim:010d}*11*1",
            f"NM1*QC*1*DAVIS{claim % 977}*ARIANA{claim % 31}****MI*GHP{claim:09d}",
            f"NM1*82*1*OKAFOR*GRACE****XX*{x12_write.npi(claim % 8)}",
            "MOA***MA01",
            "DTM*050*20260402",
            *own,
        ]
        paid += claim_paid
    head = [
        f"ST*835*{number:04d}",
        f"BPR*I*{short(paid - 1500)}*C*ACH*CCP*01*011000015*DA*123456*1941234567**01*021000021*DA*987654*20260502",
        f"TRN*1*EFT{number:07d}*1941234567",
        "REF*EV*LAKESIDE01",
        "DTM*405*20260501",
        "N1*PR*GOLDEN HEALTH PLAN",
        "N3*1 PLAN PLAZA",
        "N4*FRESNO*CA*93701",
        "REF*2U*GHP01",
        "PER*BL*EDI HELP*TE*8005550111",
        f"N1*PE*LAKESIDE FAMILY MEDICINE*XX*{x12_write.npi(9)}",
        "REF*TJ*941234567",
        "LX*1",
    ]
    end = [f"PLB*{x12_write.npi(9)}*20261231*WO:ICN9*15"]
    count = len(head) + len(claims) + len(end) + 1
    return [*head, *claims, *end, f"SE*{count}*{number:04d}"], lines, paid


def short(cents: int) -> str:
    """An amount without zeros that say nothing, as X12 asks for it."""
    whole, point, fraction = plain_dollars(cents).partition(".")
    fraction = fraction.rstrip("0")
    return f"{whole}{point}{fraction}" if fraction else whole


def make_claims(claim_count: int) -> Made:
    """The claims of the writing benchmark."""
    out = io.BytesIO()
    result = write_837p(islice(x12_write.claims(), claim_count), x12_write.ENVELOPE, out)
    return Made(out.getvalue(), result.claim_count, result.service_line_count, result.charge_amount_cents)


def check(reader: str, made: Made, claims: int, lines: int | None, cents: int) -> None:
    """A reader that loses something is no reader."""
    assert claims == made.claim_count, f"{reader}: {claims} claims of {made.claim_count}"
    assert lines in (None, made.line_count), f"{reader}: {lines} lines of {made.line_count}"
    assert cents == made.cents, f"{reader}: {cents} cents of {made.cents}"


def read_own(made: Made, library: Path | None, *, is_remittance: bool, with_texts: bool = False) -> None:
    tables: RemittanceTables | ClaimTables
    with native.using(library):
        tables = tables_835(made.content) if is_remittance else tables_837p(made.content)
    amount = "paid_amount_cents" if is_remittance else "charge_amount_cents"
    assert not tables.problems, tables.problems[:3]
    check("cocm", made, len(tables.claims), len(tables.lines), int(tables.claims[amount].values.sum()))
    if with_texts:
        for table in tables.tables():
            for column in table.columns.values():
                if hasattr(column, "located"):
                    column.located()


def read_oxedi(made: Made) -> None:
    """It reads remittances only."""
    import oxedi

    result = oxedi.parse(made.content)
    assert not result.diagnostics
    check("oxedi", made, result.count_claims(), None, made.cents)


def read_openx12(made: Made, *, is_remittance: bool) -> None:
    from openx12 import x835, x837p

    text = made.content.decode()
    claims = x835.parse(text).claims if is_remittance else x837p.parse(text).claims
    amount = "claim_payment_amount" if is_remittance else "amount"
    cents = sum(round(claim[amount] * 100) for claim in claims)
    check("openx12", made, len(claims), sum(len(claim["services"]) for claim in claims), cents)


def read_sdk(made: Made, *, is_remittance: bool) -> None:
    from x12sdk.io import X12ModelReader

    logging.getLogger("x12sdk").setLevel(logging.CRITICAL)
    text = made.content.decode().replace("005010X222A1", "005010X222A2")  # its model goes by that header
    text = re.sub(r"(DMG\*D8\*\d{8})\*U", r"\1*F", text)
    tag = "clp_segment" if is_remittance else "clm_segment"
    amount = "claim_payment_amount" if is_remittance else "total_claim_charge_amount"
    found = cents = 0
    with X12ModelReader(text) as reader:
        for model in reader.models():
            for claim in parts_named(model, tag):
                found, cents = found + 1, cents + round(getattr(claim, amount) * 100)
    check("x12sdk", made, found, None, cents)


def parts_named(model: Any, name: str) -> Iterator[Any]:
    """The parts of a tree of models that are called so."""
    if isinstance(model, list):
        for one in model:
            yield from parts_named(one, name)
    elif hasattr(type(model), "model_fields"):
        for field in type(model).model_fields:
            value = getattr(model, field)
            if field == name and value is not None:
                yield value
            else:
                yield from parts_named(value, name)


def read_pyx12(made: Made) -> None:
    import pyx12.params
    import pyx12.x12n_document

    logging.getLogger("pyx12").setLevel(logging.CRITICAL)
    with tempfile.NamedTemporaryFile(suffix=".x12") as file:
        file.write(made.content)
        file.flush()
        pyx12.x12n_document.x12n_document(pyx12.params.params(), file.name, None, None)


def least_of_turns(rounds: int, works: dict[str, Callable[[], None]]) -> dict[str, float]:
    """The least CPU seconds of each, taking turns."""
    spent: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            started = time.process_time()
            work()
            spent[name].append(time.process_time() - started)
    return {name: min(seconds) for name, seconds in spent.items()}


# The peak of the process itself: what `getrusage` says begins with that of the process that started it.
PEAK = """
import re, resource
try:
    print(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])
except OSError:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""

USE = "from cocm.x12.columns import native; from pathlib import Path as P; u = native.using({library}); u.__enter__(); "
READ = "from cocm.x12 import tables_835 as r; t = r(open({path!r}, 'rb').read()); n = len(t.claims)"
STREAM = "from cocm.x12 import iter_tables_835 as r; n = sum(len(t.claims) for t in r(open({path!r}, 'rb')))"
OXEDI = "import oxedi; n = oxedi.parse(open({path!r}, 'rb').read()).count_claims()"


def whole_process(code: str, made: Made) -> tuple[float, float]:
    """CPU seconds and peak MiB of an interpreter that reads the file and nothing else."""
    code += f"; assert n == {made.claim_count}\n" + PEAK
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, env=environment
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seconds, int(done.stdout) / 1024


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--claims", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--slow-claims", type=int, default=1000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        library = build(Path(folder)) if find_compiler() else None
        if library is None:
            print("no C compiler here: NumPy alone")
        missed = compare(arguments, library)
    for goal in missed:
        print(f"MISSED: {goal}")
    if not missed:
        print("\nall goals are met")
    return 1 if missed else 0


def compare(arguments: argparse.Namespace, library: Path | None) -> list[str]:
    """All comparisons; which goals are missed."""
    missed = []
    remittance, claims = make_remittance(arguments.claims), make_claims(arguments.claims)
    for is_remittance, made, make in ((True, remittance, make_remittance), (False, claims, make_claims)):
        size, kind = len(made.content) / 1e6, "835" if is_remittance else "837P"
        print(f"\n{kind}: {made.claim_count:,} claims, {made.line_count:,} lines, {size:.1f} MB")
        works: dict[str, Callable[[], None]] = {
            "cocm tables": partial(read_own, made, None, is_remittance=is_remittance),
            "oxedi": partial(read_oxedi, remittance),
            "cocm, all texts": partial(read_own, made, None, is_remittance=is_remittance, with_texts=True),
        }
        if library is not None:
            works["cocm tables, compiled"] = partial(read_own, made, library, is_remittance=is_remittance)
        seconds = least_of_turns(arguments.rounds, works)
        oxedi_rate = len(remittance.content) / seconds["oxedi"]
        for name, spent in seconds.items():
            if name == "oxedi" and not is_remittance:
                report("oxedi, on the 835", spent, len(remittance.content) / 1e6)
            else:
                report(name, spent, size)
        best = 0.0
        for name in ("cocm tables", "cocm tables, compiled"):
            if name in seconds:
                ratio = len(made.content) / seconds[name] / oxedi_rate
                best = max(best, ratio)
                print(f"  {name}: {ratio:.2f} x oxedi")
        if best < FLOOR_TIMES_OXEDI:
            missed.append(f"{kind}: {FLOOR_TIMES_OXEDI} x oxedi; it was {best:.2f}")
        slow = make(arguments.slow_claims)
        works = {
            "openx12": partial(read_openx12, slow, is_remittance=is_remittance),
            "x12sdk": partial(read_sdk, slow, is_remittance=is_remittance),
            "pyx12 (check)": partial(read_pyx12, slow),
        }
        for name, spent in least_of_turns(1, works).items():
            report(f"{name}, {arguments.slow_claims:,} claims", spent, len(slow.content) / 1e6)
    return missed + compare_processes(remittance, library, arguments.rounds)


def report(name: str, seconds: float, size: float) -> None:
    print(f"  {name:<30} {seconds:8.3f} s {size / seconds:8.2f} MB/s")


def compare_processes(made: Made, library: Path | None, rounds: int) -> list[str]:
    """Whole processes on the 835, with their memory; which goals are missed."""
    missed, size = [], len(made.content) / 2**20
    print("\nwhole process, 835:")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "remittance.835"
        path.write_bytes(made.content)
        whole = {"oxedi": OXEDI, "import numpy": f"import numpy; n = {made.claim_count}"}
        for suffix, used in (("", None), (", compiled", library))[: 1 if library is None else 2]:
            use = USE.format(library=f"P({str(used)!r})" if used else "None")
            whole |= {f"cocm{suffix}": use + READ, f"cocm{suffix}, streamed": use + STREAM}
        runs: dict[str, list[tuple[float, float]]] = {name: [] for name in whole}
        for _ in range(rounds):
            for name, code in whole.items():
                runs[name].append(whole_process(code.format(path=str(path)), made))
    least = {name: min(seconds for seconds, _ in measured) for name, measured in runs.items()}
    for name, measured in runs.items():
        peak = max(peak for _, peak in measured)
        print(f"  {name:<30} {least[name]:8.3f} s {peak:8.0f} MiB ({peak / size:.1f} x the file)")
        if name.startswith("cocm") and peak > PEAK_TIMES_FILE_MAX * size:
            missed.append(f"{name}: memory of {PEAK_TIMES_FILE_MAX} x the file; it was {peak / size:.1f}")
    best = min(least["cocm"], least.get("cocm, compiled", least["cocm"]))
    if best > least["oxedi"]:
        missed.append(f"a whole process as fast as oxedi's {least['oxedi']:.2f} s; it was {best:.2f} s")
    return missed


if __name__ == "__main__":
    sys.exit(main())
