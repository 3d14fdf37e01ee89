"""`cocm x12 split`: every part is valid on its own, and together they are the file."""

from __future__ import annotations

import csv
import json
import stat
import zipfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from claim_samples import (
    ENVELOPE,
    OTHER_BILLING,
    PAYER_WITH_ADDRESS,
    make_claim,
    make_dependent,
    written,
)
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st
from remittance_samples import HEADER, REMITTANCE, TRANSACTION

from cocm.basics.errors import X12Error
from cocm.claims.records import Claim
from cocm.cli import cli
from cocm.x12 import read_837p, read_segments, validate
from cocm.x12.split import SplitBy, split
from cocm.x12.split_part import SplitPart


def parts_of(content: bytes, by: SplitBy, first: int | None = None) -> tuple[list[SplitPart], list[bytes]]:
    parts: dict[int, bytearray] = {}

    def append(number: int, more: bytes) -> None:
        parts.setdefault(number, bytearray()).extend(more)

    listed = split(content, by, append, first_control_number=first)
    return listed, [bytes(parts[number]) for number in sorted(parts)]


def claims_in(contents: Iterable[bytes]) -> Counter[tuple[str, ...]]:
    """Every claim with all its segments and those of the levels above, levels without their numbers."""
    found: Counter[tuple[str, ...]] = Counter()
    for content in contents:
        for claim in read_837p(content):
            placed = (*claim.level_segments, *claim.segments)
            texts = [one.segment.text if one.segment.tag != "HL" else one.segment.value(3) for one in placed]
            found[tuple(texts)] += 1
    return found


claims = st.lists(
    st.builds(
        lambda number, kind, payer, billing: _claim(number, kind, payer, billing),
        st.integers(1, 6),
        st.sampled_from(["self", "dependent"]),
        st.booleans(),
        st.booleans(),
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda claim: claim.claim_id,
)


def _claim(number: int, kind: str, other_payer: bool, other_billing: bool) -> Claim:
    claim = make_claim(number) if kind == "self" else make_dependent(number)
    if other_payer:
        claim = replace(claim, payer=PAYER_WITH_ADDRESS)
    return replace(claim, billing=OTHER_BILLING) if other_billing else claim


@given(claims, st.sampled_from([SplitBy.CLAIM, SplitBy.PAYER, SplitBy.TRANSACTION]), st.integers(1, 4))
@settings(max_examples=40, deadline=None)
def test_the_parts_together_hold_every_claim_of_the_file_and_each_is_valid(
    given_claims: list[Claim], by: SplitBy, per_transaction: int
) -> None:
    content = b"".join(
        written(given_claims[at : at + per_transaction], replace(ENVELOPE, interchange_control_number=at + 1))
        for at in range(0, len(given_claims), per_transaction)
    )
    listed, parts = parts_of(content, by)
    assert claims_in(parts) == claims_in([content])
    assert sum(part.claim_count for part in listed) == len(given_claims)
    assert [part.byte_count for part in listed] == [len(part) for part in parts]
    for part in parts:
        assert validate(part) == ()
    if by is SplitBy.CLAIM:
        assert [part.key for part in listed] == [claim.claim_id for claim in read_837p(content)]


def test_a_payers_part_holds_its_claims_alone() -> None:
    silver = replace(make_claim(2), payer=PAYER_WITH_ADDRESS)
    listed, parts = parts_of(written([make_claim(1), silver, make_dependent(3)]), SplitBy.PAYER)
    assert [(part.key, part.claim_count) for part in listed] == [("GHP01", 2), ("SHP01", 1)]
    assert b"SILVER" not in parts[0]
    assert b"GOLDEN" not in parts[1]


def test_a_subscriber_with_claims_of_both_own_and_dependents_keeps_the_levels_right() -> None:
    content = written([make_dependent(1)])
    own = content[content.index(b"CLM*") : content.index(b"~SE*") + 1].replace(
        b"C-0000000000000", b"C-9999999999999"
    )
    content = content.replace(b"HL*3*2*23*0~", own + b"HL*3*2*23*0~")
    count = content[content.index(b"ST*") : content.index(b"~SE*")].count(b"~") + 2
    before, _, after = content.partition(b"~SE*")
    content = before + b"~SE*%d" % count + b"*" + after.partition(b"*")[2]
    _, by_claim = parts_of(content, SplitBy.CLAIM)
    assert [b"HL*2*1*22*0" in part for part in by_claim] == [True, False]
    _, by_payer = parts_of(content, SplitBy.PAYER)
    assert by_payer == [content]


def test_a_file_of_one_transaction_is_its_own_only_part() -> None:
    for content in (written([make_claim(1), make_dependent(2)]), REMITTANCE):
        assert parts_of(content, SplitBy.TRANSACTION)[1] == [content]


def test_payments_of_a_remittance_file_become_files_that_balance() -> None:
    second = TRANSACTION.replace("ST*835*0001", "ST*835*0002").replace("EFT0000042", "EFT0000043")
    count = TRANSACTION.count("~") + 1
    content = (
        f"{HEADER}{TRANSACTION}SE*{count}*0001~{second}SE*{count}*0002~GE*2*42~IEA*1*000000042~".encode()
    )
    listed, parts = parts_of(content, SplitBy.PAYMENT)
    assert [(part.key, part.claim_count) for part in listed] == [("EFT0000042", 3), ("EFT0000043", 3)]
    assert parts[0] == REMITTANCE
    assert all(validate(part) == () for part in parts)
    (by_payer,) = parts_of(content, SplitBy.PAYER)[1]
    assert by_payer == content


def test_parts_can_be_numbered_on() -> None:
    _, parts = parts_of(written([make_claim(1), make_claim(2)]), SplitBy.CLAIM, first=500)
    for number, part in enumerate(parts, 500):
        assert f"*{number:09d}*0*P*".encode() in part
        assert part.endswith(f"GE*1*{number}~IEA*1*{number:09d}~".encode())
        assert validate(part) == ()


def test_acknowledgments_of_interchanges_and_letters_beyond_ascii_are_not_lost() -> None:
    content = REMITTANCE.replace(b"~GS*", b"~TA1*000000001*260401*1200*A*000~GS*", 1)
    content = content.replace(b"GOLDEN", "GÖLDEN".encode()).replace(b"OKAFOR", b"OKAF\xd6R")
    listed, parts = parts_of(content, SplitBy.TRANSACTION)
    assert [part.transaction for part in listed] == ["", "835"]
    assert parts[0].endswith(b"TA1*000000001*260401*1200*A*000~IEA*0*000000042~")
    assert "GÖLDEN".encode() in parts[1]
    assert b"OKAF\xd6R" in parts[1]


def test_other_delimiters_are_kept() -> None:
    content = written([make_claim(1), make_claim(2)])
    content = content.replace(b"*", b"|").replace(b":", b">").replace(b"~", b"\x1c")
    _, parts = parts_of(content, SplitBy.CLAIM)
    assert claims_in(parts) == claims_in([content])


@pytest.mark.parametrize(
    ("content", "by", "message"),
    [
        (REMITTANCE, SplitBy.CLAIM, "does not balance in pieces"),
        (written([make_claim(1)]), SplitBy.PAYMENT, "holds no payment"),
        (written([make_claim(1)]).replace(b"005010X222A1", b"004010X098A1"), SplitBy.CLAIM, "split it by st"),
        (REMITTANCE[: REMITTANCE.index(b"IEA*")], SplitBy.PAYMENT, "no end"),
        (REMITTANCE[: REMITTANCE.index(b"GE*")], SplitBy.PAYMENT, "no end"),
        (REMITTANCE.replace(b"GE*1*42~", b""), SplitBy.PAYMENT, "group before has no end"),
        (written([make_claim(1)]).replace(b"~HI*", b"~NM1*PR*2*LATE~HI*"), SplitBy.CLAIM, "after its claims"),
        (REMITTANCE.replace(b"~ST*", b"~LX*1~ST*"), SplitBy.TRANSACTION, "outside a transaction"),
        (written([make_claim(1)]).replace(b"HL*2*1*22*0", b"HL*2*1*22"), SplitBy.CLAIM, "lacks elements"),
        (b"not x12 at all" * 20, SplitBy.TRANSACTION, "begins with ISA"),
    ],
)
def test_what_cannot_be_split_whole_is_refused_with_its_place(
    content: bytes, by: SplitBy, message: str
) -> None:
    with pytest.raises(X12Error, match=message) as refused:
        parts_of(content, by)
    assert "byte" in str(refused.value)
    assert "DAVIS" not in str(refused.value)


def command(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["x12", "split", *arguments])


def test_the_command_writes_private_files_and_a_list_of_them(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as archive:
        archive.writestr("a.837", written([make_claim(1), make_dependent(2)]))
        archive.writestr("b.837", written([replace(make_claim(3), claim_id="=3")]))
    target = tmp_path / "out"
    result = command(str(tmp_path / "in.zip"), "--by", "claim", "--to", str(target))
    assert result.exit_code == 0, result.output
    assert result.output.startswith("3 parts with 3 claims")
    with (target / "parts.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["file"] for row in rows] == [f"claim-{number:06d}.837" for number in (1, 2, 3)]
    assert [row["source"] for row in rows] == ["in.zip/a.837", "in.zip/a.837", "in.zip/b.837"]
    assert rows[2]["key"] == "'=3"
    for path in target.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert path.name == "parts.csv" or validate(path.read_bytes()) == ()


def test_the_answer_as_json(tmp_path: Path) -> None:
    (tmp_path / "a.835").write_bytes(REMITTANCE)
    result = command(str(tmp_path / "a.835"), "--by", "payment", "--to", str(tmp_path / "out"), "--json")
    (part,) = json.loads(result.stdout)["parts"]
    assert (part["key"], part["claims"], part["bytes"]) == ("EFT0000042", "3", str(len(REMITTANCE)))


def test_nothing_is_written_when_a_part_fails_or_the_folder_is_not_empty(tmp_path: Path) -> None:
    (tmp_path / "cut.837").write_bytes(written([make_claim(1), make_claim(2)])[:-40])
    result = command(str(tmp_path / "cut.837"), "--by", "claim", "--to", str(tmp_path / "out"))
    assert isinstance(result.exception, X12Error)
    assert [path.name for path in tmp_path.iterdir()] == ["cut.837"]
    result = command(str(tmp_path / "cut.837"), "--by", "claim", "--to", str(tmp_path))
    assert "not empty" in str(result.exception)


def test_segments_survive_in_number(tmp_path: Path) -> None:
    content = written([make_claim(number) for number in range(1, 30)])
    _, parts = parts_of(content, SplitBy.CLAIM)
    in_claims = [
        one.text for part in parts for one in read_segments(part) if one.tag in ("CLM", "SV1", "REF", "HI")
    ]
    assert in_claims.count("HI*ABK:F321*ABF:F411") == 29
