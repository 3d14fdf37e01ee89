"""Minors: their guardians, whose consent it takes, and what a proxy does not see."""
