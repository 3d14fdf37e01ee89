"""The JSON API under /api/v1/: contacts, measures, caseload and reviews, and the rulebook as a service."""
