"""One synthetic patient, from the person to the last contact."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import date, timedelta

from cocm.basics.months import Month
from cocm.synth.contacts import ContactBook
from cocm.synth.course import Course, PlannedMonth, Window, episode_age, plan_course
from cocm.synth.history import ClaimBook
from cocm.synth.mix import Mix
from cocm.synth.person import make_person, member_id_of
from cocm.synth.sink import Cells, Sink
from cocm.synth.team import Member, Team
from cocm.synth.world import World

RESTART_MONTHS = 3
"""Months of the earlier episode of a patient who comes back."""
MONTHS_EMPTY = {"restart_after_gap": 6, "restart_before_gap": 5}


@dataclass
class PatientMaker:
    """Makes patients of one practice, each from its own number, so that they can be made in any number and streamed."""

    world: World
    team: Team
    window: Window
    seed: int
    mix: Mix

    def scenarios_of(self, number: int) -> frozenset[str]:
        """What is out of the ordinary with the so-many-th patient."""
        return frozenset(
            scenario.name for scenario in self.world.scenarios if number % scenario.every == scenario.offset
        )

    def make_active(self, sink: Sink, number: int, patient_id: str) -> None:
        """A patient in care in the month to close."""
        rng = random.Random(f"{self.seed}/{number}")
        scenarios = self.scenarios_of(number)
        until = self.window.until
        starts_now = scenarios & {"restart_after_gap", "restart_before_gap", "consent_late"}
        first = until if starts_now else until.plus(-episode_age(self.world, self.seed, number))
        is_ended = rng.randrange(100) < self.world.number("ending_percent_per_month")
        self.mix.active += 1
        self.mix.scenarios.update(scenarios)
        self._make(sink, rng, number, patient_id, first, until, scenarios, is_ended=is_ended)

    def make_discharged(self, sink: Sink, number: int, patient_id: str, last: Month) -> None:
        """A patient whose episode ended in an earlier month of the window."""
        rng = random.Random(f"{self.seed}/{number}")
        first = last.plus(-episode_age(self.world, self.seed, number))
        self._make(sink, rng, number, patient_id, first, last, frozenset(), is_ended=True)

    def _make(
        self,
        sink: Sink,
        rng: random.Random,
        number: int,
        patient_id: str,
        first: Month,
        last: Month,
        scenarios: frozenset[str],
        *,
        is_ended: bool,
    ) -> None:
        patient, coverage, payer = make_person(self.world, rng, number, patient_id, self.window.until)
        self.mix.patients += 1
        self.mix.payers[payer.payer_id] += 1
        sink.add_row("patients", patient)
        self._write_coverage(sink, number, coverage, scenarios)
        team = self._team_of(rng, scenarios)
        practitioner, bhcm = team
        renders = bhcm if payer.renders == "bhcm" else practitioner
        claims = ClaimBook(self.world, rng, self.team, patient_id, payer, renders)
        course = plan_course(self.world, rng, patient_id, first, last, is_ended=is_ended)
        gap = next((MONTHS_EMPTY[name] for name in sorted(scenarios & MONTHS_EMPTY.keys())), None)
        if gap is not None:
            course = self._come_back(sink, rng, course, team, claims, gap)
        elif "consent_refused" not in scenarios and "consent_unknown" not in scenarios:
            claims.write_months(course.months, self.window.until)
        book = self._write_care(sink, rng, course, team, scenarios)
        self._write_episode(sink, rng, course, team, scenarios, _first_day(book, course))
        self._claims_of_the_month(claims, course.months[-1], scenarios)
        for line in claims.rows:
            sink.add_row("claim_history", line)

    def _team_of(self, rng: random.Random, scenarios: frozenset[str]) -> tuple[Member, Member]:
        practitioner = rng.choice(self.team.practitioners)
        bhcm = rng.choice(self.team.bhcms)
        return practitioner, self.team.covering_bhcm if "no_caseload_review" in scenarios else bhcm

    def _write_coverage(self, sink: Sink, number: int, coverage: Cells, scenarios: frozenset[str]) -> None:
        if "coverage_ended" in scenarios:
            coverage["coverage_to"] = self.window.until.plus(-1).last_day
        sink.add_row("coverages", coverage)
        second = self.world.payers[-1]
        if "second_coverage" in scenarios and coverage["payer_id"] != second.payer_id:
            sink.add(
                "coverages",
                patient_id=coverage["patient_id"],
                payer_id=second.payer_id,
                member_id=member_id_of(second, number),
                relationship="self",
                coverage_from=date(2025, 1, 1),
                rank=2,
            )

    def _come_back(
        self,
        sink: Sink,
        rng: random.Random,
        course: Course,
        team: tuple[Member, Member],
        claims: ClaimBook,
        months_empty: int,
    ) -> Course:
        """Write an earlier episode that ended so many empty months ago; the new one. It may be no first month."""
        last = course.months[0].month.plus(-1 - months_empty)
        earlier = plan_course(
            self.world, rng, course.patient_id, last.plus(1 - RESTART_MONTHS), last, is_ended=True
        )
        for planned in earlier.months:
            claims.claim(planned.month, planned.is_first, 0, "paid")
        self._write_episode(sink, rng, earlier, team, frozenset(), earlier.start_date)
        return replace(course, number=2)

    def _write_care(
        self,
        sink: Sink,
        rng: random.Random,
        course: Course,
        team: tuple[Member, Member],
        scenarios: frozenset[str],
    ) -> ContactBook:
        practitioner, bhcm = team
        patient_id = course.patient_id
        consultant = self.team.consultant_of(bhcm)
        book = ContactBook(self.world, rng, patient_id, self.team.billing_npi, bhcm, practitioner, consultant)
        severity = {scale.name: rng.randint(*scale.first) for scale in self.world.instruments}
        for planned in course.months:
            month = planned.month
            if month not in self.window:
                continue
            self.mix.count_month(planned)
            is_last = month == self.window.until
            first_day = max(month.first_day, course.start_date)
            last_day = min(month.last_day, course.end_date or month.last_day)
            book.write_month(planned, first_day, last_day, scenarios if is_last else frozenset())
            if planned.tier.name != "no_care":
                self._write_measures(sink, rng, patient_id, planned, last_day, severity)
                self._write_review(sink, rng, patient_id, month, bhcm)
        for row in book.rows:
            sink.add_row("contacts", row)
        for service in book.other_services:
            sink.add_row("other_services", service)
        return book

    def _write_measures(
        self,
        sink: Sink,
        rng: random.Random,
        patient_id: str,
        planned: PlannedMonth,
        last_day: date,
        severity: dict[str, int],
    ) -> None:
        for scale in self.world.instruments:
            if rng.randrange(100) < (92 if scale is self.world.instruments[0] else 60):
                score = max(0, min(scale.maximum, severity[scale.name] - planned.place + rng.randint(-2, 2)))
                taken_on = last_day - timedelta(days=rng.randrange(8))
                sink.add(
                    "measures", patient_id=patient_id, instrument=scale.name, taken_on=taken_on, score=score
                )

    def _write_review(
        self, sink: Sink, rng: random.Random, patient_id: str, month: Month, bhcm: Member
    ) -> None:
        is_missed = bhcm is self.team.covering_bhcm and month == self.window.until
        if rng.randrange(100) < 80 and not is_missed:
            consultant = self.team.consultant_of(bhcm).staff_id
            reviewed_on = rng.choice(review_days(month))
            sink.add(
                "reviews",
                patient_id=patient_id,
                reviewed_on=reviewed_on,
                bhcm_id=bhcm.staff_id,
                psychiatric_consultant_id=consultant,
            )

    def _write_episode(
        self,
        sink: Sink,
        rng: random.Random,
        course: Course,
        team: tuple[Member, Member],
        scenarios: frozenset[str],
        first_service: date,
    ) -> None:
        practitioner, bhcm = team
        start = course.start_date
        no_behavioral = "no_behavioral_diagnosis" in scenarios
        diagnoses = (
            self.world.texts("medical_diagnoses")
            if no_behavioral
            else rng.choice(self.world.plain["diagnoses"])
        )
        episode: Cells = {
            "episode_id": course.episode_id,
            "patient_id": course.patient_id,
            "start_date": start,
            "end_date": course.end_date or "",
            "end_reason": rng.choice(self.world.texts("end_reasons")) if course.end_date else "",
            "site_id": "" if "no_site" in scenarios else practitioner.site_id,
            "billing_practitioner_id": practitioner.staff_id,
            "bhcm_id": bhcm.staff_id,
            "psychiatric_consultant_id": self.team.consultant_of(bhcm).staff_id,
            "referring_practitioner_id": practitioner.staff_id,
            "diagnosis_codes": ";".join(diagnoses),
            "first_service_date": first_service,
        }
        episode |= _consent(rng, start, bhcm, scenarios) | self._initiating_visit(rng, start)
        self.mix.episodes += 1
        sink.add_row("episodes", episode)

    def _initiating_visit(self, rng: random.Random, start: date) -> Cells:
        drawn = rng.randrange(100)
        before = start - timedelta(days=rng.randint(1, 20))
        code = rng.choice(self.world.named("codes")["initiating_visit"])
        if drawn < 18:
            return {"is_new_patient": "yes", "initiating_visit_date": before, "initiating_visit_code": code}
        if drawn < 90:
            return {"is_new_patient": "no", "last_seen_date": start - timedelta(days=rng.randint(5, 300))}
        return {} if drawn < 96 else {"is_new_patient": "no", "last_seen_date": start - timedelta(days=500)}

    def _claims_of_the_month(
        self, claims: ClaimBook, planned: PlannedMonth, scenarios: frozenset[str]
    ) -> None:
        until = self.window.until
        if "billed_already" in scenarios:
            claims.claim(until, planned.is_first, 0, "accepted")
        if "billed_by_other_practice" in scenarios:
            claims.claim_of_other_practice(until, planned.is_first)


def review_days(month: Month) -> list[date]:
    """The Tuesdays of a month: care managers and consultants meet weekly."""
    first = month.first_day + timedelta(days=(1 - month.first_day.weekday()) % 7)
    return [day for week in range(5) if (day := first + timedelta(weeks=week)) in month]


def _first_day(book: ContactBook, course: Course) -> date:
    """The first service of an episode: its start, or the first contact where the tables hold it."""
    first_month = course.months[0].month
    days = sorted(date.fromisoformat(str(row["started_at"])[:10]) for row in book.rows)
    return days[0] if days and days[0] in first_month else course.start_date


def _consent(rng: random.Random, start: date, bhcm: Member, scenarios: frozenset[str]) -> Cells:
    if "consent_refused" in scenarios:
        return {"consent_given": "no"}
    if "consent_unknown" in scenarios:
        return {}
    given = (
        start + timedelta(days=10)
        if "consent_late" in scenarios
        else start - timedelta(days=rng.randrange(5))
    )
    return {
        "consent_given": "yes",
        "consent_date": given,
        "consent_form": rng.choice(("verbal", "verbal", "written")),
        "consent_recorded_by": bhcm.staff_id,
        "cost_share_explained": rng.choice(("yes", "yes", "yes", "")),
    }
