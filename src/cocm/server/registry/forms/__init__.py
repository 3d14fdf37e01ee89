"""The small forms of the caseload and the case file."""
