"""One person at work: what they ask the site for, how often, and what it acknowledged."""

from __future__ import annotations

import http.client
import json
import random
import re
import select
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlencode

from load_site import Person

CSRF = "a" * 32
DOUBTS = (
    "future",
    "overnight",
    "long",
    "overlap_person",
    "overlap_patient",
    "day_total",
    "above_timer",
    "idle",
)
TWICE = 0.15
"""How often somebody clicks twice, or a programme sends once more."""


@dataclass
class Seen:
    """What all users saw: (action, seconds, status) each, faults, and the ids of what was acknowledged."""

    requests: list[tuple[str, float, int]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    entries: set[str] = field(default_factory=set)
    keys: dict[str, str] = field(default_factory=dict)
    unanswered: set[str] = field(default_factory=set)
    unanswered_keys: set[str] = field(default_factory=set)
    measures: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


class User:
    """Somebody with a session, working until told to stop."""

    def __init__(self, person: Person, port: int, seen: Seen, think_seconds: float, seed: int) -> None:
        self.person, self.port, self.seen, self.think_seconds = person, port, seen, think_seconds
        self.random = random.Random(seed)
        self.connection: http.client.HTTPConnection | None = None
        self.timing = ""

    def work(self, until: float) -> None:
        """One thing after the other, with time to think between them."""
        time.sleep(self.random.random() * self.think_seconds)
        actions = ACTIONS[self.person.role]
        while time.monotonic() < until:
            action: Callable[[User], None] = self.random.choices(
                [action for action, _ in actions], [weight for _, weight in actions]
            )[0]
            try:
                action(self)
            except OSError as problem:
                self.fault(action.__name__, str(problem))
            time.sleep(self.random.expovariate(1 / self.think_seconds) if self.think_seconds else 0)
        self.close()

    def close(self) -> None:
        """Let go of the connection: the server waits for those that are open when it is told to stop."""
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    # -- asking ----------------------------------------------------------------------------------------------------

    def page(
        self, action: str, path: str, form: list[tuple[str, str]] | None = None, expected: int = 200
    ) -> str:
        """A page as a browser asks for it; where the answer leads, for a redirect."""
        headers = {"Cookie": f"sessionid={self.person.session}; csrftoken={CSRF}", "Accept": "text/html"}
        if form is None:
            return self.send(action, "GET", path, headers, None, expected)[1]
        body = urlencode([*form, ("csrfmiddlewaretoken", CSRF)])
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        return self.send(action, "POST", path, headers, body, expected)[1]

    def api(self, action: str, path: str, body: object = None, key: str = "", expected: int = 200) -> str:
        """An operation of the API."""
        headers = {"Authorization": f"Bearer {self.person.token}", "Content-Type": "application/json"}
        if key:
            headers["Idempotency-Key"] = key
        text = None if body is None else json.dumps(body)
        return self.send(
            action, "GET" if body is None else "POST", f"/api/v1/{path}", headers, text, expected
        )[1]

    def send(
        self, action: str, method: str, path: str, headers: dict[str, str], body: str | None, expected: int
    ) -> tuple[int, str]:
        """One request over a connection that is kept; its time is noted. An unexpected status is a fault."""
        if self.connection is not None and hung_up(self.connection):
            self.close()  # the server lets go of a connection that was idle for half a minute; browsers open another
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        started = time.perf_counter()
        try:
            self.connection.request(method, path, body, headers)
            answer = self.connection.getresponse()
            content = answer.read().decode(errors="replace")
        except (OSError, http.client.HTTPException) as problem:
            self.connection.close()
            self.connection = None
            raise OSError(f"{type(problem).__name__} after {time.perf_counter() - started:.1f} s") from None
        self.seen.requests.append((action, time.perf_counter() - started, answer.status))
        if answer.status != expected:
            self.fault(action, f"{answer.status} instead of {expected}: {' '.join(content.split())[:300]}")
        return answer.status, answer.getheader("Location", "") if 300 <= answer.status < 400 else content

    def fault(self, action: str, what: str) -> None:
        self.seen.faults.append(f"{self.person.role} {action}: {what}")

    def patient(self) -> str:
        return self.random.choice(self.person.patients)

    def begun_at(self) -> datetime:
        """A moment of the last days, by the clock on the wall."""
        return datetime.now().astimezone() - timedelta(
            days=self.random.randint(0, 6), minutes=self.random.randint(900, 2_000)
        )

    # -- what people do --------------------------------------------------------------------------------------------

    def start(self) -> None:
        self.page("start", "/")

    def caseload(self) -> None:
        self.page("caseload", "/caseload/")

    def chart(self) -> None:
        self.page("chart", f"/caseload/{self.patient()}/")

    def month(self) -> None:
        self.page("month", f"/contacts/{self.patient()}/{datetime.now().astimezone():%Y-%m}/")

    def measure_form(self) -> None:
        self.page("measure form", f"/caseload/{self.patient()}/write/measure/")

    def search(self) -> None:
        self.page("search", "/caseload/find/", [("q", self.random.choice(("ma", "jo", "P0000", "li")))])

    def contact_by_hand(self) -> None:
        """Open the form, keep a draft, save; now and then with a double click."""
        patient = self.patient()
        content = self.page("entry form", f"/contacts/{patient}/entry/?new=1")
        found = re.search(r'name="entry_id" value="([0-9a-f-]{36})"', content)
        if found is None:
            self.fault("entry form", "no entry_id in it")
            return
        time.sleep(self.think_seconds / 3)
        form = self._entry(found[1])
        self.page("draft", f"/contacts/{patient}/draft/", form)
        time.sleep(self.think_seconds / 3)
        self._save(patient, found[1], form)

    def contact_by_timer(self) -> None:
        """Start a timer, look at the chart, stop it, save its minutes."""
        patient = self.patient()
        here = f"/contacts/{patient}/entry/"
        self.page("timer start", here, [("do", "timer_start")], expected=302)
        time.sleep(self.think_seconds / 2)
        self.page("chart", f"/caseload/{patient}/")
        self.page("timer stop", here, [("do", "timer_stop")], expected=302)
        content = self.page("entry form", here)
        found = re.search(r'name="entry_id" value="([0-9a-f-]{36})"', content)
        if found is not None:
            self._save(patient, found[1], [*self._entry(found[1]), ("uses_timer", "1")])

    def _entry(self, entry_id: str) -> list[tuple[str, str]]:
        begun = self.begun_at()
        return [
            ("entry_id", entry_id),
            ("activity", self.random.choice(("follow_up", "care_coordination", "measure"))),
            ("modality", "phone"),
            ("with_whom", "patient"),
            ("outcome", "done"),
            ("programme", "cocm"),
            ("day", f"{begun:%Y-%m-%d}"),
            ("at", f"{begun:%H:%M}"),
            ("service_minutes", str(self.random.randint(5, 45))),
            ("note_text", "Load test."),
        ]

    def _save(self, patient: str, entry_id: str, form: list[tuple[str, str]]) -> None:
        form = [*form, *(("confirmed", doubt) for doubt in DOUBTS), ("do", "save")]
        for _ in range(2 if self.random.random() < TWICE else 1):
            try:
                where = self.page("save", f"/contacts/{patient}/entry/", form, expected=302)
            except OSError:
                self.seen.unanswered.add(entry_id)
                raise
            if "#entry-" in where:
                self.seen.entries.add(entry_id)

    # -- what programmes do ----------------------------------------------------------------------------------------

    def api_read(self) -> None:
        if not self.person.token:
            return self.caseload()
        path = self.random.choice(
            ("caseload?limit=20", "contacts?limit=50", f"measures?patient={self.patient()}")
        )
        self.api("API read", path)
        return None

    def api_contact(self) -> None:
        if not self.person.token:
            return self.contact_by_hand()
        begun = self.begun_at()
        body = {
            "patient": self.patient(), "started_at": begun.isoformat(timespec="seconds"),
            "service_minutes": self.random.randint(5, 45), "activity": "follow_up", "confirmed": list(DOUBTS),
        }  # fmt: skip
        key = str(uuid.uuid4())
        for _ in range(2 if self.random.random() < TWICE else 1):
            try:
                content = self.api("API contact", "contacts", body, key, expected=201)
            except OSError:
                self.seen.unanswered_keys.add(key)
                raise
            if content.startswith('{"id"'):
                self.seen.keys[key] = json.loads(content)["id"]
        return None

    def api_measure(self) -> None:
        if not self.person.token:
            return self.measure_form()
        body = {"patient": self.patient(), "instrument": "gad-7", "taken_on": f"{datetime.now().astimezone():%Y-%m-%d}",
                "score": self.random.randint(0, 21)}  # fmt: skip
        content = self.api("API measure", "measures", body, str(uuid.uuid4()), expected=201)
        if content.startswith('{"id"'):
            with self.seen.lock:
                self.seen.measures += 1
        return None

    def api_codes(self) -> None:
        if not self.person.token:
            return self.start()
        item = {"payer": "medicare", "month": "2026-03", "month_kind": "later",
                "minutes": self.random.randint(0, 200)}  # fmt: skip
        self.api("API codes", "codes", {"items": [item]})
        return None


def hung_up(connection: http.client.HTTPConnection) -> bool:
    """Whether the other side has closed a connection that was kept; nothing else can be waiting on it."""
    return connection.sock is None or bool(select.select([connection.sock], [], [], 0)[0])


_CARE = (
    (User.caseload, 22), (User.chart, 20), (User.contact_by_hand, 14), (User.contact_by_timer, 8), (User.month, 8),
    (User.measure_form, 6), (User.api_measure, 5), (User.search, 5), (User.api_read, 4), (User.api_contact, 4),
    (User.start, 4),
)  # fmt: skip
ACTIONS = {
    "bhcm": (*_CARE, (User.api_codes, 3)),
    "psychiatric_consultant": (
        (User.caseload, 40),
        (User.chart, 40),
        (User.contact_by_hand, 12),
        (User.start, 8),
    ),
    "pcp": (
        (User.caseload, 20),
        (User.chart, 55),
        (User.contact_by_hand, 10),
        (User.search, 10),
        (User.start, 5),
    ),
    "billing": ((User.caseload, 45), (User.chart, 45), (User.search, 5), (User.start, 5)),
    "manager": ((User.caseload, 60), (User.start, 40)),
    "administrator": ((User.start, 100),),
}
"""What each role does how often."""
