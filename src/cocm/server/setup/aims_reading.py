"""What a tracker's sheet would change in the caseload: each row against the patient's own, nothing saved.

The sheet tells who is in care, in which status, and the first and last scores. It tells days of contacts, sessions and
minutes too: those are the ledger's and never taken from a sheet. What cannot be taken as it stands is refused with the
place where it is mended; what the site works out itself is left alone and told.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from uuid import UUID

from cocm.intake.problems import RowNote, RowProblem
from cocm.rules.care_flags import care_flags
from cocm.server.access.actor import Actor
from cocm.server.accounts.models import StaffMember
from cocm.server.registry.caseload import OPEN_STATUSES, Caseload, CaseloadRow
from cocm.server.registry.models import Episode, EpisodeStatus
from cocm.server.registry.services.episodes import ENDING
from cocm.server.rules_in_force import rulebook
from cocm.server.setup.aims_sheet import AimsSheet, SheetRow

Status = EpisodeStatus.Status
STATUSES: Final = {
    **{status.label.casefold(): status for status in Status},
    **{status.value: status for status in Status},
    "treatment": Status.ACTIVE,
    "relapse prevention plan": Status.MAINTENANCE,
    "rpp": Status.MAINTENANCE,
    "transferred": Status.TRANSFERRED,
}
"""The words a sheet may use, folded."""
_ENDINGS: Final = [status.label for status in ENDING]
SCALES: Final = (("phq-9", "phq_9_first", "phq_9_last"), ("gad-7", "gad_7_first", "gad_7_last"))
PERSON: Final = (("mrn", "medical_record_number"), ("first_name", "first_name"), ("last_name", "last_name"))
_TEAM: Final = (("care_manager", "bhcm"), ("psychiatric_consultant", "psychiatric_consultant"))
KINDS: Final = ("patients", "statuses", "scores", "reviews", "relapse plans")
BLOCK: Final = 400


@dataclass(slots=True)
class Tally:
    """Rows of one kind, as the preview counts them."""

    name: str
    file: str
    rows: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0


@dataclass(slots=True)
class RowChange:
    """What one row of the sheet would do. `episode` None: the patient is new."""

    row: SheetRow
    episode: CaseloadRow | None
    person: dict[str, str] = field(default_factory=dict)
    status: str = ""
    scores: list[tuple[str, date, int]] = field(default_factory=list)
    review: date | None = None
    relapse_plan: date | None = None
    team: dict[str, StaffMember] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether the row says what the site has already."""
        return self.episode is not None and not (
            self.person or self.status or self.scores or self.review or self.relapse_plan
        )


class AimsReading:
    """Reads a sheet against the caseload. `problems` are all rows that cannot be taken; `changes` the others."""

    def __init__(self, actor: Actor, sheet: AimsSheet, today: date) -> None:
        self.actor, self.sheet, self.today = actor, sheet, today
        self.scales = care_flags(rulebook()).scales
        self.changes: list[RowChange] = []
        self.staff = list(StaffMember.objects.of(actor))
        self._read()
        self.problems: list[RowProblem] = sorted(
            set(sheet.problems), key=lambda problem: (problem.row_number, problem.column)
        )
        faulty = {problem.row_number for problem in self.problems}
        self.changes = [change for change in self.changes if change.row.number not in faulty]
        self.notes: list[RowNote] = sheet.notes
        self.tables = self._tallies(len(faulty))

    def _read(self) -> None:
        wanted = {row.values["patient_id"] for row in self.sheet.rows}
        own = _own_episodes(self.actor, wanted, self.today)
        met: Counter[tuple[str, date | None]] = Counter()
        for row in self.sheet.rows:
            patient_id = row.values["patient_id"]
            met[(patient_id, row.get("i/a"))] += 1
            if met[(patient_id, row.get("i/a"))] > 1:
                self.sheet.refuse(row, "patient_id", "each episode of a patient once; an earlier row has it")
            elif patient_id in own:
                self._known(row, own[patient_id])
            elif sum(times for (found, _), times in met.items() if found == patient_id) > 1:
                self.sheet.refuse(
                    row, "patient_id", "one episode of a new patient; add others in the case file"
                )
            else:
                self._new(row)

    # -- a patient of the site's -----------------------------------------------------------------------------------

    def _known(self, row: SheetRow, episodes: list[CaseloadRow]) -> None:
        start = row.get("i/a")
        open_ones = [episode for episode in episodes if episode.values["end_date"] is None]
        at_hand = [episode for episode in episodes if episode.values["start_date"] == start]
        chosen = at_hand or ([] if start is not None else (open_ones or episodes)[:1])
        if not chosen:
            self.sheet.refuse(row, "i/a", "the first day of an episode in the case file, or nothing")
            return
        episode = chosen[0]
        change = RowChange(row, episode)
        for name, own in PERSON:
            given = row.get(name)
            if given is not None and given != episode.values[own]:
                change.person[own] = given
        self._status(row, change, episode)
        for scale, first, last in SCALES:
            self._scores(row, change, scale, first, last)
        self._review(row, change, episode)
        plan = row.get("rpp")
        if plan is not None and plan != episode.relapse_plan_date:
            change.relapse_plan = plan
            self._check_day(row, "rpp", plan, episode.values["start_date"])
        self._left_alone(row, episode)
        self.changes.append(change)

    def _status(self, row: SheetRow, change: RowChange, episode: CaseloadRow) -> None:
        status = self._status_of(row)
        if not status or status == episode.status:
            return
        if episode.values["end_date"] is not None:
            self.sheet.refuse(
                row, "status", "the status the episode ended with; begin a new one in the case file"
            )
        elif status == Status.ENDED:
            self.sheet.refuse(row, "status", "an ending that says how: " + ", ".join(_ENDINGS))
        else:
            change.status = status

    def _status_of(self, row: SheetRow) -> str:
        given = row.get("status")
        if given is None:
            return ""
        status = STATUSES.get(" ".join(given.casefold().split()))
        if status is None:
            self.sheet.refuse(row, "status", "one of " + ", ".join(status.label for status in Status))
            return ""
        return status.value

    def _scores(self, row: SheetRow, change: RowChange, scale: str, first: str, last: str) -> None:
        assert change.episode is not None
        held = change.episode.scores(scale)
        given_first, given_last = self._score(row, scale, first), self._score(row, scale, last)
        if held:
            if given_first is not None and given_first != held[0].score:
                self.sheet.refuse(row, first, "the first score of the case file; correct it there")
            if given_last is None or given_last == held[-1].score:
                return
            day = row.get("f/u")
            if day is None or not held[-1].taken_on < day <= self.today:
                self.sheet.refuse(
                    row, last, "the last score of the case file, or a newer one with its day in F/U"
                )
                return
            change.scores.append((scale, day, given_last))
            self.sheet.note(row, last, "a newer score is taken as of the day in F/U; the sheet has no other")
            return
        self._first_scores(row, change, scale, (first, last), change.episode.values["start_date"])

    def _first_scores(
        self, row: SheetRow, change: RowChange, scale: str, names: tuple[str, str], start: date
    ) -> None:
        first, last = (self._score(row, scale, name) for name in names)
        if first is None and last is None:
            return
        if first is None:
            self.sheet.refuse(row, names[0], "the first score, where there is a last one")
            return
        change.scores.append((scale, start, first))
        self.sheet.note(row, names[0], "the first score is taken as of the day in I/A")
        day = row.get("f/u")
        if last is None or (last == first and day is None):
            return
        if day is None or not start < day <= self.today:
            if last != first:
                self.sheet.refuse(
                    row, names[1], "a last score with its day in F/U, after I/A and not after today"
                )
            return
        change.scores.append((scale, day, last))
        self.sheet.note(row, names[1], "the last score is taken as of the day in F/U; the sheet has no other")

    def _score(self, row: SheetRow, scale: str, name: str) -> int | None:
        given: int | None = row.get(name)
        if given is not None and given > self.scales[scale].score_max:
            self.sheet.refuse(row, name, f"a score from 0 to {self.scales[scale].score_max}")
            return None
        return given

    def _review(self, row: SheetRow, change: RowChange, episode: CaseloadRow) -> None:
        day = row.get("p/c")
        if day is None or day in episode.course.reviewed_on:
            return
        last = episode.last_reviewed_on
        if last is not None and day < last:
            self.sheet.note(row, "p/c", "a review before the last one of the site is not taken")
        elif episode.values["bhcm_pk"] is None:
            self.sheet.refuse(row, "p/c", "nothing, or a care manager in the case file: a review names one")
        else:
            self._check_day(row, "p/c", day, episode.values["start_date"])
            change.review = day

    def _check_day(self, row: SheetRow, name: str, day: date, start: date) -> None:
        if not start <= day <= self.today:
            self.sheet.refuse(row, name, f"a day from {start} (I/A) to {self.today} (today)")

    def _left_alone(self, row: SheetRow, episode: CaseloadRow) -> None:
        """Say where the sheet differs from what the site works out itself."""
        minutes = episode.minutes.minutes_counted if episode.minutes else None
        for name, own in (
            ("f/u", episode.last_reached_on),
            ("#_sessions", episode.sessions_total),
            ("minutes_this_month", minutes),
        ):
            given = row.get(name)
            if given is not None and given != own:
                self.sheet.note(
                    row, name, "not taken: the ledger tells it; bring contacts in with their table"
                )
        for name, own_name in (
            ("care_manager", episode.bhcm),
            ("psychiatric_consultant", episode.consultant),
        ):
            given = row.get(name)
            if given is not None and given != own_name:
                self.sheet.note(row, name, "not taken: the team is changed in the case file")

    # -- a new patient ---------------------------------------------------------------------------------------------

    def _new(self, row: SheetRow) -> None:
        change = RowChange(row, None)
        for name in ("first_name", "last_name", "birth_date", "sex", "i/a"):
            if row.get(name) is None:
                self.sheet.refuse(row, name, f"a value: {row.values['patient_id']} is not a patient here yet")
        change.person = {own: row.get(name) or "" for name, own in PERSON}
        change.status = self._status_of(row) or Status.ACTIVE.value
        if change.status not in OPEN_STATUSES:
            self.sheet.refuse(row, "status", "a patient in care; ended ones are brought in with the tables")
        start = row.get("i/a")
        if start is not None:
            if start > self.today:
                self.sheet.refuse(row, "i/a", f"a day up to {self.today} (today)")
            for scale, first, last in SCALES:
                self._first_scores(row, change, scale, (first, last), start)
            change.relapse_plan = row.get("rpp")
            if change.relapse_plan is not None:
                self._check_day(row, "rpp", change.relapse_plan, start)
        birth = row.get("birth_date")
        if birth is not None and start is not None and birth > start:
            self.sheet.refuse(row, "birth_date", "a day before I/A")
        for name, part in _TEAM:
            self._member(row, change, name, part)
        change.review = row.get("p/c")
        if change.review is not None:
            if "bhcm" not in change.team:
                self.sheet.refuse(row, "p/c", "nothing, or a care manager beside it: a review names one")
            elif start is not None:
                self._check_day(row, "p/c", change.review, start)
        for name in ("f/u", "#_sessions", "minutes_this_month"):
            if row.get(name) is not None:
                self.sheet.note(
                    row, name, "not taken: the ledger tells it; bring contacts in with their table"
                )
        self.changes.append(change)

    def _member(self, row: SheetRow, change: RowChange, name: str, part: str) -> None:
        given = row.get(name)
        if given is None:
            return
        folded = " ".join(given.casefold().split())
        found = [member for member in self.staff if member.role == part and folded in _names_of(member)]
        if len(found) == 1:
            change.team[part] = found[0]
        else:
            self.sheet.refuse(row, name, "one of the practice's people: staff id, or first and last name")

    # -- the preview -----------------------------------------------------------------------------------------------

    def _tallies(self, rejected: int) -> dict[str, Tally]:
        file = self.sheet.file
        tallies = {name: Tally(name, file) for name in KINDS}
        tallies["patients"].rows = self.sheet.rows_total
        tallies["patients"].rejected = rejected
        for change in self.changes:
            is_new = change.episode is None
            patients = tallies["patients"]
            patients.new += is_new
            patients.changed += not is_new and bool(change.person)
            patients.unchanged += not is_new and not change.person
            tallies["statuses"].new += bool(change.status)
            tallies["scores"].new += len(change.scores)
            tallies["reviews"].new += change.review is not None
            tallies["relapse plans"].changed += change.relapse_plan is not None
        return {
            name: tally for name, tally in tallies.items() if name == "patients" or tally.new or tally.changed
        }


def _own_episodes(actor: Actor, ids: Iterable[str], today: date) -> dict[str, list[CaseloadRow]]:
    """The site's episodes of patients, the latest first, as the export tells them."""
    known = sorted(ids)
    keys: list[UUID] = []
    for start in range(0, len(known), BLOCK):
        episodes = Episode.objects.of(actor).filter(patient__patient_id__in=known[start : start + BLOCK])
        keys += episodes.values_list("pk", flat=True)
    found: dict[str, list[CaseloadRow]] = defaultdict(list)
    for start in range(0, len(keys), BLOCK):
        for row in Caseload.of_episodes(actor, today, keys[start : start + BLOCK]).rows:
            found[row.values["patient_id"]].append(row)
    for rows in found.values():
        rows.sort(key=lambda row: row.values["start_date"], reverse=True)
    return found


def _names_of(member: Any) -> tuple[str, ...]:
    first, last = member.first_name.casefold(), member.last_name.casefold()
    return (member.staff_id.casefold(), f"{first[:1]}. {last}", f"{first} {last}", f"{last}, {first}")
