"""What makes the plan quick changes no byte: neither reading, deciding and writing alike once, nor a second process."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))

import plan_adjudicate as crowd
from cocm.basics.errors import StateError
from cocm.basics.months import Month
from cocm.edits import check
from cocm.edits.derive import policy_context
from cocm.plan import adjudicate as plan_adjudicate
from cocm.plan import remembered
from cocm.plan.decision import ClaimDecisionMade
from cocm.plan.history import DecidedLine
from cocm.plan.interest import Interest
from cocm.plan.trace import trace_json, trace_text
from cocm.plandesk import adjudicate, deciding, state, trace_files
from cocm.plandesk.aside import CAN_SPLIT, Aside, HandedOver
from cocm.plandesk.deciding import DecidedPart, Deciding, member_key
from cocm.plandesk.folder import read_plan
from cocm.plandesk.state import PlanState, member_files
from cocm.plandesk.trace_files import TraceShare
from cocm.plandesk.trace_writer import TraceWriter
from cocm.rules import Rulebook
from cocm.x12 import reply as reply_module
from cocm.x12.claim_acknowledgment import write_277ca_exactly
from cocm.x12.claim_acknowledgment_build import decide_claims
from cocm.x12.claim_reader import follow_837p
from cocm.x12.claim_record import ClaimRecord, UnreadableClaim
from cocm.x12.remittance_writer import write_exactly
from cocm.x12.reply import Reply, answered_of

MONTHS = (Month(2026, 2), Month(2026, 3))
RULEBOOK = Rulebook()
pytestmark = pytest.mark.filterwarnings(
    "ignore:.*multi-threaded.*fork:DeprecationWarning"  # the test runner's own threads
)


class Run:
    """Months of a plan, taken in one after the other into a state of its own."""

    def __init__(self, folder: Path, members: int, months: tuple[Month, ...] = MONTHS) -> None:
        self.folder, self.months = folder, months
        plan = crowd.Plan(members)
        plan.write_tables(folder / "plan")
        self.book = read_plan(folder / "plan", RULEBOOK).book
        state_file = folder / "first.sqlite"
        for at, month in enumerate(months):
            before = crowd.numbers_of(state_file) if at else {}
            crowd.write_file(plan.claims(month, before), folder / f"{month}.837", month, at + 1)
            self._take(month, state_file, folder / f"first-{month}", 1)

    def _take(self, month: Month, state_file: Path, out: Path, workers: int) -> None:
        received = date(month.plus(1).year, month.plus(1).number, 6)
        day = (
            received if month != MONTHS[-1] else received + timedelta(days=40)
        )  # the last month is paid late
        request = adjudicate.AdjudicationRequest(
            self.folder / f"{month}.837", out, state_file, day, received, None, workers
        )
        adjudicate.adjudicate_file(request, self.book, RULEBOOK)

    def again(self, name: str, workers: int = 1) -> None:
        """The same months in another way."""
        for month in self.months:
            self._take(month, self.folder / f"{name}.sqlite", self.folder / f"{name}-{month}", workers)

    def answers(self, name: str) -> dict[str, bytes]:
        return {
            f"{month} {path.name}": path.read_bytes()
            for month in self.months
            for path in sorted((self.folder / f"{name}-{month}").iterdir())
        }

    def rows(self, name: str) -> list[str]:
        with closing(sqlite3.connect(self.folder / f"{name}.sqlite")) as connection:
            return [
                repr(row)
                for table in ("batch", "decided_claim", "decided_line", "batch_file")
                for row in connection.execute(f"SELECT * FROM {table} ORDER BY rowid")
            ]


class _FileOfState:
    """A member's file that asks the state anew each time."""

    def __init__(self, plan_state: PlanState, key: Any) -> None:
        self._state, self._key = plan_state, key

    def history(self) -> Any:
        return self._state.history(self._key)

    def met(self, year: int, opening: Any, without: str = "") -> Any:
        return self._state.met(self._key, year, opening, without)

    def find_claim(self, number: str) -> Any:
        return self._state.find_claim(number, self._key)

    def find_corrected(self, number: str) -> Any:
        rows = self._state.member_rows([self._key])
        return member_files(rows)[self._key].find_corrected(number)

    def add(self, decision: ClaimDecisionMade) -> None:
        """The state holds it by then."""


def _decide_one_by_one(
    self: Deciding,
    records: Sequence[ClaimRecord],
    plan_state: PlanState,
    answering: Callable[[], tuple[Reply, ...]] | None = None,
) -> Iterator[DecidedPart]:
    for place, record in enumerate(records):
        key = member_key(record)
        files: Any = {} if key is None else {key: _FileOfState(plan_state, key)}
        share = TraceShare(self.new_file(), self.new_file())
        ((_, one),) = self.decided(records, [place], files, share)
        replies = answering() if answering is not None and not place else ()
        yield DecidedPart([one], [(share, share.finish())], replies)


class _ReceivedSlowly:
    """A file's claims, each followed; its answers made of the file alone."""

    def __init__(
        self, content: bytes, *, at: Any, first_control_number: int, code_sets: Any, checked: Any, **_: Any
    ) -> None:
        unreadable: list[UnreadableClaim] = []
        records = tuple(follow_837p(content, on_unreadable=unreadable.append))
        self.decisions = decide_claims(records, checked().problems, at.date())
        self.unreadable = tuple(unreadable)
        self.replies = lambda: tuple(
            reply_module.reply(content, at=at, first_control_number=first_control_number, code_sets=code_sets)
        )

    def accepted(self) -> list[ClaimRecord]:
        return answered_of([one.claim for one in self.decisions if one.is_accepted], self.replies())


def _line_slowly(line: DecidedLine) -> str:
    values = asdict(line)
    values["adjustments"] = [list(one.values())[:3] for one in values["adjustments"]]
    return json.dumps(list(values.values()), default=str, separators=(",", ":"), ensure_ascii=False)


@pytest.fixture
def nothing_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every claim is followed, decided, written and told by itself."""

    def answer(self: Any, values: Any) -> Any:
        return self._evaluated({**policy_context(self._policy).facts, **values})

    def told(self: TraceWriter, decision: ClaimDecisionMade, interest: Interest | None) -> bytes:
        values = trace_json(decision, interest)
        return json.dumps(values, default=str, separators=(",", ":"), ensure_ascii=False).encode()

    monkeypatch.setattr(check._Group, "answer", answer)
    monkeypatch.setattr(
        plan_adjudicate, "judge_claims", lambda subjects: list(map(check.check_claim, subjects))
    )
    monkeypatch.setattr(remembered.Remembered, "get", lambda self, key: None)
    monkeypatch.setattr(remembered.Remembered, "__contains__", lambda self, key: False)
    monkeypatch.setattr(remembered.OfIdentity, "get", lambda self, key: None)
    monkeypatch.setattr(TraceWriter, "json_line", told)
    monkeypatch.setattr(
        TraceWriter, "text", lambda self, *one: "".join(f"{line}\n" for line in trace_text(*one))
    )
    monkeypatch.setattr(state, "_line_text", _line_slowly)
    monkeypatch.setattr(Deciding, "parts", _decide_one_by_one)
    monkeypatch.setattr(adjudicate, "receive_claims", _ReceivedSlowly)
    monkeypatch.setattr(adjudicate, "write_835", write_exactly)
    monkeypatch.setattr(reply_module, "write_277ca", write_277ca_exactly)
    monkeypatch.setattr(reply_module, "read_837p", follow_837p)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    yield Run(tmp_path_factory.mktemp("plan"), members=230)


@pytest.mark.usefixtures("nothing_alike")
def test_claims_alike_are_decided_as_claims_by_themselves(small: Run) -> None:
    small.again("slow")
    assert small.answers("slow") == small.answers("first")
    assert small.rows("slow") == small.rows("first")


def test_lines_of_the_first_states_are_read(small: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """They were kept as objects, by the names of their fields."""
    first, last = MONTHS
    with monkeypatch.context() as patched:
        patched.setattr(state, "_line_text", lambda line: json.dumps(asdict(line), default=str))
        small._take(first, small.folder / "objects.sqlite", small.folder / f"objects-{first}", 1)
    small._take(last, small.folder / "objects.sqlite", small.folder / f"objects-{last}", 1)
    assert small.answers("objects") == small.answers("first")
    kept = [row for row in small.rows("objects") if "{" in row and "99493" in row]
    assert kept, "the first month's lines are objects"


def test_every_answer_is_among_them(small: Run) -> None:
    """The comparison would prove little otherwise."""
    summaries = [
        json.loads((small.folder / f"first-{month}" / "summary.json").read_bytes()) for month in MONTHS
    ]
    for name in ("paid", "denied", "pended", "forwarded", "reversed", "rejected"):
        assert any(summary[f"claims_{name}"] for summary in summaries), name
    texts = b"".join(small.answers("first").values())
    assert b"true duplicate" in texts and b"CLP*" in texts and b"*U*" in texts
    assert b'"days_late":10' in texts and b"is paid 10 days after" in texts


@pytest.mark.parametrize("workers", [2, 3])
def test_processes_change_no_byte(small: Run, workers: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deciding, "CLAIMS_WORTH_A_WORKER", 20)
    monkeypatch.setattr(deciding, "CLAIMS_PER_CHUNK", 100)
    monkeypatch.setattr(adjudicate, "BYTES_WORTH_A_WORKER", 1)
    small.again(f"with-{workers}", workers)
    assert small.answers(f"with-{workers}") == small.answers("first")
    assert small.rows(f"with-{workers}") == small.rows("first")


@pytest.mark.once
def test_a_file_that_is_worth_two_processes(tmp_path: Path) -> None:
    run = Run(tmp_path, 2_400, MONTHS[-1:])
    assert (tmp_path / f"{MONTHS[-1]}.837").stat().st_size > adjudicate.BYTES_WORTH_A_WORKER
    run.again("second", 2)
    assert run.answers("second") == run.answers("first")
    assert run.rows("second") == run.rows("first")
    assert len([row for row in run.rows("first") if row.startswith("('P-")]) > 5_000


def test_traces_that_do_not_wait_are_the_same(small: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deciding, "CLAIMS_PER_CHUNK", 60)
    monkeypatch.setattr(trace_files, "SHARES_WAITING_MAX", 1)
    small.again("unwaiting")
    assert small.answers("unwaiting") == small.answers("first")


def test_each_claims_trace_is_a_line(small: Run) -> None:
    content = (small.folder / f"first-{MONTHS[-1]}" / "trace.json").read_bytes()
    claims = json.loads(content)["claims"]
    lines = [line.rstrip(b",") for line in content.splitlines() if line.startswith(b'{"claim_number"')]
    assert len(claims) > 200
    assert [json.loads(line) for line in lines] == claims


@dataclass(frozen=True)
class _OfMember:
    member_id: str


@given(
    st.lists(st.integers(0, 30), min_size=1, max_size=200),
    st.lists(st.floats(0, 50), min_size=1, max_size=5),
)
def test_claims_are_shared_so_that_all_end_at_once(members: list[int], before: list[float]) -> None:
    records: Any = [_OfMember(str(member)) for member in members]
    shares = deciding._shares(records, before)
    assert sorted(at for share in shares for at in share) == list(range(len(records)))
    assert all(share == sorted(share) for share in shares)
    process_of = {records[at].member_id: number for number, share in enumerate(shares) for at in share}
    assert all(
        process_of[records[at].member_id] == number for number, share in enumerate(shares) for at in share
    )
    if len(set(members)) == len(members):  # nobody's claims lie elsewhere: no process waits for another
        at_end = (len(records) + sum(before)) / len(before)
        if at_end >= max(before):
            ends = [len(share) + one for share, one in zip(shares, before, strict=True)]
            assert max(ends) - min(ends) <= 2


@pytest.mark.parametrize("apart", [True, False])
def test_work_aside_is_handed_what_was_not_there_when_it_began(apart: bool, tmp_path: Path) -> None:
    value = {("GHP1", "1990-01-01"): [(("P-1", 2026, None), ["[1,2]"] * 50_000)]}
    with HandedOver((tmp_path / "handed").open("w+b")) as handed, Aside(handed.taken, apart=apart) as work:
        handed.give(value)
        assert work.result() == value


@pytest.mark.skipif(not CAN_SPLIT, reason="work is done aside on Linux only")
def test_work_that_is_handed_nothing_ends(tmp_path: Path) -> None:
    """As where its parent is killed: the child does not wait for ever."""
    handed = HandedOver((tmp_path / "handed").open("w+b"))
    with Aside(handed.taken, apart=True) as work:
        handed.__exit__()
        with pytest.raises(EOFError, match="handed over"):
            work.result()


def _broken() -> None:
    raise StateError("the disk is full")


@pytest.mark.parametrize("apart", [True, False])
def test_an_error_aside_is_the_parents(apart: bool) -> None:
    with Aside(_broken, apart=apart) as work, pytest.raises(StateError, match="the disk is full"):
        work.result()


@pytest.mark.skipif(not CAN_SPLIT, reason="work is done aside on Linux only")
def test_a_child_that_is_killed_is_told() -> None:
    with Aside(lambda: time.sleep(30), apart=True) as work:
        work._process.kill()
        with pytest.raises(StateError, match="--workers 1"):
            work.result()


@pytest.mark.once
@pytest.mark.skipif(not CAN_SPLIT, reason="kills a process by its signal")
def test_killed_at_any_moment_the_state_is_before_or_after(small: Run, tmp_path: Path) -> None:
    month = MONTHS[0]
    command = [
        sys.executable, "-m", "cocm.cli", "plan", "adjudicate", str(small.folder / f"{month}.837"),
        "--plan", str(small.folder / "plan"), "--workers", "2", "--as-of", "2026-03-06", "--out", str(tmp_path / "out"),
    ]  # fmt: skip
    began = time.monotonic()
    subprocess.run(
        [*command, "--state", str(tmp_path / "timed.sqlite")], stdout=subprocess.DEVNULL, check=False
    )
    whole_seconds = time.monotonic() - began
    command += ["--state", str(tmp_path / "s.sqlite")]
    for part in (0.5, 0.75, 0.95):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        time.sleep(part * whole_seconds)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode in (0, 1)
    with closing(sqlite3.connect(tmp_path / "s.sqlite")) as connection:
        (batches,) = connection.execute("SELECT count(*) FROM batch").fetchone()
        (claims,) = connection.execute("SELECT count(*) FROM decided_claim").fetchone()
    summary = json.loads((tmp_path / "out" / "summary.json").read_bytes())
    assert batches == 1
    assert claims == summary["claims"] - summary["claims_rejected"] - summary["claims_unreadable"]
