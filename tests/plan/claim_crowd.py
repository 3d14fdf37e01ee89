"""Thousands of claims of many practices' members, mostly in order, each fault of the catalogue drawn here and there.

They come in three files, as they would in life: claims of other practices, which only the plan sees; the practice's
January and February; and its March, with corrections of what was decided before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any

from claim_samples import OTHER_BILLING, make_claim
from plan_samples import line

from cocm.claims.records import Claim, Person, ServiceLine
from cocm.intake.patient_tables import CLAIM_HISTORY

COVERED_FROM = "2026-01-01"
BORN = date(1988, 2, 29)
CHILD_BORN = date(2019, 5, 5)
JANUARY, FEBRUARY, MARCH = date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)
CONSULTANT = Person("ADLER", "RUTH", "1679576722", "2084P0800X")
CODES = (
    ("99493",), ("99493", "99494"), ("99493",), ("99492",), ("99492", "99494"), ("99494",), ("G2214",),
    ("99492", "99493"), ("G0512",),
)  # fmt: skip
COMPANIONS = ("99484", "99213", "90834", "99490", "G0568")
DIAGNOSES = (("E11.9", "I10"), ("F32.A", "E11.9"), ("F10.20", "F41.1"), ("F32.1",), ("I10", "F32.1"))


class Crowd:
    """Members numbered from 1, and their claims. Some of what is true of them only the plan knows."""

    def __init__(self, seed: int, members: int) -> None:
        self.rng = Random(seed)
        self.numbers = range(1, members + 1)
        self._claims = 0
        self.member_of: dict[str, str] = {}
        self.misborn: set[str] = set()
        self.ends = {number: date(2026, 3, 10) for number in self.numbers if number % 41 == 0}
        self.deaths = {number: date(2026, 3, 5) for number in self.numbers if number % 67 == 0}
        self.groups = {number for number in self.numbers if number % 89 == 0}
        self.strangers = {number for number in self.numbers if number % 97 == 0}
        self.children = {number for number in self.numbers if number % 53 == 0}
        self.seen_elsewhere = {number for number in self.numbers if number % 29 == 0}

    def members(self) -> list[dict[str, str]]:
        """The plan's table of members."""
        return [
            {
                "member_id": member_id(number),
                "birth_date": str(self.born(number)),
                "product": "HMO",
                "coverage_from": COVERED_FROM,
                "coverage_to": str(self.ends.get(number, "")),
                "delegated_group_id": "VALLEY" if number in self.groups else "",
                "death_date": str(self.deaths.get(number, "")),
            }
            for number in self.numbers
            if number not in self.strangers
        ]

    def born(self, number: int) -> date:
        return CHILD_BORN if number in self.children else BORN

    def is_in_force(self, number: int, day: str) -> bool:
        """Whether the member is covered on a day, as the plan has it."""
        return COVERED_FROM <= day <= str(self.ends.get(number, "9999-12-31"))

    def of_other_practices(self) -> list[Claim]:
        """What other practices billed for some of the members: the same service, or psychotherapy."""
        claims = []
        for number in sorted(self.seen_elsewhere):
            code = self.rng.choice(("99493", "99493", "90834"))
            day = self.rng.choice((FEBRUARY, MARCH))
            biller = replace(OTHER_BILLING, taxonomy_code="207Q00000X")
            claims.append(self._claim(number, (line(code, day=day),), billing=biller, rendering=None))
        return claims

    def of_earlier_months(self) -> list[Claim]:
        """January and February of about half of the members."""
        claims = []
        for number in self.numbers:
            if self.rng.random() < 0.5:
                claims.append(self._drawn(number, self.rng.choice((JANUARY, FEBRUARY))))
        return claims

    def of_march(self, answers: Mapping[str, str], earlier: Sequence[Claim]) -> list[Claim]:
        """A claim of each member, sometimes two, and corrections. `answers`: the plan's numbers of its claims."""
        claims = []
        for number in self.numbers:
            claims.append(self._drawn(number, MARCH))
            if self.rng.random() < 0.03:
                claims.append(self._drawn(number, MARCH))
        for one in earlier:
            if one.claim_id in answers and self.rng.random() < 0.05:
                claims.append(
                    replace(
                        one,
                        claim_id=self._next_id(member_number(one.member_id)),
                        frequency_code=self.rng.choice(("7", "7", "8")),
                        payer_claim_control_number=answers[one.claim_id],
                    )
                )
        return claims

    def _drawn(self, number: int, last_day: date) -> Claim:
        rng = self.rng
        day = last_day - timedelta(days=rng.choice((0, 0, 0, 0, 11)))
        codes = rng.choices(CODES, (40, 20, 10, 6, 6, 4, 4, 3, 2))[0]
        lines = [self._line(code, place, day) for place, code in enumerate(codes, 1)]
        if rng.random() < 0.08:
            lines.append(self._line(rng.choice((*COMPANIONS, codes[0])), len(lines) + 1, day))
        if rng.random() < 0.02:
            lines[0] = replace(lines[0], service_from_date=day - timedelta(days=40))
        if rng.random() < 0.02:
            lines[-1] = replace(lines[-1], service_date=day - timedelta(days=31))
        return self._claim(number, tuple(lines), **self._changes())

    def _line(self, code: str, place: int, day: date) -> ServiceLine:
        rng = self.rng
        units = rng.choice((1, 1, 1, 2, 3, 7)) if code == "99494" else rng.choice((1,) * 20 + (2,))
        made = line(code, place, units, rng.choice((15_000,) * 20 + (0, 400_000)), day)
        if rng.random() < 0.02:
            made = replace(made, modifiers=(rng.choice(("25", "59", "95", "GT")),))
        return made

    def _changes(self) -> dict[str, Any]:
        rng = self.rng
        changes: dict[str, Any] = {}
        if rng.random() < 0.08:
            changes["place_of_service_code"] = rng.choice(("22", "10", "02", "21", "99"))
        if rng.random() < 0.08:
            changes["diagnosis_codes"] = rng.choice(DIAGNOSES)
        if rng.random() < 0.06:
            changes["rendering"] = rng.choice((None, CONSULTANT))
        if rng.random() < 0.02:
            changes["billing"] = replace(make_claim().billing, taxonomy_code="261QM0801X")
        if rng.random() < 0.01:
            changes["patient_birth_date"] = date(2026, 3, 30)
        return changes

    def _claim(self, number: int, lines: tuple[ServiceLine, ...], **changes: Any) -> Claim:
        pointers = range(1, 1 + len(changes.get("diagnosis_codes", ("", ""))))
        lines = tuple(replace(one, diagnosis_pointers=tuple(pointers)[:2]) for one in lines)
        claim_id = self._next_id(number)
        if changes.setdefault("patient_birth_date", self.born(number)) != self.born(number):
            self.misborn.add(claim_id)
        return make_claim(number, claim_id=claim_id, member_id=member_id(number), lines=lines, **changes)

    def _next_id(self, number: int) -> str:
        self._claims += 1
        claim_id = f"X-{self._claims:012d}"
        self.member_of[claim_id] = member_id(number)
        return claim_id


def member_id(number: int) -> str:
    return f"GHP{number:09d}"


def member_number(member_id: str) -> int:
    return int(member_id.removeprefix("GHP"))


def history_rows(
    claims: Sequence[Claim], statuses: Mapping[str, Mapping[int, str]], numbers: Mapping[str, str]
) -> Iterator[list[str]]:
    """What a practice writes down of the payer's answers, as rows of its table of earlier claims.

    `numbers` are the payer's own of the claims on a remittance; one that still waits has told none.
    """
    for one in claims:
        for given in one.lines:
            status = statuses.get(one.claim_id, {}).get(given.claim_line_number)
            if status:
                row = {
                    "patient_id": one.member_id,
                    "payer_id": "GHP",
                    "claim_id": one.claim_id,
                    "claim_line_number": given.claim_line_number,
                    "service_date": given.service_date,
                    "hcpcs_code": given.hcpcs_code,
                    "service_unit_quantity": given.service_unit_quantity,
                    "billing_npi": one.billing.identifier,
                    "billing_tin": one.billing.tin,
                    "rendering_npi": "" if one.rendering is None else one.rendering.npi,
                    "status": status,
                    "payer_claim_control_number": numbers.get(one.claim_id, ""),
                    "frequency_code": one.frequency_code,
                }
                yield [str(row.get(column, "")) for column in CLAIM_HISTORY.positions]
