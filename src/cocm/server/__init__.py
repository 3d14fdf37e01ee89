"""The practice server: a Django site whose pages save and show what the core decides; no rule is written twice here."""
