"""Levels of a known kind are read without being followed, and say the same."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random

import pytest
from claim_samples import (
    ADD_ON_LINE,
    BILLING,
    DOCUMENTS,
    FIRST_LINE,
    OTHER_BILLING,
    REFERRER,
    SECOND_SITE,
    make_claim,
    make_dependent,
    make_secondary,
    written,
)

from cocm.basics.errors import X12Error
from cocm.claims.records import Claim
from cocm.x12.claim_reader import follow_837p, read_837p
from cocm.x12.claim_record import ClaimRecord, UnreadableClaim
from cocm.x12.record_writer import write_records

KINDS = 40


def _claims(rng: Random) -> Iterator[Claim]:
    """Claims of many kinds, each several times."""
    for number in range(1, KINDS + 1):
        make = rng.choice((make_claim, make_claim, make_claim, make_dependent, make_secondary))
        claim = make(number, patient_birth_date=date(1950 + number, 1, 2))
        changes = {
            "billing": rng.choice((BILLING, OTHER_BILLING)),
            "rendering": rng.choice((claim.rendering, None)),
            "referring": rng.choice((REFERRER, None)),
            "service_facility": rng.choice((SECOND_SITE, None)),
            "paperwork": rng.choice((DOCUMENTS, (), ())),
            "note": rng.choice(("see the letter", "", "")),
            "prior_authorization_number": rng.choice(("AUTH1", "")),
        }
        if make is not make_secondary:
            span = replace(FIRST_LINE, service_from_date=date(2026, 3, 30), place_of_service_code="22")
            changes["lines"] = rng.choice(((FIRST_LINE, ADD_ON_LINE), (FIRST_LINE,), (span,)))
        yield replace(claim, **changes)


def _read(content: bytes) -> tuple[list[ClaimRecord], list[UnreadableClaim]]:
    unreadable: list[UnreadableClaim] = []
    return list(read_837p(content, on_unreadable=unreadable.append)), unreadable


def _followed(content: bytes) -> tuple[list[ClaimRecord], list[UnreadableClaim]]:
    unreadable: list[UnreadableClaim] = []
    return list(follow_837p(content, on_unreadable=unreadable.append)), unreadable


def _file(seed: int) -> bytes:
    rng = Random(seed)
    kinds = list(_claims(rng))
    claims = [replace(one, claim_id=f"{one.claim_id}-{at}") for at in range(3) for one in kinds]
    return written(sorted(claims, key=lambda one: one.billing.identifier))


@pytest.mark.parametrize("seed", range(4))
def test_claims_read_by_their_kind_are_those_that_are_followed(seed: int) -> None:
    content = _file(seed)
    records, _ = _read(content)
    assert records == _followed(content)[0]
    assert len(records) == 3 * KINDS
    assert [one.segments for one in records] == [tuple(one.segments) for one in records]


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_places_in_the_file_hold_with_line_ends(line_end: str) -> None:
    content = _file(9).replace(b"~", b"~" + line_end.encode())
    records, _ = _read(content)
    assert records == _followed(content)[0]
    for one in records:
        assert content[one.start :].startswith(b"CLM*")
        assert content[one.lines[0].start :].startswith(b"LX*")


@pytest.mark.parametrize("seed", range(24))
def test_a_damaged_file_reads_the_same_either_way(seed: int) -> None:
    rng = Random(seed)
    content = bytearray(_file(seed % 4))
    for _ in range(rng.choice((1, 3, 30))):
        at = rng.randrange(110, len(content))
        content[at : at + rng.choice((0, 1, 1, 12))] = rng.choice(
            (b"*", b"~", b"X", b":", b"", b"9", b"HL*", b" ")
        )
    outcomes = []
    for read in (_read, _followed):
        try:
            outcomes.append(read(bytes(content)))
        except X12Error as problem:
            outcomes.append(([], [UnreadableClaim("", 0, 0, str(problem))]))
    assert outcomes[0] == outcomes[1]


def test_the_first_claim_that_cannot_be_read_ends_the_reading_at_the_same_place() -> None:
    content = _file(1)
    at = content.rindex(b"CLM*")
    broken = (
        content[: at + 4] + b"A*none*" + content[content.index(b"*", content.index(b"*", at + 4) + 1) + 1 :]
    )
    got: list[ClaimRecord] = []
    with pytest.raises(X12Error) as read:
        got.extend(read_837p(broken))
    with pytest.raises(X12Error) as followed:
        list(follow_837p(broken))
    assert str(read.value) == str(followed.value)
    assert len(got) == 3 * KINDS - 1


def test_what_was_read_by_its_kind_is_written_as_it_was() -> None:
    content = _file(2)
    out = io.BytesIO()
    write_records(read_837p(content), out)
    assert out.getvalue() == content


def test_segments_are_made_when_somebody_looks(tmp_path: Path) -> None:
    records, _ = _read(_file(3))
    segments = records[-1].segments
    assert len(segments) == len(list(segments))
    assert segments[0].segment.tag == "CLM" and segments[-1] == segments[len(segments) - 1]
    assert segments[1:3] == tuple(segments)[1:3]
    assert repr(segments) == repr(tuple(segments))
