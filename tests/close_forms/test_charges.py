import csv
import io
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from claim_samples import CARE_MANAGER, PAYER, PRACTITIONER, make_claim

from cocm.basics.errors import CocmError
from cocm.close.charges import CHARGE_COLUMNS, export_charges, write_charges


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline="")))


def test_one_row_a_service_line() -> None:
    out = io.BytesIO()

    count = write_charges(
        [make_claim(1, rendering=CARE_MANAGER, supervising=PRACTITIONER), make_claim(2)], out
    )

    rows = rows_of(out.getvalue())
    assert count == len(rows) == 4
    assert rows[0] == {
        "claim_id": "C-00000000000001",
        "claim_line_number": "1",
        "patient_id": "P1",
        "payer_name": "GOLDEN HEALTH PLAN",
        "payer_identifier": "GHP01",
        "service_date": "2026-03-31",
        "hcpcs_code": "99492",
        "modifiers": "",
        "service_unit_quantity": "1",
        "charge_amount": "160.32",
        "diagnosis_codes": "F32.1;F41.1",
        "diagnosis_pointers": "1;2",
        "place_of_service_code": "11",
        "billing_npi": "1234567893",
        "rendering_npi": CARE_MANAGER.npi,
        "supervising_npi": PRACTITIONER.npi,
        "frequency_code": "1",
        "payer_claim_control_number": "",
    }
    assert tuple(rows[0]) == CHARGE_COLUMNS
    assert (rows[3]["rendering_npi"], rows[3]["supervising_npi"]) == (PRACTITIONER.npi, "")
    assert not out.closed


def test_the_billing_entity_renders_where_nobody_else_does() -> None:
    out = io.BytesIO()

    write_charges([make_claim(1, rendering=None)], out)

    assert rows_of(out.getvalue())[0]["rendering_npi"] == "1234567893"


@pytest.mark.parametrize("evil", ["=HYPERLINK(1)", "+1", "-1", "@SUM(A1)"])
def test_no_cell_becomes_a_formula(evil: str) -> None:
    out = io.BytesIO()

    write_charges([make_claim(1, patient_id=evil, payer=replace(PAYER, name=evil))], out)

    row = rows_of(out.getvalue())[0]
    assert (row["patient_id"], row["payer_name"]) == ("'" + evil, "'" + evil)


def test_quotes_commas_and_line_ends_stay_in_their_cell() -> None:
    out = io.BytesIO()

    write_charges([make_claim(1, payer=replace(PAYER, name='Plan "A", Inc.\nWest'))], out)

    assert rows_of(out.getvalue())[0]["payer_name"] == 'Plan "A", Inc.\nWest'


def test_the_file_is_written_whole_for_its_owner_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "charges.csv"

    assert export_charges([make_claim(1)], path) == 2
    before = path.read_bytes()

    def failing_claims():  # type: ignore[no-untyped-def]  # a generator that breaks off
        yield make_claim(2)
        raise CocmError("midway")

    with pytest.raises(CocmError, match="midway"):
        export_charges(failing_claims(), path)

    assert path.read_bytes() == before
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["charges.csv"]
