"""Remittances and professional claims as tables for millions of rows, read with NumPy.

The same truth as the records of `read_835` and `read_837p`, in columns: the places of all segments come from the same
walk through the same map. Importing this package imports NumPy; nothing else in `cocm.x12` does.
"""

from cocm.x12.columns.table import Kind, Names, Numbers, Table, Text
from cocm.x12.columns.tables import (
    ClaimTables,
    RemittanceTables,
    iter_tables_835,
    iter_tables_837p,
    tables_835,
    tables_837p,
)

__all__ = [
    "ClaimTables",
    "Kind",
    "Names",
    "Numbers",
    "RemittanceTables",
    "Table",
    "Text",
    "iter_tables_835",
    "iter_tables_837p",
    "tables_835",
    "tables_837p",
]
