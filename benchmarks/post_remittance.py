"""Posting a remittance of 100,000 claims to a state that recorded them, beside a plain loop with a commit a claim.

    python benchmarks/post_remittance.py [--claims 100000] [--loop-claims 3000] [--runs 3] [--shares 97]

Exit status 1 when `post` takes fewer than 20,000 claims a CPU second, or grows by more than 256 MiB. The claims are
paid with 97 different patient's shares, so that some 250 different things are said of 100,000 claims; with
`--shares 9000` some 13,500 are, more than posting remembers, which takes longer.

CPU seconds, the least of several runs, each in a process of its own with its own copy of the state: `post` takes parsed
tables to committed rows; `command` takes the file to committed rows and works out every account, as `cocm post` does;
`loop` writes the same rows of parsed records one claim at a time, with a commit for each. What its syncs cost shows in
no CPU figure.
"""

from __future__ import annotations

import argparse
import io
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from itertools import islice
from pathlib import Path

AS_OF = date(2026, 5, 4)
CLAIMS_PER_PAYMENT = 5_000
CHARGE_CENTS = 24000
SHARES = 97
CLAIMS_A_SECOND_MIN = 20_000
GROWTH_MIB_MAX = 256
Run = Callable[[], None]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--claims", type=int, default=100_000)
    parser.add_argument("--loop-claims", type=int, default=3_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--shares", type=int, default=SHARES)
    parser.add_argument("--worker", nargs=2, metavar=("WHAT", "FOLDER"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        work(options.worker[0], Path(options.worker[1]), options.loop_claims)
        return 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(folder, options.claims, options.shares)
        size = (folder / "all.835").stat().st_size
        print(f"{options.claims:,} claims, {size / 1e6:.1f} MB, state with as many recorded claims")
        loop, _ = report("loop", folder, options.loop_claims, options)
        post, growth = report("post", folder, options.claims, options)
        report("command", folder, options.claims, options)
        print(f"post is {post / loop:.1f} times the loop")
    if post < CLAIMS_A_SECOND_MIN or growth > GROWTH_MIB_MAX:
        print(
            f"FAILED: at least {CLAIMS_A_SECOND_MIN:,} claims/s and at most {GROWTH_MIB_MAX} MiB more are wanted"
        )
        return 1
    return 0


def report(what: str, folder: Path, claims: int, options: argparse.Namespace) -> tuple[float, float]:
    """The best of several runs: claims a CPU second, and by how many MiB it grew."""
    told = [run_worker(what, folder, options) for _ in range(options.runs)]
    seconds = min(one["cpu_seconds"] for one in told)
    peak, before = (max(one[name] for one in told) for name in ("peak_mib", "before_mib"))
    print(
        f"{what:8} {claims:7,} claims in {seconds:6.2f} CPU s = {claims / seconds:8,.0f}/s, "
        f"largest {peak:.0f} MiB ({before:.0f} before posting)",
        flush=True,
    )
    return claims / seconds, peak - before


def run_worker(what: str, folder: Path, options: argparse.Namespace) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, __file__, "--worker", what, str(folder), "--loop-claims", str(options.loop_claims)],
        capture_output=True,
        check=True,
        text=True,
    )
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return told


def prepare(folder: Path, claims: int, shares: int = SHARES) -> None:
    """A practice, its state with the claims recorded, and the remittance that decides them all."""
    from cocm.basics.identity import Provenance
    from cocm.basics.months import Month
    from cocm.intake.practice import open_practice
    from cocm.store.state import PracticeState, RecordedClaim, RecordedInterchange

    synth = ("synth", str(folder / "practice"), "--patients", "5", "--months", "1", "--until", "2026-03")
    subprocess.run([sys.executable, "-m", "cocm.cli", *synth], check=True, stdout=subprocess.DEVNULL)
    with open_practice(folder / "practice") as source:
        organization_id = source.reference.practice.organization_id
    month = Month(2026, 3)
    ids = [claim_id(number) for number in range(claims)]
    with PracticeState(folder / "state.sqlite", organization_id) as state:
        state.record_interchange(
            RecordedInterchange(1, "PLAN", month.index, date(2026, 4, 2), "a", "", 0, claims, 0),
            io.BytesIO(b""),
            (
                RecordedClaim(given, f"P{number}", month.index, "PLAN", 1, "", "1", CHARGE_CENTS, 1)
                for number, given in enumerate(ids)
            ),
            Provenance(organization_id, date(2026, 4, 2), ""),
        )
        state.commit()
    with (folder / "all.835").open("w") as out:
        out.writelines(remittance(ids, shares))


def claim_id(number: int) -> str:
    from cocm.basics.identity import stable_id

    return stable_id("C", number)


def remittance(ids: list[str], shares: int) -> Iterator[str]:
    """The file: every tenth claim is denied, every fourth has an add-on line."""
    yield "ISA*00*          *00*          *ZZ*GTP01          *ZZ*SUB001         *260501*1200*^*00501*000000001*0*P*:~"
    yield "GS*HP*GTP01*SUB001*20260501*1200*1*X*005010X221A1~"
    count = 0
    for start in range(0, len(ids), CLAIMS_PER_PAYMENT):
        count += 1
        end = min(start + CLAIMS_PER_PAYMENT, len(ids))
        claims = [list(claim(ids[at], at, shares)) for at in range(start, end)]
        paid = sum(paid_cents(at, shares) for at in range(start, end))
        head = [
            f"ST*835*{count:04d}",
            f"BPR*I*{dollars(paid)}*C*ACH*CCP*01*011000015*DA*1*1941234567**01*021000021*DA*9*20260420",
            f"TRN*1*EFT{count}*1941234567", "N1*PR*GOLDEN TEST PLAN", "N3*1 PLAN PLAZA", "N4*FRESNO*CA*93701",
            "REF*2U*GTP01", "PER*BL*EDI HELP*TE*8005550111", "N1*PE*REDWOOD TEST CLINIC*XX*1234567893", "LX*1",
        ]  # fmt: skip
        body = head + [segment for one in claims for segment in one]
        yield "~".join([*body, f"SE*{len(body) + 1}*{count:04d}"]) + "~"
    yield f"GE*{count}*1~IEA*1*000000001~"


def paid_cents(at: int, shares: int) -> int:
    """What a claim is paid: nothing when denied, else three quarters of the charge less the patient's share."""
    return 0 if at % 10 == 0 else CHARGE_CENTS * 3 // 4 - at % shares


def claim(given: str, at: int, shares: int) -> Iterator[str]:
    denied, split, share = at % 10 == 0, at % 4 == 0, at % shares
    paid = dollars(paid_cents(at, shares))
    told = f"{4 if denied else 1}*240*{paid}*{'' if denied else dollars(share)}"
    yield f"CLP*{given}*{told}*HM*ICN{given[2:]}*11*1"
    yield f"NM1*QC*1*QUILL*TEST****MI*M{at}"
    amounts = (CHARGE_CENTS // 2, CHARGE_CENTS // 2) if split else (CHARGE_CENTS,)
    for code, charge in zip(("99493", "99494"), amounts, strict=False):
        line_paid = 0 if denied else charge * 3 // 4 - share
        yield f"SVC*HC:{code}*{dollars(charge)}*{dollars(line_paid)}**1"
        yield "DTM*472*20260331"
        if denied:
            yield f"CAS*CO*109*{dollars(charge)}"
            yield "LQ*HE*N418"
        else:
            yield f"CAS*CO*45*{dollars(charge // 4)}"
            yield f"CAS*PR*3*{dollars(share)}"
            share = 0  # the first line bears it


def dollars(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


def work(what: str, folder: Path, loop_claims: int) -> None:
    """One run in this process, told as JSON."""
    state_path = folder / f"run-{what}.sqlite"
    for suffix in ("", "-wal", "-shm"):
        Path(f"{state_path}{suffix}").unlink(missing_ok=True)
    shutil.copyfile(folder / "state.sqlite", state_path)
    run = {"loop": run_loop, "post": run_post, "command": run_command}[what]
    with run(folder, state_path, loop_claims) as begin:
        before, started = peak_mib(), time.process_time()
        begin()
        seconds = time.process_time() - started
    print(json.dumps({"cpu_seconds": seconds, "peak_mib": peak_mib(), "before_mib": before}))


@contextmanager
def run_post(folder: Path, state_path: Path, _: int) -> Iterator[Run]:
    """Parsed tables to committed rows."""
    from cocm.receivables.post import PostedFile, Poster, match_certain, take_tables
    from cocm.receivables.practice_books import BooksRequest, open_books
    from cocm.store.remittances import ReceivedFile
    from cocm.x12 import iter_tables_835

    with (folder / "all.835").open("rb") as stream:
        blocks = list(iter_tables_835(stream))
    with open_books(BooksRequest(folder / "practice", AS_OF, state_path)) as books:

        def begin() -> None:
            books.remittances.add_file(ReceivedFile("f", "835", "all.835", 1), AS_OF)
            poster, posted = Poster(books), PostedFile("all.835", "f", is_known=False)
            take_tables(poster, blocks, posted)
            match_certain(books)
            books.state.commit()

        yield begin


@contextmanager
def run_command(folder: Path, state_path: Path, _: int) -> Iterator[Run]:
    """What `cocm post` does."""
    from cocm.receivables.post import post_files
    from cocm.receivables.practice_books import BooksRequest
    from cocm.x12 import iter_tables_835

    assert iter_tables_835  # NumPy is loaded before the clock starts

    def begin() -> None:
        result = post_files(BooksRequest(folder / "practice", AS_OF, state_path), [folder / "all.835"])
        assert not result.held and not result.unmatched

    yield begin


@contextmanager
def run_loop(folder: Path, state_path: Path, loop_claims: int) -> Iterator[Run]:
    """The plain way: the claims of parsed records one by one, the same rows for each, and a commit."""
    from cocm.receivables.practice_books import BooksRequest, open_books
    from cocm.remits.decision import decisions_of, payment_of
    from cocm.remits.posting import post
    from cocm.rules.adjustment_effects import adjustment_effects
    from cocm.store.remittances import ReceivedFile
    from cocm.x12 import read_835

    record = next(read_835((folder / "all.835").read_bytes()))
    with open_books(BooksRequest(folder / "practice", AS_OF, state_path)) as books:
        effects = adjustment_effects(books.rulebook)
        books.remittances.add_file(ReceivedFile("f", "835", "all.835", 1), AS_OF)
        books.remittances.add_payment(payment_of(record), "f")

        def begin() -> None:
            for decision in islice(decisions_of(record), loop_claims):
                known = books.remittances.claims_known([decision.claim_number])
                claim = decision.claim_number if known else ""
                books.remittances.add_decisions(
                    [(decision, post(decision, effects), bool(known), claim)], "f"
                )
                books.state.commit()
                books.state.connection.execute("BEGIN IMMEDIATE")

        yield begin


def peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (
        1024 if sys.platform != "darwin" else 1024**2
    )


if __name__ == "__main__":
    sys.exit(main())
