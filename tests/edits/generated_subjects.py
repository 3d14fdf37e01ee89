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
from cocm.claims.records import Claim, Paperwork, Person
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
    "G0570",
    "G0557",
    "99490",
    "96127",
    "97151",
)
CODE_WEIGHTS = (20, 40, 30, 8, 8, 2, 2, 2, 10, 5, 6, 4, 4, 6, 6, 6, 6)
PAST_WEIGHTS = (20, 30, 20, 6, 8, 2, 2, 2, 40, 5, 6, 4, 4, 6, 6, 6, 6)
TAXONOMIES = (
    "207Q00000X",
    "1041C0700X",
    "2084P0800X",
    "261QF0400X",
    "261QM0801X",
    "363LF0000X",
    "332B00000X",
    "",
)
MODIFIERS = ((), (), (), ("95",), ("59",), ("25", "GT"), ("U1", "XE"), ("U1", "U2", "U3", "95"))
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
DIAGNOSES = ("F321", "F32.A", "F419", "F411", "F1020", "F70", "Z1331", "I10", "R45", "F", "f321")
SILENT = ("limit.addon_units", "limit.addon_units_review_above", "codes.addon", "codes.short_month")


def rulebook(folder: Path) -> Rulebook:
    """The shipped rulebook and packs that say nothing, that guess, that have no limits, and that differ."""
    shipped = Rulebook()
    every = dict.fromkeys(shipped.rule_ids, "unknown")
    codes = {f"codes.{name}": "unknown" for name in ("first_month", "later_month", "addon", "short_month")}
    strict = {
        "authorization.after_months": "2",
        "claim.correction_method": "new_claim",
        "claim.modifiers_refused": "[GT]",
        "claim.modifiers_required": "[U1, U2]",
        "claim.modifiers_separate_service": '["59"]',
        "claim.paperwork": "with_claim",
        "claim.places_refused": '["22", "02"]',
        "claim.rendering_role": "bhcm",
        "claim.service_date_basis": "threshold_date",
        "codes.clinic_month": '"G0512"',
        "codes.required_base": '["G0557", "99490"]',
        "concurrency.review_codes": '["96127", "99490"]',
        "enrollment.attestation": "plan_form",
        "limit.charge_multiple_review_above": "2",
        "limit.ncci_applies": "false",
        "minutes.roles_counted": "[bhcm, psychiatric_consultant]",
        "patient.age_years_min": "18",
        "routing.psychotherapy_side": "behavioral",
        "team.billing_practitioner_types": "[physician]",
        "time.clinic_first_month_min": "70",
        "time.clinic_later_month_min": "60",
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
        "claim.clinic_places": "[]",
        "claim.clinic_taxonomies": "[]",
        "claim.format": "institutional",
        "claim.modifiers_refused": "[]",
        "claim.modifiers_separate_service": "[]",
        "codes.clinic_month": '"G0512"',
        "concurrency.separate_consent_codes": "[]",
        "diagnosis.unspecified_codes": "[]",
        "limit.charge_multiple_review_above": "none",
        "routing.psychotherapy_codes": "[]",
        "routing.psychotherapy_side": "medical",
        "team.billing_practitioner_types": "[]",
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
    guessed = {"limit.addon_units": "1", "minutes.roles_counted": "[bhcm, psychiatric_consultant]"}
    packs = {"silent": every, "half": codes, "strict": strict, "one-code": one_code}
    return overlay(folder, {**packs, "guessed": guessed}, {"guessed": "assumed"})


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
            "half",
            "guessed",
            "strict",
            "strict",
            "strict",
            "strict",
            "one-code",
            "guessed",
            "medicare-apcm",
            "medicare-rhc-fqhc",
            "co-medicaid",
            "mi-medicaid",
        )
    )
    checked = _claim(random, patient_id, month, pack_id)
    past = tuple(_past(random, patient_id, month, number) for number in range(random.choice((0, 0, 1, 4, 8))))
    if random.random() < 0.4:  # one practice's and payer's lines, so that they bear on each other
        billing = replace(checked.billing, identifier=PRACTICE_NPI, tin=PRACTICE_TIN)
        checked = replace(checked, billing=billing, frequency_code="1")
        own = {
            "billing_npi": PRACTICE_NPI,
            "billing_tin": PRACTICE_TIN,
            "payer_id": "",
        }
        decided = (ClaimStatus.PAID, ClaimStatus.PAID, ClaimStatus.DENIED)
        past = tuple(replace(earlier, **own, status=random.choice(decided)) for earlier in past)
    payer = random.choice(
        (None, PAYER, replace(PAYER, payer_id="OTH", filing_limit_days=random.choice((30, 90))))
    )
    if payer is not None and payer.payer_id == "OTH":
        attested = date(2016, 1, 1) if payer.filing_limit_days == 30 else date(2026, 3, 1)
        payer = replace(
            payer,
            payer_id=f"OTH{payer.filing_limit_days}",
            behavioral_payer_identifier="",
            attested_from=attested,
        )
    return EditSubject(
        claim=checked,
        payer=payer,
        policy=rules.pack(pack_id).on(month.last_day),
        history=past,
        evidence=_evidence(random, month),
        as_of_date=month.last_day + timedelta(days=random.choice((-2, 1, 30, 60, 61, 200, 400))),
    )


def _claim(random: Random, patient_id: str, month: Month, pack_id: str) -> Claim:
    lines = []
    for number in range(1, random.choice((1, 2, 2, 3, 4)) + 1):
        code = random.choices(CODES, CODE_WEIGHTS)[0]
        day = month.last_day if random.random() < 0.9 else month.plus(random.choice((-1, 1))).first_day
        pointers = [random.randint(1, 3) for _ in range(random.choice((0, 1, 1, 2, 4, 5)))]
        made = line(code, random.choice((1, 1, 1, 2, 3, 4, 5, 0)), number, day, pointers)
        lines.append(
            replace(
                made,
                modifiers=random.choice(MODIFIERS),
                charge_amount_cents=random.choice((0, 5_000, 20_000, 20_000, 90_000, 5_000_000)),
                service_from_date=random.choice(
                    (None, None, day, day.replace(day=1), day - timedelta(days=40), day + timedelta(days=1))
                ),
                unit_basis_code=random.choice(("UN", "UN", "UN", "MJ")),
                is_whole_quantity=random.random() < 0.9,
            )
        )
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
            taxonomy_code=random.choice(TAXONOMIES),
        ),
        rendering=(
            None if random.random() < 0.2 else Person("DOC", "ANN", rendering, random.choice(TAXONOMIES))
        ),
        patient_birth_date=random.choice(
            (date(1980, 2, 29), date(2010, 3, 31), date(2010, 4, 1), date(2026, 3, 15))
        ),
        prior_authorization_number=random.choice(("", "", "A1")),
        paperwork=random.choice(((), (), (Paperwork("OZ", "EL", "PK1"),))),
        supervising=None if random.random() < 0.6 else Person("SUP", "SAM", PRACTITIONER_NPI, ""),
        payer_sequence=random.choice("PPPS"),
        place_of_service_code=random.choice(("11", "11", "22", "02", "50", "", "99X")),
        frequency_code=random.choice("1111178"),
        payer_claim_control_number=random.choice(("", "ICN1", "ICN2")),
        diagnosis_codes=tuple(random.choice(DIAGNOSES) for _ in range(random.choice((0, 1, 2, 3, 5)))),
    )


def _past(random: Random, patient_id: str, month: Month, number: int):
    behind = random.choice((0, 0, 0, 1, 2, 3, 4, 6, 7, 8, 13, -1))
    return history(
        random.choices(CODES, PAST_WEIGHTS)[0],
        month.plus(-behind).last_day,
        patient_id=patient_id,
        payer_id=random.choice(("MED", "MED", "OTH30", "")),
        claim_id=random.choice((f"H-{number}", f"H-{number}", f"C-{patient_id}")),
        service_unit_quantity=random.randint(1, 4),
        billing_npi=random.choice((PRACTICE_NPI, PRACTICE_NPI, OTHER_NPI, "")),
        billing_tin=random.choice((PRACTICE_TIN, PRACTICE_TIN, OTHER_TIN, "")),
        rendering_npi=random.choice((PRACTITIONER_NPI, BHCM_NPI, OTHER_NPI, OTHER_NPI, "")),
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
        first_service_date=random.choice(
            (None, month.first_day, month.plus(-1).last_day, month.plus(-14).last_day)
        ),
        coverage_from_date=random.choice((None, date(2015, 1, 1), date(2015, 1, 1), month.last_day)),
        coverage_to_date=random.choice(
            (None, None, month.last_day, month.plus(-1).last_day, month.first_day)
        ),
        is_authorized=random.choice((None, True, False)),
        minutes_set_apart=random.choice((None, 0, 0, 0, 40)),
        recorded_codes=random.choice((frozenset(), frozenset(), frozenset({"G0557", "90834"}))),
        death_date=random.choice((None, None, month.first_day, month.last_day)),
    )
