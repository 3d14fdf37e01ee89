"""The X12 wire: one map a guide; what is written, read and checked goes by the same map.

The columnar reader's names stand under `__getattr__`, because they need NumPy: never import them above.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

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

if TYPE_CHECKING:
    from cocm.x12.columns import (
        ClaimTables,
        RemittanceTables,
        iter_tables_835,
        iter_tables_837p,
        tables_835,
        tables_837p,
    )

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

# What needs NumPy, which takes long to import: it is imported when one of these is first asked for.
_COLUMNAR = frozenset(
    {"ClaimTables", "RemittanceTables", "iter_tables_835", "iter_tables_837p", "tables_835", "tables_837p"}
)


def __getattr__(name: str) -> Any:
    """The columnar reader's names."""
    if name in _COLUMNAR:
        return getattr(import_module("cocm.x12.columns"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
