"""Facts and predicates over a claim, and the findings they yield."""
