"""Care as it was given: people, episodes, consent, contacts and their minutes, measures, caseload reviews."""
