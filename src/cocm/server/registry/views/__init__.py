"""Pages of the registry: the caseload, and each patient's case file."""
