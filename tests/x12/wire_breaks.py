"""Two good files written by hand, and faults made in them one at a time: thirty in the claim, eight in the remittance,
and more of our own. Each says where it must be told, and what the peers are known to be unable to see.
"""

from __future__ import annotations

from typing import NamedTuple

from cocm.x12 import ProblemKind

K = ProblemKind

CLAIMS = (
    "ISA*00*          *00*          *ZZ*SENDER01       *ZZ*RECEIVER01     *260402*0930*^*00501*000000101*0*P*:~"
    "GS*HC*SENDER01*RECEIVER01*20260402*0930*101*X*005010X222A1~"
    "ST*837*0001*005010X222A1~"
    "BHT*0019*00*BATCH101*20260402*0930*CH~"
    "NM1*41*2*HARBOR PRIMARY CARE*****46*SENDER01~"
    "PER*IC*BILLING OFFICE*TE*5035550100~"
    "NM1*40*2*STATE CLEARING HOUSE*****46*RECEIVER01~"
    "HL*1**20*1~"
    "PRV*BI*PXC*207Q00000X~"
    "NM1*85*2*HARBOR PRIMARY CARE*****XX*1234567893~"
    "N3*20 HARBOR STREET~"
    "N4*PORTLAND*OR*972010001~"
    "REF*EI*931234567~"
    "HL*2*1*22*0~"
    "SBR*P*18*G7*OREGON WORKERS*****CI~"
    "NM1*IL*1*RIVERA*SOL****MI*W0000001~"
    "N3*7 PINE ROAD~"
    "N4*PORTLAND*OR*97202~"
    "DMG*D8*19790412*F~"
    "NM1*PR*2*CASCADE HEALTH*****PI*CASC1~"
    "CLM*HPC-0001*224***11:B:1*Y*A*Y*Y~"
    "REF*G1*AUTH77~"
    "HI*ABK:F331*ABF:F411~"
    "NM1*DN*1*STONE*RAY****XX*1497758544~"
    "NM1*82*1*OKAFOR*GRACE****XX*1679576722~"
    "PRV*PE*PXC*207Q00000X~"
    "LX*1~"
    "SV1*HC:99493*100*UN*1***1:2~"
    "DTP*472*RD8*20260301-20260331~"
    "REF*6R*HPC-0001-1~"
    "LX*2~"
    "SV1*HC:99494:59*124*UN*2***1~"
    "DTP*472*D8*20260331~"
    "REF*6R*HPC-0001-2~"
    "HL*3*1*22*1~"
    "SBR*P**G8******CI~"
    "NM1*IL*1*LEE*JUN****MI*W0000002~"
    "NM1*PR*2*CASCADE HEALTH*****PI*CASC1~"
    "HL*4*3*23*0~"
    "PAT*19~"
    "NM1*QC*1*LEE*MIN~"
    "N3*9 OAK STREET~"
    "N4*SALEM*OR*97301~"
    "DMG*D8*20091130*M~"
    "CLM*HPC-0002*150***10:B:1*Y*A*Y*Y~"
    "HI*ABK:F321~"
    "NM1*82*1*OKAFOR*GRACE****XX*1679576722~"
    "LX*1~"
    "SV1*HC:99492*150*UN*1***1~"
    "DTP*472*D8*20260331~"
    "SE*49*0001~GE*1*101~IEA*1*000000101~"
)

SECONDARY = (
    CLAIMS.replace("SBR*P*18*G7*OREGON WORKERS*****CI", "SBR*S*18*G7*OREGON WORKERS*****CI")
    .replace(
        "LX*1~SV1*HC:99493",
        "SBR*P*18*******MB~CAS*CO*45*4~AMT*D*150~OI***Y***Y~NM1*IL*1*RIVERA*SOL****MI*1EG4TE5MK73~"
        "NM1*PR*2*MEDICARE*****PI*MEDI1~LX*1~SV1*HC:99493",
        1,
    )
    .replace(
        "REF*6R*HPC-0001-1~",
        "REF*6R*HPC-0001-1~SVD*MEDI1*70*HC:99493**1~CAS*CO*45*10~CAS*PR*2*20~DTP*573*D8*20260401~",
    )
    .replace(
        "REF*6R*HPC-0001-2~",
        "REF*6R*HPC-0001-2~SVD*MEDI1*84*HC:99494:59**2~CAS*CO*45*20**96*20~DTP*573*D8*20260401~",
    )
    .replace("SE*49*", "SE*62*")
)

REMITTANCE = (
    "ISA*00*          *00*          *ZZ*CASC1          *ZZ*SENDER01       *260501*1200*^*00501*000000202*0*P*:~"
    "GS*HP*CASC1*SENDER01*20260501*1200*202*X*005010X221A1~"
    "ST*835*0001~"
    "BPR*I*165*C*ACH*CCP*01*011000015*DA*123456*1931234567**01*021000021*DA*987654*20260502~"
    "TRN*1*EFT202*1931234567~"
    "DTM*405*20260501~"
    "N1*PR*CASCADE HEALTH~"
    "N3*1 PLAN PLAZA~"
    "N4*SALEM*OR*97301~"
    "PER*BL*EDI HELP*TE*8005550111~"
    "N1*PE*HARBOR PRIMARY CARE*XX*1234567893~"
    "REF*TJ*931234567~"
    "LX*1~"
    "TS3*1234567893*11*20261231*2*374~"
    "CLP*HPC-0001*1*224*170*20*12*ICN1*11*1~"
    "NM1*QC*1*RIVERA*SOL****MI*W0000001~"
    "SVC*HC:99493*100*70**1~"
    "DTM*472*20260331~"
    "CAS*CO*45*10~"
    "CAS*PR*2*20~"
    "SVC*HC:99494:59*124*100**2~"
    "DTM*472*20260331~"
    "CAS*CO*45*24~"
    "LQ*HE*N130~"
    "CLP*HPC-0002*4*150*0**12*ICN2*10*1~"
    "NM1*QC*1*LEE*MIN~"
    "SVC*HC:99492*150*0**1~"
    "DTM*472*20260331~"
    "CAS*CO*197*150~"
    "PLB*1234567893*20261231*WO:ICN0*5~"
    "SE*29*0001~GE*1*202~IEA*1*000000202~"
)


class Break(NamedTuple):
    """A fault: what is replaced by what, and where it must be told.

    `at` is how the segment begins at which it must be told, in the broken file, and `nth` which of those that
    begin so. `counts` is false where SE01 must not be put right after the change.
    """

    old: str
    new: str
    kind: ProblemKind
    at: str
    loop_id: str
    element: str
    source: str = CLAIMS
    counts: bool = True
    nth: int = 1

    @property
    def content(self) -> bytes:
        """The broken file."""
        assert self.source.count(self.old) >= 1, self.old
        text = self.source.replace(self.old, self.new, 1)
        if self.counts:
            text = _counted(text)
        return text.encode()

    @property
    def segment_number(self) -> int:
        """The number of the segment at which the fault must be told."""
        segments = self.content.decode().split("~")
        numbers = [number for number, one in enumerate(segments, start=1) if one.startswith(self.at)]
        return numbers[self.nth - 1]


def _counted(text: str) -> str:
    segments = text.split("~")
    tags = [one.split("*")[0] for one in segments]
    start, end = tags.index("ST"), tags.index("SE")
    parts = segments[end].split("*")
    segments[end] = "*".join(["SE", str(end - start + 1), *parts[2:]])
    return "~".join(segments)


THE_THIRTY: dict[str, Break] = {
    "billing provider missing": Break(
        "NM1*85*2*HARBOR PRIMARY CARE*****XX*1234567893~", "", K.MISSING_LOOP, "HL*1**20", "2010AA", ""
    ),
    "date that is none": Break(
        "DTP*472*D8*20260331~REF*6R*HPC-0001-2",
        "DTP*472*D8*20261331~REF*6R*HPC-0001-2",
        K.WRONG_VALUE,
        "DTP*472*D8*20261331",
        "2400",
        "DTP03",
    ),
    "charge is not the sum of the lines": Break(
        "HPC-0001*224*", "HPC-0001*225*", K.BALANCE, "CLM*HPC-0001", "2300", "CLM02"
    ),
    "segment count": Break("SE*49*", "SE*48*", K.COUNT, "SE*48", "", "SE01", counts=False),
    "place of service 98": Break(
        "224***11:B:1", "224***98:B:1", K.WRONG_CODE, "CLM*HPC-0001", "2300", "CLM05-1"
    ),
    "billing NPI fails its check digit": Break(
        "XX*1234567893", "XX*1234567890", K.IDENTIFIER, "NM1*85", "2010AA", "NM109"
    ),
    "rendering NPI fails its check digit": Break(
        "XX*1679576722", "XX*1679576723", K.IDENTIFIER, "NM1*82", "2310B", "NM109"
    ),
    "transaction count": Break("GE*1*101", "GE*2*101", K.COUNT, "GE*2", "", "GE01"),
    "group control number": Break("GE*1*101", "GE*1*102", K.CONTROL_NUMBER, "GE*1*102", "", "GE02"),
    "interchange control number": Break(
        "IEA*1*000000101", "IEA*1*000000102", K.CONTROL_NUMBER, "IEA", "", "IEA02"
    ),
    "group count": Break("IEA*1*", "IEA*2*", K.COUNT, "IEA", "", "IEA01"),
    "transaction control number": Break("*0001~GE", "*0009~GE", K.CONTROL_NUMBER, "SE", "", "SE02"),
    "diagnoses missing": Break("HI*ABK:F321~", "", K.MISSING_SEGMENT, "CLM*HPC-0002", "2300", ""),
    "coverage missing": Break("SBR*P**G8******CI~", "", K.MISSING_SEGMENT, "HL*3", "2000B", ""),
    "service date missing": Break(
        "DTP*472*D8*20260331~REF*6R*HPC-0001-2", "REF*6R*HPC-0001-2", K.MISSING_SEGMENT, "LX*2", "2400", ""
    ),
    "payer missing": Break(
        "NM1*PR*2*CASCADE HEALTH*****PI*CASC1~CLM", "CLM", K.MISSING_LOOP, "HL*2", "2010BB", ""
    ),
    "level names a wrong parent": Break("HL*4*3*23", "HL*4*2*23", K.HIERARCHY, "HL*4*2", "2000C", "HL02"),
    "level out of sequence": Break("HL*4*3*23", "HL*5*3*23", K.HIERARCHY, "HL*5", "2000C", "HL01"),
    "lines out of sequence": Break("LX*2~", "LX*3~", K.ORDER, "LX*3", "2400", "LX01"),
    "diagnosis that does not exist": Break(
        "ABF:F411", "ABF:F499", K.WRONG_CODE, "HI*ABK:F331", "2300", "HI02-2"
    ),
    "procedure that does not exist": Break(
        "HC:99493*100", "HC:99999*100", K.WRONG_CODE, "SV1*HC:99999", "2400", "SV101-2"
    ),
    "pointer past the diagnoses": Break("***1:2~", "***1:3~", K.SITUATION, "SV1*HC:99493", "2400", "SV107-2"),
    "frequency X": Break("224***11:B:1", "224***11:B:X", K.WRONG_CODE, "CLM*HPC-0001", "2300", "CLM05-3"),
    "state XQ": Break(
        "PORTLAND*OR*97202", "PORTLAND*XQ*97202", K.WRONG_CODE, "N4*PORTLAND*XQ", "2010BA", "N402"
    ),
    "no birth date where the subscriber is the patient": Break(
        "DMG*D8*19790412*F~", "", K.SITUATION, "HL*2", "2010BA", ""
    ),
    "replacement without the payer's claim number": Break(
        "224***11:B:1", "224***11:B:7", K.SITUATION, "CLM*HPC-0001", "2300", "CLM05-3"
    ),
    "range of dates reversed": Break(
        "20260301-20260331", "20260331-20260301", K.WRONG_VALUE, "DTP*472*RD8", "2400", "DTP03"
    ),
    "sex Q": Break("19790412*F", "19790412*Q", K.WRONG_CODE, "DMG*D8*19790412", "2010BA", "DMG03"),
    "claim without lines": Break(
        "LX*1~SV1*HC:99492*150*UN*1***1~DTP*472*D8*20260331~", "", K.MISSING_LOOP, "CLM*HPC-0002", "2400", ""
    ),
    "name missing": Break(
        "NM1*IL*1*LEE*JUN", "NM1*IL*1**JUN", K.MISSING_ELEMENT, "NM1*IL*1**JUN", "2010BA", "NM103"
    ),
}

R = REMITTANCE

THE_EIGHT: dict[str, Break] = {
    "line out of balance": Break(
        "99493*100*70", "99493*100*71", K.BALANCE, "SVC*HC:99493", "2110", "SVC03", R
    ),
    "claim out of balance": Break(
        "1*224*170*20", "1*224*171*20", K.BALANCE, "CLP*HPC-0001", "2100", "CLP04", R
    ),
    "payment out of balance": Break("BPR*I*165*", "BPR*I*166*", K.BALANCE, "BPR", "transaction", "BPR02", R),
    "adjustment reason 9ZZ": Break(
        "CAS*CO*197", "CAS*CO*9ZZ", K.WRONG_CODE, "CAS*CO*9ZZ", "2110", "CAS02", R
    ),
    "remark ZZ999": Break("LQ*HE*N130", "LQ*HE*ZZ999", K.WRONG_CODE, "LQ*HE", "2110", "LQ02", R),
    "segment count": Break("SE*29*", "SE*30*", K.COUNT, "SE*30", "", "SE01", R, counts=False),
    "payer missing": Break(
        "N1*PR*CASCADE HEALTH~N3*1 PLAN PLAZA~N4*SALEM*OR*97301~PER*BL*EDI HELP*TE*8005550111~",
        "",
        K.MISSING_LOOP,
        "ST*835",
        "1000A",
        "",
        R,
    ),
    "claim status 99": Break(
        "HPC-0002*4*150", "HPC-0002*99*150", K.WRONG_CODE, "CLP*HPC-0002", "2100", "CLP02", R
    ),
}

S = SECONDARY
PWK = "CLM*HPC-0001*224***11:B:1*Y*A*Y*Y~"

FURTHER: dict[str, Break] = {
    "two claims' file names a group of remittances": Break("GS*HC", "GS*HP", K.WRONG_CODE, "GS", "", "GS01"),
    "interchange with nothing in it": Break(
        CLAIMS[CLAIMS.index("GS*") : CLAIMS.index("IEA")], "", K.ENVELOPE, "ISA", "", "", counts=False
    ),
    "payer's claim number on an original": Break(
        "REF*G1*AUTH77", "REF*F8*ICN9", K.SITUATION, "REF*F8", "2300", "REF01"
    ),
    "paperwork without its control number": Break(
        PWK, PWK + "PWK*OZ*EL~", K.SITUATION, "PWK", "2300", "PWK06"
    ),
    "coverage without its class": Break("G8******CI", "G8", K.SITUATION, "SBR*P**G8", "2000B", "SBR09"),
    "a dependent under Medicare": Break("G8******CI", "G8******MB", K.SITUATION, "HL*4", "2000C", "HL03"),
    "member number missing": Break(
        "NM1*IL*1*LEE*JUN****MI*W0000002", "NM1*IL*1*LEE*JUN", K.SITUATION, "NM1*IL*1*LEE", "2010BA", "NM109"
    ),
    "an organization as patient": Break(
        "NM1*IL*1*RIVERA*SOL", "NM1*IL*2*RIVERA*", K.SITUATION, "NM1*IL*2", "2010BA", "NM102"
    ),
    "tax number with a dash": Break(
        "REF*EI*931234567", "REF*EI*93-1234567", K.WRONG_VALUE, "REF*EI", "2010AA", "REF02"
    ),
    "billing provider without NPI": Break(
        "NM1*85*2*HARBOR PRIMARY CARE*****XX*1234567893",
        "NM1*85*2*HARBOR PRIMARY CARE",
        K.SITUATION,
        "HL*2",
        "2010BB",
        "",
    ),
    "address without its state": Break(
        "SALEM*OR*97301", "SALEM**97301", K.SITUATION, "N4*SALEM", "2010CA", "N402"
    ),
    "postal code of four digits": Break("OR*97301", "OR*9730", K.SITUATION, "N4*SALEM", "2010CA", "N403"),
    "accident without its day": Break(
        "CLM*HPC-0001*224***11:B:1*Y*A*Y*Y",
        "CLM*HPC-0001*224***11:B:1*Y*A*Y*Y**OA",
        K.SITUATION,
        "CLM*HPC-0001",
        "2300",
        "CLM11",
    ),
    "discharge before admission": Break(
        "REF*G1*AUTH77",
        "DTP*435*D8*20260310~DTP*096*D8*20260301~REF*G1*AUTH77",
        K.SITUATION,
        "DTP*096",
        "2300",
        "DTP03",
    ),
    "place of service before it existed": Break(
        CLAIMS[CLAIMS.index("HPC-0002") :],
        CLAIMS[CLAIMS.index("HPC-0002") :].replace("20260331", "20211231"),
        K.WRONG_CODE,
        "CLM*HPC-0002",
        "2300",
        "CLM05-1",
    ),
    "diagnosis that is a heading": Break(
        "ABK:F331",
        "ABK:F33",
        K.WRONG_CODE,
        "HI*ABK:F33*",
        "2300",
        "HI01-2",
        CLAIMS.replace("20260301-20260331", "20260401-20260402").replace("20260331", "20260402"),
    ),
    "diagnosis of an ended edition": Break(
        "HI*ABK:F321", "HI*BK:29620", K.SITUATION, "HI*BK", "2300", "HI01-1"
    ),
    "two lines with one control number": Break(
        "HPC-0001-2", "HPC-0001-1", K.SITUATION, "REF*6R*HPC-0001-1", "2400", "REF02", nth=2
    ),
    "a service without units": Break("100*UN*1", "100*UN*0", K.OUT_OF_RANGE, "SV1*HC:99493", "2400", "SV104"),
    "parts of a cent": Break("99493*100*", "99493*100.001*", K.WRONG_VALUE, "SV1*HC:99493", "2400", "SV102"),
    "a service after death": Break(
        "PAT*19",
        "PAT*19****D8*20260201",
        K.SITUATION,
        "DTP*472*D8*20260331",
        "2400",
        "DTP03",
        CLAIMS.replace("472*D8*20260331~REF", "472*D8*20260330~REF"),
    ),
    "born in another century": Break(
        "D8*20091130", "D8*18091130", K.SITUATION, "DMG*D8*1809", "2010CA", "DMG02"
    ),
    "later payer without the earlier": Break(
        "SBR*P*18*G7", "SBR*S*18*G7", K.SITUATION, "CLM*HPC-0001", "2320", ""
    ),
    "two payers in one place": Break(
        "SBR*S*18", "SBR*P*18", K.SITUATION, "SBR*P*18*******MB", "2320", "SBR01", S
    ),
    "Medicare later without a reason": Break(
        "G8******CI", "G8******MB", K.SITUATION, "HL*4", "2000C", "HL03"
    ),
    "reason for Medicare later on a first payer": Break(
        "SBR*P**G8******CI", "SBR*P**G8**12****CI", K.SITUATION, "SBR*P**G8", "2000B", "SBR05"
    ),
    "other payer's line out of balance": Break(
        "SVD*MEDI1*70", "SVD*MEDI1*71", K.BALANCE, "SVD*MEDI1*71", "2430", "SVD02", S
    ),
    "other payer's claim out of balance": Break(
        "AMT*D*150", "AMT*D*151", K.BALANCE, "AMT*D", "2320", "AMT02", S
    ),
    "a line decided by a payer nobody names": Break(
        "SVD*MEDI1*84", "SVD*OTHER*84", K.SITUATION, "SVD*OTHER", "2430", "SVD01", S
    ),
    "other payer's reason that does not exist": Break(
        "**96*20", "**9ZZ*20", K.WRONG_CODE, "CAS*CO*45*20", "2430", "CAS05", S
    ),
    "patient's share is not the PR adjustments": Break(
        "*170*20*12", "*170*25*12", K.BALANCE, "CLP*HPC-0001", "2100", "CLP05", R
    ),
    "summary counts other claims": Break(
        "20261231*2*374", "20261231*3*374", K.COUNT, "TS3", "2000", "TS304", R
    ),
    "summary charges another sum": Break(
        "20261231*2*374", "20261231*2*375", K.BALANCE, "TS3", "2000", "TS305", R
    ),
    "transfer without an account": Break("DA*987654*", "**", K.SITUATION, "BPR", "transaction", "BPR14", R),
    "remittance line without its day": Break(
        "SVC*HC:99492*150*0**1~DTM*472*20260331~",
        "SVC*HC:99492*150*0**1~",
        K.SITUATION,
        "SVC*HC:99492",
        "2110",
        "",
        R,
    ),
    "adjustment reason before it existed": Break(
        "CAS*CO*45*24",
        "CAS*CO*303*24",
        K.WRONG_CODE,
        "CAS*CO*303",
        "2110",
        "CAS02",
        R.replace("20260502", "20100502")
        .replace("DTM*405*20260501", "DTM*405*20100501")
        .replace("20260331", "20100331"),
    ),
}
