"""A sandbox plan makes the mistakes it is told to make, says so everywhere, and decides right without them."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path

import pytest
from claim_samples import make_claim, written
from click.testing import CliRunner
from sandbox_samples import AS_OF, PACK, RULEBOOK, decided, file_of, plan_for, therapy

from cocm.basics.errors import UnusableInput
from cocm.basics.months import Month
from cocm.cli import cli
from cocm.plan.mistakes import ErringPlan, Mistake
from cocm.plandesk.folder import read_plan
from cocm.sandbox.plan_folder import PlanRequest, write_sandbox_plan
from cocm.sandbox.run import ADMINISTRATOR_REMITTANCE, REQUEST, RunRequest, run_sandbox
from cocm.synth.practice import SynthRequest, write_practice
from cocm.x12 import read_277_request, read_835, validate_835

REMITTANCE = "remittance.835"


def test_without_a_mistake_the_claim_is_paid_as_a_medical_claim(tmp_path: Path) -> None:
    file = file_of(tmp_path)
    made = decided(tmp_path, file, plan_for(tmp_path, file))
    assert made.summary["claims_paid"] == 1 and not made.mistakes
    assert made.summary["member_share_cents"] == 2_000
    assert ADMINISTRATOR_REMITTANCE not in made.files and REQUEST not in made.files


def test_misrouted_claim_is_refused_by_the_administrator_and_not_by_the_plan(tmp_path: Path) -> None:
    file = file_of(tmp_path)
    made = decided(tmp_path, file, plan_for(tmp_path, file), Mistake.ROUTE_BY_DIAGNOSIS)
    assert dict(made.mistakes) == {Mistake.ROUTE_BY_DIAGNOSIS: 1}
    assert not (tmp_path / "out" / REMITTANCE).exists()
    content = (tmp_path / "out" / ADMINISTRATOR_REMITTANCE).read_bytes()
    assert validate_835(content) == ()
    (payment,) = read_835(content)
    assert "BEHAVIORAL" in payment.payer.last_or_organization_name
    (claim,) = payment.claims
    assert claim.status_code == "4" and claim.claim_id == "C-00000000000001"
    assert [(one.group_code, one.reason_code) for one in claim.lines[0].adjustments] == [("CO", "109")]
    assert claim.lines[0].remark_codes == ("N418",)


def test_rest_of_the_payment_stays_the_plans(tmp_path: Path) -> None:
    file = file_of(tmp_path, [make_claim(number) for number in range(1, 41)])
    made = decided(tmp_path, file, plan_for(tmp_path, file), Mistake.ROUTE_BY_DIAGNOSIS, rate=50)
    gone = made.mistakes[Mistake.ROUTE_BY_DIAGNOSIS]
    assert 8 <= gone <= 32
    own, others = (
        [
            claim.claim_id
            for payment in read_835((tmp_path / "out" / name).read_bytes())
            for claim in payment.claims
        ]
        for name in (REMITTANCE, ADMINISTRATOR_REMITTANCE)
    )
    assert len(others) == gone and len(own) == 40 - gone and not set(own) & set(others)
    assert validate_835((tmp_path / "out" / REMITTANCE).read_bytes()) == ()


def test_psychotherapy_makes_a_duplicate_only_of_a_plan_that_errs(tmp_path: Path) -> None:
    file = file_of(tmp_path, [therapy(1, 501), make_claim(1), make_claim(2)])
    plan = plan_for(tmp_path, file)
    # without the carve-out psychotherapy is in the plan's own history
    (plan / "delegations.csv").write_text((plan / "delegations.csv").read_text().splitlines()[0] + "\n")
    right = decided(tmp_path, file, plan, out="right")
    assert [one["answer"] for one in right.trace if one["claim_id"] == "C-00000000000001"] == ["paid"]
    wrong = decided(tmp_path, file, plan, Mistake.DUPLICATE_OF_PSYCHOTHERAPY, out="wrong")
    assert dict(wrong.mistakes) == {Mistake.DUPLICATE_OF_PSYCHOTHERAPY: 1}
    answers = {one["claim_id"]: one["answer"] for one in wrong.trace}
    assert answers["C-00000000000001"] == "denied" and answers["C-00000000000002"] == "paid"


def test_wrong_cost_share_is_the_behavioral_copayment(tmp_path: Path) -> None:
    file = file_of(tmp_path)
    made = decided(tmp_path, file, plan_for(tmp_path, file), Mistake.WRONG_COST_SHARE)
    assert made.summary["member_share_cents"] == 5_000
    assert dict(made.mistakes) == {Mistake.WRONG_COST_SHARE: 1}


def test_missing_records_are_a_denial(tmp_path: Path) -> None:
    file = file_of(tmp_path)
    made = decided(tmp_path, file, plan_for(tmp_path, file), Mistake.DENY_FOR_RECORDS)
    assert made.summary["claims_denied"] == 1
    assert [line["adjustments"][0]["reason_code"] for line in made.trace[0]["lines"]] == ["252", "252"]


def test_records_asked_for_let_the_claim_wait_and_send_a_request(tmp_path: Path) -> None:
    file = file_of(tmp_path)
    made = decided(tmp_path, file, plan_for(tmp_path, file), Mistake.ASK_FOR_RECORDS)
    assert made.summary["claims_pended"] == 1 and REMITTANCE not in made.files
    (request,) = read_277_request((tmp_path / "out" / REQUEST).read_bytes())
    ((_, _, asked),) = request.claims()
    assert asked.patient_account_number == "C-00000000000001"
    assert asked.payer_claim_control_number == made.trace[0]["claim_number"]
    assert asked.loinc_codes and asked.due_date is not None and asked.due_date > AS_OF


def test_records_asked_for_by_mistake_are_counted_by_the_desk(tmp_path: Path) -> None:
    file = file_of(tmp_path, [make_claim(1), make_claim(2)])
    plan = plan_for(tmp_path, file)
    erring = ErringPlan({Mistake.ASK_FOR_RECORDS: 100}, 1)
    for _ in range(2):  # the second time the file is known, and nothing is asked for twice
        run_sandbox(
            RunRequest(file, plan, tmp_path / "out", AS_OF, AS_OF, erring, plan / "state.sqlite"), RULEBOOK
        )
    pended = CliRunner().invoke(cli, ["plan", "pended", "--plan", str(plan), "--as-of", str(AS_OF), "--json"])
    found = json.loads(pended.output)
    assert (found["record_requests"], found["claims_taken_in"]) == (2, 2)
    (request,) = read_277_request((tmp_path / "out" / REQUEST).read_bytes())
    numbers = {claim.trace_number for *_, claim in request.claims()}
    assert {one["request"]["request_number"] for one in found["claims"]} == numbers


def test_same_seed_gives_the_same_answers_and_another_seed_others(tmp_path: Path) -> None:
    file = file_of(tmp_path, [make_claim(number) for number in range(1, 31)])
    plan = plan_for(tmp_path, file)
    answers = {}
    for name, seed in (("first", 7), ("again", 7), ("other", 8)):
        decided(tmp_path, file, plan, *Mistake, rate=20, seed=seed, out=name)
        answers[name] = {path.name: path.read_bytes() for path in (tmp_path / name).iterdir()}
    assert answers["first"] == answers["again"] != answers["other"]


def test_file_that_the_state_remembers_is_told_and_not_decided_anew(tmp_path: Path) -> None:
    file = file_of(tmp_path)
    plan = plan_for(tmp_path, file)
    first = decided(tmp_path, file, plan, Mistake.DENY_FOR_RECORDS)
    again = decided(tmp_path, file, plan)
    assert (first.decided_before, again.decided_before) == (None, AS_OF)
    assert again.summary["claims_denied"] == 1


def test_every_answer_says_that_it_is_a_rehearsals(tmp_path: Path) -> None:
    file = file_of(tmp_path)
    plan = plan_for(tmp_path, file)
    decided(tmp_path, file, plan)
    (payment,) = read_835((tmp_path / "out" / REMITTANCE).read_bytes())
    assert payment.payer.last_or_organization_name == "SANDBOX GOLDEN HEALTH PLAN"
    assert "Synthetic" in json.loads((tmp_path / "out" / "summary.json").read_text())["synthetic"]
    for folder in (plan, tmp_path / "out"):
        assert "Synthetic" in (folder / "SANDBOX.txt").read_text()


def test_plan_that_does_not_look_like_a_sandbox_is_refused(tmp_path: Path) -> None:
    file = file_of(tmp_path)
    plan = plan_for(tmp_path, file)
    real = (plan / "plan.csv").read_text().replace("SANDBOX GOLDEN", "GOLDEN")
    (plan / "plan.csv").write_text(real)
    with pytest.raises(UnusableInput, match=r"plan_name .* does not begin with SANDBOX"):
        run_sandbox(RunRequest(file, plan, tmp_path / "out", AS_OF, AS_OF), RULEBOOK)
    assert not (tmp_path / "out").exists()


def test_members_of_a_practice_keep_the_end_of_their_coverage_and_its_places(tmp_path: Path) -> None:
    write_practice(SynthRequest(tmp_path / "practice", 30, 1, 1, Month(2026, 3)))
    npi = _rows(tmp_path / "practice" / "practice.csv")[0]["billing_npi"]
    coverages = tmp_path / "practice" / "coverages.csv"
    rows = _rows(coverages)
    ended = next(row for row in rows if row["payer_id"] == "SIERRA-CREST")
    ended["coverage_to"] = "2026-03-10"
    with coverages.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, list(ended))
        writer.writeheader()
        writer.writerows(rows)
    claim = make_claim(1)
    payer = type(claim.payer)("SIERRA CREST HEALTH PLAN", "SCHP1", "", "", None)
    own = type(claim.billing)(claim.billing.name, npi, claim.billing.tin, "207Q00000X", claim.billing.address)
    file = file_of(tmp_path, [make_claim(1, payer=payer, billing=own)])
    made = write_sandbox_plan(PlanRequest(tmp_path / "plan", (file,), tmp_path / "practice"), RULEBOOK)
    assert (made.pack_id, made.administrator_identifier) == (PACK, "SCBH9")
    reading = read_plan(tmp_path / "plan", RULEBOOK)
    assert not reading.problems and made.members == len(reading.book.members) > 5
    spans = [span for member in reading.book.members.values() for span in member.spans]
    assert [span.period.effective_to for span in spans if span.period.effective_to] == [date(2026, 3, 11)]
    assert reading.book.providers[npi].places == frozenset({"11"})


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_files_of_several_payers_need_a_choice(tmp_path: Path) -> None:
    other = type(make_claim(1).payer)("SILVER HEALTH PLAN", "SHP01", "", "", None)
    file = file_of(tmp_path, [make_claim(1), make_claim(2, payer=other)])
    with pytest.raises(
        UnusableInput, match=r"GHP01 \(1 claim\), SHP01 \(1 claim\); choose one with --payer-id"
    ):
        write_sandbox_plan(PlanRequest(tmp_path / "plan", (file,)), RULEBOOK)
    made = write_sandbox_plan(PlanRequest(tmp_path / "plan", (file,), payer_identifier="shp01"), RULEBOOK)
    assert (made.payer_identifier, made.members, made.claims) == ("SHP01", 1, 1)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--mistake", "lose_the_claim=5"], "is no mistake; there are route_by_diagnosis"),
        (["--mistake", "route_by_diagnosis=101"], "a rate from 0 to 100 percent"),
        (["--mistake", "route_by_diagnosis"], "a rate from 0 to 100 percent"),
        (["--mistake", "wrong_cost_share=5", "--mistake", "wrong_cost_share=6"], "given twice"),
    ],
)
def test_rates_that_are_none_are_refused(tmp_path: Path, options: list[str], told: str) -> None:
    file = file_of(tmp_path)
    plan = plan_for(tmp_path, file)
    arguments = ["sandbox", "run", str(file), "--plan", str(plan), "--out", str(tmp_path / "out"), *options]
    answer = CliRunner().invoke(cli, arguments)
    assert answer.exit_code == 2 and told in answer.output
    assert not (tmp_path / "out").exists()


def test_commands_make_a_plan_and_decide_by_it(tmp_path: Path) -> None:
    file, plan, out = file_of(tmp_path), tmp_path / "plan", tmp_path / "out"
    made = CliRunner().invoke(
        cli, ["sandbox", "plan", str(plan), str(file), "--payer", PACK, "--fee", "99492=150", "--json"]
    )
    assert made.exit_code == 0 and json.loads(made.output)["fees"] == {"99492": 15_000}
    arguments = ["sandbox", "run", str(file), "--plan", str(plan), "--out", str(out), "--as-of", str(AS_OF)]
    answer = CliRunner().invoke(cli, [*arguments, "--mistake", "deny_for_records=100%"])
    assert answer.exit_code == 1
    assert "1 claim: 1 denied" in answer.output and "mistake made on 1: deny_for_records" in answer.output
    assert "Synthetic" in answer.output
    again = CliRunner().invoke(cli, ["sandbox", "plan", str(plan), str(file)])
    assert again.exit_code != 0  # nothing is overwritten


@pytest.mark.parametrize(("options", "is_told"), [([], True), (["--payer", PACK], False)])
def test_rules_that_nobody_chose_are_told(tmp_path: Path, options: list[str], is_told: bool) -> None:
    arguments = ["sandbox", "plan", str(tmp_path / "plan"), str(file_of(tmp_path)), *options]
    made = CliRunner().invoke(cli, arguments)
    assert made.exit_code == 0
    assert ("no pack is certain, so the general pack cpt was used; name" in made.output) is is_told


@pytest.mark.parametrize(
    "options",
    [["--fee", "99492"], ["--fee", "=5"], ["--fee", "99492=-1"], ["--copayment=-1"], ["--copayment", "x"]],
)
def test_amounts_that_are_none_are_refused(tmp_path: Path, options: list[str]) -> None:
    arguments = ["sandbox", "plan", str(tmp_path / "plan"), str(file_of(tmp_path)), *options]
    answer = CliRunner().invoke(cli, arguments)
    assert answer.exit_code == 2 and not (tmp_path / "plan").exists()


@pytest.mark.parametrize("content", [b"", b"not X12 at all", b"ISA*00*"])
def test_file_that_is_none_makes_no_plan(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "in.837"
    path.write_bytes(content)
    with pytest.raises(UnusableInput):
        write_sandbox_plan(PlanRequest(tmp_path / "plan", (path,)), RULEBOOK)
    assert not (tmp_path / "plan").exists()


def test_claim_ids_that_repeat_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "in.837"
    content = written([make_claim(1), make_claim(2)])
    path.write_bytes(content.replace(b"CLM*C-00000000000002*", b"CLM*C-00000000000001*"))
    made = decided(tmp_path, path, plan_for(tmp_path, path), Mistake.ASK_FOR_RECORDS)
    (request,) = read_277_request((tmp_path / "out" / REQUEST).read_bytes())
    asked = {one.patient.party.identifier for one in request.claims()}
    assert asked == {"GHP000000001", "GHP000000002"} and made.summary["claims_pended"] == 2


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (b"*PI*GHP01", b"*PI*OTHER7", "Addressed to another payer: 1 claim (payer id OTHER7)"),
        (b"ABK:F321", b"ABK:F32X", "Rejected claims: `cocm x12 check"),
    ],
)
def test_why_a_claim_was_not_taken_in_is_told(tmp_path: Path, old: bytes, new: bytes, told: str) -> None:
    file = tmp_path / "march.837"
    file.write_bytes(written([make_claim(1)]))
    assert CliRunner().invoke(cli, ["sandbox", "plan", str(tmp_path / "plan"), str(file)]).exit_code == 0
    assert old in file.read_bytes()
    file.write_bytes(file.read_bytes().replace(old, new))
    arguments = [
        "sandbox",
        "run",
        str(file),
        "--plan",
        str(tmp_path / "plan"),
        "--out",
        str(tmp_path / "out"),
    ]
    answer = CliRunner().invoke(cli, arguments)
    assert answer.exit_code == 1
    assert told in answer.output


def test_answers_with_mistakes_do_not_stay_beside_those_by_the_rules(tmp_path: Path) -> None:
    file = tmp_path / "march.837"
    file.write_bytes(written([make_claim(1)]))
    assert CliRunner().invoke(cli, ["sandbox", "plan", str(tmp_path / "plan"), str(file)]).exit_code == 0
    arguments = [
        "sandbox",
        "run",
        str(file),
        "--plan",
        str(tmp_path / "plan"),
        "--out",
        str(tmp_path / "out"),
    ]
    CliRunner().invoke(cli, [*arguments, "--mistake", "ask_for_records=100"])
    assert (tmp_path / "out" / REQUEST).exists()
    CliRunner().invoke(cli, arguments)
    assert not (tmp_path / "out" / REQUEST).exists()
