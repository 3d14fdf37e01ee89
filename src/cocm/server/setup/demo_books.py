"""The demonstration's books: its past months closed and sent, and what invented payers answered, until a day.

Everything is made by the core: the close writes the claims, the sandbox's plans decide them, and the answers are posted
as if they had come in. Which claims meet with a mistake is fixed by their place, so that the same practice always gets
the same books. Ariana's first month is misrouted, won back and paid; for her second one the plan wants the records.
"""

from __future__ import annotations

import hashlib
import io
import tempfile
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Final

from cocm.basics.identity import Provenance, stable_id
from cocm.basics.months import Month
from cocm.claims.lifecycle import ClaimEvent, ClaimEventKind
from cocm.close.request import CloseRequest
from cocm.close.run import close_month
from cocm.intake.reference import Reference
from cocm.plan.mistakes import ErringPlan, Mistake
from cocm.plandesk.adjudicate import REMITTANCE, REQUESTS
from cocm.receivables.practice_books import BooksRequest, OpenBooks, open_books
from cocm.rules import Rulebook
from cocm.rules.plan_decisions import plan_decisions
from cocm.sandbox.plan_folder import PlanRequest, write_sandbox_plan
from cocm.sandbox.run import ADMINISTRATOR_REMITTANCE, REQUEST, RunRequest, run_sandbox
from cocm.server.access.actor import Actor
from cocm.server.books.port import practice_books
from cocm.server.claims.models import Arrival, FileState, ReceivedFile
from cocm.server.claims.receiving import booked, recognised, waits
from cocm.server.practice_port import PracticePort
from cocm.server.registry.models import ClaimHistoryLine
from cocm.server.rules_in_force import folders, rulebook
from cocm.store.state import PracticeState, RecordedClaim
from cocm.x12 import (
    Envelope,
    StatusCode,
    claim_from_record,
    envelope_from_transmission,
    read_277ca,
    read_835,
    read_837p,
    write_277ca,
    write_835,
    write_837p,
)
from cocm.x12.claim_acknowledgment_record import AcknowledgedBatch, AcknowledgedClaim
from cocm.x12.code_sets import rulebook_code_sets
from cocm.x12.remittance_record import Adjustment, ClaimPayment, RemittanceRecord
from cocm.x12.reply import ReplyKind, check_claims, receive_claims
from cocm.x12.validate import PROBLEMS_MAX

BILLER: Final = "Dana Lee"
STORY_PATIENT: Final = "P000001"
"""Ariana: the first patient of every demonstration."""
SENT_AFTER: Final = timedelta(days=2)
ACKNOWLEDGED_AFTER: Final = timedelta(days=1)
DECIDED_AFTER: Final = timedelta(days=15)
TAKEN_UP_AFTER: Final = timedelta(days=19)
DECIDED_AGAIN_AFTER: Final = timedelta(days=41)
SEEN_TO_AFTER: Final = timedelta(days=60)
_AT: Final = time(8, 15)
_FIRST_NUMBER: Final = 700_000_000
_NOT_FOUND: Final = StatusCode("A7", "33", "QC")
_MISPRINTED: Final = 4
_REJECTED_ACTION: Final = "U"

RECORDS_WANTED: Final = "records_wanted"
"""Records are asked for, and nobody has sent them yet."""
REJECTED: Final = "rejected"
MISNUMBERED: Final = "misnumbered"
"""Paid under a number that is not ours."""
BASE_DENIED: Final = "base_denied"
DUPLICATE: Final = "duplicate"
AFTER_COVERAGE: Final = "after_coverage"
"""These three are names of the rulebook's table of plan decisions, which has their codes."""
ROUND: Final = 29
FATES: Final[Mapping[int, str]] = {
    1: BASE_DENIED,
    3: Mistake.ROUTE_BY_DIAGNOSIS,
    7: Mistake.DENY_FOR_RECORDS,
    9: DUPLICATE,
    11: Mistake.ASK_FOR_RECORDS,
    13: Mistake.WRONG_COST_SHARE,
    15: Mistake.ROUTE_BY_DIAGNOSIS,
    17: BASE_DENIED,
    19: AFTER_COVERAGE,
}
"""Of so many claims in a row, these meet with something; the others are decided by the rules."""
TAKEN_UP: Final[Mapping[str, ClaimEventKind]] = {
    Mistake.ROUTE_BY_DIAGNOSIS: ClaimEventKind.ESCALATED,
    Mistake.DENY_FOR_RECORDS: ClaimEventKind.ESCALATED,
    Mistake.ASK_FOR_RECORDS: ClaimEventKind.RECORDS_SENT,
}
"""What a payer decides again, by the rules, and what somebody did for it."""
REJECTED_OF_LAST_MONTH: Final = 2


@dataclass(frozen=True, slots=True)
class Answer:
    """A payer's file, and the day on which it comes in."""

    day: date
    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Sent:
    """An interchange of ours."""

    payer_id: str
    month: Month
    day: date
    content: bytes


@dataclass(frozen=True)
class ChosenMistakes(ErringPlan):
    """A plan that errs on the claims it is told."""

    chosen: Mapping[str, str] = field(default_factory=dict)

    def mistakes_on(self, claim_number: str) -> frozenset[Mistake]:
        fate = self.chosen.get(claim_number)
        if fate == RECORDS_WANTED:
            return frozenset((Mistake.ASK_FOR_RECORDS,))
        return frozenset((Mistake(fate),)) if fate in list(Mistake) else frozenset()


def months_over(first: Month, last: Month, day: date) -> list[Month]:
    """The months from one to another that were sent by a day."""
    found = map(Month.from_index, range(first.index, last.index + 1))
    return [month for month in found if month.last_day + SENT_AFTER <= day]


def load_books(*, actor: Actor, months: Sequence[Month], until: date) -> list[Answer]:
    """Close months of the demonstration one after the other and post what came back by a day; the files that came.

    In the list of earlier claims our own of these months make way for those of the books.
    """
    if not months:
        return []
    port = PracticePort(actor)
    practice = port.reference.practice
    earlier = ClaimHistoryLine.objects.of(actor).filter(billing_npi=practice.billing_npi)
    earlier.filter(service_date__range=(months[0].first_day, months[-1].last_day)).delete()
    with practice_books(actor, to_write=True) as state, tempfile.TemporaryDirectory(prefix="cocm-") as name:
        folder = Path(name)
        sent = list(_close(port, state, months, folder))
        claims = [claim for month in months for claim in state.latest_claims_in_order(month)]
        fates = _fates(claims)
        answers = _answers(port.reference, sent, fates, folder)
        answers = sorted((one for one in answers if one.day <= until), key=lambda one: (one.day, one.name))
        files = []
        for answer in answers:
            with open_books(BooksRequest(folder, answer.day, state, folders(), port, rulebook())) as books:
                files.append(_received(actor, books, answer, until))
        ReceivedFile.objects.bulk_create(files)
        with open_books(BooksRequest(folder, until, state, folders(), port, rulebook())) as books:
            days = {one.month.index: one.day for one in sent}
            books.remittances.add_claim_events(_taken_up(claims, fates, days, until), None)
        state.commit()
    return answers


def _close(port: PracticePort, state: PracticeState, months: Sequence[Month], folder: Path) -> Iterator[Sent]:
    for month in months:
        day = month.last_day + SENT_AFTER
        request = CloseRequest(
            folder, month, folder / f"closed-{month}", day, None, overlays=folders(), workers=1
        )
        close_month(request, tables=port, state=state)
        for made in state.interchanges(month):
            yield Sent(made.payer_id, month, day, b"".join(state.interchange_bytes(made.control_number)))


def _fates(claims: Sequence[RecordedClaim]) -> dict[str, str]:
    """What becomes of which claim. Ariana's two: misrouted, then asked for records."""
    own = [claim for claim in claims if claim.patient_id == STORY_PATIENT]
    others = [claim for claim in claims if claim.patient_id != STORY_PATIENT]
    fates: dict[str, str] = {
        claim.claim_id: FATES[place % ROUND] for place, claim in enumerate(others) if place % ROUND in FATES
    }
    of_last_month = [claim.claim_id for claim in others if claim.month_index == claims[-1].month_index]
    plain = [claim_id for claim_id in of_last_month if claim_id not in fates]
    fates |= dict.fromkeys(plain[:REJECTED_OF_LAST_MONTH], REJECTED)
    fates |= dict.fromkeys(plain[REJECTED_OF_LAST_MONTH : REJECTED_OF_LAST_MONTH + 1], MISNUMBERED)
    for claim, fate in zip(own, (Mistake.ROUTE_BY_DIAGNOSIS, RECORDS_WANTED), strict=False):
        fates[claim.claim_id] = fate
    return fates


def _answers(
    reference: Reference, sent: Sequence[Sent], fates: Mapping[str, str], folder: Path
) -> Iterator[Answer]:
    """What each payer answers to each file: acknowledgments, a decision, and a second one of what it got wrong."""
    for payer_id in sorted({one.payer_id for one in sent}):
        own = [one for one in sent if one.payer_id == payer_id]
        place = folder / f"payer-{payer_id}"
        place.mkdir()
        files = []
        for one in own:
            files.append(place / f"{one.month}.837")
            files[-1].write_bytes(one.content)
        plan = place / "plan"
        payer = reference.payers[payer_id]
        write_sandbox_plan(PlanRequest(plan, tuple(files), pack_id=payer.pack_id), rulebook())
        for one in own:
            provenance = Provenance("", one.day, rulebook().content_hash)
            yield from _Deciding(one, plan, fates, rulebook(), provenance, place).answers()


@dataclass(frozen=True, slots=True)
class _Deciding:
    """One file of ours at its payer."""

    sent: Sent
    plan: Path
    fates: Mapping[str, str]
    rules: Rulebook
    provenance: Provenance
    folder: Path

    def answers(self) -> Iterator[Answer]:
        yield from self._acknowledgments()
        chosen = {claim: fate for claim, fate in self.fates.items() if fate != REJECTED}
        first = self._decided("1", lambda claim_id: self.fates.get(claim_id) != REJECTED, chosen)
        yield from self._named(first, "decided", DECIDED_AFTER)
        again = self._decided("2", lambda claim_id: self.fates.get(claim_id) in TAKEN_UP, {})
        yield from self._named(again, "decided-again", DECIDED_AGAIN_AFTER)

    def _named(self, files: Iterable[bytes], what: str, after: timedelta) -> Iterator[Answer]:
        for number, content in enumerate(files, 1):
            ending = "835" if b"ST*835*" in content else "277"
            name = f"{self.sent.payer_id.lower()}-{self.sent.month}-{what}-{number}.{ending}"
            yield Answer(self.sent.day + after, name, content)

    def _acknowledgments(self) -> Iterator[Answer]:
        day = self.sent.day + ACKNOWLEDGED_AFTER
        code_sets = rulebook_code_sets(self.rules)
        received = receive_claims(
            self.sent.content,
            at=datetime.combine(day, _AT),
            first_control_number=_FIRST_NUMBER,
            code_sets=code_sets,
            checked=lambda: check_claims(
                self.sent.content, on=day, code_sets=code_sets, problems_max=PROBLEMS_MAX
            ),
        )
        for reply in received.replies():
            content = (
                self._with_rejections(reply.content) if reply.kind is ReplyKind.CLAIMS else reply.content
            )
            kind = reply.kind.value.lower()
            yield Answer(day, f"{self.sent.payer_id.lower()}-{self.sent.month}-{kind}.x12", content)

    def _with_rejections(self, content: bytes) -> bytes:
        """The acknowledgment, with the claims refused that are to be."""
        told = list(read_277ca(content))
        refused = {claim for claim, fate in self.fates.items() if fate == REJECTED}
        if not any(claim.claim_id in refused for one in told for claim in one.claims()):
            return content
        changed = [
            replace(one, batches=tuple(_with_rejected(batch, refused) for batch in one.batches))
            for one in told
        ]
        out = io.BytesIO()
        write_277ca(changed, self._envelope(1), out)
        return out.getvalue()

    def _decided(self, name: str, takes: Callable[[str], bool], chosen: Mapping[str, str]) -> Iterator[bytes]:
        """The plan's answers about some claims of the file."""
        kept = [record for record in read_837p(self.sent.content) if takes(record.claim_id)]
        if not kept:
            return
        file = self.folder / f"{self.sent.month}-{name}.837"
        with file.open("wb") as out:
            claims = [
                claim_from_record(
                    record, organization_id="", pack_id="", patient_id="", provenance=self.provenance
                )
                for record in kept
            ]
            write_837p(claims, envelope_from_transmission(kept[0].transmission), out)
        day = self.sent.day + (DECIDED_AFTER if chosen else DECIDED_AGAIN_AFTER)
        made = self.folder / f"{self.sent.month}-{name}"
        erring = ChosenMistakes({}, 0, chosen) if chosen else None
        run_sandbox(RunRequest(file, self.plan, made, day, self.sent.day, erring), self.rules)
        for answer in (REMITTANCE, ADMINISTRATOR_REMITTANCE, REQUESTS, REQUEST):
            if (made / answer).exists():
                content = (made / answer).read_bytes()
                yield self._told(content, chosen) if answer == REMITTANCE else content

    def _told(self, content: bytes, chosen: Mapping[str, str]) -> bytes:
        """The remittance, with what plans tell that no rule and no mistake of the sandbox's gives."""
        payments = list(read_835(content))
        changed = [self._retold(payment, chosen) for payment in payments]
        if changed == payments:
            return content
        out = io.BytesIO()
        write_835(changed, self._envelope(2), out, code_sets=rulebook_code_sets(self.rules))
        return out.getvalue()

    def _retold(self, payment: RemittanceRecord, chosen: Mapping[str, str]) -> RemittanceRecord:
        claims = tuple(self._told_of(claim, chosen.get(claim.claim_id, "")) for claim in payment.claims)
        paid = payment.paid_amount_cents + sum(
            after.paid_amount_cents - before.paid_amount_cents
            for before, after in zip(payment.claims, claims, strict=True)
        )
        return replace(payment, claims=claims, paid_amount_cents=paid)

    def _told_of(self, claim: ClaimPayment, fate: str) -> ClaimPayment:
        """A claim with its last line, or all of it, refused in the codes of a plan's decision."""
        if fate == MISNUMBERED:
            return replace(claim, claim_id=claim.claim_id[:-_MISPRINTED])
        if fate not in (BASE_DENIED, DUPLICATE, AFTER_COVERAGE) or not claim.paid_amount_cents:
            return claim
        if fate == BASE_DENIED and len(claim.lines) == 1:
            return claim
        codes = plan_decisions(self.rules)[fate].codes
        first = len(claim.lines) - 1 if fate == BASE_DENIED else 0
        lines = tuple(
            line
            if number < first
            else replace(
                line,
                paid_amount_cents=0,
                paid_quantity=None,
                allowed_amount_cents=None,
                adjustments=(
                    Adjustment(codes.group_code, codes.reason_code, line.charge_amount_cents, None),
                ),
                remark_codes=codes.remark_codes,
            )
            for number, line in enumerate(claim.lines)
        )
        paid = sum(line.paid_amount_cents for line in lines)
        share = sum(
            given.amount_cents for line in lines for given in line.adjustments if given.group_code == "PR"
        )
        status = claim.status_code if paid else plan_decisions(self.rules)["denied"].claim_status_code
        return replace(
            claim,
            lines=lines,
            paid_amount_cents=paid,
            patient_responsibility_amount_cents=share,
            status_code=status,
        )

    def _envelope(self, number: int) -> Envelope:
        sent = next(iter(read_837p(self.sent.content))).transmission
        return Envelope(
            sent.receiver_id,
            "",
            "",
            "",
            sent.sender_id,
            "",
            datetime.combine(self.sent.day + DECIDED_AFTER, _AT),
            _FIRST_NUMBER + number,
            _FIRST_NUMBER + number,
            sender_type=sent.receiver_type,
            receiver_type=sent.sender_type,
        )


def _with_rejected(batch: AcknowledgedBatch, refused: Collection[str]) -> AcknowledgedBatch:
    providers = tuple(
        replace(
            provider,
            claims=tuple(
                _rejected(claim) if claim.claim_id in refused else claim for claim in provider.claims
            ),
        )
        for provider in batch.providers
    )
    return replace(batch, providers=providers)


def _rejected(claim: AcknowledgedClaim) -> AcknowledgedClaim:
    statuses = tuple(
        replace(status, codes=(_NOT_FOUND,), action_code=_REJECTED_ACTION) for status in claim.statuses[:1]
    )
    return replace(claim, statuses=statuses, payer_claim_control_number="")


def _received(actor: Actor, books: OpenBooks, answer: Answer, until: date) -> ReceivedFile:
    """Post an answer; its row among the payers' files. What it said weeks ago was seen to."""
    kinds = recognised(answer.content)
    figures = booked(books, answer.name, answer.content, kinds)
    came_at = datetime.combine(answer.day, _AT, UTC)
    is_old = answer.day + SEEN_TO_AFTER <= until
    return ReceivedFile(
        organization_id=actor.organization_id,
        sha256=hashlib.sha256(answer.content).hexdigest(),
        file_name=answer.name,
        kinds=", ".join(kinds),
        byte_count=len(answer.content),
        packed=zlib.compress(answer.content, 6),
        arrival=Arrival.FOLDER,
        state=FileState.TAKEN,
        figures=figures,
        needs_look=waits(figures) and not is_old,
        received_at=came_at,
    )


def _taken_up(
    claims: Sequence[RecordedClaim], fates: Mapping[str, str], days: Mapping[int, date], until: date
) -> Iterator[ClaimEvent]:
    """What the biller did about claims of the months before, which the payers decided again by the day."""
    for claim in claims:
        kind, sent_on = TAKEN_UP.get(fates.get(claim.claim_id, "")), days[claim.month_index]
        if kind is not None and sent_on + DECIDED_AGAIN_AFTER <= until:
            day, detail = sent_on + TAKEN_UP_AFTER, (("by", BILLER),)
            yield ClaimEvent(
                stable_id("V", claim.claim_id, kind, day, detail), claim.claim_id, kind, day, detail=detail
            )
