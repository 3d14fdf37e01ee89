"""Bringing tables in: every bad row is shown before anything is saved; all or nothing; never twice."""

from datetime import date
from pathlib import Path

import pytest
from server_world import MONTH
from setup_rows import practice_files, rows_of, upload, uploads, with_cell, written

from cocm.intake.patients import PatientParser
from cocm.intake.practice import open_practice
from cocm.server.audit.models import AuditEvent
from cocm.server.contacts.models import Contact
from cocm.server.practice_port import PracticePort
from cocm.server.registry.models import Episode, EpisodeStatus, MeasureResult, Patient
from cocm.server.setup.importing import ImportRefused, import_confirm, read_import
from cocm.server.setup.staging import stage

TODAY = date(2026, 3, 31)


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    folder = tmp_path_factory.mktemp("import") / "tables"
    return practice_files(folder) | {"folder": str(folder)}


@pytest.fixture
def files(tables):
    return {name: text for name, text in tables.items() if name != "folder"}


@pytest.fixture
def bring(world):
    def bring(given, actor=None):
        actor = actor or world.practice
        with world.inside(actor):
            return stage(actor=actor, uploads=uploads(given))

    return bring


def test_what_is_there_already_is_unchanged_and_confirming_it_adds_nothing(world, files, bring) -> None:
    staged = bring(files)
    with world.inside(world.practice):
        overlay = read_import(actor=world.practice, staged=staged, today=TODAY)
        assert overlay.problems == []
        for table in overlay.tables.values():
            assert (table.new, table.changed) == (0, 0), table.name
        assert overlay.tables["contacts"].unchanged == len(rows_of(files["contacts"])) - 1
        before = Contact.objects.of(world.practice).count()
        assert import_confirm(actor=world.practice, staged=staged, today=TODAY) == {}
        assert Contact.objects.of(world.practice).count() == before
        assert AuditEvent.objects.of(world.practice).filter(verb="imported", object_type="tables").exists()


def test_into_an_empty_organization_the_core_reads_what_it_reads_from_the_files(
    world, tables, files, bring
) -> None:
    from cocm.server.accounts.services import organization_add

    actor = organization_add(
        key="new-practice", kind="practice", name="Not yet", time_zone="America/Los_Angeles"
    )
    files["practice"] = with_cell(files["practice"], 2, "organization_id", "new-practice")
    staged = bring(files, actor)
    with world.inside(actor):
        import_confirm(actor=actor, staged=staged, today=TODAY)
        port = PracticePort(actor)
        pks = list(Patient.objects.of(actor).values_list("pk", flat=True))
        found = port.case_files(pks, MONTH)
    with open_practice(Path(tables["folder"])) as source:
        parser = PatientParser(source.reference, MONTH)
        expected = [case for rows in source.patient_groups() for case in parser.parse(rows).case_files]
    assert [case.contacts for case in found] == [case.contacts for case in expected]
    assert [case.episode for case in found] == [case.episode for case in expected]
    assert [case.coverages for case in found] == [case.coverages for case in expected]


def test_every_bad_row_is_told_and_nothing_is_saved(world, files, bring) -> None:
    bad = with_cell(files["measures"], 3, "score", "many")
    bad = with_cell(bad, 5, "patient_id", "NOBODY")
    staff = with_cell(files["staff"], 2, "npi", "12345")
    staged = bring({"measures": bad, "staff": staff})
    with world.inside(world.practice):
        overlay = read_import(actor=world.practice, staged=staged, today=TODAY)
        told = {(problem.table, problem.row_number, problem.column) for problem in overlay.problems}
        assert {("measures", 3, "score"), ("measures", 5, "patient_id"), ("staff", 2, "npi")} <= told
        assert overlay.tables["measures"].rejected == 2
        with pytest.raises(ImportRefused):
            import_confirm(actor=world.practice, staged=staged, today=TODAY)


def test_a_change_updates_keeps_what_stood_there_and_a_new_row_is_added_once(world, files, bring) -> None:
    changed = with_cell(files["measures"], 2, "score", "27")
    rows = rows_of(changed)
    rows.append([*rows[1]])
    rows[-1][rows[0].index("taken_on")] = "2026-03-30"
    given = {"measures": written(rows)}
    with world.inside(world.practice):
        before = MeasureResult.objects.of(world.practice).count()
    for expected in ({"measures": {"new": 1, "changed": 1}}, {}):
        staged = bring(given)
        with world.inside(world.practice):
            assert import_confirm(actor=world.practice, staged=staged, today=TODAY) == expected
    with world.inside(world.practice):
        assert MeasureResult.objects.of(world.practice).count() == before + 1


def test_a_new_contact_goes_behind_the_chain_and_a_changed_one_is_refused(world, files, bring) -> None:
    from cocm.server.contacts.selectors import first_broken_contact

    rows = rows_of(files["contacts"])
    head = rows[0]
    new = [*rows[1]]
    new[head.index("contact_id")] = "X-1"
    other = [*rows[1]]
    other[head.index("minutes")] = "59"
    staged = bring({"contacts": written([head, new])})
    with world.inside(world.practice):
        assert import_confirm(actor=world.practice, staged=staged, today=TODAY) == {
            "contacts": {"new": 1, "changed": 0}
        }
        patient = Patient.objects.of(world.practice).get(patient_id=new[head.index("patient_id")])
        assert first_broken_contact(actor=world.practice, patient=patient) is None
    staged = bring({"contacts": written([head, other])})
    with world.inside(world.practice):
        [problem] = read_import(actor=world.practice, staged=staged, today=TODAY).problems
        assert problem.column == "contact_id" and "ledger" in problem.expectation


def test_a_file_with_fewer_columns_keeps_what_the_site_has(world, files, bring) -> None:
    rows = rows_of(files["staff"])
    at = [rows[0].index(name) for name in ("staff_id", "last_name", "first_name", "role")]
    narrow = written([[row[place] for place in at] for row in rows])
    staged = bring({"staff": narrow})
    with world.inside(world.practice):
        overlay = read_import(actor=world.practice, staged=staged, today=TODAY)
        assert overlay.problems == []
        assert overlay.tables["staff"].unchanged == len(rows) - 1


def test_an_ended_episode_gets_the_status_that_its_reason_names(world, files, bring) -> None:
    rows = rows_of(files["episodes"])
    head = rows[0]
    [still_open] = [row for row in rows[1:] if row[head.index("patient_id")] == "P000001"]
    row = [*still_open]
    row[head.index("end_date")], row[head.index("end_reason")] = "2026-03-20", "Lost to follow-up"
    staged = bring({"episodes": written([head, row])})
    with world.inside(world.practice):
        import_confirm(actor=world.practice, staged=staged, today=TODAY)
        episode = Episode.objects.of(world.practice).get(patient__patient_id="P000001")
        last = episode.statuses.order_by("from_date", "recorded_at").last()
        assert last.status == EpisodeStatus.Status.LOST
        assert not episode.team.filter(to_date=None).exists()


def test_a_wrong_file_is_refused_by_name(world) -> None:
    import io
    import zipfile

    from cocm.basics.errors import UnusableInput

    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (120 * 1024**2))
    for name, content, expected in (
        ("notes.csv", "a,b\n", "notes.csv: none of the tables"),
        ("practice.pdf", "%PDF", "bring CSV files"),
        ("practice.xlsx", "not a workbook", "practice.xlsx: not an XLSX workbook"),
        ("practice.xlsx", bomb.getvalue(), "practice.xlsx: unpacks to 120 MB"),
    ):
        with world.inside(world.practice), pytest.raises(UnusableInput, match=expected.replace(".", r"\.")):
            stage(actor=world.practice, uploads=[upload(name, content)])


def test_another_organizations_upload_does_not_exist(world, bring, files) -> None:
    from cocm.server.setup.staging import staged_or_none

    staged = bring({"staff": files["staff"]})
    with world.inside(world.neighbour):
        assert staged_or_none(actor=world.neighbour, staged_id=staged.pk) is None
