"""Setting up: bringing in a practice's tables, the demonstration, secret keys."""
