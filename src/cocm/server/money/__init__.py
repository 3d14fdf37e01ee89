"""Money: what does not balance, what patients owe, what goes back, what psychiatry is paid, and the ledger."""
