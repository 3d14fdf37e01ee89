"""The quality metrics of the caseload, with those behind each figure."""
