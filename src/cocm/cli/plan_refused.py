"""What a summary tells of claims that were not taken in, and what to do about them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Any

from cocm.basics.counted import counted


def refusal_words(summary: Mapping[str, Any], file_name: str, own: Set[str]) -> Iterator[str]:
    """In lines for people; nothing where all was taken in. `own` are the payer ids that mean the plan now."""
    elsewhere = summary.get("claims_addressed_elsewhere", 0)
    if elsewhere:
        others = summary["payer_identifiers_elsewhere"]
        yield (
            f"Addressed to another payer: {counted(elsewhere, 'claim')} (payer id {', '.join(others)}). "
            + _about_others(others, own)
        )
    interchanges, transactions = refused_in_form(summary)
    if interchanges or transactions:
        what = counted(transactions, "transaction") if transactions else counted(interchanges, "interchange")
        yield f"Refused for its form, with all that is in it: {what}; `cocm x12 check {file_name}` names each fault"
    if summary["claims_rejected"] > elsewhere:
        yield f"Rejected claims: `cocm x12 check {file_name}` names each fault, the 999 and 277CA by code"


def refused_in_form(summary: Mapping[str, Any]) -> tuple[int, int]:
    """Interchanges and transactions that the TA1 and 999 refused; none where an answer of before does not tell."""
    return summary.get("interchanges_refused", 0), summary.get("transactions_refused", 0)


def _about_others(others: Sequence[str], own: Set[str]) -> str:
    """What to do about payer ids that were not the plan's when their claims were rejected."""
    by_now = [one for one in others if one in own]
    if by_now:
        return (
            f"{', '.join(by_now)} is the plan's own by now: claims that are sent again in a new file, with another "
            "control number, are taken in"
        )
    return (
        "Where such an id is the plan's own, list it in plan.csv, other_payer_identifiers, and let the claims be sent "
        "again"
    )
