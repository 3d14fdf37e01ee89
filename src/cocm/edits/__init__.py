"""Facts, derived once, and edits: predicates over them whose findings explain themselves."""
