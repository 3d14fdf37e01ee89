"""Practice files to our records, with row-level errors."""
