"""The storage port: from the database the core reads what it read from the files, and decides the same."""

from datetime import date

import pytest
from server_world import MONTH, MONTHS, PATIENTS

from cocm.care.minutes import count_minutes
from cocm.close.request import CloseRequest
from cocm.close.run import close_month
from cocm.intake.practice import open_practice
from cocm.intake.tables import TABLES
from cocm.rules import Rulebook
from cocm.server.practice_port import PracticePort
from cocm.server.registry.models import Patient
from cocm.synth.practice import SynthRequest, write_practice

AS_OF = date(2026, 4, 2)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("practice") / "tables"
    write_practice(SynthRequest(folder, PATIENTS, MONTHS, 1, MONTH))
    return folder


def request_for(practice, out) -> CloseRequest:
    return CloseRequest(practice=practice, month=MONTH, out=out, as_of_date=AS_OF, state=None, workers=1)


def test_a_close_from_the_database_writes_the_same_bytes_as_from_the_files(world, files, tmp_path) -> None:
    state = tmp_path / "state"
    state.mkdir()
    from_files = tmp_path / "from-files"
    from_database = tmp_path / "from-database"
    close_month(CloseRequest(files, MONTH, from_files, AS_OF, tmp_path / "state.sqlite", workers=1))
    with world.inside(world.practice):
        result = close_month(request_for(state, from_database), tables=PracticePort(world.practice))
    assert result.tally.patient_months >= PATIENTS
    names = sorted(path.name for path in from_files.iterdir())
    assert names == sorted(path.name for path in from_database.iterdir())
    assert "proposals.csv" in names and any(name.endswith(".837") for name in names)
    for name in names:
        if name != "report.html" and name != "summary.json":
            assert (from_database / name).read_bytes() == (from_files / name).read_bytes(), name


def test_case_files_are_equal_record_for_record(world, files) -> None:
    from cocm.intake.patients import PatientParser

    with open_practice(files) as source:
        parser = PatientParser(source.reference, MONTH)
        expected = [case for rows in source.patient_groups() for case in parser.parse(rows).case_files]
    with world.inside(world.practice):
        port = PracticePort(world.practice)
        pks = [world.patient(case.patient.patient_id).pk for case in expected]
        found = port.case_files(pks, MONTH)
        assert port.reference.problems == () == port.reference.notes
    assert [case.patient.patient_id for case in found] == [case.patient.patient_id for case in expected]
    for mine, theirs in zip(found, expected, strict=True):
        assert mine == theirs


def test_a_port_sees_its_own_organization_only(world) -> None:
    with world.inside(world.neighbour):
        groups = list(PracticePort(world.neighbour).patient_groups())
        assert len(groups) == 1
        assert "Nell" in groups[0].patients[0][1]


def test_every_column_of_the_contract_is_written(world) -> None:
    with world.inside(world.practice):
        port = PracticePort(world.practice)
        groups = list(port.patient_groups())
    for name in ("patients", "coverages", "episodes", "contacts", "measures", "reviews"):
        widths = {row[1].count("\x1f") + 1 for rows in groups for row in getattr(rows, name)}
        assert widths == {len(TABLES[name].columns)}, name


def test_reading_for_minutes_only_gives_the_same_minutes(world) -> None:
    with world.inside(world.practice):
        port = PracticePort(world.practice)
        pks = list(Patient.objects.of(world.practice).values_list("pk", flat=True))
        for month in (MONTH.plus(-1), MONTH):
            fewer, all_of_them = port.case_files(pks, month, for_minutes=True), port.case_files(pks, month)
            assert sum(len(case.contacts) for case in fewer) < sum(len(case.contacts) for case in all_of_them)
            assert [minutes_of(case) for case in fewer] == [minutes_of(case) for case in all_of_them]


def minutes_of(case):
    return count_minutes(
        case.contacts,
        month=case.month,
        policy=Rulebook().pack(case.payer.pack_id if case.payer else "cpt").on(case.month.last_day),
        consent=case.episode.consent,
        episode_start=case.episode.start_date,
        other_services=case.other_services,
        episode_end=case.episode.end_date,
    )
