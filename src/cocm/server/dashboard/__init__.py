"""The manager's figures: the programme month by month, its payers, its plan, and what would change it."""
