"""A synthetic month of contacts: the planned minutes spread over days, and what real logs hold besides."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise

from cocm.synth.course import PlannedMonth, weekdays
from cocm.synth.sink import Cells
from cocm.synth.team import Member
from cocm.synth.world import World

_CONTACT_MINUTES_MIN = 5
_STAY_DAYS = 3
_THERAPY_MINUTES, _THERAPY_BILLED_MINUTES = 50, 40


@dataclass
class ContactBook:
    """The contacts of one patient, with the other services that belong to them."""

    world: World
    rng: random.Random
    patient_id: str
    billing_npi: str
    bhcm: Member
    practitioner: Member
    consultant: Member
    rows: list[Cells] = field(default_factory=list)
    other_services: list[Cells] = field(default_factory=list)

    def add(self, day: date, starts: str, minutes: int, **cells: object) -> Cells:
        """A contact by the care manager on a local day, recorded that day unless told otherwise."""
        row: Cells = {
            "contact_id": f"{self.patient_id}-{len(self.rows) + 1:04d}",
            "patient_id": self.patient_id,
            "staff_id": self.bhcm.staff_id,
            "started_at": f"{day} {starts}",
            "minutes": minutes,
            "activity": "follow_up",
            "modality": "phone",
            "outcome": "done",
            "programme": "cocm",
            "recorded_on": day,
        }
        row.update(cells)
        self.rows.append(row)
        return row

    def write_month(self, planned: PlannedMonth, first: date, last: date, scenarios: frozenset[str]) -> None:
        """The contacts of a month of care between two days. `scenarios` are what else happens in it."""
        stay = self._stay(first, last) if "inpatient_stay" in scenarios else None
        days = weekdays(first, last, stay)
        minutes = planned.minutes
        if not days or planned.tier.name == "no_care":
            return
        if "last_evening" in scenarios and minutes >= 20:
            self.add(last, "23:30", 10, activity="message", modality="message")
            minutes -= 10
        if "psychotherapy_elsewhere" in scenarios and minutes >= 20:
            self._therapy(days[len(days) // 2])
            minutes -= _THERAPY_MINUTES - _THERAPY_BILLED_MINUTES
        cared = self._spread(planned, minutes, days)
        self._usual_extras(days, cared)
        self._scenes(cared, last, scenarios)

    def _spread(self, planned: PlannedMonth, minutes: int, days: list[date]) -> list[Cells]:
        """Minutes over days: one contact a day at most, the first of an episode an assessment."""
        rng = self.rng
        count = min(
            len(days), max(1, round(minutes / rng.randint(11, 22))), max(1, minutes // _CONTACT_MINUTES_MIN)
        )
        spare = max(0, minutes - count * _CONTACT_MINUTES_MIN)
        bars = [-1, *sorted(rng.sample(range(spare + count - 1), count - 1)), spare + count - 1]
        shares = [after - before - 1 + _CONTACT_MINUTES_MIN for before, after in pairwise(bars)]
        if count == 1:
            shares = [minutes]
        activities, weights = zip(*self.world.named("activities").items(), strict=True)
        modalities, modality_weights = zip(*self.world.named("modalities").items(), strict=True)
        rows = []
        for number, (day, share) in enumerate(zip(sorted(rng.sample(days, count)), shares, strict=True)):
            is_assessment = planned.is_first and number == 0
            rows.append(
                self.add(
                    day,
                    f"{rng.randint(8, 15):02d}:{rng.randrange(0, 60, 5):02d}",
                    share,
                    activity="assessment" if is_assessment else rng.choices(activities, weights)[0],
                    modality=rng.choices(modalities, modality_weights)[0],
                    note_minutes=rng.choice(("", "", 3, 5)),
                )
            )
        rows[-1]["seconds"] = rng.choice(("", "", 15, 40))
        return rows

    def _usual_extras(self, days: list[date], cared: list[Cells]) -> None:
        rng = self.rng
        if rng.randrange(100) < 30:
            self.add(rng.choice(days), "16:40", rng.randint(1, 5), outcome="attempt")
        if rng.randrange(100) < 20:
            activity = rng.choice(self.world.texts("administrative_activities"))
            self.add(rng.choice(days), "17:15", rng.randint(5, 15), activity=activity, modality="none")
        if rng.randrange(100) < 45:
            consultant = self.consultant.staff_id
            day = rng.choice(days)
            self.add(
                day,
                "12:10",
                rng.randint(6, 12),
                staff_id=consultant,
                activity="caseload_review",
                modality="none",
            )
        if rng.randrange(100) < 10:
            late = date.fromisoformat(str(cared[0]["started_at"])[:10]) + timedelta(days=1)
            cared[0]["recorded_on"] = late

    def _scenes(self, cared: list[Cells], last: date, scenarios: frozenset[str]) -> None:
        longest = max(cared, key=lambda row: int(str(row["minutes"])))
        day, starts = str(longest["started_at"]).split(" ")
        if "overlapping_time" in scenarios:
            minutes = min(10, int(str(longest["minutes"])))
            practitioner = self.practitioner.staff_id
            self.add(date.fromisoformat(day), starts, minutes, staff_id=practitioner, acting_as_bhcm="yes")
        if "duplicate_contact" in scenarios:
            self.rows.append(dict(longest) | {"contact_id": f"{self.patient_id}-{len(self.rows) + 1:04d}"})
        if "late_entry" in scenarios:
            longest["recorded_on"] = last + timedelta(days=9)
        if "general_programme" in scenarios:
            self.add(date.fromisoformat(day), "17:30", 20, programme="ccm", activity="care_coordination")
        if "correction" in scenarios:
            right = dict(longest) | {
                "contact_id": f"{self.patient_id}-{len(self.rows) + 1:04d}",
                "corrects_contact_id": longest["contact_id"],
                "correction_reason": "length mistyped",
            }
            longest["minutes"] = int(str(longest["minutes"])) + 60
            self.rows.append(right)

    def _therapy(self, day: date) -> None:
        """Fifty minutes with the care manager, forty of them billed as psychotherapy."""
        code = self.world.named("codes")["psychotherapy"][0]
        self.add(
            day,
            "16:00",
            _THERAPY_MINUTES,
            activity="brief_intervention",
            modality="in_person",
            billed_elsewhere_code=code,
            billed_elsewhere_minutes=_THERAPY_BILLED_MINUTES,
        )
        self.other_services.append(
            {
                "patient_id": self.patient_id,
                "service_date": day,
                "hcpcs_code": code,
                "minutes": _THERAPY_BILLED_MINUTES,
                "rendering_npi": self.bhcm.npi,
                "billing_npi": self.billing_npi,
            }
        )

    def _stay(self, first: date, last: date) -> tuple[date, date]:
        """Days in hospital, with a contact that cannot count."""
        start = first + (last - first) // 2
        stay = start, min(start + timedelta(days=_STAY_DAYS - 1), last)
        self.add(stay[0], "11:00", 15, activity="care_coordination")
        self.other_services.append(
            {"patient_id": self.patient_id, "service_date": stay[0], "stay_to": stay[1]}
        )
        return stay
