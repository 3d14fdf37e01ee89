"""A whole synthetic practice, written patient by patient."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cocm.basics.errors import UnusableInput
from cocm.basics.months import Month
from cocm.intake.template import prepare_folder
from cocm.synth.ariana import write_ariana
from cocm.synth.bad_rows import write_bad_rows, write_bad_staff, write_stray_rows
from cocm.synth.course import PATIENT_ID_DIGITS, Window
from cocm.synth.mix import Mix
from cocm.synth.patient import PatientMaker, review_days
from cocm.synth.sink import Sink, open_sink
from cocm.synth.team import Team, write_team
from cocm.synth.world import World, load_world

PATIENTS_MAX = 1_000_000
MONTHS_MAX = 24
PATIENTS_PER_PROGRESS = 1_000


@dataclass(frozen=True, slots=True)
class SynthRequest:
    """What to make: patients active in the last month, months of contacts up to it, and the seed.

    `story_until` is the second month of Ariana's story; None: the last month.
    """

    folder: Path
    patients: int
    months: int
    seed: int
    until: Month
    has_bad_rows: bool = False
    story_until: Month | None = None


def write_practice(request: SynthRequest, *, progress: Callable[[int], None] | None = None) -> Mix:
    """Write the practice's tables, sorted by patient; what it came to. The same request gives the same bytes.

    Raises `UnusableInput` for a folder that is not empty, or more than `PATIENTS_MAX` patients or `MONTHS_MAX` months.
    """
    if not 1 <= request.patients <= PATIENTS_MAX or not 1 <= request.months <= MONTHS_MAX:
        raise UnusableInput(
            f"at least one patient and one month; at most {PATIENTS_MAX} patients, {MONTHS_MAX} months"
        )
    prepare_folder(request.folder)
    world = load_world()
    window = Window(request.until.plus(1 - request.months), request.until)
    mix = Mix(request.until)
    with open_sink(request.folder) as sink:
        rng = random.Random(f"{request.seed}/team")
        team = write_team(sink, world, request.patients, rng, window.first.first_day)
        if request.has_bad_rows:
            mix.bad_rows += write_bad_staff(sink)
        _write_caseload_reviews(sink, team, window)
        _write_patients(sink, request, world, team, window, mix, progress)
        mix.rows = sink.rows
    return mix


def _write_patients(
    sink: Sink,
    request: SynthRequest,
    world: World,
    team: Team,
    window: Window,
    mix: Mix,
    progress: Callable[[int], None] | None,
) -> None:
    maker = PatientMaker(world, team, window, request.seed, mix)
    discharged = request.patients * world.number("ending_percent_per_month") * (request.months - 1) // 100
    total = request.patients + discharged
    digits = max(PATIENT_ID_DIGITS, len(str(total)))
    for number in range(1, total + 1):
        patient_id = f"P{number:0{digits}d}"
        if number == 1:
            write_ariana(sink, world, team, window, patient_id, mix, request.story_until)
        elif number <= request.patients:
            maker.make_active(sink, number, patient_id)
        else:
            maker.make_discharged(sink, number, patient_id, window.first.plus(number % (request.months - 1)))
        if number == 2 and request.has_bad_rows:
            mix.bad_rows += write_bad_rows(sink, team, patient_id, window.until)
        if progress is not None and number % PATIENTS_PER_PROGRESS == 0:
            progress(number)
    if request.has_bad_rows:
        mix.bad_rows += write_stray_rows(sink, team, f"Q{1:0{digits}d}", window.until)


def _write_caseload_reviews(sink: Sink, team: Team, window: Window) -> None:
    for bhcm in (*team.bhcms, team.covering_bhcm):
        for index in range(window.first.index, window.until.index + 1):
            month = Month.from_index(index)
            if bhcm is team.covering_bhcm and month == window.until:
                continue
            for day in review_days(month):
                sink.add(
                    "reviews",
                    reviewed_on=day,
                    bhcm_id=bhcm.staff_id,
                    psychiatric_consultant_id=team.consultant_of(bhcm).staff_id,
                )
