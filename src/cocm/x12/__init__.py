"""The X12 wire: one map a guide, read and written by the same code."""
