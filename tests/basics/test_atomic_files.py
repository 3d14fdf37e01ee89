import stat
from pathlib import Path

import pytest

from cocm.basics.files import atomic_write, safe_cell


def test_a_file_appears_whole_and_for_its_owner_only(tmp_path: Path) -> None:
    target = tmp_path / "claims.837"

    with atomic_write(target) as out:
        out.write(b"ISA")
        assert not target.exists()

    assert target.read_bytes() == b"ISA"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["claims.837"]


def test_a_failure_leaves_the_older_file_and_nothing_half_written(tmp_path: Path) -> None:
    target = tmp_path / "claims.837"
    target.write_bytes(b"older")

    with pytest.raises(RuntimeError, match="midway"), atomic_write(target) as out:
        out.write(b"new")
        raise RuntimeError("midway")

    assert target.read_bytes() == b"older"
    assert [path.name for path in tmp_path.iterdir()] == ["claims.837"]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-2", "@SUM(A1)", "\tx", "\rx"])
def test_a_cell_that_would_be_a_formula_is_escaped(text: str) -> None:
    assert safe_cell(text) == "'" + text


@pytest.mark.parametrize("text", ["", "Davis", "99493", "A=1", "F32.1"])
def test_other_cells_stay_as_they_are(text: str) -> None:
    assert safe_cell(text) == text
