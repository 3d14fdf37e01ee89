"""`make demo`: a synthetic practice, a month's close, and two claims followed to their money.

The payer is `cocm sandbox`: an invented plan that makes a mistake on each claim, and then decides it by the rules.
"""

from __future__ import annotations

import io
import os
import shlex
import shutil
import sys
from contextlib import redirect_stdout
from pathlib import Path

from demo_site import offer_site

from cocm.cli import cli
from cocm.x12 import ClaimRecord, RequestedClaim, read_277_request, read_837p

ROOT = Path(__file__).resolve().parent.parent
DEMO = Path("demo")
MONTH = "2026-03"
EARLIER_MONTH = "2026-02"
FEES = ("99492=180", "99493=170", "99494=70")
RECEIVED = {f"closed-{EARLIER_MONTH}": "2026-03-03", f"closed-{MONTH}": "2026-04-02"}
PACK = "ca-commercial-carveout"
BILLER = "Dana Lee"
REVIEWER = "R. Ortiz"
DOCUMENTS = """\
document_id,patient_id,service_date,kind,title,file,part2_programme,part2_consent_date
D1,P000001,2026-02-04,assessment,Written by the care manager,assessment.txt,no,
D2,P000001,2026-02-10,care_plan,Agreed with Dr. Pereda,care-plan.txt,no,
D3,P000001,2026-03-11,progress_note,Contact of 11 March,note.txt,no,
D4,P000001,2026-03-18,psychotherapy_note,Therapist's own note,therapy.txt,no,
"""
TEXTS = {
    "assessment.txt": "Depressed mood for three months, poor sleep, worry about work. No thoughts of self-harm.\n",
    "care-plan.txt": "Sertraline 50 mg. Weekly contact, behavioral activation, PHQ-9 monthly.\n",
    "note.txt": "Walks twice a week. Spoke with the diabetes nurse about meals and medication times.\n",
    "therapy.txt": "The therapist's own note. It never leaves the chart.\n",
}


def main() -> int:
    """Run the story into the folder `demo` of where one stands; 0 when every step came out as it should."""
    if DEMO.exists():
        shutil.rmtree(DEMO)
    close_a_month()
    follow_two_claims()
    print("\nWhere everything is")
    print(f"  the practice's tables        {DEMO}/practice/")
    print(f"  claims, worklist, report     {DEMO}/closed-{MONTH}/ (open report.html in a browser)")
    print(f"  Ariana's claims              {DEMO}/ariana/closed-{EARLIER_MONTH}/ and closed-{MONTH}/")
    print(f"  what her payers sent         {DEMO}/ariana/from-payers/")
    print(f"  the plan of the sandbox      {DEMO}/ariana/sandbox/")
    print(f"  what went to them            {DEMO}/ariana/to-payers/")
    print(f"  the books                    {DEMO}/ariana/books.csv")
    return 0


def close_a_month() -> None:
    """A practice of about 150 patients, and the close of its last month."""
    practice, out = DEMO / "practice", DEMO / f"closed-{MONTH}"
    tell("1. A synthetic practice: about 150 patients over six months, among them Ariana Davis")
    run("synth", practice, "--until", MONTH)
    tell(f"2. Close {MONTH}")
    # held claims are part of a real month: exit status 1 says so and is no failure here
    run("close", practice, "--month", MONTH, "--out", out, "--as-of", "2026-04-02", expect=1)
    tell("3. The everyday question: 28 minutes in a later month, under two payers' rules")
    run("codes", "--payer", "medicare", "--month", MONTH, "--minutes", "28", "--later")
    print()
    run("codes", "--payer", PACK, "--month", MONTH, "--minutes", "28", "--later", expect=1)


def follow_two_claims() -> None:
    """Ariana's first month, misrouted and won back; her second, held up for records; the books at the end."""
    home = DEMO / "ariana"
    practice, received, sent = home / "practice", home / "from-payers", home / "to-payers"
    tell(
        "4. After the claim: Ariana's two months, closed and sent (her own small practice, to follow by eye)"
    )
    run("synth", practice, "--patients", "1", "--months", "2", "--until", MONTH, shows=False)
    _forget_history(practice)
    for month, day in ((EARLIER_MONTH, "2026-03-03"), (MONTH, "2026-04-02")):
        run(
            "close",
            practice,
            "--month",
            month,
            "--out",
            home / f"closed-{month}",
            "--as-of",
            day,
            shows=False,
        )
    _file_documents(practice)
    received.mkdir()
    sent.mkdir()
    plan = home / "sandbox" / "plan"
    first, second = (_sent(home / f"closed-{month}") for month in (EARLIER_MONTH, MONTH))
    for month, (_, claim) in ((EARLIER_MONTH, first), (MONTH, second)):
        codes = " + ".join(line.hcpcs_code for line in claim.lines)
        print(f"  {month}: claim {claim.claim_id}, {codes}, ${claim.charge_amount_cents / 100:.2f}")

    tell(
        "5. Her plan, invented by the sandbox and told to err: it hands the first claim to its behavioral administrator"
    )
    run(
        "sandbox", "plan", plan, first[0], second[0], "--practice", practice, "--administrator",
        "Sierra Crest Behavioral", *(word for fee in FEES for word in ("--fee", fee)),
    )  # fmt: skip
    answers = decide(
        plan, first[0], "misrouted", "2026-03-20", "--mistake", "route_by_diagnosis=100", expect=1
    )
    denied = _delivered(answers / "remittance-administrator.835", received / "denied.835")

    tell("6. The administrator denies it. Why, and what now?")
    run("explain", denied, "--payer", PACK, expect=1, shown_until="  line 2")
    run("post", denied, "--practice", practice, "--as-of", "2026-03-21")

    tell("7. It stands on the worklist; its letter goes to the plan's provider relations")
    run(
        "worklist", practice, "--as-of", "2026-03-21", "--out", home / "worklist.csv", expect=1,
        shown_until="  2.",
    )  # fmt: skip
    letter = sent / "misroute-escalation.pdf"
    run(
        "letter", practice, "--claim", first[1].claim_id, "--letter", "misroute_escalation", "--out", letter,
        "--as-of", "2026-03-21", "--sent-by", BILLER, expect=1,
    )  # fmt: skip

    tell("8. The plan takes the claim back, decides it by the rules, as a medical claim, and pays it")
    memory = ("--state", str(plan.parent / "state.sqlite"))
    answers = decide(plan, first[0], "by-the-rules", "2026-04-10", *memory)
    paid = _delivered(answers / "remittance.835", received / "reprocessed.835")
    run("post", paid, "--practice", practice, "--as-of", "2026-04-11")

    tell(
        "9. For the second claim it wants the notes: the claim is pended, not denied, and is not billed again"
    )
    wanted = ("--mistake", "ask_for_records=100")
    answers = decide(plan, second[0], "records-wanted", "2026-04-14", *wanted, *memory, expect=1)
    request = _delivered(answers / "request.277", received / "request.277")
    run("status", request, "--practice", practice, "--as-of", "2026-04-15", expect=1)
    run(
        "packet", practice, "--claim", second[1].claim_id, "--out", sent / "packet", "--reference",
        _asked(request).trace_number, "--as-of", "2026-04-16", "--sent",
    )  # fmt: skip

    tell("10. The notes come in at the plan; a reviewer reads them and decides again, by the rules")
    records, decided = plan.parent / "records", plan.parent / "after-the-records"
    shutil.copytree(sent / "packet", records / second[1].claim_id)
    run("plan", "records", records, "--plan", plan, *memory, "--received", "2026-04-20")
    run(
        "plan", "decide", _asked(request).payer_claim_control_number, "--readjudicate", "--minutes", "80", "--reviewer",
        REVIEWER, "--plan", plan, *memory, "--out", decided, "--as-of", "2026-05-02", "--letters", "none",
    )  # fmt: skip

    tell("11. Paid; nothing is left to do, and the books balance")
    paid = _delivered(decided / "remittance.835", received / "paid.835")
    run("post", paid, "--practice", practice, "--as-of", "2026-05-04")
    run("worklist", practice, "--as-of", "2026-05-04")
    run("ledger", practice, "--as-of", "2026-05-04", "--out", home / "books.csv")


def decide(plan: Path, claims: Path, name: str, day: str, *options: str, expect: int = 0) -> Path:
    """The sandbox plan decides a file of claims; the folder of its answers."""
    out = plan.parent / name
    run(
        "sandbox", "run", claims, "--plan", plan, "--out", out, *options, "--as-of", day, "--received",
        RECEIVED[claims.parent.name], expect=expect,
    )  # fmt: skip
    return out


def tell(title: str) -> None:
    """A step of the story."""
    print(f"\n{title}\n", flush=True)


def run(*arguments: object, expect: int = 0, shows: bool = True, shown_until: str = "") -> None:
    """Run a command as its user would; another exit status than the expected one ends the story.

    What it prints is shown up to the line that begins with `shown_until`.
    """
    words = [str(argument) for argument in arguments]
    if shows:
        print(f"$ cocm {shlex.join(words)}", flush=True)
    printed = io.StringIO()
    with redirect_stdout(printed):
        status = _status(words)
    lines = printed.getvalue().splitlines() if shows else []
    for number, line in enumerate(lines):
        if shown_until and line.startswith(shown_until):
            print(f"  ... and {len(lines) - number} lines more")
            break
        print(line)
    if status != expect:
        raise SystemExit(f"cocm {words[0]} ended with status {status}, not {expect}")


def _status(words: list[str]) -> int:
    try:
        cli.main(words, prog_name="cocm")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1


def _forget_history(practice: Path) -> None:
    """Leave the head of the table of earlier claims: here it is we who send the first claim."""
    history = practice / "claim_history.csv"
    head = history.read_text(encoding="utf-8").splitlines(keepends=True)[0]
    history.write_text(head, encoding="utf-8")


def _sent(folder: Path) -> tuple[Path, ClaimRecord]:
    """A closed month's 837P, and its one claim."""
    (file,) = folder.glob("claims-*.837")
    (claim,) = read_837p(file.read_bytes())
    return file, claim


def _delivered(answer: Path, name: Path) -> Path:
    """An answer as it comes in at the practice."""
    shutil.copyfile(answer, name)
    return name


def _asked(request: Path) -> RequestedClaim:
    """The claim that the plan asks about, with the number under which it wants the answer."""
    (asked,) = next(iter(read_277_request(request.read_bytes()))).claims()
    return asked.claim


def _file_documents(practice: Path) -> None:
    """Put notes beside the tables, one of them a psychotherapy note, which no packet takes up."""
    folder = practice / "documents"
    folder.mkdir()
    (folder / "index.csv").write_text(DOCUMENTS, encoding="utf-8")
    for name, text in TEXTS.items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    os.chdir(ROOT)
    status = main()
    offer_site(DEMO)
    sys.exit(status)
