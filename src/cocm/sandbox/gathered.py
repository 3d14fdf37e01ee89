"""What a sandbox plan is made of: the members, billers, codes and charges of the claims it is to decide."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from cocm.basics.counted import counted
from cocm.basics.errors import UnusableInput
from cocm.edits.codes import cocm_codes
from cocm.plan.records import MemberKey
from cocm.rules import Rulebook
from cocm.scrub.files import read_claims, refuse_other_guides, wire_files
from cocm.scrub.payers import PackChoice, PackResolver
from cocm.x12.claim_record import ClaimRecord, UnreadableClaim


@dataclass(slots=True)
class Biller:
    """A billing provider of the claims. `bills_cocm`: one of its lines has a code of the model."""

    taxonomy_code: str
    bills_cocm: bool


@dataclass(slots=True)
class Gathered:
    """The claims of one payer, summed up. `unit_charges` are the lowest for one unit, in cents.

    `members` have their first date of service; `unreadable` counts claims that cannot be read.
    """

    payer_identifier: str
    payer_name: str = ""
    pack: PackChoice | None = None
    claims: int = 0
    unreadable: int = 0
    members: dict[MemberKey, date] = field(default_factory=dict)
    billers: dict[str, Biller] = field(default_factory=dict)
    unit_charges: dict[str, int] = field(default_factory=dict)


def gather(
    files: Iterable[Path], rulebook: Rulebook, *, pack_id: str | None, payer_identifier: str | None
) -> Gathered:
    """Sum up the claims of the files that go to one payer. `pack_id` None: found from the claims, else the general one.

    Raises `UnusableInput` where no claim can be read, or the files name several payers and none was chosen.
    """
    named = list(files)
    unreadable: list[UnreadableClaim] = []
    payers = Counter(record.payer.identifier.upper() for record in _records(named, unreadable.append))
    if not payers:
        raise UnusableInput("no professional claim could be read in the files")
    if payer_identifier is None:
        if len(payers) > 1:
            told = ", ".join(
                f"{name or 'none'} ({counted(count, 'claim')})" for name, count in sorted(payers.items())
            )
            raise UnusableInput(f"the claims go to several payers: {told}; choose one with --payer-id")
        payer_identifier = next(iter(payers))
    elif payer_identifier.upper() not in payers:
        raise UnusableInput(
            f"--payer-id {payer_identifier}: no claim goes there; {', '.join(sorted(payers))}"
        )
    gathered = Gathered(payer_identifier.upper(), unreadable=len(unreadable))
    codes = cocm_codes(rulebook)
    resolver = PackResolver(rulebook, pack_id)
    for record in _records(named, _pass_over):
        if record.payer.identifier.upper() == gathered.payer_identifier:
            _add(gathered, record, codes.keys(), resolver)
    return gathered


def _records(
    files: Iterable[Path], on_unreadable: Callable[[UnreadableClaim], None]
) -> Iterator[ClaimRecord]:
    """The claims of the files one by one, so that memory does not grow with them."""
    for file in files:
        for wire in wire_files(file):
            refuse_other_guides(wire.name, wire.stream)
        for wire in wire_files(file):
            yield from read_claims(wire.stream, on_unreadable, _refuse)


def _pass_over(_problem: object) -> None:
    """Counted at the first reading."""


def _refuse(problem: UnusableInput) -> None:
    raise problem


def _add(gathered: Gathered, record: ClaimRecord, codes: Iterable[str], resolver: PackResolver) -> None:
    gathered.claims += 1
    gathered.payer_name = gathered.payer_name or record.payer.last_or_organization_name
    first = min(line.service_from_date for line in record.lines)
    if record.patient.birth_date is not None:
        key = (record.member_id, record.patient.birth_date)
        gathered.members[key] = min(first, gathered.members.get(key, first))
    own = [line.hcpcs_code for line in record.lines if line.hcpcs_code in codes]
    biller = gathered.billers.setdefault(
        record.billing.identifier, Biller(record.billing.taxonomy_code, bool(own))
    )
    biller.bills_cocm = biller.bills_cocm or bool(own)
    biller.taxonomy_code = biller.taxonomy_code or record.billing.taxonomy_code
    if own and gathered.pack is None:
        gathered.pack = resolver.choice(record, own, first)
    for line in record.lines:
        units = line.service_unit_quantity
        if units >= 1:
            charge = int(line.charge_amount_cents / units)
            known = gathered.unit_charges.get(line.hcpcs_code, charge)
            gathered.unit_charges[line.hcpcs_code] = min(known, charge)
