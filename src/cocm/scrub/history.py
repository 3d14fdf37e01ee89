"""What is known of a person's other claims: those of the same file, of files sent before, of a claim history table.

A claim that voids or replaces another makes the earlier one's lines void; of a claim history table the payer's answer
(paid, denied, its control number) is taken over.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from cocm.basics.months import Month
from cocm.care.records import ClaimStatus, HistoryLine
from cocm.claims.submission import REPLACEMENT, VOID
from cocm.scrub.people import People
from cocm.x12.claim_record import ClaimRecord

_LONG_AGO: Final = datetime(1900, 1, 1)  # noqa: DTZ001  # files hold local times without an offset

ClaimKey = tuple[int, int]
"""A claim by its file's number and its first byte: claim ids may repeat, places do not."""


@dataclass(frozen=True, slots=True)
class KnownClaim:
    """One claim of a person, with its lines as history. `is_checked`: of the files that are being checked."""

    key: ClaimKey
    claim_id: str
    member_id: str
    is_checked: bool
    sent_at: datetime
    payer_identifier: str
    frequency_code: str
    payer_claim_control_number: str
    lines: tuple[HistoryLine, ...]

    @property
    def month_indexes(self) -> frozenset[int]:
        """The months of its lines."""
        return frozenset([Month.of(line.service_date).index for line in self.lines])


class HistoryBook:
    """Gathers claims by person, then answers what each claim's history is.

    First `note` every claim of the files to check, then `narrow` to the persons who have a CoCM line there, then
    `note` the files of history; at last `settle`.
    """

    def __init__(self, cocm_codes: Iterable[str]) -> None:
        self._cocm_codes = frozenset(cocm_codes)
        self._people = People()
        self._claims: dict[int, list[KnownClaim]] = {}
        self._person_of: dict[ClaimKey, int] = {}
        self._with_cocm: set[int] = set()
        self._is_narrow = False
        self._texts: dict[str, str] = {}
        self._table_lines: dict[int, list[HistoryLine]] = {}

    def note(self, record: ClaimRecord, key: ClaimKey, *, is_checked: bool) -> bool:
        """Take in a claim. Whether it is of use: once narrowed, only claims of the persons in question are."""
        person = self._people.number_of(record)
        if self._is_narrow and person not in self._with_cocm:
            return False
        claim = self._known(record, key, is_checked)
        self._claims.setdefault(person, []).append(claim)
        if is_checked and any(line.hcpcs_code in self._cocm_codes for line in claim.lines):
            self._person_of[key] = person
            self._with_cocm.add(person)
        return True

    def narrow(self) -> None:
        """Let go of everybody without a CoCM line in the files to check."""
        self._is_narrow = True
        self._claims = {person: self._claims[person] for person in self._with_cocm}

    def note_table(self, rows: Iterable[tuple[tuple[str, ...], HistoryLine]]) -> tuple[int, int]:
        """Take in the rows of a claim history table, each with the ids by which its person may be known here.

        A patient of the table is a person of the files where one of the patient's claims is, or where the patient's
        id stands on the claim as its id or member id. Returns how many rows found their person, and how many not.
        """
        by_patient: dict[str, list[tuple[tuple[str, ...], HistoryLine]]] = {}
        for ids, line in rows:
            by_patient.setdefault(line.patient_id, []).append((ids, line))
        persons = self._persons_by_id()
        found = lost = 0
        for of_patient in by_patient.values():
            named = {persons[one] for ids, _ in of_patient for one in ids if one in persons}
            if len(named) != 1:
                lost += len(of_patient)
                continue
            found += len(of_patient)
            self._table_lines.setdefault(named.pop(), []).extend(line for _, line in of_patient)
        return found, lost

    def _persons_by_id(self) -> dict[str, int]:
        """Persons by the claim and member ids in the files; an id that stands for two persons is nobody's."""
        persons: dict[str, int] = {}
        shared: set[str] = set()
        for person, claims in self._claims.items():
            for text in {one for claim in claims for one in (claim.claim_id, claim.member_id) if one}:
                if persons.setdefault(text, person) != person:
                    shared.add(text)
        return {text: person for text, person in persons.items() if text not in shared}

    def settle(self) -> None:
        """Let voids, replacements and the table's answers take effect."""
        for person, claims in self._claims.items():
            if len(claims) > 1:
                claims.sort(key=lambda claim: (claim.is_checked, claim.sent_at, claim.key))
            settled = _corrected(claims)
            table_lines = self._table_lines.pop(person, None)
            self._claims[person] = _answered(settled, table_lines) if table_lines else settled

    def others(self, key: ClaimKey) -> tuple[KnownClaim, ...]:
        """The person's other claims."""
        person = self._person_of.get(key)
        return (
            tuple(claim for claim in self._claims.get(person, ()) if claim.key != key)
            if person is not None
            else ()
        )

    def history(self, record: ClaimRecord, key: ClaimKey) -> tuple[HistoryLine, ...]:
        """The lines of the person's other claims that bear on this one.

        The practice's own lines of the same month to another payer are left out: that is the same service sent on to
        the next payer, not a second one.
        """
        months = {Month.of(line.service_to_date).index for line in record.lines}
        payer = record.payer.identifier.upper()
        return tuple(
            line
            for claim in self.others(key)
            for line in claim.lines
            if not (
                payer
                and claim.payer_identifier
                and claim.payer_identifier != payer
                and Month.of(line.service_date).index in months
                and _is_own(record, line)
            )
        )

    def siblings(self, record: ClaimRecord, key: ClaimKey) -> tuple[str, ...]:
        """The ids of the person's other claims with a CoCM line in the same month in the files being checked."""
        months = {Month.of(line.service_to_date).index for line in record.lines}
        return tuple(
            claim.claim_id
            for claim in self.others(key)
            if claim.is_checked
            and not months.isdisjoint(claim.month_indexes)
            and any(line.hcpcs_code in self._cocm_codes for line in claim.lines)
        )

    def _known(self, record: ClaimRecord, key: ClaimKey, is_checked: bool) -> KnownClaim:
        kept = self._texts.setdefault
        rendering = record.rendering.identifier if record.rendering is not None else ""
        payer = record.payer.identifier.upper()
        lines = tuple(
            HistoryLine(
                patient_id="",
                payer_id=kept(payer, payer),
                claim_id=f"file {key[0]} byte {key[1]}",
                claim_line_number=line.claim_line_number,
                service_date=line.service_to_date,
                hcpcs_code=kept(line.hcpcs_code, line.hcpcs_code),
                service_unit_quantity=int(line.service_unit_quantity),
                billing_npi=kept(record.billing.identifier, record.billing.identifier),
                billing_tin=kept(record.billing.tin, record.billing.tin),
                rendering_npi=kept(rendering, rendering),
                status=ClaimStatus.SENT,
                payer_claim_control_number=record.payer_claim_control_number,
                frequency_code=kept(record.frequency_code, record.frequency_code),
            )
            for line in record.lines
        )
        return KnownClaim(
            key=key,
            claim_id=record.claim_id,
            member_id=record.member_id,
            is_checked=is_checked,
            sent_at=record.transmission.created_at,
            payer_identifier=kept(payer, payer),
            frequency_code=kept(record.frequency_code, record.frequency_code),
            payer_claim_control_number=record.payer_claim_control_number,
            lines=lines,
        )


def _is_own(record: ClaimRecord, line: HistoryLine) -> bool:
    if line.billing_tin and record.billing.tin:
        return line.billing_tin == record.billing.tin
    return line.billing_npi == record.billing.identifier


def _corrected(claims: list[KnownClaim]) -> list[KnownClaim]:
    """The claims in the order sent, those that a later one voids or replaces with void lines."""
    settled: list[KnownClaim] = []
    for claim in claims:
        if claim.frequency_code in (REPLACEMENT, VOID) and not claim.is_checked:
            settled = [_voided(earlier) if _corrects(claim, earlier) else earlier for earlier in settled]
        settled.append(claim)
    return settled


def _corrects(claim: KnownClaim, earlier: KnownClaim) -> bool:
    """Whether a replacement or void means an earlier claim: the same service, payer and biller."""
    if claim.payer_identifier != earlier.payer_identifier:
        return False
    services = {_service(line) for line in claim.lines}
    return any(_service(line) in services for line in earlier.lines)


def _service(line: HistoryLine) -> tuple[str, int, str]:
    return line.hcpcs_code, Month.of(line.service_date).index, line.billing_npi


def _voided(claim: KnownClaim) -> KnownClaim:
    return replace(claim, lines=tuple(replace(line, status=ClaimStatus.VOIDED) for line in claim.lines))


def _answered(claims: list[KnownClaim], rows: list[HistoryLine]) -> list[KnownClaim]:
    """The claims with what the table says of them, and the table's other rows as claims of their own."""
    by_service: dict[tuple[str, str, int], HistoryLine] = {_row_key(row.claim_id, row): row for row in rows}
    used: set[tuple[str, str, int]] = set()
    settled: list[KnownClaim] = []
    for claim in claims:
        keys = [_row_key(claim.claim_id, line) for line in claim.lines]
        used.update(key for key in keys if key in by_service)
        settled.append(
            replace(
                claim,
                lines=tuple(
                    _with_answer(line, by_service.get(key))
                    for line, key in zip(claim.lines, keys, strict=True)
                ),
            )
        )
    others = (row for key, row in by_service.items() if key not in used)
    settled.extend(_of_table(row, number) for number, row in enumerate(others))
    return settled


def _row_key(claim_id: str, line: HistoryLine) -> tuple[str, str, int]:
    return claim_id, line.hcpcs_code, Month.of(line.service_date).index


def _with_answer(line: HistoryLine, row: HistoryLine | None) -> HistoryLine:
    if row is None:
        return line
    number = row.payer_claim_control_number or line.payer_claim_control_number
    return replace(line, status=row.status, payer_claim_control_number=number)


def _of_table(row: HistoryLine, number: int) -> KnownClaim:
    return KnownClaim(
        key=(-1, number),
        claim_id=row.claim_id,
        member_id="",
        is_checked=False,
        sent_at=_LONG_AGO,
        payer_identifier="",
        frequency_code=row.frequency_code,
        payer_claim_control_number=row.payer_claim_control_number,
        lines=(replace(row, claim_id=f"table {row.claim_id}", payer_id=""),),
    )
