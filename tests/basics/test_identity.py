from datetime import date

from cocm.basics.identity import Provenance, stable_id


def test_the_same_parts_give_the_same_id() -> None:
    assert stable_id("C", "org", "p1", 24315, "plan", 1) == stable_id("C", "org", "p1", 24315, "plan", 1)


def test_parts_do_not_run_together() -> None:
    assert stable_id("C", "ab", "c") != stable_id("C", "a", "bc")
    assert stable_id("C", "a") != stable_id("D", "a")


def test_a_claim_id_fits_box_26_of_the_paper_form() -> None:
    assert len(stable_id("C", "anything")) == 14


def test_provenance_is_plain_text_in_json() -> None:
    carried = Provenance("org", date(2026, 4, 1), "abc").as_json()
    assert carried["as_of_date"] == "2026-04-01"
    assert set(carried) == {
        "organization_id",
        "as_of_date",
        "rulebook_hash",
        "schema_version",
        "engine_version",
    }
