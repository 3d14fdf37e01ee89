"""The X12 wire: one map a guide; what is written, read and checked goes by the same map."""

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
from cocm.x12.envelope import Envelope
from cocm.x12.problem import Problem, ProblemKind
from cocm.x12.professional import (
    Transaction,
    WriteResult,
    professional_transaction,
    write_837p,
    write_transactions,
)
from cocm.x12.remittance_reader import read_835
from cocm.x12.remittance_record import (
    Adjustment,
    ClaimPayment,
    ProviderAdjustment,
    RemittanceRecord,
    ServicePayment,
)
from cocm.x12.tokens import Delimiters, Segment, read_segments
from cocm.x12.validate import validate, validate_835, validate_837p

__all__ = [
    "Adjustment",
    "ClaimPayment",
    "ClaimRecord",
    "Delimiters",
    "Envelope",
    "LineRecord",
    "PartyRecord",
    "PlacedSegment",
    "Problem",
    "ProblemKind",
    "ProviderAdjustment",
    "RemittanceRecord",
    "Segment",
    "ServicePayment",
    "Transaction",
    "Transmission",
    "UnreadableClaim",
    "WriteResult",
    "claim_from_record",
    "envelope_from_transmission",
    "professional_transaction",
    "read_835",
    "read_837p",
    "read_segments",
    "validate",
    "validate_835",
    "validate_837p",
    "write_837p",
    "write_transactions",
]
