"""Work minutes: what administration costs the staff, by task and cause, and what would remove it."""
