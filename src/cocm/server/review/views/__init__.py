"""Pages of the caseload review."""
