"""The command `cocm`: one module a command, loaded only when it is called.

Exit status: 0 clean, 1 findings (for `close`: rows were rejected or claims held), 2 unusable input, nothing written.
"""

from __future__ import annotations

import errno
import gc
import os
import signal
import sys
import traceback
from typing import Final

import click

from cocm import __version__
from cocm.basics.errors import CocmError
from cocm.cli.lazy import LazyGroup

COMMANDS: Final = {
    "close": "Close a month: contacts in; codes, worklist and 837P claims out.",
    "void": "Take back a claim that an earlier close wrote (frequency 8).",
    "post": "Post remittances (835) to the claims; what does not add up is held.",
    "check": "Check 837P files of any system for their Collaborative Care lines.",
    "status": "Take in status files: TA1, 999, 277CA, 277 and requests for information.",
    "explain": "What a remittance did not pay, why, and what to do.",
    "worklist": "What waits after the claim, by money, days left and chance.",
    "packet": "The documentation of one patient-month as PDF and C-CDA, ready to send.",
    "letter": "Draft a letter about a claim from what is on file.",
    "record": "Record what a person did: escalated, appealed, records sent, closed.",
    "settle": "Decide about a claim's money: a share in dispute, a write-off, a refund.",
    "ledger": "The double-entry books of the claims, as CSV or beancount.",
    "selfaudit": "Paid months scored again against their evidence; refunds, drift.",
    "late": "Months whose records support other lines than were billed.",
    "learn": "Candidates for a payer's rules, from denials that no edit foresaw.",
    "transfers": "A month's statements for the psychiatric consultants, with their journal.",
    "insight": "What a programme costs and brings: financial model, return, overhead, payers.",
    "codes": "Which codes do these minutes earn, under this payer's rules?",
    "rules": "Show, check and compare the rulebook.",
    "edits": "List the edits, or show one with its cases.",
    "tables": "Print the contract of the practice tables.",
    "template": "Write empty practice tables to fill in.",
    "benefits": "What an eligibility answer says about a month: coverage, route, cost share.",
    "plan": "The health plan's side: route and decide claims, and show why.",
    "sandbox": "Rehearse with a plan that errs on purpose; practice cases for reviewers.",
    "x12": "Show, check, split, anonymize and answer X12 files of every kind a month needs.",
    "serve": "The practice server: pages for care managers, consultants, practitioners, billing.",
    "manage": "The server's own commands: migrate, load_demo, new_secret_key and Django's.",
    "audit": "The server's trail of who did what: verify it.",
    "synth": "Make a realistic synthetic practice.",
}

_ADVICE: Final = {
    errno.ENOSPC: "make room for the results, the state file and temporary files, then run the command again",
    errno.EFBIG: "this system lets a process write no file of that size (`ulimit -f` shows the limit)",
}


@click.group(
    cls=LazyGroup,
    help_by_name=COMMANDS,
    module_prefix="cocm.cli.",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.version_option(__version__, prog_name="cocm")
def cli() -> None:
    """OpenCoCM: run the psychiatric Collaborative Care Model's billing from notes to clean claims.

    Every answer names the rule, the date it holds from, and its source.

    \b
    Example:
      cocm codes --payer medicare --month 2026-03 --minutes 92 --first
      cocm close my-practice/ --month 2026-03 --out out/
    """


def main() -> None:
    """Entry point: turns errors into one clear line and exit status 2, and a request to stop into an orderly end.

    A traceback could show more than it should, and exit status 1 would read as "findings": both are kept for
    developers, who set COCM_DEBUG=1.
    """
    for name in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, _stop)
    try:
        cli(standalone_mode=True)
    except CocmError as problem:
        click.echo(f"cocm: {problem}", err=True)
        sys.exit(2)
    except OSError as problem:
        where = f"{problem.filename}: " if problem.filename else ""
        advice = _ADVICE.get(problem.errno or 0)
        what = problem.strerror or type(problem).__name__
        click.echo(f"cocm: {where}{what}{f'; {advice}' if advice else ''}", err=True)
        sys.exit(2)
    except Exception as problem:
        if os.environ.get("COCM_DEBUG"):
            raise
        frames = traceback.extract_tb(problem.__traceback__)
        place = (
            f"{frames[-1].filename.rpartition('cocm/')[2]}:{frames[-1].lineno}" if frames else "unknown place"
        )
        click.echo(
            f"cocm: an error of the program itself ({type(problem).__name__} at {place}); please report it. "
            "COCM_DEBUG=1 shows more.",
            err=True,
        )
        sys.exit(2)
    finally:
        # The process ends: nobody needs to search what is left for cycles. DuckDB's binding alone reports on the
        # terminal what no search has cleared.
        if "duckdb" not in sys.modules:
            gc.freeze()


def _stop(number: int, _frame: object) -> None:
    """Leave through every `with` and `finally`, so that no half-written file stays behind."""
    sys.exit(128 + number)
