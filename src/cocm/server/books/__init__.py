"""The books of an organization: what was sent, what came back and what was done, as the core keeps them."""
