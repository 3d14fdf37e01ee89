"""The tables of the columnar reader say the same as the records, on files of many forms."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import chain
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from remittance_samples import REMITTANCE
from table_samples import CLAIM_SEGMENTS, files

from cocm.basics.errors import X12Error
from cocm.x12 import read_835, read_837p
from cocm.x12.claim_record import ClaimRecord, PartyRecord
from cocm.x12.columns import (
    ClaimTables,
    RemittanceTables,
    iter_tables_835,
    iter_tables_837p,
    tables_835,
    tables_837p,
)
from cocm.x12.problem import ProblemKind
from cocm.x12.remittance_record import Adjustment, ClaimPayment
from cocm.x12.tokens import read_segments

Row = dict[str, Any]
END = REMITTANCE.index(b"GE*1*42~")
MANY_FORMS = settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


class Rows:
    """A file's tables as rows, by what they belong to."""

    def __init__(self, tables: ClaimTables | RemittanceTables) -> None:
        self.all = {table.name: list(table.rows()) for table in tables.tables()}

    def of(self, table: str, **keys: int | None) -> list[Row]:
        return [
            {**row, "at": at}
            for at, row in enumerate(self.all[table])
            if all(row[name] == key for name, key in keys.items())
        ]


def party_of(row: Row) -> tuple[Any, ...]:
    return (
        row["entity_type"] == "1",
        *(row[name] for name in ("last_or_organization_name", "first_name", "middle_name", "name_suffix")),
        row["identifier_type"],
        row["identifier"],
    )


def said_of(party: PartyRecord) -> tuple[Any, ...]:
    return (
        party.is_person,
        party.last_or_organization_name,
        party.first_name,
        party.middle_name,
        party.name_suffix,
        party.identifier_type,
        party.identifier,
    )


def adjustments_of(rows: list[Row]) -> list[tuple[Any, ...]]:
    return [(row["group_code"], row["reason_code"], row["amount_cents"], row["quantity"]) for row in rows]


def said_of_adjustments(adjustments: tuple[Adjustment, ...]) -> list[tuple[Any, ...]]:
    return [(one.group_code, one.reason_code, one.amount_cents, one.quantity) for one in adjustments]


def check_remittances(data: bytes, tables: RemittanceTables) -> None:
    """Every payment, claim, line and adjustment of the records is in the tables, and nothing else."""
    rows, claim_key, line_key = Rows(tables), 0, 0
    records = list(read_835(data))
    assert len(records) == len(rows.all["payments"])
    for key, record in enumerate(records):
        (payment,) = [row for at, row in enumerate(rows.all["payments"]) if at == key]
        sign = -1 if payment["credit_or_debit"] == "D" else 1
        assert sign * payment["amount_cents"] == record.paid_amount_cents
        for name in (
            "handling_code",
            "method",
            "payment_date",
            "trace_number",
            "payer_identifier",
            "production_date",
        ):
            assert payment[name] == getattr(record, name), name
        assert (payment["control_number"], payment["start"]) == (
            record.transaction_control_number,
            record.start,
        )
        payer = rows.of("parties", transaction=key, segment="payer_name")[0]
        assert party_of(payer) == said_of(record.payer)
        assert record.payer.address is None or (payer["city"], payer["postal_code"]) == (
            record.payer.address.city,
            record.payer.address.postal_code,
        )
        moved = rows.of("provider_adjustments", transaction=key)
        assert [
            (row["reason_code"], row["reference"], row["amount_cents"], row["fiscal_year_end"])
            for row in moved
        ] == [
            (one.reason_code, one.reference, one.amount_cents, one.fiscal_year_end)
            for one in record.provider_adjustments
        ]
        claims = rows.of("claims", transaction=key)
        assert [row["at"] for row in claims] == list(range(claim_key, claim_key + len(record.claims)))
        for row, claim in zip(claims, record.claims, strict=True):
            check_paid_claim(rows, row, claim, line_key)
            claim_key, line_key = claim_key + 1, line_key + len(claim.lines)
    assert (claim_key, line_key) == (len(tables.claims), len(tables.lines))


def check_paid_claim(rows: Rows, row: Row, claim: ClaimPayment, first_line: int) -> None:
    for name in (
        "claim_id", "status_code", "charge_amount_cents", "paid_amount_cents", "claim_filing_code",
        "payer_claim_control_number", "place_of_service_code", "frequency_code", "statement_from_date",
        "statement_to_date", "received_date", "start", "end",
    ):  # fmt: skip
        assert row[name] == getattr(claim, name), name
    assert (row["patient_responsibility_amount_cents"] or 0) == claim.patient_responsibility_amount_cents
    key = row["at"]
    patient = rows.of("parties", claim=key, segment="patient_name")[0]
    assert party_of(patient) == said_of(claim.patient)
    assert adjustments_of(rows.of("adjustments", claim=key, line=None)) == said_of_adjustments(
        claim.adjustments
    )
    assert [one["remark_code"] for one in rows.of("remarks", claim=key, line=None)] == list(
        claim.remark_codes
    )
    lines = rows.of("lines", claim=key)
    assert [one["at"] for one in lines] == list(range(first_line, first_line + len(claim.lines)))
    for one, line in zip(lines, claim.lines, strict=True):
        for name in (
            "hcpcs_code", "submitted_hcpcs_code", "charge_amount_cents", "paid_amount_cents", "paid_quantity",
            "service_from_date", "service_to_date", "line_control_number", "allowed_amount_cents", "start", "end",
        ):  # fmt: skip
            assert one[name] == getattr(line, name), name
        assert tuple(filter(None, (one[f"modifier_{at}"] for at in (1, 2, 3, 4)))) == line.modifiers
        assert adjustments_of(rows.of("adjustments", line=one["at"])) == said_of_adjustments(line.adjustments)
        assert [row["remark_code"] for row in rows.of("remarks", line=one["at"])] == list(line.remark_codes)


def check_professional(data: bytes, tables: ClaimTables) -> None:
    """Every claim, line, level and party of the records is in the tables, and nothing else."""
    rows, line_key = Rows(tables), 0
    records = list(read_837p(data))
    assert len(records) == len(tables.claims)
    for key, (row, record) in enumerate(zip(tables.claims.rows(), records, strict=True)):
        for name in (
            "claim_id", "charge_amount_cents", "place_of_service_code", "frequency_code",
            "payer_claim_control_number", "start", "end",
        ):  # fmt: skip
            assert row[name] == getattr(record, name), name
        check_levels(rows, row, record)
        first = [one["start"] for one in rows.of("diagnoses", claim=key)][:1]
        codes = [one["diagnosis_code"] for one in rows.of("diagnoses", claim=key) if [one["start"]] == first]
        assert tuple(codes) == record.diagnosis_codes
        rendering = rows.of("parties", claim=key, loop="2310B")
        assert (said_of(record.rendering) if record.rendering else None) == next(
            map(party_of, rendering), None
        )
        assert [party_of(one) for one in rows.of("parties", claim=key, loop="2310A")] == [
            said_of(one) for one in record.referring
        ]
        lines = rows.of("lines", claim=key)
        assert [one["at"] for one in lines] == list(range(line_key, line_key + len(record.lines)))
        for one, line in zip(lines, record.lines, strict=True):
            for name in (
                "claim_line_number", "hcpcs_code", "charge_amount_cents", "unit", "service_unit_quantity",
                "place_of_service_code", "service_from_date", "service_to_date", "line_control_number", "start", "end",
            ):  # fmt: skip
                assert one[name] == getattr(line, name), name
            pointers = [one[f"pointer_{at}"] for at in (1, 2, 3, 4)]
            assert tuple(at for at in pointers if at is not None) == line.diagnosis_pointers
        line_key += len(lines)
    assert line_key == len(tables.lines)


def check_levels(rows: Rows, row: Row, record: ClaimRecord) -> None:
    """The levels a claim stands under, and the parties in them."""
    subscriber = rows.all["levels"][row["subscriber_level"]]
    for name in ("payer_sequence", "group_number", "claim_filing_code"):
        assert subscriber[name] == getattr(record, name), name
    relationship = subscriber["subscriber_relationship"]
    if row["patient_level"] is not None:
        relationship = rows.all["levels"][row["patient_level"]]["patient_relationship"]
        assert rows.all["levels"][row["patient_level"]]["parent"] == row["subscriber_level"]
    assert relationship == record.relationship_code
    assert subscriber["parent"] == row["billing_level"]
    for level, loop, party in (
        ("billing_level", "2010AA", record.billing),
        ("subscriber_level", "2010BA", record.subscriber),
        ("subscriber_level", "2010BB", record.payer),
    ):
        found, *again = [
            one for one in rows.of("parties", level=row[level], loop=loop) if one["start"] < row["start"]
        ]
        assert party_of(found) == said_of(party)
        assert found["birth_date"] == party.birth_date
        if again:
            continue  # a billing provider who stands twice is one party for the record and two rows here
        if party.address is not None:
            assert (found["city"], found["state"]) == (party.address.city, party.address.state)
        assert (found["employer_number"] or found["social_security_number"]) == party.tin
    taxonomy = rows.all["levels"][row["billing_level"]]["taxonomy_code"]
    assert taxonomy == record.billing.taxonomy_code


def agrees(data: bytes, kind: str) -> None:
    """Tables and records agree wherever the records can be read; where they cannot, the tables tell problems."""
    check: Callable[..., None] = check_remittances if kind == "835" else check_professional
    make: Callable[..., Any] = tables_835 if kind == "835" else tables_837p
    tables = make(data)
    check_reachable(data, tables)
    try:
        check(data, tables)
    except X12Error:
        assert tables.problems, "what the records refuse is told"


def check_reachable(data: bytes, tables: ClaimTables | RemittanceTables) -> None:
    """No byte of any segment is out of every table's reach."""
    spans = sorted(
        (start, end)
        for table in tables.tables()
        for start, end in zip(table["start"], table["end"], strict=True)
    )
    reached, at = 0, 0
    for segment in read_segments(data):
        while at < len(spans) and spans[at][0] <= segment.start:
            reached, at = max(reached, spans[at][1]), at + 1
        assert segment.end <= reached, segment.tag


@MANY_FORMS
@given(files("835"))
def test_remittance_tables_say_what_the_records_say(data: bytes) -> None:
    agrees(data, "835")


@MANY_FORMS
@given(files("837"))
def test_claim_tables_say_what_the_records_say(data: bytes) -> None:
    agrees(data, "837")


def _file_of(segments: Sequence[str]) -> bytes:
    """A file of one transaction."""
    around = [
        "ISA*00*          *00*          *ZZ*GHP01          *ZZ*LAKESIDE01     *260501*1200*^*00501*000000042*0*P*:",
        "GS*HC*GHP01*LAKESIDE01*20260501*1200*1*X*005010X222A1",
        "ST*837*0001*005010X222A1",
        *segments,
        f"SE*{len(segments) + 2}*0001",
        "GE*1*1",
        "IEA*1*000000042",
    ]
    return ("~".join(around) + "~").encode()


def test_a_decision_without_its_date_is_told() -> None:
    decision = next(one for one in CLAIM_SEGMENTS if one.startswith("SVD*"))
    at = CLAIM_SEGMENTS.index(decision)
    data = _file_of([*CLAIM_SEGMENTS[:at], decision, *CLAIM_SEGMENTS[at:]])
    agrees(data, "837")
    assert any("2430" in str(problem) for problem in tables_837p(data).problems)


def test_a_subscriber_named_in_the_patients_level_is_the_subscribers() -> None:
    segments = list(CLAIM_SEGMENTS)
    holder = segments.pop(segments.index("NM1*IL*1*LEE*MORGAN****MI*GHP000000002"))
    segments.insert(segments.index("PAT*19"), holder)
    data = _file_of(segments)
    agrees(data, "837")
    rows = Rows(tables_837p(data))
    (party,) = rows.of("parties", identifier="GHP000000002")
    assert rows.all["levels"][party["level"]]["level_number"] == "3"


def test_blocks_and_the_whole_file_have_the_same_rows() -> None:
    for name, data in (("835", many_payments(40)), ("837", many_claims(60))):
        whole = tables_835(data) if name == "835" else tables_837p(data)
        iterate = iter_tables_835 if name == "835" else iter_tables_837p
        pieces = list(iterate(io.BytesIO(data), block_bytes=2000))
        assert len(pieces) > 5
        for table in whole.tables():
            rows = list(chain.from_iterable(getattr(piece, table.name).rows() for piece in pieces))
            assert rows == list(table.rows()), table.name
        assert whole.problems == tuple(chain.from_iterable(piece.problems for piece in pieces)) == ()


def test_a_small_block_grows_until_a_whole_row_fits() -> None:
    data = many_claims(3)
    (piece, *others) = iter_tables_837p(data, block_bytes=1)
    assert len(piece.claims) <= 1
    assert sum(len(one.claims) for one in (piece, *others)) == 9


@pytest.mark.parametrize(
    ("old", "new", "kind", "element"),
    [
        ("SVC*HC:99492*160.32*", "SVC*HC:99492*160.3x*", ProblemKind.WRONG_VALUE, "SVC02"),
        ("SVC*HC:99492*160.32*", "SVC*HC:99492*160.321*", ProblemKind.WRONG_VALUE, "SVC02"),
        ("SVC*HC:99492*160.32*", "SVC*HC:99492**", ProblemKind.MISSING_ELEMENT, "SVC02"),
        ("DTM*472*20260331", "DTM*472*20260231", ProblemKind.WRONG_VALUE, "DTM02"),
        ("CAS*CO*45*14~", "CAS*CO*45*1E3~", ProblemKind.WRONG_VALUE, "CAS03"),
        ("CAS*CO*45*14~", "CAS*CO*45*15~", ProblemKind.BALANCE, "SVC03"),
        ("*284.32*200.06*", "*284.32*200.07*", ProblemKind.BALANCE, "CLP04"),
        ("BPR*I*170.06*", "BPR*I*171.06*", ProblemKind.BALANCE, "BPR02"),
        ("SE*47*", "SE*48*", ProblemKind.COUNT, "SE01"),
        ("GE*1*42~", "GE*1*43~", ProblemKind.CONTROL_NUMBER, "GE02"),
        ("LQ*HE*N130~", "LQ*HE*N130~ZZZ*1~", ProblemKind.UNEXPECTED_SEGMENT, ""),
        ("835*0001~", "835*0001*005010X222A1~", ProblemKind.UNKNOWN_GUIDE, "ST03"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(old: str, new: str, kind: ProblemKind, element: str) -> None:
    data = REMITTANCE.replace(old.encode(), new.encode(), 1)
    found = [problem for problem in tables_835(data).problems if problem.kind is kind]
    assert element in [problem.element for problem in found]
    assert all(data[problem.byte_offset :][:2].isalpha() for problem in found)


def test_a_file_that_breaks_off_is_read_up_to_there_and_told() -> None:
    tables = tables_835(REMITTANCE[:-100])
    assert len(tables.claims) == 3
    assert {problem.kind for problem in tables.problems} >= {ProblemKind.UNREADABLE, ProblemKind.ENVELOPE}


@pytest.mark.parametrize("data", [b"", b"   ", b"hello", b"ISA*00*", b"\x00" * 500, REMITTANCE[3:]])
def test_what_is_no_interchange_is_refused(data: bytes) -> None:
    with pytest.raises(X12Error):
        tables_835(data)


@pytest.mark.parametrize(
    "inner",
    [
        b"~" * 5000,
        b"HL" * 40_000 + b"~",
        b"*" * 300 + b"~",
        b"IEA*~" * 2000,
        b"\r\n" * 9000 + b"~",
        b"\xff\xfe\x00~" * 500,
        b"CLP" + b"*" * 190 + b"~",
        b"SVC*" + b":" * 3000 + b"*" + b"9" * 3000 + b"~",
        b"DTM*472*" + "２０２６０３３１".encode() + b"~",
        b"CAS*CO*45*99999999999999999999*-~",
        b"ST*835~" * 50,
        b" clp *1*1*1*1~" * 50,
    ],
    ids=range(12),
)
def test_hostile_bytes_end_in_tables_and_problems(inner: bytes) -> None:
    at = REMITTANCE.index(b"CLP*")
    tables = tables_835(REMITTANCE[:at] + inner + REMITTANCE[at:])
    assert tables.problems
    for table in tables.tables():
        list(table.rows())


def test_amounts_of_every_form_are_whole_cents() -> None:
    amounts = (
        "0",
        "1",
        "-1",
        ".5",
        "5.",
        "0.05",
        "-.25",
        "12345678",
        "123456789",
        "1234567890.12",
        "00012.30",
        "-0",
    )
    for amount in amounts:
        data = REMITTANCE.replace(b"AMT*B6*110~", f"AMT*B6*{amount}~".encode())
        assert tables_835(data).lines["allowed_amount_cents"][1] == int(Decimal(amount) * 100), amount


def test_tables_become_arrow_tables() -> None:
    arrow = tables_835(REMITTANCE).to_arrow()
    lines = arrow["lines"].to_pylist()
    assert [line["hcpcs_code"] for line in lines] == ["99492", "99494", "99493"]
    assert [line["charge_amount_cents"] for line in lines] == [16032, 12400, 15047]
    assert [line["paid_quantity"] for line in lines] == [Decimal(1), Decimal(2), Decimal(0)]
    assert lines[2]["allowed_amount_cents"] is None and lines[2]["modifier_1"] is None
    assert str(lines[0]["service_from_date"]) == "2026-03-31"
    for name, table in arrow.items():
        assert table.num_rows == len(getattr(tables_835(REMITTANCE), name))


def many_payments(count: int) -> bytes:
    head, body, end = REMITTANCE[:161], REMITTANCE[161:END], REMITTANCE[END:]
    assert body.endswith(b"0001~") and body.startswith(b"ST")
    transactions = (body.replace(b"*0001~", b"*%04d~" % at) for at in range(1, count + 1))
    return head + b"".join(transactions) + end.replace(b"GE*1*", b"GE*%d*" % count)


def many_claims(count: int) -> bytes:
    head = REMITTANCE[:161].replace(b"HP*GHP01", b"HC*GHP01").replace(b"X221A1", b"X222A1")
    inner = CLAIM_SEGMENTS
    body = "".join(
        f"ST*837*{at:04d}*005010X222A1~{'~'.join(inner)}~SE*{len(inner) + 2}*{at:04d}~"
        for at in range(1, count + 1)
    )
    return head + body.encode() + f"GE*{count}*42~IEA*1*000000042~".encode()


def test_numpy_is_imported_only_when_tables_are_asked_for() -> None:
    code = (
        "import sys, cocm.x12; assert 'numpy' not in sys.modules; cocm.x12.tables_835; "
        "assert 'numpy' in sys.modules and 'pyarrow' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
