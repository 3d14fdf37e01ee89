"""Claims of every kind, good and bad, known and unknown, drawn with a seed so that a failure comes again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from random import Random

from edit_samples import (
    BHCM_NPI,
    OTHER_NPI,
    OTHER_TIN,
    PAYER,
    PRACTICE_NPI,
    PRACTICE_TIN,
    PRACTITIONER_NPI,
    claim,
    history,
    line,
    overlay,
)

from cocm.basics.months import Month
from cocm.care.people import Role
from cocm.care.records import Answer, ClaimStatus, Consent, InitiatingVisit
from cocm.claims.records import Claim, Person
from cocm.coding.records import MonthKind
from cocm.edits.subject import EditSubject, Evidence
from cocm.rules import Rulebook

CODES = (
    "99492",
    "99493",
    "99494",
    "G2214",
    "99484",
    "G0502",
    "G0503",
    "G0504",
    "90834",
    "99213",
    "G0512",
    "G0568",
)
CODE_WEIGHTS = (20, 40, 30, 8, 8, 2, 2, 2, 10, 5, 4, 2)
NPIS = (
    PRACTICE_NPI,
    PRACTITIONER_NPI,
    BHCM_NPI,
    OTHER_NPI,
    "1234567890",
    "3234567893",
    "12345",
    "",
    "123456789A",
)
DIAGNOSES = ("F321", "F411", "F1020", "F70", "Z1331", "I10", "R45", "F", "f321")
SILENT = ("limit.addon_units", "limit.addon_units_review_above", "codes.addon", "codes.short_month")


def rulebook(folder: Path) -> Rulebook:
    """The shipped rulebook and packs that say nothing, that guess, that have no limits, and that differ."""
    shipped = Rulebook()
    every = dict.fromkeys(shipped.rule_ids, "unknown")
    codes = {f"codes.{name}": "unknown" for name in ("first_month", "later_month", "addon", "short_month")}
    strict = {
        "claim.correction_method": "new_claim",
        "claim.rendering_role": "bhcm",
        "claim.supervising_provider_required": "true",
        "consent.form": "written",
        "diagnosis.prefixes_allowed": "[F, R4]",
        "diagnosis.prefixes_denied": "[F7]",
        "episode.first_month_per_calendar_year_max": "1",
        "episode.gap_months": "3",
        "filing.limit_days": "60",
        "initiating_visit.lookback_days": "200",
        "initiating_visit.required": "true",
        "limit.addon_units": "2",
        "limit.addon_units_review_above": "1",
        "time.addon_full": "31",
        "time.addon_min": "20",
        "time.first_month_full": "75",
        "time.first_month_min": "70",
        "time.later_month_full": "65",
        "time.later_month_min": "60",
        "time.short_month_min": "30",
    }
    one_code = {
        "claim.benefit_side": "behavioral",
        "codes.first_month": '"G0512"',
        "codes.later_month": '"G0512"',
        "codes.addon": "none",
        "concurrency.excluded_codes": "[]",
        "consent.required": "false",
        "diagnosis.prefixes_allowed": "[]",
        "diagnosis.required": "false",
        "initiating_visit.codes": "[]",
        "time.addon_min": "none",
    }
    packs = {"silent": every, "half": codes, "strict": strict, "one-code": one_code}
    return overlay(folder, {**packs, "guessed": {"limit.addon_units": "1"}}, {"guessed": "assumed"})


def generated_subjects(count: int, seed: int, rules: Rulebook) -> list[EditSubject]:
    """So many subjects, each of another patient."""
    random = Random(seed)
    return [_subject(random, f"P-{number}", rules) for number in range(count)]


def _subject(random: Random, patient_id: str, rules: Rulebook) -> EditSubject:
    month = random.choice((Month(2026, 3), Month(2026, 1), Month(2017, 12), Month(2018, 1), Month(2016, 12)))
    pack_id = random.choice(
        (
            "cpt",
            "medicare",
            "medicare",
            "ca-commercial-carveout",
            "silent",
            "half",
            "strict",
            "strict",
            "one-code",
            "guessed",
        )
    )
    checked = _claim(random, patient_id, month, pack_id)
    past = tuple(_past(random, patient_id, month, number) for number in range(random.choice((0, 0, 1, 3, 8))))
    payer = random.choice(
        (None, PAYER, replace(PAYER, payer_id="OTH", filing_limit_days=random.choice((30, 90))))
    )
    if payer is not None and payer.payer_id == "OTH":
        payer = replace(payer, payer_id=f"OTH{payer.filing_limit_days}", behavioral_payer_identifier="")
    return EditSubject(
        claim=checked,
        payer=payer,
        policy=rules.pack(pack_id).on(month.last_day),
        history=past,
        evidence=_evidence(random, month),
        as_of_date=month.last_day + timedelta(days=random.choice((1, 30, 60, 61, 200, 400))),
    )


def _claim(random: Random, patient_id: str, month: Month, pack_id: str) -> Claim:
    lines = []
    for number in range(1, random.choice((1, 2, 2, 3, 4)) + 1):
        code = random.choices(CODES, CODE_WEIGHTS)[0]
        day = month.last_day if random.random() < 0.9 else month.plus(random.choice((-1, 1))).first_day
        pointers = [random.randint(1, 3) for _ in range(random.choice((0, 1, 1, 2, 4, 5)))]
        lines.append(line(code, random.choice((1, 1, 2, 3, 4, 5)), number, day, pointers))
    rendering = random.choice(NPIS)
    return claim(
        *lines,
        claim_id=f"C-{patient_id}",
        patient_id=patient_id,
        pack_id=pack_id,
        month=month,
        payer=replace(claim().payer, identifier=random.choice(("12345", "BH999", "77777", ""))),
        billing=replace(
            claim().billing,
            identifier=random.choice(NPIS),
            tin=random.choice((PRACTICE_TIN, PRACTICE_TIN, OTHER_TIN, "")),
        ),
        rendering=None if random.random() < 0.2 else Person("DOC", "ANN", rendering, ""),
        supervising=None if random.random() < 0.6 else Person("SUP", "SAM", PRACTITIONER_NPI, ""),
        payer_sequence=random.choice("PPPS"),
        place_of_service_code=random.choice(("11", "22", "02")),
        frequency_code=random.choice("1111178"),
        payer_claim_control_number=random.choice(("", "ICN1", "ICN2")),
        diagnosis_codes=tuple(random.choice(DIAGNOSES) for _ in range(random.choice((0, 1, 2, 3, 5)))),
    )


def _past(random: Random, patient_id: str, month: Month, number: int):
    behind = random.choice((0, 0, 0, 1, 2, 3, 4, 6, 7, 8, 13, -1))
    return history(
        random.choices(CODES, CODE_WEIGHTS)[0],
        month.plus(-behind).last_day,
        patient_id=patient_id,
        payer_id=random.choice(("MED", "MED", "OTH30", "")),
        claim_id=random.choice((f"H-{number}", f"H-{number}", f"C-{patient_id}")),
        service_unit_quantity=random.randint(1, 4),
        billing_npi=random.choice((PRACTICE_NPI, PRACTICE_NPI, OTHER_NPI, "")),
        billing_tin=random.choice((PRACTICE_TIN, PRACTICE_TIN, OTHER_TIN, "")),
        status=random.choice(list(ClaimStatus)),
        payer_claim_control_number=random.choice(("", "ICN1", "ICN2")),
        frequency_code=random.choice("11178"),
    )


def _evidence(random: Random, month: Month) -> Evidence:
    if random.random() < 0.15:
        return Evidence.unknown()
    start = random.choice((None, month.first_day, month.plus(-5).first_day))
    days = (
        None,
        date(2015, 12, 1),
        month.plus(-9).first_day,
        month.last_day,
        month.last_day + timedelta(days=1),
    )
    consent = Consent(
        random.choice(list(Answer)),
        random.choice(days),
        random.choice(("verbal", "written", "")),
        "",
        Answer.UNKNOWN,
    )
    visit = InitiatingVisit(
        random.choice(days),
        random.choice(("99213", "90791", "")),
        random.choice(list(Answer)),
        random.choice(days),
    )
    roles = {
        PRACTITIONER_NPI: Role.BILLING_PRACTITIONER,
        BHCM_NPI: Role.BHCM,
        OTHER_NPI: Role.PSYCHIATRIC_CONSULTANT,
    }
    return Evidence(
        month_kind=random.choice(list(MonthKind)),
        minutes_counted=random.choice((None, 0, 16, 31, 36, 69, 70, 86, 130, 600)),
        episode_start_date=start,
        consent=random.choice((None, consent, consent, consent)),
        initiating_visit=random.choice((None, visit, visit, visit)),
        group_npi=random.choice((None, PRACTICE_NPI)),
        roles_by_npi=random.choice((None, {}, roles, roles)),
        credentialed_places=random.choice((None, frozenset(), frozenset({"11"}), frozenset({"11", "22"}))),
    )
