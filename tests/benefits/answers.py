"""Eligibility answers (271) as payers send them, put together from their benefit segments."""

from __future__ import annotations

from collections.abc import Iterable

ACTIVE = "EB*1**30*HM*GOLD HMO~"
DATED = "DTP*346*D8*20260101~"
COPAY = "EB*B*IND*98***27*25*****Y~"
COPAY_BEHAVIORAL = "EB*B*IND*MH***27*10*****Y~"
COINSURANCE = "EB*A*IND*98*****.2****Y~"
DEDUCTIBLE = "EB*C*IND*30***23*500*****Y~EB*C*IND*30***29*0*****Y~"
DEDUCTIBLE_OPEN = "EB*C*IND*30***23*500*****Y~EB*C*IND*30***29*100*****Y~"
NO_AUTHORIZATION = "EB*D**98********N*Y~"


def person(
    number: int = 1,
    *,
    benefits: str = "",
    dates: str = DATED,
    rejection: str = "",
    name: str = "DAVIS*ARIANA",
    birth: str = "19880229",
    member_id: str = "",
) -> str:
    """A subscriber who is the patient. HL numbers are put in by `answer`."""
    identifier = member_id or f"GHP{number:09d}"
    return (
        f"HL*#*2*22*0~TRN*2*REQ{number:05d}*9LAKESIDE1~NM1*IL*1*{name}****MI*{identifier}~{rejection}"
        f"DMG*D8*{birth}*F~{dates}{benefits}"
    )


def dependent(*, benefits: str, dates: str = DATED) -> str:
    """A child below a subscriber."""
    return (
        "HL*#*2*22*1~NM1*IL*1*DAVIS*MORGAN****MI*GHP000000009~"
        f"HL*#*@*23*0~TRN*2*REQ00009*9LAKESIDE1~NM1*03*1*DAVIS*ARIANA~DMG*D8*20100229*F~INS*N*19~{dates}{benefits}"
    ).replace("20100229", "20100228")


def answer(
    *people: str,
    day: str = "20260302",
    payer: str = "GOLDEN HEALTH PLAN*****PI*GHP01",
    source_rejection: str = "",
) -> bytes:
    """A whole file of one transaction that tells about these people."""
    head = (
        f"ST*271*0001*005010X279A1~BHT*0022*11*REF0001*{day}*1200~HL*1**20*{int(bool(people))}~"
        f"NM1*PR*2*{payer}~PER*IC**TE*8005550100~{source_rejection}"
    )
    body = "HL*2*1*21*1~NM1*1P*2*LAKESIDE FAMILY MEDICINE*****XX*1234567893~" if people else ""
    transaction = head + body + _numbered(people)
    count = transaction.count("~") + 1
    return (
        "ISA*00*          *00*          *ZZ*GHP01          *ZZ*LAKESIDE01     *260302*1200*^*00501*000000077*0*P*:~"
        f"GS*HB*GHP01*LAKESIDE01*{day}*1200*77*X*005010X279A1~{transaction}SE*{count}*0001~GE*1*77~IEA*1*000000077~"
    ).encode()


def _numbered(people: Iterable[str]) -> str:
    """The levels with their numbers: `#` is the level's own, `@` the subscriber's above it."""
    number, text = 2, ""
    for given in people:
        subscriber = number + 1
        first, *others = given.replace("@", str(subscriber)).split("#")
        text += first
        for other in others:
            number += 1
            text += f"{number}{other}"
    return text


def entity(code: str, name: str, identifier: str = "") -> str:
    """An entity of the benefit before it."""
    number = f"*****PI*{identifier}" if identifier else ""
    return f"LS*2120~NM1*{code}*2*{name}{number}~LE*2120~"
