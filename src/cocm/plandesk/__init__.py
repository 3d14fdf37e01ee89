"""A health plan's desk: reads its tables and claim files, keeps what was decided, writes the answers."""
