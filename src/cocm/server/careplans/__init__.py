"""Care plans in versions, relapse prevention plans, graduation."""
