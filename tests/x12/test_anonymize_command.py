"""`cocm x12 anonymize`: nobody is left in the file, and everything that can be tested is."""

from __future__ import annotations

import io
import re
from datetime import date, datetime
from pathlib import Path

import pytest
from claim_samples import make_claim, make_dependent, written
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from remittance_samples import REMITTANCE

from cocm.basics.errors import X12Error
from cocm.basics.npi import npi_check_digit, npi_is_valid
from cocm.cli import cli
from cocm.x12 import read_277ca, read_835, read_837p, read_999, read_segments, validate
from cocm.x12.anonymize import Anonymized, anonymize
from cocm.x12.anonymize_rules import action_for, may_be_kept
from cocm.x12.date_shift import DateShift
from cocm.x12.guide import load_guide
from cocm.x12.pseudonym import Pseudonyms
from cocm.x12.reply import reply

CLAIMS = written([make_claim(1), make_dependent(2)])
FREE_TEXT = b"~NTE*ADD*ARIANA SAID SHE IS WELL~HI*ABK"


def anonymized(content: bytes, seed: int = 7, *, keeps_months: bool = False) -> bytes:
    out = io.BytesIO()
    anonymize(content, out, seed=seed, keeps_months=keeps_months)
    return out.getvalue()


def counted(content: bytes) -> Anonymized:
    return anonymize(content, io.BytesIO(), seed=7)


# Everything in the two files that tells who somebody is, whole or in parts.
IDENTIFYING = re.compile(
    rb"DAVIS|ARIANA|MORGAN|NGUYEN|OKAFOR|GRACE|LAKESIDE|GOLDEN|CLEARING|CLEARHOUSE|BILLING OFFICE|ELM|MAIN ST|OAKLAND"
    rb"|FRESNO|PLAZA|PROVIDER LINE|EDI HELP|\*946(?:10|12)\d*[~*]|\*93701[~*]|GHP0|G100|C-0000|941234567"
    rb"|1234567893|1679576722|5105550100|8005550|ICN000|ICN9|AUTH9|EFT00|011000015|021000021|123456\*|987654|19880229|20260331|20260301"
    rb"|000000042|\*LEE\*|\*SAM\*|WELL"
)


@pytest.mark.parametrize(
    "content", [CLAIMS.replace(b"~HI*ABK", FREE_TEXT), REMITTANCE], ids=["claims", "remittance"]
)
@pytest.mark.parametrize("keeps_months", [False, True])
def test_nothing_that_identifies_survives(content: bytes, keeps_months: bool) -> None:
    assert IDENTIFYING.search(content)
    found = {
        one
        for seed in range(20)
        for one in IDENTIFYING.findall(anonymized(content, seed, keeps_months=keeps_months))
    }
    assert not found


@pytest.mark.parametrize("content", [CLAIMS, REMITTANCE], ids=["claims", "remittance"])
def test_the_result_is_as_valid_as_the_file(content: bytes) -> None:
    assert validate(content) == ()
    assert validate(anonymized(content)) == ()
    assert validate(anonymized(content, keeps_months=True)) == ()


def test_faults_of_structure_and_balance_stay_to_be_found() -> None:
    broken = REMITTANCE.replace(b"SVC*HC:99492*160.32", b"SVC*HC:99492*160.33").replace(b"GE*1*", b"GE*3*")
    before = [(one.kind, one.segment_number) for one in validate(broken)]
    assert before
    assert [(one.kind, one.segment_number) for one in validate(anonymized(broken))] == before


def test_structure_codes_and_amounts_stay() -> None:
    for content in (CLAIMS, REMITTANCE):
        for old, new in zip(read_segments(content), read_segments(anonymized(content)), strict=True):
            assert (old.tag, len(old.elements)) == (new.tag, len(new.elements))
    old_claims, new_claims = list(read_837p(CLAIMS)), list(read_837p(anonymized(CLAIMS)))
    for old_claim, new_claim in zip(old_claims, new_claims, strict=True):
        assert new_claim.diagnosis_codes == old_claim.diagnosis_codes
        assert new_claim.charge_amount_cents == old_claim.charge_amount_cents
        assert [one.hcpcs_code for one in new_claim.lines] == [one.hcpcs_code for one in old_claim.lines]
        assert new_claim.place_of_service_code == old_claim.place_of_service_code


def test_a_claim_still_meets_its_remittance() -> None:
    claim = next(read_837p(anonymized(CLAIMS)))
    (remittance,) = read_835(anonymized(REMITTANCE))
    payment = remittance.claims[0]
    assert payment.claim_id == claim.claim_id
    assert claim.patient.identifier in {placed.segment.value(9) for placed in payment.segments}
    assert remittance.payee.identifier == claim.billing.identifier
    assert payment.lines[0].line_control_number == claim.lines[0].line_control_number
    assert payment.lines[0].service_from_date == claim.lines[0].service_from_date
    other = next(read_837p(anonymized(CLAIMS, seed=8)))
    assert other.claim_id != claim.claim_id


def test_npis_stay_valid_and_wrong_ones_stay_wrong() -> None:
    claim = next(read_837p(anonymized(CLAIMS)))
    assert npi_is_valid(claim.billing.identifier)
    assert claim.rendering is not None and npi_is_valid(claim.rendering.identifier)
    wrong = anonymized(CLAIMS.replace(b"1679576722", b"1679576723"))
    assert not any(
        npi_is_valid(one.elements[-1]) for one in read_segments(wrong) if one.text.startswith("NM1*82")
    )


def test_a_persons_dates_move_together_and_a_family_shares_its_span() -> None:
    old, new = list(read_837p(CLAIMS)), list(read_837p(anonymized(CLAIMS)))
    for before, after in zip(old, new, strict=True):
        moved = {
            before_line.service_from_date - after_line.service_from_date
            for before_line, after_line in zip(before.lines, after.lines, strict=True)
        }
        (span,) = moved
        assert span.days % 7 == 0 and 28 <= span.days <= 56 * 7
        assert before.patient.birth_date is not None and after.patient.birth_date is not None
        assert 1 <= (before.patient.birth_date - after.patient.birth_date - span).days <= 180
    spans = {claim.lines[0].service_from_date for claim in new}
    assert len(spans) == 2  # two members, two spans


def test_a_death_date_before_the_members_name_moves_with_the_member() -> None:
    content = CLAIMS.replace(b"~SBR*P*18*G100******CI~", b"~SBR*P*18*G100******CI~PAT*****D8*20260330~")
    death, service = (
        next(
            one.elements[-1]
            for one in read_segments(anonymized(content))
            if one.tag == tag and "D8" in one.elements
        )
        for tag in ("PAT", "DTP")
    )
    assert (_day(service) - _day(death)).days == 1


def _day(text: str) -> date:
    return date(int(text[:4]), int(text[4:6]), int(text[6:]))


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)), st.text(max_size=5), st.integers(0, 50), st.booleans())
def test_months_are_kept_where_asked_and_weekdays_otherwise(
    day: date, person: str, seed: int, is_birth: bool
) -> None:
    by_months = DateShift(Pseudonyms(seed), keeps_months=True)
    first, last = by_months.moved(day.replace(day=1), person), by_months.moved(day.replace(day=28), person)
    assert (first.day, last.day, first.month) == (1, 28, last.month)
    by_weeks = DateShift(Pseudonyms(seed), keeps_months=False)
    assert by_weeks.moved(day, person).weekday() == day.weekday()
    assert by_weeks.moved(day, person, is_birth=is_birth) < day


def test_an_open_end_stays_open() -> None:
    shift = DateShift(Pseudonyms(1), keeps_months=False)
    assert shift.moved_text("99991231", "x") == "99991231"
    assert shift.moved_formatted("20260101-99991231", "RD8", "")[9:] == "99991231"  # type: ignore[index]  # it is a range
    assert shift.moved_text("20261331", "x") is None


@given(st.text("0123456789ABCXYZabc-/ .@é", min_size=1, max_size=20), st.integers(0, 5))
@settings(max_examples=300, deadline=None)
def test_an_identifier_keeps_its_form_and_never_itself(text: str, seed: int) -> None:
    made = Pseudonyms(seed).identifier(text)
    assert len(made) == len(text)
    assert [one.isdigit() for one in made] == [one.isdigit() for one in text]
    assert made.isascii() or not any(one.isalnum() for one in text)
    if any(one.isalnum() and one != "0" for one in text):
        assert made != text
    assert made == Pseudonyms(seed).identifier(text)


@pytest.mark.parametrize("form", ["{:03d}", "X{:02d}", "9{:02d}", "A-{:02d}"])
def test_different_identifiers_stay_different(form: str) -> None:
    texts = [form.format(number) for number in range(100)]
    assert len({Pseudonyms(3).identifier(text) for text in texts}) == 100


@given(st.integers(100_000_000, 299_999_999), st.integers(0, 3))
@settings(max_examples=100, deadline=None)
def test_an_npi_becomes_an_npi_and_nothing_else_does(number: int, seed: int) -> None:
    nine = str(number)
    right = npi_check_digit(nine)
    for digit in "0123456789":
        assert npi_is_valid(Pseudonyms(seed).identifier(nine + digit)) == (digit == right)


def test_the_answers_to_a_file_are_anonymized_so_that_they_still_fit_it() -> None:
    answers = [one.content for one in reply(CLAIMS, at=datetime(2026, 4, 3), first_control_number=5000)]
    (form, claims), new = answers, list(read_837p(anonymized(CLAIMS)))
    (said,) = read_999(anonymized(form))
    transmission = new[0].transmission
    assert said.group_control_number == str(transmission.group_control_number)
    assert said.transactions[0].control_number == transmission.transaction_control_number
    (answer,) = read_277ca(anonymized(claims))
    found = [claim for batch in answer.batches for one in batch.providers for claim in one.claims]
    assert [one.claim_id for one in found] == [one.claim_id for one in new]
    assert found[0].service_from_date == new[0].lines[0].service_from_date
    for content in answers:
        assert not IDENTIFYING.search(anonymized(content))
        assert validate(anonymized(content)) == ()


def test_what_the_map_does_not_know_is_left_out_and_counted() -> None:
    content = CLAIMS.replace(b"~HI*ABK", b"~ZZ1*ARIANA DAVIS~HI*ABK").replace(
        b"*CLEARHOUSE~NM1", b"*CLEARHOUSE~NM1"
    )
    content = content.replace(b"DMG*D8*19880229*F~", b"DMG*D8*19880229*F*****SECRET~")
    result = anonymized(content)
    assert b"ZZ1" not in result and b"SECRET" not in result
    done = counted(content)
    assert (done.dropped_segment_count, done.emptied_element_count) == (2, 2)
    assert done.dropped_tags == {"unknown"}
    assert not [one for one in validate(result) if one.kind.value == "count"]  # SE01 was counted anew


def test_values_in_the_wrong_place_do_not_slip_through() -> None:
    content = REMITTANCE.replace(b"CAS*CO*45*30.26", b"CAS*DAVIS*GHP000000001*ARIANA")
    content = content.replace(b"DTM*472*20260331", b"DTM*472*ARIANA D", 1).replace(
        b"HC:99492", b"HC:ARIANA DAVIS", 1
    )
    content = content.replace(b"*00*          *00*          *", b"*00*TOPSECRET!*01*PASSWORD10*")
    result = anonymized(content)
    assert not re.search(rb"ARIANA|DAVIS|GHP000000001|TOPSECRET|PASSWORD", result)
    assert result[:106].count(b"*") == 16 and result[105:106] == b"~"


def test_a_document_code_is_kept_and_a_social_security_number_in_its_place_is_not() -> None:
    use = load_guide("006020X313").use("2200D", "status")
    status = use.element("status_1")
    assert may_be_kept(action_for(use, status), status, "18842-5")
    assert not may_be_kept(action_for(use, status), status, "123-45-6789")


def test_a_wrong_code_set_value_is_not_a_way_out() -> None:
    assert b"123456789" not in anonymized(CLAIMS.replace(b"ABK:F321", b"ABK:123456789"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (REMITTANCE.replace(b"005010X221A1", b"004010X091A1"), "no map of guide"),
        (REMITTANCE.replace(b"~LX*1~", b"~LX*1~BIN*4*ABCD~"), "carries a document"),
        (b"ARIANA;DAVIS" * 30, "begins with ISA"),
        (REMITTANCE[:-15], "segment"),
    ],
)
def test_what_cannot_be_made_safe_is_refused_and_nothing_is_written(
    tmp_path: Path, content: bytes, message: str
) -> None:
    (tmp_path / "in.x12").write_bytes(content)
    result = CliRunner().invoke(
        cli, ["x12", "anonymize", str(tmp_path / "in.x12"), "--out", str(tmp_path / "out.x12")]
    )
    assert isinstance(result.exception, X12Error)
    assert message in str(result.exception)
    assert "ARIANA" not in str(result.exception)
    assert [path.name for path in tmp_path.iterdir()] == ["in.x12"]


def test_the_command_tells_the_seed_it_chose_and_repeats_itself_with_it(tmp_path: Path) -> None:
    given_path = tmp_path / "in.837"
    given_path.write_bytes(CLAIMS.replace(b"~HI*ABK", FREE_TEXT))
    first = CliRunner().invoke(cli, ["x12", "anonymize", str(given_path), "--out", str(tmp_path / "a.837")])
    assert "left out 2 segments (NTE) and 2 elements" in first.output
    seed = re.search(r"Seed (\d+)", first.output)
    assert seed is not None
    again = ["x12", "anonymize", str(given_path), "--out", str(tmp_path / "b.837"), "--seed", seed[1]]
    assert CliRunner().invoke(cli, again).exit_code == 0
    assert (tmp_path / "a.837").read_bytes() == (tmp_path / "b.837").read_bytes()
    refused = CliRunner().invoke(cli, ["x12", "anonymize", str(given_path), "--out", str(given_path)])
    assert "is the file itself" in str(refused.exception)
