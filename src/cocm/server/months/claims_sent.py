"""What the books have of a month: the interchanges written, and where their claims stand by what came back."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from cocm.basics.months import Month
from cocm.server.access.actor import Actor
from cocm.server.books.port import practice_books


@dataclass(frozen=True, slots=True)
class Interchange:
    """One file of claims for a payer."""

    control_number: int
    payer_id: str
    file_name: str
    written_on: date
    claims: int
    charged_cents: int


@dataclass(frozen=True, slots=True)
class Sent:
    """A month's interchanges, oldest first, and its claims by payer (the last one of each patient)."""

    interchanges: tuple[Interchange, ...]
    claims: int
    charged_cents: int
    by_payer: dict[str, int]


def months_written(*, actor: Actor) -> dict[int, date]:
    """The months for which claims were written, by index, each with the day of the last file."""
    found: dict[int, date] = {}
    with practice_books(actor) as books:
        for one in books.interchanges():
            found[one.month_index] = max(one.as_of_date, found.get(one.month_index, one.as_of_date))
    return found


def sent_of(*, actor: Actor, month: Month) -> Sent:
    """What was written for the month."""
    with practice_books(actor) as books:
        interchanges = tuple(
            Interchange(
                one.control_number,
                one.payer_id,
                one.file_name,
                one.as_of_date,
                one.claim_count,
                one.charge_amount_cents,
            )
            for one in books.interchanges(month)
        )
        latest = list(books.latest_claims_in_order(month))
    return Sent(
        interchanges,
        len(latest),
        sum(claim.charge_amount_cents for claim in latest),
        dict(Counter(claim.payer_id for claim in latest)),
    )
