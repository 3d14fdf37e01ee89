"""The X12 wire: one map a guide; what is written, read and checked goes by the same map.

Importing this package imports none of its modules: each name is fetched when it is first asked for (PEP 562), so that
one reader starts without the others, and only the columnar reader needs NumPy.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

# The same names once more for editors and type checkers; a test holds the two lists to each other.
if TYPE_CHECKING:
    from cocm.x12.acknowledgment import read_999, read_ta1, write_999, write_ta1
    from cocm.x12.acknowledgment_build import acknowledge_groups, acknowledge_interchanges
    from cocm.x12.acknowledgment_record import (
        ElementNote,
        GroupAcknowledgment,
        InterchangeAcknowledgment,
        NoteContext,
        SegmentNote,
        TransactionResponse,
    )
    from cocm.x12.attachment import read_275, write_275
    from cocm.x12.attachment_record import AttachedDocument, Attachment, AttachmentPartner, DocumentForm
    from cocm.x12.claim_acknowledgment import read_277ca, write_277ca
    from cocm.x12.claim_acknowledgment_build import ClaimDecision, acknowledge_claims, decide_claims
    from cocm.x12.claim_acknowledgment_record import (
        AcknowledgedBatch,
        AcknowledgedClaim,
        AcknowledgedLine,
        AcknowledgedProvider,
        AcknowledgmentTotals,
        ClaimAcknowledgment,
    )
    from cocm.x12.claim_conversion import claim_from_record, envelope_from_transmission
    from cocm.x12.claim_reader import read_837p
    from cocm.x12.claim_record import (
        ClaimRecord,
        LineRecord,
        OtherPayerRecord,
        PartyRecord,
        PlacedSegment,
        Transmission,
        UnreadableClaim,
    )
    from cocm.x12.claim_status import read_276, read_277, write_276, write_277
    from cocm.x12.claim_status_record import (
        ClaimStatus,
        ClaimStatusLine,
        ClaimStatusRecord,
        StatusAsked,
        StatusMember,
        StatusProvider,
        StatusReceiver,
        StatusSource,
    )
    from cocm.x12.columns import (
        ClaimTables,
        RemittanceTables,
        iter_tables_835,
        iter_tables_837p,
        tables_835,
        tables_837p,
    )
    from cocm.x12.eligibility_reader import read_270, read_271
    from cocm.x12.eligibility_record import (
        Asked,
        Benefit,
        BenefitDelivery,
        BenefitEntity,
        BenefitInquiry,
        BenefitPlace,
        EligibilityMember,
        EligibilityReceiver,
        EligibilityRecord,
        EligibilitySource,
        MemberRelationship,
        Rejection,
        TraceRecord,
    )
    from cocm.x12.eligibility_writer import write_270, write_271
    from cocm.x12.envelope import Envelope
    from cocm.x12.information_request import read_277_request, write_277_request
    from cocm.x12.information_request_record import (
        AnswerPlace,
        InformationRequest,
        Requested,
        RequestedClaim,
        RequestedLine,
        RequestedPatient,
        RequestedProvider,
    )
    from cocm.x12.loop_tree import LoopNode, Origin, TransactionTree
    from cocm.x12.problem import Problem, ProblemKind
    from cocm.x12.professional import (
        Transaction,
        WriteResult,
        professional_transaction,
        write_837p,
        write_transactions,
    )
    from cocm.x12.record_writer import write_records
    from cocm.x12.remittance_reader import read_835
    from cocm.x12.remittance_record import (
        Adjustment,
        ClaimPayment,
        PaymentAccounts,
        ProviderAdjustment,
        RemittanceRecord,
        ServicePayment,
    )
    from cocm.x12.remittance_writer import write_835
    from cocm.x12.status_record import StatusCode, StatusRecord
    from cocm.x12.tokens import Delimiters, Segment, read_segments
    from cocm.x12.tree_reader import Detected, detect, read_transactions
    from cocm.x12.tree_writer import LoopValues, SegmentValues, Written, values_of, write_trees
    from cocm.x12.validate import validate, validate_835, validate_837p
    from cocm.x12.wire_parts import AmountRecord, ContactRecord, DateSpan, Reference

__all__ = [
    "AcknowledgedBatch",
    "AcknowledgedClaim",
    "AcknowledgedLine",
    "AcknowledgedProvider",
    "AcknowledgmentTotals",
    "Adjustment",
    "AmountRecord",
    "AnswerPlace",
    "Asked",
    "AttachedDocument",
    "Attachment",
    "AttachmentPartner",
    "Benefit",
    "BenefitDelivery",
    "BenefitEntity",
    "BenefitInquiry",
    "BenefitPlace",
    "ClaimAcknowledgment",
    "ClaimDecision",
    "ClaimPayment",
    "ClaimRecord",
    "ClaimStatus",
    "ClaimStatusLine",
    "ClaimStatusRecord",
    "ClaimTables",
    "ContactRecord",
    "DateSpan",
    "Delimiters",
    "Detected",
    "DocumentForm",
    "ElementNote",
    "EligibilityMember",
    "EligibilityReceiver",
    "EligibilityRecord",
    "EligibilitySource",
    "Envelope",
    "GroupAcknowledgment",
    "InformationRequest",
    "InterchangeAcknowledgment",
    "LineRecord",
    "LoopNode",
    "LoopValues",
    "MemberRelationship",
    "NoteContext",
    "Origin",
    "OtherPayerRecord",
    "PartyRecord",
    "PaymentAccounts",
    "PlacedSegment",
    "Problem",
    "ProblemKind",
    "ProviderAdjustment",
    "Reference",
    "Rejection",
    "RemittanceRecord",
    "RemittanceTables",
    "Requested",
    "RequestedClaim",
    "RequestedLine",
    "RequestedPatient",
    "RequestedProvider",
    "Segment",
    "SegmentNote",
    "SegmentValues",
    "ServicePayment",
    "StatusAsked",
    "StatusCode",
    "StatusMember",
    "StatusProvider",
    "StatusReceiver",
    "StatusRecord",
    "StatusSource",
    "TraceRecord",
    "Transaction",
    "TransactionResponse",
    "TransactionTree",
    "Transmission",
    "UnreadableClaim",
    "WriteResult",
    "Written",
    "acknowledge_claims",
    "acknowledge_groups",
    "acknowledge_interchanges",
    "claim_from_record",
    "decide_claims",
    "detect",
    "envelope_from_transmission",
    "iter_tables_835",
    "iter_tables_837p",
    "professional_transaction",
    "read_270",
    "read_271",
    "read_275",
    "read_276",
    "read_277",
    "read_277_request",
    "read_277ca",
    "read_835",
    "read_837p",
    "read_999",
    "read_segments",
    "read_ta1",
    "read_transactions",
    "tables_835",
    "tables_837p",
    "validate",
    "validate_835",
    "validate_837p",
    "values_of",
    "write_270",
    "write_271",
    "write_275",
    "write_276",
    "write_277",
    "write_277_request",
    "write_277ca",
    "write_835",
    "write_837p",
    "write_999",
    "write_records",
    "write_ta1",
    "write_transactions",
    "write_trees",
]

# Where each name comes from.
_MODULES: Final = {
    "AcknowledgedBatch": "claim_acknowledgment_record",
    "AcknowledgedClaim": "claim_acknowledgment_record",
    "AcknowledgedLine": "claim_acknowledgment_record",
    "AcknowledgedProvider": "claim_acknowledgment_record",
    "AcknowledgmentTotals": "claim_acknowledgment_record",
    "Adjustment": "remittance_record",
    "AmountRecord": "wire_parts",
    "AnswerPlace": "information_request_record",
    "Asked": "eligibility_record",
    "AttachedDocument": "attachment_record",
    "Attachment": "attachment_record",
    "AttachmentPartner": "attachment_record",
    "Benefit": "eligibility_record",
    "BenefitDelivery": "eligibility_record",
    "BenefitEntity": "eligibility_record",
    "BenefitInquiry": "eligibility_record",
    "BenefitPlace": "eligibility_record",
    "ClaimAcknowledgment": "claim_acknowledgment_record",
    "ClaimDecision": "claim_acknowledgment_build",
    "ClaimPayment": "remittance_record",
    "ClaimRecord": "claim_record",
    "ClaimStatus": "claim_status_record",
    "ClaimStatusLine": "claim_status_record",
    "ClaimStatusRecord": "claim_status_record",
    "ClaimTables": "columns",
    "ContactRecord": "wire_parts",
    "DateSpan": "wire_parts",
    "Delimiters": "tokens",
    "Detected": "tree_reader",
    "DocumentForm": "attachment_record",
    "ElementNote": "acknowledgment_record",
    "EligibilityMember": "eligibility_record",
    "EligibilityReceiver": "eligibility_record",
    "EligibilityRecord": "eligibility_record",
    "EligibilitySource": "eligibility_record",
    "Envelope": "envelope",
    "GroupAcknowledgment": "acknowledgment_record",
    "InformationRequest": "information_request_record",
    "InterchangeAcknowledgment": "acknowledgment_record",
    "LineRecord": "claim_record",
    "LoopNode": "loop_tree",
    "LoopValues": "tree_writer",
    "MemberRelationship": "eligibility_record",
    "NoteContext": "acknowledgment_record",
    "Origin": "loop_tree",
    "OtherPayerRecord": "claim_record",
    "PartyRecord": "claim_record",
    "PaymentAccounts": "remittance_record",
    "PlacedSegment": "claim_record",
    "Problem": "problem",
    "ProblemKind": "problem",
    "ProviderAdjustment": "remittance_record",
    "Reference": "wire_parts",
    "Rejection": "eligibility_record",
    "RemittanceRecord": "remittance_record",
    "RemittanceTables": "columns",
    "Requested": "information_request_record",
    "RequestedClaim": "information_request_record",
    "RequestedLine": "information_request_record",
    "RequestedPatient": "information_request_record",
    "RequestedProvider": "information_request_record",
    "Segment": "tokens",
    "SegmentNote": "acknowledgment_record",
    "SegmentValues": "tree_writer",
    "ServicePayment": "remittance_record",
    "StatusAsked": "claim_status_record",
    "StatusCode": "status_record",
    "StatusMember": "claim_status_record",
    "StatusProvider": "claim_status_record",
    "StatusReceiver": "claim_status_record",
    "StatusRecord": "status_record",
    "StatusSource": "claim_status_record",
    "TraceRecord": "eligibility_record",
    "Transaction": "professional",
    "TransactionResponse": "acknowledgment_record",
    "TransactionTree": "loop_tree",
    "Transmission": "claim_record",
    "UnreadableClaim": "claim_record",
    "WriteResult": "professional",
    "Written": "tree_writer",
    "acknowledge_claims": "claim_acknowledgment_build",
    "acknowledge_groups": "acknowledgment_build",
    "acknowledge_interchanges": "acknowledgment_build",
    "claim_from_record": "claim_conversion",
    "decide_claims": "claim_acknowledgment_build",
    "detect": "tree_reader",
    "envelope_from_transmission": "claim_conversion",
    "iter_tables_835": "columns",
    "iter_tables_837p": "columns",
    "professional_transaction": "professional",
    "read_270": "eligibility_reader",
    "read_271": "eligibility_reader",
    "read_275": "attachment",
    "read_276": "claim_status",
    "read_277": "claim_status",
    "read_277_request": "information_request",
    "read_277ca": "claim_acknowledgment",
    "read_835": "remittance_reader",
    "read_837p": "claim_reader",
    "read_999": "acknowledgment",
    "read_segments": "tokens",
    "read_ta1": "acknowledgment",
    "read_transactions": "tree_reader",
    "tables_835": "columns",
    "tables_837p": "columns",
    "validate": "validate",
    "validate_835": "validate",
    "validate_837p": "validate",
    "values_of": "tree_writer",
    "write_270": "eligibility_writer",
    "write_271": "eligibility_writer",
    "write_275": "attachment",
    "write_276": "claim_status",
    "write_277": "claim_status",
    "write_277_request": "information_request",
    "write_277ca": "claim_acknowledgment",
    "write_835": "remittance_writer",
    "write_837p": "professional",
    "write_999": "acknowledgment",
    "write_records": "record_writer",
    "write_ta1": "acknowledgment",
    "write_transactions": "professional",
    "write_trees": "tree_writer",
}


def __getattr__(name: str) -> Any:
    """A public name, from its own module, and kept for the next time."""
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(f"{__name__}.{module}"), name)
    return found


def __dir__() -> list[str]:
    """The public names, fetched or not, and what else is here."""
    return sorted({*globals(), *__all__})


class _Package(ModuleType):
    """Keeps the function `validate`: importing the module of that name would put the module in its place here."""

    def __setattr__(self, name: str, value: Any) -> None:
        if not (name in _MODULES and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
