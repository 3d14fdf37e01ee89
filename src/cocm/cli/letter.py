"""`cocm letter`: a letter about a claim, drafted from what is on file."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import click

from cocm.basics.counted import counted
from cocm.basics.errors import UnusableInput
from cocm.basics.files import atomic_write
from cocm.cli.options import Day, rules_option, today
from cocm.receivables.practice_books import BooksRequest, open_books


@click.command("letter")
@click.argument("practice", type=click.Path(exists=True, path_type=Path))
@click.option("--claim", "claim_id", required=True, help="The claim's id, as in proposals.csv.")
@click.option("--letter", "letter_id", required=True, help="Which letter; an unknown name lists all.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The file: .docx or .pdf."
)
@click.option("--language", type=click.Choice(["en", "es"]), default="en", show_default=True)
@click.option(
    "--set", "given", multiple=True, metavar="NAME=TEXT", help="A fact that you add, such as correction=…"
)
@click.option("--sent-by", help="Record that this person sent it (an appeal or escalation).")
@click.option("--state", type=click.Path(path_type=Path), help="The practice's state file.")
@click.option("--as-of", type=Day(), help="The letter's date.  [default: today]")
@rules_option
def command(
    practice: Path,
    claim_id: str,
    letter_id: str,
    out: Path,
    language: str,
    given: tuple[str, ...],
    sent_by: str | None,
    state: Path | None,
    as_of: date | None,
    rules: tuple[Path, ...],
) -> None:
    """Draft a letter about a claim: misroute, duplicate, correction, appeal, cost share, inquiry.

    It states only what is on file and cites the payer's rules with their sources. What is not on file is marked in the
    text and listed here: fill it in before you sign.

    Exit status: 0 complete, 1 something is marked as not on file, 2 unusable input.

    \b
    Example:
      cocm letter my-practice/ --claim C-0123456789AB --letter misroute_escalation --out letter.docx
    """
    if out.suffix.lower() not in (".docx", ".pdf"):
        raise UnusableInput(f"--out {out}: a letter is written as .docx or .pdf")
    facts = {}
    for entry in given:
        name, found, text = entry.partition("=")
        if not found:
            raise UnusableInput(f"--set {entry}: write NAME=TEXT, such as correction='place of service 11'")
        if not text.isprintable():
            raise UnusableInput(
                f"--set {name}: holds a line break or a control character; write one line of text"
            )
        facts[name.strip()] = text.strip()
    if sent_by is not None and not (sent_by.strip() and sent_by.isprintable()):
        raise UnusableInput("--sent-by: whoever sent it is named, in one line of text")
    from cocm.claims.lifecycle import ClaimEventKind
    from cocm.letters.files import letter_docx, letter_pdf
    from cocm.receivables.letter import draft_letter
    from cocm.receivables.record import record_event

    request = BooksRequest(practice, as_of or today(), state, rules)
    with open_books(request, is_read_only=sent_by is None) as books:
        draft = draft_letter(books, claim_id, letter_id, language=language, given=facts)
        content = letter_docx(draft) if out.suffix.lower() == ".docx" else letter_pdf(draft)
        with atomic_write(out) as stream:
            stream.write(content)
        if sent_by is not None and draft.event:
            record_event(books, claim_id, ClaimEventKind(draft.event), draft.day, sent_by, letter_id)
    if sent_by is not None and not draft.event:
        click.echo("not recorded as sent: only an appeal or an escalation stands on the timeline", err=True)
    click.echo(f"{out}: {draft.title}, {counted(len(draft.policy), 'rule')} cited")
    for name in draft.missing:
        click.echo(f"  to fill in: {name}")
    sys.exit(1 if draft.missing else 0)
