"""The edits, one file each: a head, two predicates over facts, and cases that trip, pass and do not apply."""
