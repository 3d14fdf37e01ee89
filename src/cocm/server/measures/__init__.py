"""Measures: entry by staff and by patients, suicide-risk alerts that only a named action closes."""
