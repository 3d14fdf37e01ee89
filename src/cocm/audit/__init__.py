"""The audit of a whole claims history: what a plan refused improperly, and what a practice was paid too much."""
