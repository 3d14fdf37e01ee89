"""Facts and edits over whole tables: one ANSI SQL text for every engine."""
