"""A synthetic practice, for demonstrations, tests and benchmarks: nobody in it exists."""
