"""The rulebook's pages: rules, edits and instruments to read, payers side by side, and an organization's own rules."""
