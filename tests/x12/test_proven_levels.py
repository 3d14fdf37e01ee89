"""Levels that are passed over because they are proven right change nothing: the same problems, in the same order."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from claim_samples import (
    ADD_ON_LINE,
    ENVELOPE,
    FIRST_LINE,
    OTHER_BILLING,
    REFERRER,
    SECOND_SITE,
    make_claim,
    make_dependent,
    written,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from test_wire_breaks import ALL, CODE_SETS
from wire_mangling import DELIMITERS, DRESSES

from cocm.basics.errors import X12Error
from cocm.x12 import proven_levels
from cocm.x12.dated_codes import CodeDating
from cocm.x12.guide import load_guide
from cocm.x12.guide_parts import SegmentUse
from cocm.x12.meaning import CheckContext
from cocm.x12.problem import Report
from cocm.x12.professional_check import professional_check
from cocm.x12.proven_levels import FREE_ELEMENTS, LEVELS, PRESENT_ONLY, ProvenLevels
from cocm.x12.tokens import LEVELS_TAG, read_pieces, read_segments
from cocm.x12.validate import followed, validate

AS_OF = date(2026, 11, 22)


def claims(count: int) -> list[Any]:
    """Claims of several kinds, each of another person; every kind comes again."""
    made = []
    for number in range(1, count + 1):
        kind = number % 5
        changes: dict[str, Any] = {
            "patient_last_name": "ABCDEFGH"[number % 8] * (number % 7 + 1),
            "patient_birth_date": date(1950 + number % 50, 2, 3),
            "lines": (FIRST_LINE, ADD_ON_LINE)
            if kind != 2
            else (replace(FIRST_LINE, charge_amount_cents=900),),
            "service_facility": SECOND_SITE if kind == 3 else None,
            "referring": REFERRER if kind == 4 else None,
            "group_number": f"G{number % 3}",
        }
        made.append(make_dependent(number, **changes) if kind == 1 else make_claim(number, **changes))
    return made


CLAIMS = claims(24)
CONTENT = written(CLAIMS)
OTHER_PROVIDERS = written(
    [replace(one, billing=OTHER_BILLING) if at % 6 > 3 else one for at, one in enumerate(CLAIMS)]
)


def outcome(check: Callable[..., Any], content: bytes, **options: Any) -> object:
    """What a check finds, or how it refuses."""
    try:
        return check(content, file="a.x12", **options)
    except X12Error as problem:
        return str(problem)


def assert_same(content: bytes, **options: Any) -> None:
    assert outcome(validate, content, **options) == outcome(followed, content, **options)


@pytest.fixture
def passed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many levels each look at a subscriber's level passed."""
    counts: list[int] = []
    passes = ProvenLevels.passes

    def counted(*arguments: Any) -> int:
        counts.append(passes(*arguments))
        return counts[-1]

    monkeypatch.setattr(ProvenLevels, "passes", counted)
    return counts


@pytest.mark.parametrize("content", [CONTENT, OTHER_PROVIDERS], ids=["one provider", "two providers"])
@pytest.mark.parametrize("code_sets", [None, CODE_SETS], ids=["shipped", "rulebook"])
def test_claims_of_a_kind_that_was_found_right_are_passed(
    content: bytes, code_sets: Any, passed: list[int]
) -> None:
    assert validate(content, code_sets=code_sets, as_of=AS_OF) == ()
    assert sum(one > 0 for one in passed) >= len(CLAIMS) // 2


def test_a_file_of_one_claim_in_each_transaction_is_passed_too(passed: list[int]) -> None:
    parts = CONTENT.split(b"~ST*")
    assert len(parts) == 2
    transaction, trailers = parts[1].split(b"~GE*")
    again = b"~ST*".join([parts[0], *[transaction.replace(b"*0001", b"*%04d" % (at + 1)) for at in range(5)]])
    content = again + b"~GE*" + trailers.replace(b"1*", b"5*", 1)

    assert_same(content)
    assert sum(one > 0 for one in passed) > 4 * len(CLAIMS) // 2


def test_pieces_hold_the_same_text_as_segments() -> None:
    pieces = list(read_pieces(CONTENT))
    levels = [piece for piece in pieces if piece.tag == LEVELS_TAG]
    others = [piece for piece in pieces if piece.tag != LEVELS_TAG]

    assert levels
    assert all(CONTENT[one.start : one.end].decode() == one.text for one in levels)
    assert others == [
        one for one in read_segments(CONTENT) if all(not lv.start <= one.start < lv.end for lv in levels)
    ]


@pytest.mark.parametrize("fault", ALL.values(), ids=ALL.keys())
def test_each_break_is_told_the_same(fault: Any) -> None:
    assert_same(fault.content, code_sets=CODE_SETS, as_of=AS_OF)


FAULTS = {
    "birth after service": (b"DMG*D8*1971", b"DMG*D8*2026"),
    "birth 140 years ago": (b"DMG*D8*1971", b"DMG*D8*1871"),
    "no birth": (b"DMG*D8*19710203*F~", b""),
    "level number": (b"~HL*20*1*22", b"~HL*21*1*22"),
    "level around": (b"~HL*20*1*22", b"~HL*20*2*22"),
    "children announced": (b"~HL*20*1*22*1", b"~HL*20*1*22*0"),
    "charge": (b"C-00000000000020*284.32", b"C-00000000000020*284.33"),
    "line number twice": (b"C-00000000000020-2", b"C-00000000000020-1"),
    "claim id too long": (b"CLM*C-00000000000020", b"CLM*" + b"C" * 39),
    "name too long": (b"NM1*IL*1*EEEEEEE", b"NM1*IL*1*" + b"E" * 61),
    "name of blanks": (b"NM1*IL*1*EEEEEEE", b"NM1*IL*1*   "),
    "no member number": (b"*MI*GHP000000020~", b"~"),
    "organization": (b"NM1*IL*1*EEEEEEE", b"NM1*IL*2*EEEEEEE"),
    "strange character": (b"NM1*IL*1*EEEEEEE", b"NM1*IL*1*E\x01E"),
    "correction": (b"CLM*C-00000000000020*284.32***11:B:1", b"CLM*C-00000000000020*284.32***11:B:7"),
    "small letters": (b"~CLM*C-00000000000020", b"~clm*C-00000000000020"),
    "trailer in small letters": (b"~CLM*C-00000000000020", b"~iea*1*1~CLM*C-00000000000020"),
    "transaction end": (b"~CLM*C-00000000000020", b"~SE*5*0001~CLM*C-00000000000020"),
    "line end inside": (b"~CLM*C-00000000000020", b"~\r\nCLM*C-00000000000020"),
    "element too many": (b"~CLM*C-00000000000020", b"~CLM" + b"*" * 201 + b"C-00000000000020"),
    "empty segment": (b"~CLM*C-00000000000020", b"~~CLM*C-00000000000020"),
    "other bytes": (b"NM1*IL*1*EEEEEEE", b"NM1*IL*1*\xc3\x89E"),
    "file's day": (b"BHT*0019*00", b"BHT*0019*01"),
}


@pytest.mark.parametrize(("right", "wrong"), FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_among_proven_levels_is_told_the_same(right: bytes, wrong: bytes) -> None:
    assert right in CONTENT
    content = CONTENT.replace(right, wrong, 1)

    for limit in (1, 2, 100):
        assert_same(content, problems_max=limit)
    assert_same(content, code_sets=CODE_SETS, as_of=date(2026, 3, 1))


def test_a_correct_value_that_another_level_made_wrong_is_told() -> None:
    """The file's own day is remembered with a level: the same claim is right in one transaction, wrong in another."""
    head, tail = CONTENT.split(b"~ST*")
    transaction, trailers = tail.split(b"~GE*")
    earlier = transaction.replace(b"*0001", b"*0002").replace(b"*20260402*", b"*20260301*", 1)
    content = head + b"~ST*" + transaction + b"~ST*" + earlier + b"~GE*2" + trailers[1:]

    assert_same(content)
    assert len(validate(content)) >= len(CLAIMS)


PIECES = st.sampled_from(
    [b"", b"~", b"*", b":", b"1", b"0", b"22", b"A", b" ", b"\n", b"~HL*3*1*22*0~", b"~SE*1*1~", b"."]
)


@settings(max_examples=20, deadline=None)
@given(st.data())
def test_whatever_is_wrong_is_told_the_same(data: st.DataObject) -> None:
    content = data.draw(st.sampled_from([CONTENT, OTHER_PROVIDERS]))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(106, len(content) - 1))
        length = data.draw(st.integers(0, 3))
        content = content[:at] + data.draw(PIECES) + content[at + length :]

    assert_same(content)


@settings(max_examples=20, deadline=None)
@given(st.data())
def test_segments_out_of_place_are_told_the_same(data: st.DataObject) -> None:
    segments = CONTENT.split(b"~")
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(1, len(segments) - 2))
        to = data.draw(st.integers(1, len(segments) - 2))
        match data.draw(st.sampled_from(["remove", "repeat", "exchange", "copy"])):
            case "remove":
                del segments[at]
            case "repeat":
                segments.insert(at, segments[at])
            case "exchange":
                segments[at], segments[to] = segments[to], segments[at]
            case _:
                segments[at] = segments[to]

    assert_same(b"~".join(segments), code_sets=data.draw(st.sampled_from([None, CODE_SETS])))


@settings(max_examples=6, deadline=None)
@given(st.data())
def test_in_every_dress_the_same_is_told(data: st.DataObject) -> None:
    content = written(CLAIMS[:12], replace(ENVELOPE, delimiters=data.draw(DELIMITERS)))
    dressed = data.draw(DRESSES).put_on(content)
    at = data.draw(st.integers(0, len(dressed) - 1))

    assert_same(dressed)
    assert_same(dressed[:at] + dressed[at + 1 :])
    assert outcome(validate, io.BytesIO(dressed)) == outcome(followed, dressed)  # type: ignore[arg-type]  # a stream


def test_line_ends_of_several_kinds_change_no_place() -> None:
    wrong = CONTENT.replace(b"C-00000000000023*284.32", b"C-00000000000023*284.33")
    assert wrong != CONTENT
    header, *segments = wrong.split(b"~")
    begins = [at for at, segment in enumerate(segments) if segment.startswith(b"HL")]
    for usual, other in ((b"", b"\n"), (b"\n", b""), (b"\r\n", b"\n")):
        for odd in (
            begins[1] - 1,
            begins[1],
            begins[2] - 1,
            begins[5],
            begins[5] + 3,
            begins[-1] - 1,
            begins[-1],
        ):
            body = [one + b"~" + (other if at == odd else usual) for at, one in enumerate(segments[:-1])]
            content = header + b"~" + usual + b"".join(body)

            assert_same(content)
            assert [one.segment_number for one in validate(content)] == [
                one.segment_number for one in validate(wrong)
            ]


def test_little_memory_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PLANS_MAX", "JOINTS_MAX", "TEXTS_PER_USE_MAX", "TEXT_CHARACTERS_MAX"):
        monkeypatch.setattr(proven_levels, name, 2)

    assert_same(CONTENT, code_sets=CODE_SETS)
    assert_same(CONTENT.replace(b"19710203", b"20270203"))


# Which rules hear of the segments that the tables say something about. Whoever changes one of these rules, or adds one,
# must look at those tables: what they call free or only present, no rule here may read.
HEARD = {
    ("2000B", "subscriber_level"): "_subscriber_level _person_level",
    ("2000C", "patient_level"): "_patient_level _person_level _patient_level",
    ("2000B", "subscriber"): "_coverage",
    ("2010BA", "subscriber_name"): "_subscriber_name",
    ("2010BA", "subscriber_address"): "_subscriber_part",
    ("2010BA", "subscriber_city"): "_subscriber_part",
    ("2010BA", "subscriber_birth"): "_subscriber_part _birth",
    ("2010BB", "payer_name"): "_subscriber_part",
    ("2010BB", "billing_number_at_payer"): "_subscriber_part",
    ("2010CA", "patient_city"): "",
    ("2010CA", "patient_birth"): "_birth",
    ("2300", "claim"): "_claim_start",
    ("2300", "payer_claim_control_number"): "_control_number",
    ("2400", "line_control_number"): "_line_control_number",
}


def test_the_rules_that_hear_of_these_segments_are_those_the_tables_were_made_for() -> None:
    guide, report = load_guide("005010X222A1"), Report(2, [])
    table = professional_check(guide, CheckContext(report, CodeDating(report)))

    def names(use: SegmentUse) -> str:
        return " ".join(look.__name__ for look in table.rules_of(use))

    assert {*FREE_ELEMENTS, *PRESENT_ONLY, *LEVELS} == HEARD.keys()
    assert {place: names(guide.use(*place)) for place in HEARD} == HEARD


def test_a_free_element_is_no_code_and_no_number() -> None:
    guide = load_guide("005010X222A1")
    for place, positions in FREE_ELEMENTS.items():
        for element in guide.use(*place).elements:
            if element.position in positions:
                assert (element.data_type, element.codes, element.code_set) == ("AN", frozenset(), "")
