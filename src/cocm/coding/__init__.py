"""A month's minutes to proposed codes: lines, the alternatives rejected and by which rule, and reasons."""
