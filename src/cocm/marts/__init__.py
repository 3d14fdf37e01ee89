"""Tables for analysis over a claims history: service lines, denial reasons, member months, episodes, routing."""
