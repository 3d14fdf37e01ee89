"""Facts and edits over tables: one plain SQL text, from the same definitions that run in Python."""
