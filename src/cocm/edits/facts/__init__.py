"""Every fact, by topic: one short file each, with the Python and the SQL definition side by side."""
