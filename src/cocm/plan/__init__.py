"""The health plan: routes a claim, decides it by the practice's own rulebook, and shows why."""
