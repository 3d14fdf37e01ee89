"""A sandbox: a plan that makes the known mistakes on purpose, cases for reviewers, and the rehearsal of a month."""
