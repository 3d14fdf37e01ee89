"""An import whose rows are mended and brought in."""

from __future__ import annotations

from accessibility import assert_accessible
from databases import ONE_ENGINE
from playwright.sync_api import expect
from setup_rows import practice_files, with_cell

from cocm.server.access.permissions import MemberRole

pytestmark = ONE_ENGINE


def test_an_import_with_errors_is_mended_and_brought_in(open_page, world, tmp_path):
    files = practice_files(tmp_path / "tables")
    folder = tmp_path / "upload"
    folder.mkdir()
    measures, staff = folder / "measures.csv", folder / "staff.csv"
    bad = with_cell(with_cell(files["measures"], 3, "score", "many"), 4, "patient_id", "NOBODY")
    measures.write_text(bad, encoding="utf-8")
    staff.write_text(with_cell(files["staff"], 3, "credential", "PhD"), encoding="utf-8")
    page = open_page("/setup/import/", sign_in=world.user(MemberRole.ADMINISTRATOR), width=390)
    assert_accessible(page)
    page.get_by_label("Files").set_input_files([measures, staff])
    page.get_by_role("button", name="Look at the rows").click()
    expect(page.get_by_role("alert")).to_contain_text("2 places to mend")
    expect(page.get_by_role("table", name="Rows with faults")).to_contain_text("patient_id")
    assert page.get_by_role("button", name="Bring in").count() == 0
    assert_accessible(page)
    page.get_by_role("link", name="Upload again").click()
    measures.write_text(with_cell(files["measures"], 3, "score", "21"), encoding="utf-8")
    page.get_by_label("Files").set_input_files([measures, staff])
    page.get_by_role("button", name="Look at the rows").click()
    page.get_by_role("button", name="Bring in 0 new and 2 changed rows").click()
    expect(page.locator("#messages")).to_contain_text("Brought in: 2 rows")
