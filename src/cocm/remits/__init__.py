"""After the claim: what payers decided, what it does to the money, why they denied, and what to do."""
