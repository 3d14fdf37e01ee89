"""Writing, reading and checking 50,000 professional claims (837P), one core.

    python benchmarks/x12_write.py [--claims 50000] [--rounds 7]

What is measured begins with claim records (`Claim`, as a close makes them: every patient another, each claim with
service lines of its own) and ends with the bytes of the whole file, its control segments and counts. `shared` is the
same where claims of one kind share their line records. About one claim in four has an add-on line, one in ten a
dependent, one in five a second site. Times are CPU seconds, the least of the rounds; peak memory is Python's own while
writing to nowhere. What is read back must agree with what was written, and the check must find nothing. Fails below the
floor of 60 MB a second, or where a claim written with others is not what it is written alone.
"""

from __future__ import annotations

import argparse
import io
import signal
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import islice

from cocm.basics.identity import Provenance
from cocm.basics.months import Month
from cocm.basics.npi import npi_check_digit
from cocm.care.people import Address, Subscriber
from cocm.claims.records import Claim, Organization, Person, ServiceLine
from cocm.x12 import Envelope, read_837p, read_segments, validate_837p, write_837p

FLOOR_MEGABYTES_PER_SECOND = 60
MONTH = Month(2026, 3)
LAST_NAMES = ("Davis", "Nguyen", "O'Brien", "García", "Smith-Jones", "Okafor", "Lee", "Van der Berg")
FIRST_NAMES = ("Ariana", "José", "Morgan", "An", "Grace", "Zoë", "Sam")
STREETS = ("Elm Street", "Oak Avenue Apt 4", "Lake View Road", "5th Street #12")


def npi(number: int) -> str:
    nine = f"1{number:08d}"
    return nine + npi_check_digit(nine)


BILLING = Organization(
    "Lakeside Family Medicine",
    npi(1),
    "941234567",
    "207Q00000X",
    Address("100 Main Street", "Oakland", "CA", "946120001"),
)
SITES = (
    None,
    None,
    None,
    None,
    Organization("Lakeside West", npi(2), "", "", Address("5 West St", "Berkeley", "CA", "947040002")),
)
PAYERS = tuple(Organization(f"Health Plan {number}", f"PLAN{number}", "", "", None) for number in range(3))
STAFF = tuple(
    Person(f"Doctor {chr(65 + number)}", "Pat", npi(10 + number), "207Q00000X") for number in range(8)
)
PROVENANCE = Provenance("bench", date(2026, 4, 2), "bench")
ENVELOPE = Envelope(
    sender_id="LAKESIDE01",
    sender_name="Lakeside Family Medicine",
    contact_name="Billing",
    contact_phone="5105550100",
    receiver_id="CLEARHOUSE",
    receiver_name="Clearing House",
    created_at=datetime(2026, 4, 2, 9, 30),  # noqa: DTZ001  # a file's own local time
    interchange_control_number=1,
    group_control_number=1,
)


class Nowhere(io.RawIOBase):
    """Takes everything and keeps nothing."""

    def write(self, data: object) -> int:
        return len(data)  # type: ignore[arg-type]  # bytes are all that comes


def claims() -> Iterator[Claim]:
    """Claims without end, each of another patient."""
    base = ServiceLine(1, "99493", (), 1, 15047, MONTH.last_day, (1, 2))
    add_on = ServiceLine(2, "99494", (), 2, 12158, MONTH.last_day, (1,))
    number = 0
    while True:
        number += 1
        is_dependent = number % 10 == 0
        holder = Subscriber(
            LAST_NAMES[number % 8], FIRST_NAMES[number % 5], None, "", Address("", "", "", "")
        )
        yield Claim(
            claim_id=f"C-{number:016d}",
            organization_id="bench",
            month=MONTH,
            pack_id="cpt",
            patient_id=f"P{number}",
            patient_last_name=f"{LAST_NAMES[number % 8]} {_letters(number)}",
            patient_first_name=FIRST_NAMES[number % 7],
            patient_birth_date=date(1940, 1, 1) + timedelta(days=number % 25_000),
            patient_sex="FMU"[number % 3],
            patient_address=Address(
                f"{number} {STREETS[number % 4]}", "Oakland", "CA", f"{94000 + number % 900}"
            ),
            relationship="child" if is_dependent else "self",
            subscriber=holder if is_dependent else None,
            member_id=f"M{number:010d}",
            group_number="" if number % 3 else f"G{number % 40}",
            claim_filing_code=("CI", "MB", "MC")[number % 3],
            payer_sequence="P",
            payer=PAYERS[number % 3],
            billing=BILLING,
            billing_phone="5105550100",
            rendering=STAFF[number % 8],
            supervising=STAFF[0] if number % 20 == 0 else None,
            referring=STAFF[1] if number % 7 == 0 else None,
            service_facility=SITES[number % 5],
            place_of_service_code="11",
            frequency_code="7" if number % 50 == 0 else "1",
            payer_claim_control_number=f"ICN{number}" if number % 50 == 0 else "",
            diagnosis_codes=("F32.1", "F41.1"),
            lines=(base, add_on) if number % 4 == 0 else (base,),
            provenance=PROVENANCE,
        )


def _letters(number: int) -> str:
    text = ""
    while number:
        number, at = divmod(number, 26)
        text += chr(65 + at)
    return text


def least(rounds: int, work: Callable[[], object]) -> float:
    """The least CPU seconds of some runs."""
    spent = []
    for _ in range(rounds):
        started = time.process_time()
        work()
        spent.append(time.process_time() - started)
    return min(spent)


def without_fault(claim: Claim) -> Claim:
    """The claim as the check takes it: Medicare insures each person alone, a dependent is another plan's."""
    return claim if claim.relationship == "self" else replace(claim, claim_filing_code="CI")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--claims", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=7)
    arguments = parser.parse_args()
    shared = list(islice(map(without_fault, claims()), arguments.claims))
    made = [replace(claim, lines=tuple(map(replace, claim.lines))) for claim in shared]
    out = io.BytesIO()
    result = write_837p(made, ENVELOPE, out)
    content = out.getvalue()

    check_alone(made[:700])
    seconds = least(arguments.rounds, lambda: write_837p(made, ENVELOPE, io.BytesIO()))
    seconds_shared = least(arguments.rounds, lambda: write_837p(shared, ENVELOPE, io.BytesIO()))
    megabytes_per_second = len(content) / 1e6 / seconds
    print(
        f"{result.claim_count:,} claims, {result.service_line_count:,} lines, {result.segment_count:,} segments, "
        f"{len(content) / 1e6:.1f} MB in {result.transaction_count} transactions"
    )
    report("write", seconds, result.claim_count, len(content))
    report("shared", seconds_shared, result.claim_count, len(content))
    print(f"       peak memory, written as they are made: {peak_mib(arguments.claims):.1f} MiB")

    report(
        "tokens", least(1, lambda: sum(1 for _ in read_segments(content))), result.claim_count, len(content)
    )
    report("read", least(1, lambda: check_read(content, result.claim_count, result.charge_amount_cents)),
           result.claim_count, len(content))  # fmt: skip
    report("check", least(1, lambda: check_clean(content)), result.claim_count, len(content))
    if megabytes_per_second < FLOOR_MEGABYTES_PER_SECOND:
        print(f"below the floor of {FLOOR_MEGABYTES_PER_SECOND} MB a second")
        return 1
    return 0


def report(name: str, seconds: float, claim_count: int, byte_count: int) -> None:
    print(
        f"{name:<6} {seconds:6.2f} s  {claim_count / seconds:>9,.0f} claims/s  {byte_count / 1e6 / seconds:6.1f} MB/s"
    )


def peak_mib(count: int) -> float:
    """Python's peak memory while claims are made and written one after the other."""
    tracemalloc.start()
    write_837p(islice(claims(), count), ENVELOPE, Nowhere())  # type: ignore[arg-type]  # the writer only writes
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 2**20


def check_read(content: bytes, claim_count: int, charge_amount_cents: int) -> None:
    found = total = 0
    for record in read_837p(content):
        found += 1
        total += record.charge_amount_cents
    assert (found, total) == (claim_count, charge_amount_cents), "what was read is not what was written"


def check_alone(some: list[Claim]) -> None:
    """A claim's own segments are the same whether it is written with many others or alone."""
    together, alone = io.BytesIO(), io.BytesIO()
    write_837p(some, ENVELOPE, together)
    for claim in some:
        write_837p([claim], ENVELOPE, alone)
    assert own_segments(together) == own_segments(alone), "a claim differs when it is written with others"


def own_segments(file: io.BytesIO) -> list[bytes]:
    """The segments below the levels, which are numbered through a file."""
    shared = (
        b"ISA",
        b"GS*",
        b"ST*",
        b"BHT",
        b"HL*",
        b"SE*",
        b"GE*",
        b"IEA",
        b"NM1*41",
        b"NM1*40",
        b"PER",
        b"PRV*BI",
    )
    segments = [one for one in file.getvalue().split(b"~") if not one.startswith((*shared, b"NM1*85"))]
    return [
        one
        for one in segments
        if one not in (b"N3*100 MAIN STREET", b"N4*OAKLAND*CA*946120001", b"REF*EI*941234567")
    ]


def check_clean(content: bytes) -> None:
    problems = validate_837p(content)
    assert not problems, problems[:3]


if __name__ == "__main__":
    if hasattr(signal, "SIGPIPE"):  # `| head` ends it without a word
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    sys.exit(main())
