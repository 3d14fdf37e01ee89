"""The month: its calendar from the forecast to the claims, the jobs that work it, and who signed what."""
