"""The small tables: practice, sites, staff, payers, charges, contract rates, and the months with a review."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, TypeVar

from cocm.basics.errors import TableError
from cocm.care.people import Address, Payer, Practice, Role, Site, StaffMember
from cocm.intake.contract import REFERENCE_ROWS_MAX
from cocm.intake.problems import RowNote, RowProblem
from cocm.intake.rows import Layout, RawRow, RowReader, RowRefused

Record = TypeVar("Record")

NOTE_NO_CONSULTANT: Final = "names no psychiatric consultant, so it was not taken as a caseload consultation"


@dataclass(frozen=True, slots=True)
class Charge:
    """What the practice charges for one unit of a service, from a day on."""

    hcpcs_code: str
    charge_amount_cents: int
    effective_from: date


@dataclass(frozen=True, slots=True)
class ContractRate:
    """What the practice's own contract with a payer allows for one unit: an amount, or a part of Medicare's.

    It holds from `effective_from` to before `effective_to` (None: until another begins). One of the two is given:
    cents, or hundredths of a percent.
    """

    payer_id: str
    hcpcs_code: str
    effective_from: date
    effective_to: date | None
    rate_amount_cents: int | None
    percent_of_medicare_hundredths: int | None

    def holds_on(self, service_date: date) -> bool:
        """Whether a service of this day is paid by it."""
        return self.effective_from <= service_date and (
            self.effective_to is None or service_date < self.effective_to
        )


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """Everything a patient's rows refer to; sent to each worker process once.

    `caseload_reviews_held` holds (bhcm id, month index) of each month in which the care manager and the
    consultant met. `layouts` are the patient-keyed tables' by name. `rejected_ids` are ids of sites, staff
    and payers whose row was rejected. `problems` and `notes` are those of the small tables.
    """

    practice: Practice
    sites: Mapping[str, Site]
    staff: Mapping[str, StaffMember]
    payers: Mapping[str, Payer]
    charges: tuple[Charge, ...]
    caseload_reviews_held: frozenset[tuple[str, int]]
    member_id_digits: Mapping[str, int]
    layouts: Mapping[str, Layout]
    rejected_ids: frozenset[str]
    problems: tuple[RowProblem, ...]
    notes: tuple[RowNote, ...]
    contract_rates: tuple[ContractRate, ...] = ()

    def contract_rate(self, payer_id: str, hcpcs_code: str, service_date: date) -> ContractRate | None:
        """The contract's rate for a service; None where the practice gave none."""
        known = [
            rate
            for rate in self.contract_rates
            if (rate.payer_id, rate.hcpcs_code) == (payer_id, hcpcs_code) and rate.holds_on(service_date)
        ]
        return max(known, key=lambda rate: rate.effective_from, default=None)

    def charge_amount_cents(self, hcpcs_code: str, service_date: date) -> int | None:
        """The charge for one unit on a day; None when the practice gave none."""
        known = [
            charge
            for charge in self.charges
            if charge.hcpcs_code == hcpcs_code and charge.effective_from <= service_date
        ]
        return max(known, key=lambda charge: charge.effective_from).charge_amount_cents if known else None


@dataclass(slots=True)
class ReferenceLoader:
    """Reads the small tables one after the other and gathers what was wrong with them."""

    problems: list[RowProblem]
    notes: list[RowNote]
    rejected_ids: set[str]

    def practice(self, layout: Layout, rows: Iterable[RawRow]) -> Practice:
        """The practice. Raises `TableError` unless there is exactly one row, and it can be read."""
        found = list(rows)
        if len(found) != 1:
            raise TableError(f"{layout.file}: {len(found)} rows; the practice table holds exactly one")
        problems: list[RowProblem] = []
        values = RowReader(layout).read_carefully(found[0], problems, self.notes)
        if values is None:
            raise TableError("; ".join(str(problem) for problem in problems))
        (
            organization_id,
            name,
            npi,
            tin,
            taxonomy,
            line,
            city,
            state,
            postal_code,
            phone,
            contact,
            zone,
            submitter,
            complete,
        ) = values
        address = Address(line, city, state, postal_code)
        return Practice(
            organization_id, name, npi, tin, taxonomy, address, phone, contact, zone, submitter, complete
        )

    def sites(self, layout: Layout, rows: Iterable[RawRow], practice: Practice) -> dict[str, Site]:
        """The sites by id."""

        def build(values: Sequence[Any]) -> Site:
            site_id, name, npi, place_of_service, line, city, state, postal_code, zone, locality = values
            address = Address(line, city, state, postal_code)
            return Site(site_id, name, npi, place_of_service, address, zone or practice.time_zone, locality)

        return self._by_id(layout, rows, build, lambda site: site.site_id)

    def staff(
        self, layout: Layout, rows: Iterable[RawRow], sites: Mapping[str, Site]
    ) -> dict[str, StaffMember]:
        """The care team by id."""

        def build(values: Sequence[Any]) -> StaffMember:
            member = StaffMember(*values)
            unknown = [site_id for site_id in member.site_ids if site_id not in sites]
            if unknown:
                raise RowRefused("site_ids", f"ids of the sites table ({self.why_unknown(unknown[0])})")
            return member

        return self._by_id(layout, rows, build, lambda member: member.staff_id)

    def payers(self, layout: Layout, rows: Iterable[RawRow]) -> tuple[dict[str, Payer], dict[str, int]]:
        """The payers by id, and the length of the member ids of those where it is fixed."""
        digits: dict[str, int] = {}

        def build(values: Sequence[Any]) -> Payer:
            *fields, member_id_digits = values
            payer_id, name, pack_id, identifier, behavioral, receiver, limit, attested_from = fields
            if member_id_digits is not None:
                digits[payer_id] = member_id_digits
            receiver = receiver or identifier
            return Payer(payer_id, name, pack_id, identifier, behavioral, receiver, limit, attested_from)

        payers = self._by_id(layout, rows, build, lambda payer: payer.payer_id)
        return payers, {payer_id: length for payer_id, length in digits.items() if payer_id in payers}

    def charges(self, layout: Layout, rows: Iterable[RawRow]) -> tuple[Charge, ...]:
        """The charges, ordered by code and day."""
        charges = self._by_id(
            layout,
            rows,
            lambda values: Charge(*values),
            lambda charge: f"{charge.hcpcs_code} {charge.effective_from}",
        )
        return tuple(charges[key] for key in sorted(charges))

    def contract_rates(
        self, layout: Layout, rows: Iterable[RawRow], payers: Mapping[str, Payer]
    ) -> tuple[ContractRate, ...]:
        """The contract rates, ordered by payer, code and day."""

        def build(values: Sequence[Any]) -> ContractRate:
            rate = ContractRate(*values)
            if rate.payer_id not in payers:
                raise RowRefused("payer_id", f"an id of the payers table ({self.why_unknown(rate.payer_id)})")
            if (rate.rate_amount_cents is None) == (rate.percent_of_medicare_hundredths is None):
                raise RowRefused("rate_amount", "either a rate or a percentage of Medicare's, and not both")
            if rate.effective_to is not None and rate.effective_to <= rate.effective_from:
                raise RowRefused("effective_to", "a day after effective_from, or nothing")
            return rate

        found = self._by_id(
            layout, rows, build, lambda rate: f"{rate.payer_id} {rate.hcpcs_code} {rate.effective_from}"
        )
        return tuple(found[key] for key in sorted(found))

    def reviews_held(
        self, layout: Layout, rows: Iterable[RawRow], staff: Mapping[str, StaffMember]
    ) -> frozenset[tuple[str, int]]:
        """(bhcm id, month index) of each review, of the caseload or of a patient, with a psychiatric consultant.

        A review that names no one, or someone of another role, is no consultation. Only rows without a patient
        are judged here; those of a patient are judged with the patient's other rows.
        """
        reader = RowReader(layout)
        held = set()
        for row in rows:
            is_of_caseload = not layout.cell(row, "patient_id").strip()
            problems, notes = (self.problems, self.notes) if is_of_caseload else ([], [])
            try:
                values = reader.read_plain(row[1])
            except ValueError:
                found = reader.read_carefully(row, problems, notes)
                if found is None:
                    continue
                values = found
            _, reviewed_on, bhcm_id, consultant_id = values
            for column_name, staff_id in (("bhcm_id", bhcm_id), ("psychiatric_consultant_id", consultant_id)):
                if staff_id and staff_id not in staff:
                    refused = RowRefused(
                        column_name, f"an id of the staff table ({self.why_unknown(staff_id)})"
                    )
                    problems.append(reader.refusal(row, refused))
                    break
            else:
                if consultant_id and staff[consultant_id].role is Role.PSYCHIATRIC_CONSULTANT:
                    held.add((bhcm_id, reviewed_on.year * 12 + reviewed_on.month - 1))
                else:
                    notes.append(reader.note(row, "psychiatric_consultant_id", NOTE_NO_CONSULTANT))
        return frozenset(held)

    def why_unknown(self, record_id: str) -> str:
        """Whether an id is missing or its row was rejected."""
        return why_unknown(record_id, self.rejected_ids)

    def _by_id(
        self,
        layout: Layout,
        rows: Iterable[RawRow],
        build: Callable[[Sequence[Any]], Record],
        key_of: Callable[[Record], str],
    ) -> dict[str, Record]:
        reader = RowReader(layout)
        key_column = layout.table.key[0]
        read: dict[str, list[tuple[RawRow, Record]]] = {}
        for count, row in enumerate(rows):
            if count >= REFERENCE_ROWS_MAX:
                raise TableError(
                    f"{layout.file}: more than {REFERENCE_ROWS_MAX} rows; this table is read into memory"
                )
            values = reader.read_carefully(row, self.problems, self.notes)
            try:
                record = build(values) if values is not None else None
            except RowRefused as refused:
                self.problems.append(reader.refusal(row, refused))
                record = None
            if record is None:
                self.rejected_ids.add(layout.cell(row, key_column).strip())
            else:
                read.setdefault(key_of(record), []).append((row, record))
        unique: dict[str, Record] = {}
        for key, found in read.items():
            kept, refusals = without_repeats(found, layout.table.key[-1])
            self.problems.extend(reader.refusal(row, refused) for row, refused in refusals)
            if kept is None:
                self.rejected_ids.add(key)
            else:
                unique[key] = kept
        return unique


def why_unknown(record_id: str, rejected_ids: Iterable[str]) -> str:
    """Whether an id is missing or its row was rejected, in words."""
    return "its row there was rejected" if record_id in rejected_ids else "there is no such row"


def without_repeats(
    found: Sequence[tuple[RawRow, Record]], key_column: str
) -> tuple[Record | None, list[tuple[RawRow, RowRefused]]]:
    """One record of those that share an id: the one they all are, or none when they differ.

    Which of two different rows is meant cannot be known, and the order of rows must not decide it.
    """
    if len(found) == 1:
        return found[0][1], []
    first_row, first = min(found, key=lambda pair: pair[0][0])
    others = [row for row, _ in found if row is not first_row]
    if all(record == first for _, record in found):
        expectation = f"an id that stands once; row {first_row[0]} says the same: delete this one"
        return first, [(row, RowRefused(key_column, expectation)) for row in others]
    numbers = ", ".join(str(row[0]) for row, _ in sorted(found, key=lambda pair: pair[0][0])[:10])
    expectation = f"an id that stands once; rows {numbers} share it and differ: none of them was read"
    return None, [(row, RowRefused(key_column, expectation)) for row, _ in found]
