"""Two claims beside each other, line by line: what is the same, what differs, and what that makes of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from cocm.basics.money import dollars
from cocm.basics.months import Month
from cocm.plan.claim_case import Examination
from cocm.plan.duplicates import Comparison
from cocm.plan.history import DecidedLine
from cocm.x12.claim_record import ClaimRecord, LineRecord


@dataclass(frozen=True, slots=True)
class ComparedField:
    """One field of both lines, in words. `is_same` None: one of the two does not say."""

    name: str
    this: str
    other: str
    is_same: bool | None


@dataclass(frozen=True, slots=True)
class LinesCompared:
    """A line of the claim beside a line of another."""

    claim_line_number: int
    comparison: Comparison
    fields: tuple[ComparedField, ...]

    @property
    def same(self) -> tuple[str, ...]:
        """The names of the fields that are the same."""
        return tuple(one.name for one in self.fields if one.is_same)

    @property
    def differs(self) -> tuple[str, ...]:
        """The names of the fields that differ."""
        return tuple(one.name for one in self.fields if one.is_same is False)

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        verdict = self.comparison
        return {
            "claim_line_number": self.claim_line_number,
            "other_claim_number": verdict.other_claim_number,
            "other_claim_id": verdict.other_claim_id,
            "other_line_number": verdict.other_line_number,
            "verdict": verdict.combination.value,
            "why": verdict.why,
            "rule": None if verdict.rule is None else verdict.rule.cite,
            "same": list(self.same),
            "differs": list(self.differs),
            "fields": [
                {"field": one.name, "this": one.this, "other": one.other, "same": one.is_same}
                for one in self.fields
            ],
        }


def side_by_side(
    record: ClaimRecord, examined: Examination, history: Iterable[DecidedLine]
) -> tuple[LinesCompared, ...]:
    """Every line of the claim beside each standing line of the member's month, those of one other claim together."""
    others = {(one.claim_number, one.claim_line_number): one for one in history}
    found = [
        LinesCompared(one.line.claim_line_number, verdict, tuple(_fields(record, one.line, other)))
        for one in examined.lines
        for verdict in one.comparisons
        if (other := others.get((verdict.other_claim_number, verdict.other_line_number))) is not None
    ]
    return tuple(sorted(found, key=lambda one: (one.comparison.other_claim_number, one.claim_line_number)))


def _fields(record: ClaimRecord, line: LineRecord, other: DecidedLine) -> Iterator[ComparedField]:
    rendering = line.rendering or record.rendering
    ours = {
        "code": (line.hcpcs_code, other.hcpcs_code),
        "month": (str(Month.of(line.service_to_date)), str(Month.of(other.service_to_date))),
        "date of service": (_days(line), _days(other)),
        "modifiers": (_joined(line.modifiers), _joined(other.modifiers)),
        "units": (f"{line.service_unit_quantity.normalize():f}", str(other.service_unit_quantity)),
        "charge": (dollars(line.charge_amount_cents), dollars(other.charge_amount_cents)),
        "billing NPI": (record.billing.identifier, other.billing_npi),
        "billing tax id": (record.billing.tin, other.billing_tin),
        "rendering NPI": ("" if rendering is None else rendering.identifier, other.rendering_npi),
        "claim frequency": (record.frequency_code, other.frequency_code),
        "claim id": (record.claim_id, other.claim_id),
    }
    for name, (this, that) in ours.items():
        is_same = this == that if (this and that) or name == "modifiers" else None
        yield ComparedField(name, this, that, is_same)


def _days(line: LineRecord | DecidedLine) -> str:
    if line.service_from_date == line.service_to_date:
        return str(line.service_to_date)
    return f"{line.service_from_date} to {line.service_to_date}"


def _joined(modifiers: Iterable[str]) -> str:
    return " ".join(modifiers)
