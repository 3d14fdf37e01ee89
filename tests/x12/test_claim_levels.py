"""Levels of a known kind are read without being followed, and say the same."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
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
    assert _outcome(_read, bytes(content)) == _outcome(_followed, bytes(content))


@pytest.mark.parametrize("seed", range(48))
def test_a_file_whose_segments_went_astray_reads_the_same_either_way(seed: int) -> None:
    rng = Random(seed)
    segments = _file(seed % 4).split(b"~")
    for _ in range(rng.choice((1, 3, 30))):
        at, other = rng.randrange(1, len(segments)), rng.randrange(1, len(segments))
        match rng.randrange(5):
            case 0:
                del segments[at]
            case 1:
                segments.insert(at, segments[other])
            case 2:
                segments[at], segments[other] = segments[other], segments[at]
            case 3:
                del segments[at : at + rng.randrange(40)]
            case _:
                elements = segments[at].split(b"*")
                elements[rng.randrange(len(elements))] = rng.choice(
                    (b"", b"0", b"99494", b"20260230", b"\xff", b"LX")
                )
                segments[at] = b"*".join(elements)
    content = b"~".join(segments)
    assert _outcome(_read, content) == _outcome(_followed, content)


@pytest.mark.parametrize("tag", [b"LX", b"SV1", b"CLM", b"SBR", b"NM1", b"HL", b"HI", b"DTP", b"REF"])
def test_a_file_without_one_kind_of_segment_reads_the_same_either_way(tag: bytes) -> None:
    segments = _file(1).split(b"~")
    content = b"~".join(one for one in segments if not one.startswith(tag + b"*"))
    assert len(content) < len(_file(1))
    assert _outcome(_read, content) == _outcome(_followed, content)


def test_claims_without_a_service_line_are_read_the_same_either_way() -> None:
    """Every second claim lacks its lines, and so is of a kind of its own."""
    blocks = _file(1).split(b"CLM*")
    bare = [
        one if at % 2 else b"~".join(_without_lines(one.split(b"~"))) for at, one in enumerate(blocks[1:])
    ]
    content = b"CLM*".join([blocks[0], *bare])
    assert content.count(b"LX*") < _file(1).count(b"LX*")
    outcome = _outcome(_read, content)
    assert outcome == _outcome(_followed, content)
    assert len(outcome[0]) + len(outcome[1]) == 3 * KINDS


@pytest.mark.parametrize("read", [_read, _followed])
def test_what_the_guide_does_not_have_with_another_payers_subscriber_leaves_the_members_birth_date(
    read: Callable[[bytes], tuple[list[ClaimRecord], list[UnreadableClaim]]],
) -> None:
    """Some senders repeat the birth date there; then both persons have the same text and are not the same."""
    member = written([make_claim(2)]).split(b"~")
    person = b"~".join(member[next(at for at, one in enumerate(member) if one.startswith(b"NM1*IL*")) :][:4])
    assert person.endswith(b"DMG*D8*19880229*F")
    secondary = b"NM1*IL*1*DAVIS*ARIANA****MI*FCM777~N3*12 ELM STREET~N4*OAKLAND*CA*94610"
    content = written([make_secondary(1), make_claim(2)])
    assert content.count(secondary) == 1
    records, _ = read(content.replace(secondary, person))
    assert [one.subscriber.birth_date for one in records] == [one.patient.birth_date for one in records]
    assert records[1].subscriber.birth_date == date(1988, 2, 29)
    assert records[0].other_payers[0].subscriber.birth_date is None


def _without_lines(segments: list[bytes]) -> list[bytes]:
    """A claim's segments and those of the level behind it, but for the claim's lines."""
    first = next(at for at, one in enumerate(segments) if one.startswith(b"LX*"))
    end = next(
        (at for at, one in enumerate(segments) if at > first and one.startswith((b"HL*", b"SE*"))),
        len(segments) - 1,
    )
    return segments[:first] + segments[end:]


def _outcome(
    read: Callable[[bytes], tuple[list[ClaimRecord], list[UnreadableClaim]]], content: bytes
) -> tuple[list[ClaimRecord], list[UnreadableClaim]]:
    """What was read; the error where the file as a whole cannot be."""
    try:
        return read(content)
    except X12Error as problem:
        return [], [UnreadableClaim("", 0, 0, str(problem))]


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
