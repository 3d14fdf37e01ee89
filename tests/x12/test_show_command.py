"""`cocm x12 show`: everything in a file is shown with our words, and what no map knows is shown as such."""

from __future__ import annotations

import gzip
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from claim_samples import make_claim, make_dependent, written
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from remittance_samples import REMITTANCE

from cocm.cli import cli
from cocm.x12.placing import place_segments
from cocm.x12.tokens import read_segments

CLAIMS = written([make_claim(1), make_dependent(2)])


def show(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["x12", "show", *arguments])


def saved(folder: Path, content: bytes, name: str = "file.x12") -> str:
    (folder / name).write_bytes(content)
    return str(folder / name)


def shown_json(path: str) -> list[dict[str, Any]]:
    segments = json.loads(show(path, "--json").stdout)["segments"]
    assert isinstance(segments, list)
    return segments


def test_a_remittance_reads_as_a_tree_in_our_words(tmp_path: Path) -> None:
    result = show(saved(tmp_path, REMITTANCE))
    assert result.exit_code == 0
    assert "\n      remittance file, 835 at 005010X221A1\n        ST  transaction header\n" in result.stdout
    assert "2100: claim payment" in result.stdout
    assert "claim id C-00000000000001 · status code 1" in result.stdout
    assert "reason 1 45 (charge above the fee schedule or contract)" in result.stdout
    assert "hcpcs code 99492 (CoCM, first month)" in result.stdout
    assert "\x1b[" not in result.stdout


def test_each_element_can_have_its_line_label_and_place(tmp_path: Path) -> None:
    lines = show(saved(tmp_path, CLAIMS), "--elements", "--places").stdout.splitlines()
    claim = CLAIMS.index(b"CLM*")
    number = CLAIMS[:claim].count(b"~") + 1
    at = next(at for at, line in enumerate(lines) if f"CLM claim  [{number}, byte {claim}]" in line)
    assert lines[at + 1].strip() == "CLM01 claim id C-00000000000001"
    assert "CLM05-1 place of service code 11 (office)" in "\n".join(lines)


def test_json_holds_every_segment_with_its_bytes_and_loops(tmp_path: Path) -> None:
    segments = shown_json(saved(tmp_path, CLAIMS))
    for segment, original in zip(segments, read_segments(CLAIMS), strict=True):
        assert CLAIMS[segment["start"] : segment["end"] - 1].decode() == original.text
    claims = [one for one in segments if one["name"] == "claim"]
    assert [one["loop"] for one in claims] == ["2300", "2300"]
    assert claims[0]["depth"] == claims[1]["depth"] - 1  # the dependent's stands one level deeper


def test_every_value_of_a_file_is_shown(tmp_path: Path) -> None:
    for content in (CLAIMS, REMITTANCE):
        shown = {
            element["value"]
            for segment in shown_json(saved(tmp_path, content))
            for element in segment["elements"]
        }
        for segment in read_segments(content):
            for element in segment.elements[1:]:
                values = element.split(":") if segment.tag != "ISA" else [element]
                assert {value.strip() for value in values} - {""} <= shown


def test_what_no_map_knows_is_shown_as_such(tmp_path: Path) -> None:
    content = REMITTANCE.replace(b"TRN*1*EFT", b"ZZ9*odd~TRN*1*EFT").replace(
        b"DTM*405*20260501~", b"DTM*405*20260501**X~"
    )
    text = show(saved(tmp_path, content)).stdout
    assert "ZZ9 not in the guide here\n            ZZ901 not in the guide odd" in text
    assert "DTM04 not in the guide X" in text
    segments = shown_json(saved(tmp_path, content))
    assert [one["tag"] for one in segments if one["name"] is None] == ["ZZ9"]


def test_a_transaction_without_a_map_is_shown_segment_by_segment(tmp_path: Path) -> None:
    content = REMITTANCE.replace(b"005010X221A1", b"004010X091A1")
    text = show(saved(tmp_path, content)).stdout
    assert "no map for this guide (004010X091A1)" in text
    assert "CLP01 not in the guide C-00000000000001" in text
    assert "functional group" in text


def test_a_file_of_two_kinds_is_shown_whole(tmp_path: Path) -> None:
    segments = shown_json(saved(tmp_path, CLAIMS + b"\n" + REMITTANCE))
    assert [one["opens"] for one in segments if one["tag"] == "ST"] == [
        "claim file, 837 at 005010X222A1",
        "remittance file, 835 at 005010X221A1",
    ]


def test_control_characters_cannot_steer_the_terminal(tmp_path: Path) -> None:
    result = show(saved(tmp_path, REMITTANCE.replace(b"ARIANA", b"A\x1b[2JA")))
    assert "\x1b" not in result.stdout
    assert "A\N{REPLACEMENT CHARACTER}[2JA" in result.stdout


def test_it_is_coloured_and_can_be_paged(tmp_path: Path) -> None:
    path = saved(tmp_path, REMITTANCE)
    coloured = CliRunner().invoke(cli, ["x12", "show", path, "--no-pager"], color=True)
    assert "\x1b[32mBPR\x1b[0m payment" in coloured.stdout
    assert show(path, "--pager").stdout.startswith(show(path, "--no-pager").stdout)


def test_no_colours_where_they_are_not_wanted(tmp_path: Path) -> None:
    path = saved(tmp_path, REMITTANCE)
    arguments = ["x12", "show", path, "--no-pager"]
    plain = CliRunner().invoke(cli, arguments, color=True, env={"NO_COLOR": "1"})
    assert "BPR payment" in plain.stdout
    assert "\x1b" not in plain.stdout
    assert "\x1b" in CliRunner().invoke(cli, arguments, color=True, env={"NO_COLOR": ""}).stdout


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(200), "begins with ISA"),
        (b"patient;name\nAriana;Davis\n" * 20, "begins with ISA"),
        (REMITTANCE[:-30], "segment"),
    ],
)
def test_a_file_that_cannot_be_read_ends_in_one_line_without_its_values(
    tmp_path: Path, content: bytes, message: str
) -> None:
    result = show(saved(tmp_path, content))
    assert result.exit_code == 1  # main() turns the error below into exit status 2
    assert message in str(result.exception)
    assert "Davis" not in str(result.exception)
    answer = json.loads(show(saved(tmp_path, content), "--json").stdout)
    assert message in answer["error"]


def test_archives_are_shown_member_by_member(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("a.837", CLAIMS)
        archive.writestr("b.835", REMITTANCE)
    assert {one["file"] for one in shown_json(str(tmp_path / "all.zip"))} == {
        "all.zip/a.837",
        "all.zip/b.835",
    }
    assert shown_json(saved(tmp_path, gzip.compress(CLAIMS), "a.gz"))[0]["tag"] == "ISA"


@given(
    st.lists(
        st.sampled_from([*CLAIMS.split(b"~")[2:-3], b"", b"ZZ*1", b"SE*1*1", b"ST*837*9", b"GS*HC"]),
        max_size=30,
    )
)
def test_any_order_of_segments_is_placed_without_losing_one(shuffled: list[bytes]) -> None:
    head = b"~".join(CLAIMS.split(b"~")[:2])
    content = b"~".join([head, *shuffled]) + b"~"
    assert [one.segment for one in place_segments(content)] == list(read_segments(content))
