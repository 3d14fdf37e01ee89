"""Each fault is made by hand in a good file, and found with its place, and nothing else is found."""

import io
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

import pytest
from claim_samples import ENVELOPE, SECOND_SITE, make_claim, make_dependent, written

from cocm.basics.errors import X12Error
from cocm.x12 import Problem, ProblemKind, read_segments, validate, validate_837p

GOOD = written([make_claim(1, service_facility=SECOND_SITE), make_dependent(2)])
CORRECTED = written([make_claim(1, frequency_code="7", payer_claim_control_number="ICN1")])


class Break(NamedTuple):
    """A fault: what is replaced by what, and how it must be told."""

    old: str
    new: str
    kind: ProblemKind
    loop_id: str
    element: str
    source: bytes = GOOD
    more: tuple[ProblemKind, ...] = ()


K = ProblemKind
LINE = "LX*1~SV1*HC:99492*160.32*UN*1***1:2~DTP*472*D8*20260331~REF*6R*C-00000000000001-1~"
SUBSCRIBER = "N3*12 ELM STREET~N4*OAKLAND*CA*94610~DMG*D8*19880229*F~NM1*PR*2*GOLDEN HEALTH PLAN"

BREAKS = {
    # the envelope
    "SE count": Break("SE*57*", "SE*58*", K.COUNT, "", "SE01"),
    "SE control number": Break("*0001~GE", "*0002~GE", K.CONTROL_NUMBER, "", "SE02"),
    "GE count": Break("GE*1*1", "GE*2*1", K.COUNT, "", "GE01"),
    "GE control number": Break("GE*1*1", "GE*1*2", K.CONTROL_NUMBER, "", "GE02"),
    "IEA count": Break("IEA*1*", "IEA*2*", K.COUNT, "", "IEA01"),
    "IEA control number": Break("IEA*1*000000001", "IEA*1*000000002", K.CONTROL_NUMBER, "", "IEA02"),
    "ISA date": Break("*260402*0930*^", "*261302*0930*^", K.WRONG_VALUE, "", "ISA09"),
    "ISA test indicator": Break("*0*P*:", "*0*Q*:", K.WRONG_CODE, "", "ISA15"),
    "GS date": Break("CLEARHOUSE*20260402*0930", "CLEARHOUSE*20260431*0930", K.WRONG_VALUE, "", "GS04"),
    "another guide": Break("005010X222A1~BHT", "005010X223A2~BHT", K.UNKNOWN_GUIDE, "", "ST03"),
    "ST03 is not GS08": Break("X*005010X222A1", "X*005010X222", K.ENVELOPE, "", "ST03"),
    "no GE": Break("GE*1*1~", "", K.ENVELOPE, "", ""),
    "no IEA": Break("IEA*1*000000001~", "", K.ENVELOPE, "", ""),
    "a segment outside": Break("~GE*1*1", "~N3*X~GE*1*1", K.UNEXPECTED_SEGMENT, "", ""),
    # levels and order
    "HL number": Break("HL*3*1*22*1", "HL*9*1*22*1", K.HIERARCHY, "2000B", "HL01", more=(K.HIERARCHY,)),
    "HL parent": Break("HL*2*1*22*0", "HL*2*4*22*0", K.HIERARCHY, "2000B", "HL02"),
    "HL of the patient under another": Break("HL*4*3*23*0", "HL*4*2*23*0", K.HIERARCHY, "2000C", "HL02"),
    "HL without its children": Break("HL*3*1*22*1", "HL*3*1*22*0", K.HIERARCHY, "2000B", "HL04"),
    "HL with children that are not there": Break("HL*2*1*22*0", "HL*2*1*22*1", K.HIERARCHY, "2000B", "HL04"),
    "HL level code": Break("HL*4*3*23*0", "HL*4*3*24*0", K.WRONG_CODE, "2000C", "HL03"),
    "LX sequence": Break("LX*2~", "LX*3~", K.ORDER, "2400", "LX01"),
    "a segment too late": Break(
        "HI*ABK:F321*ABF:F411~NM1*82*1*OKAFOR*GRACE****XX*1679576722~PRV*PE*PXC*207Q00000X~",
        "NM1*82*1*OKAFOR*GRACE****XX*1679576722~PRV*PE*PXC*207Q00000X~HI*ABK:F321*ABF:F411~",
        K.ORDER,
        "2300",
        "",
    ),
    "address after tax number": Break(
        "N3*100 MAIN STREET~N4*OAKLAND*CA*946120001~REF*EI*941234567~",
        "REF*EI*941234567~N3*100 MAIN STREET~N4*OAKLAND*CA*946120001~",
        K.ORDER,
        "2010AA",
        "",
        more=(K.ORDER,),
    ),
    "an unknown segment": Break("LX*1~", "ZZZ*1~LX*1~", K.UNEXPECTED_SEGMENT, "2310C", ""),
    "a segment with an unknown qualifier": Break(
        "HI*ABK", "REF*ZZ*1~HI*ABK", K.UNEXPECTED_SEGMENT, "2300", ""
    ),
    "an empty segment": Break("LX*2~", "~LX*2~", K.UNEXPECTED_SEGMENT, "2400", ""),
    # what is required
    "no billing provider": Break(
        "NM1*85*2*LAKESIDE FAMILY MEDICINE*****XX*1234567893~",
        "",
        K.UNEXPECTED_SEGMENT,
        "2000A",
        "",
        more=(K.UNEXPECTED_SEGMENT,) * 3 + (K.MISSING_LOOP,),
    ),
    "no tax number": Break("REF*EI*941234567~", "", K.MISSING_SEGMENT, "2010AA", ""),
    "no SBR": Break("SBR*P**G100******CI~", "", K.MISSING_SEGMENT, "2000B", ""),
    "no payer": Break("NM1*PR*2*GOLDEN HEALTH PLAN*****PI*GHP01~CLM", "CLM", K.MISSING_LOOP, "2010BB", ""),
    "no diagnoses": Break(
        "HI*ABK:F321*ABF:F411~",
        "",
        K.SITUATION,
        "2400",
        "SV107-1",
        more=(K.SITUATION, K.SITUATION, K.MISSING_SEGMENT),
    ),
    "no service date": Break(
        "DTP*472*D8*20260331~REF*6R*C-00000000000001-1~",
        "REF*6R*C-00000000000001-1~",
        K.MISSING_SEGMENT,
        "2400",
        "",
    ),
    "no lines": Break(
        LINE + "LX*2~SV1*HC:99494*124*UN*2***1~DTP*472*D8*20260331~REF*6R*C-00000000000001-2~",
        "",
        K.MISSING_LOOP,
        "2400",
        "",
        more=(K.BALANCE,),
    ),
    "no submitter's contact": Break(
        "PER*IC*BILLING OFFICE*TE*5105550100~", "", K.MISSING_SEGMENT, "1000A", ""
    ),
    "no name": Break("NM1*IL*1*DAVIS*MORGAN", "NM1*IL*1**MORGAN", K.MISSING_ELEMENT, "2010BA", "NM103"),
    "no units": Break(
        "SV1*HC:99492*160.32*UN*1***1:2", "SV1*HC:99492*160.32*UN****1:2", K.MISSING_ELEMENT, "2400", "SV104"
    ),
    "no frequency": Break(
        "C-00000000000001*284.32***11:B:1*",
        "C-00000000000001*284.32***11:B*",
        K.MISSING_ELEMENT,
        "2300",
        "CLM05-3",
    ),
    # how often
    "two billing providers": Break(
        "N3*100 MAIN STREET~", "N3*100 MAIN STREET~N3*SUITE 2~", K.TOO_MANY, "2010AA", ""
    ),
    "two payers": Break(
        "*PI*GHP01~HL*4", "*PI*GHP01~NM1*PR*2*SILVER*****PI*S1~HL*4", K.TOO_MANY, "2010BB", ""
    ),
    # values
    "a date that is none": Break(
        "DTP*472*D8*20260331",
        "DTP*472*D8*20261331",
        K.WRONG_VALUE,
        "2400",
        "DTP03",
    ),
    "a 29 February without leap year": Break(
        "DMG*D8*19880229*F~NM1", "DMG*D8*19890229*F~NM1", K.WRONG_VALUE, "2010BA", "DMG02"
    ),
    "a range in the format of a day": Break(
        "DTP*472*D8*20260331",
        "DTP*472*D8*20260301-20260331",
        K.WRONG_VALUE,
        "2400",
        "DTP03",
    ),
    "a range that is reversed": Break(
        "DTP*472*D8*20260331",
        "DTP*472*RD8*20260331-20260301",
        K.WRONG_VALUE,
        "2400",
        "DTP03",
    ),
    "a service after the file was made": Break(
        "DTP*472*D8*20260331",
        "DTP*472*D8*20260403",
        K.SITUATION,
        "2400",
        "DTP03",
    ),
    "a service before birth": Break(
        "DTP*472*D8*20260331",
        "DTP*472*D8*19880228",
        K.SITUATION,
        "2400",
        "DTP03",
    ),
    "sex": Break("19880229*F~NM1", "19880229*X~NM1", K.WRONG_CODE, "2010BA", "DMG03"),
    "place of service 98": Break(
        "00001*284.32***11:B:1", "00001*284.32***98:B:1", K.WRONG_CODE, "2300", "CLM05-1"
    ),
    "frequency X": Break("00001*284.32***11:B:1", "00001*284.32***11:B:X", K.WRONG_CODE, "2300", "CLM05-3"),
    "state XQ": Break(
        "OAKLAND*CA*94610~DMG*D8*19880229*F~NM1",
        "OAKLAND*XQ*94610~DMG*D8*19880229*F~NM1",
        K.WRONG_CODE,
        "2010BA",
        "N402",
    ),
    "filing code": Break("SBR*P*18*G100******CI", "SBR*P*18*G100******C1", K.WRONG_CODE, "2000B", "SBR09"),
    "a value where none is used": Break(
        "DMG*D8*19880229*F~NM1", "DMG*D8*19880229*F*M~NM1", K.UNUSED_ELEMENT, "2010BA", "DMG04"
    ),
    "a component where none is used": Break(
        "HI*ABK:F321*ABF:F411", "HI*ABK:F321*ABF:F411::X", K.UNUSED_ELEMENT, "2300", "HI02-4"
    ),
    "an amount that is none": Break(
        "*284.32***11:B:1*Y*A", "*28432USD***11:B:1*Y*A", K.WRONG_VALUE, "2300", "CLM02"
    ),
    "a name too long": Break("NM1*QC*1*DAVIS", "NM1*QC*1*" + "D" * 61, K.WRONG_VALUE, "2010CA", "NM103"),
    "a name of blanks": Break("NM1*QC*1*DAVIS", "NM1*QC*1*  ", K.WRONG_VALUE, "2010CA", "NM103"),
    "a control character": Break("NM1*QC*1*DAVIS", "NM1*QC*1*DA\x07VIS", K.WRONG_VALUE, "2010CA", "NM103"),
    "a letter outside ASCII": Break("NM1*QC*1*DAVIS", "NM1*QC*1*DÁVIS", K.WRONG_VALUE, "2010CA", "NM103"),
    "a segment id in lower case": Break("NM1*QC*1*DAVIS", "nm1*QC*1*DAVIS", K.WRONG_VALUE, "2010CA", ""),
    "an identifier without its type": Break(
        "****MI*GHP000000001", "*****GHP000000001", K.CONDITION, "2010BA", "NM108"
    ),
    "a diagnosis with its point": Break(
        "HI*ABK:F321*ABF:F411", "HI*ABK:F32.1*ABF:F411", K.WRONG_VALUE, "2300", "HI01-2"
    ),
    # identifiers
    "billing NPI": Break("*XX*1234567893", "*XX*1234567890", K.IDENTIFIER, "2010AA", "NM109"),
    "facility NPI too short": Break("*XX*1083617021", "*XX*108361702", K.IDENTIFIER, "2310C", "NM109"),
    # what agrees
    "total": Break("00001*284.32*", "00001*284.33*", K.BALANCE, "2300", "CLM02"),
    "line charge": Break(
        "SV1*HC:99492*160.32*UN*1***1:2", "SV1*HC:99492*16.32*UN*1***1:2", K.BALANCE, "2300", "CLM02"
    ),
    "pointer past the diagnoses": Break("***1:2", "***1:3", K.SITUATION, "2400", "SV107-2"),
    "pointer 0": Break("***1:2", "***0", K.SITUATION, "2400", "SV107-1"),
    "replacement without the payer's number": Break(
        "REF*F8*ICN1~", "", K.SITUATION, "2300", "CLM05-3", CORRECTED
    ),
    "void without the payer's number": Break("11:B:1*Y*A", "11:B:8*Y*A", K.SITUATION, "2300", "CLM05-3"),
    "no birth date of subscriber and patient": Break(
        "DMG*D8*19880229*F~NM1", "NM1", K.SITUATION, "2010BA", ""
    ),
    "no address of subscriber and patient": Break(SUBSCRIBER, SUBSCRIBER[17:], K.SITUATION, "2010BA", ""),
    "a claim whose subscriber is not said to be the patient": Break(
        "SBR*P*18*", "SBR*P**", K.SITUATION, "2000B", "SBR02"
    ),
    "a patient below a subscriber who is the patient": Break(
        "SBR*P**G100", "SBR*P*18*G100", K.SITUATION, "2000C", "HL03", more=(K.SITUATION,) * 3
    ),
    "a later payer without the one before": Break("SBR*P*18*", "SBR*S*18*", K.SITUATION, "2320", ""),
    "a box as billing address": Break("N3*100 MAIN STREET", "N3*PO BOX 100", K.SITUATION, "2010AA", "N301"),
    "five digits of the billing postal code": Break("*946120001", "*94612", K.SITUATION, "2010AA", "N403"),
}


@pytest.mark.parametrize("fault", BREAKS.values(), ids=BREAKS.keys())
def test_a_fault_is_found_in_its_place_and_nothing_else(fault: Break) -> None:
    assert fault.old.encode() in fault.source
    content = fault.source.replace(fault.old.encode(), fault.new.encode("utf-8"), 1)

    problems = validate_837p(content)

    assert (problems[0].kind, problems[0].loop_id, problems[0].element) == (
        fault.kind,
        fault.loop_id,
        fault.element,
    )
    others = [
        problem.kind for problem in problems[1:] if problem.element != "SE01"
    ]  # the cut changed the count
    assert sorted(others) == sorted(fault.more)


def test_a_problem_tells_its_place_what_was_expected_and_no_patient_data() -> None:
    content = GOOD.replace(b"NM1*IL*1*DAVIS*ARIANA", b"NM1*IL*1*DAV\x01IS*ARIANA")

    (problem,) = validate_837p(content, file="march.837")

    at = content.index(b"NM1*IL*1*DAV")
    segment = next(one for one in read_segments(content) if one.start == at)
    assert problem == Problem(
        kind=ProblemKind.WRONG_VALUE,
        byte_offset=at,
        segment_number=segment.number,
        transaction_control_number="0001",
        transaction_segment_number=segment.number - 2,
        loop_id="2010BA",
        segment_tag="NM1",
        element="NM103",
        what="a character outside X12's sets",
        expected="1 to 60 characters of the X12 basic or extended set",
        fix="correct the value at its source",
        file="march.837",
    )
    assert str(problem) == (
        f"march.837, byte {at}, segment {segment.number}, transaction 0001, loop 2010BA, NM103: "
        "a character outside X12's sets; expected 1 to 60 characters of the X12 basic or extended set. "
        "To do: correct the value at its source"
    )


def test_a_problem_inside_a_claim_names_the_claim() -> None:
    content = GOOD.replace(b"C-00000000000002*284.32", b"C-00000000000002*284.00")

    assert [problem.claim_id for problem in validate_837p(content)] == ["C-00000000000002"]


def test_every_fault_of_a_file_is_reported() -> None:
    content = GOOD.replace(b"11:B:1", b"98:B:X").replace(b"19880229*F", b"19880230*Q")

    found = sorted((problem.element, problem.loop_id) for problem in validate_837p(content))

    assert found == [
        ("CLM05-1", "2300"), ("CLM05-1", "2300"), ("CLM05-3", "2300"), ("CLM05-3", "2300"),
        ("DMG02", "2010BA"), ("DMG02", "2010CA"), ("DMG03", "2010BA"), ("DMG03", "2010CA"),
    ]  # fmt: skip


def test_a_secondary_claim_with_the_first_payer_s_decision_is_no_fault() -> None:
    other = (
        "SBR*P*18*******MB~CAS*CO*45*184.32~CAS*PR*2*20~AMT*D*80~OI***Y***Y~NM1*IL*1*DAVIS*ARIANA****MI*MED1~"
        "NM1*PR*2*FIRST PAYER*****PI*12345~DTP*573*D8*20260401~"
    )
    content = GOOD.replace(b"SBR*P*18*G100", b"SBR*S*18*G100").replace(b"LX*1~", other.encode() + b"LX*1~", 1)

    assert [problem.element for problem in validate_837p(content)] == ["SE01"]


def test_code_sets_from_outside_are_held_to() -> None:
    sets = {"procedure": {"99492"}, "diagnosis": {"F321"}, "taxonomy": {"207Q00000X"}}

    found = {problem.element for problem in validate_837p(GOOD, code_sets=sets)}

    assert found == {"HI02-2", "SV101-2"}


def test_the_number_of_problems_is_limited_and_said_so() -> None:
    content = written([make_claim(number) for number in range(50)]).replace(b"11:B:1", b"98:B:1")

    problems = validate_837p(content, problems_max=10)

    assert len(problems) == 11
    assert problems[-1].kind is ProblemKind.LIMIT


def test_a_file_that_is_cut_off_is_reported_up_to_there() -> None:
    problems = validate_837p(GOOD[:1200])

    kinds = [problem.kind for problem in problems]
    assert kinds[0] is ProblemKind.UNREADABLE
    assert kinds.count(ProblemKind.ENVELOPE) == 3


def test_what_is_no_interchange_at_all_is_refused() -> None:
    with pytest.raises(X12Error, match="begins with ISA"):
        validate_837p(b"claim_id,amount\n1,2\n")


def test_repeated_control_numbers_are_found() -> None:
    two = written([make_claim(number) for number in range(2)], claims_per_transaction=1)
    same = two.replace(b"ST*837*0002", b"ST*837*0001").replace(b"*0002~", b"*0001~")

    assert [problem.element for problem in validate_837p(same)] == ["ST02"]
    assert [problem.element for problem in validate_837p(two + two)] == ["ISA13"]


def test_a_transaction_without_its_end_is_told_and_the_next_is_checked() -> None:
    two = written([make_claim(number) for number in range(2)], claims_per_transaction=1)
    content = two.replace(b"SE*32*0001~", b"").replace(b"00001*284.32", b"00001*285.32")

    found = [(problem.kind, problem.element) for problem in validate_837p(content)]

    assert found == [(ProblemKind.ENVELOPE, ""), (ProblemKind.BALANCE, "CLM02")] or found == [
        (ProblemKind.MISSING_SEGMENT, ""), (ProblemKind.ENVELOPE, ""), (ProblemKind.BALANCE, "CLM02"),
    ]  # fmt: skip


def test_older_headers_are_checked_by_the_same_map() -> None:
    assert validate_837p(GOOD.replace(b"005010X222A1", b"005010X222A2")) == ()
    assert validate(GOOD.replace(b"005010X222A1", b"005010X222")) == ()


def test_memory_stays_within_bounds_on_endless_levels() -> None:
    class Levels(io.RawIOBase):
        """A file of two hundred thousand levels and nothing below them."""

        def __init__(self) -> None:
            self.parts = self.make()

        def make(self) -> Iterator[bytes]:
            start = GOOD.index(b"HL*2*")
            yield GOOD[:start]
            for number in range(2, 200_000, 1_000):
                yield b"".join(b"HL*%d*1*22*0~" % at for at in range(number, number + 1_000))

        def read(self, size: int = -1) -> bytes:
            return next(self.parts, b"")

    stream: BinaryIO = Levels()  # type: ignore[assignment]  # the check needs only read
    problems = validate_837p(stream, problems_max=1_000)

    assert len(problems) == 1_001


def test_the_envelope_s_own_map_is_met_by_what_we_write() -> None:
    assert validate(written([make_claim()], ENVELOPE)) == ()
