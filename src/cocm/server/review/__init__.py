"""The systematic caseload review: agenda, session, recommendations and what became of them, the consultant's hours."""
