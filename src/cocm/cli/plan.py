"""`cocm plan`: the health plan's side, by the same rulebook as the practice's."""

from __future__ import annotations

from typing import Final

import click

from cocm.cli.lazy import LazyGroup

COMMANDS: Final = {
    "adjudicate": "Decide an 837P: acknowledgments, 835, what waits, what goes on, and why.",
    "audit": "Audit a whole claims history: improper denials, wrong shares, over-billing, with evidence.",
    "benefits": "Check the plan's benefit tables.",
    "correct": "Correct in bulk what one wrongful rule decided: 835, interest, refunds, letters.",
    "data-request": "The BHI data request: service, payment and failure by product, region and month.",
    "decide": "Accept or deny a claim as a named reviewer, or have it decided again.",
    "pended": "What waits for a person; one claim with its checklist and what stands beside it.",
    "performance": "Approval, denial, rejection and days to pay by payer, to be published.",
    "policy": "Policy pages for providers and reviewers, made of the rules that decide claims.",
    "records": "Take in records about claims: a 275, or folders of documents.",
    "sample": "Draw paid months whose evidence is to be asked for after payment.",
    "sb1320": "Evidence about the process for integrated behavioral health claims (California SB 1320).",
    "scorecards": "How each provider's claims fare, beside all providers together.",
    "template": "Write an empty plan folder to fill in.",
}


@click.group(cls=LazyGroup, help_by_name=COMMANDS, module_prefix="cocm.cli.plan_")
def command() -> None:
    """Route and decide claims as a health plan, by the rulebook that practices check them with.

    \b
    Example:
      cocm plan template my-plan/
      cocm plan adjudicate march.837 --plan my-plan/ --out answers/
    """
