"""A month's minutes to proposed codes: chosen lines, alternatives rejected with the rule that rejected them, reasons."""
