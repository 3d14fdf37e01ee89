"""Sixty people at once on PostgreSQL: how long a request takes, and whether everything acknowledged is there once.

    python benchmarks/load.py [--users 60] [--seconds 120] [--patients 300] [--workers 2] [--threads 8]
    LOAD_USERS=10 LOAD_SECONDS=20 make load

The site runs as `cocm serve` on a PostgreSQL of its own, with row-level security. Care managers, consultants,
practitioners, billing and managers look at the caseload and charts, time and record contacts, keep drafts, add scores;
programmes use the API. Some click twice, some send again. Then eight writers record contacts while the server is
killed (SIGKILL) and started again, twice.

Exit status 1: p95 above 400 ms, an error, or a write that was acknowledged and is missing or there twice.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import threading
import time
import uuid
from collections import defaultdict
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from load_site import (  # found beside this file
    START_SECONDS_MAX,
    Person,
    Site,
    broken_ledgers,
    count_of,
    django_here,
    errors_logged,
    fill,
    keys_of,
    people,
    postgresql,
    trail_is_sound,
)
from load_users import DOUBTS, Seen, User

P95_SECONDS_MAX = 0.400
WRITERS = 8
KILLS = 2


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--users", type=int, default=int(os.environ.get("LOAD_USERS", 60)))
    parser.add_argument("--seconds", type=float, default=float(os.environ.get("LOAD_SECONDS", 120)))
    parser.add_argument("--patients", type=int, default=300)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--threads", type=int, default=8)
    parser.add_argument(
        "--think", type=float, default=8.0, help="mean seconds between two actions of a person"
    )
    parser.add_argument("--json", type=Path, help="write the figures here as well")
    options = parser.parse_args()
    with postgresql() as environment:
        print(f"filling a practice of {options.patients} patients ...", flush=True)
        fill(environment, options.patients)
        django_here(environment)
        staff = people(options.users)
        site = Site(environment, options.workers, options.threads)
        site.start()
        try:
            figures, faults = under_load(site, staff, options)
            killed, lost = killed_while_writing(site, [one for one in staff if one.token])
        finally:
            site.stop()
        faults += lost
        if not trail_is_sound(environment):
            faults.append("the trail's chain does not hold")
        faults += [f"the ledger of patient {patient} does not hold" for patient in broken_ledgers()]
        faults += [f"log: {line[:300]}" for line in errors_logged(site.log)[:10]]
    figures["killed"] = killed
    if figures["p95_seconds"] > P95_SECONDS_MAX:
        faults.append(
            f"p95 {figures['p95_seconds'] * 1000:.0f} ms, more than {P95_SECONDS_MAX * 1000:.0f} ms"
        )
    for fault in faults[:40]:
        print(f"  WRONG {fault}")
    print("passed" if not faults else f"{len(faults)} faults")
    if options.json:
        options.json.write_text(json.dumps(figures | {"faults": faults}, indent=2) + "\n")
    return 1 if faults else 0


def under_load(
    site: Site, staff: list[Person], options: argparse.Namespace
) -> tuple[dict[str, object], list[str]]:
    """Everybody at work for some time; the figures, and what is wrong."""
    warm(site, staff)
    before = keys_of("contacts.Contact", "pk")
    measures_before = count_of("registry.MeasureResult")
    seen, cpu = Seen(), site.cpu_seconds()
    until = time.monotonic() + options.seconds
    users = [User(person, site.port, seen, options.think, number) for number, person in enumerate(staff)]
    threads = [threading.Thread(target=user.work, args=(until,)) for user in users]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    cpu = site.cpu_seconds() - cpu
    figures = report(seen, cpu, options)
    faults = list(seen.faults)
    after = keys_of("contacts.Contact", "pk")
    new, acknowledged = set(after) - set(before), seen.entries | set(seen.keys.values())
    if len(after) - len(before) != len(new):
        faults.append("entries with the same id")
    faults += [f"entry {entry} was acknowledged and is not there" for entry in acknowledged - new]
    faults += [
        f"entry {entry} is there and nobody was told" for entry in new - acknowledged - seen.unanswered
    ]
    made = count_of("registry.MeasureResult") - measures_before
    if made != seen.measures:
        faults.append(f"{seen.measures} scores were acknowledged, {made} are there")
    print(f"writes acknowledged: {len(acknowledged)} contacts, {seen.measures} scores; all there, each once"
          if not faults else "writes: see below")  # fmt: skip
    return figures, faults


def warm(site: Site, staff: list[Person]) -> None:
    """Each worker has read the rulebook and each list's minutes before the clock runs."""
    seen = Seen()
    for number in range(4 * site.workers):
        person = next(one for one in staff if one.role == "bhcm")
        user = User(person, site.port, seen, 0, number)
        for action in (user.caseload, user.chart, user.month, user.api_read, user.api_codes):
            action()
        user.page("entry form", f"/contacts/{user.patient()}/entry/?new=1")
        user.close()
    everybody = [one for one in staff if one.role in ("billing", "manager")][:1]
    for person in everybody:
        User(person, site.port, seen, 0, 0).caseload()


def report(seen: Seen, cpu: float, options: argparse.Namespace) -> dict[str, object]:
    """Print what each kind of request took; the figures."""
    by_action: dict[str, list[float]] = defaultdict(list)
    for action, seconds, _ in seen.requests:
        by_action[action].append(seconds)
    every = sorted(seconds for _, seconds, _ in seen.requests)
    head = f"\n{options.users} people, {options.seconds:.0f} s, {len(every)} requests"
    each = cpu / max(1, len(every)) * 1000
    print(f"{head}, {len(every) / options.seconds:.1f} a second, server {each:.0f} ms CPU each")
    print(f"{'':<14}{'requests':>9}{'p50 ms':>9}{'p95 ms':>9}{'max ms':>9}")
    rows = [*sorted(by_action.items()), ("all", every)]
    figures: dict[str, object] = {}
    for action, times in rows:
        p50, p95, worst = statistics.median(times), percentile(times, 95), max(times)
        figures[action] = {"requests": len(times), "p50": p50, "p95": p95, "max": worst}
        print(f"{action:<14}{len(times):>9}{p50 * 1000:>9.0f}{p95 * 1000:>9.0f}{worst * 1000:>9.0f}")
    return {
        "users": options.users,
        "seconds": options.seconds,
        "requests": len(every),
        "cpu_seconds_server": cpu,
        "p95_seconds": percentile(every, 95),
        "actions": figures,
    }


def percentile(times: list[float], percent: int) -> float:
    """The time that so many of a hundred requests stay below."""
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


def killed_while_writing(site: Site, staff: list[Person]) -> tuple[dict[str, int], list[str]]:
    """Writers record contacts by API and page while the server is killed and started again; what got lost or doubled.

    A programme that gets no answer sends again with the same key: what was stored unacknowledged is found, not doubled.
    """
    seen = Seen()
    before = set(keys_of("contacts.Contact", "pk"))
    stop = threading.Event()
    bodies: dict[str, dict[str, object]] = {}

    def write(person: Person, number: int) -> None:
        user = User(replace(person), site.port, seen, 0, 1000 + number)
        while not stop.is_set():
            if number % 2:
                persistently(lambda: user.contact_by_hand(), stop)
                continue
            key, patient = str(uuid.uuid4()), user.patient()
            begun = datetime.now().astimezone() - timedelta(minutes=user.random.randint(900, 9_000))
            body: dict[str, object] = {
                "patient": patient, "started_at": begun.isoformat(timespec="seconds"), "service_minutes": 10,
                "activity": "follow_up", "confirmed": list(DOUBTS),
            }  # fmt: skip
            bodies[key] = body

            def send(key: str = key, body: dict[str, object] = body) -> None:
                content = user.api("kill", "contacts", body, key, expected=201)
                seen.keys[key] = json.loads(content)["id"]

            persistently(send, None)
        user.close()

    writers = [staff[number % len(staff)] for number in range(WRITERS)]
    threads = [threading.Thread(target=write, args=(one, number)) for number, one in enumerate(writers)]
    for thread in threads:
        thread.start()
    for _ in range(KILLS):
        time.sleep(3)
        site.kill()
        site.start()
    time.sleep(2)
    stop.set()
    for thread in threads:
        thread.join()
    new = set(keys_of("contacts.Contact", "pk")) - before
    by_key = set(seen.keys.values())
    faults = [f"killed: {fault}" for fault in seen.faults]
    faults += [
        f"killed: entry {one} was acknowledged and is not there" for one in (seen.entries | by_key) - new
    ]
    if len(by_key) != len(bodies):
        faults.append(f"killed: {len(bodies)} keys gave {len(by_key)} entries")
    stray = new - seen.entries - by_key - seen.unanswered
    faults += [f"killed: entry {one} is there and nobody asked for it" for one in stray]
    told = {"kills": KILLS, "acknowledged": len(seen.entries | by_key), "stored": len(new)}
    print(f"killed {KILLS} times while writing: {told['acknowledged']} contacts acknowledged, {told['stored']} stored"
          + ("" if faults else "; none lost, none twice"))  # fmt: skip
    return told, faults


def persistently(do: object, stop: threading.Event | None) -> None:
    """Once more after a broken connection, until it is done (or, with `stop`, until told)."""
    deadline = time.monotonic() + START_SECONDS_MAX
    while stop is None or not stop.is_set():
        try:
            do()  # type: ignore[operator]
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.3)
            if stop is not None:
                return


if __name__ == "__main__":
    sys.exit(main())
