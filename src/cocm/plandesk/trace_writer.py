"""Traces of many claims, quickly: what is alike in them is written once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

import orjson

from cocm.plan import trace
from cocm.plan.decision import ClaimDecisionMade, DecisionReason, LineDecision
from cocm.plan.interest import Interest
from cocm.plan.remembered import OfIdentity, Remembered

_WrittenLine: TypeAlias = tuple[LineDecision, orjson.Fragment, str]


class TraceWriter:
    """Writes many decisions: the same as `trace_json` and `trace_text` say, what is alike written once."""

    def __init__(self) -> None:
        self._reason_texts = OfIdentity[DecisionReason, str]()
        self._lines = Remembered[tuple[object, ...], _WrittenLine]()
        self._just_written: dict[int, _WrittenLine] = {}  # lines of the last claim, whose text is wanted next

    def json_line(self, decision: ClaimDecisionMade, interest: Interest | None = None) -> bytes:
        """A decision as JSON, all of it in one line."""
        self._just_written.clear()
        lines = [self._line(line)[1] for line in decision.lines]
        return _one_line(trace.claim_json(decision, interest, lines))

    def text(self, decision: ClaimDecisionMade, interest: Interest | None = None) -> str:
        """A decision in lines for people, each with its end."""
        text = "".join([f"{line}\n" for line in self._text_lines(decision, interest)])
        self._just_written.clear()
        return text

    def _text_lines(self, decision: ClaimDecisionMade, interest: Interest | None) -> Iterator[str]:
        yield from trace.head_text(decision)
        for line in decision.lines:
            yield self._line(line)[2]
            yield from trace.comparisons_text(line)
        yield from trace.interest_text(interest)
        yield from trace.end_text(decision)

    def _line(self, decision: LineDecision) -> _WrittenLine:
        """A line's JSON, and its text but for what stands beside it: alike for lines decided alike."""
        just_written = self._just_written.get(id(decision))
        if just_written is not None and just_written[0] is decision:
            return just_written
        line = decision.line
        key = (
            line.claim_line_number,
            line.hcpcs_code,
            str(line.service_unit_quantity),
            line.service_to_date,
            line.charge_amount_cents,
            decision.answer,
            decision.allowed_amount_cents,
            decision.share,
            decision.paid_amount_cents,
            decision.adjustments,
            decision.remark_codes,
            id(decision.route),
            *map(id, decision.reasons),
        )
        known = None if decision.comparisons else self._lines.get(key)
        if known is None:
            text = "\n".join([trace.line_head_text(decision), *map(self._reason_lines, decision.reasons)])
            known = (decision, orjson.Fragment(_one_line(trace.line_json(decision))), text)
            if not decision.comparisons:
                # The decision is kept with it, so that no other route or reason gets the identity of its own.
                self._lines.keep(key, known)
        self._just_written[id(decision)] = (decision, *known[1:])
        return known

    def _reason_lines(self, reason: DecisionReason) -> str:
        text = self._reason_texts.get(reason)
        return self._reason_texts.keep(reason, "\n".join(trace.reason_text(reason))) if text is None else text


def _one_line(value: object) -> bytes:
    return orjson.dumps(value, default=str)
