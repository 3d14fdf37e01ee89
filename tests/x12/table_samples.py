"""Files of many forms for the columnar reader: samples with parts left out, moved or unknown, under any delimiters."""

from __future__ import annotations

from hypothesis import strategies as st
from remittance_samples import TRANSACTION

Segments = list[str]

_UNKNOWN = (
    "ZZZ*1*A:B",
    "REF*QQ*77",
    "NM1*Q9*1*SOMEBODY",
    "K3*FREE TEXT",
    "XX",
    "QTY*CA*5",
    "dtm*036*20260101",
)
CLAIM_SEGMENTS: Segments = """\
BHT*0019*00*0000000010001*20260402*0930*CH
NM1*41*2*LAKESIDE FAMILY MEDICINE*****46*LAKESIDE01
PER*IC*BILLING OFFICE*TE*5105550100
NM1*40*2*CLEARING HOUSE*****46*CLEARHOUSE
HL*1**20*1
PRV*BI*PXC*207Q00000X
NM1*85*2*LAKESIDE FAMILY MEDICINE*****XX*1234567893
N3*100 MAIN STREET
N4*OAKLAND*CA*946120001
REF*EI*941234567
HL*2*1*22*0
SBR*P*18*G100******CI
NM1*IL*1*DAVIS*ARIANA****MI*GHP000000001
N3*12 ELM STREET
N4*OAKLAND*CA*94610
DMG*D8*19880229*F
NM1*PR*2*GOLDEN HEALTH PLAN*****PI*GHP01
CLM*C-1*284.32***11:B:7*Y*A*Y*Y
REF*F8*ICN5
HI*ABK:F321*ABF:F411
NM1*DN*1*NGUYEN*AN****XX*1497758544
NM1*82*1*OKAFOR*GRACE****XX*1679576722
PRV*PE*PXC*207Q00000X
SBR*S*18*G7*PLAN*****CI
CAS*CO*45*10**96*5.5*2
AMT*D*12.34
OI***Y***Y
NM1*IL*1*DAVIS*MORGAN****MI*X1
NM1*PR*2*OTHER PLAN*****PI*OP1
REF*F8*OLD1
LX*1
SV1*HC:99492:95*160.32*UN*1*10**1:2
DTP*472*RD8*20260301-20260331
REF*6R*C-1-1
SVD*OP1*12.34*HC:99492**1
CAS*PR*1*10*0.5
DTP*573*D8*20260401
LX*2
SV1*HC:99494*124*UN*2***1
DTP*472*D8*20260331
CLM*C-2*150***11:B:1*Y*A*Y*Y
HI*ABK:F411
NM1*77*2*LAKESIDE WEST CLINIC*****XX*1083617021
N3*5 WEST STREET
N4*BERKELEY*CA*947040002
LX*1
SV1*HC:99493*150*UN*1***1
DTP*472*D8*20260331
HL*3*1*22*1
SBR*P**G100******CI
NM1*IL*1*LEE*MORGAN****MI*GHP000000002
NM1*PR*2*SILVER HEALTH PLAN*****PI*SHP01
HL*4*3*23*0
PAT*19
NM1*QC*1*LEE*SAM
N3*7 OAK STREET
N4*OAKLAND*CA*94611
DMG*D8*20100101*M
CLM*C-3*160.3***11:B:1*Y*A*Y*Y
HI*ABK:F321
LX*1
SV1*HC:99492*160.3*UN*1***1
DTP*472*D8*20260331
""".splitlines()
REMITTANCE_SEGMENTS: Segments = TRANSACTION.split("~")[1:-1]

_KINDS = {
    "835": ("HP", "005010X221A1", "ST*835*{:04d}", REMITTANCE_SEGMENTS),
    "837": ("HC", "005010X222A1", "ST*837*{:04d}*005010X222A1", CLAIM_SEGMENTS),
}
_MARKS = "|!^~<>=;#+\x1c\x1d"


@st.composite
def transactions(draw: st.DrawFn, kind: str) -> Segments:
    """One transaction: the sample with some segments left out, repeated, moved or put in."""
    segments = list(_KINDS[kind][3])
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(segments) - 1))
        match draw(st.sampled_from(("drop", "repeat", "move", "unknown", "unknown", "blank"))):
            case "drop":
                del segments[at]
            case "repeat":
                segments.insert(at, segments[at])
            case "move":
                segments.insert(draw(st.integers(0, len(segments) - 1)), segments.pop(at))
            case "unknown":
                segments.insert(at, draw(st.sampled_from(_UNKNOWN)))
            case _:
                segments[at] = segments[at].replace("*", "* ", 2)
    return segments


@st.composite
def interchanges(draw: st.DrawFn, kind: str) -> str:
    """One interchange with some groups and transactions, under delimiters of its own."""
    functional, version, start, _ = _KINDS[kind]
    body: Segments = []
    groups = draw(st.integers(1, 2))
    number = 0
    for group in range(1, groups + 1):
        body.append(f"GS*{functional}*GHP01*LAKESIDE01*20260501*1200*{group}*X*{version}")
        count = draw(st.integers(1, 2))
        for _ in range(count):
            number += 1
            inner = draw(transactions(kind))
            body += [start.format(number), *inner, f"SE*{len(inner) + 2}*{number:04d}"]
        body.append(f"GE*{count}*{group}")
    body.append(f"IEA*{groups}*000000042")
    marks = draw(st.sampled_from((["*", ":", "^", "~"], *[[]] * 3)))
    marks = marks or draw(st.lists(st.sampled_from(_MARKS), min_size=4, max_size=4, unique=True))
    element, component, repetition, end = marks
    line_end = draw(st.sampled_from(("", "", "\n", "\r\n")))
    head = "ISA*00*          *00*          *ZZ*GHP01          *ZZ*LAKESIDE01     *260501*1200*"
    head += f"{repetition}*00501*000000042*0*P*"
    text = "~".join(body)
    for plain, mark in (("*", "\0"), (":", "\1"), ("~", "\2")):
        text, head = text.replace(plain, mark), head.replace(plain, mark)
    text = "".join(one if one not in marks else " " for one in text)
    text = text.replace("\0", element).replace("\1", component).replace("\2", end + line_end)
    return head.replace("\0", element) + component + end + line_end + text + end + line_end


@st.composite
def files(draw: st.DrawFn, kind: str) -> bytes:
    """Some interchanges one after the other."""
    mark = draw(st.sampled_from(("", "\ufeff")))
    return (mark + "".join(draw(st.lists(interchanges(kind), min_size=1, max_size=2)))).encode()
