"""Denials and documentation: what is worth doing, packets, letters, records requests, the liaison's log, candidates."""
