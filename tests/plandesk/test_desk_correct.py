"""One wrongful rule's claims: found, decided again with interest, paid in one remittance, told to all, once."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path

import pytest
from desk_samples import LATER, DeskAnswer, ReviewDesk
from docx import Document
from plan_samples import AS_OF, LATER_LINE, RULEBOOK, TABLES, claim, line, therapy
from pypdf import PdfReader

from cocm.basics.errors import UnusableInput
from cocm.plan.mistakes import Mistake
from cocm.plandesk.plan_letters import LetterForm
from cocm.rules import Rulebook

FIRST, SECOND = "C-00000000000001", "C-00000000000002"
NO_CARVE_OUT = TABLES["delegations"][1:]
RULE_OF = {
    Mistake.ROUTE_BY_DIAGNOSIS: "mistake_route_by_diagnosis",
    Mistake.DENY_FOR_RECORDS: "mistake_records",
    Mistake.ASK_FOR_RECORDS: "mistake_records_request",
    Mistake.DUPLICATE_OF_PSYCHOTHERAPY: "mistake_duplicate",
    Mistake.WRONG_COST_SHARE: "wrong_cost_share",
}
DEAR_COPAYMENT = [
    TABLES["benefits"][0],
    {"product": "HMO", "side": "behavioral", "effective_from": "2026-01-01", "copayment": "200.00"},
]


def changes(answer: DeskAnswer) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.bytes_of("changes.csv").decode())))


def letter(answer: DeskAnswer, ending: str) -> str:
    (name,) = [name for name in answer.files if name.endswith(ending)]
    text = " ".join(page.extract_text() for page in PdfReader(answer.out / name).pages)
    return " ".join(text.split())


@pytest.mark.parametrize("mistake", list(Mistake))
def test_each_mistake_comes_out_as_the_rules_would_have_had_it(tmp_path: Path, mistake: Mistake) -> None:
    right = ReviewDesk(tmp_path / "right", delegations=NO_CARVE_OUT)
    wrong = ReviewDesk(tmp_path / "wrong", mistake, delegations=NO_CARVE_OUT)
    for desk in (right, wrong):
        desk.take(therapy(1))
    expected = {one.claim_id: one for one in right.take(claim(1), claim(2)).claims}
    erred = wrong.take(claim(1), claim(2))
    answer = wrong.correct(RULE_OF[mistake])
    corrected = {one.claim_id: one for one in answer.claims if one.status_code == "1"}
    assert FIRST in corrected
    for claim_id, one in corrected.items():
        assert one.paid_amount_cents == expected[claim_id].paid_amount_cents
        assert (
            one.patient_responsibility_amount_cents == expected[claim_id].patient_responsibility_amount_cents
        )
        assert [paid.adjustments for paid in one.lines] == [
            paid.adjustments for paid in expected[claim_id].lines
        ]
    untouched = {one.claim_id for one in erred.claims if one.status_code == "1"} - set(corrected)
    assert {*corrected, *untouched} == set(expected)
    assert wrong.share_met("GHP000000001") == right.share_met("GHP000000001")


def test_totals_reconcile_with_the_remittance_and_every_reversal_has_its_correction(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path, Mistake.DENY_FOR_RECORDS)
    desk.take(*[claim(number) for number in range(1, 6)])
    answer = desk.correct("mistake_records")
    summary, (payment,) = answer.summary, answer.payments
    assert (summary["claims_found"], summary["claims_changed"], summary["members"]) == (5, 5, 5)
    assert payment.paid_amount_cents == summary["payment_cents"] == 5 * (13_600 + 168)
    statuses = [one.status_code for one in payment.claims]
    assert statuses == ["22", "1"] * 5
    for back, paid in zip(payment.claims[::2], payment.claims[1::2], strict=True):
        assert back.claim_id == paid.claim_id
        assert paid.payer_claim_control_number == f"{back.payer_claim_control_number}.1"
    assert sum(one.amount_cents for one in payment.provider_adjustments) == -summary["interest_cents"]
    assert {one.reason_code for one in payment.provider_adjustments} == {"L6"}
    rows = changes(answer)
    assert [row["interest"] for row in rows] == ["1.68"] * 5  # 136.00 x 15 % x 30 / 365 = 1.6767
    assert sum(round(100 * float(row["paid"])) for row in rows) == summary["paid_cents"]


def test_dry_run_is_worked_out_and_changes_nothing(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path, Mistake.DENY_FOR_RECORDS)
    desk.take(claim(1), claim(2))
    before = desk.state.read_bytes()
    dry = desk.correct("mistake_records", is_applied=False)
    assert desk.state.read_bytes() == before
    assert dry.summary["is_applied"] is False
    applied = desk.correct("mistake_records")
    assert applied.bytes_of("remittance.835") == dry.bytes_of("remittance.835")
    assert applied.bytes_of("changes.csv") == dry.bytes_of("changes.csv")


def test_a_second_run_finds_nothing_more_and_writes_the_same_again(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path, Mistake.DENY_FOR_RECORDS)
    desk.take(claim(1), claim(2))
    first = desk.correct("mistake_records", letters=LetterForm.PDF)
    state = desk.state.read_bytes()
    again = desk.correct("mistake_records", as_of=date(2026, 9, 1), letters=LetterForm.PDF)
    assert again.before == LATER
    assert again.all_bytes == first.all_bytes
    assert desk.state.read_bytes() == state
    met = desk.share_met("GHP000000001")
    desk.take(claim(3))
    more = desk.correct("mistake_records")
    assert [one.claim_id for one in more.claims] == ["C-00000000000003"] * 2
    assert desk.share_met("GHP000000001") == met


def test_the_same_state_corrected_twice_elsewhere_gives_the_same_bytes(tmp_path: Path) -> None:
    files = []
    for name in ("one", "other"):
        desk = ReviewDesk(tmp_path / name, Mistake.DENY_FOR_RECORDS)
        desk.take(claim(1))
        files.append(desk.correct("mistake_records", letters=LetterForm.PDF).all_bytes)
    assert files[0] == files[1]


def test_days_that_hold_no_decision_find_nothing(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path, Mistake.DENY_FOR_RECORDS)
    desk.take(claim(1))
    answer = desk.correct("mistake_records", days=(date(2026, 4, 7), date(2026, 12, 31)))
    assert answer.summary["claims_found"] == 0
    assert not [name for name in answer.files if name.endswith((".835", ".277"))]


def test_another_rules_claims_are_left_alone(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path, Mistake.DENY_FOR_RECORDS)
    desk.take(claim(1))
    assert desk.correct("place.not_credentialed").summary["claims_found"] == 0


@pytest.mark.parametrize(
    ("rule", "days", "message"),
    [
        ("no_such_rule", (AS_OF, AS_OF), "--rule no_such_rule: decides nothing; name an edit"),
        ("deductible", (AS_OF, AS_OF), "decides nothing"),
        ("mistake_records", (LATER, AS_OF), "lies after --to"),
    ],
)
def test_bad_questions_are_refused_by_name(
    tmp_path: Path, rule: str, days: tuple[date, date], message: str
) -> None:
    desk = ReviewDesk(tmp_path)
    desk.take(claim(1))
    with pytest.raises(UnusableInput, match=message):
        desk.correct(rule, days=days)


def test_what_the_rule_refused_rightly_stays_refused(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path)
    desk.take(claim(1, lines=(LATER_LINE,)))
    desk.take(claim(501, member_id="GHP000000001", lines=(LATER_LINE,)))
    answer = desk.correct("duplicate.already_billed")
    assert answer.summary["claims_found"] == 1
    assert answer.summary["claims_changed"] == 0
    assert len(answer.summary["claims_unchanged"]) == 1


def test_claims_refused_for_a_table_that_was_wrong_are_paid_by_the_mended_one(tmp_path: Path) -> None:
    wrong = [{**TABLES["providers"][0], "places": "22"}]
    desk = ReviewDesk(tmp_path, providers=wrong)
    desk.take(claim(1), claim(2))
    desk.mend()
    answer = desk.correct("place.not_credentialed", note="the roster had the wrong place")
    assert answer.summary["claims_changed"] == 2
    assert answer.trace[0]["review"]["reason"] == "place.not_credentialed"
    assert answer.trace[0]["review"]["note"] == "the roster had the wrong place"


def test_member_not_on_file_by_mistake_is_found_by_the_tables_codes(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path, members=TABLES["members"][1:])
    desk.take(claim(1))
    desk.mend()
    assert desk.correct("member_unknown").summary["claims_changed"] == 1


def test_wrong_share_is_given_back_and_later_claims_of_the_year_are_replayed(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path, Mistake.WRONG_COST_SHARE, benefits=DEAR_COPAYMENT)
    desk.take(claim(1))
    desk.err_no_more()
    april = (line("99493", cents=14_000, day=date(2026, 4, 30)),)
    may = date(2026, 5, 4)
    later = desk.take(claim(501, member_id="GHP000000001", lines=april), received=may, as_of=may)
    # March: a copayment of 200.00, capped by the 150.00 that line 1 allows. April: deductible 100.00, 20 % of 30.00.
    assert later.claims[0].patient_responsibility_amount_cents == 10_600
    answer = desk.correct("wrong_cost_share", letters=LetterForm.PDF)
    back, paid, later_back, restated = answer.claims
    assert back.patient_responsibility_amount_cents == -15_000
    assert paid.patient_responsibility_amount_cents == 13_400
    assert later_back.patient_responsibility_amount_cents == -10_600
    assert restated.patient_responsibility_amount_cents == 2_600
    assert answer.summary["refunds_cents"] == 1_600 + 8_000
    assert answer.summary["claims_restated_for_share"] == 1
    assert desk.share_met("GHP000000001") == (10_000, 16_000)
    restated_row = changes(answer)[1]
    assert restated_row["why_changed"] == "restate cost share replayed"
    # received on 4 May, due on 3 June, two days late: 80.00 x 15 % x 2 / 365 = 0.0658
    assert restated_row["interest"] == "0.07"


def test_interest_is_what_the_hand_reckons(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path, Mistake.DENY_FOR_RECORDS)
    desk.take(claim(1))
    on_the_last_day = desk.correct("mistake_records", as_of=date(2026, 5, 6), is_applied=False)
    assert on_the_last_day.summary["interest_cents"] == 0
    a_day_late = desk.correct("mistake_records", as_of=date(2026, 5, 7), is_applied=False)
    assert a_day_late.summary["interest_cents"] == 6  # 136.00 x 15 % / 365 = 0.0559
    told = "interest $0.06: $136.00 is paid 1 day after 2026-05-06, at 15 percent a year of 365 days"
    assert told in a_day_late.bytes_of("trace.txt").decode()
    assert a_day_late.trace[0]["interest"]["amount_cents"] == 6
    a_year_late = desk.correct("mistake_records", as_of=date(2027, 5, 6), is_applied=False)
    assert a_year_late.summary["interest_cents"] == 2_040


def test_payer_without_a_rate_on_file_pays_none_and_it_is_told(tmp_path: Path) -> None:
    plan = [{**TABLES["plan"][0], "pack_id": "co-medicaid"}]
    desk = ReviewDesk(tmp_path, Mistake.DENY_FOR_RECORDS, plan=plan)
    desk.take(claim(1))
    answer = desk.correct("mistake_records")
    assert (answer.summary["interest_cents"], answer.summary["interest_not_known"]) == (0, 1)
    assert changes(answer)[0]["interest_why"] == "no payment clock is on file for the payer"
    told = "interest on $136.00: not known, no payment clock is on file for the payer"
    assert told in answer.bytes_of("trace.txt").decode()


def test_each_sender_has_a_remittance_of_its_own(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path, Mistake.DENY_FOR_RECORDS)
    desk.take(claim(1))
    desk.take(claim(2), sender="HILLSIDE01")
    answer = desk.correct("mistake_records")
    assert {"remittance-001.835", "remittance-002.835", "status-001.277"} <= set(answer.files)
    assert sum(one.paid_amount_cents for one in answer.payments) == answer.summary["payment_cents"]
    assert b"HILLSIDE01" in answer.bytes_of("remittance-001.835")


def test_letters_tell_member_and_provider_what_is_on_file(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path, Mistake.WRONG_COST_SHARE, benefits=DEAR_COPAYMENT)
    desk.take(claim(1))
    answer = desk.correct("wrong_cost_share", letters=LetterForm.PDF)
    english, spanish = letter(answer, "member-en.pdf"), letter(answer, "member-es.pdf")
    assert "your share was $150.00. Your share is $134.00" in english
    assert "to give the rest back: up to $16.00" in english
    assert "su parte era $150.00. Su parte es $134.00" in spanish
    assert "hasta $16.00" in spanish
    assert "5 de junio de 2026" in spanish
    provider = letter(answer, "provider.pdf")
    assert "the cost share was that of the other side of the benefit" in provider
    assert "Interest for late payment: $0.20, for 30 days" in provider  # 16.00 x 15 % x 30 / 365 = 0.197
    assert "Interest on late payment: 15 percent a year (since" in provider
    for text in (english, spanish, provider):
        assert "(800) 555-0111" in text
        assert "NOT ON FILE" not in text
        assert "GHP000000001" not in text
        assert "1988" not in text


def test_letter_as_docx_holds_the_same_words(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path, Mistake.DENY_FOR_RECORDS)
    desk.take(claim(1))
    answer = desk.correct("mistake_records", letters=LetterForm.DOCX)
    (name,) = [name for name in answer.files if name.endswith("member-en.docx")]
    text = "\n".join(one.text for one in Document(str(answer.out / name)).paragraphs)
    assert "We made a mistake, and on June 5, 2026 we corrected it." in text
    assert "Your share is $134.00: $100.00 of your deductible" in text


def test_letters_can_be_left_out(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path, Mistake.DENY_FOR_RECORDS)
    desk.take(claim(1))
    answer = desk.correct("mistake_records", letters=LetterForm.NONE)
    assert answer.summary["letters"] == 0


def test_claim_that_the_plan_cannot_price_today_waits_and_is_named(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path, Mistake.DENY_FOR_RECORDS)
    desk.take(claim(1), claim(2, lines=(LATER_LINE,)))
    desk.mend(fees=[row for row in TABLES["fees"] if row["hcpcs_code"] != "99493"])
    answer = desk.correct("mistake_records")
    assert answer.summary["claims_changed"] == 1
    (waiting,) = answer.summary["claims_waiting"]
    assert "no row for 99493" in waiting["waits_for"][0]


def test_later_claim_that_todays_rules_decide_otherwise_is_left_to_a_person(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path, Mistake.DENY_FOR_RECORDS)
    desk.take(claim(1))
    desk.err_no_more()
    april = (line("99493", cents=14_000, day=date(2026, 4, 30)),)
    may = date(2026, 5, 4)
    desk.take(claim(501, member_id="GHP000000001", lines=april), received=may, as_of=may)
    raised = [{**row, "amount": "131.00"} if row["hcpcs_code"] == "99493" else row for row in TABLES["fees"]]
    desk.mend(fees=raised)
    answer = desk.correct("mistake_records")
    assert len(answer.summary["claims_left_to_a_person"]) == 1
    assert answer.summary["claims_restated_for_share"] == 0


def test_person_who_accepted_a_claim_is_not_overruled_by_a_replay(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path, Mistake.DENY_FOR_RECORDS)
    desk.take(claim(1))
    desk.err_no_more()
    april = date(2026, 4, 30)
    may = date(2026, 5, 4)
    elsewhere = claim(
        501,
        member_id="GHP000000001",
        lines=(line("99493", cents=14_000, day=april),),
        place_of_service_code="22",
    )
    desk.take(elsewhere, received=may, as_of=may)
    desk.accept("C-00000000000501", as_of=may, note="enrolled there since January")
    assert desk.share_met("GHP000000001")[0] == 10_000
    answer = desk.correct("mistake_records")
    assert answer.summary["claims_restated_for_share"] == 1
    assert answer.trace[1]["review"]["facts"]["settled_edits"] == ["place.not_credentialed"]
    assert desk.share_met("GHP000000001") == (10_000, 13_400 + 2_600)


def test_rulebook_of_a_corrected_rule_decides_again(tmp_path: Path) -> None:
    """A plan that excluded psychotherapy in its own rules takes the rule back and corrects what it refused."""
    rules = tmp_path / "own" / "payers" / "ca-commercial-carveout" / "rules"
    rules.mkdir(parents=True)
    (tmp_path / "own" / "sources.yaml").write_text(
        'policy:\n  {title: "The plan: excluded codes", url: "https://plan.example/codes", grade: B}\n'
    )
    (rules / "concurrency.excluded_codes.yaml").write_text(
        "id: concurrency.excluded_codes\nvalues:\n  - {effective_from: 2026-01-01, observed: 2026-01-01, "
        'value: ["90834", "99484"], confidence: stated, source: policy}\n'
        'cases:\n  - {at: 2026-03-31, expect: ["90834", "99484"]}\n'
    )
    desk = ReviewDesk(tmp_path / "desk", rulebook=Rulebook([tmp_path / "own"]), delegations=NO_CARVE_OUT)
    desk.take(therapy(1))
    assert desk.take(claim(1)).summary["claims_denied"] == 1
    desk.rulebook = RULEBOOK
    desk.mend(delegations=NO_CARVE_OUT)
    assert desk.correct("concurrency.excluded_code").summary["claims_changed"] == 1


def test_claim_that_turns_out_to_be_anothers_is_taken_back_and_handed_on(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path, delegations=TABLES["delegations"][:1], members=TABLES["members"])
    wrong = [{**TABLES["providers"][0], "places": "22"}]
    desk.mend(providers=wrong, delegations=TABLES["delegations"][:1])
    desk.take(claim(9), claim(8))
    desk.take(claim(509, member_id="GHP000000009", lines=(line("99493", cents=14_000, day=date(2026, 4, 30)),)),
              received=date(2026, 5, 4), as_of=date(2026, 5, 4))  # fmt: skip
    desk.mend()
    answer = desk.correct("place.not_credentialed", days=(AS_OF, LATER))
    forwarded = [one.claim_id for one in answer.claims if one.status_code == "23"]
    assert forwarded == ["C-00000000000009", "C-00000000000509"]
    rows = answer.bytes_of("forwarded.csv").decode().splitlines()
    assert len(rows) == 3
    moved = [name for name in answer.files if name.endswith(".837")]
    assert sum(answer.bytes_of(name).count(b"CLM*") for name in moved) == 2
    assert answer.summary["claims_paid"] == 1
