"""Explains a remittance: what was not paid, why, and what to do. Works on any 835, with nothing else of ours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from cocm.basics.errors import UnusableInput
from cocm.edits.codes import cocm_codes
from cocm.remits.deadline import Deadline, deadline_of
from cocm.remits.decision import ClaimDecision, Payment, decisions_of, payment_of
from cocm.remits.denial import NOTHING_KNOWN, RankedCause
from cocm.remits.denied_line import DeniedLine, causes_of, denied_lines
from cocm.rules import PackOn, Rulebook
from cocm.rules.adjustment_codes import CodeList, adjustment_codes
from cocm.rules.adjustment_effects import adjustment_effects
from cocm.x12 import read_835

CAUSES_SHOWN_MAX = 3


@dataclass(frozen=True, slots=True)
class ExplainedLine:
    """A line that was not paid, with its causes (likeliest first) and the deadline of the likeliest one's fix."""

    line: DeniedLine
    said: tuple[tuple[str, str], ...]
    """Each of the payer's codes with our words for it (empty where we have none)."""
    causes: tuple[RankedCause, ...]
    rule_out_first: tuple[str, ...]
    deadline: Deadline


@dataclass(frozen=True, slots=True)
class ExplainedClaim:
    """One claim of a remittance that was not paid in full, or a paid one (then `lines` is empty)."""

    payment: Payment
    decision: ClaimDecision
    lines: tuple[ExplainedLine, ...]


@dataclass(slots=True)
class Explained:
    """Counts over the files: claims of the model, and claims of other services, which are left alone."""

    cocm_claims: int = 0
    other_claims: int = 0


def explain_files(
    paths: Sequence[Path],
    rulebook: Rulebook,
    counts: Explained,
    *,
    payer_id: str | None = None,
    claim_number: str | None = None,
) -> Iterator[ExplainedClaim]:
    """The claims of the model in the files' order, each explained by the codes it carries.

    `payer_id` names the pack whose deadlines hold. Raises `UnusableInput` naming the file and what cannot be read in
    it, and for a `claim_number` that no file has.
    """
    codes = cocm_codes(rulebook).keys()
    pack = rulebook.pack(payer_id) if payer_id is not None else None
    found = False
    for path in paths:
        for payment, decision in _decisions(path):
            if claim_number is not None and decision.claim_number != claim_number:
                continue
            found = True
            if not any(line.hcpcs_code in codes for line in decision.lines):
                counts.other_claims += 1
                continue
            counts.cocm_claims += 1
            policy = pack.on(decision.first_date or payment.payment_date) if pack is not None else None
            yield ExplainedClaim(payment, decision, tuple(_lines(rulebook, policy, payment, decision)))
    if claim_number is not None and not found:
        raise UnusableInput(f"--claim {claim_number}: no claim of this control number is in the files")


def _decisions(path: Path) -> Iterator[tuple[Payment, ClaimDecision]]:
    with path.open("rb") as stream:
        try:
            for record in read_835(stream):
                payment = payment_of(record)
                for decision in decisions_of(record):
                    yield payment, decision
        except UnusableInput as problem:
            raise UnusableInput(f"{path.name}: {problem}") from problem


def _lines(
    rulebook: Rulebook, policy: PackOn | None, payment: Payment, decision: ClaimDecision
) -> Iterator[ExplainedLine]:
    for line in denied_lines(decision, adjustment_effects(rulebook)):
        causes = causes_of(rulebook, line, NOTHING_KNOWN)
        likeliest = causes[0].cause if causes else None
        yield ExplainedLine(
            line=line,
            said=tuple(said_by_payer(rulebook, line, payment.payment_date)),
            causes=causes[:CAUSES_SHOWN_MAX],
            rule_out_first=likeliest.rule_out_first if likeliest is not None else (),
            deadline=deadline_of(
                likeliest.fix.deadline_rule if likeliest is not None else "",
                policy,
                decided_on=payment.payment_date,
                service_date=decision.first_date,
            ),
        )


def said_by_payer(rulebook: Rulebook, line: DeniedLine, day: date) -> Iterator[tuple[str, str]]:
    """The payer's codes of a line with our words; a code that had ended on the day says so."""
    known = adjustment_codes(rulebook)
    listed = [
        *((CodeList.CARC, code, f"{group}-{code}") for group, code in sorted(line.signals.adjustments)),
        *((CodeList.RARC, code, code) for code in sorted(line.signals.remarks)),
    ]
    for code_list, code, shown in listed:
        entry = known.get((code_list, code))
        if entry is None:
            yield shown, "not a code of the list"
        elif not entry.is_valid_on(day):
            yield shown, f"{entry.label}; not in use on {day}".removeprefix("; ")
        else:
            yield shown, entry.label
