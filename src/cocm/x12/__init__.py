"""The X12 wire: one map a guide, read and written by the same code."""

from cocm.x12.envelope import Envelope
from cocm.x12.professional import (
    Transaction,
    WriteResult,
    professional_transaction,
    write_837p,
    write_transactions,
)
from cocm.x12.tokens import Delimiters, Segment, read_segments

__all__ = [
    "Delimiters",
    "Envelope",
    "Segment",
    "Transaction",
    "WriteResult",
    "professional_transaction",
    "read_segments",
    "write_837p",
    "write_transactions",
]
