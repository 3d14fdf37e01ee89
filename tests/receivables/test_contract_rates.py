"""The practice's own contract is what a payment is held against, before any published rate."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from changed_records import change_rows
from closed_practice import ClosedPractice
from remittance_maker import Decided, Line, remittance

from cocm.coding.price import medicare_rate
from cocm.intake.practice import open_practice
from cocm.receivables.expected_rates import expected_rates, site_of
from cocm.receivables.post import post_files
from cocm.receivables.practice_books import BooksRequest, open_books
from cocm.receivables.worklist import WorkItem, WorkKind, worklist

AS_OF = date(2026, 5, 4)
BASE = 18000
HEADER = "payer_id,hcpcs_code,effective_from,effective_to,rate_amount,percent_of_medicare\n"


def contract(closed: ClosedPractice, *rows: str) -> None:
    text = HEADER + "".join(f"{row}\n" for row in rows)
    (closed.folder / "contract_rates.csv").write_text(text, encoding="utf-8")


def underpaid(closed: ClosedPractice, patient_id: str, *lines: Line) -> list[WorkItem]:
    claim = Decided(closed.claim_ids[patient_id], lines, payer_number="ICN1")
    post_files(BooksRequest(closed.folder, AS_OF), [closed.file("a.835", remittance(claim))])
    with open_books(BooksRequest(closed.folder, AS_OF)) as books:
        return [item for item in worklist(books) if item.kind is WorkKind.UNDERPAID]


def allowed(cents: int, code: str = "99493", charge: int = BASE) -> Line:
    return Line(code, charge, (("CO", "45", charge - cents), ("PR", "3", 1000)))


def test_less_than_the_contracts_rate_is_a_finding(closed: ClosedPractice) -> None:
    contract(closed, "PLAN,99493,2026-01-01,,165.00,")
    (item,) = underpaid(closed, "P1", allowed(15000))
    assert item.cents == 1500
    assert "your contract's rate from 2026-01-01" in item.steps[0]


@pytest.mark.parametrize(
    "row",
    [
        "PLAN,99493,2026-01-01,,150.00,",
        "PLAN,99493,2026-04-01,,165.00,",
        "PLAN,99493,2025-01-01,2026-03-01,165.00,",
        "MEDICARE,99493,2026-01-01,,165.00,",
        "PLAN,99492,2026-01-01,,165.00,",
    ],
    ids=["paid as agreed", "not yet", "no more", "another payer", "another code"],
)
def test_what_no_rate_of_the_month_asks_for_is_none(closed: ClosedPractice, row: str) -> None:
    payer_id = next(
        payer_id for payer_id in open_practice(closed.folder).reference.payers if payer_id != "PLAN"
    )
    contract(closed, row.replace("MEDICARE", payer_id))
    assert underpaid(closed, "P1", allowed(15000)) == []


def test_the_later_rate_holds_and_never_more_than_the_charge(closed: ClosedPractice) -> None:
    contract(closed, "PLAN,99493,2025-01-01,,100.00,", "PLAN,99493,2026-03-01,,999.00,")
    (item,) = underpaid(closed, "P1", allowed(15000))
    assert item.cents == BASE - 15000


def test_a_percentage_is_of_medicares_amount_at_the_site(closed: ClosedPractice) -> None:
    contract(closed, "PLAN,99493,2026-01-01,,,100")
    (whole,) = underpaid(closed, "P1", allowed(1500))
    contract(closed, "PLAN,99493,2026-01-01,,,110.5%")
    with open_books(BooksRequest(closed.folder, AS_OF)) as books:
        (more,) = [item for item in worklist(books) if item.kind is WorkKind.UNDERPAID]
    medicare = whole.cents + 1500
    assert more.cents + 1500 == round(medicare * 1.105)
    assert "110.5 % of Medicare by your contract" in more.steps[0]


def test_a_nurse_practitioner_is_paid_85_percent_of_the_fee_schedule(closed: ClosedPractice) -> None:
    lines = (allowed(3000), allowed(2000, "99494", 8000))
    (physician,) = underpaid(closed, "P4", *lines)
    with open_books(BooksRequest(closed.folder, AS_OF)) as books:
        ((rows, _),) = books.accounts(closed.claim_ids["P4"])
        sent = books.sent_claim(rows.claim)
        assert sent is not None and sent.rendering is not None
        nurse = replace(sent, rendering=replace(sent.rendering, taxonomy_code="363L00000X"))
        books.interchanges_read[rows.claim.control_number][rows.claim.claim_id] = nurse
        (item,) = [item for item in worklist(books) if item.kind is WorkKind.UNDERPAID]
    assert abs(item.cents + 5000 - 0.85 * (physician.cents + 5000)) <= 2
    assert "85 % for the rendering practitioner's kind" in item.steps[0]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("OTHER,99493,2026-01-01,,165.00,", "payer_id"),
        ("PLAN,99493,2026-01-01,,165.00,110", "rate_amount"),
        ("PLAN,99493,2026-01-01,,,", "rate_amount"),
        ("PLAN,99493,2026-01-01,2026-01-01,165.00,", "effective_to"),
        ("PLAN,99493,2026-01-01,,,1001", "percent_of_medicare"),
        ("PLAN,99493,2026-01-01,,,much", "percent_of_medicare"),
        ("PLAN,99493,,,165.00,", "effective_from"),
    ],
)
def test_a_wrong_row_is_told_and_left_out(closed: ClosedPractice, row: str, told: str) -> None:
    contract(closed, row)
    with open_practice(closed.folder) as source:
        reference = source.reference
    assert reference.contract_rates == ()
    assert [problem.column for problem in reference.problems] == [told]


def test_rows_that_differ_about_one_day_are_both_left_out(closed: ClosedPractice) -> None:
    contract(closed, "PLAN,99493,2026-01-01,,165.00,", "PLAN,99493,2026-01-01,,170.00,")
    with open_practice(closed.folder) as source:
        assert source.reference.contract_rates == () and len(source.reference.problems) == 2


def test_the_site_is_the_facility_named_else_the_one_that_bills_as_the_practice(
    closed: ClosedPractice,
) -> None:
    with open_books(BooksRequest(closed.folder, AS_OF)) as books:
        ((rows, _),) = books.accounts(closed.claim_ids["P4"])
        sent, reference = books.sent_claim(rows.claim), books.reference
    assert sent is not None
    (site,) = reference.sites.values()
    assert site_of(reference, sent) == site
    other = replace(site, site_id="S2", npi="1000000004")
    both = replace(reference, sites={"S1": site, "S2": other})
    facility = replace(sent.billing, identifier=other.npi)
    assert site_of(both, replace(sent, service_facility=facility)) == other
    assert site_of(both, sent) == site
    assert site_of(replace(reference, sites={"S1": site, "S2": replace(other, npi="")}), sent) is None


def test_a_locality_of_the_site_changes_medicares_amount(closed: ClosedPractice) -> None:
    contract(closed, "PLAN,99493,2025-01-01,,,100")
    change_rows(closed, "sites", {}, fee_locality="01112-05")
    with open_books(BooksRequest(closed.folder, AS_OF)) as books:
        ((rows, _),) = books.accounts(closed.claim_ids["P1"])
        sent = books.sent_claim(rows.claim)
        assert sent is not None
        policy = books.rulebook.pack("cpt").on(date(2025, 3, 31))
        there = expected_rates(books.reference, "PLAN", policy, sent)("99493")
        national = medicare_rate(policy, "99493", "11")
    assert there.amount_cents is not None and national.amount_cents is not None
    assert there.amount_cents > national.amount_cents and "01112-05" in there.basis
