"""A claim that waits is no service that stands: it refuses no other, and what only its sender can mend is ended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from claim_samples import DECIDED_AS_A_WHOLE
from desk_samples import LATER, DeskAnswer, ReviewDesk
from plan_samples import AS_OF, LATER_LINE, RULEBOOK, TABLES, claim, line

from cocm.basics.errors import UnusableInput
from cocm.plan.adjudicate import Adjudicator
from cocm.plan.claim_case import ClaimCase
from cocm.plan.decision import Answer
from cocm.plan.records import Accumulator
from cocm.plan.refusal import refusals
from cocm.plandesk.decide import Action
from cocm.x12 import read_837p

FIRST = "C-00000000000001"
MEMBER = "GHP000000001"
BOTH_BASES = (line("99492"), line("99493", 2, cents=14_000))


def _replaced(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    def altered(content: bytes) -> bytes:
        assert old in content
        return content.replace(old, new)

    return altered


def _paid(answer: DeskAnswer) -> int:
    return sum(payment.paid_amount_cents for payment in answer.payments)


# -- a correction with a mistyped control number -----------------------------------------------------------------------


def test_replacement_is_not_denied_for_one_that_replaced_nothing(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path)
    number = desk.take(claim(1)).claims[0].payer_claim_control_number
    mistyped = desk.take(
        claim(1, claim_id="C-2", frequency_code="7", payer_claim_control_number="P-MISTYPED")
    )
    assert mistyped.summary["claims_pended"] == 1
    right = desk.take(claim(1, claim_id="C-3", frequency_code="7", payer_claim_control_number=number))
    assert [one.status_code for one in right.claims] == ["22", "1"]
    assert right.claims[0].payer_claim_control_number == number
    assert _paid(right) == 0  # the same lines: taken back and paid
    ended = desk.deny("C-2", "corrects_nothing")
    (denied,) = ended.claims
    assert denied.status_code == "4"
    assert {(one.group_code, one.reason_code) for one in denied.lines[0].adjustments} == {("CO", "16")}
    assert denied.lines[0].remark_codes == ("M47",)
    assert _paid(ended) == 0
    assert desk.queue.claims == ()
    assert desk.share_met(MEMBER) == (10_000, 10_000 + 1_000 + 2_400)


@pytest.mark.parametrize("frequency_code", ["7", "8"])
def test_correction_of_nothing_says_how_it_is_ended(tmp_path: Path, frequency_code: str) -> None:
    desk = ReviewDesk(tmp_path)
    desk.take(claim(1, frequency_code=frequency_code, payer_claim_control_number="P-NOWHERE"))
    for action in (Action.ACCEPT, Action.READJUDICATE):
        with pytest.raises(UnusableInput, match=r"still waits: .* deny this one \(--deny corrects_nothing\)"):
            desk.decide(FIRST, action)
    assert [one.status_code for one in desk.deny(FIRST, "corrects_nothing").claims] == ["4"]


def test_claim_of_another_biller_is_not_taken_back_by_the_denial(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path)
    number = desk.take(claim(1)).claims[0].payer_claim_control_number
    void = claim(1, claim_id="C-2", frequency_code="8", payer_claim_control_number=number)
    desk.take(void, altered=_replaced(void.billing.identifier.encode(), b"1679576722"))
    met = desk.share_met(MEMBER)
    answer = desk.deny("C-2", "corrects_nothing")
    assert [one.status_code for one in answer.claims] == ["4"]
    assert desk.share_met(MEMBER) == met
    assert desk.view(number).claim.answer is Answer.PAID


# -- a claim that waits for a person -----------------------------------------------------------------------------------


def test_second_claim_waits_with_the_first_that_a_person_looks_at(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path)
    desk.take(claim(1, lines=BOTH_BASES))
    second = desk.take(claim(501, member_id=MEMBER, lines=(LATER_LINE,)))
    (trace,) = second.trace
    (first_waiting, second_waiting) = desk.queue.claims
    assert trace["pended_for"] == [
        f"line 1: depends on what becomes of a claim that waits: {first_waiting.claim_number}"
    ]
    with pytest.raises(
        UnusableInput, match="no line has a true duplicate among the member's standing claims"
    ):
        desk.deny(second_waiting.claim_number, "duplicate")
    desk.deny(first_waiting.claim_number, "base.both_codes")
    answer = desk.decide(second_waiting.claim_number, Action.READJUDICATE)
    assert [one.status_code for one in answer.claims] == ["1"]


def test_second_claim_is_a_duplicate_once_the_first_is_paid(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path)
    desk.take(claim(1, lines=BOTH_BASES))
    desk.take(claim(501, member_id=MEMBER, lines=(LATER_LINE,)))
    desk.accept(FIRST)
    answer = desk.decide("C-00000000000501", Action.READJUDICATE)
    assert [one.status_code for one in answer.claims] == ["4"]
    assert "duplicate.already_billed" in str(answer.trace)


def test_add_on_waits_for_the_base_that_waits(tmp_path: Path) -> None:
    """Neither denied for want of a base nor paid without one."""
    fees = [row for row in TABLES["fees"] if row["hcpcs_code"] != "99492"]
    desk = ReviewDesk(tmp_path, fees=fees)
    desk.take(claim(1, lines=(line("99492"),)))
    add_on = desk.take(claim(501, member_id=MEMBER, lines=(line("99494", units=1, cents=6_000),)))
    assert add_on.summary["claims_pended"] == 1
    desk.mend()
    desk.decide(FIRST, Action.READJUDICATE)
    answer = desk.decide("C-00000000000501", Action.READJUDICATE)
    assert [one.status_code for one in answer.claims] == ["1"]


def test_what_the_claim_that_waits_does_not_touch_is_decided(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path)
    desk.take(claim(1, lines=BOTH_BASES))
    visit = desk.take(claim(501, member_id=MEMBER, lines=(line("99213"),)))
    assert [one.status_code for one in visit.claims] == ["1"]


# -- what only the sender can mend -------------------------------------------------------------------------------------


def test_parts_of_a_unit_are_denied_and_the_rest_is_decided(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path)
    sent = claim(1, lines=(line("99492"), line("99494", 2, units=7)))
    desk.take(sent, altered=_replaced(b"UN*7*", b"UN*1.5*"))
    with pytest.raises(UnusableInput, match="--deny units_not_whole"):
        desk.accept(FIRST)
    (answered,) = desk.deny(FIRST, "units_not_whole").claims
    assert [one.paid_amount_cents for one in answered.lines] == [4_000, 0]
    assert answered.lines[1].remark_codes == ("M53",)


def test_claim_of_a_second_payer_is_denied_for_it(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path)
    desk.take(claim(1, payer_sequence="S", other_payers=(DECIDED_AS_A_WHOLE,)), received=LATER, as_of=LATER)
    with pytest.raises(UnusableInput, match="--deny other_payer_first"):
        desk.accept(FIRST)
    (answered,) = desk.deny(FIRST, "other_payer_first").claims
    assert [(one.group_code, one.reason_code) for one in answered.lines[0].adjustments] == [("CO", "22")]


def test_claim_of_several_entities_is_denied_for_it(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path, plan=[{**TABLES["plan"][0], "pack_id": "co-medicaid"}])
    desk.take(claim(9, lines=(line("99492"), line("90834", 2))))
    with pytest.raises(UnusableInput, match="--deny several_entities"):
        desk.accept("C-00000000000009")
    (answered,) = desk.deny("C-00000000000009", "several_entities").claims
    assert [one.remark_codes for one in answered.lines] == [("N61",), ("N61",)]


def test_claim_that_does_not_tell_its_patient_is_denied_for_it(tmp_path: Path) -> None:
    """Such a claim passes no checker of ours; another reader may let it in."""
    desk = ReviewDesk(tmp_path)
    desk.take(claim(1))
    (record,) = read_837p((tmp_path / "in-1.837").read_bytes())
    nameless = replace(record, patient=replace(record.patient, birth_date=None))
    case = ClaimCase(nameless, "P-1", AS_OF, (), Accumulator(), None)
    adjudicator = Adjudicator(desk.book, RULEBOOK, AS_OF)
    assert adjudicator.decide(case).answer is Answer.PENDED
    found = refusals(
        RULEBOOK,
        adjudicator.examine(case),
        "no_birth_date",
        line_numbers=(),
        own_entity=desk.book.own_entity,
        benefits=desk.book.benefits,
        is_request_overdue=False,
    )
    decided = adjudicator.decide(replace(case, refusals=found))
    assert decided.answer is Answer.DENIED
    assert {one.remark_codes for one in decided.lines} == {("N329",)}


@pytest.mark.parametrize(
    "reason",
    ["corrects_nothing", "units_not_whole", "no_birth_date", "other_payer_first", "several_entities"],
)
def test_reason_that_is_not_so_is_refused(tmp_path: Path, reason: str) -> None:
    desk = ReviewDesk(tmp_path)
    desk.take(claim(1, lines=BOTH_BASES))
    with pytest.raises(UnusableInput, match=f"--deny {reason}: "):
        desk.deny(FIRST, reason)


def test_what_waits_is_counted_as_paid_nowhere(tmp_path: Path) -> None:
    """One line of it could be paid, another waits for a fee: nothing is paid, in the totals or the trace."""
    fees = [row for row in TABLES["fees"] if row["hcpcs_code"] != "99213"]
    answer = ReviewDesk(tmp_path, fees=fees).take(claim(1, lines=(line("99492"), line("99213", 2))))
    assert answer.summary["claims_pended"] == 1
    assert answer.summary["paid_amount_cents"] == answer.summary["member_share_cents"] == 0
    (trace,) = answer.trace
    assert {one["answer"] for one in trace["lines"]} == {"pended"}
    assert sum(one["paid_amount_cents"] for one in trace["lines"]) == 0
    assert "cost share" in [reason["step"] for reason in trace["lines"][0]["reasons"]]


# -- what was replaced, and what replaced nothing ----------------------------------------------------------------------

PAIR = (line("99492"), line("99494", 2, units=2, cents=12_000))


def test_a_refused_replacement_lets_no_duplicate_through(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path)
    desk.take(claim(1))
    desk.take(claim(1, claim_id="C-R", frequency_code="7", payer_claim_control_number="P-NO"))
    before = desk.take(claim(1, claim_id="C-D"))
    desk.deny("C-R", "corrects_nothing")
    after = desk.take(claim(1, claim_id="C-E"), received=LATER, as_of=LATER)
    for answer in (before, after):
        assert [one.status_code for one in answer.claims] == ["4"]
    with pytest.raises(UnusableInput, match="comes out as it was"):
        desk.decide("C-D", Action.READJUDICATE)


def test_of_originals_sent_anew_after_a_refused_replacement_one_is_paid(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path)
    desk.take(claim(1, claim_id="C-R", frequency_code="7", payer_claim_control_number="P-NO"))
    desk.deny("C-R", "corrects_nothing")
    found = [
        desk.take(claim(1, claim_id=f"C-{number}"), received=LATER, as_of=LATER).claims[0].status_code
        for number in range(3)
    ]
    assert found == ["1", "4", "4"]


def test_a_duplicate_of_what_was_replaced_is_denied(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path)
    number = desk.take(claim(1, lines=PAIR)).claims[0].payer_claim_control_number
    desk.take(claim(1, claim_id="C-2", frequency_code="7", payer_claim_control_number=number, lines=PAIR))
    duplicate = desk.take(claim(501, member_id=MEMBER, lines=PAIR))
    assert [one.status_code for one in duplicate.claims] == ["4"]


@pytest.mark.parametrize("frequency_code", ["7", "8"])
def test_a_correction_refused_once_takes_nothing_back_later(tmp_path: Path, frequency_code: str) -> None:
    desk = ReviewDesk(tmp_path)
    first = desk.take(claim(1)).claims[0].payer_claim_control_number
    desk.take(claim(1, claim_id="C-2", frequency_code=frequency_code, payer_claim_control_number="P-NO"))
    desk.deny("C-2", "corrects_nothing")
    for action, note in ((Action.READJUDICATE, ""), (Action.ACCEPT, "x")):
        with pytest.raises(UnusableInput, match="it took no claim back; a correction has to be sent anew"):
            desk.decide("C-2", action, note=note)
    bulk = desk.correct("corrects_nothing", days=(LATER, LATER))
    assert bulk.summary["claims_changed"] == 0
    assert len(bulk.summary["claims_waiting"]) == 1
    assert desk.view(first).claim.answer is Answer.PAID


def test_a_void_under_another_tax_number_waits(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path)
    number = desk.take(claim(1)).claims[0].payer_claim_control_number
    void = claim(1, claim_id="C-2", frequency_code="8", payer_claim_control_number=number)
    answer = desk.take(void, altered=_replaced(void.billing.tin.encode(), b"949999999"))
    assert answer.summary["claims_pended"] == 1
    assert "was billed under another tax number" in answer.bytes_of("pended.csv").decode()


def test_a_control_number_means_the_claim_however_often_the_plan_decided_it_again(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path)
    number = desk.take(claim(1)).claims[0].payer_claim_control_number
    again = desk.deny(FIRST, "minutes.below_code", minutes=10).summary["claim_number"]
    paid = desk.accept(FIRST, note="minutes were read wrong").summary["claim_number"]
    void = desk.take(
        claim(1, claim_id="C-2", frequency_code="8", payer_claim_control_number=number),
        received=LATER,
        as_of=LATER,
    )
    assert (again, paid) == (f"{number}.1", f"{number}.2")
    assert [one.status_code for one in void.claims] == ["22"]
    assert void.claims[0].payer_claim_control_number == paid


def test_a_replacement_that_waits_means_the_claim_that_the_plan_decided_again_meanwhile(
    tmp_path: Path,
) -> None:
    desk = ReviewDesk(tmp_path)
    number = desk.take(claim(1)).claims[0].payer_claim_control_number
    desk.take(
        claim(1, claim_id="C-2", frequency_code="7", payer_claim_control_number=number, lines=BOTH_BASES)
    )
    desk.deny(number, "minutes.below_code", minutes=10)
    settled = desk.accept("C-2", note="two teams in the month")
    assert [one.status_code for one in settled.claims] == ["22", "1"]
    assert settled.claims[0].payer_claim_control_number == f"{number}.1"
    assert desk.queue.claims == ()
