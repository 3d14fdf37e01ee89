"""The table contract: the tables a practice hands in, by name, in the order people fill them."""

from __future__ import annotations

from typing import Final

from cocm.intake.patient_tables import PATIENT_TABLES
from cocm.intake.reference_tables import REFERENCE_TABLES

TABLES: Final = {table.name: table for table in (*REFERENCE_TABLES, *PATIENT_TABLES)}
