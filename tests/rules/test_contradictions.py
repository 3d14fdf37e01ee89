"""Each of the thirty contradictions between sources: two packs lawfully differ, through the code that bills.

The table is docs/contradictions.md. Where no payer's pack holds a position, the case writes a contract of its own as an
overlay. C25 to C28 are documentation only: their case is the entry in the table.
"""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, Final, TypeAlias

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "coding"))  # the samples of the coding room's own tests

from case_samples import (
    EPISODE,
    MARCH,
    PRACTITIONER,
    case_file,
    contact,
    history,
    lines_of,
    overlay,
    policy,
)

from cocm.basics.identity import Provenance
from cocm.basics.months import Month
from cocm.care.casefile import CaseFile
from cocm.care.people import Patient, Payer, Role, StaffMember
from cocm.care.records import Answer, InitiatingVisit, OtherService
from cocm.claims.build import build_claim, service_date
from cocm.claims.records import Claim
from cocm.coding.month_kind import decide_month_kind
from cocm.coding.proposal import propose
from cocm.coding.records import MonthKind
from cocm.coding.time import propose_for_minutes
from cocm.edits.check import check_claim
from cocm.edits.evidence import evidence_from_case
from cocm.edits.subject import EditSubject
from cocm.rules import PackOn, Rulebook
from cocm.rules.rulebook import shipped_rulebook

PAGE: Final = Path(__file__).parents[2] / "docs" / "contradictions.md"
FIRST, LATER = MonthKind.FIRST, MonthKind.LATER
DECEMBER_2025, JANUARY_2026 = date(2025, 12, 31), date(2026, 1, 31)
AS_OF = date(2026, 4, 2)
CHARGES = {"99492": 20000, "99493": 18000, "99494": 8000, "G2214": 7500}

BEFORE = contact("BEFORE", "2026-02-10 09:00")
ENOUGH = contact("ENOUGH", "2026-03-20 09:00", 40)

Case: TypeAlias = Callable[[Path], tuple[object, object]]


def contract(folder: Path, values: dict[str, Any], parent: str, day: date = date(2026, 3, 31)) -> PackOn:
    """A contract of the practice's own with the position that no payer's pack holds."""
    return policy("contract", day, overlay(folder, values, parent=parent))


def codes(rules: PackOn, minutes: int, kind: MonthKind) -> dict[str, int]:
    return lines_of(propose_for_minutes(minutes, kind, rules))


def offered(rules: PackOn, minutes: int, kind: MonthKind = LATER) -> list[str]:
    proposal = propose_for_minutes(minutes, kind, rules)
    return [item.hcpcs_code for item in proposal.rejected if item.is_offered]


def gaps(rules: PackOn, **changes: Any) -> dict[str, str]:
    """What a later month of 40 minutes lacks, with its grade."""
    contacts = changes.pop("contacts", (BEFORE, ENOUGH))
    proposal = propose(case_file(*contacts, **changes), rules)
    return {item.gap.value: "no data" if item.is_no_data else item.severity.word for item in proposal.missing}


def claim(case: CaseFile, rules: PackOn) -> Claim:
    built = build_claim(case, propose(case, rules), rules, CHARGES, Provenance("O1", AS_OF, "hash"))
    assert isinstance(built, Claim)
    return built


def begun(month: Month) -> dict[str, Any]:
    return {"episode": replace(EPISODE, start_date=month.first_day, first_service_date=month.first_day)}


def c1_rendering(_: Path) -> tuple[object, object]:
    case = case_file(BEFORE, ENOUGH)

    def rendering_npi(pack_id: str) -> str:
        rendering = claim(case, policy(pack_id)).rendering
        assert rendering is not None
        return rendering.npi

    return rendering_npi("medicare"), rendering_npi("ca-commercial-carveout")


def c2_short_month(_: Path) -> tuple[object, object]:
    return codes(policy("medicare"), 20, LATER), codes(policy("mi-bcbsm"), 20, LATER)


def c3_general_bhi(_: Path) -> tuple[object, object]:
    return offered(policy("medicare"), 15), offered(policy("mi-bcbsm"), 15)


def c4_whose_minutes(_: Path) -> tuple[object, object]:
    consultant = contact("PC", "2026-03-25 09:00", 20, role=Role.PSYCHIATRIC_CONSULTANT, staff_id="PC1")
    case = case_file(BEFORE, contact("CM", "2026-03-20 09:00", 20), consultant)
    nc, michigan = (propose(case, policy(pack_id)) for pack_id in ("nc-medicaid", "mi-bcbsm"))
    assert lines_of(nc) != lines_of(michigan)
    return nc.ledger.minutes_counted, michigan.ledger.minutes_counted


def c5_first_month_again(_: Path) -> tuple[object, object]:
    case = case_file(
        contact("NOW", "2026-10-12 09:00-07:00", 40),
        month=Month(2026, 10),
        history=(history("99492", Month(2026, 2)), history("99493", Month(2026, 3))),
        episode=replace(EPISODE, first_service_date=None),
    )
    october = date(2026, 10, 31)
    nc, michigan = (
        decide_month_kind(case, policy(pack_id, october)) for pack_id in ("nc-medicaid", "mi-bcbsm")
    )
    return nc.kind, michigan.kind


def c6_short_first_month(folder: Path) -> tuple[object, object]:
    moved = contract(folder, {"episode.first_month_basis": "first_threshold_month"}, "medicare")
    case = case_file(BEFORE, ENOUGH, episode=replace(EPISODE, first_service_date=None))
    return lines_of(propose(case, policy())), lines_of(propose(case, moved))


def c7_add_on_units(_: Path) -> tuple[object, object]:
    looked_at = [
        bool(propose_for_minutes(146, FIRST, policy(pack_id)).reviews)
        for pack_id in ("ca-commercial-carveout", "cpt")
    ]
    assert looked_at == [True, False], "payers' habit: a person looks above two units"
    return codes(policy("nc-medicaid"), 206, FIRST), codes(policy("cpt"), 206, FIRST)


def c8_midpoint_or_full(_: Path) -> tuple[object, object]:
    return codes(policy("medicare"), 40, FIRST), codes(policy("full-unit"), 40, FIRST)


def c9_days_in_hospital(_: Path) -> tuple[object, object]:
    """Texas covers hospital settings; that time there counts is assumed, so it is left out and said to decide."""
    stay = OtherService("P1", date(2026, 3, 2), date(2026, 3, 8), "", None, "", "")
    in_hospital = contact("WARD", "2026-03-05 09:00", 40)
    case = case_file(BEFORE, in_hospital, ENOUGH, other_services=(stay,))
    found = []
    for pack_id in ("medicare", "tx-medicaid"):
        proposal = propose(case, policy(pack_id))
        assert lines_of(proposal) == {"99493": 1}
        found.append([reason.text for reason in proposal.reasons if "assumed value" in reason.text])
    return found[0], found[1]


def c10_consent_form(_: Path) -> tuple[object, object]:
    return gaps(policy("medicare")), gaps(policy("vendor-readings"))


def c11_cost_share(_: Path) -> tuple[object, object]:
    """Nothing is computed from it yet: the values differ by payer, and by date at one payer."""
    before, after = (
        policy("mi-bcbsm", day).text("payment.cost_share") for day in (date(2022, 4, 30), date(2022, 5, 1))
    )
    assert (before, after) == ("waived", "by_group_contract")
    return policy("medicare", date(2022, 4, 30)).text("payment.cost_share"), before


def c12_psychotherapy_beside(_: Path) -> tuple[object, object]:
    therapy = (OtherService("P1", date(2026, 3, 12), None, "90834", 45, "", ""),)
    written = replace(EPISODE, consent=replace(EPISODE.consent, form="written"))
    found = [
        gaps(policy(pack), other_services=therapy, episode=written)
        for pack in ("medicare", "vendor-readings")
    ]
    return found[0], found[1]


def c13_benefit_side(folder: Path) -> tuple[object, object]:
    """A claim addressed to the behavioral administrator: a mistake for one payer, the way for another."""
    misdirected = Payer("PAY1", "Administrator", "medicare", "BH1", "BH1", "BH1", None)
    case = case_file(BEFORE, ENOUGH, payer=misdirected)

    def is_caught(rules: PackOn) -> bool:
        proposal = propose(case, rules)
        evidence = evidence_from_case(case, proposal.month_kind, proposal.ledger.minutes_counted)
        subject = EditSubject(claim(case, rules), misdirected, rules, (), evidence, AS_OF)
        return any(
            found.edit_id == "payer.behavioral_administrator" for found in check_claim(subject).findings
        )

    behavioral = contract(folder, {"claim.benefit_side": "behavioral"}, "medicare")
    return is_caught(policy()), is_caught(behavioral)


def c14_timed_add_ons(folder: Path) -> tuple[object, object]:
    timed = contract(folder, {"time.first_month_min": 70, "time.first_month_full": 70}, "medicare-apcm")
    return codes(policy("medicare-apcm"), 25, FIRST), codes(timed, 25, FIRST)


def c15_codes_of_2026(folder: Path) -> tuple[object, object]:
    retired = contract(folder, {"codes.first_month": None, "codes.later_month": None}, "medicare")
    return codes(policy(), 40, LATER), codes(retired, 40, LATER)


AUGUST = Month(2026, 8)


def first_month_of_august(rules: PackOn) -> int | None:
    base = OtherService("P1", date(2026, 8, 3), None, "G0557", None, "", "")
    case = case_file(
        contact("A", "2026-08-10 09:00-07:00", 40), month=AUGUST, other_services=(base,), **begun(AUGUST)
    )
    return propose(case, rules).expected_payment_cents


def c16_value_of_the_add_on(_: Path) -> tuple[object, object]:
    august = AUGUST.last_day
    timed, add_on = policy("medicare", august), policy("medicare-apcm", august)
    return first_month_of_august(timed), first_month_of_august(add_on)


def c17_amount_of_2026(folder: Path) -> tuple[object, object]:
    """The other amount comes from the practice expense of an earlier year under the factor of 2026."""
    shipped = shipped_rulebook().data_file("fees/relative_values.csv")
    with shipped.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    for row in rows:
        if row["hcpcs_code"] == "99492" and row["effective_from"] >= "2026":
            row.update(pe_rvu_nonfacility="2.46", mp_rvu="0.13")
    (folder / "fees").mkdir()
    with (folder / "fees" / "relative_values.csv").open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    august = AUGUST.last_day
    return (
        first_month_of_august(policy("medicare", august)),
        first_month_of_august(policy("medicare", august, Rulebook([folder]))),
    )


def c18_minutes_of_the_clinic_code(_: Path) -> tuple[object, object]:
    medicare, nc = (policy(pack, DECEMBER_2025) for pack in ("medicare-rhc-fqhc", "nc-medicaid-rhc-fqhc"))
    assert codes(medicare, 65, LATER) == codes(nc, 65, LATER) == {"G0512": 1}
    return codes(medicare, 65, FIRST), codes(nc, 65, FIRST)


def c19_last_day_of_care_management(folder: Path) -> tuple[object, object]:
    august = date(2025, 8, 31)
    earlier = contract(folder, {"codes.general_bhi": "99484"}, "medicare-rhc-fqhc", august)
    return offered(policy("medicare-rhc-fqhc", august), 25), offered(earlier, 25)


def c20_clinic_code_after_2025(_: Path) -> tuple[object, object]:
    texas = policy("tx-medicaid-rhc-fqhc", JANUARY_2026)
    assert texas.text("codes.first_month") == "G0512"
    assert propose_for_minutes(70, FIRST, texas).has_no_data, "Texas's minutes are not established"
    nc = policy("nc-medicaid-rhc-fqhc", JANUARY_2026)
    assert propose_for_minutes(70, FIRST, nc).reviews, "that the code lives on is assumed"
    return codes(policy("medicare-rhc-fqhc", JANUARY_2026), 70, FIRST), codes(nc, 70, FIRST)


def c21_youngest_age(_: Path) -> tuple[object, object]:
    young = Patient("P1", "Test", "Pat", date(2011, 1, 1), "F", case_file().patient.address)

    def found(pack_id: str, month: Month) -> dict[str, str]:
        payer = Payer("PAY1", "Payer", pack_id, "1", "", "R1", None, date(2020, 1, 1))
        rules = policy(pack_id, month.last_day)
        return gaps(
            rules,
            contacts=(contact("A", f"{month}-10 09:00"),),
            month=month,
            patient=young,
            payer=payer,
            **begun(month),
        )

    assert found("ny-ccmp", Month(2026, 4)) == {}
    return found("ny-ccmp", MARCH), found("tx-medicaid", MARCH)


def c22_authorization(folder: Path) -> tuple[object, object]:
    in_2020 = Month(2020, 12)
    contacts = (contact("A", "2020-11-10 09:00"), contact("B", "2020-12-10 09:00", 40))
    early = {"month": in_2020, "contacts": contacts, "contacts_complete_from": date(2019, 1, 1)}
    then = gaps(policy("mi-medicaid", in_2020.last_day), **early, **consented(Month(2020, 5)))
    assert then == {"authorization": "review"}
    six = contract(folder, {"authorization.after_months": 6}, "mi-medicaid")
    return gaps(six, **begun(Month(2025, 8))), gaps(policy("mi-medicaid"), **begun(Month(2025, 8)))


def consented(month: Month) -> dict[str, Any]:
    day = month.first_day
    consent = replace(EPISODE.consent, consent_date=day)
    return {"episode": replace(EPISODE, start_date=day, first_service_date=day, consent=consent)}


def c23_consultant(_: Path) -> tuple[object, object]:
    member = StaffMember("PC1", "Park", "Min", Role.PSYCHIATRIC_CONSULTANT, "", "1041C0700X", "LCSW", ())
    found = [gaps(policy(pack), psychiatric_consultant=member) for pack in ("medicare", "anthem-bcbs")]
    return found[0], found[1]


def c24_evaluation_as_initiating_visit(_: Path) -> tuple[object, object]:
    visit = InitiatingVisit(EPISODE.start_date, "90791", Answer.YES, None)
    episode = replace(EPISODE, initiating_visit=visit, consent=replace(EPISODE.consent, form="written"))
    found = [gaps(policy(pack), episode=episode) for pack in ("medicare", "vendor-readings")]
    return found[0], found[1]


def c29_date_of_service(folder: Path) -> tuple[object, object]:
    threshold = contract(folder, {"claim.service_date_basis": "threshold_date"}, "medicare")
    case = case_file(BEFORE, ENOUGH)
    days = [service_date(case, propose(case, rules), rules) for rules in (policy(), threshold)]
    assert [line.service_date for line in claim(case, threshold).lines] == [days[1]]
    return days[0], days[1]


def c30_short_months_code(_: Path) -> tuple[object, object]:
    assert codes(policy("va-medicaid"), 20, LATER) == {}
    assert codes(policy("ct-commercial"), 20, LATER) == {"G2214": 1}
    return codes(policy("medicare"), 20, LATER), codes(policy("wi-medicaid"), 20, LATER)


ASSUMED_IN_TEXAS: Final = "40 minutes are left out by an assumed value, which decides the code"
CASES: Final[dict[str, tuple[Case, object, object]]] = {
    "C1": (c1_rendering, PRACTITIONER.npi, "1679576722"),
    "C2": (c2_short_month, {"G2214": 1}, {}),
    "C3": (c3_general_bhi, [], ["99484"]),
    "C4": (c4_whose_minutes, 20, 40),
    "C5": (c5_first_month_again, FIRST, LATER),
    "C6": (c6_short_first_month, {"99493": 1}, {"99492": 1}),
    "C7": (c7_add_on_units, {"99492": 1, "99494": 4}, {"99492": 1, "99494": 5}),
    "C8": (c8_midpoint_or_full, {"99492": 1}, {"G2214": 1}),
    "C9": (c9_days_in_hospital, [], [ASSUMED_IN_TEXAS]),
    "C10": (c10_consent_form, {}, {"consent_form": "review"}),
    "C11": (c11_cost_share, "coinsurance", "waived"),
    "C12": (c12_psychotherapy_beside, {}, {"conflicting_service": "review"}),
    "C13": (c13_benefit_side, True, False),
    "C14": (c14_timed_add_ons, {"G0568": 1}, {}),
    "C15": (c15_codes_of_2026, {"99493": 1}, {}),
    "C16": (c16_value_of_the_add_on, 16032, 16166),
    "C17": (c17_amount_of_2026, 16032, 14930),
    "C18": (c18_minutes_of_the_clinic_code, {}, {"G0512": 1}),
    "C19": (c19_last_day_of_care_management, ["G0511"], ["99484"]),
    "C20": (c20_clinic_code_after_2025, {"99492": 1}, {"G0512": 1}),
    "C21": (c21_youngest_age, {"patient_age": "review"}, {}),
    "C22": (c22_authorization, {"authorization": "review"}, {}),
    "C23": (c23_consultant, {"consultant_type": "review"}, {}),
    "C24": (c24_evaluation_as_initiating_visit, {"initiating_visit": "review"}, {}),
    "C29": (c29_date_of_service, date(2026, 3, 31), date(2026, 3, 20)),
    "C30": (c30_short_months_code, {"G2214": 1}, {}),
}
DOCUMENTED_ONLY: Final = {
    "C25": ("20 percent", "32 percent"),
    "C26": ("review", "reimburse"),
    "C27": ("below 5", "below 10"),
    "C28": ("50 to 120", "100 to 150"),
}
ALL: Final = [f"C{number}" for number in range(1, 31)]


def entries() -> dict[str, list[str]]:
    """The rows of the page's table, by number."""
    rows = [
        line.strip("| ").split(" | ")
        for line in PAGE.read_text(encoding="utf-8").splitlines()
        if line[:3] == "| C"
    ]
    return {row[0]: row[1:] for row in rows}


@pytest.mark.parametrize("number", ALL)
def test_two_positions_lawfully_differ(number: str, tmp_path: Path) -> None:
    if number in DOCUMENTED_ONLY:
        _, one, other, rules, *_ = entries()[number]
        assert (DOCUMENTED_ONLY[number][0] in one, DOCUMENTED_ONLY[number][1] in other) == (True, True)
        assert rules == "none"
        return
    find, one_expected, other_expected = CASES[number]
    one, other = find(tmp_path)
    assert one == one_expected
    assert other == other_expected
    assert one != other


def test_every_contradiction_has_a_case_and_an_entry() -> None:
    assert sorted({*CASES, *DOCUMENTED_ONLY}) == sorted(ALL)
    assert list(entries()) == ALL
    assert all(len(row) == 5 for row in entries().values())


def test_the_entries_name_rules_and_packs_that_exist() -> None:
    rulebook = shipped_rulebook()
    for number, (_, one, other, rules, default) in entries().items():
        named = set(re.findall(r"`([^`]+)`", f"{one} {other} {default}"))
        assert named <= set(rulebook.payer_ids), number
        assert set(re.findall(r"`([^`]+)`", rules)) <= set(rulebook.rule_ids), number


def test_a_rule_that_names_a_contradiction_stands_in_its_entry() -> None:
    rulebook = shipped_rulebook()
    for rule_id in rulebook.rule_ids:
        number = rulebook.rule(rule_id).contradiction
        assert not number or f"`{rule_id}`" in entries()[number][3], (rule_id, number)
