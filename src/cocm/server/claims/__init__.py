"""Claims after they were written: the list, the file of each, batches out, payers' files in, eligibility."""
