"""The pages of the months, one module an area."""
