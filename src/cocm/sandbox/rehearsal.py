"""Rehearses a month: the same claims sent raw and sent after the check, to a plan that errs and to the rules alone.

The plan that errs makes its mistakes at rates that somebody chose; what comes out shows what a check and rules are
worth under those rates, and is no evidence about any payer.
"""

from __future__ import annotations

import io
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from cocm.basics.months import Month
from cocm.plan.mistakes import ErringPlan, Mistake
from cocm.rules import Rulebook, Severity
from cocm.sandbox.coding_faults import CodingFault
from cocm.sandbox.plan_folder import PlanRequest, write_sandbox_plan
from cocm.sandbox.raw_month import PayerMonth, raw_months
from cocm.sandbox.run import RunMade, RunRequest, run_sandbox
from cocm.scrub.report import ClaimReport
from cocm.scrub.scrub import Scrub, ScrubRequest
from cocm.synth.practice import SynthRequest, write_practice
from cocm.x12 import read_837p
from cocm.x12.record_writer import write_records
from cocm.x12.repair import repair_837p

DEFAULT_RATES: Final[Mapping[Mistake, int]] = {
    Mistake.ROUTE_BY_DIAGNOSIS: 15,
    Mistake.DUPLICATE_OF_PSYCHOTHERAPY: 50,
    Mistake.WRONG_COST_SHARE: 15,
    Mistake.DENY_FOR_RECORDS: 5,
    Mistake.ASK_FOR_RECORDS: 5,
}
"""Invented: the seeds of the project name the mistakes, and nobody has published how often each is made."""
DEFAULT_CODING_PERCENT: Final = 10
DEFAULT_FORMATTING_PERCENT: Final = 4
PRACTICES_MAX: Final = 50
_DAYS_AFTER_MONTH: Final = 2
_MONTHS: Final = 2

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class RehearsalRequest:
    """How many synthetic practices, how large, which month, and how the plan errs; the same seed, the same report."""

    practices: int
    patients: int
    month: Month
    seed: int
    rates: Mapping[Mistake, int]
    coding_percent: int = DEFAULT_CODING_PERCENT
    formatting_percent: int = DEFAULT_FORMATTING_PERCENT


@dataclass(slots=True)
class Lane:
    """What became of one way to send the month. Amounts are charges in cents, except `paid` and the members' share.

    `held` claims were kept back by the check, for a person to mend. `misrouted` are among the denied ones. A member's
    share is wrong where the same claim, decided by the rules, has another one.
    """

    name: str
    errs: bool
    held: int = 0
    held_cents: int = 0
    sent: int = 0
    sent_cents: int = 0
    rejected: int = 0
    rejected_cents: int = 0
    denied: int = 0
    denied_cents: int = 0
    lines_denied_of_paid_claims: int = 0
    pended: int = 0
    pended_cents: int = 0
    misrouted: int = 0
    misrouted_cents: int = 0
    paid: int = 0
    paid_amount_cents: int = 0
    member_share_cents: int = 0
    wrong_shares: int = 0
    wrong_share_cents: int = 0
    mistakes: Counter[Mistake] = field(default_factory=Counter)
    denied_for: Counter[str] = field(default_factory=Counter)

    @property
    def decided(self) -> int:
        """Claims that got past the acknowledgment."""
        return self.sent - self.rejected

    @property
    def denied_permille(self) -> int:
        """Denied of a thousand claims that were taken in, rounded half up; 0 where there are none."""
        return (2_000 * self.denied + self.decided) // (2 * self.decided) if self.decided else 0


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """The lanes side by side. `claims` and `charge_cents` are the month's, `faults` were put into them on purpose,
    `repairs` is what the check mended in form.
    """

    request: RehearsalRequest
    claims: int
    charge_cents: int
    faults: Mapping[CodingFault, int]
    repairs: int
    held_for: Mapping[str, int]
    lanes: tuple[Lane, ...]


def rehearse(request: RehearsalRequest, rulebook: Rulebook, *, progress: Progress | None = None) -> Rehearsal:
    """Run the month of every practice through every lane. `progress` is told the practices done."""
    run = _Run(request, rulebook)
    for number in range(1, request.practices + 1):
        with tempfile.TemporaryDirectory(prefix="cocm-rehearsal-") as folder:
            run.practice(Path(folder), number)
        if progress is not None:
            progress(number)
    return run.finished()


def as_of_date(month: Month) -> date:
    """The day on which everything of a rehearsed month is sent and decided."""
    return month.last_day + timedelta(days=_DAYS_AFTER_MONTH)


class _Run:
    """The rehearsal under way."""

    def __init__(self, request: RehearsalRequest, rulebook: Rulebook) -> None:
        self.request, self.rulebook = request, rulebook
        self.as_of = as_of_date(request.month)
        self.claims = self.charge_cents = self.repairs = 0
        self.held_for: Counter[str] = Counter()
        self.faults: Counter[CodingFault] = Counter()
        self.raw = Lane("sent raw", errs=True)
        self.checked = Lane("sent after the check", errs=True)
        self.raw_by_rules = Lane("sent raw, decided by the rules", errs=False)
        self.checked_by_rules = Lane("sent after the check, decided by the rules", errs=False)

    def finished(self) -> Rehearsal:
        lanes = (self.raw, self.checked, self.raw_by_rules, self.checked_by_rules)
        return Rehearsal(
            self.request, self.claims, self.charge_cents, self.faults, self.repairs, self.held_for, lanes
        )

    def practice(self, folder: Path, number: int) -> None:
        """One synthetic practice with all its payers."""
        seed = self.request.seed * 1_000 + number
        tables = folder / "practice"
        write_practice(SynthRequest(tables, self.request.patients, _MONTHS, seed, self.request.month))
        for payer_identifier, month in sorted(
            raw_months(
                tables, self.request.month, self.rulebook, self.as_of, self.request.coding_percent, seed
            ).items()
        ):
            self._payer(folder / payer_identifier, tables, month, seed)

    def _payer(self, folder: Path, tables: Path, month: PayerMonth, seed: int) -> None:
        folder.mkdir()
        raw = folder / "raw.837"
        raw.write_bytes(month.raw_file(self.as_of, self.request.formatting_percent, seed))
        files = [raw]
        earlier_bytes = month.earlier_file(self.as_of)
        earlier = folder / "earlier.837" if earlier_bytes else None
        if earlier is not None:
            earlier.write_bytes(earlier_bytes)
            files.append(earlier)
        plan = folder / "plan"
        write_sandbox_plan(
            PlanRequest(plan, tuple(files), tables, month.pack_id, month.payer_identifier), self.rulebook
        )
        state = folder / "state.sqlite"
        if earlier is not None:
            self._decided(earlier, plan, folder / "earlier", state, None)
        charges = {one.claim_id: one.charge_amount_cents for one in read_837p(raw.read_bytes())}
        self.faults.update(month.faults)
        self.claims += len(charges)
        self.charge_cents += sum(charges.values())
        checked, held = self._check(raw, earlier, month.pack_id, folder / "checked.837")
        erring = ErringPlan(self.request.rates, seed)
        shares: dict[str, int] = {}
        for lane, file, rules in (
            (self.raw_by_rules, raw, None),
            (self.checked_by_rules, checked, None),
            (self.raw, raw, erring),
            (self.checked, checked, erring),
        ):
            if file is checked:
                lane.held += len(held)
                lane.held_cents += sum(charges[claim_id] for claim_id in held)
            if file.stat().st_size:
                own_state = folder / f"{lane.name}.sqlite"
                if state.exists():
                    shutil.copyfile(state, own_state)
                made = self._decided(file, plan, folder / lane.name, own_state, rules)
                held_here = held if file is checked else frozenset()
                _add(lane, made, {one: charges[one] for one in charges if one not in held_here}, shares)

    def _decided(self, file: Path, plan: Path, out: Path, state: Path, erring: ErringPlan | None) -> RunMade:
        return run_sandbox(RunRequest(file, plan, out, self.as_of, self.as_of, erring, state), self.rulebook)

    def _check(self, raw: Path, earlier: Path | None, pack_id: str, out: Path) -> tuple[Path, frozenset[str]]:
        """The file mended in form and without the claims that the check holds; the ids of those."""
        mended = io.BytesIO()
        with raw.open("rb") as source:
            self.repairs += len(repair_837p(source, mended).repairs)
        out.write_bytes(mended.getvalue())
        scrub = Scrub(ScrubRequest((out,), self.as_of, pack_id, earlier), self.rulebook)
        scrub.prepare()
        held: set[str] = set()
        for report in scrub.reports():
            if isinstance(report, ClaimReport):
                blocks = {one.edit_id for one in report.result.failures if one.severity is Severity.BLOCK}
                if blocks or report.problems:
                    held.add(report.claim_id)
                    self.held_for.update(blocks or {"form"})
        kept = [record for record in read_837p(mended.getvalue()) if record.claim_id not in held]
        clean = io.BytesIO()
        if kept:
            write_records(kept, clean)
        out.write_bytes(clean.getvalue())
        return out, frozenset(held)


def _add(lane: Lane, made: RunMade, sent: Mapping[str, int], shares: dict[str, int]) -> None:
    """Add a plan's answers. `shares` are those of paid claims, from the lanes that do not err: they run first."""
    lane.sent += len(sent)
    lane.sent_cents += sum(sent.values())
    answered = {claim["claim_id"] for claim in made.trace}
    refused = [cents for claim_id, cents in sent.items() if claim_id not in answered]
    lane.rejected += len(refused)
    lane.rejected_cents += sum(refused)
    for claim in made.trace:
        claim_id = claim["claim_id"]
        _add_claim(lane, claim, sent[claim_id])
        if claim["answer"] != "paid":
            continue
        difference = claim["member_share_cents"] - shares.setdefault(claim_id, claim["member_share_cents"])
        if lane.errs and difference:
            lane.wrong_shares += 1
            lane.wrong_share_cents += abs(difference)
    lane.mistakes.update(made.mistakes)


def _add_claim(lane: Lane, claim: Mapping[str, Any], cents: int) -> None:
    steps = {reason["step"] for line in claim["lines"] for reason in line["reasons"]}
    if claim["answer"] == "paid":
        lane.paid += 1
        lane.paid_amount_cents += claim["paid_amount_cents"]
        lane.member_share_cents += claim["member_share_cents"]
        lane.lines_denied_of_paid_claims += sum(line["answer"] == "denied" for line in claim["lines"])
    elif claim["answer"] == "denied":
        lane.denied += 1
        lane.denied_cents += cents
        lane.denied_for.update(_causes(claim["lines"]))
    elif claim["answer"] == "pended":
        lane.pended += 1
        lane.pended_cents += cents
    if "mistake_route_by_diagnosis" in steps:
        lane.misrouted += 1
        lane.misrouted_cents += cents


def _causes(lines: Iterable[Mapping[str, Any]]) -> Sequence[str]:
    """What a denied claim was denied for: each step once."""
    return sorted(
        {reason["step"] for line in lines for reason in line["reasons"] if reason["codes"] is not None}
    )
