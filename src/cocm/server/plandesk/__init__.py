"""The plan's desk: a health plan's tables, claims that came in, decisions by people, cases of providers, reports."""
