"""The synthetic practice: the same for a seed, clean to read, and mixed like real life."""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

import cocm.synth
from cocm.basics.errors import UnusableInput
from cocm.basics.months import Month
from cocm.basics.npi import npi_is_valid
from cocm.care.casefile import CaseFile
from cocm.cli.synth import command
from cocm.intake.patients import parse_patient
from cocm.intake.practice import open_practice
from cocm.intake.problems import RowProblem
from cocm.intake.tables import TABLES
from cocm.synth.mix import Mix
from cocm.synth.practice import SynthRequest, write_practice

MARCH = Month(2026, 3)
PATIENTS = 300


def make(folder: Path, *, patients: int = PATIENTS, months: int = 6, seed: int = 1, bad: bool = False) -> Mix:
    return write_practice(SynthRequest(folder, patients, months, seed, MARCH, bad))


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Mix]:
    folder = tmp_path_factory.mktemp("synth") / "practice"
    return folder, make(folder)


def rows(folder: Path, table: str) -> list[dict[str, str]]:
    with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def read(folder: Path, month: Month = MARCH) -> tuple[list[CaseFile], list[RowProblem], list[str]]:
    case_files: list[CaseFile] = []
    with open_practice(folder) as source:
        reference = source.reference
        problems = list(reference.problems)
        notes = [str(note) for note in (*source.notes, *reference.notes)]
        for patient in source.patient_groups():
            parsed = parse_patient(patient, reference, month)
            case_files += parsed.case_files
            problems += parsed.problems
            notes += [str(note) for note in parsed.notes]
    return case_files, problems, notes


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    for name, seed in (("a", 7), ("b", 7), ("c", 8)):
        make(tmp_path / name, patients=40, months=2, seed=seed)
    same = {name: (tmp_path / "a" / f"{name}.csv").read_bytes() for name in TABLES}
    assert same == {name: (tmp_path / "b" / f"{name}.csv").read_bytes() for name in TABLES}
    assert same["contacts"] != (tmp_path / "c" / "contacts.csv").read_bytes()


def test_every_row_can_be_read_and_every_table_is_sorted(practice: tuple[Path, Mix]) -> None:
    folder, mix = practice
    case_files, problems, notes = read(folder)
    assert problems == []
    assert notes == []
    assert len({case.patient.patient_id for case in case_files}) == mix.active == PATIENTS
    for name, table in TABLES.items():
        if table.is_by_patient:
            ids = [row["patient_id"] for row in rows(folder, name)]
            assert ids == sorted(ids), name


def counted_minutes(folder: Path) -> Iterator[tuple[str, Month, int, bool]]:
    """Patient, month, minutes of the care manager's that count, and whether the month is the episode's first.

    Worked out from the tables alone, with none of the program's own counting.
    """
    first_months = {
        row["patient_id"]: Month.of(date.fromisoformat(row["first_service_date"]))
        for row in rows(folder, "episodes")
    }
    corrected = {row["corrects_contact_id"] for row in rows(folder, "contacts")}
    stays = {
        (row["patient_id"], date.fromisoformat(row["service_date"]) + timedelta(days=day))
        for row in rows(folder, "other_services")
        if row["stay_to"]
        for day in range(
            (date.fromisoformat(row["stay_to"]) - date.fromisoformat(row["service_date"])).days + 1
        )
    }
    minutes: Counter[tuple[str, Month]] = Counter()
    seen = set()
    for row in rows(folder, "contacts"):
        day = date.fromisoformat(row["started_at"][:10])
        counts = (
            row["staff_id"].startswith("BHCM")
            and row["outcome"] == "done"
            and row["programme"] == "cocm"
            and row["activity"] not in ("charting", "scheduling")
            and row["contact_id"] not in corrected
            and (row["patient_id"], day) not in stays
            and (row["patient_id"], row["started_at"]) not in seen
        )
        if counts:
            seen.add((row["patient_id"], row["started_at"]))
            spent = int(row["minutes"]) - int(row["billed_elsewhere_minutes"] or 0)
            minutes[row["patient_id"], Month.of(day)] += spent
    for (patient_id, month), total in minutes.items():
        yield patient_id, month, total, month == first_months[patient_id]


def test_the_mix_resembles_real_life(practice: tuple[Path, Mix]) -> None:
    folder, mix = practice
    base, addons, near = Counter[bool](), 0, 0
    for _, _, minutes, is_first in counted_minutes(folder):
        threshold, full = (36, 70) if is_first else (31, 60)
        if minutes >= threshold:
            base[is_first] += 1
            addons += max(0, (minutes - full - 16) // 30 + 1) if minutes >= full + 16 else 0
        else:
            near += 1
    assert 3.7 <= base[False] / base[True] <= 5.3
    assert 0.22 <= addons / base.total() <= 0.38
    assert 0.08 <= near / (near + base.total()) <= 0.2
    assert abs(base.total() - mix.base_lines("first") - mix.base_lines("later")) <= 0.02 * base.total()
    assert abs(mix.near_misses() - near) <= 0.02 * base.total() + 2


def test_three_payers_have_their_packs_and_one_a_behavioral_administrator(practice: tuple[Path, Mix]) -> None:
    payers = {row["pack_id"]: row for row in rows(practice[0], "payers")}
    assert set(payers) == {"medicare", "ca-commercial-carveout", "cpt"}
    carved_out = payers["ca-commercial-carveout"]
    assert carved_out["behavioral_payer_identifier"] not in ("", carved_out["payer_identifier"])
    used = Counter(row["payer_id"] for row in rows(practice[0], "coverages") if row["rank"] == "1")
    assert set(used) == {row["payer_id"] for row in payers.values()}
    assert all(count / used.total() > 0.15 for count in used.values())


def test_what_real_months_hold_is_there(practice: tuple[Path, Mix]) -> None:
    folder, mix = practice
    contacts, episodes = rows(folder, "contacts"), rows(folder, "episodes")
    assert {row["consent_given"] for row in episodes} == {"yes", "no", ""}
    assert any(row["consent_date"] > row["first_service_date"] for row in episodes if row["consent_date"])
    assert any(row["minutes"] == "50" and row["billed_elsewhere_minutes"] == "40" for row in contacts)
    assert any(row["outcome"] == "attempt" for row in contacts)
    assert any(row["started_at"].endswith("-31 23:30") for row in contacts)
    assert any(row["acting_as_bhcm"] == "yes" for row in contacts)
    assert any(row["corrects_contact_id"] for row in contacts)
    assert any(row["recorded_on"] > "2026-04-05" for row in contacts)
    moments = Counter(
        (row["patient_id"], row["staff_id"], row["started_at"], row["minutes"]) for row in contacts
    )
    assert 2 in moments.values()
    assert any(row["stay_to"] for row in rows(folder, "other_services"))
    assert {row["relationship"] for row in rows(folder, "coverages")} == {"self", "spouse", "child"}
    history = rows(folder, "claim_history")
    assert {row["status"] for row in history} == {"paid", "denied", "rejected", "accepted"}
    ours = rows(folder, "practice")[0]["billing_npi"]
    others = [row for row in history if row["billing_npi"] != ours]
    assert others
    assert all(Month.of(date.fromisoformat(row["service_date"])) == MARCH for row in others)
    assert any(row["service_date"] == "2026-03-31" for row in history if row["billing_npi"] == ours)
    assert set(mix.scenarios) > {"no_site", "no_behavioral_diagnosis", "coverage_ended", "no_caseload_review"}


def test_patients_who_come_back_do_so_after_five_or_six_empty_months(practice: tuple[Path, Mix]) -> None:
    folder, _ = practice
    by_patient = defaultdict(list)
    for row in rows(folder, "episodes"):
        by_patient[row["patient_id"]].append(row)
    last_billed = {}
    for row in rows(folder, "claim_history"):
        if row["service_date"] < "2026-03-01":
            last_billed[row["patient_id"]] = Month.of(date.fromisoformat(row["service_date"]))
    gaps = {
        MARCH.index - last_billed[patient_id].index - 1
        for patient_id, found in by_patient.items()
        if len(found) == 2
    }
    assert gaps == {5, 6}


def test_nobody_exists(practice: tuple[Path, Mix]) -> None:
    folder, _ = practice
    npis = {row["npi"] for row in rows(folder, "staff")}
    npis |= {row["billing_npi"] for row in rows(folder, "claim_history")}
    # Numbers below 1003000000 have never been given out.
    assert all(npi_is_valid(npi) and npi < "1003000000" for npi in npis)
    assert len({row["npi"] for row in rows(folder, "staff")}) == len(rows(folder, "staff"))
    assert re.fullmatch(r"530-555-01\d\d", rows(folder, "practice")[0]["phone"])


def test_ariana_davis_has_her_two_months(practice: tuple[Path, Mix]) -> None:
    folder, _ = practice
    (patient,) = [row for row in rows(folder, "patients") if row["last_name"] == "Davis"]
    patient_id = patient["patient_id"]
    birth = date.fromisoformat(patient["birth_date"])
    assert birth.replace(year=birth.year + 26) <= date(2026, 2, 1)
    assert birth.replace(year=birth.year + 27) > date(2026, 3, 31)
    (coverage,) = [row for row in rows(folder, "coverages") if row["patient_id"] == patient_id]
    (payer,) = [row for row in rows(folder, "payers") if row["payer_id"] == coverage["payer_id"]]
    assert payer["pack_id"] == "ca-commercial-carveout"
    (case,) = [case for case in read(folder)[0] if case.patient.patient_id == patient_id]
    assert case.episode.diagnosis_codes == ("F32.1", "F41.1", "E11.9")
    assert case.episode.start_date == date(2026, 2, 4)
    minutes = {month: total for who, month, total, _ in counted_minutes(folder) if who == patient_id}
    assert minutes == {Month(2026, 2): 92, Month(2026, 3): 80}
    scores = defaultdict(set)
    for measure in case.measures:
        scores[measure.instrument].add(measure.score)
    assert {instrument: len(found) for instrument, found in scores.items()} == {"phq-9": 1, "gad-7": 1}
    claims = {line.claim_id: line.status.value for line in case.history}
    assert sorted(claims.items()) == [
        (f"{patient_id}-2026-02-1", "denied"),
        (f"{patient_id}-2026-02-2", "paid"),
    ]
    assert {(line.hcpcs_code, line.service_unit_quantity) for line in case.history} == {
        ("99492", 1),
        ("99494", 1),
    }
    assert case.caseload_review_held


def test_bad_rows_are_all_reported_and_change_nothing_else(tmp_path: Path) -> None:
    make(tmp_path / "good", patients=30, months=2)
    mix = make(tmp_path / "bad", patients=30, months=2, bad=True)
    good, no_problems, _ = read(tmp_path / "good")
    bad, problems, _ = read(tmp_path / "bad")
    assert no_problems == []
    assert len(problems) == mix.bad_rows > 8
    assert {case.patient.patient_id: case for case in bad} == {case.patient.patient_id: case for case in good}


@pytest.mark.parametrize(("patients", "months"), [(1, 1), (2, 2), (60, 1), (25, 12)])
def test_a_practice_of_any_size_can_be_read(tmp_path: Path, patients: int, months: int) -> None:
    mix = make(tmp_path / "p", patients=patients, months=months)
    case_files, problems, _ = read(tmp_path / "p")
    assert problems == []
    assert len(case_files) == mix.active == patients
    first = MARCH.plus(1 - months)
    months_seen = {
        Month.of(date.fromisoformat(row["started_at"][:10])) for row in rows(tmp_path / "p", "contacts")
    }
    assert min(months_seen) >= first
    assert max(months_seen) == MARCH


def test_one_month_of_many_has_the_same_mix(tmp_path: Path) -> None:
    mix = make(tmp_path / "p", patients=1500, months=1)
    assert 3.7 <= mix.later_to_first <= 5.3
    assert 0.22 <= mix.addons_per_base <= 0.38


def test_the_command_says_what_it_made(tmp_path: Path) -> None:
    done = CliRunner().invoke(
        command, [str(tmp_path / "p"), "--patients", "20", "--months", "2", "--until", "2028-02"]
    )
    assert done.exit_code == 0, done.output
    assert "20 active in 2028-02" in done.output
    assert "to 1)" in done.output
    contacts = rows(tmp_path / "p", "contacts")
    assert {row["started_at"][:7] for row in contacts} == {"2028-01", "2028-02"}


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("mine")
    done = CliRunner().invoke(command, [str(tmp_path)])
    assert isinstance(done.exception, UnusableInput)
    assert [path.name for path in tmp_path.iterdir()] == ["precious.txt"]


@pytest.mark.parametrize(("patients", "months"), [(0, 1), (1, 0), (1, 25), (1_000_001, 1)])
def test_limits_are_said(tmp_path: Path, patients: int, months: int) -> None:
    with pytest.raises(UnusableInput, match="at most 1000000 patients, 24 months"):
        make(tmp_path / "p", patients=patients, months=months)


def test_the_generators_codes_stand_in_its_data_file_only() -> None:
    folder = Path(cocm.synth.__file__).parent
    pattern = re.compile(r"\b(99\d{3}|908\d\d|[GHZ]\d{4}|[A-TV-Z]\d\d\.\d)\b")
    assert pattern.search((folder / "world.yaml").read_text(encoding="utf-8"))
    for path in folder.glob("*.py"):
        assert not pattern.search(path.read_text(encoding="utf-8")), path.name
