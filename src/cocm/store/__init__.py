"""The embedded state: one SQLite file per practice, with migrations and append-only events."""
