"""The tables of remittances and of professional claims: the columns of each, and where in the guide they come from."""

from __future__ import annotations

from collections.abc import Collection
from itertools import chain
from typing import Final

from cocm.x12.columns.parts import (
    FIRST_DAY,
    LAST_DAY,
    TEXT,
    Companion,
    Part,
    Place,
    TableForm,
    UseName,
    numbered,
)
from cocm.x12.columns.table import Kind
from cocm.x12.guide_parts import Guide

_REPEATS: Final = range(1, 7)
_MODIFIERS: Final = numbered("modifier_{}", last=4)

ENVELOPES: Final = TableForm(
    name="envelopes",
    keys=("interchange", "group", "transaction"),
    columns={
        "tag": TEXT,
        "control_number": TEXT,
        "version": TEXT,
        "sender_type": TEXT,
        "sender": TEXT,
        "receiver_type": TEXT,
        "receiver": TEXT,
        "created_date": Kind.DAY,
        "created_time": TEXT,
        "usage_indicator": TEXT,
        "count": Kind.COUNT,
    },
    parts=(
        Part(
            (),
            {
                "tag": Place(0),
                "control_number": Place(13),
                "version": Place(12),
                "sender_type": Place(5),
                "sender": Place(6),
                "receiver_type": Place(7),
                "receiver": Place(8),
                "created_time": Place(10),
                "usage_indicator": Place(15),
            },
            tag="ISA",
        ),
        Part((), {"tag": Place(0), "control_number": Place(1)}, tag="TA1"),
        Part(
            (),
            {
                "tag": Place(0),
                "control_number": Place(6),
                "version": Place(8),
                "sender": Place(2),
                "receiver": Place(3),
                "created_date": Place(4, 0, "GS04"),
                "created_time": Place(5),
            },
            tag="GS",
        ),
        Part((), {"tag": Place(0), "control_number": Place(2), "version": Place(3)}, tag="ST"),
        *(
            Part((), {"tag": Place(0), "control_number": Place(2), "count": Place(1, 0, f"{tag}01")}, tag=tag)
            for tag in ("SE", "GE", "IEA")
        ),
    ),
)


def _adjustments(uses: tuple[UseName, ...], keys: tuple[str, ...]) -> TableForm:
    return TableForm(
        name="adjustments",
        keys=keys,
        columns={
            "group_code": TEXT,
            "reason_code": TEXT,
            "amount_cents": Kind.CENTS,
            "quantity": Kind.QUANTITY,
        },
        parts=tuple(
            Part(
                uses,
                {
                    "group_code": "group_code",
                    "reason_code": f"reason_{at}",
                    "amount_cents": f"amount_{at}",
                    "quantity": f"quantity_{at}",
                },
                needs=f"reason_{at}",
            )
            for at in _REPEATS
        ),
    )


def _uses_of(guide: Guide, tags: Collection[str], elements: Collection[str] = ()) -> tuple[UseName, ...]:
    """All uses of some tags in a guide that have these elements."""
    return tuple(
        (use.loop_id, use.name)
        for loop in guide.loops.values()
        for use in chain(loop.segments, loop.closing)
        if use.tag in tags and use.by_name.keys() >= set(elements)
    )


def _by_tag(guide: Guide, name: str, tag: str, keys: tuple[str, ...], **places: Place) -> TableForm:
    """A table of all segments of a tag, wherever the guide has them."""
    columns = {"amount_cents": Kind.CENTS, "first_date": FIRST_DAY, "last_date": LAST_DAY}
    return TableForm(
        name=name,
        keys=keys,
        columns={column: columns.get(column, TEXT) for column in places},
        parts=(Part(_uses_of(guide, {tag}), places),),
        has_use=True,
    )


def _references(guide: Guide, keys: tuple[str, ...]) -> TableForm:
    return _by_tag(
        guide, "references", "REF", keys,
        number_type=Place(1), number=Place(2), payer_number_type=Place(4, 1), payer_number=Place(4, 2),
    )  # fmt: skip


def _amounts(guide: Guide, keys: tuple[str, ...]) -> TableForm:
    return _by_tag(
        guide,
        "amounts",
        "AMT",
        keys,
        amount_type=Place(1),
        amount_cents=Place(2, 0, "AMT02", is_required=True),
    )


def _contacts(guide: Guide, keys: tuple[str, ...]) -> TableForm:
    channels = {
        f"{name}_{at}": Place(1 + 2 * at + plus)
        for at in (1, 2, 3)
        for plus, name in enumerate(("channel", "number"))
    }
    return _by_tag(guide, "contacts", "PER", keys, contact_type=Place(1), contact_name=Place(2), **channels)


_NAME: Final = {
    "entity": Place(1),
    "entity_type": Place(2),
    "last_or_organization_name": Place(3),
    "first_name": Place(4),
    "middle_name": Place(5),
    "name_suffix": Place(7),
    "identifier_type": Place(8),
    "identifier": Place(9),
}
_SHORT_NAME: Final = {
    "entity": Place(1),
    "last_or_organization_name": Place(2),
    "identifier_type": Place(3),
    "identifier": Place(4),
}


def _parties(guide: Guide, keys: tuple[str, ...]) -> TableForm:
    streets, cities = _uses_of(guide, {"N3"}), _uses_of(guide, {"N4"})
    numbers = _uses_of(guide, {"REF"}, ("number_type", "number"))
    parts = [Part(_uses_of(guide, {"NM1"}), _NAME)]
    if short := _uses_of(guide, {"N1"}):
        parts.append(Part(short, _SHORT_NAME))
    companions = [
        Companion("street_1", TEXT, streets, "line_1"),
        Companion("street_2", TEXT, streets, "line_2"),
        Companion("city", TEXT, cities, "city"),
        Companion("state", TEXT, cities, "state"),
        Companion("postal_code", TEXT, cities, "postal_code"),
    ]
    if births := _uses_of(guide, {"DMG"}):
        companions += [
            Companion("birth_date", Kind.DAY, births, "birth_date"),
            Companion("sex", TEXT, births, "sex"),
        ]
    if taxonomies := tuple(use for use in _uses_of(guide, {"PRV"}) if use[0] != "2000A"):
        companions.append(Companion("taxonomy_code", TEXT, taxonomies, "taxonomy_code"))
    companions += [
        Companion("employer_number", TEXT, numbers, "number", "number_type", ("EI",)),
        Companion("social_security_number", TEXT, numbers, "number", "number_type", ("SY",)),
    ]
    return TableForm(
        name="parties",
        keys=keys,
        columns=dict.fromkeys(_NAME, TEXT),
        parts=tuple(parts),
        companions=tuple(companions),
        has_use=True,
    )


def other_segments(keys: tuple[str, ...]) -> TableForm:
    """Whatever no other table holds, with what its map calls it, and its tag."""
    return TableForm(name="other_segments", keys=keys, columns={"tag": TEXT}, parts=(), has_use=True)


def remittance_forms(guide: Guide) -> tuple[TableForm, ...]:
    """The tables of remittances."""
    keys = ("transaction", "claim", "line")
    own = ("transaction",)
    return (
        ENVELOPES,
        TableForm(
            name="payments",
            keys=own,
            columns={"control_number": TEXT},
            parts=(Part((("transaction", "transaction_header"),), {"control_number": "control_number"}),),
            companions=(
                *(
                    Companion(column, wanted, (("transaction", "payment"),), element)
                    for column, wanted, element in (
                        ("handling_code", TEXT, "handling"),
                        ("amount_cents", Kind.CENTS, "amount"),
                        ("credit_or_debit", TEXT, "credit_or_debit"),
                        ("method", TEXT, "method"),
                        ("payment_date", Kind.DAY, "date"),
                    )
                ),
                Companion("trace_number", TEXT, (("transaction", "trace"),), "trace_number"),
                Companion("payer_identifier", TEXT, (("transaction", "trace"),), "payer_identifier"),
                Companion("production_date", Kind.DAY, (("transaction", "production_date"),), "date"),
            ),
            extent="header",
            requires=tuple(
                (("transaction", "transaction_header"), use)
                for use in (
                    ("transaction", "payment"),
                    ("transaction", "trace"),
                    ("1000A", "payer_name"),
                    ("1000B", "payee_name"),
                )
            ),
        ),
        TableForm(
            name="claims",
            keys=own,
            columns={
                "claim_id": TEXT,
                "status_code": TEXT,
                "charge_amount_cents": Kind.CENTS,
                "paid_amount_cents": Kind.CENTS,
                "patient_responsibility_amount_cents": Kind.CENTS,
                "claim_filing_code": TEXT,
                "payer_claim_control_number": TEXT,
                "place_of_service_code": TEXT,
                "frequency_code": TEXT,
            },
            parts=(
                Part(
                    (("2100", "claim"),),
                    {
                        "claim_id": "claim_id",
                        "status_code": "status_code",
                        "charge_amount_cents": "charge_amount",
                        "paid_amount_cents": "paid_amount",
                        "patient_responsibility_amount_cents": "patient_responsibility_amount",
                        "claim_filing_code": "claim_filing_code",
                        "payer_claim_control_number": "payer_claim_control_number",
                        "place_of_service_code": "facility_type",
                        "frequency_code": "frequency_code",
                    },
                ),
            ),
            companions=tuple(
                Companion(column, Kind.DAY, (("2100", name),), "date", "kind", codes, takes_last)
                for column, name, codes, takes_last in (
                    ("statement_from_date", "statement_date", ("232",), True),
                    ("statement_to_date", "statement_date", ("233",), True),
                    ("received_date", "received_date", (), False),
                )
            ),
            extent="claim",
            requires=((("2100", "claim"), ("2100", "patient_name")),),
        ),
        TableForm(
            name="lines",
            keys=("transaction", "claim"),
            columns={
                "code_type": TEXT,
                "hcpcs_code": TEXT,
                **dict.fromkeys(_MODIFIERS, TEXT),
                "charge_amount_cents": Kind.CENTS,
                "paid_amount_cents": Kind.CENTS,
                "paid_quantity": Kind.QUANTITY,
                "submitted_hcpcs_code": TEXT,
            },
            parts=(
                Part(
                    (("2110", "service"),),
                    {
                        "code_type": "code_type",
                        "hcpcs_code": "hcpcs_code",
                        **{name: name for name in _MODIFIERS},
                        "charge_amount_cents": "charge_amount",
                        "paid_amount_cents": "paid_amount",
                        "paid_quantity": "paid_quantity",
                        "submitted_hcpcs_code": "submitted_hcpcs_code",
                    },
                ),
            ),
            companions=(
                *(
                    Companion(
                        column, Kind.DAY, (("2110", "service_date"),), "date", "kind", codes, takes_last=True
                    )
                    for column, codes in (
                        ("service_from_date", ("150", "472")),
                        ("service_to_date", ("151", "472")),
                    )
                ),
                Companion("line_control_number", TEXT, (("2110", "line_control_number"),), "number"),
                Companion(
                    "allowed_amount_cents",
                    Kind.CENTS,
                    (("2110", "service_amount"),),
                    "amount",
                    "amount_type",
                    ("B6",),
                ),
            ),
            extent="line",
        ),
        _adjustments((("2100", "claim_adjustments"), ("2110", "service_adjustments")), keys),
        TableForm(
            name="remarks",
            keys=keys,
            columns={"code_type": TEXT, "remark_code": TEXT},
            parts=(
                *(
                    Part(((("2100"), name),), {"remark_code": f"remark_{at}"}, needs=f"remark_{at}")
                    for name in ("inpatient_adjudication", "outpatient_adjudication")
                    for at in range(1, 6)
                ),
                Part((("2110", "service_remark"),), {"code_type": "code_type", "remark_code": "remark"}),
            ),
        ),
        TableForm(
            name="provider_adjustments",
            keys=own,
            columns={
                "provider_identifier": TEXT,
                "fiscal_year_end": Kind.DAY,
                "reason_code": TEXT,
                "reference": TEXT,
                "amount_cents": Kind.CENTS,
            },
            parts=tuple(
                Part(
                    (("transaction", "provider_adjustments"),),
                    {
                        "provider_identifier": "provider_identifier",
                        "fiscal_year_end": "fiscal_year_end",
                        "reason_code": f"reason_{at}",
                        "reference": f"reference_{at}",
                        "amount_cents": f"amount_{at}",
                    },
                    needs=f"reason_{at}",
                )
                for at in _REPEATS
            ),
        ),
        _references(guide, keys),
        _amounts(guide, keys),
        _by_tag(
            guide, "dates", "DTM", keys, kind=Place(1), first_date=Place(2, 0, "DTM02", is_required=True)
        ),
        _parties(guide, keys),
        _contacts(guide, keys),
        other_segments(keys),
    )


def claim_forms(guide: Guide) -> tuple[TableForm, ...]:
    """The tables of professional claims."""
    keys = ("transaction", "level", "claim", "line")
    return (
        ENVELOPES,
        TableForm(
            name="levels",
            keys=("transaction", "parent"),
            columns={"level_number": TEXT, "parent_number": TEXT, "level_code": TEXT, "has_children": TEXT},
            parts=(
                Part(
                    tuple(
                        (loop_id, name)
                        for loop_id, name in (
                            ("2000A", "billing_level"),
                            ("2000B", "subscriber_level"),
                            ("2000C", "patient_level"),
                        )
                    ),
                    {
                        "level_number": Place(1),
                        "parent_number": Place(2),
                        "level_code": Place(3),
                        "has_children": Place(4),
                    },
                ),
            ),
            companions=(
                *(
                    Companion(name, TEXT, (("2000B", "subscriber"),), name)
                    for name in (
                        "payer_sequence",
                        "group_number",
                        "group_name",
                        "insurance_type",
                        "claim_filing_code",
                    )
                ),
                Companion("subscriber_relationship", TEXT, (("2000B", "subscriber"),), "relationship"),
                Companion("patient_relationship", TEXT, (("2000C", "patient"),), "relationship"),
                Companion("taxonomy_code", TEXT, (("2000A", "billing_taxonomy"),), "taxonomy_code"),
            ),
            extent="row",
            requires=(
                (("2000A", "billing_level"), ("2010AA", "billing_name")),
                (("2000B", "subscriber_level"), ("2010BA", "subscriber_name")),
                (("2000B", "subscriber_level"), ("2010BB", "payer_name")),
                (("2000C", "patient_level"), ("2010CA", "patient_name")),
            ),
        ),
        TableForm(
            name="claims",
            keys=("transaction", "billing_level", "subscriber_level", "patient_level"),
            columns={
                "claim_id": TEXT,
                "charge_amount_cents": Kind.CENTS,
                "place_of_service_code": TEXT,
                "frequency_code": TEXT,
            },
            parts=(
                Part(
                    (("2300", "claim"),),
                    {
                        "claim_id": "claim_id",
                        "charge_amount_cents": "charge_amount",
                        "place_of_service_code": "place_of_service_code",
                        "frequency_code": "frequency_code",
                    },
                ),
            ),
            companions=(
                Companion(
                    "payer_claim_control_number", TEXT, (("2300", "payer_claim_control_number"),), "number"
                ),
            ),
            extent="claim",
        ),
        TableForm(
            name="lines",
            keys=("transaction", "claim"),
            columns={"claim_line_number": Kind.COUNT},
            parts=(Part((("2400", "line_number"),), {"claim_line_number": "line_number"}),),
            companions=(
                *(
                    Companion(column, wanted, (("2400", "service"),), element)
                    for column, wanted, element in (
                        ("code_type", TEXT, "code_type"),
                        ("hcpcs_code", TEXT, "hcpcs_code"),
                        *((name, TEXT, name) for name in _MODIFIERS),
                        ("charge_amount_cents", Kind.CENTS, "charge_amount"),
                        ("unit", TEXT, "unit"),
                        ("service_unit_quantity", Kind.QUANTITY, "quantity"),
                        ("place_of_service_code", TEXT, "place_of_service_code"),
                        *((name, Kind.COUNT, name) for name in numbered("pointer_{}", last=4)),
                    )
                ),
                Companion("service_from_date", FIRST_DAY, (("2400", "service_date"),), "date"),
                Companion("service_to_date", LAST_DAY, (("2400", "service_date"),), "date"),
                Companion("line_control_number", TEXT, (("2400", "line_control_number"),), "number"),
            ),
            extent="line",
            requires=(
                (("2400", "line_number"), ("2400", "service")),
                (("2400", "line_number"), ("2400", "service_date")),
            ),
        ),
        TableForm(
            name="diagnoses",
            keys=("claim",),
            columns={"code_type": TEXT, "diagnosis_code": TEXT},
            parts=tuple(
                Part(
                    (("2300", "diagnoses"),),
                    {"code_type": Place(at, 1), "diagnosis_code": Place(at, 2)},
                    needs=f"code_{at}",
                )
                for at in range(1, 13)
            ),
        ),
        TableForm(
            name="other_payers",
            keys=("claim",),
            columns={
                "payer_sequence": TEXT,
                "relationship": TEXT,
                "group_number": TEXT,
                "group_name": TEXT,
                "insurance_type": TEXT,
                "claim_filing_code": TEXT,
            },
            parts=(
                Part(
                    (("2320", "other_coverage"),),
                    {
                        name: name
                        for name in (
                            "payer_sequence",
                            "relationship",
                            "group_number",
                            "group_name",
                            "insurance_type",
                            "claim_filing_code",
                        )
                    },
                ),
            ),
            companions=(
                Companion("paid_amount_cents", Kind.CENTS, (("2320", "payer_paid"),), "amount"),
                Companion("noncovered_amount_cents", Kind.CENTS, (("2320", "total_noncovered"),), "amount"),
                Companion("remaining_amount_cents", Kind.CENTS, (("2320", "remaining_liability"),), "amount"),
            ),
        ),
        TableForm(
            name="line_adjudications",
            keys=("claim", "line"),
            columns={
                "payer_identifier": TEXT,
                "paid_amount_cents": Kind.CENTS,
                "hcpcs_code": TEXT,
                "paid_quantity": Kind.QUANTITY,
            },
            parts=(
                Part(
                    (("2430", "line_adjudication"),),
                    {
                        "payer_identifier": "payer_number",
                        "paid_amount_cents": "paid_amount",
                        "hcpcs_code": "hcpcs_code",
                        "paid_quantity": "paid_quantity",
                    },
                ),
            ),
            requires=((("2430", "line_adjudication"), ("2430", "line_adjudication_date")),),
        ),
        _adjustments((("2320", "claim_adjustments"), ("2430", "line_adjustments")), ("claim", "line")),
        _references(guide, keys),
        _amounts(guide, keys),
        _by_tag(
            guide, "dates", "DTP", keys,
            kind=Place(1), format=Place(2), first_date=Place(3, 0, "DTP03"), last_date=Place(3, 0, "DTP03"),
        ),
        _parties(guide, keys),
        _contacts(guide, keys),
        other_segments(keys),
    )  # fmt: skip
