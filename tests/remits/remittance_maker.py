"""Remittances for the tests, written in domain words: one payment with its claims, balanced unless told otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import count

_CONTROL_NUMBERS = count(1)


@dataclass(frozen=True)
class Line:
    """A decided line. `adjustments` are (group, reason, cents); what is left of the charge is paid."""

    code: str
    charge_cents: int
    adjustments: tuple[tuple[str, str, int], ...] = ()
    remarks: tuple[str, ...] = ()
    units: int = 1

    @property
    def paid_cents(self) -> int:
        return self.charge_cents - sum(cents for _, _, cents in self.adjustments)


@dataclass(frozen=True)
class Decided:
    """A claim's decision."""

    number: str
    lines: tuple[Line, ...]
    status: str = "1"
    payer_number: str = "ICN1"
    day: date = date(2026, 3, 31)
    member_id: str = "MP1"
    adjustments: tuple[tuple[str, str, int], ...] = ()
    paid_off_cents: int = 0
    """Added to the paid amount so that the claim does not add up."""

    @property
    def charge_cents(self) -> int:
        return sum(line.charge_cents for line in self.lines)

    @property
    def paid_cents(self) -> int:
        return (
            sum(line.paid_cents for line in self.lines)
            - sum(cents for _, _, cents in self.adjustments)
            + self.paid_off_cents
        )

    @property
    def patient_cents(self) -> int:
        everywhere = [*self.adjustments, *(given for line in self.lines for given in line.adjustments)]
        return sum(cents for group, _, cents in everywhere if group == "PR")


def reversed_of(claim: Decided) -> Decided:
    """The reversal of a decision."""
    return Decided(
        claim.number,
        tuple(
            Line(
                line.code,
                -line.charge_cents,
                tuple((group, reason, -cents) for group, reason, cents in line.adjustments),
                line.remarks,
                line.units,
            )
            for line in claim.lines
        ),
        status="22",
        payer_number=claim.payer_number,
        day=claim.day,
        member_id=claim.member_id,
        adjustments=tuple((group, reason, -cents) for group, reason, cents in claim.adjustments),
    )


def remittance(
    *claims: Decided,
    trace: str = "EFT1",
    day: date = date(2026, 4, 20),
    provider_adjustments: tuple[tuple[str, str, int], ...] = (),
    total_cents: int | None = None,
) -> bytes:
    """One 835 interchange with one payment."""
    paid = sum(claim.paid_cents for claim in claims) - sum(cents for _, _, cents in provider_adjustments)
    total = paid if total_cents is None else total_cents
    number = next(_CONTROL_NUMBERS)
    body = [
        "ST*835*0001",
        f"BPR*I*{_money(total)}*C*ACH*CCP*01*011000015*DA*1*1941234567**01*021000021*DA*9*{day:%Y%m%d}",
        f"TRN*1*{trace}*1941234567",
        "N1*PR*GOLDEN TEST PLAN",
        "N3*1 PLAN PLAZA",
        "N4*FRESNO*CA*93701",
        "REF*2U*GTP01",
        "PER*BL*EDI HELP*TE*8005550111",
        "N1*PE*REDWOOD TEST CLINIC*XX*1234567893",
        "LX*1",
    ]
    for claim in claims:
        body += _claim(claim)
    for reason, reference, cents in provider_adjustments:
        body.append(f"PLB*1234567893*20261231*{reason}:{reference}*{_money(cents)}")
    segments = [
        f"ISA*00*          *00*          *ZZ*GTP01          *ZZ*SUB001         *260501*1200*^*00501*{number:09d}*0*P*:",
        f"GS*HP*GTP01*SUB001*20260501*1200*{number}*X*005010X221A1",
        *body,
        f"SE*{len(body) + 1}*0001",
        f"GE*1*{number}",
        f"IEA*1*{number:09d}",
    ]
    return ("~".join(segments) + "~").encode()


def _claim(claim: Decided) -> list[str]:
    patient = _money(claim.patient_cents) if claim.patient_cents else ""
    segments = [
        f"CLP*{claim.number}*{claim.status}*{_money(claim.charge_cents)}*{_money(claim.paid_cents)}*{patient}*HM*"
        f"{claim.payer_number}*11*1",
        *(f"CAS*{group}*{reason}*{_money(cents)}" for group, reason, cents in claim.adjustments),
        f"NM1*QC*1*QUILL*TEST****MI*{claim.member_id}",
    ]
    for line in claim.lines:
        segments += [
            f"SVC*HC:{line.code}*{_money(line.charge_cents)}*{_money(line.paid_cents)}**{line.units}",
            f"DTM*472*{claim.day:%Y%m%d}",
            *(f"CAS*{group}*{reason}*{_money(cents)}" for group, reason, cents in line.adjustments),
            *(f"LQ*HE*{remark}" for remark in line.remarks),
        ]
    return segments


def _money(cents: int) -> str:
    sign = "-" if cents < 0 else ""
    whole, rest = divmod(abs(cents), 100)
    return f"{sign}{whole}.{rest:02d}" if rest else f"{sign}{whole}"
